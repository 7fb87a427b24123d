//! `POST /order` of one Polymarket instrument; reference/venues.md 2.4 to 2.6. The twin of
//! `venues/polymarket/prepare-order.ts` and `l2-headers.ts`.

use std::ops::Range;
use std::sync::Arc;

use super::eip55::is_checksummed;
use super::signer::{PolymarketInstrument, PolymarketSigner, SignedOrder};
use super::text::{digits, push_hex, push_number};
use super::{OrderError, OrderTerms, Outcome, ReadyOrder, check_name, instrument_name};
use crate::journal::MASK;
use crate::shot::Ordered;
use crate::signing::{Address, ApiSecret, Maker, SIGNATURE_TEXT_BYTES, Side};
use crate::wire::{Hole, PreparedRequest, RequestError, RequestForm};

const TIMESTAMP: &str = "POLY_TIMESTAMP";
const SIGNATURE: &str = "POLY_SIGNATURE";
const MILLISECOND_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// Of a time in whole seconds, from 2001 to 2286.
const SECONDS_DIGITS: usize = 10;
/// Of the same in milliseconds.
const MILLISECONDS_DIGITS: usize = 13;
/// What a number of 64 bits may have.
const NUMBER_BYTES_MAX: usize = 20;
/// r, s and v in hexadecimal digits.
const MAKER_SIGNATURE_BYTES: usize = 130;
/// Before the API key, in what stands behind an order's signature.
const BEFORE_OWNER: &str = r#""},"owner":""#;
/// Metadata and builder, as they are signed.
const ZERO: &str = "0x0000000000000000000000000000000000000000000000000000000000000000";

/// Whose orders, and where they go. The account's own key signs (signature type 0).
#[derive(Clone, Copy)]
pub struct PolymarketAccount<'a> {
    /// As the certificate has it.
    pub host: &'a str,
    /// The maker's, with the capitals of EIP-55: the venue compares it letter by letter.
    pub address: &'a str,
    /// Names the API key, and owns the orders.
    pub api_key: &'a str,
    /// Of the API key.
    pub passphrase: &'a str,
    /// Signs requests.
    pub secret: &'a ApiSecret,
    /// Signs orders.
    pub maker: &'a Arc<Maker>,
}

/// One instrument's immediate orders (FAK), one after the other in the same memory.
///
/// 1. What is bought fixes the dollars that it spends; its legal maximum is what they buy at the
///    market's lowest price. What is sold fixes its shares, which are its legal maximum.
/// 2. Salt, amounts and time follow from the order, so that the same order has the same hash, which
///    is its name at the venue, in every process.
/// 3. Nothing of one order, its stamps neither, is in the next.
/// 4. To make one allocates nothing.
pub struct PolymarketOrders {
    instrument: Box<str>,
    signer: Arc<PolymarketSigner>,
    secret: ApiSecret,
    /// Before salt, amount given, amount taken, time and signature, and behind it.
    parts: [Box<str>; 6],
    /// How long the API key is that the body ends with.
    owner_bytes: usize,
    body: Vec<u8>,
    request: PreparedRequest,
    timestamp: Hole,
    signature: Hole,
    outcome: Outcome,
    side: Side,
}

impl PolymarketOrders {
    /// Of the request, as it is signed.
    pub const METHOD: &'static str = "POST";
    /// As it is signed.
    pub const PATH: &'static str = "/order";

    /// Prepares whatever does not change.
    pub fn new(
        account: &PolymarketAccount<'_>,
        instrument: &PolymarketInstrument<'_>,
    ) -> Result<Self, OrderError> {
        let signer = Arc::new(PolymarketSigner::new(Arc::clone(account.maker), instrument)?);
        let parts = parts(account, instrument)?;
        let fixed_bytes: usize = parts.iter().map(|part| part.len()).sum();
        let numbers = 3 * NUMBER_BYTES_MAX + MILLISECONDS_DIGITS;
        let room = fixed_bytes + numbers + MAKER_SIGNATURE_BYTES;
        let request = RequestForm::new(Self::METHOD, Self::PATH, account.host)
            .header("POLY_ADDRESS", account.address)
            .secret("POLY_API_KEY", account.api_key)
            .secret("POLY_PASSPHRASE", account.passphrase)
            .hole(TIMESTAMP, SECONDS_DIGITS)
            .hole(SIGNATURE, SIGNATURE_TEXT_BYTES)
            .header("content-type", "application/json")
            .prepare(room)?;
        let hole = |name| request.hole(name).ok_or(RequestError::NotAHole);
        Ok(Self {
            instrument: instrument_name(instrument.market, instrument.outcome)?,
            signer,
            secret: account.secret.clone(),
            parts,
            owner_bytes: account.api_key.len(),
            body: Vec::with_capacity(room),
            timestamp: hole(TIMESTAMP)?,
            signature: hole(SIGNATURE)?,
            outcome: instrument.outcome,
            side: instrument.side,
            request,
        })
    }

    /// The outcome of which these are purchases; `None`: they sell it.
    #[must_use]
    pub fn bought(&self) -> Option<Outcome> {
        (self.side == Side::Buy).then_some(self.outcome)
    }

    /// The venue's market and the outcome.
    #[must_use]
    pub fn instrument(&self) -> &str {
        &self.instrument
    }

