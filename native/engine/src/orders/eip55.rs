//! An address as wallets show it: the capitals among its letters are a checksum (EIP-55).
//! Polymarket compares addresses letter by letter.

use sha3::{Digest, Keccak256};

/// Whether each letter of `0x` and forty digits is capital exactly where its checksum says so.
pub fn is_checksummed(address: &str) -> bool {
    let Some(digits) = address.strip_prefix("0x") else { return false };
    let hash = hex::encode(Keccak256::digest(digits.to_ascii_lowercase()));
    let is_right = |(digit, sum): (u8, u8)| {
        !digit.is_ascii_alphabetic() || digit.is_ascii_uppercase() == (sum >= b'8')
    };
    digits.len() == 40 && digits.bytes().zip(hash.bytes()).all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_capitals_of_its_checksum() {
        // EIP-55's own examples.
        for address in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0x52908400098527886E0F7030069857D2E4169EE7",
        ] {
            assert!(is_checksummed(address), "{address}");
            assert!(!is_checksummed(&address.to_ascii_lowercase()), "{address}");
        }
        for text in ["", "0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6"] {
            assert!(!is_checksummed(text), "{text:?}");
        }
    }
}
