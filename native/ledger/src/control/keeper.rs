//! The task that asks, and writes what it hears into the gate.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::gate::{Draining, Gate};
use legwork_engine_core::wire::Clock;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::heartbeat::Heartbeat;
use super::{Control, ControlCounts, MICROSECOND_NS};
use crate::address::Address;
use crate::connection::Ledger;
use crate::error::LedgerError;
use crate::reconnecting::Reconnecting;
use crate::refusal::{HeartbeatRefusal, Told};
use crate::start::Start;

const INTERVAL: Duration = Duration::from_millis(250);
/// How often it is looked whether the sections before a freeze have ended: they last microseconds.
const DRAIN_POLL: Duration = Duration::from_millis(1);
/// DESIGN §8.1: a process may start an entry only if its last successful reading began less than
/// this before.
const CONTROL_LEASE_NS: u64 = 1_000_000_000;
/// The channel that announces a new epoch of freezes; it only wakes.
const FREEZES_CHANNEL: &str = "legwork_freezes";
const WHICH_DATABASE: &str = "find out which database this is before the engine is started again";

/// Why control ended. Everything is frozen, and this start fires nothing any more.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Ended {
    /// Postgres does not have this start any more, or never had what it acknowledges.
    #[error(
        "Postgres refuses the heartbeat ({0}): everything is frozen; {advice}",
        advice = what_to_do(.0)
    )]
    Refused(HeartbeatRefusal),
    /// The database is older than what was heard of it: it was restored, or is another one.
    #[error(
        "the database tells of freeze epoch {told}, and has told of {known}: everything is frozen; \
         {WHICH_DATABASE}"
    )]
    OlderDatabase {
        /// Now.
        told: u64,
        /// Before.
        known: u64,
    },
}

const fn what_to_do(refusal: &HeartbeatRefusal) -> &'static str {
    match refusal {
        HeartbeatRefusal::NotRegistered | HeartbeatRefusal::ProcessEnded => "start the engine anew",
        HeartbeatRefusal::EpochAhead => WHICH_DATABASE,
        HeartbeatRefusal::Unknown(_) => {
            "look it up in docs/engine-sql.md of the database's version before the engine is \
             started again"
        }
    }
}

/// Keeps one house's gate. There is one of each.
pub struct Keeper {
    start: Start,
    house: Arc<House>,
    line: Reconnecting,
    told: watch::Sender<Control>,
    /// Every section before this epoch has ended: the next heartbeat says so.
    over: u64,
}

/// An epoch that is in the gate, and what has to end before it is acknowledged.
struct Unacknowledged<'a> {
    epoch: u64,
    sections: Draining<'a>,
}

impl Keeper {
    /// For a start that is registered; with what it will tell.
    #[must_use]
    pub fn new(
        address: Address,
        start: Start,
        house: Arc<House>,
    ) -> (Self, watch::Receiver<Control>) {
        let (told, heard) = watch::channel(Control::default());
        let line = Reconnecting::new(address).listening(FREEZES_CHANNEL);
        (Self { start, house, line, told, over: 0 }, heard)
    }

    /// Goes on until Postgres refuses; then everything is frozen. An orderly end drops it: what it
    /// has told stays true until the control lease runs out, within a second.
    pub async fn run(mut self) -> Ended {
        let house = Arc::clone(&self.house);
        let mut waiting: Option<Unacknowledged<'_>> = None;
        loop {
            let next = Instant::now() + INTERVAL;
            match self.beat().await {
                Ok(Ok(heard)) => match self.write_down(&house.gate, heard, &mut waiting) {
                    Ok(()) => {}
                    Err(ended) => return self.end(ended),
                },
                Ok(Err(refusal)) => return self.end(Ended::Refused(refusal)),
                Err(error) => self.has_failed(&error),
            }
            if let Err(ended) = self.wait(next, &mut waiting).await {
                return self.end(ended);
            }
        }
    }

    /// The clock is read when there is a connection: making one may take longer than a control
    /// lease.
    async fn beat(&mut self) -> Told<TimedHeartbeat, HeartbeatRefusal> {
        let over = self.over;
        let ledger = self.line.ledger().await?;
        let before_ns = SystemClock.monotonic_ns();
        let told = ledger.heartbeat(&self.start, over, before_ns).await?;
        Ok(told.map(|heartbeat| TimedHeartbeat { heartbeat, before_ns, acknowledged: over }))
    }

