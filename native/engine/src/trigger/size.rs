//! Sizes that both venues can express. `domain/arbitrage/expressible-size.ts` is the twin; it tries lot
//! after lot, which a shot has no time for, and so the size is computed here.

/// A cent at the scale of price × quantity, 10⁻¹⁸ dollars.
const EXACT_CENT: i64 = 10_000_000_000_000_000;
/// Whole cents return after this many lots: a price has four decimals and a lot two.
const PERIOD_LOTS: i64 = 10_000;

/// Sizes above `above`, which may be nothing, up to `at_most`, in whole lots. In counts of 10⁻⁹.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SizeRange {
    /// Sizes above this, …
    pub above: i128,
    /// … up to this, …
    pub at_most: i128,
    /// … in whole lots.
    pub lot: i128,
    /// Of the leg that fixes what it spends: the exact cost of `at_most`, in counts of 10⁻¹⁸, and the
    /// price of its last part.
    pub collateral: Option<(i128, i128)>,
}

/// The largest size in the range whose cost is whole cents. A leg that fixes what it spends can spend
/// nothing finer, and would buy a part of a contract less than the other leg.
#[must_use]
pub fn largest_expressible(range: &SizeRange) -> Option<i128> {
    let &SizeRange { above, at_most, lot, collateral } = range;
    let first = at_most - at_most.rem_euclid(lot);
    let lots = match collateral {
        None => 0,
        Some((cost, price)) => lots_to_whole_cents(cost - price * (at_most - first), price * lot)?,
    };
    let size = first - i128::from(lots) * lot;
    (size > above).then_some(size)
}

/// The fewest lots that leave whole cents when they are taken off: `cost` − lots × `step` ≡ 0 in
/// cents. Within the period in which prices of four decimals and lots of two return to whole cents.
fn lots_to_whole_cents(cost: i128, step: i128) -> Option<i64> {
    let (cost, step) = (in_cent(cost), in_cent(step));
    let (common, inverse) = inverse(step);
    if cost % common != 0 {
        return None;
    }
    let period = i128::from(EXACT_CENT / common);
    let lots = i128::from(cost / common) * i128::from(inverse) % period;
    i64::try_from(lots).ok().filter(|lots| *lots < PERIOD_LOTS)
}

fn in_cent(counts: i128) -> i64 {
    i64::try_from(counts.rem_euclid(EXACT_CENT.into())).unwrap_or(0) // it is below a cent
}

/// What `step` has in common with a cent, and the inverse of the rest of it (Euclid).
fn inverse(step: i64) -> (i64, i64) {
    let (mut dividend, mut divisor) = (EXACT_CENT, step);
    let (mut before, mut after) = (0_i64, 1_i64);
    while divisor != 0 {
        let quotient = dividend / divisor;
        (dividend, divisor) = (divisor, dividend - quotient * divisor);
        (before, after) = (after, before - quotient * after);
    }
    (dividend, before.rem_euclid(EXACT_CENT / dividend))
}

/// The smallest quantity that is whole lots of both venues, in counts; both are above 0.
#[must_use]
pub fn common_lot(left: i128, right: i128) -> i128 {
    let (mut one, mut other) = (left, right);
    while other > 0 {
        (one, other) = (other, one % other);
    }
    left / one * right
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As TypeScript does it: lot after lot.
    fn by_trying(range: &SizeRange) -> Option<i128> {
        let &SizeRange { above, at_most, lot, collateral } = range;
        let first = at_most / lot * lot;
        let Some((full, price)) = collateral else { return (first > above).then_some(first) };
        let cost = full - price * (at_most - first);
        let sizes = (0..i128::from(PERIOD_LOTS)).map(|lots| (first - lots * lot, lots));
        sizes
            .take_while(|(size, _)| *size > above)
            .find(|(_, lots)| (cost - price * lot * lots) % i128::from(EXACT_CENT) == 0)
            .map(|(size, _)| size)
    }

    proptest! {
        #[test]
        fn the_largest_size_is_the_one_that_trying_finds(
            above in 0_i128..50_000,
            more in 0_i128..50_000,
            lot in prop::sample::select(vec![1_i128, 10, 25, 100, 700]),
            price in 1_i128..10_000,
            beyond in 0_i128..10_000_000,
            is_fixed in any::<bool>(),
        ) {
            // Hundredths of a contract, ten-thousandths of a dollar.
            let (above, at_most) = (above * 10_000_000, (above + more) * 10_000_000);
            let (lot, price) = (lot * 10_000_000, price * 100_000);
            let cost = at_most * price + beyond * 1_000_000_000_000;
            let collateral = is_fixed.then_some((cost, price));
            let range = SizeRange { above, at_most, lot, collateral };
            prop_assert_eq!(largest_expressible(&range), by_trying(&range));
        }

        #[test]
        fn and_so_with_prices_and_lots_of_any_kind(
            at_most in 0_i128..2_000_000_000_000,
            lot in 1_i128..1_000_000_000,
            price in 1_i128..1_000_000_000,
            beyond in 0_i128..1_000_000_000_000_000_000,
        ) {
            let collateral = Some((at_most * price + beyond, price));
            let range = SizeRange { above: 0, at_most, lot, collateral };
            prop_assert_eq!(largest_expressible(&range), by_trying(&range));
        }
    }

    #[test]
    fn the_common_lot_is_whole_lots_of_both() {
        assert_eq!(common_lot(10, 10), 10);
        assert_eq!(common_lot(4, 6), 12);
        assert_eq!(common_lot(1, 7), 7);
    }
}
