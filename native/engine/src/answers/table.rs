//! What a row of a table may say. `venues/answer-table.ts` checks the same.

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{VenueRefusal, Verdict};

/// Why a table cannot be used; an engine does not start with it.
#[derive(Debug, Error)]
pub enum TableError {
    /// No JSON, or not in the shape of this venue's table.
    #[error("{file}: {cause}")]
    Unreadable {
        /// Below the root of the repository.
        file: &'static str,
        /// With its line and column.
        cause: serde_json::Error,
    },
    /// One row says what nobody would read.
    #[error("{file}: {row} {problem}")]
    Row {
        /// Below the root of the repository.
        file: &'static str,
        /// Where in the file.
        row: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What a row says of the order that it is an answer to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meaning {
    Exists,
    Refused(VenueRefusal),
    Unknown,
}

impl Meaning {
    pub fn verdict(self, code: String) -> Verdict {
        match self {
            Self::Exists => Verdict::Exists { code },
            Self::Refused(refusal) => Verdict::Refused { refusal, code },
            Self::Unknown => Verdict::Unknown { code },
        }
    }
}

pub fn parse<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, TableError> {
    serde_json::from_str(text).map_err(|cause| TableError::Unreadable { file, cause })
}

/// A row that is being checked.
pub struct Row {
    pub file: &'static str,
    /// As TypeScript's own check names it.
    pub name: String,
}

impl Row {
    pub fn meaning(&self, class: &str) -> Result<Meaning, TableError> {
        match class {
            "exists" => Ok(Meaning::Exists),
            "unknown" => Ok(Meaning::Unknown),
            _ => self.refusal(class).map(Meaning::Refused),
        }
    }

    pub fn refusal(&self, class: &str) -> Result<VenueRefusal, TableError> {
        let known = VenueRefusal::ALL.iter().find(|refusal| refusal.code() == class);
        known.copied().ok_or_else(|| self.broken("has a class that it cannot have"))
    }

    /// As codes are compared: what is written otherwise would never be found.
    pub fn check_code(&self, code: &str) -> Result<(), TableError> {
        let is_snake = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let is_code = !code.is_empty() && code.bytes().all(is_snake);
        self.check(is_code, "has a code that is not in lower snake case")
    }

    pub fn check_status(&self, status: u16) -> Result<(), TableError> {
        self.check((100..600).contains(&status), "has a status that HTTP has not")
    }

    pub fn check(&self, is_right: bool, problem: &'static str) -> Result<(), TableError> {
        if is_right { Ok(()) } else { Err(self.broken(problem)) }
    }

    fn broken(&self, problem: &'static str) -> TableError {
        TableError::Row { file: self.file, row: self.name.clone(), problem }
    }
}
