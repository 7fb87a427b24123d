//! Polymarket's order of the shot that may come next, signed by another thread before its tick: its
//! signature takes longer than everything else between a tick and its bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{ArmedPair, DIRECTIONS, Wires};
use crate::amount::{ONE, Price};
use crate::clock::read;
use crate::firing::Firing;
use crate::orders::{OrderPlace, OrderTerms, Outcome, SignedOrder, SigningLine, ToSign};
use crate::shot::{LEGS, ShotTerms};
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

/// How far a call has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asked {
    /// There was none left to ask for.
    All,
    /// There may be more.
    Some,
    /// Who signs has enough to do: the same is to be asked for later.
    NoRoom,
}

/// How far a pair's next orders were asked for.
#[derive(Default)]
pub(super) struct Asking {
    /// So many of the likeliest, as the books are.
    done: usize,
    /// Of the next intent; whoever signs looks at it.
    number: Arc<AtomicU64>,
}

impl ArmedPair {
    /// Its books have changed, or what is signed grows old: the likeliest orders are others, or to be
    /// signed anew.
    pub fn look_ahead(&mut self) {
        self.asking.done = 0;
    }

    /// Asks for the order of either direction that would be sent if the books, as they are, were worth
    /// it: the next tick of the other venue may make them so. One likelihood a call, so that nobody
    /// waits for all of them; what is signed already, and young, is not asked for. Any other order is
    /// signed in its shot.
    pub fn ask_ahead<W: Wires, C: Clock>(
        &mut self,
        line: &mut SigningLine,
        firing: &mut Firing<W, C>,
        books: &PairBooks<'_>,
    ) -> Asked {
        let Some(likely) = likeliest().nth(self.asking.done) else { return Asked::All };
        let now = read(firing.clock());
        let exposure_left = firing.lease(self.market).map(|lease| lease.left());
        let moment =
            Moment { now_ns: now.monotonic_ns, exposure_left: exposure_left.unwrap_or_default() };
        for direction in 0..DIRECTIONS {
            let terms = self.order_of(likely, direction, (books, &moment));
            let with = (&mut *line, now.unix_ns / MILLISECOND_NS);
            if terms.is_some_and(|terms| !self.ask(direction, &terms, with)) {
                return Asked::NoRoom;
            }
        }
        self.asking.done += 1;
        Asked::Some
    }

    /// What was asked for, signed.
    pub fn put_ahead(&mut self, direction: usize, order: SignedOrder) {
        if let Some(orders) = self.directions.get_mut(direction)
            && orders.polymarket.is_own(&order)
        {
            orders.ahead.put(order);
        }
    }

    /// How many are signed, and not sent.
    #[must_use]
    pub fn orders_ahead(&self) -> usize {
        self.directions.iter().map(|orders| orders.ahead.count()).sum()
    }

    /// The next shot has another name: nothing of what was signed so far is for it.
    pub(super) fn give_up_ahead(&mut self) {
        self.asking.number.fetch_add(1, Ordering::Relaxed);
        for orders in &mut self.directions {
            orders.ahead.give_up();
        }
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

    /// `false`: there was no room for it.
    fn ask(&mut self, direction: usize, terms: &OrderTerms, with: (&mut SigningLine, u64)) -> bool {
        let (line, created_at_ms) = with;
        let orders = &mut self.directions[direction];
        if !orders.ahead.ask(terms, created_at_ms) {
            return true;
        }
        let number = &self.asking.number;
        let is_asked = line.ask(ToSign {
            place: OrderPlace { market: self.market, direction },
            signer: orders.polymarket.signer(),
            terms: *terms,
            created_at_ms,
            number: (number.load(Ordering::Relaxed), Arc::clone(number)),
        });
        if !is_asked {
            orders.ahead.take_back(terms);
        }
        is_asked
    }
}
