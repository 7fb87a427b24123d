//! What benches of whole shots share: warm wires, an open house with its journal, and rows of a table.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use legwork_engine_core::firing::{Firing, House};
use legwork_engine_core::journal::{
    COPY_EVERY_DEFAULT, CopyToDisk, Folders, Journal, JournalOptions,
};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::wire::{Clock, PoolOptions, VenueWires, Wires};
use tempfile::TempDir;

use crate::support::{RAIN, answers, of, options};
use crate::venue::{self, TestVenue};

/// One session per venue, both idle.
pub fn warm<C: Clock>([polymarket, kalshi]: [&TestVenue; LEGS], clock: C) -> VenueWires<C> {
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
    wires
}

/// The journal's folders, on disk and in memory; they go with what is returned.
pub fn folders() -> (TempDir, TempDir) {
    let new = |place| tempfile::tempdir_in(place).expect("writable");
    (new("/var/tmp"), new("/dev/shm"))
}

/// Open for shots, and lent more than they will lose.
pub fn firing<C: Clock>(
    wires: VenueWires<C>,
    clock: C,
    (disk, memory): &(TempDir, TempDir),
) -> Firing<VenueWires<C>, C> {
    let copy = CopyToDisk::Every(COPY_EVERY_DEFAULT);
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

/// Both legs of the last round are heard.
pub fn until_answered<C: Clock>(firing: &mut Firing<VenueWires<C>, C>) {
    let mut answers = 0;
    venue::until("both are answered", || {
        firing.wires().poll(|_| answers += 1);
        answers == LEGS
    });
}

/// A line of the table.
pub struct Row {
    name: &'static str,
    pub histogram: Histogram<u64>,
}

impl Row {
    pub fn new(name: &'static str) -> Self {
        Self { name, histogram: Histogram::new(3).expect("three digits") }
    }

    pub fn record(&mut self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.histogram.record(nanoseconds).expect("in range");
    }
}

pub fn print(what: &str, rows: &[Row]) {
    println!("{what:<46}{:>9}{:>9}{:>9}{:>9}", "p50", "p95", "p99", "p99.9");
    for Row { name, histogram } in rows {
        line(name, histogram);
    }
}

/// In nanoseconds.
pub fn line(name: &str, histogram: &Histogram<u64>) {
    let at = |quantile| histogram.value_at_quantile(quantile);
    println!("{name:<46}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
}
