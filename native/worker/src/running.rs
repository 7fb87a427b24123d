//! A start of the engine, from its first look at Postgres to its last record.
//!
//! 1. It is registered before anything is fired, so that "frozen" waits for it.
//! 2. What earlier starts have left is told before its own first shot.
//! 3. It drains outside in: no new task, then the shots that are out, then their records.

use std::collections::HashMap;
use std::num::NonZeroU8;
use std::str::FromStr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use legwork_engine_core::answers::VenueAnswers;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::feeds::SILENCE_NS_MAX;
use legwork_engine_core::firing::House;
use legwork_engine_core::in_flight::MARKETS_DEFAULT;
use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::orders::KalshiOrders;
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, SigningThread};
use legwork_engine_desk::keys::Keys;
use legwork_engine_desk::thread::{Desk, DeskParts, Started};
use legwork_engine_ledger::control::Keeper;
use legwork_engine_ledger::projection::{Acknowledged, Heard, Projection, Projector, ShotRecord};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, Ledger};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::beginning::{Begun, begin, retire, sweep};
use crate::config::Config;
use crate::firing::Shots;
use crate::metrics::{self, Sources};
use crate::pairs::{self, Pairs};
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
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// As the other workers of a desk: what runs may end, and the rest of the drain needs time, too.
const SHOT_GRACE: Duration = Duration::from_secs(8);
const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// Until it is asked to drain, or cannot go on.
pub async fn run(config: Config) -> Result<()> {
    let mut drain = supervisor::drain_requests()?;
    let keys_file = config.folders.credentials.join(format!("{}.json", config.account));
    let keys = Keys::read(&keys_file)?;
    let venues = Venues::find(&config).await?;
    let address = Address::from_str(&config.database_url).context("Postgres' address")?;
    let Begun { journal, start, earlier } = begin(&config, &address).await?;

    let (house, mut threads) = House::new(MARKETS_DEFAULT, 1, VenueAnswers::load()?);
    let (keeper, control) = Keeper::new(address.clone(), start.clone(), Arc::clone(&house));
    let (projector, mut projection) =
        Projector::new(address.clone(), start.clone(), config.host.clone());
    let projecting = tokio::spawn(projector.run());
    let swept = sweep(&config, &earlier, &projection)?;
    retire(&journal, &earlier, swept, &mut projection).await;

    let ahead = AheadOptions {
        method: KalshiOrders::METHOD,
        path: KalshiOrders::PATH,
        every: HEADERS_EVERY,
        each: HEADERS_EACH,
    };
    let (headers, signing) = KalshiAhead::new(Arc::clone(&keys.kalshi), &ahead, SystemClock)?;
    let signing = SigningThread::start(signing)?;
    let (told, recorded) = mpsc::unbounded_channel();
    let Started { desk, latencies, thread } = Desk::start(DeskParts {
        house: Arc::clone(&house),
        thread: threads.pop().ok_or_else(|| anyhow!("a house has a thread that fires"))?,
        journal,
        wires: venues.wires(),
        market_data: venues.market_data(&keys),
        headers,
        silence_ns_max: SILENCE_NS_MAX,
        is_busy: false,
        told,
    })?;
    let Projection { records, free, counts } = projection;
    let forwarding = tokio::spawn(forward(config.host.clone(), recorded, records));
    tokio::spawn(acknowledge(free, desk.clone()));

    let markets = Arc::new(RwLock::new(HashMap::new()));
    let mut pairs = Pairs::new(
        address.clone(),
        &config.account,
        start.clone(),
        desk.clone(),
        Arc::clone(&markets),
    );
    let owned = pairs.take(&pairs::read(&config.pair_file)?).await?;
    pairs.read_holds().await?;
    let mut keeping = tokio::spawn(keeper.run());
    let pair_file = config.pair_file.clone();
    let watching = tokio::spawn(async move { pairs.keep(&pair_file).await });
    until_warm(&desk, control.clone()).await?;
    let sources =
        Sources { house, control: control.clone(), counts, latencies, desk: desk.clone() };
    metrics::publish(config.metrics_port, sources)?;

    let records = Records::new(address.clone(), start.clone(), &config.mode);
    let shots = Shots {
        account: venues.account(keys),
        account_name: config.account.clone(),
        desk: desk.clone(),
        markets,
        control,
        records: records.clone(),
    };
    let mut worker = worker(&config, shots).await?;
    let shutdown = worker.shutdown_handle();
    supervisor::ready(&[
        ("queue", config.task_queue()),
        ("pairs", owned.to_string()),
        ("swept", swept.to_string()),
        ("epoch", start.epoch.to_string()),
    ]);
    info!(target: "legwork", queue = config.task_queue(), owned, swept, "ready");

    let ended = {
        let running = worker.run();
        tokio::pin!(running);
        let why = tokio::select! {
            ended = &mut running => bail!("Temporal's worker has ended: {ended:?}"),
            ended = &mut keeping => Err(anyhow!("{}", ended.map_or_else(|gone| gone.to_string(), |why| why.to_string()))),
            _ = drain.wait_for(Option::is_some) => Ok(()),
        };
        info!(target: "legwork", "draining");
        shutdown();
        running.await?;
        why
    };
    watching.abort();
    desk.close()?;
    let closed = tokio::task::spawn_blocking(move || thread.join()).await?;
    closed.map_err(|_| anyhow!("the thread that fires has panicked"))??;
    drop(signing);
    forwarding.await?;
    records.settle().await;
    projecting.await?;
    keeping.abort();
    end(&address, &start).await?;
    ended
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
async fn until_warm(
    desk: &Desk,
    mut control: watch::Receiver<legwork_engine_ledger::control::Control>,
) -> Result<()> {
    let heard = control.wait_for(|control| control.epoch > 0 || control.counts.heard > 0);
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
    let runtime = Runtime::from_current_tokio(Default::default())?;
    let url = Url::from_str(&format!("http://{}", config.temporal_address))?;
    let connection = Connection::connect(ConnectionOptions::new(url).build())
        .await
        .with_context(|| format!("Temporal at {}", config.temporal_address))?;
    let client = Client::new(connection, ClientOptions::new(config.namespace.clone()).build())?;
    let options = WorkerOptions::new(config.task_queue())
        .graceful_shutdown_period(SHOT_GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .default_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(shots)
        .build();
    Ok(Worker::new(&runtime, client, options)?)
}

/// Gives up what the start owned.
async fn end(address: &Address, start: &Start) -> Result<()> {
    let answer = Ledger::connect(address).await?.end(start).await?;
    answer.map_err(|refused| anyhow!("Postgres does not know this engine: {}", refused.code()))
}
