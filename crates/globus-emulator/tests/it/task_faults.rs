//! Tasks that fail, or hang, on purpose: what becomes of them, and what their events say.

use std::time::Duration;

use globus_emulator::{TaskFault, TaskFaultKind, TaskSide, TaskType};
use globus_test_support::emulator::{
    DESTINATION, Fallible, Lab, SOURCE, TestResult, item, names, tree,
};
use serde_json::{Value, json};

/// A lab with this rule, and files `a` to `e` of five bytes each.
async fn with(fault: TaskFault) -> Fallible<Lab> {
    let lab = Lab::of(|builder| builder.task_fault(fault)).await?;
    for name in ["a", "b", "c", "d", "e"] {
        lab.write(&format!("in/{name}"), "12345")?;
    }
    Ok(lab)
}

async fn submit_folder(lab: &Lab, extra: Value) -> Fallible<String> {
    lab.submit_transfer(json!([item("/in/", "/out/")]), extra)
        .await
}

/// Waits until a task has met errors.
async fn failing(lab: &Lab, task: &str) -> Fallible<Value> {
    lab.wait(task, |task| task["faults"].as_u64() > Some(0))
        .await
}

/// Waits until a rule has happened.
async fn fired(lab: &Lab) -> TestResult {
    for _ in 0..2_000 {
        if lab.sandbox.emulator.task_faults()[0].fired > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err("the rule never happened".into())
}

async fn errors(lab: &Lab, task: &Value) -> Fallible<Vec<Value>> {
    let mut events = lab.of_task(task, "event_list").await?;
    events.retain(|event| event["is_error"] == true);
    Ok(events)
}

#[tokio::test]
async fn each_error_is_an_event_and_is_tried_again() -> TestResult {
    for (kind, code, description, side) in [
        (
            TaskFaultKind::PermissionDenied,
            "PERMISSION_DENIED",
            "Permission denied",
            "source",
        ),
        (
            TaskFaultKind::FileNotFound,
            "FILE_NOT_FOUND",
            "No such file or directory",
            "source",
        ),
        (
            TaskFaultKind::ConnectionReset,
            "CONNECTION_RESET",
            "Connection reset",
            "source",
        ),
        (
            TaskFaultKind::ChecksumMismatch,
            "VERIFY_CHECKSUM",
            "Checksum verification failed",
            "destination",
        ),
    ] {
        let lab = with(TaskFault::new(kind).path("/in/c").max_fires(2)).await?;
        let task = submit_folder(&lab, json!({ "verify_checksum": true })).await?;
        let task = lab.ended(&task).await?;
        assert_eq!(task["status"], "SUCCEEDED", "{code}");
        assert_eq!(
            (&task["faults"], &task["files_transferred"]),
            (&json!(2), &json!(5)),
            "{code}"
        );
        let errors = errors(&lab, &task).await?;
        assert_eq!(errors.len(), 2, "{code}");
        for event in &errors {
            assert_eq!(
                (&event["code"], &event["description"]),
                (&json!(code), &json!(description))
            );
            let details: Value = serde_json::from_str(event["details"].as_str().unwrap_or(""))?;
            assert_eq!(details["context"][0]["side"], side, "{code}");
        }
        assert_eq!(std::fs::read(lab.destination("out/c"))?, b"12345");
        assert_eq!(lab.sandbox.emulator.task_faults()[0].fired, 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_failing_task_is_active_and_says_why() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::ConnectionReset).path("/in/c")).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let failing = failing(&lab, &task).await?;
    for (field, expected) in [
        ("status", json!("ACTIVE")),
        ("nice_status", json!("CONNECTION_RESET")),
        ("nice_status_short_description", json!("Connection reset")),
        ("is_ok", json!(false)),
        ("fatal_error", json!(null)),
        ("files_transferred", json!(4)),
        ("subtasks_retrying", json!(1)),
    ] {
        assert_eq!(failing[field], expected, "{field}");
    }
    lab.sandbox.emulator.clear_task_faults();
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_task_that_keeps_failing_expires() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::PermissionDenied).path("/in/c")).await?;
    let items = json!([item("/in/c", "/c")]);
    let task = lab.submit_transfer(items, json!({})).await?;
    failing(&lab, &task).await?;
    let day = Duration::from_secs(25 * 3600);
    lab.sandbox.emulator.advance_clock(day);
    let task = lab.ended(&task).await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("EXPIRED"))
    );
    Ok(())
}

#[tokio::test]
async fn errors_at_the_source_can_be_skipped() -> TestResult {
    for kind in [TaskFaultKind::PermissionDenied, TaskFaultKind::FileNotFound] {
        let lab = with(TaskFault::new(kind).path("/in/[bd]")).await?;
        let task = submit_folder(&lab, json!({ "skip_source_errors": true })).await?;
        let task = lab.ended(&task).await?;
        assert_eq!(
            (&task["status"], &task["subtasks_skipped_errors"]),
            (&json!("SUCCEEDED"), &json!(2))
        );
        assert_eq!(names(&tree(&lab.destination("out"))?), ["a", "c", "e"]);
        let skipped = lab.of_task(&task, "skipped_errors").await?;
        let paths: Vec<_> = skipped.iter().map(|one| &one["source_path"]).collect();
        assert_eq!(paths, [&json!("/in/b"), &json!("/in/d")]);
        let id = task["task_id"].as_str().unwrap_or_default();
        assert!(lab.codes(id).await?.contains(&"SKIPPED_ERRORS".to_owned()));
    }
    Ok(())
}

