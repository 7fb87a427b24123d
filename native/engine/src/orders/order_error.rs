//! Why there is no order. Nothing has left, and nothing was rounded.

use thiserror::Error;

use crate::amount::{Money, Price, Quantity};
use crate::signing::SigningError;
use crate::wire::RequestError;

/// What does not fit the venue, and what to do.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum OrderError {
    /// A ticker, an id or a key that would be something else inside JSON, or in the journal.
    #[error("{0:?} is not a name as a venue gives it: copy it without quotes, spaces or escapes")]
    NotAName(String),
    /// Another account's, or not written as the venue compares it.
    #[error("{0} is not the maker's address with the capitals of EIP-55: copy it from the wallet")]
    NotTheMaker(String),
    /// A lot or a minimum that nothing could be measured by.
    #[error("a market has a lot above zero and a minimum: read its listing again")]
    RulesUnreadable,
    /// No decimals are known for it.
    #[error("Polymarket has no tick of {0}: do not trade the market before its rules are known")]
    TickUnknown(Price),
    /// Not a multiple of its band's step, or outside the bounds.
    #[error("{0} is no price of this market: state a multiple of its tick between its bounds")]
    PriceOffGrid(Price),
    /// On a grid that is finer than what Kalshi reads.
    #[error("{0} has more than the four decimals that Kalshi takes: state a coarser price")]
    PriceTooFine(Price),
    /// Zero, or below.
    #[error("an order for nothing: leave it")]
    Nothing,
    /// Beyond what any market holds; its digits would not fit.
    #[error("more than a billion contracts or dollars: check the units")]
    TooLarge,
    /// A part of a lot.
    #[error("{contracts} contracts are not whole lots of {lot}: cut them before")]
    NotWholeLots {
        /// As they were asked for.
        contracts: Quantity,
        /// The smallest step.
        lot: Quantity,
    },
    /// Less than the venue takes.
    #[error("{contracts} contracts are less than the {minimum} that it takes: ask for more")]
    BelowMinimum {
        /// As the order would claim them.
        contracts: Quantity,
        /// The venue's.
        minimum: Quantity,
    },
    /// A part of a cent.
    #[error("{0} dollars are not whole cents: cut them before")]
    NotWholeCents(Money),
    /// An order by dollars where the venue takes contracts.
    #[error("this order fixes contracts: say how many")]
    FixesContracts,
    /// An order by shares where the venue takes dollars.
    #[error("an immediate purchase at Polymarket fixes what it spends: say how much")]
    FixesCollateral,
    /// Its rounded amounts would imply a price of a tick beyond the limit.
    #[error("so little cannot be stated within a tick of its limit: ask for more")]
    TooSmallToState,
    /// Before 2001 or after 2286.
    #[error("the machine's clock is wrong: a time has ten digits in seconds, 13 in milliseconds")]
    ClockWrong,
    /// Signed for another token, side, contract or maker.
    #[error("this order was signed for another instrument: take it where it was signed")]
    OfAnotherInstrument,
    /// The account's key.
    #[error("the order cannot be signed: {0}")]
    NotSigned(#[from] SigningError),
    /// The request around it.
    #[error("the order's request: {0}")]
    Request(#[from] RequestError),
}
