//! A pair that the engine fires at by itself: from a tick of its books to the bytes of both legs.
//! Belongs to the thread that owns the pair's books and sockets.
//!
//! 1. What is decided is fired or given up within the same call: nothing waits for a better moment.
//! 2. A name is used for one attempt. Where the pair cannot be shot at anyway, none is used up.
//! 3. From the tick to both writes nothing is allocated and nobody is waited for; Kalshi's headers
//!    were signed before, Polymarket's order too where the terms of one fit what was decided.

mod direction;
mod intent;

use thiserror::Error;

pub use self::direction::{DirectionOrders, Missing};
use self::intent::Intent;
pub use self::intent::NameTooLong;
use crate::amount::Money;
use crate::clock::read;
use crate::firing::{Firing, Receipt};
use crate::identity::ClientOrderId;
use crate::in_flight::MarketId;
use crate::orders::{OrderError, OrderTerms};
use crate::refusal::Refusal;
use crate::shot::{Before, Budget, LEGS, Now, Shot, ShotTerms, Venue};
use crate::signing::KalshiAhead;
use crate::trigger::{ArmedTerms, Decision, Moment, NoDecision, PairBooks, PairTrigger};
use crate::wire::{Clock, Wires};

/// A pair is bought in either direction, told apart by the venue of YES.
pub const DIRECTIONS: usize = 2;
/// The venue of YES, by direction.
const YES_AT: [Venue; DIRECTIONS] = [Venue::Polymarket, Venue::Kalshi];

/// Why a pair cannot be armed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ArmingError {
    /// No journal would take the intents' ids.
    #[error(transparent)]
    Name(#[from] NameTooLong),
    /// What would be bought is not what would be decided.
    #[error("a direction's orders do not buy YES at {0:?} and NO at the other venue: swap them")]
    WrongOrders(Venue),
}

/// What a pair is armed with.
#[derive(Clone, Copy, Debug)]
pub struct Arming<'a> {
    /// The pair's number in this engine.
    pub market: MarketId,
    /// The pair's name everywhere else.
    pub pair_id: &'a str,
    /// Whose money.
    pub account: &'a str,
    /// What intents are called; `.` and a number follow. No two armings share one, nor do two starts
    /// of an engine: it names both.
    pub intents: &'a str,
    /// By direction.
    pub terms: [ArmedTerms; DIRECTIONS],
    /// How long after its decision a shot may leave.
    pub valid_ns: u64,
}

/// Why a tick has fired nothing.
#[derive(Debug, Error)]
pub enum NotFired {
    /// By direction. Most ticks end here.
    #[error("nothing to fire")]
    NoDecision([NoDecision; DIRECTIONS]),
    /// It is counted.
    #[error("{0}")]
    Refused(Refusal),
    /// The trigger has decided what its venue would not take: a fault of ours, and nothing was sent.
    #[error("no such order: {0}")]
    NotAnOrder(#[from] OrderError),
}

/// A pair with its trigger and the orders of both directions.
pub struct ArmedPair {
    market: MarketId,
    pair_id: Box<str>,
    account: Box<str>,
    intent: Intent,
    trigger: PairTrigger,
    terms: [ArmedTerms; DIRECTIONS],
    valid_ns: u64,
    directions: [DirectionOrders; DIRECTIONS],
}

impl ArmedPair {
    /// With the orders of both directions, YES at Polymarket first.
    pub fn new(
        arming: &Arming<'_>,
        trigger: PairTrigger,
        directions: [DirectionOrders; DIRECTIONS],
    ) -> Result<Self, ArmingError> {
        for (orders, venue) in directions.iter().zip(YES_AT) {
            if !orders.buys_yes_at(venue) {
                return Err(ArmingError::WrongOrders(venue));
            }
        }
        let &Arming { market, pair_id, account, intents, terms, valid_ns } = arming;
        let intent = Intent::new(intents)?;
        let (pair_id, account) = (pair_id.into(), account.into());
        Ok(Self { market, pair_id, account, intent, trigger, terms, valid_ns, directions })
    }

    /// Both books as they are after a tick: fires at what they are worth.
    pub fn tick<W: Wires, C: Clock>(
        &mut self,
        firing: &mut Firing<W, C>,
        headers: &mut KalshiAhead,
        books: &PairBooks<'_>,
        tick_ns: u64,
    ) -> Result<Receipt, NotFired> {
        let decision = self.decide(firing, books).map_err(NotFired::NoDecision)?;
        firing.may_fire(self.market).map_err(NotFired::Refused)?;
        let now = read(firing.clock());
        let fired = self.fire(firing, headers, &decision, (tick_ns, now));
        self.intent.next();
        fired
    }

    /// What the next shot's legs would be called, and so what may be signed ahead for it: YES, NO.
    #[must_use]
    pub fn next_names(&self) -> [ClientOrderId; LEGS] {
        self.intent.legs()
    }

    /// By direction; between shots orders are signed ahead here.
    pub fn directions(&mut self) -> &mut [DirectionOrders; DIRECTIONS] {
        &mut self.directions
    }

    fn decide<W: Wires, C: Clock>(
        &mut self,
        firing: &mut Firing<W, C>,
        books: &PairBooks<'_>,
    ) -> Result<Decision, [NoDecision; DIRECTIONS]> {
        let now_ns = firing.clock().monotonic_ns();
        let exposure_left = firing.lease(self.market).map_or(Money::ZERO, |lease| lease.left());
        let [polymarket_yes, kalshi_yes] = &self.terms;
        let moment = Moment { now_ns, exposure_left };
        self.trigger.decide(books, [polymarket_yes, kalshi_yes], &moment)
    }

    fn fire<W: Wires, C: Clock>(
        &mut self,
        firing: &mut Firing<W, C>,
        headers: &mut KalshiAhead,
        decision: &Decision,
        (tick_ns, now): (u64, Now),
    ) -> Result<Receipt, NotFired> {
        let direction = direction_of(decision);
        let names = self.intent.legs();
        let terms: [OrderTerms; LEGS] = std::array::from_fn(|leg| OrderTerms {
            client_order_id: names[leg],
            limit_price: decision.legs[leg].limit_price,
            fixed: decision.legs[leg].fixed,
        });
        let tops = decision.legs.map(|leg| leg.top);
        let made = self.directions[direction].make(headers, (&terms, tops), now);
        let legs = made.map_err(|missing| match missing {
            Missing::Headers => NotFired::Refused(firing.refuse(Refusal::HeadersMissing)),
            Missing::Order(error) => NotFired::NotAnOrder(error),
        })?;
        let signed_ns = firing.clock().monotonic_ns();
        let shot = Shot {
            market: self.market,
            intent_id: self.intent.id(),
            pair_id: &self.pair_id,
            account: &self.account,
            edge: decision.edge,
            worst: decision.worst,
            budget: Budget::Lease,
            not_after_ns: now.unix_ns.saturating_add(self.valid_ns),
            before: Before { tick_ns, decided_ns: now.monotonic_ns, signed_ns },
            legs,
        };
        let terms: &ShotTerms = &self.terms[direction].shot;
        firing.fire(&shot, terms).map_err(NotFired::Refused)
    }
}

fn direction_of(decision: &Decision) -> usize {
    usize::from(decision.legs[0].venue != YES_AT[0])
}
