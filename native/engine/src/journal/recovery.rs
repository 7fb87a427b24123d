//! What an earlier start has left. Every slot is read, and whatever is not as it was written is told:
//! a shot that is damaged or missing may have left, so its venue accounts are swept.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zerocopy::FromBytes;

use super::JournalError;
use super::folder::{epochs, failed, file_of};
use super::layout::{Checked, Header, LAYOUT, SLOT_BYTES, Slot};
use super::memory::{boot_id, header_of};
use super::record::{RecordedShot, read_shot};

/// What was found that is not as it was written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Damage {
    /// The first page cannot be trusted: how many shots there were is not known.
    Header,
    /// How far the file was on disk cannot be trusted.
    End,
    /// The file has fewer pages than were made.
    Short {
        /// Pages of slots that are there.
        slots: u64,
    },
    /// A page is neither empty nor whole: what was in it may have left.
    Torn {
        /// Of the page, from 0.
        index: u64,
    },
    /// A shot was written down, and its page holds another or none.
    Missing {
        /// Of the shot.
        sequence: u64,
    },
    /// What became of a shot cannot be trusted; the shot itself can.
    MarkTorn {
        /// Of the shot.
        sequence: u64,
    },
    /// Whether its workflow has it cannot be trusted; it is handed over again.
    AcknowledgementTorn {
        /// Of the shot.
        sequence: u64,
    },
    /// The copy on disk alone is left, and it had no orderly end: later shots may have been lost.
    TailUnknown {
        /// The last shot that was certainly on disk.
        after: u64,
    },
}

/// What was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// What the start itself has written: whatever it did is there.
    Memory,
    /// The copy, which is always a little behind.
    Disk,
}

/// One file, as it was found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    /// Where it lies on disk.
    pub path: PathBuf,
    /// Of the start that wrote it, as its name says.
    pub epoch: u64,
    /// Every shot that is whole, by sequence, acknowledged ones too.
    pub shots: Vec<RecordedShot>,
    /// Empty: nothing can have left that is not among the shots.
    pub damage: Vec<Damage>,
}

/// The journals of the folder on disk, each from memory where that is still there: of this start of
/// the machine, and not taken away since.
pub fn read_folder(disk: &Path, memory: &Path) -> Result<Vec<Reading>, JournalError> {
    let boot_id = boot_id()?;
    let read = |(epoch, path): (u64, PathBuf)| {
        let in_memory = file_of(memory, epoch);
        let reading = match fs::read(&in_memory) {
            Ok(bytes) if is_of_this_boot(&bytes, &boot_id) => read_bytes(&bytes, Source::Memory),
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&in_memory, cause));
            }
            _ => {
                let bytes = fs::read(&path).map_err(|cause| failed(&path, cause))?;
                read_bytes(&bytes, Source::Disk)
            }
        };
        Ok(Reading { path, epoch, ..reading })
    };
    epochs(disk)?.into_iter().map(read).collect()
}

/// Memory whose header is damaged is: nothing else could have been written here meanwhile.
fn is_of_this_boot(bytes: &[u8], boot_id: &[u8; 36]) -> bool {
    header_of(bytes).is_none_or(|header| header.boot_id == *boot_id)
}

/// Reads a file's bytes, whatever they are.
#[must_use]
pub fn read_bytes(bytes: &[u8], source: Source) -> Reading {
    let mut reading = Reading::default();
    let header = header_of(bytes);
    let pages = bytes.len().saturating_sub(SLOT_BYTES) / SLOT_BYTES;
    let found = u64::try_from(pages).unwrap_or(u64::MAX);
    let slots = header.map_or(found, |header| header.slots.get());
    if found != slots || !bytes.len().is_multiple_of(SLOT_BYTES) {
        reading.damage.push(Damage::Short { slots: found });
    }
    read_slots(&mut reading, bytes, slots, header);
    reading.shots.sort_by_key(|shot| shot.id);
    let synced = read_end(&mut reading, header, source);
    find_missing(&mut reading, slots, synced);
    reading
}

fn read_slots(reading: &mut Reading, bytes: &[u8], slots: u64, header: Option<&Header>) {
    for (index, page) in (0..slots).zip(bytes.chunks_exact(SLOT_BYTES).skip(1)) {
        let Ok(slot) = Slot::ref_from_bytes(page) else { continue };
        if page.iter().all(|byte| *byte == 0) {
            continue;
        }
        match whole(slot, index, slots, header) {
            Some(shot) => {
                note_parts(reading, slot, &shot);
                reading.shots.push(shot);
            }
            None => reading.damage.push(Damage::Torn { index }),
        }
    }
}

/// The shot of a page that is as it was written: in its place, and of this start.
fn whole(slot: &Slot, index: u64, slots: u64, header: Option<&Header>) -> Option<RecordedShot> {
    let is_spare_empty = slot.spare.iter().all(|byte| *byte == 0);
    let sequence = slot.shot.sequence.get();
    let is_in_place = sequence > 0 && (sequence - 1) % slots == index;
    let is_of_start = header
        .is_none_or(|header| header.epoch == slot.shot.epoch && header.thread == slot.shot.thread);
    let is_ours = slot.shot.layout.get() == LAYOUT && slot.shot.is_whole();
    let is_whole = is_ours && is_spare_empty && is_in_place && is_of_start;
    if is_whole { read_shot(slot) } else { None }
}

fn note_parts(reading: &mut Reading, slot: &Slot, shot: &RecordedShot) {
    let sequence = shot.id.sequence;
    if !slot.mark.is_empty() && !slot.mark.is_whole() {
        reading.damage.push(Damage::MarkTorn { sequence });
    }
    if !slot.acknowledged.is_empty() && !slot.acknowledged.is_whole() {
        reading.damage.push(Damage::AcknowledgementTorn { sequence });
    }
}

/// How many shots there must be at least.
fn read_end(reading: &mut Reading, header: Option<&Header>, source: Source) -> u64 {
    let Some(header) = header else {
        reading.damage.push(Damage::Header);
        return 0;
    };
    let end = Some(&header.end).filter(|end| end.is_whole());
    if end.is_none() {
        reading.damage.push(Damage::End);
    }
    let synced = end.map_or(0, |end| end.synced.get());
    let is_closed = end.is_some_and(|end| end.is_closed.get() == 1);
    if !is_closed && source == Source::Disk {
        reading.damage.push(Damage::TailUnknown { after: synced });
    }
    synced
}

/// Numbers are given without a gap, so each of the last turn has to be there.
fn find_missing(reading: &mut Reading, slots: u64, synced: u64) {
    let there: HashSet<u64> = reading.shots.iter().map(|shot| shot.id.sequence).collect();
    let last = there.iter().copied().max().unwrap_or(0).max(synced);
    let first = last.saturating_sub(slots) + 1;
    let missing = (first..=last).filter(|sequence| !there.contains(sequence));
    reading.damage.extend(missing.map(|sequence| Damage::Missing { sequence }));
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::super::memory::{SlotMemory, Start};
    use super::*;

    #[test]
    fn memory_of_another_start_of_the_machine_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = file_of(folder.path(), 1);
        let start = Start { thread: 0, epoch: 1, slots: 1 };
        let _memory = SlotMemory::create(path.clone(), start).expect("there is room");
        let bytes = fs::read(path).expect("readable");
        assert!(is_of_this_boot(&bytes, &boot_id().expect("this is Linux")));
        assert!(!is_of_this_boot(&bytes, b"another start of the machine, 36 chr"));
        assert!(is_of_this_boot(b"damaged", b"another start of the machine, 36 chr"));
    }
}
