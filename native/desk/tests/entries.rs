//! A trade's orders in wire form become the bytes that TypeScript's adapters send
//! (`test/vectors/requests.json`), by keys from a file.

use std::fs;
use std::path::Path;

use legwork_engine_core::amount::Quantity;
use legwork_engine_desk::entry::{Account, Entry, EntryError};
use legwork_engine_desk::keys::{Keys, KeysError};
use legwork_engine_desk::listing::Pair;
use legwork_engine_desk::trade::ChildOrder;
use serde_json::{Value, json};
use tempfile::tempdir;

const WORKFLOW: &str = "arbitrage/rain.1";

fn vectors(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    let text = fs::read(folder.join(name)).expect("in the repository");
    serde_json::from_slice(&text).expect("JSON")
}

fn keys_file() -> Value {
    let kalshi = vectors("kalshi.json");
    json!({
        "kalshi": { "keyId": kalshi["keyId"], "privateKeyPem": kalshi["privateKeyPem"] },
        "polymarket": vectors("requests.json")["polymarketAccount"],
    })
}

fn read_keys(file: &Value) -> Result<Keys, KeysError> {
    let folder = tempdir().expect("a temporary folder");
    let path = folder.path().join("main.json");
    fs::write(&path, file.to_string()).expect("writable");
    Keys::read(&path)
}

fn account() -> Account {
    let keys = read_keys(&keys_file()).expect("the keys of the vectors");
    let host = || "venue.test".to_owned();
    Account { keys, kalshi_host: host(), polymarket_host: host() }
}

/// A pair whose market of one venue is that of a case; the other side is another vector's.
fn pair(markets: &Value, case: &Value) -> Pair {
    let of_case = &markets[case["market"].as_str().expect("a name")];
    let other = |venue: &str| {
        let is_it = of_case["venue"] == venue;
        let mut market = if is_it { of_case.clone() } else { markets[own(venue)].clone() };
        market["closesAtMs"] = json!(1_900_000_000_000_u64);
        market
    };
    let pair = json!({
        "pairId": "rain", "kalshi": other("kalshi"), "polymarket": other("polymarket"),
    });
    serde_json::from_value(pair).expect("a pair")
}

fn own(venue: &str) -> &'static str {
    if venue == "kalshi" { "rain" } else { "cent" }
}

fn order(markets: &Value, case: &Value, legal_maximum: &str) -> Value {
    let market = &markets[case["market"].as_str().expect("a name")];
    let kind = case["fixed"]["kind"].as_str().expect("a kind");
    let mut order = json!({
        "clientOrderId": case["clientOrderId"],
        "workflowId": WORKFLOW,
        "account": "main",
        "purpose": { "kind": "entry", "leg": case["outcome"] },
        "instrument": {
            "venue": market["venue"], "market": market["market"], "outcome": case["outcome"],
        },
        "side": case["side"],
        "timeInForce": "IOC",
        "limitPrice": case["limitPrice"],
        "fixed": { "kind": kind, kind: case["fixed"]["amount"] },
        "legalMaximum": legal_maximum,
        "isReduceOnly": false,
        "notAfterMs": 1_900_000_000_000_u64,
        "createdAtMs": case["createdAtMs"],
    });
    if let Some(group) = case.get("orderGroupId") {
        order["orderGroupId"] = group.clone();
    }
    order
}

fn child(order: Value) -> ChildOrder {
    serde_json::from_value(order).expect("a child order")
}

