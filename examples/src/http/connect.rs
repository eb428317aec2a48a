//! The connection: TCP, and TLS over it if the URL is `https`.

use std::io;
use std::sync::Arc;

use async_dsl::net::tcp::Connect;
use futures_lite::io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use futures_rustls::pki_types::pem::PemObject;
use futures_rustls::pki_types::{CertificateDer, ServerName};
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Error, Target};

/// A connection, of any kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects, and agrees on keys if the target is `https`. The caller limits the time.
pub(super) async fn connect(target: &Target, trust: &Trust) -> Result<Box<dyn Stream>, Error> {
    let host = target.host();
    let connect = Connect::new().timeout(None);
    let conn = connect.to((host.as_str(), target.port())).await;
    let conn = conn.map_err(Error::Connect)?;
    if !target.is_https() {
        return Ok(Box::new(conn));
    }
    let failed = |error| Error::Tls(target.address(), error);
    let name = ServerName::try_from(host).map_err(|error| failed(io::Error::other(error)))?;
    let conn = trust.0.connect(name, conn).await.map_err(failed)?;
    Ok(Box::new(conn))
}

/// The certificates that may vouch for a server.
#[derive(Clone)]
pub struct Trust(TlsConnector);

impl Trust {
    /// Trusts the certificates of a PEM file, and no others.
    ///
    /// # Errors
    ///
    /// If it contains none, or one that cannot be read.
    pub fn only(pem: &[u8]) -> io::Result<Self> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
            let added = roots.add(certificate);
            added.map_err(|error| invalid(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(invalid("no certificate in it".to_owned()));
        }
        Ok(Self::roots(roots))
    }

    fn roots(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring can do all of them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(Arc::new(config).into())
    }
}

impl Default for Trust {
    /// Trusts the authorities that browsers trust.
    fn default() -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        Self::roots(roots.collect())
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").finish_non_exhaustive()
    }
}
