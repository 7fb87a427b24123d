//! What is heard of a leg over real TLS, however its venue says it, or does not.

mod support;
#[path = "support/venue.rs"]
mod venue;
#[path = "support/wires.rs"]
mod wires;

use std::sync::{Mutex, mpsc};

use legwork_engine_core::shot::Venue::Polymarket;
use legwork_engine_core::wire::WireError;
use venue::{OK, SECOND_NS, Session, TestVenue, answering, until};
use wires::{BOTH, Desk, told};

#[test]
fn an_answer_is_the_same_however_it_comes() {
    let chunked = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;of=8\r\n{\"a\r\n5\r\n\":12}\r\n0\r\nX-Trailer: 1\r\n\r\n";
    let length = b"HTTP/1.1 201 Created\r\ncontent-length:  8\r\n\r\n{\"a\":12}";
    let continued = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"a\":12}";
    let kalshi = TestVenue::start(answering(OK));
    for answer in [&chunked[..], length, continued] {
        for send in [Session::send, Session::send_byte_by_byte] {
            let venue = TestVenue::start(move |session| {
                while session.read().is_some() {
                    send(session, answer);
                }
            });
            let mut desk = Desk::warm((&venue, 1), (&kalshi, 1));
            for _ in 0..2 {
                desk.fire(BOTH);
                assert_eq!(desk.until_told(2)[0], told(0, 201, "{\"a\":12}"));
            }
            assert_eq!(venue.accepted(), 1, "the connection is used again");
        }
    }
}

#[test]
fn an_answer_that_ends_its_connection_is_read_and_the_next_goes_over_another() {
    let kalshi = TestVenue::start(answering(OK));
    let endings: [&[u8]; 2] = [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
    ];
    for answer in endings {
        let venue = TestVenue::start(move |session| {
            if session.read().is_some() {
                session.send(answer);
                session.close_notify();
                session.drain();
            }
        });
        let mut desk = Desk::warm((&venue, 1), (&kalshi, 1));
        desk.fire(BOTH);
        assert_eq!(desk.until_told(2)[0], told(0, 200, "{}"));
        desk.until_idle(1, 1);
        assert_eq!(venue.accepted(), 2);
        assert!(desk.wires.trouble(Polymarket).is_none(), "it was announced");
    }
}

#[test]
fn a_venue_that_says_goodbye_behind_its_answer_is_not_written_to_again() {
    let kalshi = TestVenue::start(answering(OK));
    let venue = TestVenue::start(|session| {
        if session.read().is_some() {
            session.send_and_close_notify(OK); // and leaves TCP open
            session.drain();
        }
    });
    let mut desk = Desk::warm((&venue, 2), (&kalshi, 1));
    desk.fire(BOTH);
    until("its answer", || {
        desk.poll();
        desk.told.iter().any(|(_, leg, ..)| *leg == 0)
    });
    assert!(!desk.take([Polymarket; 2]), "one of two is left");
}

#[test]
fn what_is_no_whole_answer_is_told_as_unknown_and_ends_the_connection() {
    let kalshi = TestVenue::start(answering(OK));
    let cases: [(&'static [u8], &str); 5] = [
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "not a response of HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "known"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", "more than 65536 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "lost"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "lost"), // and no word of TLS that it is over
    ];
    for (answer, what) in cases {
        let venue = TestVenue::start(move |session| {
            if session.read().is_some() {
                session.send(answer);
                session.hang_up();
                session.drain();
            }
        });
        let mut desk = Desk::warm((&venue, 1), (&kalshi, 1));
        desk.fire(BOTH);
        let (_, leg, status, text) = desk.until_told(2).remove(0);
        assert_eq!((leg, status), (0, 0), "{text}");
        assert!(text.contains(what), "{text}");
        assert_eq!(desk.wires.idle(Polymarket), 0);
        assert!(desk.wires.trouble(Polymarket).is_some());
    }
}

#[test]
fn an_answer_that_does_not_come_in_time_is_lost_and_never_taken_for_another() {
    let (now, answers) = mpsc::channel::<()>();
    let answers = Mutex::new(answers);
    let silent = TestVenue::start(move |session| {
        session.read();
        let _ = answers.lock().expect("whole").recv();
        session.send(OK);
    });
    let kalshi = TestVenue::start(answering(OK));
    let mut desk = Desk::warm((&silent, 1), (&kalshi, 1));
    desk.fire(BOTH);
    desk.until_told(1);
    desk.now.set(6 * SECOND_NS - 1);
    desk.poll();
    assert_eq!(desk.told, []);
    desk.now.set(6 * SECOND_NS);
    assert_eq!(desk.until_told(1), [told(0, 0, "lost")]);
    assert!(matches!(desk.wires.trouble(Polymarket), Some(WireError::TooSlow { .. })));
    now.send(()).expect("it waits");
    desk.now.set(7 * SECOND_NS);
    desk.until_idle(1, 1);
    assert_eq!(desk.told, []);
}
