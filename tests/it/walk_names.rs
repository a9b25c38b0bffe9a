//! Walks of trees with names that mean something else in a path, on the emulator as far as a disk
//! can hold them, and by a scripted server beyond.

use crate::lab::Lab;
use globus_sdk::ErrorKind;
use globus_sdk::transfer::{Client, Entry, ListFailure, Walk, WalkEvent, name_to_bytes};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, Step, answer, hasty};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The ways of a walk.
fn each_way(walk: &Walk) -> [Walk; 4] {
    [
        walk.clone(),
        walk.clone().breadth_first(),
        walk.clone().ordered(),
        walk.clone().ordered().follow_links(),
    ]
}

async fn sorted_paths(walk: Walk) -> Vec<String> {
    let entries = walk.stream().collect().await.expect("entries");
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn a_folder_named_like_the_home_is_walked_as_itself() {
    let lab = Lab::open().await;
    for path in ["~/inside.txt", "~/~/deep.txt", "a/~/x", "beside.txt"] {
        lab.put(path, "");
    }
    let transfer = lab.transfer().await;
    for walk in each_way(&transfer.ls(lab.from, "/").recursive()) {
        assert_eq!(
            sorted_paths(walk).await,
            [
                "/./~",
                "/./~/inside.txt",
                "/./~/~",
                "/./~/~/deep.txt",
                "/a",
                "/a/~",
                "/a/~/x",
                "/beside.txt",
            ]
        );
    }
    // behind the home a tilde is a name without more
    let paths = sorted_paths(transfer.ls(lab.from, "").recursive()).await;
    assert!(paths.contains(&"/~/~/~/deep.txt".to_owned()), "{paths:?}");
    let inside = transfer.ls(lab.from, "/./~/").recursive();
    assert_eq!(
        sorted_paths(inside).await,
        ["/./~/inside.txt", "/./~/~", "/./~/~/deep.txt"]
    );
}

#[tokio::test]
async fn equal_trees_with_a_folder_like_the_home_do_not_differ() {
    let lab = Lab::open().await;
    for root in [lab.source.path(), lab.destination.path()] {
        for path in ["~/x", "~/~/y", "a/~/z", "~user/q", "-rf", "a\nb/c", "a\\b"] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, "1").expect("a file");
        }
    }
    let transfer = lab.transfer().await;
    let diff = || transfer.ls(lab.from, "/").diff(transfer.ls(lab.to, "/"));
    assert!(diff().stream().next().await.is_none());
    std::fs::write(lab.source.path().join("~/x"), "22").expect("a file");
    std::fs::write(lab.source.path().join("a\nb/d"), "").expect("a file");
    let differences = diff().stream().collect().await.expect("differences");
    let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(lines, [r"< a\nb/d", "! ~/x (size)"]);
}

#[tokio::test]
async fn what_a_walk_listed_is_deleted_and_nothing_else() {
    use globus_sdk::transfer::DeleteData;
    let lab = Lab::open().await;
    lab.put("~/inside.txt", "");
    lab.put("beside.txt", "");
    let transfer = lab.transfer().await;
    let entries = transfer.ls(lab.from, "/").recursive().stream();
    let listed = entries.collect().await.expect("entries");
    let folder = listed.iter().find(|entry| entry.file.name == "~");
    let path = &folder.expect("the folder").path;
    let data = DeleteData::new(lab.from).recursive(true).item(path);
    let task = transfer.submit_delete(&data).await.expect("a task");
    transfer.wait(task.task_id).await.expect("the end");
    assert!(lab.source.path().join("beside.txt").exists());
    assert!(!lab.source.path().join("~").exists());
}

