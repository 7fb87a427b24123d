//! Waiting between two turns: for sockets, for a command, or for what is due by time.

use std::os::fd::{AsFd, BorrowedFd};

use legwork_engine_core::lines::Wake;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// What is due by time is late by this much at most: 5 ms.
const WAIT_MAX: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// Until something is there to be read, somebody rings, or the longest wait is over.
pub fn wait<'a>(wake: &Wake, sockets: impl Iterator<Item = (BorrowedFd<'a>, bool)>) {
    let of_socket = |(socket, is_writing): (BorrowedFd<'a>, bool)| {
        let flags = if is_writing { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        PollFd::from_borrowed_fd(socket, flags)
    };
    let bell = PollFd::from_borrowed_fd(wake.as_fd(), PollFlags::IN);
    let mut waited: Vec<PollFd<'_>> = std::iter::once(bell).chain(sockets.map(of_socket)).collect();
    match poll(&mut waited, Some(&WAIT_MAX)) {
        Ok(_) | Err(Errno::INTR) => {}
        // It is out of memory: it turns without a rest rather than not at all.
        Err(_) => std::thread::yield_now(),
    }
    wake.settle(); // the next turn looks
}
