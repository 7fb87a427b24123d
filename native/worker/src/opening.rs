//! A start of the engine, up to its first shot.
//!
//! 1. It is registered before anything is fired, so that "frozen" waits for it; and from then on it
//!    acknowledges freezes, however long the rest of its start takes.
//! 2. What earlier starts have left is told before its own first shot.
//! 3. Its doors open last: the workflows' queue, and the socket of this host's strategies.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::answers::VenueAnswers;
use legwork_engine_core::firing::House;
use legwork_engine_core::gate::FiringThread;
use legwork_engine_core::in_flight::MARKETS_DEFAULT;
use legwork_engine_core::journal::{Journal, JournalError, Reading};
use legwork_engine_core::lines::{Teller, Wake, telling};
use legwork_engine_desk::doors::{Doors, FiredFirst};
use legwork_engine_desk::entry::Account;
use legwork_engine_desk::intents::Intents;
use legwork_engine_desk::keys::Keys;
use legwork_engine_desk::thread::{Desk, DeskParts, Started};
use legwork_engine_door::lane::{Lane, LaneEnd, lane};
use legwork_engine_door::thread::DoorThread;
use legwork_engine_ledger::control::{Control, Keeper};
use legwork_engine_ledger::projection::{Projection, Projector};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, Ledger, Reconnecting};
use tokio::sync::{mpsc, watch};
use tracing::info;

use crate::activity_worker::activity_worker;
use crate::adoption::Adopter;
use crate::arming::Armings;
use crate::beginning::{Begun, begin, disk_folder};
use crate::door::{self, Here};
use crate::earlier::{Left, Untaken, fired_first, retire, sweep};
use crate::firing::Shots;
use crate::intents::{self, OtherDoors};
use crate::kernel_clock;
use crate::lending::lend;
use crate::markets::Markets;
use crate::metrics::{self, Sources};
use crate::pairs::{self, Pairs};
use crate::records::Records;
use crate::running::{Engine, Tasks};
use crate::signing::{Ahead, Signing};
use crate::supervisor;
use crate::tasks::{acknowledge, forward, hand_over, until_warm};
use crate::temporal;
use crate::venues::Venues;
use legwork_engine_config::Config;

/// Requests of strategies that lie before the thread that fires; as many as one of them may have open.
const REQUESTS: usize = 64;
/// Records, and shots without a workflow, that lie before those who take them: behind these they wait
/// in the journal.
const UNTOLD: usize = 1_024;

impl Engine {
    /// Ready when this returns, and said to be.
    pub async fn start(config: &Config) -> Result<Self> {
        let keys =
            Keys::read(&config.folders.credentials.join(format!("{}.json", config.account)))?;
        let venues = Venues::find(config).await?;
        let address = Address::from_str(&config.database_url).context("Postgres' address")?;
        let client = temporal::connect(config).await?;
        let Begun { journal, start, earlier } = begin(config, &address).await?;

        let (house, thread) = house(config)?;
        let (keeper, control) = Keeper::new(address.clone(), start.clone(), Arc::clone(&house));
        // From the first moment that "frozen" waits for it: what comes below may take seconds.
        let keeping = tokio::spawn(keeper.run());
        let (projector, mut projection) =
            Projector::new(address.clone(), start.clone(), config.host.clone());
        let projecting = tokio::spawn(projector.run());
        let (handed_over, firsts) = mpsc::unbounded_channel();
        let adopting = tokio::spawn(Adopter::new(client.clone(), config).run(firsts));
        let untaken = Untaken::of(&earlier);
        let left = (&earlier[..], &handed_over);
        let ledger = Ledger::connect(&address).await.context("Postgres")?;
        let swept =
            tell_earlier(config, (&journal, &ledger), left, (&mut projection, &untaken)).await?;
        let intents_read = Instant::now();
        let intents = intents::known(config, &ledger, &earlier).await?;

        let (Ahead { headers, orders }, signing) = Signing::start(config, &keys)?;
        let market_data = venues.market_data(&keys);
        let account = Arc::new(venues.account(keys));
        let wake = Wake::new()?;
        let doorway = Doorway::of(config, &start, (&house, &control), &wake)?;
        let (lane, doorway) = doorway.map_or((None, None), |(end, way)| (Some(end), Some(way)));
        let ((told, recorded), (fired, own_shots)) = (telling(UNTOLD), telling(UNTOLD));
        let handing_over = tokio::spawn(hand_over(own_shots, handed_over));
        let Started { desk, latencies, thread } = Desk::start(DeskParts {
            house: Arc::clone(&house),
            thread,
            journal,
            wires: venues.wires(),
            fate: config.fate,
            market_data,
            headers,
            orders,
            silence_ns_max: config.book_silence_ns_max(),
            is_busy: config.terms.engine.is_busy,
            told,
            doors: doors(config, &account, (lane, wake), (intents, fired)),
        })?;
        let Projection { records, free, counts } = projection;
        let forwarding = tokio::spawn(forward(config.host.clone(), config.fate, recorded, records));
        tokio::spawn(acknowledge(free, (desk.clone(), untaken.clone())));

        let markets = Markets::default();
        let handing = (desk.clone(), config.fate);
        let lending = tokio::spawn(lend(control.clone(), markets.clone(), handing));
        let records = Records::new(&address, &start, &config.mode);
        let of_desk = (desk.clone(), markets.clone(), untaken);
        let mut pairs = Pairs::new(config, &address, &start, of_desk, intents_read);
        let owned = pairs.take(&pairs::read(&config.pair_file)?).await?;
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
        tokio::spawn(kernel_clock::watch(start.clone(), Reconnecting::new(address.clone())));
        tokio::spawn(venues.keep_finding());

        let armings = armings(config, (&desk, &markets, &control), &start, &earlier);
        let shots = Shots {
            account,
            account_name: config.account.clone(),
            desk: desk.clone(),
            markets,
            control: control.clone(),
            records: records.clone(),
            fate: config.fate,
        };
        let worker = activity_worker(config, client, (shots, armings))?;
        let others = OtherDoors::begin(address.clone(), desk.clone(), intents_read).await?;
        let door = doorway.map(|way| way.open(config, &start)).transpose()?;
        say_ready(config, &start, owned, swept);
        let firing = tokio::task::spawn_blocking(move || end_of(thread));
        let hearing_of = tokio::spawn(others.keep());
        let tasks =
            Tasks { projecting, forwarding, watching, lending, hearing_of, handing_over, adopting };
        Ok(Self {
            address,
            start,
            house,
            control,
            door,
            desk,
            firing,
            signing,
            keeping,
            tasks,
            records,
            worker,
        })
    }
}

