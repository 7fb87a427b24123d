//! What the test gives, as the engine would have it.

use std::error::Error;

use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::{OrderState, Verdict};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{RecordedAnswer, RecordedLeg, RecordedShot, ShotId};
use legwork_engine_core::shot::{Before, Top, Venue};
use legwork_engine_core::wire::Written;
use legwork_engine_ledger::orders::OrderToRecord;
use legwork_engine_ledger::start::Market;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenMarket {
    market: u32,
    pair_id: String,
    account: String,
    strategy: Option<String>,
    instruments: Vec<String>,
}

impl GivenMarket {
    pub fn market(self) -> Market {
        let Self { market, pair_id, account, strategy, instruments } = self;
        Market { market, pair_id, account, strategy, instruments }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenOrders {
    pub workflow_id: String,
    pub pair_id: String,
    pub orders: [GivenOrder; 2],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenOrder {
    order: Box<RawValue>,
    body: String,
    venue_order_id: Option<String>,
}

impl GivenOrder {
    pub fn told(&self) -> OrderToRecord<'_> {
        let Self { order, body, venue_order_id } = self;
        OrderToRecord { order, body, venue_order_id: venue_order_id.as_deref() }
    }
}

/// YES at Polymarket, NO at Kalshi; fired for a trade that had its reservation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenShot {
    sequence: u64,
    intent_id: String,
    pair_id: Option<String>,
    #[serde(default)]
    pub is_swept: bool,
    unix_ms: u64,
    #[serde(default)]
    is_written: bool,
    legs: [GivenLeg; 2],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenLeg {
    instrument: String,
    client_order_id: String,
    limit_price: String,
    legal_maximum: String,
    body: String,
    venue_order_id: Option<String>,
}

impl GivenShot {
    pub fn recorded(&self, epoch: u64) -> Result<RecordedShot, Box<dyn Error>> {
        let unix_ns = self.unix_ms * 1_000_000;
        let [yes, no] = &self.legs;
        Ok(RecordedShot {
            id: ShotId { thread: 0, epoch, sequence: self.sequence },
            market: MarketId(70),
            intent_id: self.intent_id.clone(),
            pair_id: self.pair_id.clone().unwrap_or_else(|| format!("pair-{}", self.intent_id)),
            account: "main".into(),
            edge: "0.02".parse()?,
            worst: "97.04".parse()?,
            lease_epoch: 0,
            intent: None,
            before: Before::default(),
            monotonic_ns: 1_000_000,
            unix_ns,
            not_after_ns: unix_ns + 1_000_000_000,
            began_ns: 0,
            refused: None,
            is_acknowledged: false,
            legs: vec![self.leg(yes, Venue::Polymarket)?, self.leg(no, Venue::Kalshi)?],
        })
    }

    fn leg(&self, of: &GivenLeg, venue: Venue) -> Result<RecordedLeg, Box<dyn Error>> {
        let id = of.client_order_id.as_bytes().try_into()?;
        let head = format!("POST / HTTP/1.1\r\nContent-Length: {:>5}", of.body.len());
        Ok(RecordedLeg {
            venue,
            instrument: of.instrument.clone(),
            client_order_id: ClientOrderId::from_recorded(id).ok_or("no name of ours")?,
            limit_price: of.limit_price.parse()?,
            legal_maximum: of.legal_maximum.parse()?,
            top: Top::default(),
            bytes: format!("{head}\r\n\r\n{}", of.body).into_bytes(),
            written: self.is_written.then_some(Written::Whole),
            written_ns: if self.is_written { 2_000_000 } else { 0 },
            answer: of.venue_order_id.clone().map(accepted),
        })
    }
}

fn accepted(venue_order_id: String) -> RecordedAnswer {
    let (state, filled) = (OrderState::Filled, Quantity::ZERO);
    let verdict = Verdict::Accepted { venue_order_id, state, filled };
    RecordedAnswer { verdict, status: 201, at_ns: 3_000_000 }
}
