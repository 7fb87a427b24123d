//! One scale for prices, quantities and money: counts of 10⁻⁹, a type each. On every wire an amount is
//! a decimal string; what does not fit is refused, never rounded. `domain/money.ts` is its twin.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// One unit of anything: 10⁹ counts.
pub const ONE: i128 = 1_000_000_000;
const DECIMALS: usize = 9;
const WHOLE_DIGITS_MAX: usize = 18;

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not a plain decimal with at most 18 digits before the point and 9 after it")]
pub struct NotAnAmount;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(i128);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// From counts of 10⁻⁹.
            #[must_use]
            pub const fn from_counts(counts: i128) -> Self {
                Self(counts)
            }

            /// Counts of 10⁻⁹.
            #[must_use]
            pub const fn counts(self) -> i128 {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnAmount;

            fn from_str(text: &str) -> Result<Self, NotAnAmount> {
                parse(text).map(Self)
            }
        }

        /// From a decimal string, as every wire has it.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                format(self.0, out)
            }
        }
    };
}

amount! {
    /// Dollars per contract.
    Price
}
amount! {
    /// Contracts (shares).
    Quantity
}
amount! {
    /// Dollars; may be negative.
    Money
}

fn parse(text: &str) -> Result<i128, NotAnAmount> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(NotAnAmount),
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || whole.len() > WHOLE_DIGITS_MAX || fraction.len() > DECIMALS {
        return Err(NotAnAmount);
    }
    let mut counts: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return Err(NotAnAmount);
        }
        counts = counts * 10 + i128::from(digit - b'0');
    }
    for _ in fraction.len()..DECIMALS {
        counts *= 10;
    }
    Ok(if is_negative { -counts } else { counts })
}

/// The shortest decimal that `parse` reads back.
fn format(counts: i128, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if counts < 0 { "-" } else { "" };
    let magnitude = counts.unsigned_abs();
    let one = ONE.unsigned_abs();
    let (whole, fraction) = (magnitude / one, magnitude % one);
    if fraction == 0 {
        return write!(out, "{sign}{whole}");
    }
    let digits = format!("{fraction:09}");
    write!(out, "{sign}{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_typescript_reads_it() {
        for (text, counts) in [
            ("0.52", 520_000_000),
            ("-0.000000001", -1),
            ("1", ONE),
            ("007.50", 7_500_000_000),
            ("999999999999999999.999999999", 999_999_999_999_999_999_999_999_999),
        ] {
            assert_eq!(text.parse(), Ok(Money::from_counts(counts)), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_never_rounded() {
        for text in [
            "",
            "-",
            ".5",
            "1.",
            "1.0000000001",
            "1e3",
            "+1",
            " 1",
            "0x1",
            "1,5",
            "--1",
            "1.2.3",
            "1000000000000000000",
            "١",
        ] {
            assert_eq!(text.parse::<Price>(), Err(NotAnAmount), "{text:?}");
        }
    }

    #[test]
    fn an_amount_is_told_as_short_as_it_can_be() {
        for (counts, text) in [(520_000_000, "0.52"), (-1, "-0.000000001"), (0, "0"), (ONE, "1")] {
            assert_eq!(Quantity::from_counts(counts).to_string(), text);
        }
    }
}
