//! Letters that no name of ours has. What comes from a workflow was checked at its door
//! (`schemas/names.ts`); whatever is fired for is looked at once more, because a journal that says
//! what Postgres cannot keep keeps its slot and its pair until somebody has looked.

use serde::Deserialize;
use serde_json::Value;

use crate::arming::Arming;
use crate::trade::TradeShot;

type Named<'a> = (&'static str, &'a str);

impl Arming {
    /// In wire form, or why it is not understood.
    pub fn read(told: &Value) -> Result<Self, String> {
        let arming = Self::deserialize(told).map_err(|error| error.to_string())?;
        arming.check_letters().map(|()| arming)
    }

    /// What its shots will say.
    fn check_letters(&self) -> Result<(), String> {
        let Self { pair, .. } = self;
        let group = self.order_group_id.as_deref().unwrap_or_default();
        check(&[
            ("armingId", &self.arming_id),
            ("leaseId", &self.lease_id),
            ("account", &self.account),
            ("strategy", &self.strategy),
            ("pairId", &pair.pair_id),
            ("Kalshi's market", &pair.kalshi.market),
            ("Polymarket's market", &pair.polymarket.market),
            ("orderGroupId", group),
        ])
    }
}

impl TradeShot {
    /// In wire form, or why it is not understood.
    pub fn read(told: &Value) -> Result<Self, String> {
        let shot = Self::deserialize(told).map_err(|error| error.to_string())?;
        shot.check_letters().map(|()| shot)
    }

    /// What it will say, and what is written down of its orders. Its story may have lines.
    fn check_letters(&self) -> Result<(), String> {
        check(&[
            ("workflowId", &self.workflow_id),
            ("strategy", &self.strategy),
            ("pairId", &self.pair.pair_id),
            ("Kalshi's market", &self.pair.kalshi.market),
            ("Polymarket's market", &self.pair.polymarket.market),
        ])?;
        if !self.orders.iter().all(is_plain) {
            return Err(not_plain("an order"));
        }
        let has_none = |text: &str| !text.contains('\0');
        let is_kept = self.story.iter().all(|line| has_none(&line.event) && has_none(&line.text));
        is_kept.then_some(()).ok_or_else(|| not_plain("the story"))
    }
}

fn check(named: &[Named<'_>]) -> Result<(), String> {
    let wrong = named.iter().find(|(_, text)| text.contains(char::is_control));
    wrong.map_or(Ok(()), |(name, _)| Err(not_plain(name)))
}

fn not_plain(name: &str) -> String {
    format!("{name} has a control character, which no name has")
}

/// Of all that it has, names of members, too.
fn is_plain(told: &Value) -> bool {
    let is_text = |text: &str| !text.contains(char::is_control);
    match told {
        Value::String(text) => is_text(text),
        Value::Array(all) => all.iter().all(is_plain),
        Value::Object(members) => members.iter().all(|(name, of)| is_text(name) && is_plain(of)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pair() -> Value {
        let market = |name: &str| {
            json!({
                "market": name, "priceBands": [], "lot": "0.01", "minimumQuantity": "1",
                "closesAtMs": 9,
            })
        };
        json!({ "pairId": "rain", "kalshi": market("KXRAIN"), "polymarket": market("0xrain") })
    }

    fn arming() -> Value {
        json!({
            "armingId": "arm.1", "leaseId": "lease.1", "pair": pair(), "account": "main",
            "strategy": "dawn", "fires": "on_request", "types": [], "contractsMax": "1",
            "edgeMin": "0.01", "validMs": 1, "orderGroupId": "group-1",
        })
    }

    fn shot() -> Value {
        let order = json!({ "clientOrderId": "a", "instrument": { "market": "KXRAIN" } });
        json!({
            "workflowId": "arbitrage/rain.1", "pair": pair(), "strategy": "dawn",
            "orders": [order, order], "terms": { "answerTimeoutMs": 1 },
            "story": [{ "atMs": 1, "event": "fire", "text": "both\nlegs" }],
        })
    }

    fn with(mut told: Value, place: &str, letter: char) -> Value {
        let text = told.pointer_mut(place).expect("such a member");
        *text = json!(format!("{}{letter}", text.as_str().expect("a text")));
        told
    }

    #[test]
    fn nothing_is_armed_by_a_name_that_nobody_can_write_down() {
        assert!(Arming::read(&arming()).is_ok());
        for place in [
            "/armingId",
            "/leaseId",
            "/account",
            "/strategy",
            "/pair/pairId",
            "/pair/kalshi/market",
            "/pair/polymarket/market",
            "/orderGroupId",
        ] {
            for letter in ['\0', '\n', '\u{7f}'] {
                let why = Arming::read(&with(arming(), place, letter)).expect_err(place);
                assert!(why.contains("control character"), "{why}");
            }
        }
    }

    #[test]
    fn no_trade_is_fired_for_by_a_name_that_nobody_can_write_down() {
        assert!(TradeShot::read(&shot()).is_ok());
        for place in [
            "/workflowId",
            "/strategy",
            "/pair/pairId",
            "/pair/kalshi/market",
            "/pair/polymarket/market",
            "/orders/1/clientOrderId",
            "/orders/0/instrument/market",
            "/story/0/text",
            "/story/0/event",
        ] {
            let why = TradeShot::read(&with(shot(), place, '\0')).expect_err(place);
            assert!(why.contains("control character"), "{why}");
        }
        let why = TradeShot::read(&with(shot(), "/strategy", '\0')).expect_err("refused");
        assert_eq!(why, "strategy has a control character, which no name has");
    }
}
