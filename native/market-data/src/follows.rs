//! The names of what is followed, and which of a feed's books each is.

use std::collections::HashMap;
use std::hash::Hash;

use legwork_engine_core::shot::LEGS;

use crate::instrument::{Instrument, Outcome, leg_of};

/// One market.
#[derive(Clone, Copy, Debug)]
struct Followed<K> {
    /// YES, then NO.
    keys: [K; LEGS],
    closes_at_ms: u64,
}

/// Whose book a number is.
#[derive(Clone, Debug)]
struct Name {
    market: Box<str>,
    outcomes: &'static [Outcome],
}

/// Both ways from names to numbers. Nothing is allocated by looking up.
pub struct Follows<K> {
    markets: HashMap<Box<str>, Followed<K>>,
    names: HashMap<K, Name>,
}

impl<K: Copy + Eq + Hash> Follows<K> {
    pub fn new() -> Self {
        Self { markets: HashMap::new(), names: HashMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.markets.is_empty()
    }

    /// Adds a market, or gives it other numbers, as a feed does that has let go of it meanwhile.
    pub fn add(
        &mut self,
        (market, closes_at_ms): (&str, u64),
        keys: [K; LEGS],
        outcomes: impl Fn(K) -> &'static [Outcome],
    ) {
        if let Some(known) = self.markets.get_mut(market).filter(|known| known.keys == keys) {
            known.closes_at_ms = closes_at_ms;
            return;
        }
        self.drop_market(market);
        self.markets.insert(market.into(), Followed { keys, closes_at_ms });
        for key in keys {
            self.names.insert(key, Name { market: market.into(), outcomes: outcomes(key) });
        }
    }

    pub fn keys(&self, market: &str) -> Option<[K; LEGS]> {
        self.markets.get(market).map(|followed| followed.keys)
    }

    /// What has to be told when this book has changed: an instrument, or both of its market.
    pub fn named(&self, key: K) -> impl Iterator<Item = (&str, Outcome)> {
        let name = self.names.get(&key);
        name.into_iter().flat_map(|Name { market, outcomes }| {
            outcomes.iter().map(|outcome| (&**market, *outcome))
        })
    }

    pub fn key(&self, instrument: &Instrument<'_>) -> Option<K> {
        self.keys(instrument.market)?.get(leg_of(instrument.outcome)).copied()
    }

    /// Takes out what closed before then.
    pub fn take_closed(&mut self, before_ms: u64) -> Vec<Box<str>> {
        let all = self.markets.iter();
        let closed = all.filter(|(_, followed)| followed.closes_at_ms < before_ms);
        let closed: Vec<_> = closed.map(|(market, _)| market.clone()).collect();
        for market in &closed {
            self.drop_market(market);
        }
        closed
    }

    /// `false`: it is not there.
    pub fn drop_market(&mut self, market: &str) -> bool {
        let Some(dropped) = self.markets.remove(market) else { return false };
        for key in dropped.keys {
            self.names.remove(&key);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::OUTCOMES;

    #[test]
    fn nothing_is_left_of_a_market_that_has_closed_or_has_other_books_now() {
        let mut follows = Follows::new();
        follows.add(("RAIN", 9), [1, 1], |_| &OUTCOMES);
        follows.add(("RAIN", 10), [2, 2], |_| &OUTCOMES);
        assert_eq!((follows.named(1).count(), follows.named(2).count()), (0, 2));
        assert!(follows.take_closed(10).is_empty());
        assert_eq!(follows.take_closed(11), ["RAIN".into()]);
        assert_eq!((follows.named(2).count(), follows.is_empty()), (0, true));
    }
}
