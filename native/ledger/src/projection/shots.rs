//! Which records are to be told, and which shots wait for their workflows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use legwork_engine_core::journal::ShotId;

use super::projector::Projected;
use super::record::ShotRecord;
use super::tell::RecordAnswer;
use crate::error::LedgerError;
use crate::refusal::RecordRefusal;

/// Records or names in one call.
pub(super) const BATCH: usize = 100;

#[derive(Default)]
pub(super) struct Shots {
    untold: VecDeque<ShotRecord>,
    /// Refused by what passes by itself. They stand apart, so that nothing waits behind them.
    waiting: VecDeque<ShotRecord>,
    /// So many of those are told once more, behind what is untold.
    due: usize,
    /// In Postgres, and not known to be anybody's.
    safe: BTreeSet<ShotId>,
    refused: BTreeMap<ShotId, RecordRefusal>,
    /// So many of the next are told alone: one of them makes Postgres refuse the call.
    alone: usize,
    counts: Projected,
}

impl Shots {
    pub fn add(&mut self, record: ShotRecord) {
        self.untold.push_back(record);
    }

    /// Something is to be told now.
    pub fn has_next(&self) -> bool {
        !self.untold.is_empty() || self.due > 0
    }

    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Each that waits once more.
    pub fn tell_waiting(&mut self) {
        self.due = self.waiting.len();
    }

    pub fn has_safe(&self) -> bool {
        !self.safe.is_empty()
    }

    pub fn safe(&self) -> Vec<ShotId> {
        self.safe.iter().copied().collect()
    }

    /// What is told next: one record of each shot, so that an answer has one record.
    pub fn batch(&self) -> Vec<&ShotRecord> {
        let most = if self.alone > 0 { 1 } else { BATCH };
        let mut names = BTreeSet::new();
        let all = self.untold.iter().chain(self.waiting.iter().take(self.due));
        all.take(most).take_while(|record| names.insert(record.id())).collect()
    }

    /// Takes the answers to the last batch. Without one for each record nothing is taken.
    pub fn answered(&mut self, answers: &[RecordAnswer]) -> Result<(), LedgerError> {
        let told: Vec<_> = self.batch().iter().map(|record| record.id()).collect();
        let answer_to = |shot: &ShotId| answers.iter().find(|answer| answer.shot == *shot);
        let answers: Option<Vec<_>> = told.iter().map(answer_to).collect();
        let answers = answers
            .ok_or_else(|| LedgerError::unreadable("engine_project", "a record has no answer"))?;
        for answer in answers {
            let Some(record) = self.pop() else { break };
            match &answer.refused {
                None if record.is_complete() => self.mark_safe(answer.shot),
                // It is told again with what is heard; its slot has to say so until then.
                None => self.counts.safe += 1,
                Some((refusal, why)) if refusal.passes() => {
                    tracing::warn!(shot = ?answer.shot, %refusal, why, "a record waits");
                    self.waiting.push_back(record);
                }
                Some((refusal, why)) => {
                    self.mark_refused(answer.shot, refusal.clone(), why.as_deref());
                }
            }
        }
        self.alone = self.alone.saturating_sub(told.len());
        Ok(())
    }

    /// Postgres has thrown at the call: at one of the records, and nothing of the others is there.
    pub fn refused_as_a_whole(&mut self, error: &LedgerError) {
        let told = self.batch().len();
        if told > 1 {
            self.alone = told;
        } else if let Some(record) = self.pop() {
            self.alone = self.alone.saturating_sub(1);
            let why = error.to_string();
            self.mark_refused(record.id(), RecordRefusal::RecordInvalid, Some(&why));
        }
    }

    pub fn acknowledged(&mut self, shot: ShotId) {
        if self.safe.remove(&shot) {
            self.counts.acknowledged += 1;
        }
    }

    /// What is counted here; the rest is whoever's who asks Postgres.
    pub fn count(&self, of: &mut Projected) {
        let Projected { safe, refused, acknowledged, .. } = self.counts;
        (of.safe, of.refused, of.acknowledged) = (safe, refused, acknowledged);
        of.untold = self.untold.len() + self.waiting.len();
        of.unadopted = self.safe.len();
        of.shots_refused = self.refused.len();
    }

