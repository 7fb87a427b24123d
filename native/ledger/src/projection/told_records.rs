//! What a shot of the journal is told as, held to the requests that the adapters send.

use std::path::Path;

use legwork_engine_core::amount::Price;
use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::Verdict;
use legwork_engine_core::answers::{OrderState, VenueRefusal};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{RecordedAnswer, RecordedLeg, RecordedShot, ShotId};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::Before;
use legwork_engine_core::shot::{LEGS, Top, Venue};
use legwork_engine_core::wire::Written;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::record::{Heard, ShotRecord};

/// `test/vectors/requests.json`: what the adapters send.
fn cases() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/requests.json");
    let text = std::fs::read_to_string(path).expect("the vectors");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let markets = &vectors["markets"];
    let all = vectors["cases"].as_array().expect("cases").iter();
    let made = all.filter(|case| !case["made"].is_null() && case["side"] == "buy");
    made.map(|case| {
        let mut case = case.clone();
        case["of"] = markets[case["market"].as_str().expect("a name")].clone();
        case
    })
    .collect()
}

pub fn word<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().expect("a text")
}

pub fn leg_from(case: &Value) -> RecordedLeg {
    let body = word(&case["made"]["request"], "body");
    let head = "POST /orders HTTP/1.1\r\nHost: h\r\nSECRET: s\r\nContent-Length: ";
    let id = word(case, "clientOrderId").as_bytes().try_into().expect("26 characters");
    RecordedLeg {
        venue: match word(&case["of"], "venue") {
            "kalshi" => Venue::Kalshi,
            _ => Venue::Polymarket,
        },
        instrument: format!("{}/{}", word(&case["of"], "market"), word(case, "outcome")),
        client_order_id: ClientOrderId::from_recorded(id).expect("a name"),
        limit_price: word(case, "limitPrice").parse().expect("a price"),
        legal_maximum: word(&case["made"], "legalMaximum").parse().expect("a quantity"),
        top: Top::default(),
        bytes: format!("{head}{:>5}\r\n\r\n{body}", body.len()).into_bytes(),
        written: None,
        written_ns: 0,
        answer: None,
    }
}

pub fn first(venue: &str, outcome: &str) -> Value {
    let is = |case: &&Value| case["of"]["venue"] == venue && case["outcome"] == outcome;
    cases().iter().find(is).expect("such a case").clone()
}

/// YES at Polymarket, NO at Kalshi, nothing said of either yet.
pub fn recorded() -> RecordedShot {
    RecordedShot {
        id: ShotId { thread: 0, epoch: 9, sequence: 4 },
        market: MarketId(70),
        intent_id: "shot.9.4".into(),
        pair_id: "rain".into(),
        account: "main".into(),
        edge: Price::from_counts(20_000_000),
        worst: "97.04".parse().expect("dollars"),
        lease_epoch: 0,
        intent: None,
        before: Before::default(),
        monotonic_ns: 1_000_000,
        unix_ns: 1_700_000_000_123_456_789,
        not_after_ns: 1_700_000_001_000_000_000,
        began_ns: 0,
        refused: None,
        is_acknowledged: false,
        legs: vec![leg_from(&first("polymarket", "yes")), leg_from(&first("kalshi", "no"))],
    }
}

pub fn told_of(shot: &RecordedShot, heard: Heard) -> Value {
    let record = ShotRecord::of("host-a", shot, heard);
    serde_json::to_value(record).expect("JSON")
}

fn legs(shot: &RecordedShot) -> [Value; LEGS] {
    let told = told_of(shot, Heard::All);
    [told["legs"][0].clone(), told["legs"][1].clone()]
}

fn heard(verdict: Verdict, status: u16) -> RecordedAnswer {
    RecordedAnswer { verdict, status, at_ns: 3_000_000 }
}

#[test]
fn every_order_that_the_adapters_send_is_read_back_from_its_bytes() {
    let all = cases();
    for case in &all {
        let mut shot = recorded();
        let place = usize::from(word(case, "outcome") == "no");
        shot.legs[place] = leg_from(case);
        let leg = &legs(&shot)[place];
        let kind = word(&case["fixed"], "kind");
        let fixed = json!({"kind": kind, kind: case["fixed"]["amount"]});
        assert_eq!(leg["fixed"], fixed, "{}", case["name"]);
        assert_eq!(leg["body"], case["made"]["request"]["body"], "{}", case["name"]);
        assert_eq!(leg["limitPrice"], case["limitPrice"], "{}", case["name"]);
        if word(&case["of"], "venue") == "polymarket" {
            assert_eq!(leg["createdAtMs"], case["createdAtMs"], "{}", case["name"]);
        }
    }
    assert!(all.len() > 20, "{} cases", all.len());
}

