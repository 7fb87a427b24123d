//! The books of everything that is followed, as the stream's events build them; knows events, not
//! sockets. `venues/polymarket/token-books.ts` is the twin.

use std::collections::HashMap;

use super::message::{Event, FullBook, PriceChange, TickSizeChange};
use super::token_book::TokenBook;
use crate::amount::Price;
use crate::books::{BookView, Grid, Unknown};
use crate::feeds::FeedCounts;

/// What an event hardly ever has more of: there is room for these from the start.
const LEVELS_USUAL: usize = 64;

/// A token's number in this feed. It is never given again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TokenKey(usize);

/// What is followed.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// The condition.
    pub market: &'a str,
    /// The decimal uint256.
    pub asset_id: &'a str,
}

pub(super) struct Followed {
    market: Box<str>,
    pub asset_id: Box<str>,
    book: TokenBook,
    /// That of the grid.
    tick: Price,
    /// That which the venue has changed it to since.
    new_tick: Option<Price>,
    /// When its whole book was asked for last.
    pub asked_ns: u64,
}

#[derive(Default)]
pub(super) struct TokenBooks {
    tokens: Vec<Option<Followed>>,
    by_asset: HashMap<Box<str>, TokenKey>,
    /// Whose book, or trust in it, the last events have changed.
    pub changed: Vec<TokenKey>,
    /// Tokens of markets that are over: nothing more is to be said of them.
    pub gone: Vec<Box<str>>,
    pub counts: FeedCounts,
    /// Whose levels an event has, and where; kept for its room.
    of_event: Vec<(TokenKey, usize)>,
}

impl TokenBooks {
    /// The token's number, and whether its whole book has to be asked for: it is new, or was known
    /// under another grid and starts again.
    pub fn follow(&mut self, token: Token<'_>, grid: Grid) -> (TokenKey, bool) {
        let fresh = Followed::new(token, grid);
        let Some(key) = self.by_asset.get(token.asset_id).copied() else {
            return (self.add(fresh), true);
        };
        let known = self.tokens.get_mut(key.0).and_then(Option::as_mut);
        let other = known.filter(|known| known.tick != fresh.tick);
        let is_other = other.is_some();
        if let Some(known) = other {
            *known = fresh;
        }
        (key, is_other)
    }

    /// A market whose tick has changed is not priced: our orders would be off its grid.
    pub fn book(&self, key: TokenKey, heard_ns: u64) -> Option<BookView<'_>> {
        let followed = self.tokens.get(key.0)?.as_ref()?;
        let view = followed.book.book().view(heard_ns);
        Some(if followed.new_tick.is_some() { view.lost(Unknown::TickChanged) } else { view })
    }

    pub fn apply(&mut self, event: &Event<'_>) {
        match event {
            Event::Book(full) => self.replace(full),
            Event::PriceChange(change) => self.change(change),
            Event::TickSizeChange(change) => self.set_tick(change),
            Event::MarketResolved(resolved) => self.forget(resolved.market),
            Event::Other => self.counts.ignored += 1,
        }
    }

    /// What was said cannot be told: it may have been a change of any token.
    pub fn unreadable(&mut self) {
        self.counts.unreadable += 1;
        self.lose_all(Unknown::Unreadable);
    }

    pub fn lose_all(&mut self, why: Unknown) {
        for (index, followed) in self.tokens.iter_mut().enumerate() {
            let Some(followed) = followed else { continue };
            if followed.book.book().known().is_ok() {
                followed.book.lose(why);
                self.changed.push(TokenKey(index));
            }
        }
    }

    pub fn forget(&mut self, market: &str) {
        for (index, slot) in self.tokens.iter_mut().enumerate() {
            if let Some(over) = slot.take_if(|followed| &*followed.market == market) {
                self.by_asset.remove(&over.asset_id);
                self.gone.push(over.asset_id);
                self.changed.push(TokenKey(index));
            }
        }
    }

    pub fn all(&mut self) -> impl Iterator<Item = &mut Followed> {
        self.tokens.iter_mut().flatten()
    }

    fn add(&mut self, fresh: Followed) -> TokenKey {
        let key = TokenKey(self.tokens.len());
        self.by_asset.insert(fresh.asset_id.clone(), key);
        self.tokens.push(Some(fresh));
        self.changed.reserve(self.tokens.len());
        self.of_event.reserve(LEVELS_USUAL);
        key
    }

    fn replace(&mut self, full: &FullBook<'_>) {
        let Some((key, followed)) = self.find(full.asset_id) else { return };
        let replaced = followed.book.replace(full);
        self.touched(key, replaced);
    }

    /// One event may be of several tokens; each is changed by all of its levels at once, in their
    /// order. An event is as long as the venue likes, so that no level is compared with every other.
    fn change(&mut self, event: &PriceChange<'_>) {
        let mut of_event = std::mem::take(&mut self.of_event);
        let levels = event.levels().enumerate();
        of_event.extend(levels.filter_map(|(at, level)| Some((self.key(level.asset_id)?, at))));
        of_event.sort_unstable();
        for of_token in of_event.chunk_by(|one, next| one.0 == next.0) {
            let Some((key, _)) = of_token.first().copied() else { continue };
            let Some(followed) = self.tokens.get_mut(key.0).and_then(Option::as_mut) else {
                continue;
            };
            let levels = of_token.iter().filter_map(|(_, at)| event.level(*at));
            let changed = followed.book.change(levels, event.timestamp);
            self.touched(key, changed);
        }
        of_event.clear();
        self.of_event = of_event;
    }

    fn set_tick(&mut self, change: &TickSizeChange<'_>) {
        let Some((key, followed)) = self.find(change.asset_id) else { return };
        followed.new_tick = Some(change.tick()).filter(|tick| *tick != followed.tick);
        self.touched(key, Ok(()));
    }

    fn find(&mut self, asset_id: &str) -> Option<(TokenKey, &mut Followed)> {
        let key = self.key(asset_id)?;
        self.tokens.get_mut(key.0)?.as_mut().map(|followed| (key, followed))
    }

    fn key(&self, asset_id: &str) -> Option<TokenKey> {
        self.by_asset.get(asset_id).copied()
    }

    fn touched(&mut self, key: TokenKey, done: Result<(), Unknown>) {
        self.counts.gaps += u64::from(done.is_err());
        if !self.changed.contains(&key) {
            self.changed.push(key);
        }
    }
}

impl Followed {
    fn new(token: Token<'_>, grid: Grid) -> Self {
        Self {
            market: token.market.into(),
            asset_id: token.asset_id.into(),
            tick: grid.tick_at(grid.lowest()).unwrap_or_default(), // a grid has its lowest price
            book: TokenBook::new(grid),
            new_tick: None,
            asked_ns: 0,
        }
    }

    /// Its whole book is wanted; one that would come under another grid is not.
    pub fn is_lost(&self) -> bool {
        self.book.book().known().is_err() && self.new_tick.is_none()
    }
}
