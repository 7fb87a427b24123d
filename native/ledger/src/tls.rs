//! TLS to Postgres, by rustls as everywhere in the engine.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Roots;
use crate::error::LedgerError;

/// Where systems keep whom they believe: Debian, Red Hat, `SUSE`, Alpine, and BSD with macOS.
const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

pub(crate) fn connector(roots: &Roots) -> Result<MakeRustlsConnect, LedgerError> {
    let store = match roots {
        Roots::File(path) => store_of(path)?,
        Roots::System => store_of(system_bundle()?)?,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| LedgerError::Tls(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn system_bundle() -> Result<&'static Path, LedgerError> {
    let found = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    found.ok_or_else(|| {
        LedgerError::Tls("this machine has no list of roots: name one by sslrootcert=".into())
    })
}

/// Not one may be left out unnoticed.
fn store_of(path: &Path) -> Result<RootCertStore, LedgerError> {
    let wrong = |why: String| LedgerError::Tls(format!("the roots in {}: {why}", path.display()));
    let pem = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() { Err(wrong("not one certificate".into())) } else { Ok(store) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_root_is_told_by_its_name() {
        for path in ["/nowhere/roots.pem", "/dev/null"] {
            let error = connector(&Roots::File(path.into())).err().expect("no roots");
            assert!(error.to_string().contains(path), "{error}");
        }
    }
}
