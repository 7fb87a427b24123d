//! Who stands behind the door.

use crate::answer::Answer;
use crate::request::Request;

/// Whose answer it is: a connection, as long as it lives, and the number of the request on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket {
    pub(crate) slot: u16,
    pub(crate) generation: u32,
    pub(crate) number: u64,
}

/// A request that the door has found nothing against.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asked {
    /// For its answer.
    pub ticket: Ticket,
    /// When the door had read it, on the monotonic clock.
    pub received_ns: u64,
    /// What is wanted.
    pub request: Request,
}

/// Answers what comes in. What it owes whoever asks:
///
/// 1. It never waits: the door serves every client in one turn.
/// 2. An intent id fires at most once, for ever. One that it knows is refused as `INTENT_EXISTS`
///    ([`crate::refused::DoorRefusal::IntentExists`]).
/// 3. Before it fires it has written the intent down where the next start finds it.
/// 4. For `ask` it reads the wall clock first and looks afterwards, and what is past its `notAfter`
///    is never fired: what is unheard of then never will be.
/// 5. Whoever is refused, nothing was done for. Whatever may have left has a receipt.
pub trait Desk {
    /// One request. `None`: [`Desk::next_answer`] has it later. A status is always told at once; the
    /// door adds what only it knows.
    fn take(&mut self, asked: &Asked) -> Option<Answer>;

    /// What was answered since, one at a time.
    fn next_answer(&mut self) -> Option<(Ticket, Answer)> {
        None
    }

    /// Whoever answers never waits: an answer comes within a shot's time.
    fn answers_at_once(&self) -> bool {
        false
    }

    /// Something ends that nobody wakes the door for: it looks again soon.
    fn is_watching(&self) -> bool {
        false
    }
}
