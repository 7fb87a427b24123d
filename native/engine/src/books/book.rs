//! Both sides of one market.

use super::ladder::{Decimals, Ladder, Offers, Rung};
use super::{Grid, Unknown};
use crate::amount::{ONE, Price, Quantity};
use crate::shot::Top;

/// Where a level rests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BookSide {
    /// Somebody buys.
    Bid,
    /// Somebody sells.
    Ask,
}

/// What rests at one price from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    /// Where.
    pub side: BookSide,
    /// Of the book's own outcome, on either side.
    pub price: Price,
    /// Contracts; nothing takes the level away.
    pub quantity: Quantity,
    /// As the venue has written both.
    pub decimals: Decimals,
}

/// A market's book, as good as it is known.
#[derive(Clone, Debug)]
pub struct Book {
    grid: Grid,
    bids: Ladder,
    /// Bids for the other outcome: offers of this one at 1 − p.
    mirrored_asks: Ladder,
    unknown: Option<Unknown>,
}

impl Book {
    /// Unknown until a whole book comes. All the memory that it will ever need is taken here.
    #[must_use]
    pub fn new(grid: Grid) -> Self {
        let (bids, mirrored_asks) = (Ladder::new(grid.prices()), Ladder::new(grid.prices()));
        Self { grid, bids, mirrored_asks, unknown: Some(Unknown::NoSnapshot) }
    }

    /// The prices that it can have.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Takes a whole book in place of whatever was there.
    pub fn replace(
        &mut self,
        levels: impl Iterator<Item = Result<Change, Unknown>>,
    ) -> Result<(), Unknown> {
        self.bids.clear();
        self.mirrored_asks.clear();
        let replaced = self.fill(levels);
        self.settle(replaced)
    }

    /// All the changes of one message: between two of them a book may look as if it crossed.
    pub fn change(
        &mut self,
        changes: impl Iterator<Item = Result<Change, Unknown>>,
    ) -> Result<(), Unknown> {
        self.known()?;
        let changed = self.set_all(changes);
        self.settle(changed)
    }

    /// Adds a signed quantity to one level.
    pub fn add(&mut self, side: BookSide, price: Price, delta: Quantity) -> Result<(), Unknown> {
        self.known()?;
        let added = self.add_to(side, price, delta);
        self.settle(added)
    }

    /// Nothing may be priced from it until a whole book comes. The first reason stays.
    pub fn lose(&mut self, why: Unknown) {
        self.unknown.get_or_insert(why);
    }

    /// Why it is unknown.
    pub fn known(&self) -> Result<(), Unknown> {
        self.unknown.map_or(Ok(()), Err)
    }

