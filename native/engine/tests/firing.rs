//! A shot, its refusals, and what each of them leaves behind: nothing.

mod support;

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{BYTES_MAX, Journal, RecordedShot, ShotId, Source, read_bytes};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{Shot, ShotTerms, Venue};
use legwork_engine_core::wire::Written;
use support::{
    Desk, RAIN, SECOND_NS, desk, file_in, journal_in, left, lend, of, options, purchase_for, shot,
    terms,
};
use tempfile::tempdir;

const BYTES: [&[u8]; 2] = [b"POST /order yes", b"POST /orders no"];

fn fire(
    desk: &mut Desk,
    change: impl FnOnce(&mut Shot<'_>, &mut ShotTerms),
) -> Result<Receipt, Refusal> {
    let (mut shot, mut terms) = (shot(RAIN, "rain.1", BYTES), terms());
    change(&mut shot, &mut terms);
    desk.firing.fire(&shot, &terms)
}

/// The shots of the one journal in a folder, as they are in it now.
fn recorded(folder: &Path) -> Vec<RecordedShot> {
    let bytes = fs::read(file_in(folder, "memory")).expect("readable");
    let reading = read_bytes(&bytes, Source::Memory);
    assert_eq!(reading.damage, []);
    reading.shots
}

#[test]
fn a_shot_writes_both_legs() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let receipt = fire(&mut desk, |_, _| ()).expect("nothing is against it");

    assert_eq!(receipt.legs, [Some(Written::Whole); 2]);
    assert_eq!(*desk.line.written.borrow(), [(0, BYTES[0].len()), (1, BYTES[1].len())]);
    assert_eq!(left(&mut desk), of("90.3"));
    let [shot] = &recorded(folder.path())[..] else { panic!("one shot") };
    assert_eq!((shot.id, shot.intent_id.as_str()), (receipt.id, "rain.1"));
    assert_eq!(shot.legs[1].bytes, BYTES[1]);
    assert_eq!(shot.legs[0].written, Some(Written::Whole));
    assert_eq!((shot.refused, shot.is_acknowledged), (None, false));
}

#[test]
fn a_leg_that_is_held_back_stays_at_home() {
    for (venue, goes) in [(Venue::Kalshi, 0), (Venue::Polymarket, 1)] {
        let folder = tempdir().expect("a temporary folder");
        let mut desk = desk(folder.path(), 8);
        let receipt = fire(&mut desk, |shot, _| shot.held_back = Some(venue)).expect("it goes");
        assert_eq!(receipt.legs[goes], Some(Written::Whole), "{venue:?}");
        assert_eq!(receipt.legs[1 - goes], None, "{venue:?}");
        assert_eq!(*desk.line.written.borrow(), [(goes, BYTES[goes].len())]);
        assert_eq!(left(&mut desk), of("90.3"), "what it would cost is kept for its hedge");
        let [shot] = &recorded(folder.path())[..] else { panic!("one shot") };
        assert_eq!(shot.legs[goes].written, Some(Written::Whole));
        assert_eq!(shot.legs[1 - goes].written, Some(Written::Nothing));
    }
}

#[test]
fn when_a_byte_leaves_its_shot_is_written_down_and_a_freeze_waits_for_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let (house, path) = (Arc::clone(&desk.house), folder.path().to_owned());
    let looks = Rc::new(Cell::new(0));
    let count = Rc::clone(&looks);
    *desk.line.at_write.borrow_mut() = Some(Box::new(move |leg| {
        let [shot] = &recorded(&path)[..] else { panic!("leg {leg} leaves unrecorded") };
        assert!(shot.legs.iter().all(|leg| leg.written.is_none()), "nothing is written yet");
        let draining = house.gate.freeze(2, |_| true).expect("newer");
        assert!(!draining.is_over(), "leg {leg} leaves after the freeze was acknowledged");
        count.set(count.get() + 1);
    }));
    assert!(fire(&mut desk, |_, _| ()).is_ok(), "it was past the gate");
    assert_eq!(looks.get(), 2);
    assert!(desk.house.gate.freeze(3, |_| true).is_some_and(|draining| draining.is_over()));
}

