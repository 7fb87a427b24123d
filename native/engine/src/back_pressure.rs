//! Shots that no workflow has taken over yet. A Temporal that cannot be reached is heard here first:
//! the engine stops firing before it has more to hand over than somebody can follow.

use crate::in_flight::MarketId;
use crate::refusal::Refusal;
use crate::sync::{AtomicU64, Ordering};

/// Of one host; the next shot is refused.
pub const UNADOPTED_MAX: usize = 5;
/// How long the oldest of them may wait while others are still fired.
pub const UNADOPTED_NS_MAX: u64 = 250_000_000;

/// The unadopted shots of a host, shared by its firing threads and its adopter.
pub struct BackPressure {
    waiting: [Waiting; UNADOPTED_MAX],
    /// The last that was given.
    tickets: AtomicU64,
}

/// Of a place where nobody waits: a ticket is never 0.
const NOBODY: u64 = 0;
/// Of a place that somebody is just taking: what else it says is not its own yet.
const BEING_TAKEN: u64 = u64::MAX;

struct Waiting {
    ticket: AtomicU64,
    since_ns: AtomicU64,
    market: AtomicU64,
}

/// A place among the unadopted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "a shot that is never adopted stops its host"]
pub struct Unadopted {
    place: usize,
    ticket: u64,
}

impl BackPressure {
    /// Nobody waits.
    #[must_use]
    pub fn new() -> Self {
        let zero = || AtomicU64::new(NOBODY);
        let waiting = || Waiting { ticket: zero(), since_ns: zero(), market: zero() };
        Self { waiting: std::array::from_fn(|_| waiting()), tickets: zero() }
    }

    /// Whether a shot would find a place.
    pub fn look(&self, MarketId(market): MarketId, now_ns: u64) -> Result<(), Refusal> {
        let mut has_room = false;
        for waiting in &self.waiting {
            match waiting.ticket.load(Ordering::Acquire) {
                NOBODY => has_room = true,
                // By another thread, for a pair of its own, and not long ago.
                BEING_TAKEN => (),
                _ => waiting.is_in_nobodys_way(market, now_ns)?,
            }
        }
        if has_room { Ok(()) } else { Err(Refusal::BackPressure) }
    }

