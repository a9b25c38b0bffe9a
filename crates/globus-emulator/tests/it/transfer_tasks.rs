//! The life of a task: it runs, is watched, cancelled, expires, survives a restart.

use std::time::Duration;

use globus_test_support::emulator::{Fallible, Lab, TestResult, answer, item, names, tree};
use serde_json::{Value, json};

const MEGABYTE: usize = 1024 * 1024;

/// Slow enough to be watched.
async fn slow() -> Fallible<Lab> {
    let lab = Lab::of(|builder| builder.transfer_rate(4 * 1024 * 1024)).await?;
    lab.write("big", vec![7; 16 * MEGABYTE])?;
    Ok(lab)
}

#[tokio::test]
async fn a_task_is_active_first_and_its_numbers_grow() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_rate(8 * 1024 * 1024)).await?;
    lab.write("big", vec![7; 4 * MEGABYTE])?;
    let task = lab
        .submit_transfer(json!([item("/big", "/big")]), json!({ "label": "watched" }))
        .await?;
    let first = lab.task(&task).await?;
    assert_eq!(
        (&first["status"], &first["is_ok"], &first["nice_status"]),
        (&json!("ACTIVE"), &json!(true), &json!("OK"))
    );
    assert!(first["completion_time"].is_null());
    let bytes = |task: &Value| task["bytes_transferred"].as_u64().unwrap_or_default();
    let early = lab.wait(&task, |task| bytes(task) > 0).await?;
    assert_eq!(early["status"], "ACTIVE");
    let later = lab.wait(&task, |task| bytes(task) > bytes(&early)).await?;
    assert!(bytes(&later) > bytes(&early));
    // Half of a file is nowhere to be seen.
    assert!(!lab.destination("big").exists());
    let last = lab.ended(&task).await?;
    assert_eq!(last["status"], "SUCCEEDED");
    assert_eq!(bytes(&last), 4 * MEGABYTE as u64);
    assert!(
        last["completion_time"].is_string()
            && last["nice_status"].is_null()
            && last["is_ok"].is_null()
    );
    assert_eq!(
        std::fs::read(lab.destination("big"))?,
        vec![7; 4 * MEGABYTE]
    );
    Ok(())
}

#[tokio::test]
async fn a_finished_task_has_every_field_the_clients_read() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("d/a", "12345")?;
    lab.write("b", "123")?;
    let task = lab
        .transfer_all(json!({ "label": "all", "verify_checksum": true }))
        .await?;
    for (field, expected) in [
        ("DATA_TYPE", json!("task")),
        ("type", json!("TRANSFER")),
        ("status", json!("SUCCEEDED")),
        ("label", json!("all")),
        ("source_endpoint_display_name", json!("Instrument")),
        ("destination_endpoint_display_name", json!("Archive")),
        ("files", json!(2)),
        ("files_transferred", json!(2)),
        ("files_skipped", json!(0)),
        ("directories", json!(2)),
        ("symlinks", json!(0)),
        ("bytes_transferred", json!(8)),
        ("bytes_checksummed", json!(8)),
        ("faults", json!(0)),
        ("subtasks_total", json!(5)),
        ("subtasks_succeeded", json!(5)),
        ("subtasks_pending", json!(0)),
        ("subtasks_failed", json!(0)),
        ("verify_checksum", json!(true)),
        ("sync_level", json!(null)),
        ("recursive_symlinks", json!("ignore")),
        ("fatal_error", json!(null)),
        ("is_paused", json!(false)),
        ("history_deleted", json!(false)),
        ("command", json!("API 0.10")),
    ] {
        assert_eq!(task[field], expected, "{field}");
    }
    assert!(
        task["effective_bytes_per_second"]
            .as_u64()
            .is_some_and(|rate| rate > 0)
    );
    Ok(())
}

