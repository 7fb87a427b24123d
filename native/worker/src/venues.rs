//! Where the venues are, and whose word is taken for it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::shot::Venue;
use legwork_engine_core::wire::{Endpoint, PoolOptions, VenueWires};
use legwork_engine_desk::entry::Account;
use legwork_engine_desk::keys::Keys;
use legwork_engine_market_data::{KalshiSource, MarketData};
use serde::Deserialize;
use temporalio_client::Url;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use legwork_engine_config::Config;

/// All but one may await the answers of trades (`SHOTS_AT_ONCE`); one is being kept alive.
pub(crate) const CONNECTIONS: usize = 10;
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(15);
/// The most that a terms file may state; a trade's own terms end its waiting earlier.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const HTTPS: u16 = 443;
/// A venue that moves is found again by its name this soon.
const FIND_EVERY: Duration = Duration::from_secs(30);

/// Both, by TLS.
pub struct Venues {
    kalshi: Endpoint,
    polymarket: Endpoint,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    authority_pem: String,
}

impl Venues {
    /// Looks their names up; connects to nothing yet.
    pub async fn find(config: &Config) -> Result<Self> {
        let urls = config.tls_venues.as_ref().ok_or_else(|| {
            anyhow!("no tlsVenues in its configuration: the engine speaks to venues by TLS alone")
        })?;
        let roots = roots(config)?;
        Ok(Self {
            kalshi: endpoint(&urls.kalshi, &roots).await?,
            polymarket: endpoint(&urls.polymarket, &roots).await?,
        })
    }

    /// Looks their names up again and again, for connections that are still to be made. A name that
    /// cannot be found keeps its address.
    pub async fn keep_finding(self) {
        loop {
            sleep(FIND_EVERY).await;
            for endpoint in [&self.kalshi, &self.polymarket] {
                if let Err(error) = find_again(endpoint).await {
                    warn!(target: "legwork", "{error:#}: its last address is used");
                }
            }
        }
    }

    /// Whose orders, as their requests name them.
    pub fn account(&self, keys: Keys) -> Account {
        let host = |endpoint: &Endpoint| endpoint.host().to_owned();
        Account { keys, kalshi_host: host(&self.kalshi), polymarket_host: host(&self.polymarket) }
    }

    /// What shots are written to.
    pub fn wires(&self) -> VenueWires<SystemClock> {
        let of = |venue, endpoint: &Endpoint, question| {
            (venue, endpoint.clone(), options(&keep_alive(endpoint.host(), question)))
        };
        let venues = [
            of(Venue::Kalshi, &self.kalshi, "/trade-api/v2/exchange/status"),
            of(Venue::Polymarket, &self.polymarket, "/time"),
        ];
        VenueWires::new(venues, SystemClock)
    }

    /// What books come by.
    pub fn market_data(&self, keys: &Keys) -> MarketData {
        let kalshi = KalshiSource { endpoint: self.kalshi.clone(), key: Arc::clone(&keys.kalshi) };
        MarketData::new(Some(kalshi), Some(self.polymarket.clone()))
    }
}

/// The authority that was made with the simulated venues.
fn roots(config: &Config) -> Result<Vec<u8>> {
    if config.mode != "simulated" {
        bail!("the engine fires in simulated mode alone: mode {} is not built yet", config.mode);
    }
    let path = config.folders.credentials.join("venues-tls.json");
    let Certificate { authority_pem } = read_json(&path)?;
    Ok(authority_pem.into_bytes())
}

fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not understood", path.display()))
}

async fn endpoint(url: &str, roots: &[u8]) -> Result<Endpoint> {
    let parsed: Url = url.parse().with_context(|| format!("{url} is no address of a venue"))?;
    if parsed.scheme() != "https" {
        bail!("{url} is not by TLS: give https://");
    }
    let host = parsed.host_str().ok_or_else(|| anyhow!("{url} names no host"))?.to_owned();
    let address = address(&host, parsed.port().unwrap_or(HTTPS)).await?;
    Ok(Endpoint::new(address, &host, roots)?)
}

async fn address(host: &str, port: u16) -> Result<SocketAddr> {
    addresses(host, port).await?.first().copied().ok_or_else(|| anyhow!("{host} has no address"))
}

async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    let found = lookup_host((host, port)).await.with_context(|| format!("cannot find {host}"))?;
    Ok(found.collect())
}

/// The address that it has is as good as any other of its name, if somebody is there.
async fn find_again(endpoint: &Endpoint) -> Result<()> {
    let known = endpoint.address();
    let mut found = addresses(endpoint.host(), known.port()).await?;
    found.sort_by_key(|address| *address != known);
    for address in found {
        if !matches!(timeout(CONNECT_WITHIN, TcpStream::connect(address)).await, Ok(Ok(_))) {
            continue;
        }
        if address != known {
            info!(target: "legwork", host = endpoint.host(), %address, "a venue has moved");
            endpoint.moved(address);
        }
        return Ok(());
    }
    bail!("nobody answers at any address of {}", endpoint.host())
}

fn keep_alive(host: &str, question: &str) -> Vec<u8> {
    format!("GET {question} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

fn options(keep_alive: &[u8]) -> PoolOptions {
    let nanoseconds = |of: Duration| u64::try_from(of.as_nanos()).unwrap_or(u64::MAX);
    PoolOptions {
        connections: CONNECTIONS,
        keep_alive: keep_alive.to_vec(),
        keep_alive_after_ns: nanoseconds(KEEP_ALIVE_AFTER),
        answer_within_ns: nanoseconds(ANSWER_WITHIN),
        connect_within_ns: nanoseconds(CONNECT_WITHIN),
        send_buffer_bytes: None,
    }
}
