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
    is_acknowledged: bool,
}

#[derive(Default)]
pub struct Waiting(HashMap<ShotId, Out>);

impl Waiting {
    /// What has left, and who waits for its answers. A leg that stayed at home needs none.
    pub fn add(
        &mut self,
        receipt: Receipt,
        names: [ClientOrderId; LEGS],
        reply: oneshot::Sender<Fired>,
    ) {
        let outcomes = receipt.legs.map(at_home);
        let out = Out { receipt, names, outcomes, reply: Some(reply), is_acknowledged: false };
        self.0.insert(receipt.id, out);
        self.answer(receipt.id);
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

    /// Shots whose answers are still awaited.
    pub fn unanswered(&self) -> usize {
        self.0.values().filter(|out| out.reply.is_some()).count()
    }

    fn answer(&mut self, id: ShotId) {
        let Some(out) = self.0.get_mut(&id) else { return };
        let [Some(yes), Some(no)] = &out.outcomes else { return };
        let told = [yes, no].map(Clone::clone);
        let Some(reply) = out.reply.take() else { return };
        let [yes, no] = out.names.map(|name| name.to_string());
        let [first, second] = told;
        let outcomes = [
            LegOutcome { client_order_id: yes, outcome: first },
            LegOutcome { client_order_id: no, outcome: second },
        ];
        // Whoever has asked may be gone; what became of it is in the journal.
        let _ = reply.send(Fired::Heard(outcomes));
        self.forget(id);
    }

    fn forget(&mut self, id: ShotId) {
        let is_over = |out: &Out| out.reply.is_none() && out.is_acknowledged;
        if self.0.get(&id).is_some_and(is_over) {
            self.0.remove(&id);
        }
    }
}

/// `None`: an answer is awaited.
fn at_home(written: Option<Written>) -> Option<SendOutcome> {
    match written {
        Some(Written::Whole | Written::Part) => None,
        Some(Written::Nothing) => {
            Some(SendOutcome::not_sent("NO_WIRE", "its connection has taken nothing of it"))
        }
        None => Some(SendOutcome::not_sent(
            "OTHER_LEG_IN_DOUBT",
            "half of the other leg has left: this one stayed at home",
        )),
    }
}
