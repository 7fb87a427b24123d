//! Single steps, each timed alone: what a shot is made of.

use std::hint::black_box;
use std::time::Instant;

use legwork_engine_core::firing::House;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{
    COPY_EVERY_DEFAULT, CopyToDisk, Folders, Journal, JournalOptions,
};
use legwork_engine_core::shot::Now;
use legwork_engine_core::signing::Maker;
use tempfile::TempDir;

use crate::desk;
use crate::from_tick::WARM_UP_SHARE;
use crate::report::{Row, histogram};
use crate::support::{RAIN, answers, options, shot};

/// The part that its rows are of.
pub const PART: &str = "alone";
/// What is too short to be timed alone is timed so many times over, and divided.
const AT_ONCE: u64 = 100;
const MARKETS: usize = 65_536;
const SLOTS: u32 = 16_384;

/// The clock itself, the in-flight bit, the journal, and k256's signature.
pub fn rows(rounds: usize) -> Vec<Row> {
    vec![
        timed("two readings of the clock", rounds, |_| ()),
        dedup(rounds),
        append(rounds),
        k256(rounds),
    ]
}

/// Each round holds two readings of the clock.
pub fn timed(what: &str, rounds: usize, mut once: impl FnMut(usize)) -> Row {
    let mut took = histogram();
    (0..rounds / WARM_UP_SHARE).for_each(&mut once);
    for round in 0..rounds {
        let start = Instant::now();
        once(round);
        let nanoseconds = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        took.saturating_record(nanoseconds);
    }
    Row::of(PART, what, &took)
}

/// On disk and in memory, as an engine has it.
pub fn journal((disk, memory): &(TempDir, TempDir)) -> Journal {
    let copy = CopyToDisk::Every(COPY_EVERY_DEFAULT);
    let options = JournalOptions { copy, ..options(SLOTS) };
    let folders = Folders { disk: disk.path(), memory: memory.path() };
    Journal::create(folders, &options).expect("free")
}

/// The shortest of all: a hundred at a time, of which each is a hundredth.
fn dedup(rounds: usize) -> Row {
    let (house, _threads) = House::new(MARKETS, 1, answers());
    let market = |round: usize| MarketId(u32::try_from(round * 7 % MARKETS).expect("below"));
    let hundred = timed("dedup: a market's bit, taken and released", rounds, |round| {
        for again in 0..100 {
            let held = house.in_flight.take(market(round + again)).expect("free");
            house.in_flight.release(black_box(held));
        }
    });
    let [p50, p95, p99, p999] =
        [hundred.p50, hundred.p95, hundred.p99, hundred.p999].map(|all| all.div_ceil(AT_ONCE));
    Row { p50, p95, p99, p999, ..hundred }
}

fn append(rounds: usize) -> Row {
    let mut journal = journal(&desk::folders());
    let shot = shot(RAIN, "rain.1", [&[b'y'; 1_400], &[b'n'; 500]]);
    let now = Now { monotonic_ns: 1, unix_ns: 1 };
    let what =
        format!("journal append, copied to disk every {} ms", COPY_EVERY_DEFAULT.as_millis());
    timed(&what, rounds, |_| {
        let id = journal.append(&shot, 1, now).expect("there is room");
        journal.acknowledge(id);
    })
}

fn k256(rounds: usize) -> Row {
    let maker = Maker::from_key(&[7; 32]).expect("a key");
    let mut hash = [0xab; 32];
    timed("one k256 signature", rounds, |round| {
        hash[..8].copy_from_slice(&round.to_le_bytes());
        black_box(maker.sign(&hash)).expect("it signs");
    })
}
