//! One token's book as the stream builds it: a whole book, then absolute sizes level by level.
//! `venues/polymarket/token-book.ts` is the twin.
//!
//! 1. Sizes are absolute; "0" takes a level away.
//! 2. The venue sends no sequence. A crossed book, or a hash that is not ours, means that a message is
//!    missing.
//! 3. A hash is believed only after the whole book's own hash and one change's were recomputed: what
//!    exactly a change's hash covers is not documented, and a recipe that fails would prove nothing.

use super::book_hash::Summary;
use super::message::{FullBook, LevelChange};
use crate::books::{Book, Grid, Unknown};

/// Whether a change's hash says anything: it does once one of them was ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum HashUse {
    Untried,
    Ours,
    NotOurs,
}

pub(super) struct TokenBook {
    book: Book,
    summary: Summary,
    hash_use: HashUse,
}

impl TokenBook {
    pub fn new(grid: Grid) -> Self {
        Self { book: Book::new(grid), summary: Summary::default(), hash_use: HashUse::Untried }
    }

    pub fn book(&self) -> &Book {
        &self.book
    }

    pub fn lose(&mut self, why: Unknown) {
        self.book.lose(why);
    }

    /// Takes a whole book in place of whatever was there.
    pub fn replace(&mut self, full: &FullBook<'_>) -> Result<(), Unknown> {
        self.summary = Summary::of(full);
        let replaced = self.book.replace(full.levels());
        let hash = self.summary.hash(&self.book, full.timestamp);
        let is_ours = full.hash.is_some_and(|told| told.as_bytes() == hash);
        self.hash_use = match self.hash_use {
            _ if !is_ours => HashUse::NotOurs,
            HashUse::NotOurs => HashUse::Untried,
            known => known,
        };
        replaced
    }

    /// Applies one event's levels of this token; without a whole book there is nothing to apply them to.
    pub fn change<'a>(
        &mut self,
        levels: impl DoubleEndedIterator<Item = &'a LevelChange<'a>> + Clone,
        timestamp: &str,
    ) -> Result<(), Unknown> {
        let told = levels.clone().next_back().and_then(|level| level.hash);
        self.book.change(levels.map(LevelChange::change))?;
        if self.is_strange(told, timestamp) {
            self.book.lose(Unknown::HashStrange);
        }
        self.book.known()
    }

    fn is_strange(&mut self, told: Option<&str>, timestamp: &str) -> bool {
        let Some(told) = told.filter(|hash| !hash.is_empty()) else { return false };
        if self.hash_use == HashUse::NotOurs {
            return false;
        }
        let is_ours = told.as_bytes() == self.summary.hash(&self.book, timestamp);
        let was_ours = self.hash_use == HashUse::Ours;
        self.hash_use = if is_ours || was_ours { HashUse::Ours } else { HashUse::NotOurs };
        !is_ours && was_ours
    }
}
