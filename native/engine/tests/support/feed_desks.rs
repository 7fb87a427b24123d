//! A desk per venue: a feed, its markets, and what it has said.

#![allow(dead_code)] // each test has its own use for them

use legwork_engine_core::amount::Price;
use legwork_engine_core::books::BookView;
use legwork_engine_core::feeds::Outgoing;
use legwork_engine_core::feeds::kalshi::{KalshiFeed, MarketKey};
use legwork_engine_core::feeds::polymarket::{PolymarketFeed, Token, TokenKey};
use serde_json::{Value, json};

use crate::market_data::{cents, of};

pub const SECOND_NS: u64 = 1_000_000_000;
pub const RAIN: &str = "KXRAIN-26NOV21";
pub const SNOW: &str = "KXSNOW-26NOV21";
pub const MARKET: &str = "0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1";

pub fn said(next: impl FnMut() -> Option<Outgoing>) -> Vec<String> {
    std::iter::from_fn(next)
        .map(|outgoing| match outgoing {
            Outgoing::Text(text) => text,
            other => format!("{other:?}"),
        })
        .collect()
}

/// "bids 0.45×10 asks 0.5×3 0.52×7", or why there are none.
pub fn shown(book: BookView<'_>, mirrored: BookView<'_>) -> String {
    let (Ok(offers), Ok(bids)) = (book.offers(), mirrored.offers()) else {
        return format!("{:?}", book.top().err());
    };
    let one = of::<Price>("1").counts();
    let bids = bids.levels().map(|level| {
        format!(" {}×{}", Price::from_counts(one - level.price.counts()), level.quantity)
    });
    let asks = offers.levels().map(|level| format!(" {}×{}", level.price, level.quantity));
    let [bids, asks] = [bids.collect::<Vec<_>>(), asks.collect::<Vec<_>>()];
    format!("bids{} asks{}", bids.concat(), asks.concat())
}

/// A subscription to two markets, with a book of the first.
pub struct Kalshi {
    pub feed: KalshiFeed,
    pub rain: MarketKey,
    pub snow: MarketKey,
}

impl Kalshi {
    pub fn subscribed() -> Self {
        let mut feed = KalshiFeed::new();
        let (rain, snow) = (feed.follow(RAIN, cents()), feed.follow(SNOW, cents()));
        feed.opened(1);
        feed.take(r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#, 1);
        Self { feed, rain, snow }
    }

    pub fn open() -> Self {
        let mut desk = Self::subscribed();
        desk.feed.take(&snapshot(1, RAIN, &[("0.40", "5"), ("0.45", "10")], &[("0.50", "3")]), 1);
        desk.said();
        desk
    }

    pub fn rain(&self) -> BookView<'_> {
        self.feed.books(self.rain).expect("followed")[0]
    }

    pub fn shown(&self, key: MarketKey) -> String {
        let [yes, no] = self.feed.books(key).expect("followed");
        shown(yes, no)
    }

    pub fn said(&mut self) -> Vec<String> {
        said(|| self.feed.next_outgoing())
    }
}

pub fn snapshot(seq: i64, market: &str, yes: &[(&str, &str)], no: &[(&str, &str)]) -> String {
    let msg = json!({ "market_ticker": market, "yes_dollars_fp": yes, "no_dollars_fp": no });
    json!({ "type": "orderbook_snapshot", "sid": 1, "seq": seq, "msg": msg }).to_string()
}

pub fn delta(seq: i64, market: &str, [side, price, by]: [&str; 3]) -> String {
    let msg = json!({
        "market_ticker": market, "side": side, "price_dollars": price, "delta_fp": by, "ts_ms": 1,
    });
    json!({ "type": "orderbook_delta", "sid": 1, "seq": seq, "msg": msg }).to_string()
}

/// Both tokens of a market, each with a book.
pub struct Polymarket {
    pub feed: PolymarketFeed,
    pub yes: TokenKey,
    pub no: TokenKey,
}

impl Polymarket {
    pub fn open() -> Self {
        let mut feed = PolymarketFeed::new();
        let token = |asset_id| Token { market: MARKET, asset_id };
        let (yes, no) = (feed.follow(token("1111"), cents()), feed.follow(token("2222"), cents()));
        feed.opened(1);
        for asset_id in ["1111", "2222"] {
            feed.take(&full(asset_id, &[("0.40", "30")], &[("0.45", "7")]), 1);
        }
        Self { feed, yes, no }
    }

    pub fn yes(&self) -> BookView<'_> {
        self.feed.book(self.yes).expect("followed")
    }

    pub fn top(&self, key: TokenKey) -> String {
        match self.feed.book(key).expect("followed").top() {
            Ok(top) => {
                format!("{}×{} | {}×{}", top.bid, top.bid_quantity, top.ask, top.ask_quantity)
            }
            Err(why) => format!("{why:?}"),
        }
    }

    pub fn said(&mut self) -> Vec<String> {
        said(|| self.feed.next_outgoing())
    }
}

pub fn levels(levels: &[(&str, &str)]) -> Vec<Value> {
    levels.iter().map(|(price, size)| json!({ "price": price, "size": size })).collect()
}

pub fn full(asset_id: &str, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> String {
    let (bids, asks) = (levels(bids), levels(asks));
    json!({
        "event_type": "book", "market": MARKET, "asset_id": asset_id, "timestamp": "1",
        "bids": bids, "asks": asks,
    })
    .to_string()
}

pub fn change(changes: &[[&str; 4]], hash: &str) -> String {
    let changes: Vec<Value> = changes
        .iter()
        .map(|[asset_id, side, price, size]| {
            json!({ "asset_id": asset_id, "side": side, "price": price, "size": size, "hash": hash })
        })
        .collect();
    json!({
        "event_type": "price_change", "market": MARKET, "timestamp": "2", "price_changes": changes,
    })
    .to_string()
}
