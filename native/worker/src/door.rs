//! The fire-first door of this process: what it says without the thread that fires, and where it is.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::gate::Sections;
use legwork_engine_core::lines::Wake;
use legwork_engine_core::wire::Clock;
use legwork_engine_door::Peers;
use legwork_engine_door::answer::Status;
use legwork_engine_door::door::{Door, DoorOptions};
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::lane::{Control as DoorControl, Lane};
use legwork_engine_door::request::FreezeHere;
use legwork_engine_door::text::Text;
use legwork_engine_door::thread::DoorThread;
use legwork_engine_ledger::control::Control;
use tokio::sync::watch;
use tracing::warn;

use legwork_engine_config::Config;

/// Of the socket's folder: nobody else puts another socket there.
const OURS_ALONE: u32 = 0o700;

/// Opens it: from then on strategies of this host are heard.
pub fn open(
    config: &Config,
    (path, epoch): (&Path, u64),
    (lane, wake): (Lane<Here>, Wake),
) -> Result<DoorThread> {
    if let Some(folder) = path.parent() {
        let making = DirBuilder::new().recursive(true).mode(OURS_ALONE).create(folder);
        making.with_context(|| folder.display().to_string())?;
    }
    let options = DoorOptions {
        path: path.to_owned(),
        peers: Peers::SameUser,
        mode: mode(config)?,
        epoch,
        host: host(config)?,
    };
    let door = Door::open(&options, wake.clone(), lane, SystemClock)?;
    Ok(DoorThread::start(door, wake)?)
}

fn mode(config: &Config) -> Result<Mode> {
    Mode::named(&config.mode).ok_or_else(|| anyhow!("no mode {}", config.mode))
}

fn host(config: &Config) -> Result<Text<64>> {
    Text::name(&config.host).ok_or_else(|| anyhow!("{} is no host's name for a door", config.host))
}

/// How this process is, and its own stop.
pub struct Here {
    house: Arc<House>,
    control: watch::Receiver<Control>,
    status: Status,
    started_ns: u64,
    /// What was under way when it was stopped.
    stopping: Option<Sections>,
}

impl Here {
    /// Of a start.
    pub fn new(
        config: &Config,
        epoch: u64,
        (house, control): (Arc<House>, watch::Receiver<Control>),
    ) -> Result<Self> {
        let status = Status {
            epoch,
            unix_ns: 0,
            up_ns: 0,
            fired: 0,
            refused: 0,
            unadopted: 0,
            under_way: 0,
            connections: 0,
            mode: mode(config)?,
            is_frozen: false,
            hears_control: false,
            host: host(config)?,
        };
        let started_ns = SystemClock.monotonic_ns();
        Ok(Self { house, control, status, started_ns, stopping: None })
    }
}

impl DoorControl for Here {
    fn freeze_here(&mut self, order: &FreezeHere) -> u64 {
        self.stopping = Some(self.house.gate.stop());
        let (by, why) = (order.who.to_string(), order.why.to_string());
        warn!(target: "legwork", by, why, "entries are stopped here until the engine starts anew");
        SystemClock.unix_ns()
    }

    fn is_over(&mut self) -> Option<u64> {
        let stopping = self.stopping.as_ref()?;
        self.house.gate.have_ended(stopping).then(|| SystemClock.unix_ns())
    }

    fn status(&mut self) -> Status {
        let now_ns = SystemClock.monotonic_ns();
        let control = self.control.borrow();
        Status {
            unix_ns: SystemClock.unix_ns(),
            up_ns: now_ns.saturating_sub(self.started_ns),
            fired: self.house.fired.load(Ordering::Relaxed),
            refused: self.house.refusals.all(),
            unadopted: u32::try_from(self.house.back_pressure.count()).unwrap_or(u32::MAX),
            is_frozen: self.house.gate.is_stopped(),
            hears_control: now_ns < control.until_ns,
            ..self.status
        }
    }
}
