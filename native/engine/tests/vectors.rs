//! What TypeScript and Rust make of the same orders: names, hashes, signatures.

use std::path::Path;

use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::signing::{
    Address, ApiSecret, Exchange, Maker, OrderForm, OrderKind, Side, uint256,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

fn vectors<T: DeserializeOwned>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    let text = std::fs::read_to_string(folder.join(name)).expect("part of the repository");
    serde_json::from_str(&text).expect("vectors are JSON of this shape")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    workflow_id: String,
    what: String,
    attempt: u32,
    client_order_id: String,
    polymarket_salt: u64,
}

#[test]
fn an_order_has_the_name_and_the_salt_that_typescript_gives_it() {
    let names: Vec<Name> = vectors("ids.json");
    assert!(names.len() > 5, "only {} vectors", names.len());
    for Name { workflow_id, what, attempt, client_order_id, polymarket_salt } in names {
        let id = ClientOrderId::derive(&workflow_id, &what, attempt);
        assert_eq!(id.to_string(), client_order_id);
        assert_eq!(id.polymarket_salt(), polymarket_salt);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Polymarket {
    private_key: String,
    address: String,
    token_id: String,
    timestamp_ms: u64,
    orders: Vec<Order>,
    domain_separators: Vec<Separator>,
    l2: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    name: String,
    salt: String,
    side: String,
    maker_amount: String,
    taker_amount: String,
    domain_version: String,
    is_neg_risk: bool,
    hash: String,
    signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Separator {
    domain_version: String,
    is_neg_risk: bool,
    #[serde(rename = "separator")]
    hash: String,
}

#[derive(Deserialize)]
struct Call {
    name: String,
    secret: String,
    timestamp: String,
    message: Message,
    signature: String,
}

#[derive(Deserialize)]
struct Message {
    path: String,
    body: String,
}

/// Polygon's contracts, as in `venues/polymarket/contracts.ts`.
fn exchange(version: &str, is_neg_risk: bool) -> Exchange {
    let contract = match (version, is_neg_risk) {
        ("3", _) => "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
        (_, true) => "0xe2222d279d744050d28e00520010520000310F59",
        (_, false) => "0xE111180000d2663C0091e4f400237545B87B996B",
    };
    Exchange::new(version, 137, Address::parse(contract).expect("an address"))
}

fn hex_of(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[test]
fn an_order_is_hashed_and_signed_as_the_venues_own_client_does() {
    let given: Polymarket = vectors("polymarket.json");
    let key = hex::decode(&given.private_key[2..]).expect("hex");
    let maker = Maker::from_key(&key).expect("a key");
    assert_eq!(maker.address(), Address::parse(&given.address).expect("an address"));
    assert!(!given.orders.is_empty());
    for order in &given.orders {
        let side = if order.side == "BUY" { Side::Buy } else { Side::Sell };
        let form = OrderForm::new(&OrderKind {
            exchange: exchange(&order.domain_version, order.is_neg_risk),
            maker: maker.address(),
            token_id: uint256(&given.token_id).expect("a token"),
            side,
        });
        let number = |text: &str| text.parse::<u64>().expect("a number");
        let amounts = (number(&order.maker_amount), number(&order.taker_amount));
        let _of_another = form.hash(1, (2, 3), 4); // leaves nothing behind
        let hash = form.hash(number(&order.salt), amounts, given.timestamp_ms);
        assert_eq!(hex_of(&hash), order.hash, "{}", order.name);
        let signature = maker.sign(&hash).expect("it signs");
        assert_eq!(hex_of(&signature), order.signature, "{}", order.name);
    }
}

#[test]
fn every_market_is_signed_for_its_own_contract() {
    let given: Polymarket = vectors("polymarket.json");
    assert_eq!(given.domain_separators.len(), 4);
    for Separator { domain_version, is_neg_risk, hash } in given.domain_separators {
        let exchange = exchange(&domain_version, is_neg_risk);
        assert_eq!(hex_of(exchange.separator()), hash);
    }
}

#[test]
fn a_trading_call_is_signed_over_its_exact_bytes() {
    let given: Polymarket = vectors("polymarket.json");
    assert!(given.l2.len() > 1);
    for Call { name, secret, timestamp, message, signature } in given.l2 {
        let secret = ApiSecret::parse(&secret).expect("a secret");
        let call = ("test-sign", message.path.as_str()); // the method that the vector was made with
        let signed = secret.sign(&timestamp, call, message.body.as_bytes());
        assert_eq!(String::from_utf8_lossy(&signed), signature, "{name}");
    }
}
