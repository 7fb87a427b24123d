//! An order of Polymarket's exchange contracts: its EIP-712 hash, which is its name at the venue, and
//! the maker's signature of it. `venues/polymarket/signing.ts` is the twin; reference/venues.md 2.5.

use k256::ecdsa::SigningKey;
use sha3::{Digest, Keccak256};

use super::SigningError;

const WORD: usize = 32;
const DOMAIN_TYPE: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const ORDER_TYPE: &str = "Order(uint256 salt,address maker,address signer,uint256 tokenId,\
    uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,\
    bytes32 metadata,bytes32 builder)";
/// The type's hash and eleven fields.
const ORDER_WORDS: usize = 12;
/// EIP-712: what follows is typed data.
const PREFIX: [u8; 2] = [0x19, 0x01];

type Word = [u8; WORD];

/// Twenty bytes of an account or a contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address([u8; 20]);

impl Address {
    /// From `0x` and forty hexadecimal digits; letters of either case.
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        let mut bytes = [0; 20];
        let digits = text.strip_prefix("0x").ok_or(SigningError::NotAnAddress)?;
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| SigningError::NotAnAddress)?;
        Ok(Self(bytes))
    }

    fn word(self) -> Word {
        let mut word = [0; WORD];
        word[WORD - self.0.len()..].copy_from_slice(&self.0);
        word
    }
}

/// A contract that orders are signed for: its domain separator, hashed once.
#[derive(Clone, Copy, Debug)]
pub struct Exchange(Word);

impl Exchange {
    /// `version` as the market's own data says it, "2" or "3".
    #[must_use]
    pub fn new(version: &str, chain_id: u64, contract: Address) -> Self {
        let separator = Keccak256::new()
            .chain_update(Keccak256::digest(DOMAIN_TYPE))
            .chain_update(Keccak256::digest("Polymarket CTF Exchange"))
            .chain_update(Keccak256::digest(version))
            .chain_update(word_of(chain_id))
            .chain_update(contract.word())
            .finalize();
        Self(separator.into())
    }

    /// What every order's hash is bound to.
    #[must_use]
    pub fn separator(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a maker does with a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Gives collateral for shares.
    Buy,
    /// Gives shares for collateral.
    Sell,
}

/// What does not change from one order of a token to the next.
#[derive(Clone, Copy, Debug)]
pub struct OrderKind {
    /// The contract.
    pub exchange: Exchange,
    /// Whose funds; its own account signs (signature type 0).
    pub maker: Address,
    /// The token, as `uint256` reads it.
    pub token_id: [u8; 32],
    /// What is done with it.
    pub side: Side,
}

/// One token's orders of one maker, encoded ahead: an order fills in four numbers, and is hashed.
#[derive(Clone)]
pub struct OrderForm {
    separator: Word,
    words: [Word; ORDER_WORDS],
}

const SALT: usize = 1;
const MAKER_AMOUNT: usize = 5;
const TAKER_AMOUNT: usize = 6;
const TIMESTAMP: usize = 9;

impl OrderForm {
    /// Metadata and builder stay zero.
    #[must_use]
    pub fn new(kind: &OrderKind) -> Self {
        let mut words = [[0; WORD]; ORDER_WORDS];
        words[0] = Keccak256::digest(ORDER_TYPE).into();
        words[2] = kind.maker.word();
        words[3] = kind.maker.word(); // an account signs for itself
        words[4] = kind.token_id;
        words[7] = word_of(u64::from(kind.side == Side::Sell));
        Self { separator: kind.exchange.0, words }
    }

    /// The order's hash, and so its name at the venue. Amounts in the contracts' unit, 10⁻⁶;
    /// allocates nothing.
    #[must_use]
    pub fn hash(
        &self,
        salt: u64,
        (maker_amount, taker_amount): (u64, u64),
        timestamp_ms: u64,
    ) -> [u8; 32] {
        let mut words = self.words;
        words[SALT] = word_of(salt);
        words[MAKER_AMOUNT] = word_of(maker_amount);
        words[TAKER_AMOUNT] = word_of(taker_amount);
        words[TIMESTAMP] = word_of(timestamp_ms);
        let order = Keccak256::digest(words.as_flattened());
        let typed = Keccak256::new().chain_update(PREFIX).chain_update(self.separator);
        typed.chain_update(order).finalize().into()
    }
}

/// The account that signs. The key is wiped when this is dropped.
pub struct Maker {
    key: SigningKey,
    address: Address,
}

impl Maker {
    /// From 32 bytes that the curve takes.
    pub fn from_key(bytes: &[u8]) -> Result<Self, SigningError> {
        // A shorter slice would be taken for a smaller number.
        let scalar: &[u8; WORD] = bytes.try_into().map_err(|_| SigningError::NotAKey)?;
        let key = SigningKey::from_bytes(scalar.into()).map_err(|_| SigningError::NotAKey)?;
        let point = key.verifying_key().to_encoded_point(false);
        let digest = Keccak256::digest(&point.as_bytes()[1..]); // behind the mark "not compressed"
        let mut address = [0; 20];
        address.copy_from_slice(&digest[WORD - 20..]);
        Ok(Self { key, address: Address(address) })
    }

    /// Whose signatures these are.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// r, s and v of an order's hash; deterministic (RFC 6979), s in the lower half.
    pub fn sign(&self, hash: &[u8; 32]) -> Result<[u8; 65], SigningError> {
        let signed = self.key.sign_prehash_recoverable(hash).map_err(|_| SigningError::NotAKey)?;
        let (signature, recovery) = signed;
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        Ok(bytes)
    }
}

/// A decimal number as 32 bytes, the highest first.
pub fn uint256(text: &str) -> Result<[u8; 32], SigningError> {
    if text.is_empty() {
        return Err(SigningError::NotANumber);
    }
    let mut word = [0; WORD];
    for digit in text.bytes() {
        let value = char::from(digit).to_digit(10).ok_or(SigningError::NotANumber)?;
        let carry = word.iter_mut().rev().fold(value, |carry, byte| {
            let sum = u32::from(*byte) * 10 + carry;
            *byte = sum.to_le_bytes()[0];
            sum >> 8
        });
        if carry > 0 {
            return Err(SigningError::NotANumber);
        }
    }
    Ok(word)
}

fn word_of(number: u64) -> Word {
    let mut word = [0; WORD];
    word[WORD - 8..].copy_from_slice(&number.to_be_bytes());
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        let largest =
            "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(uint256(largest), Ok([0xff; 32]));
        for text in ["", "-1", "1.0", "0x1", "1e3"] {
            assert_eq!(uint256(text), Err(SigningError::NotANumber), "{text:?}");
        }
        let one_more =
            "115792089237316195423570985008687907853269984665640564039457584007913129639936";
        assert_eq!(uint256(one_more), Err(SigningError::NotANumber));
    }

    #[test]
    fn what_is_no_key_and_no_address_is_refused() {
        assert!(Maker::from_key(&[0; 32]).is_err());
        assert!(Maker::from_key(&[1; 31]).is_err());
        assert!(Maker::from_key(&[0xff; 32]).is_err(), "above the order of the curve");
        for text in ["", "0x", "e111180000d2663c0091e4f400237545b87b996b", "0xE1", "0xzz"] {
            assert_eq!(Address::parse(text), Err(SigningError::NotAnAddress), "{text:?}");
        }
    }
}
