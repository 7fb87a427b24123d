//! Frames, bytes and ends, wherever they come.

mod support;

use std::sync::{Arc, Mutex};

use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_market_data::socket::Event;
use proptest::prelude::*;
use support::venue::{TestVenue, until};
use support::{Step, Streaming, drain, frame, next, open, polymarket_socket, why};
use tungstenite::Message;

const TEXT: u8 = 0x81;
const TEXT_GOES_ON: u8 = 0x01;
const LAST_PART: u8 = 0x80;
const PING: u8 = 0x89;

#[test]
fn a_message_is_heard_once_it_is_whole_however_its_frames_come() {
    let parts = [frame(TEXT_GOES_ON, b"{\"a\""), frame(PING, b"?"), frame(LAST_PART, b":1}")];
    for bytes_at_once in [true, false] {
        let (venue, mut socket) = open();
        let bytes = parts.concat();
        venue.does(if bytes_at_once { Step::Raw(bytes) } else { Step::RawByteByByte(bytes) });
        assert_eq!(next(&mut socket), Event::Heard, "the ping in between");
        assert_eq!(next(&mut socket), Event::Text(r#"{"a":1}"#.into()));
    }
}

#[test]
fn messages_that_came_in_one_record_are_heard_without_asking_the_kernel_again() {
    let (venue, mut socket) = open();
    venue.does(Step::Raw([frame(TEXT, b"one"), frame(TEXT, b"two")].concat()));
    assert_eq!(next(&mut socket), Event::Text("one".into()));
    let received_ns = socket.received_ns();
    assert!(socket.has_more());
    assert_eq!(socket.poll(read(&SystemClock)), Some(Event::Text("two".into())));
    assert_eq!(socket.received_ns(), received_ns);
    assert_eq!(socket.poll(read(&SystemClock)), None);
    assert!(!socket.has_more());
}

#[test]
fn what_comes_right_behind_the_upgrade_is_heard() {
    let venue = TestVenue::start(|session| {
        let mut room = Vec::new();
        while !room.ends_with(b"\r\n\r\n") {
            let Some(bytes) = session.read() else { return };
            room.extend(session.last(bytes));
        }
        let request = String::from_utf8(room).expect("HTTP");
        let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        let accept =
            tungstenite::handshake::derive_accept_key(key.expect("a key").trim().as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        session.send(&[head.as_bytes(), &frame(TEXT, b"first")].concat());
        session.drain();
    });
    let mut socket = polymarket_socket(&venue);
    assert_eq!(next(&mut socket), Event::Opened);
    assert!(socket.has_more());
    assert_eq!(socket.poll(read(&SystemClock)), Some(Event::Text("first".into())));
}

#[test]
fn a_ping_is_heard_and_answered_and_ours_is_answered() {
    let (venue, mut socket) = open();
    venue.does(Step::Ping);
    assert_eq!(next(&mut socket), Event::Heard);
    let answer = venue.hears(|| drop(socket.poll(read(&SystemClock))));
    assert_eq!(answer, Message::Pong(vec![7].into()));
    socket.ping();
    let asked = venue.hears(|| drop(socket.poll(read(&SystemClock))));
    assert_eq!(asked, Message::Ping(Vec::new().into()));
    venue.says("before its pong");
    assert_eq!(next(&mut socket), Event::Text("before its pong".into()));
    assert_eq!(next(&mut socket), Event::Heard);
}

#[test]
fn what_no_server_may_send_ends_the_connection_and_is_named() {
    for (bytes, expected) in [
        (frame(LAST_PART, b"of nothing"), "Continue frame but nothing to continue"),
        (
            [frame(TEXT_GOES_ON, b"a"), frame(TEXT, b"b")].concat(),
            "While waiting for more fragments",
        ),
        (frame(0x82, b"{}"), "a message that is no text"),
        (frame(0x83, b"{}"), "Encountered invalid opcode: 3"),
        (frame(0xc1, b"{}"), "Reserved bits are non-zero"),
        (frame(TEXT, b"\xff"), "UTF-8"),
        (frame(0x09, b"half a ping"), "Fragmented control frame"),
        (vec![TEXT, 0x80, 1, 2, 3, 4], "Received a masked frame from server"),
        (vec![TEXT, 127, 0, 0, 0, 0, 1, 0, 0, 1], "Message too long: 16777217 > 16777216"),
        (vec![TEXT, 127, 255, 255, 255, 255, 255, 255, 255, 255], "Message too long"),
    ] {
        let (venue, mut socket) = open();
        venue.does(Step::Raw(bytes));
        assert_eq!(next(&mut socket), Event::Closed, "{expected}");
        let why = why(&socket);
        assert!(why.starts_with("venue.test does not speak WebSocket"), "{why}");
        assert!(why.contains(expected), "{why} is not {expected}");
    }
}

#[test]
fn what_came_before_a_hang_up_is_heard_before_it() {
    let (venue, mut socket) = open();
    venue.says("last words");
    venue.does(Step::HangUp);
    assert_eq!(next(&mut socket), Event::Text("last words".into()));
    assert_eq!(next(&mut socket), Event::Closed);
    assert_eq!(why(&socket), "venue.test has hung up");
}

#[test]
fn what_the_venue_does_not_take_at_once_is_sent_as_it_does() {
    let venue = Streaming::with_room(4_096);
    let mut socket = polymarket_socket(&venue.venue);
    assert_eq!(next(&mut socket), Event::Opened);
    let long = "x".repeat(4_000_000);
    socket.send(long.clone());
    assert!(socket.waits_for().expect("open").1, "there is more to write");
    let heard = venue.hears(|| drop(socket.poll(read(&SystemClock))));
    assert_eq!(heard, Message::text(long));
    assert!(!socket.waits_for().expect("open").1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_of_a_server_end_in_a_panic(
        (behind_upgrade, bytes) in (any::<bool>(), prop::collection::vec(byte(), 0..300)),
    ) {
        let said = Arc::new(Mutex::new(bytes));
        if behind_upgrade {
            let (venue, mut socket) = open();
            venue.does(Step::Raw(said.lock().expect("whole").clone()));
            venue.does(Step::HangUp);
            drain(&mut socket);
        } else {
            let venue = TestVenue::start(move |session| {
                session.read();
                session.send(&said.lock().expect("whole"));
            });
            let mut socket = polymarket_socket(&venue);
            until("its end", || {
                let _ = socket.poll(read(&SystemClock));
                socket.trouble().is_some()
            });
        }
    }
}

/// Often one that means something in a frame's head, or in HTTP.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![
            TEXT,
            TEXT_GOES_ON,
            LAST_PART,
            PING,
            0x88,
            0x8a,
            0,
            1,
            2,
            125,
            126,
            127
        ]),
        prop::sample::select(b"HTTP/1.1 101 200\r\n:".to_vec()),
    ]
}
