//! Shots from leases, until both legs were heard of and a workflow has each.
//!
//! The market's bit of such a shot is let go of once, by whichever comes first of what both answers
//! prove and its adoption: from then on its trade holds the pair, and the bit mirrors that hold. A leg
//! of which nothing comes is given up by its wire, and is heard of as unknown; so no bit is kept for
//! ever, and no second shot runs beside one that may be on the book.

use std::collections::HashMap;
use std::sync::Arc;

use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::LEGS;
use legwork_engine_core::wire::Written;

struct OwnShot {
    receipt: Receipt,
    pair_id: Arc<str>,
    awaited: [bool; LEGS],
    /// Its market is not closed by it any more.
    is_free: bool,
    is_adopted: bool,
}

/// What becomes of a market's bit where a shot is adopted.
#[derive(Clone, Copy, Debug)]
pub enum Bit {
    /// Its trade has it from now on.
    ItsTrades(Receipt),
    /// It is free already.
    Free(Receipt),
}

#[derive(Default)]
pub struct OwnShots(HashMap<ShotId, OwnShot>);

impl OwnShots {
    /// It has left, at least in part.
    pub fn add(&mut self, receipt: Receipt, pair_id: Arc<str>) {
        let is_out = |written| matches!(written, Some(Written::Whole | Written::Part));
        let awaited = receipt.legs.map(is_out);
        let (is_free, is_adopted) = (false, false);
        let shot = OwnShot { receipt, pair_id, awaited, is_free, is_adopted };
        self.0.insert(receipt.id, shot);
    }

    /// A leg was heard of, and so much is proven of the whole. What is to be ended by that.
    pub fn heard(
        &mut self,
        id: ShotId,
        leg: usize,
        release: Option<Release>,
    ) -> Option<(Receipt, Release)> {
        let shot = self.0.get_mut(&id)?;
        if let Some(awaited) = shot.awaited.get_mut(leg) {
            *awaited = false;
        }
        let ended = release.filter(|_| !shot.is_free).map(|release| (shot.receipt, release));
        shot.is_free |= ended.is_some();
        self.forget(id);
        ended
    }

    /// A workflow has it. `None`: no shot from a lease, or told before.
    pub fn adopted(&mut self, id: ShotId) -> Option<Bit> {
        let shot = self.0.get_mut(&id).filter(|shot| !shot.is_adopted)?;
        shot.is_adopted = true;
        let of = if shot.is_free { Bit::Free } else { Bit::ItsTrades };
        let bit = of(shot.receipt);
        shot.is_free = true;
        self.forget(id);
        Some(bit)
    }

    /// Shots of a pair that no workflow has, by age.
    pub fn unadopted(&self, pair_id: &str) -> Vec<ShotId> {
        let of_pair = |shot: &&OwnShot| &*shot.pair_id == pair_id && !shot.is_adopted;
        let mut shots: Vec<_> = self.0.values().filter(of_pair).map(|of| of.receipt.id).collect();
        shots.sort_unstable();
        shots
    }

    /// Every shot was heard of, and a workflow has it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Shots of which something is still to be heard.
    pub fn unanswered(&self) -> usize {
        self.0.values().filter(|shot| shot.awaited.contains(&true)).count()
    }

    fn forget(&mut self, id: ShotId) {
        let is_over = |shot: &OwnShot| shot.is_adopted && !shot.awaited.contains(&true);
        if self.0.get(&id).is_some_and(is_over) {
            self.0.remove(&id);
        }
    }
}
