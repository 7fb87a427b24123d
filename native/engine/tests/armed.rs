//! From a tick to the bytes of both legs, and what each name, header and signature is used for.

#[path = "support/armed.rs"]
mod armed;
#[path = "support/armed_desk.rs"]
mod armed_desk;
#[path = "support/kalshi.rs"]
mod kalshi;
#[path = "support/market_data.rs"]
mod market_data;
#[path = "support/orders.rs"]
mod orders;
mod support;
#[path = "support/ticks.rs"]
mod ticks;

use std::sync::Arc;

use armed::{INTENTS, VALID_NS};
use armed_desk::{Desk, NOW_NS};
use legwork_engine_core::armed::{ArmedPair, ArmingError, Asked, NotFired};
use legwork_engine_core::firing::Release;
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::RecordedLeg;
use legwork_engine_core::orders::{OrderPlace, OrderTerms, Outcome, ToSign};
use legwork_engine_core::own_intent::{Door, RecordedIntent};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{LEGS, Venue};
use legwork_engine_core::trigger::Decision;
use serde_json::Value;
use support::{RAIN, of};
use ticks::{EDGE_GOES, kalshi_delta};

const MILLISECOND_NS: u64 = 1_000_000;

fn name(number: u64, purpose: &str) -> ClientOrderId {
    ClientOrderId::derive(&format!("arbitrage/{INTENTS}.{number}"), purpose, 0)
}

fn body(leg: &RecordedLeg) -> Value {
    let text = std::str::from_utf8(&leg.bytes).expect("a request");
    let (_, body) = text.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}

fn is_sent_by(leg: &RecordedLeg, header: &str) -> bool {
    String::from_utf8_lossy(&leg.bytes).contains(header)
}

#[test]
fn a_request_is_written_down_without_what_is_secret_in_it() {
    let mut desk = Desk::open();
    let _fired = desk.tick().expect("nothing is against it");
    let account = orders::vectors().polymarket_account;
    let secrets = [&account.passphrase, &account.api_key, &account.secret, &account.private_key];
    for file in desk.files() {
        for secret in secrets {
            let is_there = file.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!is_there, "{secret}");
        }
    }
    let [shot] = &desk.recorded()[..] else { panic!("one shot") };
    let leg = shot.legs.iter().find(|leg| leg.venue == Venue::Polymarket).expect("one");
    let hidden = "*".repeat(account.api_key.len());
    assert!(is_sent_by(leg, &format!("POLY_API_KEY: {hidden}\r\n")));
    let hidden_phrase = "*".repeat(account.passphrase.len());
    assert!(is_sent_by(leg, &format!("POLY_PASSPHRASE: {hidden_phrase}\r\n")));
    assert_eq!(body(leg)["owner"], hidden.as_str(), "and whatever else the body says is there");
}

#[test]
fn what_the_books_are_worth_is_at_both_wires_under_the_names_that_typescript_gives() {
    let mut desk = Desk::open();
    let decision = desk.books.decide().expect("an edge");
    let receipt = desk.tick().expect("nothing is against it");
    assert_eq!(
        desk.of.line.written.borrow().iter().map(|(leg, _)| *leg).collect::<Vec<_>>(),
        [0, 1]
    );
    let [shot] = &desk.recorded()[..] else { panic!("one shot") };
    assert_eq!((shot.id, shot.intent_id.as_str(), shot.market), (receipt.id, "rain.7.1", RAIN));
    assert_eq!((shot.pair_id.as_str(), shot.account.as_str()), ("rain", "main"));
    assert_eq!((shot.edge, shot.worst), (decision.edge, decision.worst));
    assert_eq!(shot.not_after_ns, NOW_NS + VALID_NS);
    assert_eq!(shot.before.tick_ns, NOW_NS - 700);
    let expected = RecordedIntent {
        door: Door::Armed,
        strategy: "dawn".into(),
        contracts_max: of("100"),
        edge_min: of("0.01"),
        observed_at_ms: [NOW_NS / MILLISECOND_NS; LEGS],
    };
    assert_eq!(shot.intent, Some(expected));
    for (leg, purpose) in ["entry/yes", "entry/no"].into_iter().enumerate() {
        let (recorded, decided) = (&shot.legs[leg], &decision.legs[leg]);
        assert_eq!(recorded.client_order_id, name(1, purpose));
        assert_eq!((recorded.venue, recorded.limit_price), (decided.venue, decided.limit_price));
        assert_eq!(recorded.legal_maximum, decided.legal_maximum);
        assert_eq!(recorded.top, decided.top);
    }
    let [yes, no] = &shot.legs[..] else { panic!("two legs") };
    assert_eq!(body(yes)["order"]["salt"], name(1, "entry/yes").polymarket_salt());
    assert_eq!(body(no)["client_order_id"], name(1, "entry/no").to_string());
    assert!(is_sent_by(no, "KALSHI-ACCESS-TIMESTAMP: 1703123456000"));
}

