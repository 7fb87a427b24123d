//! In which order records are told, and which shots are asked for.

use legwork_engine_core::journal::ShotId;

use super::projector::Projected;
use super::record::{Heard, ShotRecord};
use super::shots::{BATCH, Shots};
use super::tell::RecordAnswer;
use super::told_intents::recorded_first;
use super::told_records::recorded;
use crate::error::LedgerError;
use crate::refusal::RecordRefusal;

fn record_of(sequence: u64, heard: Heard) -> ShotRecord {
    let mut shot = recorded();
    shot.id.sequence = sequence;
    ShotRecord::of("host-a", &shot, heard)
}

fn record(sequence: u64) -> ShotRecord {
    record_of(sequence, Heard::All)
}

fn with(sequences: &[u64]) -> Shots {
    let mut shots = Shots::default();
    for sequence in sequences {
        shots.add(record(*sequence));
    }
    shots
}

fn told(shots: &Shots) -> Vec<u64> {
    shots.batch().iter().map(|record| record.id().sequence).collect()
}

fn answer(sequence: u64, refused: Option<&str>) -> RecordAnswer {
    let refused = refused.map(|code| (RecordRefusal::from(code.to_owned()), None));
    RecordAnswer { shot: id(sequence), refused }
}

fn id(sequence: u64) -> ShotId {
    ShotId { thread: 0, epoch: 9, sequence }
}

fn counted(shots: &Shots) -> Projected {
    let mut counts = Projected::default();
    shots.count(&mut counts);
    counts
}

fn whole() -> LedgerError {
    LedgerError::Exception { call: "engine_project", code: "22P05".into(), why: "u0000".into() }
}

#[test]
fn a_batch_has_one_record_of_each_shot_and_a_hundred_at_most() {
    assert_eq!(told(&with(&[1, 2, 1, 3])), [1, 2]);
    let many: Vec<u64> = (1..=150).collect();
    assert_eq!(told(&with(&many)).len(), BATCH);
}

#[test]
fn what_is_safe_waits_for_its_workflow_and_is_free_once() {
    let mut shots = with(&[1, 2]);
    let answers = [answer(2, None), answer(1, None)];
    assert!(shots.answered(&answers).is_ok());
    assert_eq!(shots.unadopted(), [id(1), id(2)]);
    shots.acknowledged(id(1));
    shots.acknowledged(id(1));
    let expected = Projected { safe: 2, acknowledged: 1, unadopted: 1, ..Projected::default() };
    assert_eq!(counted(&shots), expected);
}

#[test]
fn a_shot_whose_answers_are_awaited_keeps_its_slot() {
    let mut shots = Shots::default();
    shots.add(record_of(1, Heard::SoFar));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(!shots.has_unadopted(), "a start that is killed now has it in its journal alone");
    assert_eq!(counted(&shots), Projected { safe: 1, ..Projected::default() });
    shots.add(record(1));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!(shots.unadopted(), [id(1)]);
}

#[test]
fn a_shot_from_a_lease_is_asked_for_before_it_is_answered_and_once_more_after() {
    let owed = |heard| {
        let mut shot = recorded_first();
        shot.id.sequence = 1;
        ShotRecord::of("host-a", &shot, heard)
    };
    let mut shots = Shots::default();
    shots.add(owed(Heard::SoFar));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!((shots.unadopted(), counted(&shots).unadopted), (vec![id(1)], 1));
    assert!(!shots.acknowledged(id(1)), "its slot waits for the answers");
    shots.add(owed(Heard::SoFar));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(!shots.has_unadopted(), "nobody has to be asked again");
    shots.add(owed(Heard::All));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!(shots.unadopted(), [id(1)]);
    assert!(shots.acknowledged(id(1)));
    assert_eq!((shots.has_unadopted(), counted(&shots).acknowledged), (false, 1));
}

#[test]
fn an_answer_too_few_takes_nothing() {
    let mut shots = with(&[1, 2]);
    assert!(shots.answered(&[answer(1, None)]).is_err());
    assert_eq!(told(&shots), [1, 2]);
}

#[test]
fn what_passes_by_itself_is_told_once_more_when_it_is_time() {
    let mut shots = with(&[1, 2]);
    assert!(shots.answered(&[answer(1, Some("NOT_REGISTERED")), answer(2, None)]).is_ok());
    assert!(!shots.has_next() && shots.has_waiting());
    assert_eq!(counted(&shots).untold, 1);
    shots.tell_again();
    assert_eq!(told(&shots), [1]);
    assert!(shots.answered(&[answer(1, Some("NOT_REGISTERED"))]).is_ok());
    assert!(!shots.has_next(), "each once");
    shots.tell_again();
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(!shots.has_next() && !shots.has_waiting());
    assert_eq!((counted(&shots).untold, counted(&shots).safe), (0, 2));
}

