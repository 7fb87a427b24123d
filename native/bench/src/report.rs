//! What was measured, as `bench/fire.ts` reads it.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longer ones count as this.
const LONGEST_NS: u64 = 60_000_000_000;
const DIGITS: u8 = 3;

/// Everything of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many were asked for, of each row.
    pub shots: usize,
    /// In the order in which they were measured.
    pub rows: Vec<Row>,
    /// Shots that the engine has refused and that are in no row.
    pub refused: Vec<Refused>,
    /// When the orders of each part were signed.
    pub signed: Vec<Signed>,
}

/// Whether what is likely, as the books are, is what comes.
#[derive(Debug, Serialize)]
pub struct Signed {
    /// As a row has it.
    pub part: String,
    /// Orders that were signed before their ticks.
    pub ahead: u64,
    /// Orders that were signed in their shots.
    #[serde(rename = "perShot")]
    pub per_shot: u64,
}

/// One thing that was timed, in nanoseconds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Row {
    /// Within what: rows of one part took turns.
    pub part: String,
    /// What was timed.
    pub what: String,
    /// How often.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: u64,
    /// 95 in a hundred took no longer.
    pub p95: u64,
    /// 99 in a hundred took no longer.
    pub p99: u64,
    /// 999 in a thousand took no longer.
    #[serde(rename = "p99.9")]
    pub p999: u64,
}

/// Where a load was more than the machine could bear.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// As a row has it.
    pub part: String,
    /// As operators see it.
    pub code: &'static str,
    /// How often.
    pub count: usize,
}

impl Row {
    /// Of what was recorded.
    pub fn of(part: &str, what: &str, took: &Histogram<u64>) -> Self {
        let at = |quantile| took.value_at_quantile(quantile);
        let (part, what) = (part.to_owned(), what.to_owned());
        Self {
            part,
            what,
            count: took.len(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
        }
    }

    /// Of times.
    pub fn of_all(part: &str, what: &str, took: impl IntoIterator<Item = u64>) -> Self {
        let mut all = histogram();
        took.into_iter().for_each(|took_ns| all.saturating_record(took_ns));
        Self::of(part, what, &all)
    }
}

/// With nothing recorded.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, DIGITS).expect("its bounds are constants")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_four_figures_under_the_names_that_are_read() {
        let row = Row::of_all("alone", "dedup", 1..=1_000);
        let said = serde_json::to_value(&row).expect("JSON");
        let expected = serde_json::json!({
            "part": "alone", "what": "dedup", "count": 1_000,
            "p50": 500, "p95": 950, "p99": 990, "p99.9": 999,
        });
        assert_eq!(said, expected);
    }

    #[test]
    fn what_takes_longer_than_anything_is_counted() {
        let row = Row::of_all("alone", "slow", [u64::MAX]);
        assert_eq!(row.count, 1);
        assert!(row.p50 >= LONGEST_NS);
    }
}
