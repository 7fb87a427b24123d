//! What a shot is written to. A venue's room brings the connections; this is all a shot asks of them.

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
}

/// The engine's time.
pub trait Clock {
    /// Monotonic; what latencies, ages and leases are measured by.
    fn monotonic_ns(&self) -> u64;

    /// Since 1970, as the kernel believes; what a venue's deadlines are compared with.
    fn unix_ns(&self) -> u64;
}
