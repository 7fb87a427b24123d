//! What comes before a tick's text: its record is read from a socket and decrypted.

use std::time::{Duration, Instant};

use legwork_engine_core::clock::{SystemClock, read};

use crate::alone::PART;
use crate::from_tick::WARM_UP_SHARE;
use crate::report::{Row, histogram};
use crate::streams::venue::until;
use crate::streams::{Desk, Step, Streaming, rain};
use crate::ticks::{self, EDGE_GOES, kalshi_delta, kalshi_snapshot};

const SUBSCRIBED: &str =
    r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;

/// The text alone, and all of it.
pub fn rows(rounds: usize) -> [Row; 2] {
    [text(rounds), from_socket(rounds)]
}

/// What a tick's text costs, whatever is decided by it.
fn text(rounds: usize) -> Row {
    let mut books = ticks::Desk::open_at(1);
    timed("the text of a delta, taken in", rounds, |text| {
        let began = Instant::now();
        books.kalshi.take(&text, 2);
        Some(began.elapsed())
    })
}

/// By one poll, with the record in the kernel already.
fn from_socket(rounds: usize) -> Row {
    let stream = Streaming::start();
    let mut desk = Desk::kalshi(&stream.venue);
    desk.follow(rain());
    drop(stream.hears(|| desk.poll()));
    stream.says(SUBSCRIBED);
    stream.says(&kalshi_snapshot());
    until("the book is known", || {
        desk.poll();
        !std::mem::take(&mut desk.told).is_empty()
    });
    timed("a delta from its socket: read, decrypted, taken in", rounds, |text| {
        stream.does(Step::Told(text));
        assert!(stream.has_told());
        let mut is_there = false;
        let began = Instant::now();
        desk.data.poll(read(&SystemClock), |_| is_there = true);
        let took = is_there.then(|| began.elapsed());
        until("it is there", || {
            is_there || {
                desk.data.poll(read(&SystemClock), |_| is_there = true);
                is_there
            }
        });
        took
    })
}

/// `once` tells how long it took; `None`: it is not counted.
fn timed(what: &str, rounds: usize, mut once: impl FnMut(String) -> Option<Duration>) -> Row {
    let (mut took, warm_up) = (histogram(), rounds / WARM_UP_SHARE);
    let mut round = 0;
    while took.len() < u64::try_from(rounds).unwrap_or(u64::MAX) {
        let once_took = once(kalshi_delta(round, EDGE_GOES));
        round += 1;
        if let Some(once_took) = once_took.filter(|_| round > warm_up) {
            took.saturating_record(u64::try_from(once_took.as_nanos()).unwrap_or(u64::MAX));
        }
    }
    Row::of(PART, what, &took)
}
