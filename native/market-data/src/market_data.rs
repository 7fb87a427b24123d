//! Every venue's market data in one place, for the thread that fires.

use std::os::fd::BorrowedFd;
use std::sync::Arc;

use legwork_engine_core::books::BookView;
use legwork_engine_core::feeds::LineState;
use legwork_engine_core::feeds::kalshi::KalshiFeed;
use legwork_engine_core::feeds::polymarket::PolymarketFeed;
use legwork_engine_core::shot::{Now, Top, Venue};
use legwork_engine_core::signing::KalshiKey;
use legwork_engine_core::wire::Endpoint;

use crate::instrument::{Instrument, Market};
use crate::socket::Socket;
use crate::trouble::Trouble;
use crate::upgrade::Upgrade;
use crate::venue_stream::{Changed, StreamCounts, VenueStream};

/// Where Kalshi streams, and who asks.
#[derive(Clone)]
pub struct KalshiSource {
    /// Of the stream.
    pub endpoint: Endpoint,
    /// Any of ours: every connection is signed, for public data too.
    pub key: Arc<KalshiKey>,
}

/// The books of everything that is followed.
///
/// 1. It never waits: a poll reads each socket once and handles at most 64 messages of each.
/// 2. It connects where something is followed, and again after each end.
/// 3. A book is as good as the venue's feed says; a market that is not followed has no top.
pub struct MarketData {
    kalshi: Option<VenueStream<KalshiFeed>>,
    polymarket: Option<VenueStream<PolymarketFeed>>,
}

/// Does the same with either venue's stream, of which there may be none.
macro_rules! of_venue {
    ($data:expr, $venue:expr, $stream:ident => $done:expr) => {
        match $venue {
            Venue::Kalshi => $data.kalshi.as_ref().map(|$stream| $done),
            Venue::Polymarket => $data.polymarket.as_ref().map(|$stream| $done),
        }
    };
}

impl MarketData {
    /// Of the venues that there are, with nothing followed.
    #[must_use]
    pub fn new(kalshi: Option<KalshiSource>, polymarket: Option<Endpoint>) -> Self {
        let kalshi = kalshi.map(|KalshiSource { endpoint, key }| {
            VenueStream::new(Socket::new(endpoint, Upgrade::kalshi(key)))
        });
        let polymarket = polymarket
            .map(|endpoint| VenueStream::new(Socket::new(endpoint, Upgrade::polymarket())));
        Self { kalshi, polymarket }
    }

    /// Adds markets, as the pair file has them, and lets go of those that closed more than ten
    /// minutes ago. Markets of a venue that there is no stream of are left out; saying a known one
    /// again costs nothing. It allocates, so it is called between shots.
    pub fn follow(&mut self, markets: &[Market<'_>], now: Now) {
        if let Some(stream) = &mut self.kalshi {
            stream.follow(markets, now);
        }
        if let Some(stream) = &mut self.polymarket {
            stream.follow(markets, now);
        }
    }

    /// Lets go of a market that nobody trades any more; its book is known no more.
    pub fn forget(&mut self, venue: Venue, market: &str) {
        let Self { kalshi, polymarket } = self;
        match venue {
            Venue::Kalshi => kalshi.iter_mut().for_each(|stream| stream.forget(market)),
            Venue::Polymarket => polymarket.iter_mut().for_each(|stream| stream.forget(market)),
        }
    }

    /// Reads what has come, tells what has changed by it, says what has to be said, connects. `now`
    /// was read right before: it is what books and ticks are stamped with.
    pub fn poll(&mut self, now: Now, mut told: impl FnMut(Changed<'_>)) {
        if let Some(stream) = &mut self.kalshi {
            stream.poll(now, &mut told);
        }
        if let Some(stream) = &mut self.polymarket {
            stream.poll(now, &mut told);
        }
    }

    /// Polling again at once would do something, though no socket is readable.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.kalshi.as_ref().is_some_and(VenueStream::has_more)
            || self.polymarket.as_ref().is_some_and(VenueStream::has_more)
    }

    /// What to wait for by `poll(2)` unless there [is more](Self::has_more), each with whether it is
    /// for room to write, too. Pings and pauses are due by time: waiting longer than 100 ms delays
    /// them.
    pub fn waits_for(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        let kalshi = self.kalshi.as_ref().and_then(|stream| stream.socket().waits_for());
        let polymarket = self.polymarket.as_ref().and_then(|stream| stream.socket().waits_for());
        kalshi.into_iter().chain(polymarket)
    }

    /// An instrument's book; `None`: it is not followed (any more).
    #[must_use]
    pub fn book(&self, instrument: Instrument<'_>) -> Option<BookView<'_>> {
        of_venue!(self, instrument.venue, stream => stream.book(&instrument)).flatten()
    }

    /// Best bid and offer; of a book that is not known, or not followed, nothing, heard of at 0.
    #[must_use]
    pub fn top(&self, instrument: Instrument<'_>) -> Top {
        self.book(instrument).and_then(|book| book.top().ok()).unwrap_or_default()
    }

    /// How a venue's connection stands.
    #[must_use]
    pub fn state(&self, venue: Venue, now_ns: u64) -> LineState {
        of_venue!(self, venue, stream => stream.state(now_ns)).unwrap_or(LineState::Down)
    }

    /// What was not as hoped at a venue, and how often it was connected to.
    #[must_use]
    pub fn counts(&self, venue: Venue) -> StreamCounts {
        of_venue!(self, venue, stream => stream.counts()).unwrap_or_default()
    }

    /// Why a venue's last connection ended, or was never made.
    #[must_use]
    pub fn trouble(&self, venue: Venue) -> Option<&Trouble> {
        of_venue!(self, venue, stream => stream.trouble()).flatten()
    }
}
