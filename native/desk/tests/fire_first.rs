//! A strategy's request, from its socket over the thread that fires to both venues, and back.

mod support;

use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::own_intent::Door;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::wire::{Clock, Written};
use legwork_engine_desk::doors::Acknowledged;
use legwork_engine_door::answer::{Answer, Became, Receipt};
use legwork_engine_door::refused::Advice;
use legwork_engine_door::request::{ArbitrageType, FireRequest};
use serde_json::json;
use sha2::{Digest, Sha256};
use support::door::name;
use support::given::fire;
use support::mood::Mood;
use support::streams::venue::until;
use support::{CLEARED, MARKET, Running};
use tempfile::tempdir;

fn receipt(answer: Answer) -> Receipt {
    match answer {
        Answer::Receipt(receipt) => receipt,
        other => panic!("{other:?} is no receipt"),
    }
}

fn adopted(running: &Running, receipt: &Receipt) {
    let adopted = Acknowledged { shot: receipt.shot, lease_epoch: Some(2), is_complete: false };
    running.desk.acknowledged(vec![adopted]).expect("it runs");
    running.look();
}

#[test]
fn a_request_is_fired_answered_and_handed_over_and_never_fired_again() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let request = fire("dawn.1", |_| ());
    assert_eq!(running.became("dawn.1"), Became::Unheard);
    let answer = receipt(running.ask_to_fire(&request));
    assert_eq!(answer.written, [Some(Written::Whole); 2]);
    assert!(answer.received_ns < answer.from_to_ns.0);

    let fired = running.next_fired();
    assert_eq!((fired.id, fired.workflow_id.as_str()), (answer.shot, "arbitrage/dawn.1"));
    let intent = serde_json::to_value(&fired.intent).expect("JSON");
    assert_eq!((&intent["door"], &intent["strategy"]), (&json!("fire_first"), &json!("dawn")));
    let digest: [u8; 32] = Sha256::digest(intent.to_string()).into();
    assert_eq!(digest, request.digest, "both mean the same intent");

    assert_eq!(running.became("dawn.1"), Became::Fired(request.digest, answer));
    assert_eq!(running.refusal(&request), "INTENT_EXISTS");
    let recorded = running.next_told();
    assert_eq!((recorded.id, recorded.lease_epoch), (answer.shot, 1));
    assert_eq!(recorded.intent.map(|intent| intent.door), Some(Door::FireFirst));
    running.close();
}

#[test]
fn a_pair_waits_for_its_adoption_and_is_fired_again() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let first = receipt(running.ask_to_fire(&fire("dawn.1", |_| ())));
    until("both venues have refused it", || running.house.in_flight.holder(MARKET).is_none());
    assert_eq!(running.refusal(&fire("dawn.2", |_| ())), "PAIR_UNADOPTED");
    adopted(&running, &first);
    running.lend("lease.1", 2);
    receipt(running.ask_to_fire(&fire("dawn.3", |_| ())));
    running.close();
}

#[test]
fn a_market_whose_answers_prove_nothing_is_its_trades_from_adoption_on() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    *running.mood.lock().expect("whole") = Mood::Unclear;
    let first = receipt(running.ask_to_fire(&fire("dawn.1", |_| ())));
    until("both have answered", || running.look().unanswered == 0);
    assert_eq!(running.refusal(&fire("dawn.2", |_| ())), "PAIR_IN_FLIGHT");
    adopted(&running, &first);
    assert_eq!(running.refusal(&fire("dawn.3", |_| ())), "PAIR_IN_FLIGHT", "its trade has it");
    let hold = |held: Vec<MarketId>| {
        let began_ns = legwork_engine_core::clock::SystemClock.monotonic_ns();
        running.desk.trades_hold(held, began_ns).expect("it runs");
    };
    hold(vec![MARKET]);
    hold(Vec::new());
    running.lend("lease.1", 2);
    receipt(running.ask_to_fire(&fire("dawn.4", |_| ())));
    running.close();
}

