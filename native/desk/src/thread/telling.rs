//! What was fired, refused and heard of goes to whoever starts workflows, and to whoever tells Postgres:
//! once a turn, behind all of its shots, by rings. What there is no room for waits: the journal has it.

use std::sync::Arc;

use legwork_engine_core::firing::Receipt;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::lines::Teller;

use super::DeskThread;
use crate::doors::FiredFirst;

impl DeskThread {
    /// From a lease: its workflow is to be started.
    pub fn has_fired(&mut self, receipt: Receipt, pair_id: Arc<str>) {
        self.own_shots.add(receipt, pair_id);
        self.unadopted.push(receipt.id);
        note(&mut self.changed, receipt.id);
    }

    /// The oldest first. Where nobody listens any more the next start reads the journal.
    pub fn tell(&mut self) {
        let Self { firing, fired, told, changed, unadopted, host, .. } = self;
        hand_over(unadopted, fired, |id| FiredFirst::of(host, &firing.recorded(id)?));
        hand_over(changed, told, |id| firing.recorded(id));
    }
}

/// Its record is to be told, once, however much of it is new.
pub fn note(changed: &mut Vec<ShotId>, id: ShotId) {
    if !changed.contains(&id) {
        changed.push(id);
    }
}

/// As many as there is room for; the others stay.
fn hand_over<T>(ids: &mut Vec<ShotId>, teller: &mut Teller<T>, of: impl Fn(ShotId) -> Option<T>) {
    let mut done = 0;
    while done < ids.len() && teller.has_room() {
        if let Some(what) = of(ids[done]) {
            teller.send(what); // there is room
        }
        done += 1;
    }
    ids.drain(..done);
}
