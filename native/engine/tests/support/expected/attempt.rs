//! What becomes of an attempt at a pair.

use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::wire::Written;

use super::{
    Adoption, Expected, Holder, Left, MILLISECOND_NS, Outcome, Pair, Slot, VALID_NS, place_of,
};
use crate::fate::Fate;
use crate::steps::{Fire, FiredBy, Flaw};

/// How long a shot may wait for its adoption while others are fired.
const UNADOPTED_NS_MAX: u64 = 250 * MILLISECOND_NS;

impl Expected {
    /// Asked before a tick is worth a signature.
    pub fn may_fire(&self, pair: usize) -> Vec<Refusal> {
        if self.pairs[pair].holder.is_some() {
            return vec![Refusal::PairInFlight];
        }
        if !self.is_lent(pair) {
            return vec![Refusal::LeaseMissing];
        }
        let queue = self.queue(pair);
        if !queue.is_empty() {
            return queue;
        }
        let gate = [
            self.frozen[pair].then_some(Refusal::Frozen),
            (self.now_ns >= self.control_until_ns).then_some(Refusal::ControlLost),
        ];
        gate.into_iter().flatten().take(1).collect()
    }

    fn queue(&self, pair: usize) -> Vec<Refusal> {
        let is_own = self.unadopted().any(|shot| shot.pair == pair);
        let is_old = |shot: &Left| self.now_ns - shot.at_ns > UNADOPTED_NS_MAX;
        let names = [
            is_own.then_some(Refusal::PairUnadopted),
            self.unadopted().any(is_old).then_some(Refusal::BackPressure),
        ];
        names.into_iter().flatten().collect()
    }

    /// What is to become of it; whatever it changes is changed.
    pub fn fire(&mut self, fire: &Fire) -> Outcome {
        let outcome = self.tried(fire);
        match outcome {
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Left(legs) => self.has_left(fire, legs),
        }
        outcome
    }

    fn tried(&mut self, fire: &Fire) -> Outcome {
        let refused = |refusal| Outcome::Refused(vec![refusal]);
        let (at_ns, is_owed) = (self.now_ns, fire.door != FiredBy::Trade);
        match fire.flaw {
            Flaw::Late => return refused(Refusal::TooLate),
            Flaw::Stale => return refused(Refusal::BookStale),
            _ => (),
        }
        if let Some(refusals) = self.pair_and_budget(fire) {
            return Outcome::Refused(refusals);
        }
        match fire.flaw {
            Flaw::Cut => return refused(Refusal::NoWire),
            Flaw::Slow(milliseconds) => self.now_ns += milliseconds * MILLISECOND_NS,
            _ => (),
        }
        let next = self.sequence + 1;
        let place = place_of(next);
        let is_awaited = |shot: &Left| shot.is_open && place_of(shot.sequence) == place;
        if self.shots.iter().any(is_awaited) {
            return refused(Refusal::JournalFull);
        }
        if fire.flaw == Flaw::DryRun {
            return refused(Refusal::DryRun);
        }
        if self.slots[place].is_some_and(|slot| !slot.is_acknowledged) {
            return refused(Refusal::JournalFull);
        }
        self.sequence = next;
        let refusal = self.at_the_gate(fire, at_ns, is_owed);
        let legs = written(fire);
        let refusal = refusal.or_else(|| legs.is_none().then_some(Refusal::NoWire));
        let is_acknowledged = refusal.is_some();
        self.slots[place] = Some(Slot { sequence: next, refused: refusal, is_acknowledged });
        match (refusal, legs) {
            (None, Some(legs)) => Outcome::Left(legs),
            (refusal, _) => Outcome::Refused(refusal.into_iter().collect()),
        }
    }

    fn pair_and_budget(&mut self, fire: &Fire) -> Option<Vec<Refusal>> {
        let pair = fire.pair;
        let holder = self.pairs[pair].holder;
        if fire.door == FiredBy::Trade {
            if matches!(holder, Some(Holder::Shot | Holder::Rest { .. })) {
                return Some(vec![Refusal::PairInFlight]);
            }
            // Whatever becomes of it: the trade has the pair.
            self.pairs[pair].holder = Some(Holder::Trade { since_ns: self.now_ns });
            return None;
        }
        if holder.is_some() {
            return Some(vec![Refusal::PairInFlight]);
        }
        if !self.is_lent(pair) {
            return Some(vec![Refusal::LeaseMissing]);
        }
        if self.left(pair) < i64::from(fire.dollars) {
            return Some(vec![Refusal::LeaseExhausted]);
        }
        Some(self.queue(pair)).filter(|names| !names.is_empty())
    }

    fn at_the_gate(&self, fire: &Fire, fired_ns: u64, is_owed: bool) -> Option<Refusal> {
        if self.frozen[fire.pair] {
            return Some(Refusal::Frozen);
        }
        if self.now_ns >= self.control_until_ns {
            return Some(Refusal::ControlLost);
        }
        if fire.flaw == Flaw::OldFreezes {
            return Some(Refusal::ControlChanged);
        }
        if self.now_ns >= fired_ns + VALID_NS {
            return Some(Refusal::TooLate);
        }
        (is_owed && !self.is_lent(fire.pair)).then_some(Refusal::LeaseMissing)
    }

    fn has_left(&mut self, fire: &Fire, legs: [Option<Written>; LEGS]) {
        let is_owed = fire.door != FiredBy::Trade;
        let Pair { holder, lent, .. } = &mut self.pairs[fire.pair];
        if is_owed {
            *holder = Some(Holder::Shot);
            lent.as_mut().expect("it was spent").shots.push(self.shots.len());
        }
        let slow = if let Flaw::Slow(milliseconds) = fire.flaw { milliseconds } else { 0 };
        let out = legs.map(|leg| leg.is_some_and(|leg| leg != Written::Nothing));
        self.shots.push(Left {
            sequence: self.sequence,
            pair: fire.pair,
            dollars: fire.dollars.into(),
            at_ns: self.now_ns - slow * MILLISECOND_NS,
            adoption: if is_owed { Adoption::Awaited } else { Adoption::None },
            has_let_go: !is_owed,
            is_open: true,
            // What has not left is as good as refused.
            ends: out.map(|is_out| (!is_out).then_some(Fate::Refused)),
            legs,
        });
    }
}

/// What the wire takes; `None` where nothing of the first leg leaves.
fn written(fire: &Fire) -> Option<[Option<Written>; LEGS]> {
    let mut writes = fire.writes.into_iter();
    let mut spares = fire.spares;
    let mut write = || {
        let mut next = || writes.next().unwrap_or(Written::Whole);
        let first = next();
        let again = first == Written::Nothing && spares > 0;
        spares -= usize::from(again);
        if again { next() } else { first }
    };
    let (lead, other) = if fire.held_back == Some(Venue::Polymarket) { (1, 0) } else { (0, 1) };
    let mut legs = [None; LEGS];
    let first = write();
    legs[lead] = Some(first).filter(|first| *first != Written::Nothing);
    legs[lead]?;
    if first == Written::Whole && fire.held_back.is_none() {
        legs[other] = Some(write());
    }
    Some(legs)
}
