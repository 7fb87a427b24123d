//! A body as its venue documents it. A member that is read must be there and must fit; what is not
//! read may be anything: an answer may grow.

use std::str::FromStr;

use serde_json::Value;

/// A body, or a member of it, that is not as it is documented.
pub struct Unreadable;

/// `null` where the bytes are no JSON: no venue answers with that.
pub fn json_of(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text); // a byte order mark is no part of it
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// Must be there.
pub fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Unreadable> {
    optional_text(body, name)?.ok_or(Unreadable)
}

/// May be missing.
pub fn optional_text<'a>(body: &'a Value, name: &str) -> Result<Option<&'a str>, Unreadable> {
    body.get(name).map(|member| member.as_str().ok_or(Unreadable)).transpose()
}

/// May be missing or null.
pub fn nullable_text<'a>(body: &'a Value, name: &str) -> Result<Option<&'a str>, Unreadable> {
    match body.get(name) {
        Some(Value::Null) => Ok(None),
        _ => optional_text(body, name),
    }
}

/// A decimal that fits, as text; never a number of JSON's.
pub fn amount<T: FromStr>(text: &str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable)
}

/// Whether it is a whole number, from 0, that JavaScript holds exactly. A float is asked for its
/// shape alone here, and nothing is made of it.
pub fn is_milliseconds(member: Option<&Value>) -> bool {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    let is_time = |ms: f64| (0.0..=MAX_SAFE_INTEGER).contains(&ms) && ms.fract() == 0.0;
    member.and_then(Value::as_f64).is_some_and(is_time)
}
