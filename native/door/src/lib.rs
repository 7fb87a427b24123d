//! The fire-first door: what strategies say to an engine over a Unix socket, and what it answers.

pub mod answer;
mod digest;
pub mod frame;
pub mod greeting;
mod layout;
pub mod refused;
pub mod request;
pub mod text;
