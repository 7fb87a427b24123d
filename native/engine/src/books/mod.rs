//! What rests in one market, as its venue's feed tells it. A book knows neither messages nor venues.
//!
//! 1. Both sides are kept as bids: an offer of an outcome at p is a bid for the other at 1 − p, since
//!    one of each pays a dollar. So one book serves both outcomes ([`Book::view`],
//!    [`Book::mirrored`]).
//! 2. A book that cannot be is unknown, with its reason, and has no top until a whole one replaces it.
//! 3. A change allocates nothing: there is room for a level at every price of the grid.
//!
//! The levels of a side lie in one sorted vector, the best at its end. A dense array by tick would
//! set a level in one step, but would have to look for the next best one, and a decision reads levels
//! far more often than it searches for one: what changes is at the end, or close to it.

mod book;
mod grid;
mod ladder;

use thiserror::Error;

pub use self::book::{Book, BookSide, BookView, Change};
pub use self::grid::{Band, Grid, NotAGrid};
pub use self::ladder::{Decimals, Level, Offers, Walk};

/// Why nothing may be priced from a book.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
pub enum Unknown {
    /// None has come since it was asked for.
    #[error("no whole book has come yet")]
    NoSnapshot,
    /// Between two connections anything may have happened.
    #[error("the connection was lost")]
    Disconnected,
    /// A message is missing by the venue's own count.
    #[error("a message is missing")]
    Gap,
    /// The venue's own sum of the book is not that of ours.
    #[error("the venue's hash is not that of this book")]
    HashStrange,
    /// A change that cannot be read is a change that we do not have.
    #[error("a message could not be read")]
    Unreadable,
    /// More was taken from a level than rested there.
    #[error("a level has less than nothing")]
    NegativeQuantity,
    /// No order can rest there.
    #[error("a price is not on the market's grid")]
    OffGrid,
    /// The best bid is not below the best offer: they should have traded.
    #[error("bids and offers cross")]
    Crossed,
    /// More than 9.2 × 10⁹ contracts.
    #[error("a quantity is too large")]
    QuantityTooLarge,
    /// Twice in one whole book.
    #[error("one price has two levels")]
    LevelTwice,
    /// Orders would be off the new grid.
    #[error("the venue has changed the tick")]
    TickChanged,
}
