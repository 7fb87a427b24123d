//! Before the first shot: this start's own journal, and its name in Postgres.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use legwork_engine_core::journal::{
    COPY_EVERY_DEFAULT, CopyToDisk, Folders, Journal, JournalOptions, Reading,
};
use legwork_engine_ledger::refusal::RegisterRefusal;
use legwork_engine_ledger::start::{AccountHolder, NotRegistered, Registration, Start};
use legwork_engine_ledger::{Address, Ledger, Told};
use tracing::info;

use crate::memory_folder::memory_folder;
use legwork_engine_config::Config;

/// 16 MiB: shots that wait for Postgres while it is away, and more than a session fires in a minute.
const SLOTS: NonZeroU32 = NonZeroU32::new(4_096).unwrap();
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
    let disk = disk_folder(config);
    std::fs::create_dir_all(&disk).with_context(|| disk.display().to_string())?;
    let memory = memory_folder(&config.folders.data)?;
    let stated = config.terms.engine.journal_copy_ms.map(Duration::from_millis);
    let copy = match stated.unwrap_or(COPY_EVERY_DEFAULT) {
        Duration::ZERO => CopyToDisk::BeforeEachShot,
        every => CopyToDisk::Every(every),
    };
    let options = JournalOptions { slots: SLOTS, thread: 0, copy, epoch_known };
    Ok(Journal::create(Folders { disk: &disk, memory: &memory }, &options)?)
}

/// Its name is that of the journals, in Postgres too.
pub fn disk_folder(config: &Config) -> PathBuf {
    config.folders.data.join("engine").join("journal")
}
