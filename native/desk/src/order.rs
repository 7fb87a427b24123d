//! A trade's shot as the thread that fires is given it, and what it answers.

use legwork_engine_core::amount::{Money, ONE, Price};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::orders::{OrderError, Outcome};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{LEGS, Venue};
use tokio::sync::oneshot;

use crate::entry::Entry;
use crate::trade::{LegOutcome, SendOutcome};

/// Both legs, written down in Postgres already.
pub struct TradeOrder {
    /// The pair's number in this engine.
    pub market: MarketId,
    /// Of the intent.
    pub intent_id: String,
    /// The pair's name everywhere else.
    pub pair_id: String,
    /// Whose money.
    pub account: String,
    /// Since 1970; no writing begins after it.
    pub not_after_ns: u64,
    /// How long its trade waits for both answers.
    pub answer_within_ns: u64,
    /// Whose leg stays at home ([`Pair::held_back`](crate::listing::Pair::held_back)).
    pub held_back: Option<Venue>,
    /// YES, then NO.
    pub legs: [TradeLeg; LEGS],
}

/// One of them.
pub struct TradeLeg {
    /// What is sent.
    pub entry: Entry,
    /// Where its book is.
    pub venue: Venue,
    /// The venue's name of the market.
    pub market: String,
    /// What is bought.
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Debug)]
pub enum Fired {
    /// Nothing has left.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The journal has it, and Postgres will.
        is_recorded: bool,
    },
    /// Nothing has left: what was checked when it was made is not so any more.
    NotAnOrder(OrderError),
    /// Nothing has left because of this: something of its intent has, or may have, by whichever door
    /// it came before. Its orders have the same names, and may be on the book.
    Before,
    /// Something has, and both legs were heard of, be it as silence.
    Heard([LegOutcome; LEGS]),
}

/// An order, and who waits for it.
pub(crate) struct Asked {
    pub order: TradeOrder,
    pub cleared: u64,
    pub reply: oneshot::Sender<Fired>,
}

impl TradeOrder {
    /// What it spends, at most.
    #[must_use]
    pub fn worst(&self) -> Money {
        let costs = self.legs.iter().map(|leg| leg.entry.cost().counts());
        Money::from_counts(costs.sum())
    }

    /// What its limits leave of a dollar, before fees: it was priced where it was admitted.
    #[must_use]
    pub fn edge(&self) -> Price {
        let limits = self.legs.iter().map(|leg| leg.entry.limit_price().counts());
        Price::from_counts(ONE - limits.sum::<i128>())
    }

    /// The names of both.
    #[must_use]
    pub fn names(&self) -> [ClientOrderId; LEGS] {
        self.legs.each_ref().map(|leg| leg.entry.client_order_id())
    }
}

impl Fired {
    /// As the trade is told it.
    #[must_use]
    pub fn outcomes(self, names: [ClientOrderId; LEGS]) -> [LegOutcome; LEGS] {
        let both = |outcome: SendOutcome| {
            names.map(|name| LegOutcome {
                client_order_id: name.to_string(),
                outcome: outcome.clone(),
            })
        };
        match self {
            Self::Refused { refusal, .. } => both(SendOutcome::refused_here(refusal)),
            Self::NotAnOrder(error) => {
                both(SendOutcome::not_sent("NOT_AN_ORDER", error.to_string()))
            }
            Self::Before => both(SendOutcome::Unknown {
                code: "FIRED_BEFORE".to_owned(),
                reason:
                    "this engine has fired the intent before; it is asked about, never again sent"
                        .to_owned(),
            }),
            Self::Heard(outcomes) => outcomes,
        }
    }
}
