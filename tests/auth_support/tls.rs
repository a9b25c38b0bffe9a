//! A service behind TLS, with a certificate that nobody trusts unless told to.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Whom to trust, to trust this service.
pub fn certificate() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/auth_support/test-only-foreign-certificate.pem"
    ))
}

/// Answers one request, with `{}`: where it is, and what it was asked.
pub fn serve_once() -> (String, JoinHandle<String>) {
    let certificate = CertificateDer::from_pem_file(certificate()).expect("a certificate");
    let key = include_bytes!("test-only-foreign-key.pem");
    let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key of this certificate");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            asked.extend(byte);
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).expect("a client");
        stream.conn.send_close_notify();
        stream.flush().expect("a client");
        String::from_utf8_lossy(&asked).into_owned()
    });
    (format!("https://localhost:{port}"), asked)
}
