//! Polymarket's order of the shot that may come next, signed between shots: its signature takes longer
//! than everything else between a tick and its bytes.

use super::{ArmedPair, DIRECTIONS, Wires};
use crate::amount::{ONE, Price};
use crate::clock::read;
use crate::firing::Firing;
use crate::orders::{OrderTerms, Outcome};
use crate::shot::{Now, ShotTerms};
use crate::trigger::{ArmedTerms, Moment, PairBooks};
use crate::wire::Clock;

/// Any edge at all: what a contract may lose is a dollar, and its fees.
const ANY_EDGE: Price = Price::from_counts(-2 * ONE);
const MILLISECOND_NS: u64 = 1_000_000;

impl ArmedPair {
    /// Signs for each direction the order that would be sent if its books, as they are, were worth
    /// it: the next tick of the other venue may make them so. What is signed already, and young, stays.
    /// It takes the best offer alone; any other order is signed in its shot.
    pub fn sign_ahead<W: Wires, C: Clock>(
        &mut self,
        firing: &mut Firing<W, C>,
        books: &PairBooks<'_>,
    ) {
        let now = read(firing.clock());
        let exposure_left = firing.lease(self.market).map(|lease| lease.left());
        let moment =
            Moment { now_ns: now.monotonic_ns, exposure_left: exposure_left.unwrap_or_default() };
        for direction in 0..DIRECTIONS {
            if let Some(terms) = self.likely(direction, books, &moment) {
                self.sign(direction, &terms, now);
            }
        }
    }

    /// What Polymarket's leg would be.
    fn likely(
        &mut self,
        direction: usize,
        books: &PairBooks<'_>,
        moment: &Moment,
    ) -> Option<OrderTerms> {
        let armed = &self.terms[direction];
        let [yes, no] = books.of(direction).map(|book| book.top().ok().map(|top| top.ask));
        let terms = ArmedTerms {
            shot: ShotTerms { edge_min: ANY_EDGE, ..armed.shot },
            limit_prices: Some([yes?, no?]),
            ..*armed
        };
        let decision = self.trigger.decide_in(direction, books, &terms, moment).ok()?;
        let leg = match self.directions[direction].polymarket.bought()? {
            Outcome::Yes => 0,
            Outcome::No => 1,
        };
        let decided = decision.legs[leg];
        Some(OrderTerms {
            client_order_id: self.intent.legs()[leg],
            limit_price: decided.limit_price,
            fixed: decided.fixed,
        })
    }

    fn sign(&mut self, direction: usize, terms: &OrderTerms, now: Now) {
        let orders = &mut self.directions[direction];
        if orders.ahead.is_ready(terms, now.unix_ns) {
            return;
        }
        let mut signer = orders.polymarket.signer();
        // One that cannot be signed is not there: its shot says why.
        let _ = orders.ahead.sign(&mut signer, &[*terms], now.unix_ns / MILLISECOND_NS);
    }
}
