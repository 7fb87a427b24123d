//! The venues' market data, from a socket to a book: what has to happen in the thread that fires.
//!
//! [`MarketData`] has a [`socket::Socket`] per venue, hands its messages to the engine's feeds, and
//! says which instrument's book has changed. It never waits: whoever polls it does so between shots,
//! or waits for its sockets by `poll(2)`.

mod feed;
mod follows;
mod instrument;
mod market_data;
pub mod socket;
mod tls_stream;
mod trouble;
mod upgrade;
mod venue_stream;

pub use self::instrument::{Instrument, Listed, Market, Outcome};
pub use self::market_data::{KalshiSource, MarketData};
pub use self::trouble::Trouble;
pub use self::upgrade::Upgrade;
pub use self::venue_stream::{CLOSED_MS_MAX, Changed, StreamCounts};