#[tokio::test]
async fn errors_at_the_destination_are_not_skipped() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::PermissionDenied).path("/out/b");
    let lab = with(fault).await?;
    let task = submit_folder(&lab, json!({ "skip_source_errors": true })).await?;
    let failing = failing(&lab, &task).await?;
    assert_eq!(failing["nice_status"], "PERMISSION_DENIED");
    assert_eq!(failing["subtasks_skipped_errors"], 0);
    Ok(())
}

#[tokio::test]
async fn connections_that_break_are_not_skipped() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::ConnectionReset).path("/in/b");
    let lab = with(fault.max_fires(1)).await?;
    let task = submit_folder(&lab, json!({ "skip_source_errors": true })).await?;
    let task = lab.ended(&task).await?;
    assert_eq!(task["subtasks_skipped_errors"], 0);
    assert!(lab.destination("out/b").exists());
    Ok(())
}

#[tokio::test]
async fn after_n_files_exactly_n_files_arrived() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::ConnectionReset);
    let lab = with(fault.after_files(3)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let failing = failing(&lab, &task).await?;
    assert_eq!(failing["files_transferred"], 3);
    assert_eq!(names(&tree(&lab.destination("out"))?), ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn after_n_bytes_a_file_is_cut_and_thrown_away() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::ConnectionReset);
    let lab = with(fault.after_bytes(12)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let failing = failing(&lab, &task).await?;
    assert_eq!(failing["bytes_transferred"], 12);
    assert_eq!(names(&tree(&lab.destination("out"))?), ["a", "b"]);
    lab.sandbox.emulator.clear_task_faults();
    assert_eq!(lab.ended(&task).await?["files_transferred"], 5);
    Ok(())
}

#[tokio::test]
async fn bytes_that_end_with_a_file_spare_that_file() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::PermissionDenied);
    let lab = with(fault.after_bytes(10)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    failing(&lab, &task).await?;
    assert_eq!(names(&tree(&lab.destination("out"))?), ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn checksums_that_nobody_compares_cannot_differ() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::ChecksumMismatch)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let task = lab.ended(&task).await?;
    assert_eq!(
        (&task["status"], &task["faults"]),
        (&json!("SUCCEEDED"), &json!(0))
    );
    Ok(())
}

#[tokio::test]
async fn a_slash_at_the_end_is_about_directories() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::PermissionDenied).path("/in/secret/");
    let lab = with(fault).await?;
    lab.write("in/secret/x", "x")?;
    let task = submit_folder(&lab, json!({ "skip_source_errors": true })).await?;
    let task = lab.ended(&task).await?;
    assert_eq!(task["files_transferred"], 5);
    let skipped = lab.of_task(&task, "skipped_errors").await?;
    assert_eq!(
        (&skipped[0]["source_path"], &skipped[0]["is_directory"]),
        (&json!("/in/secret"), &json!(true))
    );
    Ok(())
}

