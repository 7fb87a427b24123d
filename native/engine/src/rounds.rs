//! A thread beside the one that fires, which works in rounds.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

/// Goes round at an interval, and whenever it is woken, until it is asked to stop or a round fails.
/// Dropped, it is joined.
pub struct Rounds<E> {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), E>>>,
}

impl<E: Send + 'static> Rounds<E> {
    /// The first round comes with the first interval, or the first who wakes it.
    pub fn start<R>(name: &str, every: Duration, mut round: R) -> io::Result<Self>
    where
        R: FnMut() -> Result<(), E> + Send + 'static,
    {
        let is_over = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&is_over);
        let until_over = move || {
            loop {
                thread::park_timeout(every);
                if theirs.load(Ordering::Acquire) {
                    return Ok(());
                }
                round()?;
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(until_over)?;
        Ok(Self { is_over, thread: Some(thread) })
    }

    /// It has ended without being asked; [`Rounds::stop`] says why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Whoever unparks it has it go round. `None`: it was stopped.
    #[must_use]
    pub fn thread(&self) -> Option<Thread> {
        self.thread.as_ref().map(|thread| thread.thread().clone())
    }
}

impl<E> Rounds<E> {
    /// Ends it, and tells what has ended it before; the outer error is a panic.
    pub fn stop(&mut self) -> thread::Result<Result<(), E>> {
        self.is_over.store(true, Ordering::Release);
        let Some(thread) = self.thread.take() else { return Ok(Ok(())) };
        thread.thread().unpark();
        thread.join()
    }
}

impl<E> Drop for Rounds<E> {
    fn drop(&mut self) {
        drop(self.stop());
    }
}
