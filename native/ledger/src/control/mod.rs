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

pub use legwork_engine_core::clearing::Subject;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::lease::Terms;

use crate::start::AccountHolder;

pub use self::freeze::{Freeze, Scope};
pub use self::heartbeat::{Heartbeat, Lent, OpenWords};
pub use self::keeper::{Ended, Keeper};

const MICROSECOND_NS: u64 = 1_000;

/// What is known of freezes, leases and accounts; published after each heartbeat.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Of the freezes; 0: read, and there never was one. `None`: not read yet, or [`Ended`]. Then
    /// `in_force` is empty and says nothing, and nobody is cleared against it.
    pub epoch: Option<u64>,
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
    /// shot brings the `epoch` of this same reading to the gate (`Gate::enter_cleared`), which
    /// knows no trade and no strategy of a request's own. Without an `epoch` nothing is cleared.
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

    /// What may be acted on is gone; what has happened stays.
    fn end(&mut self, ended: &Ended) {
        let trouble = Some(ended.to_string().into());
        let (acknowledged, lost, counts) = (self.acknowledged, Arc::clone(&self.lost), self.counts);
        *self = Self { acknowledged, lost, trouble, counts, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::HeartbeatRefusal;

    #[test]
    fn nothing_may_be_acted_on_after_the_end_and_what_has_happened_is_told() {
        let lost = AccountHolder {
            venue_account: "kalshi/main".into(),
            process: Some("b".into()),
            epoch: Some(8),
        };
        let terms = Terms { epoch: 7, budget: "12.5".parse().expect("dollars"), until_ns: 9 };
        let lent =
            Lent { lease_id: "l".into(), pair_id: "rain".into(), account: "main".into(), terms };
        let mut control = Control {
            epoch: Some(3),
            acknowledged: 3,
            until_ns: 9,
            lent: [lent].into(),
            lost: [lost].into(),
            ..Control::default()
        };
        control.end(&Ended::Refused(HeartbeatRefusal::ProcessEnded));
        assert_eq!((control.epoch, control.until_ns), (None, 0));
        assert_eq!(control.terms_of("rain"), None);
        assert_eq!((control.acknowledged, control.lost.len()), (3, 1));
        assert!(control.trouble.is_some_and(|trouble| trouble.contains("PROCESS_ENDED")));
    }
}
