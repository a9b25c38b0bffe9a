//! Waiting for tasks.

mod many;
mod watching;

use globus_sdk::search;
use globus_sdk::transfer::Client;
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind};
use globus_test_support::mock::{MockServer, Step, answer, answer_with, hasty};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A task document with some fields of one's own.
fn task_with(status: &str, fields: Value) -> Value {
    let id = Uuid::nil();
    let mut task = json!({
        "DATA_TYPE": "task", "task_id": id, "type": "TRANSFER", "status": status, "owner_id": id,
        "request_time": "2026-11-22 00:00:00+00:00", "is_paused": false, "faults": 0, "files": 9,
        "directories": 0, "symlinks": 0, "files_transferred": 0, "subtasks_total": 10,
        "subtasks_pending": 0, "subtasks_retrying": 0, "subtasks_succeeded": 0,
        "subtasks_expired": 0, "subtasks_canceled": 0, "subtasks_failed": 0,
        "bytes_transferred": 0, "bytes_checksummed": 0, "effective_bytes_per_second": 0,
    });
    let (Value::Object(task), Value::Object(fields)) = (&mut task, fields) else {
        panic!("an object");
    };
    task.extend(fields);
    Value::Object(task.clone())
}

fn say(document: &Value) -> Step {
    answer(200, &document.to_string())
}

fn task(status: &str, files: u32) -> Step {
    let mut fields = json!({ "files_transferred": files });
    if status == "FAILED" {
        fields["fatal_error"] = json!({"code": "PERMISSION_DENIED", "description": "denied"});
    }
    say(&task_with(status, fields))
}

/// A page of events, latest first: code and details.
fn events(events: &[(&str, &str)]) -> Step {
    let events: Vec<Value> = events
        .iter()
        .map(|(code, details)| {
            json!({"DATA_TYPE": "event", "code": code, "is_error": true, "details": details,
                   "description": "", "time": "2026-11-22 00:00:01+00:00"})
        })
        .collect();
    let total = events.len();
    say(
        &json!({"DATA_TYPE": "event_list", "DATA": events, "length": total, "limit": 5, "offset": 0, "total": total}),
    )
}

fn search_task(state: &str) -> Step {
    let id = Uuid::nil();
    answer(
        200,
        &format!(
            r#"{{"task_id":"{id}","state":"{state}","task_type":"ingest","state_description":"s","index_id":"{id}","message":"too large","creation_date":"2018-12-13T18:08:42.746911","completion_date":null,"additional_details":null}}"#
        ),
    )
}

