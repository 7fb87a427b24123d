//! Polymarket orders of one instrument, signed. May be on another thread than the request that an
//! order is sent in.

use std::sync::Arc;

use super::amounts::{Amounts, amounts, check_ticks};
use super::{OrderError, OrderRules, OrderTerms, Outcome};
use crate::amount::Quantity;
use crate::signing::{Exchange, Maker, OrderForm, OrderKind, Side, uint256};

/// What does not change from one order of an instrument to the next.
#[derive(Clone, Copy, Debug)]
pub struct PolymarketInstrument<'a> {
    /// The venue's id of the market (its condition).
    pub market: &'a str,
    /// What is traded.
    pub outcome: Outcome,
    /// The outcome's token, in decimal digits.
    pub token_id: &'a str,
    /// The contract that the market's orders are signed for.
    pub exchange: Exchange,
    /// What is done with it.
    pub side: Side,
    /// Of the market.
    pub rules: &'a OrderRules,
}

/// Signs orders of one instrument for one maker: a hash and a secp256k1 signature each.
pub struct PolymarketSigner {
    maker: Arc<Maker>,
    form: OrderForm,
    side: Side,
    rules: OrderRules,
    mark: [u8; 32],
}

impl PolymarketSigner {
    /// Encodes whatever does not change.
    pub fn new(maker: Arc<Maker>, of: &PolymarketInstrument<'_>) -> Result<Self, OrderError> {
        check_ticks(of.rules)?;
        let &PolymarketInstrument { exchange, side, .. } = of;
        let token_id = uint256(of.token_id)?;
        let kind = OrderKind { exchange, maker: maker.address(), token_id, side };
        let form = OrderForm::new(&kind);
        // The hash of an order for nothing names contract, maker, token and side.
        let mark = form.hash(0, (0, 0), 0);
        Ok(Self { maker, form, side, rules: of.rules.clone(), mark })
    }

    /// Whether there is such an order; tells its legal maximum.
    pub fn check(&self, terms: &OrderTerms) -> Result<Quantity, OrderError> {
        amounts(self.side, terms, &self.rules).map(|amounts| amounts.legal_maximum)
    }

    /// The same terms at the same time (since 1970, part of what is signed) make the same order.
    pub fn sign(&self, terms: &OrderTerms, created_at_ms: u64) -> Result<SignedOrder, OrderError> {
        let amounts = amounts(self.side, terms, &self.rules)?;
        let salt = terms.client_order_id.polymarket_salt();
        let hash = self.form.hash(salt, (amounts.maker, amounts.taker), created_at_ms);
        let signature = self.maker.sign(&hash)?;
        Ok(SignedOrder { terms: *terms, amounts, created_at_ms, hash, signature, mark: self.mark })
    }

    /// Of what it signs; no other instrument has the same.
    pub(super) fn mark(&self) -> &[u8; 32] {
        &self.mark
    }
}

/// An order that lacks nothing but its request. It cannot be copied: its salt is its name, and it
/// is sent once. Whoever reads it could send it, so it is never printed.
#[must_use = "an order is signed to be sent"]
pub struct SignedOrder {
    pub(super) terms: OrderTerms,
    pub(super) amounts: Amounts,
    pub(super) created_at_ms: u64,
    pub(super) hash: [u8; 32],
    pub(super) signature: [u8; 65],
    pub(super) mark: [u8; 32],
}

impl SignedOrder {
    /// What it was made of.
    #[must_use]
    pub fn terms(&self) -> &OrderTerms {
        &self.terms
    }

    /// Its name at the venue.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The most shares that it may legally fill.
    #[must_use]
    pub fn legal_maximum(&self) -> Quantity {
        self.amounts.legal_maximum
    }
}
