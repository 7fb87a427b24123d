//! When a market may be shot at again (DESIGN §7, `pair_holds`; `domain/trade/closing.ts` is what
//! the shot's workflow does with all of its evidence).

use crate::amount::Quantity;
use crate::answers::{OrderState, VenueRefusal, Verdict};
use crate::wire::Written;

/// When a market may be shot at again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Release {
    /// Nothing was taken.
    Now,
    /// Its book shows what was taken until it catches up.
    Delayed,
}

/// What became of a leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LegEnd {
    /// Nothing of it has left, or the venue has it not.
    No,
    /// There was nothing to trade against.
    NoMatch,
    /// Over, and so much was filled, as the answer has it.
    Taken(Quantity),
    /// It may be on the book.
    Doubt,
}

impl LegEnd {
    /// Of a leg that needs no answer; `None` for one that awaits it.
    pub fn at_once(written: Option<Written>) -> Option<Self> {
        match written {
            Some(Written::Whole | Written::Part) => None,
            Some(Written::Nothing) | None => Some(Self::No),
        }
    }

    /// Of a leg that was heard.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Refused { refusal: VenueRefusal::NoMatch, .. } => Self::NoMatch,
            Verdict::Refused { .. } => Self::No,
            Verdict::Accepted {
                state: OrderState::Filled | OrderState::Canceled, filled, ..
            } => Self::Taken(*filled),
            // Some of it lives on, or nobody knows.
            Verdict::Accepted { state: OrderState::Working, .. }
            | Verdict::Exists { .. }
            | Verdict::Unknown { .. } => Self::Doubt,
        }
    }

    fn taken(self) -> Quantity {
        if let Self::Taken(filled) = self { filled } else { Quantity::ZERO }
    }
}

/// `None`: the shot's holder ends it, by evidence. Doubt keeps the market closed, and so does an
/// excess of one leg, which has to be got out of before more is taken of the same pair. Where both
/// are refused it is free at once. Else it rests: what was taken shows again until the books catch
/// up, and where nothing could be matched there is nothing.
pub fn release_of([yes, no]: [LegEnd; 2]) -> Option<Release> {
    match (yes, no) {
        (LegEnd::Doubt, _) | (_, LegEnd::Doubt) => None,
        (LegEnd::No, LegEnd::No) => Some(Release::Now),
        _ if yes.taken() != no.taken() => None,
        _ => Some(Release::Delayed),
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const ONE: LegEnd = LegEnd::Taken(Quantity::from_counts(1));
    const TWO: LegEnd = LegEnd::Taken(Quantity::from_counts(2));
    const NONE: LegEnd = LegEnd::Taken(Quantity::ZERO);

    #[test]
    fn a_market_is_free_rests_or_waits_for_evidence() {
        for (yes, no, release) in [
            (LegEnd::No, LegEnd::No, Some(Release::Now)),
            (LegEnd::No, LegEnd::NoMatch, Some(Release::Delayed)),
            (LegEnd::NoMatch, LegEnd::NoMatch, Some(Release::Delayed)),
            (LegEnd::No, NONE, Some(Release::Delayed)),
            (NONE, NONE, Some(Release::Delayed)),
            (ONE, ONE, Some(Release::Delayed)),
            (ONE, TWO, None),
            (ONE, LegEnd::No, None),
            (ONE, LegEnd::NoMatch, None),
            (ONE, NONE, None),
            (ONE, LegEnd::Doubt, None),
            (LegEnd::No, LegEnd::Doubt, None),
            (LegEnd::Doubt, LegEnd::Doubt, None),
        ] {
            assert_eq!(release_of([yes, no]), release, "{yes:?}, {no:?}");
            assert_eq!(release_of([no, yes]), release, "{no:?}, {yes:?}");
        }
    }

    #[test]
    fn only_what_is_over_has_an_end_without_doubt() {
        let accepted = |state| Verdict::Accepted {
            venue_order_id: "a".to_owned(),
            state,
            filled: Quantity::from_counts(1),
        };
        let code = || "a".to_owned();
        for refusal in VenueRefusal::ALL {
            let is_thin = *refusal == VenueRefusal::NoMatch;
            let end = if is_thin { LegEnd::NoMatch } else { LegEnd::No };
            assert_eq!(LegEnd::of(&Verdict::Refused { refusal: *refusal, code: code() }), end);
        }
        assert_eq!(LegEnd::of(&accepted(OrderState::Filled)), ONE);
        assert_eq!(LegEnd::of(&accepted(OrderState::Canceled)), ONE);
        assert_eq!(LegEnd::of(&accepted(OrderState::Working)), LegEnd::Doubt);
        assert_eq!(LegEnd::of(&Verdict::Exists { code: code() }), LegEnd::Doubt);
        assert_eq!(LegEnd::of(&Verdict::Unknown { code: code() }), LegEnd::Doubt);
    }
}
