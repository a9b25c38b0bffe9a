//! What one request after the other can do, without anybody else.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::canary::Canary;
use globus_test_support::emulator::{
    ADA, DESTINATION, Fallible, Lab, SOURCE, TestResult, item, told, town, tree,
};

const PART: &str = ".globus-emulator-0123456789abcdef0123456789abcdef.part";

fn link(path: &str, target: &str) -> Value {
    json!({ "DATA_TYPE": "symlink", "path": path, "symlink_target": target })
}

fn moved(from: &str, to: &str) -> Value {
    json!({ "DATA_TYPE": "rename", "old_path": from, "new_path": to })
}

#[tokio::test]
async fn names_of_incomplete_files_are_refused_everywhere() -> TestResult {
    let lab = Lab::probed().await?;
    lab.write("file", "a")?;
    lab.write(&format!("d/{PART}"), "left")?;
    symlink(PART, lab.source("d/link"))?;
    let upper = PART.to_ascii_uppercase();
    for name in [PART, &upper, &format!("d/{PART}"), &format!("{PART}/below")] {
        let path = format!("/{name}");
        for (operation, body) in [
            ("mkdir", json!({ "path": path })),
            ("rename", moved("/file", &path)),
            ("rename", moved(&path, "/taken")),
            ("symlink", link(&path, "/file")),
            ("symlink", link("/new", &path)),
        ] {
            let refused = lab.operate(operation, body).await?;
            assert_eq!(told(&refused), (400, "InvalidPath"), "{operation} {path}");
        }
        for operation in ["ls", "stat"] {
            let refused = lab.look(operation, &[("path", &path)]).await?;
            assert_eq!(told(&refused), (400, "InvalidPath"), "{operation} {path}");
        }
        for (from, to) in [("/file", path.as_str()), (path.as_str(), "/taken")] {
            let refused = lab.try_transfer(json!([item(from, to)]), json!({})).await?;
            assert_eq!(told(&refused), (400, "InvalidPath"), "{from} {to}");
        }
        let refused = lab.try_delete(&[&path], json!({})).await?;
        assert_eq!(told(&refused), (400, "InvalidPath"), "delete {path}");
    }
    // By a link they are not reached either, and no listing has them.
    let refused = lab.look("ls", &[("path", "/d/link")]).await?;
    assert_eq!(told(&refused), (403, "EndpointPermissionDenied"));
    assert_eq!(lab.names(&[("path", "/d")]).await?, ["link"]);
    assert_eq!(std::fs::read(lab.source(&format!("d/{PART}")))?, b"left");
    // A directory goes with all that is in it.
    let deleted = lab.delete(&["/d"], json!({ "recursive": true })).await?;
    assert_eq!(deleted["status"], "SUCCEEDED");
    assert!(!lab.source("d").exists());
    Ok(())
}

#[tokio::test]
async fn no_transfer_writes_through_a_link_with_a_parts_name() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(300_000)).await?;
    let outside = Canary::plant(&lab.outer().join("outside"))?;
    for number in 0..4 {
        lab.write(&format!("{number}"), "a".repeat(20_000))?;
    }
    let task = lab
        .submit_transfer(json!([item("/", "/copy")]), json!({}))
        .await?;
    // Whoever is on the machine sees the names that are used, and knows the id of the task.
    let copy = lab.destination("copy");
    let mut planted = 0;
    while lab.task(&task).await?["status"] == "ACTIVE" {
        let simple = task.replace('-', "");
        let target = Path::new("../../outside/file");
        let _ = symlink(target, copy.join(format!(".globus-emulator-{simple}.part")));
        for entry in std::fs::read_dir(&copy).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && name.to_string_lossy().ends_with(".part") {
                let aside = copy.join("aside");
                let _ = symlink(target, &aside);
                planted += u32::from(std::fs::rename(aside, entry.path()).is_ok());
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        if planted > 2 {
            break;
        }
    }
    assert!(planted > 0, "no part was seen");
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    for number in 0..4 {
        assert_eq!(std::fs::read(copy.join(format!("{number}")))?.len(), 20_000);
        let metadata = std::fs::symlink_metadata(copy.join(format!("{number}")))?;
        assert!(metadata.is_file(), "a link was taken for the copy");
    }
    outside.assert_untouched()
}

