//! From the PEM text that Kalshi hands out to the bytes of its key, and why a text is none. Whatever
//! was read here is wiped when it is dropped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::KalshiKeyError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// `rsaEncryption`, 1.2.840.113549.1.1.1, as an element.
const RSA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// Of an element's length; 16 MiB are more than any key.
const LENGTH_DIGITS_MAX: usize = 3;

/// How the key lies in its bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// "PRIVATE KEY": says of itself that it is RSA.
    Pkcs8,
    /// "RSA PRIVATE KEY": the numbers alone.
    Pkcs1,
}

pub struct Der {
    pub form: Form,
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Der {
    /// The first block of the text, which may have anything around it.
    pub fn read(pem: &str) -> Result<Self, KalshiKeyError> {
        let (label, body) = block(pem).ok_or(KalshiKeyError::NotPem)?;
        let form = match label {
            "PRIVATE KEY" => Form::Pkcs8,
            "RSA PRIVATE KEY" if !body.contains("ENCRYPTED") => Form::Pkcs1,
            "RSA PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => return Err(KalshiKeyError::Locked),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(KalshiKeyError::Public),
            _ => return Err(KalshiKeyError::NotRsa),
        };
        Ok(Self { form, bytes: decode(body)? })
    }

    /// Why nobody takes this for a key, as far as its bytes can be read.
    pub fn refused(&self, bits_min: usize) -> KalshiKeyError {
        let numbers = match self.form {
            Form::Pkcs1 => Some(self.bytes.as_slice()),
            Form::Pkcs8 if !is_rsa(&self.bytes).unwrap_or(true) => return KalshiKeyError::NotRsa,
            Form::Pkcs8 => inside(&self.bytes),
        };
        match numbers.and_then(modulus_bits) {
            Some(bits) if bits < bits_min => KalshiKeyError::TooSmall,
            _ => KalshiKeyError::Damaged,
        }
    }
}

/// The label of a block, and what is between its two lines.
fn block(pem: &str) -> Option<(&str, &str)> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (label, rest) = rest.split_once(DASHES)?;
    let (body, rest) = rest.split_once(END)?;
    let end = rest.strip_prefix(label)?;
    end.starts_with(DASHES).then_some((label, body))
}

fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, KalshiKeyError> {
    // Room for all of it at once: a vector that grows leaves a copy behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(body.len()));
    digits.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(vec![0; body.len()]);
    let length = STANDARD.decode_slice(&*digits, &mut bytes);
    bytes.truncate(length.map_err(|_| KalshiKeyError::Damaged)?);
    Ok(bytes)
}

/// What a PKCS#8 text says of its key.
fn is_rsa(pkcs8: &[u8]) -> Option<bool> {
    let (fields, _) = element(pkcs8, SEQUENCE)?;
    let (_version, rest) = element(fields, INTEGER)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    Some(algorithm.starts_with(&RSA))
}

/// The PKCS#1 numbers of a PKCS#8 text.
fn inside(pkcs8: &[u8]) -> Option<&[u8]> {
    let (fields, _) = element(pkcs8, SEQUENCE)?;
    let (_version, rest) = element(fields, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    Some(element(rest, OCTETS)?.0)
}

fn modulus_bits(pkcs1: &[u8]) -> Option<usize> {
    let (fields, _) = element(pkcs1, SEQUENCE)?;
    let (_version, rest) = element(fields, INTEGER)?;
    let (modulus, _) = element(rest, INTEGER)?;
    let first = modulus.iter().position(|byte| *byte != 0)?;
    let leading = usize::try_from(modulus[first].leading_zeros()).ok()?;
    Some((modulus.len() - first) * 8 - leading)
}

/// The content of the first element, which has to be of that kind, and what comes after it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (short, rest) = rest.split_first()?;
    let count = usize::from(short & 0x7f);
    let (length, rest) = match short {
        0..0x80 => (count, rest),
        _ if count > LENGTH_DIGITS_MAX => return None,
        _ => {
            let (digits, rest) = rest.split_at_checked(count)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let of_kind = (*first == kind).then_some(rest)?;
    of_kind.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_block_is_found_whatever_is_around_it() {
        let text =
            "Bag Attributes\n-----BEGIN PRIVATE KEY-----\r\n QU \n JD\n-----END PRIVATE KEY-----\n";
        let der = Der::read(text).expect("a block");
        assert_eq!((der.form, der.bytes.as_slice()), (Form::Pkcs8, &b"ABC"[..]));
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_the_reason_is_found_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            is_pkcs8: bool,
        ) {
            let form = if is_pkcs8 { Form::Pkcs8 } else { Form::Pkcs1 };
            let said = Der { form, bytes: Zeroizing::new(bytes) }.refused(2_048);
            prop_assert!(!said.to_string().is_empty());
        }

        #[test]
        fn whatever_the_text_is_it_is_read_without_a_panic(text in "(-----|BEGIN |END |A|\\PC)*") {
            let _whatever_it_is = Der::read(&text).is_ok();
        }
    }
}
