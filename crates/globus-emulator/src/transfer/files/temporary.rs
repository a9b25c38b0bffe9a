//! Names of incomplete files.
//!
//! A file is written under a temporary name and renamed when it is complete, so that nobody reads a part of
//! it. Such names are reserved: they cannot be used in paths, and are not listed.

use std::ffi::OsStr;

use uuid::Uuid;

use super::host;

const PREFIX: &str = ".globus-emulator-";
const SUFFIX: &str = ".part";

/// A random name, which cannot be guessed.
pub(crate) fn new_name() -> String {
    format!("{PREFIX}{}{SUFFIX}", Uuid::new_v4().simple())
}

/// Whether a name is reserved. Ignores case, as some file systems do.
pub(crate) fn is(name: &OsStr) -> bool {
    let bytes = host::name_bytes(name);
    bytes.len() >= PREFIX.len() + SUFFIX.len()
        && bytes[..PREFIX.len()].eq_ignore_ascii_case(PREFIX.as_bytes())
        && bytes[bytes.len() - SUFFIX.len()..].eq_ignore_ascii_case(SUFFIX.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_incomplete_files_are_reserved() {
        for name in [
            new_name().as_str(),
            ".globus-emulator-.part",
            ".Globus-Emulator-1.PART",
        ] {
            assert!(is(OsStr::new(name)), "{name}");
        }
        for name in [
            "",
            ".part",
            ".globus-emulator-",
            ".globus-emulator.part",
            "globus-emulator-1.part",
            ".globus-emulator-1.part2",
        ] {
            assert!(!is(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn no_two_incomplete_files_have_the_same_name() {
        assert_ne!(new_name(), new_name());
    }
}
