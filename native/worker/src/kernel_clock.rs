//! What the kernel says of its wall clock, at the start and each minute (DESIGN §11): delays between
//! machines are compared with that error attached.

use std::time::Duration;

use legwork_engine_core::clock::Discipline;
use legwork_engine_ledger::Reconnecting;
use legwork_engine_ledger::start::Start;
use metrics::gauge;
use tokio::time::interval;
use tracing::{info, warn};

const EVERY: Duration = Duration::from_mins(1);

/// For as long as it is not dropped: each answer is kept in Postgres, and it is told when somebody
/// begins or ceases to keep the clock.
pub async fn watch(start: Start, mut line: Reconnecting) {
    let mut turns = interval(EVERY);
    let mut told = None;
    loop {
        turns.tick().await;
        let discipline = match Discipline::ask() {
            Ok(discipline) => discipline,
            Err(error) => {
                warn!(target: "legwork", %error, "the kernel does not say how right its clock is");
                return;
            }
        };
        publish(discipline);
        if told != Some(discipline.is_synchronised) {
            told = Some(discipline.is_synchronised);
            tell(discipline);
        }
        if let Err(why) = keep(&start, &mut line, &discipline).await {
            warn!(target: "legwork", why, "Postgres has no word of this minute's clock");
        }
    }
}

async fn keep(
    start: &Start,
    line: &mut Reconnecting,
    discipline: &Discipline,
) -> Result<(), String> {
    let ledger = line.ledger().await.map_err(|error| error.to_string())?;
    let kept = ledger.tell_clock(start, discipline).await.map_err(|error| error.to_string())?;
    kept.map_err(|refusal| refusal.to_string())
}

fn tell(Discipline { is_synchronised, estimated_error_us, maximum_error_us }: Discipline) {
    if is_synchronised {
        info!(target: "legwork", estimated_error_us, maximum_error_us, "the clock is kept");
    } else {
        warn!(target: "legwork", "nobody keeps the clock: venues refuse stamps that are off");
    }
}

fn publish(Discipline { is_synchronised, estimated_error_us, maximum_error_us }: Discipline) {
    let seconds = |microseconds| Duration::from_micros(microseconds).as_secs_f64();
    gauge!("legwork_engine_clock_synchronised").set(if is_synchronised { 1.0 } else { 0.0 });
    gauge!("legwork_engine_clock_error_seconds", "of" => "estimated")
        .set(seconds(estimated_error_us));
    gauge!("legwork_engine_clock_error_seconds", "of" => "maximum").set(seconds(maximum_error_us));
}
