//! Vectors, amounts and grids for whoever tests market data.

#![allow(dead_code)] // each test has its own use for them

use std::path::Path;
use std::str::FromStr;

use legwork_engine_core::books::{Band, Grid};
use serde::de::DeserializeOwned;

/// When every book of a test was heard of.
pub const HEARD_NS: u64 = 10_000_000_000;

pub fn vectors<T: DeserializeOwned>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors");
    let text = std::fs::read_to_string(folder.join(name)).expect("part of the repository");
    serde_json::from_str(&text).expect("vectors are JSON of this shape")
}

pub fn of<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

pub fn cents() -> Grid {
    let band = Band { start: of("0.01"), end: of("0.99"), step: of("0.01") };
    Grid::new(&[band]).expect("a grid")
}
