//! From the text of a tick to both legs written, over TLS on loopback: `cargo bench --bench tick`.
//!
//! The floor is as many bytes through the same two TLS sessions with nothing else done. Rounds of a
//! table's rows are interleaved, and each waits for its answers outside of what is timed. Then the
//! hops of the shots, as an engine publishes them.

#[path = "../tests/support/armed.rs"]
mod armed;
#[path = "../tests/support/kalshi.rs"]
mod kalshi;
#[path = "../tests/support/market_data.rs"]
mod market_data;
#[path = "../tests/support/orders.rs"]
mod orders;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/ticks.rs"]
mod ticks;
#[path = "../tests/support/venue.rs"]
mod venue;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::armed::ArmedPair;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::{Firing, House, Release};
use legwork_engine_core::journal::{CopyToDisk, Folders, Journal, JournalOptions, ShotId};
use legwork_engine_core::latency::{Hop, LatencyReader};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::orders::OrderTerms;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::signing::{KalshiAhead, KalshiSigning};
use legwork_engine_core::wire::{Clock, PoolOptions, VenueWires, Wires, Written};
use support::{RAIN, answers, of, options};
use tempfile::TempDir;
use ticks::{EDGE_GOES, kalshi_delta};
use venue::{OK, TestVenue, answering};

const ROUNDS: usize = 20_000;
const WARM_UP: usize = 1_000;
const BOTH: [Venue; LEGS] = [Venue::Polymarket, Venue::Kalshi];
const MILLISECOND_NS: u64 = 1_000_000;
/// As long as the requests of the pair.
const LENGTHS: [usize; LEGS] = [1_290, 880];

struct Bench {
    firing: Firing<VenueWires<SystemClock>, SystemClock>,
    books: ticks::Desk,
    pair: ArmedPair,
    headers: KalshiAhead,
    signing: KalshiSigning<SystemClock>,
    ticks: usize,
    rows: [Row; 3],
    latencies: LatencyReader,
    /// The journal's, until the end.
    _folders: (TempDir, TempDir),
}

struct Row {
    name: &'static str,
    histogram: Histogram<u64>,
}

fn main() {
    for (name, is_ahead) in [("signed ahead", true), ("signed per shot", false)] {
        let venues = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
        let mut bench = Bench::new(&venues.0, &venues.1);
        for round in 0..WARM_UP + ROUNDS {
            let counts = round >= WARM_UP;
            bench.floor(is_ahead, counts);
            bench.tick(is_ahead, counts);
        }
        bench.print(name);
        let accepted = venues.0.accepted() + venues.1.accepted();
        assert_eq!(accepted, LEGS, "one session per leg throughout");
    }
}

impl Bench {
    fn new(polymarket: &TestVenue, kalshi: &TestVenue) -> Self {
        let one = || PoolOptions { keep_alive_after_ns: u64::MAX, ..venue::options(1) };
        let venues = [
            (Venue::Polymarket, polymarket.endpoint(), one()),
            (Venue::Kalshi, kalshi.endpoint(), one()),
        ];
        let mut wires = VenueWires::new(venues, SystemClock);
        venue::until("both are idle", || {
            wires.poll(|_| ());
            wires.idle(Venue::Polymarket) + wires.idle(Venue::Kalshi) == LEGS
        });
        let row = |name| Row { name, histogram: Histogram::new(3).expect("three digits") };
        let rows = [
            row("floor: as many bytes written, nothing else"),
            row("tick → both legs written"),
            row("a tick that takes the edge away"),
        ];
        let new = |place| tempfile::tempdir_in(place).expect("writable");
        let folders = (new("/var/tmp"), new("/dev/shm"));
        let (headers, signing) = armed::headers(SystemClock);
        let mut firing = firing(wires, &folders);
        let latencies = firing.latencies().expect("there is one");
        Self {
            firing,
            latencies,
            books: ticks::Desk::open_at(SystemClock.monotonic_ns()),
            pair: armed::pair(RAIN),
            headers,
            signing,
            ticks: 0,
            rows,
            _folders: folders,
        }
    }

