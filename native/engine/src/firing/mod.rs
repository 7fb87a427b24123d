//! From a decision to its bytes, and back from the answers. Belongs to the one thread that owns a
//! pair's sockets and books.

mod hearing;
mod house;
mod open_shots;
mod release;

use std::sync::Arc;

pub use self::hearing::{LegOutcome, Strays};
pub use self::house::House;
pub use self::release::Release;

use self::open_shots::OpenShots;
use crate::back_pressure::Unadopted;
use crate::clock::read;
use crate::gate::FiringThread;
use crate::in_flight::{DelayedReleases, Held, MarketId};
use crate::journal::{Journal, ShotId};
use crate::latency::{Latencies, LatencyReader, WrittenTimes};
use crate::lease::{Lease, Spent};
use crate::refusal::Refusal;
use crate::shot::{LEGS, Now, Shot, ShotTerms};
use crate::wire::{Clock, Wires, Written};

/// How long a market stays closed after a shot that has taken something (seed: 10 s).
pub const RELEASE_DELAY_NS: u64 = 10_000_000_000;

/// A shot that has left, at least in part.
#[derive(Clone, Copy, Debug)]
#[must_use = "somebody has to take over what has left"]
pub struct Receipt {
    /// Its name in the journal.
    pub id: ShotId,
    /// What the wire took; `None` where the second leg was not tried.
    pub legs: [Option<Written>; LEGS],
    /// When the first byte could leave, and when the last had.
    pub from_to_ns: (u64, u64),
    market: MarketId,
    held: Held,
    spent: Spent,
    waiting: Unadopted,
}

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
        let releases = DelayedReleases::new(RELEASE_DELAY_NS, house.in_flight.markets());
        let leases = vec![Lease::default(); house.in_flight.markets()].into();
        let open = OpenShots::new(journal.slots());
        let (latencies, reader) = Latencies::new();
        let reader = Some(reader);
        Self { house, thread, journal, leases, releases, open, latencies, reader, wires, clock }
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

    /// What [`Firing::fire`] would refuse whatever the shot is: asked before requests are made, whose
    /// names and headers are used up by it. It promises nothing; `fire` asks again. Counted.
    pub fn may_fire(&self, market: MarketId) -> Result<(), Refusal> {
        let House { in_flight, gate, .. } = &*self.house;
        if in_flight.holder(market).is_some() {
            return Err(self.refuse(Refusal::PairInFlight));
        }
        if gate.is_frozen(market) {
            return Err(self.refuse(Refusal::Frozen));
        }
        Ok(())
    }

    /// Counts it, for whoever refuses before there is a shot.
    pub fn refuse(&self, refusal: Refusal) -> Refusal {
        self.house.refusals.count(refusal);
        refusal
    }

    /// For the thread that publishes how long the steps of shots take; there is one.
    pub fn latencies(&mut self) -> Option<LatencyReader> {
        self.reader.take()
    }

    /// One attempt at both legs. A refusal has a name, is counted, and leaves nothing behind; where
    /// anything has left there is a receipt, whatever became of it.
    pub fn fire(&mut self, shot: &Shot<'_>, terms: &ShotTerms) -> Result<Receipt, Refusal> {
        let now = read(&self.clock);
        let fired = shot.check(terms, now).and_then(|()| self.holding_market(shot, now));
        if let Err(refusal) = fired {
            self.house.refusals.count(refusal);
        }
        fired
    }

    /// The shot's workflow has it, and what it may lose is a reservation. Told again it changes nothing.
    pub fn adopted(&mut self, receipt: &Receipt) {
        if !self.house.back_pressure.leave(receipt.waiting) {
            return;
        }
        if let Some(lease) = self.lease(receipt.market) {
            lease.adopted(receipt.spent);
        }
        self.journal.acknowledge(receipt.id);
    }

    /// Nothing of the shot is open any more, by its answers or by other evidence: what is heard of it
    /// from now on is nobody's.
    pub fn ended(&mut self, receipt: &Receipt, release: Release) {
        self.open.end(receipt.id);
        match release {
            Release::Now => {
                self.house.in_flight.release(receipt.held);
            }
            Release::Delayed => self.releases.add(receipt.held, self.clock.monotonic_ns()),
        }
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

    fn holding_market(&mut self, shot: &Shot<'_>, now: Now) -> Result<Receipt, Refusal> {
        let held = self.house.in_flight.take(shot.market)?;
        let fired = self.spending(shot, now, held);
        if fired.is_err() {
            self.house.in_flight.release(held);
        }
        fired
    }

    fn spending(&mut self, shot: &Shot<'_>, now: Now, held: Held) -> Result<Receipt, Refusal> {
        let lease = self.lease(shot.market).ok_or(Refusal::MarketUnknown)?;
        let spent = lease.take(shot.worst, now.monotonic_ns)?;
        match self.in_the_queue(shot, now, spent) {
            Ok((Fired { id, legs, times }, waiting)) => {
                let market = shot.market;
                let from_to_ns = (times.began_ns, times.legs_ns[1]);
                Ok(Receipt { id, legs, from_to_ns, market, held, spent, waiting })
            }
            Err(refusal) => {
                if let Some(lease) = self.lease(shot.market) {
                    lease.give_back(spent);
                }
                Err(refusal)
            }
        }
    }

    fn in_the_queue(
        &mut self,
        shot: &Shot<'_>,
        now: Now,
        spent: Spent,
    ) -> Result<(Fired, Unadopted), Refusal> {
        let waiting = self.house.back_pressure.take(shot.market, now.monotonic_ns)?;
        let fired = self.with_wires(shot, now, spent.epoch);
        if fired.is_err() {
            self.house.back_pressure.leave(waiting);
        }
        fired.map(|fired| (fired, waiting))
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
        let section = self.house.gate.enter(&self.thread, shot.market, &self.clock)?;
        // Writing it down may have taken longer than what was asked before it is true.
        let began_ns = self.clock.monotonic_ns();
        if self.clock.unix_ns() >= shot.not_after_ns {
            return Err(Refusal::TooLate);
        }
        if !self.is_lent(shot.market, began_ns) {
            return Err(Refusal::LeaseMissing);
        }
        let first = write(&mut self.wires, 0, shot.legs[0].bytes);
        if first == Written::Nothing {
            return Err(Refusal::NoWire);
        }
        let first_ns = self.clock.monotonic_ns();
        // Half a request is hardly an order: the other leg would most likely be alone.
        let second =
            (first == Written::Whole).then(|| write(&mut self.wires, 1, shot.legs[1].bytes));
        drop(section);
        let second_ns = self.clock.monotonic_ns();
        let times = WrittenTimes { began_ns, legs_ns: [first_ns, second_ns] };
        Ok(Fired { id, legs: [Some(first), second], times })
    }

    /// For whoever reads the journal, hears the answers, and wants to know how long it took.
    fn has_left(&mut self, shot: &Shot<'_>, &Fired { id, legs, times }: &Fired) {
        self.journal.began(id, times.began_ns);
        for (leg, written) in legs.into_iter().enumerate() {
            let written = written.unwrap_or(Written::Nothing);
            self.journal.written(id, leg, written, times.legs_ns[leg]);
        }
        self.open.open(id, shot, (legs, times.legs_ns));
        self.latencies.fired(&shot.before, &times, legs);
    }

    fn is_lent(&self, MarketId(market): MarketId, now_ns: u64) -> bool {
        let lease = usize::try_from(market).ok().and_then(|index| self.leases.get(index));
        lease.is_some_and(|lease| lease.is_current(now_ns))
    }
}

struct Fired {
    id: ShotId,
    legs: [Option<Written>; LEGS],
    times: WrittenTimes,
}

/// A leg of which nothing has left may go again, once, on another connection.
fn write<W: Wires>(wires: &mut W, leg: usize, bytes: &[u8]) -> Written {
    match wires.write(leg, bytes) {
        Written::Nothing if wires.take_spare(leg) => wires.write(leg, bytes),
        written => written,
    }
}
