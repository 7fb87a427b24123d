//! What the kernel says of its clock, kept beside what was stamped by it (DESIGN §11).

use legwork_engine_core::clock::Discipline;
use tokio_postgres::types::{ToSql, Type};

use crate::connection::{Call, DEADLINE, Ledger};
use crate::refusal::{ClockRefusal, Told};
use crate::rows::{Answer, bigint, done};
use crate::start::Start;

const TELL_CLOCK: Call = Call {
    name: "engine_tell_clock",
    sql: "select engine_tell_clock($1, $2, $3, $4, $5) as refusal",
    types: &[Type::TEXT, Type::INT8, Type::BOOL, Type::INT8, Type::INT8],
};

impl Ledger {
    /// As it is now.
    pub async fn tell_clock(&self, start: &Start, told: &Discipline) -> Told<(), ClockRefusal> {
        let epoch = bigint(TELL_CLOCK.name, start.epoch)?;
        let Discipline { is_synchronised, estimated_error_us, maximum_error_us } = told;
        let [estimated, maximum] =
            [estimated_error_us, maximum_error_us].map(|error_us| i64::try_from(*error_us).ok());
        let given: [&(dyn ToSql + Sync); 5] =
            [&start.process, &epoch, is_synchronised, &estimated, &maximum];
        let row = self.ask_one(&TELL_CLOCK, &given, DEADLINE).await?;
        done(Answer { call: TELL_CLOCK.name, row: &row })
    }
}
