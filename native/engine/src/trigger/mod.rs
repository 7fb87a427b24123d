//! What a pair is worth by its books, and the trade that would be made of it. `domain/arbitrage` is
//! the twin: `test/vectors/edges.json` holds both to the same decisions, case by case.
//!
//! 1. Nothing is priced from a book that is unknown, or whose connection has not spoken for too long.
//! 2. Size is the depth on both sides at which even the last contract nets the threshold.
//! 3. It is at least one contract and both venues' minimum, in whole lots of both, and such that a leg
//!    that fixes what it spends costs whole cents: so both legs can be filled equally.
//! 4. The whole trade nets at least the threshold per contract, after both orders' fees and rounding.
//! 5. Its worst case is what TypeScript reserves for such a trade, and within what is left to lose.
//!
//! Deciding allocates nothing: a trigger has its working memory from when it was armed.

mod at_limits;
mod depth;
mod fees;
mod order;
mod pair;
mod price;
mod size;

use thiserror::Error;

pub use self::at_limits::AtLimits;
pub use self::fees::{FeeError, Fees, Ratio};
pub use self::order::SizedOrder;
pub use self::pair::{PairBooks, PairTrigger};
pub use self::price::{Decision, LegDecision, Trigger};
pub use self::size::{SizeRange, common_lot, largest_expressible};
use crate::amount::{Money, Price, Quantity};
use crate::books::{Grid, Unknown};
use crate::shot::{LEGS, ShotTerms, Venue};

/// One market of a pair, and everything that says which orders are legal there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Market {
    /// Where it trades.
    pub venue: Venue,
    /// Its legal prices.
    pub grid: Grid,
    /// Quantities are multiples of this.
    pub lot: Quantity,
    /// Contracts; less is refused.
    pub minimum: Quantity,
    /// What a taker pays.
    pub fees: Fees,
}

/// What an armed pair's decisions are held to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArmedTerms {
    /// Threshold, size and the age of books: what each shot is checked against once more.
    pub shot: ShotTerms,
    /// Offers above these stay untouched, YES and NO; `None`: only the edge bounds the price.
    pub limit_prices: Option<[Price; LEGS]>,
    /// On the monotonic clock; from then on nothing is decided.
    pub until_ns: u64,
}

/// What holds at the moment of one decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// On the monotonic clock.
    pub now_ns: u64,
    /// What is left of the pair's lease: no trade may lose more in the worst case.
    pub exposure_left: Money,
}

/// Why a pair cannot be armed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NotArmed {
    /// One venue's crossed book is no opportunity, and both legs would be each other's counterparty.
    #[error("both legs are on one venue")]
    OneVenue,
    /// Sizes are counted in lots.
    #[error("a lot is between 0.000000001 and 1,000,000 contracts")]
    Lot,
}

/// Why there is nothing to fire: not a fault, and most ticks end here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoDecision {
    /// The terms are over.
    Expired,
    /// The leg (YES: 0, NO: 1) whose book says nothing, and why.
    BookUnknown(usize, Unknown),
    /// The leg whose connection has been silent for too long.
    BookStale(usize),
    /// What the best offers, or the best size that both venues take, would net per contract.
    EdgeTooSmall(Price),
    /// Contracts that rest on both sides at a sufficient edge.
    LiquidityTooSmall(Quantity),
    /// What the smallest size that was tried could lose.
    ExposureTooLarge(Money),
}
