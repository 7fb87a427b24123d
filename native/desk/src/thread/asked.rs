//! What strategies ask for at the door, one after the other: fired or refused at once.

use std::fmt::Write;
use std::sync::Arc;

use legwork_engine_core::armed::{Hands, NotFired, Wanted, names_of};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::Receipt;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Venue;
use legwork_engine_core::wire::Clock;
use legwork_engine_door::answer::{Answer, Receipt as Told};
use legwork_engine_door::desk::Asked;
use legwork_engine_door::lane::LaneEnd;
use legwork_engine_door::refused::{DoorRefusal, Refused};
use legwork_engine_door::request::{ArbitrageType, FireRequest, Request};

use super::DeskThread;
use super::shooting::told;
use crate::armed::{Armed, instruments};
use crate::doors::WORKFLOW;
use crate::intents::VALID_NS_MAX;

const MILLISECOND_NS: u64 = 1_000_000;

/// What has left, and of which pair.
type FiredNow = (Receipt, Arc<str>);

impl DeskThread {
    /// Everything that lies in the lane.
    pub fn answer_requests(&mut self) {
        while let Some(asked) = self.lane.as_mut().and_then(LaneEnd::take) {
            let (answer, fired) = self.answer(&asked);
            if let Some(lane) = &mut self.lane {
                lane.answer(asked.ticket, answer);
            }
            // The journal has it: its trade may begin a little later than who has asked hears of it.
            if let Some((receipt, pair_id)) = fired {
                self.has_fired(receipt, pair_id);
            }
        }
    }

    fn answer(&mut self, asked: &Asked) -> (Answer, Option<FiredNow>) {
        match &asked.request {
            Request::Fire(fire) => match self.fire_first(fire, asked.received_ns) {
                Ok((told, fired)) => (Answer::Receipt(told), Some(fired)),
                Err(refused) => (refused.into(), None),
            },
            Request::Ask(id) => {
                let looked_unix_ns = SystemClock.unix_ns();
                (Answer::Standing(self.intents.standing(id, looked_unix_ns)), None)
            }
            // The lane's other side answers these by itself.
            Request::FreezeHere(_) | Request::Status => {
                (DoorRefusal::UnknownKind.about("").into(), None)
            }
        }
    }

    /// At most once. What is refused here is known from now on, but for what was not looked at.
    fn fire_first(
        &mut self,
        fire: &FireRequest,
        received_ns: u64,
    ) -> Result<(Told, FiredNow), Refused> {
        if !self.has_doors {
            return Err(DoorRefusal::EngineGone.about(""));
        }
        self.intents.admit(&fire.intent_id, SystemClock.unix_ns())?;
        let is_ours = |armed: &Armed| armed.shots.is_called(fire.intent_id.as_str());
        if self.armed.iter().any(is_ours) {
            return Err(DoorRefusal::IntentExists.about(""));
        }
        self.workflow_id.clear();
        // Writing to a text fails for no word.
        let _ = write!(self.workflow_id, "{WORKFLOW}{}", fire.intent_id);
        match self.shoot_first(fire, received_ns) {
            Ok((receipt, pair_id)) => {
                let told = told(receipt, names_of(&self.workflow_id), received_ns);
                self.intents.fired(fire, told);
                Ok((told, (receipt, pair_id)))
            }
            Err(refused) => {
                self.intents.refused(fire, refused);
                Err(refused)
            }
        }
    }

    fn shoot_first(&mut self, fire: &FireRequest, received_ns: u64) -> Result<FiredNow, Refused> {
        let not_after_ns = not_after_ns(fire)?;
        let yes_at = yes_at(fire)?;
        let pair_id = fire.pair_id.as_str();
        let Self { firing, headers, clear, market_data, armed, account, .. } = self;
        let armed = armed.iter_mut().find(|armed| {
            let arming = &armed.arming;
            &*armed.pair_id == pair_id
                && arming.account == fire.account.as_str()
                && arming.has(yes_at)
        });
        let Some(armed) = armed else {
            let is_known = self.followed.contains_key(pair_id);
            let refusal = if is_known { Refusal::LeaseMissing } else { Refusal::MarketUnknown };
            return Err(self.firing.refuse(refusal).into());
        };
        let tops = instruments(&armed.arming.pair, yes_at).map(|of| market_data.top(of));
        let wanted = Wanted {
            workflow_id: &self.workflow_id,
            strategy: fire.strategy.as_str(),
            yes_at,
            limit_prices: fire.limit_price,
            contracts: fire.quantity,
            contracts_max: fire.contracts_max,
            edge_min: fire.edge_min,
            observed_at_ms: fire.observed_at_ms,
            not_after_ns,
            is_dry_run: fire.is_dry_run,
            received_ns,
            tops,
            key: &account.keys.kalshi,
        };
        let mut hands = Hands { firing, headers, clear: &**clear };
        let fired = armed.shots.request(&mut hands, &wanted);
        fired
            .map(|receipt| (receipt, Arc::clone(&armed.pair_id)))
            .map_err(|not_fired| refused_of(&not_fired))
    }
}

/// Nobody is asked to wait for longer than what was refused is remembered.
fn not_after_ns(fire: &FireRequest) -> Result<u64, Refused> {
    let not_after_ns = fire.not_after_ms.saturating_mul(MILLISECOND_NS);
    if not_after_ns.saturating_sub(VALID_NS_MAX) > SystemClock.unix_ns() {
        return Err(DoorRefusal::Malformed.about("not_after_ms"));
    }
    Ok(not_after_ns)
}

/// One crossed book is no pair: both legs would be each other's counterparty.
fn yes_at(fire: &FireRequest) -> Result<Venue, Refused> {
    match fire.arbitrage_type {
        ArbitrageType::PolyYesKalshiNo => Ok(Venue::Polymarket),
        ArbitrageType::KalshiYesPolyNo => Ok(Venue::Kalshi),
        ArbitrageType::PolySameMarket | ArbitrageType::KalshiSameMarket => {
            Err(DoorRefusal::TypeNotFired.about(fire.arbitrage_type.name()))
        }
    }
}

fn refused_of(not_fired: &NotFired) -> Refused {
    match not_fired {
        NotFired::Refused(refusal) => (*refusal).into(),
        // Of the right kind, and still none that its venue takes.
        NotFired::NotAnOrder(_) | NotFired::NoDecision(_) => DoorRefusal::Malformed.about("order"),
    }
}