    /// The first of a batch.
    fn pop(&mut self) -> Option<ShotRecord> {
        self.untold.pop_front().or_else(|| {
            self.due = self.due.checked_sub(1)?;
            self.waiting.pop_front()
        })
    }

    /// A contradiction is not mended by a later record: the slot of its shot is never free.
    fn mark_safe(&mut self, shot: ShotId) {
        self.counts.safe += 1;
        if !self.refused.get(&shot).is_some_and(RecordRefusal::is_contradiction) {
            self.refused.remove(&shot);
            self.safe.insert(shot);
        }
    }

    fn mark_refused(&mut self, shot: ShotId, refusal: RecordRefusal, why: Option<&str>) {
        tracing::error!(?shot, %refusal, why, "Postgres refuses a record: its slot stays in use");
        self.counts.refused += 1;
        self.safe.remove(&shot);
        let known = self.refused.entry(shot).or_insert_with(|| refusal.clone());
        if !known.is_contradiction() {
            *known = refusal;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Heard;
    use super::super::told_records::recorded;
    use super::*;

    fn record_of(sequence: u64, heard: Heard) -> ShotRecord {
        let mut shot = recorded();
        shot.id.sequence = sequence;
        ShotRecord::of("host-a", &shot, heard).expect("a record")
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
        assert_eq!(shots.safe(), [id(1), id(2)]);
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
        assert!(!shots.has_safe(), "a start that is killed now has it in its journal alone");
        assert_eq!(counted(&shots), Projected { safe: 1, ..Projected::default() });
        shots.add(record(1));
        assert!(shots.answered(&[answer(1, None)]).is_ok());
        assert_eq!(shots.safe(), [id(1)]);
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
        shots.tell_waiting();
        assert_eq!(told(&shots), [1]);
        assert!(shots.answered(&[answer(1, Some("NOT_REGISTERED"))]).is_ok());
        assert!(!shots.has_next(), "each once");
        shots.tell_waiting();
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
        shots.tell_waiting();
        assert_eq!(told(&shots)[..3], [200, 1, 2]);
        assert_eq!(counted(&shots).untold, 102);
    }

    #[test]
    fn two_records_of_a_shot_are_never_in_one_batch() {
        let mut shots = with(&[1]);
        assert!(shots.answered(&[answer(1, Some("NOT_REGISTERED"))]).is_ok());
        shots.add(record(1));
        shots.tell_waiting();
        assert_eq!(told(&shots), [1]);
        assert!(shots.answered(&[answer(1, None)]).is_ok());
        assert_eq!(told(&shots), [1], "the one that waited");
    }

    #[test]
    fn the_slot_of_a_contradicted_shot_is_never_asked_for() {
        let mut shots = with(&[1]);
        assert!(shots.answered(&[answer(1, Some("SHOT_DIFFERS"))]).is_ok());
        shots.add(record(1));
        assert!(shots.answered(&[answer(1, None)]).is_ok());
        assert!(!shots.has_safe());
        assert_eq!((counted(&shots).refused, counted(&shots).shots_refused), (1, 1));
    }

    #[test]
    fn an_invalid_record_is_forgiven_when_its_shot_is_told_well() {
        let mut shots = with(&[1]);
        assert!(shots.answered(&[answer(1, Some("RECORD_INVALID"))]).is_ok());
        assert!(!shots.has_safe());
        shots.add(record(1));
        assert!(shots.answered(&[answer(1, None)]).is_ok());
        assert!(shots.has_safe());
        assert_eq!(counted(&shots).shots_refused, 0);
    }

    #[test]
    fn one_that_throws_does_not_hold_up_the_others() {
        let mut shots = with(&[1, 2, 3]);
        shots.refused_as_a_whole(&whole());
        assert_eq!(told(&shots), [1], "each alone now");
        assert!(shots.answered(&[answer(1, None)]).is_ok());
        shots.refused_as_a_whole(&whole());
        assert_eq!(told(&shots), [3]);
        assert!(shots.answered(&[answer(3, None)]).is_ok());
        shots.add(record(4));
        shots.add(record(5));
        assert_eq!(told(&shots), [4, 5], "together again");
        assert_eq!((counted(&shots).safe, counted(&shots).refused), (2, 1));
    }
}
