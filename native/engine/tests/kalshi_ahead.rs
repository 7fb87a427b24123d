//! Headers that are signed before anybody needs them: young, once, and by one belief about the time.

#[path = "support/kalshi.rs"]
mod kalshi;

use std::cell::Cell;
use std::collections::HashSet;
use std::num::NonZeroU8;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use kalshi::{is_signed, key, vectors};
use legwork_engine_core::clock::{STEP_NS_MIN, SystemClock, read};
use legwork_engine_core::shot::Now;
use legwork_engine_core::signing::{
    AheadError, AheadOptions, KalshiAhead, KalshiHeaders, KalshiSigning, NotSigned, SigningThread,
};
use legwork_engine_core::wire::Clock;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
const START: Now = Now { monotonic_ns: 50 * SECOND, unix_ns: 1_703_123_456 * SECOND };
const PATH: &str = "/trade-api/v2/portfolio/events/orders";

fn options(every_ms: u64, each: u8) -> AheadOptions<'static> {
    let each = NonZeroU8::new(each).expect("at least one");
    AheadOptions { method: "POST", path: PATH, every: Duration::from_millis(every_ms), each }
}

/// Two clocks that stand still until they are moved.
#[derive(Clone)]
struct Clocks(Rc<Cell<Now>>);

impl Clock for Clocks {
    fn monotonic_ns(&self) -> u64 {
        self.0.get().monotonic_ns
    }

    fn unix_ns(&self) -> u64 {
        self.0.get().unix_ns
    }
}

struct Desk {
    ahead: KalshiAhead,
    signing: KalshiSigning<Clocks>,
    clocks: Clocks,
}

/// Every quarter of a second, so many: room for five rounds.
fn desk(each: u8) -> Desk {
    let clocks = Clocks(Rc::new(Cell::new(START)));
    let made = KalshiAhead::new(key(), &options(250, each), clocks.clone());
    let (ahead, signing) = made.expect("an interval");
    Desk { ahead, signing, clocks }
}

impl Desk {
    fn sign(&mut self) -> usize {
        self.signing.round().expect("it signs")
    }

    fn pass(&self, ns: u64) {
        let now = self.clocks.0.get();
        let (monotonic_ns, unix_ns) = (now.monotonic_ns + ns, now.unix_ns + ns);
        self.clocks.0.set(Now { monotonic_ns, unix_ns });
    }

    fn step(&self, ns: i64) {
        let now = self.clocks.0.get();
        let unix_ns = now.unix_ns.checked_add_signed(ns).expect("a time");
        self.clocks.0.set(Now { unix_ns, ..now });
    }

    fn take(&mut self) -> Option<KalshiHeaders> {
        self.ahead.take(self.clocks.0.get())
    }

    /// How old what is taken is, in milliseconds as the venue reads it.
    fn take_age(&mut self) -> Option<u64> {
        let now_ms = self.clocks.0.get().unix_ns / MS;
        let text = *self.take()?.timestamp();
        let ms: u64 = String::from_utf8_lossy(&text).parse().expect("digits");
        Some(now_ms - ms)
    }
}

#[test]
fn each_is_taken_once_and_then_there_is_none() {
    let mut desk = desk(3);
    assert!(desk.take().is_none(), "nothing is signed yet");
    assert_eq!(desk.sign(), 3);
    let taken: Vec<KalshiHeaders> = std::iter::from_fn(|| desk.take()).collect();
    let public = vectors().public_key_pem;
    let text = format!("{}POST{PATH}", START.unix_ns / MS);
    assert!(taken.iter().all(|one| is_signed(&public, text.as_bytes(), one.signature())));
    let different: HashSet<_> = taken.iter().map(|one| one.signature().to_vec()).collect();
    assert_eq!((taken.len(), different.len()), (3, 3));
    assert!(desk.take().is_none());
}

