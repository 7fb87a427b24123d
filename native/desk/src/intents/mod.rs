//! The intents that strategies have handed over: each is fired at most once, for ever, and whoever
//! asks is told what became of it (`Desk` of the door).
//!
//! 1. What an earlier start has left is known by its journal, or by Postgres, which has every shot
//!    before its slot is used again or its journal is retired: what a journal says was refused may have
//!    been fired since, by a trade. Postgres is asked for an hour of them. Where a journal is damaged,
//!    what it does not tell is in doubt: nothing new is fired for as long as a request may wait, and
//!    nobody is told for an hour that something was never heard of.
//! 2. What was fired is kept for the life of the start, whoever has fired it: a retry by any other door
//!    only reads. Of what this door has refused the newest are kept; one is forgotten only after its
//!    `notAfter`, when it is too late for it whatever anybody knows.
//! 3. What another door has is told by Postgres within moments, and fired no more. The newest of those are
//!    kept, in a room of their own, so that no request is kept out by them: an older one is found by
//!    the orders that it has, and ends in a break.
//! 4. An intent that nobody has heard of was looked for when other doors were heard of last, which may be
//!    long ago where Postgres does not answer. So where `ask` hears `unheard` of one whose `notAfter` was
//!    over by then, for less than 59 minutes, nothing of it was ever fired, and nothing will be.

mod left;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use legwork_engine_core::journal::Reading;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_door::answer::{Became, Receipt, Standing};
use legwork_engine_door::refused::{DoorRefusal, Refused};
use legwork_engine_door::request::FireRequest;
use legwork_engine_door::text::Text;

/// Refused intents that are kept, and as many of other doors.
pub const ROOM: usize = 65_536;
/// No request waits for longer: 60 s.
pub const VALID_NS_MAX: u64 = 60_000_000_000;
/// Who asks later than an hour after an intent's `notAfter` is not told that it was never fired
/// (`client/fire-first`).
pub const KNOWN_FOR_NS: u64 = 3_600_000_000_000;
const MILLISECOND_NS: u64 = 1_000_000;

type IntentId = Text<64>;

/// What became of one, with the digest of what a strategy has handed over.
#[derive(Clone, Copy)]
enum Known {
    /// Nothing has left.
    Refused([u8; 32], Refused),
    /// Something has.
    Fired([u8; 32], Receipt),
    /// Something may have: nobody has lived to say so, or a workflow has fired it.
    MayHaveLeft,
    /// A workflow has it, of which nothing has left here.
    OfTrade,
}

impl Known {
    /// By a workflow. `None`: what its wires took nobody has said.
    fn fire_by_trade(&mut self, receipt: Option<Receipt>) {
        *self = match (*self, receipt) {
            (Self::Fired(..), _) => return,
            (Self::Refused(digest, _), Some(receipt)) => Self::Fired(digest, receipt),
            _ => Self::MayHaveLeft,
        };
    }
}

/// What is known of them; belongs to the thread that fires.
pub struct Intents {
    /// It grows with what was fired, a little each time: a larger table is never made between two shots.
    known: BTreeMap<IntentId, Known>,
    /// By this door: with its `notAfter` since 1970, the oldest first.
    refused: VecDeque<(u64, IntentId)>,
    /// What others have, as it was heard of.
    others: VecDeque<IntentId>,
    /// Of each.
    room: usize,
    /// Since 1970: what other doors had by then is known.
    heard_until_ns: u64,
    /// Since 1970: what earlier starts have fired and no journal tells may come again until then.
    in_doubt_until_ns: u64,
    /// The same: whoever asks after it until then is not told that it was never heard of.
    unsure_until_ns: u64,
}

impl Intents {
    /// As earlier starts of the host have left them, read at this time since 1970: in their journals,
    /// and by name in Postgres.
    #[must_use]
    pub fn of_earlier(
        host: &str,
        (earlier, in_postgres): (&[Reading], &[String]),
        now_unix_ns: u64,
    ) -> Self {
        let is_whole = earlier.iter().all(|reading| reading.damage.is_empty());
        let shots = earlier.iter().flat_map(|reading| &reading.shots);
        // What became of those their trades know.
        let told = in_postgres.iter().filter_map(|id| Some((Text::name(id)?, Known::OfTrade)));
        let mut known = told.collect();
        let until = |for_ns| if is_whole { 0 } else { now_unix_ns.saturating_add(for_ns) };
        for shot in shots {
            left::add(&mut known, host, shot);
        }
        Self {
            known,
            refused: VecDeque::new(),
            others: VecDeque::new(),
            room: ROOM,
            heard_until_ns: now_unix_ns,
            in_doubt_until_ns: until(VALID_NS_MAX),
            unsure_until_ns: until(KNOWN_FOR_NS),
        }
    }

    /// Those that the door had refused, as journals say: a trade may have fired one since, of which no
    /// journal tells any more.
    #[must_use]
    pub fn refused_before(&self) -> Vec<String> {
        let is_refused = |known: &&Known| matches!(known, Known::Refused(..));
        let refused = self.known.iter().filter(|(_, known)| is_refused(known));
        refused.map(|(id, _)| id.to_string()).collect()
    }

