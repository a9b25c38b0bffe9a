//! Parsing a signed token and verifying it with a key.
//!
//! Only RSA signatures with PKCS#1 padding are supported, which is what Globus Auth uses. There is
//! no code for `none` or HMAC, so that no header can select them, and the service rather than the
//! token determines which of the three hashes are allowed.

use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::types::Jwk;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents,
};
use serde::Deserialize;
use serde_json::Value;

/// An error for an ID token that must not be trusted.
pub(super) fn refused(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Login, format!("the ID token {why}"))
}

/// The token's header. Not verified by anything.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token in its three parts (RFC 7515, compact).
pub(super) struct SignedToken<'a> {
    header: Header,
    /// The text that is signed.
    text: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Why a key does not verify a token.
pub(super) enum VerifyFailure {
    /// The service may have newer keys: worth fetching them once.
    Outdated(Error),
    Final(Error),
}

impl<'a> SignedToken<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self> {
        let malformed = |part: &str| {
            refused(format_args!(
                "is not a signed JWT: its {part} cannot be decoded"
            ))
        };
        let parts = token.rsplit_once('.').and_then(|(text, signature)| {
            let (header, payload) = text.split_once('.')?;
            Some((text, header, payload, signature))
        });
        let Some((text, header, payload, signature)) = parts else {
            return Err(refused("is not a signed JWT: it does not have three parts"));
        };
        let decode = |part: &str, name| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed(name));
        Ok(Self {
            header: serde_json::from_slice(&decode(header, "header")?)
                .map_err(|_| malformed("header"))?,
            text,
            payload: decode(payload, "payload")?,
            signature: decode(signature, "signature")?,
        })
    }

    /// The claims, once one of the service's keys has verified them.
    pub(super) fn verify(&self, allowed: &[String], keys: &[Jwk]) -> Result<&[u8], VerifyFailure> {
        let hash = self.hash(allowed).map_err(VerifyFailure::Final)?;
        let key = self.key(keys).map_err(VerifyFailure::Outdated)?;
        match confirms(key, hash, self.text, &self.signature) {
            Some(true) => Ok(&self.payload),
            // without a key id, the cached key may have been replaced
            Some(false) if self.header.kid.is_none() => Err(VerifyFailure::Outdated(forged())),
            Some(false) => Err(VerifyFailure::Final(forged())),
            None => Err(VerifyFailure::Final(refused(
                "cannot be verified: the service's key is not an RSA key of at least 2048 bits",
            ))),
        }
    }

    fn hash(&self, allowed: &[String]) -> Result<&'static RsaParameters> {
        let alg = &*self.header.alg;
        // named explicitly, although no code could verify it, so that the message says what is
        // wrong
        if alg.eq_ignore_ascii_case("none") {
            return Err(refused(
                "is not signed (`alg` is none): anyone can have made it",
            ));
        }
        if self.header.crit.is_some() {
            // RFC 7515, 4.1.11: an extension that must be understood and is not makes a token
            // invalid
            return Err(refused("requires an unsupported extension (`crit`)"));
        }
        let known = match alg {
            "RS256" => Some(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Some(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Some(&RSA_PKCS1_2048_8192_SHA512),
            _ => None,
        };
        known
            .filter(|_| allowed.iter().any(|name| name == alg))
            .ok_or_else(|| {
                refused(format_args!(
                    "claims to be signed with {}, but the service signs with {}",
                    quoted(alg),
                    allowed.join(", ")
                ))
            })
    }

    fn key<'k>(&self, keys: &'k [Jwk]) -> Result<&'k Jwk> {
        let mut fitting = keys.iter().filter(|key| {
            key.kty.as_deref() == Some("RSA")
                && key.r#use.as_deref().is_none_or(|r#use| r#use == "sig")
                && key.alg.as_deref().is_none_or(|alg| alg == self.header.alg)
                && (self.header.kid.is_none() || key.kid == self.header.kid)
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(match &self.header.kid {
                Some(kid) => refused(format_args!(
                    "is signed with a key that the service does not publish: {}",
                    quoted(kid)
                )),
                None => refused("is signed with a key that the service does not publish"),
            }),
            (Some(_), Some(_)) => Err(refused(
                "does not say which of the service's keys it is signed with",
            )),
        }
    }
}

fn forged() -> Error {
    refused("has a wrong signature: it was altered, or signed by someone else")
}

/// Whether the signature was made with this key; `None` when the key cannot be used for
/// verification.
fn confirms(key: &Jwk, hash: &'static RsaParameters, text: &str, signature: &[u8]) -> Option<bool> {
    let (n, e) = super::super::jwk::numbers(key)?;
    // ring would report too small a modulus as a wrong signature
    if n.len() < 256 {
        return None;
    }
    let key = RsaPublicKeyComponents { n: &n, e: &e };
    Some(key.verify(hash, text.as_bytes(), signature).is_ok())
}

/// An unverified text of the token, short and on one line.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(64).collect();
    format!("`{}`", shown.escape_debug())
}
