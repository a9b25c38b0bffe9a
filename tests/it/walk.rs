//! Walking a tree, on the emulator.

use crate::lab::Lab;
use futures_core::Stream;
use globus_sdk::transfer::{Client, Entry, Location, Walk, WalkEvent};
use globus_sdk::types::Uuid;
use globus_sdk::{ErrorKind, ItemStream};
use globus_test_support::mock::hasty;
use globus_test_support::tree::{Shape, Tree};
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

#[tokio::test]
async fn a_walk_finds_everything_once() {
    let lab = Lab::open().await;
    let mut wanted = vec!["/x/empty".to_owned()];
    std::fs::create_dir_all(lab.source.path().join("x/empty")).expect("a folder");
    for path in ["x/1", "x/y/2", "x/y/z/3", "x/ü ñ/4"] {
        lab.put(path, "");
        wanted.push(format!("/{path}"));
    }
    wanted.extend(["/x/y", "/x/y/z", "/x/ü ñ"].map(str::to_owned));
    wanted.sort();
    let transfer = lab.transfer().await;
    for walk in [
        transfer.ls(lab.from, "/x/").recursive().concurrency(3),
        transfer
            .ls(lab.from, "/x")
            .recursive()
            .breadth_first()
            .concurrency(1),
    ] {
        let entries = walk.stream().collect().await.expect("entries");
        let mut paths: Vec<_> = entries.into_iter().map(|e| e.path).collect();
        paths.sort();
        assert_eq!(paths, wanted);
    }
}

#[tokio::test]
async fn a_walk_goes_no_deeper_than_asked() {
    let lab = Lab::open().await;
    lab.put("1/2/3/4/file", "");
    let transfer = lab.transfer().await;
    let entries = transfer
        .ls(lab.from, "/")
        .max_depth(2)
        .stream()
        .collect()
        .await
        .expect("entries");
    let paths: Vec<_> = entries.iter().map(|e| (e.path.as_str(), e.depth)).collect();
    assert_eq!(paths, [("/1", 0), ("/1/2", 1), ("/1/2/3", 2)]);
}

#[tokio::test]
async fn a_walk_does_not_follow_links_in_circles() {
    let lab = Lab::open().await;
    lab.put("a/file", "");
    std::os::unix::fs::symlink("../a", lab.source.path().join("a/again")).expect("a link");
    let transfer = lab.transfer().await;
    let entries = transfer
        .ls(lab.from, "/")
        .recursive()
        .stream()
        .collect()
        .await
        .expect("an end");
    assert_eq!(entries.len(), 3);
}

#[tokio::test]
async fn an_ordered_walk_is_the_same_tree_however_slow_a_folder_is() {
    let shape = Shape {
        folders: 200,
        delay: |folder| Duration::from_millis((folder * 7 % 5) as u64),
        ..Shape::default()
    };
    let mut wanted = Vec::new();
    fn list(shape: &Shape, folder: usize, path: &str, wanted: &mut Vec<String>) {
        for child in shape.children(folder) {
            let path = format!("{path}/d{child}");
            wanted.push(path.clone());
            list(shape, child, &path, wanted);
        }
        wanted.extend((0..shape.files).map(|n| format!("{path}/f{n}.h5")));
    }
    list(&shape, 0, "", &mut wanted);
    let tree = Tree::serve(shape);
    for concurrency in [1, 2, 16] {
        let entries = walk(&tree).concurrency(concurrency).ordered().stream();
        assert_eq!(paths(entries).await, wanted, "{concurrency} at once");
    }
}

#[tokio::test]
async fn as_many_listings_are_under_way_as_asked_for_and_no_more() {
    for ordered in [false, true] {
        let tree = Tree::serve(Shape {
            folders: 400,
            branching: 20,
            gate: 16,
            ..Shape::default()
        });
        let walk = walk(&tree).concurrency(16);
        let walk = if ordered { walk.ordered() } else { walk };
        walk.stream().collect().await.expect("entries");
        assert_eq!(tree.most_in_flight(), 16, "ordered: {ordered}");
        assert_eq!(tree.asked().len(), 400);
    }
}