#[test]
fn a_shot_is_told_as_the_function_takes_it_and_without_a_secret() {
    let mut told = told_of(&recorded(), Heard::SoFar);
    let legs = told["legs"].take();
    let shot = json!({
        "host": "host-a", "epoch": 9, "thread": 0, "sequence": 4, "intentId": "shot.9.4",
        "pairId": "rain", "account": "main", "worst": "97.04", "edge": "0.02",
        "decidedNs": 1_700_000_000_123_456_789_u64, "monotonicNs": 1_000_000,
        "notAfterNs": 1_700_000_001_000_000_000_u64, "legs": null,
    });
    assert_eq!(told, shot);
    let kalshi = &legs[1];
    assert_eq!((&kalshi["leg"], &kalshi["venue"]), (&json!("no"), &json!("kalshi")));
    assert_eq!(kalshi["createdAtMs"], 1_700_000_000_123_u64);
    assert!(kalshi["answer"].is_null() && kalshi["written"].is_null());
    assert!(!legs.to_string().contains("SECRET"), "headers stay in the journal");
    let digest = hex::encode(Sha256::digest(&recorded().legs[1].bytes));
    assert_eq!(kalshi["requestSha256"], digest);
}

#[test]
fn only_a_lease_has_an_epoch_and_a_refused_shot_says_why() {
    let mut shot = recorded();
    assert!(told_of(&shot, Heard::SoFar)["leaseEpoch"].is_null());
    (shot.lease_epoch, shot.refused) = (3, Some(Refusal::Frozen));
    let told = told_of(&shot, Heard::All);
    assert_eq!((&told["leaseEpoch"], &told["refused"]), (&json!(3), &json!("FROZEN")));
    assert!(told["legs"][0]["answer"].is_null(), "nothing has left: there is nothing to ask");
}

#[test]
fn an_answer_is_yes_no_or_a_doubt() {
    let mut shot = recorded();
    let accepted = Verdict::Accepted {
        venue_order_id: "v".into(),
        state: OrderState::Filled,
        filled: "10".parse().expect("contracts"),
    };
    let refused = Verdict::Refused { refusal: VenueRefusal::NoMatch, code: "no_match".into() };
    shot.legs[0].answer = Some(heard(accepted, 201));
    shot.legs[1].answer = Some(heard(refused, 409));
    let [yes, no] = legs(&shot);
    let expected = json!({"class": "yes", "atNs": 3_000_000, "status": 201,
        "venueOrderId": "v", "state": "filled", "cumulativeQuantity": "10"});
    assert_eq!(yes["answer"], expected);
    let expected = json!({"class": "no", "atNs": 3_000_000, "status": 409,
        "refusal": "no_match", "code": "no_match"});
    assert_eq!(no["answer"], expected);
    for doubt in [Verdict::Exists { code: "DUPLICATED".into() }, unknown()] {
        shot.legs[1].answer = Some(heard(doubt, 0));
        assert_eq!(legs(&shot)[1]["answer"]["class"], "unknown");
    }
}

fn unknown() -> Verdict {
    Verdict::Unknown { code: "NO_ANSWER".into() }
}

#[test]
fn a_name_that_was_known_before_is_told_of_its_own_leg() {
    let record = ShotRecord::of("host-a", &recorded(), Heard::SoFar);
    let told = serde_json::to_value(record.with_venue_order_ids([Some("0xab"), None]));
    let legs = told.expect("JSON")["legs"].clone();
    assert_eq!(
        (&legs[0]["venueOrderId"], &legs[1]["venueOrderId"]),
        (&json!("0xab"), &Value::Null)
    );
}

#[test]
fn a_name_that_was_cut_is_told_to_nobody() {
    let mut shot = recorded();
    let (state, filled) = (OrderState::Working, Quantity::ZERO);
    let cut = Verdict::Accepted { venue_order_id: "0123…".into(), state, filled };
    shot.legs[1].answer = Some(heard(cut, 201));
    let answer = legs(&shot)[1]["answer"].clone();
    assert_eq!((&answer["class"], &answer["venueOrderId"]), (&json!("yes"), &Value::Null));
}