    /// After as long a pause as a tick has before it: who sleeps deeper is woken later.
    fn floor(&mut self, is_ahead: bool, counts: bool) {
        self.make_ready(is_ahead);
        let bytes = LENGTHS.map(|length| vec![b'x'; length]);
        let wires = self.firing.wires();
        wires.aim(ShotId { thread: 0, epoch: 0, sequence: 0 }, BOTH);
        assert!(wires.take());
        let start = Instant::now();
        let written = [wires.write(0, &bytes[0]), wires.write(1, &bytes[1])];
        let took = start.elapsed();
        assert_eq!(written, [Written::Whole; LEGS]);
        wires.put_back();
        self.until_answered();
        self.count(0, took, counts);
    }

    /// One tick takes the edge away, the next brings it back, and is fired at.
    fn tick(&mut self, is_ahead: bool, counts: bool) {
        self.make_ready(is_ahead);
        let gone = self.timed_tick();
        assert!(!gone.1, "there is no edge");
        let back = self.timed_tick();
        assert!(back.1, "an edge is fired at");
        self.until_answered();
        self.count(2, gone.0, counts);
        self.count(1, back.0, counts);
        self.latencies.read();
    }

    fn timed_tick(&mut self) -> (Duration, bool) {
        let text = kalshi_delta(self.ticks, EDGE_GOES);
        self.ticks += 1;
        // The other venue has nothing to say meanwhile, and is there.
        self.books.polymarket.heard(SystemClock.monotonic_ns());
        let start = Instant::now();
        let tick_ns = SystemClock.monotonic_ns();
        self.books.kalshi.take(&text, tick_ns);
        let Self { firing, headers, books, pair, .. } = self;
        let fired = pair.tick(firing, headers, &books.books(), tick_ns);
        let took = start.elapsed();
        let Ok(receipt) = fired else { return (took, false) };
        assert_eq!(receipt.legs, [Some(Written::Whole); LEGS]);
        self.firing.adopted(&receipt);
        self.firing.ended(&receipt, Release::Now);
        (took, true)
    }

    /// What other threads do between shots: headers, and an order at the price that will be decided.
    fn make_ready(&mut self, is_ahead: bool) {
        self.firing.idle(&mut self.headers);
        self.signing.round().expect("it signs");
        let decision = self.books.decide_at(SystemClock.monotonic_ns()).expect("an edge");
        let [polymarket_yes, _] = self.pair.next_names();
        let leg = decision.legs[0];
        let terms = OrderTerms {
            client_order_id: polymarket_yes,
            limit_price: leg.limit_price,
            fixed: leg.fixed,
        };
        let levels = if is_ahead { &[terms][..] } else { &[] };
        let now_ms = SystemClock.unix_ns() / MILLISECOND_NS;
        let [direction, _] = self.pair.directions();
        let mut signer = direction.polymarket.signer();
        direction.ahead.sign(&mut signer, levels, now_ms).expect("an order");
    }

    fn until_answered(&mut self) {
        let mut answers = 0;
        venue::until("both are answered", || {
            self.firing.wires().poll(|_| answers += 1);
            answers == LEGS
        });
    }

    fn count(&mut self, row: usize, took: Duration, counts: bool) {
        if counts {
            let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            self.rows[row].histogram.record(nanoseconds).expect("in range");
        }
    }

    fn print(&mut self, what: &str) {
        println!("{what:<46}{:>9}{:>9}{:>9}{:>9}", "p50", "p95", "p99", "p99.9");
        for Row { name, histogram } in &self.rows {
            line(name, histogram);
        }
        let hops = self.latencies.read();
        for hop in Hop::ALL {
            line(hop.code(), hops.of(*hop));
        }
    }
}

/// In nanoseconds.
fn line(name: &str, histogram: &Histogram<u64>) {
    let at = |quantile| histogram.value_at_quantile(quantile);
    println!("{name:<46}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
}

fn firing(
    wires: VenueWires<SystemClock>,
    (disk, memory): &(TempDir, TempDir),
) -> Firing<VenueWires<SystemClock>, SystemClock> {
    let copy = CopyToDisk::Every(Duration::from_millis(5));
    let options = JournalOptions { copy, ..options(1_024) };
    let folders = Folders { disk: disk.path(), memory: memory.path() };
    let journal = Journal::create(folders, &options).expect("free");
    let (house, mut threads) = House::new(65_536, 1, answers());
    assert!(house.gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(u64::MAX);
    let mut firing =
        Firing::new(Arc::clone(&house), threads.remove(0), journal, wires, SystemClock);
    let terms = Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX };
    firing.lease(RAIN).expect("a known market").renew(terms);
    firing
}
