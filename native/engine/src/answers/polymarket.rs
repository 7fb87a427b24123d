//! Polymarket's answers to `POST /order`; `venues/polymarket/answers.ts` is the twin, and
//! `documented-answers.ts` says why each row is as it is. reference/venues.md 2.6 and 2.7.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::body::{Unreadable, amount, json_of, nullable_text, optional_text};
use super::pattern::Pattern;
use super::table::{Meaning, Row, TableError, parse};
use super::{OrderState, Verdict};
use crate::amount::{Money, Quantity};
use crate::signing::Side;

const FILE: &str = "venues/polymarket/answer-table.json";
const TABLE: &str = include_str!("../../../../venues/polymarket/answer-table.json");

/// What an order holds constant; the other amount follows from the prices it trades at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fixed {
    /// So many shares.
    Contracts(Quantity),
    /// So many dollars.
    Collateral(Money),
}

impl Fixed {
    fn counts(self) -> i128 {
        match self {
            Self::Contracts(contracts) => contracts.counts(),
            Self::Collateral(collateral) => collateral.counts(),
        }
    }
}

/// What was asked for, as far as an answer is held against it.
#[derive(Clone, Copy, Debug)]
pub struct PolymarketOrder {
    /// The order's hash, which is its name at the venue.
    pub hash: [u8; 32],
    /// What is done with the token.
    pub side: Side,
    /// What it gives when all of it is filled.
    pub fixed: Fixed,
    /// The most shares that may fill.
    pub legal_maximum: Quantity,
    /// FOK or FAK: what is not filled at once is gone.
    pub is_immediate: bool,
}

/// The venue's table; the first row that fits counts.
#[derive(Clone, Debug)]
pub struct PolymarketAnswers(Vec<Documented>);

#[derive(Clone, Debug)]
struct Documented {
    meaning: Meaning,
    code: String,
    status: Vec<u16>,
    /// `None`: the status alone is documented to say so.
    text: Option<Pattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    class: String,
    code: String,
    status: Vec<u16>,
    #[serde(default, deserialize_with = "told")]
    text: Option<String>,
}

/// A row without a text is about every answer with its status: that is not said by a null.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

impl PolymarketAnswers {
    /// The table that this engine was built with.
    pub fn load() -> Result<Self, TableError> {
        Self::read(TABLE)
    }

    /// A table in JSON; refused, by row, where it says what nobody would read.
    pub fn read(table: &str) -> Result<Self, TableError> {
        let rows: Vec<Written> = parse(FILE, table)?;
        Ok(Self(rows.into_iter().enumerate().map(documented).collect::<Result<_, _>>()?))
    }

    /// What an answer to the order proves.
    #[must_use]
    pub fn place_answer(&self, order: &PolymarketOrder, status: u16, body: &[u8]) -> Verdict {
        let id = format!("0x{}", hex::encode(order.hash));
        let body = json_of(body);
        if status != 200 {
            return self.error_answer(&id, status, &body);
        }
        let Ok(placed) = Placed::read(&body) else { return Verdict::unknown("unreadable") };
        let is_ours = placed.order_id.eq_ignore_ascii_case(&id);
        match (placed.has_error, is_ours) {
            (true, true) => Verdict::unknown("accepted_with_error"),
            (true, false) => self.error_answer(&id, status, &body),
            _ if !placed.is_success || placed.order_id.is_empty() => {
                Verdict::unknown("success_without_id")
            }
            (false, false) => Verdict::unknown("another_order_id"),
            (false, true) => acceptance(order, id, &placed),
        }
    }

    /// By the row that it falls under; `unlisted` where there is none.
    fn error_answer(&self, id: &str, status: u16, body: &Value) -> Verdict {
        let said = said(body).unwrap_or_default().to_ascii_lowercase();
        let row = self.0.iter().find(|row| row.fits(status, &said, id));
        match row {
            Some(row) => row.meaning.verdict(row.code.clone()),
            None => Verdict::Unknown { code: format!("unlisted_{status}") },
        }
    }
}

