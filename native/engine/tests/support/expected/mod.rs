//! What a firing thread promises, as plainly as it can be said: who holds a pair, what was lent and
//! what is spent of it, which slots are in use. It knows nothing of bits, words and generations.
#![allow(missing_docs)] // each name says it

mod attempt;

use legwork_engine_core::firing::{RELEASE_DELAY_NS, Release};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::LEGS;
use legwork_engine_core::wire::Written;

use crate::fate::Fate;
use crate::steps::PAIRS;
use crate::support::{CLEARED, SECOND_NS};

pub const SLOTS: usize = 4;
pub const MILLISECOND_NS: u64 = 1_000_000;
/// Of each shot, from when it is fired.
pub const VALID_NS: u64 = 20 * SECOND_NS;
pub const LENT_NS: u64 = 30 * SECOND_NS;
pub const BELIEVED_NS: u64 = 100 * SECOND_NS;

/// Who keeps others from shooting at a pair.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holder {
    /// One of the engine's own.
    Shot,
    /// What a shot has taken, until its books catch up.
    Rest { until_ns: u64 },
    /// A trade, as it was last known.
    Trade { since_ns: u64 },
}

impl Holder {
    fn is_over(self, now_ns: u64) -> bool {
        matches!(self, Self::Rest { until_ns } if until_ns <= now_ns)
    }
}

#[derive(Clone, Debug)]
pub struct Lent {
    pub epoch: u64,
    pub dollars: i64,
    pub until_ns: u64,
    /// Shots that these terms pay for.
    pub shots: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct Pair {
    pub holder: Option<Holder>,
    pub lent: Option<Lent>,
    /// The newest terms that there ever were.
    pub epoch: u64,
    /// Older terms than these lend what is a reservation.
    pub epoch_min: u64,
}

/// Whether a workflow has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Adoption {
    /// Fired for its trade: there is nothing to take over.
    None,
    /// Fired from a lease: its pair and its budget are its own.
    Awaited,
    Told,
}

/// A shot of which something has left.
#[derive(Clone, Debug)]
pub struct Left {
    pub sequence: u64,
    pub pair: usize,
    pub dollars: i64,
    pub at_ns: u64,
    pub adoption: Adoption,
    /// It holds its pair no more, or never did.
    pub has_let_go: bool,
    /// Answers are taken for it.
    pub is_open: bool,
    pub ends: [Option<Fate>; LEGS],
    pub legs: [Option<Written>; LEGS],
}

#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub sequence: u64,
    pub refused: Option<Refusal>,
    pub is_acknowledged: bool,
}

/// What becomes of an attempt.
#[derive(Debug)]
pub enum Outcome {
    /// By any of these names.
    Refused(Vec<Refusal>),
    /// So much of each leg.
    Left([Option<Written>; LEGS]),
}

#[derive(Debug)]
pub struct Expected {
    pub now_ns: u64,
    pub control_epoch: u64,
    pub frozen: [bool; PAIRS],
    pub control_until_ns: u64,
    pub pairs: [Pair; PAIRS],
    pub shots: Vec<Left>,
    pub slots: [Option<Slot>; SLOTS],
    pub sequence: u64,
    pub strays: u64,
    pub refused: u64,
}

impl Expected {
    /// As `support::desk` begins.
    pub fn new() -> Self {
        let lent = Lent { epoch: 1, dollars: 100, until_ns: 50 * SECOND_NS, shots: Vec::new() };
        let pair = Pair { lent: Some(lent), epoch: 1, ..Pair::default() };
        Self {
            now_ns: SECOND_NS,
            control_epoch: CLEARED,
            frozen: [false; PAIRS],
            control_until_ns: 100 * SECOND_NS,
            pairs: std::array::from_fn(|_| pair.clone()),
            shots: Vec::new(),
            slots: [None; SLOTS],
            sequence: 0,
            strays: 0,
            refused: 0,
        }
    }

