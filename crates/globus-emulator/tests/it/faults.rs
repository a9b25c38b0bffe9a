//! Faults on purpose: which requests they strike, and what a client sees of them.

use std::error::Error as _;
use std::time::{Duration, Instant};

use globus_emulator::{Fault, FaultPlan, FaultRule, Service};
use globus_test_support::emulator::{DESTINATION, Fallible, Lab, SOURCE, TestResult, item};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

fn get(lab: &Lab, path: &str) -> RequestBuilder {
    lab.request(Method::GET, path)
}

fn send(lab: &Lab, path: &str, body: &Value) -> RequestBuilder {
    lab.request(Method::POST, path).json(body)
}

async fn with(rules: impl Into<Vec<FaultRule>>) -> Fallible<Lab> {
    let plan = FaultPlan::new(1, rules);
    Lab::of(|builder| builder.faults(plan)).await
}

fn mkdir_path() -> String {
    format!("/v0.10/operation/endpoint/{SOURCE}/mkdir")
}

async fn document(lab: &Lab) -> Fallible<Value> {
    Ok(json!({
        "DATA_TYPE": "transfer",
        "submission_id": lab.submission_id().await?,
        "source_endpoint": SOURCE,
        "destination_endpoint": DESTINATION,
        "DATA": [item("/a", "/a")],
    }))
}

fn on(operation: &str, fault: Fault) -> FaultRule {
    FaultRule::new(fault).operation(operation)
}

async fn statuses(lab: &Lab, count: usize) -> Fallible<Vec<u16>> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        let response = get(lab, "/v0.10/task_list").send().await?;
        statuses.push(response.status().as_u16());
    }
    Ok(statuses)
}

#[tokio::test]
async fn the_nth_request_of_an_operation_is_struck() -> TestResult {
    let lab = with([on("task_list", Fault::status(503)).nth([2, 3])]).await?;
    get(&lab, "/v0.10/submission_id").send().await?;
    assert_eq!(statuses(&lab, 4).await?, [200, 503, 503, 200]);
    let report = &lab.sandbox.emulator.faults()[0];
    assert_eq!((report.matched, report.fired), (4, 2));
    Ok(())
}

#[tokio::test]
async fn chance_strikes_the_same_requests_in_every_run() -> TestResult {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let lab = with([on("task_list", Fault::status(500)).probability(0.5)]).await?;
        runs.push(statuses(&lab, 20).await?);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500));
    Ok(())
}

#[tokio::test]
async fn a_rule_strikes_no_more_often_than_it_may() -> TestResult {
    let lab = with([on("task_list", Fault::status(500)).max_fires(2)]).await?;
    assert_eq!(statuses(&lab, 3).await?, [500, 500, 200]);
    Ok(())
}

#[tokio::test]
async fn a_rule_for_another_service_strikes_nothing_here() -> TestResult {
    let search = FaultRule::new(Fault::status(500)).service(Service::Search);
    let lab = with([search]).await?;
    assert_eq!(statuses(&lab, 1).await?, [200]);
    Ok(())
}

#[tokio::test]
async fn a_status_comes_with_its_body_and_retry_after() -> TestResult {
    let fault =
        json!({ "kind": "status", "status": 503, "retry_after": 7, "body": { "code": "X" } });
    let lab = with([on("task_list", serde_json::from_value(fault)?)]).await?;
    let response = get(&lab, "/v0.10/task_list").send().await?;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.json::<Value>().await?, json!({ "code": "X" }));
    Ok(())
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_and_no_effect() -> TestResult {
    let lab = with([on("operation_mkdir", Fault::drop(false)).nth([1])]).await?;
    let mkdir = || {
        send(
            &lab,
            &mkdir_path(),
            &json!({ "DATA_TYPE": "mkdir", "path": "/new" }),
        )
    };
    let error = mkdir().send().await.err().ok_or("there was an answer")?;
    assert!(error.status().is_none(), "{error}");
    assert!(!lab.source("new").exists());
    assert_eq!(mkdir().send().await?.status(), StatusCode::ACCEPTED);
    Ok(())
}

