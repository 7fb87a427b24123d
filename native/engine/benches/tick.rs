//! From the text of a tick to both legs written, over TLS on loopback: `cargo bench --bench tick`.
//!
//! The floor is as many bytes through the same two TLS sessions with nothing else done. Rounds of a
//! table's rows are interleaved, and each waits for its answers outside of what is timed. Then the
//! hops of the shots, as an engine publishes them.

#[path = "../tests/support/armed.rs"]
mod armed;
#[path = "support/desk.rs"]
mod desk;
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

use std::time::{Duration, Instant};

use desk::{Row, firing, folders, line, until_answered, warm};
use legwork_engine_core::armed::{ArmedPair, Hands};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::{Firing, Release};
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::latency::{Hop, LatencyReader};
use legwork_engine_core::orders::OrderTerms;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::signing::{KalshiAhead, KalshiSigning};
use legwork_engine_core::wire::{Clock, VenueWires, Wires, Written};
use orders::sign_ahead;
use support::{CLEARED, RAIN};
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
        let rows = [
            Row::new("floor: as many bytes written, nothing else"),
            Row::new("tick → both legs written"),
            Row::new("a tick that takes the edge away"),
        ];
        let folders = folders();
        let (headers, signing) = armed::headers(SystemClock);
        let wires = warm([polymarket, kalshi], SystemClock);
        let mut firing = firing(wires, SystemClock, &folders);
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
        until_answered(&mut self.firing);
        self.count(0, took, counts);
    }

    /// One tick takes the edge away, the next brings it back, and is fired at.
    fn tick(&mut self, is_ahead: bool, counts: bool) {
        self.make_ready(is_ahead);
        let gone = self.timed_tick();
        assert!(!gone.1, "there is no edge");
        let back = self.timed_tick();
        assert!(back.1, "an edge is fired at");
        until_answered(&mut self.firing);
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
        let mut hands = Hands { firing, headers, clear: &|_| Ok(CLEARED) };
        let fired = pair.tick(&mut hands, &books.books(), tick_ns);
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
        if !is_ahead {
            return;
        }
        let now_ms = SystemClock.unix_ns() / MILLISECOND_NS;
        let [direction, _] = self.pair.directions();
        sign_ahead(&mut direction.ahead, (&direction.polymarket, &terms), now_ms);
    }

    fn count(&mut self, row: usize, took: Duration, counts: bool) {
        if counts {
            self.rows[row].record(took);
        }
    }

    fn print(&mut self, what: &str) {
        desk::print(what, &self.rows);
        let hops = self.latencies.read();
        for hop in Hop::ALL {
            line(hop.code(), hops.of(*hop));
        }
    }
}
