//! The intents that strategies have handed over: each is fired at most once, for ever, and whoever
//! asks is told what became of it (`Desk` of the door).
//!
//! 1. What an earlier start has left is known by its journal, or by Postgres, which has every shot
//!    before its slot is used again or its journal is retired. Where a journal is damaged, what it does
//!    not tell is in doubt for as long as a request may wait, and nothing new is fired meanwhile.
//! 2. What was fired is kept for the life of the start. Of what was refused the newest are kept; one is
//!    forgotten only after its `notAfter`, when it is too late for it whatever anybody knows. So are
//!    those that a workflow has fired.
//! 3. So where `ask` hears `unheard` of an intent whose `notAfter` was over when it looked, nothing of
//!    it was ever fired, and nothing will be.

use std::collections::{HashMap, VecDeque};

use legwork_engine_core::journal::{Reading, RecordedShot};
use legwork_engine_core::own_intent::{Door, RecordedIntent};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Venue;
use legwork_engine_door::answer::{Became, Receipt, Standing};
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::refused::{DoorRefusal, Refused};
use legwork_engine_door::request::{ArbitrageType, FireRequest};
use legwork_engine_door::text::Text;

/// Refused intents that are kept.
pub const REFUSED_MAX: usize = 65_536;
/// No request waits for longer: 60 s.
pub const VALID_NS_MAX: u64 = 60_000_000_000;
const MILLISECOND_NS: u64 = 1_000_000;

type IntentId = Text<64>;

/// What is known of them; belongs to the thread that fires.
pub struct Intents {
    known: HashMap<IntentId, Became>,
    /// And those of workflows: with its `notAfter` since 1970, the oldest first.
    refused: VecDeque<(u64, IntentId)>,
    refused_max: usize,
    /// Since 1970: what earlier starts have fired and no journal tells may come again until then.
    in_doubt_until_ns: u64,
}

impl Intents {
    /// As earlier starts of the host have left them, read at this time since 1970: in their journals,
    /// and by name in Postgres.
    #[must_use]
    pub fn of_earlier(
        host: &str,
        (earlier, in_postgres): (&[Reading], &[String]),
        now_unix_ns: u64,
    ) -> Self {
        let is_whole = earlier.iter().all(|reading| reading.damage.is_empty());
        let shots = earlier.iter().flat_map(|reading| &reading.shots);
        // What became of those their trades know.
        let told = in_postgres.iter().filter_map(|id| Some((Text::name(id)?, Became::Unknown)));
        Self {
            known: told.chain(shots.filter_map(|shot| as_left(host, shot))).collect(),
            refused: VecDeque::new(),
            refused_max: REFUSED_MAX,
            in_doubt_until_ns: if is_whole { 0 } else { now_unix_ns.saturating_add(VALID_NS_MAX) },
        }
    }

    /// Whether it may be fired, at a time since 1970.
    pub fn admit(&mut self, id: &IntentId, now_unix_ns: u64) -> Result<(), Refused> {
        if self.known.contains_key(id) {
            return Err(DoorRefusal::IntentExists.about(""));
        }
        if now_unix_ns < self.in_doubt_until_ns {
            return Err(Refusal::JournalFailed.into());
        }
        let is_full = self.refused.len() >= self.refused_max;
        if is_full && self.refused.front().is_some_and(|(until_ns, _)| now_unix_ns < *until_ns) {
            return Err(DoorRefusal::DoorBusy.about(""));
        }
        Ok(())
    }

    /// What became of it, looked for after the clock was read.
    #[must_use]
    pub fn standing(&self, id: &IntentId, looked_unix_ns: u64) -> Standing {
        let is_in_doubt = looked_unix_ns < self.in_doubt_until_ns;
        let nothing = if is_in_doubt { Became::Unknown } else { Became::Unheard };
        Standing { looked_unix_ns, became: self.known.get(id).copied().unwrap_or(nothing) }
    }

