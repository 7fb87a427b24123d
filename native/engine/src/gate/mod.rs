//! Where a freeze meets a shot (docs/native.md, "Freeze").
//!
//! A shot is a section, from its one reading of the freeze word to the last byte of its last leg. An
//! epoch is acknowledged when every section that may have begun before it was written has ended, so
//! that after "frozen" is told no byte of a new entry leaves.

#[cfg(all(test, feature = "loom"))]
mod every_order;

use crate::in_flight::MarketId;
use crate::refusal::Refusal;
use crate::sync::{AtomicU64, Ordering, fence};
use crate::wire::Clock;

const BITS: usize = 64;

/// A thread that fires: the right to be inside one section at a time. There is one of each.
#[derive(Debug)]
pub struct FiringThread(usize);

/// The freeze words of all markets, written by the control thread and read by those that fire.
pub struct Gate {
    frozen: Box<[AtomicU64]>,
    markets: usize,
    /// Not 0: everything is, whatever the words say.
    stopped: AtomicU64,
    epoch: AtomicU64,
    control_until_ns: AtomicU64,
    /// Per firing thread: odd while it is inside a section.
    sections: Box<[AtomicU64]>,
}

impl Gate {
    /// Everything is frozen until the control thread has read what is not.
    #[must_use]
    pub fn new(markets: usize, threads: usize) -> (Self, Vec<FiringThread>) {
        let gate = Self {
            frozen: (0..markets.div_ceil(BITS)).map(|_| AtomicU64::new(u64::MAX)).collect(),
            markets,
            stopped: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            control_until_ns: AtomicU64::new(0),
            sections: (0..threads).map(|_| AtomicU64::new(0)).collect(),
        };
        (gate, (0..threads).map(FiringThread).collect())
    }

    /// The last question before the first byte. The section ends when what is returned is dropped:
    /// after the last byte of the last leg.
    pub fn enter(
        &self,
        FiringThread(thread): &FiringThread,
        market: MarketId,
        clock: &impl Clock,
    ) -> Result<Section<'_>, Refusal> {
        let inside = &self.sections[*thread];
        inside.fetch_add(1, Ordering::Relaxed);
        // Either this reading sees the freeze, or who has written it sees this section.
        fence(Ordering::SeqCst);
        let section = Section(inside);
        if self.is_frozen(market) {
            return Err(Refusal::Frozen);
        }
        // Read in here: a process that stood still on its way must not pass by what it knew before.
        if !self.is_controlled(clock.monotonic_ns()) {
            return Err(Refusal::ControlLost);
        }
        Ok(section)
    }

    /// The same for a shot that was held against the freezes of an epoch by more than its market has a
    /// word for. Where there are newer ones it was not.
    pub fn enter_cleared(
        &self,
        thread: &FiringThread,
        (market, cleared): (MarketId, u64),
        clock: &impl Clock,
    ) -> Result<Section<'_>, Refusal> {
        let section = self.enter(thread, market, clock)?;
        if self.epoch.load(Ordering::Acquire) != cleared {
            return Err(Refusal::ControlChanged);
        }
        Ok(section)
    }

    /// Whether what was read of the control tables may still be acted on.
    #[must_use]
    pub fn is_controlled(&self, now_ns: u64) -> bool {
        now_ns < self.control_until_ns.load(Ordering::Acquire)
    }

    /// A successful reading of the control tables lets shots begin until then.
    pub fn heard_control(&self, until_ns: u64) {
        self.control_until_ns.store(until_ns, Ordering::Release);
    }

    /// Writes down what is frozen from this epoch on; `None` where a later one is known. Belongs to
    /// the one control thread. Nothing may be told of it before `Draining` is over.
    pub fn freeze(&self, epoch: u64, is_frozen: impl Fn(MarketId) -> bool) -> Option<Draining<'_>> {
        if epoch < self.epoch.load(Ordering::Relaxed) {
            return None;
        }
        self.epoch.store(epoch, Ordering::Release);
        for (index, word) in self.frozen.iter().enumerate() {
            let first = index * BITS;
            let markets = first..self.markets.min(first + BITS);
            let bits = markets.filter(|id| is_frozen(market_of(*id)));
            word.store(bits.fold(0, |mask, id| mask | 1 << (id % BITS)), Ordering::Release);
        }
        Some(Draining { gate: self, seen: self.inside() })
    }

    /// Stops every market for the rest of this start, whatever is told of freezes; any thread may.
    /// Returns what was under way: nobody may be told before that [has ended](Gate::have_ended).
    pub fn stop(&self) -> Sections {
        self.stopped.store(1, Ordering::Release);
        self.inside()
    }

    /// [`Gate::stop`] was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire) != 0
    }

    /// Whether each of these sections has.
    #[must_use]
    pub fn have_ended(&self, Sections(seen): &Sections) -> bool {
        self.sections.iter().zip(seen).all(|(now, seen)| {
            let was_inside = seen % 2 == 1;
            !was_inside || now.load(Ordering::Acquire) != *seen
        })
    }

    /// After what closes the gate was written.
    fn inside(&self) -> Sections {
        fence(Ordering::SeqCst);
        Sections(self.sections.iter().map(|section| section.load(Ordering::Acquire)).collect())
    }

    /// As it is now: what a shot may do is asked by [`Gate::enter`] alone.
    pub(crate) fn is_frozen(&self, MarketId(id): MarketId) -> bool {
        let index = usize::try_from(id).unwrap_or(usize::MAX);
        let word = self.frozen.get(index / BITS);
        self.is_stopped()
            || word.is_none_or(|word| word.load(Ordering::Acquire) & 1 << (index % BITS) != 0)
    }
}

