//! What earlier starts of this host have left: told to Postgres, let go of, and said to whoever has to
//! know what was spent.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use legwork_engine_core::journal::{Journal, Reading, RecordedShot, ShotId};
use legwork_engine_core::lease::NO_LEASE;
use legwork_engine_desk::doors::FiredFirst;
use legwork_engine_ledger::Ledger;
use legwork_engine_ledger::projection::{Acknowledged, Heard, Projection, ShotRecord};
use tokio::time::timeout;
use tracing::warn;

use legwork_engine_config::Config;

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

/// Shots from leases of earlier starts that no workflow has taken over yet, with their pairs: until
/// then nothing else is fired at those.
#[derive(Clone)]
pub struct Untaken {
    shots: Arc<Mutex<HashMap<ShotId, String>>>,
    /// The pairs of all of them, as this start has found them.
    found: HashSet<String>,
}

impl Untaken {
    /// Of each journal.
    pub fn of(earlier: &[Reading]) -> Self {
        let shots =
            earlier.iter().flat_map(|reading| &reading.shots).filter(|shot| is_untaken(shot));
        let named = shots.map(|shot| (shot.id, shot.pair_id.clone()));
        let shots: HashMap<ShotId, String> = named.collect();
        let found = shots.values().cloned().collect();
        Self { shots: Arc::new(Mutex::new(shots)), found }
    }

    /// The pairs where something was fired before this start, whoever has taken it over since.
    pub fn found(&self) -> &HashSet<String> {
        &self.found
    }

    /// A workflow has it, or nobody ever will.
    pub fn take_over(&self, shot: ShotId) {
        self.shots.lock().unwrap_or_else(PoisonError::into_inner).remove(&shot);
    }

    /// Of which pairs there are any.
    pub fn pairs(&self) -> HashSet<String> {
        self.shots.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
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
    /// Each of them: else the file is what they are told from.
    is_told: bool,
}

/// Tells Postgres every shot of earlier starts that nobody has taken over, with silence as doubt: its
/// workflow asks.
pub fn sweep(config: &Config, earlier: &[Reading], projection: &Projection) -> Vec<Swept> {
    let swept = |(reading, of): (usize, &Reading)| {
        for damage in &of.damage {
            warn!(
                target: "legwork", journal = %of.path.display(), ?damage,
                "a journal is damaged: the orders of a trade's shots are in Postgres, and its trade asks \
                 for them; what an armed pair may have fired counts as its whole lease until both venues' \
                 pages show nothing of it, and the file stays until then"
            );
        }
        let untaken = of.shots.iter().filter(|shot| !shot.is_acknowledged);
        let told: Vec<bool> = untaken.map(|shot| tell(&config.host, shot, projection)).collect();
        let is_told = told.iter().all(|is_told| *is_told);
        Swept { reading, told: told.len(), is_told }
    };
    earlier.iter().enumerate().map(swept).collect()
}

fn tell(host: &str, shot: &RecordedShot, projection: &Projection) -> bool {
    projection.records.send(ShotRecord::of(host, shot, Heard::All)).is_ok()
}

/// Lets go of each earlier journal once Postgres has each of its shots, somebody follows it, and what its
/// start was lent is closed, by what it says or, where it is damaged, by the venues' pages. What is not
/// taken over in time stays for the next start.
pub async fn retire(
    (journal, ledger): (&Journal, &Ledger),
    earlier: &[Reading],
    swept: &[Swept],
    (projection, untaken): (&mut Projection, &Untaken),
) -> Result<()> {
    let mut left: HashMap<u64, usize> =
        swept.iter().map(|of| (earlier[of.reading].epoch, of.told)).collect();
    let all = async {
        while left.values().any(|count| *count > 0) {
            let Some(Acknowledged { shot, .. }) = projection.free.recv().await else { return };
            untaken.take_over(shot);
            if let Some(count) = left.get_mut(&shot.epoch) {
                *count = count.saturating_sub(1);
            }
        }
    };
    if timeout(SWEPT_WITHIN, all).await.is_err() {
        warn!(target: "legwork", "shots of an earlier start are not all taken over yet");
    }
    for of in swept.iter().filter(|of| of.is_told) {
        let reading = &earlier[of.reading];
        let has_untaken = left.get(&reading.epoch).is_some_and(|count| *count > 0);
        if has_untaken || ledger.lends(reading.epoch).await? {
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
