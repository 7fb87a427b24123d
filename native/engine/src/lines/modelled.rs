//! The parts of a line that are others', as loom can try them: `rtrb`'s ring with its own orderings
//! (0.3: an index is published by `Release` and read by `Acquire`, an end is counted as `Arc` counts,
//! and read by `Relaxed`), and the permit of tokio's `Notify`. What is in a slot is behind a lock:
//! that it is read whole is theirs to prove.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Condvar, Mutex};

struct Shared<T> {
    slots: Box<[Mutex<Option<T>>]>,
    /// Taken, and put in, since the beginning.
    head: AtomicUsize,
    tail: AtomicUsize,
    ends: AtomicUsize,
}

pub struct RingBuffer;

pub struct Producer<T>(Arc<Shared<T>>);

pub struct Consumer<T>(Arc<Shared<T>>);

impl RingBuffer {
    #[allow(clippy::new_ret_no_self)] // as rtrb has it
    pub fn new<T>(room: usize) -> (Producer<T>, Consumer<T>) {
        let slots = (0..room).map(|_| Mutex::new(None)).collect();
        let [head, tail, ends] = [0, 0, 2].map(AtomicUsize::new);
        let shared = Arc::new(Shared { slots, head, tail, ends });
        (Producer(Arc::clone(&shared)), Consumer(shared))
    }
}

impl<T> Shared<T> {
    fn slot(&self, index: usize) -> &Mutex<Option<T>> {
        &self.slots[index % self.slots.len()]
    }

    fn is_alone(&self) -> bool {
        self.ends.load(Ordering::Relaxed) < 2
    }
}

impl<T> Producer<T> {
    pub fn push(&mut self, what: T) -> Result<(), T> {
        if self.is_full() {
            return Err(what);
        }
        let tail = self.0.tail.load(Ordering::Relaxed); // nobody else writes it
        *self.0.slot(tail).lock().expect("no panic") = Some(what);
        self.0.tail.store(tail + 1, Ordering::Release);
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        let tail = self.0.tail.load(Ordering::Relaxed);
        tail - self.0.head.load(Ordering::Acquire) == self.0.slots.len()
    }

    pub fn is_abandoned(&self) -> bool {
        self.0.is_alone()
    }
}

impl<T> Consumer<T> {
    pub fn pop(&mut self) -> Result<T, ()> {
        let head = self.0.head.load(Ordering::Relaxed); // nobody else writes it
        if self.0.tail.load(Ordering::Acquire) == head {
            return Err(());
        }
        let what = self.0.slot(head).lock().expect("no panic").take();
        self.0.head.store(head + 1, Ordering::Release);
        what.ok_or(())
    }

    pub fn is_abandoned(&self) -> bool {
        self.0.is_alone()
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        self.0.ends.fetch_sub(1, Ordering::Release);
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        self.0.ends.fetch_sub(1, Ordering::Release);
    }
}

/// One permit, which waits for whoever asks for it: a permit too many is none. In tokio it is
/// awaited; here a thread waits.
#[derive(Default)]
pub struct Notify {
    permit: Mutex<bool>,
    given: Condvar,
}

impl Notify {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn notify_one(&self) {
        *self.permit.lock().expect("no panic") = true;
        self.given.notify_one();
    }

    #[allow(clippy::unused_async)] // as tokio has it
    pub async fn notified(&self) {
        let mut permit = self.permit.lock().expect("no panic");
        while !*permit {
            permit = self.given.wait(permit).expect("no panic");
        }
        *permit = false;
    }
}
