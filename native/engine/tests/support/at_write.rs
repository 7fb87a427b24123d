//! How things stand when a byte leaves.
#![allow(missing_docs)] // each name says it

use std::fs;
use std::path::{Path, PathBuf};

use legwork_engine_core::firing::House;
use legwork_engine_core::journal::{RecordedShot, Source, read_bytes};
use legwork_engine_core::shot::LEGS;

pub const BYTES: [&[u8]; LEGS] = [b"POST /order yes", b"POST /orders no"];

/// What has to be true when a byte leaves; and the freeze that comes then, if one does.
pub struct AtWrite {
    pub path: PathBuf,
    pub sequence: u64,
    pub may_leave: bool,
    pub freezes_at: Option<u64>,
    pub has_frozen: bool,
}

impl AtWrite {
    pub fn looks(&mut self, leg: usize, house: &House) {
        assert!(self.may_leave, "a byte of leg {leg} leaves after its pair's freeze was told");
        let recorded = recorded(&self.path);
        let shot = recorded.iter().find(|shot| shot.id.sequence == self.sequence);
        let shot = shot.expect("it is written down before it leaves");
        assert_eq!((shot.refused, shot.is_acknowledged), (None, false));
        for (leg, bytes) in shot.legs.iter().zip(BYTES) {
            assert_eq!((&leg.bytes[..], leg.written), (bytes, None));
        }
        let Some(epoch) = self.freezes_at.take() else { return };
        let draining = house.gate.freeze(epoch, |_| true).expect("newer");
        assert!(!draining.is_over(), "told before the last byte of leg {leg} has left");
        self.has_frozen = true;
    }
}

/// The shots of a journal as they are in it now.
pub fn recorded(path: &Path) -> Vec<RecordedShot> {
    let reading = read_bytes(&fs::read(path).expect("readable"), Source::Memory);
    assert_eq!(reading.damage, []);
    reading.shots
}
