//! What a strategy or an operator may say, checked before anybody believes it.

use legwork_engine_core::amount::{ONE, Price, Quantity};
use zerocopy::byteorder::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::digest::digest;
use crate::frame::{Frame, kind};
use crate::greeting::Mode;
use crate::layout::{AskPart, FirePart, FreezeHerePart};
use crate::refused::{DoorRefusal, Refused, bit};
use crate::text::Text;

/// The leg that buys YES, wherever there is one value per leg.
pub const YES: usize = 0;
/// The leg that buys NO.
pub const NO: usize = 1;
/// The last millisecond that JSON carries exactly.
const MS_MAX: u64 = (1 << 53) - 1;

/// Which venue's YES is bought against which venue's NO (`domain/pair.ts`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum ArbitrageType {
    /// Polymarket's YES, Kalshi's NO.
    PolyYesKalshiNo = 1,
    /// Kalshi's YES, Polymarket's NO.
    KalshiYesPolyNo = 2,
    /// Both on Polymarket.
    PolySameMarket = 3,
    /// Both on Kalshi.
    KalshiSameMarket = 4,
}

impl ArbitrageType {
    /// As intents name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PolyYesKalshiNo => "poly_yes_kalshi_no",
            Self::KalshiYesPolyNo => "kalshi_yes_poly_no",
            Self::PolySameMarket => "poly_same_market",
            Self::KalshiSameMarket => "kalshi_same_market",
        }
    }

    fn on_wire(byte: u8) -> Option<Self> {
        let across = [Self::PolyYesKalshiNo, Self::KalshiYesPolyNo];
        let same = [Self::PolySameMarket, Self::KalshiSameMarket];
        across.into_iter().chain(same).find(|one| *one as u8 == byte)
    }
}

/// A whole intent, with what each leg is to buy of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FireRequest {
    /// Unique for ever.
    pub intent_id: Text<64>,
    /// The pair's name.
    pub pair_id: Text<128>,
    /// Whose money.
    pub account: Text<64>,
    /// Who has decided.
    pub strategy: Text<64>,
    /// Of the intent, as TypeScript makes it; see [`FireRequest::is_of_its_digest`].
    pub digest: [u8; 32],
    /// The worst price that each leg may trade at.
    pub limit_price: [Price; 2],
    /// What each leg buys, at most `contracts_max`.
    pub quantity: [Quantity; 2],
    /// The most that the intent allows.
    pub contracts_max: Quantity,
    /// The least net gain per matched contract, after both venues' fees.
    pub edge_min: Price,
    /// When the strategy saw each leg's price, since 1970.
    pub observed_at_ms: [u64; 2],
    /// After this no first byte may leave, since 1970.
    pub not_after_ms: u64,
    /// What it was decided for.
    pub mode: Mode,
    /// Which venues.
    pub arbitrage_type: ArbitrageType,
    /// Everything but the wire.
    pub is_dry_run: bool,
}

/// Who stops this host, and why; for the audit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FreezeHere {
    /// A person's or a program's name.
    pub who: Text<64>,
    /// A sentence.
    pub why: Text<128>,
}

/// One request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::large_enum_variant)] // a box would be an allocation per shot
pub enum Request {
    /// Fires both legs, at most once.
    Fire(FireRequest),
    /// What became of an intent; never fires.
    Ask(Text<64>),
    /// No more entries on this host.
    FreezeHere(FreezeHere),
    /// How the engine is.
    Status,
}

impl Request {
    /// Of a frame. What cannot be meant is refused by the name of its field.
    pub fn decode(kind: u8, body: &[u8]) -> Result<Self, Refused> {
        match kind {
            kind::FIRE => part(body).and_then(FireRequest::of_part).map(Self::Fire),
            kind::ASK => {
                let ask = part::<AskPart>(body)?;
                Text::name_on_wire(ask.intent_id).map(Self::Ask).ok_or_else(malformed("intent_id"))
            }
            kind::FREEZE_HERE => part(body).and_then(FreezeHere::of_part).map(Self::FreezeHere),
            kind::STATUS if body.is_empty() => Ok(Self::Status),
            kind::STATUS => Err(DoorRefusal::Malformed.about("length")),
            _ => Err(DoorRefusal::UnknownKind.about("")),
        }
    }

