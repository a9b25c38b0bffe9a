//! Opening a file that somebody else may have put there: whatever it is, nothing waits for it, and
//! what is no file is told apart before it is read.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Component, Path};

/// Opens a regular file; a link is followed.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path, 0)
}

/// Opens, or makes, a regular file at exactly this path: a link is refused.
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
    // a pipe that nobody writes to would make the system wait
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags | libc::O_NONBLOCK);
    #[cfg(not(unix))]
    let _ = flags;
    let file = options.open(path)?;
    // of what was opened, whatever has become of the path
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        ));
    }
    Ok(file)
}

#[cfg(not(unix))]
fn refuse_link(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(known) if known.is_symlink() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a symbolic link",
        )),
        _ => Ok(()),
    }
}

/// What is wrong with a path that only a shell would take for one in a home folder, and what to
/// write.
pub(crate) fn unexpanded_tilde(path: &Path) -> Option<String> {
    let Some(Component::Normal(first)) = path.components().next() else {
        return None;
    };
    first.as_encoded_bytes().starts_with(b"~").then(|| {
        let path = path.display();
        format!(
            "`~` at the beginning of a path is expanded by shells only; write the home folder out, or ./{path} for what is really named so"
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
