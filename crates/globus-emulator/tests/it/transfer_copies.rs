//! What arrives: trees, links, sync levels, rules, checksums, times.

use std::fs::FileTimes;
use std::path::Path;
use std::time::{Duration, SystemTime};

use globus_test_support::emulator::{Fallible, Lab, TestResult, item, names, tree};
use serde_json::{Value, json};

fn set_modified(path: &Path, seconds: u64) -> TestResult {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    Ok(std::fs::File::options()
        .write(true)
        .open(path)?
        .set_times(FileTimes::new().set_modified(time))?)
}

fn read(path: &Path) -> Fallible<String> {
    Ok(std::fs::read_to_string(path)?)
}

#[tokio::test]
async fn a_whole_tree_arrives_byte_for_byte() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a b/ünïcode/.hidden", "x")?;
    lab.write("a b/empty", "")?;
    lab.write(
        "a b/big",
        (0..700_000_u32)
            .map(|n| (n % 251) as u8)
            .collect::<Vec<_>>(),
    )?;
    std::fs::create_dir_all(lab.source("empty/folder"))?;
    let task = lab.transfer_all(json!({ "verify_checksum": true })).await?;
    assert_eq!(task["status"], "SUCCEEDED");
    assert_eq!(tree(&lab.source(""))?, tree(&lab.destination("copy"))?);
    Ok(())
}

#[tokio::test]
async fn a_file_gets_the_directories_it_needs() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "x")?;
    let task = lab
        .transfer(json!([item("/a", "/new/deep/b")]), json!({}))
        .await?;
    assert_eq!(task["status"], "SUCCEEDED");
    assert_eq!(read(&lab.destination("new/deep/b"))?, "x");
    Ok(())
}

