//! Before the first shot: this start's own journal, its name in Postgres, and what earlier starts have
//! left behind.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use legwork_engine_core::journal::{CopyToDisk, Folders, Journal, JournalOptions, Reading};
use legwork_engine_ledger::projection::{Heard, Projection, ShotRecord};
use legwork_engine_ledger::refusal::RegisterRefusal;
use legwork_engine_ledger::start::{NotRegistered, Registration, Start};
use legwork_engine_ledger::{Address, Ledger};
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
        match ledger.register(&registration(config, &start)).await? {
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

fn registration(config: &Config, start: &Start) -> Registration {
    Registration {
        start: start.clone(),
        host: config.host.clone(),
        pid: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
        mode: config.mode.clone(),
        accounts: config.venue_accounts(),
        journal: disk_folder(config).display().to_string(),
        build: env!("CARGO_PKG_VERSION").to_owned(),
    }
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

/// Tells Postgres every shot of an earlier start that nobody has taken over, with silence as doubt: its
/// workflow asks. Returns how many.
pub fn sweep(config: &Config, earlier: &[Reading], projection: &Projection) -> Result<usize> {
    let mut told = 0;
    for reading in earlier {
        for damage in &reading.damage {
            // Orders of trades are in Postgres before they are here, so that each has its workflow.
            warn!(target: "legwork", journal = %reading.path.display(), ?damage, "a journal is damaged");
        }
        for shot in reading.shots.iter().filter(|shot| !shot.is_acknowledged) {
            match ShotRecord::of(&config.host, shot, Heard::All) {
                Ok(record) => projection.records.send(record)?,
                Err(error) => {
                    warn!(target: "legwork", shot = ?shot.id, %error, "a shot cannot be told");
                }
            }
            told += 1;
        }
    }
    Ok(told)
}

/// Lets go of earlier journals once Postgres has each of their shots, and somebody follows it; what is
/// damaged, or not taken over in time, stays for the next start to look at.
pub async fn retire(
    journal: &Journal,
    earlier: &[Reading],
    told: usize,
    projection: &mut Projection,
) {
    let all = async {
        for _ in 0..told {
            projection.free.recv().await;
        }
    };
    if timeout(SWEPT_WITHIN, all).await.is_err() {
        warn!(target: "legwork", told, "shots of an earlier start are not all taken over yet");
        return;
    }
    for reading in earlier.iter().filter(|reading| reading.damage.is_empty()) {
        if let Err(error) = journal.retire(reading) {
            warn!(target: "legwork", %error, "an earlier journal cannot be removed");
        }
    }
}
