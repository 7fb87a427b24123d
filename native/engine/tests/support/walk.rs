//! A firing thread with false wires, to which things happen, beside what it promises.
#![allow(missing_docs)] // each name says it

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use legwork_engine_core::amount::{Money, ONE};
use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{CopyToDisk, JournalOptions, ShotId};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::wire::Written;
use tempfile::TempDir;

use crate::at_write::{AtWrite, recorded};
use crate::expected::{
    Adoption, BELIEVED_NS, Expected, Holder, LENT_NS, MILLISECOND_NS, Outcome, SLOTS,
};
use crate::fate::Fate;
use crate::steps::{Fire, FiredBy, Flaw, PAIRS, Step, market};
use crate::support::{Desk, desk_by, file_in, of, options, terms};

pub struct Walk {
    desk: Desk,
    expected: Expected,
    receipts: Vec<Receipt>,
    /// How often it was refused, by name.
    met: HashMap<Refusal, u32>,
    at_write: Rc<RefCell<AtWrite>>,
    folder: TempDir,
}

impl Walk {
    pub fn begin() -> Self {
        // In memory, and copied by the thread that fires: neither a disk nor a thread is waited for.
        let folder = tempfile::tempdir_in("/dev/shm").expect("a temporary folder");
        let slots = options(u32::try_from(SLOTS).expect("few"));
        let copy = CopyToDisk::BeforeEachShot;
        let desk = desk_by(folder.path(), &JournalOptions { copy, ..slots });
        let path = file_in(folder.path(), "memory");
        let (sequence, may_leave, freezes_at, has_frozen) = (0, false, None, false);
        let at_write = AtWrite { path, sequence, may_leave, freezes_at, has_frozen };
        let at_write = Rc::new(RefCell::new(at_write));
        let (of, house) = (Rc::clone(&at_write), Arc::clone(&desk.house));
        let look = move |leg| of.borrow_mut().looks(leg, &house);
        *desk.line.at_write.borrow_mut() = Some(Box::new(look));
        let (receipts, met) = (Vec::new(), HashMap::new());
        Self { desk, expected: Expected::new(), receipts, met, at_write, folder }
    }

    pub fn take(&mut self, step: &Step) {
        match *step {
            Step::Fire(ref fire) => self.fire(fire),
            Step::Answer { ago, leg, fate } => self.answer(self.shot(ago), leg, fate),
            Step::Adopt { ago, is_moved } => self.adopt(self.shot(ago), is_moved),
            Step::Acknowledge { ago } => self.acknowledge(self.shot(ago)),
            Step::End { ago } => self.end(self.shot(ago)),
            Step::Lend { pair, is_newer, dollars } => self.lend(pair, is_newer, dollars),
            Step::EndLease { pair } => {
                self.expected.pairs[pair].lent = None;
                self.desk.firing.lease(market(pair)).expect("known").end();
            }
            Step::Freeze(frozen) => self.freeze(frozen),
            Step::Control { is_heard } => {
                let until_ns = self.expected.now_ns + if is_heard { BELIEVED_NS } else { 0 };
                self.expected.control_until_ns = until_ns;
                self.desk.house.gate.heard_control(until_ns);
            }
            Step::TradesHold { held, milliseconds_ago } => {
                let began_ns = self.expected.now_ns - milliseconds_ago * MILLISECOND_NS;
                self.expected.read_holds(held, began_ns);
                let held: Vec<_> = (0..PAIRS).filter(|pair| held[*pair]).map(market).collect();
                self.desk.firing.trades_hold(&held, began_ns);
            }
            Step::Pass { milliseconds } => {
                self.expected.pass(milliseconds);
                self.desk.clock.0.set(self.expected.now_ns);
                self.desk.firing.idle(&mut ());
            }
        }
        self.is_as_promised();
    }

