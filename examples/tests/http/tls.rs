//! `https`, with certificates made for the test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::programs::{failure, http_get};
use crate::scripted::{Scripted, answering, request, sent};

/// An authority, its certificate in a file, and a server that it vouches for.
struct Authority {
    _folder: tempfile::TempDir,
    file: PathBuf,
    server: Arc<ServerConfig>,
}

impl Authority {
    /// Vouches for a server that is known by `name`.
    fn of(name: &str) -> Self {
        let key = || KeyPair::generate().expect("ring makes keys");
        let mut params = CertificateParams::new(Vec::new()).expect("there are no names");
        params
            .distinguished_name
            .push(DnType::CommonName, format!("who vouches for {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, key()).expect("it signs");
        let server_key = key();
        let params = CertificateParams::new(vec![name.to_owned()]).expect("this is a name");
        let certificate = params.signed_by(&server_key, &root).expect("it signs");

        let folder = tempfile::tempdir().expect("there is room");
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, root.pem()).expect("there is room");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(server_key.serialize_der()).expect("this is a key");
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring can do all of them")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is that of the certificate");
        Self {
            _folder: folder,
            file,
            server: Arc::new(server),
        }
    }

    fn option(&self) -> String {
        format!("--ca={}", self.file.display())
    }

    /// Serves one response over TLS, and then says goodbye or does not.
    fn serve(&self, response: String, goodbye: bool) -> Scripted<Option<String>> {
        let config = Arc::clone(&self.server);
        Scripted::new(1, move |_, conn| {
            let mut tls = Self::accept(&config, conn)?;
            let request = request(&mut tls);
            sent(&mut tls, response.as_bytes());
            if goodbye {
                tls.conn.send_close_notify();
                tls.flush().ok();
            }
            Some(request)
        })
    }

    /// `None` if the client does not like what it sees.
    fn accept(
        config: &Arc<ServerConfig>,
        conn: TcpStream,
    ) -> Option<StreamOwned<ServerConnection, TcpStream>> {
        let tls = ServerConnection::new(Arc::clone(config)).expect("the configuration is whole");
        let mut tls = StreamOwned::new(tls, conn);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock).ok()?;
        }
        Some(tls)
    }
}

fn https<T: Send + 'static>(server: &Scripted<T>, host: &str) -> String {
    format!("https://{host}:{}/", server.port())
}

const RESPONSE: &str = "HTTP/1.1 200 OK\r\n\r\nsecret";

#[test]
fn a_page_comes_over_tls_from_a_host_and_from_an_address() {
    for host in ["localhost", "127.0.0.1"] {
        let authority = Authority::of(host);
        // Large enough for many records.
        let body = "0123456789abcdef".repeat(10_000);
        let server = authority.serve(format!("HTTP/1.1 200 OK\r\n\r\n{body}"), true);
        let said = http_get(&[&authority.option(), "--output=-", &https(&server, host)]);
        assert_eq!((said.code, &*said.err), (Some(0), ""));
        assert!(said.out == body, "{} bytes", said.out.len());
        let request = server
            .played()
            .pop()
            .flatten()
            .expect("there was a request");
        assert!(request.starts_with("GET / HTTP/1.1\r\nHost: "), "{request}");
    }
}

#[test]
fn whom_nobody_vouches_for_is_not_talked_to() {
    let (authority, other) = (Authority::of("localhost"), Authority::of("127.0.0.1"));
    for trust in [&["--timeout=10"][..], &[&*other.option()]] {
        let server = authority.serve(RESPONSE.to_owned(), true);
        let url = https(&server, "localhost");
        let (code, line) = failure(&[trust, &[&*url]].concat());
        assert_eq!(code, Some(3));
        assert!(
            line.contains("invalid peer certificate: UnknownIssuer"),
            "{line}"
        );
        assert_eq!(server.played(), [None]);
    }
}

#[test]
fn the_name_of_another_host_is_not_enough() {
    let authority = Authority::of("example.test");
    let server = authority.serve(RESPONSE.to_owned(), true);
    let (code, line) = failure(&[&authority.option(), &https(&server, "localhost")]);
    assert_eq!(code, Some(3));
    assert!(line.contains("not valid for name \"localhost\""), "{line}");
    assert_eq!(server.played(), [None]);
}

#[test]
fn a_body_until_close_that_was_cut_off_is_not_taken_for_whole() {
    let authority = Authority::of("localhost");
    let server = authority.serve(RESPONSE.to_owned(), false);
    assert_eq!(
        failure(&[&authority.option(), &https(&server, "localhost")]),
        (
            Some(5),
            "the connection was closed early, reading the body".to_owned()
        )
    );
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let authority = Authority::of("localhost");
    let response = "HTTP/1.1 302 Found\r\nLocation: http://localhost/\r\n\r\n";
    let server = authority.serve(response.to_owned(), true);
    assert_eq!(
        failure(&[&authority.option(), &https(&server, "localhost")]),
        (
            Some(5),
            "redirect to http://localhost/ not followed: it leads from https to http".to_owned()
        )
    );
}

#[test]
fn a_redirect_from_http_to_https_is_followed() {
    let authority = Authority::of("localhost");
    let server = authority.serve(RESPONSE.to_owned(), true);
    let location = https(&server, "localhost");
    let plain = answering(vec![format!(
        "HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n"
    )]);
    let said = http_get(&[&authority.option(), "--output=-", &plain.url("/")]);
    assert_eq!((said.code, &*said.out), (Some(0), "secret"));
}

#[test]
fn the_two_schemes_do_not_understand_each_other() {
    // `https` to a server without TLS,
    let server = Scripted::new(1, |_, mut conn| {
        conn.read_exact(&mut [0]).expect("the client says hello");
        sent(&mut conn, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        conn.read_to_end(&mut Vec::new()).ok();
    });
    let (code, line) = failure(&[&https(&server, "localhost")]);
    assert_eq!(code, Some(3), "{line}");
    // and `http` to one with it.
    let authority = Authority::of("localhost");
    let config = Arc::clone(&authority.server);
    let server = Scripted::new(1, move |_, conn| {
        assert!(Authority::accept(&config, conn).is_none());
    });
    assert_eq!(failure(&[&server.url("/")]).0, Some(5));
    server.played();
}

#[test]
fn the_time_limit_holds_for_a_server_that_does_not_answer_the_hello() {
    let server = Scripted::new(1, |_, mut conn| {
        conn.read_to_end(&mut Vec::new()).ok();
    });
    assert_eq!(
        failure(&["--timeout=0.5", &https(&server, "localhost")]),
        (Some(4), "timed out after 500ms, connecting".to_owned())
    );
    server.played();
}
