//! A shot's way through the door and back, without the shot, in nanoseconds, beside a bare echo of
//! as many bytes over a Unix socket: `cargo bench --bench round_trip`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::hint::black_box;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::lines::Wake;
use legwork_engine_door::answer::{Answer, Status};
use legwork_engine_door::door::Door;
use legwork_engine_door::frame::write_frame;
use legwork_engine_door::lane::{Control, Lane, LaneEnd, lane};
use legwork_engine_door::request::{FreezeHere, Request};
use legwork_engine_door::thread::DoorThread;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use support::{Willing, fire, options, receipt, status};

const ROUNDS: usize = 20_000;
/// What is too short to be timed alone is timed so many times over.
const AT_ONCE: u32 = 100;
const REQUEST_BYTES: usize = 448;
const ANSWER_BYTES: usize = 128;
const GREETING_BYTES: usize = 96;

struct Thawed;

impl Control for Thawed {
    fn freeze_here(&mut self, _: &FreezeHere) -> u64 {
        0
    }

    fn is_over(&mut self) -> Option<u64> {
        None
    }

    fn status(&mut self) -> Status {
        status()
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("writable");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    let request = Request::Fire(fire("dawn.1"))
        .with_frame(1, |frame| write_frame(&mut [0; 1_024], frame).expect("it fits").to_vec());
    assert_eq!(request.len(), REQUEST_BYTES);
    println!("{:<52}{:>9}{:>9}{:>9}{:>9}", "nanoseconds", "p50", "p95", "p99", "p99.9");
    round_trips(folder.path(), &request);
    turns(&folder.path().join("turns"), &request);
}

/// A client and whether the firing thread looks without a pause while it is timed.
struct Row {
    what: &'static str,
    client: UnixStream,
    is_busy: Option<Arc<Busy>>,
    took: Histogram<u64>,
}

#[derive(Default)]
struct Busy {
    wanted: AtomicBool,
    is: AtomicBool,
}

fn round_trips(folder: &Path, request: &[u8]) {
    let (wake, busy) = (Wake::new().expect("one"), Arc::new(Busy::default()));
    let row = |what, client, is_busy| Row {
        what,
        client,
        is_busy,
        took: Histogram::new(3).expect("three digits"),
    };
    let (asleep, parked) = laned(&folder.join("parked"), None);
    let (awake, spinning) = laned(&folder.join("spinning"), Some(Arc::clone(&busy)));
    let mut rows = [
        row("floor: as many bytes, echoed", echo(&folder.join("echo")), None),
        row("the door on the thread that fires", alone(&folder.join("alone"), wake), None),
        row("… on its own, the other parked until wanted", asleep, None),
        row("… on its own, the other looking all the time", awake, Some(busy)),
    ];
    let mut order = Shuffled { at: [0, 1, 2, 3], seed: 7 };
    for round in 0..ROUNDS + ROUNDS / 10 {
        for index in order.next() {
            let took = once(&mut rows[index], request);
            if round >= ROUNDS / 10 {
                rows[index].took.record(took).expect("in range");
            }
        }
    }
    for Row { what, took, .. } in &rows {
        print_row(what, took);
    }
    drop((parked, spinning));
}

/// Each round in another order: whoever follows a thread that spins finds the caches cold.
struct Shuffled {
    at: [usize; 4],
    seed: u32,
}

impl Shuffled {
    fn next(&mut self) -> [usize; 4] {
        for last in 1..self.at.len() {
            self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            self.at.swap(last, usize::try_from(self.seed >> 16).unwrap_or(0) % (last + 1));
        }
        self.at
    }
}

fn once(row: &mut Row, request: &[u8]) -> u64 {
    if let Some(busy) = &row.is_busy {
        busy.wanted.store(true, Ordering::Release);
        while !busy.is.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }
    let start = Instant::now();
    row.client.write_all(request).expect("room");
    row.client.read_exact(&mut [0; ANSWER_BYTES]).expect("an answer");
    let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    if let Some(busy) = &row.is_busy {
        busy.wanted.store(false, Ordering::Release);
        while busy.is.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }
    took
}

fn print_row(what: &str, took: &Histogram<u64>) {
    let at = |percentile| took.value_at_quantile(percentile);
    println!("{what:<52}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
}

/// A thread that waits as the door does, reads and writes, and does nothing else. Waiting in `read`
/// instead is another floor: the scheduler wakes such a thread on another processor.
fn echo(path: &Path) -> UnixStream {
    let listener = UnixListener::bind(path).expect("free");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody");
        let epoll = epoll::create(CreateFlags::CLOEXEC).expect("a descriptor");
        let data = EventData::new_u64(0);
        epoll::add(&epoll, &stream, data, EventFlags::IN).expect("a socket");
        let mut events = [Event { flags: EventFlags::empty(), data }];
        while epoll::wait(&epoll, &mut events, None).is_ok()
            && stream.read_exact(&mut [0; REQUEST_BYTES]).is_ok()
        {
            stream.write_all(&[0; ANSWER_BYTES]).expect("somebody reads");
        }
    });
    UnixStream::connect(path).expect("it listens")
}

