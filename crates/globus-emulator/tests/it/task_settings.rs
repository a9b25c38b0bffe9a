//! How fast tasks are and how much collections hold: from within, and by the control API.

use std::time::{Duration, Instant};

use globus_emulator::{Emulator, TaskFault, TaskFaultKind, Uuid};
use globus_test_support::emulator::{Answer, DESTINATION, Fallible, Lab, TestResult, item};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Asks the control API; an answer without a body is null.
async fn control(lab: &Lab, method: Method, path: &str, body: &Value) -> Fallible<Answer> {
    let url = lab.sandbox.url(&format!("/_emulator/{path}"));
    let response = lab.sandbox.http.request(method, url).json(body);
    let response = response.send().await?;
    let status = response.status();
    let text = response.text().await?;
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text)?,
    };
    Ok(Answer { status, body })
}

async fn change(lab: &Lab, settings: &Value) -> Fallible<Answer> {
    control(lab, Method::PATCH, "task-settings", settings).await
}

async fn submit(lab: &Lab, size: usize) -> Fallible<String> {
    lab.write("a", vec![7; size])?;
    lab.submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await
}

async fn cancel(lab: &Lab, task: &str) -> Fallible<Answer> {
    lab.post(&format!("/v0.10/task/{task}/cancel"), &json!(null))
        .await
}

#[tokio::test]
async fn bytes_per_second_are_those_of_the_emulators_clock() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(1_000)).await?;
    let task = submit(&lab, 100_000).await?;
    let bytes = |task: &Value| task["bytes_transferred"].as_u64() > Some(0);
    assert_eq!(lab.wait(&task, bytes).await?["status"], "ACTIVE");
    lab.sandbox.emulator.advance_clock(Duration::from_secs(100));
    let task = lab.ended(&task).await?;
    let rate = task["effective_bytes_per_second"]
        .as_u64()
        .ok_or("no rate")?;
    // whole seconds: of a hundred, and of what the test itself takes
    assert!((500..=1_010).contains(&rate), "{rate}");
    Ok(())
}

#[tokio::test]
async fn a_slow_task_follows_when_its_rate_is_changed() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(10)).await?;
    let task = submit(&lab, 1_000_000).await?;
    lab.wait(&task, |task| task["bytes_transferred"].as_u64() > Some(0))
        .await?;
    let changed = change(&lab, &json!({ "bytes_per_second": null })).await?;
    assert_eq!(changed.at("/bytes_per_second"), &json!(null));
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn idle_time_gives_a_task_no_bytes_in_advance() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(10)).await?;
    let stall = json!({ "kind": "stall", "after_bytes": 1, "max_fires": 1 });
    control(&lab, Method::POST, "task-faults", &stall).await?;
    let task = submit(&lab, 1_000).await?;
    let emulator = &lab.sandbox.emulator;
    while emulator.task_faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    emulator.advance_clock(Duration::from_secs(3600));
    emulator.clear_task_faults();
    let more = lab
        .wait(&task, |task| task["bytes_transferred"].as_u64() > Some(1))
        .await?;
    assert_eq!(more["status"], "ACTIVE");
    cancel(&lab, &task).await?;
    Ok(())
}

#[tokio::test]
async fn a_task_begins_after_the_start_delay() -> TestResult {
    let lab = Lab::start().await?;
    change(&lab, &json!({ "start_delay_seconds": 3600 })).await?;
    let task = submit(&lab, 5).await?;
    lab.sandbox
        .emulator
        .advance_clock(Duration::from_secs(3500));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(lab.codes(&task).await?.is_empty(), "it has begun");
    lab.sandbox.emulator.advance_clock(Duration::from_secs(100));
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_delayed_task_can_be_cancelled_and_does_nothing() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_start_delay(Duration::from_secs(3600))).await?;
    let task = submit(&lab, 5).await?;
    cancel(&lab, &task).await?;
    assert_eq!(lab.task(&task).await?["fatal_error"]["code"], "CANCELED");
    lab.sandbox.emulator.wait_until_idle().await?;
    lab.sandbox
        .emulator
        .advance_clock(Duration::from_secs(3600));
    assert_eq!(lab.codes(&task).await?, ["CANCELED"]);
    assert!(!lab.destination("a").exists());
    Ok(())
}

