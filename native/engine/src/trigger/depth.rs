//! What rests on both sides at once. `domain/arbitrage/executable-depth.ts` is the twin.

use super::Market;
use crate::amount::{ONE, Price};
use crate::books::{Level, Offers};
use crate::shot::LEGS;

/// What rests on *both* sides at one pair of prices, and what all slices up to this one come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Slice {
    pub prices: [Price; LEGS],
    /// Contracts of this slice and all before it, in counts.
    pub depth: i128,
    /// What they cost, per leg, in counts of 10⁻¹⁸.
    pub costs: [i128; LEGS],
}

/// What a slice has to be worth, and to stay within.
pub(super) struct Worth<'a> {
    pub markets: &'a [Market; LEGS],
    pub edge_min: Price,
    pub limit_prices: Option<[Price; LEGS]>,
}

impl Worth<'_> {
    /// What one contract more nets at these prices, after fees and before their rounding.
    pub fn marginal_edge(&self, prices: [Price; LEGS]) -> Price {
        let [yes, no] = self.markets;
        let cost =
            |market: &Market, price: Price| price.counts() + market.fees.marginal(price).counts();
        Price::from_counts(ONE - cost(yes, prices[0]) - cost(no, prices[1]))
    }

    fn is_worth_it(&self, prices: [Price; LEGS]) -> bool {
        let is_beyond = |limits: [Price; LEGS]| prices[0] > limits[0] || prices[1] > limits[1];
        !self.limit_prices.is_some_and(is_beyond) && self.marginal_edge(prices) >= self.edge_min
    }
}

/// Walks both ladders at once, the cheapest first. It ends with the first pair of prices that is not
/// worth it, since every later pair costs more, and with the shorter ladder.
pub(super) fn walk_depth(slices: &mut Vec<Slice>, offers: [Offers<'_>; LEGS], worth: &Worth<'_>) {
    slices.clear();
    let [mut yes_levels, mut no_levels] = offers.map(Offers::levels);
    let mut tops = (yes_levels.next(), no_levels.next());
    let (mut depth, mut costs) = (0, [0; LEGS]);
    // There is room for as many slices as both books can have levels.
    while let (Some(yes), Some(no)) = tops
        && slices.len() < slices.capacity()
    {
        let prices = [yes.price, no.price];
        if !worth.is_worth_it(prices) {
            return;
        }
        let quantity = yes.quantity.min(no.quantity).counts();
        depth += quantity;
        for (cost, price) in costs.iter_mut().zip(prices) {
            *cost += price.counts() * quantity;
        }
        slices.push(Slice { prices, depth, costs });
        tops = (
            rest(yes, quantity).or_else(|| yes_levels.next()),
            rest(no, quantity).or_else(|| no_levels.next()),
        );
    }
}

/// What is left of a level.
fn rest(level: Level, taken: i128) -> Option<Level> {
    let left = level.quantity.counts() - taken;
    (left > 0).then(|| Level { quantity: crate::amount::Quantity::from_counts(left), ..level })
}
