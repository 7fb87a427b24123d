//! A kernel that is asked how right its clock is; with `address-sanitizer.sh`, too: it writes to memory
//! that we hand it.

use legwork_engine_core::clock::Discipline;

#[test]
fn the_kernel_says_how_right_its_clock_is() {
    let Discipline { is_synchronised, estimated_error_us, maximum_error_us } =
        Discipline::ask().expect("a kernel that is asked");
    // What it is most likely off by is no more than what it is off by at most, if anybody knows.
    assert!(!is_synchronised || estimated_error_us <= maximum_error_us);
    assert!(maximum_error_us > 0, "no clock is right");
}
