//! What a trade asks for, and what it is told: the wire forms of `Shot` and `LegOutcome` in
//! `activities/trade-activities.ts`. A history keeps both.

use legwork_engine_core::amount::{Money, Price, Quantity};
use legwork_engine_core::answers::{Fixed, Verdict};
use legwork_engine_core::orders::Outcome;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Venue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::listing::Pair;

/// Both legs of a trade that has its reservation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TradeShot {
    /// `arbitrage/{intentId}`.
    pub workflow_id: String,
    /// As it was admitted.
    pub pair: Pair,
    /// Whose idea it was.
    pub strategy: String,
    /// YES, then NO; as they came, to be written down unchanged.
    pub orders: Vec<Value>,
    /// How long an answer may take.
    pub terms: ShotTerms,
    /// What the trade has to tell.
    pub story: Vec<StoryLine>,
}

/// One line of a trade's timeline.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoryLine {
    /// Milliseconds since 1970, by the workflow.
    pub at_ms: i64,
    /// What happened, as one word.
    pub event: String,
    /// In words.
    pub text: String,
}

/// Of a trade's terms, what concerns its shot.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShotTerms {
    /// Milliseconds.
    pub answer_timeout_ms: u64,
}

/// A leg as an order, complete before any byte leaves: `domain/child-order.ts`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildOrder {
    /// Our name for it.
    pub client_order_id: String,
    /// Of the trade.
    pub workflow_id: String,
    /// Whose money.
    pub account: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What it buys.
    pub instrument: Instrument,
    /// Only purchases open a trade.
    pub side: Buy,
    /// Only what trades at once or not at all.
    pub time_in_force: Immediate,
    /// The worst price, of the outcome that is bought.
    pub limit_price: Price,
    /// Contracts or dollars.
    pub fixed: FixedAmount,
    /// The most contracts that it may fill.
    pub legal_maximum: Quantity,
    /// What the venue counts together with it.
    pub order_group_id: Option<String>,
    /// Milliseconds since 1970.
    pub not_after_ms: u64,
    /// Milliseconds since 1970; part of what Polymarket signs.
    pub created_at_ms: u64,
}

/// Only entries come this way.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Purpose {
    /// The first order of a leg.
    Entry {
        /// Which.
        leg: Side,
    },
}

impl Purpose {
    /// Of which leg.
    #[must_use]
    pub fn leg(self) -> Side {
        let Self::Entry { leg } = self;
        leg
    }
}

/// The one side of an entry.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Buy {
    /// A purchase.
    Buy,
}

/// The one time in force of an entry.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum Immediate {
    /// What is not filled at once is gone.
    #[serde(rename = "IOC")]
    ImmediateOrCancel,
}

/// A leg is named by the outcome that it buys.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// It happens.
    Yes,
    /// It does not.
    No,
}

impl From<Side> for Outcome {
    fn from(side: Side) -> Self {
        match side {
            Side::Yes => Self::Yes,
            Side::No => Self::No,
        }
    }
}

/// One outcome of one market.
#[derive(Clone, Debug, Deserialize)]
pub struct Instrument {
    /// Where.
    pub venue: VenueName,
    /// The venue's name of it.
    pub market: String,
    /// What.
    pub outcome: Side,
}

/// A venue by its name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VenueName {
    /// Kalshi.
    Kalshi,
    /// Polymarket.
    Polymarket,
}

impl VenueName {
    /// As every other language has it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Kalshi => "kalshi",
            Self::Polymarket => "polymarket",
        }
    }
}

impl Instrument {
    /// `kalshi/KXRAIN/no`, as freezes name it.
    #[must_use]
    pub fn key(&self) -> String {
        let outcome = if self.outcome == Side::Yes { "yes" } else { "no" };
        format!("{}/{}/{outcome}", self.venue.code(), self.market)
    }
}

impl From<VenueName> for Venue {
    fn from(name: VenueName) -> Self {
        match name {
            VenueName::Kalshi => Self::Kalshi,
            VenueName::Polymarket => Self::Polymarket,
        }
    }
}

/// What an order holds constant.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum FixedAmount {
    /// So many contracts.
    Contracts {
        /// How many.
        contracts: Quantity,
    },
    /// So many dollars.
    Collateral {
        /// How many.
        collateral: Money,
    },
}

impl From<FixedAmount> for Fixed {
    fn from(fixed: FixedAmount) -> Self {
        match fixed {
            FixedAmount::Contracts { contracts } => Self::Contracts(contracts),
            FixedAmount::Collateral { collateral } => Self::Collateral(collateral),
        }
    }
}

/// What became of a leg, as far as its sender knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LegOutcome {
    /// Which.
    pub client_order_id: String,
    /// What.
    pub outcome: SendOutcome,
}

/// `SendOutcome` of `domain/trade`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SendOutcome {
    /// The venue has it.
    #[serde(rename_all = "camelCase")]
    Accepted {
        /// Its name there.
        venue_order_id: String,
        /// How it stands.
        state: &'static str,
        /// An expectation: only trade rows are fills.
        cumulative_quantity: Quantity,
    },
    /// A definite no of the venue's.
    Refused {
        /// Its class.
        refusal: &'static str,
        /// The venue's word.
        code: String,
        /// For whoever reads it.
        reason: String,
    },
    /// It may be on the book.
    Unknown {
        /// What there is to say.
        code: String,
        /// For whoever reads it.
        reason: String,
    },
    /// Nothing of it has left.
    NotSent {
        /// Why.
        code: String,
        /// For whoever reads it.
        reason: String,
    },
}

impl SendOutcome {
    /// Nothing of it has left.
    #[must_use]
    pub fn not_sent(code: &str, reason: impl Into<String>) -> Self {
        Self::NotSent { code: code.to_owned(), reason: reason.into() }
    }

    /// By the engine's own refusal.
    #[must_use]
    pub fn refused_here(refusal: Refusal) -> Self {
        Self::not_sent(refusal.code(), "the engine has refused it; nothing has left")
    }

    /// What an answer proves. "Exists" is not yet an answer: the order is looked up.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted { venue_order_id, state, filled } => Self::Accepted {
                venue_order_id: venue_order_id.clone(),
                state: state.code(),
                cumulative_quantity: *filled,
            },
            Verdict::Refused { refusal, code } => Self::Refused {
                refusal: refusal.code(),
                code: code.clone(),
                reason: format!("the venue has refused it: {code}"),
            },
            Verdict::Exists { code } => Self::Unknown {
                code: code.clone(),
                reason: "the venue has this order already".to_owned(),
            },
            Verdict::Unknown { code } => Self::Unknown {
                code: code.clone(),
                reason: "what the venue has said, or has not, proves nothing".to_owned(),
            },
        }
    }
}
