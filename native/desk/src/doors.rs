//! The engine's own doors: what the thread that fires needs to fire by itself, and whom it tells.

use std::sync::Arc;

use legwork_engine_core::journal::{RecordedShot, ShotId};
use legwork_engine_core::lines::{Teller, Wake};
use legwork_engine_core::own_intent::WireIntent;
use legwork_engine_door::lane::LaneEnd;

use crate::entry::Account;
use crate::intents::Intents;

/// What `arbitrageWorkflowId` puts before an intent's id.
pub const WORKFLOW: &str = "arbitrage/";

/// What they are opened with.
pub struct Doors {
    /// Whose orders.
    pub account: Arc<Account>,
    /// The same, by name.
    pub account_name: String,
    /// As intents name it.
    pub host: String,
    /// From strategies; `None`: there is no door for them.
    pub lane: Option<LaneEnd>,
    /// Wakes the thread that fires; the lane's other side has a copy.
    pub wake: Wake,
    /// As earlier starts have left them.
    pub intents: Intents,
    /// Each shot from a lease, once it has left.
    pub fired: Teller<FiredFirst>,
}

/// A shot whose workflow has to be started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FiredFirst {
    /// Its name in the journal.
    pub id: ShotId,
    /// `arbitrage/{intentId}`.
    pub workflow_id: String,
    /// The workflow's first argument.
    pub intent: WireIntent,
}

impl FiredFirst {
    /// Of a shot of this host's; `None` where its workflow was there before it.
    #[must_use]
    pub fn of(host: &str, shot: &RecordedShot) -> Option<Self> {
        let intent = WireIntent::of(host, shot)?;
        let workflow_id = format!("{WORKFLOW}{}", shot.intent_id);
        Some(Self { id: shot.id, workflow_id, intent })
    }
}

/// A shot that Postgres, and its workflow, have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Acknowledged {
    /// Its name.
    pub shot: ShotId,
    /// Of the lease's terms that lend it no more; `None`: nothing was moved out of a lease.
    pub lease_epoch: Option<u64>,
    /// Postgres has both answers as well, or nobody will hear more: its slot may be used again.
    pub is_complete: bool,
}
