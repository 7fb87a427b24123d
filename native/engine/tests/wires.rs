//! Both legs over real TLS: what leaves, what does not, and what is heard of it.

mod support;
#[path = "support/venue.rs"]
mod venue;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};

use legwork_engine_core::journal::ShotId;
use legwork_engine_core::shot::Venue::{self, Kalshi, Polymarket};
use legwork_engine_core::wire::{
    Answer, Endpoint, PoolOptions, RECONNECT_NS_MIN, VenueWires, WireError, Wires, Written,
};
use support::StoppedClock;
use venue::{HOST, KEEP_ALIVE, OK, SECOND_NS, Session, TestVenue, answering, options, until};

const SHOT: ShotId = ShotId { thread: 0, epoch: 1, sequence: 7 };
const BOTH: [Venue; 2] = [Polymarket, Kalshi];
const YES: &[u8] = b"POST /order HTTP/1.1\r\n\r\nyes";
const NO: &[u8] = b"POST /trade-api/v2/portfolio/events/orders HTTP/1.1\r\n\r\nno";

/// Told, with everything owned: shot, leg, status (0: none) and the body or what was wrong.
type Told = (u64, usize, u16, String);

struct Desk {
    wires: VenueWires<StoppedClock>,
    now: Rc<Cell<u64>>,
    told: Vec<Told>,
}

impl Desk {
    fn new(venues: Vec<(Venue, Endpoint, PoolOptions)>) -> Self {
        let now = Rc::new(Cell::new(SECOND_NS));
        let wires = VenueWires::new(venues, StoppedClock(Rc::clone(&now)));
        Self { wires, now, told: Vec::new() }
    }

    /// Warm connections to both.
    fn warm(polymarket: (&TestVenue, usize), kalshi: (&TestVenue, usize)) -> Self {
        let mut desk = Self::new(vec![
            (Polymarket, polymarket.0.endpoint(), options(polymarket.1)),
            (Kalshi, kalshi.0.endpoint(), options(kalshi.1)),
        ]);
        desk.until_idle(polymarket.1, kalshi.1);
        desk
    }

    fn poll(&mut self) {
        let told = &mut self.told;
        self.wires.poll(|heard| {
            let (status, text) = match heard.answer {
                Answer::Read(of) => (of.status, String::from_utf8_lossy(of.body).into_owned()),
                Answer::Unreadable(why) => (0, why.to_string()),
                Answer::Lost => (0, "lost".to_owned()),
            };
            told.push((heard.shot.sequence, heard.leg, status, text));
        });
    }

    fn until_idle(&mut self, polymarket: usize, kalshi: usize) {
        until("enough connections are idle", || {
            self.poll();
            (self.wires.idle(Polymarket), self.wires.idle(Kalshi)) == (polymarket, kalshi)
        });
    }

    fn until_told(&mut self, count: usize) -> Vec<Told> {
        until("answers", || {
            self.poll();
            self.told.len() >= count
        });
        self.told.sort();
        std::mem::take(&mut self.told)
    }

    fn take(&mut self, venues: [Venue; 2]) -> bool {
        self.wires.aim(SHOT, venues);
        self.wires.take()
    }

    /// Both legs, as a shot writes them.
    fn fire(&mut self, venues: [Venue; 2]) -> [Written; 2] {
        assert!(self.take(venues), "two are idle");
        let written = [self.wires.write(0, YES), self.wires.write(1, NO)];
        self.wires.put_back();
        written
    }
}

fn told(leg: usize, status: u16, text: &str) -> Told {
    (SHOT.sequence, leg, status, text.to_owned())
}

