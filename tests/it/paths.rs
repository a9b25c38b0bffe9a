//! Whatever a path is, it arrives as it was given.

use crate::lab::Lab;
use globus_sdk::ErrorKind;
use globus_sdk::transfer::types::MkdirRequest;
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, answer, hasty};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use std::fs;

/// Any name that a file can have, and not what leads elsewhere.
fn name() -> impl Strategy<Value = String> {
    let any = "(?s).{1,40}";
    let awkward = r#"[ %?#&=+;:@\\"'~.\t\n\r*\[\]{}|^`<>é\u{301}\u{1F600}-]{1,20}"#;
    prop_oneof![any, awkward]
        .prop_map(|name: String| name.replace(['/', '\0'], "_"))
        .prop_filter("a name", |name| name.len() <= 200 && !name.contains("\r\n"))
        // such a name stands for one that is no text
        .prop_filter("bytes", |name| !name.starts_with('\u{fffd}'))
        .prop_filter("leads elsewhere", |name| {
            !matches!(name.as_str(), "." | ".." | "~")
        })
}

/// Runs a property on one lab: each case has names of its own.
fn hold(cases: u32, property: impl AsyncFn(&Lab, &Client, String) -> Result<(), TestCaseError>) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let lab = runtime.block_on(Lab::open());
    let transfer = runtime.block_on(lab.transfer());
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let held = TestRunner::new(config).run(&name(), |name| {
        runtime.block_on(property(&lab, &transfer, name))
    });
    held.expect("any name");
}

#[test]
fn folder_is_made_found_and_listed_under_its_given_name() {
    hold(64, async |lab, transfer, name| {
        let (path, inside) = (format!("/{name}"), lab.source.path().join(&name));
        if !inside.exists() {
            let made = transfer.operation_mkdir(lab.from, MkdirRequest::new(&path));
            let made = made.await;
            prop_assert!(made.is_ok(), "{:?}: {:?}", path, made.err());
        }
        prop_assert!(inside.is_dir(), "{:?} is not there", path);
        fs::write(inside.join("in it"), "")?;
        let listing = transfer.operation_ls(lab.from).path(path.as_str()).await;
        let names = listing.map(|list| list.data.into_iter().map(|file| file.name));
        let names: Vec<_> = names
            .map_err(|e| TestCaseError::fail(e.to_string()))?
            .collect();
        prop_assert_eq!(names, ["in it"]);
        let stat = transfer.operation_stat(lab.from).path(path.as_str()).await;
        let stat = stat.map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(stat.name, name);
        Ok(())
    });
}

#[test]
fn a_walk_goes_into_folders_of_any_name() {
    let made = std::cell::RefCell::new(BTreeSet::new());
    hold(24, async |lab, transfer, name| {
        let folder = lab.source.path().join(&name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("in it"), "")?;
        // at the beginning of a path, `~` would be the home directory
        let root = if name.starts_with('~') { "/./" } else { "/" };
        made.borrow_mut()
            .extend([format!("{root}{name}"), format!("{root}{name}/in it")]);
        let found = transfer
            .ls(lab.from, "/")
            .recursive()
            .stream()
            .collect()
            .await;
        let found = found.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let found: BTreeSet<_> = found.into_iter().map(|entry| entry.path).collect();
        prop_assert_eq!(&found, &*made.borrow());
        Ok(())
    });
}

#[test]
fn a_file_is_moved_from_any_name_to_any_name() {
    hold(12, async |lab, transfer, name| {
        lab.put(&name, &name);
        let item = TransferItem::file(format!("/{name}"), format!("/in/{name}"));
        let data = TransferData::new(lab.from, lab.to).item(item);
        let submitted = transfer.submit_transfer(&data).await;
        let submitted = submitted.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let wait = transfer.wait(submitted.task_id);
        let ended = wait
            .polling_interval(std::time::Duration::from_millis(5))
            .await;
        prop_assert!(ended.is_ok(), "{:?}", ended.err());
        prop_assert_eq!(lab.arrived(&format!("in/{name}")), Some(name.into_bytes()));
        Ok(())
    });
}

#[tokio::test]
async fn a_backslash_which_a_url_takes_for_a_slash_is_refused() {
    let server = MockServer::start([answer(200, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    for id in ["\\", "..\\..\\endpoint", "a\\b"] {
        let called = transfer.delete_endpoint_acl_rule(Uuid::nil(), id).await;
        assert_eq!(called.expect_err(id).kind(), ErrorKind::Usage);
    }
    assert_eq!(server.count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_parameter_of_a_path_is_one_part_of_it_whatever_it_holds(value in "(?s).{0,30}") {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        let (called, requests) = runtime.block_on(async {
            let server = MockServer::start([answer(200, "{}")]).await;
            let (transfer, _) = hasty::<Client>(&server.url);
            let called = transfer.get_endpoint_acl_rule(Uuid::nil(), value.as_str()).await;
            (called, server.requests())
        });
        match requests.first() {
            Some(request) => {
                let path = request.split(' ').nth(1).expect("a path");
                let above = format!("/v0.10/endpoint/{}/access/", Uuid::nil());
                let part = path.strip_prefix(&above).expect("the same path");
                prop_assert!(!part.contains(['/', '?', '#']), "{}", part);
                let pair = format!("part={}", part.replace('+', "%2B").replace('&', "%26"));
                let mut read = url::form_urlencoded::parse(pair.as_bytes());
                prop_assert_eq!(read.next().map(|(_, read)| read.into_owned()), Some(value));
            }
            None => prop_assert_eq!(called.err().map(|e| e.kind()), Some(ErrorKind::Usage)),
        }
    }
}
