//! Responses as bytes: any bytes, and any splitting of good ones.

use legwork_engine_core::wire::{
    BODY_BYTES_MAX, HEAD_BYTES_MAX, Progress, ResponseReader, Unreadable,
};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> ResponseReader {
    let mut reader = ResponseReader::new();
    reader.read(bytes);
    reader
}

fn chunked(body: &[u8], chunk: usize) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(chunk) {
        bytes.extend(format!("{:X}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    bytes
}

/// Bytes that look a little like a response, so that not each ends at its first line.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "HTTP/1.1 200 OK",
        "HTTP/1.1 100 C",
        "HTTP/1.0 204 N",
        "HTTP/1.1 099 X",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "Content-Length: 3",
        "Content-Length: 99999999999999999999",
        "content-length: -1",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Connection: close",
        "0",
        "5",
        "ffffffff",
        ";",
        ":",
        "{}",
        "\0",
        "é",
    ]);
    let words = prop::collection::vec(word, 0..24).prop_map(|words| words.concat().into_bytes());
    prop_oneof![words, prop::collection::vec(any::<u8>(), 0..400)]
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic_and_none_are_kept_beyond_the_limits(
        pieces in prop::collection::vec(noise(), 0..6),
    ) {
        let mut reader = ResponseReader::new();
        for piece in &pieces {
            reader.read(piece);
        }
        let progress = reader.closed();
        prop_assert_eq!(reader.response().is_some(), progress == Progress::Whole);
        if let Some(response) = reader.response() {
            prop_assert!(response.status >= 200 && response.body.len() <= BODY_BYTES_MAX);
        }
    }

    #[test]
    fn any_splitting_of_a_response_reads_the_same(
        body in prop::collection::vec(any::<u8>(), 0..300),
        (chunk, is_chunked) in (1_usize..40, any::<bool>()),
        mut cuts in prop::collection::vec(0_usize..600, 0..12),
    ) {
        let bytes = if is_chunked { chunked(&body, chunk) } else { with_length(&body) };
        cuts.retain(|cut| *cut < bytes.len());
        cuts.sort_unstable();
        let mut reader = ResponseReader::new();
        let mut from = 0;
        for cut in cuts {
            prop_assert_eq!(reader.read(&bytes[from..cut]), Progress::Partial);
            from = cut;
        }
        prop_assert_eq!(reader.read(&bytes[from..]), Progress::Whole);
        prop_assert_eq!(reader.response().map(|response| response.body.to_vec()), Some(body));
        prop_assert!(reader.leaves_connection_open());
    }

    #[test]
    fn a_response_without_its_end_is_never_whole(
        body in prop::collection::vec(any::<u8>(), 1..300),
        (chunk, is_chunked) in (1_usize..40, any::<bool>()),
        missing in 1_usize..20,
    ) {
        let bytes = if is_chunked { chunked(&body, chunk) } else { with_length(&body) };
        let mut reader = read(&bytes[..bytes.len() - missing]);
        prop_assert_eq!(reader.closed(), Progress::Partial);
    }
}

#[test]
fn both_sides_of_every_limit() {
    let head = |bytes: usize| {
        let frame = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: \r\n\r\n".len();
        let filled = "x".repeat(bytes - frame);
        read(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: {filled}\r\n\r\n").as_bytes())
    };
    assert_eq!(head(HEAD_BYTES_MAX).progress(), Progress::Whole);
    let too_long = Progress::Unreadable(Unreadable::HeadTooLong);
    assert_eq!(head(HEAD_BYTES_MAX + 1).progress(), too_long);

    let (most, more) = (vec![b'x'; BODY_BYTES_MAX], vec![b'x'; BODY_BYTES_MAX + 1]);
    let until_closed = |body: &[u8]| {
        let mut reader = read(&[b"HTTP/1.1 200 OK\r\n\r\n", body].concat());
        reader.closed()
    };
    let too_long = Progress::Unreadable(Unreadable::BodyTooLong);
    assert_eq!(read(&with_length(&most)).progress(), Progress::Whole);
    assert_eq!(read(&with_length(&more)).progress(), too_long);
    assert_eq!(read(&chunked(&most, 1_000)).progress(), Progress::Whole);
    assert_eq!(read(&chunked(&more, 1_000)).progress(), too_long);
    assert_eq!((until_closed(&most), until_closed(&more)), (Progress::Whole, too_long));
}

#[test]
fn what_is_behind_an_answer_ends_the_connection_and_changes_nothing_of_it() {
    let twice = [with_length(b"first"), with_length(b"second")].concat();
    let reader = read(&twice);
    assert_eq!(reader.response().map(|response| response.body), Some(&b"first"[..]));
    assert!(!reader.leaves_connection_open());
}

#[test]
fn where_the_end_is_in_doubt_nothing_is_read() {
    let unknown = Progress::Unreadable(Unreadable::EndUnknown);
    for headers in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: +2",
        "Content-Length: 0x2",
        "Content-Length: ",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        let reader = read(format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{{}}").as_bytes());
        assert_eq!(reader.progress(), unknown, "{headers}");
    }
    let same = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}");
    assert_eq!(same.progress(), Progress::Whole);
}

#[test]
fn whether_another_request_may_follow_is_what_the_response_says() {
    let stays = |head: &str| read(format!("{head}\r\n\r\n").as_bytes()).leaves_connection_open();
    assert!(stays("HTTP/1.1 204 No Content"));
    assert!(stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive"));
    assert!(!stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: foo, CLOSE"));
    assert!(!stays("HTTP/1.0 200 OK\r\nContent-Length: 0"));
}
