//! What the kernel says of its wall clock, at the start and each minute (DESIGN §11): delays between
//! machines are compared with that error attached.

use std::time::Duration;

use legwork_engine_core::clock::Discipline;
use metrics::gauge;
use tokio::time::interval;
use tracing::{info, warn};

const EVERY: Duration = Duration::from_mins(1);

/// For as long as the process lives; it is told when somebody begins or ceases to keep the clock.
pub fn watch() {
    tokio::spawn(async {
        let mut turns = interval(EVERY);
        let mut told = None;
        loop {
            turns.tick().await;
            match Discipline::ask() {
                Ok(discipline) => {
                    publish(discipline);
                    if told != Some(discipline.is_synchronised) {
                        told = Some(discipline.is_synchronised);
                        tell(discipline);
                    }
                }
                Err(error) => {
                    warn!(target: "legwork", %error, "the kernel does not say how right its clock is");
                    return;
                }
            }
        }
    });
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
