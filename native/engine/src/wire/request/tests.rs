use super::*;

fn form() -> RequestForm {
    RequestForm::new("POST", "/order", "clob.polymarket.com")
        .header("Content-Type", "application/json")
        .hole("POLY_TIMESTAMP", 10)
        .hole("POLY_SIGNATURE", 44)
}

fn with_stamp() -> (PreparedRequest, Hole) {
    let request = form().prepare(1_000).expect("a form");
    let stamp = request.hole("POLY_TIMESTAMP").expect("a hole");
    (request, stamp)
}

#[test]
fn what_is_patched_is_what_is_sent() {
    let (mut request, stamp) = with_stamp();
    let signature = request.hole("POLY_SIGNATURE").expect("a hole");
    request.patch(stamp, b"1713398400").expect("ten digits");
    request.patch(signature, &[b's'; 44]).expect("44 characters");
    request.set_body(br#"{"orderType":"FOK"}"#).expect("there is room");
    let expected = format!(
        "POST /order HTTP/1.1\r\nHost: clob.polymarket.com\r\n\
         Content-Type: application/json\r\nPOLY_TIMESTAMP: 1713398400\r\n\
         POLY_SIGNATURE: {}\r\nContent-Length:    19\r\n\r\n{{\"orderType\":\"FOK\"}}",
        "s".repeat(44)
    );
    assert_eq!(request.bytes(), Ok(expected.as_bytes()));
    assert_eq!(request.body(), br#"{"orderType":"FOK"}"#);
}

#[test]
fn what_is_secret_is_known_by_its_place_and_a_body_takes_its_own_with_it() {
    let form = RequestForm::new("POST", "/", "h").secret("K", "key").header("A", "b");
    let mut request = form.secret("P", "phrase").prepare(20).expect("a form");
    let secrets = |request: &PreparedRequest| -> Vec<String> {
        let bytes = request.bytes().expect("no holes");
        let of = |place: &Range<usize>| String::from_utf8_lossy(&bytes[place.clone()]).into();
        request.secrets().iter().map(of).collect()
    };
    assert_eq!(secrets(&request), ["key", "phrase"]);
    request.set_body_with(br#"{"owner":"key"}"#, 10..13).expect("there is room");
    assert_eq!(secrets(&request), ["key", "phrase", "key"]);
    request.set_body(b"{}").expect("there is room");
    assert_eq!(secrets(&request), ["key", "phrase"]);
}

#[test]
fn a_value_of_another_width_changes_nothing() {
    let (mut request, stamp) = with_stamp();
    for (value, bytes) in [(&b"171339840"[..], 9), (b"17133984000", 11)] {
        let wrong = RequestError::WrongWidth { width: 10, bytes };
        assert_eq!(request.patch(stamp, value), Err(wrong));
    }
    assert_eq!(request.patch(Hole(2), b""), Err(RequestError::NotAHole));
    assert_eq!(request.hole("POLY_ADDRESS"), None);
}

#[test]
fn a_request_with_an_empty_hole_is_not_sent_nor_a_stamp_twice() {
    let mut request = RequestForm::new("GET", "/", "h").hole("A", 1).prepare(0).expect("one");
    assert_eq!(request.bytes(), Err(RequestError::HoleEmpty));
    request.patch(Hole(0), b"1").expect("its width");
    assert!(request.bytes().is_ok());
    request.empty_holes();
    assert_eq!(request.bytes(), Err(RequestError::HoleEmpty));
}

#[test]
fn nothing_can_end_a_line_that_it_stands_in() {
    let wrong = |form: RequestForm| form.prepare(0).is_err();
    assert!(wrong(RequestForm::new("POST", "/a b", "h")));
    assert!(wrong(RequestForm::new("POST", "/\r\n", "h")));
    assert!(wrong(RequestForm::new("POST", "/", "h\r\nX: 1")));
    assert!(wrong(form().header("A: b", "c")));
    assert!(wrong(form().header("A", "c\n")));
    let (mut request, stamp) = with_stamp();
    assert!(request.patch(stamp, b"17\r\n398400").is_err());
}

#[test]
fn a_body_fits_to_its_last_byte_and_leaves_nothing_of_the_one_before() {
    let mut request = RequestForm::new("POST", "/", "h").prepare(12).expect("a form");
    request.set_body(&[b'x'; 12]).expect("it fits");
    assert!(request.bytes().is_ok_and(|bytes| bytes.ends_with(b":    12\r\n\r\nxxxxxxxxxxxx")));
    let too_long = RequestError::BodyTooLong { room: 12, bytes: 13 };
    assert_eq!(request.set_body(&[b'x'; 13]), Err(too_long));
    request.set_body(b"y").expect("it fits");
    assert!(request.bytes().is_ok_and(|bytes| bytes.ends_with(b":     1\r\n\r\ny")));
    assert!(form().prepare(BODY_BYTES_LIMIT + 1).is_err());
}
