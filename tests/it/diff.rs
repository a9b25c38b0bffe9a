//! Comparing two trees, on the emulator.

use crate::lab::Lab;
use globus_sdk::transfer::{Client, Diff, Difference, DifferenceKind, FileAttribute};
use globus_sdk::types::Uuid;
use globus_sdk::{ErrorKind, Result};
use globus_test_support::mock::{MockServer, answer, hasty};
use globus_test_support::tree::{Shape, Tree};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

async fn lines(diff: Diff) -> Vec<String> {
    let differences: Result<Vec<Difference>> = diff.stream().collect().await;
    let lines = differences.expect("differences").into_iter();
    lines.map(|difference| difference.to_string()).collect()
}

fn write(root: &Path, path: &str, contents: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, contents).expect("a file");
}

#[tokio::test]
async fn a_comparison_names_what_is_missing_and_what_differs() {
    let lab = Lab::open().await;
    let (left, right) = (lab.source.path(), lab.destination.path());
    for (path, ours, theirs) in [
        ("same", "1", "1"),
        ("size", "1", "22"),
        ("a/b/same", "", ""),
        ("a/b/size", "1", ""),
        ("kind", "a file", ""),
    ] {
        write(&left.join("data"), path, ours);
        if path != "kind" {
            write(&right.join("copy"), path, theirs);
        }
    }
    write(&left.join("data"), "only here/x", "");
    // sorts between `a` and `a/b` character by character, and not name by name
    write(&left.join("data"), "a b", "");
    write(&right.join("copy"), "a/only there", "");
    write(&right.join("copy"), "kind/x", "");
    let transfer = lab.transfer().await;
    let diff = transfer
        .ls(lab.from, "/data")
        .diff(transfer.ls(lab.to, "/copy/"));
    assert_eq!(
        lines(diff).await,
        [
            "! a/b/size (size)",
            "> a/only there",
            "< a b",
            "! kind (type)",
            "> kind/x",
            "< only here",
            "< only here/x",
            "! size (size)",
        ]
    );
}

