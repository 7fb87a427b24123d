//! Kalshi's books, frame by frame.

#[path = "support/feed_desks.rs"]
mod feed_desks;
#[path = "support/market_data.rs"]
mod market_data;

use feed_desks::{Kalshi, RAIN, SECOND_NS, SNOW, delta, said, shown, snapshot};
use legwork_engine_core::books::{Band, Grid, Unknown};
use legwork_engine_core::feeds::LineState;
use legwork_engine_core::feeds::kalshi::KalshiFeed;
use market_data::{cents, of};
use proptest::prelude::*;
use proptest::sample::Index;

#[test]
fn there_is_no_book_before_the_first_snapshot_and_bids_for_no_are_offers_of_yes() {
    let mut desk = Kalshi::subscribed();
    let asked = r#"{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_tickers":["KXRAIN-26NOV21","KXSNOW-26NOV21"]}}"#;
    assert_eq!(desk.said(), [asked]);
    assert_eq!(desk.rain().top().err(), Some(Unknown::NoSnapshot));
    let desk = Kalshi::open();
    assert_eq!(desk.shown(desk.rain), "bids 0.45×10 0.4×5 asks 0.5×3");
    let [yes, no] = desk.feed.books(desk.rain).expect("followed");
    assert_eq!(shown(no, yes), "bids 0.5×3 asks 0.55×10 0.6×5");
    assert_eq!(yes.heard_ns(), 1);
}

#[test]
fn a_delta_changes_its_level_alone() {
    for (change, expected) in [
        (["yes", "0.45", "2.50"], "bids 0.45×12.5 0.4×5 asks 0.5×3"),
        (["no", "0.50", "-1.00"], "bids 0.45×10 0.4×5 asks 0.5×2"),
        (["no", "0.50", "-3.00"], "bids 0.45×10 0.4×5 asks"),
        (["yes", "0.46", "1.00"], "bids 0.46×1 0.45×10 0.4×5 asks 0.5×3"),
        (["no", "0.50", "-3.01"], "Some(NegativeQuantity)"),
        (["no", "0.55", "1"], "Some(Crossed)"),
        (["no", "0.555", "1"], "Some(OffGrid)"),
    ] {
        let mut desk = Kalshi::open();
        assert_eq!(desk.feed.take(&delta(2, RAIN, change), 2), [desk.rain]);
        assert_eq!(desk.shown(desk.rain), expected, "{change:?}");
        let is_asked = desk.said().iter().any(|text| text.contains("get_snapshot"));
        assert_eq!(is_asked, expected.starts_with("Some"), "{change:?}");
    }
}

#[test]
fn a_market_whose_legal_prices_are_others_by_now_starts_anew_and_any_other_stays() {
    let mut desk = Kalshi::open();
    desk.said();
    assert_eq!(desk.feed.follow(RAIN, cents()), desk.rain);
    assert!(desk.said().is_empty());
    let half_cents = Band { start: of("0.005"), end: of("0.995"), step: of("0.005") };
    let rain = desk.feed.follow(RAIN, Grid::new(&[half_cents]).expect("a grid"));
    let of_rain = |number, action| {
        format!(
            r#"{{"id":{number},"cmd":"update_subscription","params":{{"sids":[1],"market_tickers":["{RAIN}"],"action":"{action}"}}}}"#
        )
    };
    assert_eq!(desk.said(), [of_rain(2, "delete_markets"), of_rain(3, "add_markets")]);
    assert!(desk.feed.books(desk.rain).is_none(), "the book of the old prices");
    desk.feed.take(&snapshot(2, RAIN, &[("0.455", "1")], &[]), 2);
    assert_eq!(desk.shown(rain), "bids 0.455×1 asks");
}

