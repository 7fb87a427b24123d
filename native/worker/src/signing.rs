//! The threads that sign ahead of shots.

use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use legwork_engine_config::Config;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::orders::{KalshiOrders, OrderSigningThread, SigningLine};
use legwork_engine_core::signing::{AheadOptions, KalshiAhead, SigningThread};
use legwork_engine_desk::keys::Keys;

/// Shots of a second for which Kalshi's headers are signed ahead, where nobody says how many there are.
/// A trade that finds none has them signed on the spot; an armed pair does not fire.
const HEADERS_PER_SECOND: u16 = 16;
const HEADERS_EACH: NonZeroU8 = NonZeroU8::new(4).unwrap();
const ROUNDS_PER_SECOND_MAX: u16 = 100;

/// What the thread that fires takes from.
pub struct Ahead {
    pub headers: KalshiAhead,
    pub orders: SigningLine,
}

/// Until they are dropped.
pub struct Signing {
    headers: SigningThread,
    orders: OrderSigningThread,
}

impl Signing {
    pub fn start(config: &Config, keys: &Keys) -> Result<(Ahead, Self)> {
        let (every, each) = rounds(config.terms.engine.headers_per_second)?;
        let (method, path) = (KalshiOrders::METHOD, KalshiOrders::PATH);
        let options = AheadOptions { method, path, every, each };
        let (headers, signing) = KalshiAhead::new(Arc::clone(&keys.kalshi), &options, SystemClock)?;
        let signs_headers = SigningThread::start(signing)?;
        let (orders, signs_orders) =
            OrderSigningThread::start().context("no thread to sign Polymarket's orders on")?;
        let ahead = Ahead { headers, orders };
        Ok((ahead, Self { headers: signs_headers, orders: signs_orders }))
    }

    /// What is signed no more; `None`: all goes on.
    pub fn failed(&self) -> Option<&'static str> {
        if self.headers.has_failed() {
            return Some("Kalshi's headers are signed no more");
        }
        self.orders.has_failed().then_some("Polymarket's orders are signed ahead no more")
    }
}

/// How often headers are signed ahead, and how many at once: a round takes at least 10 ms.
fn rounds(per_second: Option<u16>) -> Result<(Duration, NonZeroU8)> {
    let wanted = per_second.unwrap_or(HEADERS_PER_SECOND).max(HEADERS_EACH.get().into());
    let each = u8::try_from(wanted.div_ceil(ROUNDS_PER_SECOND_MAX)).ok().and_then(NonZeroU8::new);
    let each = each.context("terms.engine.headersPerSecond: at most 25,500")?.max(HEADERS_EACH);
    Ok((Duration::from_secs(1) * u32::from(each.get()) / u32::from(wanted), each))
}
