//! What may have left, where a kill does not reach it (DESIGN §10): one file of fixed slots per start of
//! the engine, mapped into memory. A shot is written here before its first byte; the page cache keeps
//! it when the process is killed, and another thread copies it to disk.
//!
//! Slots are used in turn. One whose shot nobody has taken over is never overwritten: the journal is
//! full, and shots are refused. A file is never written to by a later start, so that what was damaged
//! stays as it was found.

mod copier;
mod file;
mod layout;
mod record;
mod recovery;

use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

pub use self::layout::{
    BYTES_MAX, INSTRUMENT_MAX, INTENT_ID_MAX, NAME_MAX, SLOT_BYTES, VENUE_ORDER_ID_MAX,
};
pub use self::record::{Answer, AnswerClass, RecordedLeg, RecordedShot};
pub use self::recovery::{Damage, Reading, read_bytes};

use self::copier::Copier;
use self::file::SlotFile;
use self::layout::{Checked, MarkPart, Slot};
use self::record::{write_answer, write_shot};
use crate::refusal::Refusal;
use crate::shot::{Now, Shot};
use crate::wire::Written;

/// Why a journal cannot be used; no shot is fired without one.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Another engine has it.
    #[error(
        "another engine uses the journal in {0}: stop it, or give this one a folder of its own"
    )]
    InUse(String),
    /// An earlier copy to disk has failed.
    #[error("the disk has refused a copy of the journal: its next start sweeps the venues")]
    NotOnDisk,
    /// The operating system said no.
    #[error("the journal {path}: {cause}")]
    Io {
        /// The file or folder.
        path: String,
        /// What it said.
        cause: io::Error,
    },
}

/// When a record is copied to disk. A kill loses nothing either way; this is about power cuts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CopyToDisk {
    /// By another thread, this often; what was not copied is swept for at the venues.
    Every(Duration),
    /// Before each shot, by the thread that fires.
    BeforeEachShot,
}

/// How a journal is made.
#[derive(Clone, Copy, Debug)]
pub struct JournalOptions {
    /// Shots that may wait for their workflows before the next is refused.
    pub slots: NonZeroU32,
    /// Which of the engine's firing threads writes it; each has a folder of its own.
    pub thread: u32,
    /// When it is copied to disk.
    pub copy: CopyToDisk,
    /// Epochs known elsewhere, e.g. in Postgres; this start's is above all of them.
    pub epoch_known: u64,
}

/// The name of a shot, for ever: no start of an engine repeats an epoch, because it is on disk before
/// the first shot.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShotId {
    /// Of the engine that fired it.
    pub thread: u32,
    /// Of the engine's start.
    pub epoch: u64,
    /// From 1.
    pub sequence: u64,
}

/// The journal of one start; belongs to the thread that fires.
pub struct Journal {
    file: SlotFile,
    copier: Copier,
    copy: CopyToDisk,
    appended: u64,
    synced: u64,
    /// The disk has refused once: what the kernel still has of the file nobody can know.
    has_failed: bool,
}

impl Journal {
    /// A new file for this start, with its epoch on disk. The folder is locked until it is dropped.
    pub fn create(folder: &Path, options: &JournalOptions) -> Result<Self, JournalError> {
        let file = SlotFile::create(folder, options)?;
        let every = match options.copy {
            CopyToDisk::Every(every) => Some(every),
            CopyToDisk::BeforeEachShot => None,
        };
        let copier = Copier::start(file.handle()?, every);
        let copy = options.copy;
        Ok(Self { file, copier, copy, appended: 0, synced: 0, has_failed: false })
    }

    /// The journals of earlier starts, oldest first: to be read, taken over and retired before this
    /// start's first shot.
    pub fn earlier(&self) -> Result<Vec<Reading>, JournalError> {
        let mut readings = recovery::read_folder(self.file.folder())?;
        readings.retain(|reading| reading.epoch != self.file.epoch());
        Ok(readings)
    }

    /// Forgets an earlier start, once each of its shots was taken over and its damage was swept. Its
    /// epoch stays given.
    pub fn retire(&self, reading: &Reading) -> Result<(), JournalError> {
        file::remove(&reading.path)
    }

    /// The name that the next shot will have.
    #[must_use]
    pub fn next(&self) -> ShotId {
        let (thread, epoch) = (self.file.thread(), self.file.epoch());
        ShotId { thread, epoch, sequence: self.appended + 1 }
    }

