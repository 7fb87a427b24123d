//! From the bytes of a request to the bytes of its answer nothing is allocated.

#[path = "../../engine/tests/support/allocations.rs"]
mod allocations;
mod support;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use allocations::allocated;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::lines::Wake;
use legwork_engine_door::answer::{Answer, Status};
use legwork_engine_door::door::Door;
use legwork_engine_door::frame::write_frame;
use legwork_engine_door::lane::{Control, lane};
use legwork_engine_door::request::{FreezeHere, Request};
use support::{Client, fire, options, receipt, status};
use tempfile::tempdir;

struct Thawed;

impl Control for Thawed {
    fn freeze_here(&mut self, _: &FreezeHere) -> u64 {
        0
    }

    fn is_over(&mut self) -> Option<u64> {
        None
    }

    fn status(&mut self) -> Status {
        status()
    }
}

#[test]
fn a_request_an_answer_and_a_refusal_allocate_nothing() {
    let folder = tempdir().expect("writable");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    let path = folder.path().join("door");
    let wake = Wake::new().expect("a descriptor");
    let (lane, mut end) = lane(8, Thawed, wake.clone(), None);
    let mut door = Door::open(&options(&path), wake, lane, SystemClock).expect("free");
    let mut client = Client::connect(&path);
    let mut turn = || door.poll(Duration::ZERO).map(|_| ()).expect("well");
    turn();
    turn();
    let bytes = Request::Fire(fire("dawn.1"))
        .with_frame(1, |frame| write_frame(&mut [0; 1_024], frame).expect("it fits").to_vec());
    let mut room = [0; 4_096];
    let mut read = 0;
    let count = allocated(|| {
        for _ in 0..100 {
            client.stream.write_all(&bytes).expect("room");
            client.stream.write_all(&[0; 16]).expect("room"); // no kind that there is
            turn();
            while let Some(asked) = end.take() {
                end.answer(asked.ticket, Answer::Receipt(receipt(&asked)));
            }
            turn();
            read += client.stream.read(&mut room).expect("both answers");
        }
    });
    assert_eq!(count, 0);
    assert_eq!(read, 96 + 100 * (128 + 88));
}
