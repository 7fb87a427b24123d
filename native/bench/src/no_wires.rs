//! For what is timed up to its first byte and no further.

use std::hint::black_box;

use legwork_engine_core::wire::{Heard, Wires, Written};

/// Takes everything at once, and never answers.
pub struct NoWires;

impl Wires for NoWires {
    fn take(&mut self) -> bool {
        true
    }

    fn write(&mut self, _: usize, bytes: &[u8]) -> Written {
        black_box(bytes);
        Written::Whole
    }

    fn take_spare(&mut self, _: usize) -> bool {
        false
    }

    fn put_back(&mut self) {}

    fn poll(&mut self, _: impl FnMut(&Heard<'_>)) {}
}
