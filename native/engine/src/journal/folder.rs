//! Where the journals of one firing thread lie on disk: a file per start, and `last-epoch`, which is
//! locked as long as a start lives and stays when its files are gone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::JournalError;

const EXTENSION: &str = "journal";

/// A folder that this start has for itself.
pub struct Folder {
    path: PathBuf,
    /// Locked; what it says is the last epoch that was given.
    last: File,
}

impl Folder {
    pub fn lock(path: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(path).map_err(|cause| failed(path, cause))?;
        path.parent().map_or(Ok(()), sync_folder)?;
        Ok(Self { path: path.to_owned(), last: lock(path)? })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Above every earlier one and above what is known elsewhere; on disk when this returns.
    pub fn next_epoch(&mut self, known: u64) -> Result<u64, JournalError> {
        let given = epochs(&self.path)?.into_iter().map(|(epoch, _)| epoch).max().unwrap_or(0);
        let said = read_epoch(&mut self.last).map_err(|cause| failed(&self.path, cause))?;
        let epoch = given.max(said).max(known) + 1;
        write_epoch(&self.last, epoch).map_err(|cause| failed(&self.path, cause))?;
        Ok(epoch)
    }
}

/// The file of an epoch, in whichever folder.
pub fn file_of(folder: &Path, epoch: u64) -> PathBuf {
    folder.join(format!("{epoch:016}.{EXTENSION}"))
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

/// A file of pages whose space is taken now: a full disk is an error here, and not a SIGBUS in a shot.
pub fn allocate(path: &Path, bytes: u64) -> Result<File, JournalError> {
    let options = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).clone();
    let file = options.open(path).map_err(|cause| failed(path, cause))?;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes).map_err(
        |cause| {
            drop(fs::remove_file(path)); // half a file would be read as damage for ever
            failed(path, cause.into())
        },
    )?;
    Ok(file)
}

/// Gone for certain. Nothing there is as good.
pub fn remove(path: &Path) -> Result<(), JournalError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(failed(path, cause)),
        _ => path.parent().map_or(Ok(()), sync_folder),
    }
}

/// A name as well is there after a power cut.
pub fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    let synced = File::open(folder).and_then(|opened| opened.sync_all());
    synced.map_err(|cause| failed(folder, cause))
}

pub fn failed(path: &Path, cause: io::Error) -> JournalError {
    JournalError::Io { path: path.display().to_string(), cause }
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
fn write_epoch(last: &File, epoch: u64) -> io::Result<()> {
    last.write_all_at(format!("{epoch:020}\n").as_bytes(), 0)?;
    last.sync_all()
}
