//! The process `legwork-engine`.

fn main() {}
