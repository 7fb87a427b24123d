//! The activity `fireLegs` (`activities/trade-activities.ts`): both legs of a trade that was
//! admitted, once. Nobody else answers it.
//!
//! 1. Both orders are complete, signed and committed before any byte leaves.
//! 2. Where a row is already there nothing is sent: the answer is `unknown`. Nor where another door has
//!    fired the intent: then the rows are those of what it has sent, and they are waited for, because an
//!    order without a row is taken for one that never left.
//! 3. What is refused before the first byte is a definite no, by name.
//! 4. Once it is handed to the thread that fires, only its answers end it; where they are lost the
//!    workflow asks.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::LEGS;
use legwork_engine_desk::death::{Fate, Point};
use legwork_engine_desk::entry::{Account, Entry};
use legwork_engine_desk::order::{Fired, TradeLeg, TradeOrder};
use legwork_engine_desk::thread::{Desk, DeskGone};
use legwork_engine_desk::trade::{ChildOrder, LegOutcome, SendOutcome, Side, TradeShot};
use legwork_engine_ledger::control::{Control, Subject};
use serde_json::Value;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::sync::watch;
use tokio::time::interval;

use crate::markets::Markets;
use crate::records::Records;

/// What `arbitrageWorkflowId` puts before an intent's id.
const WORKFLOW: &str = "arbitrage/";
const MILLISECOND_NS: u64 = 1_000_000;
/// As often as the other workers of a desk say that they live.
const HEARTBEAT_EVERY: Duration = Duration::from_millis(100);

/// What shots are fired with.
pub struct Shots {
    /// Whose orders.
    pub account: Arc<Account>,
    /// The same, by name.
    pub account_name: String,
    /// Asks the thread that fires.
    pub desk: Desk,
    /// The pairs that this start may own.
    pub markets: Markets,
    /// The freezes that are in force.
    pub control: watch::Receiver<Control>,
    /// Writes orders down.
    pub records: Records,
    /// Where a test ends the process, or holds it up.
    pub fate: Fate,
}

#[activities]
impl Shots {
    /// Both legs, one attempt.
    #[activity(name = "fireLegs")]
    pub async fn fire_legs(
        self: Arc<Self>,
        context: ActivityContext,
        shot: Value,
    ) -> Result<Value, ActivityError> {
        let fired = AssertUnwindSafe(self.answer(&shot)).catch_unwind();
        tokio::pin!(fired);
        let mut beats = interval(HEARTBEAT_EVERY);
        loop {
            tokio::select! {
                outcomes = &mut fired => {
                    let outcomes = outcomes.map_err(|_panic| Lost)??;
                    return Ok(serde_json::to_value(outcomes)?);
                }
                _ = beats.tick() => context.record_heartbeat(()).await?,
            }
        }
    }
}

/// What a trade is told, or that its answers are lost.
type Outcomes = Result<Vec<LegOutcome>, Lost>;

/// It may have left: the trade asks the venues.
#[derive(Debug, thiserror::Error)]
#[error("the thread that fires has ended before both legs were heard of")]
struct Lost;

impl Shots {
    /// What is not understood has not left: a definite no, by the names that it has.
    async fn answer(&self, told: &Value) -> Outcomes {
        match TradeShot::read(told) {
            Ok(shot) => self.fire(&shot).await,
            Err(why) => {
                let outcome = SendOutcome::not_sent("NOT_UNDERSTOOD", why);
                Ok(told_of(told, &outcome))
            }
        }
    }

    async fn fire(&self, shot: &TradeShot) -> Outcomes {
        self.fate.reached(Point::Asked);
        let orders = match orders_of(shot) {
            Ok(orders) => orders,
            Err(why) => {
                let outcome = SendOutcome::not_sent("NOT_UNDERSTOOD", why);
                return Ok(outcomes_of(&shot.orders, &outcome));
            }
        };
        let told = |outcome: &SendOutcome| Ok(outcomes(&orders, outcome));
        let mut order = match self.order(shot, &orders) {
            Ok(order) => order,
            Err(outcome) => return told(&outcome),
        };
        let Ok(claimed) = self.desk.claim(order.intent_id.clone()) else {
            return told(&SendOutcome::not_sent("ENGINE_GONE", DeskGone.to_string()));
        };
        if !claimed.await.map_err(|_| Lost)? {
            self.records.known(&order.names()).await;
            return Ok(Fired::Before.outcomes(order.names()).to_vec());
        }
        if let Err(outcome) = self.records.record(shot, &mut order).await {
            return told(&outcome);
        }
        self.fate.reached(Point::Recorded);
        let names = order.names();
        let cleared = match self.clear(shot, &orders) {
            Ok(cleared) => cleared,
            Err((refusal, why)) => {
                self.records.not_sent(names, refusal.code());
                return told(&SendOutcome::not_sent(refusal.code(), why));
            }
        };
        let Ok(reply) = self.desk.fire(order, cleared) else {
            self.records.not_sent(names, "ENGINE_GONE");
            return told(&SendOutcome::not_sent("ENGINE_GONE", DeskGone.to_string()));
        };
        let fired = reply.await.map_err(|_| Lost)?;
        match &fired {
            Fired::Refused { refusal, is_recorded: false } => {
                self.records.not_sent(names, refusal.code());
            }
            Fired::NotAnOrder(_) => self.records.not_sent(names, "NOT_AN_ORDER"),
            // Orders of these names may have left: their trade asks for them.
            Fired::Refused { .. } | Fired::Before => {}
            Fired::Heard(_) => self.fate.reached(Point::Heard),
        }
        Ok(fired.outcomes(names).to_vec())
    }