    /// What of a pair's lease may still be spent; owed where new terms lend less than is out.
    pub fn left(&self, pair: usize) -> i64 {
        let spent = |of: &Lent| of.shots.iter().map(|shot| self.shots[*shot].dollars).sum::<i64>();
        self.pairs[pair].lent.as_ref().map_or(0, |lent| lent.dollars - spent(lent))
    }

    /// No shot of the engine's own may be on the pair's books, as far as anybody here knows.
    pub fn holder_is_no_shot(&self, pair: usize) -> bool {
        self.shots.iter().all(|shot| shot.pair != pair || shot.has_let_go)
    }

    pub fn unadopted(&self) -> impl Iterator<Item = &Left> {
        self.shots.iter().filter(|shot| shot.adoption == Adoption::Awaited)
    }

    pub fn is_lent(&self, pair: usize) -> bool {
        self.pairs[pair].lent.as_ref().is_some_and(|lent| self.now_ns < lent.until_ns)
    }

    /// What is told: nothing where nobody waits for it, else what it frees the pair for, if anything.
    pub fn answer(&mut self, shot: usize, leg: usize, fate: Fate) -> Vec<Option<Release>> {
        let is_awaited = |shot: &&mut Left| shot.is_open && shot.ends[leg].is_none();
        let Some(shot) = self.shots.get_mut(shot).filter(is_awaited) else {
            self.strays += 1;
            return Vec::new();
        };
        shot.ends[leg] = Some(fate);
        let [Some(yes), Some(no)] = shot.ends else { return vec![None] };
        shot.is_open = false;
        vec![match (yes.taken(), no.taken()) {
            (Some(0), Some(0)) if [yes, no] == [Fate::Refused; LEGS] => Some(Release::Now),
            (Some(yes), Some(no)) if yes == no => Some(Release::Delayed),
            _ => None,
        }]
    }

    /// What its holder does with what is proven. `false`: it holds nothing.
    pub fn let_go(&mut self, shot: usize, release: Release) -> bool {
        let shot = &mut self.shots[shot];
        if shot.has_let_go {
            return false;
        }
        (shot.has_let_go, shot.is_open) = (true, false);
        let until_ns = self.now_ns + RELEASE_DELAY_NS;
        let rest = (release == Release::Delayed).then_some(Holder::Rest { until_ns });
        self.pairs[shot.pair].holder = rest;
        true
    }

    pub fn read_holds(&mut self, held: [bool; PAIRS], began_ns: u64) {
        for (pair, is_held) in self.pairs.iter_mut().zip(held) {
            pair.holder = match pair.holder {
                None | Some(Holder::Rest { .. }) if is_held => {
                    Some(Holder::Trade { since_ns: began_ns })
                }
                Some(Holder::Trade { since_ns }) if is_held => {
                    Some(Holder::Trade { since_ns: since_ns.max(began_ns) })
                }
                Some(Holder::Trade { since_ns }) if since_ns < began_ns => None,
                as_it_was => as_it_was,
            };
        }
    }

    /// Whether the terms are taken.
    pub fn lend(&mut self, pair: usize, epoch: u64, dollars: u32) -> bool {
        let unadopted =
            |(_, shot): &(usize, &Left)| shot.pair == pair && shot.adoption == Adoption::Awaited;
        let shots = self.shots.iter().enumerate().filter(unadopted).map(|(shot, _)| shot).collect();
        let of = &mut self.pairs[pair];
        let is_newer = of.lent.as_ref().is_none_or(|lent| lent.epoch < epoch);
        let is_taken = is_newer && of.epoch_min <= epoch;
        if is_taken {
            let until_ns = self.now_ns + LENT_NS;
            of.lent = Some(Lent { epoch, dollars: dollars.into(), until_ns, shots });
            of.epoch = of.epoch.max(epoch);
        }
        is_taken
    }

    pub fn pass(&mut self, milliseconds: u64) {
        self.now_ns += milliseconds * MILLISECOND_NS;
        for pair in &mut self.pairs {
            pair.holder.take_if(|of| of.is_over(self.now_ns));
        }
    }
}

pub fn place_of(sequence: u64) -> usize {
    (usize::try_from(sequence).expect("few") - 1) % SLOTS
}
