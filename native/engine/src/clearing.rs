//! Freezes that a market's word does not tell: those of a strategy, and of one trade. A shot is held
//! against the freezes themselves, and brings their epoch to the gate.

use crate::refusal::Refusal;

/// Everything that a freeze may be scoped to, of one trade.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Of both legs.
    pub venues: &'a [&'a str],
    /// Whose money.
    pub account: &'a str,
    /// Whose decision.
    pub strategy: &'a str,
    /// Of both legs: `kalshi/KXRAIN/no`.
    pub instruments: &'a [&'a str],
    /// The pair's name.
    pub pair_id: &'a str,
    /// The trade's.
    pub workflow_id: &'a str,
}

/// The control epoch whose freezes do not reach the trade, or why it may not begin. It has what it
/// looks through to itself: it waits for nobody and allocates nothing.
pub type Clearing = dyn Fn(&Subject<'_>) -> Result<u64, Refusal> + Send;

/// Of freezes that were never read: they clear nobody.
pub fn never_read(_: &Subject<'_>) -> Result<u64, Refusal> {
    Err(Refusal::ControlLost)
}
