//! What a shot costs above its own two writes, over TLS on loopback: `cargo bench --bench wires`.
//!
//! The floor is the same bytes through the same two TLS sessions with nothing else done. Rounds of
//! both are interleaved, and each waits for its answers outside of what is timed.

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/venue.rs"]
mod venue;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::firing::{Firing, House, Release};
use legwork_engine_core::journal::{CopyToDisk, Folders, Journal, JournalOptions, ShotId};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::shot::{LEGS, Shot, ShotTerms, Venue};
use legwork_engine_core::wire::{Clock, PoolOptions, VenueWires, Wires, Written};
use support::{RAIN, SECOND_NS, answers, of, options, shot, terms};
use tempfile::TempDir;
use venue::{OK, TestVenue, answering};

const ROUNDS: usize = 20_000;
const WARM_UP: usize = 2_000;
const BYTES: [&[u8]; LEGS] = [&[b'y'; 1_400], &[b'n'; 500]];
const BOTH: [Venue; LEGS] = [Venue::Polymarket, Venue::Kalshi];

#[derive(Clone, Copy)]
struct Stopwatch(Instant);

impl Clock for Stopwatch {
    fn monotonic_ns(&self) -> u64 {
        // The books of the test's shot were heard a second after the start.
        SECOND_NS + u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(0)
    }

    fn unix_ns(&self) -> u64 {
        self.monotonic_ns()
    }
}

struct Bench {
    firing: Firing<VenueWires<Stopwatch>, Stopwatch>,
    rows: [Row; 3],
    /// The journal's, until the end.
    _folders: (TempDir, TempDir),
}

struct Row {
    name: &'static str,
    histogram: Histogram<u64>,
}

fn main() {
    let (polymarket, kalshi) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let mut bench = Bench::new(&polymarket, &kalshi);
    for round in 0..WARM_UP + ROUNDS {
        bench.floor(round >= WARM_UP);
        bench.shot(round >= WARM_UP);
    }
    bench.print();
    assert_eq!(polymarket.accepted() + kalshi.accepted(), LEGS, "one session per leg throughout");
}

impl Bench {
    fn new(polymarket: &TestVenue, kalshi: &TestVenue) -> Self {
        let clock = Stopwatch(Instant::now());
        let one = || PoolOptions { keep_alive_after_ns: u64::MAX, ..venue::options(1) };
        let venues = [
            (Venue::Polymarket, polymarket.endpoint(), one()),
            (Venue::Kalshi, kalshi.endpoint(), one()),
        ];
        let mut wires = VenueWires::new(venues, clock);
        venue::until("both are idle", || {
            wires.poll(|_| ());
            wires.idle(Venue::Polymarket) + wires.idle(Venue::Kalshi) == LEGS
        });
        let row = |name| Row { name, histogram: Histogram::new(3).expect("three digits") };
        let rows = [
            row("floor: both writes and nothing else"),
            row("two wires in hand, hang-up check included"),
            row("Firing::fire: decision → both legs written"),
        ];
        let new = |place| tempfile::tempdir_in(place).expect("writable");
        let folders = (new("/var/tmp"), new("/dev/shm"));
        Self { firing: firing(wires, clock, &folders), rows, _folders: folders }
    }

    fn floor(&mut self, counts: bool) {
        let wires = self.firing.wires();
        wires.aim(ShotId { thread: 0, epoch: 0, sequence: 0 }, BOTH);
        let start = Instant::now();
        assert!(wires.take());
        let in_hand = start.elapsed();
        let start = Instant::now();
        let written = [wires.write(0, BYTES[0]), wires.write(1, BYTES[1])];
        let took = start.elapsed();
        assert_eq!(written, [Written::Whole; LEGS]);
        wires.put_back();
        self.until_answered();
        if counts {
            self.rows[0].record(took);
            self.rows[1].record(in_hand);
        }
    }

    fn shot(&mut self, counts: bool) {
        let (shot, terms) = endless();
        let start = Instant::now();
        let receipt = self.firing.fire(&shot, &terms).expect("nothing is against it");
        let took = start.elapsed();
        assert_eq!(receipt.legs, [Some(Written::Whole); LEGS]);
        self.firing.adopted(&receipt);
        self.firing.ended(&receipt, Release::Now);
        self.until_answered();
        if counts {
            self.rows[2].record(took);
        }
    }

    fn until_answered(&mut self) {
        let mut answers = 0;
        venue::until("both are answered", || {
            self.firing.wires().poll(|_| answers += 1);
            answers == LEGS
        });
    }

    fn print(&self) {
        println!("{:<46}{:>9}{:>9}{:>9}{:>9}", "nanoseconds", "p50", "p95", "p99", "p99.9");
        for Row { name, histogram } in &self.rows {
            let at = |quantile| histogram.value_at_quantile(quantile);
            println!("{name:<46}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
        }
        let p50 = |row: usize| self.rows[row].histogram.value_at_quantile(0.5);
        println!("a shot adds {} ns to its floor at p50", p50(2).saturating_sub(p50(0)));
    }
}

impl Row {
    fn record(&mut self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.histogram.record(nanoseconds).expect("in range");
    }
}

fn endless() -> (Shot<'static>, ShotTerms) {
    let (mut shot, mut terms) = (shot(RAIN, "rain.1", BYTES), terms());
    shot.not_after_ns = u64::MAX;
    terms.silence_ns_max = u64::MAX;
    (shot, terms)
}

fn firing(
    wires: VenueWires<Stopwatch>,
    clock: Stopwatch,
    (disk, memory): &(TempDir, TempDir),
) -> Firing<VenueWires<Stopwatch>, Stopwatch> {
    let copy = CopyToDisk::Every(Duration::from_millis(5));
    let options = JournalOptions { copy, ..options(1_024) };
    let folders = Folders { disk: disk.path(), memory: memory.path() };
    let journal = Journal::create(folders, &options).expect("free");
    let (house, mut threads) = House::new(65_536, 1, answers());
    assert!(house.gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(u64::MAX);
    let mut firing = Firing::new(Arc::clone(&house), threads.remove(0), journal, wires, clock);
    let terms = Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX };
    firing.lease(RAIN).expect("a known market").renew(terms);
    firing
}
