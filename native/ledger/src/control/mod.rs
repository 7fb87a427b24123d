//! Keeps the gate true (docs/native.md, "Freeze"; docs/engine-sql.md, "Heartbeat"): a heartbeat
//! every 250 ms, and at once when a freeze was announced or an epoch can be acknowledged.
//!
//! 1. The clock is read before Postgres is asked; the control lease is a second from there.
//! 2. What was heard is in the gate, and told, before its epoch can be acknowledged.
//! 3. An epoch is acknowledged when every section that may have begun before it was written has
//!    ended. Who has only looked at the freezes before it is waited for by nobody: the gate refuses
//!    whoever brings another epoch than its own.
//! 4. Silence is no answer: the control lease runs out, the gate closes, and it is tried again.
//! 5. A refusal is the end: everything is frozen for good, and [`Keeper::run`] returns.

mod freeze;
mod heartbeat;
mod keeper;

use std::sync::Arc;

use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::lease::Terms;

use crate::start::AccountHolder;

pub use self::freeze::{Freeze, Scope, Subject};
pub use self::heartbeat::{Heartbeat, Lent, OpenWords, Session};
pub use self::keeper::{Ended, Keeper};

/// What is known of freezes, leases and accounts; published after each heartbeat.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Of the freezes; 0: none was read yet.
    pub epoch: u64,
    /// The last epoch that Postgres has heard acknowledged.
    pub acknowledged: u64,
    /// On the monotonic clock: until then it may be acted on, if nothing newer comes.
    pub until_ns: u64,
    /// Where entries may begin.
    pub open: OpenWords,
    /// The freezes of that epoch.
    pub in_force: Arc<[Freeze]>,
    /// What may be spent on which pair.
    pub lent: Arc<[Lent]>,
    /// Venue sessions that are ours.
    pub sessions: Arc<[Session]>,
    /// Venue accounts that a newer start has: we are fenced there, and their markets are closed.
    pub lost: Arc<[AccountHolder]>,
    /// Why the last heartbeat was not answered; `None`: it was.
    pub trouble: Option<Arc<str>>,
    /// Since the start.
    pub counts: ControlCounts,
}

/// How heartbeats went, since the start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ControlCounts {
    /// Answered.
    pub heard: u64,
    /// Not answered, or not readable.
    pub failed: u64,
    /// Connections that were made.
    pub connected: u64,
    /// How much of the last round trip was Postgres reading, in microseconds.
    pub reading_us: u64,
    /// How long the last round trip was, in microseconds.
    pub round_trip_us: u64,
}

impl Control {
    /// The first freeze that reaches the trade: it may take no new risk. Where there is none, its
    /// shot brings the `epoch` of this same reading to the gate (`Gate::enter_cleared`), which knows
    /// no trade and no strategy of a request's own.
    #[must_use]
    pub fn freeze_of(&self, subject: &Subject<'_>) -> Option<&Freeze> {
        self.in_force.iter().find(|freeze| freeze.reaches(subject))
    }

    /// Whether an entry may begin, as far as was read; the gate is what is asked at last.
    #[must_use]
    pub fn is_open(&self, market: MarketId) -> bool {
        self.open.is_open(market)
    }

    /// What was lent for a pair.
    #[must_use]
    pub fn terms_of(&self, pair_id: &str) -> Option<Terms> {
        self.lent.iter().find(|lent| lent.pair_id == pair_id).map(|lent| lent.terms)
    }
}
