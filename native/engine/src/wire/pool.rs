//! The connections of one venue: kept open, kept warm, and opened again when they end.

use super::connection::{Broken, Connection, Errand, Phase};
use super::endpoint::{Endpoint, WireError};
use super::response::Progress;
use super::{Answer, Clock, Heard, Written};
use crate::journal::ShotId;

/// How long after its first end a connection is opened again; doubled with each that follows.
pub const RECONNECT_NS_MIN: u64 = 100_000_000;
/// However often it has ended.
pub const RECONNECT_NS_MAX: u64 = 10_000_000_000;
/// As many as lead beyond the longest pause.
const DOUBLINGS_MAX: u32 = 7;

/// How a venue's connections are kept.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// How many: two for each shot that may wait for its answers at once, spares, and the one that is
    /// being kept alive.
    pub connections: usize,
    /// A whole request that costs the venue little, e.g. `GET /time`. It trades nothing.
    pub keep_alive: Vec<u8>,
    /// How long a connection may be idle before it is sent. Shorter than the venue's own patience.
    pub keep_alive_after_ns: u64,
    /// How long an answer may take before it is lost.
    pub answer_within_ns: u64,
    /// How long connecting and the handshake may take.
    pub connect_within_ns: u64,
    /// What the kernel keeps at most of what it has not sent; `None`: as much as it likes.
    pub send_buffer_bytes: Option<usize>,
}

/// Room for one connection.
#[derive(Default)]
struct Place {
    connection: Option<Connection>,
    /// Half of it has left: its answer, which nobody will read, is still to be told as lost.
    lost: Option<(ShotId, usize)>,
    /// Ends since the last answer.
    failures: u32,
    retry_at_ns: u64,
}

/// All places of a venue.
pub struct Pool {
    endpoint: Endpoint,
    options: PoolOptions,
    places: Box<[Place]>,
    /// Whose turn it is to be looked after.
    turn: usize,
    trouble: Option<WireError>,
}

impl Pool {
    pub fn new(endpoint: Endpoint, options: PoolOptions) -> Self {
        let places = (0..options.connections).map(|_| Place::default()).collect();
        Self { endpoint, options, places, turn: 0, trouble: None }
    }

    /// Why the last connection ended that was not meant to.
    pub fn trouble(&self) -> Option<&WireError> {
        self.trouble.as_ref()
    }

    pub fn idle(&self) -> usize {
        self.connections().filter(|connection| connection.phase() == Phase::Idle).count()
    }

    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.places.iter().filter_map(|place| place.connection.as_ref())
    }

    /// Takes one in hand that is idle and whose other end is still there.
    pub fn take(&mut self) -> Option<usize> {
        let is_ready = |place: &Place| place.connection.as_ref().is_some_and(Connection::is_ready);
        let index = self.places.iter().position(is_ready)?;
        self.connection(index)?.in_hand(true);
        Some(index)
    }

    /// Writes to what is in hand, and drops what did not take everything.
    pub fn write(&mut self, index: usize, of: (ShotId, usize), bytes: &[u8]) -> Written {
        let Some(place) = self.places.get_mut(index) else { return Written::Nothing };
        let Some(connection) = &mut place.connection else { return Written::Nothing };
        let since_ns = connection.since_ns();
        let written = connection.write(bytes);
        match written {
            Written::Whole => connection.enter(Phase::Busy(Errand::Leg(of.0, of.1)), since_ns),
            Written::Part => (place.connection, place.lost) = (None, Some(of)),
            Written::Nothing => place.connection = None,
        }
        written
    }

    /// Out of hand: idle as before, or busy from now on.
    pub fn put_back(&mut self, index: usize, now_ns: u64) {
        let Some(connection) = self.connection(index) else { return };
        match connection.phase() {
            Phase::InHand => connection.in_hand(false),
            phase => connection.enter(phase, now_ns),
        }
    }

    /// Reads what has come for busy connections, and looks after one of the others: a handshake costs
    /// more than a shot may wait.
    pub fn poll(&mut self, clock: &impl Clock, hear: &mut impl FnMut(&Heard<'_>)) {
        for index in 0..self.places.len() {
            let place = &mut self.places[index];
            if let Err(broken) = place.hear(self.options.answer_within_ns, clock, hear) {
                self.end(index, broken, clock.monotonic_ns());
            }
        }
        let (index, now_ns) = (self.turn, clock.monotonic_ns());
        self.turn = (index + 1) % self.places.len().max(1);
        if let Err(broken) = self.look_after(index, now_ns) {
            self.end(index, broken, now_ns);
        }
    }

    fn look_after(&mut self, index: usize, now_ns: u64) -> Result<(), Broken> {
        let is_asking = self.places.iter().any(Place::is_asking);
        let Some(place) = self.places.get_mut(index) else { return Ok(()) };
        let Some(connection) = &mut place.connection else {
            if place.retry_at_ns <= now_ns {
                let bytes = self.options.send_buffer_bytes;
                place.connection = Some(Connection::open(&self.endpoint, bytes, now_ns)?);
            }
            return Ok(());
        };
        let age_ns = now_ns.saturating_sub(connection.since_ns());
        match connection.phase() {
            Phase::Connecting | Phase::Handshaking if age_ns >= self.options.connect_within_ns => {
                Err(Broken::TooSlow)
            }
            Phase::Connecting | Phase::Handshaking => connection.shake_hands(now_ns),
            Phase::Idle if age_ns >= self.options.keep_alive_after_ns && !is_asking => {
                ask(connection, &self.options.keep_alive, now_ns)
            }
            Phase::Idle => connection.look_after(),
            Phase::InHand | Phase::Busy(_) => Ok(()),
        }
    }

    fn end(&mut self, index: usize, broken: Broken, now_ns: u64) {
        let place = &mut self.places[index];
        place.connection = None;
        place.retry_at_ns = now_ns.saturating_add(pause_ns(place.failures));
        place.failures = place.failures.saturating_add(1);
        self.trouble = Some(self.endpoint.explain(broken));
    }

    fn connection(&mut self, index: usize) -> Option<&mut Connection> {
        self.places.get_mut(index)?.connection.as_mut()
    }
}

