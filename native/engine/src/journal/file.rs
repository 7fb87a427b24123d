//! The file: a header page and a page per slot, preallocated, mapped, locked.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memmap2::{MmapMut, MmapOptions};
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::layout::{Checked, End, Header, LAYOUT, SLOT_BYTES, Slot};
use super::{JournalError, JournalOptions};

/// The first bytes of every journal, behind its checksum and layout.
pub const MAGIC: [u8; 16] = *b"legwork journal\n";
const EXTENSION: &str = "journal";

pub struct SlotFile {
    map: MmapMut,
    file: File,
    path: PathBuf,
    folder: PathBuf,
    thread: u32,
    epoch: u64,
    slots: u64,
    /// Locked as long as this start lives; what it says is the last epoch that was given.
    _last: File,
}

impl SlotFile {
    pub fn create(folder: &Path, options: &JournalOptions) -> Result<Self, JournalError> {
        fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
        folder.parent().map_or(Ok(()), sync_folder)?;
        let mut last = lock(folder)?;
        let given = epochs(folder)?.into_iter().map(|(epoch, _)| epoch).max().unwrap_or(0);
        let said = read_epoch(&mut last).map_err(|cause| failed(folder, cause))?;
        let epoch = given.max(said).max(options.epoch_known) + 1;
        write_epoch(&mut last, epoch).map_err(|cause| failed(folder, cause))?;
        let path = folder.join(format!("{epoch:016}.{EXTENSION}"));
        let (file, map) = allocate(&path, options.slots.get()).map_err(|cause| {
            drop(fs::remove_file(&path)); // half a file would be read as damage for ever
            failed(&path, cause)
        })?;
        let mut slot_file = Self {
            map,
            file,
            path,
            folder: folder.to_owned(),
            thread: options.thread,
            epoch,
            slots: options.slots.get().into(),
            _last: last,
        };
        slot_file.write_header()?;
        slot_file.sync()?;
        sync_folder(folder)?; // the name as well is there after a power cut
        Ok(slot_file)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn thread(&self) -> u32 {
        self.thread
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub fn slots(&self) -> u64 {
        self.slots
    }

    /// The page of a sequence number, whoever is in it.
    pub fn slot_of(&mut self, sequence: u64) -> &mut Slot {
        let index = (sequence - 1) % self.slots;
        let start = (usize::try_from(index).unwrap_or(usize::MAX) + 1) * SLOT_BYTES;
        let page = &mut self.map[start..start + SLOT_BYTES];
        let Ok(slot) = Slot::mut_from_bytes(page) else { unreachable!("a slot is one page") };
        slot
    }

    /// Notes how far the file is on disk.
    pub fn end(&mut self, synced: u64, is_closed: bool) {
        let end = &mut self.header().end;
        end.synced.set(synced);
        end.is_closed.set(u32::from(is_closed));
        end.checksum.set(end.computed());
    }

    pub fn sync(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|cause| failed(&self.path, cause))
    }

    /// For a thread that only brings it to disk: what is written through the map is in the file.
    pub fn handle(&self) -> Result<File, JournalError> {
        self.file.try_clone().map_err(|cause| failed(&self.path, cause))
    }

    fn write_header(&mut self) -> Result<(), JournalError> {
        let mut header = Header::new_zeroed();
        header.layout.set(LAYOUT);
        header.magic = MAGIC;
        header.thread.set(self.thread);
        header.epoch.set(self.epoch);
        header.slots.set(self.slots);
        header.boot_id = boot_id()?;
        header.checksum.set(header.computed());
        *self.header() = header;
        self.end(0, false);
        Ok(())
    }

    fn header(&mut self) -> &mut Header {
        let Ok((header, _)) = Header::mut_from_prefix(self.map.as_mut_bytes()) else {
            unreachable!("the first page holds a header")
        };
        header
    }
}

/// Space is taken now: a full disk is an error here, and not a SIGBUS in the middle of a shot.
fn allocate(path: &Path, slots: u32) -> io::Result<(File, MmapMut)> {
    let bytes = (u64::from(slots) + 1) * u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX);
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    // SAFETY: the folder's lock keeps other engines away, and no part of the file is ever cut off.
    #[allow(unsafe_code)] // the map is the one place where memory is shared with the kernel
    let map = unsafe { MmapOptions::new().populate().map_mut(&file)? };
    Ok((file, map))
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join("last-epoch");
    let options =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
    let file = options.open(&path).map_err(|cause| failed(&path, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(folder.display().to_string())),
        Err(TryLockError::Error(cause)) => Err(failed(&path, cause)),
    }
}

/// 0 where none was given yet. Anything but digits is refused: an epoch is never guessed.
fn read_epoch(last: &mut File) -> io::Result<u64> {
    let mut text = String::new();
    last.read_to_string(&mut text)?;
    if text.is_empty() {
        return Ok(0);
    }
    text.trim()
        .parse()
        .map_err(|_| io::Error::other("last-epoch says no number: look, and mend it"))
}

/// As many digits as any, so that a write that is cut off is no smaller number.
fn write_epoch(last: &mut File, epoch: u64) -> io::Result<()> {
    last.write_all_at(format!("{epoch:020}\n").as_bytes(), 0)?;
    last.sync_all()
}

/// The journals of a folder, oldest first.
pub fn epochs(folder: &Path) -> Result<Vec<(u64, PathBuf)>, JournalError> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).map_err(|cause| failed(folder, cause))? {
        let path = entry.map_err(|cause| failed(folder, cause))?.path();
        let is_journal = path.extension().is_some_and(|extension| extension == EXTENSION);
        let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_journal);
        if let Some(epoch) = name.and_then(|name| name.parse().ok()) {
            found.push((epoch, path));
        }
    }
    found.sort();
    Ok(found)
}

pub fn remove(path: &Path) -> Result<(), JournalError> {
    fs::remove_file(path).map_err(|cause| failed(path, cause))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Which start of the machine this is. Another one means that memory was lost.
pub fn boot_id() -> Result<[u8; 36], JournalError> {
    let path = Path::new("/proc/sys/kernel/random/boot_id");
    let text = fs::read(path).map_err(|cause| failed(path, cause))?;
    let mut id = [0; 36];
    let read =
        text.get(..id.len()).ok_or_else(|| failed(path, io::ErrorKind::InvalidData.into()))?;
    id.copy_from_slice(read);
    Ok(id)
}

fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    let synced = File::open(folder).and_then(|opened| opened.sync_all());
    synced.map_err(|cause| failed(folder, cause))
}

pub fn failed(path: &Path, cause: io::Error) -> JournalError {
    JournalError::Io { path: path.display().to_string(), cause }
}

/// Of a file's first page, as it was written.
pub fn header_of(bytes: &[u8]) -> Option<&Header> {
    let (header, rest) = Header::ref_from_prefix(bytes.get(..SLOT_BYTES)?).ok()?;
    let is_ours = header.magic == MAGIC && header.layout.get() == LAYOUT;
    let is_rest_empty = rest.iter().all(|byte| *byte == 0);
    (is_ours && is_rest_empty && header.is_whole()).then_some(header)
}

/// How far a file was on disk, if its header still says so.
pub fn end_of(header: &Header) -> Option<End> {
    header.end.is_whole().then_some(header.end)
}
