//! TLS that costs nothing until it is used.
//!
//! Creating the platform's verifier reads about 150 certificate files, takes 15 to 20 ms, and fails
//! on a machine without certificates. So it is created at the first https handshake: building a
//! client reads nothing, and plain http works everywhere.

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::regular_file;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// How server certificates are verified: set by the program, or by `GLOBUS_SDK_VERIFY_SSL`.
///
/// ```
/// use globus_sdk::transport::TlsVerification;
///
/// let transfer = globus_sdk::transfer::Client::builder().verify_ssl(TlsVerification::PlatformStore).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsVerification {
    /// With the certificates that the operating system trusts.
    #[default]
    PlatformStore,
    /// With the certificates in this PEM file, or in all PEM files of this directory, and no
    /// others.
    CaFile(PathBuf),
    /// Not at all: every certificate is accepted, which gives no protection. For test servers only.
    Disabled,
}

impl TlsVerification {
    /// As the variables say.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self> {
        const NAME: &str = "GLOBUS_SDK_VERIFY_SSL";
        let Some(text) = environment.variable(NAME) else {
            return Self::ca_bundle(environment);
        };
        match text.to_ascii_lowercase().as_str() {
            "y" | "yes" | "t" | "true" | "on" | "1" => Self::ca_bundle(environment),
            "n" | "no" | "f" | "false" | "off" | "0" => Ok(Self::Disabled),
            _ => Ok(Self::CaFile(ca_path(NAME, &text, "true, false or ")?)),
        }
    }

    /// Where `requests` finds the authorities to trust, in its order.
    fn ca_bundle(environment: &Environment) -> Result<Self> {
        for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            let Some(text) = environment.variable(name) else {
                continue;
            };
            return Ok(Self::CaFile(ca_path(name, &text, "")?));
        }
        Ok(Self::PlatformStore)
    }
}

/// A path that a variable names, which has to be there.
fn ca_path(name: &str, text: &str, others: &str) -> Result<PathBuf> {
    let path = PathBuf::from(text);
    if let Some(wrong) = regular_file::unexpanded_tilde(&path) {
        return Err(Error::usage(format!("{name} is `{text}`: {wrong}")));
    }
    if !path.exists() {
        return Err(Error::usage(format!(
            "{name} is `{text}`, which does not exist; use {others}the path of a PEM file or of a directory of PEM files"
        )));
    }
    Ok(path)
}

/// A configuration of rustls on ring, which leaves the process-wide provider alone.
pub(crate) fn config(verify: &TlsVerification) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::usage("TLS cannot be set up; please report this").with_source(e))?;
    Ok(match verify {
        TlsVerification::CaFile(path) => builder
            .with_root_certificates(roots(path)?)
            .with_no_client_auth(),
        TlsVerification::PlatformStore | TlsVerification::Disabled => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Lazy {
                provider,
                check: *verify != TlsVerification::Disabled,
                platform: OnceLock::new(),
            }))
            .with_no_client_auth(),
    })
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let failed = |why: String| {
        Error::usage(format!(
            "CA file {}: {why}; use a PEM file of certificates",
            path.display()
        ))
    };
    if let Some(wrong) = regular_file::unexpanded_tilde(path) {
        return Err(failed(wrong));
    }
    let mut store = RootCertStore::empty();
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|e| failed(e.to_string()))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.into_iter().filter(|file| file.is_file()) {
            // other files are ignored: keys, lists and notes
            let file = regular_file::open(&file).into_iter().map(BufReader::new);
            let certificates = file.flat_map(CertificateDer::pem_reader_iter);
            for certificate in certificates.flatten() {
                let _ = store.add(certificate);
            }
        }
        if store.is_empty() {
            return Err(failed(
                "none of its files contains a certificate".to_owned(),
            ));
        }
        return Ok(store);
    }
    let file = regular_file::open(path).map_err(|e| failed(e.to_string()))?;
    let certificates = CertificateDer::pem_reader_iter(BufReader::new(file));
    for certificate in certificates {
        let certificate = certificate.map_err(|e| failed(e.to_string()))?;
        store.add(certificate).map_err(|e| failed(e.to_string()))?;
    }
    if store.is_empty() {
        return Err(failed("it contains no certificate".to_owned()));
    }
    Ok(store)
}

/// What is wrong with a certificate, and the next step.
pub(crate) fn certificate_advice(fault: &CertificateError) -> (&'static str, &'static str) {
    use CertificateError as Fault;
    match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => (
            "the service's certificate has expired",
            "check this machine's clock; if it is right, the operators of the service have to renew the certificate",
        ),
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => (
            "the service's certificate is not valid yet",
            "check this machine's clock",
        ),
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => (
            "the service's certificate is for another host",
            "check the service's address",
        ),
        Fault::Revoked => (
            "the service's certificate was revoked",
            "do not use the service until its operators have replaced the certificate",
        ),
        Fault::UnknownIssuer => (
            "the service's certificate is not trusted",
            "if it should be, set its CA file with GLOBUS_SDK_VERIFY_SSL or `verify_ssl`",
        ),
        _ => (
            "the service's certificate is not trusted",
            "the operators of the service have to replace it; for a test server's own certificate, set it as CA file with GLOBUS_SDK_VERIFY_SSL or `verify_ssl`",
        ),
    }
}

/// Installs ring as the process's default crypto provider for rustls, unless there is one.
///
/// This crate enables rustls in reqwest without choosing its crypto provider, since its own
/// connections bring theirs. In a program whose own `reqwest` dependency has no default features,
/// `reqwest::Client::new()` then panics with "No provider set": call this once before, or give that
/// dependency the feature `rustls`.
///
/// ```
/// globus_sdk::transport::install_crypto_provider();
/// let client = reqwest::Client::new();
/// ```
pub fn install_crypto_provider() {
    // fails if there is one already, which is fine
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Verifies with the platform's verifier, which is created on first use.
#[derive(Debug)]
struct Lazy {
    provider: Arc<CryptoProvider>,
    check: bool,
    platform: OnceLock<Result<rustls_platform_verifier::Verifier, rustls::Error>>,
}

impl Lazy {
    fn platform(&self) -> Result<&rustls_platform_verifier::Verifier, rustls::Error> {
        self.platform
            .get_or_init(|| rustls_platform_verifier::Verifier::new(self.provider.clone()))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Lazy {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // only the certificate is not verified: handshake signatures still are, below
        if !self.check {
            return Ok(ServerCertVerified::assertion());
        }
        self.platform()?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