type Case = (&'static str, fn(&mut FireRequest));

const REFUSED: &[Case] = &[
    ("PAIR_UNKNOWN", |fire| fire.pair_id = name("snow")),
    ("LEASE_MISSING", |fire| fire.account = name("other")),
    ("TYPE_NOT_FIRED", |fire| fire.arbitrage_type = ArbitrageType::PolySameMarket),
    ("TYPE_NOT_FIRED", |fire| fire.arbitrage_type = ArbitrageType::KalshiSameMarket),
    ("MALFORMED", |fire| fire.not_after_ms += 60_000),
    ("TOO_LATE", |fire| fire.not_after_ms -= 10_000),
    ("EDGE_TOO_SMALL", |fire| fire.edge_min = "0.07".parse().expect("a price")),
    ("PRICE_OUT_OF_BOUNDS", |fire| fire.limit_price[0] = "0.425".parse().expect("a price")),
    ("LIQUIDITY_TOO_SMALL", |fire| fire.quantity = [one(), one()]),
    ("ORDER_TOO_LARGE", |fire| {
        let more = "20.01".parse().expect("contracts");
        (fire.quantity, fire.contracts_max) = ([more, more], more);
    }),
    ("DRY_RUN", |fire| fire.is_dry_run = true),
];

fn one() -> legwork_engine_core::amount::Quantity {
    "1".parse().expect("a contract")
}

#[test]
fn what_is_refused_has_left_nothing_and_is_remembered() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    for (number, (code, change)) in REFUSED.iter().enumerate() {
        let intent_id = format!("dusk.{number}");
        let request = fire(&intent_id, change);
        assert_eq!(running.refusal(&request), *code);
        let Became::Refused(digest, refused) = running.became(&intent_id) else {
            panic!("{code} is not remembered");
        };
        assert_eq!((digest, refused.code.as_str()), (request.digest, *code));
        assert_eq!(running.refusal(&request), "INTENT_EXISTS");
    }
    assert_eq!(running.refusal(&fire("arm.1.9", |_| ())), "INTENT_EXISTS", "its pair's own");
    assert_eq!((running.sent(), running.house.in_flight.count()), (0, 0));
    running.close();
}

#[test]
fn freezes_of_its_own_stop_a_request_and_so_do_those_that_nobody_has_read() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    for (number, refusal) in [Refusal::Frozen, Refusal::ControlLost].into_iter().enumerate() {
        running.clear_by(Err(refusal));
        assert_eq!(running.refusal(&fire(&format!("a.{number}"), |_| ())), refusal.code());
    }
    running.clear_by(Ok(CLEARED + 1));
    assert_eq!(running.refusal(&fire("b.1", |_| ())), "CONTROL_CHANGED");
    assert_eq!(running.sent(), 0);
    running.clear_by(Ok(CLEARED));
    receipt(running.ask_to_fire(&fire("b.2", |_| ())));
    running.close();
}

#[test]
fn what_an_earlier_start_has_fired_is_known_to_the_next() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let request = fire("dawn.1", |_| ());
    let first = receipt(running.ask_to_fire(&request));
    running.close();

    let mut next = Running::lent(folder.path(), "on_request");
    let Became::Fired(digest, told) = next.became("dawn.1") else {
        panic!("it is not known");
    };
    assert_eq!((digest, told.shot, told.written), (request.digest, first.shot, first.written));
    assert_eq!(told.client_order_ids, first.client_order_ids);
    assert_eq!(next.refusal(&request), "INTENT_EXISTS");
    assert_eq!(next.sent(), 0);
    next.close();
}

#[test]
fn shots_that_nobody_adopts_stop_the_host() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let since_ns = legwork_engine_core::clock::SystemClock.monotonic_ns() - 251_000_000;
    let place = running.house.back_pressure.take(MarketId(9), since_ns).expect("nobody waits");
    let Answer::Refused(refused) = running.ask_to_fire(&fire("dawn.1", |_| ())) else {
        panic!("it was fired");
    };
    assert_eq!((refused.code.as_str(), refused.advice), ("BACK_PRESSURE", Advice::Wait));
    running.house.back_pressure.leave(place);
    receipt(running.ask_to_fire(&fire("dawn.2", |_| ())));
    running.close();
}
