//! What an armed pair's shots are called. `domain/ids.ts` derives the same names of their orders.

use std::fmt::Write;

use thiserror::Error;

use crate::identity::ClientOrderId;
use crate::journal::INTENT_ID_MAX;
use crate::shot::LEGS;

/// What `domain/ids.ts` puts before an intent's id to name its workflow.
const WORKFLOW: &str = "arbitrage/";
/// By leg.
const PURPOSES: [&str; LEGS] = ["entry/yes", "entry/no"];
/// Digits of the largest number.
const DIGITS_MAX: usize = 20;

/// Of its two orders, YES first.
#[must_use]
pub fn names_of(workflow_id: &str) -> [ClientOrderId; LEGS] {
    PURPOSES.map(|purpose| ClientOrderId::derive(workflow_id, purpose, 0))
}

/// Of the intent whose workflow it is.
pub fn id_of(workflow_id: &str) -> &str {
    workflow_id.strip_prefix(WORKFLOW).unwrap_or(workflow_id)
}

/// No journal would take the intents' ids.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("intents called {0}.… are longer than {INTENT_ID_MAX} bytes: call them something shorter")]
pub struct NameTooLong(String);

/// The intent that comes next; the text is written in place.
pub struct Intent {
    /// With the number behind it.
    workflow_id: String,
    /// Bytes before the number.
    fixed: usize,
    number: u64,
}

impl Intent {
    pub fn new(name: &str) -> Result<Self, NameTooLong> {
        if name.len() + 1 + DIGITS_MAX > INTENT_ID_MAX {
            return Err(NameTooLong(name.to_owned()));
        }
        let mut workflow_id = format!("{WORKFLOW}{name}.");
        let fixed = workflow_id.len();
        workflow_id.reserve_exact(DIGITS_MAX);
        workflow_id.push('1');
        Ok(Self { workflow_id, fixed, number: 1 })
    }

    pub fn id(&self) -> &str {
        id_of(&self.workflow_id)
    }

    pub fn legs(&self) -> [ClientOrderId; LEGS] {
        names_of(&self.workflow_id)
    }

    /// Whether an intent is called as one of these may be.
    pub fn is_called(&self, intent_id: &str) -> bool {
        let fixed = id_of(self.workflow_id.get(..self.fixed).unwrap_or_default());
        let number = intent_id.strip_prefix(fixed);
        number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
    }

    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// Goes on where another has come to.
    pub fn follow(&mut self, other: &Self) {
        self.number = other.number - 1;
        self.next();
    }

    pub fn next(&mut self) {
        self.number += 1;
        self.workflow_id.truncate(self.fixed);
        // Writing to a text fails for no number.
        let _ = write!(self.workflow_id, "{}", self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_intent_has_the_next_number_in_the_memory_of_the_first() {
        let mut intent = Intent::new("rain.7").expect("short");
        assert_eq!(intent.id(), "rain.7.1");
        let room = intent.workflow_id.capacity();
        for _ in 0..1_000 {
            intent.next();
        }
        assert_eq!((intent.id(), intent.workflow_id.capacity()), ("rain.7.1001", room));
        let ids = ["rain.7.1", "rain.7.2000", "rain.7.x", "rain.1", "dawn.7.1"];
        assert_eq!(ids.map(|id| intent.is_called(id)), [true, true, false, false, false]);
        let expected = ClientOrderId::derive("arbitrage/rain.7.1001", "entry/no", 0);
        assert_eq!(intent.legs()[1], expected);
    }

    #[test]
    fn a_name_that_no_slot_has_room_for_is_refused() {
        assert!(Intent::new(&"x".repeat(INTENT_ID_MAX - 21)).is_ok());
        assert!(Intent::new(&"x".repeat(INTENT_ID_MAX - 20)).is_err());
    }
}