#[test]
fn the_oldest_is_taken_first_and_the_too_old_never() {
    let mut desk = desk(1);
    for _ in 0..4 {
        assert_eq!(desk.sign(), 1);
        desk.pass(250 * MS);
    }
    assert_eq!(desk.take_age(), Some(1_000), "exactly a second is young enough");
    desk.pass(1);
    assert_eq!(desk.take_age(), Some(750));
    desk.pass(500 * MS);
    assert_eq!(desk.take_age(), Some(750), "the third is a nanosecond too old");
    assert_eq!(desk.take_age(), None);
}

#[test]
fn a_second_is_over_when_either_clock_says_so() {
    for (monotonic_ns, unix_ns, is_taken) in [
        (SECOND, SECOND, true),
        (SECOND + 1, SECOND, false),
        (SECOND, SECOND + 1, false),
        (SECOND - 20 * MS, SECOND + 1, false),
        (SECOND + 1, SECOND - 20 * MS, false),
    ] {
        let mut desk = desk(1);
        desk.sign();
        let unix_ns = START.unix_ns + unix_ns;
        desk.clocks.0.set(Now { monotonic_ns: START.monotonic_ns + monotonic_ns, unix_ns });
        assert_eq!(desk.take().is_some(), is_taken, "{monotonic_ns} {unix_ns}");
    }
}

#[test]
fn age_is_counted_from_what_the_headers_say_and_not_from_within_their_millisecond() {
    for (later_ns, is_taken) in [(SECOND - MS + 1, true), (SECOND - MS + 2, false)] {
        let mut desk = desk(1);
        desk.pass(MS - 1);
        desk.sign();
        desk.pass(later_ns);
        assert_eq!(desk.take().is_some(), is_taken, "{later_ns}");
    }
}

#[test]
fn a_clock_that_steps_back_or_forward_drops_all_that_was_signed_before() {
    let bound = i64::try_from(STEP_NS_MIN).expect("small");
    for (step_ns, is_dropped) in [
        (bound, false),
        (bound + 1, true),
        (1 - bound, false),
        (-bound - 1, true),
        (3_600_000_000_000, true),
        (-3_600_000_000_000, true),
    ] {
        let mut desk = desk(3);
        desk.sign();
        desk.pass(100 * MS);
        desk.step(step_ns);
        assert_eq!(desk.take().is_none(), is_dropped, "stepped by {step_ns}");
        while desk.take().is_some() {}
        desk.sign();
        assert_eq!(desk.take_age(), Some(0), "what is signed now is signed by the new time");
    }
}

#[test]
fn a_clock_that_steps_and_steps_back_drops_what_was_signed_between() {
    let mut desk = desk(1);
    desk.sign();
    desk.pass(100 * MS);
    desk.step(400_000_000);
    desk.sign();
    desk.pass(100 * MS);
    desk.step(-400_000_000);
    desk.sign();
    assert_eq!(desk.take_age(), Some(200), "its time is right by the clock as it is again");
    assert_eq!(desk.take_age(), Some(0), "the one in the middle is nobody's");
    assert!(desk.take().is_none());
}

#[test]
fn a_time_that_has_not_been_is_never_used() {
    for (monotonic_ns, unix_ns) in [(1, 0), (0, 1), (MS, MS)] {
        let mut desk = desk(1);
        desk.sign();
        let earlier = Now {
            monotonic_ns: START.monotonic_ns - monotonic_ns,
            unix_ns: START.unix_ns - unix_ns,
        };
        assert!(desk.ahead.take(earlier).is_none());
        assert!(desk.take().is_none(), "it is dropped");
    }
}

#[test]
fn what_is_too_old_makes_room_when_nothing_is_fired() {
    let mut desk = desk(2);
    for _ in 0..5 {
        assert_eq!(desk.sign(), 2);
    }
    assert_eq!(desk.sign(), 0, "there is no room");
    desk.pass(SECOND);
    desk.ahead.idle(desk.clocks.0.get());
    assert_eq!(desk.sign(), 0, "all are young enough still");
    desk.pass(1);
    assert_eq!(desk.sign(), 0);
    desk.ahead.idle(desk.clocks.0.get());
    assert_eq!(desk.sign(), 2);
    assert_eq!(desk.take_age(), Some(0));
}

