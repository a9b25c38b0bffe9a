//! Waiting for many tasks by one poller.

use super::{say, task_with};
use crate::lab::Lab;
use axum::Router;
use axum::http::Uri;
use axum::routing::get;
use globus_sdk::ErrorKind;
use globus_sdk::transfer::types::Task;
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, answer, hasty};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::form_urlencoded;

const SECOND: Duration = Duration::from_secs(1);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

fn page(tasks: &[Value]) -> Value {
    let n = tasks.len();
    json!({"DATA_TYPE": "task_list", "DATA": tasks, "length": n, "limit": 50, "offset": 0, "total": n})
}

/// A task list in which every task has ended when it is asked for the `rounds`th time.
async fn served(rounds: usize) -> (Client, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let list = move |uri: Uri| async move {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let filter = query.iter().find(|(name, _)| name == "filter");
        let filter = filter.expect("a filter").1.clone();
        let mut asked = seen.lock().expect("requests");
        asked.push(uri.to_string());
        let ids = filter.strip_prefix("task_id:").expect("ids").split(',');
        let tasks: Vec<Value> = ids
            .map(|id| {
                let times = asked.iter().filter(|uri| uri.contains(id)).count();
                let status = if times < rounds {
                    "ACTIVE"
                } else {
                    "SUCCEEDED"
                };
                task_with(status, json!({"task_id": id}))
            })
            .collect();
        page(&tasks).to_string()
    };
    let app = Router::new().route("/v0.10/task_list", get(list));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (hasty::<Client>(&url).0, asked)
}

#[tokio::test]
async fn requests_for_500_tasks_grow_with_pages_not_with_tasks() {
    const ROUNDS: usize = 4;
    let (transfer, asked) = served(ROUNDS).await;
    let ids: Vec<Uuid> = (0..500).map(id).collect();
    let tasks = transfer.wait_all(ids.clone()).await.expect("tasks");
    let ended: Vec<Uuid> = tasks.iter().map(|task| task.task_id).collect();
    assert_eq!(ended, ids, "in the order asked for");
    let asked = asked.lock().expect("requests");
    assert_eq!(asked.len(), ROUNDS * 500 / 50);
    let longest = asked.iter().map(String::len).max().expect("requests");
    assert!(longest < 2_048, "a URL of {longest} characters");
}

#[tokio::test]
async fn a_task_that_has_ended_is_handed_out_and_not_asked_for_again() {
    let list = |tasks: &[(u128, &str)]| {
        let tasks: Vec<Value> = tasks
            .iter()
            .map(|(n, status)| task_with(status, json!({"task_id": id(*n)})))
            .collect();
        say(&page(&tasks))
    };
    let server = MockServer::start([
        list(&[(0, "ACTIVE"), (1, "FAILED")]),
        list(&[(0, "SUCCEEDED")]),
    ])
    .await;
    let (transfer, _) = hasty::<Client>(&server.url);
    // an id twice is one task
    let mut ended = transfer.wait_all([id(0), id(1), id(0)]).stream();
    let first: Task = ended.next().await.expect("a task").expect("a task");
    assert_eq!((first.task_id, first.status.as_str()), (id(1), "FAILED"));
    assert_eq!(server.count(), 1);
    let second = ended.next().await.expect("a task").expect("a task");
    assert_eq!(
        (second.task_id, second.status.as_str()),
        (id(0), "SUCCEEDED")
    );
    assert!(ended.next().await.is_none());
    assert!(!server.requests()[1].contains(&id(1).to_string()));
}

#[tokio::test]
async fn tasks_that_failed_are_an_error_once_all_have_ended() {
    let failed = |n| {
        let fatal = json!({"code": "TIMEOUT", "description": "too slow"});
        task_with("FAILED", json!({"task_id": id(n), "fatal_error": fatal}))
    };
    let fine = task_with("SUCCEEDED", json!({"task_id": id(9)}));
    let tasks: Vec<Value> = (0..5).map(failed).chain([fine]).collect();
    let server = MockServer::start([say(&page(&tasks))]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let ids = (0..5).chain([9]).map(id);
    let error = transfer.wait_all(ids).await.expect_err("failures");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    assert_eq!(error.task_failures().len(), 5);
    insta::assert_snapshot!(error, @"5 of 6 tasks failed: 00000000-0000-0000-0000-000000000001: TIMEOUT: too slow; 00000000-0000-0000-0000-000000000002: TIMEOUT: too slow; 00000000-0000-0000-0000-000000000003: TIMEOUT: too slow; and 2 more; see their events (task_event_list)");
}

#[tokio::test]
async fn timeout_of_many_tasks_names_them_and_why_they_stall() {
    let slow = task_with("ACTIVE", json!({"task_id": id(0)}));
    let stuck = task_with(
        "ACTIVE",
        json!({"task_id": id(1), "faults": 3, "nice_status": "GC_NOT_CONNECTED"}),
    );
    let fine = task_with("SUCCEEDED", json!({"task_id": id(2)}));
    let server = MockServer::start([say(&page(&[slow, stuck, fine]))]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let wait = transfer.wait_all((0..3).map(id)).timeout(60 * SECOND);
    let error = wait.await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    insta::assert_snapshot!(error, @"2 of 3 tasks are still running after 60s (00000000-0000-0000-0000-000000000001; 00000000-0000-0000-0000-000000000002: GC_NOT_CONNECTED (3 errors)); wait again, or cancel them");
}

#[tokio::test]
async fn a_task_that_is_nowhere_ends_the_wait_at_once() {
    let missing = answer(
        404,
        r#"{"code":"ClientError.NotFound","message":"no such task"}"#,
    );
    let server = MockServer::start([say(&page(&[])), missing]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait_all([id(0)]).await.expect_err("no task");
    assert_eq!((error.kind(), server.count()), (ErrorKind::NotFound, 2));
}

#[tokio::test]
async fn a_wait_for_many_rides_out_passing_trouble() {
    let done = say(&page(&[task_with("SUCCEEDED", json!({"task_id": id(0)}))]));
    let mut steps = vec![answer(503, "{}"); 13];
    steps.push(done);
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let tasks = transfer.wait_all([id(0)]).await.expect("a success");
    assert_eq!(tasks.len(), 1);
}

#[tokio::test]
async fn a_wait_for_no_tasks_asks_nothing() {
    let (transfer, _) = hasty::<Client>("http://127.0.0.1:1");
    assert_eq!(transfer.wait_all([]).await.expect("nothing"), []);
}

#[tokio::test]
async fn real_tasks_are_waited_for_together() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let mut ids = Vec::new();
    for n in 0..60 {
        lab.put(&format!("{n}"), "x");
        let item = TransferItem::file(format!("/{n}"), format!("/{n}"));
        let data = TransferData::new(lab.from, lab.to).item(item);
        ids.push(
            transfer
                .submit_transfer(&data)
                .await
                .expect("a task")
                .task_id,
        );
    }
    let wait = transfer.wait_all(ids.clone()).timeout(60 * SECOND);
    let tasks = wait.await.expect("successes");
    assert_eq!(tasks.len(), 60);
    assert!(lab.arrived("59").is_some());
}
