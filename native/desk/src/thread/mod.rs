//! The thread that fires. One turn after the other: commands, market data, answers, what is due; and
//! then it waits for whatever comes first.

mod following;
mod readiness;
mod shooting;
mod waiting;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};

use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::firing::{Firing, House};
use legwork_engine_core::gate::FiringThread;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{Journal, JournalError, RecordedShot, ShotId};
use legwork_engine_core::latency::LatencyReader;
use legwork_engine_core::shot::ShotTerms;
use legwork_engine_core::signing::KalshiAhead;
use legwork_engine_core::wire::{Clock, VenueWires};
use legwork_engine_market_data::MarketData;
use tokio::sync::{mpsc, oneshot};

use self::readiness::{Wake, wait};
use self::waiting::Waiting;
use crate::death::{Fate, Mortal};
use crate::listing::Pair;
use crate::order::{Asked, Fired, TradeOrder};

/// What the thread takes over, and whom it tells.
pub struct DeskParts {
    /// What all threads of the engine have in common.
    pub house: Arc<House>,
    /// Its right to fire.
    pub thread: FiringThread,
    /// Its own, with its epoch on disk.
    pub journal: Journal,
    /// Not connected yet.
    pub wires: VenueWires<SystemClock>,
    /// Where a test ends the process, or holds it up.
    pub fate: Fate,
    /// With nothing followed yet.
    pub market_data: MarketData,
    /// Signed by another thread.
    pub headers: KalshiAhead,
    /// A book that was not heard of for longer is stale.
    pub silence_ns_max: u64,
    /// Looks again at once instead of waiting: takes a processor for itself.
    pub is_busy: bool,
    /// Each shot when it has left or was refused after it was written down, and again with each leg
    /// that was heard of.
    pub told: mpsc::UnboundedSender<RecordedShot>,
}

enum Command {
    Fire(Box<Asked>),
    Follow(Vec<Pair>),
    TradesHold(Vec<MarketId>, u64),
    Acknowledged(Vec<ShotId>),
    HasBooks(Vec<Pair>, oneshot::Sender<bool>),
    Look(oneshot::Sender<Look>),
    Close,
}

/// How the thread stands.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Connections that are ready for a shot: Kalshi, Polymarket.
    pub idle_wires: [usize; 2],
    /// Why a venue cannot be reached.
    pub troubles: Vec<String>,
    /// Shots whose answers are awaited.
    pub unanswered: usize,
}

/// Asks the thread that fires; any thread may.
#[derive(Clone)]
pub struct Desk {
    commands: Sender<Command>,
    wake: Wake,
}

/// The thread that fires is gone: nothing that it was asked has been done.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the thread that fires has ended: start the engine again")]
pub struct DeskGone;

/// The thread, once it runs.
pub struct Started {
    /// Asks it.
    pub desk: Desk,
    /// How long the steps of its shots take; `None` where somebody has it already.
    pub latencies: Option<LatencyReader>,
    /// Its end: an error where its last records may not be on disk.
    pub thread: JoinHandle<Result<(), JournalError>>,
}

impl Desk {
    /// Starts the thread.
    pub fn start(parts: DeskParts) -> io::Result<Started> {
        let (commands, asked) = channel();
        let wake = Wake::new()?;
        let desk = Self { commands, wake: wake.clone() };
        let mut running = DeskThread::new(parts, asked, wake);
        let latencies = running.firing.latencies();
        let thread = thread::Builder::new().name("firing".into()).spawn(move || running.run())?;
        Ok(Started { desk, latencies, thread })
    }

    /// One attempt at both legs; answered when both were heard of, or at once where nothing has left.
    /// Where the thread ends meanwhile nobody knows what has left: its journal does.
    pub fn fire(&self, order: TradeOrder) -> Result<oneshot::Receiver<Fired>, DeskGone> {
        let (reply, fired) = oneshot::channel();
        self.say(Command::Fire(Box::new(Asked { order, reply })))?;
        Ok(fired)
    }

    /// Their books, from now on.
    pub fn follow(&self, pairs: Vec<Pair>) -> Result<(), DeskGone> {
        self.say(Command::Follow(pairs))
    }

