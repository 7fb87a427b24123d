//! A start of the engine, from its first look at Postgres to its last record.
//!
//! 1. It is registered before anything is fired, so that "frozen" waits for it.
//! 2. What earlier starts have left is told before its own first shot.
//! 3. It drains outside in: no new task, then the shots that are out, then their records.

use std::num::NonZeroU8;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::answers::VenueAnswers;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::in_flight::MARKETS_DEFAULT;
use legwork_engine_core::journal::{JournalError, RecordedShot};
use legwork_engine_core::orders::KalshiOrders;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, SigningThread};
use legwork_engine_desk::death::Point;
use legwork_engine_desk::keys::Keys;
use legwork_engine_desk::thread::{Desk, DeskParts, Started};
use legwork_engine_ledger::control::{Control, Ended, Keeper};
use legwork_engine_ledger::projection::{Acknowledged, Heard, Projection, Projector, ShotRecord};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, Ledger};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder, WorkerTuner};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::beginning::{Begun, begin, retire, sweep};
use crate::config::Config;
use crate::firing::Shots;
use crate::metrics::{self, Sources};
use crate::pairs::{self, Markets, Pairs};
use crate::records::Records;
use crate::supervisor;
use crate::venues::Venues;

/// Four rounds a second; a trade that finds none has them signed on the spot.
const HEADERS_EVERY: Duration = Duration::from_millis(250);
const HEADERS_EACH: NonZeroU8 = NonZeroU8::new(4).unwrap();
/// A simulated venue, or a venue's network, may come up after us.
const WARM_WITHIN: Duration = Duration::from_secs(10);
/// Both legs of a shot, and a spare.
const WIRES_MIN: usize = 3;
/// As a trading worker's.
const SHOTS_AT_ONCE: usize = 20;
const HEALTH_EVERY: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// As the other workers of a desk: what runs may end, and the rest of the drain needs time, too.
const SHOT_GRACE: Duration = Duration::from_secs(8);
const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// Until it is asked to drain, or cannot go on.
pub async fn run(config: Config) -> Result<()> {
    let mut drain = supervisor::drain_requests()?;
    let mut engine = tokio::select! {
        engine = Engine::start(&config) => engine?,
        // Nothing of this start has left; its supervisor says that it is gone.
        _ = drain.wait_for(Option::is_some) => return Ok(()),
    };
    let served = engine.serve(&mut drain).await;
    if let Err(problem) = &served {
        error!(target: "legwork", "{problem:#}");
    }
    let drained = engine.drain().await;
    served.and(drained)
}

/// Everything that runs.
struct Engine {
    address: Address,
    start: Start,
    house: Arc<House>,
    control: watch::Receiver<Control>,
    desk: Desk,
    firing: JoinHandle<Result<()>>,
    signing: SigningThread,
    keeping: JoinHandle<Ended>,
    projecting: JoinHandle<()>,
    forwarding: JoinHandle<()>,
    watching: JoinHandle<()>,
    records: Records,
    worker: Worker,
}

