//! Both legs over real TLS: what leaves, and what does not.

mod support;
#[path = "support/venue.rs"]
mod venue;
#[path = "support/wires.rs"]
mod wires;

use std::sync::{Arc, Mutex, mpsc};

use legwork_engine_core::shot::Venue::{Kalshi, Polymarket};
use legwork_engine_core::wire::{PoolOptions, RECONNECT_NS_MIN, Wires, Written};
use venue::{OK, Session, TestVenue, answering, options, until};
use wires::{BOTH, Desk, NO, Told, YES, told};

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
