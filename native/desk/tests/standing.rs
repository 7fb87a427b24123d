//! An edge that stands in books which rest: no tick says that it may be fired now.

mod support;

use std::thread;
use std::time::Duration;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::doors::Acknowledged;
use serde_json::json;
use support::given::{arming, arming_with};
use support::mood::Mood;
use support::streams::venue::until;
use support::{CLEARED, MARKET, Running};
use tempfile::tempdir;

/// What stands in the way of a tick, and its end.
type Obstacle = (Refusal, fn(&Running), fn(&Running));

const OBSTACLES: [Obstacle; 3] = [
    (Refusal::Frozen, |on| on.clear_by(Err(Refusal::Frozen)), |on| on.clear_by(Ok(CLEARED))),
    (
        Refusal::ControlLost,
        |on| on.house.gate.heard_control(0),
        |on| on.house.gate.heard_control(u64::MAX),
    ),
    (
        Refusal::PairInFlight,
        |on| {
            let held = on.desk.held_until_read(vec![MARKET], SystemClock.monotonic_ns());
            held.expect("it runs").blocking_recv().expect("it runs");
        },
        |on| on.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs"),
    ),
];

#[test]
fn an_edge_that_stands_is_fired_once_what_refused_its_tick_has_passed() {
    for (refusal, stand, pass) in OBSTACLES {
        let folder = tempdir().expect("a temporary folder");
        let mut running = Running::start(folder.path());
        assert_eq!(running.arm(arming("at_ticks")), Ok(()));
        stand(&running);
        running.lend("lease.1", 1);
        until("its tick is refused", || running.house.refusals.told(refusal) > 0);
        thread::sleep(Duration::from_millis(220)); // whether it may be fired is looked after meanwhile
        assert!(running.fired.try_recv().is_none(), "{refusal} and fired");
        let is_seen = refusal != Refusal::Frozen; // here its strategy is, of which no word says so
        assert_eq!(running.house.refusals.told(refusal) == 1, is_seen, "counted is what was tried");
        pass(&running);
        assert_eq!(running.next_fired().workflow_id, "arbitrage/arm.1.1");
        running.close();
    }
}

#[test]
fn what_an_adoption_gives_back_is_looked_at_though_its_terms_came_before_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::start(folder.path());
    *running.mood.lock().expect("whole") = Mood::Unclear;
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    running.lend_dollars("lease.1", 1, "15");
    let first = running.next_fired();
    running.lend_dollars("lease.1", 2, "5.9"); // without what the first may cost
    running.look();
    thread::sleep(Duration::from_millis(120));
    let adopted = Acknowledged { shot: first.id, lease_epoch: Some(2), is_complete: true };
    running.desk.acknowledged(vec![adopted]).expect("it runs");
    running.look(); // its trade has the pair before a reading begins that does not name it
    running.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs");
    assert_eq!(running.next_fired().workflow_id, "arbitrage/arm.1.2");
    running.close();
}

#[test]
fn an_arming_that_asks_for_less_is_fired_as_its_books_stand() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::start(folder.path());
    let greedy = arming_with(|told| {
        (told["fires"], told["edgeMin"]) = (json!("at_ticks"), json!("0.5"));
    });
    assert_eq!(running.arm(greedy), Ok(()));
    running.lend("lease.1", 1);
    running.tick_is_there();
    running.look();
    assert_eq!(running.sent(), 0, "it is worth less than that");
    assert_eq!(running.arm(arming("at_ticks")), Ok(()));
    running.next_fired();
    running.close();
}
