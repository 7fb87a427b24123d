//! The thread that brings the journal to disk, so that the one that fires never waits for it.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

#[derive(Default)]
struct Shared {
    appended: AtomicU64,
    synced: AtomicU64,
    writes: AtomicU64,
    is_over: AtomicBool,
    has_failed: AtomicBool,
}

pub struct Copier {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    /// Without an interval nobody copies but the thread that fires.
    pub fn start(file: File, every: Option<Duration>) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = every.map(|every| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || copy_until_over(&file, every, &shared))
        });
        Self { shared, thread }
    }

    /// Something was written, and these shots were appended.
    pub fn has_news(&self, appended: u64) {
        self.shared.appended.store(appended, Ordering::Release);
        let writes = self.shared.writes.load(Ordering::Relaxed);
        self.shared.writes.store(writes + 1, Ordering::Release); // one thread writes
    }

    /// The last shot that is on disk for certain.
    pub fn synced(&self) -> u64 {
        self.shared.synced.load(Ordering::Acquire)
    }

    /// The disk refused once: what the kernel still has of it nobody can know.
    pub fn has_failed(&self) -> bool {
        self.shared.has_failed.load(Ordering::Relaxed)
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}

fn copy_until_over(file: &File, every: Duration, shared: &Shared) {
    let mut copied = 0;
    while !shared.is_over.load(Ordering::Acquire) {
        thread::park_timeout(every);
        let writes = shared.writes.load(Ordering::Acquire);
        if writes == copied {
            continue;
        }
        let appended = shared.appended.load(Ordering::Acquire);
        if file.sync_data().is_err() {
            shared.has_failed.store(true, Ordering::Release);
            return;
        }
        copied = writes;
        shared.synced.store(appended, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_refuses_once_is_believed_no_more() {
        let (reader, _writer) = std::io::pipe().expect("a pipe, which has no disk");
        let file = File::from(std::os::fd::OwnedFd::from(reader));
        let copier = Copier::start(file, Some(Duration::from_millis(1)));
        copier.has_news(1);
        while !copier.has_failed() {
            thread::yield_now();
        }
        assert_eq!(copier.synced(), 0);
    }
}
