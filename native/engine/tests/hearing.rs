//! What is heard of a shot's legs, and what is heard of no shot.

#[path = "support/fate.rs"]
mod fate;
#[path = "support/kalshi.rs"]
mod kalshi;
mod support;

use std::fs;
use std::num::NonZeroU8;
use std::path::Path;
use std::time::Duration;

use fate::Fate;
use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{RecordedShot, ShotId, Source, read_bytes};
use legwork_engine_core::latency::{HAND_OVER_NS, Hop};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{Before, LEGS, Shot};
use legwork_engine_core::signing::{AheadOptions, KalshiAhead};
use legwork_engine_core::wire::Written;
use support::{
    Desk, HEARD_NS, RAIN, SECOND_NS, Said, desk, file_in, journal_in, options, shot, terms,
};
use tempfile::tempdir;

const BYTES: [&[u8]; LEGS] = [b"POST /order yes", b"POST /orders no"];

fn fire_at(desk: &mut Desk, market: MarketId) -> Result<Receipt, Refusal> {
    desk.firing.fire(&shot(market, "rain.1", BYTES), &terms())
}

fn fire(desk: &mut Desk) -> Receipt {
    fire_at(desk, RAIN).expect("nothing is against it")
}

/// Polls once, and tells of each leg its number, what it proves and what may be done then.
fn heard(desk: &mut Desk, said: &[(ShotId, usize, Said)]) -> Vec<(usize, String, Option<Release>)> {
    *desk.line.heard.borrow_mut() = said.to_vec();
    let mut told = Vec::new();
    desk.firing.hear(|of| told.push((of.leg, format!("{:?}", of.verdict), of.release)));
    told
}

fn bytes_of(folder: &Path) -> Vec<u8> {
    fs::read(file_in(folder, "memory")).expect("readable")
}

fn recorded(folder: &Path) -> Vec<RecordedShot> {
    let reading = read_bytes(&bytes_of(folder), Source::Memory);
    assert_eq!(reading.damage, []);
    reading.shots
}

#[test]
fn what_is_told_is_in_the_journal_already() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let receipt = fire(&mut desk);
    for (leg, fate) in [(1, Fate::Exists), (0, Fate::Filled)] {
        desk.line.heard.borrow_mut().push((receipt.id, leg, fate.said(leg)));
        let mut count = 0;
        desk.firing.hear(|of| {
            let [shot] = &recorded(folder.path())[..] else { panic!("one shot") };
            let answer = shot.legs[of.leg].answer.as_ref().expect("it is written down");
            assert_eq!((of.shot, of.leg, of.at_ns), (receipt.id, leg, HEARD_NS));
            assert_eq!(*of.verdict, fate.verdict(leg));
            assert_eq!((&answer.verdict, answer.at_ns), (of.verdict, HEARD_NS));
            count += 1;
        });
        assert_eq!(count, 1);
    }
}

#[test]
fn what_is_heard_of_no_open_leg_changes_nothing_and_is_counted() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let over = fire(&mut desk);
    desk.firing.adopted(&over);
    desk.firing.ended(&over, Release::Now);
    *desk.line.fates.borrow_mut() = vec![Written::Whole, Written::Nothing];
    let alone = fire(&mut desk).id;
    let open = fire_at(&mut desk, MarketId(1)).expect("free").id;
    let filled = || Fate::Filled.said(0);
    assert_eq!(heard(&mut desk, &[(alone, 0, filled()), (open, 0, filled())]).len(), 2);

    let before = bytes_of(folder.path());
    let strays = [
        (over.id, 0),
        (alone, 0), // told again, and over
        (alone, 1), // never written
        (open, 0),  // told again
        (open, LEGS),
        // Of none that the one leg is of which an answer may come:
        (ShotId { epoch: open.epoch - 1, ..open }, 1),
        (ShotId { thread: 1, ..open }, 1),
        (ShotId { sequence: open.sequence + 8, ..open }, 1),
        (ShotId { sequence: 0, ..open }, 1),
    ];
    let said: Vec<_> = strays.iter().map(|(id, leg)| (*id, *leg, filled())).collect();
    assert_eq!(heard(&mut desk, &said), []);
    assert_eq!(desk.house.strays.told(), 9);
    assert_eq!(bytes_of(folder.path()), before);
}

#[test]
fn a_leg_that_stayed_at_home_awaits_nothing() {
    for (fates, fate, release) in [
        (vec![Written::Whole, Written::Nothing], Fate::Refused, Some(Release::Now)),
        (vec![Written::Whole, Written::Nothing], Fate::NoMatch, Some(Release::Delayed)),
        (vec![Written::Whole, Written::Nothing], Fate::Filled, None),
        (vec![Written::Part], Fate::Never, None),
    ] {
        let folder = tempdir().expect("a temporary folder");
        let mut desk = desk(folder.path(), 8);
        *desk.line.fates.borrow_mut() = fates;
        let id = fire(&mut desk).id;
        let told = heard(&mut desk, &[(id, 0, fate.said(0))]);
        assert_eq!(told, [(0, format!("{:?}", fate.verdict(0)), release)]);
        assert_eq!(recorded(folder.path())[0].legs[1].answer, None, "nobody said anything");
    }
}

#[test]
fn a_second_leg_that_was_cut_off_is_awaited() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    *desk.line.fates.borrow_mut() = vec![Written::Whole, Written::Part];
    let id = fire(&mut desk).id;
    let told = heard(&mut desk, &[(id, 0, Fate::Refused.said(0)), (id, 1, None)]);
    let ends: Vec<_> = told.iter().map(|(leg, _, release)| (*leg, *release)).collect();
    assert_eq!(ends, [(0, None), (1, None)], "half an order may be one");
}

