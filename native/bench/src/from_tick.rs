//! From the text of a tick to both legs written, in turns with the floor: the bytes of the first
//! shot through the same two TLS sessions with nothing else done.
//!
//! Whoever fires turns without a rest until the next round is due, as an engine does that is told
//! to: it hears the wires and lets go of what is due. What other threads do for it is done before.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use legwork_engine_core::armed::{ArmedPair, Asked, Hands, NotFired};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::{Firing, Receipt, Release};
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::latency::{HAND_OVER_NS, Hop, LatencyReader};
use legwork_engine_core::orders::{OrderSigningThread, SigningLine};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::signing::KalshiAhead;
use legwork_engine_core::wire::{Clock, VenueWires, Wires, Written};
use tempfile::TempDir;

use crate::headers::Headers;
use crate::load::Load;
use crate::report::{Refused, Row, Signed, histogram};
use crate::rounds::{Round, Rounds};
use crate::stub_process::StubProcess;
use crate::support::{CLEARED, RAIN};
use crate::ticks::{self, EDGE_GOES, kalshi_delta};
use crate::{armed, desk, venue};

/// Each part has sessions of its own, and half a second or so to get used to them.
pub const WARM_UP_SHARE: usize = 10;
const BOTH: [Venue; LEGS] = [Venue::Polymarket, Venue::Kalshi];
/// Until whoever signs is ahead of a thousand shots a second.
const SETTLED_AFTER_NS: u64 = 500_000_000;

/// When Polymarket's order is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signing {
    /// Before its tick came.
    Ahead,
    /// After its decision.
    PerShot,
}

/// What is measured, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Of Polymarket's orders.
    pub signing: Signing,
    /// How shots follow each other.
    pub load: Load,
    /// As many of the floor.
    pub shots: usize,
}

/// What came of a plan.
pub struct Part {
    /// As its rows have it.
    pub name: String,
    /// Still without the stub's stamps.
    pub rounds: Rounds,
    /// The floor's writes, and the steps of the shots as an engine publishes them.
    pub hops: Vec<Row>,
    /// Shots that the load was too much for.
    pub refused: Vec<Refused>,
    /// When Polymarket's orders were signed.
    pub signed: Signed,
}

impl Plan {
    fn name(&self) -> String {
        let signing = match self.signing {
            Signing::Ahead => "signed ahead",
            Signing::PerShot => "signed per shot",
        };
        format!("{signing}, {}", self.load.name())
    }

    /// Over a session per venue that are its own.
    pub fn measure(self, stub: &StubProcess) -> Part {
        let mut bench = Bench::new(self, stub);
        let (warm_up, mut written) = (self.shots / WARM_UP_SHARE, [0; 2]);
        for round in 0.. {
            if written.iter().all(|so_many| *so_many >= warm_up + self.shots) {
                break;
            }
            let is_shot = self.load.is_shot(round);
            let so_many = &mut written[usize::from(is_shot)];
            *so_many += usize::from(bench.round(is_shot, *so_many >= warm_up));
        }
        bench.part()
    }
}

struct Bench {
    plan: Plan,
    firing: Firing<VenueWires<SystemClock>, SystemClock>,
    latencies: LatencyReader,
    books: ticks::Desk,
    pair: ArmedPair,
    headers: KalshiAhead,
    signer: Headers,
    orders: (SigningLine, OrderSigningThread),
    ticks: usize,
    due_ns: u64,
    /// Of the first shot.
    requests: Vec<Vec<u8>>,
    rounds: Rounds,
    floor_legs: [hdrhistogram::Histogram<u64>; LEGS],
    refused: BTreeMap<&'static str, usize>,
    /// The journal's, until the end.
    _folders: (TempDir, TempDir),
}

impl Bench {
    fn new(plan: Plan, stub: &StubProcess) -> Self {
        let folders = desk::folders();
        let wires = desk::warm([&stub.polymarket, &stub.kalshi], SystemClock);
        let mut firing = desk::firing(wires, SystemClock, &folders);
        let latencies = firing.latencies().expect("there is one");
        let (headers, signer) = Headers::for_load(plan.load);
        let now_ns = SystemClock.monotonic_ns();
        Self {
            plan,
            firing,
            latencies,
            books: ticks::Desk::open_at(now_ns),
            pair: armed::pair(RAIN),
            headers,
            signer,
            orders: OrderSigningThread::start().expect("a thread"),
            ticks: 0,
            due_ns: now_ns + SETTLED_AFTER_NS,
            requests: Vec::new(),
            rounds: Rounds::default(),
            floor_legs: [histogram(), histogram()],
            refused: BTreeMap::new(),
            _folders: folders,
        }
    }

    /// Whether anything was written: the load may be too much for a shot.
    fn round(&mut self, is_shot: bool, counts: bool) -> bool {
        self.make_ready();
        self.quote(); // the edge is gone
        if self.plan.signing == Signing::Ahead {
            self.sign_ahead();
        }
        let written = if is_shot { self.shot(counts) } else { self.floor(counts) };
        let answered_ns = SystemClock.monotonic_ns();
        self.due_ns = self.plan.load.next_due_ns(self.due_ns, answered_ns);
        written
    }

    /// What other threads do between shots.
    fn make_ready(&mut self) {
        self.latencies.read();
        self.firing.idle(&mut self.headers);
        self.signer.between_rounds();
    }