/// The entries among the vectors: what is bought.
fn purchases(given: &Value) -> impl Iterator<Item = &Value> {
    let cases = given["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
    cases.iter().filter(|case| case["side"] == "buy" && case.get("exit").is_none())
}

#[test]
fn an_order_in_wire_form_is_recorded_as_typescript_sends_it_but_for_the_api_key() {
    let (account, given) = (account(), vectors("requests.json"));
    let mut count = 0;
    for case in purchases(&given).filter(|case| case.get("made").is_some()) {
        let (name, made) = (&case["name"], &case["made"]);
        let maximum = made["legalMaximum"].as_str().expect("an amount");
        let order = child(order(&given["markets"], case, maximum));
        let pair = pair(&given["markets"], case);
        let mut entry = Entry::new(&account, &pair, &order).expect("an entry");
        let owner = given["polymarketAccount"]["apiKey"].as_str().expect("a name");
        let sent = made["request"]["body"].as_str().expect("a text");
        let expected = sent.replace(owner, &"*".repeat(owner.len()));
        assert_eq!(entry.body().expect("a body"), expected, "{name}");
        assert_eq!(json!(entry.venue_order_id()), made["venueOrderId"], "{name}");
        assert_eq!(entry.legal_maximum().to_string(), maximum, "{name}");
        count += 1;
    }
    assert!(count > 25, "{count} purchases");
}

#[test]
fn what_an_adapter_would_not_make_is_refused() {
    let (account, given) = (account(), vectors("requests.json"));
    let mut count = 0;
    for case in purchases(&given).filter(|case| case.get("refused").is_some()) {
        let order = child(order(&given["markets"], case, "1000000000"));
        let made = Entry::new(&account, &pair(&given["markets"], case), &order);
        assert!(matches!(made, Err(EntryError::Order(_))), "{}", case["name"]);
        count += 1;
    }
    assert!(count > 10, "{count} refusals");
}

#[test]
fn an_order_is_held_to_its_pair_its_name_and_what_is_reserved_for_it() {
    let (account, given) = (account(), vectors("requests.json"));
    let case = purchases(&given).find(|case| case["name"] == "a bid is a purchase of YES");
    let case = case.expect("a case of that name");
    let markets = &given["markets"];
    let pair = pair(markets, case);
    let entry = |change: &dyn Fn(&mut Value)| {
        let mut order = order(markets, case, "10");
        change(&mut order);
        Entry::new(&account, &pair, &child(order)).map(|entry| entry.legal_maximum())
    };
    assert_eq!(entry(&|_| ()).ok(), Some("10".parse::<Quantity>().expect("a literal")));
    let refused = entry(&|order| order["instrument"]["market"] = json!("KXSNOW"));
    assert!(matches!(refused, Err(EntryError::OfAnotherPair(_))));
    let refused = entry(&|order| order["clientOrderId"] = json!("Not An Id"));
    assert!(matches!(refused, Err(EntryError::NotAnId(_))));
    let refused = entry(&|order| order["legalMaximum"] = json!("9.99"));
    assert!(matches!(refused, Err(EntryError::BeyondMaximum { .. })));
}

#[test]
fn only_immediate_purchases_are_understood() {
    let given = vectors("requests.json");
    let case = purchases(&given).next().expect("a case");
    for (member, other) in [
        ("side", json!("sell")),
        ("timeInForce", json!("GTC")),
        ("purpose", json!({ "kind": "exit", "leg": "yes", "rung": 0, "attempt": 0 })),
        ("limitPrice", json!(0.52)),
    ] {
        let mut order = order(&given["markets"], case, "10");
        order[member] = other;
        assert!(serde_json::from_value::<ChildOrder>(order).is_err(), "{member}");
    }
}

#[test]
fn keys_that_cannot_be_read_are_named_and_nothing_of_them_is_told() {
    let secrets = ["85_24BmGdSwm", "f7fe39f21c75", "PRIVATE KEY"];
    let told = |file: &Value| match read_keys(file) {
        Ok(_) => panic!("these are keys"),
        Err(error) => format!("{error} {error:?}"),
    };
    let without = |path: &[&str]| {
        let mut file = keys_file();
        let at = path.iter().fold(&mut file, |at, name| &mut at[*name]);
        *at = json!("no");
        told(&file)
    };
    for (path, named) in [
        (&["kalshi"][..], "keyId"),
        (&["kalshi", "privateKeyPem"], "Kalshi"),
        (&["polymarket", "privateKey"], "Polymarket"),
        (&["polymarket", "secret"], "Polymarket"),
    ] {
        let text = without(path);
        assert!(text.contains(named), "{path:?}: {text}");
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{path:?}: {text}");
    }
    let missing = Keys::read(Path::new("/nowhere/main.json"));
    let Err(error) = missing else { panic!("there is no such file") };
    assert!(error.to_string().contains("/nowhere/main.json"));
}