    fn fire(&mut self, fire: &Fire) {
        if fire.door == FiredBy::Tick {
            let told = self.desk.firing.may_fire(market(fire.pair));
            let refusals = self.expected.may_fire(fire.pair);
            is_one_of(told, &refusals);
            if let Err(refusal) = told {
                self.is_refused(refusal);
                self.expected.refused += 1;
                return; // no name and no signature is used up
            }
        }
        let now_ns = self.expected.now_ns;
        let is_alone = self.expected.holder_is_no_shot(fire.pair);
        let outcome = self.expected.fire(fire);
        self.prepare(fire);
        let fired = self.shoot(fire, now_ns);
        let legs = fired.as_ref().map(|receipt| receipt.legs).map_err(|refusal| *refusal);
        match outcome {
            Outcome::Refused(refusals) => is_one_of(legs.map(drop), &refusals),
            Outcome::Left(expected) => assert_eq!(legs, Ok(expected)),
        }
        assert_eq!(self.desk.firing.next().sequence, self.expected.sequence + 1);
        match legs {
            Ok(_) => {
                assert!(is_alone, "two shots of one pair are out");
                let is_paid = fire.door == FiredBy::Trade || self.expected.left(fire.pair) >= 0;
                assert!(is_paid, "more is spent than was lent");
            }
            Err(refusal) => self.is_refused(refusal),
        }
        self.receipts.extend(fired);
        self.desk.line.fates.borrow_mut().clear();
        self.desk.line.is_cut.set(false);
        *self.desk.line.slow.borrow_mut() = None;
        if self.at_write.borrow().has_frozen {
            self.expected.control_epoch += 1;
            self.expected.frozen = [true; PAIRS];
        }
    }

    fn is_refused(&mut self, refusal: Refusal) {
        *self.met.entry(refusal).or_default() += 1;
    }

    fn prepare(&mut self, fire: &Fire) {
        let Desk { line, clock, .. } = &self.desk;
        *line.fates.borrow_mut() = fire.writes.to_vec();
        line.spares.set(fire.spares);
        line.is_cut.set(fire.flaw == Flaw::Cut);
        if let Flaw::Slow(milliseconds) = fire.flaw {
            let clock = clock.clone();
            let wait = move || clock.0.set(clock.0.get() + milliseconds * MILLISECOND_NS);
            *line.slow.borrow_mut() = Some(Box::new(wait));
        }
        let mut at_write = self.at_write.borrow_mut();
        at_write.sequence = self.expected.sequence;
        at_write.may_leave = !self.expected.frozen[fire.pair];
        at_write.has_frozen = false;
        at_write.freezes_at = fire.is_frozen_meanwhile.then_some(self.expected.control_epoch + 1);
    }

    fn shoot(&mut self, fire: &Fire, now_ns: u64) -> Result<Receipt, Refusal> {
        let intent_id = format!("rain.{}", self.expected.refused + self.expected.sequence);
        let shot = fire.shot(&intent_id, now_ns, self.expected.control_epoch);
        self.desk.firing.fire(&shot, &terms())
    }

    fn answer(&mut self, shot: usize, leg: usize, fate: Fate) {
        let expected = self.expected.answer(shot, leg, fate);
        let id = self.id(shot);
        self.desk.line.heard.borrow_mut().push((id, leg, fate.said(leg)));
        let mut told = Vec::new();
        self.desk.firing.hear(|of| {
            assert_eq!((of.shot, of.leg, of.verdict), (id, leg, &fate.verdict(leg)));
            told.push(of.release);
        });
        assert_eq!(told, expected);
        if let [Some(release)] = expected[..]
            && self.expected.let_go(shot, release)
        {
            self.desk.firing.ended(&self.receipts[shot], release);
        }
    }

    /// As the thread that owns the shots does it. Told again it changes nothing.
    fn adopt(&mut self, shot: usize, is_moved: bool) {
        let Some(receipt) = self.receipts.get(shot) else { return };
        let of = &mut self.expected.shots[shot];
        let pair = &mut self.expected.pairs[of.pair];
        let epoch = is_moved.then_some(pair.epoch + 1);
        if of.adoption == Adoption::Awaited {
            of.adoption = Adoption::Told;
            pair.epoch_min = pair.epoch_min.max(epoch.unwrap_or(0));
            if !of.has_let_go {
                of.has_let_go = true;
                let since_ns = self.expected.now_ns;
                pair.holder = Some(Holder::Trade { since_ns });
                self.desk.firing.held_by_its_trade(receipt);
            }
        }
        self.desk.firing.taken_over(receipt, epoch);
    }

    fn acknowledge(&mut self, shot: usize) {
        let id = self.id(shot);
        let slots = self.expected.slots.iter_mut().flatten();
        if let Some(slot) = slots.into_iter().find(|slot| slot.sequence == id.sequence) {
            slot.is_acknowledged = true;
        }
        self.desk.firing.acknowledge(id);
    }

    fn end(&mut self, shot: usize) {
        let Some(receipt) = self.receipts.get(shot) else { return };
        if self.expected.shots[shot].adoption == Adoption::None {
            self.expected.shots[shot].is_open = false;
            self.desk.firing.ended(receipt, Release::Now);
        } else if self.expected.let_go(shot, Release::Now) {
            self.desk.firing.ended(receipt, Release::Now);
        }
    }

