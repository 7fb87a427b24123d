//! Names that are the same in every process and language. What TypeScript makes of the same words is
//! in `test/vectors/ids.json`, which both sides are held to; `domain/ids.ts` is the twin.

use std::fmt;

use sha2::{Digest, Sha256};

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters of a client order id.
pub const CLIENT_ORDER_ID_LENGTH: usize = 26;
/// What a JSON number, and so Polymarket's salt, holds exactly.
const SALT_BITS: u32 = 53;

/// Our name for an order at every venue; made without allocating.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ClientOrderId([u8; CLIENT_ORDER_ID_LENGTH]);

impl ClientOrderId {
    /// The first 26 characters of lower-case RFC 4648 base32 of SHA-256 of the UTF-8 lines workflow
    /// id, purpose and attempt (from 0).
    #[must_use]
    pub fn derive(workflow_id: &str, purpose: &str, attempt: u32) -> Self {
        let mut digits = [0; 10];
        let digest = Sha256::new()
            .chain_update(workflow_id)
            .chain_update("\n")
            .chain_update(purpose)
            .chain_update("\n")
            .chain_update(decimal(attempt, &mut digits))
            .finalize();
        Self(base32(&digest))
    }

    /// As it was recorded. `None` where the bytes are no name of ours.
    #[must_use]
    pub fn from_recorded(bytes: [u8; CLIENT_ORDER_ID_LENGTH]) -> Option<Self> {
        bytes.iter().all(|byte| BASE32.contains(byte)).then_some(Self(bytes))
    }

    /// ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; CLIENT_ORDER_ID_LENGTH] {
        &self.0
    }

    /// Polymarket's salt: the first 53 bits of SHA-256 of our id, so that the order's hash is ours.
    #[must_use]
    pub fn polymarket_salt(&self) -> u64 {
        let digest = Sha256::digest(self.0);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first) >> (u64::BITS - SALT_BITS)
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| fmt::Write::write_char(out, char::from(*byte)))
    }
}

impl fmt::Debug for ClientOrderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

fn base32(digest: &[u8]) -> [u8; CLIENT_ORDER_ID_LENGTH] {
    let mut text = [0; CLIENT_ORDER_ID_LENGTH];
    for (index, character) in text.iter_mut().enumerate() {
        let bit = index * 5;
        let pair = u16::from_be_bytes([digest[bit / 8], digest[bit / 8 + 1]]);
        let group = (pair >> (11 - bit % 8)) & 0b1_1111;
        *character = BASE32[usize::from(group)];
    }
    text
}

/// The decimal digits of a number, without allocating.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(number % 10).unwrap_or(0); // one digit always fits
        number /= 10;
        if number == 0 {
            return &digits[start..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_of_ours_is_read_back() {
        let name = ClientOrderId::derive("arbitrage/a", "entry/yes", 0);
        assert_eq!(ClientOrderId::from_recorded(*name.as_bytes()), Some(name));
        assert_eq!(ClientOrderId::from_recorded([b'A'; 26]), None);
        assert_eq!(ClientOrderId::from_recorded([0; 26]), None);
    }

    #[test]
    fn attempts_of_many_digits_are_named_apart() {
        let name = |attempt| ClientOrderId::derive("arbitrage/a", "exit/no/3", attempt);
        assert_ne!(name(9), name(10));
        assert_ne!(name(u32::MAX), name(u32::MAX - 1));
    }
}