impl Place {
    fn is_asking(&self) -> bool {
        let phase = self.connection.as_ref().map(Connection::phase);
        phase == Some(Phase::Busy(Errand::KeepAlive))
    }

    /// Every leg of which something has left is answered here, once.
    fn hear(
        &mut self,
        within_ns: u64,
        clock: &impl Clock,
        hear: &mut impl FnMut(&Heard<'_>),
    ) -> Result<(), Broken> {
        if let Some((shot, leg)) = self.lost.take() {
            hear(&Heard { shot, leg, answer: Answer::Lost, at_ns: clock.monotonic_ns() });
        }
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let Phase::Busy(errand) = connection.phase() else { return Ok(()) };
        let mut heard = connection.hear();
        let at_ns = clock.monotonic_ns();
        if let Ok(Progress::Partial) = heard {
            if at_ns.saturating_sub(connection.since_ns()) < within_ns {
                return Ok(());
            }
            heard = Err(Broken::TooSlow);
        }
        let answer = match heard {
            Ok(Progress::Unreadable(why)) => Answer::Unreadable(why),
            _ => connection.response().response().map_or(Answer::Lost, Answer::Read),
        };
        if let Errand::Leg(shot, leg) = errand {
            hear(&Heard { shot, leg, answer, at_ns });
        }
        self.after_answer(heard?, at_ns)
    }

    fn after_answer(&mut self, heard: Progress, at_ns: u64) -> Result<(), Broken> {
        if let Progress::Unreadable(why) = heard {
            return Err(Broken::Unreadable(why));
        }
        self.failures = 0;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        connection.enter(Phase::Idle, at_ns);
        if !connection.response().leaves_connection_open() {
            (self.connection, self.retry_at_ns) = (None, at_ns);
        }
        Ok(())
    }
}

fn ask(connection: &mut Connection, request: &[u8], now_ns: u64) -> Result<(), Broken> {
    connection.look_after()?;
    if !connection.is_ready() {
        return Err(Broken::TooSlow); // half a record, for as long as it may be idle
    }
    if connection.write(request) != Written::Whole {
        return Err(Broken::HungUp);
    }
    connection.enter(Phase::Busy(Errand::KeepAlive), now_ns);
    Ok(())
}

fn pause_ns(failures: u32) -> u64 {
    (RECONNECT_NS_MIN << failures.min(DOUBLINGS_MAX)).min(RECONNECT_NS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_again_and_again_is_asked_less_often_but_asked() {
        let pauses =
            [0, 1, 2, 6, 7, 63, 64, u32::MAX].map(|failures| pause_ns(failures) / 1_000_000);
        assert_eq!(pauses, [100, 200, 400, 6_400, 10_000, 10_000, 10_000, 10_000]);
    }
}
