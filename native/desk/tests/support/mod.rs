//! The thread that fires with two venues behind TLS, their streams, and a door with a client.
#![allow(dead_code, missing_docs)] // each test takes what it needs

#[path = "../../../door/tests/support/mod.rs"]
pub mod door;
pub mod given;
pub mod mood;
#[path = "../../../market-data/tests/support/mod.rs"]
pub mod streams;
pub mod traded;

use std::num::{NonZeroU8, NonZeroU32};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use door::{Client, place};
use given::{account, arming, pair_json};
use legwork_engine_core::answers::VenueAnswers;
use legwork_engine_core::clearing::Subject;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{
    CopyToDisk, Folders, Journal, JournalError, JournalOptions, Reading, RecordedShot,
};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::lines::{Told, Wake, telling};
use legwork_engine_core::orders::{KalshiOrders, OrderSigningThread};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Venue;
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, SigningThread};
use legwork_engine_core::wire::{Clock, VenueWires};
use legwork_engine_desk::arming::{Arming, Lent};
use legwork_engine_desk::death::Fate;
use legwork_engine_desk::doors::{Doors, FiredFirst};
use legwork_engine_desk::intents::Intents;
use legwork_engine_desk::listing::Pair;
use legwork_engine_desk::thread::{Desk, DeskParts, Look};
use legwork_engine_door::answer::{Answer, Became, Status};
use legwork_engine_door::door::Door;
use legwork_engine_door::lane::{Control, lane};
use legwork_engine_door::request::{FireRequest, FreezeHere, Request};
use legwork_engine_door::thread::DoorThread;
use legwork_engine_market_data::{KalshiSource, MarketData};
use mood::{Mood, serving};
use serde_json::from_value;
use streams::venue::{TestVenue, options, until};
use streams::{CONDITION, RAIN, Step, Streaming, TOKENS};
use tempfile::TempDir;

pub const ENGINE: &str = "engine-1";
pub const MARKET: MarketId = MarketId(7);
/// Of the freezes that a desk begins with.
pub const CLEARED: u64 = 1;
const SECOND_NS: u64 = 1_000_000_000;

const SUBSCRIBED: &str =
    r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;

pub struct Running {
    pub desk: Desk,
    pub house: Arc<House>,
    pub told: Told<RecordedShot>,
    pub fired: Told<FiredFirst>,
    pub client: Client,
    pub mood: Arc<Mutex<Mood>>,
    pub kalshi: TestVenue,
    pub polymarket: TestVenue,
    kalshi_stream: Streaming,
    polymarket_stream: Streaming,
    changes: u64,
    requests: u64,
    /// Requests of a test that say that a turn is over.
    pub probes: u64,
    thread: JoinHandle<Result<(), JournalError>>,
    _door: DoorThread,
    _signing: (SigningThread, OrderSigningThread),
    _place: TempDir,
}

struct Thawed;

impl Control for Thawed {
    fn freeze_here(&mut self, _: &FreezeHere) -> u64 {
        1
    }

    fn is_over(&mut self) -> Option<u64> {
        Some(1)
    }

    fn status(&mut self) -> Status {
        door::status()
    }
}

fn journal(folder: &Path) -> Journal {
    let (disk, memory) = (folder.join("disk"), folder.join("memory"));
    let options = JournalOptions {
        slots: NonZeroU32::new(16).expect("some"),
        thread: 0,
        copy: CopyToDisk::Every(Duration::from_millis(5)),
        epoch_known: 0,
    };
    Journal::create(Folders { disk: &disk, memory: &memory }, &options).expect("a journal")
}

