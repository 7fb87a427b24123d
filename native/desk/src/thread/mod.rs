//! The thread that fires. One turn after the other: commands, market data, answers, what is due; and
//! then it waits for whatever comes first.

mod arming;
mod asked;
mod desk;
mod following;
mod own_shots;
mod readiness;
mod shooting;
mod telling;
mod waiting;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use legwork_engine_core::clearing::{Clearing, never_read};
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::firing::{Firing, House, Receipt, Release};
use legwork_engine_core::gate::FiringThread;
use legwork_engine_core::journal::{Journal, JournalError, RecordedShot, ShotId};
use legwork_engine_core::lines::{Teller, Wake};
use legwork_engine_core::orders::SigningLine;
use legwork_engine_core::shot::ShotTerms;
use legwork_engine_core::signing::KalshiAhead;
use legwork_engine_core::wire::{Clock, VenueWires};
use legwork_engine_door::lane::LaneEnd;
use legwork_engine_market_data::MarketData;

use self::desk::Command;
pub use self::desk::{Desk, DeskGone, Look, Started};
use self::following::Markets;
use self::own_shots::{Bit, OwnShots};
use self::readiness::wait;
use self::waiting::Waiting;
use crate::armed::Armed;
use crate::arming::Lent;
use crate::death::{Fate, Mortal};
use crate::doors::{Acknowledged, Doors, FiredFirst};
use crate::entry::Account;
use crate::intents::Intents;

/// Postgres answers in milliseconds where it answers at all.
const ACKNOWLEDGED_WITHIN_NS: u64 = 1_000_000_000;

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
    /// To the thread that signs Polymarket's orders.
    pub orders: SigningLine,
    /// A book that was not heard of for longer is stale.
    pub silence_ns_max: u64,
    /// Looks again at once instead of waiting: takes a processor for itself.
    pub is_busy: bool,
    /// Each shot when it has left or was refused after it was written down, and again with each leg
    /// that was heard of.
    pub told: Teller<RecordedShot>,
    /// What it fires by itself.
    pub doors: Doors,
}

/// The others come next, in their order.
const COMMANDS_A_TURN: usize = 16;
/// Shots of one turn; more than that only where others are slow to take them.
const UNTOLD: usize = 64;
/// "arbitrage/" and an intent's id.
const WORKFLOW_ID_ROOM: usize = 74;

struct DeskThread {
    firing: Firing<Mortal<VenueWires<SystemClock>>, SystemClock>,
    market_data: MarketData,
    headers: KalshiAhead,
    orders: SigningLine,
    terms: ShotTerms,
    is_busy: bool,
    told: Teller<RecordedShot>,
    commands: Receiver<Command>,
    wake: Wake,
    waiting: Waiting,
    account: Arc<Account>,
    account_name: String,
    host: String,
    lane: Option<LaneEnd>,
    intents: Intents,
    fired: Teller<FiredFirst>,
    clear: Box<Clearing>,
    armed: Vec<Armed>,
    lent: Vec<Lent>,
    own_shots: OwnShots,
    not_orders: u64,
    /// The pairs whose books are followed, with their markets by venue.
    followed: HashMap<String, Markets>,
    /// Of the request that is looked at; in the memory of those before it.
    workflow_id: String,
    /// Fired, refused or heard of since they were told last.
    changed: Vec<ShotId>,
    /// Fired from a lease, and not handed over yet.
    unadopted: Vec<ShotId>,
    /// Over by what was heard in this turn.
    ended: Vec<(Receipt, Release)>,
    /// It fires by itself, too.
    has_doors: bool,
    is_closing: bool,
    /// At the latest, once everything was heard of.
    closes_at_ns: Option<u64>,
}

impl DeskThread {
    fn new(parts: DeskParts, commands: Receiver<Command>, wake: Wake) -> Self {
        let DeskParts { house, thread, journal, market_data, headers, .. } = parts;
        let Doors { account, account_name, host, lane, intents, fired, .. } = parts.doors;
        let wires = Mortal::new(parts.wires, parts.fate);
        Self {
            firing: Firing::new(house, thread, journal, wires, SystemClock),
            market_data,
            headers,
            orders: parts.orders,
            terms: ShotTerms { silence_ns_max: parts.silence_ns_max, ..ShotTerms::default() },
            is_busy: parts.is_busy,
            told: parts.told,
            commands,
            wake,
            waiting: Waiting::default(),
            account,
            account_name,
            host,
            lane,
            intents,
            fired,
            clear: Box::new(never_read),
            armed: Vec::new(),
            lent: Vec::new(),
            own_shots: OwnShots::default(),
            not_orders: 0,
            followed: HashMap::new(),
            workflow_id: String::with_capacity(WORKFLOW_ID_ROOM),
            changed: Vec::with_capacity(UNTOLD),
            unadopted: Vec::with_capacity(UNTOLD),
            ended: Vec::new(),
            has_doors: true,
            is_closing: false,
            closes_at_ns: None,
        }
    }

