//! The pairs of the file, as this start owns them: numbered, told to Postgres, their books followed.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::listing::{Pair, PairFile};
use legwork_engine_desk::thread::Desk;
use legwork_engine_ledger::owners::{Owned, OwnedKind};
use legwork_engine_ledger::start::{Market, Start};
use legwork_engine_ledger::{Address, Ledger, Reconnecting};
use tokio::time::sleep;
use tracing::{info, warn};

/// A file that has changed is noticed this soon.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Keeps them.
pub struct Pairs {
    account: String,
    start: Start,
    desk: Desk,
    line: Reconnecting,
    /// Those that are owned, with their numbers.
    markets: Arc<RwLock<HashMap<String, MarketId>>>,
    /// What Postgres was told; a number is given once in a start.
    told: Vec<Market>,
}

impl Pairs {
    /// None yet.
    pub fn new(
        address: Address,
        account: &str,
        start: Start,
        desk: Desk,
        markets: Arc<RwLock<HashMap<String, MarketId>>>,
    ) -> Self {
        let line = Reconnecting::new(address);
        Self { account: account.to_owned(), start, desk, line, markets, told: Vec::new() }
    }

    /// Those of the file, once: what is new is claimed, told and followed. A pair of another engine
    /// that lives is left to it. Returns how many are owned.
    pub async fn take(&mut self, file: &[Pair]) -> Result<usize> {
        let known: HashSet<&str> = self.told.iter().map(|of| of.pair_id.as_str()).collect();
        let new: Vec<Pair> =
            file.iter().filter(|pair| !known.contains(pair.pair_id.as_str())).cloned().collect();
        if new.is_empty() {
            return Ok(self.told.len());
        }
        let ledger = self.line.ledger().await?;
        let mut owned = Vec::new();
        for pair in new {
            if claim(ledger, &self.start, &pair).await? {
                owned.push(pair);
            }
        }
        let mut told = self.told.clone();
        for pair in &owned {
            let market = u32::try_from(told.len()).context("more pairs than there are numbers")?;
            told.push(Market {
                market,
                pair_id: pair.pair_id.clone(),
                account: self.account.clone(),
                strategy: None,
                instruments: pair.instruments(),
            });
        }
        let answer = ledger.set_markets(&self.start, &told).await?;
        answer
            .map_err(|refused| anyhow!("Postgres does not take the pairs: {}", refused.code()))?;
        self.told = told;
        self.desk.follow(owned)?;
        self.publish();
        Ok(self.told.len())
    }

    /// Which of them trades hold now: no other shot of this engine's is fired at those.
    pub async fn read_holds(&mut self) -> Result<()> {
        let began_ns = SystemClock.monotonic_ns();
        let holds = self.line.ledger().await?.holds(&self.start).await?;
        let markets = self.markets.read().map_err(|_| anyhow!("a task has panicked"))?;
        let held = holds.iter().filter_map(|hold| markets.get(&hold.pair_id).copied()).collect();
        drop(markets);
        Ok(self.desk.trades_hold(held, began_ns)?)
    }

    /// Follows the file, and what trades hold, for as long as it is not dropped.
    pub async fn keep(mut self, path: &Path) {
        let mut seen = None;
        loop {
            sleep(LOOK_EVERY).await;
            if let Err(error) = self.read_holds().await {
                warn!(target: "legwork", %error, "what trades hold cannot be read");
            }
            let changed = changed_at(path);
            if changed == seen {
                continue;
            }
            match self.reread(path).await {
                Ok(owned) => {
                    seen = changed;
                    info!(target: "legwork", owned, "the pair file was read");
                }
                Err(error) => {
                    warn!(target: "legwork", error = format!("{error:#}"), "the pair file is not taken");
                }
            }
        }
    }

    async fn reread(&mut self, path: &Path) -> Result<usize> {
        self.take(&read(path)?).await
    }

    fn publish(&self) {
        let numbered = self.told.iter().map(|of| (of.pair_id.clone(), MarketId(of.market)));
        if let Ok(mut markets) = self.markets.write() {
            markets.extend(numbered);
        }
    }
}

/// The pairs of a file that somebody has approved.
pub fn read(path: &Path) -> Result<Vec<Pair>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let PairFile { pairs } = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no pair file", path.display()))?;
    Ok(pairs)
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|of| of.modified()).ok()
}

async fn claim(ledger: &Ledger, start: &Start, pair: &Pair) -> Result<bool> {
    let owned = Owned { kind: OwnedKind::Pair, key: &pair.pair_id };
    match ledger.claim_owner(start, &owned).await? {
        Ok(_epoch) => Ok(true),
        Err(not) => {
            let holder = not.held.map(|(holder, _)| holder).unwrap_or_default();
            warn!(target: "legwork", pair = pair.pair_id, holder, "a pair is another engine's");
            Ok(false)
        }
    }
}
