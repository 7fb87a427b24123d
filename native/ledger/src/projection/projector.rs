//! The task that tells records, and asks which slots may be used again.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::record::ShotRecord;
use super::shots::{BATCH, Shots};
use super::tell::Acknowledged;
use crate::address::Address;
use crate::error::LedgerError;
use crate::reconnecting::{BackOff, Reconnecting};
use crate::start::Start;

/// How long a shot that nobody has taken over waits to be asked for again.
const ASK_INTERVAL: Duration = Duration::from_millis(100);

/// What became of records, since the start, and what waits now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Projected {
    /// Records that Postgres has taken.
    pub safe: u64,
    /// Refused for their words.
    pub refused: u64,
    /// Calls without an answer.
    pub failed: u64,
    /// Shots whose slots may be used again.
    pub acknowledged: u64,
    /// Records that are not answered yet.
    pub untold: usize,
    /// Shots in Postgres that no workflow has taken over.
    pub unadopted: usize,
    /// Shots with a record that was refused: their slots stay in use until somebody has looked, and
    /// closed their breaks.
    pub shots_refused: usize,
    /// Why the last call was not answered; `None`: it was.
    pub trouble: Option<String>,
}

/// Tells the records of one start to Postgres, and of its host's earlier ones.
pub struct Projector {
    start: Start,
    host: String,
    line: Reconnecting,
    records: mpsc::UnboundedReceiver<ShotRecord>,
    free: mpsc::UnboundedSender<Acknowledged>,
    counts: watch::Sender<Projected>,
    shots: Shots,
    /// Between two times that records which wait are told, and the next of them.
    pause: BackOff,
    again: Instant,
}

/// Where the process puts records in, and takes free slots out.
pub struct Projection {
    /// Of as many shots as the journal has slots, at most.
    pub records: mpsc::UnboundedSender<ShotRecord>,
    /// Shots that their workflows have, and whether their slots may be used again.
    pub free: mpsc::UnboundedReceiver<Acknowledged>,
    /// How it goes.
    pub counts: watch::Receiver<Projected>,
}

impl Projector {
    /// For a start that is registered.
    #[must_use]
    pub fn new(address: Address, start: Start, host: String) -> (Self, Projection) {
        let (told, records) = mpsc::unbounded_channel();
        let (free, freed) = mpsc::unbounded_channel();
        let (counts, counted) = watch::channel(Projected::default());
        let line = Reconnecting::new(address);
        let shots = Shots::default();
        let (pause, again) = (BackOff::default(), Instant::now());
        let projector = Self { start, host, line, records, free, counts, shots, pause, again };
        (projector, Projection { records: told, free: freed, counts: counted })
    }

    /// Goes on until nobody can send records any more and all are told.
    pub async fn run(mut self) {
        let mut back_off = BackOff::default();
        let mut asked = Instant::now();
        while self.take(asked + ASK_INTERVAL).await {
            asked = Instant::now();
            let round = self.round().await;
            self.publish(round.as_ref().err());
            match round {
                Ok(()) => back_off.reset(),
                Err(_) => back_off.wait().await,
            }
        }
    }

    /// Waits for records, until slots are asked for again, or until those that wait are told again.
    /// `false`: nothing is left to do.
    async fn take(&mut self, next: Instant) -> bool {
        if !self.shots.has_next() {
            tokio::select! {
                record = self.records.recv() => match record {
                    Some(record) => self.shots.add(record),
                    None if self.shots.has_waiting() => sleep_until(self.again).await,
                    None => return false,
                },
                () = sleep_until(next), if self.shots.has_unadopted() => {}
                () = sleep_until(self.again), if self.shots.has_again() => {}
            }
        }
        while let Ok(record) = self.records.try_recv() {
            self.shots.add(record);
        }
        self.time_waiting();
        true
    }

    fn time_waiting(&mut self) {
        let now = Instant::now();
        if !self.shots.has_again() {
            self.pause.reset();
        } else if now >= self.again {
            self.shots.tell_again();
        } else {
            return;
        }
        self.again = now + self.pause.next();
    }

    async fn round(&mut self) -> Result<(), LedgerError> {
        let Self { start, host, line, free, shots, .. } = self;
        let ledger = line.ledger().await?;
        let batch = shots.batch();
        if !batch.is_empty() {
            match ledger.project(start, &batch).await {
                Ok(answers) => shots.answered(&answers)?,
                Err(error) if error.is_of_its_words() => shots.refused_as_a_whole(&error),
                Err(error) => return Err(error),
            }
        }
        for asked in shots.unadopted().chunks(BATCH) {
            for acknowledged in ledger.acknowledged(host, asked).await? {
                let is_complete = shots.acknowledged(acknowledged.shot);
                let acknowledged = Acknowledged { is_complete, ..acknowledged };
                let _ = free.send(acknowledged); // nobody takes slots any more: the engine ends
            }
        }
        Ok(())
    }

    fn publish(&self, error: Option<&LedgerError>) {
        if let Some(error) = error {
            tracing::warn!(%error, "records wait for Postgres");
        }
        self.counts.send_modify(|counts| {
            counts.failed += u64::from(error.is_some());
            counts.trouble = error.map(ToString::to_string);
            self.shots.count(counts);
        });
    }
}
