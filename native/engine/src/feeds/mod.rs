//! What the venues' market data says, and what becomes of the books by it. Bytes in, events out: the
//! process owns the sockets, the clock and the WebSocket frames.
//!
//! 1. A change that cannot be read is a change that we do not have: the books that it may have been for
//!    are unknown until the venue has sent them whole again. No message is read that TypeScript
//!    refuses; `test/vectors/feeds.json` holds both to it.
//! 2. A message that is missing is found by the venue's own count (Kalshi), or by a cross or a hash
//!    (Polymarket, which counts nothing).
//! 3. Between two connections every book is unknown.
//! 4. A connection is stale that has said nothing for longer than the terms allow, not even in answer
//!    to our own ping each second. A quiet book is not: it is as old as its connection's last word.
//!
//! What has to be sent is taken from [`Outgoing`], in order.

mod json;
pub mod kalshi;
mod line;
pub mod polymarket;

pub use self::json::Unreadable;
pub use self::line::{Line, LineState, SILENCE_NS_MAX};

/// What the process does next on a feed's connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outgoing {
    /// A text frame.
    Text(String),
    /// A ping control frame, empty: its pong says that a quiet connection lives.
    Ping,
    /// Ends this connection and makes another one.
    Reconnect,
}

/// How often a message said nothing to us, by why.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FeedCounts {
    /// Read, of a kind that no book needs.
    pub ignored: u64,
    /// Could not be read: books were lost by it.
    pub unreadable: u64,
    /// Holes in the venue's count, strange hashes, books that cannot be.
    pub gaps: u64,
    /// Followed, and not listed when the venue was asked last: now, not since the start.
    pub unlisted: u64,
}
