//! A start of the engine, from its first look at Postgres to its last record.
//!
//! It drains outside in: no new request and no new task, then the shots that are out, then their records.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use legwork_engine_core::firing::House;
use legwork_engine_desk::thread::Desk;
use legwork_engine_door::thread::DoorThread;
use legwork_engine_ledger::control::{Control, Ended};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, Ledger};
use temporalio_sdk::Worker;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::records::Records;
use crate::signing::Signing;
use crate::supervisor;
use crate::tasks::{Parts, failure, lost_accounts};
use legwork_engine_config::Config;

/// Its supervisor waits for 15 s in all, of which tasks may take eight, acknowledgements one, and what
/// was fired first two.
const TOLD_WITHIN: Duration = Duration::from_secs(3);
/// Answers and acknowledgements take no longer: a thread that does stands still, and is left.
const FIRED_WITHIN: Duration = Duration::from_secs(10);
/// What is not started by then the trading workers start: they look every second.
const ADOPTED_WITHIN: Duration = Duration::from_secs(2);

/// Until it is asked to drain, or cannot go on.
pub async fn run(config: Config) -> Result<()> {
    let mut drain = supervisor::drain_requests()?;
    let mut engine = tokio::select! {
        engine = Engine::start(&config) => engine?,
        // Nothing of this start has left; its supervisor says that it is gone.
        _ = drain.wait_for(Option::is_some) => return Ok(()),
    };
    let served = engine.serve(&mut drain).await;
    if let Err(problem) = &served {
        error!(target: "legwork", "{problem:#}");
    }
    let drained = engine.drain().await;
    served.and(drained)
}

/// Everything that runs; `opening.rs` starts it.
pub struct Engine {
    pub address: Address,
    pub start: Start,
    pub house: Arc<House>,
    pub control: watch::Receiver<Control>,
    /// `None`: strategies of this host are not heard.
    pub door: Option<DoorThread>,
    pub desk: Desk,
    pub firing: JoinHandle<Result<()>>,
    pub signing: Signing,
    pub keeping: JoinHandle<Ended>,
    pub tasks: Tasks,
    pub records: Records,
    pub worker: Worker,
}

/// What goes on beside the shots, until the end.
pub struct Tasks {
    /// Records, to Postgres.
    pub projecting: JoinHandle<()>,
    /// Records, to whoever tells them.
    pub forwarding: JoinHandle<()>,
    /// The pair file, and what trades hold.
    pub watching: JoinHandle<()>,
    /// What was lent, to the thread that fires.
    pub lending: JoinHandle<()>,
    /// Intents of other doors, to the thread that fires.
    pub hearing_of: JoinHandle<()>,
    /// What was fired first, to whoever starts its workflows.
    pub handing_over: JoinHandle<()>,
    /// And to its workflows.
    pub adopting: JoinHandle<()>,
}

/// Why no more tasks are taken.
enum Why {
    /// Its supervisor, or a signal.
    Asked,
    /// Temporal's own end of it is over.
    WorkerEnded(anyhow::Error),
    /// A part has ended without which nothing may be fired.
    Failed(anyhow::Error),
    /// Newer starts have these venue accounts.
    Lost(String),
}

impl Engine {
    /// Takes tasks until it is asked to drain, or one of its parts has ended: an engine that lacks one
    /// keeps its pairs and fires nothing, so it goes, and another start takes over.
    async fn serve(&mut self, drain: &mut watch::Receiver<Option<&'static str>>) -> Result<()> {
        let shutdown = self.worker.shutdown_handle();
        let running = self.worker.run();
        tokio::pin!(running);
        let parts = Parts {
            house: &self.house,
            signing: &self.signing,
            desk: &self.desk,
            door: self.door.as_ref(),
            tasks: [
                (&self.tasks.projecting, "records are told no more"),
                (&self.tasks.forwarding, "records are handed on no more"),
                (&self.tasks.watching, "the pair file is read no more"),
                (&self.tasks.lending, "what was lent is handed on no more"),
                (&self.tasks.hearing_of, "other doors' intents are heard of no more"),
                (&self.tasks.handing_over, "what was fired first is handed over no more"),
                (&self.tasks.adopting, "what was fired first is handed on no more"),
            ],
        };
        let why = tokio::select! {
            ended = &mut running => Why::WorkerEnded(anyhow!("Temporal's worker has ended: {ended:?}")),
            ended = &mut self.keeping => Why::Failed(anyhow!("the gate is kept no more: {ended:?}")),
            failed = failure(&parts) => Why::Failed(failed),
            accounts = lost_accounts(self.control.clone()) => Why::Lost(accounts),
            _ = drain.wait_for(Option::is_some) => Why::Asked,
        };
        if let Why::WorkerEnded(problem) = why {
            return Err(problem);
        }
        info!(target: "legwork", "takes no more tasks");
        // Before the tasks that run, which may take seconds: what ends fires nothing by itself.
        let doors = self.desk.close_doors();
        shutdown();
        if let Err(problem) = running.await {
            warn!(target: "legwork", %problem, "Temporal's worker has not ended as it should");
        }
        match why {
            Why::Asked => Ok(doors?),
            Why::Failed(problem) | Why::WorkerEnded(problem) => Err(problem),
            Why::Lost(accounts) => {
                // Started again it would take them back, and the two would go on like that.
                error!(
                    target: "legwork",
                    "another engine has taken over {accounts}: this one fires nothing; stop one of them"
                );
                let _ = drain.wait_for(Option::is_some).await;
                Ok(())
            }
        }
    }

    /// Outside in; whatever a step comes to, the next is taken. The first problem is told.
    async fn drain(self) -> Result<()> {
        let Tasks {
            mut projecting,
            forwarding,
            watching,
            lending,
            hearing_of,
            handing_over,
            mut adopting,
        } = self.tasks;
        let heard = self.door.map_or(Ok(()), DoorThread::close);
        watching.abort();
        hearing_of.abort();
        let closing = self.desk.close();
        let Ok(fired) = timeout(FIRED_WITHIN, self.firing).await else {
            // Neither it nor whoever waits for it will end: its journal tells the next start.
            return Err(anyhow!("the thread that fires stands still"));
        };
        let fired = fired.map_err(anyhow::Error::from).and_then(|ended| ended);
        drop(self.signing);
        let forwarded = forwarding.await;
        let handed_over = handing_over.await;
        if timeout(ADOPTED_WITHIN, &mut adopting).await.is_err() {
            adopting.abort();
        }
        // Without Postgres the next start tells them: the journal has each.
        let told = async {
            self.records.settle().await;
            (&mut projecting).await
        };
        let projected = if let Ok(projected) = timeout(TOLD_WITHIN, told).await {
            projected.map_err(anyhow::Error::from)
        } else {
            projecting.abort();
            Err(anyhow!("Postgres has not taken every record: the next start tells the rest"))
        };
        self.keeping.abort();
        lending.abort();
        // Its name stays where something of it is untold.
        let ended = if projected.is_ok() { end(&self.address, &self.start).await } else { Ok(()) };
        heard?;
        fired?;
        closing?;
        forwarded?;
        handed_over?;
        projected?;
        ended
    }
}

/// Gives up what the start owned.
async fn end(address: &Address, start: &Start) -> Result<()> {
    let answer = Ledger::connect(address).await?.end(start).await?;
    answer.map_err(|refused| anyhow!("Postgres does not know this engine: {}", refused.code()))
}