#[test]
fn an_interval_with_gaps_and_one_without_rest_are_refused() {
    for every_ms in [0, 9, 1_001] {
        let made = KalshiAhead::new(key(), &options(every_ms, 1), SystemClock).err();
        assert!(matches!(made, Some(AheadError::Interval(_))), "{every_ms}");
    }
    for every_ms in [10, 1_000] {
        assert!(KalshiAhead::new(key(), &options(every_ms, 1), SystemClock).is_ok());
    }
}

#[test]
fn nothing_is_given_twice_between_two_threads() {
    const TAKEN: usize = 60;
    let made = KalshiAhead::new(key(), &options(10, 7), SystemClock);
    let (mut ahead, signing) = made.expect("an interval");
    let thread = SigningThread::start(signing).expect("it signs");
    let public = vectors().public_key_pem;
    let mut taken = HashSet::new();
    let mut before = [0; KalshiHeaders::TIMESTAMP_BYTES];
    while taken.len() < TAKEN {
        assert!(!thread.has_failed());
        let Some(headers) = ahead.take(read(&SystemClock)) else {
            thread::yield_now();
            continue;
        };
        assert!(*headers.timestamp() >= before, "the oldest first");
        before = *headers.timestamp();
        let text = [headers.timestamp().as_slice(), b"POST", PATH.as_bytes()].concat();
        assert!(is_signed(&public, &text, headers.signature()), "whole, as it was signed");
        assert!(taken.insert(headers.signature().to_vec()), "given twice");
    }
    assert!(ahead.has_signer());
    thread.close().expect("it has not failed");
    assert!(!ahead.has_signer());
}

/// Two clocks, read by any thread: wall time is this, and monotonic time stands still.
#[derive(Clone)]
struct Wall(Arc<AtomicU64>);

/// A reading of this wall clock is a defect.
const BROKEN: u64 = u64::MAX;

impl Clock for Wall {
    fn monotonic_ns(&self) -> u64 {
        START.monotonic_ns
    }

    fn unix_ns(&self) -> u64 {
        let unix_ns = self.0.load(Ordering::Relaxed);
        assert_ne!(unix_ns, BROKEN, "as the test wants it");
        unix_ns
    }
}

#[test]
fn a_thread_that_can_sign_no_more_is_told() {
    for (unix_ns, is_panic) in [(0, false), (BROKEN, true)] {
        let wall = Wall(Arc::new(AtomicU64::new(START.unix_ns)));
        let made = KalshiAhead::new(key(), &options(10, 1), wall.clone());
        let (ahead, signing) = made.expect("an interval");
        let thread = SigningThread::start(signing).expect("it signs at first");
        wall.0.store(unix_ns, Ordering::Relaxed);
        while !thread.has_failed() {
            thread::yield_now();
        }
        assert!(!ahead.has_signer());
        match thread.close().expect_err("it has failed") {
            AheadError::Panicked => assert!(is_panic),
            AheadError::NotSigned(NotSigned::Time) => assert!(!is_panic),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn what_can_never_be_signed_is_told_at_the_start() {
    let before_2001 = Wall(Arc::new(AtomicU64::new(0)));
    let made = KalshiAhead::new(key(), &options(250, 1), before_2001);
    let (_ahead, signing) = made.expect("an interval");
    let started = SigningThread::start(signing).err();
    assert!(matches!(started, Some(AheadError::NotSigned(NotSigned::Time))));
}

#[test]
fn a_thread_that_is_dropped_signs_no_more() {
    let wall = Wall(Arc::new(AtomicU64::new(START.unix_ns)));
    let made = KalshiAhead::new(key(), &options(1_000, 1), wall);
    let (mut ahead, signing) = made.expect("an interval");
    drop(SigningThread::start(signing).expect("it signs"));
    assert!(!ahead.has_signer());
    assert!(ahead.take(START).is_some(), "what is signed is there");
}
