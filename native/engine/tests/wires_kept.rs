//! Connections between shots: who is connected to, kept alive, and asked again.

mod support;
#[path = "support/venue.rs"]
mod venue;
#[path = "support/wires.rs"]
mod wires;

use std::sync::{Arc, Mutex};

use legwork_engine_core::shot::Venue::Kalshi;
use legwork_engine_core::wire::{Endpoint, RECONNECT_NS_MIN, WireError, Wires, Written};
use venue::{HOST, KEEP_ALIVE, OK, SECOND_NS, Session, TestVenue, answering, options, until};
use wires::{Desk, NO, YES, told};

#[test]
fn whoever_cannot_prove_its_name_is_refused_and_the_error_says_why() {
    let (venue, other) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let with = |host, roots: &str| {
        let endpoint = Endpoint::new(venue.address, host, roots.as_bytes()).expect("good roots");
        let mut desk = Desk::new(vec![(Kalshi, endpoint, options(1))]);
        until("it is refused", || {
            desk.poll();
            desk.wires.trouble(Kalshi).is_some()
        });
        assert_eq!(desk.wires.idle(Kalshi), 0);
        desk.wires.trouble(Kalshi).expect("told").to_string()
    };
    assert_eq!(
        with(HOST, &other.roots),
        "venue.test is not who it says: its certificate comes from none of the trusted roots"
    );
    let wrong_name = "the certificate of other.test is for another name";
    assert_eq!(with("other.test", &venue.roots), wrong_name);
    assert_eq!(venue.read_in_all(), 0);

    let refused = |host, roots: &str| Endpoint::new(venue.address, host, roots.as_bytes()).err();
    assert!(matches!(refused(HOST, ""), Some(WireError::NoRoots)));
    let broken = venue.roots.replace("MII", "!!!");
    assert!(matches!(refused(HOST, &broken), Some(WireError::RootsUnreadable(_))));
    assert!(matches!(refused("no host", &venue.roots), Some(WireError::NotAHost(_))));
}

#[test]
fn a_venue_that_has_moved_is_connected_to_at_its_new_address() {
    let (old, new) = (TestVenue::start(Session::drain), TestVenue::start(Session::drain));
    let endpoint = old.endpoint();
    let mut desk = Desk::new(vec![(Kalshi, endpoint.clone(), options(1))]);
    desk.until_idle(0, 1);
    endpoint.moved(new.endpoint().address());
    assert_eq!((old.accepted(), new.accepted()), (1, 0), "what is there stays");
    drop(desk);
    let mut desk = Desk::new(vec![(Kalshi, endpoint, options(1))]);
    until("it is connected to the new", || {
        desk.poll();
        new.accepted() == 1
    });
    assert_eq!(old.accepted(), 1);
}

#[test]
fn idle_connections_are_kept_alive_one_after_the_other_and_nobody_is_told() {
    let venue = TestVenue::start(answering(OK));
    let endpoint = venue.endpoint();
    let mut desk = Desk::new(vec![(Kalshi, endpoint, options(3))]);
    desk.until_idle(0, 3);
    assert_eq!(venue.read_in_all(), 0);
    desk.now.set(31 * SECOND_NS);
    until("each has asked", || {
        desk.poll();
        assert!(desk.wires.idle(Kalshi) >= 2, "the others are free for a shot");
        venue.read_in_all() == 3 * KEEP_ALIVE.len()
    });
    desk.until_idle(0, 3);
    assert!((0..3).all(|number| venue.read(number) == KEEP_ALIVE));
    assert_eq!(desk.told, []);
}

#[test]
fn what_tls_says_for_itself_after_the_handshake_is_read_between_shots() {
    let venue = TestVenue::with((None, 3), answering(OK));
    let mut desk = Desk::new(vec![(Kalshi, venue.endpoint(), options(2))]);
    for _ in 0..3 {
        // Tickets may still be on their way, to be read before the shot or before its answer.
        until("both are in hand", || {
            desk.poll();
            desk.take([Kalshi; 2])
        });
        let written = [desk.wires.write(0, YES), desk.wires.write(1, NO)];
        desk.wires.put_back();
        assert_eq!(written, [Written::Whole; 2]);
        assert_eq!(desk.until_told(2), [told(0, 201, "{}"), told(1, 201, "{}")]);
    }
    assert_eq!(venue.accepted(), 2, "nobody was closed for it");
}

#[test]
fn a_venue_that_hangs_up_on_everybody_is_asked_again_after_a_pause() {
    let ended = Arc::new(Mutex::new(0));
    let count = Arc::clone(&ended);
    let venue = TestVenue::start(move |session| {
        session.hang_up();
        session.drain();
        *count.lock().expect("whole") += 1;
    });
    let mut desk = Desk::new(vec![(Kalshi, venue.endpoint(), options(1))]);
    let mut until_ended = |now_ns: u64, times: usize| {
        desk.now.set(now_ns);
        until("it is connected and gone", || {
            desk.poll();
            *ended.lock().expect("whole") == times
        });
        (0..1_000).for_each(|_| desk.poll());
        assert_eq!(venue.accepted(), times, "not before the pause is over");
    };
    until_ended(SECOND_NS, 1);
    until_ended(SECOND_NS + RECONNECT_NS_MIN, 2);
    until_ended(SECOND_NS + 2 * RECONNECT_NS_MIN, 2);
    until_ended(SECOND_NS + 3 * RECONNECT_NS_MIN, 3);
}
