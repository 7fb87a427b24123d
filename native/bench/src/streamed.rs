//! The books that a request is held against: both venues' market data, as streams would tell it.

use legwork_engine_desk::listing::Pair;
use legwork_engine_desk::thread::Desk;
use legwork_engine_market_data::{KalshiSource, MarketData};
use serde_json::{from_value, json};

use crate::given::pair_json;
use crate::streams::{CONDITION, RAIN, Step, Streaming, TOKENS, key};
use crate::venue::until;

const SUBSCRIBED: &str =
    r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;

/// Both streams. They say their books once, and then only that they are there.
pub struct Streamed {
    kalshi: Streaming,
    polymarket: Streaming,
}

impl Streamed {
    /// Nobody follows them yet.
    pub fn start() -> Self {
        Self { kalshi: Streaming::start(), polymarket: Streaming::start() }
    }

    /// What follows them.
    pub fn market_data(&self) -> MarketData {
        let source = KalshiSource { endpoint: self.kalshi.venue.endpoint(), key: key() };
        MarketData::new(Some(source), Some(self.polymarket.venue.endpoint()))
    }

    /// Until the pair's books are known: YES at 0.41 and NO at 0.48, an edge of eight cents.
    pub fn followed_by(&self, desk: &Desk) {
        let pair: Pair = from_value(pair_json()).expect("a pair");
        desk.follow(vec![pair.clone()]).expect("it runs");
        drop(self.kalshi.hears(|| ()));
        self.kalshi.says(SUBSCRIBED);
        self.kalshi.says(&snapshot());
        drop(self.polymarket.hears(|| ()));
        let (yes, no) = (book(TOKENS[0], ["0.40", "0.41"]), book(TOKENS[1], ["0.39", "0.60"]));
        self.polymarket.says(&format!("[{yes},{no}]"));
        until("both books are known", || {
            let known = desk.has_books(vec![pair.clone()]).expect("it runs");
            known.blocking_recv().expect("it runs")
        });
    }

    /// A stream that says nothing for 20 s ends.
    pub fn say_that_they_are_there(&self) {
        self.kalshi.does(Step::Ping);
        self.polymarket.does(Step::Ping);
    }
}

fn snapshot() -> String {
    json!({ "type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": {
        "market_ticker": RAIN,
        "yes_dollars_fp": [["0.52", "40.00"]],
        "no_dollars_fp": [["0.44", "40.00"]],
    } })
    .to_string()
}

fn book(token: &str, [bid, ask]: [&str; 2]) -> String {
    json!({
        "event_type": "book", "market": CONDITION, "asset_id": token, "timestamp": "1",
        "bids": [{ "price": bid, "size": "35" }], "asks": [{ "price": ask, "size": "35" }],
    })
    .to_string()
}