#[tokio::test]
async fn the_folders_that_wait_are_few() {
    for ordered in [false, true] {
        let tree = Tree::serve(Shape {
            folders: 11_111,
            branching: 10,
            files: 0,
            ..Shape::default()
        });
        let walk = walk(&tree).concurrency(16);
        let walk = if ordered { walk.ordered() } else { walk };
        let entries = walk.stream().collect().await.expect("entries");
        assert_eq!(entries.len(), 11_110);
        // those beside the way down, and those of what is under way or ahead
        let widest = tree.widest_frontier();
        assert!(widest < 700, "{widest} folders waited; ordered: {ordered}");
    }
}

#[tokio::test]
async fn a_walk_that_nobody_polls_asks_for_little() {
    for ordered in [false, true] {
        let tree = Tree::serve(Shape {
            folders: 5_000,
            branching: 10,
            ..Shape::default()
        });
        let walk = walk(&tree).concurrency(4);
        let walk = if ordered { walk.ordered() } else { walk };
        let mut entries = walk.stream();
        for _ in 0..5 {
            entries.next().await.expect("an entry").expect("an entry");
        }
        assert!(tree.asked().len() <= 1 + 4 * 4 * 2, "{:?}", tree.asked());
    }
}

#[tokio::test]
async fn what_a_folder_refuses_is_an_item_or_the_end() {
    let tree = Tree::serve(Shape {
        instead: |_, folder| match folder {
            2 => Some((
                403,
                "",
                r#"{"code":"PermissionDenied","message":"not yours"}"#,
            )),
            _ => None,
        },
        ..Shape::default()
    });
    for ordered in [false, true] {
        let walk = walk(&tree);
        let walk = if ordered { walk.ordered() } else { walk };
        let events = walk.clone().events().collect().await.expect("an end");
        let (mut entries, mut refused) = (0, Vec::new());
        for event in events {
            match event {
                WalkEvent::Entry(_) => entries += 1,
                WalkEvent::ListFailure(folder) => refused.push(folder),
            }
        }
        // without the three folders and two files of the one, and the six files of the three
        assert_eq!(entries, 12 + 13 * 2 - 3 - 2 - 6);
        assert_eq!((&*refused[0].path, refused[0].depth), ("/d2/", 1));
        assert_eq!(refused[0].error.kind(), ErrorKind::PermissionDenied);
        let error = walk.stream().collect().await.expect_err("an end");
        assert_eq!(
            error.to_string(),
            "operation_ls of 00000000-0000-0000-0000-000000000000:/d2/: 403 PermissionDenied: not yours"
        );
    }
}

#[tokio::test]
async fn without_a_valid_token_no_folder_is_visited() {
    let tree = Tree::serve(Shape {
        instead: |_, _| {
            Some((
                401,
                "",
                r#"{"code":"AuthenticationFailed","message":"expired"}"#,
            ))
        },
        ..Shape::default()
    });
    let error = walk(&tree).events().collect().await.expect_err("the end");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_folder_that_is_too_large_to_list_says_so_and_what_to_do() {
    let tree = Tree::serve(Shape {
        instead: |_, folder| {
            let body = r#"{"code":"ExternalError.DirListingFailed.SizeLimit","message":"Directory has more than 100000 entries"}"#;
            (folder == 1).then_some((502, "", body))
        },
        ..Shape::default()
    });
    let error = walk(&tree).stream().collect().await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::ListLimitExceeded);
    insta::assert_snapshot!(error, @"operation_ls of 00000000-0000-0000-0000-000000000000:/d1/: 502 ExternalError.DirListingFailed.SizeLimit: Directory has more than 100000 entries; the service lists no part of such a large folder, whatever the filter or page: transfer it as a whole, or do not descend into it");
    let events = walk(&tree)
        .descend_if(|folder| folder.path != "/d1")
        .events()
        .collect()
        .await
        .expect("the rest");
    // all but the three folders and two files of the one, and the six files of the three
    assert_eq!(events.len(), 12 + 13 * 2 - 3 - 2 - 6);
    assert!(events.iter().all(|v| matches!(v, WalkEvent::Entry(_))));
}

#[tokio::test]
async fn one_refusal_holds_back_the_whole_walk() {
    let tree = Tree::serve(Shape {
        instead: |request, _| {
            let body = r#"{"code":"TooManyRequests","message":"slow down"}"#;
            (request % 5 == 0).then_some((429, "retry-after: 7\r\n", body))
        },
        ..Shape::default()
    });
    for ordered in [false, true] {
        let (transfer, clock) = hasty::<Client>(&tree.url);
        let before = tree.asked().len();
        let walk = transfer.ls(Uuid::nil(), "/").recursive().concurrency(8);
        let walk = if ordered { walk.ordered() } else { walk };
        let entries = walk.stream().collect().await.expect("entries");
        assert_eq!(entries.len(), 12 + 13 * 2);
        let slept = clock.slept();
        assert!(slept.contains(&Duration::from_secs(7)), "{slept:?}");
        // whoever was under way with the first that was refused does not wait again
        let refused = tree.asked().len() - before - 13;
        let held = slept.iter().filter(|s| s.as_secs() == 7).count();
        assert!(held <= refused, "{held} of {refused}");
    }
}