#[test]
fn orders_that_would_buy_the_other_outcome_are_never_armed() {
    for (bought, wrong) in [
        ([Outcome::No, Outcome::Yes], Venue::Polymarket),
        ([Outcome::Yes, Outcome::Yes], Venue::Kalshi),
    ] {
        let refused = armed::armed(RAIN, bought).err();
        assert_eq!(refused, Some(ArmingError::WrongOrders(wrong)));
    }
}

#[test]
fn where_the_pair_is_not_free_no_name_and_no_header_is_used_up() {
    let mut desk = Desk::open();
    let receipt = desk.tick().expect("nothing is against it");
    for _ in 0..10 {
        assert_eq!(desk.refused(), Refusal::PairInFlight);
    }
    assert_eq!(desk.pair.next_names()[1], name(2, "entry/no"));
    desk.of.firing.ended(&receipt, Release::Now);
    assert_eq!(desk.refused(), Refusal::PairUnadopted);
    desk.ended(&receipt);
    assert!(desk.of.house.gate.freeze(2, |market| market == RAIN).is_some());
    assert_eq!(desk.refused(), Refusal::Frozen);
    assert!(desk.of.house.gate.freeze(3, |_| false).is_some());
    desk.cleared = Err(Refusal::Frozen);
    assert_eq!(desk.refused(), Refusal::Frozen, "its strategy is");
    desk.cleared = Ok(3);
    let again = desk.tick().expect("there are headers for a second shot");
    assert_eq!(desk.recorded()[1].intent_id, "rain.7.2");
    desk.ended(&again);
    assert_eq!(desk.of.house.refusals.told(Refusal::PairInFlight), 10);
    assert_eq!(desk.of.house.refusals.told(Refusal::Frozen), 2);
    assert_eq!(desk.recorded().len(), 2);
}

#[test]
fn without_headers_nothing_leaves_and_the_name_is_given_up() {
    let mut desk = Desk::open();
    for number in 1..=2 {
        let receipt = desk.tick().expect("nothing is against it");
        desk.ended(&receipt);
        assert_eq!(desk.pair.next_names()[0], name(number + 1, "entry/yes"));
    }
    assert_eq!(desk.refused(), Refusal::HeadersMissing);
    assert_eq!(desk.of.house.refusals.told(Refusal::HeadersMissing), 1);
    assert_eq!(desk.recorded().len(), 2);
    assert_eq!(desk.pair.next_names()[0], name(4, "entry/yes"));
    assert_eq!(desk.signing.round().expect("it signs"), 2);
    assert!(desk.tick().is_ok(), "there are headers again");
    assert_eq!(desk.recorded()[2].intent_id, "rain.7.4");
}

#[test]
fn a_tick_that_takes_the_edge_away_fires_nothing_and_the_next_brings_it_back() {
    let mut desk = Desk::open();
    desk.books.kalshi.take(&kalshi_delta(0, EDGE_GOES), NOW_NS);
    desk.books.polymarket.take(&ticks::polymarket_change(0, EDGE_GOES), NOW_NS);
    assert!(matches!(desk.tick(), Err(NotFired::NoDecision(_))));
    assert_eq!((desk.recorded().len(), desk.pair.next_names()[0]), (0, name(1, "entry/yes")));
    desk.books.kalshi.take(&kalshi_delta(1, EDGE_GOES), NOW_NS);
    desk.books.polymarket.take(&ticks::polymarket_change(1, EDGE_GOES), NOW_NS);
    assert!(desk.tick().is_ok(), "an edge");
}

#[test]
fn an_order_that_was_signed_for_this_very_shot_is_the_one_that_is_sent() {
    let mut desk = Desk::open();
    let signed_at_ms = NOW_NS / MILLISECOND_NS - 250;
    let decision = desk.books.decide().expect("an edge");
    sign_ahead(&mut desk.pair, &decision, signed_at_ms);
    let receipt = desk.tick().expect("nothing is against it");
    desk.ended(&receipt);
    assert!(desk.tick().is_ok(), "the next is signed on the spot");
    let shots = desk.recorded();
    let stamps = shots.iter().map(|shot| body(&shot.legs[0])["order"]["timestamp"].clone());
    let now_ms = NOW_NS / MILLISECOND_NS;
    assert_eq!(stamps.collect::<Vec<_>>(), [signed_at_ms.to_string(), now_ms.to_string()]);
}

