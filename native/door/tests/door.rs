//! A door with real clients: who is let in, who is turned away, who is dropped.

mod support;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::lines::Wake;
use legwork_engine_door::answer::{Answer, Status};
use legwork_engine_door::desk::{Asked, Desk};
use legwork_engine_door::door::{CONNECTIONS_MAX, Door, UNDER_WAY_MAX};
use legwork_engine_door::frame::{kind, write_frame};
use legwork_engine_door::greeting::{Greeting, Mode};
use legwork_engine_door::lane::{Control, LaneEnd, lane};
use legwork_engine_door::request::{FireRequest, FreezeHere, Request};
use legwork_engine_door::text::Text;
use legwork_engine_door::thread::DoorThread;
use support::{
    Client, PATIENCE, code_of, fire, name, open, options, place, receipt, status, until,
};
use tempfile::TempDir;

fn greeted<D: Desk>(door: &mut Door<D, SystemClock>, path: &std::path::Path) -> Client {
    let mut client = Client::connect(path);
    let (kind, number, body) = until(door, || client.hear());
    assert_eq!((kind, number), (kind::GREETING, 0));
    assert_eq!(Greeting::decode(&body).map(|greeting| greeting.epoch), Some(7));
    client
}

#[test]
fn one_client_too_many_is_told_so_and_has_a_place_when_another_leaves() {
    let (_folder, path) = place();
    let mut door = open(&path).expect("free");
    let mut clients: Vec<_> = (0..CONNECTIONS_MAX).map(|_| greeted(&mut door, &path)).collect();
    let mut late = Client::connect(&path);
    let (_, answer) = until(&mut door, || late.answer());
    assert_eq!(code_of(&answer), "TOO_MANY_CONNECTIONS");
    drop(clients.pop());
    door.poll(Duration::from_millis(100)).expect("well");
    greeted(&mut door, &path);
}

#[test]
fn a_request_in_pieces_is_answered_when_it_is_whole() {
    let (_folder, path) = place();
    let mut door = open(&path).expect("free");
    let mut client = greeted(&mut door, &path);
    let request = Request::Fire(fire("dawn.1"));
    let bytes = request
        .with_frame(5, |frame| write_frame(&mut [0; 1_024], frame).expect("it fits").to_vec());
    for byte in &bytes {
        assert_eq!(client.answer(), None);
        client.stream.write_all(&[*byte]).expect("room");
        door.poll(Duration::ZERO).expect("well");
    }
    let (number, answer) = until(&mut door, || client.answer());
    assert!(number == 5 && matches!(answer, Answer::Receipt(_)));
}

#[test]
fn what_the_door_finds_wrong_reaches_nobody_and_costs_the_connection_only_where_bytes_are_lost() {
    let (_folder, path) = place();
    let mut door = open(&path).expect("free");
    let mut client = greeted(&mut door, &path);
    let shot = fire("dawn.1");
    let others = [
        (FireRequest { mode: Mode::Live, ..shot }, "MODE_MISMATCH"),
        (FireRequest { digest: [1; 32], ..shot }, "DIGEST_MISMATCH"),
        (FireRequest { is_dry_run: true, ..shot }, "DIGEST_MISMATCH"),
    ];
    for (number, (request, code)) in (1..).zip(others) {
        client.say(&Request::Fire(request), number);
        let (answered, answer) = until(&mut door, || client.answer());
        assert_eq!((answered, code_of(&answer)), (number, code));
    }
    client.stream.write_all(&[0; 16]).expect("room");
    let (_, answer) = until(&mut door, || client.answer());
    assert_eq!(code_of(&answer), "UNKNOWN_KIND");
    client.stream.write_all(&[0xff; 16]).expect("room");
    let (_, answer) = until(&mut door, || client.answer());
    assert_eq!(code_of(&answer), "FRAME_TOO_LONG");
    until(&mut door, || client.read().then_some(()));
}

