//! A pair with an edge that a tick takes away and the next one brings back.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use legwork_engine_core::feeds::kalshi::{KalshiFeed, MarketKey};
use legwork_engine_core::feeds::polymarket::{PolymarketFeed, Token, TokenKey};
use legwork_engine_core::shot::{ShotTerms, Venue};
use legwork_engine_core::trigger::{
    ArmedTerms, Decision, Fees, Market, Moment, NoDecision, PairBooks, PairTrigger,
};
use sha1::{Digest, Sha1};

use crate::market_data::{cents, of};

pub const MARKET: &str = "0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1";
pub const TICKER: &str = "KXRAIN-26NOV21";
pub const YES: &str =
    "71321045679252212594626385532706912750332728571942532289631379312455583992563";
pub const NO: &str =
    "52114319501245915516055106046884209969926127482827954674443846427813813222426";

const BOOK_STAMP: &str = "1763700000123";
const CHANGE_STAMP: &str = "1763700000200";
/// Of nothing that we have.
const HASH: &str = "56621a121a47ed9333273e21c83b660cff37ae50";

/// A tick that takes the edge away.
pub const EDGE_GOES: bool = true;
/// A tick that changes a level far from the best.
pub const DEEP: bool = false;

/// Both feeds, with the books of one pair, and its trigger.
pub struct Desk {
    pub kalshi: KalshiFeed,
    pub polymarket: PolymarketFeed,
    market: MarketKey,
    tokens: [TokenKey; 2],
    trigger: Option<PairTrigger>,
    terms: ArmedTerms,
    opened_ns: u64,
}

impl Desk {
    pub fn open() -> Self {
        Self::open_at(1)
    }

    pub fn open_at(now_ns: u64) -> Self {
        let (mut kalshi, mut polymarket) = (KalshiFeed::new(), PolymarketFeed::new());
        let market = kalshi.follow(TICKER, cents());
        let token = |asset_id| Token { market: MARKET, asset_id };
        let tokens =
            [polymarket.follow(token(YES), cents()), polymarket.follow(token(NO), cents())];
        kalshi.opened(now_ns);
        polymarket.opened(now_ns);
        let answer = r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;
        kalshi.take(answer, now_ns);
        kalshi.take(&kalshi_snapshot(), now_ns);
        for asset_id in [YES, NO] {
            polymarket.take(&polymarket_book(asset_id), now_ns);
        }
        Self {
            kalshi,
            polymarket,
            market,
            tokens,
            trigger: Some(trigger()),
            terms: terms(),
            opened_ns: now_ns,
        }
    }

    pub fn books(&self) -> PairBooks<'_> {
        let [yes, no] = self.tokens.map(|token| self.polymarket.book(token).expect("followed"));
        let kalshi = self.kalshi.books(self.market).expect("followed");
        PairBooks { kalshi, polymarket: [yes, no] }
    }

    pub fn decide(&mut self) -> Result<Decision, [NoDecision; 2]> {
        self.decide_at(self.opened_ns + 1)
    }

    pub fn decide_at(&mut self, now_ns: u64) -> Result<Decision, [NoDecision; 2]> {
        let mut trigger = self.trigger.take().expect("put back below");
        let decided = self.decided_by(&mut trigger, now_ns);
        self.trigger = Some(trigger);
        decided
    }

    fn decided_by(
        &self,
        trigger: &mut PairTrigger,
        now_ns: u64,
    ) -> Result<Decision, [NoDecision; 2]> {
        let books = self.books();
        let moment = Moment { now_ns, exposure_left: of("100000") };
        trigger.decide(&books, [&self.terms; 2], &moment)
    }
}

pub fn trigger() -> PairTrigger {
    PairTrigger::new(kalshi_market(), polymarket_market()).expect("two venues")
}

pub fn terms() -> ArmedTerms {
    let shot =
        ShotTerms { edge_min: of("0.01"), contracts_max: of("100"), silence_ns_max: 2_000_000_000 };
    ArmedTerms { shot, limit_prices: None, until_ns: u64::MAX }
}

fn kalshi_market() -> Market {
    let fees = Fees::kalshi(of("0.07"), of("1")).expect("a schedule");
    Market { venue: Venue::Kalshi, grid: cents(), lot: of("0.01"), minimum: of("0.01"), fees }
}