/// What is no name, with what the error calls it.
const INVALID: &[(&str, &str)] = &[
    ("", "``"),
    (".", "`.`"),
    ("..", "`..`"),
    ("/", "`/`"),
    ("a/b", "`a/b`"),
    ("/etc", "`/etc`"),
    ("../../etc", "`../../etc`"),
    ("~/x", "`~/x`"),
    ("a\0b", r"`a\u{0}b`"),
    ("a\r\nb", r"`a\r\nb`"),
    ("\u{fffd}..", "`\u{fffd}..`"),
    ("\u{fffd}plain", "`\u{fffd}plain`"),
    ("\u{1b}[2J/", r"`\u{1b}[2J/`"),
];

#[tokio::test]
async fn invalid_entry_name_is_an_error_with_folder_and_name() {
    for (name, shown) in INVALID {
        for (top, folder) in [("/", "/"), ("/", "/good/"), ("/", "/./~/"), ("/a", "/a")] {
            let server = MockServer::answering(move |request| {
                let bad = [("first", "file"), (name, "dir"), ("last", "file")];
                match asked_path(request) {
                    path if path == folder => listing(&bad),
                    path if path == "/" => listing(&[("good", "dir"), ("~", "dir")]),
                    _ => listing(&[]),
                }
            })
            .await;
            let (transfer, _) = hasty::<Client>(&server.url);
            for walk in each_way(&transfer.ls(Uuid::nil(), top).recursive()) {
                let mut items = walk.stream();
                let (mut errors, mut names) = (Vec::new(), BTreeSet::new());
                while let Some(item) = items.next().await {
                    match item {
                        Ok(entry) => drop(names.insert(entry.file.name)),
                        Err(error) => errors.push(error),
                    }
                }
                assert_eq!(errors.len(), 1, "{name:?} in {folder}: {errors:?}");
                assert_eq!(errors[0].kind(), ErrorKind::Decode);
                let message = errors[0].to_string();
                assert!(message.contains(shown), "{message}");
                assert!(
                    message.contains(&format!("{}:{folder}: ", Uuid::nil())),
                    "{message}"
                );
                assert!(!message.contains(char::is_control), "{message:?}");
                assert!(
                    names.contains("first") && names.contains("last"),
                    "{names:?}"
                );
            }
            let listed = if top == folder { 1 } else { 3 };
            assert_eq!(server.count(), 4 * listed, "{name:?} in {folder}");
        }
    }
}

#[tokio::test]
async fn a_default_folder_that_is_no_path_is_an_error() {
    for path in ["", "data/", "/../data/", "/a\0b/"] {
        let body = json!({"DATA_TYPE": "file_list", "endpoint": "e", "path": path,
            "DATA": [{"DATA_TYPE": "file", "name": "x", "type": "file"}]});
        let server = MockServer::start([answer(200, &body.to_string())]).await;
        let (transfer, _) = hasty::<Client>(&server.url);
        let walk = transfer.ls(Uuid::nil(), "");
        let error = walk.stream().collect().await.expect_err("no path");
        assert_eq!(error.kind(), ErrorKind::Decode, "{path:?}");
    }
}

#[tokio::test]
async fn a_comparison_goes_on_beside_an_invalid_name() {
    let side = async |files: &'static [(&str, &str)]| {
        let server = MockServer::answering(|request| match &*asked_path(request) {
            "/" => listing(files),
            _ => listing(&[("..", "dir"), ("x", "file")]),
        })
        .await;
        (hasty::<Client>(&server.url).0.ls(Uuid::nil(), "/"), server)
    };
    let (left, _left) = side(&[("d", "dir"), ("..", "dir"), ("a", "file")]).await;
    let (right, _right) = side(&[("d", "dir"), ("b", "file")]).await;
    let diff = left.clone().diff(right.clone()).keep_going();
    let differences = diff.stream().collect().await.expect("differences");
    let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
    let message = "operation_ls: the listing has an entry with the invalid name `..` (it means the folder above); the entry is left out";
    assert_eq!(
        lines,
        [
            format!("?  (left: {message})"),
            "< a".to_owned(),
            "> b".to_owned(),
            format!("? d/ (left: {message})"),
            format!("? d/ (right: {message})"),
        ]
    );
    let error = left.diff(right).stream().collect().await;
    assert_eq!(error.expect_err("the end").kind(), ErrorKind::Decode);
}

