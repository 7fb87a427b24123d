//! The prices that an order may state. `domain/price-grid.ts` is the twin.

use thiserror::Error;

use crate::amount::{ONE, Price};

/// More legal prices than any venue has: the finest step, 0.0001, has 9,999.
const PRICES_MAX: usize = 100_000;

/// Between `start` and `end` prices are multiples of `step`. Venues list bands from 0 to 1 dollar;
/// an order at either end is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Band {
    /// Dollars per contract.
    pub start: Price,
    /// Dollars per contract.
    pub end: Price,
    /// Dollars per contract.
    pub step: Price,
}

/// Why bands are no grid.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("price bands have steps above 0, rise from 0 to 1, and hold at most 100,000 prices")]
pub struct NotAGrid;

/// A market's legal prices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grid {
    bands: Box<[Legal]>,
}

/// A band whose ends are legal, in counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Legal {
    start: i64,
    end: i64,
    step: i64,
}

impl Grid {
    /// Bands in rising order, as the venue lists them.
    pub fn new(bands: &[Band]) -> Result<Self, NotAGrid> {
        let bands: Box<[Legal]> = bands.iter().map(Legal::read).collect::<Result<_, _>>()?;
        let is_rising = bands.windows(2).all(|two| two[0].end <= two[1].start);
        let grid = Self { bands };
        let has_prices = (1..=PRICES_MAX).contains(&grid.prices());
        if is_rising && has_prices { Ok(grid) } else { Err(NotAGrid) }
    }

    /// An order may state this price.
    #[must_use]
    pub fn is_legal(&self, price: Price) -> bool {
        let counts = i64::try_from(price.counts());
        counts.is_ok_and(|counts| self.bands.iter().any(|band| band.has(counts)))
    }

    /// The distance to the next legal price. Where two bands meet the larger counts. `None`: the
    /// price is outside all bands.
    #[must_use]
    pub fn tick_at(&self, price: Price) -> Option<Price> {
        let counts = i64::try_from(price.counts()).ok()?;
        let around = self.bands.iter().filter(|band| band.start <= counts && counts <= band.end);
        around.map(|band| Price::from_counts(band.step.into())).max()
    }

    /// No order can trade below this.
    #[must_use]
    pub fn lowest(&self) -> Price {
        let lowest = self.bands.first().map_or(0, |band| band.start); // a grid has a band
        Price::from_counts(lowest.into())
    }

    /// Of each band.
    pub fn steps(&self) -> impl Iterator<Item = Price> {
        self.bands.iter().map(|band| Price::from_counts(band.step.into()))
    }

    /// How many prices there are, the seams of bands counted twice.
    #[must_use]
    pub fn prices(&self) -> usize {
        self.bands.iter().map(Legal::prices).sum()
    }
}

impl Legal {
    fn read(&Band { start, end, step }: &Band) -> Result<Self, NotAGrid> {
        let is_within = Price::ZERO <= start && start < end && end.counts() <= ONE;
        let (start, end) = (start.max(step).counts(), end.counts().min(ONE - step.counts()));
        if !is_within || step <= Price::ZERO || start > end {
            return Err(NotAGrid);
        }
        let counts = |counts: i128| i64::try_from(counts).map_err(|_| NotAGrid);
        Ok(Self { start: counts(start)?, end: counts(end)?, step: counts(step.counts())? })
    }

    fn has(&self, counts: i64) -> bool {
        self.start <= counts && counts <= self.end && counts % self.step == 0
    }

    fn prices(&self) -> usize {
        usize::try_from((self.end - self.start) / self.step).map_or(usize::MAX / 8, |last| last + 1)
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    fn grid(bands: &[[&str; 3]]) -> Result<Grid, NotAGrid> {
        let of = |text: &str| text.parse().expect("an amount");
        let band = |[start, end, step]: &[&str; 3]| Band {
            start: of(start),
            end: of(end),
            step: of(step),
        };
        Grid::new(&bands.iter().map(band).collect::<Vec<_>>())
    }

    #[test]
    fn tapered_bands_have_tenths_of_a_cent_at_both_ends_and_cents_between() {
        let bands = [["0", "0.10", "0.001"], ["0.10", "0.90", "0.01"], ["0.90", "1", "0.001"]];
        let grid = grid(&bands).expect("a grid");
        for (price, is_legal) in [
            ("0", false),
            ("0.001", true),
            ("0.0015", false),
            ("0.099", true),
            ("0.1", true),
            ("0.101", false),
            ("0.5", true),
            ("0.901", true),
            ("0.999", true),
            ("1", false),
            ("-0.01", false),
            ("999999999999999999", false),
        ] {
            assert_eq!(grid.is_legal(price.parse().expect("one")), is_legal, "{price}");
        }
        let tick =
            |price: &str| grid.tick_at(price.parse().expect("one")).map(|tick| tick.to_string());
        assert_eq!(tick("0.05").as_deref(), Some("0.001"));
        assert_eq!(tick("0.10").as_deref(), Some("0.01"));
        assert_eq!(tick("1"), None);
        assert_eq!((grid.lowest().to_string().as_str(), grid.prices()), ("0.001", 100 + 81 + 100));
    }

    #[test]
    fn bands_that_are_no_grid_are_refused() {
        assert!(grid(&[["0", "1", "0.0001"]]).is_ok());
        for bands in [
            &[][..],
            &[["0", "1", "0"]],
            &[["0", "1", "-0.01"]],
            &[["0.6", "0.5", "0.01"]],
            &[["0.5", "0.9", "0.01"], ["0.1", "0.5", "0.01"]],
            &[["0", "1", "0.000001"]],
            &[["0.5", "0.5", "0.01"]],
            &[["0", "1.01", "0.01"]],
            &[["-0.01", "1", "0.01"]],
            &[["0", "0.5", "0.01"], ["0.4", "1", "0.01"]],
            &[["0", "1", "1"]],
        ] {
            assert_eq!(grid(bands), Err(NotAGrid), "{bands:?}");
        }
    }
}
