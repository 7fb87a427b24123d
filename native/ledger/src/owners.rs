//! Who fires a pair: one holder, and a newer epoch fences it.

use tokio_postgres::types::{ToSql, Type};

use crate::connection::{Call, DEADLINE, Ledger};
use crate::error::LedgerError;
use crate::refusal::{ClaimRefusal, ReleaseRefusal, Told};
use crate::rows::{Answer, bigint, done};
use crate::start::Start;

/// Who has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// A process, or `nobody`.
    pub holder: String,
    /// What it is fenced by, once there is a higher one.
    pub epoch: u64,
    /// Of that process, where it is known.
    pub host: Option<String>,
    /// It fires nothing any more ([`Ledger::claim_owner`]).
    pub is_over: bool,
}

/// Why it is not ours, and whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotClaimed {
    /// By name.
    pub refusal: ClaimRefusal,
    /// Who has it now; `None`: nobody ever had it.
    pub held: Option<(String, u64)>,
}

const OWNER: Call = Call {
    name: "engine_owner",
    sql: "select * from engine_owner($1, $2)",
    types: &[Type::TEXT, Type::TEXT],
};
const CLAIM_OWNER: Call = Call {
    name: "engine_claim_owner",
    sql: "select * from engine_claim_owner($1, $2, $3, $4)",
    types: &[Type::TEXT, Type::INT8, Type::TEXT, Type::INT8],
};
const RELEASE_OWNER: Call = Call {
    name: "engine_release_owner",
    sql: "select * from engine_release_owner($1, $2, $3)",
    types: &[Type::TEXT, Type::TEXT, Type::INT8],
};

impl Ledger {
    /// Who has it, as a start sees it; `None`: nobody ever had it.
    pub async fn owner(&self, start: &Start, pair: &str) -> Result<Option<Owner>, LedgerError> {
        let given: [&(dyn ToSql + Sync); 2] = [&start.process, &pair];
        let rows = self.ask(&OWNER, &given, DEADLINE).await?;
        rows.first().map(|row| owner_of(Answer { call: OWNER.name, row })).transpose()
    }

    /// Takes a pair, and tells the epoch that it is ours by.
    ///
    /// 1. What nobody has is taken, and what this start has it keeps.
    /// 2. Taken over is what `nobody` holds any more, what a process holds that has ended or was
    ///    confirmed killed, and what an earlier start of this host holds.
    /// 3. A holder that lives, or of which nothing is known, is left alone and told (`OWNED`): one
    ///    that is only silent may still be writing. Its supervisor says when it is dead.
    /// 4. Of several that see the same dead holder one gets it: it is claimed at the epoch that was
    ///    seen.
    pub async fn claim_owner(&self, start: &Start, pair: &str) -> Told<u64, NotClaimed> {
        let seen = match self.owner(start, pair).await? {
            Some(owner) if owner.is_over => owner.epoch,
            // Of a living one no epoch is shown, and none is given; nor is one of ours changed.
            _ => 0,
        };
        self.claim_at(start, pair, seen).await
    }

    /// Gives up what was claimed with that epoch.
    pub async fn release_owner(
        &self,
        start: &Start,
        pair: &str,
        epoch_held: u64,
    ) -> Told<(), ReleaseRefusal> {
        let held = bigint(RELEASE_OWNER.name, epoch_held)?;
        let given: [&(dyn ToSql + Sync); 3] = [&start.process, &pair, &held];
        let row = self.ask_one(&RELEASE_OWNER, &given, DEADLINE).await?;
        done(Answer { call: RELEASE_OWNER.name, row: &row })
    }

    async fn claim_at(&self, start: &Start, pair: &str, seen: u64) -> Told<u64, NotClaimed> {
        let (epoch, seen) =
            (bigint(CLAIM_OWNER.name, start.epoch)?, bigint(CLAIM_OWNER.name, seen)?);
        let given: [&(dyn ToSql + Sync); 4] = [&start.process, &epoch, &pair, &seen];
        let row = self.ask_one(&CLAIM_OWNER, &given, DEADLINE).await?;
        let answer = Answer { call: CLAIM_OWNER.name, row: &row };
        let held =
            answer.get::<Option<String>>("held_by")?.zip(answer.count_or_none("held_epoch")?);
        if let Some(refusal) = answer.refusal()? {
            return Ok(Err(NotClaimed { refusal, held }));
        }
        ours(start, held).map(Ok)
    }
}

/// Whoever is refused nothing has it.
fn ours(start: &Start, held: Option<(String, u64)>) -> Result<u64, LedgerError> {
    let why = match held {
        Some((holder, epoch)) if holder == start.process => return Ok(epoch),
        Some((holder, _)) => format!("nothing is refused, and {holder} has it"),
        None => "nothing is refused, and nobody has it".to_owned(),
    };
    Err(LedgerError::unreadable(CLAIM_OWNER.name, why))
}

fn owner_of(answer: Answer<'_>) -> Result<Owner, LedgerError> {
    Ok(Owner {
        holder: answer.get("holder")?,
        epoch: answer.count("epoch")?,
        host: answer.get("host")?,
        is_over: answer.get("is_over")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_is_ours_only_where_it_is_said_to_be() {
        let start = Start { process: "a".into(), epoch: 4 };
        assert_eq!(ours(&start, Some(("a".into(), 3))).ok(), Some(3));
        let said = |held| ours(&start, held).expect_err("not ours").to_string();
        assert!(said(Some(("b".into(), 3))).contains("b has it"));
        assert!(said(None).contains("nobody has it"));
    }
}