    /// Everything that will be signed and written, or why there is none.
    fn order(
        &self,
        shot: &TradeShot,
        orders: &[ChildOrder; LEGS],
    ) -> Result<TradeOrder, SendOutcome> {
        let pair_id = &shot.pair.pair_id;
        let market = self.markets.number(pair_id).ok_or_else(|| {
            let why = format!("this engine does not own {pair_id}: nothing was sent");
            SendOutcome::not_sent(Refusal::MarketUnknown.code(), why)
        })?;
        let [yes, no] = orders.each_ref().map(|order| self.leg(shot, order));
        Ok(TradeOrder {
            market,
            intent_id: shot.workflow_id.strip_prefix(WORKFLOW).unwrap_or_default().to_owned(),
            pair_id: pair_id.clone(),
            account: self.account_name.clone(),
            not_after_ns: orders.iter().map(not_after_ns).min().unwrap_or(0),
            answer_within_ns: shot.terms.answer_timeout_ms.saturating_mul(MILLISECOND_NS),
            held_back: shot.pair.held_back(),
            legs: [yes?, no?],
        })
    }

    fn leg(&self, shot: &TradeShot, order: &ChildOrder) -> Result<TradeLeg, SendOutcome> {
        let is_own = order.workflow_id == shot.workflow_id && order.account == self.account_name;
        if !is_own || !shot.workflow_id.starts_with(WORKFLOW) {
            let why = format!("{} is another trade's or account's", order.client_order_id);
            return Err(SendOutcome::not_sent("NOT_AN_ORDER", why));
        }
        let entry = Entry::new(&self.account, &shot.pair, order)
            .map_err(|error| SendOutcome::not_sent("NOT_AN_ORDER", error.to_string()))?;
        let instrument = &order.instrument;
        Ok(TradeLeg {
            entry,
            venue: instrument.venue.into(),
            market: instrument.market.clone(),
            outcome: instrument.outcome.into(),
        })
    }

    /// The epoch of freezes none of which reaches the trade. The gate passes it in that epoch alone.
    /// Freezes that were never read, or are read no more, clear nobody.
    fn clear(
        &self,
        shot: &TradeShot,
        orders: &[ChildOrder; LEGS],
    ) -> Result<u64, (Refusal, String)> {
        let instruments = orders.each_ref().map(|order| order.instrument.key());
        let control = self.control.borrow();
        let epoch = control.epoch.ok_or_else(|| {
            let why = control.trouble.as_deref().unwrap_or("no word about freezes yet");
            (Refusal::ControlLost, why.to_owned())
        })?;
        let freeze = control.freeze_of(&Subject {
            venues: &orders.each_ref().map(|order| order.instrument.venue.code()),
            account: &self.account_name,
            strategy: &shot.strategy,
            instruments: &instruments.each_ref().map(String::as_str),
            pair_id: &shot.pair.pair_id,
            workflow_id: &shot.workflow_id,
        });
        freeze.map_or(Ok(epoch), |freeze| Err((Refusal::Frozen, freeze.why.clone())))
    }
}

fn orders_of(shot: &TradeShot) -> Result<[ChildOrder; LEGS], String> {
    let orders: Result<Vec<ChildOrder>, _> =
        shot.orders.iter().map(|order| serde_json::from_value(order.clone())).collect();
    let orders = orders.map_err(|error| format!("an order of the trade: {error}"))?;
    let is_in_order = |orders: &[ChildOrder; LEGS]| {
        orders.each_ref().map(|order| order.purpose.leg()) == [Side::Yes, Side::No]
    };
    let orders: Option<[ChildOrder; LEGS]> = orders.try_into().ok();
    orders.filter(is_in_order).ok_or_else(|| "a shot has two orders, YES, then NO".to_owned())
}

fn not_after_ns(order: &ChildOrder) -> u64 {
    order.not_after_ms.saturating_mul(MILLISECOND_NS)
}

fn outcomes(orders: &[ChildOrder; LEGS], outcome: &SendOutcome) -> Vec<LegOutcome> {
    let of = |order: &ChildOrder| LegOutcome {
        client_order_id: order.client_order_id.clone(),
        outcome: outcome.clone(),
    };
    orders.iter().map(of).collect()
}

/// Of a shot that is not understood.
fn told_of(told: &Value, outcome: &SendOutcome) -> Vec<LegOutcome> {
    outcomes_of(told["orders"].as_array().map_or(&[], Vec::as_slice), outcome)
}

/// Of orders that are not understood, by the names that they have.
fn outcomes_of(orders: &[Value], outcome: &SendOutcome) -> Vec<LegOutcome> {
    let name = |order: &Value| order["clientOrderId"].as_str().map(str::to_owned);
    let of = |client_order_id| LegOutcome { client_order_id, outcome: outcome.clone() };
    orders.iter().filter_map(name).map(of).collect()
}
