//! What the journals of earlier starts say of intents.

use std::collections::BTreeMap;

use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::own_intent::{Door, RecordedIntent};
use legwork_engine_core::shot::{Before, Venue};
use legwork_engine_door::answer::Receipt;
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::request::{ArbitrageType, FireRequest};
use legwork_engine_door::text::Text;

use super::{IntentId, Known, MILLISECOND_NS};

/// Adds what became of its intent, as the shots before it have left that.
pub fn add(known: &mut BTreeMap<IntentId, Known>, host: &str, shot: &RecordedShot) {
    let Some(id) = Text::name(&shot.intent_id) else { return };
    match &shot.intent {
        Some(intent) if intent.door == Door::FireFirst => {
            known.insert(id, became(host, shot, intent));
        }
        Some(_) => {} // an armed pair's own, which no strategy may hand over
        None if shot.refused.is_none() => {
            let of_trade = known.entry(id).or_insert(Known::OfTrade);
            of_trade.fire_by_trade(receipt_of(shot));
        }
        None => {
            known.entry(id).or_insert(Known::OfTrade);
        }
    }
}

fn became(host: &str, shot: &RecordedShot, intent: &RecordedIntent) -> Known {
    let Some(digest) = digest_of(host, shot, intent) else { return Known::MayHaveLeft };
    match (shot.refused, receipt_of(shot)) {
        (Some(refusal), _) => Known::Refused(digest, refusal.into()),
        (None, Some(receipt)) => Known::Fired(digest, receipt),
        // It ended before it could say what had left.
        (None, None) => Known::MayHaveLeft,
    }
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
    let Before { tick_ns, decided_ns, .. } = shot.before;
    Some(Receipt {
        shot: shot.id,
        client_order_ids: [yes.client_order_id, no.client_order_id],
        written,
        // A trade's has no tick: it was taken up when it was decided on.
        received_ns: if tick_ns == 0 { decided_ns } else { tick_ns },
        from_to_ns: (shot.began_ns, yes.written_ns.max(no.written_ns)),
        fired_unix_ns: shot.unix_ns,
    })
}
