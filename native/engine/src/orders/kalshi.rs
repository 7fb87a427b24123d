//! `POST /portfolio/events/orders` of one Kalshi instrument; reference/venues.md 1.3. The twin of
//! `venues/kalshi/order-body.ts` and `book-side.ts`.

use super::rules::OrderRules;
use super::text::push_decimal;
use super::{OrderError, OrderTerms, Outcome, ReadyOrder, check_name, instrument_name};
use crate::amount::{ONE, Price, Quantity};
use crate::identity::CLIENT_ORDER_ID_LENGTH;
use crate::shot::Ordered;
use crate::signing::{KalshiHeaders, KalshiKey, Side};
use crate::wire::{Hole, PreparedRequest, RequestError, RequestForm};

const TIMESTAMP: &str = "KALSHI-ACCESS-TIMESTAMP";
const SIGNATURE: &str = "KALSHI-ACCESS-SIGNATURE";
/// The venue's smallest lot, 0.01 contract, in counts.
const HUNDREDTH: i128 = ONE / 100;
/// The fourth decimal, the last that a price may have, in counts.
const FOURTH_DECIMAL: i128 = ONE / 10_000;
/// "1000000000.00".
const COUNT_BYTES_MAX: usize = 13;
/// "0.5200".
const PRICE_BYTES: usize = 6;

/// Whose orders, and where they go.
#[derive(Clone, Copy)]
pub struct KalshiAccount<'a> {
    /// As the certificate has it.
    pub host: &'a str,
    /// What signs the headers.
    pub key: &'a KalshiKey,
}

/// What an order is for. Only an entry is in an order group: one that is triggered must not stop an
/// exit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose<'a> {
    /// The first order of a leg.
    Entry {
        /// What the venue counts, and may stop, together.
        order_group_id: Option<&'a str>,
    },
    /// A way out.
    Exit {
        /// The venue may only make the position smaller.
        is_reduce_only: bool,
    },
}

/// What does not change from one order of an instrument to the next.
#[derive(Clone, Copy, Debug)]
pub struct KalshiInstrument<'a> {
    /// The market's.
    pub ticker: &'a str,
    /// What is traded.
    pub outcome: Outcome,
    /// What is done with it.
    pub side: Side,
    /// What for.
    pub purpose: Purpose<'a>,
    /// Of the market.
    pub rules: &'a OrderRules,
}

/// One instrument's immediate orders (IOC), one after the other in the same memory.
///
/// 1. The order fixes contracts, which are its legal maximum; the price on the wire is that of YES.
/// 2. `taker_at_cross`: rather than trade with ourselves, our new order ends and keeps its fills.
/// 3. Nothing of one order, its headers neither, is in the next.
/// 4. To make one allocates nothing.
pub struct KalshiOrders {
    instrument: Box<str>,
    outcome: Outcome,
    side: Side,
    rules: OrderRules,
    /// Before the id, before the count, before the price, behind it.
    parts: [Box<str>; 4],
    body: Vec<u8>,
    request: PreparedRequest,
    timestamp: Hole,
    signature: Hole,
}

impl KalshiOrders {
    /// Of the request, as its headers are signed.
    pub const METHOD: &'static str = "POST";
    /// As its headers are signed.
    pub const PATH: &'static str = "/trade-api/v2/portfolio/events/orders";

    /// Prepares whatever does not change.
    pub fn new(
        account: &KalshiAccount<'_>,
        instrument: &KalshiInstrument<'_>,
    ) -> Result<Self, OrderError> {
        let &KalshiInstrument { ticker, outcome, side, rules, .. } = instrument;
        let parts = parts(instrument)?;
        let fixed_bytes: usize = parts.iter().map(|part| part.len()).sum();
        let room = fixed_bytes + CLIENT_ORDER_ID_LENGTH + COUNT_BYTES_MAX + PRICE_BYTES;
        let request = RequestForm::new(Self::METHOD, Self::PATH, account.host)
            .header("KALSHI-ACCESS-KEY", account.key.id())
            .hole(TIMESTAMP, KalshiHeaders::TIMESTAMP_BYTES)
            .hole(SIGNATURE, account.key.signature_text_bytes())
            .header("content-type", "application/json")
            .prepare(room)?;
        let hole = |name| request.hole(name).ok_or(RequestError::NotAHole);
        Ok(Self {
            instrument: instrument_name(ticker, outcome)?,
            outcome,
            side,
            rules: rules.clone(),
            parts,
            body: Vec::with_capacity(room),
            timestamp: hole(TIMESTAMP)?,
            signature: hole(SIGNATURE)?,
            request,
        })
    }

