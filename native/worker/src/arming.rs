//! What `armPair` asks of this host: to fire a pair from its lease, to let it go, and what an earlier
//! start has left of one.

use std::sync::Arc;
use std::time::Duration;

use legwork_engine_core::journal::ShotId;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_desk::arming::Arming;
use legwork_engine_desk::thread::Desk;
use legwork_engine_ledger::control::Control;
use legwork_engine_ledger::start::Start;
use serde::Deserialize;
use serde_json::{Value, json};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::earlier::Left;
use crate::markets::Markets;

/// Heartbeats are woken by whoever lends.
const LENT_WITHIN: Duration = Duration::from_secs(1);

/// Arms and disarms the pairs of this start.
pub struct Armings {
    /// Asks the thread that fires.
    pub desk: Desk,
    /// What it was lent.
    pub control: watch::Receiver<Control>,
    /// The pairs that this start may own.
    pub markets: Markets,
    /// Its name.
    pub start: Start,
    /// Its journals' folder, as it is registered.
    pub journal: String,
    /// What earlier starts of this host have left.
    pub left: Vec<Left>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToDisarm {
    arming_id: String,
    pair_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToSweep {
    pair_id: String,
    epoch: u64,
}

#[activities]
impl Armings {
    /// Fires the pair from its lease from now on.
    #[activity(name = "arm")]
    pub async fn arm(
        self: Arc<Self>,
        _: ActivityContext,
        arming: Value,
    ) -> Result<Value, ActivityError> {
        let arming = match Arming::read(&arming) {
            Ok(arming) => arming,
            Err(why) => return Ok(refused("NOT_UNDERSTOOD", &why)),
        };
        let pair_id = arming.pair.pair_id.clone();
        let Some(market) = self.markets.number(&pair_id) else {
            let why = format!("this engine does not follow {pair_id}: approve it for this host");
            return Ok(refused(Refusal::MarketUnknown.code(), &why));
        };
        let lease_id = arming.lease_id.clone();
        if let Err(error) = self.desk.arm(market, arming)?.await? {
            return Ok(refused(error.code(), &error.to_string()));
        }
        self.until_lent(&lease_id).await;
        Ok(json!({ "kind": "armed" }))
    }

    /// Nothing of its lease is spent once this was answered.
    #[activity(name = "disarm")]
    pub async fn disarm(
        self: Arc<Self>,
        _: ActivityContext,
        asked: Value,
    ) -> Result<Value, ActivityError> {
        let ToDisarm { arming_id, pair_id } = ToDisarm::deserialize(asked)?;
        let disarmed = self.desk.disarm(arming_id, pair_id)?.await?;
        Ok(json!({
            "kind": "disarmed",
            "process": self.start.process,
            "journal": self.journal,
            "epoch": self.start.epoch,
            "unacknowledged": slots(&disarmed.unacknowledged),
        }))
    }

    /// What the journal of an earlier start of this host says of a pair.
    #[allow(clippy::unused_async)] // every activity is
    #[activity(name = "sweep")]
    pub async fn sweep(
        self: Arc<Self>,
        _: ActivityContext,
        asked: Value,
    ) -> Result<Value, ActivityError> {
        let ToSweep { pair_id, epoch } = ToSweep::deserialize(asked)?;
        let Some(left) = self.left.iter().find(|left| left.epoch == epoch) else {
            return Ok(json!({ "kind": "not_there" }));
        };
        Ok(json!({
            "kind": "journal_read",
            "journal": self.journal,
            "epoch": epoch,
            "isWhole": left.is_whole,
            "unacknowledged": slots(&left.unacknowledged(&pair_id)),
        }))
    }
}

impl Armings {
    /// Who hears "armed" may ask for a shot at once. Where nothing is heard of the lease in time its shots
    /// are refused by name, until it is.
    async fn until_lent(&self, lease_id: &str) {
        let mut control = self.control.clone();
        let is_lent = |control: &Control| control.lent.iter().any(|lent| lent.lease_id == lease_id);
        let _ = timeout(LENT_WITHIN, control.wait_for(is_lent)).await;
    }
}

fn refused(code: &str, why: &str) -> Value {
    json!({ "kind": "refused", "code": code, "why": why })
}

fn slots(shots: &[ShotId]) -> Vec<Value> {
    let slot = |&ShotId { thread, sequence, .. }: &ShotId| json!({ "thread": thread, "sequence": sequence });
    shots.iter().map(slot).collect()
}
