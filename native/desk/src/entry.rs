//! A trade's order as its venue reads it: everything but what is signed in the moment of the shot.

use std::sync::Arc;

use legwork_engine_core::amount::{Money, ONE, Price, Quantity};
use legwork_engine_core::answers::Fixed;
use legwork_engine_core::identity::{CLIENT_ORDER_ID_LENGTH, ClientOrderId};
use legwork_engine_core::orders::{
    KalshiAccount, KalshiInstrument, KalshiOrders, OrderError, OrderTerms, Outcome,
    PolymarketAccount, PolymarketInstrument, PolymarketOrders, Purpose, ReadyOrder, SignedOrder,
};
use legwork_engine_core::shot::{Now, Venue};
use legwork_engine_core::signing::{
    Exchange, KalshiAhead, KalshiHeaders, KalshiKey, Side, SigningError,
};
use thiserror::Error;

use crate::keys::{Keys, PolymarketKeys};
use crate::listing::{Market, Pair};
use crate::trade::ChildOrder;

const MILLISECOND_NS: u64 = 1_000_000;

/// Why a trade's order is none that can be sent. Nothing has left.
#[derive(Clone, Debug, Error)]
pub enum EntryError {
    /// Not what the venue takes.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Its name is not as `domain/ids.ts` makes them.
    #[error("{0:?} is no client order id: it has 26 characters of a to z and 2 to 7")]
    NotAnId(String),
    /// Its pair is of other markets.
    #[error("the order is for {0}, which is no market of its pair")]
    OfAnotherPair(String),
    /// What signs its orders is not known.
    #[error("{0} has no tokens of a domain version that this engine signs: see its listing")]
    Unsignable(String),
    /// It could fill more than was reserved for it.
    #[error("the order may fill {by_venue} contracts, and {stated} are reserved for it")]
    BeyondMaximum {
        /// As the venue reads it.
        by_venue: Quantity,
        /// As the trade has it.
        stated: Quantity,
    },
    /// The contracts' addresses.
    #[error("the order cannot be signed: {0}")]
    NotSigned(#[from] SigningError),
}

/// Whose orders, and where they go.
pub struct Account {
    /// What signs.
    pub keys: Keys,
    /// As its certificate has it.
    pub kalshi_host: String,
    /// As its certificate has it.
    pub polymarket_host: String,
}

/// One leg.
pub struct Entry {
    orders: Orders,
    terms: OrderTerms,
    legal_maximum: Quantity,
}

enum Orders {
    Kalshi(Box<KalshiOrders>, Arc<KalshiKey>),
    /// Signed once: its time is the order's own.
    Polymarket(Box<PolymarketOrders>, Option<Box<SignedOrder>>),
}

impl Entry {
    /// Reads, checks and signs it: a trade's order is made once.
    pub fn new(account: &Account, pair: &Pair, order: &ChildOrder) -> Result<Self, EntryError> {
        let venue = Venue::from(order.instrument.venue);
        let market = pair.at(venue);
        if market.market != order.instrument.market {
            return Err(EntryError::OfAnotherPair(order.instrument.market.clone()));
        }
        let terms = OrderTerms {
            client_order_id: client_order_id(&order.client_order_id)?,
            limit_price: order.limit_price,
            fixed: order.fixed.into(),
        };
        let (orders, by_venue) = match venue {
            Venue::Kalshi => of_kalshi(account, market, order, &terms)?,
            Venue::Polymarket => of_polymarket(account, market, order, &terms)?,
        };
        let stated = order.legal_maximum;
        if by_venue > stated {
            return Err(EntryError::BeyondMaximum { by_venue, stated });
        }
        Ok(Self { orders, terms, legal_maximum: by_venue })
    }

    /// As it will be sent; ASCII.
    pub fn body(&mut self) -> Result<String, OrderError> {
        let body = match &mut self.orders {
            Orders::Kalshi(orders, _) => orders.body(&self.terms)?,
            Orders::Polymarket(orders, signed) => {
                orders.body(signed.as_deref().ok_or(OrderError::OfAnotherInstrument)?)?
            }
        };
        Ok(String::from_utf8_lossy(body).into_owned())
    }

    /// Its name at the venue, where that is known before it is sent.
    #[must_use]
    pub fn venue_order_id(&self) -> Option<String> {
        match &self.orders {
            Orders::Kalshi(..) => None,
            Orders::Polymarket(_, signed) => {
                signed.as_ref().map(|signed| format!("0x{}", hex::encode(signed.hash())))
            }
        }
    }

    /// Our name for it.
    #[must_use]
    pub fn client_order_id(&self) -> ClientOrderId {
        self.terms.client_order_id
    }

