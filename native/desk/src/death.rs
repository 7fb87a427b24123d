//! Where the process ends itself, or stands still, so that a test sees what becomes of a shot
//! (`test/native/engine-deaths.test.ts`, the twin of `activities/points.ts`). A start that was not told to
//! does nothing here but compare.

use std::future::pending;
use std::ops::Deref;
use std::thread::sleep;
use std::time::Duration;

use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::wire::{Heard, Wires, Written};
use rustix::process::{Signal, getpid, kill_process};
use serde::Deserialize;

const STOPS_WITHIN: Duration = Duration::from_millis(10);

/// What has happened to a trade's shot, and what has not.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum Point {
    /// Nobody but its workflow knows of it.
    #[serde(rename = "asked, nothing recorded")]
    Asked,
    /// Postgres has both orders, the thread that fires has none.
    #[serde(rename = "recorded, nothing handed over")]
    Recorded,
    /// It is in the journal, and past the gate.
    #[serde(rename = "written down, nothing sent")]
    WrittenDown,
    /// The worst moment: one leg is at its venue alone.
    #[serde(rename = "one leg sent, the other not")]
    OneSent,
    /// The journal has neither that they were sent nor what came of them.
    #[serde(rename = "both legs sent, no answer")]
    BothSent,
    /// Both answers are in the journal, and Temporal has none.
    #[serde(rename = "heard, not told")]
    Heard,
    /// Temporal has both answers, and Postgres has nothing of the shot. The process does not hear what
    /// Temporal has: it keeps its records to itself, until whoever sees that kills it.
    #[serde(rename = "told, not projected")]
    Told,
    /// It was fired first, and no workflow has been started for it.
    #[serde(rename = "fired first, no workflow")]
    FiredFirst,
    /// Its workflow was started; nobody has heard yet that it has the shot.
    #[serde(rename = "workflow started, not adopted")]
    Adopting,
    /// Postgres has lent, and the thread that fires has not heard of it.
    #[serde(rename = "lent, not handed on")]
    Lent,
    /// Postgres lends on what an adopted shot has left of it, and the thread that fires has not heard.
    #[serde(rename = "renewed, not handed on")]
    Renewed,
}

/// What is to happen to a start where a shot comes to a point. To most nothing is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fate {
    /// It ends there.
    die_at: Option<Point>,
    /// It stands still there, with each shot, until it is woken.
    stand_at: Option<Point>,
}

impl Fate {
    /// Whether anything is.
    #[must_use]
    pub fn is_sealed(self) -> bool {
        self.die_at.is_some() || self.stand_at.is_some()
    }

    /// Ends or stops the process in this very call, where it was told to.
    pub fn reached(self, point: Point) {
        if self.die_at == Some(point) {
            // What is done once it is sent runs no more; where it cannot be sent nothing may go on.
            let _ = kill_process(getpid(), Signal::KILL);
            std::process::abort();
        }
        if self.stand_at == Some(point) {
            let _ = kill_process(getpid(), Signal::STOP); // a test that sees none goes on waiting
            // Another thread may take it, and stop this one a moment later.
            sleep(STOPS_WITHIN);
        }
    }

    /// Where the process cannot know that it has come there: holds up whoever would be later, until
    /// somebody else ends it.
    pub async fn awaited(self, point: Point) {
        if self.die_at == Some(point) {
            pending::<()>().await;
        }
    }
}

/// Wires between whose writes the process may end or stand still.
pub(crate) struct Mortal<W> {
    wires: W,
    fate: Fate,
    sent: Sent,
}

impl<W> Mortal<W> {
    pub fn new(wires: W, fate: Fate) -> Self {
        Self { wires, fate, sent: Sent::default() }
    }
}

/// How many legs of a shot have left, at least in part. Which leg goes first is the shot's: where one
/// stays at home the other is first and last.
#[derive(Default)]
struct Sent(usize);

impl Sent {
    fn before(&self) -> Option<Point> {
        (self.0 == 0).then_some(Point::WrittenDown)
    }

    fn after(&mut self, written: Written) -> Option<Point> {
        if written == Written::Nothing {
            return None;
        }
        self.0 += 1;
        Some(if self.0 < LEGS { Point::OneSent } else { Point::BothSent })
    }
}

/// How they stand; what is done with them is in the trait.
impl<W> Deref for Mortal<W> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.wires
    }
}

impl<W: Wires> Wires for Mortal<W> {
    fn aim(&mut self, shot: ShotId, venues: [Venue; LEGS]) {
        self.sent = Sent::default();
        self.wires.aim(shot, venues);
    }

    fn take(&mut self) -> bool {
        self.wires.take()
    }

    fn write(&mut self, leg: usize, bytes: &[u8]) -> Written {
        if let Some(point) = self.sent.before() {
            self.fate.reached(point);
        }
        let written = self.wires.write(leg, bytes);
        if let Some(point) = self.sent.after(written) {
            self.fate.reached(point);
        }
        written
    }

    fn take_spare(&mut self, leg: usize) -> bool {
        self.wires.take_spare(leg)
    }

    fn put_back(&mut self) {
        self.wires.put_back();
    }

    fn poll(&mut self, hear: impl FnMut(&Heard<'_>)) {
        self.wires.poll(hear);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which points a shot comes by, whose writes end like this.
    fn points(writes: &[Written]) -> Vec<Point> {
        let mut sent = Sent::default();
        let mut met = Vec::new();
        for written in writes {
            met.extend(sent.before());
            met.extend(sent.after(*written));
        }
        met
    }

    #[test]
    fn a_point_is_named_by_what_has_left_and_not_by_which_leg_it_was() {
        use Point::{BothSent, OneSent, WrittenDown};
        use Written::{Nothing, Part, Whole};
        assert_eq!(points(&[Whole, Whole]), [WrittenDown, OneSent, BothSent]);
        assert_eq!(points(&[Whole]), [WrittenDown, OneSent], "the other leg stays at home");
        assert_eq!(points(&[Part]), [WrittenDown, OneSent]);
        assert_eq!(points(&[Nothing, Whole]), [WrittenDown, WrittenDown, OneSent], "by a spare");
        assert_eq!(points(&[Whole, Nothing]), [WrittenDown, OneSent]);
    }
}
