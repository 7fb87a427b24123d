//! Polymarket's books, event by event.

#[path = "support/feed_desks.rs"]
mod feed_desks;
#[path = "support/market_data.rs"]
mod market_data;

use feed_desks::{MARKET, Polymarket, SECOND_NS, change, full};
use legwork_engine_core::books::{Band, Grid, Unknown};
use legwork_engine_core::feeds::LineState;
use legwork_engine_core::feeds::polymarket::Token;
use market_data::{of, vectors};
use serde::Deserialize;
use serde_json::json;

#[test]
fn a_book_follows_absolute_sizes_of_both_tokens_in_one_event() {
    let mut desk = Polymarket::open();
    let (yes, no) = (desk.yes, desk.no);
    let moved = [
        ["1111", "BUY", "0.41", "5"],
        ["2222", "SELL", "0.45", "0"],
        ["1111", "SELL", "0.45", "2"],
    ];
    assert_eq!(desk.feed.take(&change(&moved, ""), 2), [yes, no]);
    assert_eq!(desk.top(yes), "0.41×5 | 0.45×2");
    assert_eq!(desk.top(no), "0.4×30 | 0×0");
    desk.feed.take(&change(&[["1111", "BUY", "0.410", "0"]], ""), 3);
    assert_eq!(desk.top(yes), "0.4×30 | 0.45×2");
}

/// Whoever compares each level with all before it takes minutes here, of a thread that fires.
#[test]
fn an_absurdly_long_event_is_read_in_one_pass() {
    let mut desk = Polymarket::open();
    let strangers: Vec<String> = (0..100_000).map(|number| format!("9{number:06}")).collect();
    let mut levels: Vec<[&str; 4]> =
        strangers.iter().map(|token| [token.as_str(), "BUY", "0.41", "5"]).collect();
    levels.extend([["2222", "BUY", "0.42", "5"], ["1111", "BUY", "0.41", "5"]]);
    levels.extend(std::iter::repeat_n(["1111", "BUY", "0.41", "6"], 10_000));
    let text = change(&levels, "");
    let began = std::time::Instant::now();
    assert_eq!(desk.feed.take(&text, 2), [desk.yes, desk.no]);
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(
        (desk.top(desk.yes), desk.top(desk.no)),
        ("0.41×6 | 0.45×7".into(), "0.42×5 | 0.45×7".into())
    );
}

#[test]
fn a_book_that_crosses_is_asked_for_again_at_most_once_a_second() {
    let mut desk = Polymarket::open();
    desk.said();
    desk.feed.take(&change(&[["1111", "BUY", "0.45", "1"]], ""), 2 * SECOND_NS);
    assert_eq!(desk.top(desk.yes), "Crossed");
    assert_eq!(desk.top(desk.no), "0.4×30 | 0.45×7");
    let asked = [
        r#"{"operation":"unsubscribe","assets_ids":["1111"]}"#,
        r#"{"operation":"subscribe","assets_ids":["1111"]}"#,
    ];
    assert_eq!(desk.said(), asked);
    desk.feed.take(&change(&[["1111", "BUY", "0.45", "0"]], ""), 2 * SECOND_NS + 1);
    assert_eq!((desk.top(desk.yes), desk.said()), ("Crossed".into(), vec![]));
    desk.feed.poll(3 * SECOND_NS);
    assert_eq!(desk.said()[1..], asked);
    desk.feed.take(&full("1111", &[("0.40", "1")], &[]), 3 * SECOND_NS);
    assert_eq!(desk.top(desk.yes), "0.4×1 | 0×0");
}

#[test]
fn a_changed_tick_makes_a_token_unknown_until_it_is_followed_with_its_new_grid() {
    let mut desk = Polymarket::open();
    let tick = |tick: &str| {
        json!({
            "event_type": "tick_size_change", "asset_id": "1111", "market": MARKET,
            "new_tick_size": tick,
        })
        .to_string()
    };
    assert_eq!(desk.feed.take(&tick("0.001"), 2), [desk.yes]);
    assert_eq!(desk.top(desk.yes), "TickChanged");
    desk.feed.take(&tick("0.01"), 2);
    assert_eq!(desk.top(desk.yes), "0.4×30 | 0.45×7");
    desk.feed.take(&tick("0.001"), 2);
    let finer = [Band { start: of("0"), end: of("1"), step: of("0.001") }];
    let grid = Grid::new(&finer).expect("a grid");
    assert_eq!(desk.feed.follow(Token { market: MARKET, asset_id: "1111" }, grid), desk.yes);
    assert_eq!(desk.top(desk.yes), "NoSnapshot");
    desk.feed.take(&full("1111", &[("0.401", "1")], &[]), 3);
    assert_eq!(desk.top(desk.yes), "0.401×1 | 0×0");
}

#[test]
fn a_resolved_market_is_forgotten_and_a_lost_connection_costs_every_book() {
    let mut desk = Polymarket::open();
    assert_eq!(desk.feed.closed().len(), 2);
    assert_eq!(desk.top(desk.yes), "Disconnected");
    desk.feed.opened(5);
    desk.said();
    let over = json!({ "event_type": "market_resolved", "market": MARKET }).to_string();
    assert_eq!(desk.feed.take(&over, 6).len(), 2);
    assert!(desk.feed.book(desk.yes).is_none());
    assert_eq!(desk.said(), [r#"{"operation":"unsubscribe","assets_ids":["1111","2222"]}"#]);
}

#[test]
fn a_quiet_connection_is_pinged_in_both_ways_and_pong_keeps_it_alive() {
    let mut desk = Polymarket::open();
    desk.said();
    for second in 1..=10 {
        desk.feed.poll(1 + second * SECOND_NS);
        desk.feed.take("PONG", 2 + second * SECOND_NS);
    }
    let said = desk.said();
    assert_eq!(said.iter().filter(|text| *text == "Ping").count(), 10);
    assert_eq!(said.iter().filter(|text| *text == "PING").count(), 1);
    assert_eq!(desk.top(desk.yes), "0.4×30 | 0.45×7");
    assert_eq!(desk.yes().heard_ns(), 2 + 10 * SECOND_NS);
    assert_eq!(desk.feed.state(13 * SECOND_NS), LineState::Stale);
}

#[derive(Deserialize)]
struct HashVectors {
    steps: Vec<HashStep>,
}

#[derive(Deserialize)]
struct HashStep {
    name: String,
    text: String,
    health: String,
}

#[test]
fn a_hash_is_believed_where_typescript_believes_it() {
    let HashVectors { steps } = vectors("book-hashes.json");
    let mut desk = Polymarket::open();
    for HashStep { name, text, health } in steps {
        desk.feed.take(&text, 2);
        let told = match desk.yes().top().err() {
            None => "whole",
            Some(Unknown::HashStrange) => "hash_mismatch",
            Some(other) => panic!("{name}: {other:?}"),
        };
        assert_eq!(told, health, "{name}");
    }
}
