//! The part of a limit that was moved to this host. It counts as used in full where limits are kept,
//! so that spending it here needs to ask nobody.

use crate::amount::Money;
use crate::refusal::Refusal;

/// The epoch of no lease: of a shot that was fired for its trade's own reservation.
pub const NO_LEASE: u64 = 0;

/// What a host was lent for a pair: read from Postgres, renewed by the host, never extended here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// Grows with each renewal; whatever belongs to an older one is over.
    pub epoch: u64,
    /// What may be lost in all, worst case.
    pub budget: Money,
    /// On the engine's monotonic clock; from then on nothing is spent.
    pub until_ns: u64,
}

/// What one shot has taken of a lease.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "what a refused shot took is given back"]
pub struct Spent {
    /// Of the lease that it was taken from.
    pub epoch: u64,
    amount: Money,
}

/// A pair's lease and what is left of it; belongs to the thread that fires.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    terms: Option<Terms>,
    left: Money,
    /// Fired, and not a reservation yet: whoever renews may not know of it.
    unadopted: Money,
    /// Older terms lend what has been moved since.
    epoch_min: u64,
}

impl Lease {
    /// Takes new terms, with what of their budget is not fired already. Older ones than those it has
    /// change nothing: renewals may overtake each other.
    pub fn renew(&mut self, terms: Terms) -> bool {
        let is_newer = self.terms.is_none_or(|known| known.epoch < terms.epoch);
        let is_newer = is_newer && self.epoch_min <= terms.epoch;
        if is_newer {
            self.left = less(terms.budget, self.unadopted);
            self.terms = Some(terms);
        }
        is_newer
    }

    /// Whether anything may be spent at this time.
    #[must_use]
    pub fn is_current(&self, now_ns: u64) -> bool {
        self.terms.is_some_and(|terms| now_ns < terms.until_ns)
    }

    /// Takes the worst case of a shot out of what is left.
    pub fn take(&mut self, worst: Money, now_ns: u64) -> Result<Spent, Refusal> {
        let terms = self.terms.filter(|terms| now_ns < terms.until_ns);
        let terms = terms.ok_or(Refusal::LeaseMissing)?;
        if worst < Money::ZERO || self.left < worst {
            return Err(Refusal::LeaseExhausted);
        }
        self.left = less(self.left, worst);
        self.unadopted = more(self.unadopted, worst);
        Ok(Spent { epoch: terms.epoch, amount: worst })
    }

    /// Of a shot of which nothing has left. What belongs to earlier terms is not of these.
    pub fn give_back(&mut self, spent: Spent) {
        self.unadopted = less(self.unadopted, spent.amount);
        if self.terms.is_some_and(|terms| terms.epoch == spent.epoch) {
            self.left = more(self.left, spent.amount);
        }
    }

    /// It is a reservation since the terms of that epoch ([`NO_LEASE`]: it was never lent), and no part of
    /// what they lend, or later ones. Earlier ones that are still on their way are not taken; where those
    /// that are known are not earlier, they were told before this, and had it taken off once more.
    pub fn adopted(&mut self, spent: Spent, moved_epoch: u64) {
        self.unadopted = less(self.unadopted, spent.amount);
        self.epoch_min = self.epoch_min.max(moved_epoch);
        let is_without = |terms: Terms| spent.epoch < moved_epoch && moved_epoch <= terms.epoch;
        if self.terms.is_some_and(is_without) {
            self.left = more(self.left, spent.amount);
        }
    }

    /// Nothing more is spent of these terms.
    pub fn end(&mut self) {
        (self.terms, self.left) = (None, Money::ZERO);
    }

    /// What may still be spent.
    #[must_use]
    pub fn left(&self) -> Money {
        self.left
    }
}

fn more(one: Money, other: Money) -> Money {
    Money::from_counts(one.counts() + other.counts())
}

