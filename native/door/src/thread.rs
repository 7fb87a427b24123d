//! A door on a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use legwork_engine_core::lines::{Bell, Wake};
use legwork_engine_core::wire::Clock;
use thiserror::Error;

use crate::desk::Desk;
use crate::door::Door;

/// Whoever wants something wakes it; this is for what nobody has thought of.
const WAIT: Duration = Duration::from_secs(1);

/// What has ended a door.
#[derive(Debug, Error)]
pub enum DoorError {
    /// The operating system said no.
    #[error("the fire-first door: {0}")]
    Io(#[from] io::Error),
    /// A defect of ours.
    #[error("the thread of the fire-first door has panicked")]
    Panicked,
}

/// Serves until it is asked to stop. Dropped, it is joined.
pub struct DoorThread {
    is_over: Arc<AtomicBool>,
    wake: Wake,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl DoorThread {
    /// `wake` is the door's own.
    pub fn start<D, C>(door: Door<D, C>, wake: Wake) -> Result<Self, DoorError>
    where
        D: Desk + Send + 'static,
        C: Clock + Send + 'static,
    {
        let is_over = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&is_over);
        let thread = thread::Builder::new()
            .name("fire-first-door".into())
            .spawn(move || serve(door, &theirs))?;
        Ok(Self { is_over, wake, thread: Some(thread) })
    }

    /// It has ended without being asked; `close` says why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Ends it, and tells what has ended it before.
    pub fn close(mut self) -> Result<(), DoorError> {
        self.stop()
    }

    fn stop(&mut self) -> Result<(), DoorError> {
        self.is_over.store(true, Ordering::Release);
        self.wake.ring();
        let Some(thread) = self.thread.take() else { return Ok(()) };
        Ok(thread.join().map_err(|_| DoorError::Panicked)??)
    }
}

impl Drop for DoorThread {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

fn serve<D: Desk, C: Clock>(mut door: Door<D, C>, is_over: &AtomicBool) -> io::Result<()> {
    while !is_over.load(Ordering::Acquire) {
        door.poll(WAIT)?;
    }
    Ok(())
}
