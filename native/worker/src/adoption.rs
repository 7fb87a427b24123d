//! What was fired first becomes a trade: its workflow is started with the shot.
//!
//! 1. One id, one workflow: told again it meets the one that runs, or has ended.
//! 2. It is tried for as long as the engine lives. What it has not started by its end the trading workers
//!    do (`workers/trading/adopt-missed.ts`), by the record in Postgres.

use std::sync::Arc;
use std::time::Duration;

use legwork_engine_core::journal::ShotId;
use legwork_engine_desk::death::{Fate, Point};
use legwork_engine_desk::doors::FiredFirst;
use legwork_engine_ledger::BackOff;
use serde_json::{Value, json};
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::UntypedWorkflow;
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributes};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;
use tracing::warn;

use legwork_engine_config::Config;

/// As `client/start-arbitrage.ts` has them both: a killed worker holds up its trade for no longer.
const WORKFLOW: &str = "arbitrage";
const TASK_TIMEOUT: Duration = Duration::from_secs(1);

/// `workflows/search-attributes.ts`.
const VENUE: SearchAttributeKey<Vec<String>> = SearchAttributeKey::keyword_list("Venue");
const PAIR: SearchAttributeKey<String> = SearchAttributeKey::keyword("Pair");
const STRATEGY: SearchAttributeKey<String> = SearchAttributeKey::keyword("Strategy");
const ACCOUNT: SearchAttributeKey<String> = SearchAttributeKey::keyword("Account");
const MODE: SearchAttributeKey<String> = SearchAttributeKey::keyword("Mode");
const TRADE_STATE: SearchAttributeKey<String> = SearchAttributeKey::keyword("TradeState");
const UNHEDGED: SearchAttributeKey<bool> = SearchAttributeKey::bool("Unhedged");

/// Starts trades.
pub struct Adopter {
    client: Client,
    host: String,
    mode: String,
    queue: String,
    fate: Fate,
}

impl Adopter {
    /// For the shots of this host.
    pub fn new(client: Client, config: &Config) -> Self {
        Self {
            client,
            host: config.host.clone(),
            mode: config.mode.clone(),
            queue: config.trading_queue(),
            fate: config.fate,
        }
    }

    /// Until nobody fires any more. Those that are still tried then go on with the process.
    pub async fn run(self, mut fired: mpsc::UnboundedReceiver<FiredFirst>) {
        let (adopter, adopting) = (Arc::new(self), TaskTracker::new());
        while let Some(shot) = fired.recv().await {
            let adopter = Arc::clone(&adopter);
            adopting.spawn(async move { adopter.adopt(&shot).await });
        }
        adopting.close();
        adopting.wait().await;
    }

    async fn adopt(&self, shot: &FiredFirst) {
        self.fate.reached(Point::FiredFirst);
        let mut back_off = BackOff::default();
        while let Err(error) = self.start(shot).await {
            let workflow = &shot.workflow_id;
            warn!(target: "legwork", workflow, error, "nobody follows a shot yet");
            back_off.wait().await;
        }
        self.fate.reached(Point::Adopting);
    }

    async fn start(&self, shot: &FiredFirst) -> Result<(), String> {
        let intent = serde_json::to_value(&shot.intent).map_err(|error| error.to_string())?;
        let (input, options) = (self.input(shot.id, &intent), self.options(shot, &intent));
        let workflow = UntypedWorkflow::new(WORKFLOW);
        match self.client.start_workflow(workflow, input, options).await {
            Ok(_) | Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The intent, nothing carried from an earlier run, and the shot by its name.
    fn input(&self, shot: ShotId, intent: &Value) -> RawValue {
        let ShotId { thread, epoch, sequence } = shot;
        let named =
            json!({ "host": self.host, "epoch": epoch, "thread": thread, "sequence": sequence });
        let arguments = [intent.clone(), Value::Null, json!({ "shot": named })];
        let converter = PayloadConverter::default();
        let payloads =
            arguments.iter().flat_map(|value| RawValue::from_value(value, &converter).payloads);
        RawValue::new(payloads.collect())
    }

    fn options(&self, shot: &FiredFirst, intent: &Value) -> WorkflowStartOptions {
        let word = |name: &str| intent[name].as_str().unwrap_or_default().to_owned();
        let contracts = format!("up to {} contracts", word("contractsMax"));
        let summary = format!("{} {}, {contracts}", word("type"), word("pairId"));
        let venues = ["kalshi", "polymarket"].map(str::to_owned).to_vec();
        let found_by = SearchAttributes::new([
            VENUE.value_set(venues),
            PAIR.value_set(word("pairId")),
            STRATEGY.value_set(word("strategy")),
            ACCOUNT.value_set(word("account")),
            MODE.value_set(self.mode.clone()),
            TRADE_STATE.value_set("adopting".to_owned()),
            UNHEDGED.value_set(false),
        ]);
        WorkflowStartOptions::new(self.queue.clone(), shot.workflow_id.clone())
            .task_timeout(TASK_TIMEOUT)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .search_attributes(found_by)
            .static_summary(summary)
            .build()
    }
}
