//! Why a shot was not fired, by name, and how often.

use std::fmt;

use crate::sync::{AtomicU64, Ordering};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Nothing of the shot has left, and nothing of it is held any more.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Refusal {
            $($(#[$doc])* $name,)*
        }

        impl Refusal {
            /// Every one of them. Journals have a refusal by its place here: a new one comes last.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name that operators and strategies see; where `domain/risk` has the same rule it
            /// has the same name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

refusals! {
    /// What was decided on is older than its own `notAfter`.
    TooLate = "TOO_LATE",
    /// A price that we made up: one of both books has not been heard of for too long.
    BookStale = "BOOK_STALE",
    /// What is left after fees is less than asked for.
    EdgeTooSmall = "EDGE_TOO_SMALL",
    /// Less than one contract, or less than a venue takes.
    LiquidityTooSmall = "LIQUIDITY_TOO_SMALL",
    /// More contracts than the terms of this pair allow in one shot.
    OrderTooLarge = "ORDER_TOO_LARGE",
    /// Less than both legs may cost is said to be at stake.
    ExposureMisstated = "EXPOSURE_MISSTATED",
    /// A price at or outside 0 and 1, or none of its market's.
    PriceOutOfBounds = "PRICE_OUT_OF_BOUNDS",
    /// Its texts or prepared bytes do not fit into a slot of the journal.
    ShotTooLong = "SHOT_TOO_LONG",
    /// No number that this engine was configured for.
    MarketUnknown = "PAIR_UNKNOWN",
    /// A shot of the same market is in flight.
    PairInFlight = "PAIR_IN_FLIGHT",
    /// The pair's last shot has not been taken over by its workflow.
    PairUnadopted = "PAIR_UNADOPTED",
    /// Too many shots of this host have not been taken over, or one for too long.
    BackPressure = "BACK_PRESSURE",
    /// This host was lent nothing, or not any more.
    LeaseMissing = "LEASE_MISSING",
    /// More than is left of what this host was lent.
    LeaseExhausted = "LEASE_EXHAUSTED",
    /// Not both connections were idle, warm and unbroken.
    NoWire = "NO_WIRE",
    /// The oldest slot belongs to a shot that nobody has taken over; it is never overwritten.
    JournalFull = "JOURNAL_FULL",
    /// A record could not be brought to disk before its shot.
    JournalFailed = "JOURNAL_FAILED",
    /// An operator, or a breaker, has frozen what the shot would trade.
    Frozen = "FROZEN",
    /// This process cannot hear whether it is frozen.
    ControlLost = "CONTROL_LOST",
    /// No headers that were signed ahead are young enough, and there is no time to sign any.
    HeadersMissing = "HEADERS_MISSING",
    /// Freezes have changed since the shot was held against them: hold it against them again.
    ControlChanged = "CONTROL_CHANGED",
    /// Nothing was against it, up to where it would have been written down.
    DryRun = "DRY_RUN",
}

impl Refusal {
    /// It passes by itself: the same books may be worth a shot a moment later, and no tick says so.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::PairInFlight
                | Self::PairUnadopted
                | Self::BackPressure
                | Self::NoWire
                | Self::JournalFull
                | Self::Frozen
                | Self::ControlLost
                | Self::HeadersMissing
                | Self::ControlChanged
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

/// How often each was said. Counted by the thread that fires, read by whoever publishes.
pub struct Refusals(Box<[AtomicU64]>);

impl Refusals {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Refusal::ALL.iter().map(|_| AtomicU64::new(0)).collect())
    }

    /// One more.
    pub fn count(&self, refusal: Refusal) {
        self.0[refusal as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Since the start.
    #[must_use]
    pub fn told(&self, refusal: Refusal) -> u64 {
        self.0[refusal as usize].load(Ordering::Relaxed)
    }

    /// All of them together, since the start.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl Default for Refusals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_passes_and_what_is_wrong_with_a_shot_does_not() {
        let passing = Refusal::ALL.iter().filter(|refusal| refusal.passes());
        let codes: Vec<_> = passing.map(|refusal| refusal.code()).collect();
        let expected = [
            "PAIR_IN_FLIGHT",
            "PAIR_UNADOPTED",
            "BACK_PRESSURE",
            "NO_WIRE",
            "JOURNAL_FULL",
            "FROZEN",
            "CONTROL_LOST",
            "HEADERS_MISSING",
            "CONTROL_CHANGED",
        ];
        assert_eq!(codes, expected, "LEASE_MISSING ends with new terms, which are looked at");
    }

    #[test]
    fn a_refusal_keeps_the_place_by_which_journals_have_it() {
        let codes: Vec<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        let kept = [
            "TOO_LATE",
            "BOOK_STALE",
            "EDGE_TOO_SMALL",
            "LIQUIDITY_TOO_SMALL",
            "ORDER_TOO_LARGE",
            "EXPOSURE_MISSTATED",
            "PRICE_OUT_OF_BOUNDS",
            "SHOT_TOO_LONG",
            "PAIR_UNKNOWN",
            "PAIR_IN_FLIGHT",
            "PAIR_UNADOPTED",
            "BACK_PRESSURE",
            "LEASE_MISSING",
            "LEASE_EXHAUSTED",
            "NO_WIRE",
            "JOURNAL_FULL",
            "JOURNAL_FAILED",
            "FROZEN",
            "CONTROL_LOST",
            "HEADERS_MISSING",
            "CONTROL_CHANGED",
            "DRY_RUN",
        ];
        assert_eq!(codes, kept);
        assert!(Refusal::ALL.iter().enumerate().all(|(place, refusal)| *refusal as usize == place));
    }
}
