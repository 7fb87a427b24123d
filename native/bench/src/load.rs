//! When the rounds of a part are due.

/// From what was heard last to what is done next, one at a time; and between two that are offered.
const EVERY_NS: u64 = 1_000_000;
/// As many that are offered follow each other before it is the floor's turn, or theirs again.
const OFFERED_IN_A_ROW: usize = 500;

/// How shots follow each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Load {
    /// Each a millisecond after the answers to the last; it is timed from its tick.
    OneAtATime,
    /// 1,000 a second, however long each takes; it is timed from when it was due, so that whoever
    /// has kept it waiting pays for that.
    Offered,
}

impl Load {
    /// In rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneAtATime => "one at a time",
            Self::Offered => "1,000/s offered",
        }
    }

    /// Whether a round is a shot; the others are the floor. The first is one: the floor repeats it.
    pub const fn is_shot(self, round: usize) -> bool {
        let in_a_row = match self {
            Self::OneAtATime => 1,
            Self::Offered => OFFERED_IN_A_ROW,
        };
        (round / in_a_row).is_multiple_of(2)
    }

    /// When the next round is due, after one that was due then and was answered at that time.
    pub const fn next_due_ns(self, due_ns: u64, answered_ns: u64) -> u64 {
        match self {
            Self::OneAtATime => answered_ns + EVERY_NS,
            Self::Offered => due_ns + EVERY_NS,
        }
    }

    /// What a round is timed from.
    pub const fn timed_from_ns(self, due_ns: u64, began_ns: u64) -> u64 {
        match self {
            Self::OneAtATime => began_ns,
            Self::Offered => due_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shots_and_floor_take_turns_in_equal_parts() {
        for (load, in_a_row) in [(Load::OneAtATime, 1), (Load::Offered, OFFERED_IN_A_ROW)] {
            let shots = (0..4 * in_a_row).filter(|round| load.is_shot(*round)).count();
            assert_eq!(shots, 2 * in_a_row, "{load:?}");
            assert!(load.is_shot(0) && !load.is_shot(in_a_row), "{load:?}");
        }
    }

    #[test]
    fn what_is_offered_is_due_whether_the_last_was_answered_or_not() {
        assert_eq!(Load::Offered.next_due_ns(5, 9 * EVERY_NS), 5 + EVERY_NS);
        assert_eq!(Load::Offered.timed_from_ns(5, 9 * EVERY_NS), 5);
        assert_eq!(Load::OneAtATime.next_due_ns(5, 9 * EVERY_NS), 10 * EVERY_NS);
        assert_eq!(Load::OneAtATime.timed_from_ns(5, 9 * EVERY_NS), 9 * EVERY_NS);
    }
}