#[test]
fn nobody_waits_behind_those_that_wait() {
    let many: Vec<u64> = (1..=101).collect();
    let mut shots = with(&many);
    while shots.has_next() {
        let wait = |sequence| answer(sequence, Some("NOT_ITS_JOURNAL"));
        let answers: Vec<_> = told(&shots).into_iter().map(wait).collect();
        assert!(shots.answered(&answers).is_ok());
    }
    shots.add(record(200));
    assert_eq!(told(&shots), [200]);
    shots.tell_again();
    assert_eq!(told(&shots)[..3], [200, 1, 2]);
    assert_eq!(counted(&shots).untold, 102);
}

#[test]
fn two_records_of_a_shot_are_never_in_one_batch() {
    let mut shots = with(&[1]);
    assert!(shots.answered(&[answer(1, Some("NOT_REGISTERED"))]).is_ok());
    shots.add(record(1));
    shots.tell_again();
    assert_eq!(told(&shots), [1]);
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!(told(&shots), [1], "the one that waited");
}

#[test]
fn the_slot_of_a_contradicted_shot_is_asked_for_once_its_break_is_closed() {
    let mut shots = with(&[1]);
    assert!(shots.answered(&[answer(1, Some("SHOT_DIFFERS"))]).is_ok());
    shots.add(record(1));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(!shots.has_unadopted(), "another record of it mends nothing");
    assert!(shots.has_again() && !shots.has_waiting(), "nobody waits for it");
    shots.tell_again();
    assert_eq!(told(&shots), [1]);
    assert!(shots.answered(&[answer(1, Some("SHOT_DIFFERS"))]).is_ok());
    assert_eq!((counted(&shots).refused, counted(&shots).shots_refused), (1, 1), "no news");
    shots.tell_again();
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!((shots.unadopted(), counted(&shots).shots_refused), (vec![id(1)], 0));
    assert!(!shots.has_again());
}

#[test]
fn of_two_records_that_are_contradicted_both_breaks_are_closed_first() {
    let mut shots = with(&[1]);
    assert!(shots.answered(&[answer(1, Some("SHOT_DIFFERS"))]).is_ok());
    shots.add(record(1));
    assert!(shots.answered(&[answer(1, Some("ORDER_CONTRADICTED"))]).is_ok());
    shots.tell_again();
    assert_eq!(told(&shots), [1], "one at a time");
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(!shots.has_unadopted());
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!(shots.unadopted(), [id(1)]);
}

#[test]
fn an_invalid_record_is_forgiven_when_its_shot_is_told_well() {
    let mut shots = with(&[1]);
    assert!(shots.answered(&[answer(1, Some("RECORD_INVALID"))]).is_ok());
    assert!(!shots.has_unadopted());
    shots.add(record(1));
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert!(shots.has_unadopted() && !shots.has_again());
    assert_eq!(counted(&shots).shots_refused, 0);
}

#[test]
fn one_that_throws_does_not_hold_up_the_others() {
    let mut shots = with(&[1, 2, 3]);
    shots.refused_as_a_whole(&whole());
    assert_eq!(told(&shots), [1], "each alone now");
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    shots.refused_as_a_whole(&whole());
    assert_eq!(told(&shots), [2], "once more, without what Postgres cannot take");
    shots.refused_as_a_whole(&whole());
    assert_eq!(told(&shots), [3], "nor is that taken");
    assert!(shots.answered(&[answer(3, None)]).is_ok());
    shots.add(record(4));
    shots.add(record(5));
    assert_eq!(told(&shots), [4, 5], "together again");
    assert_eq!((counted(&shots).safe, counted(&shots).refused), (2, 1));
}

#[test]
fn one_that_throws_is_told_as_unreadable_until_somebody_has_closed_its_break() {
    let mut shots = with(&[1]);
    shots.refused_as_a_whole(&whole());
    let is_unreadable = |shots: &Shots| shots.batch().iter().all(|record| record.is_unreadable());
    assert!(is_unreadable(&shots) && told(&shots) == [1]);
    assert_eq!(counted(&shots).refused, 0, "it has no break yet");
    shots.add(record(2));
    assert_eq!(told(&shots), [1], "alone, as long as nobody knows that it can be told so");
    assert!(shots.answered(&[answer(1, Some("RECORD_INVALID"))]).is_ok());
    assert_eq!((counted(&shots).refused, told(&shots)), (1, vec![2]));
    assert!(shots.answered(&[answer(2, None)]).is_ok());
    shots.tell_again();
    assert!(is_unreadable(&shots) && told(&shots) == [1]);
    assert!(shots.answered(&[answer(1, None)]).is_ok());
    assert_eq!((shots.unadopted(), counted(&shots).shots_refused), (vec![id(1), id(2)], 0));
}
