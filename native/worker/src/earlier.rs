//! What earlier starts of this host have left: told to Postgres, let go of, and said to whoever has to
//! know what was spent.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use legwork_engine_core::journal::{Journal, Reading, RecordedShot, ShotId};
use legwork_engine_core::lease::NO_LEASE;
use legwork_engine_desk::doors::FiredFirst;
use legwork_engine_ledger::Ledger;
use legwork_engine_ledger::projection::{Acknowledged, Heard, Projection, ShotRecord};
use tokio::time::timeout;
use tracing::warn;

use crate::config::Config;

/// Postgres has answered already; this is about shots that it contradicts.
const SWEPT_WITHIN: Duration = Duration::from_secs(5);

/// What an earlier start has spent of its leases, as its journal says.
pub struct Left {
    /// Of that start.
    pub epoch: u64,
    /// Nothing can have left that it does not tell.
    pub is_whole: bool,
    /// Shots from leases that may have left and that nobody has taken over, with their pairs.
    untaken: Vec<(String, ShotId)>,
}

impl Left {
    /// Of each journal.
    pub fn of(earlier: &[Reading]) -> Vec<Self> {
        let left = |reading: &Reading| Self {
            epoch: reading.epoch,
            is_whole: reading.damage.is_empty(),
            untaken: reading.shots.iter().filter(|shot| is_untaken(shot)).map(named).collect(),
        };
        earlier.iter().map(left).collect()
    }

    /// Its shots of a pair.
    pub fn unacknowledged(&self, pair_id: &str) -> Vec<ShotId> {
        self.untaken.iter().filter(|(pair, _)| pair == pair_id).map(|(_, id)| *id).collect()
    }
}

fn is_untaken(shot: &RecordedShot) -> bool {
    shot.lease_epoch != NO_LEASE && shot.refused.is_none() && !shot.is_acknowledged
}

fn named(shot: &RecordedShot) -> (String, ShotId) {
    (shot.pair_id.clone(), shot.id)
}

/// An earlier journal, and how many of its shots Postgres was told.
pub struct Swept {
    reading: usize,
    /// Shots that nobody had taken over.
    pub told: usize,
    is_whole: bool,
}

/// Tells Postgres every shot of earlier starts that nobody has taken over, with silence as doubt: its
/// workflow asks.
pub fn sweep(config: &Config, earlier: &[Reading], projection: &Projection) -> Vec<Swept> {
    let swept = |(reading, of): (usize, &Reading)| {
        for damage in &of.damage {
            warn!(
                target: "legwork", journal = %of.path.display(), ?damage,
                "a journal is damaged: of each trade's shots Postgres has the orders, and the trade asks \
                 for them; its file stays until somebody has looked at it"
            );
        }
        let untaken = of.shots.iter().filter(|shot| !shot.is_acknowledged);
        let told: Vec<bool> = untaken.map(|shot| tell(&config.host, shot, projection)).collect();
        let is_whole = of.damage.is_empty() && told.iter().all(|is_told| *is_told);
        Swept { reading, told: told.len(), is_whole }
    };
    earlier.iter().enumerate().map(swept).collect()
}

fn tell(host: &str, shot: &RecordedShot, projection: &Projection) -> bool {
    match ShotRecord::of(host, shot, Heard::All) {
        Ok(record) => projection.records.send(record).is_ok(),
        Err(error) => {
            warn!(target: "legwork", shot = ?shot.id, %error, "a shot cannot be told");
            false
        }
    }
}

/// Lets go of each earlier journal once Postgres has each of its shots, somebody follows it, and what its
/// start was lent is closed. What is damaged, or not taken over in time, stays for the next start.
pub async fn retire(
    (journal, ledger): (&Journal, &Ledger),
    earlier: &[Reading],
    swept: &[Swept],
    projection: &mut Projection,
) -> Result<()> {
    let mut left: HashMap<u64, usize> =
        swept.iter().map(|of| (earlier[of.reading].epoch, of.told)).collect();
    let all = async {
        while left.values().any(|count| *count > 0) {
            let Some(Acknowledged { shot, .. }) = projection.free.recv().await else { return };
            if let Some(count) = left.get_mut(&shot.epoch) {
                *count = count.saturating_sub(1);
            }
        }
    };
    if timeout(SWEPT_WITHIN, all).await.is_err() {
        warn!(target: "legwork", "shots of an earlier start are not all taken over yet");
    }
    for of in swept.iter().filter(|of| of.is_whole) {
        let reading = &earlier[of.reading];
        let is_untaken = left.get(&reading.epoch).is_some_and(|count| *count > 0);
        if is_untaken || ledger.lends(reading.epoch).await? {
            continue;
        }
        if let Err(error) = journal.retire(reading) {
            warn!(target: "legwork", %error, "an earlier journal cannot be removed");
        }
    }
    Ok(())
}

/// Shots of earlier starts that were fired first and that nobody has taken over.
pub fn fired_first<'a>(
    host: &'a str,
    earlier: &'a [Reading],
) -> impl Iterator<Item = FiredFirst> + 'a {
    let shots = earlier.iter().flat_map(|reading| &reading.shots).filter(|shot| is_untaken(shot));
    shots.filter_map(move |shot| FiredFirst::of(host, shot))
}
