//! Before the first shot: this start's own journal, and its name in Postgres.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use legwork_engine_core::journal::{CopyToDisk, Folders, Journal, JournalOptions, Reading};
use legwork_engine_ledger::refusal::RegisterRefusal;
use legwork_engine_ledger::start::{AccountHolder, NotRegistered, Registration, Start};
use legwork_engine_ledger::{Address, Ledger, Told};
use tracing::info;

use crate::config::Config;

/// 16 MiB: shots that wait for Postgres while it is away, and more than a session fires in a minute.
const SLOTS: NonZeroU32 = NonZeroU32::new(4_096).unwrap();
/// What a power cut may take back; custody finds at the venues what it took.
const COPY_EVERY: Duration = Duration::from_millis(50);
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

/// Its name is that of the journals, in Postgres too.
pub fn disk_folder(config: &Config) -> PathBuf {
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
