//! Lines in every order that memory allows: nothing that was handed over is left lying while whoever takes
//! sleeps, and the end is seen behind everything else. No model has a clock: whoever misses its bell
//! sleeps for ever, and loom says that nobody runs any more.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::*;

const COUNT: u32 = 2;

/// An eventfd, as [`Wake`] has one: counts, and is waited for without being answered.
#[derive(Clone)]
struct Eventfd(Arc<(Mutex<u64>, Condvar)>);

impl Eventfd {
    fn new() -> Self {
        Self(Arc::new((Mutex::new(0), Condvar::new())))
    }

    /// As `poll(2)` and `epoll_wait(2)` wait.
    fn wait(&self) {
        let (rung, heard) = &*self.0;
        let mut count = rung.lock().unwrap();
        while *count == 0 {
            count = heard.wait(count).unwrap();
        }
    }

    fn settle(&self) {
        *self.0.0.lock().unwrap() = 0;
    }
}

impl Bell for Eventfd {
    fn ring(&self) {
        let (rung, heard) = &*self.0;
        *rung.lock().unwrap() += 1;
        heard.notify_one();
    }
}

impl Bell for thread::Thread {
    fn ring(&self) {
        self.unpark();
    }
}

/// Who does not want its end to ring as well keeps it.
fn hand_over<B: Bell>(mut sender: Sender<u32, B>, count: u32) -> Sender<u32, B> {
    for number in 0..count {
        assert!(sender.send(number), "there is room");
    }
    sender
}

/// What is there, behind what was taken before.
fn look(receiver: &mut Receiver<u32>, taken: &mut u32) {
    while let Some(number) = receiver.take() {
        assert_eq!(number, *taken, "in order");
        *taken += 1;
    }
}

/// The door for its answers, and the thread that fires for its commands and requests. Settled behind the
/// look instead of before it, or rung before the push, what came between the two would lie there.
#[test]
fn whoever_waits_for_an_eventfd_takes_everything() {
    loom::model(|| {
        let bell = Eventfd::new();
        let (sender, mut receiver) = line(COUNT as usize, bell.clone());
        let sending = thread::spawn(move || hand_over(sender, COUNT));
        let mut taken = 0;
        while taken < COUNT {
            bell.wait();
            bell.settle();
            look(&mut receiver, &mut taken);
        }
        sending.join().unwrap();
    });
}

/// The thread that signs orders. Without an unpark behind each push, or with it before, the last would
/// not be signed.
#[test]
fn whoever_parks_takes_everything() {
    loom::model(|| {
        let (sender, mut receiver) = line(COUNT as usize, thread::current());
        let sending = thread::spawn(move || hand_over(sender, COUNT));
        let mut taken = 0;
        look(&mut receiver, &mut taken);
        while taken < COUNT {
            thread::park();
            look(&mut receiver, &mut taken);
        }
        sending.join().unwrap();
    });
}

/// Whoever tells Postgres and starts workflows. Without the fence of [`Receiver::is_over`], or without the
/// second look, the last could be lost behind the end; without the ring of the drop it would wait for ever.
#[test]
fn whoever_awaits_is_told_everything_and_then_the_end() {
    loom::model(|| {
        let (teller, mut told) = telling(1);
        let telling = thread::spawn(move || drop(hand_over(teller, 1)));
        assert_eq!((recv(&mut told), recv(&mut told)), (Some(0), None));
        telling.join().unwrap();
    });
}

/// The end is an end for whoever only looks, too.
#[test]
fn what_is_not_found_behind_the_end_never_was() {
    loom::model(|| {
        let (sender, mut receiver) = line(COUNT as usize, None::<Eventfd>);
        let sending = thread::spawn(move || drop(hand_over(sender, COUNT)));
        let mut taken = 0;
        if receiver.is_over() {
            look(&mut receiver, &mut taken);
            assert_eq!(taken, COUNT);
        }
        sending.join().unwrap();
    });
}

/// In the model a permit is waited for by a thread.
fn recv<T>(told: &mut Told<T>) -> Option<T> {
    match pin!(told.recv()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(told) => told,
        Poll::Pending => unreachable!("nothing else is awaited"),
    }
}
