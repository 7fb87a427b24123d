//! A leg of a shot, as `engine_project` takes it.

use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::Verdict;
use legwork_engine_core::journal::{RecordedAnswer, RecordedLeg, RecordedShot};
use legwork_engine_core::shot::Top;
use legwork_engine_core::wire::Written;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::body::{Expected, FixedTold, NotARecord, body_of, said_of};
use super::record::{Heard, safe};
use crate::amounts::Decimal;

/// Of a leg that no wire has taken.
const NOTHING: &str = "nothing";
/// Ends a word that was longer than its room in the journal.
const CUT: char = '…';
const MILLISECOND_NS: u64 = 1_000_000;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LegRecord {
    leg: &'static str,
    venue: &'static str,
    market: String,
    client_order_id: String,
    limit_price: Decimal,
    legal_maximum: Decimal,
    fixed: FixedTold,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_group_id: Option<String>,
    created_at_ms: u64,
    body: String,
    request_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_order_id: Option<String>,
    top: TopRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerRecord>,
}

/// A side on which nobody stands is left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TopRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    bid: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heard_ns: Option<u64>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerRecord {
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue_order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cumulative_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl LegRecord {
    /// Nothing will be heard of it any more.
    pub fn is_over(&self) -> bool {
        self.written == Some(NOTHING) || self.answer.is_some()
    }

    /// What is left of one that cannot be read.
    pub fn unread(
        shot: &RecordedShot,
        (leg, of): (&'static str, &RecordedLeg),
        heard: Heard,
    ) -> Self {
        let client_order_id = of.client_order_id.to_string();
        let written = of.written.map(word_of);
        let answer = answer_of(shot, of, heard);
        Self { client_order_id, written, answer, ..Self::missing(leg) }
    }

    /// One that is not there.
    pub fn missing(leg: &'static str) -> Self {
        Self {
            leg,
            venue: "",
            market: String::new(),
            client_order_id: String::new(),
            limit_price: Decimal::of(Quantity::ZERO),
            legal_maximum: Decimal::of(Quantity::ZERO),
            fixed: FixedTold::Contracts { contracts: "0".to_owned() },
            order_group_id: None,
            created_at_ms: 0,
            body: String::new(),
            request_sha256: String::new(),
            venue_order_id: None,
            top: top_of(&Top::default()),
            written: Some(NOTHING),
            written_ns: None,
            answer: None,
        }
    }

    /// Those that somebody else has written.
    pub fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let of_order = [&mut self.market, &mut self.body].into_iter();
        let of_venue = self
            .answer
            .iter_mut()
            .flat_map(|answer| answer.venue_order_id.iter_mut().chain(answer.code.iter_mut()));
        let maybe = self.order_group_id.iter_mut().chain(self.venue_order_id.iter_mut());
        of_order.chain(maybe).chain(of_venue)
    }
}

/// As its slot has it.
pub(super) fn leg_of(
    shot: &RecordedShot,
    (leg, of): (&'static str, &RecordedLeg),
    heard: Heard,
) -> Result<LegRecord, NotARecord> {
    let other = || NotARecord::OtherInstrument(of.instrument.clone(), leg);
    let (market, outcome) = of.instrument.rsplit_once('/').ok_or_else(other)?;
    if outcome != leg {
        return Err(other());
    }
    let body = body_of(leg, &of.bytes)?;
    let client_order_id = of.client_order_id;
    let said = said_of(&Expected { leg, venue: of.venue, market, client_order_id }, body)?;
    Ok(LegRecord {
        leg,
        venue: of.venue.name(),
        market: market.to_owned(),
        client_order_id: client_order_id.to_string(),
        limit_price: Decimal::of(of.limit_price),
        legal_maximum: Decimal::of(of.legal_maximum),
        fixed: said.fixed,
        order_group_id: said.order_group_id,
        created_at_ms: said.created_at_ms.unwrap_or(shot.unix_ns / MILLISECOND_NS),
        body: body.to_owned(),
        request_sha256: hex::encode(Sha256::digest(&of.bytes)),
        venue_order_id: None,
        top: top_of(&of.top),
        written: of.written.map(word_of),
        written_ns: measured(of.written_ns),
        answer: answer_of(shot, of, heard),
    })
}

/// 0: nobody said so.
fn measured(ns: u64) -> Option<u64> {
    (ns != 0).then_some(ns)
}

const fn word_of(written: Written) -> &'static str {
    match written {
        Written::Whole => "whole",
        Written::Part => "part",
        Written::Nothing => NOTHING,
    }
}

fn top_of(top: &Top) -> TopRecord {
    let has = |quantity: Quantity| quantity != Quantity::ZERO;
    let (bids, asks) = (has(top.bid_quantity), has(top.ask_quantity));
    TopRecord {
        bid: bids.then(|| Decimal::of(top.bid)),
        bid_quantity: bids.then(|| Decimal::of(top.bid_quantity)),
        ask: asks.then(|| Decimal::of(top.ask)),
        ask_quantity: asks.then(|| Decimal::of(top.ask_quantity)),
        heard_ns: measured(top.heard_ns),
    }
}

/// Nothing is said of a leg that cannot have left.
fn answer_of(shot: &RecordedShot, leg: &RecordedLeg, heard: Heard) -> Option<AnswerRecord> {
    if shot.refused.is_some() || leg.written == Some(Written::Nothing) {
        return None;
    }
    match &leg.answer {
        Some(answer) => Some(told(answer)),
        None if heard == Heard::All => {
            Some(AnswerRecord { class: "unknown", ..AnswerRecord::default() })
        }
        None => None,
    }
}

/// An order that exists is not yet an answer: it is looked up, as `activities/send-order.ts` has
/// it.
fn told(answer: &RecordedAnswer) -> AnswerRecord {
    let heard = AnswerRecord {
        at_ns: measured(answer.at_ns),
        status: Some(answer.status),
        ..AnswerRecord::default()
    };
    match &answer.verdict {
        Verdict::Accepted { venue_order_id, state, filled } => AnswerRecord {
            class: "yes",
            // Cut, or mended, it would be another order's: whoever needs it asks the venue.
            venue_order_id: (!venue_order_id.ends_with(CUT)
                && !venue_order_id.contains(char::is_control))
            .then(|| venue_order_id.clone()),
            state: Some(state.code()),
            cumulative_quantity: Some(Decimal::of(filled)),
            ..heard
        },
        Verdict::Refused { refusal, code } => AnswerRecord {
            class: "no",
            refusal: Some(refusal.code()),
            code: Some(safe(code)),
            ..heard
        },
        Verdict::Exists { code } | Verdict::Unknown { code } => {
            AnswerRecord { class: "unknown", code: Some(safe(code)), ..heard }
        }
    }
}
