//! `docs/operations.md` is the table that the specs become.
#![cfg(all(feature = "groups", feature = "search", feature = "transfer"))]

#[path = "../../examples/operations/page.rs"]
mod page;

#[test]
fn the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    let there = std::fs::read_to_string(path).unwrap_or_default();
    let wanted = page::operations();
    let stale = there.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    assert!(
        there == wanted,
        "docs/operations.md is out of date; run `just operations` and commit it.\n\
         The first line that differs: {stale:#?}"
    );
}
