//! Polymarket orders that are signed before anybody needs them, one per price at which an armed
//! pair may fire: the signature takes longer than everything else between a tick and its bytes.
//!
//! 1. What is taken has exactly the terms that were decided: name, price and size.
//! 2. One name is one order: who takes one has given up all others of its name.
//! 3. What is older than it may be is not taken, nor what is from the future.
//! 4. To take waits for nobody and allocates nothing.

use std::time::Duration;

use super::{OrderError, OrderTerms, PolymarketSigner, SignedOrder};

const MILLISECOND_NS: u64 = 1_000_000;

/// What is kept of one instrument at most.
const ORDERS_MAX: usize = 16;

/// The orders of one instrument that are ready to be sent; belongs to the thread that fires.
pub struct PolymarketAhead {
    age_max: Duration,
    orders: Vec<SignedOrder>,
}

impl PolymarketAhead {
    /// With nothing signed. How old an order may be that the venue takes is not documented.
    #[must_use]
    pub fn new(age_max: Duration) -> Self {
        Self { age_max, orders: Vec::with_capacity(ORDERS_MAX) }
    }

    /// Between shots: signs one more, in place of what was signed before with these terms. Others stay,
    /// for a book may come back to where it was; where there is no room the oldest goes. What is refused
    /// changes nothing.
    pub fn sign(
        &mut self,
        signer: &mut PolymarketSigner,
        terms: &OrderTerms,
        created_at_ms: u64,
    ) -> Result<(), OrderError> {
        let signed = signer.sign(terms, created_at_ms)?;
        self.orders.retain(|order| order.terms != *terms);
        if self.orders.len() == ORDERS_MAX {
            self.drop_oldest();
        }
        self.orders.push(signed);
        Ok(())
    }

    /// The order of these terms, at a time since 1970. `None`: there is none, and the caller signs
    /// on the spot, unless something of this name was taken before.
    #[must_use = "what is taken is gone"]
    pub fn take(&mut self, terms: &OrderTerms, unix_ns: u64) -> Option<SignedOrder> {
        let index = self.orders.iter().position(|order| order.terms == *terms)?;
        let order = self.orders.swap_remove(index);
        self.orders.retain(|other| other.terms.client_order_id != terms.client_order_id);
        let age_ms = (unix_ns / MILLISECOND_NS).checked_sub(order.created_at_ms);
        let is_young = age_ms.is_some_and(|age_ms| u128::from(age_ms) <= self.age_max.as_millis());
        is_young.then_some(order)
    }

    /// Whether the order of these terms is there, and will be for as long again as it was.
    #[must_use]
    pub fn is_ready(&self, terms: &OrderTerms, unix_ns: u64) -> bool {
        let order = self.orders.iter().find(|order| order.terms == *terms);
        let age_ms = order.and_then(|of| (unix_ns / MILLISECOND_NS).checked_sub(of.created_at_ms));
        age_ms.is_some_and(|age_ms| 2 * u128::from(age_ms) <= self.age_max.as_millis())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.orders.len()
    }

    fn drop_oldest(&mut self) {
        let places = self.orders.iter().enumerate();
        let oldest = places.min_by_key(|(_, order)| order.created_at_ms).map(|(place, _)| place);
        if let Some(place) = oldest {
            drop(self.orders.swap_remove(place));
        }
    }
}
