//! The pairs of the file, as this start owns them: numbered, told to Postgres, their books followed.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::listing::{Pair, PairFile};
use legwork_engine_desk::thread::Desk;
use legwork_engine_ledger::start::{Market, Start};
use legwork_engine_ledger::{Address, Reconnecting};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::earlier::Untaken;
use crate::intents;
use crate::markets::Markets;
use legwork_engine_config::Config;

/// A file that has changed is noticed this soon.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// New books come with the answer to a subscription; a pair is claimed without them after this.
const BOOKS_WITHIN: Duration = Duration::from_secs(2);
const BOOKS_EVERY: Duration = Duration::from_millis(10);
/// An engine that has ended leaves its pairs to whoever asks next.
const CLAIM_EVERY: Duration = Duration::from_secs(2);

/// A pair as it was told.
struct Known {
    pair: Pair,
    number: u32,
    is_approved: bool,
    /// By which it is held; `None`: it is not ours.
    epoch: Option<u64>,
    /// Whose it is, as was said last.
    other: Option<String>,
}

/// Keeps them.
pub struct Pairs {
    account: String,
    start: Start,
    desk: Desk,
    line: Reconnecting,
    markets: Markets,
    known: HashMap<String, Known>,
    /// What earlier starts have fired and nobody has taken over.
    untaken: Untaken,
    /// The pairs of all that they had left, until each was held.
    to_hold: HashSet<String>,
    claimed_at: Option<Instant>,
    /// Pairs may have become ours since the intents of other doors were read.
    has_claimed: bool,
    /// When those were read that came before.
    intents_read: Instant,
}

impl Pairs {
    /// For a start that is registered.
    pub fn new(
        config: &Config,
        address: &Address,
        start: &Start,
        (desk, markets, untaken): (Desk, Markets, Untaken),
        intents_read: Instant,
    ) -> Self {
        Self {
            account: config.account.clone(),
            start: start.clone(),
            desk,
            line: Reconnecting::new(address.clone()),
            markets,
            known: HashMap::new(),
            to_hold: untaken.found().clone(),
            untaken,
            claimed_at: None,
            has_claimed: false,
            intents_read,
        }
    }

    /// What is new in the file, or says something else: told and followed first, and claimed last,
    /// because from then on trades are sent here. A pair of another engine that lives is left to it, and
    /// one that is approved no more is let go. Returns how many are owned.
    pub async fn take(&mut self, file: &[Pair]) -> Result<usize> {
        self.let_go(file).await?;
        let is_news = |pair: &&Pair| {
            let known = self.known.get(&pair.pair_id);
            known.is_none_or(|known| !known.is_approved || known.pair != **pair)
        };
        let news: Vec<Pair> = file.iter().filter(is_news).cloned().collect();
        if !news.is_empty() {
            self.tell(&news).await?;
            self.hold_untaken()?;
            self.desk.follow(news.clone())?;
            self.until_known(&news).await?;
        }
        self.claim().await?;
        Ok(self.known.values().filter(|known| known.epoch.is_some()).count())
    }

    /// Fired at no more, before anybody is told; then it may be another engine's. Its number stays given.
    async fn let_go(&mut self, file: &[Pair]) -> Result<()> {
        let approved: HashSet<&str> = file.iter().map(|pair| pair.pair_id.as_str()).collect();
        let is_gone = |(pair_id, known): &(&String, &mut Known)| {
            known.is_approved && !approved.contains(pair_id.as_str())
        };
        let gone: Vec<_> = self.known.iter_mut().filter(is_gone).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let names = gone.iter().map(|(pair_id, _)| (*pair_id).clone()).collect();
        self.desk.drop_pairs(names)?.await?;
        for (pair_id, known) in gone {
            if let Some(epoch) = known.epoch {
                let ledger = self.line.ledger().await?;
                if let Err(refused) = ledger.release_owner(&self.start, pair_id, epoch).await? {
                    warn!(target: "legwork", pair_id, code = refused.code(), "a pair was not ours");
                }
            }
            (known.is_approved, known.epoch) = (false, None);
            info!(target: "legwork", pair_id, "a pair is approved no more, and fired at no more");
        }
        self.line.ledger().await?.wake().await?; // its gate closes by a heartbeat
        Ok(())
    }

    /// A shot of an earlier start may be followed by a trade that was admitted before anybody knew of it.
    fn hold_untaken(&mut self) -> Result<()> {
        let markets = &self.markets;
        let numbers = self.to_hold.iter().filter_map(|pair_id| markets.number(pair_id));
        let numbers: Vec<MarketId> = numbers.collect();
        self.to_hold.retain(|pair_id| markets.number(pair_id).is_none());
        Ok(self.desk.hold(numbers)?)
    }

    /// Which of them trades hold now: no other shot of this engine's is fired at those. Before that, of
    /// pairs that are ours since the last time, which intents trades have.
    async fn read_holds(&mut self) -> Result<()> {
        let ledger = self.line.ledger().await?;
        if self.has_claimed {
            let began = Instant::now();
            intents::tell(ledger, &self.desk, self.intents_read).await?;
            (self.has_claimed, self.intents_read) = (false, began);
        }
        let began_ns = SystemClock.monotonic_ns();
        let holds = ledger.holds(&self.start).await?;
        let held = holds.iter().filter_map(|hold| self.markets.number(&hold.pair_id)).collect();
        Ok(self.desk.trades_hold(held, began_ns)?)
    }

