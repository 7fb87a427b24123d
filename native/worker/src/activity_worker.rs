//! Temporal's end: this host's queue, and what may be asked there.

use std::time::Duration;

use anyhow::Result;
use temporalio_client::Client;
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder, WorkerTuner};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::arming::Armings;
use crate::firing::Shots;
use crate::venues::CONNECTIONS;
use legwork_engine_config::Config;

/// As many trades as may await their answers, with a connection left for what the engine fires by
/// itself: Temporal keeps the others, where they wait as long as they are good for, and none of them is
/// refused for want of a wire that is free a moment later.
const SHOTS_AT_ONCE: usize = CONNECTIONS - 1;
/// As the other workers of a desk: what runs may end, and the rest of the drain needs time, too.
const SHOT_GRACE: Duration = Duration::from_secs(8);
const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// Not polling yet.
pub fn activity_worker(
    config: &Config,
    client: Client,
    (shots, armings): (Shots, Armings),
) -> Result<Worker> {
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
    let options = WorkerOptions::new(config.task_queue())
        .tuner(at_once(SHOTS_AT_ONCE))
        .graceful_shutdown_period(SHOT_GRACE)
        .max_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .default_heartbeat_throttle_interval(HEARTBEAT_EVERY)
        .register_activities(shots)
        .register_activities(armings)
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
