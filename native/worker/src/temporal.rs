//! Temporal's frontend.

use std::str::FromStr;

use anyhow::{Context, Result};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};

use legwork_engine_config::Config;

/// In the namespace of its mode.
pub async fn connect(config: &Config) -> Result<Client> {
    let url = Url::from_str(&format!("http://{}", config.temporal_address))?;
    let connection = Connection::connect(ConnectionOptions::new(url).build())
        .await
        .with_context(|| format!("Temporal at {}", config.temporal_address))?;
    Ok(Client::new(connection, ClientOptions::new(config.namespace.clone()).build())?)
}
