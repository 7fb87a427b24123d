//! Both venues in a process of their own, for `bench-fire`, which starts it.

use std::io;

fn main() -> io::Result<()> {
    legwork_engine_bench::stub::run()
}
