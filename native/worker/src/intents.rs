//! The intents that no strategy may hand over any more, as earlier starts and other doors have left them.

use std::time::Duration;

use anyhow::Result;
use legwork_engine_config::Config;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::journal::Reading;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::intents::Intents;
use legwork_engine_desk::thread::Desk;
use legwork_engine_door::answer::Receipt;
use legwork_engine_ledger::trades::FiredForTrade;
use legwork_engine_ledger::{Address, BackOff, INTENTS_CHANNEL, Ledger, LedgerError, Reconnecting};
use tokio::time::timeout;
use tracing::warn;

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// By the journals and by Postgres, which has what trades have fired as well where the journals of that
/// are gone.
pub async fn known(config: &Config, ledger: &Ledger, earlier: &[Reading]) -> Result<Intents> {
    let told = ledger.intents().await?;
    let left = (earlier, &told[..]);
    let mut intents = Intents::of_earlier(&config.host, left, SystemClock.unix_ns());
    for trade in ledger.trades(&intents.refused_before()).await? {
        intents.has_trade(&trade.intent_id, trade.fired.as_ref().map(receipt_of));
    }
    Ok(intents)
}

/// What came by other doors, once more: orders may have been written for a pair while it was another
/// host's. Nobody writes any there once it is ours, so what is read after its claim has all of them.
pub async fn tell(ledger: &Ledger, desk: &Desk) -> Result<()> {
    Ok(desk.used(ledger.intents().await?)?) // done in turn, before what is asked for later
}

/// A trade's request came with its decision, and its first byte could leave a moment after it.
fn receipt_of(fired: &FiredForTrade) -> Receipt {
    let &FiredForTrade { shot, client_order_ids, written, decided_ns, written_ns } = fired;
    let (unix_ns, decided_ns) = decided_ns;
    Receipt {
        shot,
        client_order_ids,
        written: written.map(Some),
        received_ns: decided_ns,
        from_to_ns: (decided_ns, written_ns.max(decided_ns)),
        fired_unix_ns: unix_ns,
    }
}

/// Tells the thread that fires what other doors have, for as long as it runs: within moments of its
/// commit, and after each new connection all of the last hour, in case something was announced between.
pub async fn hear_of(address: Address, desk: Desk) {
    let mut line = Reconnecting::new(address).listening(INTENTS_CHANNEL);
    let (mut back_off, mut connected) = (BackOff::default(), 0);
    loop {
        let used = used(&mut line, &mut connected).await;
        if let Err(error) = &used {
            warn!(target: "legwork", %error, "other doors' intents are not heard of");
            connected = 0;
            back_off.wait().await;
            continue;
        }
        back_off.reset();
        let used = used.unwrap_or_default();
        if !used.is_empty() && desk.used(used).is_err() {
            return; // the thread that fires has ended
        }
        if let Some(ledger) = line.current() {
            let _ = timeout(LOOK_EVERY, ledger.woken()).await; // a line that is dead is asked, too
        }
    }
}

async fn used(line: &mut Reconnecting, connected: &mut u64) -> Result<Vec<String>, LedgerError> {
    line.ledger().await?;
    let made = line.connected();
    let is_new = std::mem::replace(connected, made) != made;
    let ledger = line.ledger().await?;
    if is_new { ledger.intents().await } else { Ok(ledger.announced()) }
}
