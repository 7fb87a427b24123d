//! What a taker pays, in counts of 10⁻⁹, exactly as `domain/fees.ts` has it. These are planning bounds
//! with all rounding included: what the venue reports is what is booked.

use std::str::FromStr;

use thiserror::Error;

use crate::amount::{Money, NotAnAmount, ONE, Price, Quantity};
use crate::books::Level;

const CENT: i128 = 10_000_000;
/// Kalshi's trade fee is rounded up to $0.0001 (docs.kalshi.com "Fee Rounding", reference 1.8).
const CENTICENT: i128 = 100_000;
/// Polymarket charges five decimals; its rule for ties is undocumented, so up (reference 2.9).
const POLYMARKET_STEP: i128 = 10_000;
/// Ten times the series' ordinary fee: beyond it the products below could leave 128 bits.
const MULTIPLIER_MAX: i128 = 10 * ONE;

/// A pure number such as a fee rate, in counts of 10⁻⁹.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ratio(i128);

impl FromStr for Ratio {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        text.parse().map(|counts: Quantity| Self(counts.counts()))
    }
}

/// Why a schedule cannot be computed here, and its pair not be armed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum FeeError {
    /// Of what a contract is worth.
    #[error("a fee rate is between 0 and 1")]
    Rate,
    /// `series.fee_multiplier`.
    #[error("a fee multiplier is between 0 and 10")]
    Multiplier,
    /// 1 on every market known so far: another one would be computed for the first time in a shot.
    #[error("the power of a fee schedule is 1, not {0}")]
    Power(u32),
}

/// A market's fee schedule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fees(Schedule);

/// In counts of 10⁻⁹.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Schedule {
    Kalshi { rate: i128, multiplier: i128 },
    Polymarket { rate: i128 },
}

impl Fees {
    /// rate × C × P × (1−P) × multiplier.
    pub fn kalshi(Ratio(rate): Ratio, Ratio(multiplier): Ratio) -> Result<Self, FeeError> {
        check_rate(rate)?;
        if !(0..=MULTIPLIER_MAX).contains(&multiplier) {
            return Err(FeeError::Multiplier);
        }
        Ok(Self(Schedule::Kalshi { rate, multiplier }))
    }

    /// C × rate × (P × (1−P))^power.
    pub fn polymarket(Ratio(rate): Ratio, power: u32) -> Result<Self, FeeError> {
        check_rate(rate)?;
        if power == 1 {
            Ok(Self(Schedule::Polymarket { rate }))
        } else {
            Err(FeeError::Power(power))
        }
    }

    /// What one contract more at a price between 0 and 1 adds, before the rounding of its fill.
    #[must_use]
    pub fn marginal(&self, price: Price) -> Price {
        let variance = variance(price);
        Price::from_counts(match self.0 {
            Schedule::Kalshi { rate, multiplier } => {
                ceil(rate * multiplier * variance, ONE * ONE * ONE)
            }
            Schedule::Polymarket { rate } => ceil(rate * variance, ONE * ONE),
        })
    }

    /// One fill, without what an order is charged once.
    #[must_use]
    pub fn fill(&self, fill: &Level) -> Money {
        let (variance, contracts) = (variance(fill.price), fill.quantity.counts());
        Money::from_counts(match self.0 {
            Schedule::Kalshi { rate, multiplier } => {
                let product = rate * multiplier * variance;
                ceil_of_product(product, contracts, ONE * ONE * CENTICENT) * CENTICENT
            }
            Schedule::Polymarket { rate } => {
                ceil_of_product(rate * variance, contracts, ONE * POLYMARKET_STEP) * POLYMARKET_STEP
            }
        })
    }

    /// What an order that trades at all is charged once: Kalshi's rounding that is never refunded.
    #[must_use]
    pub fn order(&self) -> Money {
        Money::from_counts(match self.0 {
            Schedule::Kalshi { .. } => CENT,
            Schedule::Polymarket { .. } => 0,
        })
    }

