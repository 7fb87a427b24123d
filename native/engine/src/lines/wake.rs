//! The bell of a thread that waits for descriptors.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};

use super::Bell;

/// Of one thread; copies wake the same one. Readable, as a descriptor, once it was rung.
#[derive(Clone, Debug)]
pub struct Wake(Arc<OwnedFd>);

impl Wake {
    /// An error is the operating system's: too many descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?)))
    }

    /// Before looking: what comes after it rings again.
    pub fn settle(&self) {
        let _ = rustix::io::read(&*self.0, &mut [0; 8]); // nothing to read is as good
    }
}

/// Costs a system call. Where the counter is full it was rung often enough.
impl Bell for Wake {
    fn ring(&self) {
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
