//! The service's public keys, in the format that other libraries read.

use crate::generated::auth::types::Jwk;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// `AlgorithmIdentifier` of RSA (RFC 3279), in DER.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

impl Jwk {
    /// The key as PEM (`BEGIN PUBLIC KEY`), for libraries that verify tokens. `None` when it is not
    /// an RSA key.
    ///
    /// ```no_run
    /// # async fn run(auth: globus_sdk::auth::Client) -> globus_sdk::Result<()> {
    /// for key in auth.get_jwk().await?.keys {
    ///     print!("{}", key.to_pem().unwrap_or_default());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn to_pem(&self) -> Option<String> {
        let (n, e) = numbers(self)?;
        let numbers = [integer(&n), integer(&e)].concat();
        let mut bits = vec![0]; // no unused bits in the last byte
        bits.extend(der(SEQUENCE, &numbers));
        let key = der(SEQUENCE, &[RSA, &der(BIT_STRING, &bits)].concat());
        let text = STANDARD.encode(key);
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, next) = rest.split_at(rest.len().min(64));
            pem += line;
            pem.push('\n');
            rest = next;
        }
        pem += "-----END PUBLIC KEY-----\n";
        Some(pem)
    }
}

/// Modulus and exponent of an RSA key, without leading zeros.
pub(super) fn numbers(key: &Jwk) -> Option<(Vec<u8>, Vec<u8>)> {
    let number = |text: &Option<String>| {
        let bytes = URL_SAFE_NO_PAD.decode(text.as_deref()?).ok()?;
        let from = bytes.iter().position(|byte| *byte != 0)?;
        bytes.get(from..).map(<[u8]>::to_vec)
    };
    if key.kty.as_deref() != Some("RSA") {
        return None;
    }
    Some((number(&key.n)?, number(&key.e)?))
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    // DER integers are signed: a leading bit that is set would make it negative
    match bytes.first() {
        Some(first) if *first >= 0x80 => der(INTEGER, &[&[0], bytes].concat()),
        _ => der(INTEGER, bytes),
    }
}

/// Tag, length and contents.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    let length = contents.len().to_be_bytes();
    let from = length.iter().position(|byte| *byte != 0);
    let length = length.get(from.unwrap_or(length.len() - 1)..);
    match length.unwrap_or_default() {
        [short @ ..0x80] => encoded.push(*short),
        long => {
            encoded.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            encoded.extend_from_slice(long);
        }
    }
    encoded.extend_from_slice(contents);
    encoded
}