    /// The most that an order paying out `collateral` can be charged, at whatever price it trades: per
    /// dollar the fee is rate × (1−P), which is below the rate for every price.
    #[must_use]
    pub fn of_collateral(&self, collateral: Money) -> Money {
        let collateral = collateral.counts();
        Money::from_counts(match self.0 {
            Schedule::Kalshi { rate, multiplier } => {
                let fee = ceil(ceil(rate * collateral, ONE) * multiplier, ONE);
                to_multiple(fee, CENTICENT) + CENT
            }
            Schedule::Polymarket { rate } => {
                to_multiple(ceil(rate * collateral, ONE), POLYMARKET_STEP)
            }
        })
    }
}

fn check_rate(rate: i128) -> Result<(), FeeError> {
    if (0..=ONE).contains(&rate) { Ok(()) } else { Err(FeeError::Rate) }
}

/// P × (1−P), in counts of 10⁻¹⁸: at most a quarter.
fn variance(price: Price) -> i128 {
    price.counts() * (ONE - price.counts())
}

/// ⌈left × right ÷ (10¹⁸ × divisor)⌉ of what is not negative. The product may need more than 128
/// bits, so `left` is taken apart at 10¹⁸; ⌈⌈x⌉ ÷ n⌉ is ⌈x ÷ n⌉, so nothing is rounded twice.
/// `left` is below 2.5 × 10³⁶ and `right` below 2⁶³, so that each part fits.
fn ceil_of_product(left: i128, right: i128, divisor: i128) -> i128 {
    let scale = ONE * ONE;
    let (high, low) = (left / scale, left % scale);
    ceil(high * right + ceil(low * right, scale), divisor)
}

fn to_multiple(counts: i128, step: i128) -> i128 {
    ceil(counts, step) * step
}

/// Of what is not negative.
fn ceil(dividend: i128, divisor: i128) -> i128 {
    let quotient = dividend / divisor;
    if quotient * divisor == dividend { quotient } else { quotient + 1 }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    fn of<T: FromStr<Err = NotAnAmount>>(text: &str) -> T {
        text.parse().expect("an amount")
    }

    fn fill(fees: &Fees, quantity: &str, price: &str) -> String {
        fees.fill(&Level { price: of(price), quantity: of(quantity) }).to_string()
    }

    #[test]
    fn kalshis_trade_fee_is_rounded_up_to_a_hundredth_of_a_cent() {
        let fees = Fees::kalshi(of("0.07"), of("1")).expect("a schedule");
        assert_eq!(fill(&fees, "1", "0.5"), "0.0175");
        assert_eq!(fill(&fees, "1", "0.055"), "0.0037");
        assert_eq!(fill(&fees, "100", "0.55"), "1.7325");
        assert_eq!(fill(&fees, "0.01", "0.01"), "0.0001");
        assert_eq!(fees.order().to_string(), "0.01");
        assert_eq!(fees.marginal(of("0.55")).to_string(), "0.017325");
    }

    #[test]
    fn polymarkets_fee_has_five_decimals_and_a_free_market_has_none() {
        let fees = Fees::polymarket(of("0.04"), 1).expect("a schedule");
        assert_eq!(fill(&fees, "100", "0.41"), "0.9676");
        assert_eq!(fill(&fees, "0.01", "0.001"), "0.00001");
        let free = Fees::polymarket(of("0"), 1).expect("a schedule");
        assert_eq!(fill(&free, "100", "0.41"), "0");
        assert_eq!(free.order(), Money::ZERO);
    }

    #[test]
    fn a_fill_of_the_largest_level_at_the_largest_fee_stays_within_128_bits() {
        let fees = Fees::kalshi(of("1"), of("10")).expect("a schedule");
        let quantity = Quantity::from_counts(i64::MAX.into());
        let dollars = fees.fill(&Level { price: of("0.5"), quantity }).to_string();
        assert_eq!(dollars, "23058430092.137"); // 9223372036.854775807 × 10 × 0.25, up to 0.0001
    }

    #[test]
    fn a_schedule_that_cannot_be_computed_is_refused() {
        assert_eq!(Fees::kalshi(of("-0.01"), of("1")), Err(FeeError::Rate));
        assert_eq!(Fees::kalshi(of("1.000000001"), of("1")), Err(FeeError::Rate));
        assert_eq!(Fees::kalshi(of("0.07"), of("10.1")), Err(FeeError::Multiplier));
        assert_eq!(Fees::polymarket(of("0.04"), 2), Err(FeeError::Power(2)));
        assert_eq!(Fees::polymarket(of("0.04"), 0), Err(FeeError::Power(0)));
    }
}
