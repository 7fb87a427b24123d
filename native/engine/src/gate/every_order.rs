//! The gate, its freezes and its shots in every order that memory allows.

use loom::sync::Arc;
use loom::thread;

use super::*;

type Sent = Arc<AtomicU64>;

/// A shot while another epoch is written: once that is acknowledged no byte leaves.
fn in_every_order(
    is_frozen: bool,
    shoot: impl Fn(&Gate, &FiringThread, &Sent) + Copy + Send + Sync + 'static,
) {
    loom::model(move || {
        let (gate, mut threads) = Gate::new(1, 1);
        let gate = Arc::new(gate);
        let _ = gate.freeze(1, |_| false);
        gate.heard_control(1);
        let bytes = Arc::new(AtomicU64::new(0));
        let (shooting, sent) = (Arc::clone(&gate), Arc::clone(&bytes));
        let own = threads.remove(0);
        let shot = thread::spawn(move || shoot(&shooting, &own, &sent));
        let draining = gate.freeze(2, |_| is_frozen).expect("newer");
        if draining.is_over() {
            let told = bytes.load(Ordering::Relaxed);
            shot.join().unwrap();
            assert_eq!(bytes.load(Ordering::Relaxed), told, "a byte left after FROZEN");
        } else {
            shot.join().unwrap();
            assert!(draining.is_over(), "the only section has ended");
        }
    });
}

#[test]
fn once_a_freeze_is_acknowledged_no_byte_leaves() {
    in_every_order(true, |gate, thread, sent| {
        if let Ok(_section) = gate.enter(thread, MarketId(0), &At(0)) {
            sent.fetch_add(1, Ordering::Relaxed);
        }
    });
}

#[test]
fn once_the_gate_has_stopped_no_byte_leaves() {
    loom::model(|| {
        let (gate, mut threads) = Gate::new(1, 1);
        let gate = Arc::new(gate);
        let _ = gate.freeze(1, |_| false);
        gate.heard_control(1);
        let bytes = Arc::new(AtomicU64::new(0));
        let (shooting, sent, own) = (Arc::clone(&gate), Arc::clone(&bytes), threads.remove(0));
        let shot = thread::spawn(move || {
            if let Ok(_section) = shooting.enter(&own, MarketId(0), &At(0)) {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
        let inside = gate.stop();
        let told = gate.have_ended(&inside).then(|| bytes.load(Ordering::Relaxed));
        shot.join().unwrap();
        assert!(told.is_none_or(|told| bytes.load(Ordering::Relaxed) == told));
    });
}

/// What is frozen is its strategy: no word of its market says so.
#[test]
fn once_newer_freezes_are_acknowledged_nothing_leaves_that_was_not_held_against_them() {
    in_every_order(false, |gate, thread, sent| {
        if let Ok(_section) = gate.enter_cleared(thread, (MarketId(0), 1), &At(0)) {
            sent.fetch_add(1, Ordering::Relaxed);
        }
    });
}
