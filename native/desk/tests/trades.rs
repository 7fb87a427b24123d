//! A workflow's shot of an intent that a strategy has handed over at the door as well.

mod support;

use legwork_engine_core::armed::names_of;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::wire::{Clock, Written};
use legwork_engine_desk::order::Fired;
use legwork_engine_desk::trade::SendOutcome;
use legwork_engine_door::answer::{Answer, Became};
use support::given::fire;
use support::streams::venue::until;
use support::traded::trade;
use support::{CLEARED, MARKET, Running};
use tempfile::tempdir;

const NAME: &str = "arbitrage/dawn.1";

fn fired_by_trade(running: &Running, folder: &std::path::Path) -> Fired {
    let fired = running.desk.fire(trade(folder, "dawn.1"), CLEARED).expect("it runs");
    fired.blocking_recv().expect("an answer")
}

fn is_unknown(fired: Fired) -> bool {
    let is_so = |outcome: &SendOutcome| matches!(outcome, SendOutcome::Unknown { code, .. } if code == "FIRED_BEFORE");
    fired.outcomes(names_of(NAME)).iter().all(|leg| is_so(&leg.outcome))
}

#[test]
fn what_the_door_has_fired_no_workflow_fires_in_this_start_or_the_next() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let answer = running.ask_to_fire(&fire("dawn.1", |_| ()));
    assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
    until("both venues have refused it", || running.house.in_flight.holder(MARKET).is_none());
    let sent = running.sent();
    assert!(is_unknown(fired_by_trade(&running, folder.path())));
    assert_eq!((running.sent(), running.house.in_flight.count()), (sent, 0));
    running.close();

    let next = Running::lent(folder.path(), "on_request");
    assert!(is_unknown(fired_by_trade(&next, folder.path())));
    assert_eq!(next.sent(), 0);
    next.close();
}

#[test]
fn what_the_door_has_refused_and_a_workflow_fires_is_told_as_fired_by_the_next_start_too() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    running.clear_by(Ok(CLEARED + 1));
    let request = fire("dawn.1", |_| ());
    assert_eq!(running.refusal(&request), "CONTROL_CHANGED", "and its journal has it");
    assert!(matches!(running.became("dawn.1"), Became::Refused(..)));

    let fired = fired_by_trade(&running, folder.path());
    assert!(matches!(fired, Fired::Heard(_)), "{fired:?}");
    let Became::Fired(digest, receipt) = running.became("dawn.1") else {
        panic!("it is not told as fired");
    };
    assert_eq!((digest, receipt.written), (request.digest, [Some(Written::Whole); 2]));
    assert_eq!(receipt.client_order_ids, names_of(NAME));
    assert!(receipt.received_ns <= receipt.from_to_ns.0);
    let sent = running.sent();
    assert!(is_unknown(fired_by_trade(&running, folder.path())), "nor does it twice itself");
    assert_eq!(running.sent(), sent);
    running.close();

    let mut next = Running::lent(folder.path(), "on_request");
    let Became::Fired(digest, told) = next.became("dawn.1") else {
        panic!("it is not told as fired");
    };
    assert_eq!((digest, told.shot), (request.digest, receipt.shot));
    assert_eq!(told.client_order_ids, receipt.client_order_ids);
    next.close();
}

#[test]
fn a_pair_that_is_claimed_is_fired_at_by_its_trade_alone_until_its_holds_were_read_after_that() {
    let folder = tempdir().expect("a temporary folder");
    let mut running = Running::lent(folder.path(), "on_request");
    let before_ns = SystemClock.monotonic_ns();
    let held = running.desk.held_until_read(vec![MARKET], before_ns + 1).expect("it runs");
    held.blocking_recv().expect("it is done");
    assert_eq!(running.refusal(&fire("dusk.1", |_| ())), "PAIR_IN_FLIGHT");
    running.desk.trades_hold(Vec::new(), before_ns).expect("it runs");
    assert_eq!(running.refusal(&fire("dusk.2", |_| ())), "PAIR_IN_FLIGHT", "it began before");
    let fired = fired_by_trade(&running, folder.path());
    assert!(matches!(fired, Fired::Heard(_)), "{fired:?}");
    running.desk.trades_hold(Vec::new(), SystemClock.monotonic_ns()).expect("it runs");
    let answer = running.ask_to_fire(&fire("dusk.3", |_| ()));
    assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
    running.close();
}
