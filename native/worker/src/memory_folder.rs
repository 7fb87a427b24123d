//! Where a start's journal is mapped: memory that outlives the process, and no disk that a shot waits
//! for.

use std::fmt::Write;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// A file system in memory, for whoever runs on the machine.
const SHARED_MEMORY: &str = "/dev/shm";
/// Nobody else reads what is bought, or writes what was.
const OURS_ALONE: u32 = 0o700;
/// Of four bytes each at most, and a name has 255.
const NAME_CHARACTERS: usize = 48;
/// 64 bits: two data folders of a machine never share a name.
const DIGEST_BYTES: usize = 8;

/// Of a data folder, there when this returns. One that another user has made is refused: whoever may
/// write to it says what was fired.
pub fn memory_folder(data: &Path) -> Result<PathBuf> {
    let owner = rustix::process::getuid().as_raw();
    let ours = Path::new(SHARED_MEMORY).join(format!("legwork-{owner}"));
    make_private(&ours, owner)?;
    let data = data.canonicalize().context("the data folder")?;
    let folder = ours.join(name_of(&data));
    make_private(&folder, owner)?;
    Ok(folder)
}

fn make_private(folder: &Path, owner: u32) -> Result<()> {
    let named = || folder.display().to_string();
    match DirBuilder::new().mode(OURS_ALONE).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(named);
        }
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(folder).with_context(named)?;
    ensure!(
        found.is_dir() && found.uid() == owner,
        "{} is another user's: remove it, and start again",
        folder.display()
    );
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(OURS_ALONE)).with_context(named)?;
    }
    Ok(())
}

/// What it is called for whoever looks, and a digest of its whole path.
fn name_of(data: &Path) -> String {
    let last = data.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut name: String = last.unwrap_or_default().chars().take(NAME_CHARACTERS).collect();
    name.push('-');
    let digest = Sha256::digest(data.as_os_str().as_encoded_bytes());
    for byte in &digest[..DIGEST_BYTES] {
        let _ = write!(name, "{byte:02x}"); // into a text: it fails for no byte
    }
    name
}
