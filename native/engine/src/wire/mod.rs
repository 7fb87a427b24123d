//! What a shot is written to. The trait is all that a shot asks of its connections; the rest of this
//! room has them: HTTP/1.1 over TLS, per venue a pool of persistent, warm, idle connections.
//!
//! Never pipelined: a connection that awaits its answer is busy, because a late answer may not hold
//! up another order's. There is neither a mode without TLS nor one without proof of who the venue is.

mod chunked;
mod connection;
mod endpoint;
mod pool;
mod records;
mod request;
mod request_error;
mod response;
mod socket;
mod venue_wires;

pub use self::connection::Broken;
pub use self::endpoint::{Endpoint, WireError};
pub use self::pool::{PoolOptions, RECONNECT_NS_MAX, RECONNECT_NS_MIN};
pub use self::request::{Hole, PreparedRequest, RequestForm};
pub use self::request_error::RequestError;
pub use self::response::{
    BODY_BYTES_MAX, HEAD_BYTES_MAX, HEADERS_MAX, Progress, Response, ResponseReader, Unreadable,
};
pub use self::socket::{begin_to_connect, is_connected, is_for_later};
pub use self::venue_wires::VenueWires;

use crate::journal::ShotId;
use crate::shot::{LEGS, Venue};

/// How much of a leg has left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Written {
    /// Every byte is the kernel's. Whatever comes of it, the venue may have it.
    Whole,
    /// Some of it, and nobody knows how much the venue can make of that.
    Part,
    /// Not one complete TLS record: nothing that a venue could read. A definite no.
    Nothing,
}

/// What came of a leg of which something has left. Whatever is not `Read` says nothing of the order:
/// the venue may have it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer<'a> {
    /// A whole response.
    Read(Response<'a>),
    /// Bytes came that are no response.
    Unreadable(Unreadable),
    /// None came in time, or the connection broke before it was whole.
    Lost,
}

/// An answer, and whose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Heard<'a> {
    /// As the journal has it.
    pub shot: ShotId,
    /// Of the shot.
    pub leg: usize,
    /// What came.
    pub answer: Answer<'a>,
    /// When it was whole, or given up; on the monotonic clock.
    pub at_ns: u64,
}

/// Connections to the venues of both legs: persistent, warm, idle, and checked for hang-up.
pub trait Wires {
    /// Which shot comes next and where its legs go: what is taken in hand is for them, and what is
    /// heard later is told under this name. For wires that are one connection per leg it is nothing.
    fn aim(&mut self, _shot: ShotId, _venues: [Venue; LEGS]) {}

    /// Two in hand, one per leg, or none: a shot with one wire is a leg alone.
    fn take(&mut self) -> bool;

    /// Writes a leg's bytes to the connection that is in hand for it. Whatever is not written when
    /// this returns is never written: after `Part` or `Nothing` the connection is closed, with what
    /// it has buffered.
    fn write(&mut self, leg: usize, bytes: &[u8]) -> Written;

    /// Takes another connection in hand for a leg of which nothing has left.
    fn take_spare(&mut self, leg: usize) -> bool;

    /// Puts back what is in hand. A connection that was written to is busy until its answer came.
    fn put_back(&mut self);

    /// Between shots: reads answers, connects, keeps warm. Each leg of which something has left is
    /// heard of once, be it `Lost`. Never waits.
    fn poll(&mut self, hear: impl FnMut(&Heard<'_>));
}

/// The engine's time.
pub trait Clock {
    /// Monotonic; what latencies, ages and leases are measured by.
    fn monotonic_ns(&self) -> u64;

    /// Since 1970, as the kernel believes; what a venue's deadlines are compared with.
    fn unix_ns(&self) -> u64;
}
