//! What a shot may lose: taken before it leaves, given back where nothing has, and somebody else's in
//! the end. A trade that has its reservation brings its own.

use super::{Fired, Firing, Owed, Receipt, Release};
use crate::back_pressure::Unadopted;
use crate::in_flight::MarketId;
use crate::journal::ShotId;
use crate::lease::{NO_LEASE, Spent};
use crate::refusal::Refusal;
use crate::shot::{Now, Shot};
use crate::wire::{Clock, Wires};

impl<W: Wires, C: Clock> Firing<W, C> {
    /// The shot's workflow has it, and all that will be heard of it is known elsewhere.
    pub fn adopted(&mut self, receipt: &Receipt) {
        self.taken_over(receipt, None);
        self.acknowledge(receipt.id);
    }

    /// The shot's workflow has it, and what it may lose is a reservation: since the terms of that epoch,
    /// if it was moved out of a lease. Its slot stays for what is still to be heard. Told again it
    /// changes nothing.
    pub fn taken_over(&mut self, receipt: &Receipt, lease_epoch: Option<u64>) {
        let Some(Owed { spent, waiting, .. }) = receipt.owed else { return };
        if !self.house.back_pressure.leave(waiting) {
            return;
        }
        if let Some(lease) = self.lease(receipt.market) {
            lease.adopted(spent, lease_epoch.unwrap_or(NO_LEASE));
        }
    }

    /// Nobody needs its slot any more.
    pub fn acknowledge(&mut self, id: ShotId) {
        self.journal.acknowledge(id);
    }

    /// Its trade holds the pair from now on, on the monotonic clock: a reading that began later, and
    /// does not name it, lets go. For a shot that has not [ended](Self::ended).
    pub fn held_by_its_trade(&mut self, receipt: &Receipt) {
        if let Some(Owed { held, .. }) = receipt.owed {
            self.holds.take_over(held, receipt.market, self.clock.monotonic_ns());
        }
    }

    /// Nothing of the shot is open any more, by its answers or by other evidence: what is heard of it
    /// from now on is nobody's. The hold of a trade ends where the trade does ([`Self::trades_hold`]).
    pub fn ended(&mut self, receipt: &Receipt, release: Release) {
        self.open.end(receipt.id);
        let Some(Owed { held, .. }) = receipt.owed else { return };
        match release {
            Release::Now => {
                self.house.in_flight.release(held);
            }
            Release::Delayed => self.releases.add(held, self.clock.monotonic_ns()),
        }
    }

    /// The pairs that trades held when a reading of them began, on the monotonic clock: all of them.
    pub fn trades_hold(&mut self, markets: &[MarketId], began_ns: u64) {
        let here = (&self.house.in_flight, &mut self.releases);
        self.holds.read(here, markets, began_ns);
    }

    /// A trade may have them, at this time on the monotonic clock, until a reading says otherwise that has
    /// begun later. What is in flight here, or rests, is closed as it is.
    pub fn held_until_read(&mut self, markets: &[MarketId], now_ns: u64) {
        for market in markets {
            let _ = self.holds.take(&self.house.in_flight, *market, now_ns); // else taken already
        }
    }

    /// Its trade answers for it: there is nothing to lend, and nobody has to take it over.
    pub(super) fn for_its_trade(&mut self, shot: &Shot<'_>, now: Now) -> Result<Receipt, Refusal> {
        self.holds.take(&self.house.in_flight, shot.market, now.monotonic_ns)?;
        Ok(self.with_wires(shot, now, NO_LEASE)?.receipt(shot.market, None))
    }

    pub(super) fn holding_market(&mut self, shot: &Shot<'_>, now: Now) -> Result<Receipt, Refusal> {
        let held = self.house.in_flight.take(shot.market)?;
        let fired = self.spending(shot, now);
        if fired.is_err() {
            self.house.in_flight.release(held);
        }
        let (fired, spent, waiting) = fired?;
        Ok(fired.receipt(shot.market, Some(Owed { held, spent, waiting })))
    }

    fn spending(
        &mut self,
        shot: &Shot<'_>,
        now: Now,
    ) -> Result<(Fired, Spent, Unadopted), Refusal> {
        let lease = self.lease(shot.market).ok_or(Refusal::MarketUnknown)?;
        let spent = lease.take(shot.worst, now.monotonic_ns)?;
        let fired = self.in_the_queue(shot, now, spent);
        if fired.is_err()
            && let Some(lease) = self.lease(shot.market)
        {
            lease.give_back(spent);
        }
        fired.map(|(fired, waiting)| (fired, spent, waiting))
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

    pub(super) fn is_lent(&self, MarketId(market): MarketId, now_ns: u64) -> bool {
        let lease = usize::try_from(market).ok().and_then(|index| self.leases.get(index));
        lease.is_some_and(|lease| lease.is_current(now_ns))
    }
}
