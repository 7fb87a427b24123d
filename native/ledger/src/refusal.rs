//! What Postgres refuses, by name: a value that has changed nothing. One enumeration per function
//! has what that function can say; a name that this build has not heard of keeps its text.

use std::fmt;

use crate::error::LedgerError;

/// What was answered, or a refusal; and around both whether anything was heard at all.
pub type Told<T, R> = Result<Result<T, R>, LedgerError>;

macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $value:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$row])* $value,)*
            /// A name of a later database: a refusal all the same.
            Unknown(String),
        }

        impl $name {
            /// The name that every language has for it.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$value => $code,)*
                    Self::Unknown(code) => code,
                }
            }
        }

        impl From<String> for $name {
            fn from(code: String) -> Self {
                match code.as_str() {
                    $($code => Self::$value,)*
                    _ => Self::Unknown(code),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.code())
            }
        }
    };
}

refusals! {
    /// Of `engine_register`.
    RegisterRefusal {
        /// The database is another mode's.
        ModeMismatch = "MODE_MISMATCH",
        /// Another start was as fast: make the journals anew above the highest epoch.
        EpochNotNew = "EPOCH_NOT_NEW",
        /// A process of that name is known already: take another name.
        ProcessExists = "PROCESS_EXISTS",
        /// A venue account that Postgres has never heard of: create the account first.
        AccountUnknown = "ACCOUNT_UNKNOWN",
        /// This start has ended, or was confirmed killed: start anew.
        ProcessEnded = "PROCESS_ENDED",
    }
}

refusals! {
    /// Of whatever needs a start that still stands.
    StartRefusal {
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
        /// It has ended, or was confirmed killed: start anew.
        ProcessEnded = "PROCESS_ENDED",
    }
}

refusals! {
    /// Of `engine_heartbeat`. Whoever hears one freezes itself, and starts anew.
    HeartbeatRefusal {
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
        /// It has ended, or was confirmed killed.
        ProcessEnded = "PROCESS_ENDED",
        /// The database is older than what was heard of it: find out which one it is.
        EpochAhead = "EPOCH_AHEAD",
    }
}

refusals! {
    /// Of `engine_claim_owner`.
    ClaimRefusal {
        /// Another has it.
        Owned = "OWNED",
        /// A newer start has one of this start's venue accounts.
        Fenced = "FENCED",
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
        /// It has ended, or was confirmed killed: start anew.
        ProcessEnded = "PROCESS_ENDED",
    }
}

refusals! {
    /// Of `engine_release_owner`.
    ReleaseRefusal {
        /// It is another's by now, or nobody's.
        NotOwner = "NOT_OWNER",
    }
}

refusals! {
    /// Of `engine_project`, of one record.
    RecordRefusal {
        /// No such start: it registers first. Passes then.
        NotRegistered = "NOT_REGISTERED",
        /// Of a start of another host that nobody has registered. Passes when somebody does.
        NotItsJournal = "NOT_ITS_JOURNAL",
        /// A field cannot be: a break is open.
        RecordInvalid = "RECORD_INVALID",
        /// The same shot was told otherwise before: a break is open.
        ShotDiffers = "SHOT_DIFFERS",
        /// The order's name is another's, or was forbidden as never sent: a break is open.
        OrderContradicted = "ORDER_CONTRADICTED",
    }
}

impl RecordRefusal {
    /// The same words may be heard later: nothing is wrong with them.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::NotRegistered | Self::NotItsJournal)
    }

    /// What Postgres has of the shot is not what the journal says: its slot is free once somebody has
    /// closed the break.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        matches!(self, Self::ShotDiffers | Self::OrderContradicted)
    }
}

refusals! {
    /// Of `engine_tell_clock`.
    ClockRefusal {
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
    }
}

refusals! {
    /// Of `engine_not_sent`: the orders stay as they are, until their trade ends.
    NotSentRefusal {
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
    }
}

refusals! {
    /// Of `engine_record_orders`: nothing was written, and nothing may be sent. Each but
    /// [`Self::RecordedBefore`] is a definite no.
    OrdersRefusal {
        /// No such start with that epoch.
        NotRegistered = "NOT_REGISTERED",
        /// It has ended, or was confirmed killed.
        ProcessEnded = "PROCESS_ENDED",
        /// A newer start has one of this start's venue accounts.
        Fenced = "FENCED",
        /// The pair is another's.
        NotOwner = "NOT_OWNER",
        /// No open reservation of the workflow covers the orders.
        NotReserved = "NOT_RESERVED",
        /// The database is another mode's.
        ModeMismatch = "MODE_MISMATCH",
        /// An order's name or purpose is taken. An earlier call, whose answer may have been lost,
        /// may have sent it: it is unknown, asked about, and never sent again.
        RecordedBefore = "RECORDED_BEFORE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_knows_is_a_refusal_with_its_text() {
        let refusal = HeartbeatRefusal::from("TOO_EARLY".to_owned());
        assert_eq!(refusal, HeartbeatRefusal::Unknown("TOO_EARLY".into()));
        assert_eq!(refusal.to_string(), "TOO_EARLY");
        assert_eq!(ClaimRefusal::from("OWNED".to_owned()), ClaimRefusal::Owned);
    }

    #[test]
    fn a_record_is_told_again_only_where_its_words_may_pass() {
        let passes = |code: &str| RecordRefusal::from(code.to_owned()).passes();
        assert!(passes("NOT_REGISTERED") && passes("NOT_ITS_JOURNAL"));
        assert!(!passes("RECORD_INVALID") && !passes("SHOT_DIFFERS") && !passes("LATER_NAME"));
    }
}