    /// The book of its own outcome; `heard_ns` is when its connection last spoke.
    #[must_use]
    pub fn view(&self, heard_ns: u64) -> BookView<'_> {
        let Self { bids, mirrored_asks, unknown, .. } = self;
        BookView { bids, mirrored_asks, unknown: *unknown, heard_ns }
    }

    /// The book of the other outcome.
    #[must_use]
    pub fn mirrored(&self, heard_ns: u64) -> BookView<'_> {
        let Self { bids, mirrored_asks, unknown, .. } = self;
        BookView { bids: mirrored_asks, mirrored_asks: bids, unknown: *unknown, heard_ns }
    }

    /// Every level of a side with its decimals, the best last: as venues write them.
    pub fn written(&self, side: BookSide) -> impl Iterator<Item = Change> {
        self.ladder(side).worst_first().map(move |Rung { price, quantity, decimals }| Change {
            side,
            price: mirrored_if(side, Price::from_counts(price.into())),
            quantity: Quantity::from_counts(quantity.into()),
            decimals,
        })
    }

    fn fill(
        &mut self,
        levels: impl Iterator<Item = Result<Change, Unknown>>,
    ) -> Result<(), Unknown> {
        for level in levels {
            let level = level?;
            let rung = self.rung(&level)?;
            if self.ladder(level.side).quantity_at(rung.price) != 0 {
                return Err(Unknown::LevelTwice);
            }
            self.ladder_mut(level.side).set(rung);
        }
        Ok(())
    }

    fn set_all(
        &mut self,
        changes: impl Iterator<Item = Result<Change, Unknown>>,
    ) -> Result<(), Unknown> {
        for change in changes {
            let change = change?;
            let rung = self.rung(&change)?;
            self.ladder_mut(change.side).set(rung);
        }
        Ok(())
    }

    fn add_to(&mut self, side: BookSide, price: Price, delta: Quantity) -> Result<(), Unknown> {
        let price = self.rung_price(side, price)?;
        let delta = i64::try_from(delta.counts()).map_err(|_| Unknown::QuantityTooLarge)?;
        let ladder = self.ladder_mut(side);
        let left = ladder.quantity_at(price).checked_add(delta).ok_or(Unknown::QuantityTooLarge)?;
        if left < 0 {
            return Err(Unknown::NegativeQuantity);
        }
        ladder.set(Rung { price, quantity: left, decimals: Decimals::default() });
        Ok(())
    }

    /// What the last message made of the book.
    fn settle(&mut self, taken: Result<(), Unknown>) -> Result<(), Unknown> {
        let is_crossed = crosses(&self.bids, &self.mirrored_asks);
        let settled = taken.and(if is_crossed { Err(Unknown::Crossed) } else { Ok(()) });
        self.unknown = settled.err();
        settled
    }

    fn rung(&self, change: &Change) -> Result<Rung, Unknown> {
        let price = self.rung_price(change.side, change.price)?;
        let quantity = change.quantity.counts();
        if quantity < 0 {
            return Err(Unknown::NegativeQuantity);
        }
        let quantity = i64::try_from(quantity).map_err(|_| Unknown::QuantityTooLarge)?;
        Ok(Rung { price, quantity, decimals: change.decimals })
    }

    fn rung_price(&self, side: BookSide, price: Price) -> Result<i64, Unknown> {
        if !self.grid.is_legal(price) {
            return Err(Unknown::OffGrid);
        }
        i64::try_from(mirrored_if(side, price).counts()).map_err(|_| Unknown::OffGrid)
    }

    fn ladder(&self, side: BookSide) -> &Ladder {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.mirrored_asks,
        }
    }

    fn ladder_mut(&mut self, side: BookSide) -> &mut Ladder {
        match side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.mirrored_asks,
        }
    }
}

/// The price of the other outcome, and back.
fn mirror(price: Price) -> Price {
    Price::from_counts(ONE - price.counts())
}

fn mirrored_if(side: BookSide, price: Price) -> Price {
    match side {
        BookSide::Bid => price,
        BookSide::Ask => mirror(price),
    }
}

/// A bid for each outcome that together pay a dollar or more should have traded with each other.
fn crosses(one: &Ladder, other: &Ladder) -> bool {
    let both = one.best().zip(other.best());
    both.is_some_and(|(one, other)| i128::from(one.price) + i128::from(other.price) >= ONE)
}

/// One outcome's book.
#[derive(Clone, Copy, Debug)]
pub struct BookView<'a> {
    bids: &'a Ladder,
    mirrored_asks: &'a Ladder,
    unknown: Option<Unknown>,
    heard_ns: u64,
}

impl<'a> BookView<'a> {
    /// Best bid and best offer, with when the connection last spoke.
    pub fn top(&self) -> Result<Top, Unknown> {
        self.unknown.map_or(Ok(()), Err)?;
        let (bid, bid_quantity) = best(self.bids);
        let (other, ask_quantity) = best(self.mirrored_asks);
        let is_offered = ask_quantity > Quantity::ZERO;
        let ask = if is_offered { mirror(other) } else { Price::ZERO };
        Ok(Top { bid, bid_quantity, ask, ask_quantity, heard_ns: self.heard_ns })
    }

    /// What can be bought.
    pub fn offers(&self) -> Result<Offers<'a>, Unknown> {
        self.unknown.map_or(Ok(Offers(self.mirrored_asks)), Err)
    }

    /// The same book, of which something is known that makes it no good.
    #[must_use]
    pub fn lost(self, why: Unknown) -> Self {
        Self { unknown: self.unknown.or(Some(why)), ..self }
    }

    /// When its connection last spoke, on the monotonic clock; 0: never.
    #[must_use]
    pub fn heard_ns(&self) -> u64 {
        self.heard_ns
    }
}

fn best(ladder: &Ladder) -> (Price, Quantity) {
    ladder.best().map_or_else(Default::default, |rung| {
        (Price::from_counts(rung.price.into()), Quantity::from_counts(rung.quantity.into()))
    })
}
