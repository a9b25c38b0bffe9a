//! The fixed key that signs ID tokens. It is public, and for tests only.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

/// Generating an RSA key takes seconds, so one is stored. It is published with the source, so its
/// signatures prove nothing: only clients of this emulator may trust it.
const TEST_ONLY_KEY: &str = include_str!("test-only-signing-key.pem");

/// The `kid` of the key, which repeats that the key is for tests.
pub(crate) const KEY_ID: &str = "globus-emulator-test-key-not-secret";

/// The stored key is invalid.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the emulator's test signing key cannot be used: {0}")]
pub(crate) struct KeyError(String);

/// Signs JSON Web Tokens with RS256.
pub(crate) struct Signer {
    pair: KeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(crate) fn load() -> Result<Self, KeyError> {
        let base64: String = TEST_ONLY_KEY
            .lines()
            .skip_while(|line| !line.starts_with("-----BEGIN"))
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD
            .decode(base64)
            .map_err(|e| KeyError(e.to_string()))?;
        let pair = KeyPair::from_pkcs8(&der).map_err(|e| KeyError(e.to_string()))?;
        Ok(Self {
            pair,
            random: SystemRandom::new(),
        })
    }

    /// The document of `/jwk.json`.
    pub(crate) fn jwks(&self) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        json!({ "keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "n": URL_SAFE_NO_PAD.encode(public.n),
            "e": URL_SAFE_NO_PAD.encode(public.e),
        }] })
    }

    /// Signs a token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut token = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &self.random,
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_| KeyError(String::from("signing failed")))?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(token)
    }
}
