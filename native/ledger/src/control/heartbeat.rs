//! One heartbeat: what is told, and what comes back.

use std::time::Duration;

use legwork_engine_core::amount::Money;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::lease::Terms;
use serde::Deserialize;
use tokio_postgres::types::{ToSql, Type};

use super::MICROSECOND_NS;
use super::freeze::Freeze;
use crate::connection::{Call, Ledger};
use crate::error::LedgerError;
use crate::refusal::{HeartbeatRefusal, Told};
use crate::rows::{Answer, bigint, done};
use crate::start::{AccountHolder, Start};

/// Twice within the control lease, so that one that is lost closes nothing.
const HEARTBEAT_DEADLINE: Duration = Duration::from_millis(450);

const HEARTBEAT: Call = Call {
    name: "engine_heartbeat",
    sql: "select * from engine_heartbeat($1, $2, $3)",
    types: &[Type::TEXT, Type::INT8, Type::INT8],
};

const ACKNOWLEDGE: Call = Call {
    name: "engine_acknowledge_freeze",
    sql: "select engine_acknowledge_freeze($1, $2, $3) as refusal",
    types: &[Type::TEXT, Type::INT8, Type::INT8],
};

/// Where entries may begin: a word per 64 markets.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OpenWords(Vec<u64>);

impl OpenWords {
    /// A market that nobody has told of is closed.
    #[must_use]
    pub fn is_open(&self, MarketId(market): MarketId) -> bool {
        let word = usize::try_from(market / u64::BITS).ok().and_then(|word| self.0.get(word));
        word.is_some_and(|word| word >> (market % u64::BITS) & 1 == 1)
    }
}

/// What this start was lent for a pair.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lent {
    /// Its name.
    pub lease_id: String,
    /// The pair's name.
    pub pair_id: String,
    /// Whose money.
    pub account: String,
    /// As the firing thread takes them.
    pub terms: Terms,
}

/// What one heartbeat has told.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// Of the freezes.
    pub epoch: u64,
    /// Where entries may begin.
    pub open: OpenWords,
    /// The freezes of that epoch.
    pub in_force: Vec<Freeze>,
    /// The start's leases.
    pub lent: Vec<Lent>,
    /// Venue accounts that a newer start has: this one is fenced there.
    pub lost: Vec<AccountHolder>,
    /// How much of the round trip was Postgres reading.
    pub reading_us: u64,
}

/// As Postgres has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LentRow {
    lease_id: String,
    pair_id: String,
    account: String,
    epoch: u64,
    budget: String,
    expires_in_us: u64,
}

impl Ledger {
    /// Keeps a start registered and acknowledges an epoch before which every section has ended (0:
    /// none yet). `before_ns` is the monotonic clock as it was read before the call: durations
    /// count from it, which is always the shorter side.
    pub async fn heartbeat(
        &self,
        start: &Start,
        acknowledged: u64,
        before_ns: u64,
    ) -> Told<Heartbeat, HeartbeatRefusal> {
        let epoch = bigint(HEARTBEAT.name, start.epoch)?;
        let acknowledged = bigint(HEARTBEAT.name, acknowledged)?;
        let row = self
            .ask_one(&HEARTBEAT, &[&start.process, &epoch, &acknowledged], HEARTBEAT_DEADLINE)
            .await?;
        let answer = Answer { call: HEARTBEAT.name, row: &row };
        match answer.refusal()? {
            Some(refusal) => Ok(Err(refusal)),
            None => Ok(Ok(read(answer, before_ns)?)),
        }
    }

    /// Acknowledges an epoch at once; the next heartbeat says it again.
    pub async fn acknowledge(&self, start: &Start, over: u64) -> Told<(), HeartbeatRefusal> {
        let epoch = bigint(ACKNOWLEDGE.name, start.epoch)?;
        let over = bigint(ACKNOWLEDGE.name, over)?;
        let given: [&(dyn ToSql + Sync); 3] = [&start.process, &epoch, &over];
        let row = self.ask_one(&ACKNOWLEDGE, &given, HEARTBEAT_DEADLINE).await?;
        done(Answer { call: ACKNOWLEDGE.name, row: &row })
    }
}

fn read(answer: Answer<'_>, before_ns: u64) -> Result<Heartbeat, LedgerError> {
    let words: Vec<i64> = answer.get("open_words")?;
    let lent: Vec<LentRow> = answer.json("lent")?;
    Ok(Heartbeat {
        epoch: answer.count("control_epoch")?,
        open: OpenWords(words.into_iter().map(i64::cast_unsigned).collect()),
        in_force: answer.json("in_force")?,
        lent: lent.into_iter().map(|row| row.lent(before_ns)).collect::<Result<_, _>>()?,
        lost: answer.json("lost")?,
        reading_us: answer.count("reading_us")?,
    })
}

impl LentRow {
    fn lent(self, before_ns: u64) -> Result<Lent, LedgerError> {
        let budget: Money = self
            .budget
            .parse()
            .map_err(|error| LedgerError::unreadable(HEARTBEAT.name, format!("budget: {error}")))?;
        let expires_in_ns = self.expires_in_us.saturating_mul(MICROSECOND_NS);
        let terms =
            Terms { epoch: self.epoch, budget, until_ns: before_ns.saturating_add(expires_in_ns) };
        let Self { lease_id, pair_id, account, .. } = self;
        Ok(Lent { lease_id, pair_id, account, terms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_an_open_market_and_what_has_no_word_is_closed() {
        let words = OpenWords(vec![1 << 3, u64::MAX]);
        let open = |market| words.is_open(MarketId(market));
        assert_eq!([2, 3, 4, 63].map(open), [false, true, false, false]);
        assert_eq!([64, 127, 128, u32::MAX].map(open), [true, true, false, false]);
    }

    #[test]
    fn a_lease_ends_so_long_after_the_question_was_asked() {
        let text = r#"{"leaseId":"l","pairId":"rain","account":"main","epoch":7,"budget":"12.5",
            "legs":[],"expiresInUs":2000}"#;
        let row: LentRow = serde_json::from_str(text).expect("a lease");
        let terms = row.lent(5).expect("terms").terms;
        let budget = "12.5".parse().expect("an amount");
        assert_eq!(terms, Terms { epoch: 7, budget, until_ns: 2_000_005 });
        let row: LentRow = serde_json::from_str(&text.replace("12.5", "12,5")).expect("a row");
        assert!(row.lent(5).is_err(), "a budget that is no amount lends nothing");
    }
}
