//! The bytes of a leg: a venue's request, prepared once per instrument and account, into which an
//! order's own figures are written. What is written is what the adapters in `venues/` write; both
//! are held to `test/vectors/requests.json`.
//!
//! Entries and exits are immediate (IOC, at Polymarket FAK). Nothing is rounded: a figure that its
//! venue does not take, or that `domain/order-sizing.ts` would have cut, is an error.

mod ahead;
pub(crate) mod amounts;
mod eip55;
mod kalshi;
mod order_error;
mod polymarket;
mod rules;
mod signer;
mod signing_line;
mod text;

pub use self::ahead::PolymarketAhead;
pub use self::kalshi::{KalshiAccount, KalshiInstrument, KalshiOrders, Purpose};
pub use self::order_error::OrderError;
pub use self::polymarket::{PolymarketAccount, PolymarketOrders};
pub use self::rules::OrderRules;
pub use self::signer::{PolymarketInstrument, PolymarketSigner, SignedOrder};
pub use self::signing_line::{
    OrderPlace, OrderSigning, OrderSigningThread, SigningLine, ToSign, signing_line,
};

use std::ops::Range;

use crate::amount::{Price, Quantity};
use crate::answers::Fixed;
use crate::identity::ClientOrderId;
use crate::journal::INSTRUMENT_MAX;
use crate::shot::{Leg, Ordered, Top};

/// What a contract pays for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It happens.
    Yes,
    /// It does not.
    No,
}

/// What changes from one order of an instrument to the next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OrderTerms {
    /// Our name for it.
    pub client_order_id: ClientOrderId,
    /// The worst price, of the outcome that is traded: an order of NO states the price of NO.
    pub limit_price: Price,
    /// Contracts; what is bought at Polymarket fixes the dollars that it spends.
    pub fixed: Fixed,
}

/// A request with nothing missing. Whoever reads its bytes could send them, so it is not printed.
#[derive(Clone, Copy)]
#[must_use = "an order that was made is fired, or its name is given up"]
pub struct ReadyOrder<'a> {
    /// Where it goes, and what the answer is held against: at Polymarket its name there, which is
    /// known before anything is sent.
    pub ordered: Ordered,
    /// The venue's market and the outcome: `KXRAIN-26NOV21/no`.
    pub instrument: &'a str,
    /// What it was made of.
    pub terms: OrderTerms,
    /// The most contracts that it may legally fill: what is reserved.
    pub legal_maximum: Quantity,
    /// Head and body, as they are written to the wire.
    pub bytes: &'a [u8],
    /// Which of them are never written down, in their order.
    pub secrets: &'a [Range<usize>],
}

impl<'a> ReadyOrder<'a> {
    /// The leg of a shot that was decided on this top of the book.
    #[must_use]
    pub fn leg(&self, top: Top) -> Leg<'a> {
        Leg {
            ordered: self.ordered,
            instrument: self.instrument,
            client_order_id: self.terms.client_order_id,
            limit_price: self.terms.limit_price,
            legal_maximum: self.legal_maximum,
            top,
            bytes: self.bytes,
            secrets: self.secrets,
        }
    }
}

/// The instrument as the journal has it.
fn instrument_name(market: &str, outcome: Outcome) -> Result<Box<str>, OrderError> {
    let outcome = match outcome {
        Outcome::Yes => "yes",
        Outcome::No => "no",
    };
    let name = format!("{market}/{outcome}");
    if name.len() > INSTRUMENT_MAX {
        return Err(OrderError::NotAName(name));
    }
    Ok(name.into())
}

/// A text that JSON says as it is.
fn check_name(text: &str) -> Result<&str, OrderError> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Err(OrderError::NotAName(text.to_owned()));
    }
    Ok(text)
}
