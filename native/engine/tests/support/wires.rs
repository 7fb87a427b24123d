//! Wires to venues of a test, by a clock that stands, and what is heard of them.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::cell::Cell;
use std::rc::Rc;

use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::Venue::{self, Kalshi, Polymarket};
use legwork_engine_core::wire::{Answer, Endpoint, PoolOptions, VenueWires, Wires, Written};

use crate::support::StoppedClock;
use crate::venue::{SECOND_NS, TestVenue, options, until};

pub const SHOT: ShotId = ShotId { thread: 0, epoch: 1, sequence: 7 };
pub const BOTH: [Venue; 2] = [Polymarket, Kalshi];
pub const YES: &[u8] = b"POST /order HTTP/1.1\r\n\r\nyes";
pub const NO: &[u8] = b"POST /trade-api/v2/portfolio/events/orders HTTP/1.1\r\n\r\nno";

/// Told, with everything owned: shot, leg, status (0: none) and the body or what was wrong.
pub type Told = (u64, usize, u16, String);

pub struct Desk {
    pub wires: VenueWires<StoppedClock>,
    pub now: Rc<Cell<u64>>,
    pub told: Vec<Told>,
}

impl Desk {
    pub fn new(venues: Vec<(Venue, Endpoint, PoolOptions)>) -> Self {
        let now = Rc::new(Cell::new(SECOND_NS));
        let wires = VenueWires::new(venues, StoppedClock(Rc::clone(&now)));
        Self { wires, now, told: Vec::new() }
    }

    /// Warm connections to both.
    pub fn warm(polymarket: (&TestVenue, usize), kalshi: (&TestVenue, usize)) -> Self {
        let mut desk = Self::new(vec![
            (Polymarket, polymarket.0.endpoint(), options(polymarket.1)),
            (Kalshi, kalshi.0.endpoint(), options(kalshi.1)),
        ]);
        desk.until_idle(polymarket.1, kalshi.1);
        desk
    }

    pub fn poll(&mut self) {
        let told = &mut self.told;
        self.wires.poll(|heard| {
            let (status, text) = match heard.answer {
                Answer::Read(of) => (of.status, String::from_utf8_lossy(of.body).into_owned()),
                Answer::Unreadable(why) => (0, why.to_string()),
                Answer::Lost => (0, "lost".to_owned()),
            };
            told.push((heard.shot.sequence, heard.leg, status, text));
        });
    }

    pub fn until_idle(&mut self, polymarket: usize, kalshi: usize) {
        until("enough connections are idle", || {
            self.poll();
            (self.wires.idle(Polymarket), self.wires.idle(Kalshi)) == (polymarket, kalshi)
        });
    }

    pub fn until_told(&mut self, count: usize) -> Vec<Told> {
        until("answers", || {
            self.poll();
            self.told.len() >= count
        });
        self.told.sort();
        std::mem::take(&mut self.told)
    }

    pub fn take(&mut self, venues: [Venue; 2]) -> bool {
        self.wires.aim(SHOT, venues);
        self.wires.take()
    }

    /// Both legs, as a shot writes them.
    pub fn fire(&mut self, venues: [Venue; 2]) -> [Written; 2] {
        assert!(self.take(venues), "two are idle");
        let written = [self.wires.write(0, YES), self.wires.write(1, NO)];
        self.wires.put_back();
        written
    }
}

pub fn told(leg: usize, status: u16, text: &str) -> Told {
    (SHOT.sequence, leg, status, text.to_owned())
}
