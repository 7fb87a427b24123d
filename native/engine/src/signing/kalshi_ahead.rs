//! Kalshi's headers, signed before anybody needs them: a signature takes longer than everything else
//! between a tick and its bytes, and it knows neither price nor size. Another thread signs at an
//! interval; the thread that fires takes.
//!
//! 1. What is taken was signed at most a second ago, by both clocks, and never in the future.
//! 2. Each is taken once, the oldest first; a ring between two threads hands it over.
//! 3. What was signed before a step of wall time is dropped: the clocks are not as far apart as then.
//! 4. To take waits for nobody and allocates nothing.

use std::io;
use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};
use thiserror::Error;

use super::{KalshiHeaders, KalshiKey, NotSigned};
use crate::clock::{is_stepped, read};
use crate::firing::Prepared;
use crate::rounds::Rounds;
use crate::shot::Now;
use crate::wire::Clock;

const MILLISECOND_NS: u64 = 1_000_000;
/// How old headers may be when they are taken. What the venue would take is not documented.
pub const HEADERS_AGE_MAX: Duration = Duration::from_secs(1);
/// More often than this the ring would have more room than anybody shoots.
const EVERY_MIN: Duration = Duration::from_millis(10);

/// What is signed ahead, and how many.
#[derive(Clone, Copy, Debug)]
pub struct AheadOptions<'a> {
    /// Of the requests, e.g. `POST`.
    pub method: &'a str,
    /// From the root (`/trade-api/v2/…`). One ring is for one path.
    pub path: &'a str,
    /// Between two rounds: from 10 ms to a second.
    pub every: Duration,
    /// Signatures per round: the shots that may follow each other within it.
    pub each: NonZeroU8,
}

/// Why nothing is signed ahead.
#[derive(Debug, Error)]
pub enum AheadError {
    /// A longer one would leave gaps in which there are none.
    #[error("headers are signed ahead every 10 ms to 1 s, not every {0:?}")]
    Interval(Duration),
    /// The first, or the one that ended the thread.
    #[error("Kalshi's headers cannot be signed: {0}")]
    NotSigned(#[from] NotSigned),
    /// The operating system said no.
    #[error("no thread to sign Kalshi's headers on: {0}")]
    NoThread(io::Error),
    /// A defect of ours.
    #[error("the thread that signs Kalshi's headers has panicked")]
    Panicked,
}

struct Signed {
    headers: KalshiHeaders,
    /// When; wall time as the headers tell it, in whole milliseconds.
    at: Now,
}

impl Signed {
    fn is_usable(&self, now: Now) -> bool {
        let is_young = |at: u64, now: u64| {
            let age_ns = now.checked_sub(at); // in the future: none
            age_ns.is_some_and(|age_ns| u128::from(age_ns) <= HEADERS_AGE_MAX.as_nanos())
        };
        is_young(self.at.unix_ns, now.unix_ns)
            && is_young(self.at.monotonic_ns, now.monotonic_ns)
            && !is_stepped(self.at, now)
    }
}

/// Where the thread that fires takes its headers; it belongs to that thread.
pub struct KalshiAhead(Consumer<Signed>);

impl KalshiAhead {
    /// The side that takes and the side that signs, with nothing signed yet.
    pub fn new<C: Clock>(
        key: Arc<KalshiKey>,
        options: &AheadOptions<'_>,
        clock: C,
    ) -> Result<(Self, KalshiSigning<C>), AheadError> {
        let &AheadOptions { method, path, every, each } = options;
        if every < EVERY_MIN || every > HEADERS_AGE_MAX {
            return Err(AheadError::Interval(every));
        }
        // Whatever is still young, and a round more; the division ends at a hundred.
        let rounds = HEADERS_AGE_MAX.as_millis() / every.as_millis() + 1;
        let room = usize::from(each.get()) * usize::try_from(rounds).unwrap_or(1);
        let (ring, taken) = RingBuffer::new(room);
        let (method, path) = (method.into(), path.into());
        Ok((Self(taken), KalshiSigning { key, method, path, every, each, clock, ring }))
    }

    /// The oldest that may still be sent; what may not is dropped. `None`: there is none, and the
    /// caller signs on the spot ([`KalshiKey::sign`]) or refuses
    /// ([`Refusal::HeadersMissing`](crate::refusal::Refusal::HeadersMissing)).
    #[must_use = "what is taken is gone"]
    pub fn take(&mut self, now: Now) -> Option<KalshiHeaders> {
        while let Ok(oldest) = self.0.pop() {
            if oldest.is_usable(now) {
                return Some(oldest.headers);
            }
        }
        None
    }

    /// Between shots: lets go of what has become too old, so that there is room for newer ones.
    /// Whoever neither takes nor idles for a second finds none.
    pub fn idle(&mut self, now: Now) {
        while self.0.peek().is_ok_and(|oldest| !oldest.is_usable(now)) {
            drop(self.0.pop());
        }
    }

    /// Whether more will come: the other side is there.
    #[must_use]
    pub fn has_signer(&self) -> bool {
        !self.0.is_abandoned()
    }
}

impl Prepared for KalshiAhead {
    fn idle(&mut self, now: Now) {
        Self::idle(self, now);
    }
}

/// The side that signs; belongs to a thread that nobody waits for.
pub struct KalshiSigning<C> {
    key: Arc<KalshiKey>,
    method: Box<str>,
    path: Box<str>,
    every: Duration,
    each: NonZeroU8,
    clock: C,
    ring: Producer<Signed>,
}

impl<C: Clock> KalshiSigning<C> {
    /// One round, or as much of it as there is room for. Returns how many were signed.
    pub fn round(&mut self) -> Result<usize, NotSigned> {
        let mut count = 0;
        while count < self.each.get().into() && !self.ring.is_full() {
            let signed = self.sign()?;
            if self.ring.push(signed).is_ok() {
                count += 1; // always: nobody else puts anything in
            }
        }
        Ok(count)
    }

    fn sign(&self) -> Result<Signed, NotSigned> {
        let Now { monotonic_ns, unix_ns } = read(&self.clock);
        let timestamp_ms = unix_ns / MILLISECOND_NS;
        let headers = self.key.sign(timestamp_ms, &self.method, &self.path)?;
        let at = Now { monotonic_ns, unix_ns: timestamp_ms * MILLISECOND_NS };
        Ok(Signed { headers, at })
    }
}

/// Signs at an interval until it is asked to stop, or cannot sign. Dropped, it is joined.
pub struct SigningThread(Rounds<NotSigned>);

impl SigningThread {
    /// The first round is signed when this returns: what can never be signed is told here.
    pub fn start<C>(mut signing: KalshiSigning<C>) -> Result<Self, AheadError>
    where
        C: Clock + Send + 'static,
    {
        signing.round()?;
        let every = signing.every;
        let rounds = Rounds::start("kalshi-signing", every, move || signing.round().map(|_| ()));
        Ok(Self(rounds.map_err(AheadError::NoThread)?))
    }

    /// It has ended without being asked; `close` says why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.0.has_failed()
    }

    /// Ends it, and tells what has ended it before.
    pub fn close(mut self) -> Result<(), AheadError> {
        Ok(self.0.stop().map_err(|_| AheadError::Panicked)??)
    }
}
