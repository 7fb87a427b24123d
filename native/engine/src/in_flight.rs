//! Which markets have a shot in flight: one bit each, taken by one atomic instruction (seed of the
//! open-source bot this descends from), so that one opportunity is never fired at twice.
//!
//! A bit carries the generation that set it, and only that generation clears it: a release that comes
//! late, after somebody else has let go and a third has taken, clears nothing.

use crate::refusal::Refusal;
use crate::sync::{AtomicU64, Ordering};

const BITS: usize = 64;
/// Markets that an engine knows unless told.
pub const MARKETS_DEFAULT: usize = 65_536;
/// Stands for "nobody": a generation is never 0.
const NOBODY: u64 = 0;

/// A market's number in this engine, from 0.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MarketId(pub u32);

/// Who holds a market's bit: what has to be shown to release it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "a bit that nobody releases refuses its market for ever"]
pub struct Held {
    market: MarketId,
    generation: u64,
}

/// The bits of all markets. Shared: the owner of a market takes, whoever ends its shot releases.
pub struct InFlight {
    bits: Box<[AtomicU64]>,
    holders: Box<[AtomicU64]>,
    /// The last generation that was given, to whichever thread.
    generations: AtomicU64,
}

impl InFlight {
    /// Nothing in flight, for markets 0 to `markets` − 1.
    #[must_use]
    pub fn new(markets: usize) -> Self {
        let zeros = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        let (bits, holders) = (zeros(markets.div_ceil(BITS)), zeros(markets));
        Self { bits, holders, generations: AtomicU64::new(NOBODY) }
    }

    /// How many markets there are.
    #[must_use]
    pub fn markets(&self) -> usize {
        self.holders.len()
    }

    /// Takes the market for one shot. Refuses what is taken, and a market that is not known: one
    /// that is not counted would never be refused.
    pub fn take(&self, market: MarketId) -> Result<Held, Refusal> {
        let (word, mask, holder) = self.place(market).ok_or(Refusal::MarketUnknown)?;
        if word.fetch_or(mask, Ordering::AcqRel) & mask != 0 {
            return Err(Refusal::PairInFlight);
        }
        let generation = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        // Between the two, its holder is nobody: whoever was here before can no longer let go.
        holder.store(generation, Ordering::Release);
        Ok(Held { market, generation })
    }

    /// Lets go; `false` where this generation does not hold the market any more.
    #[allow(clippy::must_use_candidate)] // whoever is too late has nothing left to do
    pub fn release(&self, Held { market, generation }: Held) -> bool {
        let Some((word, mask, holder)) = self.place(market) else { return false };
        let was_ours = holder
            .compare_exchange(generation, NOBODY, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        if was_ours {
            word.fetch_and(!mask, Ordering::Release);
        }
        was_ours
    }

    /// The generation that holds a market, if one does.
    #[must_use]
    pub fn holder(&self, market: MarketId) -> Option<u64> {
        let (word, mask, holder) = self.place(market)?;
        let is_held = word.load(Ordering::Acquire) & mask != 0;
        is_held.then(|| holder.load(Ordering::Acquire))
    }

    /// How many markets are in flight.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.bits.iter().map(|word| word.load(Ordering::Relaxed).count_ones()).sum()
    }

    fn place(&self, MarketId(id): MarketId) -> Option<(&AtomicU64, u64, &AtomicU64)> {
        let index = usize::try_from(id).ok()?;
        let holder = self.holders.get(index)?;
        Some((&self.bits[index / BITS], 1 << (index % BITS), holder))
    }
}

/// Bits that are let go later, all after the same delay, and so in the order in which they came. A
/// book that was just taken shows the same opportunity again until it catches up.
pub struct DelayedReleases {
    delay_ns: u64,
    due: std::collections::VecDeque<(u64, Held)>,
}

impl DelayedReleases {
    /// Room for one release of every market, made now: a shot allocates nothing.
    #[must_use]
    pub fn new(delay_ns: u64, markets: usize) -> Self {
        Self { delay_ns, due: std::collections::VecDeque::with_capacity(markets) }
    }

    /// Lets go when the delay is over.
    pub fn add(&mut self, held: Held, now_ns: u64) {
        self.due.push_back((now_ns.saturating_add(self.delay_ns), held));
    }

    /// Of a market, if one rests: whoever takes it lets go of it.
    pub fn take(&mut self, market: MarketId) -> Option<Held> {
        let place = self.due.iter().position(|(_, held)| held.market == market)?;
        self.due.remove(place).map(|(_, held)| held)
    }

