//! Why there is no stream, for an operator.

use legwork_engine_core::signing::NotSigned;
use legwork_engine_core::wire::{Broken, Endpoint, WireError};
use thiserror::Error;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::frame::CloseFrame;

/// What happened to a venue's stream, and what to do where something can be done. It is opened again
/// in any case.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The connection, its TLS or its certificate.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// An HTTP response that is no upgrade.
    #[error(
        "{host} refuses the stream with HTTP {status}{}",
        if *status == 401 { ": look at the API key, and at this machine's clock" } else { "" }
    )]
    Refused {
        /// As it was asked for.
        host: String,
        /// Of the response.
        status: u16,
    },
    /// Frames or texts that the protocol does not allow.
    #[error("{host} does not speak WebSocket: {cause}")]
    NotWebSocket {
        /// As it was asked for.
        host: String,
        /// What tungstenite said.
        cause: Box<tungstenite::Error>,
    },
    /// A frame that says so.
    #[error("{host} has closed the stream ({code}): {reason}")]
    Closed {
        /// As it was asked for.
        host: String,
        /// RFC 6455, 7.4; 1005: none was given.
        code: u16,
        /// In the venue's words.
        reason: String,
    },
    /// The feed wants another connection.
    #[error(
        "{host} was silent, refused a subscription, or did not say again what had been missed: it is \
         connected to anew"
    )]
    GivenUp {
        /// As it was asked for.
        host: String,
    },
    /// Nothing was asked.
    #[error("the stream of {host} cannot be signed for: {cause}")]
    NotSigned {
        /// As it was to be asked for.
        host: String,
        /// What signing said.
        cause: NotSigned,
    },
}

/// The same, before an operator is told.
#[derive(Debug, Error)]
pub(crate) enum End {
    #[error(transparent)]
    Broken(#[from] Broken),
    #[error(transparent)]
    WebSocket(Box<tungstenite::Error>),
    #[error("closed by a frame")]
    Closed(Option<CloseFrame>),
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    #[error("given up")]
    GivenUp,
}

/// Of none (RFC 6455, 7.1.5).
const NO_CODE: u16 = 1005;

impl Trouble {
    pub(crate) fn of(end: End, endpoint: &Endpoint) -> Self {
        let host = endpoint.host().to_owned();
        match end {
            End::Broken(broken) => Self::Wire(endpoint.explain(broken)),
            End::GivenUp => Self::GivenUp { host },
            End::NotSigned(cause) => Self::NotSigned { host, cause },
            End::Closed(None) => Self::Closed { host, code: NO_CODE, reason: String::new() },
            End::Closed(Some(said)) => {
                Self::Closed { host, code: said.code.into(), reason: said.reason.to_string() }
            }
            End::WebSocket(cause) => Self::of_web_socket(*cause, host),
        }
    }

    fn of_web_socket(cause: tungstenite::Error, host: String) -> Self {
        use tungstenite::Error;
        match cause {
            Error::Http(response) => Self::Refused { host, status: response.status().as_u16() },
            Error::Io(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                WireError::HungUp { host }.into()
            }
            Error::Io(cause) => WireError::Io { host, cause }.into(),
            Error::ConnectionClosed
            | Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
            ) => WireError::HungUp { host }.into(),
            cause => Self::NotWebSocket { host, cause: Box::new(cause) },
        }
    }
}

impl From<tungstenite::Error> for End {
    fn from(cause: tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(cause))
    }
}
