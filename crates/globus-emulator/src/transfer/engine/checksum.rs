//! File checksums.

use std::fs::File;
use std::io::{self, Read, Seek};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// A checksum algorithm; MD5 is the default of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::transfer) enum Algorithm {
    #[default]
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 6] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// Parses a name such as `sha256`, `SHA256` or `SHA-256`.
    pub(in crate::transfer) fn from_name(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(|c| *c != '-' && *c != '_').collect();
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(&plain))
    }

    pub(in crate::transfer) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    /// Whether a text is a valid checksum of this algorithm.
    pub(in crate::transfer) fn could_have_made(self, checksum: &str) -> bool {
        let bytes = self.hasher().0.output_size();
        checksum.len() == 2 * bytes && checksum.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    pub(super) fn hasher(self) -> Hasher {
        Hasher(match self {
            Self::Md5 => Box::new(Md5::default()),
            Self::Sha1 => Box::new(Sha1::default()),
            Self::Sha224 => Box::new(Sha224::default()),
            Self::Sha256 => Box::new(Sha256::default()),
            Self::Sha384 => Box::new(Sha384::default()),
            Self::Sha512 => Box::new(Sha512::default()),
        })
    }
}

/// An incremental checksum.
pub(super) struct Hasher(Box<dyn DynDigest>);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the checksum in lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Computes the checksum of a whole file, and seeks back to its start. `pause` is called between chunks,
/// and can stop the computation.
pub(super) fn of_file<E: From<io::Error>>(
    algorithm: Algorithm,
    file: &mut File,
    mut pause: impl FnMut() -> Result<(), E>,
) -> Result<String, E> {
    file.rewind()?;
    let mut hasher = algorithm.hasher();
    let mut buffer = vec![0; super::CHUNK];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            file.rewind()?;
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..read]);
        pause()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_known_ones() {
        for (name, expected) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "sha256",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            let Some(algorithm) = Algorithm::from_name(name) else {
                assert_eq!(name, "known");
                continue;
            };
            let mut hasher = algorithm.hasher();
            hasher.update(b"abc");
            assert_eq!(hasher.finish(), expected);
            assert!(algorithm.could_have_made(expected));
            assert!(!algorithm.could_have_made("abc"));
        }
        assert_eq!(Algorithm::from_name("sha3"), None);
        assert_eq!(Algorithm::from_name("é"), None);
    }
}
