//! The orders of one direction of a pair.

use super::NotFired;
use crate::firing::Firing;
use crate::orders::{
    KalshiOrders, OrderError, OrderTerms, Outcome, PolymarketAhead, PolymarketOrders, ReadyOrder,
};
use crate::refusal::Refusal;
use crate::shot::{LEGS, Leg, Now, Top, Venue};
use crate::signing::{KalshiAhead, KalshiHeaders, KalshiKey};
use crate::wire::{Clock, Wires};

const MILLISECOND_NS: u64 = 1_000_000;

/// What buys the two legs of a direction.
pub struct DirectionOrders {
    /// Kalshi's leg.
    pub kalshi: KalshiOrders,
    /// The other.
    pub polymarket: PolymarketOrders,
    /// And those of them that are signed already.
    pub ahead: PolymarketAhead,
}

/// Why there are no two legs.
#[derive(Debug)]
pub enum Missing {
    /// None that are young enough were signed ahead.
    Headers,
    /// A venue would not take it.
    Order(OrderError),
}

impl Missing {
    /// As the pair says it, and counted.
    pub(super) fn counted<W: Wires, C: Clock>(self, firing: &Firing<W, C>) -> NotFired {
        match self {
            Self::Headers => NotFired::Refused(firing.refuse(Refusal::HeadersMissing)),
            Self::Order(error) => NotFired::NotAnOrder(error),
        }
    }
}

/// Where Kalshi's headers come from.
pub(super) struct Headers<'a> {
    pub ahead: &'a mut KalshiAhead,
    /// Signs where none were signed ahead, which takes milliseconds; `None`: there is no time for it.
    pub key: Option<&'a KalshiKey>,
}

impl Headers<'_> {
    fn take(&mut self, now: Now) -> Result<KalshiHeaders, Missing> {
        if let Some(headers) = self.ahead.take(now) {
            return Ok(headers);
        }
        let (method, path) = (KalshiOrders::METHOD, KalshiOrders::PATH);
        let signed =
            self.key.ok_or(Missing::Headers)?.sign(now.unix_ns / MILLISECOND_NS, method, path);
        signed.map_err(|_| Missing::Order(OrderError::ClockWrong))
    }
}

impl DirectionOrders {
    /// Both legs as freezes name them, YES first: `kalshi/KXRAIN/no`.
    pub(super) fn instruments(&self) -> [Box<str>; LEGS] {
        let key = |venue: Venue, name: &str| format!("{}/{name}", venue.name()).into();
        let kalshi = key(Venue::Kalshi, self.kalshi.instrument());
        let polymarket = key(Venue::Polymarket, self.polymarket.instrument());
        if self.kalshi_leg() == 0 { [kalshi, polymarket] } else { [polymarket, kalshi] }
    }

    /// Where Kalshi's leg is: of YES it is the first.
    fn kalshi_leg(&self) -> usize {
        match self.kalshi.bought() {
            Some(Outcome::Yes) => 0,
            _ => 1,
        }
    }

    /// Whether the two are purchases of both outcomes, with YES at that venue.
    pub(super) fn buys_yes_at(&self, venue: Venue) -> bool {
        let bought = (self.kalshi.bought(), self.polymarket.bought());
        bought
            == match venue {
                Venue::Kalshi => (Some(Outcome::Yes), Some(Outcome::No)),
                Venue::Polymarket => (Some(Outcome::No), Some(Outcome::Yes)),
            }
    }

    /// Both legs, ready to be written, and whether Polymarket's was signed ahead: that order is used where
    /// it is just what was decided. Headers are taken last, because they are used up.
    pub(super) fn make(
        &mut self,
        headers: &mut Headers<'_>,
        (terms, tops): (&[OrderTerms; LEGS], [Top; LEGS]),
        now: Now,
    ) -> Result<([Leg<'_>; LEGS], bool), Missing> {
        let here = self.kalshi_leg();
        let there = 1 - here;
        self.kalshi.check(&terms[here]).map_err(Missing::Order)?;
        let signed = self.ahead.take(&terms[there], now.unix_ns);
        let is_ahead = signed.is_some();
        let polymarket = match signed {
            Some(signed) => self.polymarket.signed(signed, now.unix_ns),
            None => self.polymarket.order(&terms[there], now.unix_ns),
        };
        let polymarket = polymarket.map_err(Missing::Order)?;
        let headers = headers.take(now)?;
        let kalshi = self.kalshi.order(&terms[here], headers).map_err(Missing::Order)?;
        let legs = in_order(here, (&kalshi, tops[here]), (&polymarket, tops[there]));
        Ok((legs, is_ahead))
    }
}

type Topped<'a, 'b> = (&'b ReadyOrder<'a>, Top);

fn in_order<'a>(
    kalshi_leg: usize,
    (kalshi, kalshi_top): Topped<'a, '_>,
    (polymarket, polymarket_top): Topped<'a, '_>,
) -> [Leg<'a>; LEGS] {
    let (kalshi, polymarket) = (kalshi.leg(kalshi_top), polymarket.leg(polymarket_top));
    if kalshi_leg == 0 { [kalshi, polymarket] } else { [polymarket, kalshi] }
}
