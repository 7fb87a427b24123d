//! Waiting between two turns: for sockets, for a command, or for what is due by time.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{Errno, read, write};

/// What is due by time is late by this much at most: 5 ms.
const WAIT_MAX: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// Wakes the thread that fires; any thread may.
#[derive(Clone)]
pub struct Wake(Arc<OwnedFd>);

impl Wake {
    /// Of one thread; copies wake the same one.
    pub fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(Arc::new(eventfd(0, flags)?)))
    }

    /// Waits for nobody.
    pub fn ring(&self) {
        // It is full only where it was rung and nobody has looked yet.
        let _ = write(&*self.0, &1_u64.to_ne_bytes());
    }

    fn quiet(&self) {
        let _ = read(&*self.0, &mut [0_u8; 8]);
    }
}

/// Until something is there to be read, somebody rings, or the longest wait is over.
pub fn wait<'a>(wake: &Wake, sockets: impl Iterator<Item = (BorrowedFd<'a>, bool)>) {
    let of_socket = |(socket, is_writing): (BorrowedFd<'a>, bool)| {
        let flags = if is_writing { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        PollFd::from_borrowed_fd(socket, flags)
    };
    let bell = PollFd::from_borrowed_fd(wake.0.as_fd(), PollFlags::IN);
    let mut waited: Vec<PollFd<'_>> = std::iter::once(bell).chain(sockets.map(of_socket)).collect();
    match poll(&mut waited, Some(&WAIT_MAX)) {
        Ok(_) | Err(Errno::INTR) => {}
        // It is out of memory: it turns without a rest rather than not at all.
        Err(_) => std::thread::yield_now(),
    }
    wake.quiet();
}
