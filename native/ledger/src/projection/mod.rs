//! Brings the journal's records to Postgres, and its acknowledgements back.
//!
//! 1. Nothing is dropped: a record is told until Postgres has answered it. Told twice, in parts, in
//!    any order, the rows are the same. One that Postgres cannot take yet (`NOT_ITS_JOURNAL`)
//!    waits, and nothing waits behind it.
//! 2. What Postgres refuses of a record's words is logged, counted and kept; its slot is not asked
//!    for. The shot told again, with more in it, is told anew.
//! 3. A slot may be used again when `engine_acknowledged` names its shot, and Postgres has all that will
//!    be heard of it. A shot from a lease is asked for before that as well, because it stops its host
//!    until its workflow has it, and is told twice.

mod body;
mod leg_record;
mod projector;
mod record;
mod shots;
mod tell;
#[cfg(test)]
mod told_intents;
#[cfg(test)]
mod told_records;
#[cfg(test)]
mod told_shots;

pub use self::projector::{Projected, Projection, Projector};
pub use self::record::{Heard, ShotRecord};
pub use self::tell::{Acknowledged, LeaseMoved, RecordAnswer};