#[tokio::test]
async fn a_wait_ends_with_the_task_that_succeeded() {
    let server =
        MockServer::start([task("ACTIVE", 1), task("ACTIVE", 5), task("SUCCEEDED", 9)]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let done = transfer
        .wait(Uuid::nil())
        .on_progress(move |progress| {
            noted
                .lock()
                .expect("notes")
                .push(progress.task.files_transferred);
        })
        .await
        .expect("a success");
    assert_eq!(done.files_transferred, 9);
    assert_eq!(*seen.lock().expect("notes"), [1, 5, 9]);
    assert_eq!(clock.slept(), [250, 375].map(Duration::from_millis));
}

#[tokio::test]
async fn failed_task_is_an_error_with_reason_and_last_events() {
    let last = [("CANCELED", ""), ("PERMISSION_DENIED", "550 /x:\n no\n")];
    let server = MockServer::start([task("FAILED", 0), events(&last)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait(Uuid::nil()).await.expect_err("a failure");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    insta::assert_snapshot!(error, @"task 00000000-0000-0000-0000-000000000000 failed: PERMISSION_DENIED: denied; last events: CANCELED at 2026-11-22 00:00:01+00:00, PERMISSION_DENIED at 2026-11-22 00:00:01+00:00 (550 /x: no)");
    let [failure] = error.task_failures() else {
        panic!("one failure: {:?}", error.task_failures());
    };
    let fatal = failure.task.fatal_error.as_ref().expect("a reason");
    assert_eq!(fatal.code, Some("PERMISSION_DENIED".into()));
    assert_eq!(failure.last_events.len(), 2);
    assert!(
        server.requests()[1].starts_with(
            "GET /v0.10/task/00000000-0000-0000-0000-000000000000/event_list?limit=5 "
        )
    );
}

#[tokio::test]
async fn a_failure_without_its_events_says_where_they_are() {
    let server = MockServer::start([task("FAILED", 0), answer(404, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait(Uuid::nil()).await.expect_err("a failure");
    insta::assert_snapshot!(error, @"task 00000000-0000-0000-0000-000000000000 failed: PERMISSION_DENIED: denied; see its events (task_event_list)");
}

#[tokio::test]
async fn a_task_that_a_manager_canceled_says_so() {
    let fields = json!({
        "fatal_error": {"code": "CANCELED", "description": "canceled"},
        "canceled_by_admin": "SOURCE", "canceled_by_admin_message": "too much",
    });
    let server = MockServer::start([say(&task_with("FAILED", fields)), events(&[])]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait(Uuid::nil()).await.expect_err("a failure");
    insta::assert_snapshot!(error, @"task 00000000-0000-0000-0000-000000000000 failed: CANCELED: canceled, by a manager (SOURCE): too much; see its events (task_event_list)");
}

#[tokio::test]
async fn a_wait_goes_on_while_the_task_is_inactive_and_says_so() {
    let steps = [task("INACTIVE", 0), events(&[]), task("SUCCEEDED", 0)];
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let said = Arc::new(Mutex::new(Vec::new()));
    let noted = said.clone();
    transfer
        .wait(Uuid::nil())
        .on_progress(move |p| noted.lock().expect("notes").push(p.to_string()))
        .await
        .expect("a success");
    insta::assert_snapshot!(said.lock().expect("notes").join("\n"), @r#"
    INACTIVE: 0 of 9 files, 0 B; it waits for new credentials; log in again to continue it
    SUCCEEDED: 0 of 9 files, 0 B
    "#);
}

#[tokio::test]
async fn a_wait_rides_out_passing_trouble() {
    let mut steps = vec![task("ACTIVE", 0)];
    // more than one call's own retries
    steps.extend(vec![Step::Drop; 13]);
    steps.push(task("SUCCEEDED", 0));
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer.wait(Uuid::nil()).await.expect("a success");
}

#[tokio::test]
async fn a_wait_ends_when_its_time_is_up() {
    let server = MockServer::start([task("ACTIVE", 0)]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let wait = transfer
        .wait(Uuid::nil())
        .timeout(Duration::from_secs(5))
        .polling_interval(Duration::from_secs(2));
    let error: Error = wait.await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    // the last question comes when the time is up
    assert_eq!(clock.slept(), [2, 2, 1].map(Duration::from_secs));
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn a_wait_for_an_unknown_task_ends_at_once() {
    let server = MockServer::start([answer(
        404,
        r#"{"code":"ClientError.NotFound","message":"m"}"#,
    )])
    .await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait(Uuid::nil()).await.expect_err("no task");
    assert_eq!((error.kind(), server.count()), (ErrorKind::NotFound, 1));
}

#[tokio::test]
async fn streamed_wait_gives_every_state_and_ends_with_the_failure() {
    let steps = [task("ACTIVE", 1), task("FAILED", 1), events(&[])];
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let states = transfer
        .wait(Uuid::nil())
        .stream()
        .collect()
        .await
        .expect("states");
    let states: Vec<_> = states.iter().map(|p| p.task.status.as_str()).collect();
    assert_eq!(states, ["ACTIVE", "FAILED"]);
}

#[tokio::test]
async fn task_wait_is_false_while_the_task_is_active() {
    let server = MockServer::start([task("ACTIVE", 0)]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let (timeout, interval) = (Duration::from_secs(10), Duration::from_secs(4));
    let ended = transfer.task_wait(Uuid::nil(), timeout, interval).await;
    assert!(!ended.expect("an answer"));
    assert_eq!(clock.slept(), [4, 4, 2].map(Duration::from_secs));
}

#[tokio::test]
async fn task_wait_is_true_once_the_task_is_not_active() {
    for status in ["SUCCEEDED", "FAILED", "INACTIVE"] {
        let server = MockServer::start([task("ACTIVE", 0), task(status, 0)]).await;
        let (transfer, _) = hasty::<Client>(&server.url);
        let (timeout, interval) = (Duration::from_secs(10), Duration::from_secs(1));
        let ended = transfer.task_wait(Uuid::nil(), timeout, interval).await;
        assert!(ended.expect("an answer"), "{status}");
    }
}

#[tokio::test]
async fn task_wait_refuses_times_under_a_second() {
    let (transfer, _) = hasty::<Client>("http://127.0.0.1:1");
    let (short, fine) = (Duration::from_millis(999), Duration::from_secs(1));
    for (timeout, interval) in [(short, fine), (fine, short)] {
        let error = transfer
            .task_wait(Uuid::nil(), timeout, interval)
            .await
            .expect_err("too short");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
}

#[tokio::test]
async fn search_tasks_are_waited_for_alike() {
    let states = ["CREATING", "PENDING", "PROGRESS", "SUCCESS"].map(search_task);
    let server = MockServer::start(states).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let task = search.wait(Uuid::nil()).await.expect("a success");
    assert_eq!(task.state, "SUCCESS");
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn a_search_task_that_failed_is_an_error_with_its_message() {
    let server = MockServer::start([search_task("FAILED")]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search.wait(Uuid::nil()).await.expect_err("a failure");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    assert!(error.message().ends_with("failed: too large"), "{error}");
}

#[tokio::test]
async fn a_wait_asks_no_sooner_than_the_service_wants_to_be_asked() {
    let busy = answer_with(429, "retry-after: 300\r\n", "{}");
    let server = MockServer::start([task("ACTIVE", 0), busy, task("SUCCEEDED", 9)]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    transfer.wait(Uuid::nil()).await.expect("the task");
    let slept = clock.slept();
    assert_eq!(slept.last(), Some(&Duration::from_secs(300)), "{slept:?}");
}

#[tokio::test]
async fn a_hint_of_years_does_not_hold_a_wait_up_for_years() {
    for (timeout, longest) in [(None, 3600), (Some(60), 60)] {
        let busy = answer_with(503, "retry-after: 99999999999\r\n", "{}");
        let server = MockServer::start([busy, task("SUCCEEDED", 9)]).await;
        let (transfer, clock) = hasty::<Client>(&server.url);
        let mut wait = transfer.wait(Uuid::nil());
        if let Some(seconds) = timeout {
            wait = wait.timeout(Duration::from_secs(seconds));
        }
        wait.await.expect("the task");
        assert_eq!(clock.slept(), [Duration::from_secs(longest)]);
    }
}
