//! The whole way over TLS: two venues that say anything at all or nothing, in every combination, and
//! a journal that says what was heard and nothing more.

#[path = "support/fate.rs"]
mod fate;
mod support;
#[path = "support/venue.rs"]
mod venue;

use std::cell::{Cell, RefCell};
use std::fs;
use std::rc::Rc;
use std::sync::Arc;

use fate::Fate;
use legwork_engine_core::answers::Verdict;
use legwork_engine_core::firing::{Firing, House, Receipt, Release};
use legwork_engine_core::journal::{RecordedAnswer, RecordedShot, Source, read_bytes};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::shot::{LEGS, Shot, ShotTerms, Venue};
use legwork_engine_core::wire::{PoolOptions, RECONNECT_NS_MAX, VenueWires};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use support::{RAIN, SECOND_NS, StoppedClock, answers, file_in, journal_in, of, shot};
use tempfile::{TempDir, tempdir};
use venue::{Session, TestVenue, until};

const CASES: u32 = 80;
/// Fewer than cases: each is used again and again.
const SLOTS: u32 = 3;
const ANSWER_WITHIN_NS: u64 = 5 * SECOND_NS;

/// Does what the request asks for.
fn serve(leg: usize) -> impl Fn(&mut Session) + Send + Sync + 'static {
    move |session| {
        while let Some(bytes) = session.read() {
            let request = String::from_utf8(session.last(bytes)).expect("a request");
            let is_asked = |fate: &&Fate| request.contains(&format!("Fate: {fate:?}\r\n"));
            let fate = Fate::ALL.iter().find(is_asked).expect("a fate");
            match fate {
                Fate::NoHttp => session.send(b"nothing of HTTP\r\n\r\n"),
                Fate::Late => session.drain(),
                _ => (),
            }
            if let Some((status, body)) = fate.said(leg) {
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}", body.len());
                session.send(format!("{head}\r\n\r\n{body}").as_bytes());
            }
        }
    }
}

fn request(fate: Fate) -> Vec<u8> {
    format!("POST /order HTTP/1.1\r\nHost: venue.test\r\nFate: {fate:?}\r\n\r\n").into_bytes()
}

struct Desk {
    firing: Firing<VenueWires<StoppedClock>, StoppedClock>,
    house: Arc<House>,
    clock: StoppedClock,
    folder: TempDir,
    round: u64,
}

/// What was told of a shot: per leg verdict and time, and the last release.
type Told = (Vec<(usize, Verdict, u64)>, Option<Release>);

