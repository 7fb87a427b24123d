//! What may happen to a firing thread, in any order.
#![allow(missing_docs)] // each name says it

use std::fmt;

use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::own_intent::{Door, OwnIntent};
use legwork_engine_core::shot::{Budget, LEGS, Shot, Venue};
use legwork_engine_core::wire::Written;
use proptest::prelude::*;
use proptest::sample::select;

use crate::at_write::BYTES;
use crate::expected::VALID_NS;
use crate::fate::Fate;
use crate::support::{asked_for, of, shot};

/// Pairs that are shot at.
pub const PAIRS: usize = 3;

/// One thing that happens. A shot is told by how many have left since: 0 is the last. One before the
/// first was never fired.
#[derive(Clone, Debug)]
pub enum Step {
    Fire(Fire),
    /// Of a leg, whether or not one is awaited.
    Answer {
        ago: usize,
        leg: usize,
        fate: Fate,
    },
    /// Its workflow has it. `is_moved`: its budget is a reservation since the terms that come next.
    Adopt {
        ago: usize,
        is_moved: bool,
    },
    /// Nobody needs its slot.
    Acknowledge {
        ago: usize,
    },
    /// Ended by other evidence than its answers.
    End {
        ago: usize,
    },
    /// New terms, or old ones that were overtaken, of so many dollars.
    Lend {
        pair: usize,
        is_newer: bool,
        dollars: u32,
    },
    EndLease {
        pair: usize,
    },
    /// What is frozen from the next epoch on: thawed is what is not named.
    Freeze([bool; PAIRS]),
    /// The control tables were read and are believed for a while, or not any more.
    Control {
        is_heard: bool,
    },
    /// The pairs that trades held when a reading of them began.
    TradesHold {
        held: [bool; PAIRS],
        milliseconds_ago: u64,
    },
    /// Time passes, and the thread idles.
    Pass {
        milliseconds: u64,
    },
}

/// A step a line, so that what is left of a case that fails reads from top to bottom.
pub struct Story(pub Vec<Step>);

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "\n    {step:?}"))
    }
}

/// One attempt at a pair.
#[derive(Clone, Debug)]
pub struct Fire {
    pub pair: usize,
    pub door: FiredBy,
    /// What may be lost.
    pub dollars: u32,
    pub flaw: Flaw,
    /// What becomes of its writes, in order.
    pub writes: [Written; LEGS],
    /// Wires to try again on.
    pub spares: usize,
    pub held_back: Option<Venue>,
    /// A freeze of everything comes while its bytes leave.
    pub is_frozen_meanwhile: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FiredBy {
    Tick,
    Request,
    Trade,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    Nothing,
    Late,
    Stale,
    /// Held against freezes that are not the last.
    OldFreezes,
    DryRun,
    /// There is no wire.
    Cut,
    /// To take the wires takes so many milliseconds.
    Slow(u64),
}

impl Fire {
    pub fn shot<'a>(&self, intent_id: &'a str, now_ns: u64, control_epoch: u64) -> Shot<'a> {
        let door = if self.door == FiredBy::Tick { Door::Armed } else { Door::FireFirst };
        let is_trade = self.door == FiredBy::Trade;
        let lease = Budget::Lease(OwnIntent { door, ..asked_for() });
        let valid_ns = if self.flaw == Flaw::Late { 0 } else { VALID_NS };
        let mut shot = Shot {
            worst: of(&self.dollars.to_string()),
            budget: if is_trade { Budget::Reservation } else { lease },
            cleared: control_epoch - u64::from(self.flaw == Flaw::OldFreezes),
            is_dry_run: self.flaw == Flaw::DryRun,
            not_after_ns: now_ns + valid_ns,
            held_back: self.held_back,
            ..shot(market(self.pair), intent_id, BYTES)
        };
        for leg in &mut shot.legs {
            leg.top.heard_ns = now_ns + u64::from(self.flaw == Flaw::Stale);
        }
        shot
    }
}

pub fn market(pair: usize) -> MarketId {
    MarketId(u32::try_from(pair).expect("few"))
}

/// Ready to shoot most of the time, so that shots follow each other.
pub fn story() -> impl Strategy<Value = Story> {
    prop::collection::vec(step(), 1..48).prop_map(Story)
}

fn step() -> impl Strategy<Value = Step> {
    let ago = || prop_oneof![3 => Just(0), 2 => Just(1), 1 => 2..8_usize];
    let pairs = || prop::array::uniform3(prop::bool::weighted(0.3));
    let fates = vec![Fate::Filled, Fate::Refused, Fate::Refused, Fate::Refused, Fate::NoMatch];
    let fate = select(
        [fates, vec![Fate::Partly, Fate::Working, Fate::Exists, Fate::Garbage, Fate::Never]]
            .concat(),
    );
    let lend = (0..PAIRS, prop::bool::weighted(0.8), select(vec![100_u32, 25, 5]));
    prop_oneof![
        12 => fire().prop_map(Step::Fire),
        14 => (ago(), 0..LEGS, fate).prop_map(|(ago, leg, fate)| Step::Answer { ago, leg, fate }),
        6 => (ago(), any::<bool>()).prop_map(|(ago, is_moved)| Step::Adopt { ago, is_moved }),
        5 => ago().prop_map(|ago| Step::Acknowledge { ago }),
        2 => ago().prop_map(|ago| Step::End { ago }),
        2 => lend.prop_map(|(pair, is_newer, dollars)| Step::Lend { pair, is_newer, dollars }),
        1 => (0..PAIRS).prop_map(|pair| Step::EndLease { pair }),
        2 => pairs().prop_map(Step::Freeze),
        1 => any::<bool>().prop_map(|is_heard| Step::Control { is_heard }),
        2 => (pairs(), select(vec![0_u64, 1, 200])).prop_map(|(held, milliseconds_ago)| {
            Step::TradesHold { held, milliseconds_ago }
        }),
        3 => select(vec![1_u64, 250, 251, 9_999, 10_000, 20_000])
            .prop_map(|milliseconds| Step::Pass { milliseconds }),
    ]
}

fn fire() -> impl Strategy<Value = Fire> {
    let door = select(vec![FiredBy::Tick, FiredBy::Request, FiredBy::Trade]);
    let flaws = vec![Flaw::Late, Flaw::Stale, Flaw::OldFreezes, Flaw::DryRun, Flaw::Cut];
    let flaws = select([flaws, vec![Flaw::Slow(15_000), Flaw::Slow(30_000)]].concat());
    let flaw = prop_oneof![4 => Just(Flaw::Nothing), 1 => flaws];
    let write = || prop_oneof![8 => Just(Written::Whole), 1 => Just(Written::Part), 1 => Just(Written::Nothing)];
    let held_back = prop_oneof![
        8 => Just(None),
        1 => Just(Some(Venue::Kalshi)),
        1 => Just(Some(Venue::Polymarket)),
    ];
    let wires = (prop::array::uniform2(write()), 0..2_usize, held_back);
    let shot = (0..PAIRS, door, select(vec![10_u32, 30]), flaw);
    (shot, wires, prop::bool::weighted(0.05)).prop_map(|(shot, wires, is_frozen_meanwhile)| {
        let (pair, door, dollars, flaw) = shot;
        let (writes, spares, held_back) = wires;
        Fire { pair, door, dollars, flaw, writes, spares, held_back, is_frozen_meanwhile }
    })
}
