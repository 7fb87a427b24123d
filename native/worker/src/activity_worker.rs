//! Temporal's end: this host's queue, and what may be asked there.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder, WorkerTuner};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::config::Config;
use crate::firing::Shots;

/// As a trading worker's.
const SHOTS_AT_ONCE: usize = 20;
/// As the other workers of a desk: what runs may end, and the rest of the drain needs time, too.
const SHOT_GRACE: Duration = Duration::from_secs(8);
const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// Connected, and not polling yet.
pub async fn activity_worker(config: &Config, shots: Shots) -> Result<Worker> {
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
    let url = Url::from_str(&format!("http://{}", config.temporal_address))?;
    let connection = Connection::connect(ConnectionOptions::new(url).build())
        .await
        .with_context(|| format!("Temporal at {}", config.temporal_address))?;
    let client = Client::new(connection, ClientOptions::new(config.namespace.clone()).build())?;
    let options = WorkerOptions::new(config.task_queue())
        .tuner(at_once(SHOTS_AT_ONCE))
        .graceful_shutdown_period(SHOT_GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .default_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(shots)
        .build();
    Ok(Worker::new(&runtime, client, options)?)
}

/// There are neither workflows nor other tasks here.
fn at_once(shots: usize) -> WorkerTuner {
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(shots))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1));
    WorkerTuner::from(tuner.build())
}
