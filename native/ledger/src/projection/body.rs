//! What a recorded request says: its body, and what that fixes. Only what an entry of ours can be
//! is read; anything else is an error, so that no row says of an order what it was not.

use legwork_engine_core::amount::{Money, Quantity};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::shot::Venue;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What ends a head (RFC 9112, 2.1).
const HEAD_END: &str = "\r\n\r\n";
const CONTENT_LENGTH: &str = "content-length";
/// Polymarket counts in 10⁻⁶, amounts are counts of 10⁻⁹.
const COUNTS_PER_MILLIONTH: i128 = 1_000;

/// Why a recorded shot cannot be told. Its slot stays as it is, and somebody has to look at it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(super) enum NotARecord {
    /// No head, or a body of another length than the head says.
    #[error("the request of the {0} leg is not whole")]
    NotWhole(&'static str),
    /// The body is not what the adapters write.
    #[error("the body of the {leg} leg cannot be read: {why}")]
    BodyUnreadable {
        /// Which.
        leg: &'static str,
        /// What of it.
        why: String,
    },
    /// An instrument is `market/outcome`; YES comes first, then NO.
    #[error("{0} is not the {1} leg's instrument")]
    OtherInstrument(String, &'static str),
    /// A shot has two.
    #[error("{0} legs are no shot")]
    OtherLegs(usize),
}

/// What the order holds constant, as `domain/child-order.ts` writes it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum FixedTold {
    /// So many.
    Contracts {
        /// A decimal.
        contracts: String,
    },
    /// So many dollars.
    Collateral {
        /// A decimal.
        collateral: String,
    },
}

/// What is known of an order from its body alone.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Said {
    pub fixed: FixedTold,
    pub order_group_id: Option<String>,
    /// Polymarket signs it; Kalshi's body has none.
    pub created_at_ms: Option<u64>,
}

/// Whose body it has to be.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub leg: &'static str,
    pub venue: Venue,
    pub market: &'a str,
    pub client_order_id: ClientOrderId,
}

/// The bytes behind the head, as they are: a body is signed and compared to its last space. Only
/// the head's own length may stand behind spaces (`wire/request.rs`).
pub(super) fn body_of<'a>(leg: &'static str, request: &'a [u8]) -> Result<&'a str, NotARecord> {
    let not_whole = || NotARecord::NotWhole(leg);
    let text = std::str::from_utf8(request).map_err(|_| not_whole())?;
    let (head, body) = text.split_once(HEAD_END).ok_or_else(not_whole)?;
    let lengths = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case(CONTENT_LENGTH));
    let (_, length) = lengths.next().ok_or_else(not_whole)?;
    if length.trim().parse() == Ok(body.len()) { Ok(body) } else { Err(not_whole()) }
}

pub(super) fn said_of(expected: &Expected<'_>, body: &str) -> Result<Said, NotARecord> {
    let said = match expected.venue {
        Venue::Kalshi => kalshi(expected, body),
        Venue::Polymarket => polymarket(expected, body),
    };
    said.map_err(|why| NotARecord::BodyUnreadable { leg: expected.leg, why })
}

/// `venues/kalshi/order-body.ts`.
#[derive(Deserialize)]
struct KalshiBody {
    ticker: String,
    client_order_id: String,
    side: String,
    count: String,
    time_in_force: String,
    reduce_only: bool,
    order_group_id: Option<String>,
}

fn kalshi(expected: &Expected<'_>, body: &str) -> Result<Said, String> {
    let body: KalshiBody = serde_json::from_str(body).map_err(|error| error.to_string())?;
    // One book per market, of YES: NO is bought by an offer of YES.
    let side = if expected.leg == "yes" { "bid" } else { "ask" };
    check("an order of another market", body.ticker == expected.market)?;
    check("another order's", body.client_order_id == expected.client_order_id.to_string())?;
    check("no purchase of the leg", body.side == side)?;
    check("not immediate", body.time_in_force == "immediate_or_cancel")?;
    check("reduce-only, and so no entry", !body.reduce_only)?;
    let contracts: Quantity = body.count.parse().map_err(|error| format!("count: {error}"))?;
    Ok(Said {
        fixed: FixedTold::Contracts { contracts: contracts.to_string() },
        order_group_id: body.order_group_id,
        created_at_ms: None,
    })
}

/// `venues/polymarket/prepare-order.ts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolymarketBody {
    order: PolymarketOrder,
    order_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolymarketOrder {
    salt: u64,
    maker_amount: String,
    side: String,
    timestamp: String,
}

fn polymarket(expected: &Expected<'_>, body: &str) -> Result<Said, String> {
    let body: PolymarketBody = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let order = body.order;
    check("another order's", order.salt == expected.client_order_id.polymarket_salt())?;
    check("no purchase", order.side == "BUY")?;
    check("not immediate", body.order_type == "FAK")?;
    let millionths: u64 = order.maker_amount.parse().map_err(|_| "makerAmount".to_owned())?;
    let collateral = Money::from_counts(i128::from(millionths) * COUNTS_PER_MILLIONTH);
    let created_at_ms = order.timestamp.parse().map_err(|_| "timestamp".to_owned())?;
    Ok(Said {
        fixed: FixedTold::Collateral { collateral: collateral.to_string() },
        order_group_id: None,
        created_at_ms: Some(created_at_ms),
    })
}

fn check(wrong: &str, is_right: bool) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(wrong.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_as_it_is_and_only_when_it_is_whole() {
        let request = |length: &str| {
            format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n {{\"a\":1}} ")
        };
        assert_eq!(body_of("yes", request("    9").as_bytes()), Ok(" {\"a\":1} "));
        assert_eq!(body_of("yes", request("9").as_bytes()), Ok(" {\"a\":1} "));
        for wrong in ["8", "10", "", "-1"] {
            let request = request(wrong);
            assert_eq!(
                body_of("yes", request.as_bytes()),
                Err(NotARecord::NotWhole("yes")),
                "{wrong}"
            );
        }
        assert!(body_of("no", b"POST / HTTP/1.1\r\n\r\n{}").is_err(), "no length");
        assert!(body_of("no", b"{}").is_err(), "no head");
    }
}
