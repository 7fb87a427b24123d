//! Polymarket's market channel; reference/venues.md 2.8. `venues/polymarket/wire.ts` is the twin.
//! Levels stay as they were written: the venue's hash is of the text.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::amount::{Price, Quantity};
use crate::books::{BookSide, Change, Decimals, Unknown};
use crate::feeds::json::{Decimal, Object, Unreadable, object, present};

/// What an event says, as far as a book needs it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// A whole book.
    Book(FullBook<'a>),
    /// Absolute sizes of some levels.
    PriceChange(PriceChange<'a>),
    /// Orders off the new tick are refused.
    TickSizeChange(TickSizeChange<'a>),
    /// The market is over.
    MarketResolved(MarketResolved<'a>),
    /// Last trades, best prices, other markets: what the book says is enough.
    Other,
}

/// A level as the venue writes it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct WireLevel<'a> {
    price: &'a str,
    size: &'a str,
}

/// A whole book; `hash` covers the rest of it.
#[derive(Clone, Debug, Deserialize)]
pub struct FullBook<'a> {
    /// The condition.
    pub market: &'a str,
    /// The token.
    pub asset_id: &'a str,
    /// Of the venue's clock.
    pub timestamp: &'a str,
    /// SHA-1, hex.
    #[serde(default, deserialize_with = "present")]
    pub hash: Option<&'a str>,
    #[serde(borrow)]
    bids: Vec<Object<WireLevel<'a>>>,
    #[serde(borrow)]
    asks: Vec<Object<WireLevel<'a>>>,
    /// The whole event, for the members that the hash covers and nobody reads.
    #[serde(skip)]
    pub(super) text: &'a str,
}

/// One level of a [`PriceChange`].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct LevelChange<'a> {
    /// The token.
    pub asset_id: &'a str,
    price: &'a str,
    size: &'a str,
    side: Side,
    /// Of the whole book after the event.
    #[serde(default, deserialize_with = "present")]
    pub hash: Option<&'a str>,
}

/// Sizes are absolute; "0" takes the level away.
#[derive(Clone, Debug, Deserialize)]
pub struct PriceChange<'a> {
    #[serde(rename = "market")]
    _market: &'a str,
    /// Of the venue's clock.
    pub timestamp: &'a str,
    #[serde(borrow)]
    price_changes: Vec<Object<LevelChange<'a>>>,
}

/// The market's new grid.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct TickSizeChange<'a> {
    /// The token.
    pub asset_id: &'a str,
    #[serde(rename = "market")]
    _market: &'a str,
    new_tick_size: Decimal<Price>,
}

/// Nothing more will be said of its tokens.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct MarketResolved<'a> {
    /// The condition.
    pub market: &'a str,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "&str")] // serde would take `{"BUY":null}` too
enum Side {
    Buy,
    Sell,
}

#[derive(Deserialize)]
struct Kind<'a> {
    event_type: &'a str,
}

/// Hands over each event of a text: one, or a list of them. Nothing is handed over of a list in which
/// something is no event.
pub fn read<'a>(
    text: &'a str,
    mut take: impl FnMut(Result<Event<'a>, Unreadable>),
) -> Result<(), Unreadable> {
    if !text.trim_start().starts_with('[') {
        let Kind { event_type } = object(text)?;
        take(event(event_type, text));
        return Ok(());
    }
    let events: Events<'a> = serde_json::from_str(text).map_err(|_| Unreadable)?;
    for (event_type, text) in events.0 {
        take(event(event_type, text));
    }
    Ok(())
}

fn event<'a>(event_type: &str, text: &'a str) -> Result<Event<'a>, Unreadable> {
    Ok(match event_type {
        "book" => Event::Book(FullBook { text, ..object(text)? }),
        "price_change" => Event::PriceChange(object(text)?),
        "tick_size_change" => Event::TickSizeChange(object(text)?),
        "market_resolved" => Event::MarketResolved(object(text)?),
        _ => Event::Other,
    })
}

/// A list of events, each with its kind.
struct Events<'a>(Vec<(&'a str, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Events<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EventsVisitor).map(|events| Self(events.0))
    }
}

struct EventsVisitor;

impl<'de> Visitor<'de> for EventsVisitor {
    type Value = Events<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Events<'de>, A::Error> {
        let mut events = Vec::new();
        while let Some(raw) = list.next_element::<&'de RawValue>()? {
            let Kind { event_type } = object(raw.get()).map_err(serde::de::Error::custom)?;
            events.push((event_type, raw.get()));
        }
        Ok(Events(events))
    }
}

impl FullBook<'_> {
    /// Every level, with its side, in the order in which they came.
    pub fn written(&self) -> impl Iterator<Item = (BookSide, Result<Change, Unknown>)> {
        let bids = self.bids.iter().map(|level| (BookSide::Bid, level));
        let asks = self.asks.iter().map(|level| (BookSide::Ask, level));
        let both = bids.chain(asks);
        both.map(|(side, Object(level))| (side, change(side, level.price, level.size)))
    }

    /// As changes to an empty book.
    pub fn levels(&self) -> impl Iterator<Item = Result<Change, Unknown>> {
        self.written().map(|(_, level)| level)
    }
}

impl PartialEq for FullBook<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<'a> PriceChange<'a> {
    /// In the order in which they came.
    pub fn levels(&self) -> impl Iterator<Item = &LevelChange<'a>> {
        self.price_changes.iter().map(|Object(level)| level)
    }

    /// The one that came there.
    #[must_use]
    pub fn level(&self, at: usize) -> Option<&LevelChange<'a>> {
        self.price_changes.get(at).map(|Object(level)| level)
    }
}

impl PartialEq for PriceChange<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.timestamp == other.timestamp && self.levels().eq(other.levels())
    }
}

impl LevelChange<'_> {
    /// Whether it is a bid.
    #[must_use]
    pub fn is_buy(&self) -> bool {
        self.side == Side::Buy
    }

    /// What rests there from now on.
    pub fn change(&self) -> Result<Change, Unknown> {
        let side = if self.is_buy() { BookSide::Bid } else { BookSide::Ask };
        change(side, self.price, self.size)
    }
}

impl TickSizeChange<'_> {
    /// Dollars per contract.
    #[must_use]
    pub fn tick(&self) -> Price {
        self.new_tick_size.0
    }
}

impl TryFrom<&str> for Side {
    type Error = Unreadable;

    fn try_from(text: &str) -> Result<Self, Unreadable> {
        match text {
            "BUY" => Ok(Self::Buy),
            "SELL" => Ok(Self::Sell),
            _ => Err(Unreadable),
        }
    }
}

fn change(side: BookSide, price_text: &str, size: &str) -> Result<Change, Unknown> {
    let (price, price_decimals) = written::<Price>(price_text)?;
    let (quantity, quantity_decimals) = written::<Quantity>(size)?;
    let decimals = Decimals { price: price_decimals, quantity: quantity_decimals };
    Ok(Change { side, price, quantity, decimals })
}

/// The amount and its decimals: what is written again from them is the same text, or the venue's hash
/// would be of another one.
fn written<T: std::str::FromStr>(text: &str) -> Result<(T, u8), Unknown> {
    let amount = text.parse().map_err(|_| Unknown::Unreadable)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_padded = whole.starts_with('0') && whole.len() > 1 || text.starts_with("-0");
    let decimals = u8::try_from(fraction.len()).map_err(|_| Unknown::Unreadable)?;
    if is_padded { Err(Unknown::Unreadable) } else { Ok((amount, decimals)) }
}
