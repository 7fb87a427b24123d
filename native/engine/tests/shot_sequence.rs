//! Whatever happens to a firing thread, in whatever order: it keeps to what it promises
//! (`support/expected`), and what has left is never lost sight of.

#[path = "support/at_write.rs"]
mod at_write;
#[path = "support/expected/mod.rs"]
mod expected;
#[path = "support/fate.rs"]
mod fate;
#[path = "support/steps.rs"]
mod steps;
mod support;
#[path = "support/walk.rs"]
mod walk;

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic;

use legwork_engine_core::refusal::Refusal;
use proptest::test_runner::{Config, TestError, TestRunner};
use steps::story;
use walk::Walk;

/// Two seconds of a processor.
const STORIES: u32 = 300;

/// What only a shot's own figures lead to, or its disk: told one by one in `firing.rs`.
const NOT_MET: &[Refusal] = &[
    Refusal::LiquidityTooSmall,
    Refusal::OrderTooLarge,
    Refusal::PriceOutOfBounds,
    Refusal::ExposureMisstated,
    Refusal::EdgeTooSmall,
    Refusal::MarketUnknown,
    Refusal::HeadersMissing,
    Refusal::ShotTooLong,
    Refusal::JournalFailed,
];

#[test]
fn what_a_firing_thread_promises_it_keeps_whatever_happens() {
    let met = RefCell::new(HashMap::new());
    let config = Config { failure_persistence: None, ..Config::with_cases(STORIES) };
    // Each smaller story that fails as well would say so at length: the smallest is told below.
    let says = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let walked = TestRunner::new(config).run(&story(), |story| {
        let mut walk = Walk::begin();
        for step in &story.0 {
            walk.take(step);
        }
        for (refusal, times) in walk.end_of_walk() {
            *met.borrow_mut().entry(refusal).or_insert(0) += times;
        }
        Ok(())
    });
    panic::set_hook(says);
    if let Err(TestError::Fail(reason, story)) = walked {
        panic!("{reason}, after {story:?}");
    }
    let never = |refusal: &&Refusal| !met.borrow().contains_key(refusal);
    let never: Vec<_> = Refusal::ALL.iter().filter(never).collect();
    assert!(never.iter().all(|refusal| NOT_MET.contains(refusal)), "{never:?} are never met");
}
