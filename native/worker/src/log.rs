//! Log lines: JSON as the other processes write it (`workers/log.ts`), to standard error. A person at
//! the terminal sees what is a warning or worse.

use std::fmt::Debug;
use std::io::{self, Write};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::{EnvFilter, Registry};

use crate::supervisor;

/// What others' crates say below this is their own.
const FILTER: &str = "warn,legwork=info,temporalio_sdk_core=error";

/// From here on everything is written.
pub fn begin(component: &str) {
    let filter = EnvFilter::new(FILTER);
    let lines = Lines { component: component.to_owned() };
    // There is one in a process, and it is set here.
    let _ = tracing::subscriber::set_global_default(Registry::default().with(filter).with(lines));
}

struct Lines {
    component: String,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let level = *event.metadata().level();
        let mut record = Map::new();
        record.insert("level".into(), json!(level.as_str().to_lowercase()));
        record.insert("component".into(), json!(self.component));
        record.insert("pid".into(), json!(std::process::id()));
        record.insert("time".into(), json!(unix_ms()));
        record.extend(fields.0);
        let line = Value::Object(record).to_string();
        // A full disk costs lines of a log, not the desk.
        let _ = writeln!(io::stderr().lock(), "{line}");
        if level <= Level::WARN {
            supervisor::warning(&line);
        }
    }
}

fn unix_ms() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis())
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = if field.name() == "message" { "msg" } else { field.name() };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, json!(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
}
