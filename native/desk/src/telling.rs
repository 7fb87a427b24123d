//! What the thread that fires tells others goes by rings: it waits for nobody, and frees nothing that
//! another thread made.

use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};
use tokio::sync::Notify;

/// The end that tells; dropped, the other is told that there will be no more.
pub struct Teller<T> {
    /// `None` once it is dropped.
    ring: Option<Producer<T>>,
    bell: Arc<Notify>,
}

/// The end that is told.
pub struct Told<T> {
    ring: Consumer<T>,
    bell: Arc<Notify>,
}

/// Both ends, with room for so many that nobody has taken.
#[must_use]
pub fn telling<T>(room: usize) -> (Teller<T>, Told<T>) {
    let (ring, told) = RingBuffer::new(room);
    let bell = Arc::new(Notify::new());
    (Teller { ring: Some(ring), bell: Arc::clone(&bell) }, Told { ring: told, bell })
}

impl<T> Teller<T> {
    /// Whether there is room for another. Nobody who listens has room for everything.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.ring.as_ref().is_some_and(|ring| !ring.is_full() || ring.is_abandoned())
    }

    /// What there is no room for is lost: ask before.
    pub fn tell(&mut self, what: T) {
        if let Some(ring) = &mut self.ring {
            let _ = ring.push(what);
        }
        self.bell.notify_one();
    }
}

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        drop(self.ring.take());
        self.bell.notify_one();
    }
}

impl<T> Told<T> {
    /// The next; `None`: there will be no more.
    pub async fn recv(&mut self) -> Option<T> {
        loop {
            if let Some(told) = self.try_recv() {
                return Some(told);
            }
            if self.ring.is_abandoned() {
                return self.try_recv(); // told between the two looks
            }
            // Whoever tells rings after it: what came since is a permit that is not waited for.
            self.bell.notified().await;
        }
    }

    /// What is there.
    pub fn try_recv(&mut self) -> Option<T> {
        self.ring.pop().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn everything_is_told_in_order_and_then_the_end() {
        let (mut teller, mut told) = telling(4);
        let telling = thread::spawn(move || {
            for number in 0..10_000 {
                while !teller.has_room() {
                    thread::yield_now();
                }
                teller.tell(number);
            }
        });
        for number in 0..10_000 {
            assert_eq!(told.recv().await, Some(number));
        }
        assert_eq!(told.recv().await, None);
        telling.join().expect("no panic");
    }

    #[test]
    fn where_nobody_takes_anything_there_is_no_room_and_where_nobody_listens_there_is() {
        let (mut teller, mut told) = telling(2);
        teller.tell(1);
        assert!(teller.has_room());
        teller.tell(2);
        assert!(!teller.has_room());
        assert_eq!(told.try_recv(), Some(1));
        assert!(teller.has_room());
        teller.tell(3);
        drop(told);
        assert!(teller.has_room(), "what is told now is nobody's");
    }
}
