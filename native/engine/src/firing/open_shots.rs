//! Shots of which something has left and something is still to be heard. One place per slot of the
//! journal, made at the start: as long as a shot is open nothing else is put into its place, and so
//! the journal has its slot when an answer comes.

use super::release::{LegEnd, Release, release_of};
use crate::answers::Asked;
use crate::journal::ShotId;
use crate::shot::{LEGS, Shot};
use crate::wire::Written;

/// A leg, and what became of it.
#[derive(Clone, Copy)]
pub struct OpenLeg {
    pub asked: Asked,
    /// When it was written, on the monotonic clock.
    pub written_ns: u64,
    /// `None` while its answer is awaited.
    end: Option<LegEnd>,
}

#[derive(Clone, Copy)]
struct OpenShot {
    id: ShotId,
    legs: [OpenLeg; LEGS],
}

pub struct OpenShots(Box<[Option<OpenShot>]>);

impl OpenShots {
    /// As many as the journal has slots.
    pub fn new(slots: u32) -> Self {
        Self((0..slots).map(|_| None).collect())
    }

    /// Whether the place of a shot is free.
    pub fn has_room(&self, id: ShotId) -> bool {
        self.0.get(self.place_of(id)).is_some_and(Option::is_none)
    }

    /// Both legs have been tried. What was not written has its end already.
    pub fn open(
        &mut self,
        id: ShotId,
        shot: &Shot<'_>,
        (legs, written_ns): ([Option<Written>; LEGS], [u64; LEGS]),
    ) {
        let place = self.place_of(id);
        let leg = |leg: usize| OpenLeg {
            asked: Asked::of(&shot.legs[leg]),
            written_ns: written_ns[leg],
            end: LegEnd::at_once(legs[leg]),
        };
        if let Some(free) = self.0.get_mut(place) {
            *free = Some(OpenShot { id, legs: std::array::from_fn(leg) });
        }
    }

    /// A leg of which nothing was heard yet. None of a shot that is over, of another start's, of a
    /// leg that was not written or has been answered.
    pub fn awaited(&self, id: ShotId, leg: usize) -> Option<&OpenLeg> {
        let open = self.0.get(self.place_of(id))?.as_ref()?;
        open.legs.get(leg).filter(|leg| open.id == id && leg.end.is_none())
    }

    /// A leg was heard. What may be done with the market now, if anything: with the last of its legs
    /// the shot is over.
    pub fn heard(&mut self, id: ShotId, leg: usize, end: LegEnd) -> Option<Release> {
        let place = self.place_of(id);
        let place = self.0.get_mut(place)?;
        let open = place.as_mut().filter(|open| open.id == id)?;
        open.legs.get_mut(leg)?.end = Some(end);
        let [Some(yes), Some(no)] = open.legs.map(|leg| leg.end) else { return None };
        *place = None;
        release_of([yes, no])
    }

    /// Whoever holds it knows its end from elsewhere.
    pub fn end(&mut self, id: ShotId) {
        let place = self.place_of(id);
        if let Some(place) = self.0.get_mut(place) {
            place.take_if(|open| open.id == id);
        }
    }

    /// As the journal has it. The place of no shot is outside.
    fn place_of(&self, id: ShotId) -> usize {
        let sequence = usize::try_from(id.sequence).ok().and_then(|of| of.checked_sub(1));
        sequence.and_then(|of| of.checked_rem(self.0.len())).unwrap_or(usize::MAX)
    }
}
