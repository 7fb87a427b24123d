use legwork_engine_core::armed::names_of;
use legwork_engine_core::journal::{Damage, ShotId};
use legwork_engine_core::wire::Written;
use legwork_engine_door::greeting::Mode;
use legwork_engine_door::request::ArbitrageType;

use super::*;

const NOW_NS: u64 = 1_000_000_000_000;

fn request(intent_id: &str, not_after_ns: u64) -> FireRequest {
    let name = |text| Text::name(text).expect("a name");
    FireRequest {
        intent_id: name(intent_id),
        pair_id: Text::name("rain").expect("a name"),
        account: name("main"),
        strategy: name("dawn"),
        digest: [7; 32],
        limit_price: [legwork_engine_core::amount::Price::ZERO; 2],
        quantity: [legwork_engine_core::amount::Quantity::ZERO; 2],
        contracts_max: legwork_engine_core::amount::Quantity::ZERO,
        edge_min: legwork_engine_core::amount::Price::ZERO,
        observed_at_ms: [0; 2],
        not_after_ms: not_after_ns / MILLISECOND_NS,
        mode: Mode::Simulated,
        arbitrage_type: ArbitrageType::PolyYesKalshiNo,
        is_dry_run: false,
    }
}

fn receipt(intent_id: &str) -> Receipt {
    Receipt {
        shot: ShotId { thread: 0, epoch: 3, sequence: 9 },
        client_order_ids: names_of(intent_id),
        written: [Some(Written::Whole); 2],
        received_ns: 5,
        from_to_ns: (6, 7),
        fired_unix_ns: NOW_NS,
    }
}

fn code(refused: Result<(), Refused>) -> String {
    refused.err().map(|refused| refused.code.to_string()).unwrap_or_default()
}

#[test]
fn a_refused_intent_is_forgotten_when_it_is_too_late_for_it_and_not_before() {
    let mut intents = Intents { room: 2, ..Intents::of_earlier("h", (&[], &[]), NOW_NS) };
    let too_late: Refused = Refusal::TooLate.into();
    for (id, until_ns) in [("a", NOW_NS + 10_000_000), ("b", NOW_NS + 20_000_000)] {
        intents.refused(&request(id, until_ns), too_late);
    }
    let next = request("c", NOW_NS + 30_000_000);
    assert_eq!(code(intents.admit(&next.intent_id, NOW_NS + 9_999_999)), "DOOR_BUSY");
    assert_eq!(code(intents.admit(&next.intent_id, NOW_NS + 10_000_000)), "");
    intents.refused(&next, too_late);
    intents.heard_until(NOW_NS + 10_000_000);
    let became =
        |id: &str| intents.standing(&Text::name(id).expect("a name"), NOW_NS + 10_000_000).became;
    assert_eq!(became("a"), Became::Unheard);
    assert_eq!(became("b"), Became::Refused([7; 32], too_late));
    assert_eq!(became("c"), Became::Refused([7; 32], too_late));
}

#[test]
fn what_only_postgres_has_is_fired_no_more_and_its_trade_is_asked() {
    let told = ["a".to_owned()];
    let mut intents = Intents::of_earlier("h", (&[], &told), NOW_NS);
    let id = Text::name("a").expect("a name");
    assert_eq!(code(intents.admit(&id, NOW_NS)), "INTENT_EXISTS");
    assert_eq!(intents.standing(&id, NOW_NS).became, Became::Unknown);
}

#[test]
fn what_a_workflow_has_no_strategy_fires_and_its_trade_is_asked() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    intents.fired_by_trade("a", receipt("a"));
    for id in ["b", "b"] {
        intents.refused_by_trade(id);
    }
    let [a, b] = ["a", "b"].map(|id| Text::name(id).expect("a name"));
    for id in [&a, &b] {
        assert_eq!(code(intents.admit(id, NOW_NS)), "INTENT_EXISTS");
        assert_eq!(intents.standing(id, NOW_NS).became, Became::Unknown);
    }
    assert_eq!(["a", "b", "c"].map(|id| intents.may_have_left(id)), [true, false, false]);
    assert_eq!(intents.others.len(), 1, "what has left is never forgotten");
    intents.room = 1;
    intents.refused_by_trade("c");
    assert_eq!(intents.others.len(), 1, "the oldest makes room");
    let became = |id| intents.standing(id, NOW_NS + 10).became;
    assert_eq!([became(&a), became(&b)], [Became::Unknown, Became::Unheard]);
}

#[test]
fn what_the_door_has_refused_and_a_workflow_fires_is_told_as_fired_from_then_on() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    let refused = request("a", NOW_NS);
    let became = |intents: &Intents| intents.standing(&refused.intent_id, NOW_NS + 1).became;
    intents.refused(&refused, Refusal::LeaseMissing.into());
    intents.refused_by_trade("a");
    let told = Became::Refused(refused.digest, Refusal::LeaseMissing.into());
    assert_eq!(became(&intents), told, "nothing has left of either");
    assert!(!intents.may_have_left("a"));
    intents.fired_by_trade("a", receipt("a"));
    assert_eq!(became(&intents), Became::Fired(refused.digest, receipt("a")));
    assert!(intents.may_have_left("a"));
    intents.room = 1;
    intents.refused(&request("b", NOW_NS + 20), Refusal::TooLate.into());
    assert_eq!(became(&intents), Became::Fired(refused.digest, receipt("a")));
}

