//! The process `legwork-engine`: one per machine. It fires what workflows ask of it, by the thread that
//! owns the wires and the books, and answers for what has left.

mod activity_worker;
mod adoption;
#[allow(dead_code)] // its macro names the activities for workflows in Rust; ours are not
mod arming;
mod beginning;
mod door;
mod earlier;
#[allow(dead_code)] // as above
mod firing;
mod intents;
mod kernel_clock;
mod lending;
mod log;
mod markets;
mod memory_folder;
mod metrics;
mod opening;
mod pairs;
mod records;
mod running;
mod signing;
mod supervisor;
mod tasks;
mod temporal;
mod venues;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use legwork_engine_config::Config;
use legwork_engine_desk::core_dumps::forbid;
use tracing::error;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!(target: "legwork", "{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let config = Config::read().inspect_err(|_| log::begin("engine"))?;
    log::begin(&config.component);
    forbid().context("the process cannot be kept from leaving its memory behind")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("engine")
        .enable_all()
        .build()?;
    let ended = runtime.block_on(running::run(config));
    // Whatever still runs then is a thread that stands still.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}
