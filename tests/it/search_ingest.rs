//! Ingesting more than one request holds.

use crate::lab::{self, Lab};
use globus_sdk::search::types::MetaEntry;
use globus_sdk::search::{self, IngestReport};
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind};
use globus_test_support::mock::{MockServer, Step, answer, hasty};
use serde_json::{Value, json};
use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const OFTEN: Duration = Duration::from_millis(5);
const ANY: Uuid = Uuid::from_u128(7);

fn entry(n: u64) -> MetaEntry {
    MetaEntry::new(format!("run:{n}"), json!({"n": n})).visible_to(["public"])
}

/// An answer to an ingest, and the last word of its task.
fn accepted(task: u128) -> Step {
    answer(200, &json!({"task_id": Uuid::from_u128(task)}).to_string())
}

fn task(id: u128, state: &str, message: Option<&str>, details: Value) -> Step {
    let task = json!({
        "task_id": Uuid::from_u128(id), "state": state, "index_id": ANY,
        "creation_date": "2018-12-13T18:08:42.746911", "message": message,
        "additional_details": details,
    });
    answer(200, &task.to_string())
}

/// What an ingest without end left behind.
fn report(error: &Error) -> &IngestReport {
    IngestReport::from_error(error).unwrap_or_else(|| panic!("{error} carries no report"))
}

#[tokio::test]
async fn many_entries_are_cut_into_batches_and_all_of_them_found() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = seen.clone();
    let report = search
        .ingest_all(index, (0..300).map(entry))
        .batch_bytes(2_000)
        .polling_interval(OFTEN)
        .on_progress(move |report| {
            let counts = (report.entries_read, report.batches.len(), report.ingested);
            tell.lock().expect("progress").push(counts);
        })
        .await
        .expect("an ingest");
    assert_eq!(
        (report.entries_read, report.ingested, report.next_position),
        (300, 300, 300)
    );
    assert!(report.batches.len() > 5, "{} batches", report.batches.len());
    assert!(report.batches.iter().all(|batch| batch.bytes <= 2_000));
    assert!(report.batches.iter().all(|batch| batch.task.is_some()));
    let seen = seen.lock().expect("progress").clone();
    assert_eq!(
        seen.len(),
        2 * report.batches.len(),
        "once submitted, once ended"
    );
    assert!(
        seen.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2),
        "{seen:?}"
    );
    assert_eq!(seen.last(), Some(&(300, report.batches.len(), 300)));
    assert_eq!(
        search.search(index, "*").await.expect("a result").total,
        Some(300)
    );
}

#[tokio::test]
async fn no_more_batches_are_under_way_than_may_be() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    for most in [1, 3] {
        let seen = Arc::new(Mutex::new(0));
        let tell = seen.clone();
        search
            .ingest_all(index, (0..1_000).map(entry))
            .batch_entries(100)
            .concurrency(most)
            .polling_interval(Duration::from_millis(50))
            .on_progress(move |report| {
                let running = report.batches.iter().filter(|b| b.task.is_none()).count();
                let mut seen = tell.lock().expect("progress");
                *seen = running.max(*seen);
            })
            .await
            .expect("an ingest");
        let seen = *seen.lock().expect("progress");
        assert!(seen <= most && (most == 1 || seen > 1), "{seen} of {most}");
    }
}

#[tokio::test]
async fn later_of_two_entries_with_one_name_wins_across_batches() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let versions = (0..60).map(|n| MetaEntry::new("same", json!({"n": n})).visible_to(["public"]));
    search
        .ingest_all(index, versions)
        .batch_entries(2)
        .concurrency(8)
        .polling_interval(OFTEN)
        .await
        .expect("an ingest");
    let subject = search
        .get_subject(index, "same")
        .await
        .expect("the subject");
    assert_eq!(
        subject.entries[0].content.as_ref().expect("content")["n"],
        59
    );
}

#[tokio::test]
async fn refused_entries_are_reported_and_the_others_are_ingested() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let entries = (0..20).map(|n| match n {
        3 => MetaEntry::new("large", json!({"x": "x".repeat(3_000)})).visible_to(["public"]),
        8 => MetaEntry::new("secret", json!({}))
            .visible_to(["somebody"])
            .id("second"),
        n => entry(n),
    });
    let error = search
        .ingest_all(index, entries)
        .batch_bytes(1_000)
        .polling_interval(OFTEN)
        .await
        .expect_err("two entries are refused");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    insta::assert_snapshot!(error, @"ingest_all: 2 of 20 entries were not ingested; the first, `large`: the entry has 3062 bytes, more than fit into a request of 1000; split it or raise batch_bytes; see IngestReport::from_error");
    let report = report(&error);
    let failed: Vec<_> = report
        .failed
        .iter()
        .map(|f| {
            (
                f.position,
                f.subject.as_str(),
                f.entry_id.as_deref(),
                f.reason.as_str(),
            )
        })
        .collect();
    assert_eq!(
        failed[1],
        (
            8,
            "secret",
            Some("second"),
            r#""somebody" is not a principal"#
        )
    );
    assert_eq!(
        (report.entries_read, report.ingested, report.next_position),
        (20, 18, 20)
    );
    assert_eq!(
        search.search(index, "*").await.expect("a result").total,
        Some(18)
    );
}

