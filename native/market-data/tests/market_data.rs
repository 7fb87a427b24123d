//! From a venue's frames to the tops that a shot is decided on.

mod support;

use legwork_engine_core::feeds::LineState;
use legwork_engine_core::shot::Venue;
use legwork_engine_market_data::{CLOSED_MS_MAX, Market, Outcome};
use support::venue::{SECOND_NS, until};
use support::{CONDITION, Desk, RAIN, Step, Streaming, TOKENS, cents, condition, grid, of, rain};
use tungstenite::Message;

const SUBSCRIBED: &str =
    r#"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;

fn snapshot(seq: u32, yes: &str) -> String {
    format!(
        r#"{{"type":"orderbook_snapshot","sid":1,"seq":{seq},"msg":{{"market_ticker":"{RAIN}","yes_dollars_fp":[{yes}],"no_dollars_fp":[["0.50","3.00"]]}}}}"#
    )
}

fn delta(seq: u32, by: &str) -> String {
    format!(
        r#"{{"type":"orderbook_delta","sid":1,"seq":{seq},"msg":{{"market_ticker":"{RAIN}","price_dollars":"0.45","delta_fp":"{by}","side":"yes"}}}}"#
    )
}

fn book(token: &str, bid: &str) -> String {
    format!(
        r#"{{"event_type":"book","market":"{CONDITION}","asset_id":"{token}","timestamp":"1","bids":[{{"price":"{bid}","size":"7"}}],"asks":[]}}"#
    )
}

fn change(bid: &str) -> String {
    let token = TOKENS[1];
    format!(
        r#"{{"event_type":"price_change","market":"{CONDITION}","timestamp":"2","price_changes":[{{"asset_id":"{token}","price":"{bid}","size":"9","side":"BUY"}}]}}"#
    )
}

