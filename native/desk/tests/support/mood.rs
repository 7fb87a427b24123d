//! Venues that say to each order what a test wants them to.

use std::sync::{Arc, Mutex};

use super::streams::venue::TestVenue;

/// What both venues say to an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mood {
    /// A definite no.
    Refusing,
    /// Nothing that proves anything.
    Unclear,
}

pub fn serving(is_kalshi: bool, mood: &Arc<Mutex<Mood>>) -> TestVenue {
    let mood = Arc::clone(mood);
    TestVenue::start(move |session| {
        while session.read().is_some() {
            let (status, body) = match (*mood.lock().expect("whole"), is_kalshi) {
                (Mood::Unclear, _) => (200, "{}"),
                (Mood::Refusing, true) => {
                    (400, r#"{"error":{"code":"insufficient_balance","message":"no"}}"#)
                }
                (Mood::Refusing, false) => {
                    (400, r#"{"error":"not enough balance / allowance","orderID":""}"#)
                }
            };
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}", body.len());
            session.send(format!("{head}\r\n\r\n{body}").as_bytes());
        }
    })
}