#[tokio::test]
async fn a_link_is_not_moved_to_where_it_leads_out() -> TestResult {
    let lab = Lab::probed().await?;
    lab.write("a/b/c/file", "a")?;
    std::fs::create_dir_all(lab.source("deep/er/still/more"))?;
    let made = lab.operate("symlink", link("/a/b/c/up", "/target")).await?;
    assert_eq!(made.status, 202, "{made:?}");
    for to in ["/up", "/a/up", "/a/b/up"] {
        let refused = lab.operate("rename", moved("/a/b/c/up", to)).await?;
        assert_eq!(told(&refused), (403, "EndpointPermissionDenied"), "{to}");
    }
    for (from, to) in [
        ("/a/b/c/up", "/a/b/c/other"),
        ("/a/b/c/other", "/deep/er/still/more/up"),
    ] {
        assert_eq!(lab.operate("rename", moved(from, to)).await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn a_folder_moved_with_links_in_it_leads_nobody_out() -> TestResult {
    let lab = Lab::probed().await?;
    let outside = Canary::plant(&lab.outer().join("outside"))?;
    std::fs::create_dir_all(lab.source("a/b"))?;
    std::fs::create_dir_all(lab.source("outside"))?;
    lab.operate("symlink", link("/a/b/out", "/outside")).await?;
    lab.operate("rename", moved("/a/b", "/b")).await?;
    // Now it says `../../outside`.
    let refused = lab.look("ls", &[("path", "/b/out")]).await?;
    assert_eq!(refused.status, 403, "{refused:?}");
    let task = lab
        .submit_transfer(json!([item("/b/out/file", "/taken")]), json!({}))
        .await?;
    let stuck = lab.wait(&task, |task| task["faults"] != 0).await?;
    assert_eq!(stuck["nice_status"], "PERMISSION_DENIED");
    lab.request(Method::POST, &format!("/v0.10/task/{task}/cancel"))
        .send()
        .await?;
    outside.assert_untouched()
}

#[tokio::test]
async fn a_link_made_through_a_link_stays_inside() -> TestResult {
    let lab = Lab::probed().await?;
    std::fs::create_dir_all(lab.source("p/q/r"))?;
    std::fs::create_dir_all(lab.source("s"))?;
    lab.operate("symlink", link("/p/q/r/l", "/s")).await?;
    let made = lab.operate("symlink", link("/p/q/r/l/x", "/y")).await?;
    assert_eq!(made.status, 202, "{made:?}");
    assert_eq!(
        std::fs::read_link(lab.source("s/x"))?,
        Path::new("../y"),
        "from where it really is"
    );
    Ok(())
}

#[tokio::test]
async fn a_copied_link_does_not_lead_out_of_the_other_collection() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a/b/file", "a")?;
    symlink("../../a/b/file", lab.source("a/b/link"))?;
    symlink("file", lab.source("a/b/near"))?;
    for (from, to) in [("/a/b/link", "/link"), ("/a/b/near", "/near")] {
        let item = json!({ "DATA_TYPE": "transfer_symlink_item", "source_path": from, "destination_path": to });
        let task = lab.transfer(json!([item]), json!({})).await?;
        assert_eq!(task["status"], "SUCCEEDED");
    }
    let read = |name: &str| std::fs::read_link(lab.destination(name));
    assert_eq!(read("link")?, Path::new("a/b/file"));
    assert_eq!(read("near")?, Path::new("file"));
    Ok(())
}

#[tokio::test]
async fn a_rule_for_a_folder_called_tilde_opens_that_folder() -> TestResult {
    let lab = town().await?;
    lab.write("~/mine", "a")?;
    lab.write("private/yours", "b")?;
    let guest = lab.guest("/").await?;
    let ada = lab.person(ADA).await?;
    let rule = lab.grant(&guest, &ada.id, "/./~/", "rw").await?;
    for path in ["/", "/~/", "/private/", "/~/private/"] {
        let refused = ada.ls(&guest, path).await?;
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
    }
    let listed = ada.ls(&guest, "/./~/").await?;
    assert_eq!(listed.at("/DATA/0/name"), "mine");
    // What is shown can be used again, and means the same.
    let shown = listed.text_at("/absolute_path")?;
    assert_eq!(ada.ls(&guest, &shown).await?.at("/DATA/0/name"), "mine");
    let rule = lab
        .get(&format!("/v0.10/endpoint/{guest}/access/{rule}"), &[])
        .await?;
    assert_eq!(rule.at("/path"), "/./~/");
    Ok(())
}

#[tokio::test]
async fn a_guest_collection_of_a_folder_called_tilde_shows_it() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("~/mine", "a")?;
    lab.write("yours", "b")?;
    let guest = lab.guest("/./~/").await?;
    let ls = format!("/v0.10/operation/endpoint/{guest}/ls");
    let listed = lab.get(&ls, &[]).await?;
    assert_eq!(listed.at("/total"), 1);
    assert_eq!(listed.at("/DATA/0/name"), "mine");
    Ok(())
}

#[tokio::test]
async fn a_link_in_place_of_a_shared_folder_shares_nothing() -> TestResult {
    let lab = town().await?;
    lab.write("open/shared/file", "a")?;
    lab.write("closed/secret", "b")?;
    let guest = lab.guest("/").await?;
    let inner = lab.guest("/open/shared/").await?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/open/", "rw").await?;
    lab.grant(&inner, &ada.id, "/", "rw").await?;
    let operation = |name: &str| format!("/v0.10/operation/endpoint/{guest}/{name}");
    let renamed = moved("/open/shared", "/open/aside");
    assert_eq!(ada.post(&operation("rename"), &renamed).await?.status, 200);
    let made = link("/open/shared", "/closed");
    assert_eq!(ada.post(&operation("symlink"), &made).await?.status, 202);
    let refused = ada.ls(&inner, "/").await?;
    assert_eq!(told(&refused), (404, "ClientError.NotFound"));
    Ok(())
}

/// A folder in a folder, so many times, with a file in each.
fn chain(lab: &Lab, depth: usize) -> Fallible<String> {
    let mut path = String::new();
    for _ in 0..depth {
        path.push_str("a/");
        lab.write(&format!("{path}file"), "a")?;
        lab.write(&format!("{path}z/file"), "a")?;
    }
    Ok(path)
}

#[tokio::test]
async fn a_chain_of_300_folders_is_copied_listed_and_deleted_soon() -> TestResult {
    let lab = Lab::start().await?;
    let deepest = chain(&lab, 300)?;
    let before = Instant::now();
    let task = lab.transfer_all(json!({ "verify_checksum": true })).await?;
    assert_eq!(
        (&task["status"], &task["files"], &task["directories"]),
        (&json!("SUCCEEDED"), &json!(600), &json!(601))
    );
    assert_eq!(
        lab.names(&[("path", &format!("/{deepest}"))]).await?,
        ["z", "file"]
    );
    let again = lab
        .transfer_all(json!({ "sync_level": 3, "delete_destination_extra": true }))
        .await?;
    assert_eq!(again["files_skipped"], 600, "{again:#}");
    let deleted = lab.delete(&["/a"], json!({ "recursive": true })).await?;
    assert_eq!(deleted["status"], "SUCCEEDED");
    assert!(!lab.source("a").exists());
    // The release build is promised 5 seconds; this one is many times slower, and not alone.
    let taken = before.elapsed();
    assert!(taken < Duration::from_secs(20), "{taken:?}");
    eprintln!("a chain of 300 folders took {taken:?}");
    Ok(())
}

#[tokio::test]
async fn a_tree_is_not_copied_into_itself_through_two_collections() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a/file", "a")?;
    let guest = lab.guest("/a/").await?;
    let into = json!({ "source_endpoint": SOURCE, "destination_endpoint": guest });
    let refused = lab.transfer(json!([item("/", "/copy")]), into).await?;
    assert_eq!(refused["fatal_error"]["code"], "INVALID_PATH_NAME");
    let found = tree(&lab.source(""))?;
    assert!(found.len() < 6, "{found:?}");
    assert!(tree(&lab.destination(""))?.is_empty(), "{DESTINATION}");
    Ok(())
}