#[test]
fn a_client_that_does_not_read_is_dropped_and_another_does_not_notice() {
    let (_folder, path) = place();
    let mut door = open(&path).expect("free");
    let (mut deaf, mut other) = (greeted(&mut door, &path), greeted(&mut door, &path));
    let ask = Request::Status
        .with_frame(1, |frame| write_frame(&mut [0; 1_024], frame).expect("it fits").repeat(100));
    let mut rounds = 0;
    while deaf.stream.write(&ask).is_ok() {
        door.poll(Duration::ZERO).expect("well");
        rounds += 1;
        if rounds % 10 == 0 {
            other.say(&Request::Status, rounds);
            let (number, _) = until(&mut door, || other.answer());
            assert_eq!(number, rounds);
        }
        assert!(rounds < 100_000, "nobody drops it");
    }
    until(&mut door, || deaf.read().then_some(()));
    other.say(&Request::Status, 1);
    let (_, answer) = until(&mut door, || other.answer());
    assert!(matches!(answer, Answer::Status(Status { connections: 1, .. })), "{answer:?}");
}

/// A freeze that is over when the test says so.
struct Drained(Arc<AtomicBool>);

impl Control for Drained {
    fn freeze_here(&mut self, order: &FreezeHere) -> u64 {
        assert_eq!(order.who.as_str(), "mira");
        10
    }

    fn is_over(&mut self) -> Option<u64> {
        self.0.load(Ordering::Acquire).then_some(20)
    }

    fn status(&mut self) -> Status {
        status()
    }
}

/// A door with a lane, each on its side of the test.
struct WithLane {
    door: Door<legwork_engine_door::lane::Lane<Drained>, SystemClock>,
    end: LaneEnd,
    drained: Arc<AtomicBool>,
    wake: Wake,
    path: PathBuf,
    _folder: TempDir,
}

fn with_lane(room: usize) -> WithLane {
    let (folder, path) = place();
    let wake = Wake::new().expect("a descriptor");
    let drained = Arc::default();
    let (lane, end) = lane(room, Drained(Arc::clone(&drained)), wake.clone(), None);
    let door = Door::open(&options(&path), wake.clone(), lane, SystemClock).expect("free");
    WithLane { door, end, drained, wake, path, _folder: folder }
}

#[test]
fn a_lane_that_is_full_refuses_and_neither_a_status_nor_a_freeze_needs_it() {
    let WithLane { mut door, mut end, drained, path, _folder, .. } = with_lane(2);
    let mut client = greeted(&mut door, &path);
    for number in 1..=3 {
        client.say(&Request::Fire(fire("dawn.1")), number);
    }
    let (number, answer) = until(&mut door, || client.answer());
    assert_eq!((number, code_of(&answer)), (3, "DOOR_BUSY"));
    client.say(&Request::Status, 4);
    let (_, answer) = until(&mut door, || client.answer());
    assert!(matches!(answer, Answer::Status(Status { under_way: 2, .. })), "{answer:?}");
    let why = Text::words("the feed repeats itself").expect("words");
    client.say(&Request::FreezeHere(FreezeHere { who: name("mira"), why }), 5);
    for _ in 0..3 {
        door.poll(Duration::from_millis(1)).expect("well");
    }
    assert_eq!(client.answer(), None, "a section may still be open");
    drained.store(true, Ordering::Release);
    let (number, answer) = until(&mut door, || client.answer());
    assert_eq!(number, 5);
    assert!(
        matches!(answer, Answer::Frozen(of) if (of.taken_unix_ns, of.over_unix_ns) == (10, 20))
    );
    let asked = end.take().expect("handed over");
    end.answer(asked.ticket, Answer::Receipt(receipt(&asked)));
    let (number, _) = until(&mut door, || client.answer());
    assert_eq!(number, 1);
    client.say(&Request::Ask(name("dawn.1")), 6);
    until(&mut door, || (end.take()?.request == Request::Ask(name("dawn.1"))).then_some(()));
}

