//! The venue's hash of a book: SHA-1 of its JSON with an empty hash, the levels as they were written,
//! the best last. Source: the venue's own client (`generateOrderBookSummaryHash`);
//! `venues/polymarket/token-book.ts` is the twin. Nothing is allocated to compute one.

use std::fmt::Write;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use sha1::{Digest, Sha1};

use super::message::FullBook;
use crate::amount::ONE;
use crate::books::{Book, BookSide, Change};

/// Members that are not taken over as they came.
const KNOWN: [&str; 7] = ["event_type", "market", "asset_id", "timestamp", "hash", "bids", "asks"];
const DECIMALS: u8 = 9;
const LINE_BYTES: usize = 96;

/// What does not change from one hash of a token's book to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// Up to the timestamp.
    head: String,
    /// After the levels.
    tail: String,
}

impl Summary {
    /// Of a whole book; members that nobody reads follow in the order in which they came. What
    /// JavaScript would write otherwise than it came (1.0, spaces within) makes another hash, and so
    /// one that is not believed.
    pub fn of(full: &FullBook<'_>) -> Self {
        let (market, asset_id) = (quoted(full.market), quoted(full.asset_id));
        let head = format!(r#"{{"market":{market},"asset_id":{asset_id},"timestamp":"#);
        let tail =
            serde_json::from_str(full.text).map_or_else(|_| String::new(), |Rest(tail)| tail);
        Self { head, tail }
    }

    /// The hash of the book as it is now.
    pub fn hash(&self, book: &Book, timestamp: &str) -> [u8; 40] {
        let mut json = Json(Sha1::new());
        json.push(&self.head);
        json.push("\"");
        json.push(timestamp); // digits, or the hash is another
        json.push(r#"","hash":"","bids":["#);
        json.levels(book, BookSide::Bid);
        json.push(r#"],"asks":["#);
        json.levels(book, BookSide::Ask);
        json.push("]");
        json.push(&self.tail);
        json.push("}");
        let mut text = [0; 40];
        let digest = json.0.finalize();
        // Two digits for each of twenty bytes always fit.
        let _ = hex::encode_to_slice(digest, &mut text);
        text
    }
}

/// JSON that nobody keeps.
struct Json(Sha1);

impl Json {
    fn push(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }

    fn levels(&mut self, book: &Book, side: BookSide) {
        for (index, level) in book.written(side).enumerate() {
            self.level(&level, index > 0);
        }
    }

    fn level(&mut self, level: &Change, is_next: bool) {
        let mut line = Line { bytes: [0; LINE_BYTES], length: 0 };
        line.text(if is_next { ",{\"price\":\"" } else { "{\"price\":\"" });
        line.decimal(level.price.counts(), level.decimals.price);
        line.text("\",\"size\":\"");
        line.decimal(level.quantity.counts(), level.decimals.quantity);
        line.text("\"}");
        self.0.update(line.bytes());
    }
}

/// The text of one level: 23 bytes around two amounts of at most 20.
struct Line {
    bytes: [u8; LINE_BYTES],
    length: usize,
}

impl Line {
    fn text(&mut self, text: &str) {
        if let Some(room) = self.bytes.get_mut(self.length..self.length + text.len()) {
            room.copy_from_slice(text.as_bytes());
            self.length += text.len();
        }
    }

    /// With exactly so many decimals, of which the amount has no more.
    fn decimal(&mut self, counts: i128, decimals: u8) {
        let (whole, fraction) = (counts / ONE, counts % ONE);
        let _ = write!(self, "{whole}"); // a line has room
        if decimals > 0 {
            let cut = fraction / 10_i128.pow(u32::from(DECIMALS.saturating_sub(decimals)));
            let _ = write!(self, ".{cut:0width$}", width = usize::from(decimals)); // as above
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.text(text);
        Ok(())
    }
}

/// `,"name":value` of every member that the hash covers and nobody reads.
struct Rest(String);

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RestVisitor)
    }
}

struct RestVisitor;

impl<'de> Visitor<'de> for RestVisitor {
    type Value = Rest;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a book")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rest, A::Error> {
        let mut rest = String::new();
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            if !KNOWN.contains(&name.as_str()) {
                let (name, value) = (quoted(&name), as_javascript(value.get()));
                let _ = write!(rest, ",{name}:{value}"); // a String takes whatever is written
            }
        }
        Ok(Rest(rest))
    }
}

/// A string may have been escaped more than JavaScript would.
fn as_javascript(value: &str) -> String {
    serde_json::from_str::<String>(value).map_or_else(|_| value.to_owned(), |text| quoted(&text))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