/// What its threads have in common, and the right of the one that fires.
fn house(config: &Config) -> Result<(Arc<House>, FiringThread)> {
    let markets_max = config.terms.engine.markets_max.unwrap_or(MARKETS_DEFAULT);
    let (house, threads) = House::new(markets_max, 1, VenueAnswers::load()?);
    let thread = threads.into_iter().next().context("a house has a thread that fires")?;
    Ok((house, thread))
}

/// What earlier starts of this host have left, to Postgres and to its workflows. Returns how many shots.
async fn tell_earlier(
    config: &Config,
    (journal, ledger): (&Journal, &Ledger),
    (earlier, fired): (&[Reading], &mpsc::UnboundedSender<FiredFirst>),
    (projection, untaken): (&mut Projection, &Untaken),
) -> Result<usize> {
    let swept = sweep(config, earlier, projection);
    for shot in fired_first(&config.host, earlier) {
        fired.send(shot)?;
    }
    retire((journal, ledger), earlier, &swept, (projection, untaken)).await?;
    Ok(swept.iter().map(|of| of.told).sum())
}

/// What the thread that fires opens besides the workflows' door.
fn doors(
    config: &Config,
    account: &Arc<Account>,
    (lane, wake): (Option<LaneEnd>, Wake),
    (intents, fired): (Intents, Teller<FiredFirst>),
) -> Doors {
    Doors {
        account: Arc::clone(account),
        account_name: config.account.clone(),
        host: config.host.clone(),
        lane,
        wake,
        intents,
        fired,
    }
}

/// What `armPair` may ask of it.
fn armings(
    config: &Config,
    (desk, markets, control): (&Desk, &Markets, &watch::Receiver<Control>),
    start: &Start,
    earlier: &[Reading],
) -> Armings {
    Armings {
        desk: desk.clone(),
        control: control.clone(),
        markets: markets.clone(),
        start: start.clone(),
        journal: disk_folder(config).display().to_string(),
        left: Left::of(earlier),
    }
}

/// The door's side of the lane, before there is a door.
struct Doorway<'a> {
    path: &'a Path,
    lane: Lane<Here>,
    wake: Wake,
}

impl<'a> Doorway<'a> {
    /// `None`: nobody has said where strategies are to be heard.
    fn of(
        config: &'a Config,
        start: &Start,
        (house, control): (&Arc<House>, &watch::Receiver<Control>),
        firing: &Wake,
    ) -> Result<Option<(LaneEnd, Self)>> {
        let Some(path) = &config.door_socket else { return Ok(None) };
        let here = Here::new(config, start.epoch, (Arc::clone(house), control.clone()))?;
        let wake = Wake::new()?;
        // A thread that never waits has nothing to be woken from.
        let firing = (!config.terms.engine.is_busy).then(|| firing.clone());
        let (lane, end) = lane(REQUESTS, here, wake.clone(), firing);
        Ok(Some((end, Self { path, lane, wake })))
    }

    fn open(self, config: &Config, start: &Start) -> Result<DoorThread> {
        door::open(config, (self.path, start.epoch), (self.lane, self.wake))
    }
}

fn end_of(thread: thread::JoinHandle<Result<(), JournalError>>) -> Result<()> {
    thread.join().map_err(|_| anyhow!("the thread that fires has panicked"))??;
    Ok(())
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
