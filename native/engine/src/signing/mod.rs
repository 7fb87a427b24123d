//! What venues are asked to believe. Keys come by reference, never leave, and are wiped when dropped.
//! `test/vectors` holds the hashes and signatures that TypeScript makes of the same.

mod contracts;
mod kalshi_ahead;
mod kalshi_key;
mod kalshi_pem;
mod polymarket_account;
mod polymarket_order;

use thiserror::Error;

pub use self::kalshi_ahead::{
    AheadError, AheadOptions, HEADERS_AGE_MAX, KalshiAhead, KalshiSigning, SigningThread,
};
pub use self::kalshi_key::{KalshiHeaders, KalshiKey, KalshiKeyError, NotSigned};
pub use self::polymarket_account::{ApiSecret, SIGNATURE_TEXT_BYTES};
pub use self::polymarket_order::{Address, Exchange, Maker, OrderForm, OrderKind, Side, uint256};

/// Why something cannot be signed with; nothing of a key is ever told.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SigningError {
    /// Not 32 bytes, or no number that the curve takes.
    #[error("not a private key: 32 bytes in hex that secp256k1 takes")]
    NotAKey,
    /// Not 20 bytes of hex.
    #[error("not an address: 0x and 40 hexadecimal digits")]
    NotAnAddress,
    /// Not a decimal below 2^256.
    #[error("not a decimal number below 2^256")]
    NotANumber,
    /// Not base64.
    #[error("not an API secret: base64 in either alphabet")]
    NotASecret,
}
