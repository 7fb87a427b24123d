//! What a start of the engine tells of itself and takes, before its first shot and at its end.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_postgres::types::{Json, Type};

use crate::connection::{Call, DEADLINE, Ledger};
use crate::error::LedgerError;
use crate::refusal::{RegisterRefusal, StartRefusal, Told};
use crate::rows::{Answer, bigint, done};

/// One start of the engine, by its names in Postgres and in its journals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Start {
    /// As in `processes`; no two starts have the same.
    pub process: String,
    /// Of its journals; no two starts have the same.
    pub epoch: u64,
}

/// Everything that a start is registered with.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// Its names.
    pub start: &'a Start,
    /// As its queue has it.
    pub host: &'a str,
    /// Of the operating system.
    pub pid: i32,
    /// `simulated`, `shadow` or `live`.
    pub mode: &'a str,
    /// `kalshi/main`: what it may send orders for.
    pub accounts: &'a [String],
    /// The identity of the journals' folder.
    pub journal: &'a str,
    /// Of this program.
    pub build: &'a str,
}

/// Who has a venue account, or had it: whom a registration has fenced there, and who has fenced
/// this start ([`crate::control::Control::lost`]).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AccountHolder {
    /// `kalshi/main`.
    pub venue_account: String,
    /// Who has it, or had; `None`: nobody any more.
    pub process: Option<String>,
    /// Of that start.
    pub epoch: Option<u64>,
}

/// Why a start was not registered, and what it can do better.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotRegistered {
    /// By name.
    pub refusal: RegisterRefusal,
    /// The highest epoch of any start: the next is above it.
    pub epoch_known: u64,
    /// Of the database; `None`: no process has given it one.
    pub database_mode: Option<String>,
}

/// A pair by its number in this start.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Market {
    /// In the words of the gate.
    pub market: u32,
    /// Its name everywhere else.
    pub pair_id: String,
    /// Whose money.
    pub account: String,
    /// `None`: fired for whoever asks, with a strategy of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// `kalshi/KXRAIN/no`: what a shot of the pair may buy.
    pub instruments: Vec<String>,
}

/// A pair that a trade holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PairHold {
    /// The pair's name.
    pub pair_id: String,
    /// Of the hold.
    pub generation: u64,
    /// For how long yet, in milliseconds; `None`: until the trade is resolved.
    pub ends_in_ms: Option<u64>,
}

const EPOCH_KNOWN: Call =
    Call { name: "engine_epoch_known", sql: "select engine_epoch_known() as epoch", types: &[] };
const REGISTER: Call = Call {
    name: "engine_register",
    sql: "select * from engine_register($1, $2, $3, $4, $5, $6, $7, $8)",
    types: &[
        Type::TEXT,
        Type::TEXT,
        Type::INT4,
        Type::TEXT,
        Type::INT8,
        Type::TEXT_ARRAY,
        Type::TEXT,
        Type::TEXT,
    ],
};
const SET_MARKETS: Call = Call {
    name: "engine_set_markets",
    sql: "select * from engine_set_markets($1, $2, $3)",
    types: &[Type::TEXT, Type::INT8, Type::JSONB],
};
const HOLDS: Call =
    Call { name: "engine_holds", sql: "select * from engine_holds($1)", types: &[Type::TEXT] };
const LENDS: Call =
    Call { name: "engine_lends", sql: "select engine_lends($1) as lends", types: &[Type::INT8] };
const INTENTS: Call = Call {
    name: "engine_intents",
    sql: "select engine_intents($1, $2) as intent_id",
    types: &[Type::INT8, Type::INT8],
};
const HOUR: Duration = Duration::from_hours(1);
const WAKE: Call = Call { name: "engine_wake", sql: "select engine_wake()", types: &[] };
const END: Call = Call {
    name: "engine_end",
    sql: "select * from engine_end($1, $2)",
    types: &[Type::TEXT, Type::INT8],
};

impl Ledger {
    /// The highest epoch of any start, 0 before the first: the journals are made above it.
    pub async fn epoch_known(&self) -> Result<u64, LedgerError> {
        let row = self.ask_one(&EPOCH_KNOWN, &[], DEADLINE).await?;
        Answer { call: EPOCH_KNOWN.name, row: &row }.count("epoch")
    }

