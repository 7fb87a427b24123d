//! The intents that no strategy may hand over any more, as earlier starts and other doors have left them.

use std::time::{Duration, Instant};

use anyhow::Result;
use legwork_engine_config::Config;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::journal::Reading;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::intents::Intents;
use legwork_engine_desk::thread::{Desk, DeskGone};
use legwork_engine_door::answer::Receipt;
use legwork_engine_ledger::trades::FiredForTrade;
use legwork_engine_ledger::{Address, BackOff, INTENTS_CHANNEL, Ledger, Reconnecting, ages};
use tokio::time::timeout;
use tracing::warn;

const HOUR: Duration = Duration::from_hours(1);
/// A row may be committed so long after its time.
const LATE: Duration = Duration::from_secs(10);
/// How long other doors may not be heard of before somebody notices.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// By the journals and by Postgres, which has what trades have fired as well where the journals of that
/// are gone.
pub async fn known(config: &Config, ledger: &Ledger, earlier: &[Reading]) -> Result<Intents> {
    let mut told = Vec::new();
    let began = Instant::now();
    for age in ages(HOUR, || began.elapsed()) {
        told.extend(ledger.intents(age).await?);
    }
    let mut intents = Intents::of_earlier(&config.host, (earlier, &told), SystemClock.unix_ns());
    for trade in ledger.trades(&intents.refused_before()).await? {
        intents.has_trade(&trade.intent_id, trade.fired.as_ref().map(receipt_of));
    }
    Ok(intents)
}

/// What came by other doors since a time, once more: orders may have been written for a pair while it was
/// another host's. Nobody writes any there once it is ours, so what is read after its claim has all of
/// them. It is done in turn, before what is asked for later.
pub async fn tell(ledger: &Ledger, desk: &Desk, since: Instant) -> Result<()> {
    let began = Instant::now();
    for age in ages(since.elapsed() + LATE, || began.elapsed()) {
        desk.used(ledger.intents(age).await?)?;
    }
    Ok(())
}

/// A trade's request came with its decision, and its first byte could leave a moment after it.
fn receipt_of(fired: &FiredForTrade) -> Receipt {
    let &FiredForTrade { shot, client_order_ids, written, decided_ns, written_ns } = fired;
    let (unix_ns, decided_ns) = decided_ns;
    Receipt {
        shot,
        client_order_ids,
        written: written.map(Some),
        received_ns: decided_ns,
        from_to_ns: (decided_ns, written_ns.max(decided_ns)),
        fired_unix_ns: unix_ns,
    }
}

/// Tells the thread that fires what other doors have: within moments of its commit, and until when it is
/// told everything.
pub struct OtherDoors {
    line: Reconnecting,
    desk: Desk,
    /// Of the connection that has told everything since it was made.
    connected: u64,
    /// When everything before was told.
    heard: Instant,
}

impl OtherDoors {
    /// Heard of from now on; everything before `known` is known.
    pub async fn begin(address: Address, desk: Desk, known: Instant) -> Result<Self> {
        let line = Reconnecting::new(address).listening(INTENTS_CHANNEL);
        let mut doors = Self { line, desk, connected: 0, heard: known };
        doors.look().await?;
        Ok(doors)
    }

    /// For as long as the thread that fires runs.
    pub async fn keep(mut self) {
        let mut back_off = BackOff::default();
        loop {
            if let Some(ledger) = self.line.current() {
                let _ = timeout(LOOK_EVERY, ledger.woken()).await; // a line that is dead is asked, too
            }
            match self.look().await {
                Ok(()) => back_off.reset(),
                Err(error) if error.is::<DeskGone>() => return,
                Err(error) => {
                    warn!(target: "legwork", %error, "other doors' intents are not heard of");
                    back_off.wait().await;
                }
            }
        }
    }

    /// What was announced; with a new connection, what came since the last was heard.
    async fn look(&mut self) -> Result<()> {
        let (began, unix_ns) = (Instant::now(), SystemClock.unix_ns());
        self.line.ledger().await?;
        let connected = self.line.connected();
        let ledger = self.line.ledger().await?;
        if connected != self.connected {
            tell(ledger, &self.desk, self.heard).await?;
            self.connected = connected;
        } else if began.duration_since(self.heard) >= LOOK_EVERY {
            ledger.is_heard().await?;
        } else {
            return Ok(self.desk.used(ledger.announced())?);
        }
        self.desk.used(ledger.announced())?;
        self.heard = began;
        Ok(self.desk.heard_until(unix_ns)?)
    }
}