    /// As a frame, for as long as `then` takes.
    pub fn with_frame<T>(&self, number: u64, then: impl FnOnce(&Frame<'_>) -> T) -> T {
        let frame = |kind, body| Frame { kind, number, body };
        match self {
            Self::Fire(fire) => then(&frame(kind::FIRE, fire.part().as_bytes())),
            Self::Ask(id) => then(&frame(kind::ASK, id.as_bytes())),
            Self::FreezeHere(FreezeHere { who, why }) => {
                let part = FreezeHerePart { who: *who.as_bytes(), why: *why.as_bytes() };
                then(&frame(kind::FREEZE_HERE, part.as_bytes()))
            }
            Self::Status => then(&frame(kind::STATUS, &[])),
        }
    }
}

/// A request is exactly as long as its kind says: what an engine does not know it must not overlook.
fn part<T: FromBytes + KnownLayout + Immutable + Unaligned>(body: &[u8]) -> Result<&T, Refused> {
    T::ref_from_bytes(body).map_err(|_| DoorRefusal::Malformed.about("length"))
}

fn malformed(field: &'static str) -> impl FnOnce() -> Refused {
    move || DoorRefusal::Malformed.about(field)
}

impl FreezeHere {
    fn of_part(&FreezeHerePart { who, why }: &FreezeHerePart) -> Result<Self, Refused> {
        Ok(Self {
            who: Text::name_on_wire(who).ok_or_else(malformed("who"))?,
            why: Text::words_on_wire(why).ok_or_else(malformed("why"))?,
        })
    }
}

impl FireRequest {
    /// Whether the digest is that of these very fields, on this host: both languages mean one intent.
    #[must_use]
    pub fn is_of_its_digest(&self, host: &str) -> bool {
        self.digest == self.digest_on(host)
    }

    /// The digest of the intent that these fields tell.
    #[must_use]
    pub fn digest_on(&self, host: &str) -> [u8; 32] {
        digest(self, host)
    }

    fn of_part(part: &FirePart) -> Result<Self, Refused> {
        let names = [part.intent_id, part.account, part.strategy].map(Text::name_on_wire);
        let [intent_id, account, strategy] = names;
        let contracts_max = quantity(part.contracts_max, u64::MAX, "contracts_max")?;
        let most = part.contracts_max.get();
        if part.zero != [0; 5] {
            return Err(DoorRefusal::Malformed.about("zero"));
        }
        Ok(Self {
            intent_id: intent_id.ok_or_else(malformed("intent_id"))?,
            pair_id: Text::name_on_wire(part.pair_id).ok_or_else(malformed("pair_id"))?,
            account: account.ok_or_else(malformed("account"))?,
            strategy: strategy.ok_or_else(malformed("strategy"))?,
            digest: part.digest,
            limit_price: [
                price(part.limit_price_yes, "limit_price_yes")?,
                price(part.limit_price_no, "limit_price_no")?,
            ],
            quantity: [
                quantity(part.quantity_yes, most, "quantity_yes")?,
                quantity(part.quantity_no, most, "quantity_no")?,
            ],
            contracts_max,
            edge_min: price(part.edge_min, "edge_min")?,
            observed_at_ms: [
                milliseconds(part.observed_yes_ms, "observed_yes_ms")?,
                milliseconds(part.observed_no_ms, "observed_no_ms")?,
            ],
            not_after_ms: milliseconds(part.not_after_ms, "not_after_ms")?,
            mode: Mode::on_wire(part.mode).ok_or_else(malformed("mode"))?,
            arbitrage_type: ArbitrageType::on_wire(part.arbitrage_type)
                .ok_or_else(malformed("arbitrage_type"))?,
            is_dry_run: bit(part.is_dry_run).ok_or_else(malformed("is_dry_run"))?,
        })
    }

    fn part(&self) -> FirePart {
        FirePart {
            intent_id: *self.intent_id.as_bytes(),
            pair_id: *self.pair_id.as_bytes(),
            account: *self.account.as_bytes(),
            strategy: *self.strategy.as_bytes(),
            digest: self.digest,
            limit_price_yes: counts(self.limit_price[YES].counts()),
            limit_price_no: counts(self.limit_price[NO].counts()),
            quantity_yes: counts(self.quantity[YES].counts()),
            quantity_no: counts(self.quantity[NO].counts()),
            contracts_max: counts(self.contracts_max.counts()),
            edge_min: counts(self.edge_min.counts()),
            observed_yes_ms: U64::new(self.observed_at_ms[YES]),
            observed_no_ms: U64::new(self.observed_at_ms[NO]),
            not_after_ms: U64::new(self.not_after_ms),
            mode: self.mode as u8,
            arbitrage_type: self.arbitrage_type as u8,
            is_dry_run: self.is_dry_run.into(),
            zero: [0; 5],
        }
    }
}

/// What does not fit is 0, which every reader refuses.
fn counts(of: i128) -> U64 {
    U64::new(u64::try_from(of).unwrap_or(0))
}

/// Strictly between nothing and a dollar.
fn price(told: U64, field: &'static str) -> Result<Price, Refused> {
    let counts = i128::from(told.get());
    let is_price = 0 < counts && counts < ONE;
    is_price.then_some(Price::from_counts(counts)).ok_or_else(malformed(field))
}

fn quantity(told: U64, most: u64, field: &'static str) -> Result<Quantity, Refused> {
    let counts = told.get();
    let is_quantity = 0 < counts && counts <= most;
    is_quantity.then_some(Quantity::from_counts(counts.into())).ok_or_else(malformed(field))
}

fn milliseconds(told: U64, field: &'static str) -> Result<u64, Refused> {
    Some(told.get()).filter(|ms| *ms <= MS_MAX).ok_or_else(malformed(field))
}
