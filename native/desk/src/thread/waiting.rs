//! Shots that are out, until both legs were heard of and Postgres has them.

use std::collections::HashMap;

use legwork_engine_core::answers::Verdict;
use legwork_engine_core::firing::Receipt;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::LEGS;
use legwork_engine_core::wire::Written;
use tokio::sync::oneshot;

use crate::order::Fired;
use crate::trade::{LegOutcome, SendOutcome};

/// A shot that is out.
struct Out {
    receipt: Receipt,
    names: [ClientOrderId; LEGS],
    outcomes: [Option<SendOutcome>; LEGS],
    reply: Option<oneshot::Sender<Fired>>,
    /// On the monotonic clock: what was not heard by then is told as unknown.
    until_ns: u64,
    is_acknowledged: bool,
}

#[derive(Default)]
pub struct Waiting(HashMap<ShotId, Out>);

impl Waiting {
    /// What has left, and who waits for its answers. A leg that stayed at home needs none.
    pub fn add(
        &mut self,
        receipt: Receipt,
        (names, answer_within_ns): ([ClientOrderId; LEGS], u64),
        reply: oneshot::Sender<Fired>,
    ) {
        let (id, (_, written_ns)) = (receipt.id, receipt.from_to_ns);
        let out = Out {
            receipt,
            names,
            outcomes: at_home(receipt.legs),
            reply: Some(reply),
            until_ns: written_ns.saturating_add(answer_within_ns),
            is_acknowledged: false,
        };
        self.0.insert(id, out);
        self.answer(id);
    }

    /// Whose trade waits no longer is told what was heard; the rest is for the journal, and for whoever
    /// asks the venues.
    pub fn give_up(&mut self, now_ns: u64) {
        for out in self.0.values_mut().filter(|out| out.until_ns <= now_ns) {
            if let Some(reply) = out.reply.take() {
                let outcomes = out.outcomes.clone().map(|of| of.unwrap_or_else(silence));
                // Whoever has asked may be gone.
                let _ = reply.send(Fired::Heard(named(out.names, outcomes)));
            }
        }
        self.0.retain(|_, out| !out.is_over());
    }

    /// A leg was heard of. Who waits is told with the last of them.
    pub fn heard(&mut self, id: ShotId, leg: usize, verdict: &Verdict) {
        let Some(out) = self.0.get_mut(&id) else { return };
        if let Some(outcome) = out.outcomes.get_mut(leg) {
            outcome.get_or_insert_with(|| SendOutcome::of(verdict));
        }
        self.answer(id);
    }

    /// Postgres has it: its slot may be used again.
    pub fn acknowledged(&mut self, id: ShotId) -> Option<Receipt> {
        let out = self.0.get_mut(&id)?;
        out.is_acknowledged = true;
        let receipt = out.receipt;
        self.forget(id);
        Some(receipt)
    }

    /// Shots of which something is still to be heard, whether their trades wait for it or not.
    pub fn unanswered(&self) -> usize {
        self.0.values().filter(|out| out.outcomes.iter().any(Option::is_none)).count()
    }

    /// Every shot was heard of, and Postgres has it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn answer(&mut self, id: ShotId) {
        let Some(out) = self.0.get_mut(&id) else { return };
        let [Some(yes), Some(no)] = out.outcomes.clone() else { return };
        let Some(reply) = out.reply.take() else { return };
        // Whoever has asked may be gone; what became of it is in the journal.
        let _ = reply.send(Fired::Heard(named(out.names, [yes, no])));
        self.forget(id);
    }

    fn forget(&mut self, id: ShotId) {
        if self.0.get(&id).is_some_and(Out::is_over) {
            self.0.remove(&id);
        }
    }
}

impl Out {
    /// Nobody waits for it any more, in whichever direction.
    fn is_over(&self) -> bool {
        self.reply.is_none() && self.is_acknowledged
    }
}

fn named(names: [ClientOrderId; LEGS], outcomes: [SendOutcome; LEGS]) -> [LegOutcome; LEGS] {
    let [first, second] = outcomes;
    let of =
        |name: ClientOrderId, outcome| LegOutcome { client_order_id: name.to_string(), outcome };
    [of(names[0], first), of(names[1], second)]
}

fn silence() -> SendOutcome {
    SendOutcome::Unknown {
        code: "NO_ANSWER".to_owned(),
        reason: "nothing was heard for as long as the trade waits".to_owned(),
    }
}

/// By leg; `None`: an answer is awaited.
fn at_home(legs: [Option<Written>; LEGS]) -> [Option<SendOutcome>; LEGS] {
    let not_sent = |code, why: &str| Some(SendOutcome::not_sent(code, why));
    legs.map(|written| match written {
        Some(Written::Whole | Written::Part) => None,
        Some(Written::Nothing) => not_sent("NO_WIRE", "its connection has taken nothing of it"),
        None if legs.contains(&Some(Written::Part)) => {
            let why = "half of the other leg has left: this one stayed at home";
            not_sent("OTHER_LEG_IN_DOUBT", why)
        }
        None => not_sent("HELD_BACK", "the other leg goes first, and its fill is hedged here"),
    })
}
