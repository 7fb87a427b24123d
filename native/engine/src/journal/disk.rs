//! The copy of the journal that a power cut leaves. Pages are read by the kernel from the memory that
//! the firing thread writes, so that it never waits; a page that was caught in the middle of a change
//! is copied again by the next round, and until then its checksum says so.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use zerocopy::IntoBytes;

use super::dirty::Dirty;
use super::folder::{allocate, failed};
use super::layout::{END_OFFSET, SLOT_BYTES};
use super::memory::{SlotMemory, bytes_of, end};
use super::{CopyToDisk, JournalError};

const HEADER_PAGE: usize = 0;

/// Both files, and what of one is not in the other.
pub struct DiskCopy {
    memory: File,
    disk: File,
    dirty: Arc<Dirty>,
    page: Box<[u8; SLOT_BYTES]>,
}

impl DiskCopy {
    /// A file beside the memory, with its header on disk.
    pub fn create(
        path: &Path,
        memory: &SlotMemory,
        dirty: Arc<Dirty>,
    ) -> Result<Self, JournalError> {
        let disk = allocate(path, bytes_of(memory.start().slots))?;
        let page = Box::new([0; SLOT_BYTES]);
        let mut copy = Self { memory: memory.reader()?, disk, dirty, page };
        copy.copy_page(HEADER_PAGE).and_then(|()| copy.disk.sync_data()).map_err(|cause| {
            drop(std::fs::remove_file(path)); // half a file would be read as damage for ever
            failed(path, cause)
        })?;
        Ok(copy)
    }

    /// Everything that was marked before is on disk when this returns.
    pub fn once(&mut self) -> io::Result<()> {
        let appended = self.dirty.last_appended();
        let dirty = Arc::clone(&self.dirty);
        if dirty.take(|page| self.copy_page(page))? == 0 {
            return Ok(());
        }
        self.disk.sync_data()?;
        self.write_end(appended, false) // on disk with the next round: it never says too much
    }

    /// The last round: nobody has to doubt what is here.
    fn close(mut self) -> io::Result<()> {
        self.once()?;
        self.write_end(self.dirty.last_appended(), true)?;
        self.disk.sync_data()
    }

    fn copy_page(&mut self, page: usize) -> io::Result<()> {
        let offset = offset_of(page);
        self.memory.read_exact_at(&mut self.page[..], offset)?;
        self.disk.write_all_at(&self.page[..], offset)
    }

    fn write_end(&self, synced: u64, is_closed: bool) -> io::Result<()> {
        self.disk
            .write_all_at(end(synced, is_closed).as_bytes(), offset_of(HEADER_PAGE) + END_OFFSET)
    }
}

fn offset_of(page: usize) -> u64 {
    u64::try_from(page * SLOT_BYTES).unwrap_or(u64::MAX)
}

/// Who copies: another thread, or the one that fires.
pub enum Copier {
    Thread(CopyingThread),
    Inline(DiskCopy),
}

/// Copies at an interval until it is asked to stop, or the disk refuses.
pub struct CopyingThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<DiskCopy>>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    has_failed: AtomicBool,
}

impl Copier {
    pub fn start(copy: DiskCopy, when: CopyToDisk) -> Self {
        match when {
            CopyToDisk::BeforeEachShot => Self::Inline(copy),
            CopyToDisk::Every(every) => {
                let shared = Arc::new(Shared::default());
                let theirs = Arc::clone(&shared);
                let thread = thread::spawn(move || copy_until_over(copy, every, &theirs));
                Self::Thread(CopyingThread { shared, thread: Some(thread) })
            }
        }
    }

    /// A shot is written down and about to leave.
    pub fn before_shot(&mut self) -> io::Result<()> {
        match self {
            Self::Thread(_) => Ok(()),
            Self::Inline(copy) => copy.once(),
        }
    }

    /// The disk refused once: what the kernel still has of it nobody can know.
    pub fn has_failed(&self) -> bool {
        match self {
            Self::Thread(copying) => copying.shared.has_failed.load(Ordering::Relaxed),
            Self::Inline(_) => false, // whoever fires has seen it
        }
    }

    /// An orderly end.
    pub fn close(self) -> io::Result<()> {
        match self {
            Self::Inline(copy) => copy.close(),
            Self::Thread(mut copying) => {
                let copy = copying.stop();
                copy.ok_or_else(|| io::Error::other("the copying thread has panicked"))?.close()
            }
        }
    }
}

impl CopyingThread {
    fn stop(&mut self) -> Option<DiskCopy> {
        self.shared.is_over.store(true, Ordering::Release);
        let thread = self.thread.take()?;
        thread.thread().unpark();
        thread.join().ok()
    }
}

impl Drop for CopyingThread {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

fn copy_until_over(mut copy: DiskCopy, every: Duration, shared: &Shared) -> DiskCopy {
    while !shared.is_over.load(Ordering::Acquire) {
        thread::park_timeout(every);
        if copy.once().is_err() {
            shared.has_failed.store(true, Ordering::Release);
            break;
        }
    }
    copy
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_refuses_once_is_believed_no_more() {
        let (reader, _writer) = io::pipe().expect("a pipe, which takes no page");
        let disk = File::from(std::os::fd::OwnedFd::from(reader));
        let memory = tempfile::tempfile().expect("a file");
        memory.set_len(bytes_of(1)).expect("room");
        let dirty = Arc::new(Dirty::new(2));
        let page = Box::new([0; SLOT_BYTES]);
        let copy = DiskCopy { memory, disk, dirty: Arc::clone(&dirty), page };
        let copier = Copier::start(copy, CopyToDisk::Every(Duration::from_millis(1)));
        assert!(!copier.has_failed());
        dirty.mark(1);
        while !copier.has_failed() {
            thread::yield_now();
        }
        assert!(copier.close().is_err());
    }
}