#[tokio::test]
async fn a_start_delay_is_not_waited_for_twice() -> TestResult {
    let hour = Duration::from_secs(3600);
    let mut lab = Lab::of(|builder| builder.transfer_start_delay(hour)).await?;
    lab.as_local_user().await?;
    let task = submit(&lab, 5).await?;
    // taken up anew by another worker, after half of the time
    lab.sandbox.emulator.advance_clock(hour / 2);
    let snapshot = lab.sandbox.emulator.snapshot().await?;
    lab.sandbox.emulator.restore(snapshot).await?;
    lab.sandbox.emulator.advance_clock(hour / 2);
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_task_goes_on_when_the_quota_of_all_is_raised() -> TestResult {
    let lab = Lab::of(|builder| builder.quota(10)).await?;
    let task = submit(&lab, 11).await?;
    let waiting = lab
        .wait(&task, |task| task["faults"].as_u64() > Some(0))
        .await?;
    assert_eq!(
        (&waiting["status"], &waiting["nice_status"]),
        (&json!("ACTIVE"), &json!("QUOTA_EXCEEDED"))
    );
    change(&lab, &json!({ "quota": 11 })).await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_quota_of_its_own_outranks_that_of_all() -> TestResult {
    let lab = Lab::of(|builder| builder.quota(1_000).collection_quota(DESTINATION, 10)).await?;
    let path = format!("collections/{DESTINATION}/quota");
    let task = submit(&lab, 11).await?;
    lab.wait(&task, |task| task["faults"].as_u64() > Some(0))
        .await?;
    let changed = control(&lab, Method::PUT, &path, &json!({ "bytes": null })).await?;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    let missing = format!("collections/{}/quota", Uuid::nil());
    let missing = control(&lab, Method::PUT, &missing, &json!({ "bytes": 1 })).await?;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn a_reset_brings_settings_and_quotas_back() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(7)).await?;
    let emulator = &lab.sandbox.emulator;
    change(&lab, &json!({ "bytes_per_second": 8, "quota": 1 })).await?;
    emulator.set_quota(DESTINATION, Some(0))?;
    let snapshot = emulator.snapshot().await?;
    emulator.reset().await?;
    let settings = emulator.task_settings();
    assert_eq!((settings.bytes_per_second, settings.quota), (Some(7), None));
    // a snapshot has the quotas of collections, and no settings
    emulator.restore(snapshot).await?;
    assert_eq!(emulator.task_settings().bytes_per_second, Some(7));
    Ok(())
}

#[tokio::test]
async fn settings_that_are_not_named_stay_as_they_are() -> TestResult {
    let lab = Lab::of(|builder| builder.quota(1_000)).await?;
    let changed = change(&lab, &json!({ "start_delay_seconds": 0.5 })).await?;
    assert_eq!(changed.status, StatusCode::OK);
    let url = lab.sandbox.url("/_emulator/task-settings");
    let shown: Value = lab.sandbox.http.get(url).send().await?.json().await?;
    assert_eq!(
        shown,
        json!({ "bytes_per_second": null, "start_delay_seconds": 0.5, "file_delay_seconds": 0.0,
                "retry_delay_seconds": 0.05, "quota": 1_000 })
    );
    Ok(())
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() -> TestResult {
    let lab = Lab::start().await?;
    for (settings, why) in [
        (json!({ "bytes_per_second": 0 }), "at least 1"),
        (json!({ "bytes_per_second": -5 }), "-5"),
        (json!({ "start_delay_seconds": -1 }), "at least 0"),
        (json!({ "quota": "much" }), "much"),
        (json!({ "speed": 1 }), "speed"),
        (json!([1]), "map"),
    ] {
        let refused = change(&lab, &settings).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{settings}");
        let message = refused.text_at("/error")?;
        assert!(
            message.contains(why) && !message.contains('\n'),
            "{message}"
        );
    }
    let slow = Emulator::builder().transfer_rate(0).start().await;
    assert!(slow.is_err());
    let unknown = Emulator::builder().collection_quota(Uuid::nil(), 1);
    assert!(unknown.start().await.is_err());
    Ok(())
}

#[tokio::test]
async fn rules_are_added_counted_and_removed_by_the_control_api() -> TestResult {
    let lab = Lab::start().await?;
    let rule = json!({ "kind": "connection_reset", "path": "/a", "max_fires": 1 });
    let added = control(&lab, Method::POST, "task-faults", &rule).await?;
    assert_eq!(added.status, StatusCode::CREATED);
    let task = submit(&lab, 5).await?;
    lab.ended(&task).await?;
    let list = control(&lab, Method::GET, "task-faults", &json!(null)).await?;
    assert_eq!(
        list.body,
        json!([{ "id": added.at("/id"), "fault": rule, "fired": 1 }])
    );
    let path = format!("task-faults/{}", added.at("/id"));
    for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let removed = control(&lab, Method::DELETE, &path, &json!(null)).await?;
        assert_eq!(removed.status, expected);
    }
    control(&lab, Method::POST, "task-faults", &rule).await?;
    control(&lab, Method::DELETE, "task-faults", &json!(null)).await?;
    assert!(lab.sandbox.emulator.task_faults().is_empty());
    Ok(())
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused() -> TestResult {
    let lab = Lab::start().await?;
    for (rule, why) in [
        (json!({}), "kind"),
        (json!({ "kind": "explosion" }), "explosion"),
        (json!({ "kind": "stall", "after_files": -1 }), "-1"),
        (json!({ "kind": "stall", "seconds": -1 }), "at least 0"),
        (json!({ "kind": "stall", "path": "in/**" }), "begin with /"),
        (json!({ "kind": "stall", "collection": "x" }), "collection"),
        (json!({ "kind": "stall", "color": "red" }), "color"),
    ] {
        let refused = control(&lab, Method::POST, "task-faults", &rule).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{rule}");
        let message = refused.text_at("/error")?;
        assert!(
            message.contains(why) && !message.contains('\n'),
            "{message}"
        );
    }
    assert!(lab.sandbox.emulator.task_faults().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_retry_delay_of_zero_does_not_let_a_task_spin() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_retry_delay(Duration::ZERO)).await?;
    let began = Instant::now();
    let items = json!([item("/absent", "/absent")]);
    let task = lab.submit_transfer(items, json!({})).await?;
    lab.wait(&task, |task| task["faults"].as_u64() > Some(4))
        .await?;
    // 10, 20, 40 and 80 ms
    assert!(began.elapsed() >= Duration::from_millis(150));
    Ok(())
}

#[tokio::test]
async fn a_task_that_rests_follows_when_the_rest_is_changed() -> TestResult {
    let hour = Duration::from_secs(3600);
    let lab = Lab::of(|builder| builder.transfer_file_delay(hour)).await?;
    let task = submit(&lab, 5).await?;
    lab.wait(&task, |task| task["files_transferred"] == 1)
        .await?;
    change(&lab, &json!({ "file_delay_seconds": 0 })).await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_rate_that_begins_and_ends_in_a_file_is_followed() -> TestResult {
    let lab = Lab::start().await?;
    let stall = json!({ "kind": "stall", "after_bytes": 1 });
    control(&lab, Method::POST, "task-faults", &stall).await?;
    let task = submit(&lab, 200_000).await?;
    let copied = |bytes| move |task: &Value| task["bytes_transferred"].as_u64() > Some(bytes);
    lab.wait(&task, copied(0)).await?;
    while lab.sandbox.emulator.task_faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    change(&lab, &json!({ "bytes_per_second": 10 })).await?;
    lab.sandbox.emulator.clear_task_faults();
    lab.wait(&task, copied(1)).await?;
    change(&lab, &json!({ "bytes_per_second": null })).await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn the_longest_delay_is_one_as_json_as_well() -> TestResult {
    let longest = Duration::MAX;
    let lab = Lab::of(|builder| builder.transfer_start_delay(longest)).await?;
    let changed = change(&lab, &json!({ "file_delay_seconds": 1e30 })).await?;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let emulator = &lab.sandbox.emulator;
    let settings = emulator.task_settings();
    assert_eq!(
        (settings.start_delay, settings.file_delay),
        (longest, longest)
    );
    let stall = TaskFault::new(TaskFaultKind::Stall).duration(longest);
    emulator.inject_task_fault(stall)?;
    Ok(())
}
