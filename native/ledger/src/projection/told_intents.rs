//! The intent that a shot from a lease is told with, held to what strategies hand over.

use std::path::Path;

use legwork_engine_core::journal::RecordedShot;
use legwork_engine_core::own_intent::{Door, RecordedIntent};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::record::{Heard, ShotRecord};
use super::told_records::{first, leg_from, recorded, told_of, word};

/// The intents that strategies hand over at the socket, each with the digest that both ends of it
/// have worked out.
fn fired_first() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/frames.json");
    let text = std::fs::read_to_string(path).expect("the vectors");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let all = vectors["frames"].as_array().expect("frames").iter().map(|of| of["frame"].clone());
    let is_fired = |intent: &Value| {
        let is_across =
            ["poly_yes_kalshi_no", "kalshi_yes_poly_no"].contains(&word(intent, "type"));
        intent["dryRun"] == false && is_across && not_after_ns(intent).is_some()
    };
    all.filter(|frame| frame["kind"] == "fire" && is_fired(&frame["intent"])).collect()
}

/// `None`: after 2554, when no engine fires.
fn not_after_ns(intent: &Value) -> Option<u64> {
    intent["notAfterMs"].as_u64()?.checked_mul(1_000_000)
}

/// Fired from a lease.
pub fn recorded_first() -> RecordedShot {
    shot_for(&fired_first()[0]["intent"])
}

/// A shot of just that intent.
fn shot_for(intent: &Value) -> RecordedShot {
    let amount = |of: &Value| of.as_str().expect("a text").to_owned();
    let (seen, limits) = (&intent["observedAtMs"], &intent["limitPrice"]);
    let mut shot = recorded();
    if word(intent, "type") == "kalshi_yes_poly_no" {
        shot.legs = vec![leg_from(&first("kalshi", "yes")), leg_from(&first("polymarket", "no"))];
    }
    for (leg, name) in shot.legs.iter_mut().zip(["yes", "no"]) {
        leg.limit_price = amount(&limits[name]).parse().expect("a price");
    }
    RecordedShot {
        intent_id: amount(&intent["intentId"]),
        pair_id: amount(&intent["pairId"]),
        account: amount(&intent["account"]),
        lease_epoch: 3,
        not_after_ns: not_after_ns(intent).expect("a time"),
        intent: Some(RecordedIntent {
            door: Door::FireFirst,
            strategy: amount(&intent["strategy"]),
            contracts_max: amount(&intent["contractsMax"]).parse().expect("contracts"),
            edge_min: amount(&intent["edgeMin"]).parse().expect("an edge"),
            observed_at_ms: ["yesMs", "noMs"].map(|leg| seen[leg].as_u64().expect("a time")),
        }),
        ..shot
    }
}

#[test]
fn a_shot_from_a_lease_tells_its_whole_intent_as_the_strategy_has_meant_it() {
    let told: Vec<Value> = fired_first();
    for frame in &told {
        let shot = shot_for(&frame["intent"]);
        let record = ShotRecord::of("engine-1", &shot, Heard::SoFar);
        let intent = serde_json::to_value(record).expect("JSON")["intent"].take();
        assert_eq!(intent, frame["intent"]);
        // Members in the order of their names, without spaces: RFC 8785 for such values.
        let digest = hex::encode(Sha256::digest(intent.to_string()));
        assert_eq!(digest, word(frame, "digest"));
    }
    assert!(told.len() > 1, "{} intents", told.len());
    assert!(told_of(&recorded(), Heard::SoFar)["intent"].is_null(), "its workflow has it");
}
