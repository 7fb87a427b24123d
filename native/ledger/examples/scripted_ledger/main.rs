//! The ledger's rooms by words on standard input, for `test/native/ledger.test.ts`: a line in, a
//! line of JSON out. `DATABASE_URL=… scripted_ledger <process> <host>`; it ends with its input.
//!
//! * `register`, `markets <json>`, `holds`, `owner <pair>`, `claim <pair>`, `release <pair>
//!   <epoch>`, `record <json>`, `unsent <order,order>`, `trades <intent>`, `end`: the calls, once each;
//! * `control`: keeps the gate from now on; `state`: what it has told; `gate <market>`: whether a
//!   shot would pass; `enter <market>`, `leave`: a section; `look <strategy>`: what freezes a trade
//!   of it; `cleared <market> <epoch>`: whether a shot would pass that was held against that epoch;
//! * `project <json>`: a shot for the projector; `projected`: what became of them, and the free
//!   slots.

mod gate;
mod given;

use std::error::Error;
use std::fmt::Debug;
use std::io::BufRead;

use legwork_engine_core::answers::VenueAnswers;
use legwork_engine_core::firing::House;
use legwork_engine_ledger::orders::{ShotToRecord, StoryLine};
use legwork_engine_ledger::projection::{Heard, Projection, Projector, ShotRecord};
use legwork_engine_ledger::start::{Registration, Start};
use legwork_engine_ledger::{Address, Ledger};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use self::gate::AtTheGate;
use self::given::{GivenMarket, GivenOrders, GivenShot};

type Said = Result<Value, Box<dyn Error>>;

struct Scripted<'a> {
    address: Address,
    ledger: Ledger,
    start: Start,
    host: String,
    gate: AtTheGate<'a>,
    projection: Option<Projection>,
    free: Vec<u64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (words, mut heard) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = words.send(line);
        }
    });
    runtime.block_on(async move {
        let (house, threads) = House::new(128, 1, VenueAnswers::load()?);
        let gate = AtTheGate::new(&house, threads.first().ok_or("a thread")?);
        let mut scripted = match Scripted::open(gate).await {
            Ok(scripted) => scripted,
            Err(error) => {
                println!("{}", json!({ "error": error.to_string() }));
                return Ok(());
            }
        };
        println!("{}", json!({ "epoch": scripted.start.epoch }));
        while let Some(line) = heard.recv().await {
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let said = scripted.take(word, rest).await;
            println!("{}", said.unwrap_or_else(|error| json!({ "error": error.to_string() })));
        }
        Ok(())
    })
}

impl<'a> Scripted<'a> {
    async fn open(gate: AtTheGate<'a>) -> Result<Self, Box<dyn Error>> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [process, host] = arguments.as_slice() else {
            return Err("scripted_ledger <process> <host>".into());
        };
        let address: Address = std::env::var("DATABASE_URL")?.parse()?;
        let ledger = Ledger::connect(&address).await?;
        let start = Start { process: process.clone(), epoch: ledger.epoch_known().await? + 1 };
        let (projection, free) = (None, Vec::new());
        Ok(Self { address, ledger, start, host: host.clone(), gate, projection, free })
    }

    async fn take(&mut self, word: &str, rest: &str) -> Said {
        let Self { ledger, start, .. } = self;
        match word {
            "register" => self.register().await,
            "markets" => {
                let given: Vec<GivenMarket> = serde_json::from_str(rest)?;
                let markets: Vec<_> = given.into_iter().map(GivenMarket::market).collect();
                Ok(done(ledger.set_markets(start, &markets).await?))
            }
            "holds" => Ok(words(&ledger.holds(start).await?)),
            "owner" => Ok(words(&ledger.owner(start, rest).await?)),
            "claim" => Ok(done(ledger.claim_owner(start, rest).await?)),
            "release" => {
                let (key, epoch) = rest.split_once(' ').ok_or("release <pair> <epoch>")?;
                Ok(done(ledger.release_owner(start, key, epoch.parse()?).await?))
            }
            "record" => self.record(rest).await,
            "unsent" => {
                let ids: Vec<String> = rest.split(',').map(str::to_owned).collect();
                Ok(done(ledger.not_sent(start, &ids, "FROZEN").await?))
            }
            "trades" => Ok(words(&ledger.trades(&[rest.to_owned()]).await?)),
            "end" => Ok(done(ledger.end(start).await?)),
            "project" => self.project(rest),
            "projected" => Ok(self.projected()),
            "control" => Ok(self.gate.control(self.address.clone(), self.start.clone())),
            _ => self.gate.take(word, rest),
        }
    }

    async fn register(&self) -> Said {
        let registration = Registration {
            start: &self.start,
            host: &self.host,
            pid: 7,
            mode: "simulated",
            accounts: &["kalshi/main".into(), "polymarket/main".into()],
            journal: &format!("folder of {}", self.host),
            build: "build-1",
        };
        Ok(done(self.ledger.register(&registration).await?))
    }

    async fn record(&self, text: &str) -> Said {
        let given: GivenOrders = serde_json::from_str(text)?;
        let shot = ShotToRecord {
            workflow_id: &given.workflow_id,
            pair_id: &given.pair_id,
            mode: "simulated",
            orders: given.orders.each_ref().map(|order| order.told()),
            story: &[StoryLine { at_ms: 7, event: "fire", text: "both legs" }],
        };
        Ok(done(self.ledger.record_orders(&self.start, &shot).await?))
    }

    fn project(&mut self, text: &str) -> Said {
        let given: GivenShot = serde_json::from_str(text)?;
        let heard = if given.is_swept { Heard::All } else { Heard::SoFar };
        let record = ShotRecord::of(&self.host, &given.recorded(self.start.epoch)?, heard);
        let projection = self.projection.get_or_insert_with(|| {
            let (address, start) = (self.address.clone(), self.start.clone());
            let (projector, projection) = Projector::new(address, start, self.host.clone());
            tokio::spawn(projector.run());
            projection
        });
        projection.records.send(record)?;
        Ok(json!({}))
    }

    fn projected(&mut self) -> Value {
        let Some(projection) = &mut self.projection else { return json!(null) };
        while let Ok(free) = projection.free.try_recv() {
            self.free.push(free.shot.sequence);
        }
        let counts = projection.counts.borrow();
        json!({
            "safe": counts.safe, "refused": counts.refused, "untold": counts.untold,
            "unadopted": counts.unadopted, "shotsRefused": counts.shots_refused,
            "hasTrouble": counts.trouble.is_some(), "free": self.free,
        })
    }
}

/// In Rust's own words, which the test reads.
fn words(of: &impl Debug) -> Value {
    json!({ "is": format!("{of:?}") })
}

fn done<T: Debug, R: Debug>(answer: Result<T, R>) -> Value {
    match answer {
        Ok(value) => words(&value),
        Err(refusal) => json!({ "refused": format!("{refusal:?}") }),
    }
}
