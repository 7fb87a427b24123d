//! What a shot was meant to be, where no admission has seen it: all of its intent that the shot itself
//! does not say. Its workflow is started with it, by whoever hears of the shot, or reads it in the
//! journal. `domain/arbitrage-intent.ts` is the twin.

use serde::Serialize;

use crate::amount::{Price, Quantity};
use crate::journal::{RecordedLeg, RecordedShot};
use crate::shot::{LEGS, Venue};

const MILLISECOND_NS: u64 = 1_000_000;

/// How an intent came in: an engine has fired before its workflow was there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Door {
    /// A strategy has asked.
    FireFirst = 1,
    /// An armed pair has decided.
    Armed = 2,
}

impl Door {
    /// As intents name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FireFirst => "fire_first",
            Self::Armed => "armed",
        }
    }
}

/// Beyond what its shot says. The intent's limit prices are the orders' own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OwnIntent<'a> {
    /// How it came in.
    pub door: Door,
    /// Whose decision; at most 64 bytes.
    pub strategy: &'a str,
    /// The most contracts that it allows.
    pub contracts_max: Quantity,
    /// The least net gain per contract that it allows.
    pub edge_min: Price,
    /// When the price of YES and of NO was seen, in milliseconds since 1970.
    pub observed_at_ms: [u64; LEGS],
}

/// The same, as a start has left it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedIntent {
    /// How it came in.
    pub door: Door,
    /// Whose decision.
    pub strategy: String,
    /// The most contracts that it allows.
    pub contracts_max: Quantity,
    /// The least net gain per contract that it allows.
    pub edge_min: Price,
    /// When the price of YES and of NO was seen, in milliseconds since 1970.
    pub observed_at_ms: [u64; LEGS],
}

/// The whole intent, as `toWire` of TypeScript has it: equal intents have the same digest
/// (`domain/intent-digest.ts`).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WireIntent {
    intent_id: String,
    door: &'static str,
    host: String,
    pair_id: String,
    #[serde(rename = "type")]
    arbitrage_type: &'static str,
    contracts_max: Quantity,
    limit_price: PerLeg,
    observed_at_ms: ObservedAt,
    edge_min: Price,
    account: String,
    strategy: String,
    not_after_ms: u64,
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
struct PerLeg {
    yes: Price,
    no: Price,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObservedAt {
    yes_ms: u64,
    no_ms: u64,
}

impl WireIntent {
    /// Of a shot of this host's; `None` where its workflow was there before it. A dry run is in no
    /// journal.
    #[must_use]
    pub fn of(host: &str, shot: &RecordedShot) -> Option<Self> {
        let intent = shot.intent.as_ref()?;
        let [yes, no] = shot.legs.as_slice() else { return None };
        let [yes_ms, no_ms] = intent.observed_at_ms;
        Some(Self {
            intent_id: shot.intent_id.clone(),
            door: intent.door.name(),
            host: host.to_owned(),
            pair_id: shot.pair_id.clone(),
            arbitrage_type: arbitrage_type(yes, no),
            contracts_max: intent.contracts_max,
            limit_price: PerLeg { yes: yes.limit_price, no: no.limit_price },
            observed_at_ms: ObservedAt { yes_ms, no_ms },
            edge_min: intent.edge_min,
            account: shot.account.clone(),
            strategy: intent.strategy.clone(),
            not_after_ms: shot.not_after_ns / MILLISECOND_NS,
            dry_run: false,
        })
    }
}

/// `domain/pair.ts`.
const fn arbitrage_type(yes: &RecordedLeg, no: &RecordedLeg) -> &'static str {
    match (yes.venue, no.venue) {
        (Venue::Polymarket, Venue::Kalshi) => "poly_yes_kalshi_no",
        (Venue::Kalshi, Venue::Polymarket) => "kalshi_yes_poly_no",
        (Venue::Polymarket, Venue::Polymarket) => "poly_same_market",
        (Venue::Kalshi, Venue::Kalshi) => "kalshi_same_market",
    }
}
