//! Paths in the API, and their names on disk.
//!
//! Paths of the API are Unicode, and names on disk are bytes. Names that are not UTF-8 are shown as U+FFFD
//! followed by their bytes as Latin-1, and parsed back from that, so that every name has a path.

use std::ffi::{OsStr, OsString};

use super::{host, temporary};

/// Marks a name whose bytes are not UTF-8.
const UNDECODABLE: char = '\u{FFFD}';
/// Maximum length of a name in bytes, as in common file systems.
const MAX_NAME_LENGTH: usize = 255;
/// Maximum length of a path in bytes.
const MAX_PATH_LENGTH: usize = 4096;

/// A path from the root of a collection: real names, without `.` and `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CollectionPath {
    names: Vec<OsString>,
}

/// Why a path is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum InvalidPath {
    #[error("it contains a NUL character")]
    Nul,
    #[error("it contains a carriage return followed by a line feed")]
    LineBreak,
    #[error("it leads out of the collection")]
    Outside,
    #[error("it is too long")]
    TooLong,
    #[error("a name that starts with U+FFFD must stand for bytes")]
    NotBytes,
    #[error("it has a name that is reserved for incomplete files")]
    Reserved,
    #[error("it is not absolute")]
    NotAbsolute,
}

impl CollectionPath {
    /// Parses a path. A relative one starts at the default directory, which is the root.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPath> {
        if text.len() > MAX_PATH_LENGTH {
            return Err(InvalidPath::TooLong);
        }
        if text.contains('\0') {
            return Err(InvalidPath::Nul);
        }
        if text.contains("\r\n") {
            return Err(InvalidPath::LineBreak);
        }
        let mut names: Vec<OsString> = Vec::new();
        let mut first = true;
        for part in text.split('/').filter(|part| !part.is_empty()) {
            match part {
                // The home directory, only at the start of a path.
                "~" if first => {}
                "." => {}
                ".." => {
                    // Resolved as text before links are: `a/..` is the root even if `a` is a link
                    // elsewhere, so `..` can never leave the collection.
                    names.pop().ok_or(InvalidPath::Outside)?;
                }
                part => {
                    let name = encode(part)?;
                    // In raw or decoded form.
                    if temporary::is(&name) {
                        return Err(InvalidPath::Reserved);
                    }
                    names.push(name);
                }
            }
            first = false;
        }
        Ok(Self { names })
    }

    /// Parses the path of a task's item, which must be absolute.
    pub(crate) fn parse_absolute(text: &str) -> Result<Self, InvalidPath> {
        if text.starts_with('/') || text == "~" || text.starts_with("~/") {
            Self::parse(text)
        } else {
            Err(InvalidPath::NotAbsolute)
        }
    }

    /// A path of real names.
    pub(super) fn from_names(names: Vec<OsString>) -> Self {
        Self { names }
    }

    /// The path as bytes for the database, without any limit on length or names.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let names: Vec<_> = self
            .names
            .iter()
            .map(|name| host::name_bytes(name))
            .collect();
        names.join(&b'/')
    }

    /// The inverse of [`to_bytes`](Self::to_bytes).
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let names = bytes
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty());
        let names = names.map(|name| host::name_from_bytes(name.to_vec()));
        names.collect::<Option<_>>().map(Self::from_names)
    }

    /// The names from the root on.
    pub(crate) fn names(&self) -> &[OsString] {
        &self.names
    }

    /// Whether this is the root.
    pub(crate) fn is_root(&self) -> bool {
        self.names.is_empty()
    }

    /// The parent directory; the root's is the root.
    pub(crate) fn parent(&self) -> Self {
        let mut names = self.names.clone();
        names.pop();
        Self { names }
    }

    /// The path of an entry of this directory.
    pub(crate) fn join(&self, name: &OsStr) -> Self {
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Self { names }
    }

    /// The deepest directory that contains both paths, or is one of them.
    pub(crate) fn common(&self, other: &Self) -> Self {
        let same = self
            .names
            .iter()
            .zip(&other.names)
            .take_while(|(left, right)| left == right);
        Self {
            names: same.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// This path relative to a root further up, of which `above` is the path here.
    pub(crate) fn below(&self, above: &Self) -> Self {
        let names = above.names.iter().chain(&self.names);
        Self {
            names: names.cloned().collect(),
        }
    }

    /// Whether this path is `other` or inside of it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.names.starts_with(&other.names)
    }
}

impl std::fmt::Display for CollectionPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.names.is_empty() {
            return f.write_str("/");
        }
        // `/~` would be parsed as the home directory.
        if self.names.first().is_some_and(|name| name == "~") {
            f.write_str("/.")?;
        }
        self.names.iter().try_for_each(|name| {
            f.write_str("/")?;
            match plain(name) {
                Some(text) => f.write_str(text),
                None => f.write_str(&decode(name)),
            }
        })
    }
}

/// A name that is shown unchanged. One that starts with a real U+FFFD is not, since it would be ambiguous.
fn plain(name: &OsStr) -> Option<&str> {
    name.to_str().filter(|text| !text.starts_with(UNDECODABLE))
}

