//! Polymarket orders that are signed before anybody needs them, one per price at which an armed
//! pair may fire: the signature takes longer than everything else between a tick and its bytes.
//!
//! 1. What is taken has exactly the terms that were decided: name, price and size.
//! 2. One name is one order: who takes one has given up all others of its name.
//! 3. What is older than it may be is not taken, nor what is from the future.
//! 4. What was not asked for, or was given up since, is not kept.
//! 5. To take waits for nobody and allocates nothing.

use std::time::Duration;

use super::{OrderTerms, SignedOrder};

const MILLISECOND_NS: u64 = 1_000_000;

/// What is kept of one instrument at most; and as many may be on their way.
const ORDERS_MAX: usize = 16;

/// The orders of one instrument that are ready to be sent; belongs to the thread that fires.
pub struct PolymarketAhead {
    age_max: Duration,
    orders: Vec<SignedOrder>,
    /// Asked for and not here yet, with the time that is signed; the oldest first.
    asked: Vec<(OrderTerms, u64)>,
}

impl PolymarketAhead {
    /// With nothing signed. How old an order may be that the venue takes is not documented.
    #[must_use]
    pub fn new(age_max: Duration) -> Self {
        let (orders, asked) = (Vec::with_capacity(ORDERS_MAX), Vec::with_capacity(ORDERS_MAX));
        Self { age_max, orders, asked }
    }

    /// Whether somebody is to sign it, as of now: `false` where it is here, or on its way, and will be
    /// young for as long again as it was.
    #[must_use = "what is asked for is to be signed"]
    pub fn ask(&mut self, terms: &OrderTerms, now_ms: u64) -> bool {
        let here = self.orders.iter().map(|order| (&order.terms, order.created_at_ms));
        let asked = self.asked.iter().map(|(terms, at_ms)| (terms, *at_ms));
        let age_ms = |at_ms| now_ms.checked_sub(at_ms).unwrap_or(u64::MAX);
        let is_young = |at_ms| 2 * u128::from(age_ms(at_ms)) <= self.age_max.as_millis();
        if here.chain(asked).any(|(of, at_ms)| of == terms && is_young(at_ms)) {
            return false;
        }
        self.asked.retain(|(of, _)| of != terms);
        if self.asked.len() == ORDERS_MAX {
            self.asked.remove(0);
        }
        self.asked.push((*terms, now_ms));
        true
    }

    /// Nobody has been asked, after all.
    pub fn take_back(&mut self, terms: &OrderTerms) {
        self.asked.retain(|(of, _)| of != terms);
    }

    /// What was asked for, signed: in place of an older one of the same terms. Others stay, for a book may
    /// come back to where it was; where there is no room the oldest goes.
    pub fn put(&mut self, order: SignedOrder) {
        let is_it = |(terms, at_ms): &(OrderTerms, u64)| {
            (terms, *at_ms) == (&order.terms, order.created_at_ms)
        };
        let Some(place) = self.asked.iter().position(is_it) else { return };
        self.asked.remove(place);
        self.orders.retain(|other| other.terms != order.terms);
        if self.orders.len() == ORDERS_MAX {
            self.drop_oldest();
        }
        self.orders.push(order);
    }

    /// The order of these terms, at a time since 1970. `None`: there is none, and the caller signs
    /// on the spot, unless something of this name was taken before.
    #[must_use = "what is taken is gone"]
    pub fn take(&mut self, terms: &OrderTerms, unix_ns: u64) -> Option<SignedOrder> {
        let index = self.orders.iter().position(|order| order.terms == *terms)?;
        let order = self.orders.swap_remove(index);
        let name = terms.client_order_id;
        self.orders.retain(|other| other.terms.client_order_id != name);
        self.asked.retain(|(other, _)| other.client_order_id != name);
        let age_ms = (unix_ns / MILLISECOND_NS).checked_sub(order.created_at_ms);
        let is_young = age_ms.is_some_and(|age_ms| u128::from(age_ms) <= self.age_max.as_millis());
        is_young.then_some(order)
    }

    /// Nothing of what was asked for so far will be sent: its names are used.
    pub fn give_up(&mut self) {
        self.orders.clear();
        self.asked.clear();
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.orders.len()
    }

    /// How many are on their way.
    #[must_use]
    pub fn awaited(&self) -> usize {
        self.asked.len()
    }

    fn drop_oldest(&mut self) {
        let places = self.orders.iter().enumerate();
        let oldest = places.min_by_key(|(_, order)| order.created_at_ms).map(|(place, _)| place);
        if let Some(place) = oldest {
            drop(self.orders.swap_remove(place));
        }
    }
}