fn less(one: Money, other: Money) -> Money {
    Money::from_counts(one.counts() - other.counts())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Money {
        text.parse().expect("a literal")
    }

    fn lent(epoch: u64, budget: &str) -> Terms {
        Terms { epoch, budget: dollars(budget), until_ns: 1_000 }
    }

    #[test]
    fn a_budget_is_spent_to_the_last_unit_and_not_beyond() {
        let mut lease = Lease::default();
        assert_eq!(lease.take(dollars("1"), 0), Err(Refusal::LeaseMissing));
        assert!(lease.renew(lent(1, "10")));
        assert!(lease.take(dollars("9.999999999"), 0).is_ok());
        assert_eq!(lease.take(dollars("0.000000002"), 0), Err(Refusal::LeaseExhausted));
        assert!(lease.take(dollars("0.000000001"), 0).is_ok());
        assert_eq!(lease.left(), Money::ZERO);
    }

    #[test]
    fn what_has_expired_lends_nothing() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        assert!(lease.take(dollars("1"), 999).is_ok());
        assert_eq!(lease.take(dollars("1"), 1_000), Err(Refusal::LeaseMissing));
    }

    #[test]
    fn renewals_that_overtake_each_other_leave_the_newest() {
        let mut lease = Lease::default();
        assert!(lease.renew(lent(2, "10")));
        assert!(!lease.renew(lent(1, "99")));
        assert!(!lease.renew(lent(2, "99")));
        assert_eq!(lease.left(), dollars("10"));
    }

    #[test]
    fn a_renewal_lends_nothing_that_is_fired_and_not_adopted() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        let adopted = lease.take(dollars("1"), 0).expect("there is enough");
        let fired = lease.take(dollars("4"), 0).expect("there is enough");
        lease.adopted(adopted, 2);
        lease.renew(lent(2, "9"));
        assert_eq!(lease.left(), dollars("5"));
        lease.adopted(fired, 3);
        lease.renew(lent(3, "5"));
        assert_eq!(lease.left(), dollars("5"));
    }

    #[test]
    fn what_was_taken_of_earlier_terms_is_not_given_back_to_these() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        let spent = lease.take(dollars("4"), 0).expect("there is enough");
        lease.renew(lent(2, "5"));
        lease.give_back(spent);
        assert_eq!(lease.left(), dollars("1"));
        lease.renew(lent(3, "5"));
        let spent = lease.take(dollars("4"), 0).expect("there is enough");
        lease.give_back(spent);
        assert_eq!(lease.left(), dollars("5"));
    }

    #[test]
    fn terms_that_still_lend_what_was_moved_are_not_taken() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        let spent = lease.take(dollars("4"), 0).expect("there is enough");
        lease.adopted(spent, 3);
        assert_eq!(lease.left(), dollars("6"));
        assert!(!lease.renew(lent(2, "10")), "with the four dollars that are a reservation");
        assert!(lease.renew(lent(3, "6")));
        assert_eq!(lease.left(), dollars("6"));
    }

    #[test]
    fn terms_without_what_was_moved_lend_all_of_it_whichever_is_told_first() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        let first = lease.take(dollars("4"), 0).expect("there is enough");
        let second = lease.take(dollars("1"), 0).expect("there is enough");
        assert!(lease.renew(lent(2, "6")), "without the first, of which nobody has told yet");
        assert_eq!(lease.left(), dollars("1"), "rather less than more");
        lease.adopted(first, 2);
        assert_eq!(lease.left(), dollars("5"));
        lease.adopted(second, 3);
        assert_eq!(lease.left(), dollars("5"), "these terms still lend it");
        assert!(lease.renew(lent(3, "5")));
        assert_eq!(lease.left(), dollars("5"));
        let third = lease.take(dollars("5"), 0).expect("there is enough");
        lease.end();
        lease.adopted(third, 4);
        assert_eq!(lease.left(), Money::ZERO);
    }

    #[test]
    fn what_was_never_lent_gives_nothing_back() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        let spent = lease.take(dollars("4"), 0).expect("there is enough");
        lease.adopted(spent, NO_LEASE);
        assert_eq!(lease.left(), dollars("6"));
    }

    #[test]
    fn of_a_lease_that_has_ended_nothing_is_spent_until_there_are_new_terms() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        lease.end();
        assert_eq!(lease.take(dollars("1"), 0), Err(Refusal::LeaseMissing));
        assert!(lease.renew(lent(2, "10")));
        assert!(lease.take(dollars("10"), 0).is_ok());
    }

    #[test]
    fn a_worst_case_below_nothing_is_no_way_to_more() {
        let mut lease = Lease::default();
        lease.renew(lent(1, "10"));
        assert_eq!(lease.take(dollars("-1"), 0), Err(Refusal::LeaseExhausted));
    }
}
