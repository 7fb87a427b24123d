//! Between what a venue said of a leg and its slot. A verdict's words may be of any length, a slot's
//! room is not: what does not fit is cut, and ends in a mark that says so.

use super::layout::LegMark;
use super::record::{code_in, one_of, text};
use crate::amount::Quantity;
use crate::answers::{OrderState, VenueRefusal, Verdict};

/// Ends a text that was longer.
const CUT: &str = "…";

/// The codes of a slot; 0 is "nothing was heard".
const REFUSED: u8 = 1;
const ACCEPTED: u8 = 2;
const UNKNOWN: u8 = 3;
const EXISTS: u8 = 4;

/// What was heard of a leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer<'a> {
    /// What it proves.
    pub verdict: &'a Verdict,
    /// Of HTTP; 0 where no response could be read.
    pub status: u16,
    /// When it was heard, or given up, on the monotonic clock.
    pub at_ns: u64,
}

/// What was heard of a leg, as a slot has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedAnswer {
    /// What it proves. A word that was longer than its room ends in `…`.
    pub verdict: Verdict,
    /// Of HTTP; 0 where no response could be read.
    pub status: u16,
    /// When it was heard, or given up, on the monotonic clock.
    pub at_ns: u64,
}

pub fn write_answer(mark: &mut LegMark, answer: &Answer<'_>) {
    let (class, detail, code) = match answer.verdict {
        Verdict::Accepted { state, .. } => (ACCEPTED, code_in(OrderState::ALL, state), ""),
        Verdict::Refused { refusal, code } => {
            (REFUSED, code_in(VenueRefusal::ALL, refusal), code.as_str())
        }
        Verdict::Exists { code } => (EXISTS, 0, code.as_str()),
        Verdict::Unknown { code } => (UNKNOWN, 0, code.as_str()),
    };
    let (venue_order_id, filled) = match answer.verdict {
        Verdict::Accepted { venue_order_id, filled, .. } => (venue_order_id.as_str(), *filled),
        _ => ("", Quantity::ZERO),
    };
    (mark.answer, mark.detail) = (class, detail);
    mark.status.set(answer.status);
    mark.answered_ns.set(answer.at_ns);
    mark.filled.set(filled.counts());
    mark.venue_order_id_bytes = write_text(&mut mark.venue_order_id, venue_order_id);
    mark.code_bytes = write_text(&mut mark.code, code);
}

pub fn is_answered(mark: &LegMark) -> bool {
    mark.answer != 0
}

/// `None` where no such answer was ever written by us.
pub fn read_answer(mark: &LegMark) -> Option<RecordedAnswer> {
    let code = text(&mark.code, mark.code_bytes.into())?;
    let verdict = match mark.answer {
        ACCEPTED => Verdict::Accepted {
            venue_order_id: text(&mark.venue_order_id, mark.venue_order_id_bytes.into())?,
            state: one_of(OrderState::ALL, mark.detail)?,
            filled: Quantity::from_counts(mark.filled.get()),
        },
        REFUSED => Verdict::Refused { refusal: one_of(VenueRefusal::ALL, mark.detail)?, code },
        EXISTS => Verdict::Exists { code },
        UNKNOWN => Verdict::Unknown { code },
        _ => return None,
    };
    Some(RecordedAnswer { verdict, status: mark.status.get(), at_ns: mark.answered_ns.get() })
}

/// The text, or as much of it as there is room for and the mark; zeros behind it. How long it is.
fn write_text(room: &mut [u8], text: &str) -> u8 {
    let (kept, cut) = if text.len() <= room.len() {
        (text, "")
    } else {
        (&text[..text.floor_char_boundary(room.len() - CUT.len())], CUT)
    };
    let length = kept.len() + cut.len();
    room[..kept.len()].copy_from_slice(kept.as_bytes());
    room[kept.len()..length].copy_from_slice(cut.as_bytes());
    room[length..].fill(0);
    u8::try_from(length).unwrap_or(0) // no room is longer than that
}
