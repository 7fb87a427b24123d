//! What the engine asks of Postgres, by the functions of `store/migrations` (docs/engine-sql.md).
//!
//! A [`Ledger`] is one connection; its calls are those functions, typed. What Postgres refuses is a
//! value ([`Told`]), what a connection does is a [`LedgerError`], and neither ends anything:
//! whoever calls knows what silence means for it. [`control`] keeps the gate true by a heartbeat,
//! and [`projection`] brings the journal's records to Postgres. The firing thread calls nothing
//! here.

mod address;
mod ages;
mod amounts;
mod clock;
mod connection;
pub mod control;
mod error;
pub mod orders;
pub mod owners;
pub mod projection;
mod reconnecting;
pub mod refusal;
mod rows;
pub mod start;
mod tls;
pub mod trades;

pub use self::address::Address;
pub use self::ages::ages;
pub use self::connection::{DEADLINE, INTENTS_CHANNEL, Ledger};
pub use self::error::LedgerError;
pub use self::reconnecting::{BackOff, Reconnecting};
pub use self::refusal::Told;
