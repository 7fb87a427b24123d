//! What the desk is given: an account, a pair, what it is armed with, and what it is asked for.

use std::path::Path;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::wire::Clock;
use legwork_engine_desk::arming::Arming;
use legwork_engine_desk::entry::Account;
use legwork_engine_desk::keys::Keys;
use legwork_engine_door::request::FireRequest;
use serde_json::{Value, json};

use super::ENGINE;
use super::door::{self, name};
use super::streams::venue::HOST;
use super::streams::{CONDITION, RAIN, TOKENS};

const MILLISECOND_NS: u64 = 1_000_000;

pub fn vectors(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    let text = std::fs::read(folder.join(name)).expect("in the repository");
    serde_json::from_slice(&text).expect("JSON")
}

pub fn account(folder: &Path) -> Account {
    let kalshi = vectors("kalshi.json");
    let file = json!({
        "kalshi": { "keyId": kalshi["keyId"], "privateKeyPem": kalshi["privateKeyPem"] },
        "polymarket": vectors("requests.json")["polymarketAccount"],
    });
    let path = folder.join("main.json");
    std::fs::write(&path, file.to_string()).expect("writable");
    let keys = Keys::read(&path).expect("the keys of the vectors");
    let host = || HOST.to_owned();
    Account { keys, kalshi_host: host(), polymarket_host: host() }
}

pub fn pair_json() -> Value {
    let bands = json!([{ "start": "0", "end": "1", "step": "0.01" }]);
    let market = |market: &str, minimum: &str, fees: Value| {
        json!({
            "market": market, "priceBands": bands, "lot": "0.01", "minimumQuantity": minimum,
            "closesAtMs": 9_000_000_000_000_u64, "isTakerDelayed": false, "fees": fees,
        })
    };
    let kalshi = json!({ "kind": "kalshi_quadratic", "rate": "0.07", "multiplier": "1" });
    let polymarket = json!({ "kind": "polymarket_taker", "rate": "0.04", "powerOfVariance": 1 });
    let mut pair = json!({
        "pairId": "rain",
        "kalshi": market(RAIN, "0.01", kalshi),
        "polymarket": market(CONDITION, "5", polymarket),
    });
    pair["polymarket"]["tokens"] = json!({
        "yesToken": TOKENS[0], "noToken": TOKENS[1], "isNegRisk": false, "domainVersion": "2",
    });
    pair
}

pub fn arming(fires: &str) -> Arming {
    arming_with(|told| told["fires"] = json!(fires))
}

pub fn arming_with(change: impl FnOnce(&mut Value)) -> Arming {
    let mut told = json!({
        "armingId": "arm.1", "leaseId": "lease.1", "pair": pair_json(), "account": "main",
        "strategy": "dawn", "fires": "on_request",
        "types": ["poly_yes_kalshi_no", "kalshi_yes_poly_no"],
        "contractsMax": "20", "edgeMin": "0.01", "validMs": 1_000,
    });
    change(&mut told);
    serde_json::from_value(told).expect("an arming")
}

/// Within the limits of the books' edge, and valid for a few seconds.
pub fn fire(intent_id: &str, change: impl FnOnce(&mut FireRequest)) -> FireRequest {
    let of = |text: &str| text.parse().expect("an amount");
    let price = |text: &str| text.parse().expect("a price");
    let mut fire = FireRequest {
        pair_id: name("rain"),
        limit_price: [price("0.42"), price("0.49")],
        quantity: [of("10"), of("10")],
        contracts_max: of("10"),
        edge_min: price("0.01"),
        not_after_ms: SystemClock.unix_ns() / MILLISECOND_NS + 5_000,
        ..door::fire(intent_id)
    };
    change(&mut fire);
    fire.digest = fire.digest_on(ENGINE);
    fire
}
