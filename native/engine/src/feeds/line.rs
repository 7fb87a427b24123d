//! Whether a connection lives. The process tells what it hears; nothing here knows a socket.

const SECOND_NS: u64 = 1_000_000_000;
/// Our own ping; its answer shows that a quiet connection is alive (DESIGN §3).
const PING_NS: u64 = SECOND_NS;
/// A book whose connection has been silent for longer is stale: the terms' usual bound.
pub const SILENCE_NS_MAX: u64 = 2 * SECOND_NS;
/// Silence after which the connection is given up, as in TypeScript.
const GIVEN_UP_NS: u64 = 5 * SECOND_NS;

/// How a feed's connection stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineState {
    /// There is none.
    Down,
    /// It spoke lately.
    Alive,
    /// Neither data nor an answer to our ping for too long.
    Stale,
}

/// What is due on a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    Ping,
    GiveUp,
}

/// One connection's life, on the monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line {
    /// 0: down.
    heard_ns: u64,
    pinged_ns: u64,
    /// It is given up once.
    is_given_up: bool,
}

impl Line {
    /// When it last spoke; 0: there is none.
    #[must_use]
    pub fn heard_ns(&self) -> u64 {
        self.heard_ns
    }

    /// How it stands now.
    #[must_use]
    pub fn state(&self, now_ns: u64) -> LineState {
        match now_ns.checked_sub(self.heard_ns) {
            _ if self.heard_ns == 0 => LineState::Down,
            Some(silent_ns) if silent_ns <= SILENCE_NS_MAX => LineState::Alive,
            _ => LineState::Stale,
        }
    }

    pub(super) fn open(&mut self, now_ns: u64) {
        *self = Self { heard_ns: now_ns, pinged_ns: now_ns, is_given_up: false };
    }

    /// Data, a ping of the venue's, or the answer to ours. What comes after the end says nothing.
    pub(super) fn hear(&mut self, now_ns: u64) {
        if self.is_open() {
            self.heard_ns = now_ns;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.heard_ns != 0
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    pub(super) fn due(&mut self, now_ns: u64) -> Option<Due> {
        if !self.is_open() || self.is_given_up {
            return None;
        }
        if now_ns.saturating_sub(self.heard_ns) > GIVEN_UP_NS {
            self.is_given_up = true;
            return Some(Due::GiveUp);
        }
        let is_due = now_ns.saturating_sub(self.pinged_ns) >= PING_NS;
        if is_due {
            self.pinged_ns = now_ns;
        }
        is_due.then_some(Due::Ping)
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn a_silent_connection_is_pinged_each_second_then_stale_then_given_up_once() {
        let mut line = Line::default();
        assert_eq!((line.state(1), line.due(9 * SECOND_NS)), (LineState::Down, None));
        line.open(SECOND_NS);
        assert_eq!(line.due(2 * SECOND_NS - 1), None);
        assert_eq!(line.due(2 * SECOND_NS), Some(Due::Ping));
        assert_eq!(line.due(2 * SECOND_NS + 1), None);
        assert_eq!(line.state(3 * SECOND_NS), LineState::Alive);
        assert_eq!(line.state(3 * SECOND_NS + 1), LineState::Stale);
        assert_eq!(line.due(6 * SECOND_NS), Some(Due::Ping));
        assert_eq!(line.due(6 * SECOND_NS + 1), Some(Due::GiveUp));
        assert_eq!(line.due(9 * SECOND_NS), None);
        line.close();
        line.hear(9 * SECOND_NS);
        assert_eq!(line.state(9 * SECOND_NS), LineState::Down);
    }

    #[test]
    fn the_answer_to_a_ping_keeps_a_quiet_connection_alive() {
        let mut line = Line::default();
        line.open(SECOND_NS);
        line.hear(4 * SECOND_NS);
        assert_eq!(line.state(6 * SECOND_NS), LineState::Alive);
        assert_eq!(line.state(3 * SECOND_NS), LineState::Stale, "a time that has not been");
    }
}
