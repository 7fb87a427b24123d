//! Kalshi's books by its public stream: one connection, one subscription, both outcomes of each
//! market. `venues/kalshi/feed.ts` is the twin. Every connection is signed; its headers are the
//! process's to make.

mod command;
pub mod message;
mod stream;

use std::collections::{HashMap, VecDeque};

use self::command::Action;
use self::message::{Frame, Message};
pub use self::stream::MarketKey;
use self::stream::{Followed, Stream};
use super::line::{Due, Line, LineState};
use super::{FeedCounts, Outgoing};
use crate::books::{BookView, Grid};
use crate::shot::LEGS;

/// How long the venue may take to fill a hole before the connection is made anew.
const RESYNC_NS_MAX: u64 = 2_000_000_000;
/// The least time between two requests for a whole book that could not be one.
const REFUSED_NS: u64 = 1_000_000_000;
/// Between two questions for what the venue did not know: it may list it any time.
const UNLISTED_NS: u64 = 30_000_000_000;
/// WebSocket error 16 (reference/venues.md 1.6).
const MARKET_NOT_FOUND: i64 = 16;

/// The feed's state. It belongs to the thread that owns its books.
#[derive(Default)]
pub struct KalshiFeed {
    line: Line,
    stream: Stream,
    commands: i64,
    /// Commands without an answer yet, and the markets that each one names.
    asked: HashMap<i64, Vec<Box<str>>>,
    outgoing: VecDeque<Outgoing>,
    overdue_ns: Option<u64>,
    refused_ns: u64,
    /// When the markets that the venue did not know were asked for last.
    unlisted_ns: u64,
    /// Those of them that are still to be asked for in this round.
    again: VecDeque<Box<str>>,
    counts: FeedCounts,
}

impl KalshiFeed {
    /// Nothing followed, no connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a market, or finds it. One whose legal prices are others by now starts anew.
    pub fn follow(&mut self, ticker: &str, grid: Grid) -> MarketKey {
        if self.stream.has_other_grid(ticker, &grid) {
            self.forget(ticker);
        }
        let (key, is_new) = self.stream.follow(ticker, grid);
        if is_new {
            self.ask(vec![ticker.into()]);
        }
        key
    }

    /// The market is over, or nobody trades it any more.
    pub fn forget(&mut self, ticker: &str) {
        if self.stream.drop_market(ticker) {
            self.update(&[ticker.into()], Action::Delete);
        }
    }

    /// A new connection is open: what is wanted is said again, and after it, each alone, what the
    /// venue did not know.
    pub fn opened(&mut self, now_ns: u64) {
        self.line.open(now_ns);
        self.asked.clear();
        self.outgoing.clear();
        self.ask(self.stream.named(|market| !market.is_unlisted));
        self.begin_again(now_ns);
    }

    /// The connection is gone: every book is unknown. Returns those that were not.
    pub fn closed(&mut self) -> &[MarketKey] {
        self.line.close();
        self.asked.clear();
        self.outgoing.clear();
        self.overdue_ns = None;
        self.stream.stop();
        &self.stream.changed
    }

    /// A ping or a pong.
    pub fn heard(&mut self, now_ns: u64) {
        self.line.hear(now_ns);
    }

    /// One text frame. Returns the markets whose book, or whose trust in it, changed.
    pub fn take(&mut self, text: &str, now_ns: u64) -> &[MarketKey] {
        self.line.hear(now_ns);
        self.stream.changed.clear();
        let step = match Frame::read(text) {
            Ok(frame) => {
                self.answered(&frame);
                self.stream.take(&frame)
            }
            Err(_) => self.stream.unreadable(),
        };
        self.counts.ignored += u64::from(step.is_ignored);
        self.counts.unreadable += u64::from(step.is_unreadable);
        self.counts.gaps += u64::from(step.is_gap);
        if step.is_gap || step.is_unreadable {
            self.fill(now_ns);
        }
        &self.stream.changed
    }

    /// What time alone brings: pings, and the end of a connection that does not answer.
    pub fn poll(&mut self, now_ns: u64) {
        match self.line.due(now_ns) {
            Some(Due::Ping) => self.outgoing.push_back(Outgoing::Ping),
            Some(Due::GiveUp) => self.outgoing.push_back(Outgoing::Reconnect),
            None => {}
        }
        if self.overdue_ns.is_some_and(|overdue_ns| now_ns >= overdue_ns) {
            self.overdue_ns = None;
            if !self.stream.named(|market| market.is_awaited).is_empty() {
                self.outgoing.push_back(Outgoing::Reconnect);
            }
        }
        if now_ns.saturating_sub(self.refused_ns) >= REFUSED_NS {
            self.refused_ns = now_ns;
            let refused = self.stream.await_refused();
            self.update(&refused, Action::Snapshot);
        }
        if now_ns.saturating_sub(self.unlisted_ns) >= UNLISTED_NS {
            self.begin_again(now_ns);
        }
    }

