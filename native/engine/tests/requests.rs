//! What a strategy asks of an armed pair: its own prices and sizes, from the pair's lease.

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

use std::sync::Arc;

use legwork_engine_core::armed::{ArmedPair, Hands, NotFired, Wanted};
use legwork_engine_core::clearing::Subject;
use legwork_engine_core::firing::Receipt;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::lease::Terms;
use legwork_engine_core::own_intent::{Door, RecordedIntent};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Venue;
use legwork_engine_core::signing::{KalshiAhead, KalshiKey};
use support::{CLEARED, RAIN, SECOND_NS, of};
use tempfile::{TempDir, tempdir};

/// 2023-12-21T01:50:56Z.
const NOW_NS: u64 = 1_703_123_456 * SECOND_NS;
const WORKFLOW: &str = "arbitrage/dawn.7";
/// The rest of a second, as the strategy has it.
const NOT_AFTER_NS: u64 = NOW_NS + SECOND_NS;

struct Desk {
    of: support::Desk,
    books: ticks::Desk,
    pair: ArmedPair,
    headers: KalshiAhead,
    key: Arc<KalshiKey>,
    cleared: Result<u64, Refusal>,
    _folder: TempDir,
}

impl Desk {
    fn open() -> Self {
        let folder = tempdir().expect("a temporary folder");
        let mut of = support::desk(folder.path(), 8);
        of.clock.0.set(NOW_NS);
        of.house.gate.heard_control(u64::MAX);
        let terms = Terms { epoch: 2, budget: support::of("100"), until_ns: u64::MAX };
        of.firing.lease(RAIN).expect("a known market").renew(terms);
        // Nobody signs ahead: a request's headers are signed on the spot.
        let (headers, _) = armed::headers(of.clock.clone());
        let (books, pair) = (ticks::Desk::open_at(NOW_NS), armed::pair(RAIN));
        let (key, cleared) = (kalshi::key(), Ok(CLEARED));
        Self { of, books, pair, headers, key, cleared, _folder: folder }
    }

    fn request(&mut self, change: impl FnOnce(&mut Wanted<'_>)) -> Result<Receipt, NotFired> {
        let books = self.books.books();
        let top = |of: legwork_engine_core::books::BookView<'_>| of.top().expect("a book");
        let mut wanted = Wanted {
            workflow_id: WORKFLOW,
            strategy: "dusk",
            yes_at: Venue::Polymarket,
            limit_prices: [of("0.42"), of("0.49")],
            contracts: [of("10"); 2],
            contracts_max: of("200"),
            edge_min: of("0.06"),
            observed_at_ms: [900, 950],
            not_after_ns: NOT_AFTER_NS,
            is_dry_run: false,
            received_ns: NOW_NS - 700,
            tops: [top(books.polymarket[0]), top(books.kalshi[1])],
            key: &self.key,
        };
        change(&mut wanted);
        let cleared = self.cleared;
        let clear = move |subject: &Subject<'_>| {
            assert_eq!((subject.strategy, subject.workflow_id), ("dusk", WORKFLOW));
            assert_eq!(subject.venues, ["kalshi", "polymarket"]);
            let yes = format!("polymarket/{}/yes", ticks::MARKET);
            assert_eq!(subject.instruments, [&yes, "kalshi/KXRAIN-26NOV21/no"]);
            cleared
        };
        let Self { of, pair, headers, .. } = self;
        pair.request(&mut Hands { firing: &mut of.firing, headers, clear: &clear }, &wanted)
    }

    fn recorded(&self, receipt: &Receipt) -> RecordedShot {
        self.of.firing.recorded(receipt.id).expect("in its slot")
    }
}

#[test]
fn what_was_asked_for_is_at_both_wires_at_its_own_limits() {
    let mut desk = Desk::open();
    let receipt = desk.request(|_| ()).expect("nothing is against it");
    let shot = desk.recorded(&receipt);
    assert_eq!((shot.intent_id.as_str(), shot.pair_id.as_str()), ("dawn.7", "rain"));
    let limits: Vec<_> = shot.legs.iter().map(|leg| leg.limit_price.to_string()).collect();
    assert_eq!(limits, ["0.42", "0.49"]);
    // 10 − 4.2 − 4.9, less fees of 0.09744 and 0.175 + 0.01.
    assert_eq!(shot.edge, of("0.061756"));
    assert_eq!(shot.not_after_ns, NOT_AFTER_NS);
    for (leg, purpose) in shot.legs.iter().zip(["entry/yes", "entry/no"]) {
        assert_eq!(leg.client_order_id, ClientOrderId::derive(WORKFLOW, purpose, 0));
    }
    let expected = RecordedIntent {
        door: Door::FireFirst,
        strategy: "dusk".into(),
        contracts_max: of("200"),
        edge_min: of("0.06"),
        observed_at_ms: [900, 950],
    };
    assert_eq!(shot.intent, Some(expected));
    assert_eq!(shot.before.tick_ns, NOW_NS - 700);
}

