//! The headers of a Kalshi request: RSA-PSS (SHA-256, a salt of 32 bytes) over its time, method and
//! path. The body is not signed. The twin of `venues/kalshi/signing.ts`; reference/venues.md 1.2.

use std::io::Write;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

use super::kalshi_pem::{Der, Form};

const BITS_MIN: usize = 2_048;
const SIGNATURE_BYTES_MAX: usize = 512;
const KEY_ID_BYTES_MAX: usize = 64;
/// Of timestamp, method and path together; the longest in use has 80.
const TEXT_BYTES_MAX: usize = 512;
/// From 2001 to 2286 a time has thirteen digits.
const MILLISECONDS: std::ops::Range<u64> = 1_000_000_000_000..10_000_000_000_000;

/// Why a text is no key to sign with, and what to do. Nothing of the text is ever told.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum KalshiKeyError {
    /// Empty, too long, or not plain ASCII: it would not stay in its header.
    #[error("not the id of a Kalshi API key: copy the id (a UUID) that Kalshi shows beside it")]
    NotAnId,
    /// No block from BEGIN to END.
    #[error(
        "not a key in PEM: give the whole text, from -----BEGIN to -----END, with its line breaks"
    )]
    NotPem,
    /// What the venue keeps, not what we sign with.
    #[error("this is a public key: give the private one, the file that Kalshi offered only once")]
    Public,
    /// Nobody types a passphrase where this runs.
    #[error("the key is locked by a passphrase: unlock it (openssl pkey -in KEY -out UNLOCKED)")]
    Locked,
    /// EC, Ed25519, a certificate, OpenSSH's own form.
    #[error("not an RSA key in PKCS#8 or PKCS#1: make a new API key in Kalshi's account settings")]
    NotRsa,
    /// Fewer than 2,048 bits.
    #[error("an RSA key below 2,048 bits: make a new API key in Kalshi's account settings")]
    TooSmall,
    /// More than 4,096 bits, for which prepared requests have no room.
    #[error("an RSA key above 4,096 bits: make a new API key in Kalshi's account settings")]
    TooLarge,
    /// Its base64, its form or its numbers are wrong.
    #[error("the key is damaged: copy its file again, or make a new API key at Kalshi")]
    Damaged,
}

/// Why there is no signature; nothing has left.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NotSigned {
    /// A clock that is before 2001 or after 2286.
    #[error("the machine's clock is wrong: a timestamp has thirteen digits")]
    Time,
    /// Longer than any of the venue's.
    #[error("method and path are longer than 499 bytes")]
    TooLong,
    /// No randomness, or no memory.
    #[error("the signing library refused")]
    Refused,
}

/// An account's API key. Its numbers are AWS-LC's alone, which wipes what it frees; everything they
/// were read from is wiped here.
pub struct KalshiKey {
    id: Box<str>,
    pair: RsaKeyPair,
}

impl KalshiKey {
    /// From the venue's name of the key and its PEM text, PKCS#8 or PKCS#1, which is taken and wiped.
    pub fn read(id: &str, pem: String) -> Result<Self, KalshiKeyError> {
        let pem = Zeroizing::new(pem);
        let is_header = id.bytes().all(|byte| byte.is_ascii_graphic());
        if id.is_empty() || id.len() > KEY_ID_BYTES_MAX || !is_header {
            return Err(KalshiKeyError::NotAnId);
        }
        let der = Der::read(&pem)?;
        let pair = match der.form {
            Form::Pkcs8 => RsaKeyPair::from_pkcs8(&der.bytes),
            Form::Pkcs1 => RsaKeyPair::from_der(&der.bytes),
        };
        let pair = pair.map_err(|_| der.refused(BITS_MIN))?;
        if pair.public_modulus_len() > SIGNATURE_BYTES_MAX {
            return Err(KalshiKeyError::TooLarge);
        }
        Ok(Self { id: id.into(), pair })
    }

    /// What `KALSHI-ACCESS-KEY` says: the same in every request.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How long each of its signatures is as text: 344 for a key of 2,048 bits.
    #[must_use]
    pub fn signature_text_bytes(&self) -> usize {
        text_bytes(self.pair.public_modulus_len())
    }

    /// The headers of one request, at a time since 1970. A query is allowed and not signed. What is
    /// allocated (a signature's bytes, and more in C) is aws-lc-rs's.
    pub fn sign(
        &self,
        timestamp_ms: u64,
        method: &str,
        path: &str,
    ) -> Result<KalshiHeaders, NotSigned> {
        let timestamp = timestamp_text(timestamp_ms)?;
        let mut room = [0; TEXT_BYTES_MAX];
        let text = signed_text(&mut room, timestamp, method, path)?;
        let mut room = [0; SIGNATURE_BYTES_MAX];
        let bytes = &mut room[..self.pair.public_modulus_len()];
        let signed = self.pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text, bytes);
        signed.map_err(|_| NotSigned::Refused)?;
        let mut signature = [0; KalshiHeaders::SIGNATURE_BYTES_MAX];
        let written = STANDARD.encode_slice(bytes, &mut signature);
        let signature_bytes = written.map_err(|_| NotSigned::Refused)?;
        Ok(KalshiHeaders { timestamp, signature, signature_bytes })
    }
}

/// What changes from one request to the next, as text. It cannot be copied: who has it may send it
/// once. Whoever reads it could send any body with it, so it is never printed.
#[must_use = "headers are signed to be sent"]
pub struct KalshiHeaders {
    timestamp: [u8; Self::TIMESTAMP_BYTES],
    signature: [u8; Self::SIGNATURE_BYTES_MAX],
    signature_bytes: usize,
}

impl KalshiHeaders {
    /// Of `KALSHI-ACCESS-TIMESTAMP`: milliseconds since 1970.
    pub const TIMESTAMP_BYTES: usize = 13;
    /// Of `KALSHI-ACCESS-SIGNATURE`, by the largest key.
    pub const SIGNATURE_BYTES_MAX: usize = text_bytes(SIGNATURE_BYTES_MAX);

    /// `KALSHI-ACCESS-TIMESTAMP`, as it was signed.
    #[must_use]
    pub fn timestamp(&self) -> &[u8; Self::TIMESTAMP_BYTES] {
        &self.timestamp
    }

    /// `KALSHI-ACCESS-SIGNATURE`, in base64; as long as its key says.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature[..self.signature_bytes]
    }
}

/// In base64 with padding.
const fn text_bytes(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

fn timestamp_text(ms: u64) -> Result<[u8; KalshiHeaders::TIMESTAMP_BYTES], NotSigned> {
    if !MILLISECONDS.contains(&ms) {
        return Err(NotSigned::Time);
    }
    let mut text = [0; KalshiHeaders::TIMESTAMP_BYTES];
    write!(&mut text[..], "{ms}").map_err(|_| NotSigned::Time)?;
    Ok(text)
}

/// Time, method and the path without its query, with nothing between them.
fn signed_text<'a>(
    room: &'a mut [u8; TEXT_BYTES_MAX],
    timestamp: [u8; KalshiHeaders::TIMESTAMP_BYTES],
    method: &str,
    path: &str,
) -> Result<&'a [u8], NotSigned> {
    let without_query = path.split_once('?').map_or(path, |(path, _query)| path);
    let mut rest = &mut room[..];
    for part in [&timestamp[..], method.as_bytes(), without_query.as_bytes()] {
        rest.write_all(part).map_err(|_| NotSigned::TooLong)?;
    }
    let left = rest.len();
    Ok(&room[..TEXT_BYTES_MAX - left])
}
