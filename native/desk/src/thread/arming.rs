//! Armed pairs: what they are armed with and lent, and what their books' ticks fire.

use legwork_engine_core::armed::{Asked, Hands, NotFired};
use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::Receipt;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::wire::Clock;
use std::sync::Arc;

use super::DeskThread;
use super::following::VENUES;
use crate::armed::{ASK_EVERY_NS, Armed, books};
use crate::arming::{ArmError, Arming, Disarmed, Lent};

impl DeskThread {
    /// From now on it is fired, as soon as something is lent for it.
    pub fn arm(&mut self, market: MarketId, arming: Arming) -> Result<(), ArmError> {
        if arming.account != self.account_name {
            return Err(ArmError::OtherAccount(arming.account));
        }
        // Its lease may have been granted before it left the file.
        if !self.followed.contains_key(&arming.pair.pair_id) {
            return Err(ArmError::PairUnknown(arming.pair.pair_id));
        }
        let known = self.armed.iter().position(|armed| armed.market == market);
        let known = known.map(|place| self.armed.swap_remove(place));
        let made = self.made(market, arming, known.as_ref());
        match made {
            Ok(mut armed) => {
                if known.is_some_and(|old| old.arming.lease_id != armed.arming.lease_id) {
                    self.end_lease(market);
                }
                armed.look(); // its lease may be known already
                self.armed.push(armed);
                self.renew();
                Ok(())
            }
            Err(error) => {
                self.armed.extend(known); // as it was
                Err(error)
            }
        }
    }

    /// Nothing of its lease is spent from now on. An arming that this start does not know spends
    /// nothing.
    pub fn disarm(&mut self, arming_id: &str, pair_id: &str) -> Disarmed {
        let is_it = |armed: &Armed| armed.arming.arming_id == arming_id;
        if let Some(place) = self.armed.iter().position(is_it) {
            let armed = self.armed.swap_remove(place);
            self.end_lease(armed.market);
        }
        Disarmed { unacknowledged: self.own_shots.unadopted(pair_id) }
    }

    /// Nothing of a lease is spent on a pair that is approved no more, whoever has armed it.
    pub fn drop_pairs(&mut self, pair_ids: &[String]) {
        let is_gone = |pair_id: &str| pair_ids.iter().any(|gone| gone == pair_id);
        while let Some(place) = self.armed.iter().position(|armed| is_gone(&armed.pair_id)) {
            let armed = self.armed.swap_remove(place);
            self.end_lease(armed.market);
        }
        for pair_id in pair_ids {
            self.unfollow(pair_id);
        }
    }

    /// What this start was lent: all of it.
    pub fn lend(&mut self, lent: Vec<Lent>) {
        self.lent = lent;
        self.renew();
    }

    /// The pairs whose books have changed.
    pub fn tick(&mut self) {
        if !self.has_doors {
            return;
        }
        self.look_again();
        for place in 0..self.armed.len() {
            if let Some((receipt, pair_id)) = self.tick_of(place) {
                self.has_fired(receipt, pair_id);
            }
        }
    }

    /// Something that was spent is there again.
    pub fn look_at(&mut self, market: MarketId) {
        if let Some(armed) = self.armed.iter_mut().find(|armed| armed.market == market) {
            armed.look();
        }
    }

    /// Those that were put off, once they may be fired.
    fn look_again(&mut self) {
        let Self { firing, armed, .. } = self;
        if !armed.iter().any(|armed| armed.put_off.is_on()) {
            return; // no clock is read on the way of every tick
        }
        let now_ns = SystemClock.monotonic_ns();
        for armed in armed.iter_mut().filter(|armed| armed.put_off.is_due(now_ns)) {
            let has_wires = VENUES.iter().all(|venue| firing.wires().idle(*venue) > 0);
            if has_wires && firing.look(armed.market).is_ok() {
                armed.look();
            } else {
                armed.put_off.go_on(now_ns);
            }
        }
    }

    fn tick_of(&mut self, place: usize) -> Option<(Receipt, Arc<str>)> {
        let Self { firing, headers, clear, market_data, armed, .. } = self;
        let armed = armed.get_mut(place)?;
        let tick_ns = armed.take_tick()?;
        let books = books(market_data, &armed.arming.pair)?;
        let mut hands = Hands { firing, headers, clear: &**clear };
        match armed.shots.tick(&mut hands, &books, tick_ns) {
            Ok(receipt) => Some((receipt, Arc::clone(&armed.pair_id))),
            // Most ticks end here; what is refused is counted.
            Err(why) => {
                if why.passes() {
                    armed.refused(tick_ns, SystemClock.monotonic_ns());
                }
                self.not_orders += u64::from(matches!(why, NotFired::NotAnOrder(_)));
                None
            }
        }
    }

    /// What was signed since the last turn.
    pub fn take_signed(&mut self) {
        while let Some((place, order)) = self.orders.take() {
            // Whoever has asked may be disarmed.
            if let Some(armed) = self.armed.iter_mut().find(|armed| armed.market == place.market) {
                armed.shots.put_ahead(place.direction, order);
            }
        }
    }

    /// What may be fired next is asked for, a little in each turn: to think of an order takes as long as
    /// to decide on one. `false`: there is nothing to ask for, or nobody who has time to sign it.
    pub fn ask_ahead(&mut self) -> bool {
        let Self { firing, market_data, armed, orders, .. } = self;
        let now_ns = SystemClock.monotonic_ns();
        // Whoever waits for it longest: a pair whose books never rest must not keep it from the others.
        let due = armed.iter_mut().filter(|armed| armed.is_due_to_ask(now_ns));
        let Some(armed) = due.min_by_key(|armed| armed.ask_after_ns) else { return false };
        if !armed.is_to_ask {
            armed.shots.look_ahead();
        }
        armed.ask_after_ns = now_ns + ASK_EVERY_NS;
        let books = books(market_data, &armed.arming.pair);
        let asked = books.map_or(Asked::All, |books| armed.shots.ask_ahead(orders, firing, &books));
        armed.is_to_ask = asked != Asked::All;
        asked != Asked::NoRoom
    }

    fn made(
        &self,
        market: MarketId,
        arming: Arming,
        known: Option<&Armed>,
    ) -> Result<Armed, ArmError> {
        if let Some(other) = known.filter(|known| known.arming.arming_id != arming.arming_id) {
            return Err(ArmError::ArmedAlready(other.arming.arming_id.clone()));
        }
        let of = (market, self.terms.silence_ns_max);
        let mut armed = Armed::new(&self.account, of, arming)?;
        if let Some(known) = known {
            armed.shots.follow(&known.shots);
        }
        Ok(armed)
    }

    /// Each armed pair has the terms of its own lease, and of no other. With new ones its books are worth
    /// a look as they stand.
    fn renew(&mut self) {
        let Self { lent, armed, firing, .. } = self;
        for Lent { market, lease_id, terms } in lent {
            let is_its =
                |armed: &&mut Armed| armed.market == *market && armed.arming.lease_id == *lease_id;
            if let Some(armed) = armed.iter_mut().find(is_its)
                && let Some(lease) = firing.lease(*market)
                && lease.renew(*terms)
            {
                armed.look();
            }
        }
    }

    fn end_lease(&mut self, market: MarketId) {
        if let Some(lease) = self.firing.lease(market) {
            lease.end();
        }
    }
}