#[test]
fn both_legs_leave_whole_and_are_answered_under_the_name_of_their_shot() {
    let (polymarket, kalshi) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let mut desk = Desk::warm((&polymarket, 1), (&kalshi, 1));
    for _ in 0..3 {
        assert_eq!(desk.fire(BOTH), [Written::Whole; 2]);
        assert_eq!(desk.until_told(2), [told(0, 201, "{}"), told(1, 201, "{}")]);
    }
    assert_eq!(polymarket.read(0), YES.repeat(3));
    assert_eq!(kalshi.read(0), NO.repeat(3));
    assert_eq!((polymarket.accepted(), kalshi.accepted()), (1, 1), "they stay open");
}

#[test]
fn two_legs_of_one_venue_go_over_two_connections() {
    let (polymarket, kalshi) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let mut desk = Desk::warm((&polymarket, 1), (&kalshi, 2));
    assert_eq!(desk.fire([Kalshi; 2]), [Written::Whole; 2]);
    desk.until_told(2);
    assert_eq!([kalshi.read(0), kalshi.read(1)], [YES, NO]);
}

#[test]
fn with_one_wire_no_leg_is_in_hand() {
    let (polymarket, kalshi) = (TestVenue::start(answering(OK)), TestVenue::start(answering(OK)));
    let mut desk = Desk::warm((&polymarket, 1), (&kalshi, 1));
    assert!(!desk.take([Kalshi; 2]));
    assert_eq!(desk.wires.write(0, YES), Written::Nothing);
    assert!(desk.take(BOTH), "what was in hand alone was put back");
}

#[test]
fn a_wire_that_awaits_its_answer_is_not_written_to() {
    let (send, answers) = mpsc::channel::<()>();
    let answers = Mutex::new(answers);
    let slow = TestVenue::start(move |session| {
        while session.read().is_some() {
            answers.lock().expect("whole").recv().expect("told");
            session.send(OK);
        }
    });
    let kalshi = TestVenue::start(answering(OK));
    let mut desk = Desk::warm((&slow, 1), (&kalshi, 1));
    desk.fire(BOTH);
    assert_eq!(desk.until_told(1), [told(1, 201, "{}")]);
    assert!(!desk.take(BOTH));
    send.send(()).expect("it waits");
    assert_eq!(desk.until_told(1), [told(0, 201, "{}")]);
    assert!(desk.take(BOTH));
}

#[test]
fn a_peer_that_hung_up_or_talks_unasked_is_not_taken() {
    let ends: [fn(&mut Session); 4] = [
        Session::hang_up,
        Session::close_notify,
        Session::reset, // when it is dropped
        |session| session.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
    ];
    for end in ends {
        let (now, ends_now) = mpsc::channel::<()>();
        let (gone, is_gone) = mpsc::channel::<()>();
        let (ends_now, gone) = (Mutex::new(ends_now), Mutex::new(gone));
        let kept = Arc::new(Mutex::new(Vec::new()));
        let leaving = TestVenue::start(move |session| {
            let _ = ends_now.lock().expect("whole").recv();
            end(session);
            kept.lock().expect("whole").push(()); // as long as the venue lives
            gone.lock().expect("whole").send(()).expect("awaited");
        });
        let staying = TestVenue::start(answering(OK));
        let mut desk = Desk::warm((&leaving, 1), (&staying, 1));
        assert!(desk.take(BOTH), "it is still there");
        desk.wires.put_back();
        now.send(()).expect("it waits");
        is_gone.recv().expect("it went");
        until("it is not taken", || {
            let is_taken = desk.take(BOTH);
            desk.wires.put_back();
            !is_taken
        });
        assert_eq!(
            desk.wires.idle(Polymarket),
            1,
            "nobody has polled: the shot itself has seen it"
        );
        until("it is connected again", || {
            desk.now.set(desk.now.get() + RECONNECT_NS_MIN);
            desk.poll();
            leaving.accepted() >= 2 // an attempt may be given up by this clock, and made again
        });
    }
}