#[tokio::test]
async fn what_a_broken_ingest_says_is_enough_to_go_on() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let broken = (0..100).map(|n| match n {
        57 => Err(Error::custom(ErrorKind::Usage, "line 57 is no entry")),
        n => Ok(entry(n)),
    });
    let error = search
        .ingest_stream(index, futures_util::stream::iter(broken))
        .batch_entries(10)
        .polling_interval(OFTEN)
        .await
        .expect_err("the source fails");
    assert_eq!(error.to_string(), "ingest_all: line 57 is no entry");
    let cause = error.source().expect("what was done").to_string();
    assert_eq!(
        cause,
        "of 57 entries, 57 were ingested and 0 rejected; to continue, skip the first 57"
    );
    let rest = (0..100).skip(usize::try_from(report(&error).next_position).expect("small"));
    search
        .ingest_all(index, rest.map(entry))
        .polling_interval(OFTEN)
        .await
        .expect("the rest");
    assert_eq!(
        search.search(index, "*").await.expect("a result").total,
        Some(100)
    );
}

#[tokio::test]
async fn failed_submission_ends_the_ingest_after_earlier_batches() {
    let forbidden = json!({"code": "Forbidden.Generic", "message": "no role"}).to_string();
    let server = MockServer::start([
        accepted(1),
        task(1, "SUCCESS", None, Value::Null),
        answer(403, &forbidden),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search
        .ingest_all(ANY, (0..9).map(entry))
        .batch_entries(2)
        .concurrency(1)
        .await
        .expect_err("the role was taken away");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.status().map(|s| s.as_u16()), Some(403));
    let report = report(&error);
    assert_eq!((report.ingested, report.next_position), (2, 2));
    assert_eq!(report.batches.len(), 1);
    assert_eq!(server.count(), 3, "nothing more is submitted");
}

#[tokio::test]
async fn a_task_whose_end_is_unknown_is_where_to_go_on() {
    let gone = json!({"code": "NotFound.Generic", "message": "no such task"}).to_string();
    let server = MockServer::start([
        accepted(1),
        task(1, "SUCCESS", None, Value::Null),
        accepted(2),
        answer(404, &gone),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search
        .ingest_all(ANY, (0..4).map(entry))
        .batch_entries(2)
        .concurrency(1)
        .await
        .expect_err("the second task is lost");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let report = report(&error);
    assert_eq!((report.ingested, report.next_position), (2, 2));
    assert_eq!(report.batches[1].task, None);
}

#[tokio::test]
async fn failed_task_without_names_leaves_all_its_entries_unknown() {
    let server = MockServer::start([
        accepted(1),
        task(1, "PROGRESS", None, Value::Null),
        task(
            1,
            "FAILED",
            Some("A field has values of two types"),
            json!({"field": "n"}),
        ),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search
        .ingest_all(ANY, (0..2).map(entry))
        .await
        .expect_err("a failure");
    let report = report(&error);
    assert_eq!(
        (report.ingested, report.failed.len(), report.next_position),
        (0, 2, 2)
    );
    assert_eq!(
        report.failed[1].reason,
        "its task failed without saying whether this entry was written: A field has values of two types"
    );
    let task = report.batches[0].task.as_ref().expect("the task");
    assert_eq!(
        task.additional_details.as_ref().expect("details")["field"],
        "n"
    );
}

#[tokio::test]
async fn refused_request_reports_its_entries_and_the_next_is_sent() {
    let bad = json!({"code": "BadRequest.ValidationError", "message": "visible_to is empty"});
    let server = MockServer::start([
        answer(400, &bad.to_string()),
        accepted(1),
        task(1, "SUCCESS", None, Value::Null),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search
        .ingest_all(ANY, (0..4).map(entry))
        .batch_entries(2)
        .await
        .expect_err("two entries are refused");
    let report = report(&error);
    let failed: Vec<_> = report.failed.iter().map(|f| f.subject.as_str()).collect();
    assert_eq!(failed, ["run:0", "run:1"]);
    assert!(report.failed[0].reason.ends_with(": visible_to is empty"));
    assert_eq!((report.ingested, report.next_position), (2, 4));
}

#[tokio::test]
async fn an_ingest_stops_when_too_many_entries_are_refused() {
    let taken = Arc::new(Mutex::new(0));
    let count = taken.clone();
    let endless = (0..).map(move |_: u64| {
        *count.lock().expect("a count") += 1;
        MetaEntry::new("", json!({}))
    });
    let server = MockServer::start([answer(500, "")]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let error = search
        .ingest_all(ANY, endless)
        .max_failures(10)
        .await
        .expect_err("every entry is refused");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    assert!(
        error.message().contains("more than max_failures (10)"),
        "{error}"
    );
    assert_eq!(
        (report(&error).failed.len(), *taken.lock().expect("a count")),
        (11, 11)
    );
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_batch_whose_arrival_is_unknown_is_sent_again() {
    let server = MockServer::start([
        Step::Drop,
        accepted(1),
        task(1, "SUCCESS", None, Value::Null),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let done = search
        .ingest_all(ANY, [entry(1)])
        .field_mapping("n", "geo_point");
    assert_eq!(done.await.expect("an ingest").ingested, 1);
    let requests = server.requests();
    assert_eq!(requests[0], requests[1], "the same bytes");
    let (head, body) = requests[1].split_once("\r\n\r\n").expect("a head");
    let line = head.lines().next().expect("a line");
    insta::assert_json_snapshot!(
        "an_ingest_request",
        json!({
            "line": line,
            "body": serde_json::from_str::<Value>(body).expect("JSON"),
        })
    );
}

#[tokio::test]
async fn an_ingest_of_nothing_asks_nothing() {
    let server = MockServer::start([answer(500, "")]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let report = search.ingest_all(ANY, []).await.expect("nothing");
    assert_eq!((report.entries_read, server.count()), (0, 0));
    let error = search
        .ingest_all("no uuid", [entry(1)])
        .await
        .expect_err("no index");
    assert_eq!(
        error.to_string(),
        "ingest_all: invalid UUID for `index_id`: `no uuid`; pass one such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc"
    );
}