    fn lend(&mut self, pair: usize, is_newer: bool, dollars: u32) {
        let epoch = self.expected.pairs[pair].epoch + u64::from(is_newer);
        let is_taken = self.expected.lend(pair, epoch, dollars);
        let (budget, until_ns) = (of(&dollars.to_string()), self.expected.now_ns + LENT_NS);
        let lease = self.desk.firing.lease(market(pair)).expect("known");
        assert_eq!(lease.renew(Terms { epoch, budget, until_ns }), is_taken);
    }

    fn freeze(&mut self, frozen: [bool; PAIRS]) {
        self.expected.control_epoch += 1;
        self.expected.frozen = frozen;
        let draining = self.desk.house.gate.freeze(self.expected.control_epoch, named(frozen));
        assert!(draining.is_some_and(|draining| draining.is_over()), "no shot is under way");
    }

    /// Its number; one that is nobody's where there were not as many.
    fn shot(&self, ago: usize) -> usize {
        self.receipts.len().checked_sub(ago + 1).unwrap_or(usize::MAX)
    }

    /// Of the next, which has not been, where it is nobody's.
    fn id(&self, shot: usize) -> ShotId {
        self.receipts.get(shot).map_or_else(|| self.desk.firing.next(), |receipt| receipt.id)
    }

    fn is_as_promised(&mut self) {
        let Self { desk: Desk { house, line, firing, .. }, expected, .. } = self;
        for (pair, of) in expected.pairs.iter().enumerate() {
            let is_held = house.in_flight.holder(market(pair)).is_some();
            assert_eq!(is_held, of.holder.is_some(), "pair {pair} is held by {:?}", of.holder);
            let left = firing.lease(market(pair)).expect("known").left();
            let expected_left = expected.left(pair);
            assert_eq!(left, of_dollars(expected_left), "pair {pair} has what is not spent");
        }
        assert_eq!(house.back_pressure.count(), expected.unadopted().count());
        assert_eq!(
            Refusal::ALL.iter().map(|of| house.refusals.told(*of)).sum::<u64>(),
            expected.refused
        );
        assert_eq!(house.strays.told(), expected.strays);
        assert!(!line.in_hand.get(), "both wires are put back");
        let draining = house.gate.freeze(expected.control_epoch, named(expected.frozen));
        assert!(draining.is_some_and(|draining| draining.is_over()), "no section is open");
    }

    /// What has left and was not acknowledged, the next start finds, with what was heard of it.
    pub fn end_of_walk(self) -> HashMap<Refusal, u32> {
        let Self { desk, expected, receipts, met, folder, .. } = self;
        drop(desk);
        let recorded = recorded(&file_in(folder.path(), "memory"));
        for slot in expected.slots.iter().flatten() {
            let shot = recorded.iter().find(|shot| shot.id.sequence == slot.sequence);
            let shot = shot.expect("it was written down");
            let told = (shot.refused, shot.is_acknowledged);
            assert_eq!(told, (slot.refused, slot.is_acknowledged), "{:?}", shot.id);
        }
        for (receipt, of) in receipts.iter().zip(&expected.shots) {
            let Some(shot) = recorded.iter().find(|shot| shot.id == receipt.id) else {
                continue; // another has its slot: it was acknowledged, as was asserted then
            };
            for (leg, end) in of.ends.iter().enumerate() {
                let written = of.legs[leg].unwrap_or(Written::Nothing);
                assert_eq!(shot.legs[leg].written, Some(written));
                let is_out = written != Written::Nothing;
                assert_eq!(shot.legs[leg].answer.is_some(), is_out && end.is_some());
            }
        }
        met
    }
}

fn is_one_of(told: Result<(), Refusal>, refusals: &[Refusal]) {
    let is_expected = match told {
        Ok(()) => refusals.is_empty(),
        Err(refusal) => refusals.contains(&refusal),
    };
    assert!(is_expected, "{told:?} instead of one of {refusals:?}");
}

fn named(pairs: [bool; PAIRS]) -> impl Fn(MarketId) -> bool {
    move |MarketId(id)| usize::try_from(id).is_ok_and(|pair| pairs.get(pair) == Some(&true))
}

fn of_dollars(dollars: i64) -> Money {
    Money::from_counts(i128::from(dollars) * ONE)
}
