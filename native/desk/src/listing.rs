//! Pairs as the pair file and a trade's history have them: the wire form of `domain/pair.ts` and
//! `domain/instrument.ts`, which `schemas/pair-file.ts` has checked. What is not needed here is passed
//! over.

use legwork_engine_core::amount::{Price, Quantity};
use legwork_engine_core::books::{Band, Grid, NotAGrid};
use legwork_engine_core::orders::{OrderError, OrderRules, Outcome};
use legwork_engine_core::shot::Venue;
use legwork_engine_core::trigger::Fees;
use serde::Deserialize;

/// All pairs that are approved.
#[derive(Clone, Debug, Deserialize)]
pub struct PairFile {
    /// Each once.
    pub pairs: Vec<Pair>,
}

/// Two markets that pay on the same event.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// Its name everywhere.
    pub pair_id: String,
    /// One side.
    pub kalshi: Market,
    /// The other.
    pub polymarket: Market,
}

/// One binary market.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Market {
    /// Kalshi's ticker, Polymarket's condition id.
    pub market: String,
    /// As the venue lists them.
    pub price_bands: Vec<PriceBand>,
    /// Quantities are multiples of this.
    pub lot: Quantity,
    /// The smallest order.
    pub minimum_quantity: Quantity,
    /// Milliseconds since 1970.
    pub closes_at_ms: u64,
    /// What a taker pays; without it nothing is priced here.
    pub fees: Option<ListedFees>,
    /// Whether the venue holds taker orders back before it matches them; a pair of which nobody has
    /// said so is not armed.
    pub is_taker_delayed: Option<bool>,
    /// Polymarket's alone.
    pub tokens: Option<Tokens>,
}

/// Between `start` and `end` prices are multiples of `step`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub struct PriceBand {
    start: Price,
    end: Price,
    step: Price,
}

/// A fee schedule; its figures are decimals.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(tag = "kind")]
pub enum ListedFees {
    /// Rate × C × P × (1−P) × multiplier.
    #[serde(rename = "kalshi_quadratic")]
    Kalshi {
        /// Of the series.
        rate: String,
        /// Of the series.
        multiplier: String,
    },
    /// C × rate × (P × (1−P))^power.
    #[serde(rename = "polymarket_taker", rename_all = "camelCase")]
    Polymarket {
        /// Of the market.
        rate: String,
        /// 1 on every market known so far.
        power_of_variance: u32,
    },
}

impl ListedFees {
    /// As decisions are priced by them; `None`: they are not of a kind that is computed here.
    #[must_use]
    pub fn schedule(&self) -> Option<Fees> {
        match self {
            Self::Kalshi { rate, multiplier } => {
                Fees::kalshi(rate.parse().ok()?, multiplier.parse().ok()?).ok()
            }
            Self::Polymarket { rate, power_of_variance } => {
                Fees::polymarket(rate.parse().ok()?, *power_of_variance).ok()
            }
        }
    }
}

/// What names and signs an order of a Polymarket market.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// In decimal digits.
    pub yes_token: String,
    /// In decimal digits.
    pub no_token: String,
    /// Whose contract its orders are signed for.
    pub is_neg_risk: bool,
    /// "2" or "3".
    pub domain_version: String,
}

impl Tokens {
    /// The token of an outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> &str {
        match outcome {
            Outcome::Yes => &self.yes_token,
            Outcome::No => &self.no_token,
        }
    }
}

impl Pair {
    /// The market at a venue.
    #[must_use]
    pub fn at(&self, venue: Venue) -> &Market {
        match venue {
            Venue::Kalshi => &self.kalshi,
            Venue::Polymarket => &self.polymarket,
        }
    }

    /// Where one venue holds takers back before it matches them, its leg goes first and alone, and the
    /// trade buys at this one what has been filled there (`isHeldBack` of `domain/pair.ts`).
    #[must_use]
    pub fn held_back(&self) -> Option<Venue> {
        let is_delayed = |market: &Market| market.is_taker_delayed == Some(true);
        match (is_delayed(&self.kalshi), is_delayed(&self.polymarket)) {
            (true, false) => Some(Venue::Polymarket),
            (false, true) => Some(Venue::Kalshi),
            _ => None,
        }
    }

    /// Every instrument of it, as Postgres names them: `kalshi/KXRAIN/no`.
    #[must_use]
    pub fn instruments(&self) -> Vec<String> {
        let at = |venue: &str, Market { market, .. }: &Market| {
            ["yes", "no"].map(|outcome| format!("{venue}/{market}/{outcome}"))
        };
        [at("kalshi", &self.kalshi), at("polymarket", &self.polymarket)].concat()
    }
}

impl Market {
    /// The prices that its orders may state.
    pub fn grid(&self) -> Result<Grid, NotAGrid> {
        let band = |&PriceBand { start, end, step }: &PriceBand| Band { start, end, step };
        Grid::new(&self.price_bands.iter().map(band).collect::<Vec<_>>())
    }

    /// What its venue says of its orders.
    pub fn rules(&self) -> Result<OrderRules, OrderError> {
        let grid = self.grid().map_err(|_| OrderError::RulesUnreadable)?;
        OrderRules::new(grid, self.lot, self.minimum_quantity)
    }
}
