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
use legwork_engine_core::journal::JournalError;
use legwork_engine_core::orders::KalshiOrders;
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, SigningThread};
use legwork_engine_desk::death::Point;
use legwork_engine_desk::keys::Keys;
use legwork_engine_desk::thread::{Desk, DeskParts, Started};
use legwork_engine_ledger::control::{Control, Ended, Keeper};
use legwork_engine_ledger::projection::{Projection, Projector};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, Ledger};
use temporalio_sdk::Worker;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::activity_worker::activity_worker;
use crate::beginning::{Begun, begin, retire, sweep};
use crate::config::Config;
use crate::firing::Shots;
use crate::metrics::{self, Sources};
use crate::pairs::{self, Markets, Pairs};
use crate::records::Records;
use crate::supervisor;
use crate::tasks::{acknowledge, failure, forward, lost_accounts, until_warm};
use crate::venues::Venues;

/// Four rounds a second; a trade that finds none has them signed on the spot.
const HEADERS_EVERY: Duration = Duration::from_millis(250);
const HEADERS_EACH: NonZeroU8 = NonZeroU8::new(4).unwrap();
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

/// Why no more tasks are taken.
enum Why {
    /// Its supervisor, or a signal.
    Asked,
    /// Temporal's own end of it is over.
    WorkerEnded(anyhow::Error),
    /// A part has ended without which nothing may be fired.
    Failed(anyhow::Error),
    /// Newer starts have these venue accounts.
    Lost(String),
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
        let worker = activity_worker(config, shots).await?;
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
        let why = tokio::select! {
            ended = &mut running => Why::WorkerEnded(anyhow!("Temporal's worker has ended: {ended:?}")),
            ended = &mut self.keeping => Why::Failed(anyhow!("the gate is kept no more: {ended:?}")),
            _ = &mut self.projecting => Why::Failed(anyhow!("records are told no more")),
            _ = &mut self.forwarding => Why::Failed(anyhow!("records are handed on no more")),
            _ = &mut self.watching => Why::Failed(anyhow!("the pair file is read no more")),
            failed = failure(&self.house, &self.signing, &self.desk) => Why::Failed(failed),
            accounts = lost_accounts(self.control.clone()) => Why::Lost(accounts),
            _ = drain.wait_for(Option::is_some) => Why::Asked,
        };
        if let Why::WorkerEnded(problem) = why {
            return Err(problem);
        }
        info!(target: "legwork", "takes no more tasks");
        shutdown();
        if let Err(problem) = running.await {
            warn!(target: "legwork", %problem, "Temporal's worker has not ended as it should");
        }
        match why {
            Why::Failed(problem) | Why::WorkerEnded(problem) => Err(problem),
            Why::Asked => Ok(()),
            Why::Lost(accounts) => {
                // Started again it would take them back, and the two would go on like that.
                error!(
                    target: "legwork",
                    "another engine has taken over {accounts}: this one fires nothing; stop one of them"
                );
                let _ = drain.wait_for(Option::is_some).await;
                Ok(())
            }
        }
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

/// Gives up what the start owned.
async fn end(address: &Address, start: &Start) -> Result<()> {
    let answer = Ledger::connect(address).await?.end(start).await?;
    answer.map_err(|refused| anyhow!("Postgres does not know this engine: {}", refused.code()))
}
