//! Amounts as every wire has them: decimal texts.

use std::fmt;

use serde::{Serialize, Serializer};

/// The shortest decimal of an amount.
#[derive(Clone, Debug)]
pub(crate) struct Decimal(String);

impl Decimal {
    /// Of a price, a quantity or money, which write themselves so.
    pub fn of(amount: impl fmt::Display) -> Self {
        Self(amount.to_string())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}
