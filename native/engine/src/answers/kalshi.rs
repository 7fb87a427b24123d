//! Kalshi's answers to `POST /portfolio/events/orders`; reference/venues.md 1.3 to 1.5. The twin,
//! `venues/kalshi/answers.ts`, says why each row is as it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::body::{
    Unreadable, amount, is_milliseconds, json_of, nullable_text, optional_text, text,
};
use super::table::{Meaning, Row, TableError, parse};
use super::{OrderState, VenueRefusal, Verdict};
use crate::amount::Quantity;
use crate::identity::ClientOrderId;

const FILE: &str = "venues/kalshi/answer-table.json";
const TABLE: &str = include_str!("../../../../venues/kalshi/answer-table.json");

/// Refused at the door, before anything was matched; the body may be anybody's.
const TOO_MANY_REQUESTS: u16 = 429;

/// What was asked for, as far as an answer is held against it.
#[derive(Clone, Copy, Debug)]
pub struct KalshiOrder {
    /// Our name for it.
    pub client_order_id: ClientOrderId,
    /// The most contracts that may fill.
    pub legal_maximum: Quantity,
}

/// The venue's table. A code's row beats the row of the status that it came with.
#[derive(Clone, Debug)]
pub struct KalshiAnswers {
    codes: BTreeMap<String, Meaning>,
    statuses: BTreeMap<u16, VenueRefusal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    codes: BTreeMap<String, String>,
    statuses: BTreeMap<u16, String>,
}

impl KalshiAnswers {
    /// The table that this engine was built with.
    pub fn load() -> Result<Self, TableError> {
        Self::read(TABLE)
    }

    /// A table in JSON; refused, by row, where it says what nobody would read.
    pub fn read(table: &str) -> Result<Self, TableError> {
        let rows: Rows = parse(FILE, table)?;
        Ok(Self {
            codes: rows.codes.into_iter().map(code_row).collect::<Result<_, _>>()?,
            statuses: rows.statuses.into_iter().map(status_row).collect::<Result<_, _>>()?,
        })
    }

    /// What an answer to the order proves.
    #[must_use]
    pub fn place_answer(&self, order: &KalshiOrder, status: u16, body: &[u8]) -> Verdict {
        let body = json_of(body);
        match status {
            200 | 201 => acceptance(order, &body),
            _ => self.error_answer(status, &body),
        }
    }

    fn error_answer(&self, status: u16, body: &Value) -> Verdict {
        let told = error_code(body).map(snake_case);
        let row = told.as_ref().and_then(|code| self.codes.get(code));
        // A page of some proxy on the way says nothing about the order.
        let is_venues = told.is_some() || status == TOO_MANY_REQUESTS;
        let code = told.unwrap_or_else(|| format!("HTTP_{status}"));
        match (row, self.statuses.get(&status)) {
            (Some(meaning), _) => meaning.verdict(code),
            (None, Some(refusal)) if is_venues => Verdict::Refused { refusal: *refusal, code },
            (None, _) => Verdict::Unknown { code },
        }
    }
}

fn code_row((code, class): (String, String)) -> Result<(String, Meaning), TableError> {
    let row = Row { file: FILE, name: format!("codes.{code}") };
    row.check_code(&code)?;
    let meaning = row.meaning(&class)?;
    row.check(meaning != Meaning::Unknown, "has a class that it cannot have")?;
    Ok((code, meaning))
}

fn status_row((status, class): (u16, String)) -> Result<(u16, VenueRefusal), TableError> {
    let row = Row { file: FILE, name: format!("statuses.{status}") };
    row.check_status(status)?;
    Ok((status, row.refusal(&class)?))
}

fn acceptance(order: &KalshiOrder, body: &Value) -> Verdict {
    let Ok(created) = Created::read(body) else {
        return Verdict::unknown("UNREADABLE_SUCCESS");
    };
    let ours = order.client_order_id.as_bytes();
    if created.client_order_id.is_some_and(|id| id.as_bytes() != ours) {
        return Verdict::unknown("OTHER_ORDER");
    }
    Verdict::Accepted {
        venue_order_id: created.order_id.to_owned(),
        state: created.state(order),
        filled: created.filled,
    }
}

struct Created<'a> {
    order_id: &'a str,
    client_order_id: Option<&'a str>,
    filled: Quantity,
    remaining: Quantity,
}

impl<'a> Created<'a> {
    fn read(body: &'a Value) -> Result<Self, Unreadable> {
        let order_id = text(body, "order_id")?;
        if order_id.is_empty() || !is_milliseconds(body.get("ts_ms")) {
            return Err(Unreadable);
        }
        Ok(Self {
            order_id,
            client_order_id: optional_text(body, "client_order_id")?,
            filled: amount(text(body, "fill_count")?)?,
            remaining: amount(text(body, "remaining_count")?)?,
        })
    }

    /// Whatever the time in force, a remainder means that the venue still has the order in hand.
    /// Nothing left and less than all filled is the end of an IOC.
    fn state(&self, order: &KalshiOrder) -> OrderState {
        if self.filled >= order.legal_maximum {
            return OrderState::Filled;
        }
        let is_in_hand = self.remaining > Quantity::ZERO;
        if is_in_hand { OrderState::Working } else { OrderState::Canceled }
    }
}

/// The three forms in which an error was seen: nested, flat, and a bare text (429).
fn error_code(body: &Value) -> Option<&str> {
    let error = body.get("error");
    let nested = error.and_then(code_of);
    nested.or_else(|| code_of(body)).or_else(|| error.and_then(Value::as_str))
}

/// The code of an envelope whose message, if it has one, is a text.
fn code_of(envelope: &Value) -> Option<&str> {
    nullable_text(envelope, "message").ok()?;
    envelope.get("code")?.as_str().filter(|code| !code.is_empty())
}

/// REST writes codes so, FIX in capitals.
fn snake_case(code: &str) -> String {
    let mut snake = String::with_capacity(code.len());
    let mut was_gap = false;
    for character in code.trim_matches(is_space).to_lowercase().chars() {
        let is_gap = character == '-' || is_space(character);
        match (is_gap, was_gap) {
            (false, _) => snake.push(character),
            (true, false) => snake.push('_'),
            (true, true) => {}
        }
        was_gap = is_gap;
    }
    snake
}

/// What JavaScript takes for space, which is not quite what Unicode does.
fn is_space(character: char) -> bool {
    matches!(
        character,
        '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}'
            | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}
