//! The intents that no strategy may hand over any more, as earlier starts and other doors have left them.

use anyhow::Result;
use legwork_engine_config::Config;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::journal::Reading;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::intents::Intents;
use legwork_engine_door::answer::Receipt;
use legwork_engine_ledger::Ledger;
use legwork_engine_ledger::trades::FiredForTrade;

/// By the journals and by Postgres, which has what trades have fired as well where the journals of that
/// are gone.
pub async fn known(config: &Config, ledger: &Ledger, earlier: &[Reading]) -> Result<Intents> {
    let told = ledger.intents(&config.host).await?;
    let left = (earlier, &told[..]);
    let mut intents = Intents::of_earlier(&config.host, left, SystemClock.unix_ns());
    for trade in ledger.trades(&intents.refused_before()).await? {
        intents.has_trade(&trade.intent_id, trade.fired.as_ref().map(receipt_of));
    }
    Ok(intents)
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
