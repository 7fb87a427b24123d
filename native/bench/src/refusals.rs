//! What a shot costs that is refused, by the cheapest of its refusals.

use std::hint::black_box;
use std::sync::Arc;

use legwork_engine_core::clock::SystemClock;
use legwork_engine_core::firing::{Firing, House};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{Shot, ShotTerms};

use crate::alone::{journal, timed};
use crate::desk;
use crate::no_wires::NoWires;
use crate::report::Row;
use crate::support::{RAIN, answers, of, shot, terms};

type Desk = (Firing<NoWires, SystemClock>, Arc<House>);

/// One row for each.
pub fn rows(rounds: usize) -> Vec<Row> {
    let refused = |what, expected, prepare: fn(&mut Desk), ask| {
        with_desk(|desk| {
            prepare(desk);
            refusal(desk, rounds, (what, expected, ask))
        })
    };
    vec![
        refused("refused: book stale", Refusal::BookStale, |_| (), stale as Ask),
        refused("refused: in flight", Refusal::PairInFlight, take_market, fire),
        refused("refused: lease exhausted", Refusal::LeaseExhausted, spend_lease, fire),
        refused(
            "refused: frozen, asked before requests are made",
            Refusal::Frozen,
            freeze,
            may_fire,
        ),
        refused("refused: frozen, at the gate", Refusal::Frozen, freeze, fire),
    ]
}

type Ask = fn(&mut Desk, &Shot<'_>, &ShotTerms) -> Option<Refusal>;

fn refusal(desk: &mut Desk, rounds: usize, (what, expected, ask): (&str, Refusal, Ask)) -> Row {
    let (mut shot, mut terms) = (shot(RAIN, "rain.1", [&[b'y'; 1_400], &[b'n'; 500]]), terms());
    shot.not_after_ns = u64::MAX;
    terms.silence_ns_max = u64::MAX;
    assert_eq!(ask(desk, &shot, &terms), Some(expected));
    timed(what, rounds, |_| {
        black_box(ask(desk, &shot, &terms));
    })
}

fn fire((firing, _): &mut Desk, shot: &Shot<'_>, terms: &ShotTerms) -> Option<Refusal> {
    firing.fire(shot, terms).err()
}

fn stale((firing, _): &mut Desk, shot: &Shot<'_>, terms: &ShotTerms) -> Option<Refusal> {
    // Both were heard of a second after the machine has begun.
    firing.fire(shot, &ShotTerms { silence_ns_max: 1, ..*terms }).err()
}

fn may_fire((firing, _): &mut Desk, shot: &Shot<'_>, _: &ShotTerms) -> Option<Refusal> {
    firing.may_fire(shot.market).err()
}

fn take_market((_, house): &mut Desk) {
    let _held = house.in_flight.take(RAIN).expect("free");
}

fn spend_lease((firing, _): &mut Desk) {
    let terms = Terms { epoch: 2, budget: of("0.01"), until_ns: u64::MAX };
    firing.lease(RAIN).expect("a known market").renew(terms);
}

fn freeze((_, house): &mut Desk) {
    assert!(house.gate.freeze(2, |_| true).is_some_and(|draining| draining.is_over()));
}

fn with_desk<T>(then: impl FnOnce(&mut Desk) -> T) -> T {
    let folders = desk::folders();
    let journal = journal(&folders);
    let (house, mut threads) = House::new(65_536, 1, answers());
    assert!(house.gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(u64::MAX);
    let thread = threads.remove(0);
    let mut firing = Firing::new(Arc::clone(&house), thread, journal, NoWires, SystemClock);
    let terms = Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX };
    firing.lease(RAIN).expect("a known market").renew(terms);
    then(&mut (firing, house))
}
