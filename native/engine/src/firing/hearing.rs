//! An answer's way from the wire into the journal, and to whoever holds the shot. Between shots: it
//! reads JSON, and that allocates.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Firing;
use super::release::{LegEnd, Release};
use crate::answers::{Asked, VenueAnswers, Verdict};
use crate::journal::{Answer, ShotId};
use crate::wire::{self, Clock, Heard, Wires};

/// Nothing came in time, or the connection broke.
const NO_ANSWER: &str = "NO_ANSWER";
/// What came is no response of HTTP.
const UNREADABLE_RESPONSE: &str = "UNREADABLE_RESPONSE";

/// What was heard of one leg of which something had left; told once.
#[derive(Clone, Copy, Debug)]
pub struct LegOutcome<'a> {
    /// As the receipt has it.
    pub shot: ShotId,
    /// Of the shot.
    pub leg: usize,
    /// What it proves. Of an order that exists, and of one that is unknown, the venue is asked.
    pub verdict: &'a Verdict,
    /// When it was heard, or given up, on the monotonic clock.
    pub at_ns: u64,
    /// What [`Firing::ended`] may be told now; with the last of the legs alone. `None`: something is
    /// open still, and the shot's holder ends it when it knows.
    pub release: Option<Release>,
}

/// Answers that belong to no open leg: of a shot that is over, of another start, or told again.
#[derive(Debug, Default)]
pub struct Strays(AtomicU64);

impl Strays {
    /// Since the start.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<W: Wires, C: Clock> Firing<W, C> {
    /// Between shots: polls the wires. What is heard of a leg is in the journal before it is told.
    /// What is heard of no open leg changes nothing, and is counted.
    pub fn hear(&mut self, mut told: impl FnMut(&LegOutcome<'_>)) {
        let Self { house, journal, open, latencies, wires, .. } = self;
        wires.poll(|heard| {
            let &Heard { shot, leg, answer, at_ns } = heard;
            let Some(awaited) = open.awaited(shot, leg) else { return house.strays.count() };
            let (verdict, status) = verdict_of(&house.answers, &awaited.asked, answer);
            if status != 0 {
                latencies.answered(awaited.asked.ordered.venue(), (awaited.written_ns, at_ns));
            }
            // Nobody else has been given the slot: as long as the leg is awaited it is its shot's.
            journal.answered(shot, leg, &Answer { verdict: &verdict, status, at_ns });
            let release = open.heard(shot, leg, LegEnd::of(&verdict));
            told(&LegOutcome { shot, leg, verdict: &verdict, at_ns, release });
        });
    }
}

/// What an answer proves, and its status; 0 where there is none. Silence proves nothing.
fn verdict_of(answers: &VenueAnswers, asked: &Asked, answer: wire::Answer<'_>) -> (Verdict, u16) {
    let unknown = |code: &str| (Verdict::Unknown { code: code.to_owned() }, 0);
    match answer {
        wire::Answer::Read(said) => {
            (answers.place_answer(asked, said.status, said.body), said.status)
        }
        wire::Answer::Unreadable(_) => unknown(UNREADABLE_RESPONSE),
        wire::Answer::Lost => unknown(NO_ANSWER),
    }
}
