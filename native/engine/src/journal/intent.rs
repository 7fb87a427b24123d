//! What was meant by a shot, in its slot: its workflow is started with just that, whoever reads it.

use zerocopy::FromZeros;
use zerocopy::little_endian::U64;

use super::layout::IntentPart;
use super::record::{fill, length_in, text};
use crate::amount::{Price, Quantity};
use crate::own_intent::{Door, OwnIntent, RecordedIntent};
use crate::refusal::Refusal;
use crate::shot::Budget;

/// A checksum fits, and what stands there no start of ours has written.
pub struct NotOurs;

/// Zeros where its workflow was there before it.
pub fn intent_part(budget: &Budget<'_>) -> Result<IntentPart, Refusal> {
    let mut part = IntentPart::new_zeroed();
    let Budget::Lease(intent) = budget else { return Ok(part) };
    let &OwnIntent { door, strategy, contracts_max, edge_min, observed_at_ms } = intent;
    part.door = door as u8;
    part.strategy_bytes = length_in(strategy.as_bytes(), &part.strategy)?;
    part.contracts_max.set(contracts_max.counts());
    part.edge_min.set(edge_min.counts());
    part.observed_at_ms = observed_at_ms.map(U64::new);
    fill(&mut part.strategy, strategy.as_bytes());
    Ok(part)
}

/// `None`: its workflow was there before it.
pub fn read_intent(part: &IntentPart) -> Result<Option<RecordedIntent>, NotOurs> {
    if part.door == 0 {
        return Ok(None);
    }
    let door = [Door::FireFirst, Door::Armed].into_iter().find(|door| *door as u8 == part.door);
    Ok(Some(RecordedIntent {
        door: door.ok_or(NotOurs)?,
        strategy: text(&part.strategy, part.strategy_bytes.into()).ok_or(NotOurs)?,
        contracts_max: Quantity::from_counts(part.contracts_max.get()),
        edge_min: Price::from_counts(part.edge_min.get()),
        observed_at_ms: part.observed_at_ms.map(U64::get),
    }))
}