/// A name on disk, as shown in the API.
pub(crate) fn decode(name: &OsStr) -> String {
    match plain(name) {
        Some(text) => text.to_owned(),
        None => std::iter::once(UNDECODABLE)
            .chain(host::name_bytes(name).iter().map(|byte| char::from(*byte)))
            .collect(),
    }
}

/// The inverse of [`decode`], for one name.
pub(crate) fn encode(part: &str) -> Result<OsString, InvalidPath> {
    let Some(latin1) = part.strip_prefix(UNDECODABLE) else {
        return if part.len() > MAX_NAME_LENGTH {
            Err(InvalidPath::TooLong)
        } else {
            Ok(OsString::from(part))
        };
    };
    let bytes: Vec<u8> = latin1
        .chars()
        .map(|c| u8::try_from(c).map_err(|_| InvalidPath::NotBytes))
        .collect::<Result<_, _>>()?;
    // Decoded bytes must pass the same checks as plain names.
    if bytes.is_empty()
        || bytes == b"."
        || bytes == b".."
        || bytes.contains(&b'/')
        || bytes.contains(&0)
    {
        return Err(InvalidPath::NotBytes);
    }
    if bytes.windows(2).any(|pair| pair == b"\r\n") {
        return Err(InvalidPath::LineBreak);
    }
    if bytes.len() > MAX_NAME_LENGTH {
        return Err(InvalidPath::TooLong);
    }
    host::name_from_bytes(bytes).ok_or(InvalidPath::NotBytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        CollectionPath::parse(text)
            .map_or_else(|error| format!("{error:?}"), |path| path.to_string())
    }

    #[test]
    fn the_default_directory_is_the_root() {
        for text in ["/", "", "/~/", "~", "~/", "/~", "//", "/./", "/a/.."] {
            assert_eq!(read(text), "/", "{text}");
        }
        assert_eq!(read("/~/a/b"), "/a/b");
        assert_eq!(read("~/a//b/"), "/a/b");
        assert_eq!(read("/a/~"), "/a/~");
        assert_eq!(read("/~user/x"), "/~user/x");
    }

    #[test]
    fn a_path_is_read_back_as_it_was_printed() {
        for text in ["/./~", "/./~/x", "/./~/~", "/~user/x", "/a/~", "/"] {
            assert_eq!(read(text), text);
        }
        assert_eq!(read("/~/~"), "/./~");
    }

    #[test]
    fn parent_directories_never_lead_out() {
        assert_eq!(read("/a/../b"), "/b");
        assert_eq!(read("/a/b/../../c"), "/c");
        for text in [
            "..",
            "/..",
            "/~/..",
            "/a/../..",
            "/a/../../b",
            "../../etc/passwd",
        ] {
            assert_eq!(read(text), "Outside", "{text}");
        }
    }

    #[test]
    fn names_no_file_system_takes_are_refused() {
        assert_eq!(read("/a\0b"), "Nul");
        assert_eq!(read("/a\r\nb"), "LineBreak");
        assert_eq!(read(&format!("/{}", "x".repeat(256))), "TooLong");
        assert_eq!(read(&"/x".repeat(3000)), "TooLong");
    }

    #[test]
    fn bytes_cannot_smuggle_in_a_parent_directory() {
        for text in ["/\u{fffd}..", "/\u{fffd}.", "/\u{fffd}", "/\u{fffd}\u{100}"] {
            assert_eq!(read(text), "NotBytes", "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn undecodable_names_come_back_as_they_were() {
        for bytes in [
            &b"caf\xe9"[..],
            b"\xff\xfe",
            b"\xef\xbf\xbdreal",
            b"plain",
            "é".as_bytes(),
        ] {
            let name = host::name_from_bytes(bytes.to_vec());
            let shown = name.as_deref().map(decode).unwrap_or_default();
            assert_eq!(encode(&shown).ok(), name, "{shown}");
        }
        assert_eq!(read("/\u{fffd}caf\u{e9}"), "/\u{fffd}caf\u{e9}");
    }

    #[cfg(unix)]
    #[test]
    fn whatever_a_path_is_it_is_stored_as_it_is() {
        let long = host::name_from_bytes(vec![b'x'; MAX_NAME_LENGTH]).unwrap_or_default();
        let odd = ["caf\u{e9}", "a\r\nb", "~", " "].map(OsString::from);
        let undecodable = host::name_from_bytes(b"caf\xe9".to_vec()).unwrap_or_default();
        let names = odd.into_iter().chain([undecodable]);
        let path = CollectionPath::from_names(names.chain(vec![long; 20]).collect());
        assert_eq!(CollectionPath::from_bytes(&path.to_bytes()), Some(path));
        let root = CollectionPath::default();
        assert_eq!(CollectionPath::from_bytes(&root.to_bytes()), Some(root));
    }

    #[test]
    fn a_task_says_where_a_path_starts() {
        assert!(CollectionPath::parse_absolute("/a").is_ok());
        assert!(CollectionPath::parse_absolute("~/a").is_ok());
        for text in ["", "a", "a/b", "./a", "~a"] {
            assert_eq!(
                CollectionPath::parse_absolute(text),
                Err(InvalidPath::NotAbsolute),
                "{text}"
            );
        }
    }
}
