//! The two calls of a projection.

use legwork_engine_core::amount::Money;
use legwork_engine_core::journal::ShotId;
use serde::Serialize;
use tokio_postgres::types::{Json, Type};

use super::record::ShotRecord;
use crate::connection::{Call, DEADLINE, Ledger};
use crate::error::LedgerError;
use crate::refusal::RecordRefusal;
use crate::rows::{Answer, bigint};
use crate::start::Start;

/// What Postgres says of one record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordAnswer {
    /// Whose.
    pub shot: ShotId,
    /// `None`: it is safe there.
    pub refused: Option<(RecordRefusal, Option<String>)>,
}

/// A shot that its workflow has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Acknowledged {
    /// Its name.
    pub shot: ShotId,
    /// Its trade's.
    pub workflow_id: String,
    /// What it was moved from.
    pub lease: Option<LeaseMoved>,
    /// Postgres has all that its slot says. `false`: its workflow has it, and an answer is still to come;
    /// it is told once more.
    pub is_complete: bool,
}

/// What has left a lease for a reservation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeaseMoved {
    /// Whose it was.
    pub lease_id: String,
    /// Of the terms that lend it no more.
    pub lease_epoch: u64,
    /// So much.
    pub moved: Money,
}

/// A shot by its name, as Postgres asks for it.
#[derive(Debug, Serialize)]
struct Named<'a> {
    host: &'a str,
    epoch: u64,
    thread: u32,
    sequence: u64,
}

const PROJECT: Call = Call {
    name: "engine_project",
    sql: "select * from engine_project($1, $2, $3)",
    types: &[Type::TEXT, Type::INT8, Type::JSONB],
};
const ACKNOWLEDGED: Call = Call {
    name: "engine_acknowledged",
    sql: "select * from engine_acknowledged($1)",
    types: &[Type::JSONB],
};

impl Ledger {
    /// Brings records of this host's journals to Postgres; each has an answer of its own.
    pub async fn project(
        &self,
        start: &Start,
        records: &[&ShotRecord],
    ) -> Result<Vec<RecordAnswer>, LedgerError> {
        let epoch = bigint(PROJECT.name, start.epoch)?;
        let rows = self.ask(&PROJECT, &[&start.process, &epoch, &Json(records)], DEADLINE).await?;
        rows.iter().map(|row| record_answer(Answer { call: PROJECT.name, row })).collect()
    }

    /// Which of these shots of a host are their workflows', or left nothing.
    pub async fn acknowledged(
        &self,
        host: &str,
        shots: &[ShotId],
    ) -> Result<Vec<Acknowledged>, LedgerError> {
        let named: Vec<_> = shots
            .iter()
            .map(|&ShotId { thread, epoch, sequence }| Named { host, epoch, thread, sequence })
            .collect();
        let rows = self.ask(&ACKNOWLEDGED, &[&Json(&named)], DEADLINE).await?;
        rows.iter().map(|row| acknowledged(Answer { call: ACKNOWLEDGED.name, row })).collect()
    }
}

fn record_answer(answer: Answer<'_>) -> Result<RecordAnswer, LedgerError> {
    let is_safe: bool = answer.get("is_safe")?;
    let refusal: Option<RecordRefusal> = answer.refusal()?;
    if is_safe == refusal.is_some() {
        return Err(LedgerError::unreadable(answer.call, "safe and refused, or neither"));
    }
    let why = answer.get("why")?;
    Ok(RecordAnswer { shot: shot_of(answer)?, refused: refusal.map(|refusal| (refusal, why)) })
}

fn acknowledged(answer: Answer<'_>) -> Result<Acknowledged, LedgerError> {
    let lease_id: Option<String> = answer.get("lease_id")?;
    let lease = match lease_id.zip(answer.count_or_none("lease_epoch")?) {
        Some((lease_id, lease_epoch)) => {
            let moved: String = answer.get("moved")?;
            let moved = moved
                .parse()
                .map_err(|error| LedgerError::unreadable(answer.call, format!("moved: {error}")))?;
            Some(LeaseMoved { lease_id, lease_epoch, moved })
        }
        None => None,
    };
    let workflow_id = answer.get("workflow_id")?;
    Ok(Acknowledged { shot: shot_of(answer)?, workflow_id, lease, is_complete: true })
}

fn shot_of(answer: Answer<'_>) -> Result<ShotId, LedgerError> {
    let thread: i32 = answer.get("thread")?;
    let thread = u32::try_from(thread)
        .map_err(|error| LedgerError::unreadable(answer.call, format!("thread: {error}")))?;
    Ok(ShotId { thread, epoch: answer.count("epoch")?, sequence: answer.count("sequence")? })
}
