//! Where the socket lies, and who may come to it.
//!
//! 1. The folder is ours, and nobody else may write to it: nobody puts another socket there.
//! 2. One engine at a time has the place, by a lock that ends with its process; who has it is named.
//! 3. The socket of a dead engine is replaced. Anything else at that path is left alone, and refused.
//! 4. The socket has mode 0600 before anybody can find it, and belongs to the user who may connect.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use thiserror::Error;

/// Who may connect; the kernel says who it is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Peers {
    /// The user that the engine runs as, and nobody else.
    #[default]
    SameUser,
    /// This user, and nobody else. Handing the socket over takes the right to do so.
    User(u32),
}

impl Peers {
    fn uid(self) -> u32 {
        match self {
            Self::SameUser => geteuid().as_raw(),
            Self::User(uid) => uid,
        }
    }

    /// Whether whoever has connected may.
    pub(crate) fn allow(self, stream: &UnixStream) -> bool {
        socket_peercred(stream).is_ok_and(|peer| peer.uid.as_raw() == self.uid())
    }
}

/// Why the door does not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Of a folder that does not exist, is no folder, or a link to one.
    #[error("{0} is no folder: make one, with mode 0700, that belongs to the engine’s user")]
    NoFolder(PathBuf),
    /// Whoever may write there may put another socket in its place.
    #[error("{0} may be written to by others: give it to the engine’s user, with mode 0700")]
    FolderNotOurs(PathBuf),
    /// A living one; a second would take its requests.
    #[error("an engine listens at {path} already (process {pid}): stop it first")]
    InUse {
        /// Of the socket.
        path: PathBuf,
        /// As it has written it down; "unknown" where it has not yet.
        pid: String,
    },
    /// Nothing that an engine has left: it is not ours to remove.
    #[error("{0} is no socket: remove it, or listen elsewhere")]
    NotASocket(PathBuf),
    /// The operating system said no.
    #[error("{path}: {cause}")]
    Io {
        /// Of what it was asked for.
        path: PathBuf,
        /// Its word.
        cause: io::Error,
    },
}

/// A listening socket that this process has for itself; its file goes when it is dropped.
pub struct Place {
    pub listener: UnixListener,
    path: PathBuf,
    /// Locked; ends with the process.
    _lock: File,
}

impl Place {
    pub fn take(path: &Path, peers: Peers) -> Result<Self, OpenError> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        check_folder(folder)?;
        let lock = lock(path)?;
        check_path(path)?;
        let listener = listen(path, peers)?;
        Ok(Self { listener, path: path.to_owned(), _lock: lock })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path)); // whoever comes next replaces what is left
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    move |cause| OpenError::Io { path, cause }
}

fn check_folder(folder: &Path) -> Result<(), OpenError> {
    let found = fs::symlink_metadata(folder).ok().filter(fs::Metadata::is_dir);
    let found = found.ok_or_else(|| OpenError::NoFolder(folder.to_owned()))?;
    let is_ours = found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0;
    if is_ours { Ok(()) } else { Err(OpenError::FolderNotOurs(folder.to_owned())) }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, "lock");
    let options =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
    let mut file = options.open(&lock_path).map_err(failed(&lock_path))?;
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut file)),
        Err(TryLockError::Error(cause)) => return Err(failed(&lock_path)(cause)),
    }
    let told = file.set_len(0).and_then(|()| file.rewind());
    let told = told.and_then(|()| write!(file, "{}", std::process::id()));
    told.map(|()| file).map_err(failed(&lock_path))
}

fn in_use(path: &Path, lock: &mut File) -> OpenError {
    let mut pid = String::new();
    let is_told = lock.read_to_string(&mut pid).is_ok() && !pid.is_empty();
    let pid = if is_told { pid } else { "unknown".into() };
    OpenError::InUse { path: path.to_owned(), pid }
}

/// What lies there already is nothing, or the socket of a dead engine.
fn check_path(path: &Path) -> Result<(), OpenError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(path)(cause)),
    };
    if !found.file_type().is_socket() {
        return Err(OpenError::NotASocket(path.to_owned()));
    }
    // Somebody listens who takes no lock: not one of ours, or its lock was removed.
    let Ok(stream) = UnixStream::connect(path) else { return Ok(()) };
    let peer = socket_peercred(&stream);
    let pid = peer.map_or_else(|_| "unknown".into(), |peer| peer.pid.as_raw_nonzero().to_string());
    Err(OpenError::InUse { path: path.to_owned(), pid })
}

/// Under another name first: whoever finds it finds it as it will stay.
fn listen(path: &Path, peers: Peers) -> Result<UnixListener, OpenError> {
    let unfinished = beside(path, "new");
    drop(fs::remove_file(&unfinished)); // of a start that was killed here
    let listener = UnixListener::bind(&unfinished).map_err(failed(&unfinished))?;
    let finished = || {
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o600))?;
        if let Peers::User(uid) = peers {
            chown(&unfinished, Some(uid), None)?;
        }
        listener.set_nonblocking(true)?;
        fs::rename(&unfinished, path)
    };
    finished().map_err(|cause| {
        drop(fs::remove_file(&unfinished)); // what matters is why
        failed(path)(cause)
    })?;
    Ok(listener)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
