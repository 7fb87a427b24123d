//! Orders are signed on a thread of their own: two rings go between it and the one that fires, so that
//! neither waits for the other.
//!
//! 1. What cannot be asked for, because too much is on its way, is signed in its shot, if at all.
//! 2. What was asked for under a name that is used since is not signed any more.
//! 3. Whatever is signed is looked at by who has asked: who has given it up does not keep it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

use super::{OrderTerms, PolymarketSigner, SignedOrder};
use crate::in_flight::MarketId;
use crate::lines::{Receiver, Sender, line};
use crate::rounds::Rounds;

/// Of all pairs together; a signature takes some 70 µs.
const ROOM: usize = 256;
/// It is woken by whoever asks; this is for a waking that was lost.
const ROUND_AT_LEAST: Duration = Duration::from_millis(100);

/// Whose order it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OrderPlace {
    /// The pair.
    pub market: MarketId,
    /// Which of its two.
    pub direction: usize,
}

/// An order that may be needed.
pub struct ToSign {
    /// Whose.
    pub place: OrderPlace,
    /// Signs it.
    pub signer: Arc<PolymarketSigner>,
    /// What it is.
    pub terms: OrderTerms,
    /// Since 1970; it is signed as well.
    pub created_at_ms: u64,
    /// The number of its intent, and where that of the pair's next one stands: another's is not signed.
    pub number: (u64, Arc<AtomicU64>),
}

/// The end at which the thread that fires asks.
pub struct SigningLine {
    asked: Sender<ToSign, Option<Thread>>,
    signed: Receiver<(OrderPlace, SignedOrder)>,
}

impl SigningLine {
    /// Waits for nobody. `false`: there is no room for it.
    #[must_use = "what nobody signs is not on its way"]
    pub fn ask(&mut self, order: ToSign) -> bool {
        self.asked.send(order)
    }

    /// What was signed meanwhile.
    pub fn take(&mut self) -> Option<(OrderPlace, SignedOrder)> {
        self.signed.take()
    }
}

/// The end that signs.
pub struct OrderSigning {
    asked: Receiver<ToSign>,
    /// Whoever fires looks in each turn: nobody rings for it.
    signed: Sender<(OrderPlace, SignedOrder), Option<Thread>>,
}

/// Both ends, with a thread for neither.
#[must_use]
pub fn signing_line() -> (SigningLine, OrderSigning) {
    let ((asked, to_sign), (signed, taken)) = (line(ROOM, None), line(ROOM, None));
    (SigningLine { asked, signed: taken }, OrderSigning { asked: to_sign, signed })
}

impl OrderSigning {
    /// Signs what was asked for by now, as far as there is room for it; returns how many.
    pub fn round(&mut self) -> usize {
        let mut count = 0;
        while self.signed.has_room()
            && let Some(ToSign { place, signer, terms, created_at_ms, number }) = self.asked.take()
        {
            let (of, next) = number;
            if next.load(Ordering::Relaxed) != of {
                continue;
            }
            // One that cannot be signed is not there: its shot says why.
            let Ok(order) = signer.sign(&terms, created_at_ms) else { continue };
            count += usize::from(self.signed.send((place, order)));
        }
        count
    }
}

/// Signs orders until it is dropped.
pub struct OrderSigningThread(Rounds<Infallible>);

impl OrderSigningThread {
    /// A thread, and the line to it.
    pub fn start() -> io::Result<(SigningLine, Self)> {
        let (mut line, mut signing) = signing_line();
        let round = move || {
            signing.round();
            Ok(())
        };
        let rounds = Rounds::start("order-signing", ROUND_AT_LEAST, round)?;
        line.asked.set_bell(rounds.thread());
        Ok((line, Self(rounds)))
    }

    /// It has ended without being asked: a defect of ours.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.0.has_failed()
    }
}
