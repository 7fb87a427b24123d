//! What TypeScript and Rust make of the same answers, and what becomes of answers that nobody gave.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::{
    Fixed, KalshiAnswers, KalshiOrder, PolymarketAnswers, PolymarketOrder, Verdict,
};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::signing::Side;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Deserialize;
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../test/vectors/answers.json");
const KALSHI: &str = include_str!("../../../venues/kalshi/answer-table.json");
const POLYMARKET: &str = include_str!("../../../venues/polymarket/answer-table.json");

#[derive(Deserialize)]
struct Vectors {
    orders: BTreeMap<String, Ordered>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(tag = "venue", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum Ordered {
    Kalshi {
        client_order_id: String,
        legal_maximum: String,
    },
    Polymarket {
        venue_order_id: String,
        side: String,
        time_in_force: String,
        fixed: FixedAs,
        legal_maximum: String,
    },
}

#[derive(Deserialize)]
struct FixedAs {
    kind: String,
    amount: String,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    ordered: String,
    status: u16,
    body: String,
    verdict: Told,
}

/// A verdict as every language tells it.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum Told {
    Accepted { venue_order_id: String, state: String, cumulative_quantity: String },
    Exists { code: String },
    Refused { refusal: String, code: String },
    Unknown { code: String },
}

impl From<Verdict> for Told {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accepted { venue_order_id, state, filled } => Self::Accepted {
                venue_order_id,
                state: state.code().to_owned(),
                cumulative_quantity: filled.to_string(),
            },
            Verdict::Exists { code } => Self::Exists { code },
            Verdict::Refused { refusal, code } => {
                Self::Refused { refusal: refusal.code().to_owned(), code }
            }
            Verdict::Unknown { code } => Self::Unknown { code },
        }
    }
}

/// The tables of both venues, and what was ordered there.
struct Desk {
    kalshi: KalshiAnswers,
    polymarket: PolymarketAnswers,
    vectors: Vectors,
}

static DESK: LazyLock<Desk> = LazyLock::new(Desk::open);

impl Desk {
    fn open() -> Self {
        Self {
            kalshi: KalshiAnswers::load().expect("a table"),
            polymarket: PolymarketAnswers::load().expect("a table"),
            vectors: serde_json::from_str(VECTORS).expect("vectors are JSON of this shape"),
        }
    }

    fn answer(&self, ordered: &str, status: u16, body: &[u8]) -> Verdict {
        match &self.vectors.orders[ordered] {
            Ordered::Kalshi { client_order_id, legal_maximum } => {
                let order = kalshi_order(client_order_id, legal_maximum);
                self.kalshi.place_answer(&order, status, body)
            }
            Ordered::Polymarket { venue_order_id, side, time_in_force, fixed, legal_maximum } => {
                let mut hash = [0; 32];
                hex::decode_to_slice(&venue_order_id[2..], &mut hash).expect("a hash");
                let order = PolymarketOrder {
                    hash,
                    side: if side == "buy" { Side::Buy } else { Side::Sell },
                    fixed: fixed.read(),
                    legal_maximum: of(legal_maximum),
                    is_immediate: ["IOC", "FOK"].contains(&time_in_force.as_str()),
                };
                self.polymarket.place_answer(&order, status, body)
            }
        }
    }

    /// The first answer that is not read as it was written down.
    fn misread(&self) -> Option<&Case> {
        self.vectors.cases.iter().find(|case| {
            let told = self.answer(&case.ordered, case.status, case.body.as_bytes());
            Told::from(told) != case.verdict
        })
    }
}

impl FixedAs {
    fn read(&self) -> Fixed {
        match self.kind.as_str() {
            "collateral" => Fixed::Collateral(of(&self.amount)),
            "contracts" => Fixed::Contracts(of(&self.amount)),
            kind => panic!("nothing is fixed as {kind}"),
        }
    }
}

fn kalshi_order(client_order_id: &str, legal_maximum: &str) -> KalshiOrder {
    let name = client_order_id.as_bytes().try_into().ok().and_then(ClientOrderId::from_recorded);
    KalshiOrder { client_order_id: name.expect("ours"), legal_maximum: of(legal_maximum) }
}

fn of<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

#[test]
fn an_answer_proves_what_typescript_says_that_it_proves() {
    let desk = &*DESK;
    assert!(desk.vectors.cases.len() > 300, "only {} answers", desk.vectors.cases.len());
    for case in &desk.vectors.cases {
        let verdict = desk.answer(&case.ordered, case.status, case.body.as_bytes());
        assert_eq!(Told::from(verdict), case.verdict, "{}", case.name);
    }
}

#[test]
fn with_any_row_of_a_table_changed_some_answer_is_read_otherwise() {
    let mut desk = Desk::open();
    let kalshi: Value = serde_json::from_str(KALSHI).expect("JSON");
    for part in ["codes", "statuses"] {
        let names: Vec<_> = kalshi[part].as_object().expect("rows").keys().cloned().collect();
        assert!(names.len() > 4);
        for name in names {
            // Left out, a code of the same class as its status would not be missed.
            let mut other = kalshi.clone();
            other[part][&name] =
                json!(if kalshi[part][&name] == "funds" { "rate" } else { "funds" });
            desk.kalshi = KalshiAnswers::read(&other.to_string()).expect("a table");
            assert!(desk.misread().is_some(), "no answer falls under {part}.{name}");
        }
    }
    desk.kalshi = KalshiAnswers::load().expect("a table");
    let polymarket: Vec<Value> = serde_json::from_str(POLYMARKET).expect("JSON");
    for (index, row) in polymarket.iter().enumerate() {
        for status in row["status"].as_array().expect("statuses") {
            // A status that the venue never gives stands for none at all.
            let other = |of: &Value| if of == status { json!(599) } else { of.clone() };
            let mut less = polymarket.clone();
            less[index]["status"] =
                row["status"].as_array().expect("them").iter().map(other).collect();
            desk.polymarket = PolymarketAnswers::read(&json!(less).to_string()).expect("a table");
            assert!(desk.misread().is_some(), "no answer falls under {row} with {status}");
        }
    }
}

