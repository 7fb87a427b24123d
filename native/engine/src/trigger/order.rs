//! An entry as its venue takes it. `domain/order-sizing.ts` is the twin: sizes are cut to the venue's
//! steps, never raised, and the limit is kept or refused.

use super::Market;
use crate::amount::{Money, ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::orders::amounts::{CENT, claimed_shares, most_bought};
use crate::shot::Venue;

/// What half a cent of a fill may be charged beyond the fee formulas: `ROUNDING` of
/// `domain/risk/reservation.ts`.
const ROUNDING: i128 = 20_000_000;

/// What a legal order fixes, and the most contracts that it may legally fill (DESIGN §9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SizedOrder {
    /// Contracts at Kalshi; what is spent at Polymarket, by the depth walked.
    pub fixed: Fixed,
    /// All that it spends, at the lowest price that there is, if collateral is fixed.
    pub legal_maximum: Quantity,
}

/// A purchase of `contracts` within the limit that should cost `cost`; `None`: the price is off the
/// grid, or the venue would not take so little.
pub(super) fn sized_order(
    market: &Market,
    (limit, contracts): (Price, Quantity),
    cost: Money,
) -> Option<SizedOrder> {
    if !market.grid.is_legal(limit) {
        return None;
    }
    match market.venue {
        Venue::Kalshi => by_contracts(market, contracts),
        Venue::Polymarket => by_collateral(market, (limit, contracts), cost),
    }
}

fn by_contracts(market: &Market, contracts: Quantity) -> Option<SizedOrder> {
    let lot = market.lot.counts();
    let whole = Quantity::from_counts(contracts.counts() / lot * lot);
    let is_taken = whole > Quantity::ZERO && whole >= market.minimum;
    is_taken.then_some(SizedOrder { fixed: Fixed::Contracts(whole), legal_maximum: whole })
}

fn by_collateral(
    market: &Market,
    (limit, contracts): (Price, Quantity),
    cost: Money,
) -> Option<SizedOrder> {
    let at_limit = limit.counts() * contracts.counts() / ONE;
    let cost = cost.counts().min(at_limit);
    let collateral = cost / CENT * CENT;
    let shares = claimed_shares(&market.grid, limit, collateral).ok()?;
    if shares < market.minimum.counts() {
        return None; // the venue measures what the order claims, not what a better price brings
    }
    let legal_maximum = most_bought(&market.grid, collateral);
    Some(SizedOrder { fixed: Fixed::Collateral(Money::from_counts(collateral)), legal_maximum })
}

/// What a leg may cost in the worst case, fee and rounding included: the `cash` that
/// `domain/risk/reservation.ts` sets aside for it.
pub(super) fn worst_of(market: &Market, limit: Price, fixed: Fixed) -> Money {
    let (spent, fee) = match fixed {
        Fixed::Collateral(collateral) => (collateral, market.fees.of_collateral(collateral)),
        Fixed::Contracts(quantity) => {
            let level = crate::books::Level { price: limit, quantity };
            let fee = market.fees.fill(&level).counts() + market.fees.order().counts();
            (level.cost(), Money::from_counts(fee))
        }
    };
    Money::from_counts(spent.counts() + fee.counts() + ROUNDING)
}