/// A desk that follows a market of Kalshi's and has its first book.
fn kalshi() -> (Streaming, Desk) {
    let kalshi = Streaming::start();
    let mut desk = Desk::kalshi(&kalshi.venue);
    desk.follow(rain());
    assert!(kalshi.hears_text(&mut desk).contains(r#""cmd":"subscribe""#));
    kalshi.says(SUBSCRIBED);
    kalshi.says(&snapshot(1, r#"["0.45","10.00"]"#));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0.45×10 | 0.5×3");
    (kalshi, desk)
}

fn polymarket() -> (Streaming, Desk) {
    let polymarket = Streaming::start();
    let mut desk = Desk::polymarket(&polymarket.venue);
    desk.follow(condition());
    let asked = r#"{"assets_ids":["1111","2222"],"type":"market","custom_feature_enabled":true}"#;
    assert_eq!(polymarket.hears_text(&mut desk), asked);
    polymarket.says(&format!("[{},{}]", book(TOKENS[0], "0.41"), book(TOKENS[1], "0.55")));
    desk.until_top(of(Venue::Polymarket, Outcome::No), "0.55×7 | 0×0");
    (polymarket, desk)
}

#[test]
fn a_book_of_kalshi_is_both_outcomes_and_its_changes_are_told_with_the_time_of_their_bytes() {
    let (kalshi, mut desk) = kalshi();
    assert_eq!(desk.top(of(Venue::Kalshi, Outcome::No)), "0.5×3 | 0.55×10");
    let both = [Outcome::Yes, Outcome::No].map(|is| (Venue::Kalshi, RAIN.to_owned(), is));
    assert_eq!(desk.told, both);
    let before_ns = desk.now().monotonic_ns;
    kalshi.says(&delta(2, "2.50"));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0.45×12.5 | 0.5×3");
    let after_ns = desk.now().monotonic_ns;
    let tick_ns = *desk.ticks.last().expect("told");
    assert!((before_ns..=after_ns).contains(&tick_ns));
    assert_eq!(desk.data.top(of(Venue::Kalshi, Outcome::No)).heard_ns, tick_ns);
}

#[test]
fn who_hangs_up_costs_every_book_and_the_next_connection_brings_them_back() {
    let (kalshi, mut desk) = kalshi();
    desk.told.clear();
    kalshi.does(Step::HangUp);
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "unknown");
    assert_eq!(desk.told.len(), 2, "both outcomes");
    assert_eq!(desk.data.state(Venue::Kalshi, desk.now().monotonic_ns), LineState::Down);
    let trouble = desk.data.trouble(Venue::Kalshi).map(ToString::to_string);
    assert_eq!(trouble.as_deref(), Some("venue.test has hung up"));
    assert!(kalshi.hears_text(&mut desk).contains(r#""cmd":"subscribe""#));
    kalshi.says(&SUBSCRIBED.replacen('1', "2", 1));
    kalshi.says(&snapshot(1, ""));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0×0 | 0.5×3");
    assert_eq!(desk.data.counts(Venue::Kalshi).opened, 2);
}

#[test]
fn a_market_that_nobody_trades_any_more_is_let_go_before_it_closes() {
    let (kalshi, mut desk) = kalshi();
    desk.data.forget(Venue::Kalshi, "KXSNOW");
    desk.data.forget(Venue::Kalshi, RAIN);
    assert!(kalshi.hears_text(&mut desk).contains(r#""action":"delete_markets""#));
    assert!(desk.data.book(of(Venue::Kalshi, Outcome::Yes)).is_none());
    desk.follow(rain());
    assert!(kalshi.hears_text(&mut desk).contains(r#""action":"add_markets""#));
}

#[test]
fn a_message_that_is_missing_costs_the_book_until_its_snapshot_comes_again() {
    let (kalshi, mut desk) = kalshi();
    kalshi.says(&delta(3, "2.50"));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "unknown");
    assert_eq!(desk.data.counts(Venue::Kalshi).feed.gaps, 1);
    assert!(kalshi.hears_text(&mut desk).contains(r#""action":"get_snapshot""#));
    kalshi.says(&snapshot(4, r#"["0.44","1.00"]"#));
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "0.44×1 | 0.5×3");
    assert_eq!(desk.data.counts(Venue::Kalshi).opened, 1);
}

#[test]
fn a_token_of_polymarket_is_one_outcome() {
    let (polymarket, mut desk) = polymarket();
    assert_eq!(desk.top(of(Venue::Polymarket, Outcome::Yes)), "0.41×7 | 0×0");
    desk.told.clear();
    polymarket.says(&change("0.56"));
    desk.until_top(of(Venue::Polymarket, Outcome::No), "0.56×9 | 0×0");
    assert_eq!(desk.told, [(Venue::Polymarket, CONDITION.to_owned(), Outcome::No)]);
}

#[test]
fn polymarket_is_sent_the_text_that_it_wants_every_ten_seconds() {
    let (polymarket, mut desk) = polymarket();
    // Three steps, or the silence in between would be too long.
    for _ in 0..3 {
        desk.ahead_ns += 4 * SECOND_NS;
        polymarket.says(&change("0.56"));
        until("heard", || {
            desk.poll();
            desk.data.state(Venue::Polymarket, desk.now().monotonic_ns) == LineState::Alive
        });
    }
    assert_eq!(polymarket.hears_text(&mut desk), "PING");
}

#[test]
fn a_quiet_connection_is_pinged_and_its_answer_is_word_enough() {
    let (kalshi, mut desk) = kalshi();
    desk.ahead_ns += 3 * SECOND_NS;
    assert_eq!(kalshi.hears(|| desk.poll()), Message::Ping(Vec::new().into()));
    let is_stale =
        |desk: &Desk| desk.data.state(Venue::Kalshi, desk.now().monotonic_ns) == LineState::Stale;
    assert!(is_stale(&desk));
    kalshi.does(Step::Flush);
    until("its pong is heard", || {
        desk.poll();
        !is_stale(&desk)
    });
    assert_eq!(desk.told.len(), 2, "nothing has changed by it");
}

#[test]
fn a_connection_that_is_silent_for_too_long_is_given_up_and_made_anew() {
    let (_kalshi, mut desk) = kalshi();
    desk.ahead_ns += 6 * SECOND_NS;
    desk.until_top(of(Venue::Kalshi, Outcome::Yes), "unknown");
    let trouble = desk.data.trouble(Venue::Kalshi).expect("why").to_string();
    assert!(trouble.starts_with("venue.test was silent"), "{trouble}");
}

#[test]
fn what_closed_ten_minutes_ago_is_let_go_and_not_followed() {
    let (kalshi, mut desk) = kalshi();
    let closes_at_ms = desk.now().unix_ns / 1_000_000;
    desk.follow(Market { closes_at_ms, ..rain() });
    desk.ahead_ns = (CLOSED_MS_MAX - 1_000) * 1_000_000;
    desk.data.follow(&[], desk.now());
    assert!(desk.data.book(of(Venue::Kalshi, Outcome::Yes)).is_some());
    desk.ahead_ns = (CLOSED_MS_MAX + 1_000) * 1_000_000;
    desk.follow(Market { closes_at_ms, ..rain() });
    assert!(desk.data.book(of(Venue::Kalshi, Outcome::Yes)).is_none());
    desk.ahead_ns = 0;
    assert!(kalshi.hears_text(&mut desk).contains(r#""action":"delete_markets""#));
}

#[test]
fn a_market_that_is_resolved_is_not_followed_again_though_a_pair_still_names_it() {
    let (polymarket, mut desk) = polymarket();
    let resolved = format!(r#"{{"event_type":"market_resolved","market":"{CONDITION}"}}"#);
    polymarket.says(&resolved);
    until("it is let go", || {
        desk.poll();
        desk.data.book(of(Venue::Polymarket, Outcome::No)).is_none()
    });
    desk.follow(condition());
    assert!(desk.data.book(of(Venue::Polymarket, Outcome::No)).is_none());
    assert!(polymarket.hears_text(&mut desk).contains(r#""operation":"unsubscribe""#));
}

#[test]
fn a_market_with_another_tick_starts_again_with_it() {
    let (polymarket, mut desk) = polymarket();
    desk.follow(condition());
    assert_eq!(desk.top(of(Venue::Polymarket, Outcome::No)), "0.55×7 | 0×0");
    desk.follow(Market { grid: grid("0.001"), ..condition() });
    assert_eq!(desk.top(of(Venue::Polymarket, Outcome::No)), "unknown");
    polymarket.says(&book(TOKENS[1], "0.555"));
    desk.until_top(of(Venue::Polymarket, Outcome::No), "0.555×7 | 0×0");
}

#[test]
fn a_market_of_a_venue_without_a_stream_is_left_out_and_nothing_is_connected_for_nothing() {
    let polymarket = Streaming::start();
    let mut desk = Desk::polymarket(&polymarket.venue);
    desk.follow(Market { grid: cents(), ..rain() });
    desk.poll();
    assert!(desk.data.book(of(Venue::Kalshi, Outcome::Yes)).is_none());
    assert_eq!((desk.data.waits_for().count(), polymarket.venue.accepted()), (0, 0));
    desk.follow(condition());
    desk.poll();
    assert_eq!(desk.data.waits_for().count(), 1);
}
