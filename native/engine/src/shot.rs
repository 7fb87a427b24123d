//! A decision that is ready to be fired: prepared bytes, and everything it was decided on.

use std::ops::Range;

use crate::amount::{Money, ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::identity::ClientOrderId;
use crate::in_flight::MarketId;
use crate::own_intent::OwnIntent;
use crate::refusal::Refusal;
use crate::signing::Side;

/// YES first, then NO.
pub const LEGS: usize = 2;

/// Where an order goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Venue {
    /// Kalshi.
    Kalshi = 1,
    /// Polymarket.
    Polymarket = 2,
}

impl Venue {
    /// As every other language has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kalshi => "kalshi",
            Self::Polymarket => "polymarket",
        }
    }
}

/// What a venue's answer is held against, beyond what every leg has; and so where the leg goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ordered {
    /// An order of Kalshi's.
    Kalshi,
    /// An order of Polymarket's.
    Polymarket {
        /// Its name at the venue.
        hash: [u8; 32],
        /// What is done with the token.
        side: Side,
        /// What it gives when all of it is filled.
        fixed: Fixed,
        /// FOK or FAK: what is not filled at once is gone.
        is_immediate: bool,
    },
}

impl Ordered {
    /// Where it goes.
    #[must_use]
    pub const fn venue(&self) -> Venue {
        match self {
            Self::Kalshi => Venue::Kalshi,
            Self::Polymarket { .. } => Venue::Polymarket,
        }
    }
}

/// Best bid and ask of a book as they were when the shot was decided; zero where nobody stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Top {
    /// Dollars per contract.
    pub bid: Price,
    /// Contracts at the bid.
    pub bid_quantity: Quantity,
    /// Dollars per contract.
    pub ask: Price,
    /// Contracts at the ask.
    pub ask_quantity: Quantity,
    /// When the book was last heard of, on the monotonic clock; 0: never.
    pub heard_ns: u64,
}

/// One leg, with every byte that will be written.
#[derive(Clone, Copy, Debug)]
pub struct Leg<'a> {
    /// Where it goes, and what the answer is held against.
    pub ordered: Ordered,
    /// The venue's name of the instrument, at most 80 bytes.
    pub instrument: &'a str,
    /// Our name for the order.
    pub client_order_id: ClientOrderId,
    /// The worst price that it may trade at.
    pub limit_price: Price,
    /// The most that it can be filled for: what is reserved.
    pub legal_maximum: Quantity,
    /// What the decision saw.
    pub top: Top,
    /// The whole request, signed fields and headers: what left is what is recorded, but for secrets.
    pub bytes: &'a [u8],
    /// Which of them are recorded as so many asterisks, in their order.
    pub secrets: &'a [Range<usize>],
}

/// When what led to a shot was done, on the monotonic clock; 0: not measured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Before {
    /// Its tick was received.
    pub tick_ns: u64,
    /// It was decided.
    pub decided_ns: u64,
    /// Both requests were ready, with every signature.
    pub signed_ns: u64,
}

/// What a shot may lose, and who has looked at it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Budget<'a> {
    /// Its pair's lease on this host: nobody else has looked at it, so its workflow is told what was
    /// meant.
    Lease(OwnIntent<'a>),
    /// Its trade's own reservation: an admission has decided on size, edge and exposure, and the trade
    /// holds the pair.
    Reservation,
}

/// Both legs of one opportunity.
#[derive(Clone, Copy, Debug)]
pub struct Shot<'a> {
    /// The pair's number in this engine.
    pub market: MarketId,
    /// Of the intent, and so of its workflow; at most 64 bytes.
    pub intent_id: &'a str,
    /// The pair's name everywhere else; at most 64 bytes.
    pub pair_id: &'a str,
    /// Whose money; at most 64 bytes.
    pub account: &'a str,
    /// Dollars per contract that remain after fees.
    pub edge: Price,
    /// What may be lost in the worst case.
    pub worst: Money,
    /// What it is taken from.
    pub budget: Budget<'a>,
    /// The control epoch of the freezes that its strategy and its trade were held against. A market's
    /// freeze word knows of neither.
    pub cleared: u64,
    /// It is refused where it would be written down.
    pub is_dry_run: bool,
    /// Since 1970; no leg's writing begins after it.
    pub not_after_ns: u64,
    /// The leg at this venue stays at home: the other venue holds takers back before it matches them,
    /// and the shot's trade buys here what has been filled there.
    pub held_back: Option<Venue>,
    /// What it took to get here; nothing is decided by it.
    pub before: Before,
    /// YES, then NO.
    pub legs: [Leg<'a>; LEGS],
}

