//! The names that TypeScript and Rust give to the same orders.

use std::path::Path;

use legwork_engine_core::identity::ClientOrderId;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    workflow_id: String,
    what: String,
    attempt: u32,
    client_order_id: String,
    polymarket_salt: u64,
}

#[test]
fn an_order_has_the_name_and_the_salt_that_typescript_gives_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/ids.json");
    let text = std::fs::read_to_string(&path).expect("the vectors are part of the repository");
    let names: Vec<Name> = serde_json::from_str(&text).expect("vectors are JSON");
    assert!(names.len() > 5, "only {} vectors", names.len());
    for Name { workflow_id, what, attempt, client_order_id, polymarket_salt } in names {
        let id = ClientOrderId::derive(&workflow_id, &what, attempt);
        assert_eq!(id.to_string(), client_order_id);
        assert_eq!(id.polymarket_salt(), polymarket_salt);
    }
}
