//! Which prices an order may state. The twin of `domain/price-grid.ts`.

use super::OrderError;
use crate::amount::{ONE, Price};

/// Between `start` and `end` prices are multiples of `step`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PriceBand {
    /// The lowest; a venue may list 0.
    pub start: Price,
    /// The highest; a venue may list 1.
    pub end: Price,
    /// Between two prices.
    pub step: Price,
}

/// A market's bands without their illegal ends: an order at 0 or 1 dollar is refused everywhere.
#[derive(Clone, Debug)]
pub struct PriceGrid(Box<[PriceBand]>);

impl PriceGrid {
    /// From the bands as the venue lists them, the lowest first.
    pub fn new(bands: &[PriceBand]) -> Result<Self, OrderError> {
        let is_band = |band: &PriceBand| {
            let PriceBand { start, end, step } = *band;
            Price::ZERO < step && Price::ZERO <= start && start < end && end.counts() <= ONE
        };
        let is_rising = bands.windows(2).all(|two| two[0].end <= two[1].start);
        if bands.is_empty() || !bands.iter().all(is_band) || !is_rising {
            return Err(OrderError::GridUnreadable);
        }
        Ok(Self(bands.iter().map(legal).collect()))
    }

    /// The distance to the next price at a legal one; where two bands meet the larger step counts.
    pub fn tick_at(&self, price: Price) -> Result<Price, OrderError> {
        let around = || self.0.iter().filter(move |band| band.start <= price && price <= band.end);
        let is_legal = around().any(|band| price.counts() % band.step.counts() == 0);
        let tick = around().map(|band| band.step).max().filter(|_| is_legal);
        tick.ok_or(OrderError::PriceOffGrid(price))
    }

    /// No order can trade below this: what a legal maximum is divided by.
    pub fn lowest(&self) -> Price {
        self.0.first().map_or(Price::ZERO, |band| band.start)
    }

    /// Of each band.
    pub fn steps(&self) -> impl Iterator<Item = Price> {
        self.0.iter().map(|band| band.step)
    }
}

fn legal(band: &PriceBand) -> PriceBand {
    let PriceBand { start, end, step } = *band;
    let last = Price::from_counts(ONE - step.counts());
    PriceBand { start: start.max(step), end: end.min(last), step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Price {
        text.parse().expect("a price")
    }

    fn band(start: &str, end: &str, step: &str) -> PriceBand {
        PriceBand { start: of(start), end: of(end), step: of(step) }
    }

    #[test]
    fn a_price_is_legal_on_the_grid_of_its_band_and_nowhere_else() {
        let bands =
            [band("0", "0.1", "0.001"), band("0.1", "0.9", "0.01"), band("0.9", "1", "0.001")];
        let grid = PriceGrid::new(&bands).expect("three bands");
        assert_eq!(grid.lowest(), of("0.001"));
        for (price, tick) in
            [("0.001", "0.001"), ("0.1", "0.01"), ("0.55", "0.01"), ("0.999", "0.001")]
        {
            assert_eq!(grid.tick_at(of(price)), Ok(of(tick)), "{price}");
        }
        for price in ["-0.5", "0", "0.0005", "0.555", "0.9995", "1", "2"] {
            assert_eq!(grid.tick_at(of(price)), Err(OrderError::PriceOffGrid(of(price))));
        }
    }

    #[test]
    fn bands_that_are_none_are_refused() {
        let wrong = [
            vec![],
            vec![band("0", "1", "0")],
            vec![band("0", "1", "-0.01")],
            vec![band("0.5", "0.5", "0.01")],
            vec![band("0", "1.01", "0.01")],
            vec![band("-0.01", "1", "0.01")],
            vec![band("0.5", "1", "0.01"), band("0", "0.5", "0.01")],
        ];
        for bands in wrong {
            let refused = PriceGrid::new(&bands).err();
            assert_eq!(refused, Some(OrderError::GridUnreadable), "{bands:?}");
        }
    }
}