#[test]
fn both_refused_frees_the_market_for_whoever_ends_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let receipt = fire(&mut desk);
    desk.firing.adopted(&receipt);
    let no = |leg| (receipt.id, leg, Fate::Refused.said(leg));
    assert_eq!(heard(&mut desk, &[no(1)])[0].2, None, "the other is awaited");
    assert_eq!(fire_at(&mut desk, RAIN).err(), Some(Refusal::PairInFlight));
    let release = heard(&mut desk, &[no(0)])[0].2;
    assert_eq!(release, Some(Release::Now));
    desk.firing.ended(&receipt, release.expect("both are refused"));
    assert!(fire_at(&mut desk, RAIN).is_ok());
}

#[test]
fn a_slot_is_not_used_again_while_an_answer_may_come_for_it() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 2);
    let markets = [MarketId(0), MarketId(1)];
    let fired = markets.map(|market| fire_at(&mut desk, market).expect("there is room"));
    for receipt in &fired {
        desk.firing.adopted(receipt);
    }
    assert_eq!(fire_at(&mut desk, RAIN).err(), Some(Refusal::JournalFull));
    let id = fired[0].id;
    heard(&mut desk, &[(id, 0, Fate::Filled.said(0))]);
    assert_eq!(fire_at(&mut desk, RAIN).err(), Some(Refusal::JournalFull), "one leg is awaited");
    heard(&mut desk, &[(id, 1, Fate::Never.said(1))]);
    assert!(fire_at(&mut desk, RAIN).is_ok());
    assert_eq!(fire_at(&mut desk, MarketId(3)).err(), Some(Refusal::JournalFull));
    desk.firing.ended(&fired[1], Release::Now);
    assert!(fire_at(&mut desk, MarketId(3)).is_ok(), "it was ended by other evidence");
}

#[test]
fn who_ends_between_write_and_answer_leaves_a_slot_that_says_so() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let id = fire(&mut desk).id;
    heard(&mut desk, &[(id, 1, Fate::Working.said(1))]);
    drop(desk);
    let next = journal_in(folder.path(), &options(8)).expect("free");
    let readings = next.earlier().expect("readable");
    let [shot] = &readings[0].shots[..] else { panic!("one shot") };
    assert_eq!((shot.id, shot.refused, shot.is_acknowledged), (id, None, false));
    assert!(shot.legs.iter().all(|leg| leg.written == Some(Written::Whole)));
    let answers = shot.legs.iter().map(|leg| leg.answer.as_ref().map(|of| of.verdict.clone()));
    assert_eq!(answers.collect::<Vec<_>>(), [None, Some(Fate::Working.verdict(1))]);
}

#[test]
fn the_steps_of_a_shot_are_in_its_slot_and_in_the_histograms() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let clock = desk.clock.clone();
    let tick = |at_ns: u64| SECOND_NS - 1_000 + at_ns;
    // The clock goes on by 10 ns with each leg's write.
    *desk.line.at_write.borrow_mut() = Some(Box::new(move |_| clock.0.set(clock.0.get() + 10)));
    let before = Before { tick_ns: tick(0), decided_ns: tick(100), signed_ns: tick(300) };
    let shot = Shot { before, ..shot(RAIN, "rain.1", BYTES) };
    let receipt = desk.firing.fire(&shot, &terms()).expect("nothing is against it");
    heard(&mut desk, &[(receipt.id, 0, Fate::Filled.said(0)), (receipt.id, 1, None)]);

    let [recorded] = &recorded(folder.path())[..] else { panic!("one shot") };
    assert_eq!((recorded.before, recorded.began_ns), (before, SECOND_NS));
    let written: Vec<_> = recorded.legs.iter().map(|leg| leg.written_ns).collect();
    assert_eq!(written, [SECOND_NS + 10, SECOND_NS + 20]);

    let mut reader = desk.firing.latencies().expect("nobody has it yet");
    assert!(desk.firing.latencies().is_none(), "there is one");
    desk.clock.0.set(SECOND_NS + HAND_OVER_NS);
    desk.firing.idle(&mut ());
    let hops = reader.read();
    let took = |hop| (hops.of(hop).len(), hops.of(hop).max());
    let steps = [Hop::Decided, Hop::Signed, Hop::Passed, Hop::FirstWritten, Hop::Skew];
    assert_eq!(steps.map(took), [(1, 100), (1, 200), (1, 703), (1, 10), (1, 10)]);
    assert_eq!((took(Hop::Fired).0, took(Hop::PolymarketAnswered).0), (1, 1));
    assert_eq!(took(Hop::KalshiAnswered).0, 0, "what is lost has no time");
}

#[test]
fn an_idle_thread_makes_room_where_the_next_shots_are_made_ready() {
    let folder = tempdir().expect("a temporary folder");
    let mut desk = desk(folder.path(), 8);
    let each = NonZeroU8::new(1).expect("one");
    let every = Duration::from_secs(1);
    let options = AheadOptions { method: "POST", path: "/trade-api/v2/x", every, each };
    desk.clock.0.set(1_703_123_456 * SECOND_NS);
    let made = KalshiAhead::new(kalshi::key(), &options, desk.clock.clone());
    let (mut ahead, mut signing) = made.expect("an interval");
    let mut rounds = || signing.round().expect("it signs");
    assert_eq!([rounds(), rounds(), rounds()], [1, 1, 0], "there is room for two");
    desk.clock.0.update(|now_ns| now_ns + 2 * SECOND_NS);
    desk.firing.idle(&mut ahead);
    assert_eq!(rounds(), 1, "what was too old is gone");
}
