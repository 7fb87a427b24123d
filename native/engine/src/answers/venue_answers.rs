//! Both venues' tables behind one question.

use super::{KalshiAnswers, KalshiOrder, PolymarketAnswers, PolymarketOrder, TableError, Verdict};
use crate::amount::Quantity;
use crate::identity::ClientOrderId;
use crate::shot::{Leg, Ordered};

/// What a leg asked for, as far as its venue's answer is held against it.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Our name for the order.
    pub client_order_id: ClientOrderId,
    /// The most that may fill.
    pub legal_maximum: Quantity,
    /// And what its venue alone has.
    pub ordered: Ordered,
}

impl Asked {
    /// Of a leg that is about to be written.
    #[must_use]
    pub fn of(leg: &Leg<'_>) -> Self {
        let Leg { client_order_id, legal_maximum, ordered, .. } = *leg;
        Self { client_order_id, legal_maximum, ordered }
    }
}

/// The tables that this engine was built with.
#[derive(Clone, Debug)]
pub struct VenueAnswers {
    kalshi: KalshiAnswers,
    polymarket: PolymarketAnswers,
}

impl VenueAnswers {
    /// Checked row by row; an engine does not start with a broken one.
    pub fn load() -> Result<Self, TableError> {
        Ok(Self { kalshi: KalshiAnswers::load()?, polymarket: PolymarketAnswers::load()? })
    }

    /// What an answer to a leg proves, by the table of the venue that it went to.
    #[must_use]
    pub fn place_answer(&self, asked: &Asked, status: u16, body: &[u8]) -> Verdict {
        let Asked { client_order_id, legal_maximum, ordered } = *asked;
        match ordered {
            Ordered::Kalshi => {
                let order = KalshiOrder { client_order_id, legal_maximum };
                self.kalshi.place_answer(&order, status, body)
            }
            Ordered::Polymarket { hash, side, fixed, is_immediate } => {
                let order = PolymarketOrder { hash, side, fixed, legal_maximum, is_immediate };
                self.polymarket.place_answer(&order, status, body)
            }
        }
    }
}
