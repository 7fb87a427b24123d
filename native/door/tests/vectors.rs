//! The frames that both languages are held to, and any bytes at all.

#[path = "support/told.rs"]
mod told;

use std::path::Path;

use legwork_engine_core::amount::{Price, Quantity};
use legwork_engine_door::answer::Answer;
use legwork_engine_door::frame::{Frame, first_frame, kind, write_frame};
use legwork_engine_door::greeting::{Greeting, version_of};
use legwork_engine_door::refused::DoorRefusal;
use legwork_engine_door::request::{FireRequest, NO, Request, YES};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use told::{told_answer, told_greeting, told_request};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    host: String,
    frames: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    name: String,
    from: String,
    hex: String,
    frame: Option<Value>,
    refused: Option<Value>,
    other_version: Option<u16>,
    unreadable: Option<bool>,
}

fn vectors() -> Vectors {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    let text = std::fs::read_to_string(folder.join("frames.json")).expect("in the repository");
    serde_json::from_str(&text).expect("vectors are JSON of this shape")
}

fn bytes_of(vector: &Vector) -> Vec<u8> {
    hex::decode(&vector.hex).expect("hexadecimal")
}

/// The bytes that a frame would be told with.
fn rewritten(frame: &Frame<'_>) -> Vec<u8> {
    write_frame(&mut [0; 1_024], frame).expect("it fits").to_vec()
}

#[test]
fn each_request_is_read_as_typescript_means_it_and_written_alike() {
    let Vectors { host, frames } = vectors();
    let mut seen = 0;
    for vector in frames.iter().filter(|vector| vector.from == "client") {
        let Some(expected) = &vector.frame else { continue };
        let bytes = bytes_of(vector);
        let (frame, length) = first_frame(&bytes).expect("readable").expect("whole");
        assert_eq!(length, bytes.len(), "{}", vector.name);
        let request = Request::decode(frame.kind, frame.body).expect("nothing against it");
        assert_eq!(&told_request(&request, frame.number, &host), expected, "{}", vector.name);
        assert_eq!(request.with_frame(frame.number, rewritten), bytes, "{}", vector.name);
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn each_request_that_cannot_be_meant_is_refused_by_name_and_field() {
    let mut seen = 0;
    for vector in vectors().frames.iter().filter(|vector| vector.from == "client") {
        let Some(expected) = &vector.refused else { continue };
        let bytes = bytes_of(vector);
        let (number, refused) = match first_frame(&bytes) {
            Err(lost) => (lost.number, DoorRefusal::FrameTooLong.about("")),
            Ok(frame) => {
                let Frame { kind, number, body } = frame.expect("whole").0;
                (number, Request::decode(kind, body).expect_err(&vector.name))
            }
        };
        let told = json!({
            "code": refused.code.as_str(),
            "detail": refused.detail.as_str(),
            "number": number.to_string(),
        });
        assert_eq!(&told, expected, "{}", vector.name);
        seen += 1;
    }
    assert!(seen > 30, "only {seen}");
}

#[test]
fn each_answer_is_written_as_typescript_reads_it() {
    let mut seen = 0;
    for vector in vectors().frames.iter().filter(|vector| vector.from == "engine") {
        let Some(expected) = &vector.frame else { continue };
        let bytes = bytes_of(vector);
        let frame = first_frame(&bytes).expect("readable").expect("whole").0;
        let (told, written) = if frame.kind == kind::GREETING {
            let greeting = Greeting::decode(frame.body).expect(&vector.name);
            (told_greeting(&greeting), greeting.with_frame(rewritten))
        } else {
            let answer = Answer::decode(frame.kind, frame.body).expect(&vector.name);
            let written = answer.with_frame(frame.number, rewritten);
            (told_answer(&answer, frame.number), written)
        };
        assert_eq!(&told, expected, "{}", vector.name);
        if vector.name.ends_with("has grown") {
            assert_eq!(written[16..], bytes[16..written.len()], "{}", vector.name);
        } else {
            assert_eq!(written, bytes, "{}", vector.name);
        }
        seen += 1;
    }
    assert!(seen > 40, "only {seen}");
}

#[test]
fn what_no_engine_says_is_not_taken_for_an_answer() {
    for vector in vectors().frames.iter().filter(|vector| vector.unreadable == Some(true)) {
        let bytes = bytes_of(vector);
        let Ok(frame) = first_frame(&bytes) else { continue };
        let Frame { kind, body, .. } = frame.expect("whole").0;
        let is_read = Greeting::decode(body).is_some() && kind == kind::GREETING;
        assert!(!is_read && Answer::decode(kind, body).is_none(), "{}", vector.name);
    }
}

#[test]
fn another_version_is_told_from_no_engine_at_all() {
    for vector in vectors().frames {
        let Some(version) = vector.other_version else { continue };
        let bytes = bytes_of(&vector);
        let body = first_frame(&bytes).expect("readable").expect("whole").0.body;
        assert_eq!((version_of(body), Greeting::decode(body)), (Some(version), None));
    }
}

#[test]
fn an_intent_of_other_content_or_of_another_host_has_another_digest() {
    let Vectors { host, frames } = vectors();
    let bytes = bytes_of(&frames[0]);
    let body = first_frame(&bytes).expect("readable").expect("whole").0.body;
    let Ok(Request::Fire(fire)) = Request::decode(kind::FIRE, body) else { panic!("a shot") };
    assert!(fire.is_of_its_digest(&host));
    assert!(!fire.is_of_its_digest("engine-2"));
    let others = [
        FireRequest { is_dry_run: true, ..fire },
        FireRequest { not_after_ms: fire.not_after_ms + 1, ..fire },
        FireRequest { contracts_max: Quantity::from_counts(1), ..fire },
        FireRequest { edge_min: Price::from_counts(1), ..fire },
        FireRequest { limit_price: [fire.limit_price[NO], fire.limit_price[YES]], ..fire },
    ];
    for other in others {
        assert!(!other.is_of_its_digest(&host), "{other:?}");
    }
    let of_legs = FireRequest { quantity: [Quantity::from_counts(1); 2], ..fire };
    assert!(of_legs.is_of_its_digest(&host), "the intent says the most, the legs what is wanted");
}

proptest! {
    #[test]
    fn no_bytes_are_too_bad_for_a_body(kind: u8, body in vec(any::<u8>(), 0..1_008)) {
        let _ = (Request::decode(kind, &body), Answer::decode(kind, &body));
        let _ = (Greeting::decode(&body), version_of(&body), first_frame(&body));
    }

    #[test]
    fn whatever_is_read_of_changed_bytes_is_written_back_alike(
        which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), byte: u8,
    ) {
        let frames: Vec<_> = vectors().frames.into_iter().filter(|of| of.frame.is_some()).collect();
        let mut bytes = bytes_of(&frames[which.index(frames.len())]);
        let at = place.index(bytes.len());
        bytes[at] = byte;
        let Ok(Some((frame, length))) = first_frame(&bytes) else { return Ok(()) };
        if let Ok(request) = Request::decode(frame.kind, frame.body) {
            prop_assert_eq!(&request.with_frame(frame.number, rewritten)[..], &bytes[..length]);
        }
        if let Some(answer) = Answer::decode(frame.kind, frame.body) {
            let again = answer.with_frame(frame.number, rewritten);
            let read = first_frame(&again).expect("ours").expect("whole").0;
            prop_assert_eq!(Answer::decode(read.kind, read.body), Some(answer));
        }
    }
}
