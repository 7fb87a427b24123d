//! What the desk is given for a trade.

use std::path::Path;

use legwork_engine_core::armed::names_of;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::entry::Entry;
use legwork_engine_desk::listing::Pair;
use legwork_engine_desk::order::{TradeLeg, TradeOrder};
use legwork_engine_desk::trade::ChildOrder;
use serde_json::{Value, json};

use super::MARKET;
use super::given::{account, pair_json};
use super::streams::{CONDITION, RAIN};

const MILLISECOND_NS: u64 = 1_000_000;

/// What a workflow has fired, with its reservation: YES at Polymarket, NO at Kalshi.
pub fn trade(folder: &Path, intent_id: &str) -> TradeOrder {
    let (account, workflow_id) = (account(folder), format!("arbitrage/{intent_id}"));
    let pair: Pair = serde_json::from_value(pair_json()).expect("a pair");
    let now_ms = SystemClock.unix_ns() / MILLISECOND_NS;
    let leg = |place: usize, limit_price: &str, fixed: Value| {
        let (venue, market, outcome) =
            [("polymarket", CONDITION, "yes"), ("kalshi", RAIN, "no")][place];
        let order: ChildOrder = serde_json::from_value(json!({
            "clientOrderId": names_of(&workflow_id)[place].to_string(),
            "workflowId": workflow_id,
            "account": "main",
            "purpose": { "kind": "entry", "leg": outcome },
            "instrument": { "venue": venue, "market": market, "outcome": outcome },
            "side": "buy",
            "timeInForce": "IOC",
            "limitPrice": limit_price,
            "fixed": fixed,
            "legalMaximum": "1000",
            "notAfterMs": now_ms + 5_000,
            "createdAtMs": now_ms,
        }))
        .expect("a child order");
        let (venue, bought) = (order.instrument.venue.into(), order.instrument.outcome.into());
        let entry = Entry::new(&account, &pair, &order).expect("an entry");
        TradeLeg { entry, venue, market: market.into(), outcome: bought }
    };
    let dollars = json!({ "kind": "collateral", "collateral": "4.2" });
    let contracts = json!({ "kind": "contracts", "contracts": "10" });
    TradeOrder {
        market: MARKET,
        intent_id: intent_id.into(),
        pair_id: "rain".into(),
        account: "main".into(),
        not_after_ns: (now_ms + 5_000) * MILLISECOND_NS,
        answer_within_ns: 1_000_000_000,
        held_back: pair.held_back(),
        legs: [leg(0, "0.42", dollars), leg(1, "0.49", contracts)],
    }
}
