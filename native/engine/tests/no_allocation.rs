//! Between the decision and the last byte nothing is allocated: no allocator, no page fault, no lock
//! of somebody else's stands in the way of a shot.

#[path = "support/allocations.rs"]
mod allocations;
#[path = "support/armed.rs"]
mod armed;
#[path = "support/kalshi.rs"]
mod kalshi;
#[path = "support/market_data.rs"]
mod market_data;
#[path = "support/orders.rs"]
mod orders;
mod support;
#[path = "support/ticks.rs"]
mod ticks;
#[path = "support/venue.rs"]
mod venue;

use std::cell::Cell;
use std::num::NonZeroU8;
use std::rc::Rc;
use std::time::Duration;

use allocations::allocated;
use legwork_engine_core::armed::{Hands, Wanted};
use legwork_engine_core::clearing::Subject;
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::firing::Release;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::latency::{HAND_OVER_NS, Hop, LONGEST_NS, Latencies, WrittenTimes};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::orders::{KalshiOrders, OrderTerms, PolymarketAhead};
use legwork_engine_core::shot::Venue::{Kalshi, Polymarket};
use legwork_engine_core::shot::{Before, Top};
use legwork_engine_core::signing::{AheadOptions, KalshiAhead};
use legwork_engine_core::wire::{Answer, RequestForm, VenueWires, Wires, Written};
use support::{CLEARED, RAIN, SECOND_NS, StoppedClock, desk, of, shot, terms};
use tempfile::tempdir;
use venue::{OK, TestVenue, answering, options, until};

/// What rustls 0.23 cannot do without: the memory of each record that it encrypts, freed when the
/// kernel has it. A leg is one record.
const PER_LEG: usize = 1;

#[test]
fn a_shot_and_a_refusal_allocate_nothing() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 64);
    let bytes: [&[u8]; 2] = [&[b'y'; 1_400], &[b'n'; 500]];
    let (shot, terms) = (shot(MarketId(3), "rain.1", bytes), terms());
    let mut fired = 0;
    let count = allocated(|| {
        for _ in 0..1_000 {
            let Ok(receipt) = desk.firing.fire(&shot, &terms) else { continue };
            let refused = desk.firing.fire(&shot, &terms);
            fired += usize::from(refused.is_err());
            desk.firing.adopted(&receipt);
            desk.firing.ended(&receipt, Release::Now);
        }
    });
    assert_eq!(count, 0);
    assert_eq!(fired, 10, "a hundred dollars are ten shots of 9.7");
}

#[test]
fn how_long_a_shot_took_is_recorded_and_handed_over_without_allocating() {
    let (mut latencies, mut reader) = Latencies::new();
    let before = Before { tick_ns: 1, decided_ns: 2, signed_ns: 3 };
    for round in 1..=3 {
        let count = allocated(|| {
            for late_ns in [1, LONGEST_NS, u64::MAX - 5] {
                let times = WrittenTimes { began_ns: 4, legs_ns: [5, 5 + late_ns] };
                latencies.fired(&before, &times, [Some(Written::Whole); 2]);
                latencies.answered(Kalshi, (1, late_ns));
            }
            latencies.idle(round * HAND_OVER_NS);
        });
        assert_eq!((count, reader.read().of(Hop::Skew).len()), (0, 3 * round));
    }
}

#[test]
fn what_is_heard_of_no_shot_allocates_nothing_and_silence_its_one_word() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let receipt = desk.firing.fire(&shot(RAIN, "rain.1", [b"y", b"n"]), &terms());
    let id = receipt.expect("nothing is against it").id;
    for (leg, expected) in [(7, 0), (0, 1), (0, 0), (1, 1)] {
        desk.line.heard.borrow_mut().push((id, leg, None));
        let count = allocated(|| desk.firing.hear(|_| ()));
        assert_eq!(count, expected, "leg {leg}");
    }
}

#[test]
fn headers_that_were_signed_ahead_are_taken_without_allocating() {
    let each = NonZeroU8::new(8).expect("at least one");
    let every = Duration::from_secs(1);
    let options = AheadOptions { method: "POST", path: "/trade-api/v2/x", every, each };
    let clock = StoppedClock(Rc::new(Cell::new(1_703_123_456 * SECOND_NS)));
    let now = read(&clock);
    let made = KalshiAhead::new(kalshi::key(), &options, clock);
    let (mut ahead, mut signing) = made.expect("an interval");
    signing.round().expect("it signs");
    let mut taken = 0;
    let count = allocated(|| {
        while let Some(headers) = ahead.take(now) {
            taken += usize::from(!headers.signature().is_empty());
            ahead.idle(read(&SystemClock)); // long after: the others are too old
            assert!(ahead.take(now).is_none());
        }
    });
    assert_eq!((count, taken), (0, 1));
}

#[test]
fn an_order_is_made_of_prepared_parts_without_allocating() {
    let (given, key) = (orders::vectors(), kalshi::key());
    let (of_kalshi, market) = orders::case(&given, "an entry in its group");
    let mut kalshi = of_kalshi.kalshi(market, &key).expect("an instrument");
    let (of_polymarket, market) = orders::case(&given, "dollars for shares of YES");
    let account = &given.polymarket_account;
    let mut polymarket = of_polymarket.polymarket(market, account).expect("an instrument");
    let sign = || key.sign(1_703_123_456_789, "POST", KalshiOrders::PATH).expect("it signs");
    let (headers, at_ns) = ([sign(), sign()], 1_703_123_456 * SECOND_NS);
    let terms = [of_kalshi.terms(), of_polymarket.terms()];
    let mut ahead = PolymarketAhead::new(Duration::from_secs(1));
    let levels = [terms[1], OrderTerms { limit_price: support::of("0.53"), ..terms[1] }];
    for terms in &levels {
        orders::sign_ahead(&mut ahead, (&polymarket, terms), at_ns / 1_000_000);
    }
    let mut bytes = 0;
    let count = allocated(|| {
        for headers in headers {
            bytes += kalshi.order(&terms[0], headers).map_or(0, |order| order.bytes.len());
        }
        let taken = ahead.take(&terms[1], at_ns).map(|order| polymarket.signed(order, at_ns));
        bytes += taken.and_then(Result::ok).map_or(0, |order| order.bytes.len());
        // secp256k1 and all hashes are in Rust, on the stack.
        bytes += polymarket.order(&terms[1], at_ns).map_or(0, |order| order.bytes.len());
        bytes += usize::from(polymarket.order(&terms[0], at_ns).is_err());
    });
    assert_eq!(count, 0);
    assert!(bytes > 3_000, "only {bytes}");
}

