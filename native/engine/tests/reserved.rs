//! Shots of trades that have their reservation: nothing is lent, nothing is decided again, and their
//! pair is the trade's.

mod support;

use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::lease::NO_LEASE;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{Budget, Shot};
use support::{Desk, RAIN, SECOND_NS, asked_for, desk, left, of, shot, terms};
use tempfile::tempdir;

const BYTES: [&[u8]; 2] = [b"POST /order yes", b"POST /orders no"];

fn fire(desk: &mut Desk, change: impl FnOnce(&mut Shot<'_>)) -> Result<Receipt, Refusal> {
    let mut shot = shot(RAIN, "rain.1", BYTES);
    shot.budget = Budget::Reservation;
    change(&mut shot);
    desk.firing.fire(&shot, &terms())
}

fn by_lease(shot: &mut Shot<'_>) {
    shot.budget = Budget::Lease(asked_for());
}

#[test]
fn a_trade_with_its_reservation_needs_neither_lease_nor_adoption() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 2);
    let before = left(&mut desk);
    for _ in 0..6 {
        let receipt = fire(&mut desk, |_| ()).expect("its pair is the trade's");
        let recorded = desk.firing.recorded(receipt.id).expect("in its slot");
        assert_eq!((recorded.id, recorded.lease_epoch), (receipt.id, NO_LEASE));
        desk.firing.ended(&receipt, Release::Now);
        desk.firing.adopted(&receipt);
    }
    assert_eq!(left(&mut desk), before);
}

#[test]
fn what_an_admission_has_decided_is_not_decided_again() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let fired = fire(&mut desk, |shot| (shot.edge, shot.worst) = (of("0"), of("0.01")));
    assert!(fired.is_ok());
}

#[test]
fn what_the_world_says_is_asked_all_the_same() {
    for (refusal, change) in [
        (Refusal::TooLate, (|shot| shot.not_after_ns = SECOND_NS) as fn(&mut Shot<'_>)),
        (Refusal::BookStale, |shot| shot.legs[1].top.heard_ns = 0),
        (Refusal::PriceOutOfBounds, |shot| shot.legs[0].limit_price = of("1")),
        (Refusal::MarketUnknown, |shot| shot.market = MarketId(u32::MAX)),
    ] {
        let folder = tempdir().expect("a temporary folder");
        let mut desk = desk(folder.path(), 8);
        assert_eq!(fire(&mut desk, change).err(), Some(refusal));
        assert!(desk.line.written.borrow().is_empty());
        assert_eq!(desk.house.refusals.told(refusal), 1);
    }
}

#[test]
fn freezes_that_are_newer_than_those_it_was_held_against_refuse_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let _ = desk.house.gate.freeze(2, |_| false);
    assert_eq!(fire(&mut desk, |_| ()).err(), Some(Refusal::ControlChanged));
    assert!(desk.line.written.borrow().is_empty());
    let again = fire(&mut desk, |shot| shot.cleared = 2);
    let receipt = again.expect("held against them");
    assert_eq!(receipt.id.sequence, 2, "the first has its slot, with why it stayed");
    let refused =
        desk.firing.recorded(legwork_engine_core::journal::ShotId { sequence: 1, ..receipt.id });
    let refused = refused.expect("in its slot");
    assert_eq!((refused.refused, refused.is_acknowledged), (Some(Refusal::ControlChanged), true));
    let _ = desk.house.gate.freeze(3, |market| market == RAIN);
    let frozen = fire(&mut desk, |shot| shot.cleared = 3);
    assert_eq!(frozen.err(), Some(Refusal::Frozen));
}

#[test]
fn while_a_trade_has_its_pair_no_other_shot_of_this_host_is_fired_at_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let first = fire(&mut desk, |_| ()).expect("free");
    desk.firing.ended(&first, Release::Now);
    assert_eq!(fire(&mut desk, by_lease).err(), Some(Refusal::PairInFlight));

    desk.firing.trades_hold(&[], SECOND_NS);
    assert_eq!(
        fire(&mut desk, by_lease).err(),
        Some(Refusal::PairInFlight),
        "the reading is no newer than the shot"
    );
    desk.firing.trades_hold(&[], SECOND_NS + 1);
    let own = fire(&mut desk, by_lease).expect("the trade is over");
    assert_eq!(fire(&mut desk, |_| ()).err(), Some(Refusal::PairInFlight), "ours is in flight");
    desk.firing.trades_hold(&[], 9 * SECOND_NS);
    assert_eq!(fire(&mut desk, |_| ()).err(), Some(Refusal::PairInFlight), "and stays it");
    desk.firing.ended(&own, Release::Now);
    assert!(fire(&mut desk, |_| ()).is_ok());
}

#[test]
fn a_trade_of_elsewhere_holds_its_pair_here_as_well() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    desk.firing.trades_hold(&[RAIN], SECOND_NS);
    assert_eq!(fire(&mut desk, by_lease).err(), Some(Refusal::PairInFlight));
    desk.firing.trades_hold(&[], 2 * SECOND_NS);
    assert!(fire(&mut desk, by_lease).is_ok());
}

#[test]
fn a_pair_that_a_trade_may_have_is_held_until_a_reading_that_began_later() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    desk.firing.held_until_read(&[RAIN], SECOND_NS);
    desk.firing.trades_hold(&[], SECOND_NS);
    assert_eq!(fire(&mut desk, by_lease).err(), Some(Refusal::PairInFlight));
    desk.firing.trades_hold(&[], SECOND_NS + 1);
    let own = fire(&mut desk, by_lease).expect("no trade has it");
    desk.firing.ended(&own, Release::Now);

    desk.firing.hold(RAIN);
    desk.firing.held_until_read(&[RAIN], 2 * SECOND_NS);
    desk.firing.trades_hold(&[], 3 * SECOND_NS);
    assert_eq!(fire(&mut desk, by_lease).err(), Some(Refusal::PairInFlight), "it rests as before");
}