#[test]
fn a_hole_in_the_sequence_costs_every_market_until_its_snapshot_comes_again() {
    let mut desk = Kalshi::open();
    desk.feed.take(&snapshot(2, SNOW, &[], &[]), 2);
    let (rain, snow) = (desk.rain, desk.snow);
    assert_eq!(desk.feed.take(&delta(4, RAIN, ["yes", "0.45", "1"]), 3), [rain, snow]);
    assert_eq!((desk.shown(rain), desk.shown(snow)), ("Some(Gap)".into(), "Some(Gap)".into()));
    let asked = r#"{"id":2,"cmd":"update_subscription","params":{"sids":[1],"market_tickers":["KXRAIN-26NOV21","KXSNOW-26NOV21"],"action":"get_snapshot"}}"#;
    assert_eq!(desk.said(), [asked]);
    assert!(desk.feed.take(&delta(5, RAIN, ["yes", "0.45", "1"]), 4).is_empty());
    desk.feed.take(&snapshot(6, RAIN, &[("0.44", "1")], &[]), 5);
    assert_eq!(desk.shown(rain), "bids 0.44×1 asks");
    assert_eq!(desk.shown(snow), "Some(Gap)");
    desk.feed.poll(3 + 2 * SECOND_NS);
    assert!(desk.said().contains(&"Reconnect".into()), "one was not sent again in time");
}

