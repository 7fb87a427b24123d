//! `bench-fire [--shots 20000]`: what a shot takes, as JSON on standard output.

use std::io;

fn main() -> io::Result<()> {
    legwork_engine_bench::fire::run()
}
