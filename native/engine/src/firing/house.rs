//! What the threads of one engine have in common.

use std::sync::Arc;

use super::hearing::Strays;
use crate::answers::VenueAnswers;
use crate::back_pressure::BackPressure;
use crate::gate::{FiringThread, Gate};
use crate::in_flight::InFlight;
use crate::refusal::Refusals;
use crate::sync::{AtomicU64, Ordering};

/// What the threads of one engine share.
pub struct House {
    /// Which markets have a shot in flight.
    pub in_flight: InFlight,
    /// What is frozen.
    pub gate: Gate,
    /// What no workflow has taken over yet.
    pub back_pressure: BackPressure,
    /// What was refused.
    pub refusals: Refusals,
    /// How many shots have left something, since the start.
    pub fired: AtomicU64,
    /// Of the orders that ticks have fired at Polymarket: those that were signed before, and in their shot.
    pub signed: Signed,
    /// What venues' answers mean.
    pub answers: VenueAnswers,
    /// What was heard of no open leg.
    pub strays: Strays,
}

/// When Polymarket's orders were signed: whether what was likely was what came.
#[derive(Default)]
pub struct Signed {
    ahead: AtomicU64,
    per_shot: AtomicU64,
}

impl Signed {
    /// Before their ticks, and in their shots.
    #[must_use]
    pub fn told(&self) -> [u64; 2] {
        [&self.ahead, &self.per_shot].map(|count| count.load(Ordering::Relaxed))
    }

    pub(super) fn count(&self, is_ahead: bool) {
        let of = if is_ahead { &self.ahead } else { &self.per_shot };
        of.fetch_add(1, Ordering::Relaxed);
    }
}

impl House {
    /// For so many markets and firing threads; frozen until control was heard.
    #[must_use]
    pub fn new(
        markets: usize,
        threads: usize,
        answers: VenueAnswers,
    ) -> (Arc<Self>, Vec<FiringThread>) {
        let (gate, threads) = Gate::new(markets, threads);
        let house = Self {
            in_flight: InFlight::new(markets),
            gate,
            back_pressure: BackPressure::new(),
            refusals: Refusals::new(),
            fired: AtomicU64::new(0),
            signed: Signed::default(),
            answers,
            strays: Strays::default(),
        };
        (Arc::new(house), threads)
    }
}
