//! Proof Key for Code Exchange (RFC 7636), and other unguessable texts.

use crate::error::{Error, Result};
use crate::types::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// 256 random bits as 43 URL-safe characters.
pub(super) fn random() -> String {
    let bytes: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The S256 challenge of a verifier.
pub(super) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

/// Checks a verifier that the caller supplied.
pub(super) fn check(verifier: &Secret) -> Result<()> {
    let text = verifier.expose();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if (43..=128).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(());
    }
    Err(Error::usage(
        "invalid PKCE verifier: it must have 43 to 128 letters, digits or -._~; leave it out to get a random one",
    ))
}

/// Compares two texts in a time that depends neither on where they differ nor on their lengths.
pub(super) fn same(a: &str, b: &str) -> bool {
    // hashing first makes both equally long; the fold has no early exit
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    a.iter().zip(&b).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn random_texts_are_verifiers_and_differ() {
        let (a, b) = (random(), random());
        assert!(check(&a.as_str().into()).is_ok());
        assert_ne!(a, b);
    }

    #[test]
    fn a_verifier_that_is_short_long_or_odd_is_refused() {
        for text in ["a".repeat(42), "a".repeat(129), "a b".repeat(20)] {
            assert!(check(&text.into()).is_err());
        }
    }

    #[test]
    fn only_equal_texts_are_the_same() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "abcd"));
        assert!(!same("", "a"));
    }
}
