//! Polymarket's books by its market channel: both outcomes' tokens on one connection.
//! `venues/polymarket/feed.ts` and `token-books.ts` are the twins.
//!
//! 1. A whole book comes with every subscription; changes carry absolute sizes and no sequence.
//! 2. After a lost connection, a cross or a strange hash a book is unknown until a whole one comes. It
//!    is asked for on the same stream, at most once a second: an answer by REST could be older than a
//!    change that the stream has brought already.
//! 3. A market whose tick has changed is unknown until it is followed with its new grid.
//! 4. A resolved market is forgotten.

mod book_hash;
pub mod message;
mod token_book;
mod token_books;

use std::collections::VecDeque;

use self::message::read;
use self::token_books::TokenBooks;
pub use self::token_books::{Token, TokenKey};
use super::json::list;
use super::line::{Due, Line, LineState};
use super::{FeedCounts, Outgoing};
use crate::books::{BookView, Grid, Unknown};

/// The least time between two requests for the whole book of one token.
const REBOOK_NS: u64 = 1_000_000_000;
/// The venue asks for the text PING at least every 10 s.
const TEXT_PING_NS: u64 = 10_000_000_000;
const PONG: &str = "PONG";

/// The feed's state. It belongs to the thread that owns its books.
#[derive(Default)]
pub struct PolymarketFeed {
    line: Line,
    books: TokenBooks,
    outgoing: VecDeque<Outgoing>,
    polled_ns: u64,
    text_pinged_ns: u64,
}

impl PolymarketFeed {
    /// Nothing followed, no connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a token; one that is known under another grid starts again with this one.
    pub fn follow(&mut self, token: Token<'_>, grid: Grid) -> TokenKey {
        let (key, is_wanted) = self.books.follow(token, grid);
        if is_wanted {
            // A token that is subscribed to already sends its whole book only when it is anew.
            self.say("unsubscribe", &[token.asset_id.into()]);
            self.say("subscribe", &[token.asset_id.into()]);
        }
        key
    }

    /// The market (a condition) is over, or nobody trades it any more.
    pub fn forget(&mut self, market: &str) {
        self.books.forget(market);
        self.let_go();
    }

    /// A new connection is open: what is wanted is said again.
    pub fn opened(&mut self, now_ns: u64) {
        self.line.open(now_ns);
        self.outgoing.clear();
        self.text_pinged_ns = now_ns;
        let mut wanted = Vec::new();
        for followed in self.books.all() {
            followed.asked_ns = now_ns;
            wanted.push(followed.asset_id.clone());
        }
        let (tokens, rest) = (list(&wanted), r#""type":"market","custom_feature_enabled":true"#);
        self.outgoing.push_back(Outgoing::Text(format!(r#"{{"assets_ids":{tokens},{rest}}}"#)));
    }

    /// The connection is gone: every book is unknown. Returns those that were not.
    pub fn closed(&mut self) -> &[TokenKey] {
        self.line.close();
        self.outgoing.clear();
        self.books.changed.clear();
        self.books.lose_all(Unknown::Disconnected);
        &self.books.changed
    }

    /// A ping or a pong.
    pub fn heard(&mut self, now_ns: u64) {
        self.line.hear(now_ns);
    }

    /// One text frame. Returns the tokens whose book, or whose trust in it, changed.
    pub fn take(&mut self, text: &str, now_ns: u64) -> &[TokenKey] {
        self.line.hear(now_ns);
        self.books.changed.clear();
        if text == PONG {
            return &self.books.changed;
        }
        let FeedCounts { gaps, unreadable, .. } = self.books.counts;
        let is_read = read(text, |event| match event {
            Ok(event) => self.books.apply(&event),
            Err(_) => self.books.unreadable(),
        });
        if is_read.is_err() {
            self.books.unreadable();
        }
        if (self.books.counts.gaps, self.books.counts.unreadable) != (gaps, unreadable) {
            self.ask_lost(now_ns);
        }
        self.let_go();
        &self.books.changed
    }

    /// What time alone brings: pings, whole books that are still wanted, the end of a connection that
    /// does not answer.
    pub fn poll(&mut self, now_ns: u64) {
        match self.line.due(now_ns) {
            Some(Due::Ping) => self.outgoing.push_back(Outgoing::Ping),
            Some(Due::GiveUp) => self.outgoing.push_back(Outgoing::Reconnect),
            None => {}
        }
        if self.line.is_open() && now_ns.saturating_sub(self.text_pinged_ns) >= TEXT_PING_NS {
            self.text_pinged_ns = now_ns;
            self.outgoing.push_back(Outgoing::Text("PING".into()));
        }
        if now_ns.saturating_sub(self.polled_ns) >= REBOOK_NS {
            self.polled_ns = now_ns;
            self.ask_lost(now_ns);
        }
    }

    /// What is to be done next on the connection.
    pub fn next_outgoing(&mut self) -> Option<Outgoing> {
        self.outgoing.pop_front()
    }

    /// A token's book; `None`: it is not followed (any more).
    #[must_use]
    pub fn book(&self, key: TokenKey) -> Option<BookView<'_>> {
        self.books.book(key, self.line.heard_ns())
    }

    /// How the connection stands.
    #[must_use]
    pub fn state(&self, now_ns: u64) -> LineState {
        self.line.state(now_ns)
    }

    /// What was not as hoped.
    #[must_use]
    pub fn counts(&self) -> FeedCounts {
        self.books.counts
    }

    /// Asks for the whole books that are wanted, but for those that were asked for just now.
    fn ask_lost(&mut self, now_ns: u64) {
        if !self.line.is_open() {
            return;
        }
        let mut lost = Vec::new();
        for followed in self.books.all() {
            if followed.is_lost() && now_ns.saturating_sub(followed.asked_ns) >= REBOOK_NS {
                followed.asked_ns = now_ns;
                lost.push(followed.asset_id.clone());
            }
        }
        self.say("unsubscribe", &lost);
        self.say("subscribe", &lost);
    }

    /// Of markets that are over.
    fn let_go(&mut self) {
        if !self.books.gone.is_empty() {
            let gone = std::mem::take(&mut self.books.gone);
            self.say("unsubscribe", &gone);
        }
    }

    fn say(&mut self, operation: &str, asset_ids: &[Box<str>]) {
        if self.line.is_open() && !asset_ids.is_empty() {
            let tokens = list(asset_ids);
            let text = format!(r#"{{"operation":"{operation}","assets_ids":{tokens}}}"#);
            self.outgoing.push_back(Outgoing::Text(text));
        }
    }
}