#[test]
fn an_answer_goes_to_nobody_else_when_its_client_has_left() {
    let WithLane { mut door, mut end, path, _folder, .. } = with_lane(8);
    let mut first = greeted(&mut door, &path);
    first.say(&Request::Fire(fire("dawn.1")), 1);
    let asked = until(&mut door, || end.take());
    drop(first);
    door.poll(Duration::from_millis(100)).expect("well");
    let mut second = greeted(&mut door, &path); // at the place of the first
    end.answer(asked.ticket, Answer::Receipt(receipt(&asked)));
    second.say(&Request::Status, 9);
    let (number, _) = until(&mut door, || second.answer());
    assert_eq!(number, 9);
    assert_eq!(second.answer(), None);
}

#[test]
fn one_client_cannot_take_all_of_a_lane() {
    let WithLane { mut door, end, path, _folder, .. } = with_lane(1_000);
    let mut client = greeted(&mut door, &path);
    for number in 1..=u64::from(UNDER_WAY_MAX) + 1 {
        client.say(&Request::Ask(name("dawn.1")), number);
    }
    let (number, answer) = until(&mut door, || client.answer());
    assert_eq!((number, code_of(&answer)), (u64::from(UNDER_WAY_MAX) + 1, "DOOR_BUSY"));
    drop(end);
    greeted(&mut door, &path).say(&Request::Ask(name("dawn.1")), 1);
}

#[test]
fn without_a_thread_that_fires_nothing_is_taken() {
    let WithLane { mut door, end, path, _folder, .. } = with_lane(8);
    let mut client = greeted(&mut door, &path);
    drop(end);
    client.say(&Request::Fire(fire("dawn.1")), 1);
    let (_, answer) = until(&mut door, || client.answer());
    assert_eq!(code_of(&answer), "ENGINE_GONE");
}

#[test]
fn a_door_on_a_thread_of_its_own_sleeps_until_it_is_wanted() {
    let WithLane { door, mut end, wake, path, _folder, .. } = with_lane(8);
    let door = DoorThread::start(door, wake).expect("a thread");
    let firing = thread::spawn(move || {
        while !end.is_over() {
            if let Some(asked) = end.take() {
                end.answer(asked.ticket, Answer::Receipt(receipt(&asked)));
            }
            thread::yield_now();
        }
    });
    let mut client = Client::connect(&path);
    client.stream.set_nonblocking(false).expect("a socket");
    client.stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut heard = 0;
    for number in 1..=100 {
        client.say(&Request::Fire(fire("dawn.1")), number);
        heard += read_blocking(&mut client);
    }
    assert!(heard >= 100, "{heard} frames");
    assert!(!door.has_failed());
    door.close().expect("an orderly end");
    firing.join().expect("the door is gone");
}

/// Reads once; how many frames were whole then.
fn read_blocking(client: &mut Client) -> usize {
    use std::io::Read;
    let mut room = [0; 4_096];
    let count = client.stream.read(&mut room).expect("an answer in time");
    let (mut rest, mut frames) = (&room[..count], 0);
    while let Ok(Some((_, length))) = legwork_engine_door::frame::first_frame(rest) {
        rest = &rest[length..];
        frames += 1;
    }
    frames
}

/// What a desk is given is what was sent.
struct Noting(Vec<Asked>);

impl Desk for Noting {
    fn take(&mut self, asked: &Asked) -> Option<Answer> {
        self.0.push(*asked);
        None
    }
}

#[test]
fn a_request_is_handed_over_as_it_was_sent() {
    let (_folder, path) = place();
    let wake = Wake::new().expect("a descriptor");
    let mut door =
        Door::open(&options(&path), wake, Noting(Vec::new()), SystemClock).expect("free");
    let mut client = greeted(&mut door, &path);
    let sent = Request::Fire(fire("dawn.1"));
    client.say(&sent, 1);
    while door.desk().0.is_empty() {
        door.poll(Duration::from_millis(10)).expect("well");
    }
    assert_eq!(door.desk().0[0].request, sent);
    assert_ne!(door.desk().0[0].received_ns, 0);
}
