//! A shot of the journal, as `engine_project` takes it.

use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::Verdict;
use legwork_engine_core::journal::{RecordedAnswer, RecordedLeg, RecordedShot, ShotId};
use legwork_engine_core::own_intent::WireIntent;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{LEGS, Top};
use legwork_engine_core::wire::Written;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::body::{Expected, FixedTold, NotARecord, body_of, said_of};
use crate::amounts::Decimal;

const NAMES: [&str; LEGS] = ["yes", "no"];
/// Of a leg that no wire has taken.
const NOTHING: &str = "nothing";
/// Ends a word that was longer than its room in the journal.
const CUT: char = '…';
/// Stands for a character that no text of ours has, and that Postgres may not be able to keep.
const NOT_OURS: &str = "\u{fffd}";
const MILLISECOND_NS: u64 = 1_000_000;

/// What silence means in a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    /// Its firing thread lives: an answer may still come.
    SoFar,
    /// A later start has read it, and nobody will hear more: what may have left is unknown.
    All,
}

/// A record, ready to be told. Amounts are decimal texts; the request itself stays in the journal,
/// for the secrets in its head.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShotRecord {
    host: String,
    epoch: u64,
    thread: u32,
    sequence: u64,
    intent_id: String,
    pair_id: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_epoch: Option<u64>,
    /// Of a shot that no workflow has asked for: whoever adopts it starts one with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<WireIntent>,
    worst: Decimal,
    edge: Decimal,
    /// Since 1970, and on the monotonic clock: both were read in the same instant.
    decided_ns: u64,
    monotonic_ns: u64,
    not_after_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
    /// Why Postgres cannot take the shot as it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    legs: [LegRecord; LEGS],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LegRecord {
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
    venue_order_id: Option<String>,
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

impl ShotRecord {
    /// Whether nothing will be heard of it any more: what Postgres has is all that its slot says.
    pub(super) fn is_complete(&self) -> bool {
        let is_over = |leg: &LegRecord| leg.written == Some(NOTHING) || leg.answer.is_some();
        self.refused.is_some() || self.legs.iter().all(is_over)
    }

    /// Whether a workflow has to take it over, which stops its host until then.
    pub(super) fn is_owed(&self) -> bool {
        self.lease_epoch.is_some() && self.refused.is_none()
    }

    /// Whether it says no more than which shot cannot be told.
    pub(super) fn is_unreadable(&self) -> bool {
        self.unreadable.is_some()
    }

    /// From now on it says which shot cannot be told, and why, in letters that Postgres takes.
    pub(super) fn make_unreadable(&mut self, why: &str) {
        self.unreadable = Some(safe(why));
        self.intent = None; // no trade will be made of it
        let of_shot = [&mut self.intent_id, &mut self.pair_id, &mut self.account];
        for text in of_shot.into_iter().chain(self.legs.iter_mut().flat_map(LegRecord::texts)) {
            *text = safe(text);
        }
    }

    /// What a journal of this host says of a shot. Lease epochs begin at 1: a shot with epoch 0 was
    /// fired for a trade that had its reservation.
    pub fn of(host: &str, shot: &RecordedShot, heard: Heard) -> Result<Self, NotARecord> {
        let [yes, no] = shot.legs.as_slice() else {
            return Err(NotARecord::OtherLegs(shot.legs.len()));
        };
        let leg = |place: usize, leg| leg_of(shot, (NAMES[place], leg), heard);
        Ok(Self {
            host: host.to_owned(),
            epoch: shot.id.epoch,
            thread: shot.id.thread,
            sequence: shot.id.sequence,
            intent_id: shot.intent_id.clone(),
            pair_id: shot.pair_id.clone(),
            account: shot.account.clone(),
            lease_epoch: (shot.lease_epoch != 0).then_some(shot.lease_epoch),
            intent: WireIntent::of(host, shot),
            worst: Decimal::of(shot.worst),
            edge: Decimal::of(shot.edge),
            decided_ns: shot.unix_ns,
            monotonic_ns: shot.monotonic_ns,
            not_after_ns: shot.not_after_ns,
            refused: shot.refused.map(Refusal::code),
            unreadable: None,
            legs: [leg(0, yes)?, leg(1, no)?],
        })
    }

    /// The orders' names at their venues, YES and NO, where they were known before they were sent
    /// (Polymarket) and are not in the journal.
    #[must_use]
    pub fn with_venue_order_ids(mut self, of_legs: [Option<&str>; LEGS]) -> Self {
        for (leg, venue_order_id) in self.legs.iter_mut().zip(of_legs) {
            leg.venue_order_id = venue_order_id.map(str::to_owned);
        }
        self
    }

    /// Of the shot.
    #[must_use]
    pub fn id(&self) -> ShotId {
        ShotId { thread: self.thread, epoch: self.epoch, sequence: self.sequence }
    }

    /// Of the journal.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl LegRecord {
    /// Those that somebody else has written.
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let of_order = [&mut self.market, &mut self.body].into_iter();
        let of_venue = self
            .answer
            .iter_mut()
            .flat_map(|answer| answer.venue_order_id.iter_mut().chain(answer.code.iter_mut()));
        let maybe = self.order_group_id.iter_mut().chain(self.venue_order_id.iter_mut());
        of_order.chain(maybe).chain(of_venue)
    }
}

fn safe(text: &str) -> String {
    text.replace(char::is_control, NOT_OURS)
}

fn leg_of(
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