#[test]
fn from_what_a_tick_leaves_to_both_writes_nothing_is_allocated() {
    const NOW_NS: u64 = 1_703_123_456 * SECOND_NS;
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    desk.clock.0.set(NOW_NS);
    desk.house.gate.heard_control(u64::MAX);
    let terms = Terms { epoch: 2, budget: of("100"), until_ns: u64::MAX };
    desk.firing.lease(RAIN).expect("a known market").renew(terms);
    let (books, mut pair) = (ticks::Desk::open_at(NOW_NS), armed::pair(RAIN));
    let (mut headers, mut signing) = armed::headers(desk.clock.clone());
    assert_eq!(signing.round().expect("it signs"), 2);
    let mut fired = None;
    let count = allocated(|| {
        let clear = |_: &Subject<'_>| Ok(CLEARED);
        let mut hands = Hands { firing: &mut desk.firing, headers: &mut headers, clear: &clear };
        fired = pair.tick(&mut hands, &books.books(), NOW_NS).ok();
    });
    assert!(fired.is_some(), "it was fired");
    assert_eq!(count, 0);
    assert_eq!(desk.line.written.borrow().len(), 2);
}

#[test]
fn from_a_strategys_request_to_both_writes_nothing_is_allocated() {
    const NOW_NS: u64 = 1_703_123_456 * SECOND_NS;
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    desk.clock.0.set(NOW_NS);
    desk.house.gate.heard_control(u64::MAX);
    let terms = Terms { epoch: 2, budget: of("100"), until_ns: u64::MAX };
    desk.firing.lease(RAIN).expect("a known market").renew(terms);
    let (mut pair, key) = (armed::pair(RAIN), kalshi::key());
    let (mut headers, mut signing) = armed::headers(desk.clock.clone());
    assert_eq!(signing.round().expect("it signs"), 2);
    let top = Top { heard_ns: NOW_NS, ..Top::default() };
    let wanted = Wanted {
        workflow_id: "arbitrage/dawn.1",
        strategy: "dawn",
        yes_at: Polymarket,
        limit_prices: [of("0.42"), of("0.49")],
        contracts: [of("10"); 2],
        contracts_max: of("10"),
        edge_min: of("0.01"),
        observed_at_ms: [1; 2],
        not_after_ns: u64::MAX,
        is_dry_run: false,
        received_ns: NOW_NS,
        tops: [top; 2],
        key: &key,
    };
    let mut fired = None;
    let count = allocated(|| {
        let clear = |_: &Subject<'_>| Ok(CLEARED);
        let mut hands = Hands { firing: &mut desk.firing, headers: &mut headers, clear: &clear };
        fired = pair.request(&mut hands, &wanted).ok();
    });
    assert!(fired.is_some(), "it was fired");
    assert_eq!((count, desk.line.written.borrow().len()), (0, 2));
}

#[test]
fn a_leg_on_a_warm_wire_allocates_its_one_record_and_nothing_else() {
    let (polymarket, kalshi) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let clock = StoppedClock(Rc::new(Cell::new(1)));
    let venues =
        [(Polymarket, polymarket.endpoint(), options(1)), (Kalshi, kalshi.endpoint(), options(1))];
    let mut wires = VenueWires::new(venues, clock);
    until("both are idle", || {
        wires.poll(|_| ());
        wires.idle(Polymarket) + wires.idle(Kalshi) == 2
    });
    let shot = ShotId { thread: 0, epoch: 1, sequence: 1 };
    let (mut counts, mut answers) = ([0; 20], 0);
    for count in &mut counts {
        *count = allocated(|| {
            wires.aim(shot, [Polymarket, Kalshi]);
            assert!(wires.take());
            assert_eq!(wires.write(0, &[b'y'; 1_400]), Written::Whole);
            assert_eq!(wires.write(1, &[b'n'; 500]), Written::Whole);
            wires.put_back();
        });
        let before = answers;
        until("both are answered", || {
            wires.poll(|heard| answers += usize::from(matches!(heard.answer, Answer::Read(_))));
            answers == before + 2
        });
    }
    assert_eq!(counts[10..], [2 * PER_LEG; 10]);
}

#[test]
fn patching_a_prepared_request_allocates_nothing() {
    let form = RequestForm::new("POST", "/order", "venue.test").hole("POLY_TIMESTAMP", 10);
    let mut request = form.prepare(700).expect("a form");
    let stamp = request.hole("POLY_TIMESTAMP").expect("a hole");
    let mut bytes = 0;
    let count = allocated(|| {
        for body in [&[b'x'; 700][..], b"{}"] {
            request.patch(stamp, b"1713398400").expect("its width");
            request.set_body(body).expect("there is room");
            bytes += request.bytes().map_or(0, <[u8]>::len);
            request.empty_holes();
        }
    });
    assert_eq!(count, 0);
    assert!(bytes > 702);
}