#[test]
fn what_a_journal_says_was_refused_is_told_as_postgres_has_it_of_its_trade() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    let requests = ["a", "b", "c"].map(|id| request(id, NOW_NS));
    for refused in &requests {
        intents.refused(refused, Refusal::LeaseMissing.into());
    }
    let mut refused = intents.refused_before();
    refused.sort_unstable();
    assert_eq!(refused, ["a", "b", "c"]);
    intents.has_trade("a", Some(receipt("a")));
    intents.has_trade("b", None);
    let became = requests.each_ref().map(|of| intents.standing(&of.intent_id, NOW_NS).became);
    let is_refused = Became::Refused([7; 32], Refusal::LeaseMissing.into());
    assert_eq!(became, [Became::Fired([7; 32], receipt("a")), Became::Unknown, is_refused]);
    let may_have_left = ["a", "b", "c"].map(|id| intents.may_have_left(id));
    assert_eq!(may_have_left, [true, false, false], "a trade that is under way may still fire");
    assert_eq!(intents.refused_before(), ["c"]);
}

#[test]
fn what_a_strategy_has_fired_stays_its_own() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    let fired = request("a", NOW_NS);
    intents.fired(&fired, receipt("a"));
    assert!(intents.may_have_left("a"));
    intents.fired_by_trade("a", receipt("b"));
    let became = intents.standing(&fired.intent_id, NOW_NS).became;
    assert_eq!(became, Became::Fired(fired.digest, receipt("a")));
}

#[test]
fn beside_a_damaged_journal_nothing_is_fired_for_as_long_as_a_request_may_wait() {
    let damaged = Reading { damage: vec![Damage::Torn { index: 3 }], ..Reading::default() };
    let mut intents = Intents::of_earlier("h", (&[damaged], &[]), NOW_NS);
    let id = Text::name("a").expect("a name");
    let until_ns = NOW_NS + VALID_NS_MAX;
    assert_eq!(code(intents.admit(&id, until_ns - 1)), "JOURNAL_FAILED");
    assert_eq!(intents.standing(&id, until_ns - 1).became, Became::Unknown);
    assert_eq!(code(intents.admit(&id, until_ns)), "");
    let became = |looked_ns| intents.standing(&id, looked_ns).became;
    let forgotten_ns = NOW_NS + KNOWN_FOR_NS;
    assert_eq!(became(forgotten_ns - 1), Became::Unknown, "it may have left before the power cut");
    assert_eq!(became(forgotten_ns), Became::Unheard, "nobody may make anything of it so late");
}

#[test]
fn what_another_door_has_is_not_fired_and_what_this_one_knows_of_it_stays() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    intents.fired(&request("a", NOW_NS), receipt("a"));
    let refused = Refusal::LeaseMissing.into();
    intents.refused(&request("b", NOW_NS), refused);
    for id in ["a", "b", "c"] {
        intents.used(id);
    }
    let [a, b, c] = ["a", "b", "c"].map(|id| Text::name(id).expect("a name"));
    let became = [&a, &b, &c].map(|id| intents.standing(id, NOW_NS).became);
    let expected =
        [Became::Fired([7; 32], receipt("a")), Became::Refused([7; 32], refused), Became::Unknown];
    assert_eq!(became, expected);
    assert_eq!(code(intents.admit(&c, NOW_NS)), "INTENT_EXISTS");
    assert!(intents.claim("c"), "its own trade fires it");
}

#[test]
fn as_many_as_other_doors_have_no_request_is_kept_out_by_them() {
    let mut intents = Intents { room: 2, ..Intents::of_earlier("h", (&[], &[]), NOW_NS) };
    intents.refused(&request("a", NOW_NS + 10_000_000), Refusal::TooLate.into());
    for id in ["b", "c", "d"] {
        intents.used(id);
    }
    let id = |text| Text::name(text).expect("a name");
    let codes = ["a", "b", "c", "d", "e"].map(|text| code(intents.admit(&id(text), NOW_NS)));
    assert_eq!(codes, ["INTENT_EXISTS", "", "INTENT_EXISTS", "INTENT_EXISTS", ""]);
}

#[test]
fn what_nobody_has_heard_of_was_looked_for_when_other_doors_were_heard_of_last() {
    let mut intents = Intents::of_earlier("h", (&[], &["a".to_owned()]), NOW_NS);
    let [a, b] = ["a", "b"].map(|id| Text::name(id).expect("a name"));
    let looked = |intents: &Intents, id| {
        let Standing { looked_unix_ns, became } = intents.standing(id, NOW_NS + 50);
        (looked_unix_ns - NOW_NS, became)
    };
    assert_eq!(looked(&intents, &a), (50, Became::Unknown), "what is known is known now");
    assert_eq!(looked(&intents, &b), (0, Became::Unheard));
    for until in [30, 20] {
        intents.heard_until(NOW_NS + until);
    }
    assert_eq!(looked(&intents, &b), (30, Became::Unheard));
    intents.heard_until(NOW_NS + 70);
    assert_eq!(looked(&intents, &b), (50, Became::Unheard));
}

#[test]
fn a_workflow_takes_an_intent_before_its_orders_are_written_unless_something_of_it_may_have_left() {
    let mut intents = Intents::of_earlier("h", (&[], &[]), NOW_NS);
    let id = Text::name("a").expect("a name");
    assert!(intents.claim("a"));
    assert_eq!(code(intents.admit(&id, NOW_NS)), "INTENT_EXISTS", "the door has come too late");
    assert!(intents.claim("a"), "another attempt: its rows say what was sent");
    intents.fired(&request("b", NOW_NS), receipt("b"));
    intents.fired_by_trade("a", receipt("a"));
    assert_eq!(["a", "b"].map(|id| intents.claim(id)), [false; 2]);
}