    /// Follows the file, and what trades hold, for as long as it is not dropped.
    pub async fn keep(mut self, path: &Path) {
        let (mut seen, mut is_troubled) = (None, false);
        loop {
            sleep(LOOK_EVERY).await;
            let changed = std::fs::metadata(path).and_then(|of| of.modified()).ok();
            let looked = self.look(path, changed != seen).await;
            match &looked {
                Ok(()) => seen = changed,
                // Said once: it is tried again twice a second.
                Err(error) if !is_troubled => warn!(target: "legwork", "pairs: {error:#}"),
                Err(_) => {}
            }
            is_troubled = looked.is_err();
        }
    }

    async fn look(&mut self, path: &Path, has_changed: bool) -> Result<()> {
        self.read_holds().await.context("what trades hold cannot be read")?;
        if has_changed {
            let owned = self.take(&read(path)?).await?;
            info!(target: "legwork", owned, "the pair file was read");
        } else if self.claimed_at.is_none_or(|at| at.elapsed() >= CLAIM_EVERY) {
            self.claim().await?;
        }
        Ok(())
    }

    /// Numbers are given once in a start.
    async fn tell(&mut self, news: &[Pair]) -> Result<()> {
        let mut told: HashMap<&str, (&Pair, u32)> = self
            .known
            .iter()
            .map(|(id, known)| (id.as_str(), (&known.pair, known.number)))
            .collect();
        let mut next = u32::try_from(told.len()).context("more pairs than there are numbers")?;
        for pair in news {
            let number = told.get(pair.pair_id.as_str()).map_or(next, |(_, number)| *number);
            next = next.max(number + 1);
            told.insert(&pair.pair_id, (pair, number));
        }
        let markets: Vec<Market> =
            told.values().map(|(pair, number)| self.market(pair, *number)).collect();
        let numbers: Vec<(Pair, u32)> = news
            .iter()
            .filter_map(|pair| Some((pair.clone(), told.get(pair.pair_id.as_str())?.1)))
            .collect();
        let answer = self.line.ledger().await?.set_markets(&self.start, &markets).await?;
        answer
            .map_err(|refused| anyhow!("Postgres does not take the pairs: {}", refused.code()))?;
        for (pair, number) in numbers {
            self.markets.add(&pair.pair_id, MarketId(number));
            let epoch = self.known.get(&pair.pair_id).and_then(|known| known.epoch);
            let known = Known { pair, number, is_approved: true, epoch, other: None };
            self.known.insert(known.pair.pair_id.clone(), known);
        }
        Ok(())
    }

    fn market(&self, pair: &Pair, market: u32) -> Market {
        Market {
            market,
            pair_id: pair.pair_id.clone(),
            account: self.account.clone(),
            strategy: None,
            instruments: pair.instruments(),
        }
    }

    /// Their books are there, or will be late: then their shots are refused as `BOOK_STALE`.
    async fn until_known(&self, news: &[Pair]) -> Result<()> {
        let known = async {
            while !self.desk.has_books(news.to_vec())?.await? {
                sleep(BOOKS_EVERY).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        timeout(BOOKS_WITHIN, known).await.unwrap_or(Ok(()))
    }

    /// Not where a shot of an earlier start has no workflow yet: nothing else is fired at that pair.
    ///
    /// A trade may take a pair at any moment until it is ours, be it one that has just taken over such a
    /// shot, and a heartbeat that nobody has asked for may open its gate as soon as it is. So it counts
    /// as held from before the claim, until what began to be read after it says whether it is.
    async fn claim(&mut self) -> Result<()> {
        self.claimed_at = Some(Instant::now());
        let untaken = self.untaken.pairs();
        let mut free = Vec::new();
        for (pair, known) in self.known.iter_mut().filter(|(_, known)| known.is_free()) {
            if untaken.contains(pair) {
                known.is_others("shots of an earlier start, until their workflows have them", pair);
            } else {
                free.push((pair.clone(), MarketId(known.number)));
            }
        }
        if free.is_empty() {
            return Ok(());
        }
        let numbers = free.iter().map(|(_, number)| *number).collect();
        self.desk.held_until_read(numbers, SystemClock.monotonic_ns())?.await?;
        let is_news = self.claim_each(&free).await?;
        self.read_holds().await?;
        if is_news {
            self.line.ledger().await?.wake().await?; // their gates open by a heartbeat
        }
        Ok(())
    }

    /// Whether one is ours now.
    async fn claim_each(&mut self, pairs: &[(String, MarketId)]) -> Result<bool> {
        let ledger = self.line.ledger().await?;
        self.has_claimed = true; // also where an answer is lost
        let mut is_news = false;
        for (pair, _) in pairs {
            let Some(known) = self.known.get_mut(pair) else { continue };
            match ledger.claim_owner(&self.start, pair).await? {
                Ok(epoch) => (known.epoch, known.other, is_news) = (Some(epoch), None, true),
                Err(not) => {
                    let holder = not.held.map(|(holder, _)| holder).unwrap_or_default();
                    known.is_others(&holder, pair);
                }
            }
        }
        Ok(is_news)
    }
}

impl Known {
    fn is_free(&self) -> bool {
        self.is_approved && self.epoch.is_none()
    }

    /// Said once of each.
    fn is_others(&mut self, holder: &str, pair: &str) {
        if self.other.as_deref() != Some(holder) {
            warn!(target: "legwork", pair, holder, "a pair is not ours to fire");
            self.other = Some(holder.to_owned());
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
