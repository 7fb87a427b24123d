//! Where a door listens, and for whom.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::lines::Wake;
use legwork_engine_door::door::{Door, DoorOptions};
use legwork_engine_door::{OpenError, Peers};
use support::{Client, Willing, code_of, open, options, place, until};

#[test]
fn the_socket_is_for_its_owner_alone_and_goes_with_the_door() {
    let (_folder, path) = place();
    let door = open(&path).expect("free");
    assert_eq!(fs::symlink_metadata(&path).expect("there").mode() & 0o7777, 0o600);
    drop(door);
    assert!(!path.exists());
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let (folder, path) = place();
    for mode in [0o720, 0o702, 0o1777] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("ours");
        assert!(matches!(open(&path), Err(OpenError::FolderNotOurs(_))), "{mode:o}");
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    assert!(open(&path).is_ok());
    let link = folder.path().join("link");
    symlink(folder.path(), &link).expect("writable");
    assert!(matches!(open(&link.join("door")), Err(OpenError::NoFolder(_))));
    assert!(matches!(open(&folder.path().join("none/door")), Err(OpenError::NoFolder(_))));
}

#[test]
fn the_socket_of_a_dead_engine_is_replaced_and_a_living_ones_is_refused_by_name() {
    let (_folder, path) = place();
    drop(UnixListener::bind(&path).expect("free")); // nobody listens, and the file is there
    let door = open(&path).expect("what a dead engine has left is replaced");
    let us = std::process::id().to_string();
    let is_named = |error: &OpenError| matches!(error, OpenError::InUse { pid, .. } if *pid == us);
    assert!(open(&path).is_err_and(|error| is_named(&error)));
    drop(door);
    let _other = UnixListener::bind(&path).expect("free"); // lives, and takes no lock
    assert!(open(&path).is_err_and(|error| is_named(&error)));
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let (_folder, path) = place();
    fs::write(&path, "somebody’s").expect("writable");
    assert!(matches!(open(&path), Err(OpenError::NotASocket(_))));
    assert_eq!(fs::read_to_string(&path).expect("there"), "somebody’s");
}

#[test]
fn another_user_is_turned_away() {
    let (_folder, path) = place();
    let us = fs::metadata(path.parent().expect("a folder")).expect("there").uid();
    let options = DoorOptions { peers: Peers::User(us + 1), ..options(&path) };
    let Ok(mut door) = Door::open(&options, Wake::new().expect("one"), Willing, SystemClock) else {
        assert_ne!(us, 0, "the superuser may hand a socket over");
        return;
    };
    let mut client = Client::connect(&path);
    let (number, answer) = until(&mut door, || client.answer());
    assert_eq!((number, code_of(&answer)), (0, "PEER_NOT_ALLOWED"));
    until(&mut door, || client.read().then_some(()));
}