type Change = fn(&mut Wanted<'_>);

#[test]
fn what_is_refused_has_left_nothing_behind() {
    let cases: [(Refusal, Change); 9] = [
        (Refusal::EdgeTooSmall, |wanted| wanted.edge_min = of("0.061756001")),
        (Refusal::PriceOutOfBounds, |wanted| wanted.limit_prices[0] = of("0.425")),
        (Refusal::PriceOutOfBounds, |wanted| wanted.limit_prices[1] = of("1")),
        (Refusal::LiquidityTooSmall, |wanted| wanted.contracts = [of("4.9"); 2]),
        (Refusal::OrderTooLarge, |wanted| wanted.contracts = [of("100.01"); 2]),
        (Refusal::OrderTooLarge, |wanted| wanted.contracts_max = of("9.99")),
        (Refusal::TooLate, |wanted| wanted.not_after_ns = NOW_NS),
        (Refusal::BookStale, |wanted| wanted.tops[1].heard_ns = 0),
        (Refusal::DryRun, |wanted| wanted.is_dry_run = true),
    ];
    for (refusal, change) in cases {
        let mut desk = Desk::open();
        let refused = desk.request(change);
        assert!(matches!(refused, Err(NotFired::Refused(why)) if why == refusal), "{refused:?}");
        assert_eq!(desk.of.house.refusals.told(refusal), 1, "{refusal} is counted once");
        assert_eq!((desk.of.house.in_flight.count(), desk.of.firing.next().sequence), (0, 1));
        assert_eq!(support::left(&mut desk.of), of("100"), "{refusal}");
        assert!(desk.of.line.written.borrow().is_empty());
        assert!(desk.request(|_| ()).is_ok(), "{refusal} has left something behind");
    }
}

#[test]
fn a_freeze_of_its_strategy_stops_it_and_so_does_one_that_nobody_has_looked_at() {
    let mut desk = Desk::open();
    desk.cleared = Err(Refusal::Frozen);
    assert!(matches!(desk.request(|_| ()), Err(NotFired::Refused(Refusal::Frozen))));
    desk.cleared = Ok(CLEARED);
    let _ = desk.of.house.gate.freeze(CLEARED + 1, |_| false);
    assert!(matches!(desk.request(|_| ()), Err(NotFired::Refused(Refusal::ControlChanged))));
    desk.cleared = Ok(CLEARED + 1);
    assert!(desk.request(|_| ()).is_ok());
}

#[test]
fn what_is_asked_for_spends_of_the_lease_and_closes_its_market() {
    let mut desk = Desk::open();
    let receipt = desk.request(|_| ()).expect("nothing is against it");
    let spent = desk.recorded(&receipt).worst;
    let left = of::<legwork_engine_core::amount::Money>("100").counts() - spent.counts();
    assert_eq!(support::left(&mut desk.of).counts(), left);
    let again = desk.request(|_| ());
    assert!(matches!(again, Err(NotFired::Refused(Refusal::PairInFlight))));
}

#[test]
fn an_adopted_shots_market_is_its_trades_until_a_later_reading_lets_go() {
    let mut desk = Desk::open();
    let receipt = desk.request(|_| ()).expect("nothing is against it");
    desk.of.firing.held_by_its_trade(&receipt);
    desk.of.firing.taken_over(&receipt, Some(4));
    assert!(!desk.recorded(&receipt).is_acknowledged, "an answer is still to come");
    desk.of.firing.acknowledge(receipt.id);
    assert!(desk.recorded(&receipt).is_acknowledged);
    let older = Terms { epoch: 3, budget: of("100"), until_ns: u64::MAX };
    let lease = desk.of.firing.lease(RAIN).expect("a known market");
    assert!(!lease.renew(older), "it lends what is a reservation by now");
    desk.of.firing.trades_hold(&[], NOW_NS);
    assert!(matches!(desk.request(|_| ()), Err(NotFired::Refused(Refusal::PairInFlight))));
    desk.of.firing.trades_hold(&[RAIN], NOW_NS + 1);
    desk.of.firing.trades_hold(&[], NOW_NS + 2);
    assert!(desk.request(|_| ()).is_ok(), "its trade is over");
}
