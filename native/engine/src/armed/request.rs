//! A strategy's own decision about an armed pair (docs/fire-first.md): its prices, its size and its
//! threshold, from the pair's lease.

use super::direction::Headers;
use super::intent::{id_of, names_of};
use super::{ArmedPair, Hands, NotFired, YES_AT};
use crate::amount::{Price, Quantity};
use crate::clock::read;
use crate::firing::Receipt;
use crate::orders::OrderTerms;
use crate::own_intent::{Door, OwnIntent};
use crate::shot::{Before, Budget, LEGS, Shot, ShotTerms, Top, Venue};
use crate::signing::KalshiKey;
use crate::wire::{Clock, Wires};

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// `arbitrage/{intentId}`.
    pub workflow_id: &'a str,
    /// Whose decision.
    pub strategy: &'a str,
    /// Where YES is bought; NO is at the other venue.
    pub yes_at: Venue,
    /// The worst price of each leg.
    pub limit_prices: [Price; LEGS],
    /// What each leg is to buy.
    pub contracts: [Quantity; LEGS],
    /// The most that the intent allows.
    pub contracts_max: Quantity,
    /// The least that it allows.
    pub edge_min: Price,
    /// When each price was seen, in milliseconds since 1970.
    pub observed_at_ms: [u64; LEGS],
    /// Since 1970, in whole milliseconds.
    pub not_after_ns: u64,
    /// Everything up to the journal, which is not written to.
    pub is_dry_run: bool,
    /// When it came, on the monotonic clock.
    pub received_ns: u64,
    /// What its books are now.
    pub tops: [Top; LEGS],
    /// Signs on the spot where no headers were signed ahead: it has decided already.
    pub key: &'a KalshiKey,
}

impl ArmedPair {
    /// Fires what was asked for, at its limits; no more contracts than the pair was armed with.
    pub fn request<W: Wires, C: Clock>(
        &mut self,
        with: &mut Hands<'_, W, C>,
        wanted: &Wanted<'_>,
    ) -> Result<Receipt, NotFired> {
        let direction = usize::from(wanted.yes_at != YES_AT[0]);
        let (limits, contracts) = (wanted.limit_prices, wanted.contracts);
        let priced = self.trigger.at_limits(direction, limits, contracts);
        let priced = priced.map_err(|refusal| NotFired::Refused(with.firing.refuse(refusal)))?;
        with.firing.may_fire(self.market).map_err(NotFired::Refused)?;
        let decided_by = (wanted.strategy, wanted.workflow_id);
        let cleared = self.cleared(with, direction, decided_by)?;
        let now = read(with.firing.clock());
        let names = names_of(wanted.workflow_id);
        let terms: [OrderTerms; LEGS] = std::array::from_fn(|leg| OrderTerms {
            client_order_id: names[leg],
            limit_price: limits[leg],
            fixed: priced.legs[leg].fixed,
        });
        let mut headers = Headers { ahead: with.headers, key: Some(wanted.key) };
        let made = self.directions[direction].make(&mut headers, (&terms, wanted.tops), now);
        let (legs, _) = made.map_err(|missing| missing.counted(with.firing))?;
        let signed_ns = with.firing.clock().monotonic_ns();
        let armed = self.terms[direction].shot;
        let shot = Shot {
            market: self.market,
            intent_id: id_of(wanted.workflow_id),
            pair_id: &self.pair_id,
            account: &self.account,
            edge: priced.edge,
            worst: priced.worst,
            budget: Budget::Lease(wanted.intent()),
            cleared,
            is_dry_run: wanted.is_dry_run,
            not_after_ns: wanted.not_after_ns,
            held_back: self.held_back,
            before: Before { tick_ns: wanted.received_ns, decided_ns: now.monotonic_ns, signed_ns },
            legs,
        };
        let terms = ShotTerms {
            edge_min: wanted.edge_min,
            contracts_max: wanted.contracts_max.min(armed.contracts_max),
            ..armed
        };
        with.firing.fire(&shot, &terms).map_err(NotFired::Refused)
    }
}

impl<'a> Wanted<'a> {
    fn intent(&self) -> OwnIntent<'a> {
        OwnIntent {
            door: Door::FireFirst,
            strategy: self.strategy,
            contracts_max: self.contracts_max,
            edge_min: self.edge_min,
            observed_at_ms: self.observed_at_ms,
        }
    }
}
