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
use self::layout::{Checked, Slot};
use self::record::{mark_of, write_answer, write_shot};
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
    pub slots: u32,
    /// When it is copied to disk.
    pub copy: CopyToDisk,
    /// Epochs known elsewhere, e.g. in Postgres; this start's is above all of them.
    pub epoch_known: u64,
}

/// The name of a shot, for ever: no start of an engine repeats an epoch, because it is on disk before
/// the first shot.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShotId {
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
}

/// The journals of earlier starts, oldest first: to be read, taken over and retired before this
/// start's first shot.
pub fn earlier(folder: &Path) -> Result<Vec<Reading>, JournalError> {
    recovery::read_folder(folder)
}

/// Forgets an earlier start, once each of its shots was taken over and its damage was swept.
pub fn retire(reading: &Reading) -> Result<(), JournalError> {
    file::remove(&reading.path)
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
        Ok(Self { file, copier, copy: options.copy, appended: 0, synced: 0 })
    }

    /// The name that the next shot will have.
    #[must_use]
    pub fn next(&self) -> ShotId {
        ShotId { epoch: self.file.epoch(), sequence: self.appended + 1 }
    }

    /// Writes a shot down. From here on it may have left, for whoever reads this file.
    pub fn append(
        &mut self,
        shot: &Shot<'_>,
        lease_epoch: u64,
        now: Now,
    ) -> Result<ShotId, Refusal> {
        if self.copier.has_failed() {
            return Err(Refusal::JournalFailed);
        }
        let id = self.next();
        let slots = self.file.slots();
        let slot = self.file.slot_of(id.sequence);
        if id.sequence > slots && !is_free(slot, id.sequence - slots) {
            return Err(Refusal::JournalFull);
        }
        write_shot(&mut slot.shot, shot, record::Stamp { id, lease_epoch, now })?;
        self.appended = id.sequence;
        self.copied(id.sequence)?;
        Ok(id)
    }

    /// Nothing of it has left, by whichever refusal came after it was written down.
    pub fn refused(&mut self, id: ShotId, refusal: Refusal) {
        let mark = mark_of(self.file.slot_of(id.sequence), id.sequence);
        mark.refused.set(place_of(refusal));
        mark.checksum.set(mark.computed());
        self.acknowledge(id); // no workflow has to know of it
    }

    /// What the wire took of a leg.
    pub fn written(&mut self, id: ShotId, leg: usize, written: Written, at_ns: u64) {
        let mark = mark_of(self.file.slot_of(id.sequence), id.sequence);
        mark.legs[leg].written = record::code_of_written(written);
        mark.legs[leg].written_ns.set(at_ns);
        mark.checksum.set(mark.computed());
        self.copier.has_news(self.appended);
    }

    /// What a venue said of a leg, or that it said nothing in time.
    pub fn answered(&mut self, id: ShotId, leg: usize, answer: &Answer<'_>) {
        let mark = mark_of(self.file.slot_of(id.sequence), id.sequence);
        write_answer(&mut mark.legs[leg], answer);
        mark.checksum.set(mark.computed());
        self.copier.has_news(self.appended);
    }

    /// Its workflow has it: the slot may be used again.
    pub fn acknowledge(&mut self, id: ShotId) {
        let part = &mut self.file.slot_of(id.sequence).acknowledged;
        part.sequence.set(id.sequence);
        part.checksum.set(part.computed());
        self.copier.has_news(self.appended);
    }

    /// An orderly end, with everything on disk: the next start has nothing to doubt.
    pub fn close(mut self) -> Result<(), JournalError> {
        self.file.end(self.appended, true);
        self.file.sync()
    }

    fn copied(&mut self, sequence: u64) -> Result<(), Refusal> {
        if self.copy == CopyToDisk::BeforeEachShot {
            self.file.end(sequence, false);
            return self.file.sync().map_err(|_| Refusal::JournalFailed);
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
