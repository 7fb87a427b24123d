//! What was fired for trades that had their reservations, whichever host has fired it.

use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::LEGS;
use legwork_engine_core::wire::Written;
use tokio_postgres::types::Type;

use crate::connection::{Call, DEADLINE, Ledger};
use crate::error::LedgerError;
use crate::rows::Answer;

/// An intent that has a trade.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trade {
    /// Its name.
    pub intent_id: String,
    /// `None`: no shot is told yet, or not what the wire took of both legs.
    pub fired: Option<FiredForTrade>,
}

/// A shot of a trade, YES first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FiredForTrade {
    /// In its journal.
    pub shot: ShotId,
    /// Our names for both orders.
    pub client_order_ids: [ClientOrderId; LEGS],
    /// What the wire took.
    pub written: [Written; LEGS],
    /// When it was decided on, since 1970 and on its host's monotonic clock.
    pub decided_ns: (u64, u64),
    /// When the last byte had left, on the same.
    pub written_ns: u64,
}

const TRADES: Call = Call {
    name: "engine_trades",
    sql: "select * from engine_trades($1)",
    types: &[Type::TEXT_ARRAY],
};

impl Ledger {
    /// Of these intents those that have a trade.
    pub async fn trades(&self, intents: &[String]) -> Result<Vec<Trade>, LedgerError> {
        let rows = self.ask(&TRADES, &[&intents], DEADLINE).await?;
        rows.iter().map(|row| trade_of(Answer { call: TRADES.name, row })).collect()
    }
}

fn trade_of(answer: Answer<'_>) -> Result<Trade, LedgerError> {
    let intent_id = answer.get("intent_id")?;
    let Some(epoch) = answer.count_or_none("epoch")? else {
        return Ok(Trade { intent_id, fired: None });
    };
    let thread: i32 = answer.get("thread")?;
    let thread = u32::try_from(thread).map_err(|error| unreadable("thread", error))?;
    let orders: Vec<String> = answer.get("orders")?;
    let [yes, no] = orders.as_slice() else { return Err(unreadable("orders", "not two")) };
    let of_order = |name: &str| {
        let bytes = name.as_bytes().try_into().ok();
        let name = bytes.and_then(ClientOrderId::from_recorded);
        name.ok_or_else(|| unreadable("orders", "no name of ours"))
    };
    let client_order_ids = [of_order(yes)?, of_order(no)?];
    let written: Vec<Option<String>> = answer.get("written")?;
    let fired = match written
        .iter()
        .map(|word| word.as_deref().and_then(word_of))
        .collect::<Vec<_>>()[..]
    {
        [Some(yes), Some(no)] => Some(FiredForTrade {
            shot: ShotId { thread, epoch, sequence: answer.count("sequence")? },
            client_order_ids,
            written: [yes, no],
            decided_ns: (answer.count("decided_ns")?, answer.count("monotonic_ns")?),
            written_ns: answer.count_or_none("written_ns")?.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(Trade { intent_id, fired })
}

fn word_of(word: &str) -> Option<Written> {
    match word {
        "whole" => Some(Written::Whole),
        "part" => Some(Written::Part),
        "nothing" => Some(Written::Nothing),
        _ => None,
    }
}

fn unreadable(column: &str, why: impl std::fmt::Display) -> LedgerError {
    LedgerError::unreadable(TRADES.name, format!("{column}: {why}"))
}
