//! Both legs' connections, whichever venues they go to.

use std::os::fd::BorrowedFd;

use super::connection::Connection;
use super::endpoint::{Endpoint, WireError};
use super::pool::{Pool, PoolOptions};
use super::{Clock, Heard, Wires, Written};
use crate::journal::ShotId;
use crate::shot::{LEGS, Venue};

/// A pool per venue. Belongs to the thread that fires; it polls between shots.
pub struct VenueWires<C> {
    pools: Box<[(Venue, Pool)]>,
    aim: Option<(ShotId, [Venue; LEGS])>,
    hands: [Option<Hand>; LEGS],
    clock: C,
}

/// A connection that is in hand.
#[derive(Clone, Copy)]
struct Hand {
    pool: usize,
    place: usize,
}

impl<C: Clock> VenueWires<C> {
    /// Nothing is connected yet; polling does that.
    #[must_use]
    pub fn new(venues: impl IntoIterator<Item = (Venue, Endpoint, PoolOptions)>, clock: C) -> Self {
        let pool = |(venue, endpoint, options)| (venue, Pool::new(endpoint, options));
        let pools = venues.into_iter().map(pool).collect();
        Self { pools, aim: None, hands: [None; LEGS], clock }
    }

    /// How many connections to a venue are ready for a shot, as far as was heard.
    #[must_use]
    pub fn idle(&self, venue: Venue) -> usize {
        self.pool_of(venue).and_then(|pool| self.pools.get(pool)).map_or(0, |(_, pool)| pool.idle())
    }

    /// Why the last connection to a venue ended, or was never made. Nothing for ends that were
    /// announced.
    #[must_use]
    pub fn trouble(&self, venue: Venue) -> Option<&WireError> {
        self.pool_of(venue).and_then(|pool| self.pools.get(pool)?.1.trouble())
    }

    /// What to wait for by `poll(2)` between shots, each with whether it is for room to write, too.
    /// Connecting again, keeping alive and giving up are due by time.
    pub fn waits_for(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        self.pools.iter().flat_map(|(_, pool)| pool.connections().map(Connection::waits_for))
    }

    fn pool_of(&self, venue: Venue) -> Option<usize> {
        self.pools.iter().position(|(of, _)| *of == venue)
    }

    fn take_at(&mut self, venue: Venue) -> Option<Hand> {
        let pool = self.pool_of(venue)?;
        let place = self.pools.get_mut(pool)?.1.take()?;
        Some(Hand { pool, place })
    }

    fn put_down(&mut self, leg: usize, now_ns: u64) {
        let Some(hand) = self.hands.get_mut(leg).and_then(Option::take) else { return };
        if let Some((_, pool)) = self.pools.get_mut(hand.pool) {
            pool.put_back(hand.place, now_ns);
        }
    }
}

impl<C: Clock> Wires for VenueWires<C> {
    fn aim(&mut self, shot: ShotId, venues: [Venue; LEGS]) {
        self.aim = Some((shot, venues));
    }

    fn take(&mut self) -> bool {
        let Some((_, venues)) = self.aim else { return false };
        for (leg, venue) in venues.into_iter().enumerate() {
            self.hands[leg] = self.take_at(venue);
        }
        let has_both = self.hands.iter().all(Option::is_some);
        if !has_both {
            self.put_back();
        }
        has_both
    }

    fn write(&mut self, leg: usize, bytes: &[u8]) -> Written {
        let (Some((shot, _)), Some(hand)) = (self.aim, self.hands.get_mut(leg)) else {
            return Written::Nothing;
        };
        let Some(Hand { pool, place }) = *hand else { return Written::Nothing };
        let Some((_, pool)) = self.pools.get_mut(pool) else { return Written::Nothing };
        let written = pool.write(place, (shot, leg), bytes);
        if written != Written::Whole {
            *hand = None; // it is dropped
        }
        written
    }

    fn take_spare(&mut self, leg: usize) -> bool {
        let Some((_, venues)) = self.aim else { return false };
        let (Some(venue), Some(None)) = (venues.get(leg), self.hands.get(leg)) else {
            return false; // what is in hand already was not written to, or was written whole
        };
        self.hands[leg] = self.take_at(*venue);
        self.hands[leg].is_some()
    }

    fn put_back(&mut self) {
        let now_ns = self.clock.monotonic_ns();
        (0..LEGS).for_each(|leg| self.put_down(leg, now_ns));
        self.aim = None;
    }

    fn poll(&mut self, mut hear: impl FnMut(&Heard<'_>)) {
        for (_, pool) in &mut self.pools {
            pool.poll(&self.clock, &mut hear);
        }
    }
}