#[tokio::test]
async fn events_tell_the_story_newest_first() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "12345")?;
    let task = lab.transfer_all(json!({})).await?;
    let events = lab.of_task(&task, "event_list").await?;
    let codes: Vec<_> = events
        .iter()
        .filter_map(|event| event["code"].as_str())
        .collect();
    assert_eq!(codes, ["SUCCEEDED", "PROGRESS", "STARTED"]);
    for event in &events {
        assert_eq!(
            (&event["DATA_TYPE"], &event["is_error"]),
            (&json!("event"), &json!(false))
        );
        assert!(event["description"].is_string() && event["time"].is_string());
        let details: Value = serde_json::from_str(event["details"].as_str().unwrap_or_default())?;
        assert!(details.is_object(), "{event}");
    }
    let id = task["task_id"].as_str().unwrap_or_default();
    let page = lab
        .get(
            &format!("/v0.10/task/{id}/event_list"),
            &[("limit", "1"), ("offset", "1")],
        )
        .await?;
    assert_eq!(
        (page.at("/total"), page.at("/limit"), page.at("/offset")),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(page.at("/DATA/0/code"), "PROGRESS");
    let errors = lab
        .get(
            &format!("/v0.10/task/{id}/event_list"),
            &[("filter", "is_error:1")],
        )
        .await?;
    assert_eq!(errors.at("/total"), 0);
    let everything = lab
        .get(&format!("/v0.10/task/{id}/event_list"), &[("filter", "")])
        .await?;
    assert_eq!(everything.at("/total"), 3);
    Ok(())
}

