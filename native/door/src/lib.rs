//! The fire-first door: what strategies say to an engine over a Unix socket, and what it answers.
//! `docs/fire-first.md` is the protocol, byte by byte; `client/fire-first/` is the other end.
//!
//! A [`door::Door`] reads frames, checks them and hands them to a [`desk::Desk`]. It waits for no
//! client and allocates nothing per frame. The desk is either the thread that fires itself, or a
//! [`lane::Lane`]: a ring to that thread, with the door on a thread of its own ([`thread`]).

pub mod answer;
mod buffers;
mod connection;
pub mod desk;
mod digest;
pub mod door;
pub mod frame;
pub mod greeting;
pub mod lane;
mod layout;
mod place;
pub mod refused;
pub mod request;
mod slots;
pub mod text;
pub mod thread;

pub use self::place::{OpenError, Peers};
