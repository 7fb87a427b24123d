//! From the door to the thread that fires, and back: a ring each way. Neither waits for the other.
//!
//! Why the door has a thread of its own, and the one that fires only looks at a ring: docs/fire-first.md.

use legwork_engine_core::lines::{Receiver, Sender, Wake, line};

use crate::answer::{Answer, Frozen, Status};
use crate::desk::{Asked, Desk, Ticket};
use crate::refused::DoorRefusal;
use crate::request::{FreezeHere, Request};

/// What is answered without the thread that fires: it may be in a shot, or stand still.
pub trait Control {
    /// Stops entries on this host before it returns, and says when, since 1970.
    fn freeze_here(&mut self, order: &FreezeHere) -> u64;

    /// Whether every section that may have begun before is over; when that was seen, since 1970.
    fn is_over(&mut self) -> Option<u64>;

    /// As it is now.
    fn status(&mut self) -> Status;
}

/// The door's side.
pub struct Lane<C> {
    asked: Sender<Asked, Option<Wake>>,
    answers: Receiver<(Ticket, Answer)>,
    /// Handed over and not answered: never more than the ring back has room for.
    under_way: usize,
    room: usize,
    control: C,
    draining: Vec<(Ticket, u64)>,
}

/// The firing thread's side.
pub struct LaneEnd {
    asked: Receiver<Asked>,
    answers: Sender<(Ticket, Answer), Wake>,
}

/// Both sides of a lane with so many requests at once, of a door with that bell. A firing thread that
/// waits when it has nothing to do is woken by its own; one that never does has `None`.
#[must_use]
pub fn lane<C: Control>(
    room: usize,
    control: C,
    wake: Wake,
    wake_firing: Option<Wake>,
) -> (Lane<C>, LaneEnd) {
    let (asked, theirs) = line(room, wake_firing);
    let (told, answers) = line(room, wake);
    // More freezes than this at once are answered by the first of them that ends.
    let draining = Vec::with_capacity(room);
    let lane = Lane { asked, answers, under_way: 0, room, control, draining };
    (lane, LaneEnd { asked: theirs, answers: told })
}

impl LaneEnd {
    /// The next request, if there is one; costs a look at one word of memory where there is none.
    pub fn take(&mut self) -> Option<Asked> {
        self.asked.take()
    }

    /// Tells what became of it. Called once for each, after its last byte has left: it costs a
    /// system call.
    pub fn answer(&mut self, ticket: Ticket, answer: Answer) {
        let is_told = self.answers.send((ticket, answer));
        debug_assert!(is_told, "there is room for every answer that is owed");
    }

    /// The door is gone: nothing more will be asked.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.asked.is_over()
    }
}

impl<C: Control> Desk for Lane<C> {
    fn take(&mut self, asked: &Asked) -> Option<Answer> {
        match &asked.request {
            Request::Status => Some(Answer::Status(self.control.status())),
            Request::FreezeHere(order) => self.freeze_here(asked.ticket, order),
            Request::Fire(_) | Request::Ask(_) => self.hand_over(asked),
        }
    }

    fn next_answer(&mut self) -> Option<(Ticket, Answer)> {
        if let Some(answer) = self.answers.take() {
            self.under_way = self.under_way.saturating_sub(1);
            return Some(answer);
        }
        let over_unix_ns = if self.draining.is_empty() { None } else { self.control.is_over() };
        let (ticket, taken_unix_ns) = over_unix_ns.and_then(|_| self.draining.pop())?;
        let over_unix_ns = over_unix_ns?;
        Some((ticket, Answer::Frozen(Frozen { taken_unix_ns, over_unix_ns })))
    }

    fn answers_at_once(&self) -> bool {
        self.asked.bell().is_none()
    }

    fn is_watching(&self) -> bool {
        !self.draining.is_empty()
    }
}

impl<C: Control> Lane<C> {
    fn freeze_here(&mut self, ticket: Ticket, order: &FreezeHere) -> Option<Answer> {
        let taken_unix_ns = self.control.freeze_here(order); // whoever asks how often
        if let Some(over_unix_ns) = self.control.is_over() {
            return Some(Answer::Frozen(Frozen { taken_unix_ns, over_unix_ns }));
        }
        if self.draining.len() >= self.room {
            return Some(DoorRefusal::DoorBusy.about("").into());
        }
        self.draining.push((ticket, taken_unix_ns));
        None
    }

    fn hand_over(&mut self, asked: &Asked) -> Option<Answer> {
        if self.asked.is_abandoned() {
            return Some(DoorRefusal::EngineGone.about("").into());
        }
        let has_room = self.under_way < self.room;
        if !has_room || !self.asked.send(*asked) {
            return Some(DoorRefusal::DoorBusy.about("").into());
        }
        self.under_way += 1;
        None
    }
}
