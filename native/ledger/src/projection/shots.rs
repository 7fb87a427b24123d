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

/// How many are told once more.
#[derive(Default)]
struct Due {
    waiting: usize,
    disputed: usize,
}

/// Where a record that is told comes from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum From {
    News,
    Waiting,
    Disputed,
}

#[derive(Default)]
pub(super) struct Shots {
    untold: VecDeque<ShotRecord>,
    /// Refused by what passes by itself. They stand apart, so that nothing waits behind them.
    waiting: VecDeque<ShotRecord>,
    /// Refused until somebody has closed their breaks. Nothing waits for them.
    disputed: VecDeque<ShotRecord>,
    /// So many of either are told once more, behind what is untold.
    due: Due,
    /// In Postgres with all that will be heard, and not known to be anybody's.
    safe: BTreeSet<ShotId>,
    /// In Postgres without an answer, and its workflow is waited for.
    owed: BTreeSet<ShotId>,
    /// Its workflow has it, and an answer is still to come: it is not asked for until then.
    taken_over: BTreeSet<ShotId>,
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
        !self.untold.is_empty() || self.due.waiting + self.due.disputed > 0
    }

    /// Nobody may end before they are told.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// There are records to be told again when it is time.
    pub fn has_again(&self) -> bool {
        self.has_waiting() || !self.disputed.is_empty()
    }

    /// Each that waits, or is disputed, once more.
    pub fn tell_again(&mut self) {
        self.due = Due { waiting: self.waiting.len(), disputed: self.disputed.len() };
    }

    /// There are shots to ask for.
    pub fn has_unadopted(&self) -> bool {
        !self.safe.is_empty() || !self.owed.is_empty()
    }

    /// To be asked for, each once.
    pub fn unadopted(&self) -> Vec<ShotId> {
        self.safe.union(&self.owed).copied().collect()
    }

    /// What is told next: one record of each shot, so that an answer has one record.
    pub fn batch(&self) -> Vec<&ShotRecord> {
        let most = if self.alone > 0 { 1 } else { BATCH };
        let mut names = BTreeSet::new();
        let again = self.waiting.iter().take(self.due.waiting);
        let disputed = self.disputed.iter().take(self.due.disputed);
        let all = self.untold.iter().chain(again).chain(disputed);
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
            let Some((record, from)) = self.pop() else { break };
            if from == From::Disputed && answer.refused.is_none() {
                self.settle(answer.shot);
            }
            match &answer.refused {
                None if record.is_complete() => self.mark_safe(answer.shot),
                // It is told again with what is heard; its slot has to say so until then.
                None => {
                    self.counts.safe += 1;
                    if record.is_owed() {
                        self.mark_owed(answer.shot);
                    }
                }
                Some((refusal, why)) if refusal.passes() => {
                    tracing::warn!(shot = ?answer.shot, %refusal, why, "a record waits");
                    self.waiting.push_back(record);
                }
                Some((refusal, why)) => {
                    self.mark_refused(answer.shot, refusal.clone(), (why.as_deref(), from));
                    self.disputed.push_back(record);
                }
            }
        }
        self.alone = self.alone.saturating_sub(told.len());
        Ok(())
    }

    /// Postgres has thrown at the call: at one of the records, and nothing of the others is there. The
    /// one that it cannot take, told alone, is told once more as one of which no row can be made: then
    /// it has a break that somebody can close.
    pub fn refused_as_a_whole(&mut self, error: &LedgerError) {
        let (told, why) = (self.batch().len(), error.to_string());
        if told > 1 {
            self.alone = told;
        } else if let Some(record) = self.next_mut().filter(|record| !record.is_unreadable()) {
            record.make_unreadable(&why);
            self.alone = self.alone.max(1);
        } else if let Some((record, from)) = self.pop() {
            self.alone = self.alone.saturating_sub(1);
            self.mark_refused(record.id(), RecordRefusal::RecordInvalid, (Some(&why), from));
            self.disputed.push_back(record);
        }
    }

    /// Its workflow has it. Whether its slot may be used again.
    pub fn acknowledged(&mut self, shot: ShotId) -> bool {
        if self.owed.remove(&shot) {
            self.taken_over.insert(shot);
        }
        let is_complete = self.safe.remove(&shot);
        if is_complete {
            self.taken_over.remove(&shot);
            self.counts.acknowledged += 1;
        }
        is_complete
    }

    /// What is counted here; the rest is whoever's who asks Postgres.
    pub fn count(&self, of: &mut Projected) {
        let Projected { safe, refused, acknowledged, .. } = self.counts;
        (of.safe, of.refused, of.acknowledged) = (safe, refused, acknowledged);
        of.untold = self.untold.len() + self.waiting.len();
        of.unadopted = self.safe.union(&self.owed).count();
        of.shots_refused = self.refused.len();
    }

    /// The first of a batch, where it stands.
    fn next_mut(&mut self) -> Option<&mut ShotRecord> {
        let Due { waiting, disputed } = self.due;
        let of_waiting = self.waiting.front_mut().filter(|_| waiting > 0);
        let of_disputed = self.disputed.front_mut().filter(|_| disputed > 0);
        self.untold.front_mut().or(of_waiting).or(of_disputed)
    }

    /// The first of a batch.
    fn pop(&mut self) -> Option<(ShotRecord, From)> {
        if let Some(record) = self.untold.pop_front() {
            return Some((record, From::News));
        }
        if let Some(left) = self.due.waiting.checked_sub(1) {
            self.due.waiting = left;
            return Some((self.waiting.pop_front()?, From::Waiting));
        }
        self.due.disputed = self.due.disputed.checked_sub(1)?;
        Some((self.disputed.pop_front()?, From::Disputed))
    }

    /// Somebody has closed the break of one of its records; another's may be open.
    fn settle(&mut self, shot: ShotId) {
        if self.disputed.iter().all(|record| record.id() != shot) {
            self.refused.remove(&shot);
        }
    }

    /// A contradiction is not mended by a later record, but by whoever closes its break. One that could
    /// not be read is.
    fn mark_safe(&mut self, shot: ShotId) {
        self.counts.safe += 1;
        if !self.refused.get(&shot).is_some_and(RecordRefusal::is_contradiction) {
            if self.refused.remove(&shot).is_some() {
                self.disputed.retain(|record| record.id() != shot);
                self.due.disputed = self.due.disputed.min(self.disputed.len());
            }
            self.safe.insert(shot);
        }
    }

    fn mark_owed(&mut self, shot: ShotId) {
        if !self.taken_over.contains(&shot) && !self.safe.contains(&shot) {
            self.owed.insert(shot);
        }
    }

    /// What is told again and refused again is no news.
    fn mark_refused(
        &mut self,
        shot: ShotId,
        refusal: RecordRefusal,
        (why, from): (Option<&str>, From),
    ) {
        if from != From::Disputed {
            tracing::error!(
                ?shot, %refusal, why,
                "Postgres refuses a record: its slot stays in use until somebody has closed its break"
            );
            self.counts.refused += 1;
        }
        self.safe.remove(&shot);
        let known = self.refused.entry(shot).or_insert_with(|| refusal.clone());
        if !known.is_contradiction() {
            *known = refusal;
        }
    }
}
