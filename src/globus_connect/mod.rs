//! Globus Connect on this machine: which endpoint it is, and whose.
//!
//! Both kinds keep small files, which are read on demand. When nothing is installed, the result is
//! `None`; a file that exists but is malformed is an error that names it. The contents are not
//! verified with Globus: anyone who can write the files can change them.

mod personal;
mod server;

use crate::error::{Error, ErrorKind, Result};
use crate::regular_file;
use std::io::Read as _;
use std::path::Path;

pub use personal::{GlobusConnectPersonalOwnerInfo, LocalGlobusConnectPersonal};
pub use server::LocalGlobusConnectServer;

/// Files of Globus Connect are far smaller.
const LIMIT: u64 = 1 << 20;

fn fault(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::LocalConfig, format!("{} {why}", path.display()))
}

/// A file's text; `None` when the file does not exist.
fn read(path: &Path) -> Result<Option<String>> {
    if let Some(wrong) = regular_file::unexpanded_tilde(path) {
        return Err(fault(path, format_args!("cannot be read: {wrong}")));
    }
    let unreadable = |e: std::io::Error| fault(path, "cannot be read").with_source(e);
    let file = match regular_file::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e)),
    };
    let mut bytes = Vec::new();
    file.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(fault(
            path,
            "is larger than 1 MiB, so it is not a file of Globus Connect; check the path",
        ));
    }
    match String::from_utf8(bytes) {
        // some editors write a byte order mark
        Ok(text) => Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })),
        Err(e) => Err(fault(path, "is not UTF-8 text; set Globus Connect up again").with_source(e)),
    }
}
