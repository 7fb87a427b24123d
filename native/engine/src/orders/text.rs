//! Numbers as bytes, written behind what is there. The caller has made room for them, so that
//! nothing is allocated.

/// Of the largest number.
const DIGITS_MAX: usize = 20;
const DECIMALS: u32 = 9;
/// One unit, in counts, as `amount::ONE`.
const ONE: u64 = 10_u64.pow(DECIMALS);

/// Decimal digits, without zeros before them.
pub fn push_number(text: &mut Vec<u8>, number: u64) {
    push_digits(text, number, 1);
}

/// An amount (in counts) with exactly so many decimals, of nine; the caller knows that the rest are
/// zeros.
pub fn push_decimal(text: &mut Vec<u8>, counts: u64, decimals: u32) {
    push_number(text, counts / ONE);
    text.push(b'.');
    let cut = 10_u64.pow(DECIMALS.saturating_sub(decimals));
    debug_assert_eq!(counts % cut, 0, "nothing is rounded");
    push_digits(text, counts % ONE / cut, usize::try_from(decimals).unwrap_or(0));
}

/// Lower-case, two digits for each byte.
pub fn push_hex(text: &mut Vec<u8>, bytes: &[u8]) {
    let start = text.len();
    text.resize(start + 2 * bytes.len(), b'0');
    let written = hex::encode_to_slice(bytes, &mut text[start..]);
    debug_assert_eq!(written, Ok(()), "there is room for two digits each");
}

/// A number of exactly so many digits.
pub fn digits<const WIDTH: usize>(number: u64) -> Option<[u8; WIDTH]> {
    let mut text = [b'0'; WIDTH];
    let mut left = number;
    for digit in text.iter_mut().rev() {
        *digit = last_digit(left);
        left /= 10;
    }
    (left == 0 && text.first() != Some(&b'0')).then_some(text)
}

fn push_digits(text: &mut Vec<u8>, number: u64, digits_min: usize) {
    let mut digits = [b'0'; DIGITS_MAX];
    let (mut left, mut start) = (number, DIGITS_MAX);
    while left > 0 {
        start -= 1;
        digits[start] = last_digit(left);
        left /= 10;
    }
    text.extend_from_slice(&digits[start.min(DIGITS_MAX.saturating_sub(digits_min))..]);
}

fn last_digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0) // one digit always fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(counts: u64, decimals: u32) -> String {
        let mut text = Vec::new();
        push_decimal(&mut text, counts, decimals);
        String::from_utf8(text).expect("digits")
    }

    #[test]
    fn an_amount_has_all_its_decimals_and_a_zero_before_the_point() {
        for (counts, decimals, text) in [
            (520_000_000, 4, "0.5200"),
            (100_000, 4, "0.0001"),
            (12_500_000_000, 2, "12.50"),
            (1_000_000_000_000_000_000, 2, "1000000000.00"),
        ] {
            assert_eq!(decimal(counts, decimals), text);
        }
    }

    #[test]
    fn a_number_has_its_own_digits_or_the_width_that_is_asked_for() {
        let mut text = Vec::new();
        for number in [0, 10, u64::MAX] {
            push_number(&mut text, number);
            text.push(b' ');
        }
        assert_eq!(text, b"0 10 18446744073709551615 ");
        assert_eq!(digits(1_703_123_456), Some(*b"1703123456"));
        for number in [0, 999_999_999, 10_000_000_000] {
            assert_eq!(digits::<10>(number), None, "{number}");
        }
    }
}
