//! What a collection insists on, whatever a task asks for: its quota, encryption, checksums.

mod transfer_support;

use globus_emulator::{CollectionOptions, Uuid};
use serde_json::json;
use tempfile::TempDir;
use transfer_support::{DESTINATION, Fallible, Lab, SOURCE, TestResult, item, told};

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
