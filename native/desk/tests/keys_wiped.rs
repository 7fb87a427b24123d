//! Nothing of a key is in memory that was freed: by an allocator that looks at what it takes back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;
use std::sync::OnceLock;

use legwork_engine_core::wire::{PreparedRequest, RequestError, RequestForm};
use legwork_engine_desk::keys::Keys;
use serde_json::{Value, json};

/// What is looked for; set before anything is.
static SECRETS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

thread_local! {
    /// How much with a secret in it was freed; `None`: nobody looks.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Looking;

// SAFETY: everything is handed on to the system's allocator as it came.
#[allow(unsafe_code)] // an allocator cannot be written without it
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) } // what it has is there to be read
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if let Some(left) = LEFT.get() {
            // SAFETY: it is its owner's last word on so many bytes, each of which was written once.
            let freed = unsafe { std::slice::from_raw_parts(pointer, layout.size()) };
            LEFT.set(Some(left + usize::from(has_secret(freed))));
        }
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Looking = Looking;

fn has_secret(freed: &[u8]) -> bool {
    let secrets = SECRETS.get().map(Vec::as_slice).unwrap_or_default();
    secrets.iter().any(|secret| freed.windows(secret.len()).any(|bytes| bytes == secret))
}

/// How much that was freed meanwhile had a secret in it.
fn left_by(work: impl FnOnce()) -> usize {
    LEFT.set(Some(0));
    work();
    LEFT.take().unwrap_or_default()
}

fn vectors(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    serde_json::from_slice(&std::fs::read(folder.join(name)).expect("there")).expect("JSON")
}

/// As an order's is made: head, room for a body, a body.
fn request_with(passphrase: &str) -> Result<PreparedRequest, RequestError> {
    let form = RequestForm::new("POST", "/order", "venue.test");
    let mut request = form.secret("POLY_PASSPHRASE", passphrase).prepare(400)?;
    request.set_body(&[b'x'; 300])?;
    Ok(request)
}

#[test]
fn the_keys_of_an_account_are_read_and_dropped_without_a_trace() {
    let (kalshi, polymarket) =
        (vectors("kalshi.json"), &vectors("requests.json")["polymarketAccount"]);
    let text = |value: &Value| value.as_str().expect("a text").as_bytes().to_vec();
    let pem = text(&kalshi["privateKeyPem"]);
    let line = pem.split(|byte| *byte == b'\n').nth(9).expect("a long text").to_vec();
    let of_polymarket = ["privateKey", "secret", "passphrase"].map(|name| text(&polymarket[name]));
    // As the text says it, and as bytes: a part of those is enough.
    let digits = std::str::from_utf8(&of_polymarket[0]).expect("a text");
    let decoded = hex::decode(digits.trim_start_matches("0x")).expect("hexadecimal");
    let secrets = [vec![line, decoded[..8].to_vec()], of_polymarket.to_vec()].concat();
    let (known, passphrase) = (secrets[0].clone(), secrets[4].clone());
    SECRETS.set(secrets).expect("once");
    assert_eq!(left_by(|| drop(known)), 1, "whatever is not wiped is seen");

    let passphrase = std::str::from_utf8(&passphrase).expect("a text");
    assert_eq!(left_by(|| drop(request_with(passphrase).expect("a request").clone())), 0);

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("main.json");
    let file = json!({
        "kalshi": { "keyId": kalshi["keyId"], "privateKeyPem": kalshi["privateKeyPem"] },
        "polymarket": polymarket,
    });
    // As some write a base64 text, so that an escape is in each of them.
    let escaped = file.to_string().replace('+', "\\u002b").replace('/', "\\/");
    for file in [file.to_string(), escaped] {
        std::fs::write(&path, file).expect("writable");
        assert_eq!(left_by(|| drop(Keys::read(&path).expect("keys"))), 0);
    }
}
