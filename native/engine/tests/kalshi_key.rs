//! What the venue checks, and what is no key to sign with.

#[path = "support/kalshi.rs"]
mod kalshi;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kalshi::{RefusedKey, Request, is_signed, key, vectors};
use legwork_engine_core::signing::{KalshiHeaders, KalshiKey, KalshiKeyError, NotSigned};

const TIME_MS: u64 = 1_703_123_456_789;
const PATH: &str = "/trade-api/v2/portfolio/events/orders";
/// Of a key of 2,048 bits.
const SIGNATURE_BYTES: usize = 344;

fn refusal(pem: &str) -> Option<KalshiKeyError> {
    KalshiKey::read("desk", pem.to_owned()).err()
}

/// A key's bytes as a text of that label.
fn pem_of(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[test]
fn what_typescript_and_rust_have_signed_is_what_the_venue_takes() {
    let given = vectors();
    assert!(given.requests.len() > 2, "only {} requests", given.requests.len());
    for Request { name, text, by_typescript, by_rust, .. } in &given.requests {
        for signature in [by_typescript, by_rust] {
            assert_eq!(signature.len(), SIGNATURE_BYTES, "{name}");
            assert!(is_signed(&given.public_key_pem, text.as_bytes(), signature.as_bytes()));
        }
    }
}

#[test]
fn a_request_is_signed_as_typescript_writes_its_text() {
    let given = vectors();
    let key = key();
    assert_eq!((key.id(), key.signature_text_bytes()), (given.key_id.as_str(), SIGNATURE_BYTES));
    for Request { name, method, path, timestamp_ms, text, .. } in &given.requests {
        let headers = key.sign(*timestamp_ms, method, path).expect("it signs");
        assert_eq!(headers.timestamp()[..], text.as_bytes()[..13], "{name}");
        assert_eq!(headers.signature().len(), SIGNATURE_BYTES, "{name}");
        let is_signed = is_signed(&given.public_key_pem, text.as_bytes(), headers.signature());
        assert!(is_signed, "{name}");
    }
}

#[test]
fn a_query_is_allowed_and_not_signed() {
    let key = key();
    let public = vectors().public_key_pem;
    let headers = key.sign(TIME_MS, "GET", "/trade-api/v2/markets?status=open&a=b?c").expect("it");
    let is_signed = |text: &str| is_signed(&public, text.as_bytes(), headers.signature());
    assert!(is_signed("1703123456789GET/trade-api/v2/markets"));
    assert!(!is_signed("1703123456789GET/trade-api/v2/markets?status=open&a=b?c"));
}

#[test]
fn any_changed_byte_is_not_signed() {
    let public = vectors().public_key_pem;
    let headers = key().sign(TIME_MS, "POST", PATH).expect("it signs");
    let text = format!("{TIME_MS}POST{PATH}").into_bytes();
    assert!(is_signed(&public, &text, headers.signature()));
    for place in 0..text.len() {
        let mut changed = text.clone();
        changed[place] ^= 1;
        assert!(!is_signed(&public, &changed, headers.signature()), "byte {place}");
    }
    let mut changed = headers.signature().to_vec();
    changed[0] = if changed[0] == b'A' { b'B' } else { b'A' };
    assert!(!is_signed(&public, &text, &changed));
}

#[test]
fn one_request_is_never_signed_alike_twice() {
    let key = key();
    let sign = || key.sign(TIME_MS, "POST", PATH).expect("it signs").signature().to_vec();
    assert_ne!(sign(), sign(), "its salt is random");
}

#[test]
fn a_time_without_thirteen_digits_and_a_path_without_an_end_are_not_signed() {
    let key = key();
    let refused = |ms, path: &str| key.sign(ms, "POST", path).err();
    let longest = "/".repeat(512 - KalshiHeaders::TIMESTAMP_BYTES - "POST".len());
    assert_eq!(refused(1_000_000_000_000, PATH), None);
    assert_eq!(refused(9_999_999_999_999, &longest), None);
    for ms in [0, 999_999_999_999, 10_000_000_000_000, u64::MAX] {
        assert_eq!(refused(ms, PATH), Some(NotSigned::Time), "{ms}");
    }
    assert_eq!(refused(TIME_MS, &format!("{longest}/")), Some(NotSigned::TooLong));
    assert_eq!(refused(TIME_MS, &format!("{longest}?and=more")), None);
}

#[test]
fn a_key_is_read_in_both_of_its_forms() {
    let given = vectors();
    let text = format!("{TIME_MS}POST{PATH}");
    for pem in [
        given.private_key_pem.clone(),
        given.private_key_pkcs1_pem.clone(),
        given.private_key_pkcs1_pem.replace('\n', "\r\n"),
        format!("Key of the desk\n{}\nand so on\n", given.private_key_pem),
    ] {
        let key = KalshiKey::read(&given.key_id, pem).expect("a key");
        let headers = key.sign(TIME_MS, "POST", PATH).expect("it signs");
        assert!(is_signed(&given.public_key_pem, text.as_bytes(), headers.signature()));
    }
}

#[test]
fn a_larger_key_has_longer_signatures_all_of_one_length() {
    let pair = RsaKeyPair::generate(KeySize::Rsa3072).expect("randomness");
    let der = pair.as_der().expect("PKCS#8");
    let pem = pem_of("PRIVATE KEY", der.as_ref());
    let key = KalshiKey::read("desk", pem).expect("a key");
    let headers = key.sign(TIME_MS, "POST", PATH).expect("it signs");
    assert_eq!((key.signature_text_bytes(), headers.signature().len()), (512, 512));
    let public = pem_of("PUBLIC KEY", pair.public_key().as_ref());
    let text = format!("{TIME_MS}POST{PATH}");
    assert!(is_signed(&public, text.as_bytes(), headers.signature()));
}

#[test]
fn what_is_no_key_to_sign_with_is_refused_by_what_is_wrong_with_it() {
    let given = vectors();
    assert!(given.refused.len() > 4, "only {} keys", given.refused.len());
    for RefusedKey { name, why, pem } in &given.refused {
        let said = refusal(pem).map(|said| format!("{said:?}"));
        assert_eq!(said.as_deref(), Some(why.as_str()), "{name}");
    }
    let good = given.private_key_pem.as_str();
    let half = &good[..good.len() / 2];
    for (pem, why) in [
        (given.public_key_pem.as_str(), KalshiKeyError::Public),
        ("", KalshiKeyError::NotPem),
        ("/secrets/kalshi.pem", KalshiKeyError::NotPem),
        (half, KalshiKeyError::NotPem),
        (&good.replace("END PRIVATE", "END PUBLIC"), KalshiKeyError::NotPem),
        (&good.replace('\n', "\\n"), KalshiKeyError::Damaged),
        (&good.replacen("MII", "MIJ", 1), KalshiKeyError::Damaged),
        (&good.replace("PRIVATE KEY", "RSA PRIVATE KEY"), KalshiKeyError::Damaged),
        (&good.replace("PRIVATE KEY", "CERTIFICATE"), KalshiKeyError::NotRsa),
    ] {
        assert_eq!(refusal(pem), Some(why));
    }
}

#[test]
fn a_key_with_one_wrong_number_is_refused_and_not_signed_with() {
    let pem = vectors().private_key_pkcs1_pem;
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(lines.concat()).expect("base64");
    for place in [300, 600, 800, 1_000, der.len() - 1] {
        let mut wrong = der.clone();
        wrong[place] ^= 0x10;
        assert_eq!(refusal(&pem_of("RSA PRIVATE KEY", &wrong)), Some(KalshiKeyError::Damaged));
    }
}

#[test]
fn no_error_tells_anything_of_a_key() {
    let given = vectors();
    for RefusedKey { name, pem, .. } in &given.refused {
        let said = refusal(pem).expect("refused");
        let told = format!("{said} {said:?}");
        for line in pem.lines().filter(|line| line.len() > 40) {
            assert!(!told.contains(&line[..16]), "{name}");
        }
    }
}

#[test]
fn the_id_of_a_key_stays_in_its_header() {
    for id in ["", "a b", "a\r\nX: y", "é", &"x".repeat(65)] {
        let read = KalshiKey::read(id, vectors().private_key_pem).err();
        assert_eq!(read, Some(KalshiKeyError::NotAnId), "{id:?}");
    }
    assert!(KalshiKey::read(&"x".repeat(64), vectors().private_key_pem).is_ok());
}
