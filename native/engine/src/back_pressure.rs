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

struct Waiting {
    /// 0: nobody waits here.
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
        let zero = || AtomicU64::new(0);
        let waiting = || Waiting { ticket: zero(), since_ns: zero(), market: zero() };
        Self { waiting: std::array::from_fn(|_| waiting()), tickets: zero() }
    }

    /// Whether a shot would find a place; tells one that is free.
    pub fn look(&self, MarketId(market): MarketId, now_ns: u64) -> Result<usize, Refusal> {
        let mut free = None;
        for (place, waiting) in self.waiting.iter().enumerate() {
            if waiting.ticket.load(Ordering::Acquire) == 0 {
                free = Some(place);
                continue;
            }
            // A pair belongs to one thread, which has written this itself if it is its own.
            if waiting.market.load(Ordering::Relaxed) == u64::from(market) {
                return Err(Refusal::PairUnadopted);
            }
            let since_ns = waiting.since_ns.load(Ordering::Relaxed);
            if now_ns.saturating_sub(since_ns) > UNADOPTED_NS_MAX {
                return Err(Refusal::BackPressure);
            }
        }
        free.ok_or(Refusal::BackPressure)
    }

    /// Takes a place for a shot that is about to be fired.
    pub fn take(&self, of: MarketId, now_ns: u64) -> Result<Unadopted, Refusal> {
        let (place, MarketId(market)) = (self.look(of, now_ns)?, of);
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed) + 1;
        let waiting = &self.waiting[place];
        waiting
            .ticket
            .compare_exchange(0, ticket, Ordering::AcqRel, Ordering::Relaxed)
            .map_err(|_| Refusal::BackPressure)?; // another thread's shot was faster
        waiting.since_ns.store(now_ns, Ordering::Relaxed);
        waiting.market.store(u64::from(market), Ordering::Relaxed);
        Ok(Unadopted { place, ticket })
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        let is_taken = |of: &&Waiting| of.ticket.load(Ordering::Relaxed) != 0;
        self.waiting.iter().filter(is_taken).count()
    }

    /// Its workflow has it, or nothing of it has left; `false` where it had left before.
    #[allow(clippy::must_use_candidate)] // whoever says it twice has nothing left to do
    pub fn leave(&self, Unadopted { place, ticket }: Unadopted) -> bool {
        let of = &self.waiting[place].ticket;
        of.compare_exchange(ticket, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
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
