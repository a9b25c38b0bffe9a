//! How much one user may do at a time: what is queued, what is refused, and how that is set.

use std::time::Duration;

use globus_emulator::{Limits, TaskFault, TaskFaultKind};
use globus_test_support::emulator::{
    Answer, DESTINATION, Fallible, Lab, SOURCE, TestResult, answer, item, told,
};
use reqwest::Method;
use serde_json::{Value, json};

/// A lab whose tasks stay queued until the limits are raised.
async fn stopped(limits: Limits) -> Fallible<Lab> {
    let limits = limits.running_transfers(0).running_deletes(0);
    Lab::of(|builder| builder.limits(limits)).await
}

/// Submits a transfer of a path that no other transfer has.
async fn submit_numbered(lab: &Lab, number: usize) -> Fallible<Answer> {
    let path = format!("/{number}");
    lab.try_transfer(json!([item(&path, &path)]), json!({}))
        .await
}

async fn count_running(lab: &Lab, tasks: &[String]) -> Fallible<usize> {
    let mut running = 0;
    for task in tasks {
        running += usize::from(lab.task(task).await?["nice_status"] == "OK");
    }
    Ok(running)
}

async fn limits(lab: &Lab, method: Method, body: Option<Value>) -> Fallible<Answer> {
    let request = lab.request(method, "/_emulator/limits");
    answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn three_transfers_and_three_deletes_are_worked_on() -> TestResult {
    // they all wait for the clock, with their places taken
    let hour = Duration::from_secs(3600);
    let lab = Lab::of(|builder| builder.transfer_start_delay(hour)).await?;
    let mut transfers = Vec::new();
    let mut deletes = Vec::new();
    for name in ["/1", "/2", "/3", "/4"] {
        lab.write(&name[1..], "x")?;
        let items = json!([item(name, name)]);
        transfers.push(lab.submit_transfer(items, json!({})).await?);
        let absent = ["/absent"];
        let options = json!({ "ignore_missing": true });
        deletes.push(lab.submit_delete(&absent, options).await?);
    }
    for tasks in [&transfers, &deletes] {
        assert_eq!(count_running(&lab, tasks).await?, 3);
        let fourth = lab.task(&tasks[3]).await?;
        assert_eq!(
            (&fourth["status"], &fourth["nice_status"]),
            (&json!("ACTIVE"), &json!("Queued"))
        );
    }
    // once one has ended, the fourth has its place
    let cancel = format!("/v0.10/task/{}/cancel", transfers[0]);
    lab.post(&cancel, &json!({})).await?;
    lab.wait(&transfers[3], |task| task["nice_status"] == "OK")
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_task_that_waits_to_try_again_gives_its_place_to_another() -> TestResult {
    let limits = Limits::default().running_transfers(1);
    let lab = Lab::of(|builder| builder.limits(limits)).await?;
    lab.write("there", "x")?;
    let failing = lab
        .submit_transfer(json!([item("/absent", "/absent")]), json!({}))
        .await?;
    let other = lab
        .transfer(json!([item("/there", "/there")]), json!({}))
        .await?;
    assert_eq!(other["status"], "SUCCEEDED");
    assert_eq!(lab.task(&failing).await?["status"], "ACTIVE");
    lab.write("absent", "x")?;
    assert_eq!(lab.ended(&failing).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn one_users_queue_keeps_nobody_elses_waiting() -> TestResult {
    let hour = Duration::from_secs(3600);
    let mut lab = Lab::of(|builder| builder.transfer_start_delay(hour)).await?;
    for number in 0..10 {
        submit_numbered(&lab, number).await?;
    }
    lab.as_local_user().await?;
    let task = lab
        .submit_transfer(json!([item("/a", "/b")]), json!({}))
        .await?;
    lab.wait(&task, |task| task["nice_status"] == "OK").await?;
    Ok(())
}

#[tokio::test]
async fn of_one_user_a_hundred_tasks_are_taken_and_no_more() -> TestResult {
    let mut lab = stopped(Limits::default()).await?;
    for number in 0..99 {
        assert_eq!(submit_numbered(&lab, number).await?.status, 202);
    }
    let hundredth = lab.submit_delete(&["/x"], json!({})).await?;
    let refused = submit_numbered(&lab, 100).await?;
    let code = "ClientError.Conflict.TooManyPendingJobs";
    assert_eq!(told(&refused), (409, code));
    let refused = lab.try_delete(&["/y"], json!({})).await?;
    assert_eq!(told(&refused), (409, code));

    // there is a place for one as soon as one has ended
    lab.post(&format!("/v0.10/task/{hundredth}/cancel"), &json!({}))
        .await?;
    assert_eq!(submit_numbered(&lab, 101).await?.status, 202);
    // and another user has a queue of their own
    lab.as_local_user().await?;
    assert_eq!(submit_numbered(&lab, 102).await?.status, 202);
    Ok(())
}

#[tokio::test]
async fn a_refused_submission_may_be_sent_again_under_its_id() -> TestResult {
    let lab = stopped(Limits::default().pending_tasks(1)).await?;
    let first = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    let id = lab.submission_id().await?;
    let submit = || lab.try_transfer(json!([item("/b", "/b")]), json!({ "submission_id": id }));
    assert_eq!(submit().await?.status, 409);
    lab.post(&format!("/v0.10/task/{first}/cancel"), &json!({}))
        .await?;
    let taken = submit().await?;
    assert_eq!(taken.at("/code"), "Accepted");
    // it is a duplicate now, though the queue is full again and the paths are its own
    let again = submit().await?;
    assert_eq!(again.status, 200);
    assert_eq!(again.at("/code"), "Duplicate");
    assert_eq!(again.at("/task_id"), taken.at("/task_id"));
    Ok(())
}

#[tokio::test]
async fn identical_paths_are_refused_until_the_first_has_ended() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    let items = || json!([item("/a", "/b"), item("/c", "/d")]);
    let first = lab.submit_transfer(items(), json!({})).await?;
    let refused = lab
        .try_transfer(items(), json!({ "label": "again" }))
        .await?;
    assert_eq!(told(&refused), (409, "Conflict"));
    assert_eq!(
        refused.at("/message"),
        "A transfer with identical paths has not yet completed"
    );
    lab.post(&format!("/v0.10/task/{first}/cancel"), &json!({}))
        .await?;
    assert_eq!(lab.try_transfer(items(), json!({})).await?.status, 202);
    Ok(())
}

#[tokio::test]
async fn identical_are_paths_and_not_options_or_order() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    let pair = |first, second| json!([item(first, "/1"), item(second, "/2")]);
    lab.submit_transfer(pair("/a", "/b"), json!({})).await?;
    let reordered = json!([item("/b", "/2"), item("/a", "/1")]);
    let options = json!({ "sync_level": 3, "verify_checksum": true });
    let refused = lab.try_transfer(reordered, options).await?;
    assert_eq!(told(&refused), (409, "Conflict"));
    let swapped = json!({ "source_endpoint": DESTINATION, "destination_endpoint": SOURCE });
    for (items, extra) in [
        (pair("/b", "/a"), json!({})),
        (json!([item("/a", "/1")]), json!({})),
        (pair("/a", "/b"), swapped),
    ] {
        let answer = lab.try_transfer(items, extra).await?;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn identical_deletes_are_taken() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    lab.submit_delete(&["/a"], json!({})).await?;
    lab.submit_delete(&["/a"], json!({})).await?;
    Ok(())
}

#[tokio::test]
async fn two_requests_with_one_submission_id_are_one_task() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    let id = lab.submission_id().await?;
    let submit = || lab.try_transfer(json!([item("/a", "/a")]), json!({ "submission_id": id }));
    let (one, other) = tokio::join!(submit(), submit());
    let (one, other) = (one?, other?);
    assert_eq!(one.at("/task_id"), other.at("/task_id"));
    Ok(())
}

#[tokio::test]
async fn user_over_the_rate_limit_is_refused_until_the_next_period() -> TestResult {
    let mut lab = Lab::start().await?;
    let (emulator, path) = (&lab.sandbox.emulator, "/v0.10/task_list");
    let limits = Limits::default().requests_per_second(1).rate_period(3);
    emulator.set_limits(limits.rate_period(3600).requests_per_second(0));
    assert_eq!(lab.get(path, &[]).await?.status, 429);
    emulator.set_limits(limits);
    for _ in 0..3 {
        assert_eq!(lab.get(path, &[]).await?.status, 200);
    }
    let refused = lab.request(Method::GET, path).send().await?;
    assert!(refused.headers().get("retry-after").is_none());
    assert_eq!(refused.status(), 429);
    let document: Value = refused.json().await?;
    assert_eq!(document["code"], "TooManyRequests");
    lab.sandbox.emulator.advance_clock(Duration::from_secs(3));
    assert_eq!(lab.get(path, &[]).await?.status, 200);
    // others are counted apart
    lab.as_local_user().await?;
    assert_eq!(lab.get(path, &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_change_of_other_limits_keeps_the_count_of_requests() -> TestResult {
    let rate = Limits::default().requests_per_second(1).rate_period(20);
    let lab = Lab::of(|builder| builder.limits(rate)).await?;
    let path = "/v0.10/submission_id";
    for _ in 0..20 {
        assert_eq!(lab.get(path, &[]).await?.status, 200);
    }
    assert_eq!(lab.get(path, &[]).await?.status, 429);
    limits(&lab, Method::PATCH, Some(json!({ "pending_tasks": 1 }))).await?;
    assert_eq!(lab.get(path, &[]).await?.status, 429);
    // another rate counts anew
    limits(&lab, Method::PATCH, Some(json!({ "rate_period": 30 }))).await?;
    assert_eq!(lab.get(path, &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_rate_period_of_no_seconds_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    for method in [Method::PATCH, Method::PUT] {
        let refused = limits(&lab, method, Some(json!({ "rate_period": 0 }))).await?;
        assert_eq!(refused.status, 400);
        let message = refused.text_at("/error")?;
        assert!(
            message.contains("rate_period must be at least 1"),
            "{message}"
        );
    }
    assert_eq!(Limits::default().rate_period(0).rate_period, 1);
    Ok(())
}

#[tokio::test]
async fn the_rate_limit_is_transfers_alone() -> TestResult {
    let lab = Lab::of(|builder| builder.limits(Limits::default().requests_per_second(0))).await?;
    assert_eq!(lab.get("/v0.10/task_list", &[]).await?.status, 429);
    for path in ["/_emulator/health", "/jwk.json"] {
        assert_eq!(lab.get(path, &[]).await?.status, 200, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn there_is_no_rate_limit_unless_asked_for() -> TestResult {
    let lab = Lab::start().await?;
    for _ in 0..250 {
        assert_eq!(lab.get("/v0.10/submission_id", &[]).await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn limits_are_shown_and_changed_by_the_control_api() -> TestResult {
    let lab = Lab::of(|builder| builder.limits(Limits::default().pending_tasks(7))).await?;
    let shown = limits(&lab, Method::GET, None).await?;
    let all = json!({
        "running_transfers": 3, "running_deletes": 3, "pending_tasks": 7,
        "allow_identical_paths": false, "requests_per_second": null, "rate_period": 10,
    });
    assert_eq!(shown.body, all);
    let change = json!({ "running_transfers": null, "requests_per_second": 500 });
    let changed = limits(&lab, Method::PATCH, Some(change)).await?;
    assert_eq!(changed.at("/running_transfers"), &Value::Null);
    assert_eq!(changed.at("/pending_tasks"), 7);
    let replaced = limits(&lab, Method::PUT, Some(json!({ "running_deletes": 1 }))).await?;
    assert_eq!(replaced.at("/pending_tasks"), 100);
    assert_eq!(replaced.body, limits(&lab, Method::GET, None).await?.body);
    for (method, wrong) in [
        (Method::PATCH, json!({ "pending": 1 })),
        (Method::PUT, json!({ "pending_tasks": -1 })),
    ] {
        let refused = limits(&lab, method, Some(wrong)).await?;
        assert_eq!(refused.status, 400);
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_goes_back_to_the_limits_of_the_start() -> TestResult {
    let lab = Lab::of(|builder| builder.limits(Limits::default().pending_tasks(7))).await?;
    lab.sandbox.emulator.set_limits(Limits::none());
    lab.sandbox.emulator.reset().await?;
    let limits = lab.sandbox.emulator.limits();
    assert_eq!(limits, Limits::default().pending_tasks(7));
    Ok(())
}

#[tokio::test]
async fn a_queued_task_goes_on_when_the_limit_is_raised() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    lab.write("a", "x")?;
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    assert_eq!(lab.task(&task).await?["nice_status"], "Queued");
    limits(&lab, Method::PATCH, Some(json!({ "running_transfers": 1 }))).await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn stalled_tasks_keep_neither_listings_nor_a_reset_waiting() -> TestResult {
    // more tasks than the runtime has threads for blocking work
    const TASKS: usize = 520;
    let stall = TaskFault::new(TaskFaultKind::Stall);
    let lab = Lab::of(|builder| builder.limits(Limits::none()).task_fault(stall)).await?;
    lab.write("a", "x")?;
    for number in 0..TASKS {
        let items = json!([item("/a", &format!("/{number}"))]);
        lab.submit_transfer(items, json!({})).await?;
    }
    let emulator = &lab.sandbox.emulator;
    let mut stalled = 0;
    while stalled < 256 || stalled != emulator.task_faults()[0].fired {
        stalled = emulator.task_faults()[0].fired;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let patience = Duration::from_secs(10);
    let listing = tokio::time::timeout(patience, lab.look("ls", &[])).await;
    assert_eq!(listing??.status, 200);
    tokio::time::timeout(patience, emulator.reset()).await??;
    Ok(())
}

#[tokio::test]
async fn a_task_that_waits_for_its_place_goes_on_where_it_was() -> TestResult {
    let hour = Duration::from_secs(3600);
    let limits = Limits::default().running_deletes(1);
    let fault = |kind| TaskFault::new(kind).max_fires(1);
    let denied = fault(TaskFaultKind::PermissionDenied).path("/b");
    let stall = fault(TaskFaultKind::Stall).path("/other");
    let lab = Lab::of(|builder| {
        let builder = builder.limits(limits).transfer_retry_delay(hour);
        builder.task_fault(denied).task_fault(stall)
    })
    .await?;
    for name in ["a", "b", "other"] {
        lab.write(name, "x")?;
    }
    let task = lab.submit_delete(&["/a", "/b"], json!({})).await?;
    lab.wait(&task, |task| task["faults"] == 1).await?;
    let other = lab.submit_delete(&["/other"], json!({})).await?;
    // while the other has the place, the delay of the first passes
    let emulator = &lab.sandbox.emulator;
    while emulator.task_faults()[1].fired == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    emulator.advance_clock(hour);
    tokio::time::sleep(Duration::from_millis(50)).await;
    std::fs::remove_file(lab.source("b"))?;
    emulator.clear_task_faults();
    assert_eq!(lab.ended(&other).await?["status"], "SUCCEEDED");
    // as without the other task
    let task = lab.ended(&task).await?;
    assert_eq!(task["fatal_error"]["code"], "FILE_NOT_FOUND");
    assert_eq!(task["files"], 1);
    Ok(())
}

#[tokio::test]
async fn tasks_that_the_limits_hold_up_are_not_waited_for() -> TestResult {
    let lab = stopped(Limits::default()).await?;
    submit_numbered(&lab, 1).await?;
    lab.submit_delete(&["/x"], json!({})).await?;
    let idle = lab.sandbox.emulator.wait_until_idle();
    tokio::time::timeout(Duration::from_secs(10), idle).await??;
    // they are as soon as there is a place for one of them
    let limits = lab.sandbox.emulator.limits().running_deletes(1);
    lab.sandbox.emulator.set_limits(limits);
    lab.sandbox.emulator.wait_until_idle().await?;
    let filter = [("filter", "type:DELETE/status:ACTIVE")];
    let active = lab.get("/v0.10/task_list", &filter).await?;
    assert_eq!(active.at("/total"), 0);
    Ok(())
}
