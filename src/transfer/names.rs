//! The names in a listing, and the paths built from them.
//!
//! A listing may come from an untrusted storage system. A path that is built from it must refer to
//! the listed entry and nothing else.

use super::listing::name_to_bytes;
use crate::error::{Error, ErrorKind};
use crate::types::escape_controls;

/// How many characters of an invalid name are shown.
const SHOWN: usize = 120;

/// The path of an entry of a folder. Directly below the root a leading `~` would be expanded to a
/// home folder, as GridFTP servers do: `/~/` is the caller's own, `/~name/` that of an account. So
/// `/.` is put in front of it.
pub(super) fn join_name(folder: &str, name: &str) -> String {
    let above = folder.trim_end_matches('/');
    let root = if above.is_empty() && name_to_bytes(name).starts_with(b"~") {
        "/."
    } else {
        ""
    };
    [root, above, "/", name].concat()
}

/// Fails for an entry whose name cannot be part of a path.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let fault = match name {
        "" => "it is empty",
        "." => "it means the folder itself",
        ".." => "it means the folder above",
        _ if name.contains('/') => "it contains a slash",
        _ if name.contains('\0') => "it contains a NUL character",
        _ if name.contains("\r\n") => r"it contains \r\n, which Globus allows in no name",
        _ if means_other_bytes(name) => {
            "it starts with U+FFFD, after which Globus would read the name of another file"
        }
        _ => return Ok(()),
    };
    let mut shown: String = name.chars().take(SHOWN).collect();
    if shown.len() < name.len() {
        shown.push('\u{2026}');
    }
    let message = format!(
        "the listing has an entry with the invalid name `{}` ({fault}); the entry is left out",
        escape_controls(&shown)
    );
    Err(Error::new(ErrorKind::Decode, message).with_operation("operation_ls".into()))
}

/// Whether a name claims to stand for bytes that are not UTF-8 although they are: passed back, it
/// would refer to the file with the name that these bytes spell.
fn means_other_bytes(name: &str) -> bool {
    let bytes = name_to_bytes(name);
    name.starts_with('\u{fffd}')
        && *bytes != *name.as_bytes()
        && std::str::from_utf8(&bytes).is_ok_and(|text| !text.starts_with('\u{fffd}'))
}

/// The names of a path below a folder, without those that would lead out of it or nowhere.
pub(super) fn names_below(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for name in path.split('/') {
        // compared as bytes, since `..` may also be written in the form for names that are not
        // UTF-8
        match &*name_to_bytes(name) {
            b"" | b"." => {}
            b".." => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_tilde_below_the_root_is_no_home() {
        let paths = [
            ("/", "~"),
            ("//", "~"),
            ("/", "~alice"),
            ("/", "\u{fffd}~\u{e9}"),
            ("/", "a~"),
            ("/~/", "~"),
            ("~", "~"),
            ("/data", "~"),
        ]
        .map(|(folder, name)| join_name(folder, name));
        assert_eq!(
            paths,
            [
                "/./~",
                "/./~",
                "/./~alice",
                "/./\u{fffd}~\u{e9}",
                "/a~",
                "/~/~",
                "~/~",
                "/data/~"
            ]
        );
    }

    #[test]
    fn what_no_name_can_be_is_refused() {
        for name in [
            "",
            ".",
            "..",
            "/",
            "a/b",
            "/etc",
            "../../etc",
            "a/",
            "\0",
            "a\0b",
            "a\r\nb",
            "\u{fffd}",
            "\u{fffd}.",
            "\u{fffd}..",
            "\u{fffd}~",
            "\u{fffd}name",
            "\u{fffd}a/\u{e9}",
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn odd_names_are_names() {
        for name in [
            "~",
            "...",
            ". .",
            " ",
            "-rf",
            "a b",
            "a\\b",
            "..\\x",
            "C:",
            "a\nb",
            "\r",
            "\u{1b}[2J",
            "\u{7f}",
            "caf\u{e9}",
            "\u{fffd}caf\u{e9}",
            "\u{fffd}\u{ef}\u{bf}\u{bd}x",
            "caf\u{fffd}",
            "\u{fffd}\u{65e5}",
            "*?\"<>|",
        ] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn the_error_is_one_line_however_odd_or_long_the_name() {
        let error = check_name(&format!("a\n\u{1b}[2J/{}", "x".repeat(5000)))
            .expect_err("a slash")
            .to_string();
        assert!(
            error.starts_with(
                r"operation_ls: the listing has an entry with the invalid name `a\n\u{1b}[2J/xxx"
            ),
            "{error}"
        );
        assert!(
            error.ends_with("(it contains a slash); the entry is left out"),
            "{error}"
        );
        assert!(error.len() < 400, "{error}");
    }
}
