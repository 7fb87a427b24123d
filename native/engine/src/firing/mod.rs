//! From a decision to its bytes, and back from the answers. Belongs to the one thread that owns a
//! pair's sockets and books.

mod budget;
mod hearing;
mod house;
mod open_shots;
mod receipt;
mod release;
mod trade_holds;

use std::sync::Arc;

pub use self::hearing::{LegOutcome, Strays};
pub use self::house::{House, Signed};
pub use self::receipt::Receipt;
pub use self::release::Release;

use self::open_shots::OpenShots;
use self::receipt::Owed;
use self::trade_holds::TradeHolds;
use crate::clock::read;
use crate::gate::FiringThread;
use crate::in_flight::{DelayedReleases, MarketId};
use crate::journal::{Journal, RecordedShot, ShotId};
use crate::latency::{Latencies, LatencyReader, WrittenTimes};
use crate::lease::Lease;
use crate::refusal::Refusal;
use crate::shot::{Budget, LEGS, Now, Shot, ShotTerms};
use crate::sync::Ordering;
use crate::wire::{Clock, Wires, Written};

/// How long a market stays closed after a shot that has taken something (seed: 10 s).
pub const RELEASE_DELAY_NS: u64 = 10_000_000_000;

/// What is made ready ahead of shots, and grows old meanwhile.
pub trait Prepared {
    /// Between shots: lets go of what is too old, so that there is room for newer.
    fn idle(&mut self, now: Now);
}

/// Nothing is made ready.
impl Prepared for () {
    fn idle(&mut self, _: Now) {}
}

/// Everything that a firing thread fires with.
pub struct Firing<W, C> {
    house: Arc<House>,
    thread: FiringThread,
    journal: Journal,
    /// By market.
    leases: Box<[Lease]>,
    releases: DelayedReleases,
    holds: TradeHolds,
    open: OpenShots,
    latencies: Latencies,
    reader: Option<LatencyReader>,
    wires: W,
    clock: C,
}

impl<W: Wires, C: Clock> Firing<W, C> {
    /// A thread of the house, with its own journal and wires.
    #[must_use]
    pub fn new(
        house: Arc<House>,
        thread: FiringThread,
        journal: Journal,
        wires: W,
        clock: C,
    ) -> Self {
        let markets = house.in_flight.markets();
        let releases = DelayedReleases::new(RELEASE_DELAY_NS, markets);
        let (leases, holds) = (vec![Lease::default(); markets].into(), TradeHolds::new(markets));
        let open = OpenShots::new(journal.slots());
        let (latencies, reader) = Latencies::new();
        let reader = Some(reader);
        Self {
            house,
            thread,
            journal,
            leases,
            releases,
            holds,
            open,
            latencies,
            reader,
            wires,
            clock,
        }
    }

    /// What may still be lost with a pair; `None` for a market that is not known.
    pub fn lease(&mut self, MarketId(market): MarketId) -> Option<&mut Lease> {
        self.leases.get_mut(usize::try_from(market).ok()?)
    }

    /// How many connections are ready, and what ails the others. Polled by [`Firing::hear`] alone:
    /// what is heard elsewhere no shot is told.
    pub fn wires(&mut self) -> &mut W {
        &mut self.wires
    }

    /// What shots are timed by.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// What [`Firing::fire`] would refuse of a lease's shots, whatever they are: asked before requests
    /// are made, whose names and headers are used up by it. It promises nothing; `fire` asks again.
    /// Counted.
    pub fn may_fire(&self, market: MarketId) -> Result<(), Refusal> {
        self.look(market).map_err(|refusal| self.refuse(refusal))
    }

    /// The same for whoever only waits until he may: counted nowhere.
    pub fn look(&self, market: MarketId) -> Result<(), Refusal> {
        let House { in_flight, gate, back_pressure, .. } = &*self.house;
        let now_ns = self.clock.monotonic_ns();
        if in_flight.holder(market).is_some() {
            return Err(Refusal::PairInFlight);
        }
        if !self.is_lent(market, now_ns) {
            return Err(Refusal::LeaseMissing);
        }
        back_pressure.look(market, now_ns)?;
        if gate.is_frozen(market) {
            return Err(Refusal::Frozen);
        }
        if !gate.is_controlled(now_ns) {
            return Err(Refusal::ControlLost);
        }
        Ok(())
    }

    /// For a shot of an earlier start that no workflow had taken over: its market stays closed as
    /// long as after one of our own that has taken something. Where a trade has it by now, it is closed
    /// by that.
    pub fn hold(&mut self, market: MarketId) {
        if let Ok(held) = self.house.in_flight.take(market) {
            self.releases.add(held, self.clock.monotonic_ns());
        }
    }

    /// Counts it, for whoever refuses before there is a shot.
    pub fn refuse(&self, refusal: Refusal) -> Refusal {
        self.house.refusals.count(refusal);
        refusal
    }

    /// Of the orders that ticks have fired at Polymarket.
    #[must_use]
    pub fn orders_signed(&self) -> &Signed {
        &self.house.signed
    }

    /// Counts an order of a tick's, by when it was signed.
    pub(crate) fn signed(&self, is_ahead: bool) {
        self.house.signed.count(is_ahead);
    }

    /// For the thread that publishes how long the steps of shots take; there is one.
    pub fn latencies(&mut self) -> Option<LatencyReader> {
        self.reader.take()
    }

