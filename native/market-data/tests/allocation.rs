//! Between the kernel and a book little is allocated, and nothing of it by us.

#[path = "../../engine/tests/support/allocations.rs"]
mod allocations;
mod support;

use allocations::allocated;
use legwork_engine_core::shot::Venue;
use legwork_engine_market_data::Outcome;
use support::{Desk, RAIN, Step, Streaming, of, rain};

/// What rustls decrypts a record into.
const PER_RECORD: usize = 1;
const RECORDS: usize = 100;

#[test]
fn a_delta_of_kalshis_allocates_what_decrypting_it_costs_and_no_more() {
    let venue = Streaming::start();
    let mut desk = Desk::kalshi(&venue.venue);
    desk.follow(rain());
    venue.hears_text(&mut desk);
    venue.says(r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#);
    venue.says(&format!(
        r#"{{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{{"market_ticker":"{RAIN}","yes_dollars_fp":[["0.45","10.00"]],"no_dollars_fp":[]}}}}"#
    ));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0.45×10 | 0×0");
    let (mut count, mut told) = (0, 0);
    let now = desk.now(); // stands still: a ping that is due would allocate
    for seq in 2..RECORDS + 2 {
        venue.does(Step::Told(format!(
            r#"{{"type":"orderbook_delta","sid":1,"seq":{seq},"msg":{{"market_ticker":"{RAIN}","price_dollars":"0.45","delta_fp":"1.00","side":"yes"}}}}"#
        )));
        assert!(venue.has_told());
        count += allocated(|| desk.data.poll(now, |_| told += 1));
    }
    assert_eq!((told, count), (2 * RECORDS, RECORDS * PER_RECORD));
    assert_eq!(desk.top(of(Venue::Kalshi, Outcome::Yes)), "0.45×110 | 0×0");
}
