//! What stands between a decision and its first byte, the wires that it is written to, and what is
//! made of the answers. A library that knows neither Temporal nor SQL.
//!
//! A shot goes through [`firing::Firing::fire`]: pure checks, the in-flight bit of its market, the budget of
//! its lease, two wires in hand, the journal, and last of all the freeze word, read once inside a
//! section that ends with the last byte of the last leg. Each step can refuse, by name; then what
//! came before it is undone in reverse.

pub mod amount;
pub mod answers;
pub mod armed;
pub mod back_pressure;
pub mod books;
pub mod clearing;
pub mod clock;
pub mod feeds;
pub mod firing;
pub mod gate;
pub mod identity;
pub mod in_flight;
pub mod journal;
pub mod latency;
pub mod lease;
pub mod lines;
pub mod orders;
pub mod own_intent;
pub mod refusal;
pub mod rounds;
pub mod shot;
pub mod signing;
mod sync;
pub mod trigger;
pub mod wire;
