//! A pair that the engine fires at by itself: from a tick of its books to the bytes of both legs.
//! Belongs to the thread that owns the pair's books and sockets.
//!
//! 1. What is decided is fired or given up within the same call: nothing waits for a better moment.
//! 2. A name is used for one attempt. Where the pair cannot be shot at anyway, none is used up.
//! 3. From the tick to both writes nothing is allocated and nobody is waited for; Kalshi's headers
//!    were signed before, Polymarket's order too where the terms of one fit what was decided.

mod ahead;
mod direction;
mod intent;
mod request;

use thiserror::Error;

pub use self::ahead::Asked;
use self::ahead::Asking;
use self::direction::Headers;
pub use self::direction::{DirectionOrders, Missing};
use self::intent::Intent;
pub use self::intent::{NameTooLong, names_of};
pub use self::request::Wanted;
use crate::amount::Money;
use crate::clearing::{Clearing, Subject};
use crate::clock::read;
use crate::firing::{Firing, Receipt};
use crate::identity::ClientOrderId;
use crate::in_flight::MarketId;
use crate::orders::{OrderError, OrderTerms};
use crate::own_intent::{Door, OwnIntent};
use crate::refusal::Refusal;
use crate::shot::{Before, Budget, LEGS, Now, Shot, ShotTerms, Top, Venue};
use crate::signing::KalshiAhead;
use crate::trigger::{ArmedTerms, Decision, Moment, NoDecision, PairBooks, PairTrigger};
use crate::wire::{Clock, Wires};

/// A pair is bought in either direction, told apart by the venue of YES.
pub const DIRECTIONS: usize = 2;
/// A pair is across both.
const VENUES: [&str; LEGS] = [Venue::Kalshi.name(), Venue::Polymarket.name()];
const MILLISECOND_NS: u64 = 1_000_000;
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
    /// Whose decision it was to arm it.
    pub strategy: &'a str,
    /// What intents are called; `.` and a number follow. No two armings share one, nor do two starts
    /// of an engine: it names both.
    pub intents: &'a str,
    /// By direction.
    pub terms: [ArmedTerms; DIRECTIONS],
    /// How long after its decision a shot may leave.
    pub valid_ns: u64,
    /// Whose legs stay at home ([`Shot::held_back`]).
    pub held_back: Option<Venue>,
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

impl NotFired {
    /// It passes by itself, and no tick says when.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            // A connection that is heard again tells of no change.
            Self::NoDecision(why) => why.iter().any(|of| matches!(of, NoDecision::BookStale(_))),
            Self::Refused(refusal) => refusal.passes(),
            Self::NotAnOrder(_) => false,
        }
    }
}

/// A pair with its trigger and the orders of both directions.
pub struct ArmedPair {
    market: MarketId,
    pair_id: Box<str>,
    account: Box<str>,
    strategy: Box<str>,
    intent: Intent,
    trigger: PairTrigger,
    terms: [ArmedTerms; DIRECTIONS],
    valid_ns: u64,
    held_back: Option<Venue>,
    directions: [DirectionOrders; DIRECTIONS],
    asking: Asking,
    /// As freezes name them, by direction and leg.
    instruments: [[Box<str>; LEGS]; DIRECTIONS],
}

