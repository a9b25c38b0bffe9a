//! A service behind TLS, with a certificate of an authority that nobody trusts unless told to.
//!
//! The keys of the authorities are gone, and what is valid is so for a hundred years.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What it answers to anything: a submission id.
pub const ANSWER: &str =
    r#"{"DATA_TYPE": "submission_id", "value": "4a3b2c1d-0000-4000-8000-000000000001"}"#;

/// Whom to trust, to trust this service.
pub fn authority() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/tls/test-only-authority.pem"
    ))
}

/// The authority of the certificates that are out of their time.
pub fn bad_authority() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/tls/test-only-bad-authority.pem"
    ))
}

/// Serves until the test ends.
pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start() -> Self {
        Self::with(include_bytes!("tls/test-only-server.pem"))
    }

    /// With a certificate of which [`bad_authority`] says that it expired in 2020.
    pub fn expired() -> Self {
        Self::with(include_bytes!("tls/test-only-expired.pem"))
    }

    /// With a certificate of which [`bad_authority`] says that it is valid from 2100 on.
    pub fn not_yet_valid() -> Self {
        Self::with(include_bytes!("tls/test-only-not-yet-valid.pem"))
    }

    fn with(certificate: &[u8]) -> Self {
        let certificate = CertificateDer::from_pem_slice(certificate).expect("a certificate");
        let key = include_bytes!("tls/test-only-server-key.pem");
        let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a key of this certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // who does not trust it ends the handshake
                let _ = answer(config.clone(), stream, &seen);
            }
        });
        Self { port, asked }
    }

    /// Its address by the name that its certificate is for.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The heads of the requests that came through.
    pub fn requests(&self) -> Vec<String> {
        self.asked.lock().expect("requests").clone()
    }
}

fn answer(
    config: Arc<ServerConfig>,
    stream: TcpStream,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    // before the answer, after which a test goes on
    let request = String::from_utf8_lossy(&head).into_owned();
    seen.lock().expect("requests").push(request);
    let length = ANSWER.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{ANSWER}"
    )?;
    stream.conn.send_close_notify();
    stream.flush()
}