#[test]
fn what_a_venue_says_in_letters_that_nobody_can_keep_is_told_without_them() {
    let mut shot = recorded();
    let (state, filled) = (OrderState::Working, Quantity::ZERO);
    let accepted = Verdict::Accepted { venue_order_id: "v\0".into(), state, filled };
    shot.legs[0].answer = Some(heard(accepted, 201));
    shot.legs[1].answer = Some(heard(Verdict::Unknown { code: "n\0\n".into() }, 500));
    let [yes, no] = legs(&shot);
    assert_eq!(
        (&yes["answer"]["class"], &yes["answer"]["venueOrderId"]),
        (&json!("yes"), &Value::Null)
    );
    assert_eq!(no["answer"]["code"], "n\u{fffd}\u{fffd}");
}

#[test]
fn a_record_that_cannot_be_told_names_its_shot_and_both_orders_and_has_no_other_letters() {
    let mut shot = recorded();
    (shot.pair_id, shot.lease_epoch) = ("ra\0in".into(), 3);
    shot.legs[1].instrument = "KX\0/no".into();
    replace(&mut shot.legs[1], "\"ticker\":\"", "\"ticker\":\"KX\\u0000\",\"was\":\"");
    lengthen(&mut shot.legs[1]);
    let mut record = ShotRecord::of("host-a", &shot, Heard::SoFar);
    assert!(record.is_owed() && !record.is_unreadable());
    record.make_unreadable("no\0 such text");
    assert!(record.is_owed() && record.is_unreadable());
    let told = serde_json::to_value(&record).expect("JSON");
    assert_eq!(told["unreadable"], "no\u{fffd} such text");
    assert_eq!((&told["sequence"], &told["pairId"]), (&json!(4), &json!("ra\u{fffd}in")));
    assert_eq!((&told["leaseEpoch"], &told["intent"]), (&json!(3), &Value::Null));
    assert_eq!(told["legs"][1]["market"], "KX\u{fffd}");
    let name = shot.legs[1].client_order_id.to_string();
    assert_eq!(told["legs"][1]["clientOrderId"], name);
}

#[test]
fn silence_is_a_doubt_only_when_nobody_will_hear_more_and_something_may_have_left() {
    let mut shot = recorded();
    for (written, swept) in [
        (None, json!({"class": "unknown"})),
        (Some(Written::Whole), json!({"class": "unknown"})),
        (Some(Written::Part), json!({"class": "unknown"})),
        (Some(Written::Nothing), Value::Null),
    ] {
        shot.legs[0].written = written;
        assert_eq!(legs(&shot)[0]["answer"], swept, "{written:?}");
        assert!(told_of(&shot, Heard::SoFar)["legs"][0]["answer"].is_null());
    }
}

#[test]
fn what_is_no_entry_of_that_leg_is_told_as_what_nobody_can_read() {
    let wrong = |change: fn(&mut RecordedShot)| {
        let mut shot = recorded();
        change(&mut shot);
        let record = ShotRecord::of("host-a", &shot, Heard::All);
        assert!(record.is_unreadable() && record.is_complete());
        let told = told_of(&shot, Heard::All);
        assert_eq!(told["intentId"], shot.intent_id);
        assert_eq!(told["legs"][0]["clientOrderId"], shot.legs[0].client_order_id.to_string());
        told["unreadable"].as_str().expect("why").to_owned()
    };
    assert!(wrong(|shot| shot.legs.truncate(1)).contains("1 legs"));
    assert!(wrong(|shot| shot.legs.swap(0, 1)).contains("not the yes leg's"));
    let cut = wrong(|shot| shot.legs[1].bytes.truncate(200));
    assert!(cut.contains("not whole"), "{cut}");
    let other = wrong(|shot| shot.legs[1].client_order_id = shot.legs[0].client_order_id);
    assert!(other.contains("another order's"), "{other}");
    let sold = wrong(|shot| replace(&mut shot.legs[1], r#""ask""#, r#""bid""#));
    assert!(sold.contains("no purchase"), "{sold}");
}

fn replace(leg: &mut RecordedLeg, from: &str, to: &str) {
    let text = String::from_utf8(leg.bytes.clone()).expect("ASCII");
    leg.bytes = text.replace(from, to).into_bytes();
}

/// Its head says how long its body is now.
fn lengthen(leg: &mut RecordedLeg) {
    let text = String::from_utf8(leg.bytes.clone()).expect("ASCII");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let (head, _) = head.rsplit_once(' ').expect("a length");
    leg.bytes = format!("{head} {}\r\n\r\n{body}", body.len()).into_bytes();
}
