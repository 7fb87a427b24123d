//! Both venues, as far as a shot sees them: TLS by an authority that is made at the start, a fixed
//! answer to each request, and when the first byte of each came.
//!
//! A stamp is the time at which the reading of the socket that holds a request's first byte has
//! returned, before anything is decrypted. Stamps are told after the run and not during it.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::wire::Clock;
use rustls::ServerConnection;
use serde::{Deserialize, Serialize};

use crate::venue::{Session, TestVenue};

/// As either venue says that all of it was filled.
const POLYMARKET: (&str, &str) = (
    "200 OK",
    r#"{"success":true,"errorMsg":"","orderID":"0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","status":"matched","makingAmount":"12.3","takingAmount":"30","transactionsHashes":[],"tradeIDs":["7c1a0b52-8f0e-4a3f-9c53-5a54a2a5a0f1"]}"#,
);
const KALSHI: (&str, &str) = (
    "201 Created",
    r#"{"order_id":"3f0c8d52-8f0e-4a3f-9c53-5a54a2a5a0f1","client_order_id":"5q3ydqfsx2kmkqb6ivjyv3eqma","fill_count":"30.00","remaining_count":"0.00","ts_ms":1}"#,
);
const READ_BYTES: usize = 16_384;

/// Where a venue listens, and by whom it proves its name.
#[derive(Debug, Deserialize, Serialize)]
pub struct Place {
    /// On loopback.
    pub address: SocketAddr,
    /// PEM.
    pub roots: String,
}

/// The first line that the process says.
#[derive(Debug, Deserialize, Serialize)]
pub struct Listening {
    /// Takes orders for shares.
    pub polymarket: Place,
    /// Takes orders for contracts.
    pub kalshi: Place,
}

/// The second line, once its standard input has ended. By connection, in the order in which they
/// were made, and in it by request: nanoseconds of the monotonic clock, which all processes share.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Stamps {
    /// Of orders for shares.
    pub polymarket: Vec<Vec<u64>>,
    /// Of orders for contracts.
    pub kalshi: Vec<Vec<u64>>,
}

type ByConnection = Arc<Mutex<Vec<Vec<u64>>>>;

struct Stub {
    venue: TestVenue,
    stamps: ByConnection,
}

/// Serves until its standard input ends, which is also where whoever has started it is gone.
pub fn run() -> io::Result<()> {
    let (polymarket, kalshi) = (Stub::start(POLYMARKET), Stub::start(KALSHI));
    say(&Listening { polymarket: polymarket.place(), kalshi: kalshi.place() })?;
    io::stdin().read_to_end(&mut Vec::new())?;
    say(&Stamps { polymarket: polymarket.stamps(), kalshi: kalshi.stamps() })
}

fn say(line: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    writeln!(out)?;
    out.flush()
}

impl Stub {
    fn start((status, body): (&str, &str)) -> Self {
        let (answer, stamps) = (response(status, body), ByConnection::default());
        let kept = Arc::clone(&stamps);
        // A connection that ends has said all that is asked of it.
        let venue = TestVenue::start(move |session| drop(serve(session, &answer, &kept)));
        Self { venue, stamps }
    }

    fn place(&self) -> Place {
        Place { address: self.venue.address, roots: self.venue.roots.clone() }
    }

    fn stamps(&self) -> Vec<Vec<u64>> {
        self.stamps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn response(status: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n");
    format!("{head}Content-Length: {length}\r\n\r\n{body}")
}

fn serve(session: &mut Session, answer: &str, stamps: &ByConnection) -> io::Result<()> {
    let (mut room, mut plain) = ([0; READ_BYTES], Vec::with_capacity(READ_BYTES));
    let mut first_ns = None;
    loop {
        let bytes = session.stream.sock.read(&mut room)?;
        let now_ns = SystemClock.monotonic_ns();
        if bytes == 0 {
            return Ok(());
        }
        let began_ns = *first_ns.get_or_insert(now_ns);
        decrypt(&mut session.stream.conn, &room[..bytes], &mut plain)?;
        if let Some(length) = request_length(&plain) {
            plain.drain(..length);
            session.send(answer.as_bytes());
            keep(stamps, session.number, began_ns);
            first_ns = None; // never pipelined: the next byte is another request's
        }
    }
}

fn decrypt(tls: &mut ServerConnection, mut bytes: &[u8], plain: &mut Vec<u8>) -> io::Result<()> {
    while !bytes.is_empty() {
        tls.read_tls(&mut bytes)?;
        let state = tls.process_new_packets().map_err(io::Error::other)?;
        let length = plain.len();
        plain.resize(length + state.plaintext_bytes_to_read(), 0);
        tls.reader().read_exact(&mut plain[length..])?;
    }
    Ok(())
}

fn keep(stamps: &ByConnection, connection: usize, stamp_ns: u64) {
    let mut all = stamps.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() <= connection {
        all.resize(connection + 1, Vec::new());
    }
    all[connection].push(stamp_ns);
}

/// How long the request is that these bytes begin with, if all of it is there.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let body = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let length = head + body.unwrap_or(0_usize);
    (bytes.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use legwork_engine_core::wire::{Progress, ResponseReader};

    use super::*;

    const REQUEST: &[u8] = b"POST /order HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\n\r\nabc";

    #[test]
    fn a_request_is_whole_with_the_last_byte_of_its_body() {
        for length in 0..REQUEST.len() {
            assert_eq!(request_length(&REQUEST[..length]), None, "{length}");
        }
        let two = [REQUEST, b"POST"].concat();
        assert_eq!(request_length(&two), Some(REQUEST.len()));
    }

    #[test]
    fn a_request_without_a_body_ends_with_its_head() {
        let request = b"GET /time HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(request_length(request), Some(request.len()));
    }

    #[test]
    fn both_answers_are_whole_responses_that_leave_the_connection_open() {
        for (status, body) in [POLYMARKET, KALSHI] {
            let mut reader = ResponseReader::new();
            let answer = response(status, body);
            assert_eq!(reader.read(answer.as_bytes()), Progress::Whole, "{answer}");
            assert!(reader.leaves_connection_open());
        }
    }
}
