//! What a connection to Postgres can do instead of answering. Postgres' own refusals are no errors.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use thiserror::Error;
use tokio_postgres::error::SqlState;

/// Why there is no answer. Whether the call was carried out is not known after [`Self::Silent`],
/// [`Self::Broken`] and [`Self::Unreadable`]. Each may be made again with the same words, but
/// [`crate::Ledger::record_orders`]: what a first call has committed, a second one refuses.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// `DATABASE_URL` is no address of a database. What is wrong is told, never the address: it has
    /// a password.
    #[error("DATABASE_URL cannot be used: {0}")]
    Address(String),
    /// TLS is asked for, and there is nobody to believe.
    #[error("TLS to Postgres: {0}")]
    Tls(String),
    /// There is no connection.
    #[error("Postgres cannot be reached: {0}")]
    Unreachable(String),
    /// The functions are not those that this engine was built for.
    #[error(
        "the database speaks engine protocol {found}, this engine {built_for}: {}",
        what_to_do(*.found, *.built_for)
    )]
    OtherProtocol {
        /// What `engine_protocol()` says.
        found: i32,
        /// What this build knows.
        built_for: i32,
    },
    /// No answer in time. The connection is given up.
    #[error(
        "Postgres has not answered {call} within {} ms: the connection is given up",
        .after.as_millis()
    )]
    Silent {
        /// The function.
        call: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// The connection broke, or was given up before.
    #[error("the connection to Postgres broke at {call}: {why}")]
    Broken {
        /// The function.
        call: &'static str,
        /// What the driver says.
        why: String,
    },
    /// An exception: a promise that the caller has broken, or a database that is not well.
    #[error("Postgres says of {call}: {why} ({code})")]
    Exception {
        /// The function.
        call: &'static str,
        /// `SQLSTATE`.
        code: String,
        /// Its words.
        why: String,
    },
    /// An argument that is no `bigint`. Nothing was asked.
    #[error("{call} was not called: Postgres cannot count to {value}")]
    TooHigh {
        /// The function.
        call: &'static str,
        /// The argument.
        value: u64,
    },
    /// An answer that is not what docs/engine-sql.md says: it is not acted on.
    #[error("the answer of {call} cannot be read: {why}")]
    Unreadable {
        /// The function.
        call: &'static str,
        /// What of it.
        why: String,
    },
}

impl LedgerError {
    /// Of a call that was sent, or was to be.
    pub(crate) fn of(call: &'static str, error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            // An administrator, a restart or a crash has ended the session.
            Some(said) if !is_over(said.code()) => Self::Exception {
                call,
                code: said.code().code().to_owned(),
                why: said.message().to_owned(),
            },
            _ => Self::Broken { call, why: in_words(error) },
        }
    }

    pub(crate) fn unreadable(call: &'static str, why: impl fmt::Display) -> Self {
        Self::Unreadable { call, why: format!("{why}") }
    }

    /// The words of the call themselves are wrong (classes 22 and 23): told again they are wrong
    /// again.
    #[must_use]
    pub fn is_of_its_words(&self) -> bool {
        let Self::Exception { code, .. } = self else { return false };
        code.starts_with("22") || code.starts_with("23")
    }
}

/// With what lies beneath, which is where the driver has its reasons.
pub(crate) fn in_words(error: &tokio_postgres::Error) -> String {
    let beneath = error.source().map(|source| format!(": {source}"));
    format!("{error}{}", beneath.unwrap_or_default())
}

fn is_over(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW]
        .contains(code)
}

fn what_to_do(found: i32, built_for: i32) -> String {
    if found > built_for {
        format!("start the engine that was built for {found}")
    } else {
        format!("bring the database's migrations up to {built_for}, or start the engine of before")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_protocol_says_which_side_is_behind() {
        let said = |found, built_for| LedgerError::OtherProtocol { found, built_for }.to_string();
        assert!(said(2, 1).ends_with("start the engine that was built for 2"));
        assert!(said(1, 2).contains("bring the database's migrations up to 2"));
    }

    #[test]
    fn only_what_is_wrong_with_the_words_is_told_in_vain() {
        let exception = |code: &str| LedgerError::Exception {
            call: "engine_project",
            code: code.into(),
            why: String::new(),
        };
        assert!(exception("22P05").is_of_its_words());
        assert!(exception("23514").is_of_its_words());
        for code in ["57014", "40001", "25006"] {
            assert!(!exception(code).is_of_its_words(), "{code}");
        }
    }
}
