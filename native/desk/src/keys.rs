//! The keys of an account, by the file that has them. They are read once, never told, and wiped
//! wherever they passed through.

use std::fs;
use std::path::Path;
use std::str::Chars;
use std::sync::Arc;

use legwork_engine_core::signing::{ApiSecret, KalshiKey, KalshiKeyError, Maker, SigningError};
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;
use zeroize::Zeroizing;

/// Of a key on secp256k1.
const KEY_BYTES: usize = 32;

/// Why there are no keys. Nothing of a key is told.
#[derive(Debug, Error)]
pub enum KeysError {
    /// It is not there, or may not be read.
    #[error("the keys in {path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Its texts are not where they should be; what is there instead is not told.
    #[error(
        "{path} has no keys of both venues: give kalshi {{keyId, privateKeyPem}} and polymarket \
         {{privateKey, address, apiKey, secret, passphrase}}, as JSON"
    )]
    NotKeys {
        /// The file.
        path: String,
    },
    /// Kalshi's.
    #[error("the Kalshi key in {path}: {cause}")]
    Kalshi {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: KalshiKeyError,
    },
    /// Polymarket's.
    #[error("the Polymarket keys in {path}: {cause}")]
    Polymarket {
        /// The file.
        path: String,
        /// What is wrong with them.
        cause: SigningError,
    },
}

/// What an account signs with.
pub struct Keys {
    /// Signs Kalshi's requests.
    pub kalshi: Arc<KalshiKey>,
    /// Signs Polymarket's orders and requests.
    pub polymarket: PolymarketKeys,
}

/// An account's wallet and API key.
pub struct PolymarketKeys {
    /// With the capitals of EIP-55.
    pub address: String,
    /// Names the API key.
    pub api_key: String,
    /// Of the API key.
    pub passphrase: Zeroizing<String>,
    /// Signs requests.
    pub secret: ApiSecret,
    /// Signs orders.
    pub maker: Arc<Maker>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    kalshi: KalshiFile<'a>,
    #[serde(borrow)]
    polymarket: PolymarketFile<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KalshiFile<'a> {
    key_id: String,
    #[serde(borrow)]
    private_key_pem: SecretText<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolymarketFile<'a> {
    #[serde(borrow)]
    private_key: SecretText<'a>,
    address: String,
    api_key: String,
    #[serde(borrow)]
    secret: SecretText<'a>,
    #[serde(borrow)]
    passphrase: SecretText<'a>,
}

/// As it stands in the file, in its quotes. `serde_json` would put a text with escapes together in a
/// buffer of its own, as a PEM text is one, and leave it behind.
#[derive(Deserialize)]
#[serde(transparent)]
struct SecretText<'a>(#[serde(borrow)] &'a RawValue);

impl SecretText<'_> {
    /// `None`: it is no text.
    fn read(&self) -> Option<Zeroizing<String>> {
        let quoted = self.0.get().strip_prefix('"')?.strip_suffix('"')?;
        // Room for all of it at once, since no escape is shorter than what it says: a text that
        // grows leaves a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(quoted.len()));
        let mut rest = quoted.chars();
        while let Some(next) = rest.next() {
            text.push(if next == '\\' { escaped(&mut rest)? } else { next });
        }
        Some(text)
    }
}

/// RFC 8259, 7. A character of two escapes is in no key.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (digits, behind) = rest.as_str().split_at_checked(4)?;
            *rest = behind.chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
        same @ ('"' | '\\' | '/') => same,
        _ => return None,
    })
}

impl Keys {
    /// From an account's file of credentials (`workers/credentials.ts`).
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let named = || path.display().to_string();
        let text = fs::read(path).map_err(|cause| KeysError::Unreadable { path: named(), cause });
        let text = Zeroizing::new(text?);
        let not_keys = || KeysError::NotKeys { path: named() };
        let File { kalshi, polymarket } = serde_json::from_slice(&text).map_err(|_| not_keys())?;
        let KalshiFile { key_id, private_key_pem } = kalshi;
        let mut pem = private_key_pem.read().ok_or_else(not_keys)?;
        let kalshi = KalshiKey::read(&key_id, std::mem::take(&mut *pem))
            .map_err(|cause| KeysError::Kalshi { path: named(), cause })?;
        let polymarket = polymarket
            .read()
            .ok_or_else(not_keys)?
            .map_err(|cause| KeysError::Polymarket { path: named(), cause })?;
        Ok(Self { kalshi: Arc::new(kalshi), polymarket })
    }
}

impl PolymarketFile<'_> {
    /// `None`: what has to be a text is none.
    fn read(self) -> Option<Result<PolymarketKeys, SigningError>> {
        let private_key = self.private_key.read()?;
        let (secret, passphrase) = (self.secret.read()?, self.passphrase.read()?);
        let made = || {
            let digits = private_key.strip_prefix("0x").unwrap_or(&private_key);
            // In one place from the beginning: what grows leaves copies of what it was.
            let mut key = Zeroizing::new([0; KEY_BYTES]);
            hex::decode_to_slice(digits, &mut *key).map_err(|_| SigningError::NotAKey)?;
            Ok(PolymarketKeys {
                maker: Arc::new(Maker::from_key(&*key)?),
                secret: ApiSecret::parse(&secret)?,
                address: self.address,
                api_key: self.api_key,
                passphrase,
            })
        };
        Some(made())
    }
}
