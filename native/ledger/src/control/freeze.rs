//! What is frozen for whom; `domain/freeze/freeze-of.ts` is the twin.

use legwork_engine_core::clearing::Subject;
use serde::Deserialize;

/// A freeze that is in force.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Freeze {
    /// Its name.
    pub freeze_id: String,
    /// Of its commit.
    pub epoch: u64,
    /// How far it reaches.
    pub scope: Scope,
    /// `manual`, `loss_limit`, …
    pub cause: String,
    /// In whose words.
    pub why: String,
    /// What happens to working orders.
    pub action: String,
}

/// How far a freeze reaches. A kind that this build has not heard of cannot be read, and then
/// nothing of its heartbeat is believed: the gate closes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(tag = "kind", content = "key", rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    Global,
    /// Every trade with a leg at that venue.
    Venue(String),
    /// Every trade of that account.
    Account(String),
    /// Every trade of that strategy.
    Strategy(String),
    /// Every trade with a leg in it: `kalshi/KXRAIN/no`.
    Instrument(String),
    /// Every trade of that pair.
    Pair(String),
    /// One trade.
    Workflow(String),
}

impl Freeze {
    /// A freeze of one venue or instrument reaches every trade that has a leg there.
    #[must_use]
    pub fn reaches(&self, subject: &Subject<'_>) -> bool {
        match &self.scope {
            Scope::Global => true,
            Scope::Venue(key) => subject.venues.contains(&key.as_str()),
            Scope::Account(key) => subject.account == key,
            Scope::Strategy(key) => subject.strategy == key,
            Scope::Instrument(key) => subject.instruments.contains(&key.as_str()),
            Scope::Pair(key) => subject.pair_id == key,
            Scope::Workflow(key) => subject.workflow_id == key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAIN: Subject<'_> = Subject {
        venues: &["kalshi", "polymarket"],
        account: "main",
        strategy: "weather",
        instruments: &["polymarket/0xrain/yes", "kalshi/KXRAIN/no"],
        pair_id: "rain",
        workflow_id: "arbitrage/a",
    };

    fn freeze(scope: &str) -> Freeze {
        let rest = r#""cause":"manual","why":"a drill","action":"leave""#;
        let text = format!(r#"{{"freezeId":"f","epoch":3,"scope":{scope},{rest}}}"#);
        serde_json::from_str(&text).expect("a freeze, as a heartbeat tells it")
    }

    #[test]
    fn a_freeze_reaches_whoever_trades_in_its_scope_and_nobody_else() {
        for (kind, ours, others) in [
            ("venue", "kalshi", "other"),
            ("account", "main", "other"),
            ("strategy", "weather", "sports"),
            ("instrument", "kalshi/KXRAIN/no", "kalshi/KXRAIN/yes"),
            ("pair", "rain", "snow"),
            ("workflow", "arbitrage/a", "arbitrage/b"),
        ] {
            let scope = |key: &str| freeze(&format!(r#"{{"kind":"{kind}","key":"{key}"}}"#));
            assert!(scope(ours).reaches(&RAIN), "{kind}");
            assert!(!scope(others).reaches(&RAIN), "{kind}");
        }
        assert!(freeze(r#"{"kind":"global"}"#).reaches(&RAIN));
    }

    #[test]
    fn a_scope_that_nobody_knows_is_no_freeze_that_can_be_left_out() {
        let scope = r#"{"kind":"planet","key":"mars"}"#;
        assert!(serde_json::from_str::<Scope>(scope).is_err());
    }
}