#[test]
fn between_ticks_the_order_is_signed_that_the_other_venues_next_tick_may_ask_for() {
    let mut desk = Desk::open();
    desk.books.kalshi.take(&kalshi_delta(0, EDGE_GOES), NOW_NS);
    assert!(matches!(desk.tick(), Err(NotFired::NoDecision(_))));
    let signed = desk.sign_ahead(NOW_NS + 250 * MILLISECOND_NS);
    assert!(signed[0] >= 1 && signed[1] >= 1, "either may come");
    assert_eq!(desk.sign_ahead(NOW_NS + 260 * MILLISECOND_NS), signed, "they are young");
    desk.books.kalshi.take(&kalshi_delta(1, EDGE_GOES), NOW_NS);
    assert!(desk.tick().is_ok(), "the edge is back");
    let stamp = body(&desk.recorded()[0].legs[0])["order"]["timestamp"].clone();
    assert_eq!(stamp, (NOW_NS / MILLISECOND_NS + 250).to_string(), "signed once, and before");
    assert_eq!(desk.signed(), [1, 0]);
}

#[test]
fn what_was_asked_for_under_a_name_that_is_used_is_neither_signed_nor_kept() {
    let mut desk = Desk::open();
    desk.ask_ahead(NOW_NS);
    let receipt = desk.tick().expect("whoever signs is late: it is signed in its shot");
    assert_eq!((desk.signing_orders.round(), desk.signed()), (0, [0, 1]));
    desk.ended(&receipt);
    desk.ask_ahead(NOW_NS);
    assert!(desk.signing_orders.round() > 0);
    let (place, late) = desk.line.take().expect("it is signed");
    let again = desk.tick().expect("it has not come either");
    desk.ended(&again);
    desk.pair.put_ahead(place.direction, late);
    assert_eq!(desk.pair.directions()[0].ahead.count(), 0, "its name is used");
    assert_eq!(desk.signed(), [0, 2]);
}

#[test]
fn what_there_was_no_room_to_ask_for_is_asked_for_later() {
    let mut desk = Desk::open();
    let signer = desk.pair.directions()[0].polymarket.signer();
    let anothers = || ToSign {
        place: OrderPlace { market: MarketId(9), direction: 0 },
        signer: Arc::clone(&signer),
        terms: orders::polymarket_terms("0.52", "5.20"),
        created_at_ms: NOW_NS / MILLISECOND_NS,
        number: (1, Arc::default()), // used since: nobody signs it
    };
    while desk.line.ask(anothers()) {}
    assert_eq!(desk.ask_ahead(NOW_NS), Asked::NoRoom);
    assert_eq!(desk.pair.directions().each_ref().map(|of| of.ahead.awaited()), [0, 0]);
    assert_eq!(desk.signing_orders.round(), 0);
    assert!(desk.sign_ahead(NOW_NS).iter().all(|signed| *signed > 0));
}

#[test]
fn an_order_as_far_as_a_deeper_level_is_signed_before_a_tick_reaches_it() {
    let mut desk = Desk::open();
    desk.books.polymarket.take(&ticks::offer("0.42", "35"), NOW_NS);
    desk.books.kalshi.take(&kalshi_delta(0, EDGE_GOES), NOW_NS);
    desk.books.kalshi.take(&ticks::delta(3, "0.4400", "40.00"), NOW_NS);
    assert!(matches!(desk.tick(), Err(NotFired::NoDecision(_))), "two cents are missing");
    let signed_ns = NOW_NS + 250 * MILLISECOND_NS;
    assert_eq!(desk.sign_ahead(signed_ns), [2, 1], "35 at 0.41, or 40 up to 0.42; NO is far away");
    desk.of.clock.0.set(signed_ns + MILLISECOND_NS);
    desk.books.kalshi.take(&ticks::delta(4, "0.5200", "40.00"), NOW_NS);
    assert!(desk.tick().is_ok(), "an edge");
    let order = body(&desk.recorded()[0].legs[0])["order"].clone();
    let cost = 35 * 410_000 + 5 * 420_000;
    let expected = [cost.to_string(), (signed_ns / MILLISECOND_NS).to_string()];
    assert_eq!(["makerAmount", "timestamp"].map(|name| order[name].clone()), expected);
}

/// At the price and size that is about to be decided.
fn sign_ahead(pair: &mut ArmedPair, decision: &Decision, at_ms: u64) {
    let names: [ClientOrderId; LEGS] = pair.next_names();
    let leg = decision.legs[0];
    let terms =
        OrderTerms { client_order_id: names[0], limit_price: leg.limit_price, fixed: leg.fixed };
    let [polymarket_yes, _] = pair.directions();
    orders::sign_ahead(&mut polymarket_yes.ahead, (&polymarket_yes.polymarket, &terms), at_ms);
}
