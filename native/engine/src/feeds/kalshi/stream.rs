//! The books of one `orderbook_delta` subscription; knows frames, not sockets.
//! `venues/kalshi/book-stream.ts` is the twin.
//!
//! 1. Every frame of the subscription counts one up in `seq`, answers to commands too. A hole may hide
//!    a change of any market: all are unknown until the venue has sent their snapshots again.
//! 2. A snapshot replaces a book. A delta adds to one level; one that takes more than rests there
//!    means that we have the book wrong.
//! 3. Between two connections every book is unknown.

use std::collections::HashMap;

use super::message::{BidFor, Delta, Frame, Message, Snapshot};
use crate::amount::{ONE, Price};
use crate::books::{Book, BookSide, Change, Decimals, Grid, Unknown};

/// A market's number in this feed. It is never given again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MarketKey(pub(super) usize);

pub(super) struct Followed {
    pub ticker: Box<str>,
    pub book: Book,
    /// Its snapshot was asked for again and has not come.
    pub is_awaited: bool,
    /// Its last snapshot could not be a book: asking at once would get the same again.
    pub is_refused: bool,
    /// The venue did not know it when it was asked last: nothing of it is subscribed to.
    pub is_unlisted: bool,
}

impl Followed {
    fn new(ticker: Box<str>, grid: Grid) -> Self {
        let (is_awaited, is_refused, is_unlisted) = (false, false, false);
        Self { ticker, book: Book::new(grid), is_awaited, is_refused, is_unlisted }
    }
}

/// What a frame did besides changing books.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Step {
    pub is_gap: bool,
    pub is_unreadable: bool,
    pub is_ignored: bool,
}

#[derive(Default)]
pub(super) struct Stream {
    markets: Vec<Option<Followed>>,
    by_ticker: HashMap<Box<str>, MarketKey>,
    /// Whose book, or trust in it, the last frame has changed.
    pub changed: Vec<MarketKey>,
    pub sid: Option<i64>,
    seq: Option<i64>,
}

impl Stream {
    /// The market's number, and whether it is new.
    pub fn follow(&mut self, ticker: &str, grid: Grid) -> (MarketKey, bool) {
        if let Some(known) = self.by_ticker.get(ticker) {
            return (*known, false);
        }
        let key = MarketKey(self.markets.len());
        let ticker = Box::<str>::from(ticker);
        self.by_ticker.insert(ticker.clone(), key);
        self.markets.push(Some(Followed::new(ticker, grid)));
        self.changed.reserve(self.markets.len());
        (key, true)
    }

    /// Whether it is followed by other prices than these.
    pub fn has_other_grid(&self, ticker: &str, grid: &Grid) -> bool {
        let known = self.by_ticker.get(ticker).and_then(|key| self.find(*key));
        known.is_some_and(|known| known.book.grid() != grid)
    }

    /// Nothing more is expected of it. `true`: it may be subscribed to.
    pub fn drop_market(&mut self, ticker: &str) -> bool {
        let Some(MarketKey(index)) = self.by_ticker.remove(ticker) else { return false };
        let dropped = self.markets.get_mut(index).and_then(Option::take);
        dropped.is_some_and(|market| !market.is_unlisted)
    }

    /// What the venue has said of these: no snapshot is waited for of what it does not know.
    pub fn set_unlisted(&mut self, tickers: &[Box<str>], is_unlisted: bool) {
        for ticker in tickers {
            let Some((_, market)) = self.market(ticker) else { continue };
            market.is_unlisted = is_unlisted;
            market.is_awaited &= !is_unlisted;
        }
    }

    pub fn is_unlisted(&self, ticker: &str) -> bool {
        let key = self.by_ticker.get(ticker);
        key.and_then(|key| self.find(*key)).is_some_and(|market| market.is_unlisted)
    }

    pub fn unlisted(&self) -> u64 {
        self.followed().map(|(_, market)| u64::from(market.is_unlisted)).sum()
    }

    pub fn find(&self, MarketKey(index): MarketKey) -> Option<&Followed> {
        self.markets.get(index)?.as_ref()
    }

    /// A new subscription; its first frame says where `seq` starts.
    pub fn start(&mut self, sid: i64) {
        (self.sid, self.seq) = (Some(sid), None);
    }

    /// The connection is gone, and with it all that we knew of its order of frames.
    pub fn stop(&mut self) {
        self.sid = None;
        self.changed.clear();
        self.lose_all(Unknown::Disconnected);
        for market in self.markets.iter_mut().flatten() {
            (market.is_awaited, market.is_refused) = (false, false);
        }
    }

