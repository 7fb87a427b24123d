//! The whole run: shots from a tick, shots by the door, and single steps.

use std::io::{self, Error, Write};

use crate::from_tick::{Part, Plan, Signing};
use crate::load::Load;
use crate::report::{Report, Row};
use crate::stub::Stamps;
use crate::stub_process::StubProcess;
use crate::{alone, delta, refusals, socket};

const SHOTS: usize = 20_000;
const PLANS: [(Signing, Load); 4] = [
    (Signing::Ahead, Load::OneAtATime),
    (Signing::PerShot, Load::OneAtATime),
    (Signing::Ahead, Load::Offered),
    (Signing::PerShot, Load::Offered),
];

/// Measures everything, and writes it as JSON to standard output.
pub fn run() -> io::Result<()> {
    let shots = shots_in(std::env::args().skip(1))?;
    let report = measure(shots)?;
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &report)?;
    writeln!(out)
}

fn measure(shots: usize) -> io::Result<Report> {
    let stub = StubProcess::start()?;
    let mut parts = Vec::new();
    for (signing, load) in PLANS {
        let part = Plan { signing, load, shots }.measure(&stub);
        say(&part.name);
        parts.push(part);
    }
    let mut rows = Vec::new();
    for is_busy in [false, true] {
        rows.extend(socket::rows(&stub, shots, is_busy));
        say("fire-first");
    }
    // The stub's sessions are in the order of the parts.
    let stamps = stub.stamps()?;
    let (mut of_parts, mut refused, mut signed) = (Vec::new(), Vec::new(), Vec::new());
    for (session, part) in parts.into_iter().enumerate() {
        of_parts.extend(rows_of(&part, session, &stamps));
        refused.extend(part.refused);
        signed.push(part.signed);
    }
    let alone =
        alone::rows(shots).into_iter().chain(delta::rows(shots)).chain(refusals::rows(shots));
    say(alone::PART);
    let rows = of_parts.into_iter().chain(rows).chain(alone).collect();
    Ok(Report { shots, rows, refused, signed })
}

fn rows_of(part: &Part, session: usize, stamps: &Stamps) -> Vec<Row> {
    let mut rows = part.rounds.rows(&part.name, stamps, session);
    rows.extend(part.hops.iter().cloned());
    rows
}

/// How far it is, for the person who waits.
fn say(done: &str) {
    eprintln!("measured: {done}");
}

fn shots_in(mut arguments: impl Iterator<Item = String>) -> io::Result<usize> {
    let usage = || Error::other("usage: bench-fire [--shots 20000]");
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, _, _) => Ok(SHOTS),
        (Some("--shots"), Some(shots), None) => {
            shots.parse().ok().filter(|shots| *shots > 0).ok_or_else(usage)
        }
        _ => Err(usage()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shots(text: &str) -> Option<usize> {
        shots_in(text.split_whitespace().map(str::to_owned)).ok()
    }

    #[test]
    fn as_many_shots_are_fired_as_are_asked_for() {
        assert_eq!([shots(""), shots("--shots 7")], [Some(SHOTS), Some(7)]);
        for wrong in ["--shots", "--shots 0", "--shots -1", "--shots 7 8", "7"] {
            assert_eq!(shots(wrong), None, "{wrong}");
        }
    }
}
