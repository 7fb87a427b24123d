//! The door: reads requests of every client, hands them over, tells the answers. It belongs to one
//! thread, waits for no client, and allocates for connections but not for frames.

use std::io::{self, ErrorKind::ConnectionAborted, ErrorKind::Interrupted, ErrorKind::WouldBlock};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use legwork_engine_core::lines::Wake;
use legwork_engine_core::wire::Clock;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;

use crate::answer::{Answer, Status};
use crate::connection::{Connection, Over};
use crate::desk::{Asked, Desk, Ticket};
use crate::frame::{Frame, FrameTooLong};
use crate::greeting::{Greeting, Mode, PROTOCOL_VERSION};
use crate::place::{OpenError, Peers, Place};
use crate::refused::{DoorRefusal, Refused};
use crate::request::Request;
use crate::slots::Slots;
use crate::text::Text;

/// Clients at once.
pub const CONNECTIONS_MAX: u16 = 16;
/// Requests of one client that are not answered.
pub const UNDER_WAY_MAX: u32 = 64;
/// How often a door looks after what nobody wakes it for.
const WATCH_EVERY: Duration = Duration::from_millis(1);
/// Longer than a shot: to be woken takes a good part of one, so until then a door looks itself.
const LOOKS_FOR_NS: u64 = 500_000;
const EVENTS: usize = 32;
const LISTENER: u64 = u64::MAX;
const WAKE: u64 = u64::MAX - 1;

/// What a door says of its engine, and where.
#[derive(Clone, Debug)]
pub struct DoorOptions {
    /// Of the socket.
    pub path: PathBuf,
    /// Who may connect.
    pub peers: Peers,
    /// What the engine's orders may do.
    pub mode: Mode,
    /// Of the engine's start.
    pub epoch: u64,
    /// As intents name it.
    pub host: Text<64>,
}

/// A listening door, and whoever stands behind it.
pub struct Door<D, C> {
    place: Place,
    epoll: OwnedFd,
    wake: Wake,
    slots: Slots,
    peers: Peers,
    greeting: Greeting,
    desk: D,
    clock: C,
    /// Until then it does not sleep while an answer is owed by whoever never sleeps either.
    looks_until_ns: u64,
}

impl<D: Desk, C: Clock> Door<D, C> {
    /// Listens when this returns.
    pub fn open(options: &DoorOptions, wake: Wake, desk: D, clock: C) -> Result<Self, OpenError> {
        let DoorOptions { path, peers, mode, epoch, host } = options;
        let place = Place::take(path, *peers)?;
        let failed = |cause: Errno| OpenError::Io { path: path.clone(), cause: cause.into() };
        let epoll = epoll::create(CreateFlags::CLOEXEC).map_err(failed)?;
        let watch = |fd, data| epoll::add(&epoll, fd, EventData::new_u64(data), EventFlags::IN);
        watch(place.listener.as_fd(), LISTENER).map_err(failed)?;
        watch(wake.as_fd(), WAKE).map_err(failed)?;
        let greeting =
            Greeting { version: PROTOCOL_VERSION, mode: *mode, epoch: *epoch, host: *host };
        let slots = Slots::new(CONNECTIONS_MAX);
        let looks_until_ns = 0;
        Ok(Self { place, epoll, wake, slots, peers: *peers, greeting, desk, clock, looks_until_ns })
    }

    /// One turn: whoever has something to say is heard, whatever is answered is told. Waits so long
    /// for the first of it; zero waits for nobody. Returns how many requests were read. An error is
    /// the operating system's and no client's.
    pub fn poll(&mut self, wait: Duration) -> io::Result<usize> {
        let none = Event { flags: EventFlags::empty(), data: EventData::new_u64(0) };
        let mut events = [none; EVENTS];
        let count = self.wait(&mut events, wait)?;
        let mut requests = 0;
        for event in events.iter().take(count) {
            match event.data.u64() {
                LISTENER => self.accept()?,
                WAKE => self.wake.settle(),
                slot => requests += u16::try_from(slot).map_or(0, |slot| self.serve(slot)),
            }
        }
        while let Some((ticket, answer)) = self.desk.next_answer() {
            self.answer_later(ticket, answer);
        }
        Ok(requests)
    }

    /// Whoever stands behind it.
    pub fn desk(&mut self) -> &mut D {
        &mut self.desk
    }

    fn wait(&self, events: &mut [Event], wait: Duration) -> io::Result<usize> {
        let wait = if self.is_looking() {
            thread::yield_now(); // to whoever has to run for the answer
            Duration::ZERO
        } else if self.desk.is_watching() {
            wait.min(WATCH_EVERY)
        } else {
            wait
        };
        let wait = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        match epoll::wait(&self.epoll, events, Some(&wait)) {
            Err(Errno::INTR) => Ok(0),
            other => Ok(other?),
        }
    }

    fn is_looking(&self) -> bool {
        self.slots.under_way() > 0 && self.clock.monotonic_ns() < self.looks_until_ns
    }

    fn accept(&mut self) -> io::Result<()> {
        match self.place.listener.accept() {
            Ok((stream, _)) => self.welcome(stream),
            // Nobody, or gone before it was let in.
            Err(cause) if matches!(cause.kind(), WouldBlock | Interrupted | ConnectionAborted) => {
                Ok(())
            }
            Err(cause) => Err(cause),
        }
    }

