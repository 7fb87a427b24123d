//! Orders that are signed before anybody needs them: what is kept of them, and who signs.

#[path = "support/orders.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::orders::{
    OrderPlace, OrderSigningThread, PolymarketAhead, ToSign, signing_line,
};
use support::{cent, polymarket_terms, sign_ahead};

const MILLISECOND_NS: u64 = 1_000_000;
const SECOND_MS: u64 = 1_000;

#[test]
fn of_the_orders_signed_ahead_one_is_taken_and_all_of_its_name_are_gone() {
    let (mut orders, mut ahead) = (cent(), PolymarketAhead::new(Duration::from_secs(5)));
    let levels = ["0.50", "0.51", "0.52"].map(|price| polymarket_terms(price, "5.20"));
    let mut other = levels[0];
    other.client_order_id = ClientOrderId::derive("arbitrage/test", "entry/yes", 1);
    let all = [levels[0], levels[1], levels[2], other];
    let made_ms = 1_700_000_000 * SECOND_MS;
    for terms in &all {
        sign_ahead(&mut ahead, (&orders, terms), made_ms);
    }
    let now_ns = (made_ms + 5_000) * MILLISECOND_NS;
    assert!(ahead.take(&polymarket_terms("0.53", "5.20"), now_ns).is_none());
    assert!(ahead.take(&polymarket_terms("0.52", "5.21"), now_ns).is_none());
    assert_eq!(ahead.count(), 4, "what was not there takes nothing away");
    let signed = ahead.take(&levels[1], now_ns).expect("signed ahead");
    assert_eq!((signed.terms(), ahead.count()), (&levels[1], 1));
    let taken = text(orders.signed(signed, now_ns).expect("an order").bytes);
    assert!(taken.contains(r#""timestamp":"1700000000000""#), "the time at which it was signed");
    assert!(taken.contains("POLY_TIMESTAMP: 1700000005\r\n"), "the time at which it is sent");
    for terms in levels {
        assert!(ahead.take(&terms, now_ns).is_none(), "its name was used");
    }
    assert!(ahead.take(&other, now_ns).is_some());
}

#[test]
fn what_was_signed_too_long_ago_or_in_the_future_is_not_taken() {
    let (orders, mut ahead) = (cent(), PolymarketAhead::new(Duration::from_secs(5)));
    let terms = polymarket_terms("0.52", "5.20");
    let made_ms = 1_700_000_000 * SECOND_MS;
    for (now_ms, is_there) in [(5_000, true), (5_001, false), (0, true)] {
        sign_ahead(&mut ahead, (&orders, &terms), made_ms);
        let taken = ahead.take(&terms, (made_ms + now_ms) * MILLISECOND_NS);
        assert_eq!((taken.is_some(), ahead.count()), (is_there, 0), "{now_ms} ms later");
    }
    sign_ahead(&mut ahead, (&orders, &terms), made_ms);
    assert!(ahead.take(&terms, (made_ms - 1) * MILLISECOND_NS).is_none());
}

#[test]
fn what_nobody_has_asked_for_or_somebody_has_given_up_is_not_kept() {
    let (orders, mut ahead) = (cent(), PolymarketAhead::new(Duration::from_secs(5)));
    let terms = polymarket_terms("0.52", "5.20");
    let signed = |at_ms| orders.signer().sign(&terms, at_ms).expect("an order");
    ahead.put(signed(7));
    assert_eq!(ahead.count(), 0, "nobody has asked");
    assert!(ahead.ask(&terms, 7));
    ahead.put(signed(8));
    assert_eq!((ahead.count(), ahead.awaited()), (0, 1), "it was asked for at another time");
    ahead.give_up();
    ahead.put(signed(7));
    assert_eq!((ahead.count(), ahead.awaited()), (0, 0), "its name is used");
}

#[test]
fn an_order_is_asked_for_once_while_it_is_young() {
    let (orders, mut ahead) = (cent(), PolymarketAhead::new(Duration::from_secs(5)));
    let terms = polymarket_terms("0.52", "5.20");
    assert!(ahead.ask(&terms, 1_000));
    assert!(!ahead.ask(&terms, 3_500), "it is on its way");
    assert!(ahead.ask(&terms, 3_501), "it has not come for so long, or grows old");
    ahead.put(orders.signer().sign(&terms, 3_501).expect("an order"));
    assert_eq!((ahead.count(), ahead.awaited()), (1, 0));
    assert!(!ahead.ask(&terms, 6_001), "it is here");
    assert!(ahead.ask(&terms, 6_002), "it grows old");
    assert!(ahead.ask(&terms, 3_000), "the clock was set back: both are from the future");
    assert_eq!(ahead.awaited(), 1, "instead of the one before");
}

#[test]
fn sixteen_orders_are_kept_and_the_oldest_makes_room() {
    let (orders, mut ahead) = (cent(), PolymarketAhead::new(Duration::from_secs(5)));
    let made_ms = 1_700_000_000 * SECOND_MS;
    let cents = |index: u64| polymarket_terms(&format!("0.{}", 30 + index), "5.20");
    for index in 0..20 {
        sign_ahead(&mut ahead, (&orders, &cents(index)), made_ms + index);
    }
    assert_eq!(ahead.count(), 16);
    let mut is_there = |index| !ahead.ask(&cents(index), made_ms + 20);
    assert_eq!([4, 19, 0, 3].map(&mut is_there), [true, true, false, false]);
    for index in 0..20 {
        assert!(ahead.ask(&cents(index), made_ms + 10_000), "all are old");
    }
    assert_eq!(ahead.awaited(), 16);
}

#[test]
fn on_its_way_to_whoever_signs_an_order_is_forgotten_whose_name_is_used() {
    let (mut line, mut signing) = signing_line();
    let orders = cent();
    let next = Arc::new(AtomicU64::new(7));
    let of = |direction| ToSign {
        place: OrderPlace { market: MarketId(3), direction },
        signer: orders.signer(),
        terms: polymarket_terms("0.52", "5.20"),
        created_at_ms: 1_700_000_000 * SECOND_MS,
        number: (7, Arc::clone(&next)),
    };
    assert!(line.ask(of(1)));
    assert_eq!((signing.round(), signing.round()), (1, 0));
    let (place, signed) = line.take().expect("it is signed");
    assert_eq!(place, OrderPlace { market: MarketId(3), direction: 1 });
    assert_eq!(signed.terms(), &polymarket_terms("0.52", "5.20"));
    assert!(orders.is_own(&signed));
    assert!(line.ask(of(0)));
    next.store(8, Ordering::Relaxed);
    assert_eq!((signing.round(), line.take().is_none()), (0, true));
}

#[test]
fn where_there_is_no_room_nobody_waits() {
    let (mut line, mut signing) = signing_line();
    let (orders, next) = (cent(), Arc::new(AtomicU64::new(0)));
    let mut ask = |price: &str| {
        line.ask(ToSign {
            place: OrderPlace { market: MarketId(0), direction: 0 },
            signer: orders.signer(),
            terms: polymarket_terms(price, "5.20"),
            created_at_ms: 1_700_000_000 * SECOND_MS,
            number: (0, Arc::clone(&next)),
        })
    };
    assert_eq!((0..300).filter(|_| ask("0.525")).count(), 256);
    assert_eq!(signing.round(), 0, "no such price: it is not there, and its shot says why");
    assert!(ask("0.52"));
    assert_eq!(signing.round(), 1);
}

#[test]
fn the_thread_that_signs_is_woken_by_whoever_asks() {
    let (mut line, thread) = OrderSigningThread::start().expect("a thread");
    let (orders, next) = (cent(), Arc::new(AtomicU64::new(0)));
    assert!(line.ask(ToSign {
        place: OrderPlace { market: MarketId(0), direction: 0 },
        signer: orders.signer(),
        terms: polymarket_terms("0.52", "5.20"),
        created_at_ms: 1_700_000_000 * SECOND_MS,
        number: (0, next),
    }));
    let began = Instant::now();
    while line.take().is_none() {
        assert!(began.elapsed() < Duration::from_mins(1) && !thread.has_failed());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("ASCII")
}
