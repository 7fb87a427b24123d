//! Whatever is asked for: a named error, or a body that reads back to the same exact figures.

#[path = "support/kalshi.rs"]
mod kalshi;
#[path = "support/orders.rs"]
mod support;

use std::cell::RefCell;

use legwork_engine_core::amount::{Money, ONE, Price, Quantity};
use legwork_engine_core::answers::Fixed;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::orders::{KalshiOrders, OrderTerms, PolymarketOrders};
use legwork_engine_core::signing::KalshiKey;
use proptest::prelude::*;
use serde_json::Value;
use support::{amount, case, vectors};

const NOW_NS: u64 = 1_700_000_000_123_456_789;

/// Prices on and off every grid, and beyond both ends.
fn prices() -> impl Strategy<Value = Price> {
    let near = (-1_i128..=10_001).prop_map(|ticks| ticks * 100_000);
    let any = any::<i128>();
    let tick = (1_i128..=99).prop_map(|cents| cents * 10_000_000);
    prop_oneof![4 => tick, 4 => near, 1 => 0..ONE, 1 => any].prop_map(Price::from_counts)
}

/// Counts of contracts or dollars: whole hundredths, anything small, anything at all.
fn counts() -> impl Strategy<Value = i128> {
    let hundredths = (-1_i128..=100_000_000).prop_map(|hundredths| hundredths * 10_000_000);
    let ends = prop_oneof![Just(1_000_000_000 * ONE), Just(1_000_000_000 * ONE + 10_000_000)];
    prop_oneof![6 => hundredths, 1 => ends, 1 => 0..10 * ONE, 1 => any::<i128>()]
}

fn terms() -> impl Strategy<Value = OrderTerms> {
    let fixed = (counts(), any::<bool>()).prop_map(|(counts, is_collateral)| {
        if is_collateral {
            Fixed::Collateral(Money::from_counts(counts))
        } else {
            Fixed::Contracts(Quantity::from_counts(counts))
        }
    });
    (prices(), fixed, any::<u32>()).prop_map(|(limit_price, fixed, attempt)| OrderTerms {
        client_order_id: ClientOrderId::derive("arbitrage/any", "entry/yes", attempt),
        limit_price,
        fixed,
    })
}

thread_local! {
    static KALSHI: RefCell<Vec<(bool, KalshiOrders)>> = RefCell::new(
        ["a bid is a purchase of YES", "a purchase of NO is an ask at 1 − p", "four decimals"]
            .map(kalshi_orders)
            .into(),
    );
    static POLYMARKET: RefCell<Vec<(bool, PolymarketOrders)>> = RefCell::new(
        ["dollars for shares of YES", "a sale of YES", "at the smallest tick", "at a tick of a tenth"]
            .map(polymarket_orders)
            .into(),
    );
    static KEY: std::sync::Arc<KalshiKey> = kalshi::key();
}

fn kalshi_orders(name: &str) -> (bool, KalshiOrders) {
    let given = vectors();
    let (case, market) = case(&given, name);
    (case.outcome == "no", case.kalshi(market, &kalshi::key()).expect("an instrument"))
}

fn polymarket_orders(name: &str) -> (bool, PolymarketOrders) {
    let given = vectors();
    let (case, market) = case(&given, name);
    let orders = case.polymarket(market, &given.polymarket_account).expect("an instrument");
    (case.side == "sell", orders)
}

fn body(bytes: &[u8]) -> Value {
    let at = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
    let (head, body) = bytes.split_at(at + 4);
    let head = std::str::from_utf8(head).expect("ASCII");
    assert!(head.contains(&format!("Content-Length: {:>5}\r\n", body.len())), "{head}");
    serde_json::from_slice(body).expect("JSON")
}

fn written<T: std::str::FromStr>(body: &Value, name: &str) -> T {
    amount(body[name].as_str().expect("a text"))
}

/// What was signed, in counts.
fn units(order: &Value, name: &str) -> i128 {
    order[name].as_str().and_then(|text| text.parse::<i128>().ok()).expect("digits") * 1_000
}

/// The dollars and the shares that the two signed amounts stand for.
fn dollars_and_shares(order: &Value, is_sale: bool) -> (i128, i128) {
    let (maker, taker) = (units(order, "makerAmount"), units(order, "takerAmount"));
    if is_sale { (taker, maker) } else { (maker, taker) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_kalshi_order_is_refused_by_name_or_says_exactly_what_was_asked(terms in terms()) {
        let headers = || KEY.with(|key| key.sign(1_703_123_456_789, "POST", KalshiOrders::PATH));
        KALSHI.with_borrow_mut(|all| for (is_no, orders) in all {
            let checked = orders.check(&terms);
            if let Err(error) = &checked {
                assert!(!error.to_string().is_empty());
                continue;
            }
            let order = orders.order(&terms, headers().expect("it signs")).expect("checked");
            let body = body(order.bytes);
            let yes: Price = written(&body, "price");
            let price = if *is_no { Price::from_counts(ONE - yes.counts()) } else { yes };
            assert_eq!(price, terms.limit_price);
            assert_eq!(Fixed::Contracts(written(&body, "count")), terms.fixed);
            assert_eq!(checked, Ok(written(&body, "count")));
            assert_eq!(body["client_order_id"], terms.client_order_id.to_string());
        });
    }

    #[test]
    fn a_polymarket_order_is_refused_by_name_or_is_within_a_tick_of_what_was_asked(
        terms in terms(),
    ) {
        POLYMARKET.with_borrow_mut(|all| for (is_sale, orders) in all {
            let order = match orders.order(&terms, NOW_NS) {
                Ok(order) => order,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    continue;
                }
            };
            let order_body = &body(order.bytes)["order"];
            let (dollars, shares) = dollars_and_shares(order_body, *is_sale);
            let fixed = match terms.fixed {
                Fixed::Collateral(money) => (money.counts(), dollars),
                Fixed::Contracts(contracts) => (contracts.counts(), shares),
            };
            assert_eq!(fixed.0, fixed.1, "what is fixed is stated exactly");
            // Less is taken than the limit says, by less than one step of what is taken.
            let limit = terms.limit_price.counts();
            let (taken, at_limit) =
                if *is_sale { (dollars, limit * shares / ONE) } else { (shares, dollars * ONE / limit) };
            assert!(taken <= at_limit && at_limit - taken < 1_000_000, "{taken} of {at_limit}");
            let least = if *is_sale { shares } else { at_limit };
            assert!(order.legal_maximum.counts() >= least);
            assert_eq!(order_body["salt"], terms.client_order_id.polymarket_salt());
            assert_eq!(order_body["timestamp"], "1700000000123");
        });
    }
}
