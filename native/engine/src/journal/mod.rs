//! What may have left, where a kill does not reach it (DESIGN §10): fixed slots in memory that belongs
//! to no process, and a copy of them on disk, per start of the engine. A shot is written here before
//! its first byte; a killed process leaves the memory, and another thread copies it to disk for the day
//! on which the machine itself goes down.
//!
//! Slots are used in turn. One whose shot nobody has taken over is never overwritten: the journal is
//! full, and shots are refused. A file is never written to by a later start, so that what was damaged
//! stays as it was found.

mod answer;
mod dirty;
mod disk;
mod folder;
mod intent;
mod layout;
mod memory;
mod record;
mod recovery;

use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

pub use self::answer::{Answer, RecordedAnswer};
pub use self::layout::{
    BYTES_MAX, CODE_MAX, INSTRUMENT_MAX, INTENT_ID_MAX, NAME_MAX, SLOT_BYTES, VENUE_ORDER_ID_MAX,
};
pub use self::record::{MASK, RecordedLeg, RecordedShot};
pub use self::recovery::{Damage, Reading, Source, read_bytes};

use self::answer::write_answer;
use self::dirty::Dirty;
use self::disk::{Copier, DiskCopy};
use self::folder::{Folder, epochs, file_of, remove, sync_folder};
use self::layout::{Checked, MarkPart, Slot};
use self::memory::{SlotMemory, Start};
use self::record::write_shot;
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
    #[error("the disk has refused a copy of the journal: what was fired is in memory alone")]
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

/// Where a journal lies. Both folders belong to it alone.
#[derive(Clone, Copy, Debug)]
pub struct Folders<'a> {
    /// On a disk, for the day on which the machine goes down.
    pub disk: &'a Path,
    /// On a file system in memory (`/dev/shm/…`), which a killed process leaves as it was. On a disk
    /// it works as well, and a shot waits for it now and then.
    pub memory: &'a Path,
}

/// What a power cut may take back, unless the operator says otherwise; custody finds at the venues what
/// it took.
pub const COPY_EVERY_DEFAULT: Duration = Duration::from_millis(50);

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
    memory: SlotMemory,
    dirty: Arc<Dirty>,
    copier: Copier,
    disk_folder: Folder,
    memory_folder: Folder,
    appended: u64,
    /// The disk has refused once: what the kernel still has of the file nobody can know.
    has_failed: bool,
}

impl Journal {
    /// New memory and a new file for this start, with its epoch on disk. Both folders are locked until
    /// it is dropped.
    pub fn create(folders: Folders<'_>, options: &JournalOptions) -> Result<Self, JournalError> {
        let mut disk_folder = Folder::lock(folders.disk)?;
        let memory_folder = Folder::lock(folders.memory)?;
        forget_unfinished(folders)?;
        let epoch = disk_folder.next_epoch(options.epoch_known)?;
        let start = Start { thread: options.thread, epoch, slots: options.slots.get() };
        let memory = SlotMemory::create(file_of(folders.memory, epoch), start)?;
        let dirty = Arc::new(Dirty::new(memory.page_of(memory.slots()) + 1));
        let copy = DiskCopy::create(&file_of(folders.disk, epoch), &memory, Arc::clone(&dirty))?;
        sync_folder(folders.disk)?; // the name as well is there after a power cut
        let copier = Copier::start(copy, options.copy);
        let (appended, has_failed) = (0, false);
        Ok(Self { memory, dirty, copier, disk_folder, memory_folder, appended, has_failed })
    }

    /// The journals of earlier starts, oldest first: to be read, taken over and retired before this
    /// start's first shot.
    pub fn earlier(&self) -> Result<Vec<Reading>, JournalError> {
        let (disk, memory) = (self.disk_folder.path(), self.memory_folder.path());
        let mut readings = recovery::read_folder(disk, memory)?;
        readings.retain(|reading| reading.epoch != self.memory.start().epoch);
        Ok(readings)
    }

    /// Forgets an earlier start, once each of its shots was taken over and its damage was swept. Its
    /// epoch stays given.
    pub fn retire(&self, reading: &Reading) -> Result<(), JournalError> {
        remove(&reading.path)?; // first: memory without a file is nobody's
        remove(&file_of(self.memory_folder.path(), reading.epoch))
    }

