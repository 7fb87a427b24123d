//! Between a tick and its decision nothing is allocated but what reading the message costs.

#[path = "support/allocations.rs"]
mod allocations;
#[path = "support/market_data.rs"]
mod market_data;
#[path = "support/ticks.rs"]
mod ticks;

use allocations::allocated;
use legwork_engine_core::feeds::kalshi::message::Frame;
use ticks::{Desk, EDGE_GOES, kalshi_delta, polymarket_change};

#[test]
fn a_tick_of_kalshi_and_its_decision_allocate_nothing() {
    let mut desk = Desk::open();
    let ticks: Vec<String> = (0..100).map(|round| kalshi_delta(round, EDGE_GOES)).collect();
    let mut decided = 0;
    let count = allocated(|| {
        for text in &ticks {
            assert!(Frame::read(text).is_ok_and(|frame| frame.message().is_ok()));
            desk.kalshi.take(text, 1);
            decided += usize::from(desk.decide().is_ok());
        }
    });
    assert_eq!((count, decided), (0, 50), "every second tick takes the edge away");
}

/// `serde_json`'s note of nesting, and the list of changes.
const PER_POLYMARKET_CHANGE: usize = 2;

#[test]
fn a_tick_of_polymarket_allocates_what_reading_it_costs_and_no_more() {
    let mut desk = Desk::open();
    let ticks: Vec<String> = (0..100).map(|round| polymarket_change(round, EDGE_GOES)).collect();
    let mut decided = 0;
    let count = allocated(|| {
        for text in &ticks {
            desk.polymarket.take(text, 1);
            decided += usize::from(desk.decide().is_ok());
        }
    });
    assert_eq!((count, decided), (100 * PER_POLYMARKET_CHANGE, 50));
}
