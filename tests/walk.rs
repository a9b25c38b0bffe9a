//! Walking a tree, on the emulator.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says why and stops"
)]

mod support;

use support::lab::Lab;

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
