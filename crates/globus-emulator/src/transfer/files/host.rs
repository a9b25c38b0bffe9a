//! Differences between operating systems: names as bytes, owners, modes.

use std::ffi::{OsStr, OsString};

use cap_std::fs::{FileType, Metadata};

pub(crate) use system::{group, mode, name_bytes, name_from_bytes, owner, special};

/// The `type` of a file document, except for links.
pub(crate) fn kind(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        "dir"
    } else if file_type.is_file() {
        "file"
    } else {
        special(file_type)
    }
}

#[cfg(unix)]
mod system {
    use std::collections::HashMap;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::sync::LazyLock;

    use cap_std::fs::{FileTypeExt, MetadataExt};

    use super::{FileType, Metadata, OsStr, OsString};

    static USERS: LazyLock<HashMap<u32, String>> = LazyLock::new(|| names_by_id("/etc/passwd"));
    static GROUPS: LazyLock<HashMap<u32, String>> = LazyLock::new(|| names_by_id("/etc/group"));

    /// Both files have the name in the first column and the id in the third.
    fn names_by_id(file: &str) -> HashMap<u32, String> {
        std::fs::read_to_string(file)
            .unwrap_or_default()
            .lines()
            .filter_map(|line| {
                let mut fields = line.split(':');
                let name = fields.next()?;
                let id = fields.nth(1)?.parse().ok()?;
                Some((id, name.to_owned()))
            })
            .collect()
    }

    pub(crate) fn name_bytes(name: &OsStr) -> &[u8] {
        name.as_bytes()
    }

    pub(crate) fn name_from_bytes(bytes: Vec<u8>) -> Option<OsString> {
        Some(OsString::from_vec(bytes))
    }

    pub(crate) fn owner(metadata: &Metadata) -> String {
        USERS
            .get(&metadata.uid())
            .cloned()
            .unwrap_or_else(|| metadata.uid().to_string())
    }

    pub(crate) fn group(metadata: &Metadata) -> String {
        GROUPS
            .get(&metadata.gid())
            .cloned()
            .unwrap_or_else(|| metadata.gid().to_string())
    }

    pub(crate) fn mode(metadata: &Metadata) -> u32 {
        metadata.mode() & 0o7777
    }

    pub(crate) fn special(file_type: FileType) -> &'static str {
        if file_type.is_char_device() {
            "chr"
        } else if file_type.is_block_device() {
            "blk"
        } else if file_type.is_fifo() {
            "pipe"
        } else {
            "other"
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{FileType, Metadata, OsStr, OsString};

    pub(crate) fn name_bytes(name: &OsStr) -> &[u8] {
        name.as_encoded_bytes()
    }

    pub(crate) fn name_from_bytes(bytes: Vec<u8>) -> Option<OsString> {
        String::from_utf8(bytes).ok().map(OsString::from)
    }

    pub(crate) fn owner(_: &Metadata) -> String {
        "user".to_owned()
    }

    pub(crate) fn group(_: &Metadata) -> String {
        "users".to_owned()
    }

    pub(crate) fn mode(metadata: &Metadata) -> u32 {
        match (metadata.is_dir(), metadata.permissions().readonly()) {
            (true, _) => 0o755,
            (false, true) => 0o444,
            (false, false) => 0o644,
        }
    }

    pub(crate) fn special(_: FileType) -> &'static str {
        "other"
    }
}
