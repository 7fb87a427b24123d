//! A shot as a strategy meets it: a client writes a frame into the engine's socket, and has the
//! receipt when it is read. The door and whoever fires have a thread each.

use std::hint::spin_loop;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::journal::RecordedShot;
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
    let mut took = ROWS.map(|_| histogram());
    for round in 0..shots + shots / WARM_UP_SHARE {
        let nanoseconds = strategy.round(round);
        if round >= shots / WARM_UP_SHARE {
            took.iter_mut().zip(nanoseconds).for_each(|(took, of)| took.saturating_record(of));
        }
    }
    strategy.engine.close();
    let row = |(what, took): (&&str, &Histogram<u64>)| Row::of(part, what, took);
    ROWS.iter().zip(&took).map(row).collect()
}

impl Strategy {
    /// In nanoseconds, as the rows are.
    fn round(&mut self, round: usize) -> [u64; ROWS.len()] {
        if round.is_multiple_of(ROUNDS_PER_SIGN_OF_LIFE) {
            self.engine.say_that_venues_are_there();
        }
        let (answer, by_socket_ns) = self.asks(&Request::Fire(request(round)));
        let Some(Answer::Receipt(receipt)) = answer else { panic!("{answer:?} is no receipt") };
        let shot_ns = shot_ns(&self.engine.adopt(receipt.shot));
        let (answer, bare_ns) = self.asks(&Request::Ask(name("nobody")));
        assert!(matches!(answer, Some(Answer::Standing(_))), "{answer:?} is no standing");
        [shot_ns, by_socket_ns, bare_ns]
    }

    /// What it is told, and after how long.
    fn asks(&mut self, request: &Request) -> (Option<Answer>, u64) {
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
        let start = Instant::now();
        self.client.write_all(&room[..length]).expect("room");
        let answer = self.next_answer();
        (answer, u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
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

/// What whoever fires has taken for it: from when it began to make the requests to the second write.
fn shot_ns(shot: &RecordedShot) -> u64 {
    let written_ns = shot.legs.iter().map(|leg| leg.written_ns).max().expect("both legs");
    written_ns.checked_sub(shot.before.decided_ns).expect("decided before it is written")
}
