//! A signed token, taken apart and held against a key.
//!
//! Only RSA signatures with PKCS#1 padding are known here, as Globus Auth makes them. There is no code
//! for `none` and none for HMAC, so that no header can ask for it; which of the three hashes is
//! allowed, the service says and not the token.

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

/// An error of an ID token that is not to be believed.
pub(super) fn refused(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Login, format!("the ID token {why}"))
}

/// What the header says. Nobody vouches for it.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token in its three parts (RFC 7515, compact).
pub(super) struct SignedToken<'a> {
    header: Header,
    /// The text that the signature is over.
    text: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Why a key does not confirm a token.
pub(super) enum VerifyFailure {
    /// Perhaps the service has new keys.
    Outdated(Error),
    Final(Error),
}

impl<'a> SignedToken<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self> {
        let malformed =
            |part: &str| refused(format_args!("is no signed JWT: its {part} cannot be read"));
        let parts = token.rsplit_once('.').and_then(|(text, signature)| {
            let (header, payload) = text.split_once('.')?;
            Some((text, header, payload, signature))
        });
        let Some((text, header, payload, signature)) = parts else {
            return Err(refused("is no signed JWT: it has not three parts"));
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

    /// The claims, once a key of the service's confirms them.
    pub(super) fn verify(&self, allowed: &[String], keys: &[Jwk]) -> Result<&[u8], VerifyFailure> {
        let hash = self.hash(allowed).map_err(VerifyFailure::Final)?;
        let key = self.key(keys).map_err(VerifyFailure::Outdated)?;
        match confirms(key, hash, self.text, &self.signature) {
            Some(true) => Ok(&self.payload),
            // without a name, this may be the key of yesterday
            Some(false) if self.header.kid.is_none() => Err(VerifyFailure::Outdated(forged())),
            Some(false) => Err(VerifyFailure::Final(forged())),
            None => Err(VerifyFailure::Final(refused(
                "cannot be checked: the service's key is no RSA key of 2048 bits or more",
            ))),
        }
    }

    fn hash(&self, allowed: &[String]) -> Result<&'static RsaParameters> {
        let alg = &*self.header.alg;
        if alg.eq_ignore_ascii_case("none") {
            return Err(refused(
                "is not signed (`alg` is none): anybody can have made it",
            ));
        }
        if self.header.crit.is_some() {
            return Err(refused(
                "asks for an extension (`crit`) that is not known here",
            ));
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
                    "says that it is signed by {}, and the service signs by {}",
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
                    "is signed by a key that the service does not have: {}",
                    quoted(kid)
                )),
                None => refused("is signed by a key that the service does not have"),
            }),
            (Some(_), Some(_)) => Err(refused(
                "does not say by which of the service's keys it is signed",
            )),
        }
    }
}

fn forged() -> Error {
    refused("has a wrong signature: it was changed, or somebody else signed it")
}

/// Whether the signature is this key's; `None` when it is no key to check with.
fn confirms(key: &Jwk, hash: &'static RsaParameters, text: &str, signature: &[u8]) -> Option<bool> {
    let (n, e) = super::super::jwk::numbers(key)?;
    // too small a modulus would look like a wrong signature
    if n.len() < 256 {
        return None;
    }
    let key = RsaPublicKeyComponents { n: &n, e: &e };
    Some(key.verify(hash, text.as_bytes(), signature).is_ok())
}

/// A text of the token's that nobody vouches for, short and on one line.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(64).collect();
    format!("`{}`", shown.escape_debug())
}
