//! Documents that become tasks: what they hold, what is refused, and that each runs once.

use crate::lab::Lab;
use globus_sdk::ErrorKind;
use globus_sdk::transfer::types::{FilterRuleType, RecursiveSymlinks, TransferDataItem};
use globus_sdk::transfer::{
    Client, DeleteData, FilterRule, TransferData, TransferItem, TransferSymlinkItem,
};
use globus_sdk::types::{Deadline, SyncLevel, Uuid};
use globus_test_support::mock::{MockServer, Step, answer, hasty};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const HOUR: Duration = Duration::from_secs(3600);
const ID: Uuid = Uuid::from_u128(7);

fn transfer() -> TransferData {
    TransferData::new(Uuid::nil(), Uuid::max())
}

fn delete() -> DeleteData {
    DeleteData::new(Uuid::nil())
}

fn submission_id() -> Step {
    answer(
        200,
        &format!(r#"{{"DATA_TYPE":"submission_id","value":"{ID}"}}"#),
    )
}

fn accepted() -> Step {
    answer(
        202,
        &format!(
            r#"{{"DATA_TYPE":"transfer_result","code":"Accepted","message":"m","request_id":"r","resource":"/transfer","task_id":"{ID}","submission_id":"{ID}"}}"#
        ),
    )
}

/// The document of a request.
fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

/// What submitting it is refused with, before anything is sent.
async fn refused(data: TransferData) -> String {
    let (client, _) = hasty::<Client>("http://127.0.0.1:1");
    let error = client.submit_transfer(&data).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    error.to_string()
}

#[test]
fn every_option_of_a_transfer_is_sent_as_the_service_names_it() {
    let data = transfer()
        .submission_id(ID)
        .label("nightly")
        .sync_level(SyncLevel::Checksum)
        .verify_checksum(true)
        .preserve_timestamp(true)
        .encrypt_data(true)
        .deadline("2026-11-22 09:54:38+00:00")
        .skip_source_errors(true)
        .fail_on_quota_errors(true)
        .recursive_symlinks(RecursiveSymlinks::Copy)
        .delete_destination_extra(true)
        .notify_on_succeeded(false)
        .notify_on_failed(false)
        .notify_on_inactive(false)
        .filter_rule(FilterRule::include("*.txt"))
        .filter_rule(FilterRule::exclude("*").r#type(FilterRuleType::File))
        .additional_field("novelty", 1)
        .item(
            TransferItem::file("/a", "/b")
                .external_checksum("abc")
                .checksum_algorithm("SHA256"),
        )
        .item(TransferItem::folder("/c/", "/d/"))
        .item(TransferSymlinkItem::new("/e", "/f"));
    insta::assert_json_snapshot!(data);
}

#[test]
fn every_option_of_a_deletion_is_sent_as_the_service_names_it() {
    let data = delete()
        .submission_id(ID)
        .label("tidy")
        .recursive(true)
        .ignore_missing(true)
        .interpret_globs(true)
        .deadline("2026-11-22 09:54:38+00:00")
        .notify_on_succeeded(false)
        .additional_field("novelty", 1)
        .item("/old/*.tmp")
        .item("/older/");
    insta::assert_json_snapshot!(data);
}

#[test]
fn items_are_read_back_from_a_document() {
    let mut data = transfer().item(TransferItem::folder("/a/", "/b/"));
    data.extend((0..2).map(|n| TransferItem::file(format!("/{n}"), format!("/to/{n}"))));
    data.add_item(TransferSymlinkItem::new("/l", "/m"));
    let text = serde_json::to_string(&data).expect("JSON");
    let read: TransferData = serde_json::from_str(&text).expect("a document");
    assert_eq!(read, data);
    let paths: Vec<_> = read
        .data
        .iter()
        .filter_map(TransferDataItem::paths)
        .collect();
    assert_eq!(
        paths,
        [
            ("/a/", "/b/"),
            ("/0", "/to/0"),
            ("/1", "/to/1"),
            ("/l", "/m")
        ]
    );
}

#[tokio::test]
async fn what_the_service_would_refuse_is_refused_at_once_and_named() {
    let sum = |item: TransferItem| item.external_checksum("abc");
    let with = |item: TransferItem| transfer().item(TransferItem::file("/", "/")).item(item);
    let mut told = Vec::new();
    for data in [
        transfer(),
        with(TransferItem::file("a", "/b")),
        with(TransferItem::file("/a", "b/c")),
        with(TransferItem::file("", "/b")),
        with(TransferItem::file("/a\r\nb", "/b")),
        with(sum(TransferItem::folder("/run7/", "/in/"))),
        transfer().item(TransferSymlinkItem::new("/a", "b")),
        with(TransferItem::file("/a", "/b")).label("a\nb"),
        with(TransferItem::file("/a", "/b")).label(" a"),
        with(TransferItem::file("/a", "/b")).label("x".repeat(129)),
    ] {
        told.push(refused(data).await);
    }
    let (client, _) = hasty::<Client>("http://127.0.0.1:1");
    for data in [delete(), delete().item("/a").item("b")] {
        let error = client.submit_delete(&data).await.expect_err("refused");
        told.push(error.to_string());
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn odd_names_that_the_service_takes_are_sent() {
    let server = MockServer::start([accepted()]).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = transfer()
        .submission_id(ID)
        .label("ä".repeat(128))
        .item(TransferItem::file("/a\nb", "~/c\rd"))
        .item(TransferItem::file("/~/e", "/f").external_checksum("abc"));
    client.submit_transfer(&data).await.expect("a task");
}

#[tokio::test]
async fn a_deadline_counts_from_the_first_submission_and_then_stands() {
    let server = MockServer::start([submission_id(), answer(400, "{}"), accepted()]).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = transfer()
        .deadline(HOUR)
        .item(TransferItem::file("/a", "/b"));
    client.submit_transfer(&data).await.expect_err("refused");
    // the caller tries again, an hour later
    globus_sdk::transport::Clock::sleep(&clock, HOUR).await;
    client.submit_transfer(&data).await.expect("a task");
    let sent: Vec<Value> = server.requests()[1..].iter().map(|r| body(r)).collect();
    // the test's clock begins at 1,800,000,000
    assert_eq!(sent[0]["deadline"], "2027-01-15 09:00:00+00:00");
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test]
async fn a_deadline_beyond_all_calendars_is_refused() {
    let data = transfer()
        .deadline(Duration::MAX)
        .item(TransferItem::file("/a", "/b"));
    let told = refused(data).await;
    assert!(
        told.ends_with("is out of range; use an earlier one"),
        "{told}"
    );
}

#[test]
fn a_deadline_without_a_time_is_not_stored() {
    let data = transfer().deadline(HOUR);
    let error = serde_json::to_string(&data).expect_err("no time");
    assert!(error.to_string().contains("call `prepare`"), "{error}");
}

#[test]
fn a_deadline_is_a_time_in_any_shape() {
    let epoch = Deadline::from(SystemTime::UNIX_EPOCH);
    assert_eq!(
        epoch.time().map(ToString::to_string).as_deref(),
        Some("1970-01-01 00:00:00+00:00")
    );
    for time in [
        "2017-10-12 09:30Z",
        "2017-10-12 12:33:54+00:00",
        "2017-10-12",
    ] {
        let sent = serde_json::to_string(&transfer().deadline(time)).expect("JSON");
        assert!(sent.contains(&format!(r#""deadline":"{time}""#)), "{sent}");
    }
}

#[tokio::test]
async fn every_retry_sends_the_same_bytes_under_one_id() {
    let trouble = || answer(503, "{}");
    let server = MockServer::start([
        submission_id(),
        trouble(),
        Step::Drop,
        trouble(),
        accepted(),
    ]);
    let server = server.await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = transfer().item(TransferItem::file("/a", "/b"));
    client.submit_transfer(&data).await.expect("a task");
    let sent: Vec<Value> = server.requests()[1..].iter().map(|r| body(r)).collect();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|document| *document == sent[0]));
    assert_eq!(sent[0]["submission_id"], ID.to_string());
}

#[tokio::test]
async fn the_error_carries_the_id_and_the_next_try_reuses_it() {
    let server = MockServer::start([submission_id(), answer(400, "{}"), accepted()]).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = transfer().item(TransferItem::file("/a", "/b"));
    let error = client.submit_transfer(&data).await.expect_err("refused");
    assert_eq!(error.submission_id(), Some(ID));
    assert_eq!(data.submission_id.get(), Some(ID));
    client.submit_transfer(&data).await.expect("a task");
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.split(' ').nth(1).expect("a path").to_owned())
        .collect();
    // the id is fetched once
    assert_eq!(
        asked,
        ["/v0.10/submission_id", "/v0.10/transfer", "/v0.10/transfer"]
    );
}

#[tokio::test]
async fn an_id_that_could_not_be_fetched_is_fetched_by_the_next_try() {
    let server = MockServer::start([answer(400, "{}"), submission_id(), accepted()]).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = transfer().item(TransferItem::file("/a", "/b"));
    let error = client.submit_transfer(&data).await.expect_err("no id");
    assert_eq!(error.submission_id(), None);
    client.submit_transfer(&data).await.expect("a task");
}

/// The process ends between the submission and its answer: what is left is the file.
#[tokio::test]
async fn submission_without_an_answer_is_resumed_from_its_file() {
    let lab = Lab::open().await;
    lab.put("a", "a");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pending.json");
    {
        let client = lab.transfer().await;
        let data = TransferData::new(lab.from, lab.to)
            .deadline(HOUR)
            .item(TransferItem::file("/a", "/b"));
        data.prepare(&client).await.expect("an id");
        std::fs::write(&file, serde_json::to_vec(&data).expect("JSON")).expect("a file");
        let data = Arc::new(data);
        let submission = tokio::spawn(async move { client.submit_transfer(&data).await });
        let arrived = || {
            let requests = lab.emulator.requests();
            requests.iter().any(|r| r.path.ends_with("/transfer"))
        };
        while !arrived() {
            tokio::task::yield_now().await;
        }
        submission.abort();
    }
    let read = std::fs::read(&file).expect("the file");
    let data: TransferData = serde_json::from_slice(&read).expect("a document");
    let client = lab.transfer().await;
    let resumed = client.submit_transfer(&data).await.expect("the same task");
    assert_eq!(resumed.code, Some("Duplicate".into()));
    let tasks = client.task_list().await.expect("tasks").data;
    let ids: Vec<_> = tasks.iter().map(|task| task.task_id).collect();
    assert_eq!(ids, [resumed.task_id]);
}

#[tokio::test]
async fn concurrent_submissions_of_one_document_are_one_task() {
    let lab = Lab::open().await;
    lab.put("a", "a");
    let client = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/a", "/b"));
    let (one, other) = tokio::join!(client.submit_transfer(&data), client.submit_transfer(&data));
    let (one, other) = (one.expect("a task"), other.expect("the task"));
    assert_eq!(one.task_id, other.task_id);
}