    /// How many shots there is room for.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.memory.start().slots
    }

    /// The name that the next shot will have.
    #[must_use]
    pub fn next(&self) -> ShotId {
        let Start { thread, epoch, .. } = self.memory.start();
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
        let slots = self.memory.slots();
        let slot = self.memory.slot_of(id.sequence);
        if id.sequence > slots && !is_free(slot, id.sequence - slots) {
            return Err(Refusal::JournalFull);
        }
        write_shot(slot, shot, record::Stamp { id, lease_epoch, now })?;
        self.appended = id.sequence;
        self.dirty.mark(self.memory.page_of(id.sequence));
        self.dirty.appended(id.sequence);
        if self.copier.before_shot().is_err() {
            self.has_failed = true;
            self.refused(id, Refusal::JournalFailed);
            return Err(Refusal::JournalFailed);
        }
        Ok(id)
    }

    /// A shot of this start as its slot has it now; `None` where it is not that shot's any more.
    #[must_use]
    pub fn recorded(&self, id: ShotId) -> Option<RecordedShot> {
        if !self.is_own(id) {
            return None;
        }
        record::read_shot(self.memory.slot(id.sequence)).filter(|shot| shot.id == id)
    }

    /// Nothing of it has left, by whichever refusal came after it was written down.
    pub fn refused(&mut self, id: ShotId, refusal: Refusal) {
        self.mark(id, |mark| mark.refused.set(place_of(refusal)));
        self.acknowledge(id); // no workflow has to know of it
    }

    /// When its first byte could leave. `false`: this journal has no such shot any more.
    #[allow(clippy::must_use_candidate)] // whoever comes too late has nothing left to do
    pub fn began(&mut self, id: ShotId, at_ns: u64) -> bool {
        self.mark(id, |mark| mark.began_ns.set(at_ns))
    }

    /// What the wire took of a leg. `false` as above.
    #[allow(clippy::must_use_candidate)] // whoever comes too late has nothing left to do
    pub fn written(&mut self, id: ShotId, leg: usize, written: Written, at_ns: u64) -> bool {
        self.mark(id, |mark| {
            mark.legs[leg].written = record::code_of_written(written);
            mark.legs[leg].written_ns.set(at_ns);
        })
    }

    /// What was heard of a leg, be it that nothing came in time. `false` as above.
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
        self.dirty.mark(self.memory.page_of(id.sequence));
        true
    }

    fn mark(&mut self, id: ShotId, change: impl FnOnce(&mut MarkPart)) -> bool {
        let Some(slot) = self.own(id) else { return false };
        let mark = &mut slot.mark;
        mark.sequence.set(id.sequence);
        change(mark);
        mark.checksum.set(mark.computed());
        self.dirty.mark(self.memory.page_of(id.sequence));
        true
    }

    /// The slot of a shot of this start, while it is that shot's.
    fn own(&mut self, id: ShotId) -> Option<&mut Slot> {
        if !self.is_own(id) {
            return None;
        }
        let slot = self.memory.slot_of(id.sequence);
        (slot.shot.sequence.get() == id.sequence).then_some(slot)
    }

    /// Of this start; its slot may be another's since.
    fn is_own(&self, id: ShotId) -> bool {
        let Start { thread, epoch, .. } = self.memory.start();
        let is_ours = id.epoch == epoch && id.thread == thread;
        is_ours && id.sequence != 0 && id.sequence <= self.appended
    }

    fn has_failed(&mut self) -> bool {
        self.has_failed |= self.copier.has_failed();
        self.has_failed
    }

    /// An orderly end, with everything on disk: the next start has nothing to doubt. After a disk that
    /// has refused there is none: the memory stays, and the next start reads that.
    pub fn close(mut self) -> Result<(), JournalError> {
        if self.has_failed() || self.copier.close().is_err() {
            return Err(JournalError::NotOnDisk);
        }
        self.memory.remove()
    }
}

/// Memory whose start came no further: it is in no file on disk, so nothing was ever fired from it.
fn forget_unfinished(folders: Folders<'_>) -> Result<(), JournalError> {
    let on_disk = epochs(folders.disk)?;
    for (epoch, path) in epochs(folders.memory)? {
        if on_disk.iter().all(|(known, _)| *known != epoch) {
            remove(&path)?;
        }
    }
    Ok(())
}

fn is_free(slot: &Slot, sequence: u64) -> bool {
    let part = &slot.acknowledged;
    part.sequence.get() == sequence && part.is_whole()
}

/// From 1, so that 0 is none.
fn place_of(refusal: Refusal) -> u32 {
    refusal as u32 + 1
}
