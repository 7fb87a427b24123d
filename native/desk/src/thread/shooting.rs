//! From a trade's order to its bytes, and from its answers back to whoever waits for them.

use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::firing::Receipt;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::orders::OrderError;
use legwork_engine_core::shot::{Before, Budget, LEGS, Leg, Now, Shot, Top};
use legwork_engine_core::wire::Clock;
use legwork_engine_door::answer::Receipt as Told;
use legwork_engine_market_data::Instrument;

use super::DeskThread;
use super::telling::note;
use crate::order::{Asked, Fired, TradeLeg, TradeOrder};

impl DeskThread {
    /// One attempt. Where something has left it is told when both legs were heard of.
    pub fn fire(&mut self, Asked { mut order, cleared, reply }: Asked) {
        if self.intents.may_have_left(&order.intent_id) {
            drop(reply.send(Fired::Before)); // whoever has asked may be gone
            return;
        }
        let names = order.names();
        let next = self.firing.next();
        let taken_ns = SystemClock.monotonic_ns();
        let fired = match self.shoot(&mut order, cleared) {
            Ok(Ok(receipt)) => {
                let told = told(receipt, names, taken_ns);
                self.intents.fired_by_trade(&order.intent_id, told);
                note(&mut self.changed, receipt.id);
                self.waiting.add(receipt, (names, order.answer_within_ns), reply);
                return;
            }
            Ok(Err(refusal)) => {
                // With a slot of its own it was refused at the gate, or by its wires.
                let is_recorded = self.firing.next() != next;
                if is_recorded {
                    note(&mut self.changed, next);
                    self.tell(); // its slot is free
                }
                Fired::Refused { refusal, is_recorded }
            }
            Err(error) => Fired::NotAnOrder(error),
        };
        // A strategy that hands it over later, while its trade goes on, would fire it beside that.
        self.intents.refused_by_trade(&order.intent_id);
        // Whoever has asked may be gone; nothing has left.
        drop(reply.send(fired));
    }

    fn shoot(&mut self, order: &mut TradeOrder, cleared: u64) -> Result<Attempt, OrderError> {
        let (edge, worst) = (order.edge(), order.worst());
        let tops = order.legs.each_ref().map(|leg| self.top(leg));
        let now = read(&SystemClock);
        let TradeOrder {
            market, intent_id, pair_id, account, not_after_ns, held_back, legs, ..
        } = order;
        let legs = self.ready(legs, tops, now)?;
        let signed_ns = SystemClock.monotonic_ns();
        let shot = Shot {
            market: *market,
            intent_id,
            pair_id,
            account,
            edge,
            worst,
            budget: Budget::Reservation,
            cleared,
            is_dry_run: false,
            not_after_ns: *not_after_ns,
            held_back: *held_back,
            before: Before { tick_ns: 0, decided_ns: now.monotonic_ns, signed_ns },
            legs,
        };
        Ok(self.firing.fire(&shot, &self.terms))
    }

    fn ready<'a>(
        &mut self,
        [yes, no]: &'a mut [TradeLeg; LEGS],
        [yes_top, no_top]: [Top; LEGS],
        now: Now,
    ) -> Result<[Leg<'a>; LEGS], OrderError> {
        let yes = yes.entry.ready(&mut self.headers, now)?;
        let no = no.entry.ready(&mut self.headers, now)?;
        Ok([yes.leg(yes_top), no.leg(no_top)])
    }

    fn top(&self, TradeLeg { venue, market, outcome, .. }: &TradeLeg) -> Top {
        self.market_data.top(Instrument { venue: *venue, market, outcome: *outcome })
    }

    /// What has come from the venues: into the journal, to whoever waits, and to whoever tells
    /// Postgres.
    pub fn hear(&mut self) {
        let Self { firing, waiting, own_shots, changed, ended, .. } = self;
        firing.hear(|heard| {
            waiting.heard(heard.shot, heard.leg, heard.verdict);
            ended.extend(own_shots.heard(heard.shot, heard.leg, heard.release));
            note(changed, heard.shot);
        });
        while let Some((receipt, release)) = self.ended.pop() {
            self.firing.ended(&receipt, release);
        }
    }
}

/// As whoever asks about its intent is told it.
pub fn told(receipt: Receipt, client_order_ids: [ClientOrderId; LEGS], received_ns: u64) -> Told {
    let Receipt { id, legs, from_to_ns, .. } = receipt;
    // Both clocks now; the monotonic one says how long ago it was.
    let now = read(&SystemClock);
    let ago_ns = now.monotonic_ns.saturating_sub(from_to_ns.0);
    Told {
        shot: id,
        client_order_ids,
        written: legs,
        received_ns,
        from_to_ns,
        fired_unix_ns: now.unix_ns.saturating_sub(ago_ns),
    }
}

type Attempt = Result<Receipt, legwork_engine_core::refusal::Refusal>;
