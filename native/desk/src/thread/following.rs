//! The books of the pairs that are traded.

use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_market_data::{Instrument, Listed, Market as Followed, Outcome};

use super::{DeskThread, Look};
use crate::listing::{Market, Pair};

pub const VENUES: [Venue; LEGS] = [Venue::Kalshi, Venue::Polymarket];

/// Of one pair.
pub type Markets = [(Venue, String); LEGS];

impl DeskThread {
    /// Their books, from now on. A market whose listing cannot be read has none, and no shot at it
    /// passes.
    pub fn follow(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let markets = VENUES.map(|venue| (venue, pair.at(venue).market.clone()));
            if let Some(before) = self.followed.insert(pair.pair_id.clone(), markets) {
                self.forget(before);
            }
        }
        let markets: Vec<_> =
            pairs.iter().flat_map(|pair| followed(pair).into_iter().flatten()).collect();
        self.market_data.follow(&markets, read(&SystemClock));
    }

    /// Nobody fires it any more.
    pub fn unfollow(&mut self, pair_id: &str) {
        if let Some(before) = self.followed.remove(pair_id) {
            self.forget(before);
        }
    }

    /// Those of these that no pair has; two pairs may share one.
    fn forget(&mut self, markets: Markets) {
        for market in markets {
            if self.followed.values().flatten().all(|other| *other != market) {
                self.market_data.forget(market.0, &market.1);
            }
        }
    }

    /// Whether each of their books is known.
    pub fn has_books(&self, pairs: &[Pair]) -> bool {
        let books = pairs.iter().flat_map(|pair| {
            let of =
                |venue| [Outcome::Yes, Outcome::No].map(|outcome| (venue, pair.at(venue), outcome));
            VENUES.map(of).concat()
        });
        books.into_iter().all(|(venue, market, outcome)| {
            self.market_data.top(Instrument { venue, market: &market.market, outcome }).heard_ns > 0
        })
    }

    /// How the thread stands.
    pub fn look(&mut self) -> Look {
        let wires = self.firing.wires();
        let troubles =
            VENUES.iter().filter_map(|venue| wires.trouble(*venue).map(ToString::to_string));
        let troubles: Vec<_> = troubles.collect();
        let idle_wires = VENUES.map(|venue| wires.idle(venue));
        let of_data = VENUES.iter().filter_map(|venue| self.market_data.trouble(*venue));
        let troubles = troubles.into_iter().chain(of_data.map(ToString::to_string)).collect();
        let (armed, not_orders) = (self.armed.len(), self.not_orders);
        let orders_ahead = self.armed.iter().map(|armed| armed.shots.orders_ahead()).sum();
        let streams = VENUES.map(|venue| self.market_data.counts(venue));
        let unanswered = self.unanswered();
        Look { idle_wires, streams, troubles, unanswered, armed, orders_ahead, not_orders }
    }
}

fn followed(pair: &Pair) -> [Option<Followed<'_>>; 2] {
    let tokens = pair.polymarket.tokens.as_ref();
    let tokens = tokens.map(|tokens| [tokens.yes_token.as_str(), tokens.no_token.as_str()]);
    [
        market(&pair.kalshi, Some(Listed::Kalshi)),
        market(&pair.polymarket, tokens.map(|tokens| Listed::Polymarket { tokens })),
    ]
}

fn market<'a>(of: &'a Market, listed: Option<Listed<'a>>) -> Option<Followed<'a>> {
    let (listed, grid) = (listed?, of.grid().ok()?);
    Some(Followed { market: &of.market, listed, grid, closes_at_ms: of.closes_at_ms })
}