impl Engine {
    async fn start(config: &Config) -> Result<Self> {
        let keys_file = config.folders.credentials.join(format!("{}.json", config.account));
        let keys = Keys::read(&keys_file)?;
        let venues = Venues::find(config).await?;
        let address = Address::from_str(&config.database_url).context("Postgres' address")?;
        let Begun { journal, start, earlier } = begin(config, &address).await?;

        let (house, threads) = House::new(MARKETS_DEFAULT, 1, VenueAnswers::load()?);
        let (keeper, control) = Keeper::new(address.clone(), start.clone(), Arc::clone(&house));
        let (projector, mut projection) =
            Projector::new(address.clone(), start.clone(), config.host.clone());
        let projecting = tokio::spawn(projector.run());
        let swept = sweep(config, &earlier, &projection);
        retire(&journal, &earlier, &swept, &mut projection).await;

        let (headers, signing) = sign_ahead(&keys)?;
        let (told, recorded) = mpsc::unbounded_channel();
        let Started { desk, latencies, thread } = Desk::start(DeskParts {
            house: Arc::clone(&house),
            thread: threads.into_iter().next().context("a house has a thread that fires")?,
            journal,
            wires: venues.wires(),
            fate: config.fate,
            market_data: venues.market_data(&keys),
            headers,
            silence_ns_max: config.book_silence_ns_max(),
            is_busy: false,
            told,
        })?;
        let Projection { records, free, counts } = projection;
        let forward = forward(config.host.clone(), recorded, records);
        let told = config.fate.awaited(Point::Told);
        let forwarding = tokio::spawn(async move {
            told.await;
            forward.await;
        });
        tokio::spawn(acknowledge(free, desk.clone()));
        let keeping = tokio::spawn(keeper.run());

        let markets = Markets::default();
        let records = Records::new(&address, &start, &config.mode);
        let mut pairs = Pairs::new(config, &address, &start, desk.clone(), markets.clone());
        let owned = pairs.take(&pairs::read(&config.pair_file)?).await?;
        pairs.read_holds().await?;
        let pair_file = config.pair_file.clone();
        let watching = tokio::spawn(async move { pairs.keep(&pair_file).await });
        until_warm(&desk, control.clone()).await?;
        let sources = Sources {
            house: Arc::clone(&house),
            control: control.clone(),
            counts,
            latencies,
            desk: desk.clone(),
        };
        metrics::publish(config.metrics_port, sources);

        let shots = Shots {
            account: venues.account(keys),
            account_name: config.account.clone(),
            desk: desk.clone(),
            markets,
            control: control.clone(),
            records: records.clone(),
            fate: config.fate,
        };
        let worker = worker(config, shots).await?;
        say_ready(config, &start, owned, swept.iter().map(|of| of.told).sum());
        let firing = tokio::task::spawn_blocking(move || end_of(thread));
        Ok(Self {
            address,
            start,
            house,
            control,
            desk,
            firing,
            signing,
            keeping,
            projecting,
            forwarding,
            watching,
            records,
            worker,
        })
    }

    /// Takes tasks until it is asked to drain, or one of its parts has ended: an engine that lacks one
    /// keeps its pairs and fires nothing, so it goes, and another start takes over.
    async fn serve(&mut self, drain: &mut watch::Receiver<Option<&'static str>>) -> Result<()> {
        let shutdown = self.worker.shutdown_handle();
        let running = self.worker.run();
        tokio::pin!(running);
        let (served, has_ended) = tokio::select! {
            ended = &mut running => (Err(anyhow!("Temporal's worker has ended: {ended:?}")), true),
            ended = &mut self.keeping => (Err(anyhow!("the gate is kept no more: {ended:?}")), false),
            _ = &mut self.projecting => (Err(anyhow!("records are told no more")), false),
            _ = &mut self.forwarding => (Err(anyhow!("records are handed on no more")), false),
            _ = &mut self.watching => (Err(anyhow!("the pair file is read no more")), false),
            failed = failure(&self.house, &self.signing, &self.desk) => (Err(failed), false),
            lost = lost_account(self.control.clone()) => (Err(lost), false),
            _ = drain.wait_for(Option::is_some) => (Ok(()), false),
        };
        info!(target: "legwork", "draining");
        if !has_ended {
            shutdown();
            if let Err(problem) = running.await {
                warn!(target: "legwork", %problem, "Temporal's worker has not ended as it should");
            }
        }
        served
    }

    /// Outside in; whatever a step comes to, the next is taken. The first problem is told.
    async fn drain(self) -> Result<()> {
        self.watching.abort();
        let closing = self.desk.close();
        let fired = self.firing.await.map_err(anyhow::Error::from).and_then(|ended| ended);
        drop(self.signing);
        let forwarded = self.forwarding.await;
        self.records.settle().await;
        let projected = self.projecting.await;
        self.keeping.abort();
        let ended = end(&self.address, &self.start).await;
        fired?;
        closing?;
        forwarded?;
        projected?;
        ended
    }
}

fn end_of(thread: thread::JoinHandle<Result<(), JournalError>>) -> Result<()> {
    thread.join().map_err(|_| anyhow!("the thread that fires has panicked"))??;
    Ok(())
}

