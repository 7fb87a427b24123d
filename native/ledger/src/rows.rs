//! Columns and JSON of answers, as the engine's own types. What does not fit is not guessed.

use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Json};

use crate::error::LedgerError;
use crate::refusal::Told;

/// A row of the answer to a function.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub call: &'static str,
    pub row: &'a Row,
}

impl<'a> Answer<'a> {
    pub fn get<T: FromSql<'a>>(self, column: &str) -> Result<T, LedgerError> {
        self.row.try_get(column).map_err(|error| self.unreadable(column, error))
    }

    /// A count or an epoch: never below zero.
    pub fn count(self, column: &str) -> Result<u64, LedgerError> {
        let value: i64 = self.get(column)?;
        u64::try_from(value).map_err(|error| self.unreadable(column, error))
    }

    pub fn count_or_none(self, column: &str) -> Result<Option<u64>, LedgerError> {
        let value: Option<i64> = self.get(column)?;
        value
            .map(|value| u64::try_from(value).map_err(|error| self.unreadable(column, error)))
            .transpose()
    }

    pub fn json<T: DeserializeOwned + 'a>(self, column: &str) -> Result<T, LedgerError> {
        let Json(value) = self.get::<Json<T>>(column)?;
        Ok(value)
    }

    pub fn json_or_none<T: DeserializeOwned + 'a>(
        self,
        column: &str,
    ) -> Result<Option<T>, LedgerError> {
        Ok(self.get::<Option<Json<T>>>(column)?.map(|Json(value)| value))
    }

    /// By its name, as the function's own refusal; `None` where nothing was refused.
    pub fn refusal<R: From<String>>(self) -> Result<Option<R>, LedgerError> {
        Ok(self.get::<Option<String>>("refusal")?.map(R::from))
    }

    fn unreadable(self, column: &str, why: impl std::fmt::Display) -> LedgerError {
        LedgerError::unreadable(self.call, format!("{column}: {why}"))
    }
}

/// Of a function that says nothing but a refusal.
pub(crate) fn done<R: From<String>>(answer: Answer<'_>) -> Told<(), R> {
    Ok(answer.refusal()?.map_or(Ok(()), Err))
}

/// As Postgres counts. Nothing of ours is that high.
pub(crate) fn bigint(call: &'static str, value: u64) -> Result<i64, LedgerError> {
    i64::try_from(value).map_err(|_| LedgerError::TooHigh { call, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgres_cannot_count_is_told_as_ours() {
        let highest = i64::MAX.cast_unsigned();
        assert_eq!(bigint("engine_end", highest).ok(), Some(i64::MAX));
        let error = bigint("engine_end", highest + 1).expect_err("too high").to_string();
        assert_eq!(
            error,
            "engine_end was not called: Postgres cannot count to 9223372036854775808"
        );
    }
}
