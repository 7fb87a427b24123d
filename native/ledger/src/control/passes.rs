//! Who has looked at the freezes and not yet fired. The gate's words know no trade and no strategy
//! of a request's own, so such a request looks at the freezes themselves, before its section
//! begins; an epoch may be acknowledged only when nobody is left who has looked at those before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

/// The requests that rest on one reading of the freezes.
#[derive(Debug, Default)]
pub(crate) struct Passes {
    under_way: AtomicU64,
    is_over: AtomicBool,
}

/// The right to begin a section by what was read. It is dropped when the section has ended, not
/// before: until then no later freeze is acknowledged.
#[derive(Debug)]
#[must_use = "a pass that is dropped before its section has ended lets a freeze be told too early"]
pub struct Pass(Arc<Passes>);

impl Passes {
    /// `None`: a later reading is there.
    pub fn take(self: &Arc<Self>) -> Option<Pass> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let pass = Pass(Arc::clone(self));
        // Either this sees that it is over, or who has ended it sees this pass.
        fence(Ordering::SeqCst);
        (!self.is_over.load(Ordering::Acquire)).then_some(pass)
    }

    /// From now on nobody begins anything by this reading.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// Whether whatever began by it is over; once it was ended it stays so.
    pub fn are_over(&self) -> bool {
        self.under_way.load(Ordering::Acquire) == 0
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_over_when_the_last_who_rests_on_it_has_fired() {
        let passes = Arc::new(Passes::default());
        let (first, second) = (passes.take(), passes.take());
        assert!(first.is_some() && second.is_some());
        passes.end();
        assert!(!passes.are_over());
        drop(first);
        assert!(!passes.are_over());
        drop(second);
        assert!(passes.are_over());
    }

    #[test]
    fn nobody_begins_by_a_reading_that_was_ended() {
        let passes = Arc::new(Passes::default());
        passes.end();
        assert!(passes.take().is_none());
        assert!(passes.are_over(), "who was turned away is not under way");
    }
}