impl Running {
    /// Followed, with books that have an edge, and nothing armed.
    pub fn start(folder: &Path) -> Self {
        let mood = Arc::new(Mutex::new(Mood::Refusing));
        let (kalshi, polymarket) = (serving(true, &mood), serving(false, &mood));
        let (kalshi_stream, polymarket_stream) = (Streaming::start(), Streaming::start());
        let account = Arc::new(account(folder));
        let (house, mut threads) =
            House::new(512, 1, VenueAnswers::load().expect("the tables of the repository"));
        assert!(house.gate.freeze(CLEARED, |_| false).is_some_and(|draining| draining.is_over()));
        house.gate.heard_control(u64::MAX);
        let journal = journal(folder);
        let earlier: Vec<Reading> = journal.earlier().expect("readable");
        let intents = Intents::of_earlier(ENGINE, (&earlier, &[]), SystemClock.unix_ns());
        let (headers, signing) = KalshiAhead::new(
            Arc::clone(&account.keys.kalshi),
            &AheadOptions {
                method: KalshiOrders::METHOD,
                path: KalshiOrders::PATH,
                every: Duration::from_millis(250),
                each: NonZeroU8::new(4).expect("some"),
            },
            SystemClock,
        )
        .expect("a clock");
        let (orders, signing_orders) = OrderSigningThread::start().expect("a thread");
        let (wake, door_wake) = (Wake::new().expect("a descriptor"), Wake::new().expect("one"));
        let (front, end) = lane(64, Thawed, door_wake.clone(), Some(wake.clone()));
        let (place, path) = place();
        let door = Door::open(&door::options(&path), door_wake.clone(), front, SystemClock);
        let door = DoorThread::start(door.expect("free"), door_wake).expect("a thread");
        let key = Arc::clone(&account.keys.kalshi);
        let source = KalshiSource { endpoint: kalshi_stream.venue.endpoint(), key };
        let market_data = MarketData::new(Some(source), Some(polymarket_stream.venue.endpoint()));
        let venues = [
            (Venue::Kalshi, kalshi.endpoint(), options(4)),
            (Venue::Polymarket, polymarket.endpoint(), options(4)),
        ];
        let ((tell, told), (start, fired)) = (telling(64), telling(64));
        let parts = DeskParts {
            house: Arc::clone(&house),
            thread: threads.remove(0),
            journal,
            wires: VenueWires::new(venues, SystemClock),
            fate: Fate::default(),
            market_data,
            headers,
            orders,
            silence_ns_max: 60 * SECOND_NS,
            is_busy: false,
            told: tell,
            doors: Doors {
                account,
                account_name: "main".into(),
                host: ENGINE.into(),
                lane: Some(end),
                wake,
                intents,
                fired: start,
            },
        };
        let started = Desk::start(parts).expect("a thread");
        let mut running = Self {
            desk: started.desk,
            house,
            told,
            fired,
            client: Client::connect(&path),
            mood,
            kalshi,
            polymarket,
            kalshi_stream,
            polymarket_stream,
            changes: 1,
            requests: 0,
            probes: 0,
            thread: started.thread,
            _door: door,
            _signing: (SigningThread::start(signing).expect("a thread"), signing_orders),
            _place: place,
        };
        running.clear_by(Ok(CLEARED));
        running.follow();
        running
    }

    pub fn clear_by(&self, cleared: Result<u64, Refusal>) {
        let clear = move |_: &Subject<'_>| cleared;
        self.desk.clear_by(Box::new(clear)).expect("it runs");
        self.look();
    }

    /// Once everything is done that was asked for before: requests come by another way.
    pub fn look(&self) -> Look {
        self.desk.look().expect("it runs").blocking_recv().expect("a look")
    }

    fn follow(&mut self) {
        let pair: Pair = from_value(pair_json()).expect("a pair");
        self.desk.follow(vec![pair.clone()]).expect("it runs");
        drop(self.kalshi_stream.hears(|| ()));
        self.kalshi_stream.says(SUBSCRIBED);
        self.kalshi_stream.says(&format!(
            r#"{{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{{"market_ticker":"{RAIN}","yes_dollars_fp":[["0.52","40.00"]],"no_dollars_fp":[["0.44","40.00"]]}}}}"#
        ));
        drop(self.polymarket_stream.hears(|| ()));
        let book = |token: &str, bid: &str, ask: &str| {
            format!(
                r#"{{"event_type":"book","market":"{CONDITION}","asset_id":"{token}","timestamp":"1","bids":[{{"price":"{bid}","size":"35"}}],"asks":[{{"price":"{ask}","size":"35"}}]}}"#
            )
        };
        let (yes, no) = (book(TOKENS[0], "0.40", "0.41"), book(TOKENS[1], "0.39", "0.60"));
        self.polymarket_stream.says(&format!("[{yes},{no}]"));
        until("books and wires are there", || {
            let known = self.desk.has_books(vec![pair.clone()]).expect("it runs");
            let look = self.look();
            known.blocking_recv().expect("it runs") && look.idle_wires.iter().all(|at| *at == 4)
        });
    }

