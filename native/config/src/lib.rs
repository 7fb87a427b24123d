//! What the process is told by whoever starts it: `LEGWORK_PROCESS`, JSON, as every process of Legwork
//! is (`workers/config.ts`). What is not needed here is passed over.
//!
//! Apart from the process, whose crate has no tests: it takes as long to build as all the others.

use std::path::PathBuf;

use legwork_engine_core::feeds::SILENCE_NS_MAX;
use legwork_engine_desk::death::Fate;
use serde::Deserialize;
use thiserror::Error;

const VARIABLE: &str = "LEGWORK_PROCESS";

/// A start of the process.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Its name in logs, e.g. `engine`.
    pub component: String,
    /// New with every start: the row by which it acknowledges a freeze.
    pub process_id: String,
    /// `simulated`, `shadow` or `live`.
    pub mode: String,
    /// The first part of its queue's name; the mode, unless a test has a desk of its own.
    pub desk: Option<String>,
    /// Of Temporal.
    pub namespace: String,
    /// Host and port.
    pub temporal_address: String,
    /// With its password.
    pub database_url: String,
    /// Whose orders.
    pub account: String,
    /// The machine, in queue names and in Postgres.
    pub host: String,
    /// Where it keeps and finds things.
    pub folders: Folders,
    /// The approved pairs, as JSON.
    pub pair_file: PathBuf,
    /// `https://…`, by venue: there is no way without TLS.
    pub tls_venues: Option<TlsVenues>,
    /// What the operator has stated; absent: the desk's own terms.
    #[serde(default)]
    pub terms: Terms,
    /// Where strategies of this host are heard; absent: nowhere.
    pub door_socket: Option<PathBuf>,
    /// Where Prometheus asks; absent: nowhere.
    pub metrics_port: Option<u16>,
    /// Where a test ends it, or holds it up; absent: nowhere.
    #[serde(flatten)]
    pub fate: Fate,
}

/// Of a terms file, what concerns shots.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// Milliseconds.
    pub book_silence_ms_max: Option<u64>,
    /// How the engine uses its machine.
    #[serde(default)]
    pub engine: EngineTerms,
}

/// Of a terms file, how the engine uses its machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineTerms {
    /// The thread that fires never waits: it takes a processor for itself, and answers at once.
    #[serde(default)]
    pub is_busy: bool,
    /// Pairs that it may ever know in one start; one more is refused. Absent: 65,536.
    pub markets_max: Option<usize>,
    /// Kalshi's headers that are signed ahead, per second. Absent: 16.
    pub headers_per_second: Option<u16>,
    /// Between two copies of the journal to disk; 0: before each shot. Absent: 50 ms.
    pub journal_copy_ms: Option<u64>,
}

/// Where it keeps and finds things.
#[derive(Clone, Debug, Deserialize)]
pub struct Folders {
    /// Its journals, its door.
    pub data: PathBuf,
    /// The keys of accounts.
    pub credentials: PathBuf,
}

/// Where the venues are.
#[derive(Clone, Debug, Deserialize)]
pub struct TlsVenues {
    /// Kalshi.
    pub kalshi: String,
    /// Polymarket.
    pub polymarket: String,
}

/// Why the process does not start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Nobody has told it anything.
    #[error("{VARIABLE} is not set: start the engine by `legwork up`")]
    Missing,
    /// Not JSON, or not what is expected of it.
    #[error("{VARIABLE} is not understood")]
    Unreadable(#[from] serde_json::Error),
    /// An end that is for tests.
    #[error("dieAt and standAt are for tests: in mode {0} leave them out")]
    Sealed(String),
}

impl Config {
    /// From the environment.
    pub fn read() -> Result<Self, ConfigError> {
        Self::of(&std::env::var(VARIABLE).map_err(|_| ConfigError::Missing)?)
    }

    fn of(text: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(text)?;
        if config.fate.is_sealed() && config.mode != "simulated" {
            return Err(ConfigError::Sealed(config.mode));
        }
        Ok(config)
    }

    /// The activities of this host.
    #[must_use]
    pub fn task_queue(&self) -> String {
        format!("{}/engine/{}", self.desk(), self.host)
    }

    /// The workflows.
    #[must_use]
    pub fn trading_queue(&self) -> String {
        format!("{}/trading", self.desk())
    }

    fn desk(&self) -> &str {
        self.desk.as_ref().unwrap_or(&self.mode)
    }

    /// A book that was not heard of for longer is stale.
    #[must_use]
    pub fn book_silence_ns_max(&self) -> u64 {
        let stated = self.terms.book_silence_ms_max;
        stated.map_or(SILENCE_NS_MAX, |ms| ms.saturating_mul(1_000_000))
    }

    /// What it sends orders for, as Postgres names it.
    #[must_use]
    pub fn venue_accounts(&self) -> Vec<String> {
        ["kalshi", "polymarket"].map(|venue| format!("{venue}/{}", self.account)).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(mode: &str, more: &Value) -> String {
        let mut told = json!({
            "component": "engine", "processId": "engine-1", "mode": mode, "namespace": "legwork",
            "temporalAddress": "localhost:7233", "databaseUrl": "postgres://", "account": "main",
            "host": "h", "folders": { "data": "/", "credentials": "/" }, "pairFile": "/",
        });
        if let (Some(told), Some(more)) = (told.as_object_mut(), more.as_object()) {
            told.extend(more.clone());
        }
        told.to_string()
    }

    #[test]
    fn a_process_ends_or_stands_still_in_simulated_mode_alone_and_where_there_is_a_point() {
        for at in ["dieAt", "standAt"] {
            let point = json!({ at: "one leg sent, the other not" });
            assert!(Config::of(&told("simulated", &point)).is_ok_and(|of| of.fate.is_sealed()));
            for mode in ["shadow", "live"] {
                let refused = Config::of(&told(mode, &point)).map(|of| of.mode);
                let says = refused.map_err(|why| why.to_string());
                assert!(says.is_err_and(|why| why.contains("leave them out")), "{at} {mode}");
                let none = Config::of(&told(mode, &json!({})));
                assert!(none.is_ok_and(|of| !of.fate.is_sealed()), "{mode}");
            }
        }
        assert!(Config::of(&told("simulated", &json!({ "dieAt": "elsewhere" }))).is_err());
    }
}
