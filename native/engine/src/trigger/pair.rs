//! Both directions of a pair. `domain/arbitrage/best-arbitrage.ts` is the twin.

use super::at_limits::{AtLimits, at_limits};
use super::{ArmedTerms, Decision, Market, Moment, NoDecision, NotArmed, Trigger};
use crate::amount::{Price, Quantity};
use crate::books::BookView;
use crate::refusal::Refusal;
use crate::shot::LEGS;

/// The four books of a pair: YES, then NO, at each venue.
#[derive(Clone, Copy, Debug)]
pub struct PairBooks<'a> {
    /// One book, seen from both sides.
    pub kalshi: [BookView<'a>; LEGS],
    /// A book per token.
    pub polymarket: [BookView<'a>; LEGS],
}

impl<'a> PairBooks<'a> {
    /// What one direction buys, YES first: YES at Polymarket (0), or at Kalshi (1).
    #[must_use]
    pub fn of(&self, direction: usize) -> [BookView<'a>; LEGS] {
        let Self { kalshi: [kalshi_yes, kalshi_no], polymarket: [yes, no] } = *self;
        if direction == 0 { [yes, kalshi_no] } else { [kalshi_yes, no] }
    }
}

/// What an armed pair is watched with; belongs to the thread that owns its books.
#[derive(Clone, Debug)]
pub struct PairTrigger {
    polymarket_yes: Trigger,
    kalshi_yes: Trigger,
}

impl PairTrigger {
    /// A trigger for either direction.
    pub fn new(kalshi: Market, polymarket: Market) -> Result<Self, NotArmed> {
        Ok(Self {
            polymarket_yes: Trigger::new([polymarket.clone(), kalshi.clone()])?,
            kalshi_yes: Trigger::new([kalshi, polymarket])?,
        })
    }

    /// What one direction is worth: YES at Polymarket (0), or at Kalshi (1).
    pub fn decide_in(
        &mut self,
        direction: usize,
        books: &PairBooks<'_>,
        terms: &ArmedTerms,
        moment: &Moment,
    ) -> Result<Decision, NoDecision> {
        let of = if direction == 0 { &mut self.polymarket_yes } else { &mut self.kalshi_yes };
        of.decide(books.of(direction), terms, moment)
    }

    /// What somebody else's decision comes to, with YES at Polymarket (0) or at Kalshi (1).
    pub fn at_limits(
        &self,
        direction: usize,
        limits: [Price; LEGS],
        contracts: [Quantity; LEGS],
    ) -> Result<AtLimits, Refusal> {
        let of = if direction == 0 { &self.polymarket_yes } else { &self.kalshi_yes };
        at_limits(&of.markets, limits, contracts)
    }

    /// The direction that nets the most dollars now. If neither does: why, first of YES at Polymarket,
    /// then of YES at Kalshi.
    pub fn decide(
        &mut self,
        books: &PairBooks<'_>,
        terms: [&ArmedTerms; 2],
        moment: &Moment,
    ) -> Result<Decision, [NoDecision; 2]> {
        let polymarket_yes = self.decide_in(0, books, terms[0], moment);
        let kalshi_yes = self.decide_in(1, books, terms[1], moment);
        match (polymarket_yes, kalshi_yes) {
            // Of two that net the same TypeScript takes the second.
            (Ok(one), Ok(other)) => Ok(if one.net > other.net { one } else { other }),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
            (Err(one), Err(other)) => Err([one, other]),
        }
    }
}
