//! Before the first shot: this start's own journal, its name in Postgres, and what earlier starts have
//! left behind.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use legwork_engine_core::journal::{
    CopyToDisk, Folders, Journal, JournalOptions, Reading, RecordedShot,
};
use legwork_engine_ledger::projection::{Acknowledged, Heard, Projection, ShotRecord};
use legwork_engine_ledger::refusal::RegisterRefusal;
use legwork_engine_ledger::start::{AccountHolder, NotRegistered, Registration, Start};
use legwork_engine_ledger::{Address, Ledger, Told};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::config::Config;

/// 16 MiB: shots that wait for Postgres while it is away, and more than a session fires in a minute.
const SLOTS: NonZeroU32 = NonZeroU32::new(4_096).unwrap();
/// What a power cut may take back; custody finds at the venues what it took.
const COPY_EVERY: Duration = Duration::from_millis(50);
/// Postgres has answered already; this is about shots that it contradicts.
const SWEPT_WITHIN: Duration = Duration::from_secs(5);
/// Of those that begin at once one has its number: the others take the next.
const ATTEMPTS: usize = 8;

/// A start that is registered.
pub struct Begun {
    /// Its own.
    pub journal: Journal,
    /// Its name.
    pub start: Start,
    /// What its host's earlier starts have written.
    pub earlier: Vec<Reading>,
}

/// Makes a journal above every epoch that Postgres knows, and registers it.
pub async fn begin(config: &Config, address: &Address) -> Result<Begun> {
    let ledger = Ledger::connect(address).await.context("Postgres")?;
    for _ in 0..ATTEMPTS {
        let journal = create_journal(config, ledger.epoch_known().await?)?;
        let start = Start { process: config.process_id.clone(), epoch: journal.next().epoch };
        match register(&ledger, config, &start).await? {
            Ok(fenced) => {
                for holder in fenced {
                    info!(target: "legwork", account = holder.venue_account, "taken over");
                }
                let earlier = journal.earlier()?;
                return Ok(Begun { journal, start, earlier });
            }
            Err(NotRegistered { refusal: RegisterRefusal::EpochNotNew, .. }) => drop(journal),
            Err(NotRegistered { refusal, .. }) => {
                bail!("Postgres does not take this engine: {}", refusal.code())
            }
        }
    }
    bail!("{ATTEMPTS} other engines have begun in the same moment: start again")
}

async fn register(
    ledger: &Ledger,
    config: &Config,
    start: &Start,
) -> Told<Vec<AccountHolder>, NotRegistered> {
    let registration = Registration {
        start,
        host: &config.host,
        pid: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
        mode: &config.mode,
        accounts: &config.venue_accounts(),
        journal: &disk_folder(config).display().to_string(),
        build: env!("CARGO_PKG_VERSION"),
    };
    ledger.register(&registration).await
}

fn create_journal(config: &Config, epoch_known: u64) -> Result<Journal> {
    let (disk, memory) = (disk_folder(config), memory_folder(config)?);
    for folder in [&disk, &memory] {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let options = JournalOptions {
        slots: SLOTS,
        thread: 0,
        copy: CopyToDisk::Every(COPY_EVERY),
        epoch_known,
    };
    Ok(Journal::create(Folders { disk: &disk, memory: &memory }, &options)?)
}

fn disk_folder(config: &Config) -> PathBuf {
    config.folders.data.join("engine").join("journal")
}

/// Below `/dev/shm`, by the data folder: two desks of one machine never share one.
fn memory_folder(config: &Config) -> Result<PathBuf> {
    let data = config.folders.data.canonicalize().context("the data folder")?;
    let owner = rustix::process::getuid().as_raw();
    Ok(Path::new("/dev/shm").join(format!("legwork-{owner}")).join(name_of(&data)))
}

/// A path as one name.
fn name_of(path: &Path) -> String {
    path.display().to_string().trim_start_matches('/').replace('/', "-")
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

/// Lets go of each earlier journal once Postgres has each of its shots, and somebody follows it; what
/// is damaged, or not taken over in time, stays for the next start to look at.
pub async fn retire(
    journal: &Journal,
    earlier: &[Reading],
    swept: &[Swept],
    projection: &mut Projection,
) {
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
        if left.get(&reading.epoch).is_some_and(|count| *count > 0) {
            continue;
        }
        if let Err(error) = journal.retire(reading) {
            warn!(target: "legwork", %error, "an earlier journal cannot be removed");
        }
    }
}