#[test]
fn a_leg_of_which_nothing_left_goes_over_a_spare_and_there_is_no_second() {
    let (now, resets) = mpsc::channel::<()>();
    let (gone, is_gone) = mpsc::channel::<()>();
    let (resets, gone) = (Mutex::new(resets), Mutex::new(gone));
    let kalshi = TestVenue::start(answering(OK));
    let polymarket = TestVenue::start(move |session| {
        if session.number == 1 {
            return answering(OK)(session);
        }
        resets.lock().expect("whole").recv().expect("told");
        session.reset();
        let gone = gone.lock().expect("whole").clone();
        std::thread::spawn(move || gone.send(())); // about when it is dropped
    });
    let mut desk = Desk::warm((&polymarket, 2), (&kalshi, 1));
    assert!(desk.take(BOTH));
    now.send(()).expect("it waits");
    is_gone.recv().expect("it went");
    std::thread::sleep(std::time::Duration::from_millis(20)); // a reset is on its way in no thread
    assert_eq!(desk.wires.write(0, YES), Written::Nothing);
    assert!(desk.wires.take_spare(0));
    assert!(!desk.wires.take_spare(0), "what is in hand is enough");
    assert_eq!(desk.wires.write(0, YES), Written::Whole);
    assert!(!desk.wires.take_spare(0), "it has left");
    assert_eq!(desk.wires.write(1, NO), Written::Whole);
    desk.wires.put_back();
    assert_eq!(desk.until_told(2), [told(0, 201, "{}"), told(1, 201, "{}")]);
    assert_eq!((polymarket.read(0), polymarket.read(1)), (Vec::new(), YES.to_vec()));
}

/// A venue that stops reading with little room, and one leg into it.
fn into_room_of((ours, theirs): (usize, usize), leg: &[u8]) -> (Written, Vec<u8>, Vec<Told>) {
    let (now, reads_on) = mpsc::channel::<()>();
    let (done, is_done) = mpsc::channel::<()>();
    let (reads_on, done) = (Mutex::new(reads_on), Mutex::new(done));
    let stuck = TestVenue::with((Some(theirs), 0), move |session| {
        if reads_on.lock().expect("whole").recv().is_ok() {
            session.drain();
            done.lock().expect("whole").send(()).expect("awaited");
        }
    });
    let kalshi = TestVenue::start(answering(OK));
    let little = PoolOptions { send_buffer_bytes: Some(ours), ..options(1) };
    let venues =
        vec![(Polymarket, stuck.endpoint(), little), (Kalshi, kalshi.endpoint(), options(1))];
    let mut desk = Desk::new(venues);
    desk.until_idle(1, 1);
    assert!(desk.take(BOTH));
    let written = desk.wires.write(0, leg);
    desk.wires.put_back();
    now.send(()).expect("it waits");
    is_done.recv().expect("it read what there was");
    for _ in 0..100 {
        desk.poll(); // whatever could still be sent would be sent here
    }
    (written, stuck.read(0), desk.told)
}

#[test]
fn a_first_record_that_does_not_fit_is_a_definite_no_and_never_arrives() {
    let (written, read, told) = into_room_of((4_096, 4_096), &[b'y'; 16_000]);
    assert_eq!(written, Written::Nothing);
    assert_eq!(read, b"", "not one record can be read");
    assert_eq!(told, [], "there is nothing to hear of it");
}

#[test]
fn a_leg_that_is_cut_off_is_told_as_such_and_its_rest_never_arrives() {
    let leg: Vec<u8> =
        (0..60_000_u32).map(|at| b'a' + u8::try_from(at % 26).unwrap_or(0)).collect();
    // The first record has come to the venue; or it lies in our kernel, and is taken back.
    for (ours, theirs, has_come) in [(24_576, 24_576, true), (24_576, 4_096, false)] {
        let (written, read, heard) = into_room_of((ours, theirs), &leg);
        assert_eq!((written, heard), (Written::Part, vec![told(0, 0, "lost")]));
        assert_eq!(!read.is_empty(), has_come);
        assert!(read.len() < leg.len(), "all of it has arrived");
        assert_eq!(read, leg[..read.len()]);
    }
}

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