    /// Lets go of what is due; returns how many.
    pub fn run(&mut self, in_flight: &InFlight, now_ns: u64) -> usize {
        let due = self.due.iter().take_while(|(due_ns, _)| *due_ns <= now_ns).count();
        for (_, held) in self.due.drain(..due) {
            in_flight.release(held);
        }
        due
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const RAIN: MarketId = MarketId(137);

    #[test]
    fn a_market_is_in_flight_once() {
        let in_flight = InFlight::new(512);
        let held = in_flight.take(RAIN).expect("free");
        assert_eq!(in_flight.take(RAIN), Err(Refusal::PairInFlight));
        assert_eq!(in_flight.holder(RAIN), Some(1));
        assert!(in_flight.release(held));
        assert_eq!(in_flight.holder(RAIN), None);
        assert!(in_flight.take(RAIN).is_ok());
    }

    #[test]
    fn neighbours_in_one_word_do_not_meet() {
        let in_flight = InFlight::new(130);
        let all: Vec<Held> =
            (0..130).map(|id| in_flight.take(MarketId(id)).expect("free")).collect();
        assert_eq!(in_flight.count(), 130);
        assert!(in_flight.release(all[64]));
        assert_eq!(in_flight.count(), 129);
        assert!(in_flight.holder(MarketId(63)).is_some());
        assert_eq!(in_flight.holder(MarketId(64)), None);
    }

    #[test]
    fn a_market_outside_is_refused_and_never_skipped() {
        let in_flight = InFlight::new(512);
        for id in [512, 513, u32::MAX] {
            assert_eq!(in_flight.take(MarketId(id)), Err(Refusal::MarketUnknown));
        }
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn a_release_of_an_earlier_generation_clears_nothing() {
        let in_flight = InFlight::new(512);
        let earlier = in_flight.take(RAIN).expect("free");
        assert!(in_flight.release(earlier));
        let later = in_flight.take(RAIN).expect("free");
        assert!(!in_flight.release(earlier));
        assert_eq!(in_flight.holder(RAIN), Some(2));
        assert!(in_flight.release(later));
    }

    #[test]
    fn a_delayed_release_comes_at_its_time_and_not_before() {
        let in_flight = InFlight::new(512);
        let mut later = DelayedReleases::new(10, 512);
        later.add(in_flight.take(RAIN).expect("free"), 100);
        later.add(in_flight.take(MarketId(0)).expect("free"), 105);
        assert_eq!(later.run(&in_flight, 109), 0);
        assert_eq!(later.run(&in_flight, 110), 1);
        assert_eq!((in_flight.holder(RAIN), in_flight.holder(MarketId(0))), (None, Some(2)));
        assert_eq!(later.run(&in_flight, 1_000), 1);
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn what_was_taken_of_those_that_rest_is_let_go_of_by_its_taker_alone() {
        let in_flight = InFlight::new(512);
        let mut later = DelayedReleases::new(10, 512);
        let held = in_flight.take(RAIN).expect("free");
        later.add(held, 100);
        assert_eq!((later.take(MarketId(0)), later.take(RAIN)), (None, Some(held)));
        assert_eq!((later.take(RAIN), later.run(&in_flight, 1_000)), (None, 0));
        assert!(in_flight.release(held));
    }
}

#[cfg(all(test, feature = "loom"))]
mod every_order {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    const ONE: MarketId = MarketId(0);

    #[test]
    fn of_two_that_take_at_once_one_holds() {
        loom::model(|| {
            let in_flight = Arc::new(InFlight::new(1));
            let other = Arc::clone(&in_flight);
            let second = thread::spawn(move || other.take(ONE).is_ok());
            let is_first = in_flight.take(ONE).is_ok();
            assert_ne!(is_first, second.join().unwrap());
            assert_eq!(in_flight.count(), 1);
        });
    }

    #[test]
    fn a_bit_that_was_taken_again_is_not_cleared_by_a_second_release_of_the_first() {
        loom::model(|| {
            let in_flight = Arc::new(InFlight::new(1));
            let first = in_flight.take(ONE).unwrap();
            let other = Arc::clone(&in_flight);
            // Both the delayed release and the one at the shot's end believe that the bit is theirs.
            let second = thread::spawn(move || other.release(first));
            let was_released = in_flight.release(first);
            let next = in_flight.take(ONE);
            let was_released_by_other = second.join().unwrap();
            assert_ne!(was_released, was_released_by_other);
            match next {
                Ok(_) => assert_eq!(in_flight.holder(ONE), Some(2)),
                Err(_) => assert_eq!(in_flight.holder(ONE), None),
            }
        });
    }
}
