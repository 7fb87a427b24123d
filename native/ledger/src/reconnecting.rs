//! A connection that is made again by whoever uses it.

use std::time::Duration;

use tokio::time::sleep;

use crate::address::Address;
use crate::connection::Ledger;
use crate::error::LedgerError;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long to wait before the next attempt: twice as long each time, up to five seconds.
#[derive(Clone, Copy, Debug)]
pub struct BackOff(Duration);

impl Default for BackOff {
    fn default() -> Self {
        Self(FIRST_WAIT)
    }
}

impl BackOff {
    /// Waits, and longer the next time.
    pub async fn wait(&mut self) {
        sleep(self.next()).await;
    }

    /// It went well.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// How long, where somebody else waits.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = LONGEST_WAIT.min(wait * 2);
        wait
    }
}

/// One connection at a time. It waits for nobody: who is told that there is none decides when to
/// ask again.
pub struct Reconnecting {
    address: Address,
    channel: Option<&'static str>,
    ledger: Option<Ledger>,
    connected: u64,
}

impl Reconnecting {
    /// Connects when it is first asked.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { address, channel: None, ledger: None, connected: 0 }
    }

    /// Each connection hears what is announced on a channel ([`Ledger::woken`]).
    #[must_use]
    pub fn listening(self, channel: &'static str) -> Self {
        Self { channel: Some(channel), ..self }
    }

    /// The connection that there is, or one attempt at a new one.
    pub async fn ledger(&mut self) -> Result<&Ledger, LedgerError> {
        if let Some(ledger) = self.ledger.take().filter(|ledger| !ledger.is_over()) {
            return Ok(self.ledger.insert(ledger));
        }
        let ledger = Ledger::connect(&self.address).await?;
        if let Some(channel) = self.channel {
            ledger.listen(channel).await?;
        }
        self.connected += 1;
        Ok(self.ledger.insert(ledger))
    }

    /// The connection that there is.
    #[must_use]
    pub fn current(&self) -> Option<&Ledger> {
        self.ledger.as_ref().filter(|ledger| !ledger.is_over())
    }

    /// How often a connection was made.
    #[must_use]
    pub fn connected(&self) -> u64 {
        self.connected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_and_never_above_the_longest() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..8).map(|_| back_off.next().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        back_off.reset();
        assert_eq!(back_off.next(), FIRST_WAIT);
    }
}
