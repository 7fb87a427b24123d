//! A book against the plainest model of one, and the states that cannot be.

#[path = "support/market_data.rs"]
mod market_data;

use std::collections::BTreeMap;

use legwork_engine_core::amount::{ONE, Price, Quantity};
use legwork_engine_core::books::{Book, BookSide, Change, Decimals, Unknown};
use market_data::{HEARD_NS, cents, of};
use proptest::prelude::*;

const CENT: i128 = 10_000_000;

fn change(side: BookSide, cents: i128, hundredths: i128) -> Change {
    Change {
        side,
        price: Price::from_counts(cents * CENT),
        quantity: Quantity::from_counts(hundredths * CENT),
        decimals: Decimals::default(),
    }
}

fn book(levels: &[Change]) -> Book {
    let mut book = Book::new(cents());
    book.replace(levels.iter().copied().map(Ok)).expect("a book");
    book
}

/// Bids and asks by price, in cents and hundredths of a contract.
#[derive(Clone, Debug, Default)]
struct Model {
    bids: BTreeMap<i128, i128>,
    asks: BTreeMap<i128, i128>,
}

impl Model {
    fn side(&mut self, side: BookSide) -> &mut BTreeMap<i128, i128> {
        if side == BookSide::Bid { &mut self.bids } else { &mut self.asks }
    }

    fn set(&mut self, side: BookSide, cents: i128, hundredths: i128) {
        self.side(side).insert(cents, hundredths);
        self.side(side).retain(|_, left| *left > 0);
    }

    fn is_crossed(&self) -> bool {
        let best = self.bids.keys().next_back().zip(self.asks.keys().next());
        best.is_some_and(|(bid, ask)| bid >= ask)
    }

    fn offers(&self) -> Vec<(i128, i128)> {
        self.asks.iter().map(|(cents, quantity)| (*cents, *quantity)).collect()
    }

    fn mirrored_offers(&self) -> Vec<(i128, i128)> {
        self.bids.iter().rev().map(|(cents, quantity)| (100 - cents, *quantity)).collect()
    }
}

fn any_side() -> impl Strategy<Value = BookSide> {
    prop_oneof![Just(BookSide::Bid), Just(BookSide::Ask)]
}

/// (is it a signed delta?, side, cents, hundredths)
fn any_change() -> impl Strategy<Value = (bool, BookSide, i128, i128)> {
    let cents = prop_oneof![4 => 40_i128..60, 1 => 1_i128..100];
    (any::<bool>(), any_side(), cents, -30_i128..60)
}

fn shown(levels: impl Iterator<Item = legwork_engine_core::books::Level>) -> Vec<(i128, i128)> {
    levels.map(|level| (level.price.counts() / CENT, level.quantity.counts() / CENT)).collect()
}

proptest! {
    #[test]
    fn after_any_changes_a_book_is_what_the_plainest_model_says(
        changes in prop::collection::vec(any_change(), 1..80),
    ) {
        let (mut book, mut model) = (book(&[]), Model::default());
        for (is_delta, side, cents, hundredths) in changes {
            let before = model.side(side).get(&cents).copied().unwrap_or(0);
            let after = if is_delta { before + hundredths } else { hundredths };
            let done = if is_delta {
                let Change { price, quantity, .. } = change(side, cents, hundredths);
                book.add(side, price, quantity)
            } else {
                book.change([Ok(change(side, cents, hundredths))].into_iter())
            };
            let mut next = model.clone();
            next.set(side, cents, after);
            if after < 0 || next.is_crossed() {
                let why = if after < 0 { Unknown::NegativeQuantity } else { Unknown::Crossed };
                prop_assert_eq!(done, Err(why));
                prop_assert_eq!(book.view(HEARD_NS).top(), Err(why));
                // Whatever comes after says nothing until a whole book does.
                prop_assert_eq!(book.add(BookSide::Bid, of("0.01"), of("1")), Err(why));
                let model = model.clone();
                let bids = model.bids.iter().map(|(cents, left)| change(BookSide::Bid, *cents, *left));
                let asks = model.asks.iter().map(|(cents, left)| change(BookSide::Ask, *cents, *left));
                prop_assert_eq!(book.replace(bids.chain(asks).map(Ok)), Ok(()));
            } else {
                prop_assert_eq!(done, Ok(()));
                model = next;
            }
            let offers = book.view(HEARD_NS).offers().expect("known");
            prop_assert_eq!(shown(offers.levels()), model.offers());
            let mirrored = book.mirrored(HEARD_NS).offers().expect("known");
            prop_assert_eq!(shown(mirrored.levels()), model.mirrored_offers());
            let top = book.view(HEARD_NS).top().expect("known");
            let best = |side: Option<(&i128, &i128)>| side.map_or((0, 0), |(at, of)| (*at, *of));
            let seen = |price: Price, quantity: Quantity| (price.counts() / CENT, quantity.counts() / CENT);
            prop_assert_eq!(seen(top.bid, top.bid_quantity), best(model.bids.iter().next_back()));
            prop_assert_eq!(seen(top.ask, top.ask_quantity), best(model.asks.iter().next()));
        }
    }

    #[test]
    fn a_walk_takes_the_cheapest_first_and_no_more_than_its_limit(
        asks in prop::collection::btree_map(1_i128..100, 1_i128..500, 0..10),
        most in 0_i128..3_000,
        limit in 0_i128..101,
    ) {
        let levels: Vec<_> =
            asks.iter().map(|(cents, left)| change(BookSide::Ask, *cents, *left)).collect();
        let book = book(&levels);
        let limit_price = Price::from_counts(limit * CENT);
        let offers = book.view(HEARD_NS).offers().expect("known");
        let walk = offers.walk(Quantity::from_counts(most * CENT), limit_price);
        let (mut left, mut cost, mut worst) = (most, 0, None);
        for (cents, rests) in asks.iter().filter(|(cents, _)| **cents <= limit) {
            let taken = left.min(*rests);
            if taken > 0 {
                cost += cents * taken; // ten-thousandths of a dollar
                worst = Some(*cents);
            }
            left -= taken;
        }
        prop_assert_eq!(walk.map(|walk| walk.worst_price.counts() / CENT), worst);
        let Some(walk) = walk else { return Ok(()) };
        prop_assert_eq!(walk.quantity.counts(), (most - left) * CENT);
        prop_assert_eq!(walk.cost.counts(), cost * CENT / 100);
        let average = walk.average_price.counts();
        prop_assert!(average * walk.quantity.counts() >= walk.cost.counts() * ONE);
        prop_assert!((average - 1) * walk.quantity.counts() < walk.cost.counts() * ONE);
    }
}