    /// Takes a place for a shot that is about to be fired.
    pub fn take(&self, market: MarketId, now_ns: u64) -> Result<Unadopted, Refusal> {
        self.look(market, now_ns)?;
        let place = self.waiting.iter().position(Waiting::is_taken_now);
        let place = place.ok_or(Refusal::BackPressure)?; // other threads' shots were faster
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed) + 1;
        let waiting = &self.waiting[place];
        waiting.since_ns.store(now_ns, Ordering::Relaxed);
        waiting.market.store(u64::from(market.0), Ordering::Relaxed);
        // Last: whoever sees the ticket sees whose it is and since when.
        waiting.ticket.store(ticket, Ordering::Release);
        Ok(Unadopted { place, ticket })
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        let is_taken = |of: &&Waiting| of.ticket.load(Ordering::Relaxed) != NOBODY;
        self.waiting.iter().filter(is_taken).count()
    }

    /// Its workflow has it, or nothing of it has left; `false` where it had left before.
    #[allow(clippy::must_use_candidate)] // whoever says it twice has nothing left to do
    pub fn leave(&self, Unadopted { place, ticket }: Unadopted) -> bool {
        let of = &self.waiting[place].ticket;
        of.compare_exchange(ticket, NOBODY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

impl Waiting {
    fn is_taken_now(&self) -> bool {
        let of = &self.ticket;
        of.compare_exchange(NOBODY, BEING_TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    fn is_in_nobodys_way(&self, market: u32, now_ns: u64) -> Result<(), Refusal> {
        // A pair belongs to one thread, which has written this itself if it is its own.
        if self.market.load(Ordering::Relaxed) == u64::from(market) {
            return Err(Refusal::PairUnadopted);
        }
        let waited_ns = now_ns.saturating_sub(self.since_ns.load(Ordering::Relaxed));
        if waited_ns > UNADOPTED_NS_MAX { Err(Refusal::BackPressure) } else { Ok(()) }
    }
}

impl Default for BackPressure {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn a_pair_waits_for_its_own_adoption() {
        let pressure = BackPressure::new();
        let waiting = pressure.take(MarketId(1), 10).expect("nobody waits");
        assert_eq!(pressure.take(MarketId(1), 11), Err(Refusal::PairUnadopted));
        assert!(pressure.take(MarketId(2), 11).is_ok());
        assert!(pressure.leave(waiting));
        assert!(pressure.take(MarketId(1), 12).is_ok());
        assert!(!pressure.leave(waiting), "told twice, it is not the next one's");
        assert_eq!(pressure.take(MarketId(1), 13), Err(Refusal::PairUnadopted));
    }

    #[test]
    fn a_host_with_more_than_four_unadopted_shots_refuses() {
        let pressure = BackPressure::new();
        let places: Vec<_> = (0..5).map(|id| pressure.take(MarketId(id), 0)).collect();
        assert!(places.iter().all(Result::is_ok));
        assert_eq!(pressure.take(MarketId(9), 0), Err(Refusal::BackPressure));
        assert_eq!(pressure.count(), UNADOPTED_MAX);
        pressure.leave(places[2].expect("taken"));
        assert!(pressure.take(MarketId(9), 0).is_ok());
    }

    #[test]
    fn a_host_whose_oldest_waits_too_long_refuses() {
        let pressure = BackPressure::new();
        let oldest = pressure.take(MarketId(0), 100).expect("nobody waits");
        assert!(pressure.take(MarketId(1), 100 + UNADOPTED_NS_MAX).is_ok());
        assert_eq!(pressure.take(MarketId(2), 101 + UNADOPTED_NS_MAX), Err(Refusal::BackPressure));
        pressure.leave(oldest);
        assert!(pressure.take(MarketId(2), 101 + UNADOPTED_NS_MAX).is_ok());
    }
}

#[cfg(all(test, feature = "loom"))]
mod every_order {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    const NOW_NS: u64 = 1_000_000_000;
    const RAIN: MarketId = MarketId(1);
    /// As a place has it that nobody has ever had.
    const SNOW: MarketId = MarketId(0);

    // Whoever only looks is the thread that is spawned. loom turns two accesses around where they are
    // the last of one word: a thread's own look at a place would hide another's from it.
    #[test]
    fn a_shot_that_has_just_come_is_in_no_other_pairs_way() {
        loom::model(|| {
            let pressure = Arc::new(BackPressure::new());
            let other = Arc::clone(&pressure);
            let looks = thread::spawn(move || other.look(SNOW, NOW_NS).is_ok());
            let _ = pressure.take(RAIN, NOW_NS).unwrap();
            assert!(looks.join().unwrap());
            assert!(pressure.look(SNOW, NOW_NS + UNADOPTED_NS_MAX + 1).is_err());
        });
    }

    #[test]
    fn who_takes_a_place_that_was_left_is_as_young_as_it_is() {
        loom::model(|| {
            let pressure = Arc::new(BackPressure::new());
            let first = pressure.take(RAIN, NOW_NS).unwrap();
            let other = Arc::clone(&pressure);
            let later_ns = NOW_NS + UNADOPTED_NS_MAX;
            let looks = thread::spawn(move || other.look(SNOW, later_ns).is_ok());
            assert!(pressure.leave(first));
            let _ = pressure.take(RAIN, later_ns).unwrap();
            assert!(looks.join().unwrap());
            assert!(pressure.look(SNOW, later_ns + UNADOPTED_NS_MAX).is_ok());
            assert!(!pressure.leave(first), "the place is another's");
            assert_eq!(pressure.count(), 1);
        });
    }

    #[test]
    fn of_two_that_take_at_once_each_has_a_place_of_its_own() {
        loom::model(|| {
            let pressure = Arc::new(BackPressure::new());
            let other = Arc::clone(&pressure);
            let second = thread::spawn(move || other.take(RAIN, NOW_NS));
            let first = pressure.take(SNOW, NOW_NS);
            let both = [first, second.join().unwrap()].map(|taken| taken.unwrap());
            assert_eq!(pressure.count(), 2);
            assert!(both.into_iter().all(|taken| pressure.leave(taken)));
            assert_eq!(pressure.count(), 0);
        });
    }

    #[test]
    fn the_last_place_is_taken_once() {
        loom::model(|| {
            let pressure = Arc::new(BackPressure::new());
            for id in 2..=5 {
                let _ = pressure.take(MarketId(id), NOW_NS).unwrap();
            }
            let other = Arc::clone(&pressure);
            let second = thread::spawn(move || other.take(RAIN, NOW_NS).is_ok());
            let is_first = pressure.take(SNOW, NOW_NS).is_ok();
            assert_ne!(is_first, second.join().unwrap());
            assert_eq!(pressure.count(), UNADOPTED_MAX);
        });
    }

    #[test]
    fn a_pair_whose_shot_is_being_adopted_is_refused_or_free_and_counted_once() {
        loom::model(|| {
            let pressure = Arc::new(BackPressure::new());
            let first = pressure.take(RAIN, NOW_NS).unwrap();
            let other = Arc::clone(&pressure);
            let adopted = thread::spawn(move || other.leave(first));
            let next = pressure.take(RAIN, NOW_NS);
            assert!(adopted.join().unwrap());
            match next {
                Ok(next) => assert!(pressure.count() == 1 && pressure.leave(next)),
                Err(refusal) => assert_eq!(refusal, Refusal::PairUnadopted),
            }
            assert_eq!(pressure.count(), 0);
        });
    }
}