fn market_of(index: usize) -> MarketId {
    MarketId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// A shot that is past the gate.
#[must_use = "a section that is dropped is over"]
pub struct Section<'a>(&'a AtomicU64);

impl Drop for Section<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// The sections of a moment, by thread.
#[derive(Clone, Debug)]
pub struct Sections(Box<[u64]>);

/// A freeze that is written, and may not yet be heard by shots that were past the gate.
#[must_use = "a freeze is acknowledged when the shots before it are over"]
pub struct Draining<'a> {
    gate: &'a Gate,
    seen: Sections,
}

impl Draining<'_> {
    /// Whether every section that began before the freeze was written has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.gate.have_ended(&self.seen)
    }
}

#[cfg(test)]
struct At(u64);

#[cfg(test)]
impl Clock for At {
    fn monotonic_ns(&self) -> u64 {
        self.0
    }

    fn unix_ns(&self) -> u64 {
        self.0
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const RAIN: MarketId = MarketId(70);
    const SNOW: MarketId = MarketId(71);

    fn open(markets: usize, threads: usize) -> (Gate, Vec<FiringThread>) {
        let (gate, threads) = Gate::new(markets, threads);
        assert!(gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
        gate.heard_control(1_000);
        (gate, threads)
    }

    fn refused(gate: &Gate, thread: &FiringThread, market: MarketId, at: u64) -> Option<Refusal> {
        gate.enter(thread, market, &At(at)).err()
    }

    #[test]
    fn nothing_passes_before_the_control_tables_were_read() {
        let (gate, threads) = Gate::new(128, 1);
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), Some(Refusal::Frozen));
        let _ = gate.freeze(1, |_| false);
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), Some(Refusal::ControlLost));
        gate.heard_control(1_000);
        assert_eq!(refused(&gate, &threads[0], RAIN, 999), None);
        assert_eq!(refused(&gate, &threads[0], RAIN, 1_000), Some(Refusal::ControlLost));
    }

    #[test]
    fn a_freeze_stops_its_own_markets_alone() {
        let (gate, threads) = open(128, 1);
        let _ = gate.freeze(2, |market| market == RAIN);
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), Some(Refusal::Frozen));
        assert_eq!(refused(&gate, &threads[0], SNOW, 0), None);
        let _ = gate.freeze(3, |_| false);
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), None);
    }

    #[test]
    fn an_older_reading_of_the_tables_thaws_nothing() {
        let (gate, threads) = open(128, 1);
        let _ = gate.freeze(7, |_| true);
        assert!(gate.freeze(6, |_| false).is_none());
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), Some(Refusal::Frozen));
    }

    #[test]
    fn a_market_outside_is_frozen() {
        let (gate, threads) = open(100, 1);
        assert_eq!(refused(&gate, &threads[0], MarketId(u32::MAX), 0), Some(Refusal::Frozen));
    }

    #[test]
    fn a_freeze_is_over_when_the_slow_shot_before_it_is() {
        let (gate, threads) = open(128, 2);
        let slow = gate.enter(&threads[1], RAIN, &At(0)).expect("open");
        let draining = gate.freeze(2, |_| true).expect("newer");
        assert!(!draining.is_over());
        assert_eq!(refused(&gate, &threads[0], RAIN, 0), Some(Refusal::Frozen));
        assert!(!draining.is_over(), "another thread's section is not the slow one");
        drop(slow);
        assert!(draining.is_over());
    }

    #[test]
    fn who_stops_the_gate_is_not_overruled_by_what_is_read_later() {
        let (gate, threads) = open(128, 1);
        let slow = gate.enter(&threads[0], RAIN, &At(0)).expect("open");
        let inside = gate.stop();
        assert!(!gate.have_ended(&inside));
        drop(slow);
        assert!(gate.have_ended(&inside));
        let _ = gate.freeze(9, |_| false);
        assert_eq!(refused(&gate, &threads[0], SNOW, 0), Some(Refusal::Frozen));
    }

    #[test]
    fn a_shot_passes_in_the_epoch_whose_freezes_it_was_held_against() {
        let (gate, threads) = open(128, 1);
        let enter = |cleared| gate.enter_cleared(&threads[0], (RAIN, cleared), &At(0)).err();
        assert_eq!(enter(1), None);
        assert!(gate.freeze(2, |_| false).is_some_and(|draining| draining.is_over()));
        assert_eq!(enter(1), Some(Refusal::ControlChanged));
        assert_eq!(enter(2), None);
        let _ = gate.freeze(3, |_| true);
        assert_eq!(enter(3), Some(Refusal::Frozen));
        assert!(gate.freeze(4, |_| true).is_some_and(|draining| draining.is_over()));
    }

    #[test]
    fn a_refused_shot_leaves_no_section_open() {
        let (gate, threads) = open(128, 1);
        let _ = gate.freeze(2, |_| true);
        assert!(gate.enter(&threads[0], RAIN, &At(0)).is_err());
        assert!(gate.freeze(3, |_| true).is_some_and(|draining| draining.is_over()));
    }
}