#[tokio::test]
async fn a_service_that_goes_on_refusing_ends_a_walk() {
    let tree = Tree::serve(Shape {
        instead: |_, _| Some((429, "", r#"{"code":"TooManyRequests","message":"no"}"#)),
        ..Shape::default()
    });
    let (transfer, _) = hasty::<Client>(&tree.url);
    let walk = transfer.ls(Uuid::nil(), "/").recursive();
    let error = walk.stream().collect().await.expect_err("the end");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(tree.asked().len(), 6);
}

#[tokio::test]
async fn listings_begin_no_faster_than_asked_for() {
    let tree = Tree::serve(Shape::default());
    let (transfer, clock) = hasty::<Client>(&tree.url);
    let walk = transfer.ls(Uuid::nil(), "/").recursive().concurrency(8);
    let entries = walk.requests_per_second(4.0).stream();
    entries.collect().await.expect("entries");
    let slept: Duration = clock.slept().iter().sum();
    assert_eq!(slept, Duration::from_millis(250 * 12));
}

#[tokio::test]
async fn a_rate_or_a_collection_that_makes_no_sense_is_refused() {
    let tree = Tree::serve(Shape::default());
    for rate in [0.0, -1.0, f64::NAN] {
        let refused = walk(&tree).requests_per_second(rate).stream();
        let error = refused.collect().await.expect_err("no rate");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    let (transfer, _) = hasty::<Client>(&tree.url);
    let refused = transfer.ls("home", "/").stream().collect().await;
    assert_eq!(refused.expect_err("no id").kind(), ErrorKind::Usage);
    assert!(tree.asked().is_empty());
}

#[tokio::test]
async fn each_level_is_listed_by_parameters_of_its_own() {
    let lab = Lab::open().await;
    for path in [
        "run1/a.h5",
        "run1/b.txt",
        "run2/c/d.h5",
        "other/e.h5",
        "f.h5",
    ] {
        lab.put(path, "");
    }
    let entries = lab
        .transfer()
        .await
        .ls(lab.from, "/")
        .recursive()
        .ordered()
        .map_request(|ls, depth| match depth {
            0 => ls.filter("name:~run*"),
            _ => ls.filter(["type:dir", "name:~*.h5"]).orderby("name DESC"),
        })
        .stream();
    assert_eq!(
        paths(entries).await,
        ["/run1", "/run1/a.h5", "/run2", "/run2/c", "/run2/c/d.h5"]
    );
}

#[tokio::test]
async fn a_folder_of_several_pages_comes_whole_and_in_order() {
    let lab = Lab::open().await;
    let mut wanted = Vec::new();
    for n in 10..35 {
        lab.put(&format!("many/{n}/x"), "");
        wanted.extend([format!("/many/{n}"), format!("/many/{n}/x")]);
    }
    let transfer = lab.transfer().await;
    let walk = || {
        let walk = transfer.ls(lab.from, "/many/").recursive();
        walk.map_request(|ls, _| ls.limit(10))
    };
    assert_eq!(paths(walk().ordered().stream()).await, wanted);
    for walk in [walk(), walk().breadth_first()] {
        let mut found = paths(walk.stream()).await;
        found.sort();
        assert_eq!(found, wanted);
    }
}

#[tokio::test]
async fn a_folder_that_is_not_wanted_is_an_entry_and_is_not_listed() {
    let tree = Tree::serve(Shape::default());
    let entries = walk(&tree).descend_if(|folder| folder.file.name != "d1");
    let found = paths(entries.stream()).await;
    assert!(found.contains(&"/d1".to_owned()));
    assert!(!tree.asked().contains(&1));
    assert!(!found.iter().any(|path| path.starts_with("/d1/")));
}

#[tokio::test]
async fn links_are_followed_on_request_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let lab = Lab::open().await;
    lab.put("top/data/file", "");
    lab.put("elsewhere/inner/file", "");
    let top = lab.source.path().join("top");
    symlink("../../elsewhere", top.join("data/there")).expect("a link");
    symlink("..", top.join("data/up")).expect("a link");
    symlink(
        "../../top/data",
        lab.source.path().join("elsewhere/inner/back"),
    )
    .expect("a link");
    let transfer = lab.transfer().await;
    let walk = || transfer.ls(lab.from, "/top/").recursive().ordered();
    let unfollowed = [
        "/top/data",
        "/top/data/there",
        "/top/data/up",
        "/top/data/file",
    ];
    assert_eq!(paths(walk().stream()).await, unfollowed);
    assert_eq!(
        paths(walk().follow_links().stream()).await,
        [
            "/top/data",
            "/top/data/there",
            "/top/data/there/inner",
            "/top/data/there/inner/back",
            "/top/data/there/inner/file",
            "/top/data/up",
            "/top/data/file",
        ]
    );
}

#[tokio::test]
async fn the_default_folder_gives_whole_paths() {
    let lab = Lab::open().await;
    lab.put("a/b", "");
    let entries = lab.transfer().await.ls(lab.from, "").recursive().stream();
    assert_eq!(paths(entries).await, ["/~/a", "/~/a/b"]);
}

#[tokio::test]
async fn a_location_is_walked_as_its_parts_are() {
    let lab = Lab::open().await;
    lab.put("a/b", "");
    let location: Location = format!("{}:/a", lab.from).parse().expect("a location");
    let entries = lab.transfer().await.ls_at(&location).stream();
    assert_eq!(paths(entries).await, ["/a/b"]);
}

#[tokio::test]
async fn a_walk_dropped_at_any_poll_leaves_nothing_behind() {
    let tree = Tree::serve(Shape::default());
    let (transfer, _) = hasty::<Client>(&tree.url);
    for ordered in [false, true] {
        every_drop(&tree, &transfer, 4, || {
            let walk = transfer.ls(Uuid::nil(), "/").recursive().concurrency(4);
            match ordered {
                true => walk.ordered().stream(),
                false => walk.stream(),
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_comparison_dropped_at_any_poll_leaves_nothing_behind() {
    let tree = Tree::serve(Shape::default());
    let (transfer, _) = hasty::<Client>(&tree.url);
    every_drop(&tree, &transfer, 4, || {
        let left = transfer.ls(Uuid::nil(), "/").concurrency(2);
        let right = transfer.ls(Uuid::nil(), "/d1/").concurrency(2);
        left.diff(right).stream()
    })
    .await;
}

/// Drops a stream after its first poll, another after its second, and so on to the end.
async fn every_drop<T>(
    tree: &Tree,
    transfer: &Client,
    concurrency: usize,
    stream: impl Fn() -> ItemStream<T>,
) {
    for polls in 1.. {
        let mut items = stream();
        let mut polled = 0;
        let ended = std::future::poll_fn(|cx| {
            while polled < polls {
                polled += 1;
                match ready!(Pin::new(&mut items).poll_next(cx)) {
                    Some(item) => drop(item.expect("an item")),
                    None => return Poll::Ready(true),
                }
            }
            Poll::Ready(false)
        })
        .await;
        drop(items);
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let settled = || {
            // a task for each connection in the pool, and the pool's own; a connection whose call
            // was dropped before it was there is kept for the next
            tree.in_flight() == 0
                && tree.connections() <= 2 * concurrency
                && tasks() <= tree.connections() + 1
        };
        let mut looks = 0;
        // never asked twice: client and server count on threads of their own
        while !settled() {
            let (open, tasks) = (tree.connections(), tasks());
            assert!(
                looks < 1000,
                "poll {polls}: {open} connections, {tasks} tasks"
            );
            looks += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let call = transfer.operation_ls(Uuid::nil()).path("/");
        call.await.expect("the next call");
        if ended {
            assert!(polls > 20, "{polls} polls");
            return;
        }
    }
}

/// A walk over the whole tree, by a client that waits for nothing.
fn walk(tree: &Tree) -> Walk {
    let (transfer, _) = hasty::<Client>(&tree.url);
    transfer.ls(Uuid::nil(), "/").recursive()
}

async fn paths(entries: ItemStream<Entry>) -> Vec<String> {
    let entries = entries.collect().await.expect("entries");
    entries.into_iter().map(|entry| entry.path).collect()
}