    /// A tick that changes nothing that matters.
    pub fn tick(&mut self) {
        let text = self.next_change();
        self.kalshi_stream.says(&text);
    }

    /// The same, once it lies at the desk's socket.
    pub fn tick_is_there(&mut self) {
        let text = self.next_change();
        self.kalshi_stream.does(Step::Told(text));
        assert!(self.kalshi_stream.has_told());
    }

    /// Forty more are bought at Kalshi, so that NO is to be had for the rest of a dollar.
    pub fn bid_for_yes(&mut self, price: &str) {
        let text = self.change(price, "40.00");
        self.kalshi_stream.says(&text);
    }

    fn next_change(&mut self) -> String {
        self.change("0.10", "1.00")
    }

    fn change(&mut self, price: &str, contracts: &str) -> String {
        self.changes += 1;
        format!(
            r#"{{"type":"orderbook_delta","sid":1,"seq":{},"msg":{{"market_ticker":"{RAIN}","price_dollars":"{price}","delta_fp":"{contracts}","side":"yes"}}}}"#,
            self.changes,
        )
    }

    pub fn arm(&self, arming: Arming) -> Result<(), &'static str> {
        let armed = self.desk.arm(MARKET, arming).expect("it runs").blocking_recv();
        armed.expect("it runs").map_err(|error| error.code())
    }

    /// A hundred dollars of a lease, for long enough.
    pub fn lend(&self, lease_id: &str, epoch: u64) {
        self.lend_dollars(lease_id, epoch, "100");
    }

    pub fn lend_dollars(&self, lease_id: &str, epoch: u64, dollars: &str) {
        let terms = Terms {
            epoch,
            budget: dollars.parse().expect("dollars"),
            until_ns: SystemClock.monotonic_ns() + 60 * SECOND_NS,
        };
        let lent = Lent { market: MARKET, lease_id: lease_id.to_owned(), terms };
        self.desk.lend(vec![lent]).expect("it runs");
        self.look();
    }

    /// Armed for requests, and lent.
    pub fn lent(folder: &Path, fires: &str) -> Self {
        let running = Self::start(folder);
        assert_eq!(running.arm(arming(fires)), Ok(()));
        running.lend("lease.1", 1);
        running
    }

    pub fn ask_to_fire(&mut self, fire: &FireRequest) -> Answer {
        self.asks(&Request::Fire(*fire))
    }

    pub fn asks(&mut self, request: &Request) -> Answer {
        self.requests += 1;
        self.client.say(request, self.requests);
        let mut answer = None;
        until("it answers", || {
            // The greeting is the first of all frames, and answers nothing.
            let heard = self.client.hear();
            let heard = heard.filter(|(_, number, _)| *number == self.requests);
            answer = heard.and_then(|(kind, _, body)| Answer::decode(kind, &body));
            answer.is_some()
        });
        answer.expect("there is one")
    }

    pub fn became(&mut self, intent_id: &str) -> Became {
        match self.asks(&Request::Ask(door::name(intent_id))) {
            Answer::Standing(standing) => standing.became,
            other => panic!("{other:?} is no standing"),
        }
    }

    pub fn refusal(&mut self, fire: &FireRequest) -> String {
        door::code_of(&self.ask_to_fire(fire)).to_owned()
    }

    /// What both venues were sent, with keep-alives left out: there is none within a test.
    pub fn sent(&self) -> usize {
        self.kalshi.read_in_all() + self.polymarket.read_in_all()
    }

    pub fn next_fired(&mut self) -> FiredFirst {
        next(&mut self.fired)
    }

    pub fn next_told(&mut self) -> RecordedShot {
        next(&mut self.told)
    }

    pub fn close(self) {
        self.desk.close().expect("it runs");
        self.thread.join().expect("no panic").expect("on disk");
    }
}

fn next<T>(told: &mut Told<T>) -> T {
    let mut next = None;
    until("the next is told", || {
        next = told.try_recv();
        next.is_some()
    });
    next.expect("there is one")
}