#[tokio::test]
async fn an_item_of_the_wrong_kind_fails_the_task() -> TestResult {
    let lab = Lab::probed().await?;
    lab.write("file", "x")?;
    lab.write("dir/file", "x")?;
    std::fs::create_dir_all(lab.destination("taken"))?;
    for (source, destination, recursive, code) in [
        ("/dir", "/x", json!(false), "IS_A_DIRECTORY"),
        ("/file", "/x", json!(true), "NOT_A_DIRECTORY"),
        ("/file", "/taken", json!(null), "IS_A_DIRECTORY"),
    ] {
        let mut item = item(source, destination);
        item["recursive"] = recursive;
        let task = lab.transfer(json!([item]), json!({})).await?;
        assert_eq!(
            (&task["status"], &task["fatal_error"]["code"]),
            (&json!("FAILED"), &json!(code))
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_sync_level_says_what_is_copied_again() -> TestResult {
    let lab = Lab::probed().await?;
    for (level, expected) in [
        (Value::Null, ["NEW", "same", "LONGER", "fresh"]),
        (json!(0), ["old", "same", "short", "stale"]),
        (json!(1), ["old", "same", "LONGER", "stale"]),
        (json!(2), ["NEW", "same", "LONGER", "fresh"]),
        (json!(3), ["NEW", "same", "LONGER", "fresh"]),
    ] {
        let files = [
            ("newer", "NEW", "old", 200),
            ("same", "same", "same", 50),
            ("longer", "LONGER", "short", 50),
            ("z", "fresh", "stale", 200),
        ];
        for (name, ours, theirs, time) in files {
            lab.write(name, ours)?;
            set_modified(&lab.source(name), time)?;
            lab.write_destination(&format!("copy/{name}"), theirs)?;
            set_modified(&lab.destination(&format!("copy/{name}")), 100)?;
        }
        let task = lab.transfer_all(json!({ "sync_level": level })).await?;
        let found: Vec<_> = files
            .iter()
            .map(|(name, ..)| read(&lab.destination(&format!("copy/{name}"))))
            .collect::<Fallible<_>>()?;
        assert_eq!(found, expected, "{level}");
        let skipped = task["files_skipped"].as_u64().unwrap_or_default();
        let copied = task["files_transferred"].as_u64().unwrap_or_default();
        assert_eq!(skipped + copied, 4, "{level}");
        assert_eq!(
            task["bytes_checksummed"].as_u64() > Some(0),
            level == json!(3),
            "{level}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn times_are_kept_when_asked_to() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "x")?;
    set_modified(&lab.source("a"), 1_000_000)?;
    let modified = |lab: &Lab| -> Fallible<u64> {
        let time = std::fs::metadata(lab.destination("a"))?.modified()?;
        Ok(time.duration_since(SystemTime::UNIX_EPOCH)?.as_secs())
    };
    lab.transfer(json!([item("/a", "/a")]), json!({})).await?;
    assert_ne!(modified(&lab)?, 1_000_000);
    lab.transfer(
        json!([item("/a", "/a")]),
        json!({ "preserve_timestamp": true }),
    )
    .await?;
    assert_eq!(modified(&lab)?, 1_000_000);
    Ok(())
}

#[tokio::test]
async fn filter_rules_choose_what_is_copied() -> TestResult {
    let lab = Lab::start().await?;
    for path in ["a.txt", "b.bin", "sub/c.txt", "sub/d.bin", "skip/e.txt"] {
        lab.write(path, "x")?;
    }
    let rules = json!([
        { "DATA_TYPE": "filter_rule", "method": "exclude", "name": "skip", "type": "dir" },
        { "DATA_TYPE": "filter_rule", "method": "include", "name": "*.txt", "type": "file" },
        { "DATA_TYPE": "filter_rule", "method": "exclude", "name": "*", "type": "file" },
    ]);
    let task = lab.transfer_all(json!({ "filter_rules": rules })).await?;
    assert_eq!(task["filter_rules"], rules);
    assert_eq!(
        names(&tree(&lab.destination("copy"))?),
        ["a.txt", "sub/", "sub/c.txt"]
    );
    Ok(())
}

#[tokio::test]
async fn what_the_source_does_not_have_is_deleted_when_asked_to() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "x")?;
    lab.write("sub/b", "x")?;
    lab.write("now-a-file", "x")?;
    for path in [
        "copy/extra",
        "copy/gone/deep/file",
        "copy/sub/extra",
        "copy/now-a-file/x",
        "outside",
    ] {
        lab.write_destination(path, "old")?;
    }
    lab.write_destination("copy/sub/b", "old")?;
    let task = lab
        .transfer_all(json!({ "delete_destination_extra": true }))
        .await?;
    assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
    assert_eq!(tree(&lab.source(""))?, tree(&lab.destination("copy"))?);
    assert!(lab.destination("outside").exists());
    Ok(())
}

#[tokio::test]
async fn a_checksum_from_elsewhere_is_compared() -> TestResult {
    let lab = Lab::probed().await?;
    lab.write("a", "abc")?;
    for (algorithm, checksum) in [
        (None, "900150983cd24fb0d6963f7d28e17f72"),
        (Some("SHA1"), "A9993E364706816ABA3E25717850C26C9CD0D89D"),
        (
            Some("sha-256"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
    ] {
        let mut item = item("/a", "/a");
        item["external_checksum"] = json!(checksum);
        item["checksum_algorithm"] = json!(algorithm);
        let task = lab.transfer(json!([item]), json!({})).await?;
        assert_eq!(task["status"], "SUCCEEDED", "{algorithm:?}");
        let arrived = lab.of_task(&task, "successful_transfers").await?;
        assert_eq!(arrived[0]["checksum"], checksum.to_lowercase());
        item["external_checksum"] = json!("0".repeat(checksum.len()));
        let task = lab.transfer(json!([item]), json!({})).await?;
        assert_eq!(
            (&task["status"], &task["fatal_error"]["code"]),
            (&json!("FAILED"), &json!("EXTERNAL_CHECKSUM_MISMATCH"))
        );
        let events = lab.of_task(&task, "event_list").await?;
        assert_eq!(
            (&events[0]["code"], &events[0]["is_error"]),
            (&json!("EXTERNAL_CHECKSUM_MISMATCH"), &json!(true))
        );
    }
    Ok(())
}

#[tokio::test]
async fn paths_are_deleted_by_a_task() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("dir/sub/a", "x")?;
    lab.write("file", "x")?;
    lab.write("keep", "x")?;
    let task = lab
        .delete(
            &["/dir", "/file"],
            json!({ "recursive": true, "label": "clean" }),
        )
        .await?;
    assert_eq!(
        (&task["type"], &task["status"]),
        (&json!("DELETE"), &json!("SUCCEEDED"))
    );
    assert_eq!(
        (&task["files"], &task["directories"]),
        (&json!(2), &json!(2))
    );
    assert!(task["destination_endpoint_id"].is_null());
    assert_eq!(names(&tree(&lab.source(""))?), ["keep"]);
    Ok(())
}

#[tokio::test]
async fn a_directory_is_not_deleted_by_accident() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("dir/a", "x")?;
    let task = lab.delete(&["/dir"], json!({})).await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("IS_A_DIRECTORY"))
    );
    let task = lab.delete(&["/"], json!({ "recursive": true })).await?;
    assert_eq!(task["status"], "FAILED");
    assert!(lab.source("dir/a").exists());
    Ok(())
}

#[tokio::test]
async fn a_missing_path_fails_a_delete_unless_it_may_be_missing() -> TestResult {
    let lab = Lab::start().await?;
    let task = lab.delete(&["/nope"], json!({})).await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("FILE_NOT_FOUND"))
    );
    let task = lab
        .delete(&["/nope"], json!({ "ignore_missing": true }))
        .await?;
    assert_eq!(task["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn wildcards_are_interpreted_only_when_asked_to() -> TestResult {
    let lab = Lab::start().await?;
    for path in ["a.txt", "b.txt", "*.txt", ".c.txt", "d1/x.log", "d2/x.log"] {
        lab.write(path, "x")?;
    }
    lab.delete(&["/*.txt"], json!({})).await?;
    assert_eq!(
        names(&tree(&lab.source(""))?),
        [
            ".c.txt", "a.txt", "b.txt", "d1/", "d1/x.log", "d2/", "d2/x.log"
        ]
    );
    let task = lab
        .delete(&["/*.txt", "/d?/*.log"], json!({ "interpret_globs": true }))
        .await?;
    assert_eq!(task["files"], 4);
    assert_eq!(names(&tree(&lab.source(""))?), [".c.txt", "d1/", "d2/"]);
    let task = lab
        .delete(&["/*.nothing"], json!({ "interpret_globs": true }))
        .await?;
    assert_eq!(task["fatal_error"]["code"], "FILE_NOT_FOUND");
    Ok(())
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    async fn linked() -> Fallible<Lab> {
        let lab = Lab::start().await?;
        lab.write("d/file", "x")?;
        symlink("d/file", lab.source("to-file"))?;
        symlink("d", lab.source("to-dir"))?;
        Ok(lab)
    }

    #[tokio::test]
    async fn links_in_a_tree_are_ignored_kept_or_copied() -> TestResult {
        let lab = linked().await?;
        for (mode, expected) in [
            (json!(null), vec!["d/", "d/file"]),
            (
                json!("keep"),
                vec!["d/", "d/file", "to-dir -> d", "to-file -> d/file"],
            ),
            (
                json!("copy"),
                vec!["d/", "d/file", "to-dir/", "to-dir/file", "to-file"],
            ),
        ] {
            let task = lab
                .transfer_all(json!({ "recursive_symlinks": mode }))
                .await?;
            assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
            assert_eq!(names(&tree(&lab.destination("copy"))?), expected, "{mode}");
            std::fs::remove_dir_all(lab.destination("copy"))?;
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_link_item_copies_the_link_itself() -> TestResult {
        let lab = linked().await?;
        let link = json!({ "DATA_TYPE": "transfer_symlink_item", "source_path": "/to-file", "destination_path": "/link" });
        let task = lab
            .transfer(json!([link, item("/to-file", "/file")]), json!({}))
            .await?;
        assert_eq!((&task["symlinks"], &task["files"]), (&json!(1), &json!(1)));
        assert_eq!(
            names(&tree(&lab.destination(""))?),
            ["file", "link -> d/file"]
        );
        Ok(())
    }

    #[tokio::test]
    async fn nothing_from_outside_arrives_through_a_link() -> TestResult {
        let lab = Lab::start().await?;
        symlink("../secret.txt", lab.source("leak"))?;
        symlink("..", lab.source("out"))?;
        symlink(lab.outer(), lab.source("absolute"))?;
        let copy = json!({ "recursive_symlinks": "copy", "skip_source_errors": true });
        let task = lab.transfer_all(copy).await?;
        assert_eq!(
            (&task["status"], &task["subtasks_skipped_errors"]),
            (&json!("SUCCEEDED"), &json!(3))
        );
        let skipped = lab.of_task(&task, "skipped_errors").await?;
        assert_eq!(skipped.len(), 3);
        assert!(
            skipped
                .iter()
                .all(|error| error["error_code"] == "PERMISSION_DENIED"
                    && error["is_symlink"] == true)
        );
        assert!(tree(&lab.destination("copy"))?.is_empty());
        let items = json!([item("/leak", "/leak"), item("/out/secret.txt", "/secret")]);
        lab.transfer(items, json!({ "skip_source_errors": true }))
            .await?;
        assert_eq!(names(&tree(&lab.destination(""))?), ["copy/"]);
        Ok(())
    }

    #[tokio::test]
    async fn nothing_outside_is_written_or_deleted_through_a_link() -> TestResult {
        let lab = Lab::start().await?;
        lab.write("a", "changed")?;
        symlink("..", lab.destination("out"))?;
        symlink("../secret.txt", lab.destination("leak"))?;
        symlink("..", lab.source("out"))?;
        let task = lab
            .submit_transfer(json!([item("/a", "/out/secret.txt")]), json!({}))
            .await?;
        let waiting = lab
            .wait(&task, |task| task["faults"].as_u64() > Some(0))
            .await?;
        assert_eq!(waiting["nice_status"], "PERMISSION_DENIED");
        // The link is replaced, not what it leads to.
        lab.transfer(json!([item("/a", "/leak")]), json!({}))
            .await?;
        assert!(!std::fs::symlink_metadata(lab.destination("leak"))?.is_symlink());
        let task = lab.submit_delete(&["/out/secret.txt"], json!({})).await?;
        lab.wait(&task, |task| task["faults"].as_u64() > Some(0))
            .await?;
        lab.delete(&["/out"], json!({ "recursive": true })).await?;
        assert!(std::fs::symlink_metadata(lab.source("out")).is_err());
        let globs = json!({ "interpret_globs": true, "recursive": true, "ignore_missing": true });
        lab.delete(&["/out/*"], globs).await?;
        lab.assert_nothing_got_out()
    }

    #[tokio::test]
    async fn links_that_go_round_in_circles_end_the_task() -> TestResult {
        let lab = Lab::start().await?;
        lab.write("d/file", "x")?;
        symlink("..", lab.source("d/up"))?;
        let task = lab
            .transfer_all(json!({ "recursive_symlinks": "copy" }))
            .await?;
        assert_eq!(
            (&task["status"], &task["fatal_error"]["code"]),
            (&json!("FAILED"), &json!("INVALID_PATH_NAME"))
        );
        Ok(())
    }
}