fn polymarket_market() -> Market {
    let fees = Fees::polymarket(of("0.04"), 1).expect("a schedule");
    Market { venue: Venue::Polymarket, grid: cents(), lot: of("0.01"), minimum: of("5"), fees }
}

/// Thirty levels on each side. YES is bid at 0.52, then far below; NO at 0.44.
pub fn kalshi_snapshot() -> String {
    let level = |cents: usize| format!(r#"["0.{cents:02}00","40.00"]"#);
    let yes: Vec<_> = (1..30).chain([52]).map(level).collect();
    let no: Vec<_> = (15..45).map(level).collect();
    format!(
        r#"{{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{{"market_ticker":"{TICKER}","yes_dollars_fp":[{}],"no_dollars_fp":[{}]}}}}"#,
        yes.join(","),
        no.join(","),
    )
}

/// The venue's JSON of a token's book, thirty levels on each side. YES is offered at 0.41, then far
/// above; NO at 0.60.
fn book_json(asset_id: &str, stamp: &str, (hash, has_deep): (&str, bool)) -> String {
    let level = |cents: usize| format!(r#"{{"price":"0.{cents:02}","size":"35"}}"#);
    let bids: Vec<_> = (11..41).map(level).collect();
    let best = if asset_id == YES { 41 } else { 60 };
    let asks = (71..100).rev().filter(|cents| has_deep || *cents != 80).chain([best]);
    let asks: Vec<_> = asks.map(level).collect();
    format!(
        r#"{{"market":"{MARKET}","asset_id":"{asset_id}","timestamp":"{stamp}","hash":"{hash}","bids":[{}],"asks":[{}],"tick_size":"0.01","neg_risk":false}}"#,
        bids.join(","),
        asks.join(","),
    )
}

fn hash_of(asset_id: &str, stamp: &str, has_deep: bool) -> String {
    hex::encode(Sha1::digest(book_json(asset_id, stamp, ("", has_deep))))
}

fn polymarket_book(asset_id: &str) -> String {
    let hash = hash_of(asset_id, BOOK_STAMP, true);
    let book = book_json(asset_id, BOOK_STAMP, (&hash, true));
    book.replacen('{', r#"{"event_type":"book","#, 1)
}

/// Changes of a deep level, each with the hash of the book after it.
pub fn polymarket_hashed(count: usize) -> Vec<String> {
    let hashes = [false, true].map(|has_deep| hash_of(YES, CHANGE_STAMP, has_deep));
    let change = |round: usize| polymarket_change(round, DEEP).replace(HASH, &hashes[round % 2]);
    (0..count).map(change).collect()
}

/// Every second tick takes the best bid of YES away, or part of a deep one; the others bring it back.
pub fn kalshi_delta(round: usize, is_best: bool) -> String {
    let sign = if round.is_multiple_of(2) { "-" } else { "" };
    let (price, by) = if is_best { ("0.5200", "40.00") } else { ("0.1500", "12.50") };
    delta(round + 2, price, &format!("{sign}{by}"))
}

/// What changes of a bid for YES.
pub fn delta(seq: usize, price: &str, by: &str) -> String {
    format!(
        r#"{{"type":"orderbook_delta","sid":1,"seq":{seq},"msg":{{"market_ticker":"{TICKER}","market_id":"9b0f6b43-5b68-4f9f-9f02-9a2d1b8ac1a1","price_dollars":"{price}","delta_fp":"{by}","side":"yes","ts":"2025-11-21T05:20:00.123Z","ts_ms":1763700000123}}}}"#,
    )
}

/// Every second tick takes the best offer of YES away, or a deep one; the others bring it back.
pub fn polymarket_change(round: usize, is_best: bool) -> String {
    let size = if round.is_multiple_of(2) { "0" } else { "35" };
    offer(if is_best { "0.41" } else { "0.80" }, size)
}

/// What is offered of YES at a price from now on, with the best as it always was.
pub fn offer(price: &str, size: &str) -> String {
    format!(
        r#"{{"market":"{MARKET}","price_changes":[{{"asset_id":"{YES}","price":"{price}","size":"{size}","side":"SELL","hash":"{HASH}","best_bid":"0.4","best_ask":"0.41"}}],"timestamp":"{CHANGE_STAMP}","event_type":"price_change"}}"#,
    )
}