    /// One attempt at both legs. A refusal has a name, is counted, and leaves nothing behind; where
    /// anything has left there is a receipt, whatever became of it.
    pub fn fire(&mut self, shot: &Shot<'_>, terms: &ShotTerms) -> Result<Receipt, Refusal> {
        let now = read(&self.clock);
        let fired = shot.check(terms, now).and_then(|()| match shot.budget {
            Budget::Lease(_) => self.holding_market(shot, now),
            Budget::Reservation => self.for_its_trade(shot, now),
        });
        if let Err(refusal) = fired {
            self.house.refusals.count(refusal);
        }
        fired
    }

    /// The name that the next shot will have, if it comes as far as the journal.
    #[must_use]
    pub fn next(&self) -> ShotId {
        self.journal.next()
    }

    /// A shot of this start as its slot has it now, while it is that shot's.
    #[must_use]
    pub fn recorded(&self, id: ShotId) -> Option<RecordedShot> {
        self.journal.recorded(id)
    }

    /// Between shots: lets go of what is due, here and where the next shots are made ready.
    pub fn idle(&mut self, prepared: &mut impl Prepared) {
        let now = read(&self.clock);
        self.releases.run(&self.house.in_flight, now.monotonic_ns);
        self.latencies.idle(now.monotonic_ns);
        prepared.idle(now);
    }

    /// An orderly end.
    pub fn close(self) -> Result<(), crate::journal::JournalError> {
        self.journal.close()
    }

    fn with_wires(&mut self, shot: &Shot<'_>, now: Now, lease: u64) -> Result<Fired, Refusal> {
        let venues = shot.legs.each_ref().map(|leg| leg.ordered.venue());
        self.wires.aim(self.journal.next(), venues);
        if !self.wires.take() {
            return Err(Refusal::NoWire);
        }
        let fired = self.written_down(shot, now, lease);
        self.wires.put_back();
        fired
    }

    fn written_down(&mut self, shot: &Shot<'_>, now: Now, lease: u64) -> Result<Fired, Refusal> {
        if !self.open.has_room(self.journal.next()) {
            return Err(Refusal::JournalFull);
        }
        if shot.is_dry_run {
            return Err(Refusal::DryRun);
        }
        let id = self.journal.append(shot, lease, now)?;
        let fired = self.past_the_gate(shot, id);
        match &fired {
            Ok(fired) => self.has_left(shot, fired),
            Err(refusal) => self.journal.refused(id, *refusal),
        }
        fired
    }

    /// The section: from the one reading of the freeze word to the last byte of the last leg.
    fn past_the_gate(&mut self, shot: &Shot<'_>, id: ShotId) -> Result<Fired, Refusal> {
        let cleared = (shot.market, shot.cleared);
        let section = self.house.gate.enter_cleared(&self.thread, cleared, &self.clock)?;
        // Writing it down may have taken longer than what was asked before it is true.
        let began_ns = self.clock.monotonic_ns();
        if self.clock.unix_ns() >= shot.not_after_ns {
            return Err(Refusal::TooLate);
        }
        if matches!(shot.budget, Budget::Lease(_)) && !self.is_lent(shot.market, began_ns) {
            return Err(Refusal::LeaseMissing);
        }
        let stays = shot.legs.each_ref().map(|leg| shot.held_back == Some(leg.ordered.venue()));
        let (lead, other) = if stays[0] { (1, 0) } else { (0, 1) };
        let first = write(&mut self.wires, lead, shot.legs[lead].bytes);
        if first == Written::Nothing {
            return Err(Refusal::NoWire);
        }
        let first_ns = self.clock.monotonic_ns();
        // Half a request is hardly an order: the other leg would most likely be alone.
        let second = (first == Written::Whole && !stays[other])
            .then(|| write(&mut self.wires, other, shot.legs[other].bytes));
        drop(section);
        let second_ns = self.clock.monotonic_ns();
        let (mut legs, mut legs_ns) = ([Some(first), second], [first_ns, second_ns]);
        if lead == 1 {
            legs.reverse();
            legs_ns.reverse();
        }
        Ok(Fired { id, legs, times: WrittenTimes { began_ns, legs_ns } })
    }

    /// For whoever reads the journal, hears the answers, and wants to know how long it took.
    fn has_left(&mut self, shot: &Shot<'_>, &Fired { id, legs, times }: &Fired) {
        self.house.fired.fetch_add(1, Ordering::Relaxed);
        self.journal.began(id, times.began_ns);
        for (leg, written) in legs.into_iter().enumerate() {
            let written = written.unwrap_or(Written::Nothing);
            self.journal.written(id, leg, written, times.legs_ns[leg]);
        }
        self.open.open(id, shot, (legs, times.legs_ns));
        self.latencies.fired(&shot.before, &times, legs);
    }
}

struct Fired {
    id: ShotId,
    legs: [Option<Written>; LEGS],
    times: WrittenTimes,
}

impl Fired {
    fn receipt(self, market: MarketId, owed: Option<Owed>) -> Receipt {
        let Self { id, legs, times } = self;
        let [yes_ns, no_ns] = times.legs_ns;
        Receipt { id, legs, from_to_ns: (times.began_ns, yes_ns.max(no_ns)), market, owed }
    }
}

/// A leg of which nothing has left may go again, once, on another connection.
fn write<W: Wires>(wires: &mut W, leg: usize, bytes: &[u8]) -> Written {
    match wires.write(leg, bytes) {
        Written::Nothing if wires.take_spare(leg) => wires.write(leg, bytes),
        written => written,
    }
}