#[tokio::test]
async fn a_rule_picks_by_collection_side_and_task_type() -> TestResult {
    let fault = || TaskFault::new(TaskFaultKind::PermissionDenied);
    for (rule, fires) in [
        (fault().collection(SOURCE), true),
        (fault().collection(DESTINATION), true),
        (
            fault().collection(DESTINATION).side(TaskSide::Source),
            false,
        ),
        (fault().path("/out/*"), true),
        (fault().path("/out/*").side(TaskSide::Source), false),
        (fault().collection(SOURCE).path("/out/*"), false),
        (fault().task_type(TaskType::Transfer), true),
        (fault().task_type(TaskType::Delete), false),
    ] {
        let lab = with(rule.clone().max_fires(1)).await?;
        let task = submit_folder(&lab, json!({})).await?;
        lab.ended(&task).await?;
        let reports = lab.sandbox.emulator.task_faults();
        assert_eq!(reports[0].fired, u64::from(fires), "{rule:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stall_ends_when_its_rule_is_removed() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::Stall).after_bytes(12)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let stalled = lab
        .wait(&task, |task| task["bytes_transferred"] == 12)
        .await?;
    fired(&lab).await?;
    for (field, expected) in [
        ("status", json!("ACTIVE")),
        ("nice_status", json!("OK")),
        ("faults", json!(0)),
    ] {
        assert_eq!(stalled[field], expected, "{field}");
    }
    // nothing is written of it, however long it lasts
    lab.sandbox
        .emulator
        .advance_clock(Duration::from_secs(3600));
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(lab.codes(&task).await?, ["STARTED"]);
    let reports = lab.sandbox.emulator.task_faults();
    lab.sandbox.emulator.remove_task_fault(reports[0].id)?;
    let task = lab.ended(&task).await?;
    assert_eq!(
        (&task["status"], &task["files_transferred"], &task["faults"]),
        (&json!("SUCCEEDED"), &json!(5), &json!(0))
    );
    assert_eq!(task["bytes_transferred"], 25);
    Ok(())
}

#[tokio::test]
async fn a_stall_ends_after_its_time_by_the_clock() -> TestResult {
    let stall = TaskFault::new(TaskFaultKind::Stall).path("/in/c");
    let lab = with(stall.duration(Duration::from_secs(3600))).await?;
    let task = submit_folder(&lab, json!({})).await?;
    fired(&lab).await?;
    lab.sandbox
        .emulator
        .advance_clock(Duration::from_secs(3600));
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    assert_eq!(lab.sandbox.emulator.task_faults()[0].fired, 1);
    Ok(())
}

#[tokio::test]
async fn a_stalled_task_can_be_cancelled() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::Stall).after_bytes(12)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    fired(&lab).await?;
    lab.post(&format!("/v0.10/task/{task}/cancel"), &json!(null))
        .await?;
    let task = lab.task(&task).await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("CANCELED"))
    );
    // what there was of the file goes, though the rule stays
    for _ in 0..200 {
        if names(&tree(&lab.destination("out"))?) == ["a", "b"] {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the incomplete file stays".into())
}

#[tokio::test]
async fn a_stalled_task_does_not_keep_the_emulator_from_stopping() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::Stall).after_bytes(12)).await?;
    submit_folder(&lab, json!({})).await?;
    fired(&lab).await?;
    let folder = lab.destination("out");
    let lab = lab.restart(|builder| builder).await?;
    assert_eq!(names(&tree(&folder)?), ["a", "b"]);
    drop(lab);
    Ok(())
}

#[tokio::test]
async fn a_delete_task_stops_after_n_files_and_goes_on() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::PermissionDenied).task_type(TaskType::Delete);
    let lab = with(fault.after_files(2)).await?;
    let task = lab
        .submit_delete(&["/in"], json!({ "recursive": true }))
        .await?;
    let failing = failing(&lab, &task).await?;
    assert_eq!(failing["files"], 2);
    assert_eq!(tree(&lab.source("in"))?.len(), 3);
    lab.sandbox.emulator.clear_task_faults();
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    assert!(!lab.source("in").exists());
    Ok(())
}

#[tokio::test]
async fn a_delete_task_fails_where_a_file_is_not_found() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::FileNotFound).path("/in/c")).await?;
    let task = lab.delete(&["/in/c"], json!({})).await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("FILE_NOT_FOUND"))
    );
    let ignored = lab
        .delete(&["/in/c"], json!({ "ignore_missing": true }))
        .await?;
    assert_eq!(ignored["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_rule_happens_as_often_as_it_may_over_all_tasks() -> TestResult {
    let lab = with(TaskFault::new(TaskFaultKind::ConnectionReset).max_fires(1)).await?;
    for faults in [1, 0] {
        let task = submit_folder(&lab, json!({})).await?;
        assert_eq!(lab.ended(&task).await?["faults"], faults);
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_brings_the_first_rules_back() -> TestResult {
    let first = TaskFault::new(TaskFaultKind::Stall).path("/never");
    let lab = with(first.clone()).await?;
    let emulator = &lab.sandbox.emulator;
    emulator.clear_task_faults();
    emulator.inject_task_fault(TaskFault::new(TaskFaultKind::FileNotFound))?;
    emulator.reset().await?;
    let reports = emulator.task_faults();
    assert_eq!((reports.len(), &reports[0].fault), (1, &first));
    Ok(())
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    let fault = || TaskFault::new(TaskFaultKind::ConnectionReset);
    for (rule, why) in [
        (fault().path(""), "empty"),
        (fault().path("in/*"), "begin with /"),
        (fault().path("/../*"), ".."),
        (fault().path("*".repeat(2_000)), "1000 characters"),
        (fault().max_fires(0), "at least 1"),
        (fault().duration(Duration::from_secs(1)), "stall"),
    ] {
        let refused = lab.sandbox.emulator.inject_task_fault(rule);
        let message = refused.err().ok_or("it was taken")?;
        assert!(message.contains(why), "{message}");
    }
    let started = globus_emulator::Emulator::builder().task_fault(fault().max_fires(0));
    let error = started.start().await.err().ok_or("it started")?;
    assert_eq!(
        error.to_string(),
        "invalid task settings: task fault 1: max_fires must be at least 1"
    );
    Ok(())
}

#[tokio::test]
async fn bytes_that_end_with_the_last_file_never_fire() -> TestResult {
    let fault = TaskFault::new(TaskFaultKind::ConnectionReset);
    let lab = with(fault.after_bytes(25)).await?;
    let task = submit_folder(&lab, json!({})).await?;
    let task = lab.ended(&task).await?;
    assert_eq!(
        (&task["status"], &task["faults"]),
        (&json!("SUCCEEDED"), &json!(0))
    );
    Ok(())
}