/// What a pair's shots are held to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ShotTerms {
    /// Less than this after fees is not fired.
    pub edge_min: Price,
    /// More contracts than this are not fired at once.
    pub contracts_max: Quantity,
    /// A book that was not heard of for longer is stale.
    pub silence_ns_max: u64,
}

/// Both clocks, read once per shot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Now {
    /// Monotonic.
    pub monotonic_ns: u64,
    /// Since 1970.
    pub unix_ns: u64,
}

impl Shot<'_> {
    /// Everything that the shot itself can say; asks nobody and changes nothing. What was admitted has
    /// been sized and priced, by rules that may be others than ours.
    pub fn check(&self, terms: &ShotTerms, now: Now) -> Result<(), Refusal> {
        if now.unix_ns >= self.not_after_ns {
            return Err(Refusal::TooLate);
        }
        self.legs.iter().try_for_each(|leg| leg.check(terms.silence_ns_max, now))?;
        match self.budget {
            Budget::Lease(_) => self.check_decision(terms),
            Budget::Reservation => Ok(()),
        }
    }

    fn check_decision(&self, terms: &ShotTerms) -> Result<(), Refusal> {
        for leg in &self.legs {
            if leg.contracts() < ONE {
                return Err(Refusal::LiquidityTooSmall);
            }
            if leg.contracts() > terms.contracts_max.counts() {
                return Err(Refusal::OrderTooLarge);
            }
        }
        if self.worst.counts() <= 0 || self.worst.counts() < self.cost() {
            return Err(Refusal::ExposureMisstated);
        }
        if self.edge < terms.edge_min {
            return Err(Refusal::EdgeTooSmall);
        }
        Ok(())
    }

    /// The most that both legs may cost before fees, in counts.
    fn cost(&self) -> i128 {
        self.legs.iter().map(Leg::cost).sum()
    }
}

impl Leg<'_> {
    fn check(&self, silence_ns_max: u64, now: Now) -> Result<(), Refusal> {
        // Never heard, or at a time that has not been: no age that anybody measured.
        let silent_ns = now.monotonic_ns.checked_sub(self.top.heard_ns);
        let is_fresh = silent_ns.is_some_and(|silent_ns| silent_ns <= silence_ns_max);
        if self.top.heard_ns == 0 || !is_fresh {
            return Err(Refusal::BookStale);
        }
        if self.limit_price <= Price::ZERO || self.limit_price.counts() >= ONE {
            return Err(Refusal::PriceOutOfBounds);
        }
        Ok(())
    }

    /// What it is meant to bring, in counts; a purchase of collateral brings more where it trades at
    /// a better price than its limit.
    fn contracts(&self) -> i128 {
        match self.collateral() {
            Some(dollars) => dollars.counts() * ONE / self.limit_price.counts(),
            None => self.legal_maximum.counts(),
        }
    }

    /// What it may cost before fees, in counts.
    fn cost(&self) -> i128 {
        match self.collateral() {
            Some(dollars) => dollars.counts(),
            None => self.limit_price.counts() * self.legal_maximum.counts() / ONE,
        }
    }

    /// The dollars that it spends, where the order fixes those.
    fn collateral(&self) -> Option<Money> {
        match self.ordered {
            Ordered::Polymarket { fixed: Fixed::Collateral(dollars), .. } => Some(dollars),
            _ => None,
        }
    }
}
