//! Reading what came within some time, a little at once: so many rows that one call would not get through
//! to them in its time are many calls.

use std::ops::Range;
use std::time::Duration;

use crate::connection::DEADLINE;

const PAGE: Duration = Duration::from_mins(1);

/// The ages of everything younger than `of`, the oldest first. While one is read all grow older, and an
/// answer may take as long as it may: so each reaches that far into its neighbours. `passed`: since the
/// first was read.
pub fn ages(of: Duration, passed: impl Fn() -> Duration) -> impl Iterator<Item = Range<Duration>> {
    let count = u32::try_from(of.as_secs() / PAGE.as_secs()).unwrap_or(u32::MAX);
    (0..=count).rev().map(move |page| {
        let passed = passed();
        let old = (page * PAGE + PAGE).min(of) + passed + DEADLINE;
        let young = if page == 0 { Duration::ZERO } else { page * PAGE + passed };
        young.saturating_sub(DEADLINE)..old
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn whatever_came_within_the_time_is_read_however_long_each_answer_takes() {
        let ms = Duration::from_millis;
        for (of, each) in [(3_600_000, 0), (3_600_000, 1_999), (61_000, 700), (9_000, 1_999)] {
            let passed = Cell::new(Duration::ZERO);
            let read: Vec<_> = ages(ms(of), || passed.get())
                .map(|age| {
                    let at = passed.get() + ms(each); // when its answer is made
                    passed.set(at);
                    (age.start.saturating_sub(at), age.end.saturating_sub(at))
                })
                .collect();
            for came in (0..of).step_by(97).map(ms) {
                let is_read = read.iter().any(|(young, old)| (*young..*old).contains(&came));
                assert!(is_read, "{came:?} ago, within {of} ms");
            }
            assert!(
                read.iter().all(|(young, old)| old.saturating_sub(*young) <= PAGE + 2 * DEADLINE)
            );
        }
    }
}
