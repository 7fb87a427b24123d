//! What a shot that has left leaves behind.

use crate::back_pressure::Unadopted;
use crate::in_flight::{Held, MarketId};
use crate::journal::ShotId;
use crate::lease::Spent;
use crate::shot::LEGS;
use crate::wire::Written;

/// A shot that has left, at least in part.
#[derive(Clone, Copy, Debug)]
#[must_use = "somebody has to take over what has left"]
pub struct Receipt {
    /// Its name in the journal.
    pub id: ShotId,
    /// What the wire took; `None` where a leg was not tried: held back, or after half of the other.
    pub legs: [Option<Written>; LEGS],
    /// When the first byte could leave, and when the last had.
    pub from_to_ns: (u64, u64),
    /// Whose bit and lease.
    pub market: MarketId,
    /// `None`: its trade has it already, with its hold and its reservation.
    pub(super) owed: Option<Owed>,
}

/// What a shot of the engine's own has until somebody takes it over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owed {
    pub held: Held,
    pub spent: Spent,
    pub waiting: Unadopted,
}
