//! A gate, whoever keeps it, and whoever would pass it.

use std::sync::Arc;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::House;
use legwork_engine_core::gate::{FiringThread, Section};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_ledger::Address;
use legwork_engine_ledger::control::{Control, Keeper, Subject};
use legwork_engine_ledger::start::Start;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Said;

pub struct AtTheGate<'a> {
    house: &'a Arc<House>,
    thread: &'a FiringThread,
    section: Option<Section<'a>>,
    kept: Option<(watch::Receiver<Control>, JoinHandle<()>)>,
}

impl<'a> AtTheGate<'a> {
    pub fn new(house: &'a Arc<House>, thread: &'a FiringThread) -> Self {
        Self { house, thread, section: None, kept: None }
    }

    pub fn control(&mut self, address: Address, start: Start) -> Value {
        let (keeper, control) = Keeper::new(address, start, Arc::clone(self.house));
        let run = tokio::spawn(async { drop(keeper.run().await) });
        self.kept = Some((control, run));
        json!({})
    }

    pub fn take(&mut self, word: &str, rest: &str) -> Said {
        match word {
            "state" => return self.state(),
            "look" => return self.look(rest),
            "cleared" => return self.cleared(rest),
            "gate" => {
                let entered = self.house.gate.enter(self.thread, market(rest)?, &SystemClock);
                return Ok(json!({ "refused": entered.err().map(Refusal::code) }));
            }
            "enter" => {
                let entered = self.house.gate.enter(self.thread, market(rest)?, &SystemClock)?;
                self.section = Some(entered);
            }
            "leave" => self.section = None,
            other => return Err(format!("nobody knows {other}").into()),
        }
        Ok(json!({}))
    }

    fn state(&self) -> Said {
        let (control, run) = self.kept.as_ref().ok_or("nobody keeps it yet")?;
        let control = control.borrow();
        let lent = control
            .lent
            .iter()
            .map(|lent| json!({ "pairId": lent.pair_id, "budget": lent.terms.budget.to_string() }));
        let lost = control.lost.iter().map(|account| account.venue_account.as_str());
        let freezes = control.in_force.iter().map(|freeze| freeze.freeze_id.as_str());
        Ok(json!({
            "epoch": control.epoch,
            "acknowledged": control.acknowledged,
            "inForce": freezes.collect::<Vec<_>>(),
            "lent": lent.collect::<Vec<_>>(),
            "lost": lost.collect::<Vec<_>>(),
            "heard": control.counts.heard,
            "connected": control.counts.connected,
            "roundTripUs": control.counts.round_trip_us,
            "trouble": control.trouble.as_deref(),
            "hasEnded": run.is_finished(),
        }))
    }

    fn look(&self, strategy: &str) -> Said {
        let subject = Subject {
            venues: &["kalshi", "polymarket"],
            account: "main",
            strategy,
            instruments: &["polymarket/0xrain/yes", "kalshi/KXRAIN/no"],
            pair_id: "rain",
            workflow_id: "arbitrage/a",
        };
        let (control, _) = self.kept.as_ref().ok_or("nobody keeps it yet")?;
        let control = control.borrow();
        let freeze = control.freeze_of(&subject).map(|freeze| freeze.freeze_id.as_str());
        Ok(json!({ "epoch": control.epoch, "frozen": freeze }))
    }

    fn cleared(&self, rest: &str) -> Said {
        let (number, epoch) = rest.split_once(' ').ok_or("cleared <market> <epoch>")?;
        let cleared = (market(number)?, epoch.parse()?);
        let entered = self.house.gate.enter_cleared(self.thread, cleared, &SystemClock);
        Ok(json!({ "refused": entered.err().map(Refusal::code) }))
    }
}

fn market(text: &str) -> Result<MarketId, std::num::ParseIntError> {
    text.parse().map(MarketId)
}
