//! JSON as the venues' schemas in TypeScript take it, and nothing that they refuse: `null` is not a
//! member that is missing, a list is not an object, and a whole number is one that JavaScript holds.

use std::fmt::{self, Write};
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// `Number.MAX_SAFE_INTEGER`.
const WHOLE_MAX: i64 = 9_007_199_254_740_991;

/// A message that is not as its venue documents it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not a message of this venue")]
pub struct Unreadable;

/// Reads a text that is an object.
pub fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map(|Object(read)| read).map_err(|_| Unreadable)
}

/// serde takes a list for a struct, member by member; a venue means something else by it.
#[derive(Clone, Copy, Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// For `#[serde(default, deserialize_with)]`: may be missing, but not null.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A whole number that JavaScript holds exactly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = i64::deserialize(deserializer)?;
        let is_held = (-WHOLE_MAX..=WHOLE_MAX).contains(&whole);
        if is_held { Ok(Self(whole)) } else { Err(D::Error::custom("too large")) }
    }
}

/// A decimal as a string, of one of our units. What does not fit is refused, never rounded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decimal<T>(pub T);

impl<'de, T: std::str::FromStr> Deserialize<'de> for Decimal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom("not a decimal that fits"))
    }
}

/// Texts as a JSON list; Rust's own quotes would not be JSON's.
pub fn list(texts: &[Box<str>]) -> String {
    let mut list = String::from("[");
    for (index, text) in texts.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let quoted = serde_json::Value::from(&**text);
        let _ = write!(list, "{comma}{quoted}"); // a String takes whatever is written
    }
    list.push(']');
    list
}
