//! Both orders of a shot: committed before any byte of them leaves (DESIGN §1), and closed where
//! none has left.

use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::types::{Json, ToSql, Type};

use crate::connection::{Call, DEADLINE, Ledger};
use crate::error::LedgerError;
use crate::refusal::{NotSentRefusal, OrdersRefusal, Told};
use crate::rows::{Answer, bigint, done};
use crate::start::Start;

/// An order as it is about to be sent.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderToRecord<'a> {
    /// The child order as its workflow has told it, byte for byte: what the row keeps.
    pub order: &'a RawValue,
    /// The body of its request, byte for byte.
    pub body: &'a str,
    /// Its name at the venue, where that is known before it is sent (Polymarket).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_order_id: Option<&'a str>,
}

/// A line of the trade's story.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoryLine<'a> {
    /// Since 1970, in milliseconds.
    pub at_ms: i64,
    /// What happened.
    pub event: &'a str,
    /// In words.
    pub text: &'a str,
}

/// Both orders of one shot.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShotToRecord<'a> {
    /// The trade's.
    pub workflow_id: &'a str,
    /// The pair's name.
    pub pair_id: &'a str,
    /// Of this engine: an order of another mode than the database's is not written.
    pub mode: &'a str,
    /// YES, then NO.
    pub orders: [OrderToRecord<'a>; 2],
    /// What is told with it.
    pub story: &'a [StoryLine<'a>],
}

/// Why nothing may be sent; whether nothing was, [`OrdersRefusal`] says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotRecorded {
    /// By name.
    pub refusal: OrdersRefusal,
    /// What of it, in words.
    pub why: Option<String>,
}

const RECORD_ORDERS: Call = Call {
    name: "engine_record_orders",
    sql: "select * from engine_record_orders($1, $2, $3)",
    types: &[Type::TEXT, Type::INT8, Type::JSONB],
};

const NOT_SENT: Call = Call {
    name: "engine_not_sent",
    sql: "select * from engine_not_sent($1, $2, $3, $4)",
    types: &[Type::TEXT, Type::INT8, Type::TEXT_ARRAY, Type::TEXT],
};

const ORDERS_KNOWN: Call = Call {
    name: "engine_orders_known",
    sql: "select engine_orders_known($1) as known",
    types: &[Type::TEXT_ARRAY],
};

impl Ledger {
    /// Whether each of these orders has its row.
    pub async fn orders_known(&self, client_order_ids: &[String]) -> Result<bool, LedgerError> {
        let row = self.ask_one(&ORDERS_KNOWN, &[&client_order_ids], DEADLINE).await?;
        Answer { call: ORDERS_KNOWN.name, row: &row }.get("known")
    }

    /// Commits both orders. Only an inner `Ok` lets a byte leave. After a [`crate::LedgerError`]
    /// they may be committed or not: nothing is sent, and it is not asked again to find out
    /// (`RECORDED_BEFORE` would be said of these very rows); the trade's workflow asks the venues.
    pub async fn record_orders(
        &self,
        start: &Start,
        shot: &ShotToRecord<'_>,
    ) -> Told<(), NotRecorded> {
        let epoch = bigint(RECORD_ORDERS.name, start.epoch)?;
        let row =
            self.ask_one(&RECORD_ORDERS, &[&start.process, &epoch, &Json(shot)], DEADLINE).await?;
        let answer = Answer { call: RECORD_ORDERS.name, row: &row };
        let why = answer.get("why")?;
        Ok(answer.refusal()?.map_or(Ok(()), |refusal| Err(NotRecorded { refusal, why })))
    }

    /// Closes orders that were committed and of which nothing has left, by why. Told again, and of
    /// orders that are not there, it changes nothing.
    pub async fn not_sent(
        &self,
        start: &Start,
        client_order_ids: &[String],
        code: &str,
    ) -> Told<(), NotSentRefusal> {
        let epoch = bigint(NOT_SENT.name, start.epoch)?;
        let given: [&(dyn ToSql + Sync); 4] = [&start.process, &epoch, &client_order_ids, &code];
        let row = self.ask_one(&NOT_SENT, &given, DEADLINE).await?;
        done(Answer { call: NOT_SENT.name, row: &row })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_told_as_its_workflow_has_it() -> Result<(), serde_json::Error> {
        let order =
            RawValue::from_string(r#"{"fixed":{"contracts":"1.50"},"notAfterMs":1}"#.into())?;
        let told =
            |venue_order_id| OrderToRecord { order: &order, body: "{\"a\":1}", venue_order_id };
        let shot = ShotToRecord {
            workflow_id: "arbitrage/a",
            pair_id: "rain",
            mode: "simulated",
            orders: [told(Some("0xab")), told(None)],
            story: &[StoryLine { at_ms: 7, event: "fire", text: "both legs" }],
        };
        let order = r#"{"order":{"fixed":{"contracts":"1.50"},"notAfterMs":1},"body":"{\"a\":1}""#;
        let story = r#"[{"atMs":7,"event":"fire","text":"both legs"}]"#;
        let names = r#""workflowId":"arbitrage/a","pairId":"rain","mode":"simulated""#;
        let orders = format!(r#"[{order},"venueOrderId":"0xab"}},{order}}}]"#);
        let expected = format!(r#"{{{names},"orders":{orders},"story":{story}}}"#);
        assert_eq!(serde_json::to_string(&shot)?, expected);
        Ok(())
    }
}
