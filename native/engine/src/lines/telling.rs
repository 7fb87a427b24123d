//! A line to a task that awaits.

use std::sync::Arc;

#[cfg(not(feature = "loom"))]
use tokio::sync::Notify;

#[cfg(feature = "loom")]
use super::modelled::Notify;
use super::{Bell, Receiver, Sender, line};

/// The end that tells.
pub type Teller<T> = Sender<T, Arc<Notify>>;

/// The end that is told.
pub struct Told<T> {
    receiver: Receiver<T>,
    bell: Arc<Notify>,
}

impl Bell for Arc<Notify> {
    fn ring(&self) {
        self.notify_one();
    }
}

/// Both ends, with room for so many that nobody has taken.
#[must_use]
pub fn telling<T>(room: usize) -> (Teller<T>, Told<T>) {
    let bell = Arc::new(Notify::new());
    let (teller, receiver) = line(room, Arc::clone(&bell));
    (teller, Told { receiver, bell })
}

impl<T> Told<T> {
    /// The next; `None`: there will be no more.
    pub async fn recv(&mut self) -> Option<T> {
        loop {
            if let Some(told) = self.receiver.take() {
                return Some(told);
            }
            if self.receiver.is_over() {
                return self.receiver.take(); // told between the two looks
            }
            // Whoever tells rings after it: what came since is a permit that is not waited for.
            self.bell.notified().await;
        }
    }

    /// What is there.
    pub fn try_recv(&mut self) -> Option<T> {
        self.receiver.take()
    }
}

#[cfg(all(test, not(feature = "loom")))]
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
                teller.send(number);
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
        assert!(teller.send(1) && teller.has_room());
        assert!(teller.send(2) && !teller.has_room());
        assert!(!teller.send(3), "it is lost, and said to be");
        assert_eq!(told.try_recv(), Some(1));
        assert!(teller.has_room());
        teller.send(3);
        drop(told);
        assert!(teller.has_room(), "what is told now is nobody's");
    }
}
