//! The request by which a connection becomes a WebSocket (RFC 6455, 4.1).

use std::sync::Arc;

use legwork_engine_core::signing::{KalshiKey, NotSigned};
use tungstenite::client::{ClientRequestBuilder, IntoClientRequest};
use tungstenite::handshake::client::Request;
use tungstenite::http::Uri;

use crate::trouble::End;

/// Where Kalshi streams, and what is signed with the time.
const KALSHI_PATH: &str = "/trade-api/ws/v2";
/// Public, and so without a signature.
const POLYMARKET_PATH: &str = "/ws/market";
const MILLISECOND_NS: u64 = 1_000_000;

/// What a venue's stream is asked for by.
#[derive(Clone)]
pub struct Upgrade {
    path: &'static str,
    key: Option<Arc<KalshiKey>>,
}

impl Upgrade {
    /// Each is signed anew, on the spot: 0.65 ms, spent while nothing is known of Kalshi's books
    /// anyway. Any key of ours does. `venues/kalshi/connection.ts` is the twin.
    #[must_use]
    pub fn kalshi(key: Arc<KalshiKey>) -> Self {
        Self { path: KALSHI_PATH, key: Some(key) }
    }

    /// `venues/polymarket/feed.ts` is the twin.
    #[must_use]
    pub fn polymarket() -> Self {
        Self { path: POLYMARKET_PATH, key: None }
    }

    /// The whole request, as of now; `host` as certificates name it.
    pub(crate) fn request(&self, host: &str, unix_ns: u64) -> Result<Request, End> {
        let is_bare_address = host.contains(':'); // IPv6
        let host = if is_bare_address { format!("[{host}]") } else { host.to_owned() };
        let uri = Uri::try_from(format!("wss://{host}{}", self.path));
        let request = ClientRequestBuilder::new(
            uri.map_err(|cause| tungstenite::Error::HttpFormat(cause.into()))?,
        );
        Ok(self.signed(request, unix_ns)?.into_client_request()?)
    }

    fn signed(
        &self,
        request: ClientRequestBuilder,
        unix_ns: u64,
    ) -> Result<ClientRequestBuilder, NotSigned> {
        let Some(key) = &self.key else { return Ok(request) };
        let headers = key.sign(unix_ns / MILLISECOND_NS, "GET", self.path)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned(); // digits, and base64
        Ok(request
            .with_header("KALSHI-ACCESS-KEY", key.id())
            .with_header("KALSHI-ACCESS-TIMESTAMP", text(headers.timestamp()))
            .with_header("KALSHI-ACCESS-SIGNATURE", text(headers.signature())))
    }
}