    /// A workflow has asked for it: no strategy may any more, and whoever asks is sent to its trade.
    pub fn of_trade(&mut self, intent_id: &str, until_unix_ns: u64, now_unix_ns: u64) {
        let Some(id) = Text::name(intent_id).filter(|id| !self.known.contains_key(id)) else {
            return;
        };
        while self.refused.len() >= self.refused_max
            && self.refused.front().is_some_and(|(until_ns, _)| *until_ns <= now_unix_ns)
            && let Some((_, oldest)) = self.refused.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.refused.push_back((until_unix_ns, id));
        self.known.insert(id, Became::Unknown);
    }

    /// Something of it has left.
    pub fn fired(&mut self, request: &FireRequest, receipt: Receipt) {
        self.known.insert(request.intent_id, Became::Fired(request.digest, receipt));
    }

    /// Nothing has.
    pub fn refused(&mut self, request: &FireRequest, refused: Refused) {
        if self.refused.len() >= self.refused_max
            && let Some((_, oldest)) = self.refused.pop_front()
        {
            self.known.remove(&oldest);
        }
        let until_ns = request.not_after_ms.saturating_mul(MILLISECOND_NS);
        self.refused.push_back((until_ns, request.intent_id));
        self.known.insert(request.intent_id, Became::Refused(request.digest, refused));
    }
}

/// `None`: by no strategy.
fn as_left(host: &str, shot: &RecordedShot) -> Option<(IntentId, Became)> {
    let intent = shot.intent.as_ref().filter(|intent| intent.door == Door::FireFirst)?;
    let id = Text::name(&shot.intent_id)?;
    let Some(digest) = digest_of(host, shot, intent) else { return Some((id, Became::Unknown)) };
    let became = match (shot.refused, receipt_of(shot)) {
        (Some(refusal), _) => Became::Refused(digest, refusal.into()),
        (None, Some(receipt)) => Became::Fired(digest, receipt),
        // It ended before it could say what had left.
        (None, None) => Became::Unknown,
    };
    Some((id, became))
}

fn digest_of(host: &str, shot: &RecordedShot, intent: &RecordedIntent) -> Option<[u8; 32]> {
    let [yes, no] = shot.legs.as_slice() else { return None };
    let arbitrage_type = match (yes.venue, no.venue) {
        (Venue::Polymarket, Venue::Kalshi) => ArbitrageType::PolyYesKalshiNo,
        (Venue::Kalshi, Venue::Polymarket) => ArbitrageType::KalshiYesPolyNo,
        _ => return None,
    };
    let request = FireRequest {
        intent_id: Text::name(&shot.intent_id)?,
        pair_id: Text::name(&shot.pair_id)?,
        account: Text::name(&shot.account)?,
        strategy: Text::name(&intent.strategy)?,
        digest: [0; 32],
        limit_price: [yes.limit_price, no.limit_price],
        quantity: [intent.contracts_max; 2], // no part of an intent
        contracts_max: intent.contracts_max,
        edge_min: intent.edge_min,
        observed_at_ms: intent.observed_at_ms,
        not_after_ms: shot.not_after_ns / MILLISECOND_NS,
        mode: Mode::Live, // nor is this
        arbitrage_type,
        is_dry_run: false,
    };
    Some(request.digest_on(host))
}

/// `None`: nobody has said what the wires took.
fn receipt_of(shot: &RecordedShot) -> Option<Receipt> {
    let [yes, no] = shot.legs.as_slice() else { return None };
    let written = [Some(yes.written?), Some(no.written?)];
    Some(Receipt {
        shot: shot.id,
        client_order_ids: [yes.client_order_id, no.client_order_id],
        written,
        received_ns: shot.before.tick_ns,
        from_to_ns: (shot.began_ns, yes.written_ns.max(no.written_ns)),
        fired_unix_ns: shot.unix_ns,
    })
}

#[cfg(test)]
mod tests {
    use legwork_engine_core::journal::Damage;

    use super::*;

    const NOW_NS: u64 = 1_000_000_000_000;

