//! Which sizes an order may state. `domain/order-sizing.ts` cuts a wish to them; here it is
//! refused, because whoever decides natively has cut it already.

use super::OrderError;
use crate::amount::{ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::books::Grid;

/// A billion of anything, in counts: below this no product leaves 128 bits, and no figure its room.
pub const COUNTS_MAX: i128 = 1_000_000_000 * ONE;

/// What a venue says of the orders of one market; made anew where its tick changes.
#[derive(Clone, Debug)]
pub struct OrderRules {
    grid: Grid,
    lot: Quantity,
    minimum: Quantity,
}

impl OrderRules {
    /// From the market's listing: its prices, the smallest step of a size, and the smallest size.
    pub fn new(grid: Grid, lot: Quantity, minimum: Quantity) -> Result<Self, OrderError> {
        if lot <= Quantity::ZERO || minimum < Quantity::ZERO {
            return Err(OrderError::RulesUnreadable);
        }
        Ok(Self { grid, lot, minimum })
    }

    pub(super) fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The tick at a price that is legal.
    pub(super) fn tick_at(&self, price: Price) -> Result<Price, OrderError> {
        let tick = self.grid.tick_at(price).filter(|_| self.grid.is_legal(price));
        tick.ok_or(OrderError::PriceOffGrid(price))
    }

    /// Contracts that the market takes, in whole lots and whole steps of the venue's own.
    pub(super) fn contracts(&self, fixed: Fixed, step: i128) -> Result<Quantity, OrderError> {
        let Fixed::Contracts(contracts) = fixed else { return Err(OrderError::FixesContracts) };
        check_range(contracts.counts())?;
        for lot in [self.lot, Quantity::from_counts(step)] {
            if contracts.counts() % lot.counts() != 0 {
                return Err(OrderError::NotWholeLots { contracts, lot });
            }
        }
        self.check_minimum(contracts)?;
        Ok(contracts)
    }

    pub(super) fn check_minimum(&self, contracts: Quantity) -> Result<(), OrderError> {
        let minimum = self.minimum;
        if contracts < minimum {
            return Err(OrderError::BelowMinimum { contracts, minimum });
        }
        Ok(())
    }
}

/// More than nothing, and no more than there is room for.
pub fn check_range(counts: i128) -> Result<(), OrderError> {
    match counts {
        ..=0 => Err(OrderError::Nothing),
        1..=COUNTS_MAX => Ok(()),
        _ => Err(OrderError::TooLarge),
    }
}
