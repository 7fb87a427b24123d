//! Kalshi's WebSocket messages; reference/venues.md 1.6. `venues/kalshi/wire.ts` is the twin. Members
//! that no book needs are not named: a message may grow.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::amount::{Price, Quantity};
use crate::feeds::json::{Decimal, Unreadable, Whole, object, present};

/// What every message has around it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(default, deserialize_with = "present")]
    id: Option<Whole>,
    #[serde(default, deserialize_with = "present")]
    sid: Option<Whole>,
    #[serde(default, deserialize_with = "present")]
    seq: Option<Whole>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

/// One outcome, as this venue says it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "&str")] // serde would take `{"yes":null}` too
pub enum BidFor {
    /// A bid.
    Yes,
    /// An offer of YES, at 1 − p.
    No,
}

impl TryFrom<&str> for BidFor {
    type Error = Unreadable;

    fn try_from(text: &str) -> Result<Self, Unreadable> {
        match text {
            "yes" => Ok(Self::Yes),
            "no" => Ok(Self::No),
            _ => Err(Unreadable),
        }
    }
}

/// What a message says, as far as a book needs it.
#[derive(Clone, Debug, PartialEq)]
pub enum Message<'a> {
    /// A subscription is open under this number.
    Subscribed(Subscribed<'a>),
    /// A command was refused.
    Refused(Refused),
    /// A whole book.
    Snapshot(Snapshot<'a>),
    /// A signed quantity at one level.
    Delta(Delta<'a>),
    /// Of a kind that no book needs.
    Other,
}

/// The answer to `subscribe`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct Subscribed<'a> {
    /// What was subscribed to.
    pub channel: &'a str,
    sid: Whole,
}

/// The answer to a command that cannot be done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct Refused {
    code: Whole,
}

/// Bids only, on both sides: a bid for NO at p is an offer of YES at 1 − p.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Snapshot<'a> {
    /// The market.
    #[serde(deserialize_with = "named")]
    pub market_ticker: &'a str,
    #[serde(default)]
    yes_dollars_fp: Vec<(Decimal<Price>, Decimal<Quantity>)>,
    #[serde(default)]
    no_dollars_fp: Vec<(Decimal<Price>, Decimal<Quantity>)>,
}

/// Adds to one bid level.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct Delta<'a> {
    /// The market.
    #[serde(deserialize_with = "named")]
    pub market_ticker: &'a str,
    /// Whose bids.
    pub side: BidFor,
    #[serde(rename = "price_dollars")]
    price: Decimal<Price>,
    #[serde(rename = "delta_fp")]
    quantity: Decimal<Quantity>,
}

impl<'a> Frame<'a> {
    /// The frame alone; its message is read once it is known to be in order.
    pub fn read(text: &'a str) -> Result<Self, Unreadable> {
        object(text)
    }

    /// Which kind of message it is.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.kind
    }

    /// Of the command that it answers.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.id.map(|Whole(id)| id)
    }

    /// The subscription.
    #[must_use]
    pub fn sid(&self) -> Option<i64> {
        self.sid.map(|Whole(sid)| sid)
    }

    /// Counts one up with every frame of a subscription.
    #[must_use]
    pub fn seq(&self) -> Option<i64> {
        self.seq.map(|Whole(seq)| seq)
    }

    /// What it says.
    pub fn message(&self) -> Result<Message<'a>, Unreadable> {
        let text = self.msg.map_or("null", RawValue::get);
        Ok(match self.kind {
            "subscribed" => Message::Subscribed(object(text)?),
            "error" => Message::Refused(object(text)?),
            "orderbook_snapshot" => Message::Snapshot(object(text)?),
            "orderbook_delta" => Message::Delta(object(text)?),
            _ => Message::Other,
        })
    }
}

impl Subscribed<'_> {
    /// The subscription's number.
    #[must_use]
    pub fn sid(&self) -> i64 {
        self.sid.0
    }
}

impl Refused {
    /// The venue's number for why; 16: it does not know the market.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code.0
    }
}

impl Snapshot<'_> {
    /// Every level, as it came; one of nothing is none.
    pub fn levels(&self) -> impl Iterator<Item = (BidFor, Price, Quantity)> {
        let yes = self.yes_dollars_fp.iter().map(|level| (BidFor::Yes, level));
        let no = self.no_dollars_fp.iter().map(|level| (BidFor::No, level));
        yes.chain(no).map(|(side, (Decimal(price), Decimal(quantity)))| (side, *price, *quantity))
    }
}

impl Delta<'_> {
    /// Of the outcome that is bid for.
    #[must_use]
    pub fn price(&self) -> Price {
        self.price.0
    }

    /// Contracts, signed.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        self.quantity.0
    }
}

/// A name is not empty.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error> {
    let name = <&str>::deserialize(deserializer)?;
    if name.is_empty() { Err(serde::de::Error::custom("no name")) } else { Ok(name) }
}
