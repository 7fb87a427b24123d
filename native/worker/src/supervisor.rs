//! The supervisor's end: JSON, one message per line. What the process says goes to its standard
//! output; that it is to drain comes by its standard input, or by that one's end.

use std::io::{self, BufRead, Write};
use std::thread;

use serde::Deserialize;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// It works: what an operator wants to know of it.
pub fn ready(info: &[(&str, String)]) {
    let info: serde_json::Map<_, _> =
        info.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    say(&json!({ "kind": "ready", "info": info }));
}

/// A log record that a person at the terminal should see.
pub fn warning(record: &str) {
    say(&json!({ "kind": "warning", "record": record }));
}

fn say(message: &serde_json::Value) {
    // Where nobody listens any more we are about to drain.
    let _ = writeln!(io::stdout().lock(), "{message}");
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Order {
    Drain,
}

/// Why the process is to end, once it is; by its supervisor, its supervisor's end, or a signal.
pub fn drain_requests() -> io::Result<watch::Receiver<Option<&'static str>>> {
    let (told, asked) = watch::channel(None);
    let of_input = told.clone();
    // A thread of its own: standard input cannot be waited for in any other way that ends.
    thread::Builder::new().name("supervisor".into()).spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        let asked = lines.into_iter().any(|line| serde_json::from_str::<Order>(&line).is_ok());
        of_input.send_replace(Some(if asked { "asked to" } else { "its supervisor is gone" }));
    })?;
    for (kind, name) in [(SignalKind::terminate(), "SIGTERM"), (SignalKind::interrupt(), "SIGINT")]
    {
        let mut signal = signal(kind)?;
        let told = told.clone();
        tokio::spawn(async move {
            if signal.recv().await.is_some() {
                told.send_replace(Some(name));
            }
        });
    }
    Ok(asked)
}
