//! Opening a file that someone else may have placed there: opening never blocks, and anything other
//! than a regular file is refused before it is read.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Component, Path};

/// Opens a regular file, following links.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path, 0)
}

/// Opens or creates a regular file at exactly this path; a symbolic link is refused.
pub(crate) fn open_unlinked(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let no_follow = libc::O_NOFOLLOW;
    #[cfg(not(unix))]
    let no_follow = {
        refuse_link(path)?;
        0
    };
    open_with(options, path, no_follow)
}

fn open_with(options: &mut OpenOptions, path: &Path, flags: i32) -> io::Result<File> {
    // opening a pipe without a writer would block
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags | libc::O_NONBLOCK);
    #[cfg(not(unix))]
    let _ = flags;
    let file = options.open(path)?;
    // checks the opened file and not the path, which may have been replaced in between
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    Ok(file)
}

#[cfg(not(unix))]
fn refuse_link(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(known) if known.is_symlink() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a symbolic link",
        )),
        _ => Ok(()),
    }
}

/// What is wrong with a path that starts with `~` and what to write instead: only a shell expands
/// it.
pub(crate) fn unexpanded_tilde(path: &Path) -> Option<String> {
    let Some(Component::Normal(first)) = path.components().next() else {
        return None;
    };
    first.as_encoded_bytes().starts_with(b"~").then(|| {
        let path = path.display();
        format!(
            "`~` at the beginning of a path is only expanded by shells; write out the home folder, or ./{path} for a file of that name"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_one_only_at_the_beginning() {
        for path in ["~", "~/t.json", "~me/t.json", "~//t.json"] {
            assert!(unexpanded_tilde(Path::new(path)).is_some(), "{path}");
        }
        for path in ["./~/t.json", "/~/t.json", "a/~", "t~.json", "", "/", "../~"] {
            assert!(unexpanded_tilde(Path::new(path)).is_none(), "{path}");
        }
    }
}