    /// Writes a shot down. From here on it may have left, for whoever reads this file.
    pub fn append(
        &mut self,
        shot: &Shot<'_>,
        lease_epoch: u64,
        now: Now,
    ) -> Result<ShotId, Refusal> {
        if self.has_failed() {
            return Err(Refusal::JournalFailed);
        }
        let id = self.next();
        let slots = self.file.slots();
        let slot = self.file.slot_of(id.sequence);
        if id.sequence > slots && !is_free(slot, id.sequence - slots) {
            return Err(Refusal::JournalFull);
        }
        write_shot(slot, shot, record::Stamp { id, lease_epoch, now })?;
        self.appended = id.sequence;
        if let Err(refusal) = self.copied(id.sequence) {
            self.refused(id, refusal);
            return Err(refusal);
        }
        Ok(id)
    }

    /// Nothing of it has left, by whichever refusal came after it was written down.
    pub fn refused(&mut self, id: ShotId, refusal: Refusal) {
        self.mark(id, |mark| mark.refused.set(place_of(refusal)));
        self.acknowledge(id); // no workflow has to know of it
    }

    /// What the wire took of a leg. `false`: this journal has no such shot any more.
    #[allow(clippy::must_use_candidate)] // whoever comes too late has nothing left to do
    pub fn written(&mut self, id: ShotId, leg: usize, written: Written, at_ns: u64) -> bool {
        self.mark(id, |mark| {
            mark.legs[leg].written = record::code_of_written(written);
            mark.legs[leg].written_ns.set(at_ns);
        })
    }

    /// What a venue said of a leg, or that it said nothing in time. `false` as above.
    #[allow(clippy::must_use_candidate)] // whoever comes too late has nothing left to do
    pub fn answered(&mut self, id: ShotId, leg: usize, answer: &Answer<'_>) -> bool {
        self.mark(id, |mark| write_answer(&mut mark.legs[leg], answer))
    }

    /// Its workflow has it: the slot may be used again. `false` as above.
    #[allow(clippy::must_use_candidate)] // whoever comes too late has nothing left to do
    pub fn acknowledge(&mut self, id: ShotId) -> bool {
        let Some(slot) = self.own(id) else { return false };
        let part = &mut slot.acknowledged;
        part.sequence.set(id.sequence);
        part.checksum.set(part.computed());
        self.copier.has_news(self.appended);
        true
    }

    fn mark(&mut self, id: ShotId, change: impl FnOnce(&mut MarkPart)) -> bool {
        let Some(slot) = self.own(id) else { return false };
        let mark = &mut slot.mark;
        mark.sequence.set(id.sequence);
        change(mark);
        mark.checksum.set(mark.computed());
        self.copier.has_news(self.appended);
        true
    }

    /// The slot of a shot of this start, while it is that shot's.
    fn own(&mut self, id: ShotId) -> Option<&mut Slot> {
        let is_ours = id.epoch == self.file.epoch() && id.thread == self.file.thread();
        if !is_ours || id.sequence == 0 || id.sequence > self.appended {
            return None;
        }
        let slot = self.file.slot_of(id.sequence);
        (slot.shot.sequence.get() == id.sequence).then_some(slot)
    }

    fn has_failed(&mut self) -> bool {
        self.has_failed |= self.copier.has_failed();
        self.has_failed
    }

    /// An orderly end, with everything on disk: the next start has nothing to doubt. After a disk that
    /// has refused there is none, and the next start doubts.
    pub fn close(mut self) -> Result<(), JournalError> {
        if self.has_failed() {
            return Err(JournalError::NotOnDisk);
        }
        self.file.sync()?;
        self.file.end(self.appended, true);
        self.file.sync()
    }

    fn copied(&mut self, sequence: u64) -> Result<(), Refusal> {
        if self.copy == CopyToDisk::BeforeEachShot {
            self.file.end(sequence, false);
            self.has_failed |= self.file.sync().is_err();
            return if self.has_failed { Err(Refusal::JournalFailed) } else { Ok(()) };
        }
        self.copier.has_news(sequence);
        let synced = self.copier.synced();
        if synced != self.synced {
            self.synced = synced;
            self.file.end(synced, false);
        }
        Ok(())
    }
}

fn is_free(slot: &Slot, sequence: u64) -> bool {
    let part = &slot.acknowledged;
    part.sequence.get() == sequence && part.is_whole()
}

/// From 1, so that 0 is none.
fn place_of(refusal: Refusal) -> u32 {
    refusal as u32 + 1
}
