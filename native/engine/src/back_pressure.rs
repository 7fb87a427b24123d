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
}

struct Waiting {
    /// 0: nobody waits here.
    since_ns: AtomicU64,
    market: AtomicU64,
}

/// A place among the unadopted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "a shot that is never adopted stops its host"]
pub struct Unadopted(usize);

impl BackPressure {
    /// Nobody waits.
    #[must_use]
    pub fn new() -> Self {
        let waiting = || Waiting { since_ns: AtomicU64::new(0), market: AtomicU64::new(0) };
        Self { waiting: std::array::from_fn(|_| waiting()) }
    }

    /// Takes a place for a shot that is about to be fired.
    pub fn take(&self, MarketId(market): MarketId, now_ns: u64) -> Result<Unadopted, Refusal> {
        let since_ns = now_ns.max(1);
        let mut free = None;
        for (index, waiting) in self.waiting.iter().enumerate() {
            match waiting.since_ns.load(Ordering::Acquire) {
                0 => free = Some(index),
                // A pair belongs to one thread, so that what it wrote here itself is all it asks for.
                _ if waiting.market.load(Ordering::Relaxed) == u64::from(market) => {
                    return Err(Refusal::PairUnadopted);
                }
                since if now_ns.saturating_sub(since) > UNADOPTED_NS_MAX => {
                    return Err(Refusal::BackPressure);
                }
                _ => {}
            }
        }
        let index = free.ok_or(Refusal::BackPressure)?;
        let Waiting { since_ns: since, market: of } = &self.waiting[index];
        since
            .compare_exchange(0, since_ns, Ordering::AcqRel, Ordering::Relaxed)
            .map_err(|_| Refusal::BackPressure)?; // another thread's shot was faster
        of.store(u64::from(market), Ordering::Relaxed);
        Ok(Unadopted(index))
    }

    /// Its workflow has it, or nothing of it has left.
    pub fn leave(&self, Unadopted(index): Unadopted) {
        self.waiting[index].since_ns.store(0, Ordering::Release);
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
        pressure.leave(waiting);
        assert!(pressure.take(MarketId(1), 12).is_ok());
    }

    #[test]
    fn a_host_with_more_than_four_unadopted_shots_refuses() {
        let pressure = BackPressure::new();
        let places: Vec<_> = (0..5).map(|id| pressure.take(MarketId(id), 0)).collect();
        assert!(places.iter().all(Result::is_ok));
        assert_eq!(pressure.take(MarketId(9), 0), Err(Refusal::BackPressure));
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
