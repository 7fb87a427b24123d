//! One side of a book, and what an order would take from it.

use crate::amount::{Money, ONE, Price, Quantity};

const DOLLAR: i64 = 1_000_000_000;

/// All that rests at one price.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Level {
    /// Dollars per contract.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
}

/// How many decimals the venue has written a level with: what a sum of its text is made of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Decimals {
    /// Of the price.
    pub price: u8,
    /// Of the quantity.
    pub quantity: u8,
}

/// A level as it is kept: in counts, 24 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rung {
    pub price: i64,
    pub quantity: i64,
    pub decimals: Decimals,
}

/// Bids for one outcome, the best last. No level is empty.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    rungs: Vec<Rung>,
}

impl Ladder {
    /// Room for so many levels, made now.
    pub fn new(levels: usize) -> Self {
        Self { rungs: Vec::with_capacity(levels) }
    }

    pub fn clear(&mut self) {
        self.rungs.clear();
    }

    /// 0 where nothing rests.
    pub fn quantity_at(&self, price: i64) -> i64 {
        self.find(price).map_or(0, |index| self.rungs[index].quantity)
    }

    /// Nothing takes the level away. One that was there keeps its price as it was first written.
    pub fn set(&mut self, rung: Rung) {
        match (self.find(rung.price), rung.quantity) {
            (Ok(index), 0) => {
                self.rungs.remove(index);
            }
            (Ok(index), quantity) => {
                let known = &mut self.rungs[index];
                known.quantity = quantity;
                known.decimals.quantity = rung.decimals.quantity;
            }
            (Err(_), 0) => {}
            (Err(index), _) => self.rungs.insert(index, rung),
        }
    }

    pub fn best(&self) -> Option<Rung> {
        self.rungs.last().copied()
    }

    /// As the venue writes them: the best last.
    pub fn worst_first(&self) -> impl Iterator<Item = Rung> {
        self.rungs.iter().copied()
    }

    fn find(&self, price: i64) -> Result<usize, usize> {
        self.rungs.binary_search_by_key(&price, |rung| rung.price)
    }
}

/// What can be bought of an outcome: the bids for the other one, mirrored.
#[derive(Clone, Copy, Debug)]
pub struct Offers<'a>(pub(super) &'a Ladder);

/// What an order would take, and what it would pay. `walk` of `domain/book.ts` is the twin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Walk {
    /// Contracts.
    pub quantity: Quantity,
    /// Dollars before fees, each level rounded up.
    pub cost: Money,
    /// The worst level that is touched.
    pub worst_price: Price,
    /// Rounded up.
    pub average_price: Price,
}

impl<'a> Offers<'a> {
    /// The cheapest first.
    pub fn levels(self) -> impl Iterator<Item = Level> + 'a {
        self.0.rungs.iter().rev().map(|rung| Level {
            price: Price::from_counts((DOLLAR - rung.price).into()),
            quantity: Quantity::from_counts(rung.quantity.into()),
        })
    }

    /// What a purchase of so many takes, level by level, at the limit or better.
    pub fn taken(self, most: Quantity, limit: Price) -> impl Iterator<Item = Level> + 'a {
        let mut left = most.counts();
        let within = self.levels().take_while(move |level| level.price <= limit);
        within.map_while(move |Level { price, quantity }| {
            let taken = quantity.counts().min(left);
            left -= taken;
            (taken > 0).then_some(Level { price, quantity: Quantity::from_counts(taken) })
        })
    }

    /// All of that together; `None` where nothing can be taken.
    #[must_use]
    pub fn walk(self, most: Quantity, limit: Price) -> Option<Walk> {
        let (mut quantity, mut cost, mut worst) = (0, 0, None);
        for level in self.taken(most, limit) {
            quantity += level.quantity.counts();
            cost += level.cost().counts();
            worst = Some(level.price);
        }
        worst.map(|worst_price| Walk {
            quantity: Quantity::from_counts(quantity),
            cost: Money::from_counts(cost),
            worst_price,
            average_price: Price::from_counts(ceil(cost * ONE, quantity)),
        })
    }
}

impl Level {
    /// Price × quantity, rounded up.
    #[must_use]
    pub fn cost(&self) -> Money {
        Money::from_counts(ceil(self.price.counts() * self.quantity.counts(), ONE))
    }
}

/// Of what is not negative.
fn ceil(dividend: i128, divisor: i128) -> i128 {
    (dividend + divisor - 1) / divisor
}
