//! The journal as it is written: a header page and a page per slot in memory that belongs to no process
//! and no disk, so that a kill loses nothing and a store never waits for a file system.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use memmap2::{MmapMut, MmapOptions};
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::JournalError;
use super::folder::{allocate, failed, remove};
use super::layout::{Checked, End, Header, LAYOUT, MAGIC, SLOT_BYTES, Slot};

/// Who writes a journal.
#[derive(Clone, Copy)]
pub struct Start {
    pub thread: u32,
    pub epoch: u64,
    pub slots: u32,
}

pub struct SlotMemory {
    map: MmapMut,
    file: File,
    path: PathBuf,
    start: Start,
}

impl SlotMemory {
    pub fn create(path: PathBuf, start: Start) -> Result<Self, JournalError> {
        let boot_id = boot_id()?;
        let file = allocate(&path, bytes_of(start.slots))?;
        // SAFETY: its folder belongs to this start alone, and no part of the file is ever cut off.
        #[allow(unsafe_code)] // the map is the one place where memory is shared with the kernel
        let map = unsafe { MmapOptions::new().populate().map_mut(&file) };
        let map = map.map_err(|cause| failed(&path, cause))?;
        let mut memory = Self { map, file, path, start };
        memory.write_header(boot_id);
        Ok(memory)
    }

    pub fn start(&self) -> Start {
        self.start
    }

    pub fn slots(&self) -> u64 {
        self.start.slots.into()
    }

    /// The page of a sequence number, counted from the header's, which is 0.
    pub fn page_of(&self, sequence: u64) -> usize {
        let index = (sequence - 1) % self.slots();
        usize::try_from(index).unwrap_or(usize::MAX) + 1
    }

    /// The slot of a sequence number, whoever is in it.
    pub fn slot_of(&mut self, sequence: u64) -> &mut Slot {
        let start = self.page_of(sequence) * SLOT_BYTES;
        let page = &mut self.map[start..start + SLOT_BYTES];
        let Ok(slot) = Slot::mut_from_bytes(page) else { unreachable!("a slot is one page") };
        slot
    }

    /// The same, to be read.
    pub fn slot(&self, sequence: u64) -> &Slot {
        let start = self.page_of(sequence) * SLOT_BYTES;
        let page = &self.map[start..start + SLOT_BYTES];
        let Ok(slot) = Slot::ref_from_bytes(page) else { unreachable!("a slot is one page") };
        slot
    }

    /// For whoever copies it to disk: read by the kernel, beside whatever is being written.
    pub fn reader(&self) -> Result<File, JournalError> {
        self.file.try_clone().map_err(|cause| failed(&self.path, cause))
    }

    /// Everything is on disk: nothing is read from here any more.
    pub fn remove(self) -> Result<(), JournalError> {
        remove(&self.path)
    }

    fn write_header(&mut self, boot_id: [u8; 36]) {
        let mut header = Header::new_zeroed();
        header.layout.set(LAYOUT);
        header.magic = MAGIC;
        header.thread.set(self.start.thread);
        header.epoch.set(self.start.epoch);
        header.slots.set(self.slots());
        header.boot_id = boot_id;
        header.checksum.set(header.computed());
        header.end = end(0, false);
        self.map.as_mut_bytes()[..size_of::<Header>()].copy_from_slice(header.as_bytes());
    }
}

/// How far a file is on disk.
pub fn end(synced: u64, is_closed: bool) -> End {
    let mut end = End::new_zeroed();
    end.synced.set(synced);
    end.is_closed.set(u32::from(is_closed));
    end.checksum.set(end.computed());
    end
}

/// Of a journal with so many slots.
pub fn bytes_of(slots: u32) -> u64 {
    (u64::from(slots) + 1) * u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX)
}

/// Which start of the machine this is. Another one means that memory was lost.
pub fn boot_id() -> Result<[u8; 36], JournalError> {
    let path = Path::new("/proc/sys/kernel/random/boot_id");
    let text = fs::read(path).map_err(|cause| failed(path, cause))?;
    let mut id = [0; 36];
    let read =
        text.get(..id.len()).ok_or_else(|| failed(path, std::io::ErrorKind::InvalidData.into()))?;
    id.copy_from_slice(read);
    Ok(id)
}

/// Of a file's first page, as it was written.
pub fn header_of(bytes: &[u8]) -> Option<&Header> {
    let (header, rest) = Header::ref_from_prefix(bytes.get(..SLOT_BYTES)?).ok()?;
    let is_ours = header.magic == MAGIC && header.layout.get() == LAYOUT;
    let is_rest_empty = rest.iter().all(|byte| *byte == 0);
    (is_ours && is_rest_empty && header.is_whole()).then_some(header)
}
