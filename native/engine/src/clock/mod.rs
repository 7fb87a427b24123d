//! The machine's two clocks, and how far they can be believed.

mod discipline;

pub use self::discipline::Discipline;
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::shot::Now;
use crate::wire::Clock;

const SECOND_NS: u64 = 1_000_000_000;
/// Wall time that moves by more than this against monotonic time was stepped. The kernel slews both
/// alike, so that nothing but a step, a suspended machine, or a thread that was kept waiting between
/// its two readings moves them apart. Below what time daemons call a step (ntpd's least is 128 ms).
pub const STEP_NS_MIN: u64 = 50_000_000;

/// `CLOCK_MONOTONIC` and `CLOCK_REALTIME`, each read without a system call where the kernel offers it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn monotonic_ns(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::Monotonic))
    }

    fn unix_ns(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::Realtime))
    }
}

/// A time that cannot be, e.g. before 1970, is later than every deadline: nothing is done by it.
fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).ok().and_then(|whole| whole.checked_mul(SECOND_NS));
    let rest = u64::try_from(time.tv_nsec).ok();
    seconds.zip(rest).and_then(|(seconds, rest)| seconds.checked_add(rest)).unwrap_or(u64::MAX)
}

/// Both clocks, one after the other.
pub fn read(clock: &impl Clock) -> Now {
    Now { monotonic_ns: clock.monotonic_ns(), unix_ns: clock.unix_ns() }
}

/// Whether wall time was stepped between two readings, whichever came first.
#[must_use]
pub fn is_stepped(one: Now, other: Now) -> bool {
    apart_ns(one).abs_diff(apart_ns(other)) > u128::from(STEP_NS_MIN)
}

/// What the clocks are apart; only a step changes it.
fn apart_ns(Now { monotonic_ns, unix_ns }: Now) -> i128 {
    i128::from(unix_ns) - i128::from(monotonic_ns)
}

/// Tells each step of wall time once.
#[derive(Clone, Copy, Debug)]
pub struct StepWatch {
    believed: Now,
}

impl StepWatch {
    /// Believes what it is now.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self { believed: now }
    }

    /// How far wall time was stepped, in nanoseconds, negative where it went back. Small steps add up
    /// until they are one.
    pub fn step_ns(&mut self, now: Now) -> Option<i128> {
        let step_ns =
            is_stepped(self.believed, now).then(|| apart_ns(now) - apart_ns(self.believed));
        if step_ns.is_some() {
            self.believed = now;
        }
        step_ns
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const fn at(monotonic_ns: u64, unix_ns: u64) -> Now {
        Now { monotonic_ns, unix_ns }
    }

    #[test]
    fn the_machines_clocks_are_those_of_the_standard_library() {
        let since_1970 = || std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
        let (before, now, after) = (since_1970(), read(&SystemClock), since_1970());
        assert!((before.as_nanos()..=after.as_nanos()).contains(&now.unix_ns.into()));
        assert!(SystemClock.monotonic_ns() >= now.monotonic_ns);
        assert_ne!(now.monotonic_ns, 0);
    }

    #[test]
    fn a_time_that_cannot_be_is_later_than_every_deadline() {
        let of = |tv_sec, tv_nsec| nanoseconds(Timespec { tv_sec, tv_nsec });
        assert_eq!(of(2, 7), 2 * SECOND_NS + 7);
        for (tv_sec, tv_nsec) in [(-1, 0), (0, -1), (i64::MAX, 0)] {
            assert_eq!(of(tv_sec, tv_nsec), u64::MAX, "{tv_sec}.{tv_nsec}");
        }
    }

    #[test]
    fn a_step_is_what_moves_one_clock_against_the_other() {
        let start = at(100 * SECOND_NS, 900 * SECOND_NS);
        for (now, step) in [
            (at(160 * SECOND_NS, 960 * SECOND_NS), None),
            (at(100 * SECOND_NS, 900 * SECOND_NS + STEP_NS_MIN), None),
            (at(100 * SECOND_NS, 900 * SECOND_NS + STEP_NS_MIN + 1), Some(50_000_001)),
            (at(100 * SECOND_NS + STEP_NS_MIN, 900 * SECOND_NS), None),
            (at(100 * SECOND_NS + STEP_NS_MIN + 1, 900 * SECOND_NS), Some(-50_000_001)),
            (at(101 * SECOND_NS, 0), Some(-901_000_000_000)),
        ] {
            assert_eq!(StepWatch::new(start).step_ns(now), step, "{now:?}");
            assert_eq!(is_stepped(start, now), step.is_some(), "{now:?}");
            assert_eq!(is_stepped(now, start), step.is_some(), "{now:?}");
        }
    }

    #[test]
    fn each_step_is_told_once_and_small_ones_add_up() {
        let mut watch = StepWatch::new(at(0, SECOND_NS));
        assert_eq!(watch.step_ns(at(1, SECOND_NS + STEP_NS_MIN)), None);
        assert_eq!(watch.step_ns(at(1, SECOND_NS + STEP_NS_MIN + 2)), Some(50_000_001));
        assert_eq!(watch.step_ns(at(1, SECOND_NS + STEP_NS_MIN + 2)), None);
        assert_eq!(watch.step_ns(at(1, SECOND_NS)), Some(-50_000_002));
    }
}
