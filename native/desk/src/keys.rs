//! The keys of an account, by the file that has them. They are read once, never told, and wiped
//! wherever they passed through.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use legwork_engine_core::signing::{ApiSecret, KalshiKey, KalshiKeyError, Maker, SigningError};
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

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
struct File {
    kalshi: KalshiFile,
    polymarket: PolymarketFile,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KalshiFile {
    key_id: String,
    private_key_pem: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolymarketFile {
    private_key: Zeroizing<String>,
    address: String,
    api_key: String,
    secret: Zeroizing<String>,
    passphrase: Zeroizing<String>,
}

impl Keys {
    /// From an account's file of credentials (`workers/credentials.ts`).
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let named = || path.display().to_string();
        let text = fs::read(path).map_err(|cause| KeysError::Unreadable { path: named(), cause });
        let text = Zeroizing::new(text?);
        let File { kalshi, polymarket } =
            serde_json::from_slice(&text).map_err(|_| KeysError::NotKeys { path: named() })?;
        let KalshiFile { key_id, mut private_key_pem } = kalshi;
        let kalshi = KalshiKey::read(&key_id, std::mem::take(&mut *private_key_pem))
            .map_err(|cause| KeysError::Kalshi { path: named(), cause })?;
        let polymarket =
            polymarket.read().map_err(|cause| KeysError::Polymarket { path: named(), cause })?;
        Ok(Self { kalshi: Arc::new(kalshi), polymarket })
    }
}

impl PolymarketFile {
    fn read(self) -> Result<PolymarketKeys, SigningError> {
        let digits = self.private_key.strip_prefix("0x").unwrap_or(&self.private_key);
        let key = Zeroizing::new(hex::decode(digits).map_err(|_| SigningError::NotAKey)?);
        Ok(PolymarketKeys {
            maker: Arc::new(Maker::from_key(&key)?),
            secret: ApiSecret::parse(&self.secret)?,
            address: self.address,
            api_key: self.api_key,
            passphrase: self.passphrase,
        })
    }
}
