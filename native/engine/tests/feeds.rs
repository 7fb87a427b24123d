//! What TypeScript and Rust read in the same messages, and what becomes of messages that nobody sent.

#[path = "support/feed_desks.rs"]
mod feed_desks;
#[path = "support/market_data.rs"]
mod market_data;

use feed_desks::{Kalshi, Polymarket, SECOND_NS};
use legwork_engine_core::amount::{Price, Quantity};
use legwork_engine_core::books::{BookSide, Unknown};
use legwork_engine_core::feeds::Unreadable;
use legwork_engine_core::feeds::kalshi::message::{BidFor, Frame, Message};
use legwork_engine_core::feeds::polymarket::message::{Event, LevelChange, read};
use market_data::vectors;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    venue: String,
    text: String,
    #[serde(default)]
    is_refused_by_engine: bool,
    read: Value,
}

fn cases() -> Vec<Case> {
    let Vectors { cases } = vectors("feeds.json");
    cases
}

fn kalshi_told(text: &str) -> Value {
    let Ok(frame) = Frame::read(text) else { return Value::Null };
    let message = frame.message().map_or_else(|_| json!("unreadable"), kalshi_message_told);
    let (id, sid, seq) = (frame.id(), frame.sid(), frame.seq());
    json!({ "type": frame.kind(), "id": id, "sid": sid, "seq": seq, "message": message })
}

fn kalshi_message_told(message: Message<'_>) -> Value {
    match message {
        Message::Subscribed(told) => json!({ "channel": told.channel, "sid": told.sid() }),
        Message::Refused(told) => json!({ "code": told.code() }),
        Message::Snapshot(told) => {
            let of = |wanted: BidFor| -> Vec<[String; 2]> {
                let levels = told.levels().filter(|(side, _, _)| *side == wanted);
                levels.map(|(_, price, quantity)| pair(price, quantity)).collect()
            };
            json!({ "market": told.market_ticker, "yes": of(BidFor::Yes), "no": of(BidFor::No) })
        }
        Message::Delta(told) => {
            let side = if told.side == BidFor::Yes { "yes" } else { "no" };
            let [price, delta] = pair(told.price(), told.quantity());
            json!({ "market": told.market_ticker, "side": side, "price": price, "delta": delta })
        }
        Message::Other => json!("other"),
    }
}

fn pair(price: Price, quantity: Quantity) -> [String; 2] {
    [price.to_string(), quantity.to_string()]
}

fn polymarket_told(text: &str) -> Value {
    let mut events = Vec::new();
    let is_read = read(text, |event| events.push(event.map_or_else(|_| json!("unreadable"), told)));
    if is_read.is_ok() { Value::from(events) } else { Value::Null }
}

fn told(event: Event<'_>) -> Value {
    match event {
        Event::Book(book) => {
            let of = |wanted: BookSide| -> Vec<Value> {
                let levels = book.written().filter(|(side, _)| *side == wanted);
                levels
                    .map(|(_, level)| {
                        level.map_or_else(
                            |_| json!("unreadable"),
                            |level| json!(pair(level.price, level.quantity)),
                        )
                    })
                    .collect()
            };
            json!({
                "market": book.market, "token": book.asset_id, "timestamp": book.timestamp,
                "hash": book.hash, "bids": of(BookSide::Bid), "asks": of(BookSide::Ask),
            })
        }
        Event::PriceChange(change) => {
            let changes: Vec<Value> = change.levels().map(change_told).collect();
            json!({ "timestamp": change.timestamp, "changes": changes })
        }
        Event::TickSizeChange(told) => {
            json!({ "token": told.asset_id, "tick": told.tick().to_string() })
        }
        Event::MarketResolved(told) => json!({ "market": told.market }),
        Event::Other => json!("other"),
    }
}

fn change_told(level: &LevelChange<'_>) -> Value {
    let change = level.change();
    let side = if level.is_buy() { "BUY" } else { "SELL" };
    let level_told = change
        .map_or_else(|_| json!("unreadable"), |change| json!(pair(change.price, change.quantity)));
    json!({ "token": level.asset_id, "side": side, "hash": level.hash, "level": level_told })
}

#[test]
fn a_message_says_what_typescript_says_that_it_says() {
    let cases = cases();
    assert!(cases.len() > 60, "only {} messages", cases.len());
    for Case { name, venue, text, is_refused_by_engine, read } in cases {
        let told = if venue == "kalshi" { kalshi_told(&text) } else { polymarket_told(&text) };
        if is_refused_by_engine {
            let is_refused = told.is_null() || told.to_string().contains("unreadable");
            assert!(is_refused, "{venue}: {name} is read as {told}");
        } else {
            assert_eq!(told, read, "{venue}: {name}");
        }
    }
}

#[test]
fn what_typescript_refuses_costs_every_book() {
    let refused = cases().into_iter().filter(|case| case.read.is_null() && case.text != "PONG");
    for case in refused {
        if case.venue == "kalshi" {
            let mut desk = Kalshi::open();
            desk.feed.take(&case.text, 2);
            assert_eq!(desk.rain().top().err(), Some(Unknown::Unreadable), "{}", case.name);
            assert!(desk.said().iter().any(|text| text.contains("get_snapshot")), "{}", case.name);
        } else {
            let mut desk = Polymarket::open();
            desk.feed.take(&case.text, 2 * SECOND_NS);
            assert_eq!(desk.yes().top().err(), Some(Unknown::Unreadable), "{}", case.name);
        }
    }
}

#[test]
fn a_text_that_is_no_message_is_unreadable() {
    assert_eq!(Frame::read("[]").err(), Some(Unreadable));
    assert_eq!(read("5", |_| ()).err(), Some(Unreadable));
}

proptest! {
    #[test]
    fn no_bytes_make_a_feed_panic(
        at in any::<Index>(), of in any::<Index>(), byte in any::<u8>(), noise in ".{0,200}",
    ) {
        let cases = cases();
        let case = &cases[of.index(cases.len())];
        let mut bytes = case.text.clone().into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let changed = String::from_utf8_lossy(&bytes);
        for text in [&*changed, &noise] {
            Kalshi::open().feed.take(text, 2);
            Polymarket::open().feed.take(text, 2);
        }
    }
}