    fn request(intent_id: &str, not_after_ns: u64) -> FireRequest {
        let name = |text| Text::name(text).expect("a name");
        FireRequest {
            intent_id: name(intent_id),
            pair_id: Text::name("rain").expect("a name"),
            account: name("main"),
            strategy: name("dawn"),
            digest: [7; 32],
            limit_price: [legwork_engine_core::amount::Price::ZERO; 2],
            quantity: [legwork_engine_core::amount::Quantity::ZERO; 2],
            contracts_max: legwork_engine_core::amount::Quantity::ZERO,
            edge_min: legwork_engine_core::amount::Price::ZERO,
            observed_at_ms: [0; 2],
            not_after_ms: not_after_ns / MILLISECOND_NS,
            mode: Mode::Simulated,
            arbitrage_type: ArbitrageType::PolyYesKalshiNo,
            is_dry_run: false,
        }
    }

    fn code(refused: Result<(), Refused>) -> String {
        refused.err().map(|refused| refused.code.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_refused_intent_is_forgotten_when_it_is_too_late_for_it_and_not_before() {
        let mut intents =
            Intents { refused_max: 2, ..Intents::of_earlier("h", (&[], &[]), NOW_NS) };
        let too_late: Refused = Refusal::TooLate.into();
        for (id, until_ns) in [("a", NOW_NS + 10_000_000), ("b", NOW_NS + 20_000_000)] {
            intents.refused(&request(id, until_ns), too_late);
        }
        let next = request("c", NOW_NS + 30_000_000);
        assert_eq!(code(intents.admit(&next.intent_id, NOW_NS + 9_999_999)), "DOOR_BUSY");
        assert_eq!(code(intents.admit(&next.intent_id, NOW_NS + 10_000_000)), "");
        intents.refused(&next, too_late);
        let became = |id: &str| {
            intents.standing(&Text::name(id).expect("a name"), NOW_NS + 10_000_000).became
        };
        assert_eq!(became("a"), Became::Unheard);
        assert_eq!(became("b"), Became::Refused([7; 32], too_late));
        assert_eq!(became("c"), Became::Refused([7; 32], too_late));
    }

    #[test]
    fn what_only_postgres_has_is_fired_no_more_and_its_trade_is_asked() {
        let told = ["a".to_owned()];
        let mut intents = Intents::of_earlier("h", (&[], &told), NOW_NS);
        let id = Text::name("a").expect("a name");
        assert_eq!(code(intents.admit(&id, NOW_NS)), "INTENT_EXISTS");
        assert_eq!(intents.standing(&id, NOW_NS).became, Became::Unknown);
    }

    #[test]
    fn what_a_workflow_has_fired_no_strategy_fires_and_its_trade_is_asked() {
        let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
        let fired = request("a", NOW_NS);
        intents.refused(&fired, Refusal::TooLate.into());
        for id in ["a", "b", "b"] {
            intents.of_trade(id, NOW_NS + 10, NOW_NS);
        }
        let id = Text::name("b").expect("a name");
        assert_eq!(code(intents.admit(&id, NOW_NS)), "INTENT_EXISTS");
        assert_eq!(intents.standing(&id, NOW_NS).became, Became::Unknown);
        let known = intents.standing(&fired.intent_id, NOW_NS).became;
        assert_eq!(known, Became::Refused([7; 32], Refusal::TooLate.into()), "what was told stays");
        assert_eq!(intents.refused.len(), 2);
        intents.refused_max = 2;
        intents.of_trade("c", NOW_NS + 20, NOW_NS + 10);
        assert_eq!(intents.refused.len(), 2, "what is over makes room");
        let became = |id| intents.standing(id, NOW_NS + 10).became;
        assert_eq!([became(&fired.intent_id), became(&id)], [Became::Unheard, Became::Unknown]);
    }

    #[test]
    fn beside_a_damaged_journal_nothing_is_fired_for_as_long_as_a_request_may_wait() {
        let damaged = Reading { damage: vec![Damage::Torn { index: 3 }], ..Reading::default() };
        let mut intents = Intents::of_earlier("h", (&[damaged], &[]), NOW_NS);
        let id = Text::name("a").expect("a name");
        let until_ns = NOW_NS + VALID_NS_MAX;
        assert_eq!(code(intents.admit(&id, until_ns - 1)), "JOURNAL_FAILED");
        assert_eq!(intents.standing(&id, until_ns - 1).became, Became::Unknown);
        assert_eq!(code(intents.admit(&id, until_ns)), "");
        assert_eq!(intents.standing(&id, until_ns).became, Became::Unheard);
    }
}