/// The path that a listing was asked for.
fn asked_path(request: &str) -> String {
    let target = request.split(' ').nth(1).expect("a target");
    let base = url::Url::parse("http://tree").expect("a url");
    let url = base.join(target).expect("a target");
    let path = url.query_pairs().find(|(name, _)| name == "path");
    path.map(|(_, path)| path.into_owned()).unwrap_or_default()
}

fn listing(entries: &[(&str, &str)]) -> Step {
    let data: Vec<_> = entries
        .iter()
        .map(|(name, kind)| json!({"DATA_TYPE": "file", "name": name, "type": kind}))
        .collect();
    let body = json!({"DATA_TYPE": "file_list", "endpoint": "e", "path": "/", "DATA": data});
    answer(200, &body.to_string())
}

/// A file or folder of the model. `children` go by the names that a listing gives.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Unlike that of every other node; listed as its size.
    number: u64,
    children: Option<BTreeMap<String, Node>>,
}

impl Node {
    /// Gives numbers to all nodes from `next` on.
    fn number(&mut self, next: &mut u64) {
        self.number = *next;
        *next += 1;
        for child in self.children.iter_mut().flat_map(BTreeMap::values_mut) {
            child.number(next);
        }
    }

    /// All that can be come to, with the path below this node; and the invalid entries.
    fn collect(&self, valid: &mut BTreeSet<u64>, invalid: &mut Vec<(u64, String)>) {
        for (name, child) in self.children.iter().flatten() {
            if INVALID.iter().any(|(wrong, _)| wrong == name) {
                invalid.push((self.number, name.clone()));
            } else {
                valid.insert(child.number);
                child.collect(valid, invalid);
            }
        }
    }
}

/// A collection: the root, and a home that is elsewhere.
#[derive(Clone, Debug)]
struct Model {
    root: Node,
    home: Node,
}

impl Model {
    fn new(root: BTreeMap<String, Node>, home: BTreeMap<String, Node>) -> Self {
        let node = |children| Node {
            number: 0,
            children: Some(children),
        };
        let mut model = Self {
            root: node(root),
            home: node(home),
        };
        let mut next = 1;
        model.root.number(&mut next);
        model.home.number(&mut next);
        model
    }

    /// What a path means to the service: `/~` and what begins so is a home, `..` leads up, and
    /// behind U+FFFD are bytes.
    fn find(&self, path: &str) -> Option<&Node> {
        let (mut way, path) = match path.strip_prefix("/~").or(path.strip_prefix('~')) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => (vec![&self.home], rest),
            Some(_) => return None,
            None => (vec![&self.root], path),
        };
        for part in path.split('/') {
            match &*name_to_bytes(part) {
                b"" | b"." => {}
                b".." => {
                    way.pop();
                }
                bytes => {
                    let mut children = way.last()?.children.iter().flatten();
                    way.push(children.find(|(name, _)| real_name(name) == bytes)?.1);
                }
            }
        }
        way.last().copied()
    }

    fn answer(&self, path: &str) -> Step {
        let asked = if path.is_empty() { "/~/" } else { path };
        let Some(children) = self.find(asked).and_then(|node| node.children.as_ref()) else {
            return answer(
                404,
                r#"{"code":"ClientError.NotFound","message":"no such folder"}"#,
            );
        };
        let data: Vec<_> = children
            .iter()
            .map(|(name, node)| {
                let kind = if node.children.is_some() {
                    "dir"
                } else {
                    "file"
                };
                json!({"DATA_TYPE": "file", "name": name, "type": kind, "size": node.number})
            })
            .collect();
        let body = json!({"DATA_TYPE": "file_list", "endpoint": "e", "path": asked, "DATA": data});
        answer(200, &body.to_string())
    }
}

/// The bytes of a name on the model's disk: only one name of the model is not UTF-8.
fn real_name(listed: &str) -> Vec<u8> {
    match listed {
        NOT_UTF8 => b"caf\xe9".to_vec(),
        listed => listed.as_bytes().to_vec(),
    }
}