#[tokio::test]
async fn a_cancelled_task_stops_and_has_failed() -> TestResult {
    let lab = slow().await?;
    let task = lab
        .submit_transfer(json!([item("/big", "/big")]), json!({}))
        .await?;
    lab.wait(&task, |task| task["bytes_transferred"].as_u64() > Some(0))
        .await?;
    let cancelled = lab
        .post(&format!("/v0.10/task/{task}/cancel"), &json!(null))
        .await?;
    assert_eq!(
        (cancelled.status.as_u16(), cancelled.at("/code")),
        (200, &json!("Canceled"))
    );
    let document = lab.task(&task).await?;
    assert_eq!(
        (&document["status"], &document["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("CANCELED"))
    );
    assert!(document["subtasks_canceled"].as_u64() > Some(0) && document["subtasks_pending"] == 0);
    assert_eq!(
        lab.codes(&task).await?.first().map(String::as_str),
        Some("CANCELED")
    );
    // The worker hears of it within a moment, and leaves nothing behind.
    for _ in 0..200 {
        if tree(&lab.destination(""))?.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(tree(&lab.destination(""))?.is_empty());

    let again = lab
        .post(&format!("/v0.10/task/{task}/cancel"), &json!(null))
        .await?;
    assert_eq!(
        (again.status.as_u16(), again.at("/code")),
        (200, &json!("TaskComplete"))
    );
    assert_eq!(
        lab.codes(&task)
            .await?
            .iter()
            .filter(|code| *code == "CANCELED")
            .count(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn a_task_expires_at_its_deadline() -> TestResult {
    let lab = Lab::start().await?;
    let task = lab
        .submit_transfer(json!([item("/missing", "/missing")]), json!({}))
        .await?;
    lab.wait(&task, |task| task["faults"].as_u64() > Some(0))
        .await?;
    lab.sandbox
        .emulator
        .advance_clock(Duration::from_secs(25 * 3600));
    let ended = lab.ended(&task).await?;
    assert_eq!(
        (&ended["status"], &ended["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("EXPIRED"))
    );
    assert!(ended["subtasks_expired"].as_u64() > Some(0));
    assert_eq!(
        lab.codes(&task).await?.first().map(String::as_str),
        Some("EXPIRED")
    );
    let past = json!({ "deadline": "2020-01-01 00:00:00" });
    let task = lab
        .transfer(json!([item("/missing", "/missing")]), past)
        .await?;
    assert_eq!(task["fatal_error"]["code"], "EXPIRED");
    Ok(())
}

#[tokio::test]
async fn a_missing_source_is_tried_again_until_it_is_there() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("there", "x")?;
    let items = json!([item("/late", "/late"), item("/there", "/there")]);
    let task = lab.submit_transfer(items, json!({})).await?;
    let waiting = lab
        .wait(&task, |task| task["faults"].as_u64() >= Some(2))
        .await?;
    assert_eq!(
        (&waiting["status"], &waiting["nice_status"]),
        (&json!("ACTIVE"), &json!("FILE_NOT_FOUND"))
    );
    assert_eq!(
        (&waiting["is_ok"], &waiting["subtasks_retrying"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(waiting["files_transferred"], 1);
    let events = lab
        .get(
            &format!("/v0.10/task/{task}/event_list"),
            &[("filter", "is_error:1")],
        )
        .await?;
    assert_eq!(
        (events.at("/DATA/0/code"), events.at("/DATA/0/is_error")),
        (&json!("FILE_NOT_FOUND"), &json!(true))
    );
    lab.write("late", "now")?;
    let ended = lab.ended(&task).await?;
    assert_eq!(
        (&ended["status"], &ended["files"]),
        (&json!("SUCCEEDED"), &json!(2))
    );
    assert_eq!(std::fs::read_to_string(lab.destination("late"))?, "now");
    Ok(())
}

#[tokio::test]
async fn source_errors_are_skipped_when_asked_to() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "a")?;
    let items = json!([item("/missing", "/missing"), item("/a", "/a")]);
    let task = lab
        .transfer(items, json!({ "skip_source_errors": true }))
        .await?;
    assert_eq!(
        (&task["status"], &task["subtasks_skipped_errors"]),
        (&json!("SUCCEEDED"), &json!(1))
    );
    let skipped = lab.of_task(&task, "skipped_errors").await?;
    assert_eq!(skipped.len(), 1);
    assert_eq!(
        (&skipped[0]["DATA_TYPE"], &skipped[0]["error_code"]),
        (&json!("skipped_error"), &json!("FILE_NOT_FOUND"))
    );
    assert_eq!(skipped[0]["source_path"], "/missing");
    assert_eq!(skipped[0]["is_delete_destination_extra"], false);
    let arrived = lab.of_task(&task, "successful_transfers").await?;
    assert_eq!(arrived.len(), 1);
    assert_eq!(
        (&arrived[0]["source_path"], &arrived[0]["size"]),
        (&json!("/a"), &json!(1))
    );
    let codes = lab
        .codes(task["task_id"].as_str().unwrap_or_default())
        .await?;
    assert_eq!(
        codes,
        ["SUCCEEDED", "PROGRESS", "SKIPPED_ERRORS", "STARTED"]
    );
    Ok(())
}

#[tokio::test]
async fn three_tasks_run_at_once_and_the_rest_wait() -> TestResult {
    let lab = slow().await?;
    let mut tasks = Vec::new();
    for number in 0..5 {
        tasks.push(
            lab.submit_transfer(json!([item("/big", &format!("/{number}"))]), json!({}))
                .await?,
        );
    }
    for task in &tasks[..3] {
        lab.wait(task, |task| task["bytes_transferred"].as_u64() > Some(0))
            .await?;
    }
    for task in &tasks[3..] {
        let document = lab.task(task).await?;
        assert_eq!(
            (&document["status"], &document["nice_status"]),
            (&json!("ACTIVE"), &json!("Queued"))
        );
    }
    lab.post(&format!("/v0.10/task/{}/cancel", tasks[0]), &json!(null))
        .await?;
    lab.wait(&tasks[3], |task| {
        task["bytes_transferred"].as_u64() > Some(0)
    })
    .await?;
    assert_eq!(lab.task(&tasks[4]).await?["nice_status"], "Queued");
    Ok(())
}

#[tokio::test]
async fn label_and_deadline_can_be_changed() -> TestResult {
    let lab = Lab::start().await?;
    let task = lab
        .submit_transfer(json!([item("/missing", "/x")]), json!({}))
        .await?;
    let path = format!("/v0.10/task/{task}");
    let changes =
        json!({ "DATA_TYPE": "task", "label": "new", "deadline": "2999-01-01T00:00:00+00:00" });
    let updated = lab.put(&path, &changes).await?;
    assert_eq!(
        (updated.status.as_u16(), updated.at("/code")),
        (200, &json!("Updated"))
    );
    let document = lab.task(&task).await?;
    assert_eq!(
        (&document["label"], &document["deadline"]),
        (&json!("new"), &json!("2999-01-01T00:00:00+00:00"))
    );
    assert_eq!(
        lab.put(&path, &json!({ "label": " bad" })).await?.status,
        400
    );
    lab.put(&path, &json!({ "deadline": "2020-01-01" })).await?;
    assert_eq!(lab.ended(&task).await?["fatal_error"]["code"], "EXPIRED");
    assert_eq!(
        lab.put(&path, &json!({ "deadline": "2999-01-01" }))
            .await?
            .status,
        409
    );
    assert_eq!(
        lab.put(&path, &json!({ "label": "late" })).await?.status,
        200
    );
    let pause = lab.get(&format!("{path}/pause_info"), &[]).await?;
    assert_eq!(
        (pause.at("/DATA_TYPE"), pause.at("/pause_rules")),
        (&json!("pause_info_limited"), &json!([]))
    );
    Ok(())
}

#[tokio::test]
async fn a_transfer_goes_on_after_a_restart() -> TestResult {
    let data = tempfile::tempdir()?;
    let durable = |builder: globus_emulator::EmulatorBuilder| builder.data_dir(data.path());
    let lab =
        Lab::of(|builder| durable(builder).transfer_file_delay(Duration::from_millis(20))).await?;
    for number in 0..40 {
        lab.write(&format!("tree/{number}"), format!("{number}"))?;
    }
    let task = lab
        .submit_transfer(json!([item("/", "/")]), json!({}))
        .await?;
    let before = lab
        .wait(&task, |task| task["files_transferred"].as_u64() > Some(3))
        .await?;
    assert_eq!(before["status"], "ACTIVE");

    let lab = lab.restart(durable).await?;
    let after = lab.ended(&task).await?;
    assert_eq!(
        (
            &after["status"],
            &after["files"],
            &after["files_transferred"]
        ),
        (&json!("SUCCEEDED"), &json!(40), &json!(40))
    );
    assert_eq!(tree(&lab.source(""))?, tree(&lab.destination(""))?);
    let arrived = lab.of_task(&after, "successful_transfers").await?;
    let paths: std::collections::BTreeSet<_> = arrived
        .iter()
        .map(|one| one["source_path"].to_string())
        .collect();
    assert_eq!((arrived.len(), paths.len()), (40, 40));
    assert_eq!(
        lab.codes(&task)
            .await?
            .iter()
            .filter(|code| *code == "STARTED")
            .count(),
        1
    );
    assert_eq!(
        names(&tree(&lab.destination(""))?)
            .iter()
            .filter(|name| name.contains(".part"))
            .count(),
        0
    );
    Ok(())
}

#[tokio::test]
async fn a_task_that_has_ended_can_be_removed() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "1")?;
    let submission = lab.submission_id().await?;
    let id = json!({ "submission_id": submission });
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), id.clone())
        .await?;
    let kept = lab
        .submit_transfer(json!([item("/a", "/b")]), json!({}))
        .await?;
    lab.ended(&task).await?;
    lab.ended(&kept).await?;
    let path = format!("/v0.10/task/{task}");
    let removed = lab.post(&format!("{path}/remove"), &json!(null)).await?;
    assert_eq!(
        (removed.status.as_u16(), removed.at("/code")),
        (200, &json!("Removed"))
    );
    for gone in [
        lab.get(&path, &[]).await?,
        lab.get(&format!("{path}/event_list"), &[]).await?,
        lab.get(&format!("{path}/successful_transfers"), &[])
            .await?,
        lab.post(&format!("{path}/remove"), &json!(null)).await?,
    ] {
        assert_eq!(gone.status, 404, "{gone:?}");
    }
    let list = lab.get("/v0.10/task_list", &[]).await?;
    assert_eq!(
        (list.at("/total"), list.at("/DATA/0/task_id")),
        (&json!(1), &json!(kept))
    );
    // What it moved stays, and its submission id does not run again.
    assert!(lab.destination("a").exists());
    let again = lab.try_transfer(json!([item("/a", "/c")]), id).await?;
    assert_eq!(again.at("/code"), "Duplicate");
    assert!(!lab.destination("c").exists());
    Ok(())
}

#[tokio::test]
async fn a_task_that_is_active_or_anothers_is_not_removed() -> TestResult {
    let lab = Lab::of(|builder| {
        builder
            .transfer_rate(1)
            .other_user("ada@x.org", "Ada", "a@x.org")
    })
    .await?;
    lab.write("big", vec![7; MEGABYTE])?;
    let task = lab
        .submit_transfer(json!([item("/big", "/big")]), json!({}))
        .await?;
    let path = format!("/v0.10/task/{task}/remove");
    let refused = lab.post(&path, &json!(null)).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (409, &json!("ClientError.Conflict"))
    );
    assert_eq!(lab.task(&task).await?["status"], "ACTIVE");
    let token = lab.login("ada@x.org").await?;
    let request = lab.sandbox.post(&path).bearer_auth(token);
    assert_eq!(answer(request).await?.status, 404);
    Ok(())
}
