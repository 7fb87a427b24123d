//! What was fired, refused and heard of goes to whoever starts workflows, and to whoever tells Postgres:
//! once a turn, behind all of its shots, by rings. What there is no room for waits: the journal has it.

use legwork_engine_core::firing::Receipt;
use legwork_engine_core::journal::ShotId;
use std::sync::Arc;

use super::DeskThread;
use crate::doors::FiredFirst;

impl DeskThread {
    /// From a lease: its workflow is to be started.
    pub fn has_fired(&mut self, receipt: Receipt, pair_id: Arc<str>) {
        self.own_shots.add(receipt, pair_id);
        self.unadopted.push(receipt.id);
        self.has_changed(receipt.id);
    }

    /// Its record is to be told, once, however much of it is new.
    pub fn has_changed(&mut self, id: ShotId) {
        if !self.changed.contains(&id) {
            self.changed.push(id);
        }
    }

    /// The oldest first. Where nobody listens any more the next start reads the journal.
    pub fn tell(&mut self) {
        let Self { firing, fired, told, changed, unadopted, host, .. } = self;
        let so_many = |room: bool, left: usize| room && left > 0;
        let mut done = 0;
        while so_many(fired.has_room(), unadopted.len() - done) {
            let shot = firing.recorded(unadopted[done]);
            if let Some(shot) = shot.and_then(|shot| FiredFirst::of(host, &shot)) {
                fired.tell(shot);
            }
            done += 1;
        }
        unadopted.drain(..done);
        done = 0;
        while so_many(told.has_room(), changed.len() - done) {
            if let Some(shot) = firing.recorded(changed[done]) {
                told.tell(shot);
            }
            done += 1;
        }
        changed.drain(..done);
    }
}
