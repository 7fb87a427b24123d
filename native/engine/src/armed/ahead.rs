//! Polymarket's order of the shot that may come next, signed between shots: its signature takes longer
//! than everything else between a tick and its bytes.

use super::{ArmedPair, DIRECTIONS, Wires};
use crate::amount::{ONE, Price};
use crate::clock::read;
use crate::firing::Firing;
use crate::orders::{OrderTerms, Outcome};
use crate::shot::{LEGS, Now, ShotTerms};
use crate::trigger::{ArmedTerms, Moment, PairBooks};
use crate::wire::Clock;

/// Any edge at all: what a contract may lose is a dollar, and its fees.
const ANY_EDGE: Price = Price::from_counts(-2 * ONE);
/// The best offers may be this far from the threshold for deeper orders to be worth their signatures: a
/// tick seldom brings more.
const NEAR: i128 = ONE / 20;
/// Of Polymarket's levels, from the best on.
const LEVELS: usize = 3;
/// No contract costs more.
const DOLLAR: Price = Price::from_counts(ONE);
const MILLISECOND_NS: u64 = 1_000_000;

/// What the next tick may make worth firing: Polymarket's order as far as one of its levels, beside what
/// Kalshi offers at its best price, or at all of them.
#[derive(Clone, Copy)]
struct Likely {
    level: usize,
    kalshi: Kalshi,
}

#[derive(Clone, Copy)]
enum Kalshi {
    Best,
    All,
}

/// The likeliest first.
fn likeliest() -> impl Iterator<Item = Likely> {
    let of = |level| [Kalshi::Best, Kalshi::All].map(|kalshi| Likely { level, kalshi });
    (0..LEVELS).flat_map(of)
}

impl ArmedPair {
    /// Signs one order that would be sent if the books, as they are, were worth it: the next tick of
    /// the other venue may make them so. What is signed already, and young, stays. `false`: there was
    /// none left to sign. Any other order is signed in its shot.
    pub fn sign_ahead<W: Wires, C: Clock>(
        &mut self,
        firing: &mut Firing<W, C>,
        books: &PairBooks<'_>,
    ) -> bool {
        let now = read(firing.clock());
        let exposure_left = firing.lease(self.market).map(|lease| lease.left());
        let moment =
            Moment { now_ns: now.monotonic_ns, exposure_left: exposure_left.unwrap_or_default() };
        let of = |likely| (0..DIRECTIONS).map(move |direction| (likely, direction));
        likeliest().flat_map(of).any(|(likely, direction)| {
            let terms = self.order_of(likely, direction, (books, &moment));
            terms.is_some_and(|terms| self.sign(direction, &terms, now))
        })
    }

    /// What Polymarket's leg would be.
    fn order_of(
        &mut self,
        likely: Likely,
        direction: usize,
        (books, moment): (&PairBooks<'_>, &Moment),
    ) -> Option<OrderTerms> {
        let armed = &self.terms[direction];
        let here = match self.directions[direction].polymarket.bought()? {
            Outcome::Yes => 0,
            Outcome::No => 1,
        };
        let views = books.of(direction);
        let mut limit_prices = [DOLLAR; LEGS];
        limit_prices[here] = views[here].offers().ok()?.levels().nth(likely.level)?.price;
        let (edge_min, kalshi) = match likely {
            Likely { level: 0, kalshi: Kalshi::Best } => (ANY_EDGE, Kalshi::Best),
            Likely { kalshi, .. } => {
                (Price::from_counts(armed.shot.edge_min.counts() - NEAR), kalshi)
            }
        };
        if matches!(kalshi, Kalshi::Best) {
            limit_prices[1 - here] = views[1 - here].top().ok()?.ask;
        }
        let terms = ArmedTerms {
            shot: ShotTerms { edge_min, ..armed.shot },
            limit_prices: Some(limit_prices),
            ..*armed
        };
        let decided = self.trigger.decide_in(direction, books, &terms, moment).ok()?.legs[here];
        Some(OrderTerms {
            client_order_id: self.intent.legs()[here],
            limit_price: decided.limit_price,
            fixed: decided.fixed,
        })
    }

    /// `false`: it is there.
    fn sign(&mut self, direction: usize, terms: &OrderTerms, now: Now) -> bool {
        let orders = &mut self.directions[direction];
        if orders.ahead.is_ready(terms, now.unix_ns) {
            return false;
        }
        let mut signer = orders.polymarket.signer();
        // One that cannot be signed is not there: its shot says why.
        orders.ahead.sign(&mut signer, terms, now.unix_ns / MILLISECOND_NS).is_ok()
    }
}