#[tokio::test]
async fn a_connection_dropped_late_leaves_the_effect() -> TestResult {
    let lab = with([on("operation_mkdir", Fault::drop(true)).nth([1])]).await?;
    let path = mkdir_path();
    let mkdir = send(
        &lab,
        &path,
        &json!({ "DATA_TYPE": "mkdir", "path": "/new" }),
    );
    mkdir.send().await.err().ok_or("there was an answer")?;
    assert!(lab.source("new").exists());
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_to_a_submission_does_not_make_a_second_task() -> TestResult {
    let lab = with([on("submit_transfer", Fault::drop(true)).nth([1])]).await?;
    lab.write("a", "bytes")?;
    let document = document(&lab).await?;
    let submit = || send(&lab, "/v0.10/transfer", &document);
    submit().send().await.err().ok_or("there was an answer")?;
    let answer: Value = submit().send().await?.json().await?;
    assert_eq!(answer["code"], "Duplicate");
    Ok(())
}

#[tokio::test]
async fn a_truncated_body_is_an_error_and_not_a_short_one() -> TestResult {
    let lab = with([on("task_list", Fault::Truncate { bytes: 10 })]).await?;
    let response = get(&lab, "/v0.10/task_list").send().await?;
    assert_eq!(response.status(), StatusCode::OK);
    let error = response.bytes().await.err().ok_or("the body was whole")?;
    assert!(
        error.is_body() || error.is_decode(),
        "{error}: {:?}",
        error.source()
    );
    Ok(())
}

#[tokio::test]
async fn a_corrupted_body_is_no_json() -> TestResult {
    let lab = with([on("task_list", Fault::Corrupt {})]).await?;
    let body = get(&lab, "/v0.10/task_list").send().await?.bytes().await?;
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    Ok(())
}

#[tokio::test]
async fn a_slow_body_comes_in_time() -> TestResult {
    let plain = with([]).await?;
    let expected = get(&plain, "/v0.10/submission_id")
        .send()
        .await?
        .bytes()
        .await?;
    let bytes_per_second = expected.len() as u64 * 5;
    let lab = with([on(
        "get_submission_id",
        Fault::SlowBody { bytes_per_second },
    )])
    .await?;
    let began = Instant::now();
    let slow = get(&lab, "/v0.10/submission_id")
        .send()
        .await?
        .bytes()
        .await?;
    assert_eq!(slow.len(), expected.len());
    assert!(began.elapsed() > Duration::from_millis(150));
    Ok(())
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() -> TestResult {
    let lab = with([on("task_list", Fault::delay(Duration::from_millis(120)))]).await?;
    let began = Instant::now();
    assert_eq!(statuses(&lab, 1).await?, [200]);
    assert!(began.elapsed() >= Duration::from_millis(120));
    Ok(())
}

#[tokio::test]
async fn a_token_is_suddenly_invalid_and_stays_so() -> TestResult {
    let lab = with([on("task_list", Fault::InvalidToken {}).nth([2])]).await?;
    assert_eq!(statuses(&lab, 3).await?, [200, 401, 401]);
    Ok(())
}

#[tokio::test]
async fn rate_limit_fault_ends_when_its_period_has_passed() -> TestResult {
    let limit = Fault::RateLimit {
        requests: 2,
        per_seconds: 60,
    };
    let lab = with([on("task_list", limit)]).await?;
    assert_eq!(statuses(&lab, 3).await?, [200, 200, 429]);
    lab.sandbox.emulator.advance_clock(Duration::from_secs(60));
    assert_eq!(statuses(&lab, 1).await?, [200]);
    Ok(())
}

#[tokio::test]
async fn the_record_of_requests_names_the_fault() -> TestResult {
    let lab = with([on("task_list", Fault::status(503))]).await?;
    statuses(&lab, 1).await?;
    let requests = lab.sandbox.emulator.requests();
    let last = requests.last().ok_or("nothing was recorded")?;
    assert_eq!(
        (last.status, last.faults.as_slice()),
        (503, ["status".to_owned()].as_slice())
    );
    Ok(())
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused_with_the_reason() -> TestResult {
    let lab = with([]).await?;
    let wrong = [
        (
            json!({ "rules": [{ "operation": "no_such", "fault": { "kind": "corrupt" } }] }),
            "no_such",
        ),
        (
            json!({ "rules": [{ "probability": 2, "fault": { "kind": "corrupt" } }] }),
            "probability",
        ),
        (
            json!({ "rules": [{ "nth": [0], "fault": { "kind": "corrupt" } }] }),
            "nth",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "status", "status": 99 } }] }),
            "status",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "slow_body", "bytes_per_second": 0 } }] }),
            "bytes_per_second",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "melt" } }] }),
            "melt",
        ),
        (
            json!({ "rules": [{ "often": 1, "fault": { "kind": "corrupt" } }] }),
            "often",
        ),
    ];
    for (plan, word) in wrong {
        let response = send(&lab, "/_emulator/faults", &plan).send().await?;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{plan}");
        let text = response.text().await?;
        assert!(text.contains(word), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_plan_takes_the_place_of_the_one_before() -> TestResult {
    let lab = with([on("task_list", Fault::status(503))]).await?;
    let plan = json!({ "rules": [{ "operation": "task_list", "fault": { "kind": "status", "status": 500 } }] });
    let response = send(&lab, "/_emulator/faults", &plan).send().await?;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(statuses(&lab, 1).await?, [500]);
    lab.sandbox.delete("/_emulator/faults").send().await?;
    assert_eq!(statuses(&lab, 1).await?, [200]);
    Ok(())
}
