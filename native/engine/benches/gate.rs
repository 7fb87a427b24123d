//! What stands between a decision and its first byte, in nanoseconds: `npm run bench:gate`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::firing::{Firing, House, Release};
use legwork_engine_core::gate::FiringThread;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{CopyToDisk, Journal, JournalOptions};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::shot::Now;
use legwork_engine_core::wire::{Clock, Wires, Written};
use support::{RAIN, of, shot, terms};

const ROUNDS: usize = 20_000;
/// What is too short to be timed alone is timed so many times over.
const AT_ONCE: u32 = 100;

struct NoWires;

impl Wires for NoWires {
    fn take(&mut self) -> bool {
        true
    }

    fn write(&mut self, _: usize, bytes: &[u8]) -> Written {
        black_box(bytes);
        Written::Whole
    }

    fn take_spare(&mut self, _: usize) -> bool {
        false
    }

    fn put_back(&mut self) {}
}

struct Stopwatch(Instant);

impl Clock for Stopwatch {
    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn unix_ns(&self) -> u64 {
        self.monotonic_ns()
    }
}

fn main() {
    println!("{:<44}{:>9}{:>9}{:>9}{:>9}", "nanoseconds", "p50", "p95", "p99", "p99.9");
    let empty = measure("floor: two readings of the clock", |_| ());
    dedup();
    let every = CopyToDisk::Every(Duration::from_millis(5));
    append("journal append, copied every 5 ms", every, ROUNDS);
    append("journal append, on disk before each shot", CopyToDisk::BeforeEachShot, ROUNDS / 10);
    whole_shot();
    refusal();
    println!("each row holds the floor, p50 {empty} ns");
}

fn measure(what: &str, mut once: impl FnMut(usize)) -> u64 {
    measure_times(what, ROUNDS, &mut once)
}

fn measure_times(what: &str, rounds: usize, once: &mut dyn FnMut(usize)) -> u64 {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    for round in 0..rounds / 10 {
        once(round);
    }
    for round in 0..rounds {
        let start = Instant::now();
        once(round);
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        histogram.record(took).expect("in range");
    }
    let at = |percentile| histogram.value_at_quantile(percentile);
    println!("{what:<44}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
    at(0.5)
}

fn dedup() {
    let house = House::new(65_536, 1);
    let market = |round: usize| MarketId(u32::try_from(round * 7 % 65_536).expect("below"));
    let took = measure("take and release a market, 100 times", |round| {
        for again in 0..AT_ONCE {
            let held = house.in_flight.take(market(round + again as usize), 1).expect("free");
            house.in_flight.release(black_box(held));
        }
    });
    println!("{:<44}{:>9}", "  … once", took / u64::from(AT_ONCE));
}

fn append(what: &str, copy: CopyToDisk, rounds: usize) {
    let folder = tempfile::tempdir_in("/var/tmp").expect("writable");
    let options = JournalOptions { slots: 16_384, copy, epoch_known: 0 };
    let mut journal = Journal::create(folder.path(), &options).expect("free");
    let bytes: [&[u8]; 2] = [&[b'y'; 1_400], &[b'n'; 500]];
    let shot = shot(RAIN, "rain.1", bytes);
    let now = Now { monotonic_ns: 1, unix_ns: 1 };
    measure_times(what, rounds, &mut |_| {
        let id = journal.append(&shot, 1, now).expect("there is room");
        journal.acknowledge(id);
    });
}

fn with_firing(then: impl FnOnce(&mut Firing<NoWires, Stopwatch>)) {
    let folder = tempfile::tempdir_in("/var/tmp").expect("writable");
    let copy = CopyToDisk::Every(Duration::from_millis(5));
    let options = JournalOptions { slots: 16_384, copy, epoch_known: 0 };
    let journal = Journal::create(folder.path(), &options).expect("free");
    let house = House::new(65_536, 1);
    assert!(house.gate.freeze(|_| false).is_over());
    house.gate.heard_control(u64::MAX);
    let clock = Stopwatch(Instant::now());
    let mut firing = Firing::new(Arc::clone(&house), FiringThread(0), journal, NoWires, clock);
    firing.lease().renew(Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX });
    then(&mut firing);
}

fn whole_shot() {
    with_firing(|firing| {
        let bytes: [&[u8]; 2] = [&[b'y'; 1_400], &[b'n'; 500]];
        let (mut shot, mut terms) = (shot(RAIN, "rain.1", bytes), terms());
        shot.not_after_ns = u64::MAX;
        terms.silence_ns_max = u64::MAX;
        measure("decision → both legs written (to no wire)", |_| {
            let receipt = firing.fire(&shot, &terms).expect("nothing is against it");
            firing.adopted(&receipt);
            firing.ended(&receipt, Release::Now);
        });
    });
}

fn refusal() {
    with_firing(|firing| {
        let (mut shot, mut terms) = (shot(RAIN, "rain.1", [b"y", b"n"]), terms());
        shot.not_after_ns = u64::MAX;
        terms.silence_ns_max = u64::MAX;
        let _held = firing.fire(&shot, &terms).expect("nothing is against it");
        measure("refusal: the market is in flight", |_| {
            black_box(firing.fire(&shot, &terms).err());
        });
    });
}