#[test]
fn a_table_that_says_what_nobody_reads_is_refused_by_its_row() {
    let kalshi = |codes: Value, statuses: Value| {
        let table = json!({ "codes": codes, "statuses": statuses }).to_string();
        KalshiAnswers::read(&table).err().map(|error| error.to_string())
    };
    let polymarket = |change: Value| {
        let mut row = json!({
            "class": "terminal", "code": "bad_nonce", "status": [400], "text": "invalid nonce"
        });
        let good = row.clone();
        for (name, value) in change.as_object().expect("members") {
            row[name] = value.clone();
        }
        let table = json!([good, row]).to_string();
        PolymarketAnswers::read(&table).err().map(|error| error.to_string())
    };
    for (refused, row) in [
        (
            kalshi(json!({ "own": "perhaps" }), json!({})),
            "answer-table.json: codes.own has a class",
        ),
        (
            kalshi(json!({ "own": "unknown" }), json!({})),
            "answer-table.json: codes.own has a class",
        ),
        (kalshi(json!({ "OWN": "rate" }), json!({})), "codes.OWN has a code"),
        (kalshi(json!({}), json!({ "409": "exists" })), "statuses.409 has a class"),
        (kalshi(json!({}), json!({ "42": "rate" })), "statuses.42 has a status"),
        (kalshi(json!({}), json!({ "many": "rate" })), "at line 1 column"),
        (polymarket(json!({ "class": "perhaps" })), "answer-table.json: [1] has a class"),
        (polymarket(json!({ "code": "" })), "[1] has a code"),
        (polymarket(json!({ "status": [] })), "[1] has no status"),
        (polymarket(json!({ "status": [400, 600] })), "[1] has a status"),
        (polymarket(json!({ "text": "é" })), "[1] has a text"),
        (polymarket(json!({ "text": null })), "invalid type: null"),
        (polymarket(json!({ "txet": "x" })), "unknown field `txet`"),
    ] {
        let refused = refused.unwrap_or_else(|| panic!("nobody minds: {row}"));
        assert!(refused.contains(row), "{refused}");
    }
    assert_eq!(kalshi(json!({ "own": "exists" }), json!({ "599": "rate" })), None);
    assert_eq!(polymarket(json!({ "class": "unknown" })), None);
}

#[test]
fn an_acceptance_that_is_cut_off_anywhere_is_unknown() {
    let desk = &*DESK;
    let taken = |case: &&Case| matches!(case.verdict, Told::Accepted { .. });
    let cases: Vec<_> = desk.vectors.cases.iter().filter(taken).collect();
    assert!(cases.len() > 20);
    for case in cases {
        let body = case.body.trim_end().as_bytes();
        for end in 0..body.len() {
            let verdict = desk.answer(&case.ordered, case.status, &body[..end]);
            assert!(matches!(verdict, Verdict::Unknown { .. }), "{} cut at {end}", case.name);
        }
    }
}

#[test]
fn a_body_without_an_end_to_its_depth_says_nothing() {
    let desk = &*DESK;
    let body = "[".repeat(1 << 20);
    for ordered in ["kalshi", "buy"] {
        let verdict = desk.answer(ordered, 200, body.as_bytes());
        assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
    }
}

/// One of the answers that were written down, at a place of its body with something else there.
fn damaged() -> impl Strategy<Value = (String, u16, Vec<u8>)> {
    let cases = Desk::open().vectors.cases;
    let given: Vec<_> = cases.into_iter().map(|one| (one.ordered, one.status, one.body)).collect();
    let there = prop::collection::vec(any::<u8>(), 0..4);
    (select(given), any::<Index>(), any::<Index>(), there).prop_map(|(given, from, to, there)| {
        let (ordered, status, body) = given;
        let mut bytes = body.into_bytes();
        let ends = [from.index(bytes.len() + 1), to.index(bytes.len() + 1)];
        bytes.splice(ends[0].min(ends[1])..ends[0].max(ends[1]), there);
        (ordered, status, bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(500)
    })]

    #[test]
    fn bytes_of_nobody_prove_nothing_but_what_their_status_does(
        status in 0..1_000_u16,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let desk = &*DESK;
        for (ordered, alone) in [("kalshi", &[429][..]), ("buy", &[401, 425, 429])] {
            let verdict = desk.answer(ordered, status, &body);
            let is_proof = !matches!(verdict, Verdict::Unknown { .. });
            prop_assert_eq!(is_proof, alone.contains(&status), "{:?}", verdict);
        }
    }

    #[test]
    fn a_damaged_answer_is_never_that_of_another_order((ordered, status, body) in damaged()) {
        let Verdict::Accepted { venue_order_id, filled, .. } = DESK.answer(&ordered, status, &body)
        else {
            return Ok(());
        };
        prop_assert!(status == 200 || status == 201);
        match &DESK.vectors.orders[&ordered] {
            Ordered::Kalshi { .. } => prop_assert!(!venue_order_id.is_empty()),
            Ordered::Polymarket { venue_order_id: ours, legal_maximum, .. } => {
                prop_assert_eq!(&venue_order_id, ours);
                prop_assert!(filled <= of::<Quantity>(legal_maximum));
            }
        }
    }
}
