//! What is said to Kalshi's stream; reference/venues.md 1.6.

use crate::feeds::json::list;

const CHANNEL: &str = "orderbook_delta";

/// What a subscription is asked to do with some markets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Add,
    Delete,
    Snapshot,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add_markets",
            Self::Delete => "delete_markets",
            Self::Snapshot => "get_snapshot",
        }
    }
}

pub(super) fn is_channel(name: &str) -> bool {
    name == CHANNEL
}

pub(super) fn subscribe(id: i64, tickers: &[Box<str>]) -> String {
    let tickers = list(tickers);
    let params = format!(r#"{{"channels":["{CHANNEL}"],"market_tickers":{tickers}}}"#);
    format!(r#"{{"id":{id},"cmd":"subscribe","params":{params}}}"#)
}

pub(super) fn update(id: i64, sid: i64, tickers: &[Box<str>], action: Action) -> String {
    let (tickers, action) = (list(tickers), action.name());
    let params = format!(r#"{{"sids":[{sid}],"market_tickers":{tickers},"action":"{action}"}}"#);
    format!(r#"{{"id":{id},"cmd":"update_subscription","params":{params}}}"#)
}
