//! The stub, as whoever measures has it.

use std::env::current_exe;
use std::io::{self, BufRead, BufReader, Error};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::stub::{Listening, Place, Stamps};
use crate::venue::TestVenue;

const PROGRAM: &str = "bench-stub";

/// It ends with us: its standard input is ours.
pub struct StubProcess {
    child: Child,
    said: BufReader<ChildStdout>,
    /// Where it listens.
    pub polymarket: TestVenue,
    /// Likewise.
    pub kalshi: TestVenue,
}

impl StubProcess {
    /// Starts the program that lies beside this one.
    pub fn start() -> io::Result<Self> {
        let program = current_exe()?.with_file_name(PROGRAM);
        let mut stub = Command::new(&program);
        let mut child =
            stub.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|cause| {
                Error::other(format!("{}: {cause}: build the whole package", program.display()))
            })?;
        let said = child.stdout.take().ok_or_else(|| Error::other("its output is piped"))?;
        let mut said = BufReader::new(said);
        let Listening { polymarket, kalshi } = serde_json::from_str(&line(&mut said)?)?;
        Ok(Self { child, said, polymarket: venue(polymarket), kalshi: venue(kalshi) })
    }

    /// Ends it, and hears when each request came.
    pub fn stamps(mut self) -> io::Result<Stamps> {
        drop(self.child.stdin.take());
        let stamps = serde_json::from_str(&line(&mut self.said)?)?;
        self.child.wait()?;
        Ok(stamps)
    }
}

fn line(said: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    said.read_line(&mut line)?;
    Ok(line)
}

fn venue(Place { address, roots }: Place) -> TestVenue {
    TestVenue { address, roots, log: <_>::default() }
}
