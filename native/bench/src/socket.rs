//! A shot as a strategy meets it: a client writes a frame into the engine's socket, and has the
//! receipt when it is read. The door and whoever fires have a thread each.

use std::hint::spin_loop;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::latency::Hop;
use legwork_engine_core::wire::Clock;
use legwork_engine_door::answer::Answer;
use legwork_engine_door::frame::{FRAME_BYTES_MAX, first_frame, write_frame};
use legwork_engine_door::request::{FireRequest, Request};

use crate::door::{name, place};
use crate::engine::Engine;
use crate::from_tick::WARM_UP_SHARE;
use crate::given;
use crate::report::{Row, histogram};
use crate::stub_process::StubProcess;
use crate::support::of;

/// So that whoever waits when there is nothing to do has begun to.
const SETTLED_AFTER: Duration = Duration::from_micros(50);
/// The venues' streams end where nothing is said for 20 s.
const ROUNDS_PER_SIGN_OF_LIFE: usize = 512;

const ROWS: [&str; 3] = [
    "the shot without the socket",
    "the shot by the socket, to its receipt",
    "socket round trip, nothing fired",
];
/// From one stamp to the next, of the client's write to its reading: what is between the door's reading
/// and the second write the shot's record has. Together they are the second row.
const STAMPS: usize = 8;
const HOPS: usize = STAMPS - 1;

struct Strategy {
    client: UnixStream,
    engine: Engine,
    asked: u64,
}

/// In each round a shot, of which the first two rows are, and a question that fires nothing. `is_busy`:
/// who fires never waits.
pub fn rows(stub: &StubProcess, shots: usize, is_busy: bool) -> Vec<Row> {
    let part = if is_busy { "fire-first, never parked" } else { "fire-first, parked until asked" };
    let (_folder, path) = place();
    let engine = Engine::start(stub, &path, is_busy);
    let client = UnixStream::connect(path).expect("it listens");
    let mut strategy = Strategy { client, engine, asked: 0 };
    assert!(strategy.next_answer().is_none(), "a greeting answers nothing");
    let mut took = [(); ROWS.len() + HOPS].map(|()| histogram());
    for round in 0..shots + shots / WARM_UP_SHARE {
        let nanoseconds = strategy.round(round);
        if round >= shots / WARM_UP_SHARE {
            took.iter_mut().zip(nanoseconds).for_each(|(took, of)| took.saturating_record(of));
        }
    }
    strategy.engine.close();
    let names = ROWS.map(str::to_owned).into_iter().chain(hop_names());
    let row = |(what, took): (String, &Histogram<u64>)| Row::of(part, &what, took);
    names.zip(&took).map(row).collect()
}

/// Those that every shot has are called as everywhere.
fn hop_names() -> [String; HOPS] {
    let of_shot = |hop: Hop| hop.code().to_owned();
    [
        "socket write → door read".to_owned(),
        "door read → firing thread begins".to_owned(),
        of_shot(Hop::Signed),
        of_shot(Hop::Passed),
        of_shot(Hop::FirstWritten),
        of_shot(Hop::Skew),
        "both written → receipt read".to_owned(),
    ]
    .map(|what| format!("hop: {what}"))
}

/// What a client was told, and when it asked and was told, on the monotonic clock.
struct Told {
    answer: Option<Answer>,
    from_to_ns: (u64, u64),
}

impl Told {
    const fn took_ns(&self) -> u64 {
        self.from_to_ns.1 - self.from_to_ns.0
    }
}

impl Strategy {
    /// In nanoseconds, as the rows are.
    fn round(&mut self, round: usize) -> [u64; ROWS.len() + HOPS] {
        if round.is_multiple_of(ROUNDS_PER_SIGN_OF_LIFE) {
            self.engine.say_that_venues_are_there();
        }
        let fired = self.asks(&Request::Fire(request(round)));
        let Some(Answer::Receipt(receipt)) = &fired.answer else {
            panic!("{:?} is no receipt", fired.answer)
        };
        let stamps = stamps(&self.engine.adopt(receipt.shot), fired.from_to_ns);
        let asked = self.asks(&Request::Ask(name("nobody")));
        let is_standing = matches!(asked.answer, Some(Answer::Standing(_)));
        assert!(is_standing, "{:?} is no standing", asked.answer);
        let [_, _, decided_ns, .., written_ns, _] = stamps;
        let mut took = [0; ROWS.len() + HOPS];
        let (rows, hops) = took.split_at_mut(ROWS.len());
        rows.copy_from_slice(&[written_ns - decided_ns, fired.took_ns(), asked.took_ns()]);
        for (took, pair) in hops.iter_mut().zip(stamps.windows(2)) {
            *took = pair[1] - pair[0];
        }
        took
    }

    /// What it is told, and after how long.
    fn asks(&mut self, request: &Request) -> Told {
        self.asked += 1;
        let mut room = [0; FRAME_BYTES_MAX];
        let bytes =
            request.with_frame(self.asked, |frame| write_frame(&mut room, frame).map(<[u8]>::len));
        let length = bytes.expect("it fits");
        self.engine.make_ready();
        let settling = Instant::now();
        while settling.elapsed() < SETTLED_AFTER {
            spin_loop();
        }
        let from_ns = SystemClock.monotonic_ns();
        self.client.write_all(&room[..length]).expect("room");
        let answer = self.next_answer();
        Told { answer, from_to_ns: (from_ns, SystemClock.monotonic_ns()) }
    }

    /// `None`: a frame that answers nothing.
    fn next_answer(&mut self) -> Option<Answer> {
        let (mut room, mut length) = ([0; FRAME_BYTES_MAX], 0);
        loop {
            let bytes = self.client.read(&mut room[length..]).expect("an answer");
            assert!(bytes > 0, "the door is open");
            length += bytes;
            if let Some((frame, _)) = first_frame(&room[..length]).expect("a frame") {
                return Answer::decode(frame.kind, frame.body);
            }
        }
    }
}

/// As large as the stub's answers say.
fn request(round: usize) -> FireRequest {
    given::fire(&format!("dawn.{round}"), |fire| {
        fire.limit_price = [of("0.41"), of("0.48")];
        (fire.quantity, fire.contracts_max) = ([of("30"); 2], of("30"));
    })
}

/// The client writes, the door has read, whoever fires begins, has the requests, may let the first byte
/// go, has written one leg, and both; the client has read. All processes share the clock.
fn stamps(shot: &RecordedShot, (from_ns, to_ns): (u64, u64)) -> [u64; STAMPS] {
    let legs = || shot.legs.iter().map(|leg| leg.written_ns);
    let (first_ns, both_ns) = (legs().min().expect("a leg"), legs().max().expect("a leg"));
    let before = shot.before;
    let stamps = [
        from_ns,
        before.tick_ns,
        before.decided_ns,
        before.signed_ns,
        shot.began_ns,
        first_ns,
        both_ns,
        to_ns,
    ];
    assert!(stamps.is_sorted(), "{stamps:?}: one after the other");
    stamps
}
