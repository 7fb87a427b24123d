//! A slot of the journal has room for the longest request that either maker can make.

#[path = "support/orders.rs"]
mod support;

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use legwork_engine_core::answers::Fixed;
use legwork_engine_core::books::{Band, Grid};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::journal::{BYTES_MAX, INSTRUMENT_MAX};
use legwork_engine_core::orders::{
    KalshiAccount, KalshiInstrument, KalshiOrders, OrderRules, OrderTerms, Outcome,
    PolymarketAccount, PolymarketInstrument, PolymarketOrders, Purpose,
};
use legwork_engine_core::signing::{Address, ApiSecret, Exchange, KalshiKey, Maker, Side};
use support::{amount, vectors};

/// 2023-12-21T01:50:56Z.
const NOW_MS: u64 = 1_703_123_456_789;
/// As long as a host of either venue has ever been, and some more.
const HOST: &str = "a-host-that-is-longer-than-any-of-both-venues.example.com";
/// "/yes".
const OUTCOME_BYTES: usize = 4;

fn rules() -> OrderRules {
    let band = Band { start: amount("0.0001"), end: amount("0.9999"), step: amount("0.0001") };
    OrderRules::new(Grid::new(&[band]).expect("a grid"), amount("0.01"), amount("0"))
        .expect("rules")
}

fn terms(fixed: Fixed) -> OrderTerms {
    let client_order_id = ClientOrderId::derive("arbitrage/longest", "entry/yes", 0);
    OrderTerms { client_order_id, limit_price: amount("0.9999"), fixed }
}

/// The longest key that is read, by the longest name.
fn longest_key() -> KalshiKey {
    let pair = RsaKeyPair::generate(KeySize::Rsa4096).expect("randomness");
    let der = pair.as_der().expect("PKCS#8");
    let base64 = STANDARD.encode::<&[u8]>(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    KalshiKey::read(&"k".repeat(64), pem).expect("a key")
}

#[test]
fn the_longest_order_of_kalshis_fits() {
    let key = longest_key();
    let purpose = Purpose::Entry { order_group_id: Some(&"g".repeat(36)) };
    let instrument = KalshiInstrument {
        ticker: &"K".repeat(INSTRUMENT_MAX - OUTCOME_BYTES),
        outcome: Outcome::Yes,
        side: Side::Buy,
        purpose,
        rules: &rules(),
    };
    let account = KalshiAccount { host: HOST, key: &key };
    let mut orders = KalshiOrders::new(&account, &instrument).expect("an instrument");
    let headers = key.sign(NOW_MS, KalshiOrders::METHOD, KalshiOrders::PATH).expect("it signs");
    let most = terms(Fixed::Contracts(amount("999999999.99")));
    let order = orders.order(&most, headers).expect("an order");
    let bytes = order.bytes.len();
    assert!(bytes <= BYTES_MAX && bytes > 1_300, "{bytes} of {BYTES_MAX}");
}

#[test]
fn the_longest_order_of_polymarkets_fits() {
    let account = vectors().polymarket_account;
    let key = hex::decode(&account.private_key[2..]).expect("hex");
    let contract = Address::parse("0xE111180000d2663C0091e4f400237545B87B996B").expect("one");
    let account = PolymarketAccount {
        host: HOST,
        address: &account.address,
        api_key: &"a".repeat(36),
        passphrase: &"p".repeat(64),
        secret: &ApiSecret::parse(&account.secret).expect("a secret"),
        maker: &Arc::new(Maker::from_key(&key).expect("a key")),
    };
    let instrument = PolymarketInstrument {
        market: &format!("0x{}", "f".repeat(64)),
        outcome: Outcome::Yes,
        // 2²⁵⁶ − 1.
        token_id: "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        exchange: Exchange::new("3", 137, contract),
        side: Side::Buy,
        rules: &rules(),
    };
    let mut orders = PolymarketOrders::new(&account, &instrument).expect("an instrument");
    let most = terms(Fixed::Collateral(amount("999999999.99")));
    let order = orders.order(&most, NOW_MS * 1_000_000).expect("an order");
    let bytes = order.bytes.len();
    assert!(bytes <= BYTES_MAX && bytes > 1_100, "{bytes} of {BYTES_MAX}");
}
