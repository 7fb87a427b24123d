//! What is followed, by the names that the house has for it. `domain/instrument.ts` is the twin.

use legwork_engine_core::books::Grid;
pub use legwork_engine_core::orders::Outcome;
use legwork_engine_core::shot::{LEGS, Venue};

/// In the order of a shot's legs.
pub(crate) const OUTCOMES: [Outcome; LEGS] = [Outcome::Yes, Outcome::No];

/// One outcome of one binary market.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Instrument<'a> {
    /// Where it is traded.
    pub venue: Venue,
    /// Kalshi: the ticker. Polymarket: the condition id.
    pub market: &'a str,
    /// What it pays for.
    pub outcome: Outcome,
}

/// Where a market is listed, with what its stream calls it by beside its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listed<'a> {
    /// By its ticker alone.
    Kalshi,
    /// By a token per outcome.
    Polymarket {
        /// YES, then NO; decimal uint256 (`tokens.yesToken`, `tokens.noToken` of the pair file).
        tokens: [&'a str; LEGS],
    },
}

/// One side of a pair, as far as its books need it; each member is one of the pair file's.
#[derive(Clone, Debug)]
pub struct Market<'a> {
    /// Kalshi: the ticker. Polymarket: the condition id.
    pub market: &'a str,
    /// Where.
    pub listed: Listed<'a>,
    /// Its `priceBands`. Known under another tick, a market of Polymarket's starts again.
    pub grid: Grid,
    /// Milliseconds since 1970.
    pub closes_at_ms: u64,
}

/// An outcome's place among a shot's legs.
pub(crate) fn leg_of(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Yes => 0,
        Outcome::No => 1,
    }
}

impl Listed<'_> {
    /// Whose market it is.
    #[must_use]
    pub fn venue(&self) -> Venue {
        match self {
            Self::Kalshi => Venue::Kalshi,
            Self::Polymarket { .. } => Venue::Polymarket,
        }
    }
}
