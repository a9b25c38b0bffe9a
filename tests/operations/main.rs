//! Every operation of the specs, called by its typed method: what is sent and what is decoded are
//! held by a snapshot each, in `snapshots/<service>/<operation>.snap`. The answers are the examples
//! of the specs.
//!
//! A new operation fails `every_operation_is_called` until it is called in one of these files.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says why and stops"
)]
#![allow(deprecated, reason = "what a service has retired is called, too")]

mod auth;
mod groups;
mod harness;
mod search;
mod secrets;
mod transfer;
mod transfer_managers;
mod transfer_sharing;
mod transfer_streams;
mod updates;

use std::collections::BTreeSet;

/// Each file's operations.
const HELD: &[&[(&str, &str)]] = &[
    auth::HELD,
    auth::PAGES,
    groups::HELD,
    search::HELD,
    transfer::HELD,
    transfer_managers::HELD,
    transfer_sharing::HELD,
    transfer_streams::HELD,
];

fn held() -> BTreeSet<String> {
    let held = HELD.iter().copied().flatten();
    held.map(|(service, name)| format!("{service}/{name}"))
        .collect()
}

#[test]
fn every_operation_is_called() {
    let operations: BTreeSet<_> = globus_sdk::operations()
        .map(|o| format!("{}/{}", o.service, o.name))
        .collect();
    let missing: Vec<_> = operations.difference(&held()).cloned().collect();
    assert!(
        missing.is_empty(),
        "call these in tests/operations/<service>.rs, and run with INSTA_UPDATE=always: {missing:#?}"
    );
}

#[test]
fn no_snapshot_outlives_its_operation() {
    let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/operations/snapshots");
    let mut kept = BTreeSet::new();
    for service in std::fs::read_dir(snapshots).expect("snapshots") {
        let service = service.expect("a folder").path();
        for file in std::fs::read_dir(&service).expect("a service's snapshots") {
            let path = file.expect("a snapshot").path();
            if path.extension().is_some_and(|e| e == "snap") {
                let folder = service.file_name().unwrap_or_default().to_string_lossy();
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                kept.insert(format!("{folder}/{name}"));
            }
        }
    }
    let stale: Vec<_> = kept.difference(&held()).cloned().collect();
    assert!(stale.is_empty(), "delete these snapshots: {stale:#?}");
}
