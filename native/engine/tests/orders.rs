//! The bytes of an order: what TypeScript's adapters send, and nothing of the order before.

#[path = "support/kalshi.rs"]
mod kalshi;
#[path = "support/orders.rs"]
mod support;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kalshi::{is_signed, key};
use legwork_engine_core::answers::Fixed;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::orders::{
    KalshiOrders, OrderError, OrderTerms, PolymarketAccount, ReadyOrder,
};
use legwork_engine_core::shot::{Ordered, Top, Venue};
use legwork_engine_core::signing::KalshiKey;
use legwork_engine_core::wire::RequestError;
use support::{Case, HOST, Made, Market, Vectors, amount, case, cent, polymarket_terms, vectors};

const MILLISECOND_NS: u64 = 1_000_000;
const SECOND_MS: u64 = 1_000;
/// Stands where RSA-PSS is random.
const SIGNATURE: &str = "{signature}";

/// The whole request as it was heard from TypeScript, with our host and our way to tell a length.
fn expected(made: &Made, signature: &str) -> String {
    let request = &made.request;
    let lines = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = lines.collect::<String>().replace(SIGNATURE, signature);
    format!(
        "{} {} HTTP/1.1\r\nHost: {HOST}\r\n{headers}Content-Length: {:>5}\r\n\r\n{}",
        request.method,
        request.path,
        request.body.len(),
        request.body
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("ASCII")
}

fn assert_kalshi(case: &Case, market: &Market, made: &Made) {
    let key = key();
    let mut orders = case.kalshi(market, &key).expect("an instrument");
    let headers = key.sign(case.sent_at_ms, KalshiOrders::METHOD, KalshiOrders::PATH);
    let headers = headers.expect("it signs");
    let signature = text(headers.signature());
    let terms = case.terms();
    let order = orders.order(&terms, headers).expect("an order");
    assert_eq!(text(order.bytes), expected(made, &signature), "{}", case.name);
    assert_eq!(
        (order.legal_maximum, order.ordered),
        (amount(&made.legal_maximum), Ordered::Kalshi)
    );
    let signed = format!("{}{}{}", case.sent_at_ms, KalshiOrders::METHOD, KalshiOrders::PATH);
    let public = kalshi::vectors().public_key_pem;
    assert!(is_signed(&public, signed.as_bytes(), signature.as_bytes()));
}

fn assert_polymarket(case: &Case, market: &Market, made: &Made, given: &Vectors) {
    let mut orders = case.polymarket(market, &given.polymarket_account).expect("an instrument");
    let signed = orders.signer().sign(&case.terms(), case.created_at_ms).expect("an order");
    let order = orders.signed(signed, case.sent_at_ms * MILLISECOND_NS).expect("an order");
    assert_eq!(text(order.bytes), expected(made, SIGNATURE), "{}", case.name);
    assert_eq!(order.legal_maximum, amount(&made.legal_maximum), "{}", case.name);
    let Ordered::Polymarket { hash, fixed, is_immediate, .. } = order.ordered else {
        panic!("an order of Polymarket's");
    };
    let hash = format!("0x{}", hex::encode(hash));
    assert_eq!(Some(hash), made.venue_order_id, "{}", case.name);
    assert_eq!((fixed, is_immediate), (case.terms().fixed, true));
}

#[test]
fn an_order_has_the_bytes_that_typescript_sends() {
    let given = vectors();
    let mut count = 0;
    for case in &given.cases {
        let Some(made) = &case.made else { continue };
        let market = &given.markets[&case.market];
        match market.venue.as_str() {
            "kalshi" => assert_kalshi(case, market, made),
            _ => assert_polymarket(case, market, made, &given),
        }
        count += 1;
    }
    assert!(count > 40, "only {count} vectors");
}

#[test]
fn what_typescript_would_cut_or_refuse_is_refused_by_name() {
    let given = vectors();
    let refused = given.cases.iter().filter_map(|case| Some((case, case.refused.as_deref()?)));
    let mut count = 0;
    for (case, name) in refused {
        let (market, terms) = (&given.markets[&case.market], case.terms());
        let error = match market.venue.as_str() {
            "kalshi" => case.kalshi(market, &key()).and_then(|orders| orders.check(&terms)),
            _ => case
                .polymarket(market, &given.polymarket_account)
                .and_then(|orders| orders.signer().check(&terms)),
        }
        .err();
        let said = error.as_ref().map(|error| format!("{error:?}")).unwrap_or_default();
        assert!(said.starts_with(name), "{}: {said} is not {name}", case.name);
        count += 1;
    }
    assert!(count > 15, "only {count} vectors");
}

fn kalshi_terms(attempt: u32) -> OrderTerms {
    let client_order_id = ClientOrderId::derive("arbitrage/test", "entry/yes", attempt);
    let fixed = Fixed::Contracts(amount("10"));
    OrderTerms { client_order_id, limit_price: amount("0.52"), fixed }
}

fn rain() -> KalshiOrders {
    let given = vectors();
    let (case, market) = case(&given, "a bid is a purchase of YES");
    case.kalshi(market, &key()).expect("an instrument")
}

#[test]
fn nothing_of_an_order_is_in_the_next() {
    let (mut orders, key) = (rain(), key());
    let sign = |ms| key.sign(ms, "POST", KalshiOrders::PATH).expect("it signs");
    let mut first = kalshi_terms(0);
    first.fixed = Fixed::Contracts(amount("123456.78"));
    let of_first = sign(1_703_123_456_789);
    let signature = text(of_first.signature());
    let bytes = text(orders.order(&first, of_first).expect("an order").bytes);
    let second = kalshi_terms(1);
    let next = text(orders.order(&second, sign(1_703_123_456_790)).expect("an order").bytes);
    let name = first.client_order_id.to_string();
    for part in [name.as_str(), "123456.78", "1703123456789", signature.as_str()] {
        assert!(bytes.contains(part) && !next.contains(part), "{part}");
    }
    assert!(next.ends_with('}'));
}

#[test]
fn what_was_refused_leaves_the_next_order_as_it_would_have_been() {
    let mut orders = cent();
    let at = 1_700_000_000 * SECOND_MS * MILLISECOND_NS;
    let good = polymarket_terms("0.52", "5.20");
    let untouched = text(orders.order(&good, at).expect("an order").bytes);
    let off_tick = polymarket_terms("0.525", "5.20");
    let error = orders.order(&off_tick, at).err();
    assert_eq!(error, Some(OrderError::PriceOffGrid(amount("0.525"))));
    for clock in [0, 999_999_999 * SECOND_MS * MILLISECOND_NS, u64::MAX] {
        assert_eq!(orders.order(&good, clock).err(), Some(OrderError::ClockWrong), "{clock}");
    }
    assert_eq!(text(orders.order(&good, at).expect("an order").bytes), untouched);
}

#[test]
fn headers_of_a_larger_key_do_not_fit() {
    let pair = RsaKeyPair::generate(KeySize::Rsa3072).expect("randomness");
    let der = pair.as_der().expect("PKCS#8");
    let base64 = STANDARD.encode::<&[u8]>(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    let larger = KalshiKey::read("larger", pem).expect("a key");
    let headers = larger.sign(1_703_123_456_789, "POST", KalshiOrders::PATH).expect("it signs");
    let wrong = RequestError::WrongWidth { width: 344, bytes: 512 };
    let error = rain().order(&kalshi_terms(0), headers).err();
    assert_eq!(error, Some(OrderError::Request(wrong)));
}

#[test]
fn an_order_is_a_leg_with_its_own_bytes() {
    let mut orders = cent();
    let terms = polymarket_terms("0.52", "5.20");
    let order = orders.order(&terms, 1_700_000_000 * SECOND_MS * MILLISECOND_NS);
    let order: ReadyOrder<'_> = order.expect("an order");
    let top = Top { ask: amount("0.52"), ..Top::default() };
    let leg = order.leg(top);
    assert_eq!((leg.ordered.venue(), leg.top), (Venue::Polymarket, top));
    assert_eq!(leg.instrument, format!("0x{}/yes", "ab".repeat(32)));
    assert_eq!((leg.client_order_id, leg.limit_price), (terms.client_order_id, amount("0.52")));
    // 5.20 dollars buy 520 shares at a cent, the lowest price.
    assert_eq!(leg.legal_maximum, amount("520"));
    assert_eq!(leg.bytes, order.bytes);
}

#[test]
fn an_order_that_was_signed_for_another_instrument_is_not_sent() {
    let given = vectors();
    let others = [
        "dollars for shares of NO",
        "a sale of YES",
        "a neg-risk market",
        "the next domain version",
    ];
    for name in others {
        let (case, market) = case(&given, name);
        let other = case.polymarket(market, &given.polymarket_account).expect("an instrument");
        let signed = other.signer().sign(&case.terms(), 1_700_000_000_000).expect("an order");
        let error = cent().signed(signed, 1_700_000_000 * SECOND_MS * MILLISECOND_NS).err();
        assert_eq!(error, Some(OrderError::OfAnotherInstrument), "{name}");
    }
}

#[test]
fn an_account_that_is_not_the_makers_own_is_refused() {
    let given = vectors();
    let (case, market) = case(&given, "dollars for shares of YES");
    let small = given.polymarket_account.address.to_ascii_lowercase();
    let strange = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".to_owned();
    for address in [small, strange, String::new()] {
        let wrong = given.polymarket_account.open(|account| {
            let account = PolymarketAccount { address: &address, ..*account };
            case.polymarket_of(market, &account).err()
        });
        assert_eq!(wrong, Some(OrderError::NotTheMaker(address)));
    }
}

#[test]
fn a_name_that_json_would_say_otherwise_is_refused() {
    let mut given = vectors();
    for name in ["", "KX RAIN", "KX\"RAIN", "KX\\RAIN", "KXRÄIN", "KX\nRAIN"] {
        if let Some(market) = given.markets.get_mut("rain") {
            name.clone_into(&mut market.id);
        }
        let (case, market) = case(&given, "a bid is a purchase of YES");
        let refused = case.kalshi(market, &key()).err();
        assert_eq!(refused, Some(OrderError::NotAName(name.to_owned())));
    }
}
