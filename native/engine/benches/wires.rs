//! What a shot costs above its own two writes, over TLS on loopback: `cargo bench --bench wires`.
//!
//! The floor is the same bytes through the same two TLS sessions with nothing else done. Rounds of
//! both are interleaved, and each waits for its answers outside of what is timed.

#[path = "support/desk.rs"]
mod desk;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/venue.rs"]
mod venue;

use std::time::Instant;

use desk::{Row, firing, folders, until_answered, warm};
use legwork_engine_core::firing::{Firing, Release};
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::{LEGS, Shot, ShotTerms, Venue};
use legwork_engine_core::wire::{Clock, VenueWires, Wires, Written};
use support::{RAIN, SECOND_NS, shot, terms};
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
        let rows = [
            Row::new("floor: both writes and nothing else"),
            Row::new("two wires in hand, hang-up check included"),
            Row::new("Firing::fire: decision → both legs written"),
        ];
        let folders = folders();
        Self {
            firing: firing(warm([polymarket, kalshi], clock), clock, &folders),
            rows,
            _folders: folders,
        }
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
        until_answered(&mut self.firing);
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
        until_answered(&mut self.firing);
        if counts {
            self.rows[2].record(took);
        }
    }

    fn print(&self) {
        desk::print("nanoseconds", &self.rows);
        let p50 = |row: usize| self.rows[row].histogram.value_at_quantile(0.5);
        println!("a shot adds {} ns to its floor at p50", p50(2).saturating_sub(p50(0)));
    }
}

fn endless() -> (Shot<'static>, ShotTerms) {
    let (mut shot, mut terms) = (shot(RAIN, "rain.1", BYTES), terms());
    shot.not_after_ns = u64::MAX;
    terms.silence_ns_max = u64::MAX;
    (shot, terms)
}
