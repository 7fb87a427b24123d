//! Where a venue is, and how it proves that it is the venue.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore};
use thiserror::Error;

use super::connection::Broken;
use super::response::Unreadable;

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum WireError {
    /// Nobody could be believed.
    #[error("the trusted roots hold no certificate: give at least one, as PEM")]
    NoRoots,
    /// Not one of the roots may be left out unnoticed.
    #[error("the trusted roots cannot be read: {0}")]
    RootsUnreadable(String),
    /// Neither a DNS name nor an address.
    #[error("{0} is no host name")]
    NotAHost(String),
    /// Its certificate is signed by nobody whom we trust.
    #[error("{host} is not who it says: its certificate comes from none of the trusted roots")]
    UnknownIssuer {
        /// As it was asked for.
        host: String,
    },
    /// Its certificate is somebody else's.
    #[error("the certificate of {host} is for another name")]
    WrongHost {
        /// As it was asked for.
        host: String,
    },
    /// Anything else that TLS has against it.
    #[error("TLS with {host}: {cause}")]
    Tls {
        /// As it was asked for.
        host: String,
        /// What rustls said.
        cause: rustls::Error,
    },
    /// The operating system said no.
    #[error("the connection to {host}: {cause}")]
    Io {
        /// As it was asked for.
        host: String,
        /// What it said.
        cause: io::Error,
    },
    /// The other side has ended it.
    #[error("{host} has hung up")]
    HungUp {
        /// As it was asked for.
        host: String,
    },
    /// Bytes came that nobody had asked for: what they are an answer to nobody can know.
    #[error("{host} has sent something that was not asked for")]
    Unsolicited {
        /// As it was asked for.
        host: String,
    },
    /// What it answered is no response.
    #[error("{host} has answered with {cause}")]
    Unreadable {
        /// As it was asked for.
        host: String,
        /// What it was instead.
        cause: Unreadable,
    },
    /// Neither a connection, nor an answer, in the time that it was given.
    #[error("{host} took too long")]
    TooSlow {
        /// As it was asked for.
        host: String,
    },
}

/// A venue's address and name, and whose word is taken for it. Its copies have one address.
#[derive(Clone, Debug)]
pub struct Endpoint {
    address: Arc<Mutex<SocketAddr>>,
    host: String,
    name: ServerName<'static>,
    tls: Arc<ClientConfig>,
}

impl Endpoint {
    /// `roots` are PEM certificates; nobody else is believed.
    pub fn new(address: SocketAddr, host: &str, roots: &[u8]) -> Result<Self, WireError> {
        let not_a_host = |_| WireError::NotAHost(host.to_owned());
        let name = ServerName::try_from(host.to_owned()).map_err(not_a_host)?;
        let tls = Arc::new(client_config(host, roots)?);
        let address = Arc::new(Mutex::new(address));
        Ok(Self { address, host: host.to_owned(), name, tls })
    }

    /// Where the next connection goes.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name has another address by now. Connections that are there stay.
    pub fn moved(&self, address: SocketAddr) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// As certificates and requests name it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TLS of one connection, before its first byte.
    pub fn session(&self) -> Result<ClientConnection, Broken> {
        Ok(ClientConnection::new(Arc::clone(&self.tls), self.name.clone())?)
    }

    /// What happened to a connection of this venue, for an operator.
    #[must_use]
    pub fn explain(&self, broken: Broken) -> WireError {
        let host = self.host.clone();
        match broken {
            Broken::Tls(rustls::Error::InvalidCertificate(cause)) => match cause {
                // The latter: a root of that name, and another key.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    WireError::UnknownIssuer { host }
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => WireError::WrongHost { host },
                other => WireError::Tls { host, cause: other.into() },
            },
            Broken::Tls(cause) => WireError::Tls { host, cause },
            Broken::Io(cause) => WireError::Io { host, cause },
            Broken::HungUp => WireError::HungUp { host },
            Broken::Unsolicited => WireError::Unsolicited { host },
            Broken::Unreadable(cause) => WireError::Unreadable { host, cause },
            Broken::TooSlow => WireError::TooSlow { host },
        }
    }
}

fn client_config(host: &str, roots: &[u8]) -> Result<ClientConfig, WireError> {
    let unreadable = |cause: &dyn ToString| WireError::RootsUnreadable(cause.to_string());
    let mut store = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(roots) {
        let root = root.map_err(|cause| unreadable(&cause))?;
        store.add(root).map_err(|cause| unreadable(&cause))?;
    }
    if store.is_empty() {
        return Err(WireError::NoRoots);
    }
    // Named here: which of several is linked in is nothing to be found out at the first handshake.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|cause| WireError::Tls { host: host.to_owned(), cause })?;
    let mut config = config.with_root_certificates(store).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
