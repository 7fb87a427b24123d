//! The thread that fires, with its books, its wires and its door, as an engine has them. Postgres and
//! Temporal alone are left out: whoever measures adopts each shot.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::gate::FiringThread;
use legwork_engine_core::journal::{JournalError, RecordedShot, ShotId};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::lines::{Told, Wake, telling};
use legwork_engine_core::orders::OrderSigningThread;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::wire::{Clock, PoolOptions, VenueWires};
use legwork_engine_desk::arming::{Arming, Lent};
use legwork_engine_desk::death::Fate;
use legwork_engine_desk::doors::{Acknowledged, Doors, FiredFirst};
use legwork_engine_desk::intents::Intents;
use legwork_engine_desk::thread::{Desk, DeskParts};
use legwork_engine_door::answer::Status;
use legwork_engine_door::door::Door;
use legwork_engine_door::lane::{Control, LaneEnd, lane};
use legwork_engine_door::request::FreezeHere;
use legwork_engine_door::thread::DoorThread;
use tempfile::TempDir;

use crate::alone::journal;
use crate::door::{options, status};
use crate::given::{account, arming};
use crate::headers::Headers;
use crate::load::Load;
use crate::streamed::Streamed;
use crate::stub_process::StubProcess;
use crate::support::{CLEARED, RAIN, answers, of};
use crate::venue::until;
use crate::{ENGINE, desk, venue};

const MARKETS: usize = 65_536;
const LANE_ROOM: usize = 64;

/// An engine that fires what its door is asked for.
pub struct Engine {
    desk: Desk,
    told: Told<RecordedShot>,
    fired: Told<FiredFirst>,
    headers: Headers,
    _signing: OrderSigningThread,
    streamed: Streamed,
    thread: JoinHandle<Result<(), JournalError>>,
    door: DoorThread,
    /// The journal's and the account's, until the end.
    _folders: ((TempDir, TempDir), TempDir),
}

struct Thawed;

impl Control for Thawed {
    fn freeze_here(&mut self, _: &FreezeHere) -> u64 {
        0
    }

    fn is_over(&mut self) -> Option<u64> {
        None
    }

    fn status(&mut self) -> Status {
        status()
    }
}

impl Engine {
    /// Armed for requests, and lent more than they will lose, over a session per venue of its own.
    /// `is_busy`: who fires looks again at once, and never waits.
    pub fn start(stub: &StubProcess, path: &Path, is_busy: bool) -> Self {
        let folders = (desk::folders(), tempfile::tempdir().expect("writable"));
        let streamed = Streamed::start();
        let wake = Wake::new().expect("a descriptor");
        let (door, end) = open(path, (!is_busy).then(|| wake.clone()));
        let ((tell, told), (start, fired)) = (telling(LANE_ROOM), telling(LANE_ROOM));
        let doors = Doors {
            account: Arc::new(account(folders.1.path())),
            account_name: "main".into(),
            host: ENGINE.into(),
            lane: Some(end),
            wake,
            intents: Intents::of_earlier(ENGINE, (&[], &[]), SystemClock.unix_ns()),
            fired: start,
        };
        let (house, thread) = house();
        let (ahead, headers) = Headers::for_load(Load::OneAtATime);
        let (orders, signing) = OrderSigningThread::start().expect("a thread");
        let parts = DeskParts {
            house,
            thread,
            journal: journal(&folders.0),
            wires: wires(stub),
            fate: Fate::default(),
            market_data: streamed.market_data(),
            headers: ahead,
            orders,
            silence_ns_max: u64::MAX,
            is_busy,
            told: tell,
            doors,
        };
        let started = Desk::start(parts).expect("a thread");
        let (desk, thread) = (started.desk, started.thread);
        let engine = Self {
            desk,
            told,
            fired,
            headers,
            _signing: signing,
            streamed,
            thread,
            door,
            _folders: folders,
        };
        engine.arm();
        engine
    }

    fn arm(&self) {
        let Self { desk, streamed, .. } = self;
        desk.clear_by(Box::new(|_| Ok(CLEARED))).expect("it runs");
        streamed.followed_by(desk);
        until("both wires are there", || {
            let look = desk.look().expect("it runs").blocking_recv().expect("it runs");
            look.idle_wires == [1; LEGS]
        });
        let arming = Arming { contracts_max: of("30"), ..arming("on_request") };
        let lease_id = arming.lease_id.clone();
        let armed = desk.arm(RAIN, arming).expect("it runs").blocking_recv();
        armed.expect("it runs").expect("armed");
        let terms = Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX };
        desk.lend(vec![Lent { market: RAIN, lease_id, terms }]).expect("it runs");
        self.until_done();
    }

    /// As its workflow and Postgres would: the shot is theirs once both answers are known, and its
    /// trade holds the pair no more. The stub's answers prove nothing, so nothing frees it before.
    pub fn adopt(&mut self, shot: ShotId) -> RecordedShot {
        let mut last = None;
        until("both answers are told", || {
            let told = self.told.try_recv().inspect(|told| assert_eq!(told.id, shot));
            last = told.or(last.take());
            last.as_ref().is_some_and(|shot| shot.legs.iter().all(|leg| leg.answer.is_some()))
        });
        let recorded = last.expect("it is told");
        let fired = self.fired.try_recv().expect("it was handed over before its answers were");
        assert_eq!(fired.id, shot);
        let adopted = Acknowledged { shot, lease_epoch: None, is_complete: true };
        self.desk.acknowledged(vec![adopted]).expect("it runs");
        self.until_done();
        self.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs");
        recorded
    }

    /// What other threads do between shots; everything asked for before is done then.
    pub fn make_ready(&mut self) {
        self.headers.between_rounds();
        self.until_done();
    }

    /// Its market data goes on.
    pub fn say_that_venues_are_there(&self) {
        self.streamed.say_that_they_are_there();
    }

    fn until_done(&self) {
        let look = self.desk.look().expect("it runs").blocking_recv();
        drop(look.expect("it runs"));
    }

    /// Ends all of its threads.
    pub fn close(self) {
        self.door.close().expect("it serves until it is told");
        self.desk.close().expect("it runs");
        self.thread.join().expect("no panic").expect("on disk");
    }
}

/// `firing` wakes who fires, where it ever waits.
fn open(path: &Path, firing: Option<Wake>) -> (DoorThread, LaneEnd) {
    let wake = Wake::new().expect("a descriptor");
    let (lane, end) = lane(LANE_ROOM, Thawed, wake.clone(), firing);
    let door = Door::open(&options(path), wake.clone(), lane, SystemClock).expect("free");
    (DoorThread::start(door, wake).expect("a thread"), end)
}

/// Open for shots.
fn house() -> (Arc<House>, FiringThread) {
    let (house, mut threads) = House::new(MARKETS, 1, answers());
    assert!(house.gate.freeze(CLEARED, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(u64::MAX);
    (house, threads.remove(0))
}

fn wires(stub: &StubProcess) -> VenueWires<SystemClock> {
    let one = || PoolOptions { keep_alive_after_ns: u64::MAX, ..venue::options(1) };
    let venues = [
        (Venue::Kalshi, stub.kalshi.endpoint(), one()),
        (Venue::Polymarket, stub.polymarket.endpoint(), one()),
    ];
    VenueWires::new(venues, SystemClock)
}
