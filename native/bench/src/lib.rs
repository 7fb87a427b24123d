//! From a tick to both wires, over TLS on loopback against a stub in a process of its own, beside
//! the floor: the same bytes through the same two sessions with nothing else done. It is run by
//! `npm run bench:fire`; `bench/README.md` explains each number.
//!
//! The pairs, their orders and their keys are those of the engine’s and the desk’s tests.

mod alone;
#[path = "../../engine/tests/support/armed.rs"]
mod armed;
mod delta;
#[allow(dead_code)] // its tables are the engine's own benches'
#[path = "../../engine/benches/support/desk.rs"]
mod desk;
#[path = "../../door/tests/support/mod.rs"]
mod door;
mod engine;
pub mod fire;
mod from_tick;
#[path = "../../desk/tests/support/given.rs"]
mod given;
mod headers;
#[path = "../../engine/tests/support/kalshi.rs"]
mod kalshi;
mod load;
#[path = "../../engine/tests/support/market_data.rs"]
mod market_data;
mod no_wires;
#[path = "../../engine/tests/support/orders.rs"]
mod orders;
mod refusals;
mod report;
mod rounds;
mod socket;
mod streamed;
#[path = "../../market-data/tests/support/mod.rs"]
mod streams;
pub mod stub;
mod stub_process;
#[path = "../../engine/tests/support/mod.rs"]
mod support;
#[path = "../../engine/tests/support/ticks.rs"]
mod ticks;

use streams::venue;

/// As the desk’s tests call their engine.
const ENGINE: &str = "engine-1";
