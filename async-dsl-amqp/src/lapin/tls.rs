//! Encryption of a connection, and who its ends are.
//!
//! `lapin` could do it; with its features come 80 crates more. Nothing here skips a check.

use super::stream::Socket;
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use futures_rustls::pki_types::pem::PemObject;
use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::{self, ClientConfig, RootCertStore};
use std::fmt;
use std::io;
use std::sync::Arc;

/// Whom we believe, and the name that the peer must prove.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// `roots` are certificates in PEM that sign those of brokers; `None` stands for those of the system. `client` is our own
    /// chain of certificates and its key, in PEM.
    pub(crate) fn new(
        host: &str,
        roots: Option<&[u8]>,
        client: Option<(&[u8], &[u8])>,
    ) -> Result<Self, String> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| format!("{host:?} is no name that a certificate can have"))?;
        let mut store = RootCertStore::empty();
        if let Some(pem) = roots {
            for certificate in certificates(pem)? {
                store.add(certificate).map_err(|error| error.to_string())?;
            }
        } else {
            // Systems have some that cannot be read; one that is needed and missing is an error of the handshake.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if store.is_empty() {
            return Err(String::from("there are no root certificates"));
        }
        // By name: whatever else is in the program's build chooses no other one.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(store);
        let config = match client {
            Some((chain, key)) => {
                // The text of the error of a key is not shown.
                let key = PrivateKeyDer::from_pem_slice(key)
                    .map_err(|_| String::from("the client's key is not in PEM"))?;
                builder
                    .with_client_auth_cert(certificates(chain)?, key)
                    .map_err(|error| error.to_string())?
            }
            None => builder.with_no_client_auth(),
        };
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name,
        })
    }

    pub(super) async fn connect(&self, socket: Socket) -> io::Result<TlsStream<Socket>> {
        self.connector.connect(self.name.clone(), socket).await
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(|error| format!("a certificate is not in PEM: {error}"))?;
    if all.is_empty() {
        Err(String::from("there is no certificate in the PEM"))
    } else {
        Ok(all)
    }
}

/// Returns whether an error of a socket is one of encryption: a certificate that is not believed, say.
pub(super) fn is_ours(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}
