//! A trade's orders in Postgres: written down before any byte, and closed where none has left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::shot::LEGS;
use legwork_engine_desk::order::TradeOrder;
use legwork_engine_desk::trade::{SendOutcome, TradeShot};
use legwork_engine_ledger::orders::{OrderToRecord, ShotToRecord, StoryLine};
use legwork_engine_ledger::refusal::{NotSentRefusal, OrdersRefusal};
use legwork_engine_ledger::start::Start;
use legwork_engine_ledger::{Address, BackOff, Reconnecting};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::warn;

/// Shots may wait for Postgres side by side.
const LINES: usize = 4;
/// A shot that has waited for longer could not be answered in what its activity has left.
const RECORD_WITHIN: Duration = Duration::from_millis(1_900);
/// Whether it was recorded nobody knows; nothing was sent.
const LEDGER_LOST: &str = "LEDGER_LOST";

/// Writes orders down for a start.
#[derive(Clone)]
pub struct Records {
    start: Arc<Start>,
    mode: Arc<str>,
    lines: Arc<[Mutex<Reconnecting>]>,
    turn: Arc<AtomicUsize>,
    telling: TaskTracker,
}

impl Records {
    /// Connects when it is first needed.
    pub fn new(address: &Address, start: &Start, mode: &str) -> Self {
        let line = |_| Mutex::new(Reconnecting::new(address.clone()));
        Self {
            start: Arc::new(start.clone()),
            mode: mode.into(),
            lines: (0..LINES).map(line).collect(),
            turn: Arc::default(),
            telling: TaskTracker::new(),
        }
    }

    /// Commits both orders and what their trade has to tell. Only `Ok` lets a byte leave.
    pub async fn record(
        &self,
        shot: &TradeShot,
        order: &mut TradeOrder,
    ) -> Result<(), SendOutcome> {
        let unreadable =
            |error: &dyn ToString| SendOutcome::not_sent("NOT_AN_ORDER", error.to_string());
        let mut told = Vec::new();
        for (leg, wire) in order.legs.iter_mut().zip(&shot.orders) {
            let body = leg.entry.body().map_err(|error| unreadable(&error))?;
            let wire = to_raw_value(wire).map_err(|error| unreadable(&error))?;
            told.push(Told { wire, body, venue_order_id: leg.entry.venue_order_id() });
        }
        let [yes, no] = told.as_slice() else {
            return Err(unreadable(&"a shot has two orders, YES and NO"));
        };
        let told = ShotToRecord {
            workflow_id: &shot.workflow_id,
            pair_id: &shot.pair.pair_id,
            mode: &self.mode,
            orders: [yes.as_record(), no.as_record()],
            story: &shot.story.iter().map(line_of).collect::<Vec<_>>(),
        };
        let Ok(answer) = timeout(RECORD_WITHIN, self.tell(&told)).await else {
            self.not_sent(order.names(), LEDGER_LOST);
            return Err(SendOutcome::not_sent(LEDGER_LOST, "Postgres took too long: nothing left"));
        };
        match answer {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) if refused.refusal == OrdersRefusal::RecordedBefore => {
                Err(SendOutcome::Unknown {
                    code: refused.refusal.code().to_owned(),
                    reason: "an order with this id was recorded before; it is asked about, never \
                             sent again"
                        .to_owned(),
                })
            }
            Ok(Err(refused)) => {
                let why = refused.why.unwrap_or_else(|| "nothing was sent".to_owned());
                Err(SendOutcome::not_sent(refused.refusal.code(), why))
            }
            Err(error) => {
                self.not_sent(order.names(), LEDGER_LOST);
                Err(SendOutcome::not_sent(LEDGER_LOST, error.to_string()))
            }
        }
    }

    /// Waits until each of these orders has its row: what has left is told within moments of it, unless
    /// Postgres is away. Its activity bounds it.
    pub async fn known(&self, names: &[ClientOrderId; LEGS]) {
        let names = names.map(|name| name.to_string());
        let mut back_off = BackOff::default();
        loop {
            match self.are_known(&names).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    warn!(target: "legwork", %error, "what another door has fired is waited for");
                }
            }
            back_off.wait().await;
        }
    }

    async fn are_known(
        &self,
        names: &[String],
    ) -> Result<bool, legwork_engine_ledger::LedgerError> {
        self.line().lock().await.ledger().await?.orders_known(names).await
    }

    /// Nothing of these orders has left, and nothing will. Told until Postgres has answered it.
    pub fn not_sent(&self, names: [ClientOrderId; LEGS], code: &'static str) {
        let records = self.clone();
        self.telling.spawn(async move { records.tell_not_sent(&names, code).await });
    }

    /// Everything that was not sent is told.
    pub async fn settle(&self) {
        self.telling.close();
        self.telling.wait().await;
    }

    /// In turn: one that waits for Postgres holds up its own shots alone.
    fn line(&self) -> &Mutex<Reconnecting> {
        &self.lines[self.turn.fetch_add(1, Ordering::Relaxed) % LINES]
    }

    async fn tell(
        &self,
        shot: &ShotToRecord<'_>,
    ) -> legwork_engine_ledger::Told<(), legwork_engine_ledger::orders::NotRecorded> {
        self.line().lock().await.ledger().await?.record_orders(&self.start, shot).await
    }

    async fn tell_not_sent(&self, names: &[ClientOrderId; LEGS], code: &str) {
        let mut back_off = BackOff::default();
        loop {
            match self.try_not_sent(names, code).await {
                Ok(Ok(())) => return,
                Ok(Err(refusal)) => {
                    // Told again it is refused again; their trade closes them when it ends.
                    warn!(target: "legwork", %refusal, "Postgres does not hear what was not sent");
                    return;
                }
                Err(error) => {
                    warn!(target: "legwork", %error, "what was not sent cannot be told of yet");
                }
            }
            back_off.wait().await;
        }
    }

    async fn try_not_sent(
        &self,
        names: &[ClientOrderId; LEGS],
        code: &str,
    ) -> legwork_engine_ledger::Told<(), NotSentRefusal> {
        let names = names.map(|name| name.to_string());
        self.line().lock().await.ledger().await?.not_sent(&self.start, &names, code).await
    }
}

struct Told {
    wire: Box<RawValue>,
    body: String,
    venue_order_id: Option<String>,
}

impl Told {
    fn as_record(&self) -> OrderToRecord<'_> {
        OrderToRecord {
            order: &self.wire,
            body: &self.body,
            venue_order_id: self.venue_order_id.as_deref(),
        }
    }
}

fn line_of(line: &legwork_engine_desk::trade::StoryLine) -> StoryLine<'_> {
    StoryLine { at_ms: line.at_ms, event: &line.event, text: &line.text }
}
