//! The pair of `ticks.rs`, armed, with the orders of the accounts in `test/vectors`.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::num::NonZeroU8;
use std::time::Duration;

use legwork_engine_core::armed::{ArmedPair, Arming, ArmingError, DirectionOrders};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::orders::{
    KalshiAccount, KalshiInstrument, KalshiOrders, OrderRules, Outcome, PolymarketAhead,
    PolymarketInstrument, PolymarketOrders, Purpose,
};
use legwork_engine_core::signing::{
    Address, AheadOptions, Exchange, KalshiAhead, KalshiSigning, Side,
};
use legwork_engine_core::wire::Clock;

use crate::kalshi;
use crate::market_data::cents;
use crate::orders::{HOST, amount, vectors};
use crate::ticks::{self, MARKET, NO, TICKER, YES};

pub const INTENTS: &str = "rain.7";
pub const VALID_NS: u64 = 1_000_000_000;
const GROUP: &str = "3f0c8d52-8f0e-4a3f-9c53-5a54a2a5a0f1";

pub fn pair(market: MarketId) -> ArmedPair {
    armed(market, [Outcome::Yes, Outcome::No]).expect("both ways")
}

/// By what is bought at Polymarket in each direction.
pub fn armed(market: MarketId, bought: [Outcome; 2]) -> Result<ArmedPair, ArmingError> {
    let terms = [ticks::terms(); 2];
    let (pair_id, account, strategy, intents) = ("rain", "main", "dawn", INTENTS);
    let (valid_ns, held_back) = (VALID_NS, None);
    let arming = Arming { market, pair_id, account, strategy, intents, terms, valid_ns, held_back };
    ArmedPair::new(&arming, ticks::trigger(), bought.map(direction))
}

fn direction(polymarket: Outcome) -> DirectionOrders {
    let kalshi = if polymarket == Outcome::Yes { Outcome::No } else { Outcome::Yes };
    DirectionOrders {
        kalshi: kalshi_orders(kalshi),
        polymarket: polymarket_orders(polymarket),
        ahead: PolymarketAhead::new(Duration::from_secs(5)),
    }
}

fn kalshi_orders(outcome: Outcome) -> KalshiOrders {
    let purpose = Purpose::Entry { order_group_id: Some(GROUP) };
    let rules = &rules("0.01");
    let instrument = KalshiInstrument { ticker: TICKER, outcome, side: Side::Buy, purpose, rules };
    let account = KalshiAccount { host: HOST, key: &kalshi::key() };
    KalshiOrders::new(&account, &instrument).expect("an instrument")
}

fn polymarket_orders(outcome: Outcome) -> PolymarketOrders {
    let contract = Address::parse("0xE111180000d2663C0091e4f400237545B87B996B").expect("one");
    let instrument = PolymarketInstrument {
        market: MARKET,
        outcome,
        token_id: if outcome == Outcome::Yes { YES } else { NO },
        exchange: Exchange::new("2", 137, contract),
        side: Side::Buy,
        rules: &rules("5"),
    };
    let account = vectors().polymarket_account;
    account.open(|account| PolymarketOrders::new(account, &instrument)).expect("an instrument")
}

fn rules(minimum: &str) -> OrderRules {
    OrderRules::new(cents(), amount("0.01"), amount(minimum)).expect("rules")
}

/// Headers for Kalshi's orders: two a round.
pub fn headers<C: Clock>(clock: C) -> (KalshiAhead, KalshiSigning<C>) {
    let (method, path) = (KalshiOrders::METHOD, KalshiOrders::PATH);
    let (every, each) = (Duration::from_secs(1), NonZeroU8::new(2).expect("two"));
    let options = AheadOptions { method, path, every, each };
    KalshiAhead::new(kalshi::key(), &options, clock).expect("an interval")
}