#[tokio::test]
async fn what_counts_can_be_chosen() {
    let lab = Lab::open().await;
    write(lab.source.path(), "x", "1");
    write(lab.destination.path(), "x", "22");
    let now = SystemTime::now();
    for (root, age) in [(lab.source.path(), 60), (lab.destination.path(), 0)] {
        let file = fs::File::options().write(true).open(root.join("x"));
        let time = now - Duration::from_secs(age);
        file.and_then(|f| f.set_modified(time)).expect("a time");
    }
    let transfer = lab.transfer().await;
    let diff = || transfer.ls(lab.from, "/").diff(transfer.ls(lab.to, "/"));
    assert_eq!(lines(diff()).await, ["! x (size)"]);
    assert!(lines(diff().compare_sizes(false)).await.is_empty());
    let minute = Duration::from_secs(60);
    assert!(
        lines(diff().compare_sizes(false).compare_times(minute))
            .await
            .is_empty()
    );
    let exactly = diff()
        .compare_times(Duration::ZERO)
        .stream()
        .collect()
        .await
        .expect("one");
    match &exactly[0].kind {
        DifferenceKind::Modified {
            left,
            right,
            attributes,
        } => {
            assert_eq!(**attributes, [FileAttribute::Size, FileAttribute::Time]);
            assert_eq!((left.file.size, right.file.size), (Some(1), Some(2)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_checksum_counts_where_both_listings_have_one() {
    let listing = |sums: [&str; 3]| {
        let file = |n: usize| {
            let sum = sums[n];
            format!(r#"{{"DATA_TYPE":"file","name":"f{n}","type":"file","size":1{sum}}}"#)
        };
        let data = [0, 1, 2].map(file).join(",");
        answer(
            200,
            &format!(r#"{{"DATA_TYPE":"file_list","endpoint":"e","path":"/","DATA":[{data}]}}"#),
        )
    };
    let sum = r#","checksum":"a""#;
    let left = MockServer::start([listing([sum, sum, sum])]).await;
    let right = MockServer::start([listing([sum, r#","checksum":"b""#, ""])]).await;
    let walk = |url| hasty::<Client>(url).0.ls(Uuid::nil(), "/");
    let diff = walk(&left.url).diff(walk(&right.url));
    assert_eq!(
        lines(diff.checksum_field("checksum")).await,
        ["! f1 (checksum)"]
    );
}

#[tokio::test]
async fn a_comparison_goes_as_deep_as_the_shallower_side() {
    let lab = Lab::open().await;
    lab.put("a/b/c/d", "");
    let transfer = lab.transfer().await;
    let left = transfer.ls(lab.from, "/").max_depth(1);
    let diff = left.diff(transfer.ls(lab.to, "/").recursive());
    assert_eq!(lines(diff).await, ["< a", "< a/b"]);
}

#[tokio::test]
async fn both_sides_are_listed_at_once() {
    let shape = Shape {
        folders: 111,
        branching: 10,
        gate: 8,
        ..Shape::default()
    };
    // each side answers only when all its listings are under way
    let (left, right) = (Tree::serve(shape.clone()), Tree::serve(shape));
    let walk = |tree: &Tree| {
        let (transfer, _) = hasty::<Client>(&tree.url);
        transfer.ls(Uuid::nil(), "/").concurrency(8)
    };
    assert!(lines(walk(&left).diff(walk(&right))).await.is_empty());
    assert_eq!((left.most_in_flight(), right.most_in_flight()), (8, 8));
    assert_eq!((left.asked().len(), right.asked().len()), (111, 111));
}

#[tokio::test]
async fn a_folder_that_cannot_be_listed_is_the_end_or_unknown() {
    let whole = Tree::serve(Shape::default());
    let torn = Tree::serve(Shape {
        instead: |_, folder| {
            let body = r#"{"code":"PermissionDenied","message":"not yours"}"#;
            (folder == 2).then_some((403, "", body))
        },
        ..Shape::default()
    });
    let walk = |tree: &Tree| hasty::<Client>(&tree.url).0.ls(Uuid::nil(), "/");
    let error = walk(&whole).diff(walk(&torn)).stream().collect().await;
    let error = error.expect_err("the end");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains(":/d2/"), "{error}");
    for diff in [
        walk(&whole).diff(walk(&torn)),
        walk(&torn).diff(walk(&whole)),
    ] {
        let lines = lines(diff.keep_going()).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("? d2/ ("), "{lines:?}");
    }
    assert_eq!(
        lines(walk(&torn).diff(walk(&torn)).keep_going())
            .await
            .len(),
        2
    );
}

/// Files by their paths; a path that is a folder of another is left out.
fn plant(root: &Path, files: &BTreeMap<String, u8>) -> BTreeMap<String, Option<u8>> {
    let mut nodes = BTreeMap::new();
    for (path, size) in files {
        let inside = files
            .keys()
            .any(|other| other.starts_with(&format!("{path}/")));
        if inside {
            continue;
        }
        write(root, path, &"x".repeat(usize::from(*size)));
        nodes.insert(path.clone(), Some(*size));
        for (at, _) in path.match_indices('/') {
            nodes.insert(path[..at].to_owned(), None);
        }
    }
    nodes
}

#[test]
fn a_comparison_finds_what_comparing_all_names_finds() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let lab = runtime.block_on(Lab::open());
    let transfer = runtime.block_on(lab.transfer());
    let name = "[ab !é-]{1,2}";
    let path = proptest::collection::vec(name, 1..4).prop_map(|names| {
        let names = names.iter().map(|name| format!("{name}x"));
        names.collect::<Vec<_>>().join("/")
    });
    let tree = proptest::collection::btree_map(path, 0..3u8, 0..12);
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(ours in tree.clone(), theirs in tree)| {
        let top = Uuid::new_v4().to_string();
        let roots = [lab.source.path().join(&top), lab.destination.path().join(&top)];
        roots.iter().for_each(|root| fs::create_dir_all(root).expect("a folder"));
        let (left, right) = (plant(&roots[0], &ours), plant(&roots[1], &theirs));
        let all: BTreeSet<_> = left.keys().chain(right.keys()).collect();
        let wanted: BTreeSet<_> = all
            .into_iter()
            .filter_map(|path| match (left.get(path), right.get(path)) {
                (Some(_), None) => Some(format!("< {path}")),
                (None, Some(_)) => Some(format!("> {path}")),
                (Some(a), Some(b)) if a.is_none() != b.is_none() => Some(format!("! {path} (type)")),
                (Some(a), Some(b)) if a != b => Some(format!("! {path} (size)")),
                _ => None,
            })
            .collect();
        let top = format!("/{top}/");
        let diff = transfer.ls(lab.from, &top).diff(transfer.ls(lab.to, &top));
        let found = runtime.block_on(lines(diff));
        prop_assert_eq!(found.len(), wanted.len());
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted);
    });
}