#[test]
fn a_frame_of_another_subscription_says_nothing_and_an_answer_counts() {
    let mut desk = Kalshi::open();
    let other = delta(9, RAIN, ["yes", "0.45", "1"]).replace(r#""sid":1"#, r#""sid":2"#);
    assert!(desk.feed.take(&other, 2).is_empty());
    desk.feed.take(r#"{"id":2,"sid":1,"seq":2,"type":"ok"}"#, 2);
    desk.feed.take(&delta(3, RAIN, ["yes", "0.45", "1"]), 3);
    assert_eq!(desk.shown(desk.rain), "bids 0.45×11 0.4×5 asks 0.5×3");
}

#[test]
fn a_lost_connection_costs_every_book_and_the_next_one_starts_from_snapshots() {
    let mut desk = Kalshi::open();
    assert_eq!(desk.feed.closed(), [desk.rain]);
    assert_eq!(desk.shown(desk.rain), "Some(Disconnected)");
    assert_eq!(desk.feed.state(5), LineState::Down);
    desk.feed.take(&delta(2, RAIN, ["yes", "0.45", "1"]), 5);
    assert_eq!(desk.shown(desk.rain), "Some(Disconnected)");
    desk.feed.opened(6);
    assert_eq!(desk.said().len(), 1);
    desk.feed
        .take(r#"{"id":2,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":7}}"#, 7);
    let again = snapshot(40, RAIN, &[("0.44", "1")], &[]).replace(r#""sid":1"#, r#""sid":7"#);
    desk.feed.take(&again, 8);
    assert_eq!(desk.shown(desk.rain), "bids 0.44×1 asks");
}

#[test]
fn one_market_that_the_venue_does_not_know_does_not_cost_the_others() {
    let mut feed = KalshiFeed::new();
    let (rain, snow) = (feed.follow(RAIN, cents()), feed.follow(SNOW, cents()));
    feed.opened(1);
    feed.take(r#"{"id":1,"type":"error","msg":{"code":16,"msg":"Market not found"}}"#, 1);
    feed.take(r#"{"id":2,"type":"error","msg":{"code":16,"msg":"Market not found"}}"#, 1);
    let said = said(|| feed.next_outgoing());
    assert!(said[1].contains(RAIN) && !said[1].contains(SNOW), "{said:?}");
    assert!(said[2].contains(SNOW) && !said[2].contains(RAIN), "{said:?}");
    assert_eq!(feed.books(rain).expect("followed")[0].top().err(), Some(Unknown::NoSnapshot));
    assert!(feed.books(snow).is_some());
}

const UNKNOWN: &str = r#"{"id":ID,"type":"error","msg":{"code":16,"msg":"Market not found"}}"#;
const SUBSCRIBED: &str =
    r#"{"id":ID,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#;
const HALF_MINUTE_NS: u64 = 30 * SECOND_NS;

/// The answer to that command.
fn to(id: u32, text: &str) -> String {
    text.replace("ID", &id.to_string())
}

/// What is asked of the venue, but for pings.
fn asked(feed: &mut KalshiFeed) -> Vec<String> {
    said(|| feed.next_outgoing())
        .into_iter()
        .filter(|text| text.contains("market_ticker"))
        .collect()
}

#[test]
fn a_market_that_is_listed_later_is_asked_for_each_half_minute_and_then_has_a_book() {
    let mut feed = KalshiFeed::new();
    let (rain, _snow) = (feed.follow(RAIN, cents()), feed.follow(SNOW, cents()));
    feed.opened(1);
    feed.take(&to(1, UNKNOWN), 1); // both
    feed.take(&to(2, UNKNOWN), 1); // RAIN
    feed.take(&to(3, SUBSCRIBED), 1); // SNOW
    assert_eq!((asked(&mut feed).len(), feed.counts().unlisted), (3, 1));
    feed.poll(HALF_MINUTE_NS - 1);
    assert_eq!(asked(&mut feed), [""; 0]);
    feed.poll(HALF_MINUTE_NS + 1);
    let again = asked(&mut feed);
    assert!(again.len() == 1 && again[0].contains(RAIN) && again[0].contains("add_markets"));
    feed.take(&to(4, UNKNOWN), HALF_MINUTE_NS + 1);
    feed.poll(2 * HALF_MINUTE_NS);
    assert_eq!((asked(&mut feed).len(), feed.counts().unlisted), (0, 1));
    feed.poll(2 * HALF_MINUTE_NS + 1);
    assert_eq!(asked(&mut feed).len(), 1);
    feed.take(r#"{"id":5,"sid":1,"seq":1,"type":"ok","msg":{"market_tickers":[]}}"#, 2);
    feed.take(&snapshot(2, RAIN, &[("0.44", "1")], &[]), 3);
    let [yes, no] = feed.books(rain).expect("followed");
    assert_eq!((shown(yes, no).as_str(), feed.counts().unlisted), ("bids 0.44×1 asks", 0));
}

#[test]
fn what_was_not_known_is_asked_for_by_each_new_connection_even_where_nothing_else_is_followed() {
    let mut feed = KalshiFeed::new();
    feed.follow(RAIN, cents());
    feed.follow(SNOW, cents());
    feed.opened(1);
    feed.take(&to(1, UNKNOWN), 1);
    feed.take(&to(2, UNKNOWN), 1);
    feed.take(&to(3, UNKNOWN), 1);
    assert_eq!((asked(&mut feed).len(), feed.counts().unlisted), (3, 2));
    feed.closed();
    feed.opened(2);
    let first = asked(&mut feed);
    assert!(first.len() == 1 && first[0].contains(RAIN), "{first:?}");
    feed.take(&to(4, UNKNOWN), 2);
    let second = asked(&mut feed);
    assert!(second.len() == 1 && second[0].contains(SNOW), "{second:?}");
    feed.take(&to(5, SUBSCRIBED), 2);
    assert_eq!((asked(&mut feed), feed.counts().unlisted), (vec![], 1));
    feed.forget(RAIN);
    assert_eq!((asked(&mut feed), feed.counts().unlisted), (vec![], 0));
}

#[test]
fn a_snapshot_that_cannot_be_a_book_is_asked_for_again_a_second_later() {
    let mut desk = Kalshi::open();
    desk.feed.poll(5 * SECOND_NS);
    desk.said();
    desk.feed.take(&snapshot(2, RAIN, &[("0.455", "5")], &[]), 5 * SECOND_NS);
    assert_eq!(desk.shown(desk.rain), "Some(OffGrid)");
    assert_eq!(desk.said(), [""; 0]);
    desk.feed.poll(6 * SECOND_NS);
    assert!(desk.said().iter().any(|text| text.contains("get_snapshot")));
}

proptest! {
    #[test]
    fn a_frame_that_is_lost_anywhere_is_found_by_the_next(
        changes in prop::collection::vec((1_i64..99, -3_i64..4), 2..30),
        lost in any::<Index>(),
    ) {
        let mut desk = Kalshi::open();
        let lost = lost.index(changes.len() - 1);
        for (index, (cents, by)) in changes.iter().enumerate() {
            let seq = i64::try_from(index).expect("few") + 2;
            if index != lost {
                let change = delta(seq, SNOW, ["no", &format!("0.{cents:02}"), &by.to_string()]);
                desk.feed.take(&change, 2);
            }
            let is_found = index > lost;
            prop_assert_eq!(desk.rain().top().is_err(), is_found, "frame {}", index);
        }
    }
}
