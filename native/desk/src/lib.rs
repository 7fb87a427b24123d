//! The thread that fires, and everything that it owns: the wires, the books, the journal and the
//! headers that were signed ahead. Knows neither Temporal nor SQL: whoever wants something of it sends
//! a command, and whoever has to know something of it is told.

mod armed;
pub mod arming;
pub mod core_dumps;
pub mod death;
pub mod doors;
pub mod entry;
pub mod intents;
pub mod keys;
pub mod letters;
pub mod listing;
pub mod order;
mod put_off;
pub mod thread;
pub mod trade;
