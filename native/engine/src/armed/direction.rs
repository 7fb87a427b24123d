//! The orders of one direction of a pair.

use crate::orders::{
    KalshiOrders, OrderError, OrderTerms, Outcome, PolymarketAhead, PolymarketOrders, ReadyOrder,
};
use crate::shot::{LEGS, Leg, Now, Top, Venue};
use crate::signing::KalshiAhead;

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

impl DirectionOrders {
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

    /// Both legs, ready to be written. An order that was signed ahead is used where it is just what
    /// was decided; headers are taken last, because they are used up.
    pub(super) fn make(
        &mut self,
        headers: &mut KalshiAhead,
        (terms, tops): (&[OrderTerms; LEGS], [Top; LEGS]),
        now: Now,
    ) -> Result<[Leg<'_>; LEGS], Missing> {
        let here = self.kalshi_leg();
        let there = 1 - here;
        self.kalshi.check(&terms[here]).map_err(Missing::Order)?;
        let signed = self.ahead.take(&terms[there], now.unix_ns);
        let polymarket = match signed {
            Some(signed) => self.polymarket.signed(signed, now.unix_ns),
            None => self.polymarket.order(&terms[there], now.unix_ns),
        };
        let polymarket = polymarket.map_err(Missing::Order)?;
        let headers = headers.take(now).ok_or(Missing::Headers)?;
        let kalshi = self.kalshi.order(&terms[here], headers).map_err(Missing::Order)?;
        Ok(in_order(here, (&kalshi, tops[here]), (&polymarket, tops[there])))
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
