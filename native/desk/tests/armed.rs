//! Armed pairs: what they are armed with, what a tick fires, and what is left when they are disarmed.

mod support;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::own_intent::Door;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::wire::{Clock, Written};
use legwork_engine_desk::arming::Disarmed;
use legwork_engine_desk::doors::{Acknowledged, FiredFirst};
use legwork_engine_door::answer::Answer;
use serde_json::{Value, json};
use support::door::name;
use support::given::{arming, arming_with, fire};
use support::streams::venue::until;
use support::{CLEARED, MARKET, Running};
use tempfile::tempdir;

fn disarm(running: &Running, arming_id: &str) -> Disarmed {
    let disarmed = running.desk.disarm(arming_id.into(), "rain".into()).expect("it runs");
    disarmed.blocking_recv().expect("it runs")
}

/// Its workflow has it, and the trade is over.
fn adopted(running: &Running, fired: &FiredFirst, lease_epoch: u64) {
    until("both venues have refused it", || running.house.in_flight.holder(MARKET).is_none());
    let adopted =
        Acknowledged { shot: fired.id, lease_epoch: Some(lease_epoch), is_complete: true };
    running.desk.acknowledged(vec![adopted]).expect("it runs");
    running.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs");
    running.lend("lease.1", lease_epoch);
}

fn intent(fired: &FiredFirst) -> Value {
    serde_json::to_value(&fired.intent).expect("JSON")
}

#[test]
fn a_tick_fires_what_its_books_are_worth_under_the_next_name_of_its_arming() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let greedy = arming_with(|told| {
        (told["fires"], told["edgeMin"]) = (json!("at_ticks"), json!("0.1"));
    });
    assert_eq!(running.arm(greedy), Ok(()));
    running.look();
    assert!(running.fired.try_recv().is_none(), "the books are worth less");
    running.bid_for_yes("0.55");
    let first = running.next_fired();
    assert_eq!(first.workflow_id, "arbitrage/arm.1.1");
    let told = intent(&first);
    assert_eq!((&told["door"], &told["type"]), (&json!("armed"), &json!("poly_yes_kalshi_no")));
    assert_eq!(told["limitPrice"], json!({ "yes": "0.41", "no": "0.45" }));
    assert_eq!((&told["contractsMax"], &told["edgeMin"]), (&json!("20"), &json!("0.1")));
    assert_eq!((&told["strategy"], &told["host"]), (&json!("dawn"), &json!("engine-1")));
    let recorded = running.next_told();
    assert_eq!(recorded.intent.map(|intent| intent.door), Some(Door::Armed));

    // What is lent anew is looked at as the books stand.
    adopted(&running, &first, 2);
    assert_eq!(running.next_fired().workflow_id, "arbitrage/arm.1.2");
    running.close();
}

#[test]
fn an_order_that_may_be_next_is_signed_by_another_thread_before_its_tick() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::start(folder.path());
    running.clear_by(Err(Refusal::Frozen));
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    assert_eq!(running.look().orders_ahead, 0, "nothing is lent");
    running.lend("lease.1", 1);
    until("it is signed", || running.look().orders_ahead > 0);
    running.clear_by(Ok(CLEARED));
    running.tick();
    running.next_fired();
    assert_eq!(running.house.signed.told(), [1, 0]);
    running.close();
}

#[test]
fn an_arming_that_is_told_again_has_its_new_terms_and_its_next_name() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "at_ticks");
    let first = running.next_fired();
    let smaller = arming_with(|told| {
        (told["fires"], told["contractsMax"]) = (json!("at_ticks"), json!("7"));
    });
    assert_eq!(running.arm(smaller), Ok(()));
    adopted(&running, &first, 2);
    let second = running.next_fired();
    assert_eq!(
        (second.workflow_id.as_str(), &intent(&second)["contractsMax"]),
        ("arbitrage/arm.1.2", &json!("7"))
    );
    running.close();
}

/// Each answer is a turn of the thread, and each turn reads what the streams' sockets have.
fn nothing_is_fired(running: &mut Running, refusal: &str) {
    running.tick_is_there();
    for _ in 0..20 {
        running.probes += 1;
        let probe = format!("probe.{}", running.probes);
        let unknown = fire(&probe, |fire| fire.pair_id = name("snow"));
        assert_eq!(running.refusal(&unknown), refusal);
    }
    assert!(running.fired.try_recv().is_none(), "something was fired");
    assert_eq!(running.sent(), 0);
}

#[test]
fn a_pair_for_requests_alone_and_a_type_that_was_not_asked_for_are_not_fired_by_ticks() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    nothing_is_fired(&mut running, "PAIR_UNKNOWN");
    let other_way = arming_with(|told| {
        told["fires"] = json!("at_ticks");
        told["types"] = json!(["kalshi_yes_poly_no"]);
    });
    assert_eq!(running.arm(other_way), Ok(()));
    nothing_is_fired(&mut running, "PAIR_UNKNOWN");
    let asked = fire("dawn.1", |_| ());
    assert_eq!(running.refusal(&asked), "LEASE_MISSING", "nor by a request");
    running.close();
}

