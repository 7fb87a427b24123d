//! A trade whose prices and sizes somebody else has decided: what it nets and what it may lose, where
//! each leg is filled in full at its limit. `activities/entry-orders.ts` makes the same orders.

use super::order::{sized_order, worst_of};
use super::{Market, SizedOrder};
use crate::amount::{Money, ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::books::Level;
use crate::orders::amounts::claimed_shares;
use crate::refusal::Refusal;
use crate::shot::LEGS;

/// What it comes to, at worst.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AtLimits {
    /// Net per contract that both legs have, after both venues' fees, rounded down.
    pub edge: Price,
    /// What it may lose: both legs filled in full and worthless, fees and rounding included.
    pub worst: Money,
    /// YES, then NO.
    pub legs: [SizedOrder; LEGS],
}

/// One leg, with what it costs and brings.
struct LegAtLimit {
    sized: SizedOrder,
    contracts: i128,
    spent: i128,
    worst: i128,
}

pub(super) fn at_limits(
    [yes, no]: &[Market; LEGS],
    limits: [Price; LEGS],
    contracts: [Quantity; LEGS],
) -> Result<AtLimits, Refusal> {
    let yes = leg(yes, Level { price: limits[0], quantity: contracts[0] })?;
    let no = leg(no, Level { price: limits[1], quantity: contracts[1] })?;
    let matched = yes.contracts.min(no.contracts);
    let net = matched - yes.spent - no.spent;
    Ok(AtLimits {
        edge: Price::from_counts((net * ONE).div_euclid(matched)),
        worst: Money::from_counts(yes.worst + no.worst),
        legs: [yes.sized, no.sized],
    })
}

fn leg(market: &Market, wish: Level) -> Result<LegAtLimit, Refusal> {
    let limit = wish.price;
    if !market.grid.is_legal(limit) {
        return Err(Refusal::PriceOutOfBounds);
    }
    let sized = sized_order(market, (limit, wish.quantity), wish.cost());
    let sized = sized.ok_or(Refusal::LiquidityTooSmall)?;
    let (contracts, cost) = match sized.fixed {
        Fixed::Contracts(contracts) => {
            (contracts, Level { price: limit, quantity: contracts }.cost())
        }
        Fixed::Collateral(dollars) => {
            let shares = claimed_shares(&market.grid, limit, dollars.counts());
            (Quantity::from_counts(shares.map_err(|_| Refusal::LiquidityTooSmall)?), dollars)
        }
    };
    let fees = market.fees.fill(&Level { price: limit, quantity: contracts }).counts();
    Ok(LegAtLimit {
        sized,
        contracts: contracts.counts(),
        spent: cost.counts() + fees + market.fees.order().counts(),
        worst: worst_of(market, limit, sized.fixed).counts(),
    })
}