    /// The worst price.
    #[must_use]
    pub fn limit_price(&self) -> Price {
        self.terms.limit_price
    }

    /// What it may cost before fees.
    #[must_use]
    pub fn cost(&self) -> Money {
        match self.terms.fixed {
            Fixed::Collateral(dollars) => dollars,
            Fixed::Contracts(contracts) => {
                Money::from_counts(self.terms.limit_price.counts() * contracts.counts() / ONE)
            }
        }
    }

    /// The most contracts that it may fill.
    #[must_use]
    pub fn legal_maximum(&self) -> Quantity {
        self.legal_maximum
    }

    /// In the moment of the shot, once: a signed order is sent once. Where no headers were signed ahead
    /// they are signed now: a trade that has come so far is not refused for want of a millisecond.
    pub fn ready(
        &mut self,
        headers: &mut KalshiAhead,
        now: Now,
    ) -> Result<ReadyOrder<'_>, OrderError> {
        match &mut self.orders {
            Orders::Kalshi(orders, key) => {
                let headers = headers.take(now).map_or_else(|| sign(key, now), Ok)?;
                orders.order(&self.terms, headers)
            }
            Orders::Polymarket(orders, signed) => {
                let signed = signed.take().ok_or(OrderError::OfAnotherInstrument)?;
                orders.signed(*signed, now.unix_ns)
            }
        }
    }
}

fn sign(key: &KalshiKey, now: Now) -> Result<KalshiHeaders, OrderError> {
    let signed = key.sign(now.unix_ns / MILLISECOND_NS, KalshiOrders::METHOD, KalshiOrders::PATH);
    signed.map_err(|_| OrderError::ClockWrong)
}

type Made = (Orders, Quantity);

fn of_kalshi(
    account: &Account,
    market: &Market,
    order: &ChildOrder,
    terms: &OrderTerms,
) -> Result<Made, EntryError> {
    let outcome = order.instrument.outcome.into();
    let orders = kalshi_orders(account, market, (outcome, order.order_group_id.as_deref()))?;
    let legal_maximum = orders.check(terms)?;
    let key = Arc::clone(&account.keys.kalshi);
    Ok((Orders::Kalshi(Box::new(orders), key), legal_maximum))
}

fn of_polymarket(
    account: &Account,
    market: &Market,
    order: &ChildOrder,
    terms: &OrderTerms,
) -> Result<Made, EntryError> {
    let orders = polymarket_orders(account, market, order.instrument.outcome.into())?;
    let signed = orders.signer().sign(terms, order.created_at_ms)?;
    let legal_maximum = signed.legal_maximum();
    Ok((Orders::Polymarket(Box::new(orders), Some(Box::new(signed))), legal_maximum))
}

/// Purchases of one outcome of a Kalshi market, in their order group.
pub(crate) fn kalshi_orders(
    account: &Account,
    market: &Market,
    (outcome, order_group_id): (Outcome, Option<&str>),
) -> Result<KalshiOrders, EntryError> {
    let of = KalshiAccount { host: &account.kalshi_host, key: &account.keys.kalshi };
    let instrument = KalshiInstrument {
        ticker: &market.market,
        outcome,
        side: Side::Buy,
        purpose: Purpose::Entry { order_group_id },
        rules: &market.rules()?,
    };
    Ok(KalshiOrders::new(&of, &instrument)?)
}

/// Purchases of one outcome of a Polymarket market.
pub(crate) fn polymarket_orders(
    account: &Account,
    market: &Market,
    outcome: Outcome,
) -> Result<PolymarketOrders, EntryError> {
    let PolymarketKeys { address, api_key, passphrase, secret, maker } = &account.keys.polymarket;
    let host = &account.polymarket_host;
    let of = PolymarketAccount { host, address, api_key, passphrase, secret, maker };
    let unsignable = || EntryError::Unsignable(market.market.clone());
    let tokens = market.tokens.as_ref().ok_or_else(unsignable)?;
    let exchange = Exchange::of_market(&tokens.domain_version, tokens.is_neg_risk)?;
    let instrument = PolymarketInstrument {
        market: &market.market,
        outcome,
        token_id: tokens.of(outcome),
        exchange: exchange.ok_or_else(unsignable)?,
        side: Side::Buy,
        rules: &market.rules()?,
    };
    Ok(PolymarketOrders::new(&of, &instrument)?)
}

fn client_order_id(text: &str) -> Result<ClientOrderId, EntryError> {
    let bytes: Result<[u8; CLIENT_ORDER_ID_LENGTH], _> = text.as_bytes().try_into();
    let id = bytes.ok().and_then(ClientOrderId::from_recorded);
    id.ok_or_else(|| EntryError::NotAnId(text.to_owned()))
}
