//! The signature of a trading call (L2): HMAC over the exact bytes that are sent. The twin of
//! `venues/polymarket/l2-headers.ts`; reference/venues.md 2.4.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE};
use base64::engine::{DecodePaddingMode, general_purpose};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SigningError;

/// Of a signature as text: 32 bytes in base64 with padding.
pub const SIGNATURE_TEXT_BYTES: usize = 44;

/// An account's API secret, with its part of the hash done once.
#[derive(Clone)]
pub struct ApiSecret(Hmac<Sha256>);

/// Secrets come in either alphabet, with padding or without.
const SECRETS: GeneralPurposeConfig =
    general_purpose::PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, SECRETS);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, SECRETS);

impl ApiSecret {
    /// From base64, as the venue hands it out.
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        let is_for_urls = text.contains(['-', '_']);
        let engine = if is_for_urls { &FOR_URLS } else { &STANDARD };
        let key = Zeroizing::new(engine.decode(text).map_err(|_| SigningError::NotASecret)?);
        if key.is_empty() {
            return Err(SigningError::NotASecret);
        }
        let keyed = Hmac::new_from_slice(&key).map_err(|_| SigningError::NotASecret)?;
        Ok(Self(keyed))
    }

    /// URL-safe base64 with padding of HMAC-SHA256 of timestamp (whole seconds), method, path without
    /// query, and body. JSON whitespace counts. Allocates nothing.
    #[must_use]
    pub fn sign(
        &self,
        timestamp: &str,
        (method, path): (&str, &str),
        body: &[u8],
    ) -> [u8; SIGNATURE_TEXT_BYTES] {
        let mut hash = self.0.clone();
        for part in [timestamp.as_bytes(), method.as_bytes(), path.as_bytes(), body] {
            hash.update(part);
        }
        let mut text = [b'='; SIGNATURE_TEXT_BYTES];
        let written = URL_SAFE.encode_slice(hash.finalize().into_bytes(), &mut text);
        debug_assert_eq!(written, Ok(SIGNATURE_TEXT_BYTES));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_in_either_alphabet_and_refused_where_it_is_none() {
        let sign = |secret: &str| {
            ApiSecret::parse(secret).map(|secret| secret.sign("1", ("GET", "/"), b"")).ok()
        };
        assert!(sign("+/8=").is_some());
        assert_eq!(sign("+/8="), sign("-_8="));
        assert_eq!(sign("-_8"), sign("-_8="));
        for text in ["", "+-8=", "a b", "é"] {
            assert_eq!(sign(text), None, "{text:?}");
        }
    }
}
