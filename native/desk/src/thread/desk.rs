//! How others ask the thread that fires.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use legwork_engine_core::clearing::Clearing;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::JournalError;
use legwork_engine_core::latency::LatencyReader;
use legwork_engine_core::lines::{Bell, Wake};
use legwork_engine_market_data::StreamCounts;
use tokio::sync::oneshot;

use super::{DeskParts, DeskThread};
use crate::arming::{ArmError, Arming, Disarmed, Lent};
use crate::doors::Acknowledged;
use crate::listing::Pair;
use crate::order::{Asked, Fired, TradeOrder};

pub enum Command {
    Used(Vec<String>),
    HeardUntil(u64),
    Claim(String, oneshot::Sender<bool>),
    Fire(Box<Asked>),
    Follow(Vec<Pair>),
    TradesHold(Vec<MarketId>, u64),
    HeldUntilRead((Vec<MarketId>, u64), oneshot::Sender<()>),
    Hold(Vec<MarketId>),
    Drop(Vec<String>, oneshot::Sender<()>),
    Acknowledged(Vec<Acknowledged>),
    Arm(MarketId, Box<Arming>, oneshot::Sender<Result<(), ArmError>>),
    Disarm((String, String), oneshot::Sender<Disarmed>),
    Lend(Vec<Lent>),
    ClearBy(Box<Clearing>),
    HasBooks(Vec<Pair>, oneshot::Sender<bool>),
    Look(oneshot::Sender<Look>),
    CloseDoors,
    Close,
}

/// Looked up within microseconds.
const USED_AT_ONCE: usize = 64;

/// How the thread stands.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Connections that are ready for a shot: Kalshi, Polymarket.
    pub idle_wires: [usize; 2],
    /// What was counted of their streams: Kalshi, Polymarket.
    pub streams: [StreamCounts; 2],
    /// Why a venue cannot be reached.
    pub troubles: Vec<String>,
    /// Shots whose answers are awaited.
    pub unanswered: usize,
    /// Pairs that are armed.
    pub armed: usize,
    /// Orders of theirs that are signed before anybody needs them.
    pub orders_ahead: usize,
    /// Ticks whose decision was no order, which is a fault of ours, since the start.
    pub not_orders: u64,
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
        let wake = parts.doors.wake.clone();
        let desk = Self { commands, wake: wake.clone() };
        let mut running = DeskThread::new(parts, asked, wake);
        let latencies = running.firing.latencies();
        let thread = thread::Builder::new().name("firing".into()).spawn(move || running.run())?;
        Ok(Started { desk, latencies, thread })
    }

    /// Takes an intent for its trade, before its orders are written down: no other door fires it from
    /// then on. `false`: one has, and its orders have the same names.
    pub fn claim(&self, intent_id: String) -> Result<oneshot::Receiver<bool>, DeskGone> {
        let (reply, claimed) = oneshot::channel();
        self.say(Command::Claim(intent_id, reply))?;
        Ok(claimed)
    }

    /// Intents that another door has, a workflow or another host: no strategy fires them here. However
    /// many they are, shots go between them.
    pub fn used(&self, intent_ids: Vec<String>) -> Result<(), DeskGone> {
        let mut left = intent_ids.into_iter().peekable();
        while left.peek().is_some() {
            self.say(Command::Used(left.by_ref().take(USED_AT_ONCE).collect()))?;
        }
        Ok(())
    }

    /// What any other door had by then, since 1970, was told: whoever asks after an intent that nobody
    /// has heard of is told that it was looked for then.
    pub fn heard_until(&self, unix_ns: u64) -> Result<(), DeskGone> {
        self.say(Command::HeardUntil(unix_ns))
    }

    /// One attempt at both legs; answered when both were heard of, or at once where nothing has left.
    /// Where the thread ends meanwhile nobody knows what has left: its journal does. `cleared` is the
    /// control epoch of the freezes that its strategy and its trade were held against.
    pub fn fire(
        &self,
        order: TradeOrder,
        cleared: u64,
    ) -> Result<oneshot::Receiver<Fired>, DeskGone> {
        let (reply, fired) = oneshot::channel();
        self.say(Command::Fire(Box::new(Asked { order, cleared, reply })))?;
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

    /// Trades may hold these now, as nobody has read yet: once this was answered none of ours is fired
    /// there but for a trade, until [`Desk::trades_hold`] tells of a reading that began after `now_ns`.
    pub fn held_until_read(
        &self,
        markets: Vec<MarketId>,
        now_ns: u64,
    ) -> Result<oneshot::Receiver<()>, DeskGone> {
        let (reply, held) = oneshot::channel();
        self.say(Command::HeldUntilRead((markets, now_ns), reply))?;
        Ok(held)
    }

    /// Shots of earlier starts may have left at these a moment ago: none of ours follows them.
    pub fn hold(&self, markets: Vec<MarketId>) -> Result<(), DeskGone> {
        self.say(Command::Hold(markets))
    }

    /// Pairs that are approved no more: once this was answered nothing of a lease is spent on them.
    pub fn drop_pairs(&self, pair_ids: Vec<String>) -> Result<oneshot::Receiver<()>, DeskGone> {
        let (reply, dropped) = oneshot::channel();
        self.say(Command::Drop(pair_ids, reply))?;
        Ok(dropped)
    }

    /// Postgres has them, and their workflows.
    pub fn acknowledged(&self, shots: Vec<Acknowledged>) -> Result<(), DeskGone> {
        self.say(Command::Acknowledged(shots))
    }

    /// Fires a pair from its lease, by what it is armed with.
    pub fn arm(
        &self,
        market: MarketId,
        arming: Arming,
    ) -> Result<oneshot::Receiver<Result<(), ArmError>>, DeskGone> {
        let (reply, armed) = oneshot::channel();
        self.say(Command::Arm(market, Box::new(arming), reply))?;
        Ok(armed)
    }

    /// Fires it no more. Nothing of its lease is spent once this was answered, whether this start has
    /// known the arming or not.
    pub fn disarm(
        &self,
        arming_id: String,
        pair_id: String,
    ) -> Result<oneshot::Receiver<Disarmed>, DeskGone> {
        let (reply, disarmed) = oneshot::channel();
        self.say(Command::Disarm((arming_id, pair_id), reply))?;
        Ok(disarmed)
    }

    /// What this start was lent, as the last heartbeat has it: all of it.
    pub fn lend(&self, lent: Vec<Lent>) -> Result<(), DeskGone> {
        self.say(Command::Lend(lent))
    }

    /// Holds shots from leases against these freezes, from now on. Until this was said once, none
    /// passes. It has what it looks through to itself, so that a shot waits for nobody.
    pub fn clear_by(&self, freezes: Box<Clearing>) -> Result<(), DeskGone> {
        self.say(Command::ClearBy(freezes))
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

    /// Nothing is fired by itself any more, neither for strategies nor at ticks: only for trades.
    pub fn close_doors(&self) -> Result<(), DeskGone> {
        self.say(Command::CloseDoors)
    }

    /// Ends the thread once what is out was heard of, and acknowledged where that comes within a second;
    /// the longest time of an answer bounds the rest.
    pub fn close(&self) -> Result<(), DeskGone> {
        self.say(Command::Close)
    }

    fn say(&self, command: Command) -> Result<(), DeskGone> {
        self.commands.send(command).map_err(|_| DeskGone)?;
        self.wake.ring();
        Ok(())
    }
}
