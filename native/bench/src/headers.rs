//! Kalshi's headers, which are signed before they are needed.

use std::num::NonZeroU8;
use std::time::Duration;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::orders::KalshiOrders;
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, KalshiSigning, SigningThread};

use crate::load::Load;
use crate::{armed, kalshi};

/// A thousand a second: in turns with the floor, shots use up half of that.
const HEADERS: (Duration, NonZeroU8) = (Duration::from_millis(10), NonZeroU8::new(16).unwrap());

/// Who signs Kalshi's headers. One at a time they are signed between the rounds, so that nobody
/// else is at work in any of them; a thousand a second there is no time for that.
pub enum Headers {
    /// Whoever fires.
    Between(KalshiSigning<SystemClock>),
    /// Another thread, until this is dropped.
    Beside { _thread: SigningThread },
}

impl Headers {
    /// Where they are taken, and who signs them.
    pub fn for_load(load: Load) -> (KalshiAhead, Self) {
        if load == Load::OneAtATime {
            let (headers, signing) = armed::headers(SystemClock);
            return (headers, Self::Between(signing));
        }
        let (method, path) = (KalshiOrders::METHOD, KalshiOrders::PATH);
        let options = AheadOptions { method, path, every: HEADERS.0, each: HEADERS.1 };
        let made = KalshiAhead::new(kalshi::key(), &options, SystemClock);
        let (headers, signing) = made.expect("an interval");
        let thread = SigningThread::start(signing).expect("a thread");
        (headers, Self::Beside { _thread: thread })
    }

    /// What is left for whoever fires.
    pub fn between_rounds(&mut self) {
        if let Self::Between(signing) = self {
            signing.round().expect("it signs");
        }
    }
}