#[test]
fn behind_closed_doors_neither_a_tick_nor_a_request_fires_anything() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::start(folder.path());
    running.clear_by(Err(Refusal::Frozen));
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    running.lend("lease.1", 1);
    running.desk.close_doors().expect("it runs");
    running.clear_by(Ok(CLEARED));
    nothing_is_fired(&mut running, "ENGINE_GONE");
    running.close();
}

#[test]
fn what_was_disarmed_spends_nothing_and_tells_what_no_workflow_has() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "at_ticks");
    let first = running.next_fired();
    assert_eq!(disarm(&running, "nobody.1").unacknowledged, [first.id], "all of its pair");
    assert_eq!(running.look().armed, 1, "that was another's");
    assert_eq!(disarm(&running, "arm.1").unacknowledged, [first.id]);
    running.lend("lease.1", 2);
    assert_eq!(running.refusal(&fire("dawn.1", |_| ())), "LEASE_MISSING");
    adopted(&running, &first, 3);
    assert_eq!(disarm(&running, "arm.1"), Disarmed::default());
    running.close();
}

#[test]
fn a_pair_spends_of_its_own_lease_and_of_none_before_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    disarm(&running, "arm.1");
    let next = arming_with(|told| {
        (told["armingId"], told["leaseId"]) = (json!("arm.2"), json!("lease.2"));
    });
    assert_eq!(running.arm(next), Ok(()));
    running.lend("lease.1", 2);
    assert_eq!(running.refusal(&fire("dawn.1", |_| ())), "LEASE_MISSING");
    running.lend("lease.2", 3);
    let fired = running.ask_to_fire(&fire("dawn.2", |_| ()));
    assert!(matches!(fired, Answer::Receipt(_)), "{fired:?}");
    running.close();
}

#[test]
fn a_pair_that_is_approved_no_more_spends_nothing() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::start(folder.path());
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    let dropped = running.desk.drop_pairs(vec!["rain".into()]).expect("it runs");
    dropped.blocking_recv().expect("it runs");
    assert_eq!(running.look().armed, 0);
    assert_eq!(
        running.arm(arming("at_ticks")),
        Err("PAIR_UNKNOWN"),
        "its lease was granted a moment before"
    );
    running.lend("lease.1", 2);
    running.tick();
    nothing_is_fired(&mut running, "PAIR_UNKNOWN");
    running.close();
}

#[test]
fn after_a_shot_of_an_earlier_start_its_pair_stays_closed() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    running.desk.hold(vec![MARKET]).expect("it runs");
    assert_eq!(running.refusal(&fire("dawn.1", |_| ())), "PAIR_IN_FLIGHT");
    running.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs");
    assert_eq!(running.refusal(&fire("dawn.2", |_| ())), "PAIR_IN_FLIGHT", "no reading ends it");
    running.close();
}

#[test]
fn where_a_venue_holds_takers_back_its_leg_goes_alone() {
    for delayed in ["kalshi", "polymarket"] {
        let folder = tempdir().expect("a temporary folder");
        let mut running = Running::start(folder.path());
        let arming = arming_with(|told| {
            (told["fires"], told["types"]) = (json!("at_ticks"), json!(["poly_yes_kalshi_no"]));
            told["pair"][delayed]["isTakerDelayed"] = json!(true);
        });
        assert_eq!(running.arm(arming), Ok(()));
        running.lend("lease.1", 1);
        running.next_fired();
        let recorded = running.next_told();
        let written: Vec<_> = recorded.legs.iter().map(|leg| leg.written).collect();
        let (goes, stays) = (Some(Written::Whole), Some(Written::Nothing));
        // YES is Polymarket's.
        let wanted = if delayed == "kalshi" { [stays, goes] } else { [goes, stays] };
        assert_eq!(written, wanted, "{delayed}");
        running.close();
    }
}

type Change = fn(&mut Value);

#[test]
fn what_cannot_be_fired_is_not_armed() {
    let folder = tempdir().expect("a temporary folder");
    let running = Running::start(folder.path());
    let cases: [(&str, Change); 8] = [
        ("OTHER_ACCOUNT", |told| told["account"] = json!("other")),
        ("TYPE_NOT_FIRED", |told| told["types"] = json!([])),
        ("TYPE_NOT_FIRED", |told| told["types"] = json!(["poly_same_market"])),
        ("NOT_PRICED", |told| told["pair"]["kalshi"]["fees"] = Value::Null),
        ("TAKER_DELAYED", |told| told["pair"]["polymarket"]["isTakerDelayed"] = Value::Null),
        ("TAKER_DELAYED", |told| {
            for venue in ["kalshi", "polymarket"] {
                told["pair"][venue]["isTakerDelayed"] = json!(true);
            }
        }),
        ("NOT_AN_ORDER", |told| told["armingId"] = json!("x".repeat(44))),
        ("NOT_AN_ORDER", |told| told["pair"]["polymarket"]["tokens"] = Value::Null),
    ];
    for (code, change) in cases {
        assert_eq!(running.arm(arming_with(change)), Err(code));
    }
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    let other = arming_with(|told| told["armingId"] = json!("arm.2"));
    assert_eq!(running.arm(other), Err("ARMED_ALREADY"));
    let look = running.look();
    assert_eq!((look.armed, look.not_orders), (1, 0));
    running.close();
}
