//! How a stream comes to be, and what is said where it does not.

mod support;

use std::net::TcpListener;

use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::shot::Now;
use legwork_engine_core::wire::Endpoint;
use legwork_engine_market_data::Upgrade;
use legwork_engine_market_data::socket::{
    Event, HANDSHAKE_NS_MAX, RECONNECT_NS_MAX, RECONNECT_NS_MIN, Socket,
};
use support::venue::{HOST, SECOND_NS, TestVenue, answering, until};
use support::{Step, Streaming, frame, key, next, open, polymarket_socket, silent, why};

#[test]
fn a_close_frame_ends_the_connection_and_another_is_made_after_the_pause() {
    let (venue, mut socket) = open();
    venue.does(Step::Raw(frame(0x88, b"\x03\xe9maintenance")));
    assert_eq!(next(&mut socket), Event::Closed);
    assert_eq!(why(&socket), "venue.test has closed the stream (1001): maintenance");
    assert!(socket.waits_for().is_none());
    venue.does(Step::HangUp);
    assert_eq!(next(&mut socket), Event::Opened);
    assert_eq!(socket.opened(), 2);
}

#[test]
fn who_accepts_and_never_answers_is_given_up_and_asked_less_and_less_often() {
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a port");
    let roots = TestVenue::start(silent).roots;
    let address = deaf.local_addr().expect("bound");
    let endpoint = Endpoint::new(address, HOST, roots.as_bytes()).expect("good roots");
    let mut socket = Socket::new(endpoint, Upgrade::polymarket());
    let mut now_ns = SECOND_NS;
    let mut pauses_ms = Vec::new();
    for _ in 0..8 {
        assert_eq!(socket.poll(at(now_ns)), None);
        assert_eq!(socket.poll(at(now_ns + HANDSHAKE_NS_MAX - 1)), None);
        assert!(socket.waits_for().is_some(), "not before its time");
        now_ns += HANDSHAKE_NS_MAX;
        assert_eq!(socket.poll(at(now_ns)), None, "it was never open");
        assert_eq!(why(&socket), "venue.test took too long");
        let pause_ns = pause_ns(&mut socket, now_ns);
        pauses_ms.push(pause_ns / 1_000_000);
        now_ns += pause_ns;
    }
    assert_eq!(pauses_ms, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    assert_eq!(RECONNECT_NS_MAX, 5 * SECOND_NS);
}

#[test]
fn who_speaks_tls_and_never_upgrades_is_given_up_too() {
    let venue = TestVenue::start(silent);
    let mut socket = polymarket_socket(&venue);
    let start = read(&SystemClock);
    until("TLS is up", || {
        assert_eq!(socket.poll(start), None);
        socket.has_more()
    });
    until("the upgrade is asked for", || {
        assert_eq!(socket.poll(start), None);
        venue.read_in_all() > 0
    });
    let request = String::from_utf8(venue.read(0)).expect("HTTP");
    assert!(request.starts_with("GET /ws/market HTTP/1.1\r\nHost: venue.test\r\n"), "{request}");
    let late = Now { monotonic_ns: start.monotonic_ns + HANDSHAKE_NS_MAX, ..start };
    assert_eq!(socket.poll(late), None);
    assert_eq!(why(&socket), "venue.test took too long");
}

#[test]
fn an_upgrade_at_kalshi_is_signed_and_a_refusal_says_what_to_look_at() {
    let venue =
        TestVenue::start(answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
    let mut socket = Socket::new(venue.endpoint(), Upgrade::kalshi(key()));
    until("it is refused", || {
        socket.poll(read(&SystemClock)).is_some() || socket.trouble().is_some()
    });
    let expected = "venue.test refuses the stream with HTTP 401: look at the API key, and at this machine's clock";
    assert_eq!(why(&socket), expected);
    let request = String::from_utf8(venue.read(0)).expect("HTTP").to_lowercase();
    assert!(request.starts_with("get /trade-api/ws/v2 http/1.1\r\n"), "{request}");
    for header in ["kalshi-access-key", "kalshi-access-timestamp", "kalshi-access-signature"] {
        assert!(request.contains(&format!("\r\n{header}: ")), "{header}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_says_so() {
    let (venue, other) = (TestVenue::start(silent), TestVenue::start(silent));
    for (host, roots, expected) in [
        (HOST, &other.roots, "venue.test is not who it says: its certificate comes from none"),
        ("another.test", &venue.roots, "the certificate of another.test is for another name"),
    ] {
        let endpoint = Endpoint::new(venue.address, host, roots.as_bytes()).expect("good roots");
        let mut socket = Socket::new(endpoint, Upgrade::polymarket());
        until(expected, || {
            assert_eq!(socket.poll(read(&SystemClock)), None);
            socket.trouble().is_some()
        });
        assert!(why(&socket).starts_with(expected), "{}", why(&socket));
    }
    assert_eq!(venue.read_in_all(), 0, "nothing was asked of it");
}

#[test]
fn a_clock_that_is_wrong_asks_kalshi_for_nothing() {
    let venue = TestVenue::start(silent);
    let mut socket = Socket::new(venue.endpoint(), Upgrade::kalshi(key()));
    until("it cannot be signed", || {
        socket.poll(Now { unix_ns: 0, ..read(&SystemClock) });
        socket.trouble().is_some()
    });
    assert!(why(&socket).starts_with("the stream of venue.test cannot be signed for"));
    assert_eq!(venue.read_in_all(), 0);
}

#[test]
fn what_is_said_without_a_connection_is_said_to_nobody() {
    let venue = TestVenue::start(silent);
    let mut socket = polymarket_socket(&venue);
    socket.send("anybody?".into());
    assert!(!socket.has_more());
    assert_eq!(venue.accepted(), 0);
}

#[test]
fn whoever_was_heard_is_connected_to_soon_again_and_whoever_says_nothing_is_not() {
    let venue = Streaming::start();
    let mut socket = polymarket_socket(&venue.venue);
    let mut now_ns = SECOND_NS;
    let mut pauses_ms = Vec::new();
    for has_said in [false, false, true, false] {
        assert_eq!(next_at(&mut socket, now_ns), Event::Opened);
        if has_said {
            venue.says("a word");
            assert_eq!(next_at(&mut socket, now_ns), Event::Text("a word".into()));
        }
        venue.does(Step::HangUp);
        assert_eq!(next_at(&mut socket, now_ns), Event::Closed);
        let pause_ns = pause_ns(&mut socket, now_ns);
        pauses_ms.push(pause_ns / 1_000_000);
        now_ns += pause_ns;
    }
    assert_eq!(pauses_ms, [100, 200, 100, 200]);
}

fn at(monotonic_ns: u64) -> Now {
    Now { monotonic_ns, unix_ns: 1_700_000_000 * SECOND_NS }
}

fn next_at(socket: &mut Socket, now_ns: u64) -> Event {
    let mut event = None;
    until("an event", || {
        event = socket.poll(at(now_ns));
        event.is_some()
    });
    event.expect("one")
}

/// How long after an end it connects again, to the nanosecond.
fn pause_ns(socket: &mut Socket, ended_ns: u64) -> u64 {
    let mut pause_ns = RECONNECT_NS_MIN;
    loop {
        socket.poll(at(ended_ns + pause_ns - 1));
        assert!(socket.waits_for().is_none(), "a nanosecond before {pause_ns}");
        socket.poll(at(ended_ns + pause_ns));
        if socket.waits_for().is_some() {
            return pause_ns;
        }
        pause_ns += RECONNECT_NS_MIN;
    }
}