#[test]
fn what_was_true_when_it_was_decided_is_asked_again_at_the_gate() {
    for (refusal, at_ns) in
        [(Refusal::TooLate, 20 * SECOND_NS), (Refusal::LeaseMissing, 50 * SECOND_NS)]
    {
        let folder = tempdir().expect("a temporary folder");
        let mut desk = desk(folder.path(), 8);
        let clock = desk.clock.clone();
        *desk.line.slow.borrow_mut() = Some(Box::new(move || clock.0.set(at_ns)));
        let not_after_ns = if refusal == Refusal::TooLate { at_ns } else { 99 * SECOND_NS };
        let fired = fire(&mut desk, |shot, _| shot.not_after_ns = not_after_ns);
        assert_eq!(fired.err(), Some(refusal));
        assert!(desk.line.written.borrow().is_empty());
        let [shot] = &recorded(folder.path())[..] else { panic!("one shot") };
        assert_eq!((shot.refused, shot.is_acknowledged), (Some(refusal), true));
    }
}

/// One refusal, and what makes it.
type Case = (Refusal, fn(&mut Desk), fn(&mut Shot<'_>, &mut ShotTerms));

const CASES: &[Case] = &[
    (Refusal::TooLate, |_| (), |shot, _| shot.not_after_ns = SECOND_NS),
    (
        Refusal::BookStale,
        |_| (),
        |shot, terms| {
            shot.legs[1].top.heard_ns = 0;
            terms.silence_ns_max = SECOND_NS - 1;
        },
    ),
    (Refusal::EdgeTooSmall, |_| (), |shot, _| shot.edge = of("0.009999999")),
    (Refusal::BookStale, |_| (), |shot, _| shot.legs[0].top.heard_ns = 0),
    (Refusal::BookStale, |_| (), |shot, _| shot.legs[0].top.heard_ns = SECOND_NS + 1),
    (Refusal::ExposureMisstated, |_| (), |shot, _| shot.worst = of("9.699999999")),
    (Refusal::ExposureMisstated, |_| (), |shot, _| shot.worst = of("-1")),
    (Refusal::LiquidityTooSmall, |_| (), |shot, _| shot.legs[1].legal_maximum = of("0.999999999")),
    (
        Refusal::LiquidityTooSmall,
        |_| (),
        |shot, _| {
            shot.legs[0].ordered = purchase_for("0.519999999");
        },
    ),
    (Refusal::OrderTooLarge, |_| (), |shot, _| shot.legs[0].ordered = purchase_for("52.000000001")),
    (Refusal::OrderTooLarge, |_| (), |shot, _| shot.legs[1].legal_maximum = of("100.000000001")),
    (Refusal::PriceOutOfBounds, |_| (), |shot, _| shot.legs[0].limit_price = of("1")),
    (Refusal::PriceOutOfBounds, |_| (), |shot, _| shot.legs[1].limit_price = of("0")),
    (Refusal::MarketUnknown, |_| (), |shot, _| shot.market = MarketId(512)),
    (Refusal::ShotTooLong, |_| (), |shot, _| shot.legs[0].bytes = &[b'x'; BYTES_MAX + 1]),
    (Refusal::ShotTooLong, |_| (), |shot, _| shot.pair_id = LONG),
    (Refusal::LeaseExhausted, |_| (), |shot, _| shot.worst = of("100.000000001")),
    (
        Refusal::LeaseMissing,
        |desk| desk.clock.0.set(50 * SECOND_NS),
        |shot, _| {
            shot.legs[0].top.heard_ns = 50 * SECOND_NS;
            shot.legs[1].top.heard_ns = 50 * SECOND_NS;
        },
    ),
    (Refusal::NoWire, |desk| desk.line.is_cut.set(true), |_, _| ()),
    (Refusal::NoWire, |desk| desk.line.fates.borrow_mut().push(Written::Nothing), |_, _| ()),
    (Refusal::Frozen, |desk| drop(desk.house.gate.freeze(2, |market| market == RAIN)), |_, _| ()),
    (Refusal::ControlChanged, |_| (), |shot, _| shot.cleared = 0),
    (Refusal::DryRun, |_| (), |shot, _| shot.is_dry_run = true),
    (Refusal::ControlLost, |desk| desk.house.gate.heard_control(SECOND_NS), |_, _| ()),
];

const LONG: &str = "a name of sixty-five bytes is one more than a slot has room for..";

#[test]
fn a_refusal_has_its_name_is_counted_and_undoes_all_that_came_before_it() {
    for (refusal, prepare, change) in CASES {
        let folder = tempdir().expect("a temporary folder");
        let mut desk = desk(folder.path(), 8);
        prepare(&mut desk);

        assert_eq!(fire(&mut desk, change).err(), Some(*refusal));
        assert_eq!(desk.house.refusals.told(*refusal), 1, "{refusal} is counted");
        assert!(desk.line.written.borrow().is_empty(), "{refusal}: a byte has left");
        assert_eq!(desk.house.in_flight.count(), 0, "{refusal}: its market is held");
        assert_eq!(left(&mut desk), of("100"), "{refusal}: its lease is spent");
        assert!(!desk.line.in_hand.get(), "{refusal}: its wires are in hand");
        let is_over =
            desk.house.gate.freeze(9, |_| false).is_some_and(|draining| draining.is_over());
        assert!(is_over, "{refusal}: its section is open");
        for shot in recorded(folder.path()) {
            assert_eq!((shot.refused, shot.is_acknowledged), (Some(*refusal), true));
        }

        // Whatever was wrong is over: the same market fires, in a place of its own.
        desk.house.gate.heard_control(100 * SECOND_NS);
        desk.line.is_cut.set(false);
        desk.clock.0.set(SECOND_NS);
        let again = fire(&mut desk, |shot, _| shot.cleared = 9);
        assert!(again.is_ok(), "{refusal} left something behind");
    }
}

#[test]
fn every_refusal_has_a_case() {
    let folder_only = [
        Refusal::PairInFlight,
        Refusal::PairUnadopted,
        Refusal::BackPressure,
        Refusal::JournalFull,
        Refusal::JournalFailed,  // by a disk: src/journal/disk.rs
        Refusal::HeadersMissing, // by whoever makes the bytes: before there is a shot
    ];
    for refusal in Refusal::ALL {
        let is_told = CASES.iter().any(|(of, ..)| of == refusal) || folder_only.contains(refusal);
        assert!(is_told, "{refusal} is never tried");
    }
}

#[test]
fn a_market_is_shot_at_again_when_its_shot_is_over_and_adopted() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let first = fire(&mut desk, |_, _| ()).expect("free");
    assert_eq!(fire(&mut desk, |_, _| ()).err(), Some(Refusal::PairInFlight));
    desk.firing.ended(&first, Release::Now);
    assert_eq!(fire(&mut desk, |_, _| ()).err(), Some(Refusal::PairUnadopted));
    desk.firing.adopted(&first);

    let second = fire(&mut desk, |_, _| ()).expect("free again");
    desk.firing.adopted(&second);
    desk.firing.ended(&second, Release::Delayed);
    desk.clock.0.set(11 * SECOND_NS - 1);
    desk.firing.idle(&mut ());
    let fresh = |shot: &mut Shot<'_>, _: &mut ShotTerms| {
        for leg in &mut shot.legs {
            leg.top.heard_ns = 10 * SECOND_NS;
        }
    };
    assert_eq!(fire(&mut desk, fresh).err(), Some(Refusal::PairInFlight));
    desk.clock.0.set(11 * SECOND_NS);
    desk.firing.idle(&mut ());
    assert!(fire(&mut desk, fresh).is_ok());
}

