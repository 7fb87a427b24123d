//! From a decision to its bytes. Belongs to the one thread that owns a pair's sockets and books.

use std::sync::Arc;

use crate::back_pressure::{BackPressure, Unadopted};
use crate::gate::{FiringThread, Gate};
use crate::in_flight::{DelayedReleases, Held, InFlight, MarketId};
use crate::journal::{Journal, ShotId};
use crate::lease::{Lease, Spent};
use crate::refusal::{Refusal, Refusals};
use crate::shot::{LEGS, Now, Shot, ShotTerms};
use crate::wire::{Clock, Wires, Written};

/// How long a market stays closed after a shot that has taken something (seed: 10 s).
pub const RELEASE_DELAY_NS: u64 = 10_000_000_000;

/// What the threads of one engine share.
pub struct House {
    /// Which markets have a shot in flight.
    pub in_flight: InFlight,
    /// What is frozen.
    pub gate: Gate,
    /// What no workflow has taken over yet.
    pub back_pressure: BackPressure,
    /// What was refused.
    pub refusals: Refusals,
}

impl House {
    /// For so many markets and firing threads; frozen until control was heard.
    #[must_use]
    pub fn new(markets: usize, threads: usize) -> (Arc<Self>, Vec<FiringThread>) {
        let (gate, threads) = Gate::new(markets, threads);
        let house = Self {
            in_flight: InFlight::new(markets),
            gate,
            back_pressure: BackPressure::new(),
            refusals: Refusals::new(),
        };
        (Arc::new(house), threads)
    }
}

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

/// When a market may be shot at again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Release {
    /// Nothing was taken.
    Now,
    /// Its book shows what was taken until it catches up.
    Delayed,
}

/// Everything that a firing thread fires with.
pub struct Firing<W, C> {
    house: Arc<House>,
    thread: FiringThread,
    journal: Journal,
    /// By market.
    leases: Box<[Lease]>,
    releases: DelayedReleases,
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
        Self { house, thread, journal, leases, releases, wires, clock }
    }

    /// What may still be lost with a pair; `None` for a market that is not known.
    pub fn lease(&mut self, MarketId(market): MarketId) -> Option<&mut Lease> {
        self.leases.get_mut(usize::try_from(market).ok()?)
    }

    /// Between shots: where answers are read and connections are kept warm.
    pub fn wires(&mut self) -> &mut W {
        &mut self.wires
    }

    /// One attempt at both legs. A refusal has a name, is counted, and leaves nothing behind; where
    /// anything has left there is a receipt, whatever became of it.
    pub fn fire(&mut self, shot: &Shot<'_>, terms: &ShotTerms) -> Result<Receipt, Refusal> {
        let now = Now { monotonic_ns: self.clock.monotonic_ns(), unix_ns: self.clock.unix_ns() };
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

    /// Nothing of the shot is open any more.
    pub fn ended(&mut self, receipt: &Receipt, release: Release) {
        match release {
            Release::Now => {
                self.house.in_flight.release(receipt.held);
            }
            Release::Delayed => self.releases.add(receipt.held, self.clock.monotonic_ns()),
        }
    }

    /// Between shots: lets go of what is due.
    pub fn idle(&mut self) {
        let now_ns = self.clock.monotonic_ns();
        self.releases.run(&self.house.in_flight, now_ns);
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
            Ok((Fired { id, legs, from_to_ns }, waiting)) => {
                let market = shot.market;
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
        let venues = shot.legs.each_ref().map(|leg| leg.venue);
        self.wires.aim(self.journal.next(), venues);
        if !self.wires.take() {
            return Err(Refusal::NoWire);
        }
        let fired = self.written_down(shot, now, lease);
        self.wires.put_back();
        fired
    }

    fn written_down(&mut self, shot: &Shot<'_>, now: Now, lease: u64) -> Result<Fired, Refusal> {
        let id = self.journal.append(shot, lease, now)?;
        let fired = self.past_the_gate(shot, id);
        if let Err(refusal) = fired {
            self.journal.refused(id, refusal);
        }
        fired
    }

    /// The section: from the one reading of the freeze word to the last byte of the last leg.
    fn past_the_gate(&mut self, shot: &Shot<'_>, id: ShotId) -> Result<Fired, Refusal> {
        let section = self.house.gate.enter(&self.thread, shot.market, &self.clock)?;
        // Writing it down may have taken longer than what was asked before it is true.
        let from_ns = self.clock.monotonic_ns();
        if self.clock.unix_ns() >= shot.not_after_ns {
            return Err(Refusal::TooLate);
        }
        if !self.is_lent(shot.market, from_ns) {
            return Err(Refusal::LeaseMissing);
        }
        let first = write(&mut self.wires, 0, shot.legs[0].bytes);
        if first == Written::Nothing {
            return Err(Refusal::NoWire);
        }
        // Half a request is hardly an order: the other leg would most likely be alone.
        let second =
            (first == Written::Whole).then(|| write(&mut self.wires, 1, shot.legs[1].bytes));
        drop(section);
        let to_ns = self.clock.monotonic_ns();
        let legs = [Some(first), second];
        for (leg, written) in legs.into_iter().enumerate() {
            self.journal.written(id, leg, written.unwrap_or(Written::Nothing), to_ns);
        }
        Ok(Fired { id, legs, from_to_ns: (from_ns, to_ns) })
    }

    fn is_lent(&self, MarketId(market): MarketId, now_ns: u64) -> bool {
        let lease = usize::try_from(market).ok().and_then(|index| self.leases.get(index));
        lease.is_some_and(|lease| lease.is_current(now_ns))
    }
}

struct Fired {
    id: ShotId,
    legs: [Option<Written>; LEGS],
    from_to_ns: (u64, u64),
}

/// A leg of which nothing has left may go again, once, on another connection.
fn write<W: Wires>(wires: &mut W, leg: usize, bytes: &[u8]) -> Written {
    match wires.write(leg, bytes) {
        Written::Nothing if wires.take_spare(leg) => wires.write(leg, bytes),
        written => written,
    }
}