    /// The order, with headers that are sent with it alone. Refused, they are gone as well: ask
    /// [`Self::check`] before where that matters.
    #[allow(clippy::needless_pass_by_value)] // whoever has headers may send them once
    pub fn order(
        &mut self,
        terms: &OrderTerms,
        headers: KalshiHeaders,
    ) -> Result<ReadyOrder<'_>, OrderError> {
        self.request.empty_holes();
        let figures = self.figures(terms)?;
        self.write(terms, &figures);
        self.request.set_body(&self.body)?;
        self.request.patch(self.timestamp, headers.timestamp())?;
        self.request.patch(self.signature, headers.signature())?;
        Ok(ReadyOrder {
            ordered: Ordered::Kalshi,
            instrument: &self.instrument,
            terms: *terms,
            legal_maximum: figures.contracts,
            bytes: self.request.bytes()?,
            secrets: self.request.secrets(),
        })
    }

    /// The venue's market and the outcome: `KXRAIN-26NOV21/no`.
    #[must_use]
    pub fn instrument(&self) -> &str {
        &self.instrument
    }

    /// The body of the order, as it will be sent: what is written down before there are headers.
    pub fn body(&mut self, terms: &OrderTerms) -> Result<&[u8], OrderError> {
        let figures = self.figures(terms)?;
        self.write(terms, &figures);
        Ok(&self.body)
    }

    /// The outcome of which these are purchases; `None`: they sell it.
    #[must_use]
    pub fn bought(&self) -> Option<Outcome> {
        (self.side == Side::Buy).then_some(self.outcome)
    }

    /// Whether there is such an order; tells its legal maximum.
    pub fn check(&self, terms: &OrderTerms) -> Result<Quantity, OrderError> {
        self.figures(terms).map(|figures| figures.contracts)
    }

    fn figures(&self, terms: &OrderTerms) -> Result<Figures, OrderError> {
        let price = terms.limit_price;
        self.rules.tick_at(price)?;
        let yes_price = yes_price(self.outcome, price);
        if yes_price.counts() % FOURTH_DECIMAL != 0 {
            return Err(OrderError::PriceTooFine(price));
        }
        let contracts = self.rules.contracts(terms.fixed, HUNDREDTH)?;
        let counts = |counts: i128| u64::try_from(counts).map_err(|_| OrderError::TooLarge);
        Ok(Figures {
            contracts,
            count: counts(contracts.counts())?,
            yes_price: counts(yes_price.counts())?,
        })
    }

    fn write(&mut self, terms: &OrderTerms, figures: &Figures) {
        let [before_id, before_count, before_price, behind] = &self.parts;
        let body = &mut self.body;
        body.clear();
        body.extend_from_slice(before_id.as_bytes());
        body.extend_from_slice(terms.client_order_id.as_bytes());
        body.extend_from_slice(before_count.as_bytes());
        push_decimal(body, figures.count, 2);
        body.extend_from_slice(before_price.as_bytes());
        push_decimal(body, figures.yes_price, 4);
        body.extend_from_slice(behind.as_bytes());
    }
}

struct Figures {
    contracts: Quantity,
    /// Counts, in whole hundredths of a contract.
    count: u64,
    /// Counts, in whole hundredths of a cent.
    yes_price: u64,
}

/// Every member but what an order fills in, in the order in which `order-body.ts` names them.
fn parts(of: &KalshiInstrument<'_>) -> Result<[Box<str>; 4], OrderError> {
    let ticker = check_name(of.ticker)?;
    let is_bid = (of.side == Side::Buy) == (of.outcome == Outcome::Yes);
    let side = if is_bid { "bid" } else { "ask" };
    let (is_reduce_only, group) = match of.purpose {
        Purpose::Entry { order_group_id: Some(id) } => {
            (false, format!(r#","order_group_id":"{}""#, check_name(id)?))
        }
        Purpose::Entry { order_group_id: None } => (false, String::new()),
        Purpose::Exit { is_reduce_only } => (is_reduce_only, String::new()),
    };
    Ok([
        format!(r#"{{"ticker":"{ticker}","client_order_id":""#).into(),
        format!(r#"","side":"{side}","count":""#).into(),
        r#"","price":""#.into(),
        format!(
            concat!(
                r#"","time_in_force":"immediate_or_cancel","#,
                r#""self_trade_prevention_type":"taker_at_cross","reduce_only":{}{}}}"#,
            ),
            is_reduce_only, group
        )
        .into(),
    ])
}

/// Kalshi has one book per market, of YES: NO at p is YES at 1 − p.
fn yes_price(outcome: Outcome, price: Price) -> Price {
    match outcome {
        Outcome::Yes => price,
        Outcome::No => Price::from_counts(ONE - price.counts()),
    }
}
