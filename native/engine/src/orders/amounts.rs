//! What Polymarket signs of an order's price and size. The twin of `polymarketAmounts` and
//! `byCollateral` in `domain/order-sizing.ts`; reference/venues.md 2.6.

use super::rules::{OrderRules, check_range};
use super::{OrderError, OrderTerms};
use crate::amount::{Money, ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::books::Grid;
use crate::signing::Side;

/// A cent, in counts: what a purchase spends is whole ones.
pub const CENT: i128 = ONE / 100;
/// Shares have two decimals; in counts.
const SHARE_STEP: i128 = ONE / 100;
/// One unit of the signed amounts, 10⁻⁶, in counts.
const SIGNED_UNIT: i128 = 1_000;
/// 10⁻³ and 10⁻⁴, in counts.
const THIRD_DECIMAL: i128 = ONE / 1_000;
const FOURTH_DECIMAL: i128 = ONE / 10_000;

/// What is given and what is taken, in units of 10⁻⁶.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Amounts {
    pub maker: u64,
    pub taker: u64,
    pub legal_maximum: Quantity,
}

/// Whether orders at each of the market's ticks can be stated.
pub fn check_ticks(rules: &OrderRules) -> Result<(), OrderError> {
    rules.grid().steps().try_for_each(|tick| taken_step(tick).map(|_step| ()))
}

/// What an immediate order takes has at most four decimals, so it cannot always state the limit
/// exactly. It is cut, as the venue's own clients do: the implied price passes the limit by less
/// than a tick, and since prices trade on the grid the limit is still the worst that can fill.
pub fn amounts(side: Side, terms: &OrderTerms, rules: &OrderRules) -> Result<Amounts, OrderError> {
    let tick = rules.tick_at(terms.limit_price)?;
    match side {
        Side::Buy => purchase(terms, rules),
        Side::Sell => sale(terms, rules, tick),
    }
}

/// What a purchase for so many dollars (in counts) claims within its limit, in counts.
pub fn claimed_shares(grid: &Grid, limit: Price, dollars: i128) -> Result<i128, OrderError> {
    let tick = grid.tick_at(limit).ok_or(OrderError::PriceOffGrid(limit))?;
    let step = taken_step(tick)?;
    let shares = dollars * ONE / limit.counts() / step * step;
    let beyond = limit.counts() + tick.counts();
    if shares <= 0 || dollars * ONE >= beyond * shares {
        return Err(OrderError::TooSmallToState);
    }
    Ok(shares)
}

/// What so many dollars (in counts) buy at the lowest price that there is.
pub fn most_bought(grid: &Grid, dollars: i128) -> Quantity {
    let lowest = grid.lowest().counts();
    Quantity::from_counts((dollars * ONE + lowest - 1) / lowest)
}

fn purchase(terms: &OrderTerms, rules: &OrderRules) -> Result<Amounts, OrderError> {
    let Fixed::Collateral(collateral) = terms.fixed else {
        return Err(OrderError::FixesCollateral);
    };
    let dollars = cents(collateral)?;
    let shares = claimed_shares(rules.grid(), terms.limit_price, dollars)?;
    // The venue measures the shares that the order claims, not those that a better price brings.
    rules.check_minimum(Quantity::from_counts(shares))?;
    let legal_maximum = most_bought(rules.grid(), dollars);
    Ok(Amounts { maker: signed(dollars)?, taker: signed(shares)?, legal_maximum })
}

fn sale(terms: &OrderTerms, rules: &OrderRules, tick: Price) -> Result<Amounts, OrderError> {
    let step = taken_step(tick)?;
    let contracts = rules.contracts(terms.fixed, SHARE_STEP)?;
    let (shares, limit) = (contracts.counts(), terms.limit_price.counts());
    let dollars = limit * shares / ONE / step * step;
    let beyond = limit - tick.counts();
    if dollars <= 0 || dollars * ONE <= beyond * shares {
        return Err(OrderError::TooSmallToState);
    }
    Ok(Amounts { maker: signed(shares)?, taker: signed(dollars)?, legal_maximum: contracts })
}

fn cents(collateral: Money) -> Result<i128, OrderError> {
    let dollars = collateral.counts();
    check_range(dollars)?;
    if dollars % CENT != 0 {
        return Err(OrderError::NotWholeCents(collateral));
    }
    Ok(dollars)
}

/// What the taken amount is a multiple of, in counts: the tick's decimals, at most four.
fn taken_step(tick: Price) -> Result<i128, OrderError> {
    match tick.counts() {
        100_000_000 => Ok(THIRD_DECIMAL),
        10_000_000 | 5_000_000 | 2_500_000 | 1_000_000 | 100_000 => Ok(FOURTH_DECIMAL),
        _ => Err(OrderError::TickUnknown(tick)),
    }
}

fn signed(counts: i128) -> Result<u64, OrderError> {
    u64::try_from(counts / SIGNED_UNIT).map_err(|_| OrderError::TooLarge)
}
