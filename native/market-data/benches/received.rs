//! From readable bytes to an applied book, in nanoseconds: `cargo bench -p legwork-engine-market-data`.
//! The venue is a thread of this process; a poll is timed once the kernel has a whole record of it.

#[path = "../../engine/tests/support/allocations.rs"]
mod allocations;
#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use allocations::allocated;
use hdrhistogram::Histogram;
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::shot::Venue;
use legwork_engine_market_data::{MarketData, Outcome};
use support::{CONDITION, Desk, RAIN, Step, Streaming, TOKENS, condition, of, rain};

const ROUNDS: usize = 20_000;
const CONNECTIONS: usize = 50;

fn main() {
    println!("{:<44}{:>9}{:>9}{:>9}{:>15}", "nanoseconds", "p50", "p99", "p99.9", "allocated/100");
    let (_kalshi, mut data) = kalshi();
    measure("a poll that finds nothing", &mut data, |_| false);
    let (venue, mut data) = kalshi();
    measure("Kalshi delta: read, decrypt, decode, apply", &mut data, |round| {
        venue.does(Step::Told(kalshi_delta(round)));
        venue.has_told()
    });
    let (venue, mut data) = polymarket();
    measure("Polymarket change, no hash believed", &mut data, |round| {
        venue.does(Step::Told(polymarket_change(round)));
        venue.has_told()
    });
    connecting();
}

/// `prepare` leaves something to be read, and says so.
fn measure(what: &str, data: &mut MarketData, prepare: impl Fn(usize) -> bool) {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    let (mut told, mut allocations, mut messages) = (0, 0, 0);
    for round in 0..ROUNDS {
        messages += usize::from(prepare(round));
        let start = Instant::now();
        allocations += allocated(|| data.poll(read(&SystemClock), |_| told += 1));
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        histogram.record(took).expect("in range");
    }
    assert!(told >= messages, "each was applied: {told} of {messages}");
    let at = |percentile| histogram.value_at_quantile(percentile);
    let of_100 = allocations * 100 / ROUNDS;
    println!("{what:<44}{:>9}{:>9}{:>9}{of_100:>15}", at(0.5), at(0.99), at(0.999));
    black_box(told);
}

/// The longest poll of each connection to Kalshi that is made, its upgrade signed.
fn connecting() {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    for _ in 0..CONNECTIONS {
        let venue = Streaming::start();
        let mut desk = Desk::kalshi(&venue.venue);
        desk.follow(rain());
        let mut longest = 0;
        while desk.data.counts(Venue::Kalshi).opened == 0 {
            let start = Instant::now();
            desk.poll();
            longest = longest.max(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        }
        histogram.record(longest).expect("in range");
    }
    let at = |percentile| histogram.value_at_quantile(percentile);
    println!("{:<44}{:>9}{:>9}{:>9}", "a connection's longest poll", at(0.5), at(0.99), at(1.0));
}

fn kalshi() -> (Streaming, MarketData) {
    let venue = Streaming::start();
    let mut desk = Desk::kalshi(&venue.venue);
    desk.follow(rain());
    venue.hears_text(&mut desk);
    venue.says(r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#);
    let yes: Vec<_> = (1..31).map(|cents| format!(r#"["0.{cents:02}","40.00"]"#)).collect();
    let no: Vec<_> = (15..45).map(|cents| format!(r#"["0.{cents:02}","40.00"]"#)).collect();
    let (yes, no) = (yes.join(","), no.join(","));
    venue.says(&format!(
        r#"{{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{{"market_ticker":"{RAIN}","yes_dollars_fp":[{yes}],"no_dollars_fp":[{no}]}}}}"#
    ));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0.3×40 | 0.56×40");
    (venue, desk.data)
}

fn kalshi_delta(round: usize) -> String {
    let (seq, sign) = (round + 2, if round.is_multiple_of(2) { "-" } else { "" });
    format!(
        r#"{{"type":"orderbook_delta","sid":1,"seq":{seq},"msg":{{"market_ticker":"{RAIN}","market_id":"9b0f6b43-5b68-4f9f-9f02-9a2d1b8ac1a1","price_dollars":"0.1500","delta_fp":"{sign}12.50","side":"yes","ts":"2025-11-21T05:20:00.123Z","ts_ms":1763700000123}}}}"#
    )
}

fn polymarket() -> (Streaming, MarketData) {
    let venue = Streaming::start();
    let mut desk = Desk::polymarket(&venue.venue);
    desk.follow(condition());
    venue.hears_text(&mut desk);
    let level = |cents: u32| format!(r#"{{"price":"0.{cents:02}","size":"35"}}"#);
    let bids: Vec<_> = (11..41).map(level).collect();
    let asks: Vec<_> = (70..100).map(level).collect();
    let (bids, asks, token) = (bids.join(","), asks.join(","), TOKENS[0]);
    venue.says(&format!(
        r#"{{"event_type":"book","market":"{CONDITION}","asset_id":"{token}","timestamp":"1","bids":[{bids}],"asks":[{asks}]}}"#
    ));
    desk.until_top(of(Venue::Polymarket, Outcome::Yes), "0.4×35 | 0.7×35");
    (venue, desk.data)
}

fn polymarket_change(round: usize) -> String {
    let (size, token) = (if round.is_multiple_of(2) { "0" } else { "35" }, TOKENS[0]);
    format!(
        r#"{{"market":"{CONDITION}","price_changes":[{{"asset_id":"{token}","price":"0.80","size":"{size}","side":"SELL","hash":"56621a121a47ed9333273e21c83b660cff37ae50","best_bid":"0.4","best_ask":"0.7"}}],"timestamp":"1763700000200","event_type":"price_change"}}"#
    )
}
