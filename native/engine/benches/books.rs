//! From a message to a decision, in nanoseconds: `cargo bench --bench books`.

#[path = "../tests/support/market_data.rs"]
mod market_data;
#[path = "../tests/support/ticks.rs"]
mod ticks;

use std::hint::black_box;
use std::time::Instant;

use hdrhistogram::Histogram;
use legwork_engine_core::feeds::kalshi::message::Frame;
use legwork_engine_core::feeds::polymarket::message::read;
use ticks::{DEEP, Desk, EDGE_GOES, kalshi_delta, polymarket_change, polymarket_hashed};

const ROUNDS: usize = 20_000;

fn main() {
    println!("{:<52}{:>9}{:>9}{:>9}", "nanoseconds", "p50", "p99", "p99.9");
    measure("floor: two readings of the clock", |_| ());
    kalshi();
    polymarket();
    decisions();
}

fn measure(what: &str, mut once: impl FnMut(usize)) {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    for round in 0..ROUNDS {
        let start = Instant::now();
        once(round);
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        histogram.record(took).expect("in range");
    }
    let at = |percentile| histogram.value_at_quantile(percentile);
    println!("{what:<52}{:>9}{:>9}{:>9}", at(0.5), at(0.99), at(0.999));
}

fn kalshi() {
    let ticks: Vec<String> = (0..ROUNDS).map(|round| kalshi_delta(round, DEEP)).collect();
    measure("Kalshi delta: decode", |round| {
        let frame = Frame::read(&ticks[round]).expect("a frame");
        drop(black_box(frame.message()).expect("a delta"));
    });
    let mut desk = Desk::open();
    measure("Kalshi delta: decode, apply", |round| {
        black_box(desk.kalshi.take(&ticks[round], 1));
    });
    let ticks: Vec<String> = (0..ROUNDS).map(|round| kalshi_delta(round, EDGE_GOES)).collect();
    let mut desk = Desk::open();
    measure("Kalshi delta: decode, apply, decide", |round| {
        desk.kalshi.take(&ticks[round], 1);
        let _ = black_box(desk.decide());
    });
}

fn polymarket() {
    let ticks: Vec<String> = (0..ROUNDS).map(|round| polymarket_change(round, DEEP)).collect();
    measure("Polymarket change: decode", |round| {
        read(&ticks[round], |event| drop(black_box(event))).expect("an event");
    });
    let mut desk = Desk::open();
    measure("Polymarket change: decode, apply", |round| {
        black_box(desk.polymarket.take(&ticks[round], 1));
    });
    let mut desk = Desk::open();
    let ticks = polymarket_hashed(ROUNDS);
    measure("Polymarket change: decode, apply, hash of 60 levels", |round| {
        black_box(desk.polymarket.take(&ticks[round], 1));
    });
    assert_eq!(desk.polymarket.counts().gaps, 0, "every hash was believed and right");
    let ticks: Vec<String> = (0..ROUNDS).map(|round| polymarket_change(round, EDGE_GOES)).collect();
    let mut desk = Desk::open();
    measure("Polymarket change: decode, apply, decide", |round| {
        desk.polymarket.take(&ticks[round], 1);
        let _ = black_box(desk.decide());
    });
}

fn decisions() {
    let mut desk = Desk::open();
    assert!(desk.decide().is_ok());
    measure("decide, both directions: a trade", |_| {
        let _ = black_box(desk.decide());
    });
    desk.kalshi.take(&kalshi_delta(0, EDGE_GOES), 1);
    assert!(desk.decide().is_err());
    measure("decide, both directions: no edge", |_| {
        let _ = black_box(desk.decide());
    });
}