    /// The gate first, then told: whoever looks at an epoch can bring it to the gate, and who has
    /// looked at the one before is refused there.
    fn write_down<'a>(
        &self,
        gate: &'a Gate,
        heard: TimedHeartbeat,
        waiting: &mut Option<Unacknowledged<'a>>,
    ) -> Result<(), Ended> {
        let known = self.told.borrow().clone();
        let (told, is_new) = (heard.heartbeat.epoch, known.epoch != Some(heard.heartbeat.epoch));
        let older = Ended::OlderDatabase { told, known: known.epoch.unwrap_or_default() };
        if known.epoch.is_some_and(|known| told < known) {
            return Err(older);
        }
        let until_ns = heard.before_ns.saturating_add(CONTROL_LEASE_NS);
        let open = &heard.heartbeat.open;
        if is_new || *open != known.open {
            let sections = gate.freeze(told, |market| !open.is_open(market)).ok_or(older)?;
            if is_new {
                *waiting = Some(Unacknowledged { epoch: told, sections });
            }
        }
        gate.heard_control(until_ns);
        self.told.send_replace(heard.control(&known, self.line.connected(), until_ns));
        Ok(())
    }

    fn has_failed(&self, error: &LedgerError) {
        tracing::warn!(%error, "no word about freezes");
        self.told.send_modify(|control| {
            control.counts.failed += 1;
            control.trouble = Some(error.to_string().into());
        });
    }

    /// The epoch of it is above every other: nothing that is heard afterwards thaws anything.
    fn end(&self, ended: Ended) -> Ended {
        let _ = self.house.gate.freeze(u64::MAX, |_| true); // acknowledged by nobody
        self.house.gate.heard_control(0);
        self.told.send_modify(|control| control.end(&ended));
        ended
    }

    /// `false`: Postgres did not answer.
    async fn acknowledge(&self) -> Result<bool, Ended> {
        let Some(ledger) = self.line.current() else { return Ok(false) };
        match ledger.acknowledge(&self.start, self.over).await {
            Ok(Ok(())) => {
                self.told.send_modify(|control| control.acknowledged = self.over);
                Ok(true)
            }
            Ok(Err(refusal)) => Err(Ended::Refused(refusal)),
            Err(error) => {
                self.has_failed(&error);
                Ok(false)
            }
        }
    }

    /// Until the next heartbeat is due or a freeze was announced. An epoch is acknowledged as soon as it
    /// can be.
    async fn wait(
        &mut self,
        next: Instant,
        waiting: &mut Option<Unacknowledged<'_>>,
    ) -> Result<(), Ended> {
        loop {
            if let Some(over) = waiting.take_if(|waiting| waiting.sections.is_over()) {
                self.over = over.epoch;
                if !self.acknowledge().await? {
                    return Ok(()); // the heartbeat makes the connection anew
                }
            }
            let woken = self.line.current().map(Ledger::woken);
            tokio::select! {
                () = sleep_until(next) => return Ok(()),
                Some(()) = OptionFuture::from(woken) => return Ok(()),
                () = sleep(DRAIN_POLL), if waiting.is_some() => {}
            }
        }
    }
}

/// What a heartbeat has told, and what was known when it was asked.
struct TimedHeartbeat {
    heartbeat: Heartbeat,
    before_ns: u64,
    acknowledged: u64,
}

impl TimedHeartbeat {
    fn control(self, known: &Control, connected: u64, until_ns: u64) -> Control {
        let Heartbeat { epoch, open, in_force, lent, lost, reading_us } = self.heartbeat;
        let round_trip_ns = SystemClock.monotonic_ns().saturating_sub(self.before_ns);
        Control {
            epoch: Some(epoch),
            acknowledged: self.acknowledged,
            until_ns,
            open,
            in_force: in_force.into(),
            lent: lent.into(),
            lost: lost.into(),
            trouble: None,
            counts: ControlCounts {
                heard: known.counts.heard + 1,
                connected,
                reading_us,
                round_trip_us: round_trip_ns / MICROSECOND_NS,
                ..known.counts
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_says_what_its_own_reason_asks_for() {
        let said = |code: &str| Ended::Refused(code.to_owned().into()).to_string();
        for code in ["NOT_REGISTERED", "PROCESS_ENDED"] {
            assert!(said(code).ends_with("start the engine anew"), "{code}");
        }
        let ahead = said("EPOCH_AHEAD");
        assert!(ahead.contains("which database") && !ahead.contains("anew"), "{ahead}");
        let later = said("LATER_NAME");
        assert!(later.contains("LATER_NAME") && later.contains("engine-sql.md"), "{later}");
        let older = Ended::OlderDatabase { told: 3, known: 4 }.to_string();
        assert!(older.contains("epoch 3") && older.contains("which database"), "{older}");
    }
}