    /// One of those has a trade, as Postgres says. Without a receipt its shot may be on its way, from
    /// another host as well: whoever asks is sent to its trade.
    pub fn has_trade(&mut self, intent_id: &str, receipt: Option<Receipt>) {
        if let Some(receipt) = receipt {
            self.fired_by_trade(intent_id, receipt);
            return;
        }
        let known = Text::name(intent_id).and_then(|id| self.known.get_mut(&id));
        if let Some(refused @ Known::Refused(..)) = known {
            *refused = Known::OfTrade;
        }
    }

    /// Whether it may be fired, at a time since 1970.
    pub fn admit(&mut self, id: &IntentId, now_unix_ns: u64) -> Result<(), Refused> {
        if self.known.contains_key(id) {
            return Err(DoorRefusal::IntentExists.about(""));
        }
        if now_unix_ns < self.in_doubt_until_ns {
            return Err(Refusal::JournalFailed.into());
        }
        let is_full = self.refused.len() >= self.room;
        if is_full && self.refused.front().is_some_and(|(until_ns, _)| now_unix_ns < *until_ns) {
            return Err(DoorRefusal::DoorBusy.about(""));
        }
        Ok(())
    }

    /// What became of it, looked for after the clock was read.
    #[must_use]
    pub fn standing(&self, id: &IntentId, looked_unix_ns: u64) -> Standing {
        let became = match self.known.get(id) {
            None if looked_unix_ns < self.unsure_until_ns => Became::Unknown,
            None => {
                let looked_unix_ns = looked_unix_ns.min(self.heard_until_ns);
                return Standing { looked_unix_ns, became: Became::Unheard };
            }
            Some(Known::Refused(digest, refused)) => Became::Refused(*digest, *refused),
            Some(Known::Fired(digest, receipt)) => Became::Fired(*digest, *receipt),
            Some(Known::MayHaveLeft | Known::OfTrade) => Became::Unknown,
        };
        Standing { looked_unix_ns, became }
    }

    /// Whether something of it may have left, by whichever door it came: no trade may fire it then.
    #[must_use]
    pub fn may_have_left(&self, intent_id: &str) -> bool {
        let known = Text::name(intent_id).and_then(|id| self.known.get(&id));
        matches!(known, Some(Known::Fired(..) | Known::MayHaveLeft))
    }

    /// Takes it for its trade, before that writes its orders down: no strategy may fire it any more.
    /// `false`: orders of its names may have left, by another door or an earlier attempt.
    pub fn claim(&mut self, intent_id: &str) -> bool {
        if self.may_have_left(intent_id) {
            return false;
        }
        self.refused_by_trade(intent_id);
        true
    }

    /// Another door has it: a workflow, or another host. No strategy may fire it here; where this door
    /// knows more, that stays.
    pub fn used(&mut self, intent_id: &str) {
        self.refused_by_trade(intent_id);
    }

    /// Other doors were heard of, at a time since 1970.
    pub fn heard_until(&mut self, unix_ns: u64) {
        self.heard_until_ns = self.heard_until_ns.max(unix_ns);
    }

    /// A workflow has fired it: no strategy may any more. Whoever asks is told the receipt where the
    /// door had refused it, and is sent to its trade where it was never handed over here.
    pub fn fired_by_trade(&mut self, intent_id: &str, receipt: Receipt) {
        let Some(id) = Text::name(intent_id) else { return };
        self.known.entry(id).or_insert(Known::OfTrade).fire_by_trade(Some(receipt));
    }

    /// Nothing of a workflow's shot has left. No strategy may fire it any more; whoever asks is sent to
    /// its trade.
    pub fn refused_by_trade(&mut self, intent_id: &str) {
        let Some(id) = Text::name(intent_id).filter(|id| !self.known.contains_key(id)) else {
            return;
        };
        if self.others.len() >= self.room
            && let Some(oldest) = self.others.pop_front()
        {
            self.forget(&oldest);
        }
        self.others.push_back(id);
        self.known.insert(id, Known::OfTrade);
    }

    /// Something of it has left.
    pub fn fired(&mut self, request: &FireRequest, receipt: Receipt) {
        self.known.insert(request.intent_id, Known::Fired(request.digest, receipt));
    }

    /// Nothing has.
    pub fn refused(&mut self, request: &FireRequest, refused: Refused) {
        if self.refused.len() >= self.room
            && let Some((_, oldest)) = self.refused.pop_front()
        {
            self.forget(&oldest);
        }
        let until_ns = request.not_after_ms.saturating_mul(MILLISECOND_NS);
        self.refused.push_back((until_ns, request.intent_id));
        self.known.insert(request.intent_id, Known::Refused(request.digest, refused));
    }

    fn forget(&mut self, oldest: &IntentId) {
        // A workflow may have fired it since.
        if matches!(self.known.get(oldest), Some(Known::Refused(..) | Known::OfTrade)) {
            self.known.remove(oldest);
        }
    }
}