impl Desk {
    fn new(polymarket: &TestVenue, kalshi: &TestVenue) -> Self {
        let clock = StoppedClock(Rc::new(Cell::new(SECOND_NS)));
        let one = || PoolOptions {
            keep_alive_after_ns: u64::MAX,
            answer_within_ns: ANSWER_WITHIN_NS,
            // The clock jumps while connections are made.
            connect_within_ns: u64::MAX,
            ..venue::options(1)
        };
        let venues = [
            (Venue::Polymarket, polymarket.endpoint(), one()),
            (Venue::Kalshi, kalshi.endpoint(), one()),
        ];
        let folder = tempdir().expect("a temporary folder");
        let journal = journal_in(folder.path(), &support::options(SLOTS)).expect("free");
        let (house, mut threads) = House::new(support::MARKETS, 1, answers());
        assert!(house.gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
        house.gate.heard_control(u64::MAX);
        let wires = VenueWires::new(venues, clock.clone());
        let thread = threads.remove(0);
        let firing = Firing::new(Arc::clone(&house), thread, journal, wires, clock.clone());
        Self { firing, house, clock, folder, round: 0 }
    }

    fn fire(&mut self, fates: [Fate; LEGS]) -> Receipt {
        self.clock.0.update(|now_ns| now_ns + RECONNECT_NS_MAX);
        until("both are idle", || {
            self.firing.hear(|told| panic!("{told:?} of a shot that is over"));
            let wires = self.firing.wires();
            wires.idle(Venue::Polymarket) + wires.idle(Venue::Kalshi) == LEGS
        });
        self.round += 1;
        let terms = Terms { epoch: self.round, budget: of("100"), until_ns: u64::MAX };
        self.firing.lease(RAIN).expect("a known market").renew(terms);
        let intent_id = format!("rain.{}", self.round);
        let requests = fates.map(request);
        let shot = shot(RAIN, &intent_id, [&requests[0], &requests[1]]);
        let terms = ShotTerms { silence_ns_max: u64::MAX, ..support::terms() };
        let fired = self.firing.fire(&Shot { not_after_ns: u64::MAX, ..shot }, &terms);
        fired.expect("nothing is against it")
    }

    fn hear(&mut self, receipt: &Receipt, told: &mut Told, count: usize) {
        until("as many are told", || {
            self.firing.hear(|of| {
                assert_eq!(of.shot, receipt.id);
                told.0.push((of.leg, of.verdict.clone(), of.at_ns));
                assert!(told.1.is_none() && (of.release.is_none() || told.0.len() == LEGS));
                told.1 = of.release;
            });
            told.0.len() >= count
        });
    }

    fn recorded(&self, receipt: &Receipt) -> RecordedShot {
        let bytes = fs::read(file_in(self.folder.path(), "memory")).expect("readable");
        let reading = read_bytes(&bytes, Source::Memory);
        assert_eq!(reading.damage, []);
        reading.shots.into_iter().find(|shot| shot.id == receipt.id).expect("it is there")
    }

    /// One shot to its end. `adopted_at`: before anything is heard (0), when the time is up (1), or
    /// when everything is (2).
    fn play(&mut self, fates: [Fate; LEGS], adopted_at: usize) -> (Told, RecordedShot) {
        let receipt = self.fire(fates);
        let mut told = (Vec::new(), None);
        let in_time = fates.iter().filter(|fate| fate.is_in_time()).count();
        for (moment, count) in [0, in_time, LEGS].into_iter().enumerate() {
            if count > in_time {
                self.clock.0.update(|now_ns| now_ns + ANSWER_WITHIN_NS);
            }
            self.hear(&receipt, &mut told, count);
            if moment == adopted_at {
                self.firing.adopted(&receipt);
            }
        }
        let recorded = self.recorded(&receipt);
        self.firing.ended(&receipt, Release::Now);
        (told, recorded)
    }
}

/// The rule, once more and from the other end.
fn release_after(fates: [Fate; LEGS]) -> Option<Release> {
    let [yes, no] = fates.map(Fate::taken);
    match (yes?, no?) {
        (0, 0) if fates == [Fate::Refused; LEGS] => Some(Release::Now),
        (yes, no) => (yes == no).then_some(Release::Delayed),
    }
}

#[test]
fn whatever_both_venues_say_the_journal_has_it_and_nothing_more() {
    let (polymarket, kalshi) = (TestVenue::start(serve(0)), TestVenue::start(serve(1)));
    let desk = RefCell::new(Desk::new(&polymarket, &kalshi));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
    let cases = (select(Fate::ALL), select(Fate::ALL), 0..=LEGS);
    let run = TestRunner::new(config).run(&cases, |(yes, no, adopted_at)| {
        let (fates, mut desk) = ([yes, no], desk.borrow_mut());
        let ((mut told, release), recorded) = desk.play(fates, adopted_at);
        told.sort_by_key(|(leg, ..)| *leg);
        prop_assert_eq!(told.len(), LEGS, "each leg is told once");
        prop_assert_eq!(release, release_after(fates));
        prop_assert!(recorded.is_acknowledged);
        for (leg, verdict, at_ns) in told {
            prop_assert_eq!(&verdict, &fates[leg].verdict(leg));
            let said = fates[leg].said(leg).filter(|_| fates[leg].is_in_time());
            let status = said.map_or(0, |(status, _): (u16, String)| status);
            let answer = Some(RecordedAnswer { verdict, status, at_ns });
            prop_assert_eq!(&recorded.legs[leg].answer, &answer);
        }
        prop_assert_eq!(desk.house.strays.told(), 0);
        Ok(())
    });
    if let Err(failed) = run {
        panic!("{failed}");
    }
}
