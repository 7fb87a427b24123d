//! What a venue's answer to an order proves, read after both writes. The tables are those that
//! TypeScript reads (`venues/*/answer-table.json`), and `test/vectors/answers.json` holds both
//! languages to reading answers alike.
//!
//! 1. Only a documented answer is a refusal. Whatever else may have reached the book is unknown.
//! 2. An acceptance must be readable, and of our order.
//! 3. A body that is no JSON says nothing: what is left is what its status alone is documented to
//!    say. More than 128 levels, half a surrogate pair and a number beyond any float are no JSON
//!    here, although JavaScript takes them.

mod body;
mod kalshi;
mod pattern;
mod polymarket;
mod table;
mod venue_answers;

use crate::amount::Quantity;

pub use self::kalshi::{KalshiAnswers, KalshiOrder};
pub use self::polymarket::{Fixed, PolymarketAnswers, PolymarketOrder};
pub use self::table::TableError;
pub use self::venue_answers::{Asked, VenueAnswers};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $($(#[$row])* $value,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$value,)*];

            /// The name that every language has for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }
    };
}

words! {
    /// Why a venue said no, as far as the next step depends on it; `domain/venue.ts` is the twin.
    VenueRefusal {
        /// Balance or allowance: may pass once a cache or a settlement catches up.
        Funds = "funds",
        /// Too many requests.
        Rate = "rate",
        /// Paused, restarting, post-only, closed for now: the same order may pass later.
        VenueState = "venue_state",
        /// The market does not trade any more.
        MarketClosed = "market_closed",
        /// Nothing to trade against: an answer, not a fault.
        NoMatch = "no_match",
        /// This order will never pass as it is.
        Terminal = "terminal",
    }
}

words! {
    /// How an order stands that was taken.
    OrderState {
        /// The venue has some of it in hand.
        Working = "working",
        /// All of it was filled.
        Filled = "filled",
        /// What was not filled is gone.
        Canceled = "canceled",
    }
}

/// What an answer proves. Its words are the venue's, of whatever length.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It was taken.
    Accepted {
        /// The venue's name for it.
        venue_order_id: String,
        /// As the answer has it.
        state: OrderState,
        /// Contracts; an expectation: only trade rows are fills.
        filled: Quantity,
    },
    /// The venue has this order already: find it, compare it, adopt it.
    Exists {
        /// The row's.
        code: String,
    },
    /// A definite no: nothing of it is on the book.
    Refused {
        /// Its class.
        refusal: VenueRefusal,
        /// The row's, or the venue's where only its status has a row.
        code: String,
    },
    /// It may be on the book: whoever holds it asks.
    Unknown {
        /// What there is to say of it.
        code: String,
    },
}

impl Verdict {
    fn unknown(code: &str) -> Self {
        Self::Unknown { code: code.to_owned() }
    }
}