    fn run(mut self) -> Result<(), JournalError> {
        while !self.is_over() {
            self.turn();
        }
        self.firing.close()
    }

    /// What is out was heard of, and Postgres has it, or takes too long: then the next start tells it.
    fn is_over(&mut self) -> bool {
        if !self.is_closing || self.unanswered() > 0 {
            return false;
        }
        let now_ns = SystemClock.monotonic_ns();
        let until_ns = *self.closes_at_ns.get_or_insert(now_ns + ACKNOWLEDGED_WITHIN_NS);
        let is_told = self.changed.is_empty() && self.unadopted.is_empty();
        (is_told && self.waiting.is_empty() && self.own_shots.is_empty()) || now_ns >= until_ns
    }

    fn turn(&mut self) {
        let has_commands = self.obey_some();
        self.answer_requests();
        self.take_signed();
        let Self { market_data, armed, .. } = self;
        market_data.poll(read(&SystemClock), |changed| {
            for pair in armed.iter_mut() {
                pair.note(changed.instrument, changed.tick_ns);
            }
        });
        self.tick();
        self.hear();
        self.tell();
        self.waiting.give_up(SystemClock.monotonic_ns());
        self.firing.idle(&mut self.headers);
        let has_asked = self.ask_ahead();
        if !self.is_busy && !has_commands && !has_asked && !self.market_data.has_more() {
            let sockets = self.firing.wires().waits_for().chain(self.market_data.waits_for());
            wait(&self.wake, sockets);
        }
    }

    /// As many as do not keep a tick waiting; whether there may be more.
    fn obey_some(&mut self) -> bool {
        for _ in 0..COMMANDS_A_TURN {
            let Some(command) = self.next_command() else { return false };
            self.obey(command);
        }
        true
    }

    fn next_command(&mut self) -> Option<Command> {
        match self.commands.try_recv() {
            Ok(command) => Some(command),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                // Nobody is left who could ask for anything.
                (self.has_doors, self.is_closing) = (false, true);
                None
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            // Whoever has asked may be gone.
            Command::Claim(intent_id, reply) => drop(reply.send(self.intents.claim(&intent_id))),
            Command::Used(ids) => ids.iter().for_each(|id| self.intents.used(id)),
            Command::HeardUntil(unix_ns) => self.intents.heard_until(unix_ns),
            Command::Fire(asked) => self.fire(*asked),
            Command::Follow(pairs) => self.follow(&pairs),
            Command::TradesHold(markets, began_ns) => self.firing.trades_hold(&markets, began_ns),
            Command::HeldUntilRead((markets, now_ns), reply) => {
                self.firing.held_until_read(&markets, now_ns);
                let _ = reply.send(()); // whoever has asked may be gone
            }
            Command::Hold(markets) => {
                for market in markets {
                    self.firing.hold(market);
                }
            }
            Command::Drop(pair_ids, reply) => {
                self.drop_pairs(&pair_ids);
                let _ = reply.send(()); // whoever has asked may be gone
            }
            Command::Acknowledged(shots) => {
                for shot in shots {
                    self.acknowledged(shot);
                }
            }
            Command::Arm(market, arming, reply) => drop(reply.send(self.arm(market, *arming))),
            Command::Disarm((arming_id, pair_id), reply) => {
                drop(reply.send(self.disarm(&arming_id, &pair_id)));
            }
            Command::Lend(lent) => self.lend(lent),
            Command::ClearBy(freezes) => self.clear = freezes,
            // Whoever has asked may be gone.
            Command::HasBooks(pairs, reply) => drop(reply.send(self.has_books(&pairs))),
            Command::Look(reply) => drop(reply.send(self.look())),
            Command::CloseDoors => self.has_doors = false,
            Command::Close => (self.has_doors, self.is_closing) = (false, true),
        }
    }
    fn unanswered(&self) -> usize {
        self.waiting.unanswered() + self.own_shots.unanswered()
    }

    /// A trade's shot has its workflow as soon as it is told; one from a lease is adopted, and its bit
    /// goes over to its trade's hold unless both answers have let go of it.
    fn acknowledged(&mut self, Acknowledged { shot, lease_epoch, is_complete }: Acknowledged) {
        if let Some(bit) = self.own_shots.adopted(shot) {
            let (Bit::ItsTrades(receipt) | Bit::Free(receipt)) = bit;
            if matches!(bit, Bit::ItsTrades(_)) {
                self.firing.held_by_its_trade(&receipt);
            }
            self.firing.taken_over(&receipt, lease_epoch);
            self.look_at(receipt.market);
        }
        if is_complete {
            let _ = self.waiting.acknowledged(shot); // a trade's: there is nothing to take over
            self.firing.acknowledge(shot);
        }
    }
}
