//! A shot of the journal, as `engine_project` takes it.

use legwork_engine_core::journal::{RecordedShot, ShotId};
use legwork_engine_core::own_intent::WireIntent;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::LEGS;
use serde::Serialize;

use super::body::NotARecord;
use super::leg_record::{LegRecord, leg_of};
use crate::amounts::Decimal;

const NAMES: [&str; LEGS] = ["yes", "no"];
/// Stands for a character that no text of ours has, and that Postgres may not be able to keep.
const NOT_OURS: &str = "\u{fffd}";

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

impl ShotRecord {
    /// Whether nothing will be heard of it any more: what Postgres has is all that its slot says.
    pub(super) fn is_complete(&self) -> bool {
        self.refused.is_some() || self.legs.iter().all(LegRecord::is_over)
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
    /// fired for a trade that had its reservation. One that no row can be made of, which is a fault of
    /// ours, is told by its name and those of its orders, so that a break is opened.
    #[must_use]
    pub fn of(host: &str, shot: &RecordedShot, heard: Heard) -> Self {
        let count = shot.legs.len();
        let mut why = (count != LEGS).then(|| NotARecord::OtherLegs(count).to_string());
        let legs = std::array::from_fn(|place| {
            let leg = NAMES[place];
            let Some(of) = shot.legs.get(place) else { return LegRecord::missing(leg) };
            leg_of(shot, (leg, of), heard).unwrap_or_else(|error| {
                why.get_or_insert_with(|| error.to_string());
                LegRecord::unread(shot, (leg, of), heard)
            })
        });
        Self {
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
            unreadable: why.map(|why| safe(&why)),
            legs,
        }
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

pub(super) fn safe(text: &str) -> String {
    text.replace(char::is_control, NOT_OURS)
}
