//! What both venues' feeds have in common, so that one room connects either to its socket.

use std::hash::Hash;

use legwork_engine_core::books::BookView;
use legwork_engine_core::feeds::kalshi::{KalshiFeed, MarketKey};
use legwork_engine_core::feeds::polymarket::{PolymarketFeed, Token, TokenKey};
use legwork_engine_core::feeds::{FeedCounts, LineState, Outgoing};
use legwork_engine_core::shot::{LEGS, Venue};

use crate::instrument::{Listed, Market, OUTCOMES, Outcome, leg_of};

/// A venue's feed; each method is the feed's own of the same name, where it says nothing else.
pub trait Feed: Default {
    /// A book's number: a market's (Kalshi), or a token's (Polymarket).
    type Key: Copy + Eq + Hash + 'static;

    const VENUE: Venue;

    /// The books of YES and of NO, which may be one. `None`: it is another venue's.
    fn follow(&mut self, market: &Market<'_>) -> Option<[Self::Key; LEGS]>;
    fn forget(&mut self, market: &str);
    /// The outcomes whose books change with this one of these.
    fn outcomes(keys: [Self::Key; LEGS], key: Self::Key) -> &'static [Outcome];
    /// Whether the venue has said that nothing more will be said of it.
    fn is_over(&self, key: Self::Key) -> bool;
    fn book(&self, key: Self::Key, outcome: Outcome) -> Option<BookView<'_>>;
    fn opened(&mut self, now_ns: u64);
    fn closed(&mut self) -> &[Self::Key];
    fn heard(&mut self, now_ns: u64);
    fn take(&mut self, text: &str, now_ns: u64) -> &[Self::Key];
    fn poll(&mut self, now_ns: u64);
    fn next_outgoing(&mut self) -> Option<Outgoing>;
    fn state(&self, now_ns: u64) -> LineState;
    fn counts(&self) -> FeedCounts;
}

/// What is called alike in both feeds.
macro_rules! delegated {
    ($key:ty) => {
        type Key = $key;

        fn forget(&mut self, market: &str) {
            self.forget(market);
        }

        fn opened(&mut self, now_ns: u64) {
            self.opened(now_ns);
        }

        fn closed(&mut self) -> &[Self::Key] {
            self.closed()
        }

        fn heard(&mut self, now_ns: u64) {
            self.heard(now_ns);
        }

        fn take(&mut self, text: &str, now_ns: u64) -> &[Self::Key] {
            self.take(text, now_ns)
        }

        fn poll(&mut self, now_ns: u64) {
            self.poll(now_ns);
        }

        fn next_outgoing(&mut self) -> Option<Outgoing> {
            self.next_outgoing()
        }

        fn state(&self, now_ns: u64) -> LineState {
            self.state(now_ns)
        }

        fn counts(&self) -> FeedCounts {
            self.counts()
        }
    };
}

impl Feed for KalshiFeed {
    delegated!(MarketKey);

    const VENUE: Venue = Venue::Kalshi;

    fn follow(&mut self, market: &Market<'_>) -> Option<[MarketKey; LEGS]> {
        let Listed::Kalshi = market.listed else { return None };
        Some([self.follow(market.market, market.grid.clone()); LEGS])
    }

    /// One book, seen from both sides.
    fn outcomes(_keys: [MarketKey; LEGS], _key: MarketKey) -> &'static [Outcome] {
        &OUTCOMES
    }

    /// One that the venue does not know may be listed later: it is asked for again.
    fn is_over(&self, _key: MarketKey) -> bool {
        false
    }

    fn book(&self, key: MarketKey, outcome: Outcome) -> Option<BookView<'_>> {
        self.books(key)?.get(leg_of(outcome)).copied()
    }
}

impl Feed for PolymarketFeed {
    delegated!(TokenKey);

    const VENUE: Venue = Venue::Polymarket;

    fn follow(&mut self, market: &Market<'_>) -> Option<[TokenKey; LEGS]> {
        let Listed::Polymarket { tokens } = market.listed else { return None };
        let token = |asset_id| Token { market: market.market, asset_id };
        Some(tokens.map(|asset_id| self.follow(token(asset_id), market.grid.clone())))
    }

    fn outcomes([yes, _no]: [TokenKey; LEGS], key: TokenKey) -> &'static [Outcome] {
        if key == yes { &OUTCOMES[..1] } else { &OUTCOMES[1..] }
    }

    /// Resolved, and let go by the feed, though a pair may name it a while longer.
    fn is_over(&self, key: TokenKey) -> bool {
        self.book(key).is_none()
    }

    fn book(&self, key: TokenKey, _outcome: Outcome) -> Option<BookView<'_>> {
        self.book(key)
    }
}