fn sign_ahead(keys: &Keys) -> Result<(KalshiAhead, SigningThread)> {
    let ahead = AheadOptions {
        method: KalshiOrders::METHOD,
        path: KalshiOrders::PATH,
        every: HEADERS_EVERY,
        each: HEADERS_EACH,
    };
    let (headers, signing) = KalshiAhead::new(Arc::clone(&keys.kalshi), &ahead, SystemClock)?;
    Ok((headers, SigningThread::start(signing)?))
}

fn say_ready(config: &Config, start: &Start, owned: usize, swept: usize) {
    let queue = config.task_queue();
    supervisor::ready(&[
        ("queue", queue.clone()),
        ("pairs", owned.to_string()),
        ("swept", swept.to_string()),
        ("epoch", start.epoch.to_string()),
    ]);
    info!(target: "legwork", queue, owned, swept, "ready");
}

/// What no task says by its own end: a thread that fires, or signs, or copies the journal.
async fn failure(house: &House, signing: &SigningThread, desk: &Desk) -> anyhow::Error {
    loop {
        sleep(HEALTH_EVERY).await;
        if desk.look().is_err() {
            return anyhow!("the thread that fires has ended");
        }
        if signing.has_failed() {
            return anyhow!("Kalshi's headers are signed no more");
        }
        if house.refusals.told(Refusal::JournalFailed) > 0 {
            return anyhow!("the disk has refused the journal: make room, or mend it");
        }
    }
}

/// A newer start has one of our venue accounts: what we would fire there Postgres refuses.
async fn lost_account(mut control: watch::Receiver<Control>) -> anyhow::Error {
    let told = control.wait_for(|control| !control.lost.is_empty()).await;
    let of = told.map(|control| control.lost.iter().map(|of| of.venue_account.clone()).collect());
    let accounts: Vec<String> = of.unwrap_or_default();
    anyhow!("another engine has taken over {}: only one may fire there", accounts.join(", "))
}

/// What the thread that fires tells, as Postgres takes it.
async fn forward(
    host: String,
    mut recorded: mpsc::UnboundedReceiver<RecordedShot>,
    records: mpsc::UnboundedSender<ShotRecord>,
) {
    while let Some(shot) = recorded.recv().await {
        match ShotRecord::of(&host, &shot, Heard::SoFar) {
            Ok(record) => {
                if records.send(record).is_err() {
                    return; // nobody tells any more: the next start reads the journal
                }
            }
            Err(error) => {
                warn!(target: "legwork", shot = ?shot.id, %error, "a shot cannot be told");
            }
        }
    }
}

async fn acknowledge(mut free: mpsc::UnboundedReceiver<Acknowledged>, desk: Desk) {
    while let Some(Acknowledged { shot, .. }) = free.recv().await {
        if desk.acknowledged(vec![shot]).is_err() {
            return;
        }
    }
}

/// Until the freezes were read and both venues can be shot at; a venue that cannot be reached holds up
/// nothing for longer than that: its shots are refused by name.
async fn until_warm(desk: &Desk, mut control: watch::Receiver<Control>) -> Result<()> {
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

async fn worker(config: &Config, shots: Shots) -> Result<Worker> {
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
    let url = Url::from_str(&format!("http://{}", config.temporal_address))?;
    let connection = Connection::connect(ConnectionOptions::new(url).build())
        .await
        .with_context(|| format!("Temporal at {}", config.temporal_address))?;
    let client = Client::new(connection, ClientOptions::new(config.namespace.clone()).build())?;
    let options = WorkerOptions::new(config.task_queue())
        .tuner(at_once(SHOTS_AT_ONCE))
        .graceful_shutdown_period(SHOT_GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .default_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(shots)
        .build();
    Ok(Worker::new(&runtime, client, options)?)
}

/// There are neither workflows nor other tasks here.
fn at_once(shots: usize) -> WorkerTuner {
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(shots))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1));
    WorkerTuner::from(tuner.build())
}

/// Gives up what the start owned.
async fn end(address: &Address, start: &Start) -> Result<()> {
    let answer = Ledger::connect(address).await?.end(start).await?;
    answer.map_err(|refused| anyhow!("Postgres does not know this engine: {}", refused.code()))
}
