//! Filtering and ordering listings, and names that are not UTF-8.

use crate::generated::transfer::types::FileType;
use crate::types::{CommaList, RepeatedParam};
use std::borrow::Cow;

/// A filter for a listing: a file must match every clause.
///
/// A string in the service's own syntax is accepted as well. Several filters in one call (`[filter,
/// filter]`) are alternatives. The syntax has no way to write a comma or a slash inside a name.
///
/// Source: the File Operations document, Directory Listing.
///
/// ```
/// use globus_sdk::transfer::FileFilter;
///
/// let filter = FileFilter::new().name_like("*.h5").larger_than(1024).file_type("file");
/// assert_eq!(filter.to_string(), "name:~*.h5/size:>1024/type:file");
///
/// # fn call(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid, filter: FileFilter) {
/// let call = transfer.operation_ls(id).filter(filter);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct FileFilter(Vec<String>);

impl FileFilter {
    /// An empty filter, which everything matches.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name is one of these.
    pub fn name(self, names: impl Into<CommaList>) -> Self {
        self.clause("name", "", names)
    }

    /// The name matches one of these patterns, where `*` stands for anything.
    pub fn name_like(self, patterns: impl Into<CommaList>) -> Self {
        self.clause("name", "~", patterns)
    }

    /// The type is this one: `file`, `dir`, ...
    pub fn file_type(self, file_type: impl Into<FileType>) -> Self {
        let file_type = file_type.into();
        self.clause("type", "", file_type.as_str())
    }

    /// The size is larger, in bytes.
    pub fn larger_than(self, bytes: u64) -> Self {
        self.clause("size", ">", bytes.to_string())
    }

    /// The size is smaller, in bytes.
    pub fn smaller_than(self, bytes: u64) -> Self {
        self.clause("size", "<", bytes.to_string())
    }

    /// The modification time is this one or later.
    ///
    /// ```
    /// # use globus_sdk::transfer::FileFilter;
    /// let filter = FileFilter::new().modified_since("2026-11-01");
    /// assert_eq!(filter.to_string(), "last_modified:2026-11-01,");
    /// ```
    pub fn modified_since(self, start: &str) -> Self {
        self.clause("last_modified", "", format!("{start},"))
    }

    /// The modification time is this one or earlier.
    pub fn modified_until(self, end: &str) -> Self {
        self.clause("last_modified", "", format!(",{end}"))
    }

    fn clause(mut self, field: &str, operator: &str, values: impl Into<CommaList>) -> Self {
        let values = values.into();
        self.0.push(format!("{field}:{operator}{values}"));
        self
    }
}

impl std::fmt::Display for FileFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl From<FileFilter> for RepeatedParam {
    fn from(filter: FileFilter) -> Self {
        filter.to_string().into()
    }
}

impl From<FileFilter> for String {
    fn from(filter: FileFilter) -> Self {
        filter.to_string()
    }
}

/// The order of a list: by a field, then by others where it leaves a tie.
///
/// A string is accepted as well, such as `"type,name DESC"`.
///
/// ```
/// use globus_sdk::transfer::OrderBy;
///
/// let order = OrderBy::ascending("type").then_descending("size");
/// assert_eq!(order.to_string(), "type ASC,size DESC");
///
/// # fn call(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid, order: OrderBy) {
/// let call = transfer.operation_ls(id).orderby(order);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct OrderBy(Vec<String>);

impl OrderBy {
    /// By a field, smallest first.
    pub fn ascending(field: &str) -> Self {
        Self(vec![format!("{field} ASC")])
    }

    /// By a field, largest first.
    pub fn descending(field: &str) -> Self {
        Self(vec![format!("{field} DESC")])
    }

    /// Then by another field, smallest first.
    pub fn then_ascending(mut self, field: &str) -> Self {
        self.0.push(format!("{field} ASC"));
        self
    }

    /// Then by another field, largest first.
    pub fn then_descending(mut self, field: &str) -> Self {
        self.0.push(format!("{field} DESC"));
        self
    }
}

impl std::fmt::Display for OrderBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

impl From<OrderBy> for CommaList {
    fn from(order: OrderBy) -> Self {
        Self(order.0)
    }
}

/// The bytes of a listed name on its storage system.
///
/// A name that is not UTF-8 is listed as U+FFFD followed by its bytes as Latin-1; passed back in
/// this form, it refers to the same file.
///
/// Source: the File Operations document, Path Encoding.
///
/// ```
/// use globus_sdk::transfer::name_to_bytes;
///
/// assert_eq!(&*name_to_bytes("plain"), b"plain");
/// assert_eq!(&*name_to_bytes("\u{fffd}caf\u{e9}"), b"caf\xe9");
/// ```
pub fn name_to_bytes(listed: &str) -> Cow<'_, [u8]> {
    let latin1 = listed.strip_prefix('\u{fffd}').and_then(|rest| {
        rest.chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect::<Option<Vec<u8>>>()
    });
    match latin1 {
        Some(bytes) => Cow::Owned(bytes),
        None => Cow::Borrowed(listed.as_bytes()),
    }
}

/// The name that stands for these bytes in a listing or a call.
///
/// Bytes that are UTF-8 stand for themselves, unless they start with U+FFFD, which would be read as
/// the marker of bytes that are not.
///
/// ```
/// use globus_sdk::transfer::name_from_bytes;
///
/// assert_eq!(name_from_bytes(b"plain"), "plain");
/// assert_eq!(name_from_bytes(b"caf\xe9"), "\u{fffd}caf\u{e9}");
/// ```
pub fn name_from_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(name) if !name.starts_with('\u{fffd}') => name.to_owned(),
        _ => std::iter::once('\u{fffd}')
            .chain(bytes.iter().map(|b| char::from(*b)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_on_a_storage_survives_the_round_trip(
            bytes in prop_oneof![any::<Vec<u8>>(), "\u{fffd}.{0,3}".prop_map(String::into_bytes)],
        ) {
            let listed = name_from_bytes(&bytes);
            prop_assert_eq!(&*name_to_bytes(&listed), &bytes[..]);
        }
    }
}
