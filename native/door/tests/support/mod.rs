//! An engine behind a door that fires nothing, and a client of it.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use legwork_engine_core::amount::{Price, Quantity};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::lines::Wake;
use legwork_engine_core::wire::Written;
use legwork_engine_door::answer::{Answer, Became, Receipt, Standing, Status};
use legwork_engine_door::desk::{Asked, Desk};
use legwork_engine_door::door::{Door, DoorOptions};
use legwork_engine_door::frame::{Frame, first_frame, write_frame};
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::request::{ArbitrageType, FireRequest, Request};
use legwork_engine_door::text::Text;
use legwork_engine_door::{OpenError, Peers};
use tempfile::{TempDir, tempdir};

pub const PATIENCE: Duration = Duration::from_mins(1);
const HOST: &str = "engine-1";

pub fn name<const N: usize>(text: &str) -> Text<N> {
    Text::name(text).expect("a name")
}

pub fn options(path: &Path) -> DoorOptions {
    let (peers, mode) = (Peers::SameUser, Mode::Simulated);
    DoorOptions { path: path.to_owned(), peers, mode, epoch: 7, host: name(HOST) }
}

/// A folder that is ours alone, and a socket's path in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempdir().expect("writable");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    let path = folder.path().join("door");
    (folder, path)
}

pub fn open(path: &Path) -> Result<Door<Willing, SystemClock>, OpenError> {
    Door::open(&options(path), Wake::new().expect("a descriptor"), Willing, SystemClock)
}

pub fn fire(intent_id: &str) -> FireRequest {
    let contracts = Quantity::from_counts(30_000_000_000);
    let mut fire = FireRequest {
        intent_id: name(intent_id),
        pair_id: name("rain-seattle"),
        account: name("main"),
        strategy: name("dawn"),
        digest: [0; 32],
        limit_price: [Price::from_counts(410_000_000), Price::from_counts(550_000_000)],
        quantity: [contracts; 2],
        contracts_max: contracts,
        edge_min: Price::from_counts(10_000_000),
        observed_at_ms: [1_795_220_000_000, 1_795_220_000_003],
        not_after_ms: 1_795_220_002_000,
        mode: Mode::Simulated,
        arbitrage_type: ArbitrageType::PolyYesKalshiNo,
        is_dry_run: false,
    };
    fire.digest = fire.digest_on(HOST);
    fire
}

/// As the thread that fires would tell it.
pub fn receipt(asked: &Asked) -> Receipt {
    let id = ClientOrderId::derive("arbitrage/a", "entry/yes", 0);
    Receipt {
        shot: ShotId { thread: 0, epoch: 7, sequence: asked.received_ns },
        client_order_ids: [id; 2],
        written: [Some(Written::Whole); 2],
        received_ns: asked.received_ns,
        from_to_ns: (asked.received_ns, asked.received_ns),
        fired_unix_ns: 1,
    }
}

pub fn status() -> Status {
    Status {
        epoch: 7,
        unix_ns: 1,
        up_ns: 1,
        fired: 0,
        refused: 0,
        unadopted: 0,
        under_way: 0,
        connections: 0,
        mode: Mode::Simulated,
        is_frozen: false,
        hears_control: true,
        host: name(HOST),
    }
}

/// Answers on the spot; knows nothing of anything it is asked about.
pub struct Willing;

impl Desk for Willing {
    fn take(&mut self, asked: &Asked) -> Option<Answer> {
        Some(match &asked.request {
            Request::Fire(_) => Answer::Receipt(receipt(asked)),
            Request::Status => Answer::Status(status()),
            Request::Ask(_) | Request::FreezeHere(_) => {
                Answer::Standing(Standing { looked_unix_ns: 1, became: Became::Unheard })
            }
        })
    }
}

pub fn code_of(answer: &Answer) -> &str {
    match answer {
        Answer::Refused(refused) => refused.code.as_str(),
        other => panic!("{other:?} is no refusal"),
    }
}

/// A client that waits for nobody, like the door.
pub struct Client {
    pub stream: UnixStream,
    bytes: Vec<u8>,
}

impl Client {
    pub fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).expect("a door");
        stream.set_nonblocking(true).expect("a socket");
        Self { stream, bytes: Vec::new() }
    }

    pub fn say(&mut self, request: &Request, number: u64) {
        let bytes = request
            .with_frame(number, |frame| write_frame(&mut [0; 1_024], frame).map(<[u8]>::to_vec));
        self.stream.write_all(&bytes.expect("it fits")).expect("there is room");
    }

    /// The next frame that is whole: its kind, number and body.
    pub fn hear(&mut self) -> Option<(u8, u64, Vec<u8>)> {
        self.read();
        let found = first_frame(&self.bytes).expect("the door’s frames are readable");
        let (Frame { kind, number, body }, length) = found?;
        let heard = (kind, number, body.to_vec());
        self.bytes.drain(..length);
        Some(heard)
    }

    pub fn answer(&mut self) -> Option<(u64, Answer)> {
        let (kind, number, body) = self.hear()?;
        Some((number, Answer::decode(kind, &body).expect("an answer")))
    }

    /// `true` where the other side has closed.
    pub fn read(&mut self) -> bool {
        let mut room = [0; 16_384];
        loop {
            match self.stream.read(&mut room) {
                Ok(0) => return true,
                Ok(count) => self.bytes.extend_from_slice(&room[..count]),
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
    }
}

/// Turns the door until something is there.
pub fn until<T, D: Desk>(
    door: &mut Door<D, SystemClock>,
    mut look: impl FnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        door.poll(Duration::from_millis(1)).expect("the system is well");
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it does not come");
    }
}
