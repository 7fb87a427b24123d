//! The test key of `test/vectors/kalshi.json`, and what was signed with it.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use legwork_engine_core::signing::KalshiKey;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vectors {
    pub key_id: String,
    pub private_key_pem: String,
    pub private_key_pkcs1_pem: String,
    pub public_key_pem: String,
    pub requests: Vec<Request>,
    pub refused: Vec<RefusedKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub name: String,
    pub method: String,
    pub path: String,
    pub timestamp_ms: u64,
    pub text: String,
    pub by_typescript: String,
    pub by_rust: String,
}

#[derive(Deserialize)]
pub struct RefusedKey {
    pub name: String,
    pub why: String,
    pub pem: String,
}

pub fn vectors() -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/kalshi.json");
    let text = std::fs::read_to_string(path).expect("part of the repository");
    serde_json::from_str(&text).expect("vectors are JSON of this shape")
}

pub fn key() -> Arc<KalshiKey> {
    let Vectors { key_id, private_key_pem, .. } = vectors();
    Arc::new(KalshiKey::read(&key_id, private_key_pem).expect("a key"))
}

/// As the venue does: whether the signature (base64) is of that text and by that key.
pub fn is_signed(public_key_pem: &str, text: &[u8], signature: &[u8]) -> bool {
    let lines = public_key_pem.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).expect("a public key");
    let Ok(bytes) = STANDARD.decode(signature) else { return false };
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, der).verify(text, &bytes).is_ok()
}