#[test]
fn a_book_that_cannot_be_is_unknown_and_says_why() {
    let bid = |cents, hundredths| Ok(change(BookSide::Bid, cents, hundredths));
    let off_grid = Change { price: of("0.455"), ..change(BookSide::Bid, 45, 1) };
    let huge = Change { quantity: of("9223372037"), ..change(BookSide::Bid, 45, 1) };
    for (levels, why) in [
        (vec![bid(45, 1), bid(45, 2)], Unknown::LevelTwice),
        (vec![bid(45, -1)], Unknown::NegativeQuantity),
        (vec![bid(0, 1)], Unknown::OffGrid),
        (vec![bid(100, 1)], Unknown::OffGrid),
        (vec![Ok(off_grid)], Unknown::OffGrid),
        (vec![Ok(huge)], Unknown::QuantityTooLarge),
        (vec![bid(45, 1), Err(Unknown::Unreadable)], Unknown::Unreadable),
        (vec![bid(45, 1), Ok(change(BookSide::Ask, 45, 1))], Unknown::Crossed),
    ] {
        let mut book = book(&[change(BookSide::Ask, 50, 1)]);
        assert_eq!(book.replace(levels.into_iter()), Err(why));
        assert_eq!(book.view(HEARD_NS).top(), Err(why));
        assert_eq!(book.mirrored(HEARD_NS).offers().err(), Some(why));
        assert_eq!(book.replace([bid(45, 1)].into_iter()), Ok(()), "a whole book makes it good");
    }
}

#[test]
fn a_level_that_grows_beyond_what_can_be_counted_makes_the_book_unknown() {
    let mut book = book(&[]);
    let most = Quantity::from_counts(i64::MAX.into());
    assert_eq!(book.add(BookSide::Bid, of("0.45"), most), Ok(()));
    let one = Quantity::from_counts(1);
    assert_eq!(book.add(BookSide::Bid, of("0.45"), one), Err(Unknown::QuantityTooLarge));
    assert_eq!(book.known(), Err(Unknown::QuantityTooLarge));
}

#[test]
fn between_the_changes_of_one_message_a_book_may_look_crossed() {
    let mut book = book(&[change(BookSide::Bid, 45, 1), change(BookSide::Ask, 46, 1)]);
    let moved = [change(BookSide::Bid, 46, 1), change(BookSide::Ask, 46, 0)];
    assert_eq!(book.change(moved.into_iter().map(Ok)), Ok(()));
    assert_eq!(book.view(HEARD_NS).top().map(|top| top.bid), Ok(of("0.46")));
}

#[test]
fn the_first_reason_stays_until_a_whole_book_comes() {
    let mut book = Book::new(cents());
    book.lose(Unknown::Gap);
    assert_eq!(book.known(), Err(Unknown::NoSnapshot));
    assert_eq!(book.replace(std::iter::empty()), Ok(()));
    book.lose(Unknown::Disconnected);
    book.lose(Unknown::Gap);
    assert_eq!(book.known(), Err(Unknown::Disconnected));
}