#[test]
fn shots_that_nobody_adopts_stop_the_host() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let fired: Vec<_> =
        (0..6).map(|id| fire(&mut desk, |shot, _| shot.market = MarketId(id)).err()).collect();
    assert_eq!(fired, [None, None, None, None, None, Some(Refusal::BackPressure)]);
}

#[test]
fn a_journal_that_nobody_acknowledges_is_full_and_never_overwritten() {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(4)).expect("a folder of its own");
    let now = legwork_engine_core::shot::Now { monotonic_ns: 1, unix_ns: 1 };
    let append = |journal: &mut Journal| journal.append(&shot(RAIN, "rain.1", BYTES), 1, now);
    let ids: Vec<_> = (0..4).map(|_| append(&mut journal).expect("there is room")).collect();
    assert_eq!(append(&mut journal).err(), Some(Refusal::JournalFull));
    journal.acknowledge(ids[1]);
    assert_eq!(append(&mut journal).err(), Some(Refusal::JournalFull), "the oldest is not free");
    journal.acknowledge(ids[0]);
    assert_eq!(append(&mut journal).map(|id| id.sequence), Ok(5));
    assert_eq!(append(&mut journal).map(|id| id.sequence), Ok(6));
    assert_eq!(append(&mut journal).err(), Some(Refusal::JournalFull));
}

