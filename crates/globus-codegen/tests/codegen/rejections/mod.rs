//! Specs that are rejected: for each reason, `tiny.yaml` with one edit and the exact message, which
//! has the file, the location and what to write instead.

mod bodies;
mod document;
mod keys;
mod names;
mod operations;
mod paging;
mod parameters;
mod required;
mod schemas;
mod service;
mod unions;

use std::path::Path;

/// A spec that compiles.
const TINY: &str = include_str!("../tiny.yaml");

#[test]
fn the_spec_that_each_test_breaks_compiles() {
    crate::tiny::generate("tiny.yaml", TINY);
}

/// Asserts the message with which a spec is rejected.
#[track_caller]
fn assert_rejected(yaml: String, sentence: &str) {
    let code = globus_codegen::generate(Path::new("tiny.yaml"), &yaml);
    let error = code.expect_err("it compiles");
    assert_eq!(error.to_string(), sentence);
    assert_eq!(format!("{error:?}"), sentence);
    assert!(sentence.starts_with(&format!("tiny.yaml: {}: ", error.location())));
    assert!(!error.location().is_empty(), "no location");
    assert!(sentence.contains("; "), "no remedy");
}

/// A complete document.
fn whole(yaml: &str) -> String {
    yaml.to_owned()
}

/// `tiny.yaml` with each first text replaced by the second.
#[track_caller]
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(TINY.to_owned(), |yaml, (from, to)| {
        assert_eq!(
            yaml.matches(from).count(),
            1,
            "`{from}` is not in tiny.yaml once"
        );
        yaml.replace(from, to)
    })
}

/// `tiny.yaml` with a schema and all references to it renamed.
fn renamed(from: &str, to: &str) -> String {
    TINY.replace(&format!("    {from}:\n"), &format!("    {to}:\n"))
        .replace(&format!("/{from}'"), &format!("/{to}'"))
}

/// Deeply nested lists.
fn nested() -> String {
    format!(
        "openapi: 3.0.3\npaths: {}{}",
        "[".repeat(9999),
        "]".repeat(9999)
    )
}
