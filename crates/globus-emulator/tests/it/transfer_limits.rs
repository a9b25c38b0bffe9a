//! What a collection insists on, whatever a task asks for: its quota, encryption, checksums.

use std::time::Duration;

use globus_emulator::{CollectionOptions, Limits, TaskFault, TaskFaultKind, Uuid};
use globus_test_support::emulator::{
    DESTINATION, Fallible, Lab, SOURCE, TestResult, item, told, tree,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const SMALL: Uuid = Uuid::from_u128(0xcccc_cccc_0000_4000_8000_0000_0000_0003);

/// A lab with a third folder, which holds ten bytes.
async fn small() -> Fallible<(Lab, TempDir)> {
    let folder = tempfile::tempdir()?;
    let options = CollectionOptions::new().id(SMALL).quota(10);
    let lab = Lab::of(|builder| builder.collection_with("Small", folder.path(), options)).await?;
    lab.write("a", "12345678")?;
    lab.write("b", "12345")?;
    Ok((lab, folder))
}

#[tokio::test]
async fn a_task_waits_for_room_where_a_quota_is_used_up() -> TestResult {
    let (lab, folder) = small().await?;
    let to = json!({ "destination_endpoint": SMALL });
    let first = lab.transfer(json!([item("/a", "/a")]), to.clone()).await?;
    assert_eq!(first["status"], "SUCCEEDED");
    // In place of what is there it needs no more room.
    let again = lab.transfer(json!([item("/a", "/a")]), to.clone()).await?;
    assert_eq!(again["status"], "SUCCEEDED");

    let task = lab.submit_transfer(json!([item("/b", "/b")]), to).await?;
    let waiting = lab
        .wait(&task, |task| task["faults"].as_u64() > Some(1))
        .await?;
    assert_eq!(
        (&waiting["status"], &waiting["nice_status"]),
        (&json!("ACTIVE"), &json!("QUOTA_EXCEEDED"))
    );
    assert!(!folder.path().join("b").exists());
    std::fs::remove_file(folder.path().join("a"))?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_task_may_fail_where_a_quota_is_used_up() -> TestResult {
    let (lab, _folder) = small().await?;
    let options = json!({ "destination_endpoint": SMALL, "fail_on_quota_errors": true });
    let items = json!([item("/a", "/a"), item("/b", "/b")]);
    let failed = lab.transfer(items, options).await?;
    assert_eq!(
        (&failed["status"], &failed["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("QUOTA_EXCEEDED"))
    );
    Ok(())
}

#[tokio::test]
async fn a_collection_may_insist_on_encryption_and_forbid_checksums() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "a")?;
    let ask = json!({ "encrypt_data": false, "verify_checksum": true });
    let plain = lab.transfer(json!([item("/a", "/a")]), ask.clone()).await?;
    assert_eq!(
        (&plain["encrypt_data"], &plain["verify_checksum"]),
        (&json!(false), &json!(true))
    );
    let endpoint = |id: Uuid| format!("/v0.10/endpoint/{id}");
    lab.put(&endpoint(SOURCE), &json!({ "force_encryption": true }))
        .await?;
    lab.put(&endpoint(DESTINATION), &json!({ "disable_verify": true }))
        .await?;
    let forced = lab.transfer(json!([item("/a", "/a")]), ask).await?;
    assert_eq!(
        (&forced["encrypt_data"], &forced["verify_checksum"]),
        (&json!(true), &json!(false))
    );
    Ok(())
}

#[tokio::test]
async fn a_subscription_is_named_by_a_uuid() -> TestResult {
    let lab = Lab::start().await?;
    let change = json!({ "subscription_id": "gold" });
    let refused = lab
        .put(&format!("/v0.10/endpoint/{SOURCE}"), &change)
        .await?;
    assert_eq!(told(&refused), (400, "ClientError.BadRequest"));
    Ok(())
}

/// A lab whose collections hold 1,000 bytes each, and where nobody's tasks wait for each other.
async fn lab_with_quota(fault: Option<TaskFault>) -> Fallible<Lab> {
    Lab::of(|builder| {
        let builder = builder.quota(1_000).limits(Limits::none());
        match fault {
            Some(fault) => builder.task_fault(fault),
            None => builder,
        }
    })
    .await
}

fn size_of(folder: &std::path::Path) -> Fallible<usize> {
    Ok(tree(folder)?.values().map(Vec::len).sum())
}

#[tokio::test]
async fn tasks_at_work_at_the_same_time_share_one_quota() -> TestResult {
    let stall = TaskFault::new(TaskFaultKind::Stall).after_bytes(100);
    let lab = lab_with_quota(Some(stall)).await?;
    lab.write("a", vec![1; 900])?;
    let mut tasks = Vec::new();
    for name in ["/1", "/2", "/3"] {
        let items = json!([item("/a", name)]);
        tasks.push(lab.submit_transfer(items, json!({})).await?);
    }
    for task in &tasks {
        let begun = |task: &Value| task["bytes_transferred"] == 100 || task["faults"] != 0;
        lab.wait(task, begun).await?;
    }
    lab.sandbox.emulator.clear_task_faults();
    for task in &tasks {
        let settled = |task: &Value| task["status"] == "SUCCEEDED" || task["faults"] != 0;
        lab.wait(task, settled).await?;
    }
    assert_eq!(size_of(&lab.destination(""))?, 900);
    Ok(())
}

#[tokio::test]
async fn what_a_task_deletes_makes_room_at_once() -> TestResult {
    let lab = lab_with_quota(None).await?;
    lab.write("in/new", vec![1; 900])?;
    lab.write("in/folder/x", "")?;
    for name in ["extra", "new/a", "folder"] {
        lab.write_destination(&format!("out/{name}"), vec![2; 300])?;
    }
    let options = json!({ "delete_destination_extra": true });
    let task = lab
        .transfer(json!([item("/in/", "/out/")]), options)
        .await?;
    assert_eq!(
        (&task["status"], &task["faults"]),
        (&json!("SUCCEEDED"), &json!(0))
    );
    Ok(())
}

#[tokio::test]
async fn what_another_task_deletes_makes_room_at_once() -> TestResult {
    let stall = TaskFault::new(TaskFaultKind::Stall).path("/in/a");
    let lab = lab_with_quota(Some(stall)).await?;
    lab.write("in/a", vec![1; 100])?;
    lab.write("in/b", vec![1; 800])?;
    lab.write_destination("old", vec![2; 900])?;
    let items = json!([item("/in/", "/out/")]);
    let task = lab.submit_transfer(items, json!({})).await?;
    while lab.sandbox.emulator.task_faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let deleted = lab
        .delete(&["/old"], json!({ "endpoint": DESTINATION }))
        .await?;
    assert_eq!(deleted["status"], "SUCCEEDED");
    lab.sandbox.emulator.clear_task_faults();
    let task = lab.ended(&task).await?;
    assert_eq!(
        (&task["status"], &task["faults"]),
        (&json!("SUCCEEDED"), &json!(0))
    );
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_replaced_link_makes_no_room_of_its_targets_size() -> TestResult {
    let lab = lab_with_quota(None).await?;
    lab.write("a", vec![1; 500])?;
    lab.write_destination("large", vec![2; 900])?;
    std::os::unix::fs::symlink("large", lab.destination("link"))?;
    let options = json!({ "fail_on_quota_errors": true });
    let task = lab.transfer(json!([item("/a", "/link")]), options).await?;
    assert_eq!(task["fatal_error"]["code"], "QUOTA_EXCEEDED");
    assert!(lab.destination("link").is_symlink());
    Ok(())
}

#[tokio::test]
async fn a_file_that_grows_is_not_copied_past_its_size() -> TestResult {
    let stall = TaskFault::new(TaskFaultKind::Stall).after_bytes(500);
    let lab = lab_with_quota(Some(stall.max_fires(1))).await?;
    lab.write("a", vec![1; 900])?;
    let items = json!([item("/a", "/a")]);
    let task = lab.submit_transfer(items, json!({})).await?;
    lab.wait(&task, |task| task["bytes_transferred"] == 500)
        .await?;
    lab.write("a", vec![1; 100_000])?;
    lab.sandbox.emulator.clear_task_faults();
    let task = lab.wait(&task, |task| task["faults"] != 0).await?;
    let copied = task["bytes_transferred"].as_u64().unwrap_or_default();
    assert!(copied <= 901, "{copied} bytes");
    Ok(())
}