    /// The body of an order that was signed, as it is written down, here before it is sent and in
    /// the journal: where it names the API key it has asterisks.
    pub fn body(&mut self, order: &SignedOrder) -> Result<&[u8], OrderError> {
        self.check_own(order)?;
        let owner = self.write(order)?;
        if let Some(owner) = self.body.get_mut(owner) {
            owner.fill(MASK);
        }
        Ok(&self.body)
    }

    /// What signs these orders, to do so ahead.
    #[must_use]
    pub fn signer(&self) -> Arc<PolymarketSigner> {
        Arc::clone(&self.signer)
    }

    /// Whether it was signed for this instrument.
    #[must_use]
    pub fn is_own(&self, order: &SignedOrder) -> bool {
        order.mark == *self.signer.mark()
    }

    /// The order, made and signed on the spot, at a time since 1970.
    pub fn order(
        &mut self,
        terms: &OrderTerms,
        unix_ns: u64,
    ) -> Result<ReadyOrder<'_>, OrderError> {
        let order = self.signer.sign(terms, unix_ns / MILLISECOND_NS)?;
        self.signed(order, unix_ns)
    }

    /// An order that was signed before; its request is signed now.
    #[allow(clippy::needless_pass_by_value)] // whoever has a signed order may send it once
    pub fn signed(
        &mut self,
        order: SignedOrder,
        unix_ns: u64,
    ) -> Result<ReadyOrder<'_>, OrderError> {
        self.request.empty_holes();
        self.check_own(&order)?;
        let owner = self.write(&order)?;
        self.request.set_body_with(&self.body, owner)?;
        self.sign_request(unix_ns)?;
        let ordered = Ordered::Polymarket {
            hash: order.hash,
            side: self.side,
            fixed: order.terms.fixed,
            is_immediate: true,
        };
        Ok(ReadyOrder {
            ordered,
            instrument: &self.instrument,
            terms: order.terms,
            legal_maximum: order.amounts.legal_maximum,
            bytes: self.request.bytes()?,
            secrets: self.request.secrets(),
        })
    }

    fn check_own(&self, order: &SignedOrder) -> Result<(), OrderError> {
        if self.is_own(order) { Ok(()) } else { Err(OrderError::OfAnotherInstrument) }
    }

    /// Tells where the API key stands.
    fn write(&mut self, order: &SignedOrder) -> Result<Range<usize>, OrderError> {
        let created: [u8; MILLISECONDS_DIGITS] =
            digits(order.created_at_ms).ok_or(OrderError::ClockWrong)?;
        let [before_salt, before_maker, before_taker, before_time, before_signature, behind] =
            &self.parts;
        let body = &mut self.body;
        body.clear();
        body.extend_from_slice(before_salt.as_bytes());
        push_number(body, order.terms.client_order_id.polymarket_salt());
        body.extend_from_slice(before_maker.as_bytes());
        push_number(body, order.amounts.maker);
        body.extend_from_slice(before_taker.as_bytes());
        push_number(body, order.amounts.taker);
        body.extend_from_slice(before_time.as_bytes());
        body.extend_from_slice(&created);
        body.extend_from_slice(before_signature.as_bytes());
        push_hex(body, &order.signature);
        let owner = body.len() + BEFORE_OWNER.len();
        body.extend_from_slice(behind.as_bytes());
        Ok(owner..owner + self.owner_bytes)
    }

    /// The venue takes the stamp in whole seconds, and the body's bytes as they are sent.
    fn sign_request(&mut self, unix_ns: u64) -> Result<(), OrderError> {
        let stamp: [u8; SECONDS_DIGITS] =
            digits(unix_ns / SECOND_NS).ok_or(OrderError::ClockWrong)?;
        let text = std::str::from_utf8(&stamp).map_err(|_| OrderError::ClockWrong)?;
        let call = (Self::METHOD, Self::PATH);
        let signature = self.secret.sign(text, call, self.request.body());
        self.request.patch(self.timestamp, &stamp)?;
        self.request.patch(self.signature, &signature)?;
        Ok(())
    }
}

/// Every member but what an order fills in, in the order in which `prepare-order.ts` names them.
fn parts(
    account: &PolymarketAccount<'_>,
    instrument: &PolymarketInstrument<'_>,
) -> Result<[Box<str>; 6], OrderError> {
    let (maker, owner) = (own_address(account)?, check_name(account.api_key)?);
    let token = check_name(instrument.token_id)?;
    let side = match instrument.side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    };
    Ok([
        r#"{"order":{"salt":"#.into(),
        format!(r#","maker":"{maker}","signer":"{maker}","tokenId":"{token}","makerAmount":""#)
            .into(),
        r#"","takerAmount":""#.into(),
        format!(r#"","side":"{side}","signatureType":0,"timestamp":""#).into(),
        format!(r#"","expiration":"0","metadata":"{ZERO}","builder":"{ZERO}","signature":"0x"#)
            .into(),
        format!(r#"{BEFORE_OWNER}{owner}","orderType":"FAK","deferExec":false,"postOnly":false}}"#)
            .into(),
    ])
}

fn own_address<'a>(account: &PolymarketAccount<'a>) -> Result<&'a str, OrderError> {
    let PolymarketAccount { address, maker, .. } = *account;
    let is_own = Address::parse(address).is_ok_and(|parsed| parsed == maker.address());
    if !is_own || !is_checksummed(address) {
        return Err(OrderError::NotTheMaker(address.to_owned()));
    }
    Ok(address)
}
