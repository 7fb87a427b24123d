//! With `address-sanitizer.sh` alone: whether it watches. A tool that is not there finds nothing, too.
#![cfg(address_sanitizer)]

use std::env;
use std::hint::black_box;
use std::process::Command;

const ASKED: &str = "LEGWORK_TEST_READ_BEYOND";

/// Not a test by itself: the process that the next one expects to be ended.
#[test]
fn reads_one_byte_beyond() {
    if env::var_os(ASKED).is_none() {
        return;
    }
    let bytes = black_box(vec![0_u8; 16]);
    // SAFETY: none; it is what is to be found.
    #[allow(unsafe_code)] // a defect, made on purpose, in a process of its own
    let beyond = unsafe { *bytes.as_ptr().add(bytes.len()) };
    black_box(beyond);
}

#[test]
fn a_byte_that_is_not_ours_is_never_read_unnoticed() {
    let program = env::current_exe().expect("this test");
    let mut child = Command::new(program);
    let told = child.args(["--exact", "reads_one_byte_beyond"]).env(ASKED, "1").output();
    let told = told.expect("it starts");
    let words = String::from_utf8_lossy(&told.stderr);
    assert!(!told.status.success());
    assert!(words.contains("AddressSanitizer: heap-buffer-overflow"), "{words}");
}