    fn welcome(&mut self, stream: UnixStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let is_allowed = self.peers.allow(&stream);
        let mut connection = Connection::new(stream);
        if !is_allowed {
            turn_away(connection, DoorRefusal::PeerNotAllowed);
            return Ok(());
        }
        if self.slots.count() >= CONNECTIONS_MAX.into() {
            turn_away(connection, DoorRefusal::TooManyConnections);
            return Ok(());
        }
        let told = self.greeting.with_frame(|greeting| connection.tell(greeting));
        if told.and_then(|()| connection.flush()).is_err() {
            return Ok(());
        }
        if let Some(slot) = self.slots.add(connection) {
            self.watch(slot)?;
        }
        Ok(())
    }

    fn watch(&mut self, slot: u16) -> io::Result<()> {
        let Some(connection) = self.slots.get(slot) else { return Ok(()) };
        let data = EventData::new_u64(slot.into());
        let watched = epoll::add(&self.epoll, &*connection, data, EventFlags::IN);
        if watched.is_err() {
            self.slots.remove(slot);
        }
        Ok(watched?)
    }

    /// Reads a client once and does whatever is whole; returns how many requests that were.
    fn serve(&mut self, slot: u16) -> usize {
        let Some(connection) = self.slots.get(slot) else { return 0 };
        let (mut requests, mut is_over) = (0, connection.read().is_err());
        while !is_over {
            match self.next_request(slot) {
                Ok(true) => requests += 1,
                Ok(false) => break,
                Err(Over) => is_over = true,
            }
        }
        if is_over || self.flush(slot).is_err() {
            self.slots.remove(slot); // the kernel forgets a closed descriptor by itself
        }
        requests
    }

    /// `false` where no further one is whole.
    fn next_request(&mut self, slot: u16) -> Result<bool, Over> {
        let connection = self.slots.get(slot).ok_or(Over)?;
        let (number, decoded) = match connection.next_frame() {
            Ok(None) => return Ok(false),
            Ok(Some(Frame { kind, number, body })) => (number, Request::decode(kind, body)),
            Err(FrameTooLong { number }) => (number, Err(DoorRefusal::FrameTooLong.about(""))),
        };
        let answer =
            match decoded.and_then(|request| self.permitted(slot, &request).map(|()| request)) {
                Err(refused) => Some(Answer::Refused(refused)),
                Ok(request) => self.hand_over(slot, number, &request),
            };
        let Some(answer) = answer else { return Ok(true) };
        let connection = self.slots.get(slot).ok_or(Over)?;
        answer.with_frame(number, |frame| connection.tell(frame))?;
        if matches!(answer, Answer::Refused(Refused { closes: true, .. })) {
            let _ = connection.flush(); // whoever does not read it sees the end
            return Err(Over);
        }
        Ok(true)
    }

    /// What the door can tell by itself.
    fn permitted(&mut self, slot: u16, request: &Request) -> Result<(), Refused> {
        let is_for_firing = matches!(request, Request::Fire(_) | Request::Ask(_));
        let under_way = self.slots.get(slot).map_or(0, |connection| connection.under_way);
        if is_for_firing && under_way >= UNDER_WAY_MAX {
            return Err(DoorRefusal::DoorBusy.about(""));
        }
        if let Request::Fire(fire) = request {
            if fire.mode != self.greeting.mode {
                return Err(DoorRefusal::ModeMismatch.about("mode"));
            }
            if !fire.is_of_its_digest(self.greeting.host.as_str()) {
                return Err(DoorRefusal::DigestMismatch.about("digest"));
            }
        }
        Ok(())
    }

    fn hand_over(&mut self, slot: u16, number: u64, request: &Request) -> Option<Answer> {
        let ticket = self.slots.ticket(slot, number);
        let asked = Asked { ticket, received_ns: self.clock.monotonic_ns(), request: *request };
        let Some(answer) = self.desk.take(&asked) else {
            self.slots.get(slot)?.under_way += 1;
            if self.desk.answers_at_once() {
                self.looks_until_ns = asked.received_ns.saturating_add(LOOKS_FOR_NS);
            }
            return None;
        };
        Some(self.counted(answer))
    }

    fn answer_later(&mut self, ticket: Ticket, answer: Answer) {
        let Some(connection) = self.slots.of(ticket) else { return }; // it asks again, or never
        connection.under_way = connection.under_way.saturating_sub(1);
        let told = answer.with_frame(ticket.number, |frame| connection.tell(frame));
        if told.and_then(|()| self.flush(ticket.slot)).is_err() {
            self.slots.remove(ticket.slot);
        }
    }

    /// With what only the door knows.
    fn counted(&self, answer: Answer) -> Answer {
        let Answer::Status(status) = answer else { return answer };
        let (under_way, connections) = (self.slots.under_way(), self.slots.count());
        Answer::Status(Status { under_way, connections, ..status })
    }

    /// What the kernel does not take now goes when it says that there is room.
    fn flush(&mut self, slot: u16) -> Result<(), Over> {
        let connection = self.slots.get(slot).ok_or(Over)?;
        let is_waiting = !connection.flush()?;
        if is_waiting != connection.is_waiting_for_room {
            let room = if is_waiting { EventFlags::OUT } else { EventFlags::empty() };
            let data = EventData::new_u64(slot.into());
            epoll::modify(&self.epoll, &*connection, data, EventFlags::IN | room)
                .map_err(|_| Over)?;
            connection.is_waiting_for_room = is_waiting;
        }
        Ok(())
    }
}

/// Says why, and closes.
fn turn_away(mut connection: Connection, refusal: DoorRefusal) {
    let answer = Answer::Refused(refusal.about(""));
    let told = answer.with_frame(0, |frame| connection.tell(frame));
    let _ = told.and_then(|()| connection.flush()); // whoever does not hear it sees the end
}