#[test]
fn a_leg_of_which_nothing_has_left_goes_again_on_a_spare_and_only_once() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    desk.line.spares.set(1);
    *desk.line.fates.borrow_mut() = vec![Written::Nothing];
    let receipt = fire(&mut desk, |_, _| ()).expect("the spare takes it");
    assert_eq!(receipt.legs, [Some(Written::Whole); 2]);

    desk.line.spares.set(2);
    *desk.line.fates.borrow_mut() = vec![Written::Nothing, Written::Nothing];
    let refused = fire(&mut desk, |shot, _| shot.market = MarketId(1)).err();
    assert_eq!(refused, Some(Refusal::NoWire), "a second spare is not tried");
    assert_eq!(desk.line.spares.get(), 1);
}

#[test]
fn half_a_first_leg_keeps_the_second_at_home_and_is_told() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    *desk.line.fates.borrow_mut() = vec![Written::Part];
    let receipt = fire(&mut desk, |_, _| ()).expect("something has left");
    assert_eq!(receipt.legs, [Some(Written::Part), None]);
    assert!(desk.line.written.borrow().is_empty());
    assert_eq!(desk.house.in_flight.count(), 1, "nobody knows yet what became of it");
}

#[test]
fn a_second_leg_that_stays_leaves_a_receipt_for_the_first() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    *desk.line.fates.borrow_mut() = vec![Written::Whole, Written::Nothing];
    let receipt = fire(&mut desk, |_, _| ()).expect("one leg has left");
    assert_eq!(receipt.legs, [Some(Written::Whole), Some(Written::Nothing)]);
}

#[test]
fn an_adoption_that_is_told_twice_is_one() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let first = fire(&mut desk, |_, _| ()).expect("free");
    desk.firing.adopted(&first);
    desk.firing.ended(&first, Release::Now);
    let _second = fire(&mut desk, |_, _| ()).expect("free again");
    desk.firing.adopted(&first);
    desk.firing.ended(&first, Release::Now);
    assert_eq!(fire(&mut desk, |_, _| ()).err(), Some(Refusal::PairInFlight));

    lend(&mut desk.firing, RAIN, 2);
    assert_eq!(left(&mut desk), of("90.3"), "the second is fired and not adopted");
}

#[test]
fn what_is_said_of_another_shot_changes_nothing_of_this() {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(4)).expect("a folder of its own");
    let now = legwork_engine_core::shot::Now { monotonic_ns: 1, unix_ns: 1 };
    let append = |journal: &mut Journal| journal.append(&shot(RAIN, "rain.1", BYTES), 1, now);
    let first = append(&mut journal).expect("there is room");
    let of_an_earlier_start = ShotId { epoch: first.epoch - 1, ..first };
    let not_yet = ShotId { sequence: 2, ..first };
    for stranger in [of_an_earlier_start, not_yet, ShotId { sequence: 0, ..first }] {
        assert!(!journal.acknowledge(stranger));
        assert!(!journal.written(stranger, 0, Written::Whole, 1));
    }
    assert!(!recorded(folder.path())[0].is_acknowledged);

    for _ in 0..3 {
        append(&mut journal).expect("there is room");
    }
    assert!(journal.acknowledge(first));
    let fifth = append(&mut journal).expect("its slot is free again");
    assert!(!journal.acknowledge(first), "the slot is the fifth's");
    assert!(!journal.written(first, 0, Written::Whole, 1));
    let last = recorded(folder.path()).pop().expect("there is one");
    assert_eq!((last.id, last.is_acknowledged), (fifth, false));
    assert_eq!(last.legs[0].written, None, "it is not born with another's marks");
}
