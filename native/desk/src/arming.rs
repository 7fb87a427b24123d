//! What a pair is armed with, and by which lease it is fired: what the workflow `armPair` asks for.

use legwork_engine_core::amount::{Price, Quantity};
use legwork_engine_core::armed::ArmingError;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::lease::Terms;
use legwork_engine_core::shot::Venue;
use legwork_engine_core::trigger::NotArmed;
use serde::Deserialize;
use thiserror::Error;

use crate::entry::EntryError;
use crate::listing::Pair;

/// In wire form. Told again by the same `arming_id` it takes the place of what was told before.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arming {
    /// Its intents are called `<arming_id>.<number>`: 43 of `A-Z a-z 0-9 . _ -` at most. New for each
    /// grant and each start of the engine.
    pub arming_id: String,
    /// What is spent; terms of another lease are not.
    pub lease_id: String,
    /// As it was reviewed.
    pub pair: Pair,
    /// Whose money.
    pub account: String,
    /// Whose decision it was to arm it.
    pub strategy: String,
    /// What it is fired by.
    pub fires: Fires,
    /// Which directions may be fired, by whichever door.
    pub types: Vec<ArbitrageType>,
    /// The most contracts of one shot.
    pub contracts_max: Quantity,
    /// The least net gain per contract after fees; a request has its own.
    pub edge_min: Price,
    /// How long after its decision a shot may leave, in milliseconds.
    pub valid_ms: u64,
    /// What Kalshi counts together.
    pub order_group_id: Option<String>,
}

/// What an armed pair is fired by.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Fires {
    /// Its books; and by strategies' requests.
    AtTicks,
    /// Strategies' requests alone.
    OnRequest,
}

/// Which venue's YES is bought against which venue's NO.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum ArbitrageType {
    /// Polymarket's YES, Kalshi's NO.
    PolyYesKalshiNo,
    /// Kalshi's YES, Polymarket's NO.
    KalshiYesPolyNo,
    /// One book; not fired here.
    PolySameMarket,
    /// One book; not fired here.
    KalshiSameMarket,
}

impl ArbitrageType {
    /// Where YES is bought; `None`: both legs are at one venue.
    #[must_use]
    pub fn yes_at(self) -> Option<Venue> {
        match self {
            Self::PolyYesKalshiNo => Some(Venue::Polymarket),
            Self::KalshiYesPolyNo => Some(Venue::Kalshi),
            Self::PolySameMarket | Self::KalshiSameMarket => None,
        }
    }
}

/// Why a pair is not armed. Nothing has changed.
#[derive(Clone, Debug, Error)]
pub enum ArmError {
    /// This engine has no keys of it.
    #[error("{0} is not this engine's account: arm the pair on a host of that account")]
    OtherAccount(String),
    /// It was never approved here, or is no more.
    #[error("{0} is not on this engine's pair file: approve the pair, and arm it again")]
    PairUnknown(String),
    /// By an arming that was not disarmed.
    #[error("the pair is armed as {0}: disarm that first")]
    ArmedAlready(String),
    /// No direction, or one that this engine does not fire.
    #[error("only poly_yes_kalshi_no and kalshi_yes_poly_no are fired here: ask for one of them")]
    TypeNotFired,
    /// Its fees are not listed, or not of a kind that is computed here.
    #[error("{0} has no fee schedule that can be computed here: see its listing")]
    NotPriced(String),
    /// Nobody knows whether it is matched at once, or neither leg is: nothing could be hedged.
    #[error("{0}: both markets hold takers back, or nobody has said: see its listing")]
    TakerDelayed(String),
    /// What would be bought cannot be ordered.
    #[error(transparent)]
    NotAnOrder(#[from] EntryError),
    /// What would be decided cannot be.
    #[error(transparent)]
    NotDecided(#[from] NotArmed),
    /// Its name does not fit, or its orders do not.
    #[error(transparent)]
    NotArmed(#[from] ArmingError),
}

impl ArmError {
    /// As its workflow is told.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherAccount(_) => "OTHER_ACCOUNT",
            Self::PairUnknown(_) => "PAIR_UNKNOWN",
            Self::ArmedAlready(_) => "ARMED_ALREADY",
            Self::TypeNotFired => "TYPE_NOT_FIRED",
            Self::NotPriced(_) => "NOT_PRICED",
            Self::TakerDelayed(_) => "TAKER_DELAYED",
            Self::NotAnOrder(_) | Self::NotDecided(_) | Self::NotArmed(_) => "NOT_AN_ORDER",
        }
    }
}

/// What was lent for a pair, as the last heartbeat has it.
#[derive(Clone, Debug)]
pub struct Lent {
    /// The pair's number in this engine.
    pub market: MarketId,
    /// Its name.
    pub lease_id: String,
    /// Until when, and how much.
    pub terms: Terms,
}

/// Nothing of its lease is spent any more.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Disarmed {
    /// Shots of the pair from a lease that no workflow has taken over.
    pub unacknowledged: Vec<ShotId>,
}
