//! Files that are not complete yet.
//!
//! A file is written under another name and renamed when it is right, so that nobody ever reads
//! half of it. Until then it is in nobody's listing.

use std::ffi::OsStr;

use uuid::Uuid;

const PREFIX: &str = ".globus-emulator-";
const SUFFIX: &str = ".part";

/// The name of the file a task is writing in a directory; a task writes one at a time.
pub(crate) fn name(task: Uuid) -> String {
    format!("{PREFIX}{}{SUFFIX}", task.simple())
}

/// Whether a name is one of those.
pub(crate) fn is(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}
