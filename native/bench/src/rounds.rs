//! The rounds of a part, and what they come to once the stub has told its stamps.

use crate::report::Row;
use crate::stub::Stamps;

/// One writing of both legs: a shot, or the floor's.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Of the other rounds there is a shot's requests, and no more.
    pub is_shot: bool,
    /// It was no warm-up.
    pub counts: bool,
    /// From where it is timed.
    pub from_ns: u64,
    /// When the second leg's last byte was the kernel's.
    pub written_ns: u64,
}

/// All of a part, in the order in which their bytes have left.
#[derive(Debug, Default)]
pub struct Rounds(Vec<Round>);

impl Rounds {
    /// One more.
    pub fn add(&mut self, round: Round) {
        self.0.push(round);
    }

    /// Both legs written, both seen by the stub, and how long the second was seen after the first:
    /// of the floor, then of the shots. Each session has seen all rounds, one after the other.
    pub fn rows(&self, part: &str, stamps: &Stamps, connection: usize) -> Vec<Row> {
        let [polymarket, kalshi] = [&stamps.polymarket[connection], &stamps.kalshi[connection]];
        let rounds = self.0.len();
        assert_eq!([polymarket.len(), kalshi.len()], [rounds; 2], "{part}: each was seen once");
        let all: Vec<Seen> = (self.0.iter().zip(polymarket).zip(kalshi))
            .map(|((round, first_ns), second_ns)| Seen::of(*round, *first_ns, *second_ns))
            .collect();
        [("floor", false), ("tick", true)]
            .into_iter()
            .flat_map(|(what, is_shot)| {
                let of = |step: fn(&Seen) -> u64, name| {
                    let counted = all.iter().filter(|seen| seen.is_of(is_shot)).map(step);
                    Row::of_all(part, &format!("{what}: {name}"), counted)
                };
                [
                    of(|seen| seen.written_ns, "both legs written"),
                    of(|seen| seen.both_ns, "both seen by the stub"),
                    of(|seen| seen.skew_ns, "leg skew at the stub"),
                ]
            })
            .collect()
    }
}

struct Seen {
    round: Round,
    written_ns: u64,
    both_ns: u64,
    skew_ns: u64,
}

impl Seen {
    fn of(round: Round, first_ns: u64, second_ns: u64) -> Self {
        let since = |at_ns: u64| at_ns.checked_sub(round.from_ns).expect("nothing is early");
        let (written_ns, both_ns) = (since(round.written_ns), since(first_ns.max(second_ns)));
        Self { round, written_ns, both_ns, skew_ns: first_ns.abs_diff(second_ns) }
    }

    const fn is_of(&self, is_shot: bool) -> bool {
        self.round.counts && self.round.is_shot == is_shot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_stub_saw_is_joined_to_the_round_that_it_is_of() {
        let mut rounds = Rounds::default();
        let mut add = |is_shot, counts, from_ns| {
            rounds.add(Round { is_shot, counts, from_ns, written_ns: from_ns + 40 });
        };
        add(true, false, 0);
        add(true, true, 1_000);
        add(false, true, 2_000);
        let stamps = Stamps {
            polymarket: vec![vec![], vec![900, 1_010, 2_030]],
            kalshi: vec![vec![], vec![900, 1_060, 2_025]],
        };
        let rows = rounds.rows("p", &stamps, 1);
        let told: Vec<_> = rows.iter().map(|row| (&*row.what, row.count, row.p50)).collect();
        assert_eq!(
            told,
            [
                ("floor: both legs written", 1, 40),
                ("floor: both seen by the stub", 1, 30),
                ("floor: leg skew at the stub", 1, 5),
                ("tick: both legs written", 1, 40),
                ("tick: both seen by the stub", 1, 60),
                ("tick: leg skew at the stub", 1, 50),
            ]
        );
    }

    #[test]
    #[should_panic(expected = "each was seen once")]
    fn a_request_that_was_not_seen_ends_the_run() {
        let mut rounds = Rounds::default();
        rounds.add(Round { is_shot: true, counts: true, from_ns: 0, written_ns: 1 });
        rounds.rows("p", &Stamps { polymarket: vec![vec![1]], kalshi: vec![vec![]] }, 0);
    }
}
