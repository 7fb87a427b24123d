//! How long the steps of a shot take. The thread that fires records and never waits; whoever
//! publishes is handed what was recorded, by a ring each way, and gives the room for more back.

use hdrhistogram::Histogram;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::shot::{Before, LEGS, Venue};
use crate::wire::Written;

/// Longer ones count as this: no answer takes longer and is one.
pub const LONGEST_NS: u64 = 60_000_000_000;
/// How often the thread that fires hands over what it has, if somebody reads.
pub const HAND_OVER_NS: u64 = 1_000_000_000;
/// Of each value that are right.
const DIGITS: u8 = 2;

macro_rules! hops {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// A step of a shot.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Hop {
            $($(#[$doc])* $name,)*
        }

        impl Hop {
            /// Every one of them, in the order of their ends.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name that operators see.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

hops! {
    /// From the tick to the decision.
    Decided = "decided",
    /// From the decision to both requests with their signatures.
    Signed = "signed",
    /// From there to where the first byte could leave: checked, written down, past the gate.
    Passed = "passed",
    /// From there to the last byte of the first leg.
    FirstWritten = "first_written",
    /// From the last byte of the first leg to the last of the second: the leg skew.
    Skew = "skew",
    /// From the tick to both legs written.
    Fired = "fired",
    /// From Kalshi's leg to its answer.
    KalshiAnswered = "kalshi_answered",
    /// From Polymarket's leg to its answer.
    PolymarketAnswered = "polymarket_answered",
}

/// A histogram per hop, in nanoseconds.
pub struct Hops(Box<[Histogram<u64>]>);

impl Hops {
    fn new() -> Self {
        Self(Hop::ALL.iter().map(|_| histogram()).collect())
    }

    /// What was recorded of one.
    #[must_use]
    pub fn of(&self, hop: Hop) -> &Histogram<u64> {
        &self.0[hop as usize]
    }

    /// A step between two times. One that was not measured (0), or ends before it begins, is none.
    fn record(&mut self, hop: Hop, (from_ns, to_ns): (u64, u64)) {
        if let Some(took_ns) = to_ns.checked_sub(from_ns).filter(|_| from_ns != 0) {
            self.0[hop as usize].saturating_record(took_ns);
        }
    }

    fn add(&mut self, other: &Self) {
        for (total, more) in self.0.iter_mut().zip(&other.0) {
            let _ = total.add(more); // of the same bounds, everything fits
        }
    }

    fn reset(&mut self) {
        self.0.iter_mut().for_each(Histogram::reset);
    }
}

/// Memory for all that it may ever hold, touched now: a shot neither allocates nor faults.
fn histogram() -> Histogram<u64> {
    let Ok(mut histogram) = Histogram::new_with_bounds(1, LONGEST_NS, DIGITS) else {
        unreachable!("its bounds are constants, and tried by a test")
    };
    histogram.reset();
    histogram
}

/// When a shot's legs were written, on the monotonic clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WrittenTimes {
    /// When the first byte could leave.
    pub began_ns: u64,
    /// When each leg was written, as far as it was.
    pub legs_ns: [u64; LEGS],
}

/// Where the thread that fires records; it belongs to that thread.
pub struct Latencies {
    hops: Hops,
    full: Producer<Hops>,
    spare: Consumer<Hops>,
    handed_over_ns: u64,
}

/// Where whoever publishes reads.
pub struct LatencyReader {
    total: Hops,
    full: Consumer<Hops>,
    spare: Producer<Hops>,
}

impl Latencies {
    /// Both sides, with nothing recorded.
    #[must_use]
    pub fn new() -> (Self, LatencyReader) {
        let (full, read) = RingBuffer::new(1);
        let (mut emptied, spare) = RingBuffer::new(1);
        let is_there = emptied.push(Hops::new()).is_ok();
        debug_assert!(is_there, "there is room for one");
        let latencies = Self { hops: Hops::new(), full, spare, handed_over_ns: 0 };
        (latencies, LatencyReader { total: Hops::new(), full: read, spare: emptied })
    }

    /// A shot of which something has left. What a wire did not take whole is no measure of it.
    pub fn fired(&mut self, before: &Before, times: &WrittenTimes, legs: [Option<Written>; LEGS]) {
        let WrittenTimes { began_ns, legs_ns } = *times;
        let legs = legs.into_iter().zip(legs_ns);
        let mut whole = legs.filter(|(leg, _)| *leg == Some(Written::Whole)).map(|(_, ns)| ns);
        self.hops.record(Hop::Decided, (before.tick_ns, before.decided_ns));
        self.hops.record(Hop::Signed, (before.decided_ns, before.signed_ns));
        self.hops.record(Hop::Passed, (before.signed_ns, began_ns));
        let Some(first_ns) = whole.next() else { return };
        self.hops.record(Hop::FirstWritten, (began_ns, first_ns));
        if let Some(second_ns) = whole.next() {
            self.hops.record(Hop::Skew, (first_ns, second_ns));
            self.hops.record(Hop::Fired, (before.tick_ns, second_ns));
        }
    }

    /// A leg whose answer could be read.
    pub fn answered(&mut self, venue: Venue, from_to_ns: (u64, u64)) {
        let hop = match venue {
            Venue::Kalshi => Hop::KalshiAnswered,
            Venue::Polymarket => Hop::PolymarketAnswered,
        };
        self.hops.record(hop, from_to_ns);
    }

    /// Between shots: hands over what was recorded, at most every `HAND_OVER_NS`, and only for room
    /// that was given back: without a reader everything stays here.
    pub fn idle(&mut self, now_ns: u64) {
        if now_ns.saturating_sub(self.handed_over_ns) < HAND_OVER_NS || self.full.is_full() {
            return;
        }
        if let Ok(spare) = self.spare.pop() {
            self.handed_over_ns = now_ns;
            let recorded = std::mem::replace(&mut self.hops, spare);
            let _ = self.full.push(recorded); // there was room, and nobody else puts anything in
        }
    }
}

impl LatencyReader {
    /// Everything since the start, but for what was recorded since the last reading or two.
    pub fn read(&mut self) -> &Hops {
        while let Ok(mut hops) = self.full.pop() {
            self.total.add(&hops);
            hops.reset();
            let _ = self.spare.push(hops); // there is room: it came from there
        }
        &self.total
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const TICK: Before = Before { tick_ns: 1_000, decided_ns: 1_100, signed_ns: 1_300 };
    const WRITTEN: WrittenTimes = WrittenTimes { began_ns: 1_700, legs_ns: [2_500, 4_100] };
    const BOTH: [Option<Written>; LEGS] = [Some(Written::Whole); LEGS];

    fn recorded(reader: &mut LatencyReader) -> Vec<(&'static str, u64, u64)> {
        let hops = reader.read();
        let of = |hop: &Hop| (hop.code(), hops.of(*hop).len(), hops.of(*hop).max());
        Hop::ALL.iter().map(of).filter(|(_, count, _)| *count > 0).collect()
    }

    #[test]
    fn each_step_is_measured_from_the_one_before_it() {
        let (mut latencies, mut reader) = Latencies::new();
        latencies.fired(&TICK, &WRITTEN, BOTH);
        latencies.answered(Venue::Kalshi, (4_100, 4_200));
        latencies.idle(HAND_OVER_NS);
        let close = |ns: u64| histogram().highest_equivalent(ns);
        assert_eq!(
            recorded(&mut reader),
            [
                ("decided", 1, close(100)),
                ("signed", 1, close(200)),
                ("passed", 1, close(400)),
                ("first_written", 1, close(800)),
                ("skew", 1, close(1_600)),
                ("fired", 1, close(3_100)),
                ("kalshi_answered", 1, close(100)),
            ]
        );
    }

    #[test]
    fn what_was_not_measured_or_not_written_is_no_step() {
        let steps = |before: Before, second| {
            let (mut latencies, mut reader) = Latencies::new();
            latencies.fired(&before, &WRITTEN, [Some(Written::Whole), second]);
            latencies.answered(Venue::Polymarket, (5, 4));
            latencies.idle(HAND_OVER_NS);
            recorded(&mut reader).iter().map(|(code, ..)| *code).collect::<Vec<_>>()
        };
        assert_eq!(steps(Before::default(), Some(Written::Whole)), ["first_written", "skew"]);
        let alone = ["decided", "signed", "passed", "first_written"];
        for second in [None, Some(Written::Nothing), Some(Written::Part)] {
            assert_eq!(steps(TICK, second), alone, "{second:?}");
        }
        let (mut latencies, mut reader) = Latencies::new();
        latencies.fired(&TICK, &WRITTEN, [None, Some(Written::Whole)]);
        latencies.idle(HAND_OVER_NS);
        let held_back = recorded(&mut reader);
        assert_eq!(held_back.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), alone);
    }

    #[test]
    fn however_long_it_took_it_is_counted() {
        let (mut latencies, mut reader) = Latencies::new();
        latencies.answered(Venue::Kalshi, (1, u64::MAX));
        latencies.answered(Venue::Kalshi, (1, 1));
        latencies.idle(HAND_OVER_NS);
        let answered = reader.read().of(Hop::KalshiAnswered);
        assert_eq!(answered.len(), 2);
        assert!(answered.max() >= LONGEST_NS);
    }

    #[test]
    fn nothing_is_handed_over_too_often_and_nothing_without_room() {
        let (mut latencies, mut reader) = Latencies::new();
        let mut record_at = |now_ns| {
            latencies.answered(Venue::Kalshi, (1, 2));
            latencies.idle(now_ns);
        };
        record_at(HAND_OVER_NS);
        record_at(2 * HAND_OVER_NS); // the only spare was not given back
        assert_eq!(reader.read().of(Hop::KalshiAnswered).len(), 1);
        record_at(3 * HAND_OVER_NS);
        assert_eq!(reader.read().of(Hop::KalshiAnswered).len(), 3);
        record_at(4 * HAND_OVER_NS - 1);
        assert_eq!(reader.read().of(Hop::KalshiAnswered).len(), 3);
        record_at(4 * HAND_OVER_NS);
        assert_eq!(reader.read().of(Hop::KalshiAnswered).len(), 5);
    }

    #[test]
    fn nothing_that_is_recorded_is_lost_between_two_threads() {
        const SHOTS: u64 = 10_000;
        let (mut latencies, mut reader) = Latencies::new();
        let fires = std::thread::spawn(move || {
            for round in 1..=SHOTS {
                latencies.answered(Venue::Kalshi, (1, round));
                latencies.idle(round * HAND_OVER_NS);
            }
            latencies
        });
        while !fires.is_finished() {
            reader.read();
        }
        let mut latencies = fires.join().expect("it ends");
        reader.read(); // gives back what it may still hold
        latencies.idle(u64::MAX);
        assert_eq!(reader.read().of(Hop::KalshiAnswered).len(), SHOTS);
    }
}