    /// Enters a start; from then on "frozen" waits for it. Says whom it has fenced. Told again,
    /// nothing changes.
    pub async fn register(&self, of: &Registration<'_>) -> Told<Vec<AccountHolder>, NotRegistered> {
        let epoch = bigint(REGISTER.name, of.start.epoch)?;
        let Registration { start, host, pid, mode, accounts, journal, build } = of;
        let row = self
            .ask_one(
                &REGISTER,
                &[&start.process, host, pid, mode, &epoch, accounts, journal, build],
                DEADLINE,
            )
            .await?;
        let answer = Answer { call: REGISTER.name, row: &row };
        if let Some(refusal) = answer.refusal::<RegisterRefusal>()? {
            let epoch_known = answer.count("epoch_known")?;
            let database_mode = answer.get("database_mode")?;
            return Ok(Err(NotRegistered { refusal, epoch_known, database_mode }));
        }
        // Told again by the same start it names nobody: they are fenced all the same.
        Ok(Ok(answer.json_or_none("fenced")?.unwrap_or_default()))
    }

    /// The pairs of a start, all of them. The words of a heartbeat that begins afterwards are of
    /// these.
    pub async fn set_markets(&self, start: &Start, markets: &[Market]) -> Told<(), StartRefusal> {
        let epoch = bigint(SET_MARKETS.name, start.epoch)?;
        let given = Json(markets);
        let row = self.ask_one(&SET_MARKETS, &[&start.process, &epoch, &given], DEADLINE).await?;
        done(Answer { call: SET_MARKETS.name, row: &row })
    }

    /// Which of its pairs trades hold: the in-flight bits are set from them before the first shot.
    pub async fn holds(&self, start: &Start) -> Result<Vec<PairHold>, LedgerError> {
        let rows = self.ask(&HOLDS, &[&start.process], DEADLINE).await?;
        rows.iter().map(|row| hold_of(Answer { call: HOLDS.name, row })).collect()
    }

    /// Whether a lease of the start with that epoch is not closed yet: its journals are still needed.
    pub async fn lends(&self, epoch: u64) -> Result<bool, LedgerError> {
        let epoch = bigint(LENDS.name, epoch)?;
        let row = self.ask_one(&LENDS, &[&epoch], DEADLINE).await?;
        Answer { call: LENDS.name, row: &row }.get("lends")
    }

    /// The intents that came so long ago and not longer, by whichever door and host; those that were
    /// refused after they had been written down, too.
    pub async fn intents(&self, ago: Range<Duration>) -> Result<Vec<String>, LedgerError> {
        let ms = |of: Duration| i64::try_from(of.as_millis()).unwrap_or(i64::MAX);
        // What has just come may be from the future: its clock is that of whoever wrote it down.
        let until_ms = if ago.start.is_zero() { -ms(HOUR) } else { ms(ago.start) };
        let rows = self.ask(&INTENTS, &[&ms(ago.end), &until_ms], DEADLINE).await?;
        rows.iter().map(|row| Answer { call: INTENTS.name, row }.get("intent_id")).collect()
    }

    /// Has whoever beats hear at once what has changed: pairs that were claimed are open then.
    pub async fn wake(&self) -> Result<(), LedgerError> {
        self.ask_one(&WAKE, &[], DEADLINE).await.map(drop)
    }

    /// An orderly end: no section is open and none will be. Gives up what the start owned; its
    /// leases stay until they are closed.
    pub async fn end(&self, start: &Start) -> Told<(), StartRefusal> {
        let epoch = bigint(END.name, start.epoch)?;
        let row = self.ask_one(&END, &[&start.process, &epoch], DEADLINE).await?;
        done(Answer { call: END.name, row: &row })
    }
}

fn hold_of(answer: Answer<'_>) -> Result<PairHold, LedgerError> {
    Ok(PairHold {
        pair_id: answer.get("pair_id")?,
        generation: answer.count("generation")?,
        ends_in_ms: answer.count_or_none("ends_in_ms")?,
    })
}
