//! What one thread hands to another goes by a line: a ring, and a bell for whoever sleeps at its other
//! end. Neither waits for the other.
//!
//! 1. Who hands over pushes first and rings then.
//! 2. Who takes answers the bell first and looks then, until nothing is there: what comes after that look
//!    rings again.
//! 3. Who hands over no more ends the ring first and rings then; what was handed over before is found by
//!    whoever looks once more.

#[cfg(all(test, feature = "loom"))]
mod every_order;
#[cfg(feature = "loom")]
mod modelled;
mod telling;
mod wake;

use std::thread::Thread;

#[cfg(not(feature = "loom"))]
use rtrb::{Consumer, Producer, RingBuffer};

#[cfg(feature = "loom")]
use self::modelled::{Consumer, Producer, RingBuffer};
pub use self::telling::{Teller, Told, telling};
pub use self::wake::Wake;
use crate::sync::{Ordering, fence};

/// Wakes whoever sleeps beside it. Rung while nobody sleeps, the next sleep is none.
pub trait Bell {
    /// Waits for nobody.
    fn ring(&self);
}

/// Of a thread that parks.
impl Bell for Thread {
    fn ring(&self) {
        self.unpark();
    }
}

/// `None`: of whoever never sleeps, or looks by a clock.
impl<B: Bell> Bell for Option<B> {
    fn ring(&self) {
        if let Some(bell) = self {
            bell.ring();
        }
    }
}

/// The end that hands over; dropped, the other is told that there will be no more.
pub struct Sender<T, B: Bell> {
    /// `None` once it is dropped.
    ring: Option<Producer<T>>,
    bell: B,
}

/// The end that takes.
pub struct Receiver<T>(Consumer<T>);

/// Both ends, with room for so many that nobody has taken; the bell is that of whoever takes.
#[must_use]
pub fn line<T, B: Bell>(room: usize, bell: B) -> (Sender<T, B>, Receiver<T>) {
    let (ring, taken) = RingBuffer::new(room);
    (Sender { ring: Some(ring), bell }, Receiver(taken))
}

impl<T, B: Bell> Sender<T, B> {
    /// Hands it over, and rings; `false` where there is no room, and it is lost. Allocates nothing.
    pub fn send(&mut self, what: T) -> bool {
        let is_sent = self.ring.as_mut().is_some_and(|ring| ring.push(what).is_ok());
        if is_sent {
            self.bell.ring();
        }
        is_sent
    }

    /// Whether there is room for another. Nobody who takes has room for everything.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.ring.as_ref().is_some_and(|ring| !ring.is_full() || ring.is_abandoned())
    }

    /// Nobody takes any more.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.ring.as_ref().is_none_or(Producer::is_abandoned)
    }

    /// Whoever takes.
    #[must_use]
    pub fn bell(&self) -> &B {
        &self.bell
    }

    /// Where whoever takes is known only once it runs.
    pub fn set_bell(&mut self, bell: B) {
        self.bell = bell;
    }
}

impl<T, B: Bell> Drop for Sender<T, B> {
    fn drop(&mut self) {
        drop(self.ring.take());
        self.bell.ring();
    }
}

impl<T> Receiver<T> {
    /// The next, if it is there; costs a look at one word of memory where it is not.
    pub fn take(&mut self) -> Option<T> {
        self.0.pop().ok()
    }

    /// Nobody hands over any more: what [`Receiver::take`] does not find from now on never was there.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_over = self.0.is_abandoned();
        if is_over {
            // It has read a count of owners and nothing of what they wrote before they went.
            fence(Ordering::Acquire);
        }
        is_over
    }
}