    /// The pairs that trades held when a reading of them began, on the monotonic clock: all of them.
    pub fn trades_hold(&self, markets: Vec<MarketId>, began_ns: u64) -> Result<(), DeskGone> {
        self.say(Command::TradesHold(markets, began_ns))
    }

    /// Postgres has them, and their workflows.
    pub fn acknowledged(&self, shots: Vec<ShotId>) -> Result<(), DeskGone> {
        self.say(Command::Acknowledged(shots))
    }

    /// Whether each of their books is known.
    pub fn has_books(&self, pairs: Vec<Pair>) -> Result<oneshot::Receiver<bool>, DeskGone> {
        let (reply, known) = oneshot::channel();
        self.say(Command::HasBooks(pairs, reply))?;
        Ok(known)
    }

    /// How it stands.
    pub fn look(&self) -> Result<oneshot::Receiver<Look>, DeskGone> {
        let (reply, look) = oneshot::channel();
        self.say(Command::Look(reply))?;
        Ok(look)
    }

    /// Ends the thread once what is out was heard of; the longest time of an answer bounds that.
    pub fn close(&self) -> Result<(), DeskGone> {
        self.say(Command::Close)
    }

    fn say(&self, command: Command) -> Result<(), DeskGone> {
        self.commands.send(command).map_err(|_| DeskGone)?;
        self.wake.ring();
        Ok(())
    }
}

struct DeskThread {
    firing: Firing<Mortal<VenueWires<SystemClock>>, SystemClock>,
    market_data: MarketData,
    headers: KalshiAhead,
    terms: ShotTerms,
    is_busy: bool,
    told: mpsc::UnboundedSender<RecordedShot>,
    commands: Receiver<Command>,
    wake: Wake,
    waiting: Waiting,
    /// Heard of in this turn, and not told yet.
    changed: Vec<ShotId>,
    is_closing: bool,
}

impl DeskThread {
    fn new(parts: DeskParts, commands: Receiver<Command>, wake: Wake) -> Self {
        let DeskParts { house, thread, journal, market_data, headers, .. } = parts;
        let wires = Mortal::new(parts.wires, parts.fate);
        Self {
            firing: Firing::new(house, thread, journal, wires, SystemClock),
            market_data,
            headers,
            terms: ShotTerms { silence_ns_max: parts.silence_ns_max, ..ShotTerms::default() },
            is_busy: parts.is_busy,
            told: parts.told,
            commands,
            wake,
            waiting: Waiting::default(),
            changed: Vec::new(),
            is_closing: false,
        }
    }

    fn run(mut self) -> Result<(), JournalError> {
        while !(self.is_closing && self.waiting.unanswered() == 0) {
            self.turn();
        }
        self.firing.close()
    }

    fn turn(&mut self) {
        while let Some(command) = self.next_command() {
            self.obey(command);
        }
        self.market_data.poll(read(&SystemClock), |_changed| {});
        self.hear();
        self.waiting.give_up(SystemClock.monotonic_ns());
        self.firing.idle(&mut self.headers);
        if !self.is_busy && !self.market_data.has_more() {
            let sockets = self.firing.wires().waits_for().chain(self.market_data.waits_for());
            wait(&self.wake, sockets);
        }
    }

    fn next_command(&mut self) -> Option<Command> {
        match self.commands.try_recv() {
            Ok(command) => Some(command),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.is_closing = true; // nobody is left who could ask for anything
                None
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Fire(asked) => self.fire(*asked),
            Command::Follow(pairs) => self.follow(&pairs),
            Command::TradesHold(markets, began_ns) => self.firing.trades_hold(&markets, began_ns),
            Command::Acknowledged(shots) => {
                for receipt in shots.into_iter().filter_map(|id| self.waiting.acknowledged(id)) {
                    self.firing.adopted(&receipt);
                }
            }
            // Whoever has asked may be gone.
            Command::HasBooks(pairs, reply) => drop(reply.send(self.has_books(&pairs))),
            Command::Look(reply) => drop(reply.send(self.look())),
            Command::Close => self.is_closing = true,
        }
    }
}