    /// What is to be done next on the connection.
    pub fn next_outgoing(&mut self) -> Option<Outgoing> {
        self.outgoing.pop_front()
    }

    /// Both outcomes' books, YES first; `None`: it is not followed (any more).
    #[must_use]
    pub fn books(&self, key: MarketKey) -> Option<[BookView<'_>; LEGS]> {
        let (book, heard_ns) = (&self.stream.find(key)?.book, self.line.heard_ns());
        Some([book.view(heard_ns), book.mirrored(heard_ns)])
    }

    /// How the connection stands.
    #[must_use]
    pub fn state(&self, now_ns: u64) -> LineState {
        self.line.state(now_ns)
    }

    /// What was not as hoped.
    #[must_use]
    pub fn counts(&self) -> FeedCounts {
        FeedCounts { unlisted: self.stream.unlisted(), ..self.counts }
    }

    fn begin_again(&mut self, now_ns: u64) {
        self.unlisted_ns = now_ns;
        self.again = self.stream.named(|market| market.is_unlisted).into();
        self.ask_again();
    }

    /// Each alone, since one that is still not known would cost the others; before there is a
    /// subscription, one after the other.
    fn ask_again(&mut self) {
        while self.may_ask() {
            let Some(ticker) = self.again.pop_front() else { break };
            if self.stream.is_unlisted(&ticker) {
                self.ask(vec![ticker]);
            }
        }
    }

    /// The first command opens the subscription; the others wait for it, and then add to it.
    fn ask(&mut self, tickers: Vec<Box<str>>) {
        if tickers.is_empty() || !self.may_ask() {
            return;
        }
        self.commands += 1;
        let text = match self.stream.sid {
            None => command::subscribe(self.commands, &tickers),
            Some(sid) => command::update(self.commands, sid, &tickers, Action::Add),
        };
        self.outgoing.push_back(Outgoing::Text(text));
        self.asked.insert(self.commands, tickers);
    }

    fn may_ask(&self) -> bool {
        let is_waiting = self.stream.sid.is_none() && !self.asked.is_empty();
        self.line.is_open() && !is_waiting
    }

    fn update(&mut self, tickers: &[Box<str>], action: Action) {
        let Some(sid) = self.stream.sid.filter(|_| !tickers.is_empty()) else { return };
        self.commands += 1;
        let text = command::update(self.commands, sid, tickers, action);
        self.outgoing.push_back(Outgoing::Text(text));
    }

    fn answered(&mut self, frame: &Frame<'_>) {
        match (frame.kind(), frame.id()) {
            ("subscribed", id) => self.subscribed(frame, id),
            ("error", id) => self.refused(frame, id),
            (_, Some(id)) => {
                let known = self.asked.remove(&id).unwrap_or_default();
                self.stream.set_unlisted(&known, false);
            }
            (_, None) => {}
        }
    }

    fn subscribed(&mut self, frame: &Frame<'_>, id: Option<i64>) {
        let Ok(Message::Subscribed(subscribed)) = frame.message() else { return };
        if !command::is_channel(subscribed.channel) {
            return;
        }
        let named = id.and_then(|id| self.asked.remove(&id)).unwrap_or_default();
        self.asked.clear();
        self.stream.start(subscribed.sid());
        self.stream.set_unlisted(&named, false);
        let is_other = |market: &Followed| !market.is_unlisted && !named.contains(&market.ticker);
        self.ask(self.stream.named(is_other));
        self.ask_again();
    }

    /// One market that the venue does not know must not cost us the others: each is asked for alone.
    fn refused(&mut self, frame: &Frame<'_>, id: Option<i64>) {
        let tickers = id.and_then(|id| self.asked.remove(&id)).unwrap_or_default();
        let is_unknown = matches!(frame.message(), Ok(Message::Refused(refused))
            if refused.code() == MARKET_NOT_FOUND);
        if !is_unknown {
            self.outgoing.push_back(Outgoing::Reconnect);
            return;
        }
        match &tickers[..] {
            [_] => self.stream.set_unlisted(&tickers, true),
            several => several.iter().for_each(|ticker| self.ask(vec![ticker.clone()])),
        }
        if self.stream.sid.is_none() {
            self.ask(self.stream.named(|market| !market.is_unlisted));
        }
        self.ask_again();
    }

    /// A hole that is not filled in time is closed by a new connection, which starts from snapshots.
    fn fill(&mut self, now_ns: u64) {
        let awaited = self.stream.named(|market| market.is_awaited);
        self.update(&awaited, Action::Snapshot);
        if !awaited.is_empty() {
            self.overdue_ns.get_or_insert(now_ns + RESYNC_NS_MAX);
        }
    }
}
