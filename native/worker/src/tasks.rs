//! What goes on beside the shots: records on their way, slots that come back, and a look at what might
//! have ended without a word.

use std::future::pending;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::firing::House;
use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::lines::Told;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_desk::death::{Fate, Point};
use legwork_engine_desk::doors::{Acknowledged as Adopted, FiredFirst};
use legwork_engine_desk::thread::{Desk, Look};
use legwork_engine_door::thread::DoorThread;
use legwork_engine_ledger::control::Control;
use legwork_engine_ledger::projection::{Acknowledged, Heard, ShotRecord};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::warn;

use crate::earlier::Untaken;
use crate::signing::Signing;

/// A simulated venue, or a venue's network, may come up after us.
const WARM_WITHIN: Duration = Duration::from_secs(10);
/// Both legs of a shot, and a spare.
const WIRES_MIN: usize = 3;
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// Ten seconds without an answer.
const ROUNDS_MAX: u32 = 20;
const ENDED: &str = "the thread that fires has ended";
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the thread that fires tells, as Postgres takes it.
pub async fn forward(
    host: String,
    fate: Fate,
    mut recorded: Told<RecordedShot>,
    records: mpsc::UnboundedSender<ShotRecord>,
) {
    fate.awaited(Point::Told).await;
    while let Some(shot) = recorded.recv().await {
        if records.send(ShotRecord::of(&host, &shot, Heard::SoFar)).is_err() {
            return; // nobody tells any more: the next start reads the journal
        }
    }
}

/// What the thread that fires has fired by itself, to whoever starts its workflows.
pub async fn hand_over(mut fired: Told<FiredFirst>, firsts: mpsc::UnboundedSender<FiredFirst>) {
    while let Some(shot) = fired.recv().await {
        if firsts.send(shot).is_err() {
            return; // nobody starts any more: a sweep finds it
        }
    }
}

/// To the thread that fires, and to whoever waits for the shots of earlier starts.
pub async fn acknowledge(
    mut free: mpsc::UnboundedReceiver<Acknowledged>,
    (desk, untaken): (Desk, Untaken),
) {
    while let Some(Acknowledged { shot, lease, is_complete, .. }) = free.recv().await {
        untaken.take_over(shot);
        let lease_epoch = lease.map(|of| of.lease_epoch);
        let acknowledged = Adopted { shot, lease_epoch, is_complete };
        if desk.acknowledged(vec![acknowledged]).is_err() {
            return;
        }
    }
}

/// Until the freezes were read and both venues can be shot at; a venue that cannot be reached holds up
/// nothing for longer than that: its shots are refused by name.
pub async fn until_warm(desk: &Desk, mut control: watch::Receiver<Control>) -> Result<()> {
    let heard = control.wait_for(|control| control.epoch.is_some());
    timeout(WARM_WITHIN, heard).await.context("no word about freezes from Postgres")??;
    let warm = async {
        loop {
            let look = desk.look()?.await?;
            if look.idle_wires.iter().all(|idle| *idle >= WIRES_MIN) {
                return Ok::<_, anyhow::Error>(());
            }
            sleep(LOOK_EVERY).await;
        }
    };
    if timeout(WARM_WITHIN, warm).await.is_err() {
        for trouble in desk.look()?.await?.troubles {
            warn!(target: "legwork", trouble, "a venue cannot be reached");
        }
    }
    Ok(())
}

/// What may have ended without a word.
pub struct Parts<'a> {
    pub house: &'a House,
    pub signing: &'a Signing,
    pub desk: &'a Desk,
    /// Each with what its end means.
    pub tasks: [(&'a JoinHandle<()>, &'static str); 7],
    pub door: Option<&'a DoorThread>,
}

/// The first of them that has.
pub async fn failure(parts: &Parts<'_>) -> anyhow::Error {
    let mut looks = Looks::default();
    loop {
        sleep(HEALTH_EVERY).await;
        if let Some((_, end)) = parts.tasks.iter().find(|(task, _)| task.is_finished()) {
            return anyhow!("{end}");
        }
        if let Err(end) = looks.look(parts.desk) {
            return end;
        }
        if parts.door.is_some_and(DoorThread::has_failed) {
            return anyhow!("strategies of this host are heard no more");
        }
        if let Some(end) = parts.signing.failed() {
            return anyhow!("{end}");
        }
        if parts.house.refusals.told(Refusal::JournalFailed) > 0 {
            return anyhow!("the disk has refused the journal: make room, or mend it");
        }
    }
}

/// Looks at the thread that fires, one after the other.
#[derive(Default)]
struct Looks {
    asked: Option<oneshot::Receiver<Look>>,
    /// Rounds since it was asked: a process that was stopped counts one for it, whatever a clock says.
    rounds: u32,
}

impl Looks {
    fn look(&mut self, desk: &Desk) -> Result<()> {
        let is_answered = match self.asked.as_mut().map(oneshot::Receiver::try_recv) {
            None | Some(Ok(_)) => true,
            Some(Err(TryRecvError::Empty)) => false,
            Some(Err(TryRecvError::Closed)) => return Err(anyhow!("{ENDED}")),
        };
        if is_answered {
            self.asked = Some(desk.look().context(ENDED)?);
            self.rounds = 0;
        }
        self.rounds += 1;
        if self.rounds > ROUNDS_MAX {
            return Err(anyhow!("the thread that fires stands still"));
        }
        Ok(())
    }
}

/// A newer start has venue accounts of ours: what we would fire there Postgres refuses.
pub async fn lost_accounts(mut control: watch::Receiver<Control>) -> String {
    let Ok(told) = control.wait_for(|control| !control.lost.is_empty()).await else {
        return pending().await; // the keeper has ended, and says why
    };
    let accounts: Vec<&str> = told.lost.iter().map(|of| of.venue_account.as_str()).collect();
    accounts.join(", ")
}
