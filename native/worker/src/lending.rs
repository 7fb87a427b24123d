//! What the heartbeat tells for the thread that fires: what it was lent, and which freezes its own shots
//! are held against.

use std::collections::HashMap;
use std::sync::Arc;

use legwork_engine_core::amount::Money;
use legwork_engine_core::clearing::Subject;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_desk::arming::Lent;
use legwork_engine_desk::death::{Fate, Point};
use legwork_engine_desk::thread::{Desk, DeskGone};
use legwork_engine_ledger::control::Control;
use tokio::sync::watch;

use crate::markets::Markets;

/// Hands on each heartbeat, until nobody beats or nobody listens any more.
pub async fn lend(
    mut control: watch::Receiver<Control>,
    markets: Markets,
    (desk, fate): (Desk, Fate),
) {
    let mut known = None;
    let mut budgets = HashMap::new();
    while control.changed().await.is_ok() {
        let heard = control.borrow_and_update().clone();
        meet(fate, &heard, &mut budgets);
        if hand_on(&heard, &markets, &desk, &mut known).is_err() {
            return;
        }
    }
}

/// A grant is new, and so is what an adopted shot has taken out of it: the end that a start may meet.
fn meet(fate: Fate, heard: &Control, budgets: &mut HashMap<String, Money>) {
    if !fate.is_sealed() {
        return;
    }
    for of in heard.lent.iter() {
        match budgets.insert(of.lease_id.clone(), of.terms.budget) {
            None => fate.reached(Point::Lent),
            Some(before) if of.terms.budget < before => fate.reached(Point::Renewed),
            Some(_) => {}
        }
    }
}

fn hand_on(
    heard: &Control,
    markets: &Markets,
    desk: &Desk,
    known: &mut Option<u64>,
) -> Result<(), DeskGone> {
    // Freezes change with their epoch alone; looking through them is moved to the thread that fires.
    if *known != heard.epoch {
        desk.clear_by(Box::new(clearing(heard)))?;
        *known = heard.epoch;
    }
    let lent = heard.lent.iter().filter_map(|of| {
        let market = markets.number(&of.pair_id)?;
        Some(Lent { market, lease_id: of.lease_id.clone(), terms: of.terms })
    });
    desk.lend(lent.collect())
}

fn clearing(heard: &Control) -> impl Fn(&Subject<'_>) -> Result<u64, Refusal> + Send + use<> {
    let (epoch, in_force) = (heard.epoch, Arc::clone(&heard.in_force));
    move |subject| {
        let epoch = epoch.ok_or(Refusal::ControlLost)?;
        let is_frozen = in_force.iter().any(|freeze| freeze.reaches(subject));
        if is_frozen { Err(Refusal::Frozen) } else { Ok(epoch) }
    }
}
