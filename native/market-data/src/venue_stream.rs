//! One venue: its socket, its feed, and the names of what is followed there.

use legwork_engine_core::books::BookView;
use legwork_engine_core::feeds::{FeedCounts, LineState, Outgoing};
use legwork_engine_core::shot::Now;

use crate::feed::Feed;
use crate::follows::Follows;
use crate::instrument::{Instrument, Market};
use crate::socket::{Event, Socket};
use crate::trouble::Trouble;

/// Markets sometimes close later than they were listed to; one that closed longer ago is let go, or
/// weeks of markets would never shrink.
pub const CLOSED_MS_MAX: u64 = 600_000;
const MILLISECOND_NS: u64 = 1_000_000;
/// Messages of one poll: a shot waits for no more than these.
const EVENTS_PER_POLL_MAX: usize = 64;

/// An instrument whose book, or whose trust in it, has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Changed<'a> {
    /// Whose.
    pub instrument: Instrument<'a>,
    /// When the bytes came, taken before they were read; where the connection was lost, when that was
    /// seen. On the monotonic clock, for [`Before::tick_ns`](legwork_engine_core::shot::Before).
    pub tick_ns: u64,
}

/// What was counted of a venue's stream.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StreamCounts {
    /// Of its messages.
    pub feed: FeedCounts,
    /// How often it was opened: the first time, and each time that it was lost.
    pub opened: u64,
}

pub struct VenueStream<F: Feed> {
    socket: Socket,
    feed: F,
    follows: Follows<F::Key>,
}

impl<F: Feed> VenueStream<F> {
    pub fn new(socket: Socket) -> Self {
        Self { socket, feed: F::default(), follows: Follows::new() }
    }

    /// Lets go of what closed a while ago, and adds these, but for those that are over.
    pub fn follow(&mut self, markets: &[Market<'_>], now: Now) {
        let closed_before_ms = (now.unix_ns / MILLISECOND_NS).saturating_sub(CLOSED_MS_MAX);
        for market in self.follows.take_closed(closed_before_ms) {
            self.feed.forget(&market);
        }
        for market in markets.iter().filter(|market| market.closes_at_ms >= closed_before_ms) {
            self.add(market);
        }
    }

    /// Nobody trades it any more, though it has not closed.
    pub fn forget(&mut self, market: &str) {
        if self.follows.drop_market(market) {
            self.feed.forget(market);
        }
    }

    /// Hears, says what has to be said, and connects where something is followed.
    pub fn poll(&mut self, now: Now, told: &mut impl FnMut(Changed<'_>)) {
        if self.follows.is_empty() && self.socket.waits_for().is_none() {
            return; // a venue may end a stream that asks for nothing
        }
        for _ in 0..EVENTS_PER_POLL_MAX {
            match self.socket.poll(now) {
                Some(event) => self.take(&event, now, told),
                None => break,
            }
        }
        self.feed.poll(now.monotonic_ns);
        self.say();
    }

    /// Something was received that is not read yet.
    pub fn has_more(&self) -> bool {
        self.socket.has_more()
    }

    pub fn book(&self, instrument: &Instrument<'_>) -> Option<BookView<'_>> {
        self.feed.book(self.follows.key(instrument)?, instrument.outcome)
    }

    pub fn state(&self, now_ns: u64) -> LineState {
        self.feed.state(now_ns)
    }

    pub fn counts(&self) -> StreamCounts {
        StreamCounts { feed: self.feed.counts(), opened: self.socket.opened() }
    }

    pub fn trouble(&self) -> Option<&Trouble> {
        self.socket.trouble()
    }

    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    fn add(&mut self, market: &Market<'_>) {
        let known = self.follows.keys(market.market);
        if known.is_some_and(|keys| keys.iter().any(|key| self.feed.is_over(*key))) {
            return;
        }
        if let Some(keys) = self.feed.follow(market) {
            let named = (market.market, market.closes_at_ms);
            self.follows.add(named, keys, |key| F::outcomes(keys, key));
        }
    }

    fn take(&mut self, event: &Event, now: Now, told: &mut impl FnMut(Changed<'_>)) {
        let received_ns = self.socket.received_ns();
        let (changed, tick_ns) = match event {
            Event::Text(text) => (self.feed.take(text, received_ns), received_ns),
            Event::Closed => (self.feed.closed(), now.monotonic_ns),
            Event::Opened => return self.feed.opened(received_ns),
            Event::Heard => return self.feed.heard(received_ns),
        };
        for key in changed {
            for (market, outcome) in self.follows.named(*key) {
                let instrument = Instrument { venue: F::VENUE, market, outcome };
                told(Changed { instrument, tick_ns });
            }
        }
    }

    fn say(&mut self) {
        while let Some(outgoing) = self.feed.next_outgoing() {
            match outgoing {
                Outgoing::Text(text) => self.socket.send(text),
                Outgoing::Ping => self.socket.ping(),
                Outgoing::Reconnect => self.socket.give_up(),
            }
        }
    }
}