    /// Applies a frame of this subscription; others say nothing of its books.
    pub fn take(&mut self, frame: &Frame<'_>) -> Step {
        if frame.sid().is_none() || frame.sid() != self.sid {
            return Step { is_ignored: true, ..Step::default() };
        }
        let is_hole = !self.is_in_order(frame.seq());
        if is_hole {
            self.lose_all(Unknown::Gap);
            self.await_all();
        }
        let step = match frame.message() {
            Ok(Message::Snapshot(snapshot)) => self.replace(&snapshot),
            Ok(Message::Delta(delta)) => self.change(&delta),
            Ok(_) => Step { is_ignored: true, ..Step::default() },
            Err(_) => self.unreadable(),
        };
        Step { is_gap: is_hole || step.is_gap, ..step }
    }

    /// What was said cannot be told: it may have been a change of any market.
    pub fn unreadable(&mut self) -> Step {
        self.lose_all(Unknown::Unreadable);
        self.await_all();
        Step { is_unreadable: true, ..Step::default() }
    }

    /// Tickers of those markets, for the venue.
    pub fn named(&self, is_meant: impl Fn(&Followed) -> bool) -> Vec<Box<str>> {
        let meant = self.followed().filter(|(_, market)| is_meant(market));
        meant.map(|(_, market)| market.ticker.clone()).collect()
    }

    /// Snapshots that could not be books are asked for once more.
    pub fn await_refused(&mut self) -> Vec<Box<str>> {
        let refused = self.named(|market| market.is_refused);
        for market in self.markets.iter_mut().flatten() {
            market.is_refused = false;
        }
        refused
    }

    fn is_in_order(&mut self, seq: Option<i64>) -> bool {
        let Some(seq) = seq else { return true };
        let is_next = self.seq.is_none_or(|last| seq == last + 1);
        self.seq = Some(seq);
        is_next
    }

    fn replace(&mut self, snapshot: &Snapshot<'_>) -> Step {
        let Some((key, market)) = self.market(snapshot.market_ticker) else {
            return Step::default();
        };
        let levels = snapshot.levels().filter(|(_, _, quantity)| quantity.counts() != 0);
        let replaced = market.book.replace(levels.map(|(side, price, quantity)| {
            let (side, price) = rests(side, price);
            Ok(Change { side, price, quantity, decimals: Decimals::default() })
        }));
        market.is_awaited = false;
        market.is_refused = replaced.is_err();
        self.changed.push(key);
        Step { is_gap: replaced.is_err(), ..Step::default() }
    }

    fn change(&mut self, delta: &Delta<'_>) -> Step {
        let Some((key, market)) = self.market(delta.market_ticker) else { return Step::default() };
        if market.book.known().is_err() {
            return Step::default(); // its snapshot is on the way and has this in it
        }
        let (side, price) = rests(delta.side, delta.price());
        let changed = market.book.add(side, price, delta.quantity());
        market.is_awaited |= changed.is_err();
        self.changed.push(key);
        Step { is_gap: changed.is_err(), ..Step::default() }
    }

    fn lose_all(&mut self, why: Unknown) {
        for (index, market) in self.markets.iter_mut().enumerate() {
            let Some(market) = market else { continue };
            if market.book.known().is_ok() {
                market.book.lose(why);
                self.changed.push(MarketKey(index));
            }
        }
    }

    /// A first snapshot may have been lost as well.
    fn await_all(&mut self) {
        for market in self.markets.iter_mut().flatten() {
            market.is_awaited = !market.is_unlisted;
        }
    }

    fn market(&mut self, ticker: &str) -> Option<(MarketKey, &mut Followed)> {
        let key = *self.by_ticker.get(ticker)?;
        self.markets.get_mut(key.0)?.as_mut().map(|market| (key, market))
    }

    fn followed(&self) -> impl Iterator<Item = (MarketKey, &Followed)> {
        let numbered = self.markets.iter().enumerate();
        numbered.filter_map(|(index, market)| Some((MarketKey(index), market.as_ref()?)))
    }
}

/// A bid for NO at p is an offer of YES at 1 − p.
fn rests(side: BidFor, price: Price) -> (BookSide, Price) {
    match side {
        BidFor::Yes => (BookSide::Bid, price),
        BidFor::No => (BookSide::Ask, Price::from_counts(ONE - price.counts())),
    }
}
