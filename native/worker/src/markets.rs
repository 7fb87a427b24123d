//! What the pairs of this start are called.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use legwork_engine_core::in_flight::MarketId;

/// The numbers of the pairs that this start may own, by name.
#[derive(Clone, Default)]
pub struct Markets(Arc<RwLock<HashMap<String, MarketId>>>);

impl Markets {
    /// `None`: no pair of this start.
    pub fn number(&self, pair_id: &str) -> Option<MarketId> {
        self.0.read().ok()?.get(pair_id).copied()
    }

    /// Given once.
    pub fn add(&self, pair_id: &str, number: MarketId) {
        if let Ok(mut numbers) = self.0.write() {
            numbers.insert(pair_id.to_owned(), number);
        }
    }
}
