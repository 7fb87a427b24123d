//! What the process is told by whoever starts it: `LEGWORK_PROCESS`, JSON, as every process of Legwork
//! is (`workers/config.ts`). What is not needed here is passed over.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::feeds::SILENCE_NS_MAX;
use serde::Deserialize;

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
    pub folders: Folders,
    /// The approved pairs, as JSON.
    pub pair_file: PathBuf,
    /// `https://…`, by venue: there is no way without TLS.
    pub tls_venues: Option<TlsVenues>,
    /// What the operator has stated; absent: the desk's own terms.
    #[serde(default)]
    pub terms: Terms,
    /// Where Prometheus asks; absent: nowhere.
    pub metrics_port: Option<u16>,
}

/// Of a terms file, what concerns shots.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// Milliseconds.
    pub book_silence_ms_max: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Folders {
    pub data: PathBuf,
    pub credentials: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub struct TlsVenues {
    pub kalshi: String,
    pub polymarket: String,
}

impl Config {
    /// From the environment.
    pub fn read() -> Result<Self> {
        let text = std::env::var(VARIABLE)
            .map_err(|_| anyhow!("{VARIABLE} is not set: start the engine by `legwork up`"))?;
        serde_json::from_str(&text).with_context(|| format!("{VARIABLE} is not understood"))
    }

    /// The activities of this host.
    pub fn task_queue(&self) -> String {
        let desk = self.desk.as_ref().unwrap_or(&self.mode);
        format!("{desk}/engine/{}", self.host)
    }

    /// A book that was not heard of for longer is stale.
    pub fn book_silence_ns_max(&self) -> u64 {
        let stated = self.terms.book_silence_ms_max;
        stated.map_or(SILENCE_NS_MAX, |ms| ms.saturating_mul(1_000_000))
    }

    /// What it sends orders for, as Postgres names it.
    pub fn venue_accounts(&self) -> Vec<String> {
        ["kalshi", "polymarket"].map(|venue| format!("{venue}/{}", self.account)).to_vec()
    }
}