/// What a pair is fired with; each is another's of the same thread.
pub struct Hands<'a, W, C> {
    /// Fires.
    pub firing: &'a mut Firing<W, C>,
    /// Kalshi's headers.
    pub headers: &'a mut KalshiAhead,
    /// Looks through the freezes.
    pub clear: &'a Clearing,
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
        let &Arming { market, pair_id, account, strategy, intents, terms, .. } = arming;
        let &Arming { valid_ns, held_back, .. } = arming;
        let intent = Intent::new(intents)?;
        let [pair_id, account, strategy] = [pair_id, account, strategy].map(Into::into);
        Ok(Self {
            market,
            pair_id,
            account,
            strategy,
            intent,
            trigger,
            terms,
            valid_ns,
            held_back,
            instruments: directions.each_ref().map(DirectionOrders::instruments),
            directions,
            asking: Asking::default(),
        })
    }

    /// Both books as they are after a tick: fires at what they are worth.
    pub fn tick<W: Wires, C: Clock>(
        &mut self,
        with: &mut Hands<'_, W, C>,
        books: &PairBooks<'_>,
        tick_ns: u64,
    ) -> Result<Receipt, NotFired> {
        let decision = self.decide(with.firing, books).map_err(NotFired::NoDecision)?;
        with.firing.may_fire(self.market).map_err(NotFired::Refused)?;
        let direction = direction_of(&decision);
        let workflow_id = self.intent.workflow_id();
        let cleared = self.cleared(with, direction, (&self.strategy, workflow_id))?;
        let fired = self.fire(with, &decision, (tick_ns, cleared));
        self.intent.next();
        self.give_up_ahead();
        fired
    }

    /// Whether an intent is called as one of its own may be.
    #[must_use]
    pub fn is_called(&self, intent_id: &str) -> bool {
        self.intent.is_called(intent_id)
    }

    /// Takes the place of a pair that was armed by the same name: no intent's name is given twice.
    pub fn follow(&mut self, replaced: &Self) {
        self.intent.follow(&replaced.intent);
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

    /// The epoch of freezes none of which reaches the trade.
    fn cleared<W: Wires, C: Clock>(
        &self,
        with: &Hands<'_, W, C>,
        direction: usize,
        (strategy, workflow_id): (&str, &str),
    ) -> Result<u64, NotFired> {
        let cleared = (with.clear)(&Subject {
            venues: &VENUES,
            account: &self.account,
            strategy,
            instruments: &self.instruments[direction].each_ref().map(AsRef::as_ref),
            pair_id: &self.pair_id,
            workflow_id,
        });
        cleared.map_err(|refusal| NotFired::Refused(with.firing.refuse(refusal)))
    }

    fn fire<W: Wires, C: Clock>(
        &mut self,
        with: &mut Hands<'_, W, C>,
        decision: &Decision,
        (tick_ns, cleared): (u64, u64),
    ) -> Result<Receipt, NotFired> {
        let (direction, now) = (direction_of(decision), read(with.firing.clock()));
        let names = self.intent.legs();
        let terms: [OrderTerms; LEGS] = std::array::from_fn(|leg| OrderTerms {
            client_order_id: names[leg],
            limit_price: decision.legs[leg].limit_price,
            fixed: decision.legs[leg].fixed,
        });
        let tops = decision.legs.map(|leg| leg.top);
        let mut headers = Headers { ahead: with.headers, key: None };
        let made = self.directions[direction].make(&mut headers, (&terms, tops), now);
        let (legs, is_ahead) = made.map_err(|missing| missing.counted(with.firing))?;
        with.firing.signed(is_ahead);
        let signed_ns = with.firing.clock().monotonic_ns();
        let terms: &ShotTerms = &self.terms[direction].shot;
        let intent = OwnIntent {
            door: Door::Armed,
            strategy: &self.strategy,
            contracts_max: terms.contracts_max,
            edge_min: terms.edge_min,
            observed_at_ms: tops.map(|top| seen_at_ms(&top, now)),
        };
        let shot = Shot {
            market: self.market,
            intent_id: self.intent.id(),
            pair_id: &self.pair_id,
            account: &self.account,
            edge: decision.edge,
            worst: decision.worst,
            budget: Budget::Lease(intent),
            cleared,
            is_dry_run: false,
            not_after_ns: whole_milliseconds(now.unix_ns.saturating_add(self.valid_ns)),
            held_back: self.held_back,
            before: Before { tick_ns, decided_ns: now.monotonic_ns, signed_ns },
            legs,
        };
        with.firing.fire(&shot, terms).map_err(NotFired::Refused)
    }
}

/// An intent counts in milliseconds, and says no other end than its shot.
fn whole_milliseconds(unix_ns: u64) -> u64 {
    unix_ns - unix_ns % MILLISECOND_NS
}

/// When its book was last heard of, in milliseconds since 1970.
fn seen_at_ms(top: &Top, now: Now) -> u64 {
    let ago_ns = now.monotonic_ns.saturating_sub(top.heard_ns);
    now.unix_ns.saturating_sub(ago_ns) / MILLISECOND_NS
}

fn direction_of(decision: &Decision) -> usize {
    usize::from(decision.legs[0].venue != YES_AT[0])
}
