//! Both directions of a pair. `domain/arbitrage/best-arbitrage.ts` is the twin.

use super::{ArmedTerms, Decision, Market, Moment, NoDecision, NotArmed, Trigger};
use crate::books::BookView;
use crate::shot::LEGS;

/// The four books of a pair: YES, then NO, at each venue.
#[derive(Clone, Copy, Debug)]
pub struct PairBooks<'a> {
    /// One book, seen from both sides.
    pub kalshi: [BookView<'a>; LEGS],
    /// A book per token.
    pub polymarket: [BookView<'a>; LEGS],
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

    /// The direction that nets the most dollars now. If neither does: why, first of YES at Polymarket,
    /// then of YES at Kalshi.
    pub fn decide(
        &mut self,
        books: &PairBooks<'_>,
        terms: [&ArmedTerms; 2],
        moment: &Moment,
    ) -> Result<Decision, [NoDecision; 2]> {
        let PairBooks { kalshi: [kalshi_yes, kalshi_no], polymarket: [yes, no] } = *books;
        let polymarket_yes = self.polymarket_yes.decide([yes, kalshi_no], terms[0], moment);
        let kalshi_yes = self.kalshi_yes.decide([kalshi_yes, no], terms[1], moment);
        match (polymarket_yes, kalshi_yes) {
            // Of two that net the same TypeScript takes the second.
            (Ok(one), Ok(other)) => Ok(if one.net > other.net { one } else { other }),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
            (Err(one), Err(other)) => Err([one, other]),
        }
    }
}