const NOT_UTF8: &str = "\u{fffd}caf\u{e9}";

fn name() -> impl Strategy<Value = String> {
    let odd = [
        "~", "~user", "...", " ", "-rf", "a\\b", "..\\c", "a\nb", "plain", "\u{e9}", NOT_UTF8,
    ];
    let invalid = INVALID.iter().map(|(name, _)| *name);
    prop_oneof![
        3 => proptest::sample::select(odd.to_vec()),
        1 => proptest::sample::select(invalid.collect::<Vec<_>>()),
    ]
    .prop_map(str::to_owned)
}

fn folder() -> impl Strategy<Value = BTreeMap<String, Node>> {
    let file = Just(Node::default());
    let node = file.prop_recursive(4, 24, 5, |node| {
        proptest::collection::btree_map(name(), node, 0..5).prop_map(|children| Node {
            number: 0,
            children: Some(children),
        })
    });
    proptest::collection::btree_map(name(), node, 0..5)
}

fn split(events: Vec<WalkEvent>) -> (Vec<Entry>, Vec<ListFailure>) {
    let (mut entries, mut failures) = (Vec::new(), Vec::new());
    for event in events {
        match event {
            WalkEvent::Entry(entry) => entries.push(entry),
            WalkEvent::ListFailure(folder) => failures.push(folder),
        }
    }
    (entries, failures)
}

#[test]
fn whatever_the_names_each_path_means_the_entry_listed() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let seen = std::cell::Cell::new((0, 0));
    proptest!(config, |(
        root in folder(), home in folder(),
        top in proptest::sample::select(vec!["/", "/~/", "", "~", "/./"]), way in 0..4_usize,
    )| {
        let model = Arc::new(Model::new(root, home));
        let serving = model.clone();
        let server = runtime.block_on(MockServer::answering(move |request| {
            serving.answer(&asked_path(request))
        }));
        let walk = hasty::<Client>(&server.url).0.ls(Uuid::nil(), top).recursive();
        let walk = each_way(&walk)[way].clone();
        let events = runtime.block_on(walk.clone().events().collect());
        let (entries, failures) = split(events.expect("an end"));

        let start = model.find(if top.is_empty() { "~" } else { top }).expect("the top");
        let (mut valid, mut invalid) = (BTreeSet::new(), Vec::new());
        start.collect(&mut valid, &mut invalid);
        // each entry once, and its path leads to it
        prop_assert_eq!(entries.len(), valid.len());
        for entry in &entries {
            let number = entry.file.size.expect("a number") as u64;
            prop_assert!(valid.contains(&number), "{}", &entry.path);
            let found = model.find(&entry.path).map(|node| node.number);
            prop_assert_eq!(found, Some(number), "{}", &entry.path);
        }
        // each invalid name once, in its folder
        let mut refused = Vec::new();
        for failure in &failures {
            let folder = match &*failure.path { "" => "~", path => path };
            let number = model.find(folder).map(|node| node.number).expect("a folder");
            refused.push((number, failure.entry.clone().expect("a name")));
        }
        refused.sort();
        invalid.sort();
        prop_assert_eq!(refused, invalid);
        seen.set((seen.get().0 + valid.len(), seen.get().1 + failures.len()));
        // nothing but folders of the tree was asked for
        for request in server.requests() {
            let path = asked_path(&request);
            let path = if path.is_empty() { "~" } else { &path };
            let number = model.find(path).map(|node| node.number).expect("a folder");
            prop_assert!(number == start.number || valid.contains(&number), "{}", path);
        }

        let diff = walk.clone().diff(walk).keep_going().stream();
        let differences = runtime.block_on(diff.collect()).expect("an end");
        prop_assert_eq!(differences.len(), 2 * failures.len());
    });
    let (valid, invalid) = seen.get();
    assert!(valid > 100 && invalid > 20, "{valid} and {invalid}");
}
