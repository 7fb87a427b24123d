//! An engine that fires nothing, for `test/native/fire-first.test.ts`: the first word of an intent's
//! id says what it answers. `scripted <socket> <mode> <epoch> <ledger>`; it ends when its input does.
//!
//! * `fire.…` a receipt; `refuse-<CODE>.…` that refusal of the engine; `silent.…` nothing, ever;
//! * `die.…` writes the intent down, as fired, and dies without an answer;
//! * `exists.…` refuses as an intent that it knows.

use std::collections::HashMap;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, Read, Write};
use std::path::PathBuf;
use std::process::exit;
use std::time::Duration;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::lines::Wake;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::wire::{Clock, Written};
use legwork_engine_door::Peers;
use legwork_engine_door::answer::{Answer, Became, Frozen, Receipt, Standing, Status};
use legwork_engine_door::desk::{Asked, Desk};
use legwork_engine_door::door::{Door, DoorOptions};
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::refused::{DoorRefusal, Refused};
use legwork_engine_door::request::{FireRequest, Request};
use legwork_engine_door::text::Text;

struct Scripted {
    epoch: u64,
    mode: Mode,
    is_frozen: bool,
    /// What was fired, by this start or an earlier one.
    fired: HashMap<String, ([u8; 32], u64)>,
    ledger: File,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, mode, epoch, ledger] = arguments.as_slice() else {
        return Err("scripted <socket> <mode> <epoch> <ledger>".into());
    };
    let mode = match mode.as_str() {
        "live" => Mode::Live,
        "shadow" => Mode::Shadow,
        _ => Mode::Simulated,
    };
    let options = DoorOptions {
        path: PathBuf::from(path),
        peers: Peers::SameUser,
        mode,
        epoch: epoch.parse()?,
        host: Text::name("engine-1").ok_or("a host")?,
    };
    let desk = Scripted::open(ledger, options.epoch, mode)?;
    let mut door = Door::open(&options, Wake::new()?, desk, SystemClock)?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        exit(0);
    });
    println!("listening");
    loop {
        door.poll(Duration::from_secs(1))?;
    }
}

impl Scripted {
    fn open(path: &str, epoch: u64, mode: Mode) -> Result<Self, Box<dyn Error>> {
        let ledger = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut fired = HashMap::new();
        for line in std::io::BufReader::new(&ledger).lines() {
            let line = line?;
            let mut words = line.split(' ');
            let (Some(id), Some(digest)) = (words.next(), words.next()) else { continue };
            let mut bytes = [0; 32];
            hex::decode_to_slice(digest, &mut bytes)?;
            fired.insert(id.to_owned(), (bytes, epoch));
        }
        Ok(Self { epoch, mode, is_frozen: false, fired, ledger })
    }

    fn fire(&mut self, asked: &Asked, fire: &FireRequest) -> Option<Answer> {
        let id = fire.intent_id.as_str();
        let script = id.split('.').next().unwrap_or_default();
        if let Some(code) = script.strip_prefix("refuse-") {
            let refusal = Refusal::ALL.iter().find(|refusal| refusal.code() == code)?;
            return Some(Refused::from(*refusal).into());
        }
        if script == "silent" {
            return None;
        }
        if script == "exists" || self.fired.contains_key(id) {
            return Some(DoorRefusal::IntentExists.about("").into());
        }
        if self.is_frozen {
            return Some(Refused::from(Refusal::Frozen).into());
        }
        self.fired.insert(id.to_owned(), (fire.digest, asked.received_ns));
        let line = format!("{id} {}\n", hex::encode(fire.digest));
        self.ledger.write_all(line.as_bytes()).ok()?;
        if script == "die" {
            exit(1);
        }
        Some(Answer::Receipt(self.receipt(id, asked.received_ns)))
    }

    fn receipt(&self, id: &str, received_ns: u64) -> Receipt {
        let name = |what| ClientOrderId::derive(&format!("arbitrage/{id}"), what, 0);
        Receipt {
            shot: ShotId { thread: 0, epoch: self.epoch, sequence: 1 },
            client_order_ids: [name("entry/yes"), name("entry/no")],
            written: [Some(Written::Whole); 2],
            received_ns,
            from_to_ns: (received_ns, SystemClock.monotonic_ns()),
            fired_unix_ns: SystemClock.unix_ns(),
        }
    }

    fn standing(&self, id: &str) -> Standing {
        let looked_unix_ns = SystemClock.unix_ns();
        let became = match self.fired.get(id) {
            Some((digest, at_ns)) => Became::Fired(*digest, self.receipt(id, *at_ns)),
            None => Became::Unheard,
        };
        Standing { looked_unix_ns, became }
    }

    fn status(&self) -> Status {
        Status {
            epoch: self.epoch,
            unix_ns: SystemClock.unix_ns(),
            up_ns: SystemClock.monotonic_ns(),
            fired: u64::try_from(self.fired.len()).unwrap_or(u64::MAX),
            refused: 0,
            unadopted: 0,
            under_way: 0,
            connections: 0,
            mode: self.mode,
            is_frozen: self.is_frozen,
            hears_control: true,
            host: Text::name("engine-1").unwrap_or(Text::EMPTY),
        }
    }
}

impl Desk for Scripted {
    fn take(&mut self, asked: &Asked) -> Option<Answer> {
        match &asked.request {
            Request::Fire(fire) => self.fire(asked, fire),
            Request::Ask(id) => Some(Answer::Standing(self.standing(id.as_str()))),
            Request::Status => Some(Answer::Status(self.status())),
            Request::FreezeHere(_) => {
                self.is_frozen = true;
                let taken_unix_ns = SystemClock.unix_ns();
                let over_unix_ns = SystemClock.unix_ns();
                Some(Answer::Frozen(Frozen { taken_unix_ns, over_unix_ns }))
            }
        }
    }
}