impl Documented {
    fn fits(&self, status: u16, said: &str, id: &str) -> bool {
        self.status.contains(&status) && self.text.as_ref().is_none_or(|text| text.fits(said, id))
    }
}

fn documented((index, written): (usize, Written)) -> Result<Documented, TableError> {
    let Written { class, code, status, text } = written;
    let row = Row { file: FILE, name: format!("[{index}]") };
    row.check_code(&code)?;
    row.check(!status.is_empty(), "has no status that it comes with")?;
    status.iter().try_for_each(|status| row.check_status(*status))?;
    let is_ascii =
        |text: &String| !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'));
    row.check(text.as_ref().is_none_or(is_ascii), "has a text that is not printable ASCII")?;
    let text = text.as_deref().map(Pattern::new);
    Ok(Documented { meaning: row.meaning(&class)?, code, status, text })
}

/// The text of an error. The mode in which only resting orders are taken is told beside or instead.
fn said(body: &Value) -> Result<&str, Unreadable> {
    let texts = ["error", "errorMsg", "error_msg"].map(|name| optional_text(body, name));
    let [text, older, other] = texts;
    let (text, older, other) = (text?, older?, other?);
    let code = optional_text(body, "code")?;
    if body.get("post_only_mode").is_some() || code == Some("post_only_mode") {
        return Ok("post_only_mode");
    }
    Ok(text.or(older).or(other).unwrap_or_default())
}

/// The answer to `POST /order` with status 200.
struct Placed<'a> {
    is_success: bool,
    has_error: bool,
    /// Empty where it tells none.
    order_id: &'a str,
    status: Option<&'a str>,
    /// Counts of 10⁻⁹ of what the order gave: dollars of a buy, shares of a sale.
    making: Option<i128>,
    /// The same of what it got.
    taking: Option<i128>,
}

impl<'a> Placed<'a> {
    fn read(body: &'a Value) -> Result<Self, Unreadable> {
        Ok(Self {
            is_success: body.get("success").and_then(Value::as_bool).ok_or(Unreadable)?,
            has_error: nullable_text(body, "errorMsg")?.is_some_and(|text| !text.is_empty()),
            order_id: nullable_text(body, "orderID")?.unwrap_or_default(),
            status: nullable_text(body, "status")?,
            making: counts(body, "makingAmount")?,
            taking: counts(body, "takingAmount")?,
        })
    }
}

/// An amount that is not told comes as "", as null or not at all.
fn counts(body: &Value, name: &str) -> Result<Option<i128>, Unreadable> {
    let told = nullable_text(body, name)?.filter(|text| !text.is_empty());
    told.map(|text| amount(text).map(Quantity::counts)).transpose()
}

fn acceptance(order: &PolymarketOrder, venue_order_id: String, placed: &Placed<'_>) -> Verdict {
    let is_matched = match placed.status {
        Some("matched") => true,
        Some("live") => false,
        // `delayed` and `unmatched` say that the order lives on somewhere.
        other => return Verdict::unknown(other.unwrap_or("no_status")),
    };
    let shares = match order.side {
        Side::Buy => placed.taking,
        Side::Sell => placed.making,
    };
    if is_matched && (shares.is_none() || placed.making.is_none()) {
        return Verdict::unknown("amounts_missing");
    }
    let filled = Quantity::from_counts(shares.unwrap_or(0));
    if filled > order.legal_maximum {
        return Verdict::unknown("amounts_unreadable");
    }
    let state = if is_matched { state_after_match(order, placed) } else { OrderState::Working };
    Verdict::Accepted { venue_order_id, state, filled }
}

/// What an immediate order did not fill is gone with the answer.
fn state_after_match(order: &PolymarketOrder, placed: &Placed<'_>) -> OrderState {
    if placed.making == Some(order.fixed.counts()) {
        return OrderState::Filled;
    }
    if order.is_immediate { OrderState::Canceled } else { OrderState::Working }
}