fn greeted(path: &Path) -> UnixStream {
    let mut client = UnixStream::connect(path).expect("it listens");
    client.read_exact(&mut [0; GREETING_BYTES]).expect("a greeting");
    client
}

fn alone(path: &Path, wake: Wake) -> UnixStream {
    let mut door = Door::open(&options(path), wake, Willing, SystemClock).expect("free");
    thread::spawn(move || {
        loop {
            door.poll(Duration::from_secs(1)).expect("well");
        }
    });
    greeted(path)
}

fn laned(path: &Path, busy: Option<Arc<Busy>>) -> (UnixStream, DoorThread) {
    let wake = Wake::new().expect("one");
    let firing = Wake::new().expect("one");
    let (lane, end) = lane(64, Thawed, wake.clone(), Some(firing.clone()));
    thread::spawn(move || answer_all(end, &firing, busy.as_deref()));
    let door = Door::open(&options(path), wake.clone(), lane, SystemClock).expect("free");
    let door: Door<Lane<Thawed>, SystemClock> = door;
    let door = DoorThread::start(door, wake).expect("a thread");
    (greeted(path), door)
}

fn answer_all(mut end: LaneEnd, firing: &Wake, busy: Option<&Busy>) {
    while !end.is_over() {
        let is_wanted = busy.is_some_and(|busy| {
            let wanted = busy.wanted.load(Ordering::Acquire);
            busy.is.store(wanted, Ordering::Release);
            wanted
        });
        match end.take() {
            Some(asked) => end.answer(asked.ticket, Answer::Receipt(receipt(&asked))),
            None if is_wanted => std::hint::spin_loop(),
            None if busy.is_some() => thread::sleep(Duration::from_micros(20)),
            None => {
                let second = Timespec { tv_sec: 1, tv_nsec: 0 };
                let _ = poll(&mut [PollFd::new(firing, PollFlags::IN)], Some(&second));
                firing.settle();
            }
        }
    }
}

/// What a look costs the thread that looks.
fn turns(path: &Path, request: &[u8]) {
    let wake = Wake::new().expect("one");
    let (lane, mut end) = lane(64, Thawed, wake.clone(), None);
    let mut door = Door::open(&options(path), wake, lane, SystemClock).expect("free");
    let mut client = UnixStream::connect(path).expect("it listens");
    door.poll(Duration::ZERO).expect("well");
    client.read_exact(&mut [0; GREETING_BYTES]).expect("a greeting");
    let looks = measure("a look at an empty ring, 100 times", |_| {
        for _ in 0..AT_ONCE {
            black_box(end.take());
        }
    });
    println!("{:<52}{:>9}", "  … once", looks / u64::from(AT_ONCE));
    measure("a turn of a door that nobody has come to", |_| {
        black_box(door.poll(Duration::ZERO)).expect("well");
    });
    let mut took = Histogram::<u64>::new(3).expect("three digits");
    for _ in 0..ROUNDS {
        client.write_all(request).expect("room");
        let start = Instant::now();
        door.poll(Duration::ZERO).expect("well");
        took.record(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)).expect("short");
        let asked = end.take().expect("handed over");
        end.answer(asked.ticket, Answer::Receipt(receipt(&asked)));
        door.poll(Duration::ZERO).expect("well");
        client.read_exact(&mut [0; ANSWER_BYTES]).expect("an answer");
    }
    print_row("a turn that reads, checks and hands over a shot", &took);
}

fn measure(what: &str, mut once: impl FnMut(usize)) -> u64 {
    let mut took = Histogram::<u64>::new(3).expect("three digits");
    for round in 0..ROUNDS {
        let start = Instant::now();
        once(round);
        took.record(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)).expect("short");
    }
    print_row(what, &took);
    took.value_at_quantile(0.5)
}
