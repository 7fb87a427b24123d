//! What venues may say of the legs of the test's shot, and what each of it proves.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use legwork_engine_core::answers::{OrderState, VenueRefusal, Verdict};

use crate::support::{Said, of};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    Filled,
    Partly,
    Working,
    NothingTaken,
    Refused,
    NoMatch,
    Exists,
    /// A response whose body stops in the middle.
    Garbage,
    /// Bytes that are no response.
    NoHttp,
    Never,
    /// When nobody listens any more.
    Late,
}

impl Fate {
    pub const ALL: &[Self] = &[
        Self::Filled,
        Self::Partly,
        Self::Working,
        Self::NothingTaken,
        Self::Refused,
        Self::NoMatch,
        Self::Exists,
        Self::Garbage,
        Self::NoHttp,
        Self::Never,
        Self::Late,
    ];

    /// Whether something is heard before the time is up.
    pub fn is_in_time(self) -> bool {
        !matches!(self, Self::Never | Self::Late)
    }

    /// Status and body; `None` where there is no response to read.
    pub fn said(self, leg: usize) -> Said {
        if matches!(self, Self::NoHttp | Self::Never) {
            return None;
        }
        let (status, body) = if leg == 0 { self.by_polymarket() } else { self.by_kalshi() };
        Some((status, body))
    }

    fn by_polymarket(self) -> (u16, String) {
        let placed = |status, making, taking| {
            let id = hash();
            let amounts = format!(r#""makingAmount":"{making}","takingAmount":"{taking}""#);
            let order = format!(r#""orderID":"{id}","status":"{status}",{amounts}"#);
            (200, format!(r#"{{"success":true,"errorMsg":"",{order}}}"#))
        };
        let error = |text: &str| (400, format!(r#"{{"error":"{text}"}}"#));
        match self {
            Self::Partly => placed("matched", "2.6", "5"),
            Self::Working => placed("live", "", ""),
            Self::NothingTaken => placed("matched", "0", "0"),
            Self::Refused => error("not enough balance / allowance"),
            Self::NoMatch => error("no orders found to match with FAK order. Try again."),
            Self::Exists => error("INVALID_ORDER_DUPLICATED"),
            Self::Garbage => (200, r#"{"success":tr"#.to_owned()),
            _ => placed("matched", "5.2", "10"),
        }
    }

    fn by_kalshi(self) -> (u16, String) {
        let created = |filled, remaining| {
            let counts = format!(r#""fill_count":"{filled}","remaining_count":"{remaining}""#);
            (201, format!(r#"{{"order_id":"{KALSHI_ID}",{counts},"ts_ms":1700000000000}}"#))
        };
        let error = |status, code: &str| (status, format!(r#"{{"error":{{"code":"{code}"}}}}"#));
        match self {
            Self::Partly => created("5", "0"),
            Self::Working => created("0", "10"),
            Self::NothingTaken => created("0", "0"),
            Self::Refused => error(400, "insufficient_balance"),
            Self::NoMatch => error(400, "fok_insufficient_volume"),
            Self::Exists => error(409, "order_already_exists"),
            Self::Garbage => (201, r#"{"order_id":"#.to_owned()),
            _ => created("10", "0"),
        }
    }

    /// What is proved by what is heard before the time is up.
    pub fn verdict(self, leg: usize) -> Verdict {
        let either = |codes: [&str; 2]| codes[leg].to_owned();
        let accepted = |state, filled| Verdict::Accepted {
            venue_order_id: either([&hash(), KALSHI_ID]),
            state,
            filled: of(filled),
        };
        let unknown = |code: &str| Verdict::Unknown { code: code.to_owned() };
        match self {
            Self::Filled => accepted(OrderState::Filled, "10"),
            Self::Partly => accepted(OrderState::Canceled, "5"),
            Self::Working => accepted(OrderState::Working, "0"),
            Self::NothingTaken => accepted(OrderState::Canceled, "0"),
            Self::Refused => Verdict::Refused {
                refusal: VenueRefusal::Funds,
                code: either(["not_enough_balance", "insufficient_balance"]),
            },
            Self::NoMatch => Verdict::Refused {
                refusal: VenueRefusal::NoMatch,
                code: either(["fak_no_match", "fok_insufficient_volume"]),
            },
            Self::Exists => {
                Verdict::Exists { code: either(["duplicated", "order_already_exists"]) }
            }
            Self::Garbage => {
                Verdict::Unknown { code: either(["unreadable", "UNREADABLE_SUCCESS"]) }
            }
            Self::NoHttp => unknown("UNREADABLE_RESPONSE"),
            Self::Never | Self::Late => unknown("NO_ANSWER"),
        }
    }

    /// Contracts, where the venue has said that no more will come.
    pub fn taken(self) -> Option<u32> {
        match self {
            Self::Filled => Some(10),
            Self::Partly => Some(5),
            Self::NothingTaken | Self::Refused | Self::NoMatch => Some(0),
            _ => None,
        }
    }
}

const KALSHI_ID: &str = "b0bb1e5e-0000-4000-8000-000000000001";

fn hash() -> String {
    format!("0x{}", "ab".repeat(32))
}
