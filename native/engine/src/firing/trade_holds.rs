//! Which pairs are held by trades (`pair_holds`): mirrored in the bits of what is in flight, so that
//! none of this host's shots is fired into a trade of somebody else's.

use crate::in_flight::{DelayedReleases, Held, InFlight, MarketId};
use crate::refusal::Refusal;

#[derive(Clone, Copy)]
struct Mirrored {
    held: Held,
    /// When it was last known that a trade has it, on the monotonic clock.
    since_ns: u64,
}

/// The holds of trades; belongs to the thread that fires.
pub struct TradeHolds {
    by_market: Box<[Option<Mirrored>]>,
    /// The markets that have one: a reading looks at these, and not at every market there is.
    mirrored: Vec<MarketId>,
}

impl TradeHolds {
    pub fn new(markets: usize) -> Self {
        Self {
            by_market: (0..markets).map(|_| None).collect(),
            mirrored: Vec::with_capacity(markets), // a shot allocates nothing
        }
    }

    /// For a shot of the trade that holds the pair: whatever trade had it before has let go. A shot of
    /// the engine's own that is in flight refuses it.
    pub fn take(
        &mut self,
        in_flight: &InFlight,
        market: MarketId,
        now_ns: u64,
    ) -> Result<(), Refusal> {
        match self.place(market).ok_or(Refusal::MarketUnknown)? {
            // A reading that was overtaken knows less than is known: none makes a hold older.
            Some(mirrored) => mirrored.since_ns = mirrored.since_ns.max(now_ns),
            None => self.take_over(in_flight.take(market)?, market, now_ns),
        }
        Ok(())
    }

    /// From a shot of our own whose trade holds the pair by now.
    pub fn take_over(&mut self, held: Held, market: MarketId, now_ns: u64) {
        let Some(mirrored) = self.place(market) else { return };
        let before = mirrored.replace(Mirrored { held, since_ns: now_ns });
        if before.is_none() {
            self.mirrored.push(market);
        }
    }

    /// The pairs that were held when a reading of them began; all others are not. What was taken since
    /// is newer than the reading. A pair that rests is held until its trade lets go, which is later.
    pub fn read(
        &mut self,
        (in_flight, resting): (&InFlight, &mut DelayedReleases),
        held: &[MarketId],
        began_ns: u64,
    ) {
        for market in held {
            // Else taken by a shot of our own: it is in flight either way.
            if self.take(in_flight, *market, began_ns).is_err()
                && let Some(held) = resting.take(*market)
            {
                self.take_over(held, *market, began_ns);
            }
        }
        let Self { by_market, mirrored } = self;
        mirrored.retain(|market| {
            let Some(mirrored) = place(by_market, *market) else { return false };
            let over = mirrored.take_if(|mirrored| mirrored.since_ns < began_ns);
            if let Some(over) = over {
                in_flight.release(over.held);
            }
            mirrored.is_some()
        });
    }

    fn place(&mut self, market: MarketId) -> Option<&mut Option<Mirrored>> {
        place(&mut self.by_market, market)
    }
}

fn place(
    by_market: &mut [Option<Mirrored>],
    MarketId(market): MarketId,
) -> Option<&mut Option<Mirrored>> {
    by_market.get_mut(usize::try_from(market).ok()?)
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const RAIN: MarketId = MarketId(7);
    const SNOW: MarketId = MarketId(8);

    fn none() -> DelayedReleases {
        DelayedReleases::new(10, 64)
    }

    fn in_flight() -> (InFlight, TradeHolds) {
        (InFlight::new(64), TradeHolds::new(64))
    }

    #[test]
    fn a_trade_that_follows_another_finds_the_pair_held_and_may_shoot() {
        let (in_flight, mut holds) = in_flight();
        holds.take(&in_flight, RAIN, 10).expect("free");
        assert_eq!(in_flight.take(RAIN), Err(Refusal::PairInFlight));
        assert_eq!(holds.take(&in_flight, RAIN, 20), Ok(()));
        assert_eq!(in_flight.count(), 1);
    }

    #[test]
    fn a_shot_of_our_own_is_in_nobodys_way_but_in_a_trades() {
        let (in_flight, mut holds) = in_flight();
        let own = in_flight.take(RAIN).expect("free");
        assert_eq!(holds.take(&in_flight, RAIN, 10), Err(Refusal::PairInFlight));
        holds.read((&in_flight, &mut none()), &[RAIN], 10);
        holds.read((&in_flight, &mut none()), &[], 20);
        assert!(in_flight.holder(RAIN).is_some(), "what is ours no reading ends");
        assert!(in_flight.release(own));
    }

    #[test]
    fn a_reading_ends_what_it_does_not_name_unless_it_was_taken_since() {
        let (in_flight, mut holds) = in_flight();
        holds.read((&in_flight, &mut none()), &[RAIN, SNOW], 10);
        assert_eq!(in_flight.count(), 2);
        holds.take(&in_flight, SNOW, 25).expect("a trade's");
        holds.read((&in_flight, &mut none()), &[], 20);
        assert_eq!((in_flight.holder(RAIN), in_flight.count()), (None, 1));
        holds.read((&in_flight, &mut none()), &[], 30);
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn a_reading_that_was_overtaken_makes_no_hold_older() {
        let (in_flight, mut holds) = in_flight();
        holds.take(&in_flight, RAIN, 30).expect("a trade's");
        holds.read((&in_flight, &mut none()), &[RAIN], 10);
        holds.read((&in_flight, &mut none()), &[], 20);
        assert_eq!(in_flight.count(), 1, "both began before it was taken");
        holds.read((&in_flight, &mut none()), &[], 31);
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn the_bit_of_a_shot_that_a_trade_has_taken_over_ends_with_the_trade() {
        let (in_flight, mut holds) = in_flight();
        let own = in_flight.take(RAIN).expect("free");
        holds.take_over(own, RAIN, 20);
        holds.read((&in_flight, &mut none()), &[], 20);
        assert_eq!(in_flight.count(), 1, "a reading that began before knows nothing of it");
        holds.read((&in_flight, &mut none()), &[RAIN], 30);
        assert_eq!(in_flight.count(), 1);
        holds.read((&in_flight, &mut none()), &[], 40);
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn a_pair_that_rests_is_held_for_as_long_as_a_trade_has_it() {
        let (in_flight, mut holds) = in_flight();
        let mut resting = none();
        resting.add(in_flight.take(RAIN).expect("free"), 0);
        holds.read((&in_flight, &mut resting), &[RAIN], 5);
        assert_eq!(resting.run(&in_flight, 1_000), 0);
        assert_eq!(in_flight.count(), 1, "its rest is over, and its trade is not");
        holds.read((&in_flight, &mut resting), &[], 1_000);
        assert_eq!(in_flight.count(), 0);
    }

    #[test]
    fn a_market_outside_is_refused() {
        let (in_flight, mut holds) = in_flight();
        assert_eq!(holds.take(&in_flight, MarketId(64), 10), Err(Refusal::MarketUnknown));
    }
}