    /// The orders that the books, without their edge, let one expect: asked for as an engine does, and
    /// signed by its thread. One at a time a shot waits for them, so that nobody else is at work in any;
    /// a thousand a second there is no time for that.
    fn sign_ahead(&mut self) {
        self.books.polymarket.heard(SystemClock.monotonic_ns());
        let Self { firing, books, pair, orders, .. } = self;
        pair.look_ahead();
        while pair.ask_ahead(&mut orders.0, firing, &books.books()) == Asked::Some {}
        if self.plan.load == Load::OneAtATime {
            venue::until("everything is signed", || {
                self.take_signed();
                self.pair.directions().iter().all(|direction| direction.ahead.awaited() == 0)
            });
        }
    }

    fn take_signed(&mut self) {
        while let Some((place, order)) = self.orders.0.take() {
            self.pair.put_ahead(place.direction, order);
        }
    }

    /// As a thread that waits for nobody: it turns until the next round is due.
    fn turn_until_due(&mut self) {
        while SystemClock.monotonic_ns() < self.due_ns {
            self.take_signed();
            self.firing.hear(|_| ());
            self.firing.idle(&mut self.headers);
        }
    }

    /// The next delta is taken in, and nobody looks at it.
    fn quote(&mut self) {
        let text = kalshi_delta(self.ticks, EDGE_GOES);
        self.ticks += 1;
        self.books.kalshi.take(&text, SystemClock.monotonic_ns());
    }

    fn floor(&mut self, counts: bool) -> bool {
        self.turn_until_due();
        let wires = self.firing.wires();
        wires.aim(ShotId { thread: 0, epoch: 0, sequence: 0 }, BOTH);
        assert!(wires.take(), "both sessions are idle");
        let began_ns = SystemClock.monotonic_ns();
        let first = wires.write(0, &self.requests[0]);
        let first_ns = SystemClock.monotonic_ns();
        let second = wires.write(1, &self.requests[1]);
        let written_ns = SystemClock.monotonic_ns();
        assert_eq!([first, second], [Written::Whole; LEGS]);
        wires.put_back();
        if counts {
            self.floor_legs[0].saturating_record(first_ns - began_ns);
            self.floor_legs[1].saturating_record(written_ns - first_ns);
        }
        let from_ns = self.plan.load.timed_from_ns(self.due_ns, began_ns);
        self.rounds.add(Round { is_shot: false, counts, from_ns, written_ns });
        desk::until_answered(&mut self.firing);
        self.quote(); // the edge is back
        true
    }

    /// The tick that brings the edge back, and what it fires.
    fn shot(&mut self, counts: bool) -> bool {
        let text = kalshi_delta(self.ticks, EDGE_GOES);
        self.ticks += 1;
        self.turn_until_due();
        // The other venue has nothing to say meanwhile, and is there.
        self.books.polymarket.heard(SystemClock.monotonic_ns());
        let tick_ns = SystemClock.monotonic_ns();
        self.books.kalshi.take(&text, tick_ns);
        let Self { firing, headers, books, pair, .. } = self;
        let mut hands = Hands { firing, headers, clear: &|_| Ok(CLEARED) };
        match pair.tick(&mut hands, &books.books(), tick_ns) {
            Ok(receipt) => self.has_left(&receipt, (tick_ns, counts)),
            Err(NotFired::Refused(refusal)) => self.count(refusal),
            Err(other) => panic!("an edge is fired at: {other}"),
        }
    }

    fn has_left(&mut self, receipt: &Receipt, (tick_ns, counts): (u64, bool)) -> bool {
        assert_eq!(receipt.legs, [Some(Written::Whole); LEGS]);
        let from_ns = self.plan.load.timed_from_ns(self.due_ns, tick_ns);
        let (_, written_ns) = receipt.from_to_ns;
        self.rounds.add(Round { is_shot: true, counts, from_ns, written_ns });
        if self.requests.is_empty() {
            let recorded = self.firing.recorded(receipt.id).expect("it is the last");
            self.requests = recorded.legs.into_iter().map(|leg| leg.bytes).collect();
        }
        self.firing.adopted(receipt);
        let mut heard = 0;
        venue::until("both legs are heard of", || {
            self.firing.hear(|_| heard += 1);
            heard == LEGS
        });
        self.firing.ended(receipt, Release::Now);
        true
    }

    fn count(&mut self, refusal: Refusal) -> bool {
        *self.refused.entry(refusal.code()).or_default() += 1;
        false
    }

    fn part(mut self) -> Part {
        // What was recorded last is handed over like the rest.
        thread::sleep(Duration::from_nanos(HAND_OVER_NS));
        self.firing.idle(&mut self.headers);
        let name = self.plan.name();
        let [first, second] = &self.floor_legs;
        let floor = [("floor: the first leg’s write", first), ("floor: the second leg’s", second)];
        let mut hops: Vec<Row> =
            floor.into_iter().map(|(what, took)| Row::of(&name, what, took)).collect();
        let steps = self.latencies.read();
        let of = |hop: &Hop| Row::of(&name, &format!("hop: {}", hop.code()), steps.of(*hop));
        hops.extend(Hop::ALL.iter().map(of));
        let refused = self.refused.into_iter();
        let refused = refused.map(|(code, count)| Refused { part: name.clone(), code, count });
        let [ahead, per_shot] = self.firing.orders_signed().told();
        let signed = Signed { part: name.clone(), ahead, per_shot };
        Part { refused: refused.collect(), rounds: self.rounds, hops, signed, name }
    }
}
