//! Pausing over HTTP: tasks of others, and pause rules.

use std::time::Duration;

use globus_emulator::{TaskFault, TaskFaultKind, TaskType};
use globus_test_support::emulator::{
    ADA, Answer, BOB, DESTINATION, Fallible, Lab, Person, SOURCE, TestResult, item, told, town,
    town_of,
};
use serde_json::{Value, json};

const MANAGER: &str = "/v0.10/endpoint_manager";

/// A town in which tasks take their time.
async fn slow_town() -> Fallible<Lab> {
    let lab = town_of(|builder| builder.transfer_file_delay(Duration::from_millis(20))).await?;
    for number in 0..100 {
        lab.write(&format!("data/{number}.txt"), "x")?;
    }
    Ok(lab)
}

async fn rule(lab: &Lab, endpoint: &str, more: Value) -> Fallible<Answer> {
    let mut rule =
        json!({ "DATA_TYPE": "pause_rule", "endpoint_id": endpoint, "message": "Maintenance" });
    if let (Value::Object(rule), Value::Object(more)) = (&mut rule, more) {
        rule.extend(more);
    }
    lab.post(&format!("{MANAGER}/pause_rule"), &rule).await
}

async fn ids(person: &Person<'_>, query: &[(&str, &str)]) -> Fallible<Vec<String>> {
    let list = person.get(&format!("{MANAGER}/task_list"), query).await?;
    assert_eq!(list.status, 200, "{list:?}");
    let tasks = list.at("/DATA").as_array().cloned().unwrap_or_default();
    Ok(tasks
        .iter()
        .filter_map(|task| task["task_id"].as_str().map(str::to_owned))
        .collect())
}

#[tokio::test]
async fn a_manager_pauses_the_task_of_another_and_lets_it_go_on() -> TestResult {
    let lab = slow_town().await?;
    let ada = lab.person(ADA).await?;
    lab.appoint(&SOURCE.to_string(), &ada.id, "activity_manager")
        .await?;
    let task = lab
        .submit_transfer(json!([item("/data/", "/data/")]), json!({}))
        .await?;
    lab.wait(&task, |task| task["files_transferred"].as_u64() > Some(0))
        .await?;
    let pause = json!({ "DATA_TYPE": "admin_pause", "task_id_list": [task], "message": "Wait" });
    let paused = ada.post(&format!("{MANAGER}/admin_pause"), &pause).await?;
    assert_eq!(
        (paused.status.as_u16(), paused.at("/message")),
        (200, &json!("Wait"))
    );
    let document = lab.task(&task).await?;
    for (field, expected) in [
        ("status", json!("ACTIVE")),
        ("is_paused", json!(true)),
        ("nice_status", json!("PAUSED_BY_ADMIN")),
    ] {
        assert_eq!(document[field], expected, "{field}");
    }
    let list = ids(
        &ada,
        &[("filter_status", "ACTIVE"), ("filter_is_paused", "true")],
    )
    .await?;
    assert_eq!(list, [task.as_str()]);
    let info = lab
        .get(&format!("/v0.10/task/{task}/pause_info"), &[])
        .await?;
    assert_eq!(
        (
            info.at("/source_pause_message"),
            info.at("/destination_pause_message")
        ),
        (&json!("Wait"), &Value::Null)
    );
    let info = ada
        .get(&format!("{MANAGER}/task/{task}/pause_info"), &[])
        .await?;
    assert_eq!(info.at("/source_pause_message"), "Wait");

    // What was under way when it was paused ends within a moment, and then nothing moves.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let before = lab.task(&task).await?["files_transferred"].clone();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(lab.task(&task).await?["files_transferred"], before);

    let resume = json!({ "DATA_TYPE": "admin_resume", "task_id_list": [task] });
    let resumed = ada
        .post(&format!("{MANAGER}/admin_resume"), &resume)
        .await?;
    assert_eq!(resumed.status, 200);
    let done = lab.ended(&task).await?;
    assert_eq!(
        (&done["status"], &done["files_transferred"]),
        (&json!("SUCCEEDED"), &json!(100))
    );
    let codes = lab.codes(&task).await?;
    let count = |wanted: &str| codes.iter().filter(|code| *code == wanted).count();
    assert_eq!(
        (count("STARTED"), count("PAUSED"), count("UNPAUSED")),
        (1, 1, 1)
    );

    let late = ada.post(&format!("{MANAGER}/admin_pause"), &pause).await?;
    assert_eq!(told(&late), (409, "Conflict"));
    Ok(())
}

#[tokio::test]
async fn a_pause_rule_refuses_file_operations() -> TestResult {
    let lab = town().await?;
    let ada = lab.person(ADA).await?;
    lab.write("data/a.txt", "a")?;
    let guest = lab.guest("/").await?;
    lab.grant(&guest, &ada.id, "/", "rw").await?;
    let flags = json!({ "identity_id": ada.id, "pause_ls": true, "pause_mkdir": true,
        "pause_rename": true, "pause_symlink": true });
    // On the host, and so on what stands on it; for Ada alone.
    let created = rule(&lab, &SOURCE.to_string(), flags).await?;
    assert_eq!(created.status, 201, "{created:?}");
    let operation = |name: &str| format!("/v0.10/operation/endpoint/{guest}/{name}");
    for refused in [
        ada.ls(&guest, "/").await?,
        ada.mkdir(&guest, "/new").await?,
        ada.post(
            &operation("rename"),
            &json!({ "old_path": "/data", "new_path": "/x" }),
        )
        .await?,
        ada.post(
            &operation("symlink"),
            &json!({ "path": "/l", "symlink_target": "data" }),
        )
        .await?,
    ] {
        assert_eq!(told(&refused), (409, "OperationPaused"), "{refused:?}");
        assert_eq!(refused.at("/pause_message"), "Maintenance");
    }
    assert_eq!(lab.names(&[]).await?, ["data"]);
    let mine = format!("/v0.10/endpoint/{guest}/my_effective_pause_rule_list");
    assert_eq!(
        ada.get(&mine, &[]).await?.at("/DATA/0/message"),
        "Maintenance"
    );
    assert_eq!(lab.get(&mine, &[]).await?.at("/length"), 0);

    let path = format!("{MANAGER}/pause_rule/{}", created.text_at("/id")?);
    assert_eq!(told(&lab.delete_at(&path).await?), (200, "Deleted"));
    assert_eq!(ada.ls(&guest, "/").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_pause_rule_holds_up_tasks_until_it_is_gone() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let read = rule(
        &lab,
        &SOURCE.to_string(),
        json!({ "pause_task_transfer_read": true }),
    )
    .await?;
    let delete = rule(
        &lab,
        &SOURCE.to_string(),
        json!({ "pause_task_delete": true }),
    )
    .await?;
    let copy = lab
        .submit_transfer(json!([item("/data/a.txt", "/a.txt")]), json!({}))
        .await?;
    let removal = lab.submit_delete(&["/data/a.txt"], json!({})).await?;
    tokio::time::sleep(Duration::from_millis(150)).await;
    for task in [&copy, &removal] {
        assert_eq!(lab.task(task).await?["nice_status"], "PAUSED_BY_ADMIN");
    }
    let info = lab
        .get(&format!("/v0.10/task/{copy}/pause_info"), &[])
        .await?;
    assert_eq!(info.at("/pause_rules/0/id"), read.at("/id"));
    assert!(!lab.destination("a.txt").exists());
    // A task the other way round is not held up.
    lab.write_destination("b.txt", "b")?;
    let back = lab
        .transfer(
            json!([item("/b.txt", "/b.txt")]),
            json!({ "source_endpoint": DESTINATION, "destination_endpoint": SOURCE }),
        )
        .await?;
    assert_eq!(back["status"], "SUCCEEDED");

    let path = |rule: &Answer| {
        Ok::<_, Box<dyn std::error::Error>>(format!(
            "{MANAGER}/pause_rule/{}",
            rule.text_at("/id")?
        ))
    };
    let off = json!({ "DATA_TYPE": "pause_rule", "pause_task_transfer_read": false });
    let changed = lab.put(&path(&read)?, &off).await?;
    assert_eq!(changed.at("/pause_task_transfer_read"), false);
    assert_eq!(lab.ended(&copy).await?["status"], "SUCCEEDED");
    assert!(lab.source("data/a.txt").exists());
    lab.delete_at(&path(&delete)?).await?;
    assert_eq!(lab.ended(&removal).await?["status"], "SUCCEEDED");
    assert!(!lab.source("data/a.txt").exists());
    Ok(())
}

#[tokio::test]
async fn a_pause_rule_waits_for_its_time() -> TestResult {
    let lab = slow_town().await?;
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
    let flags = json!({ "pause_ls": true, "pause_task_transfer_write": true, "start_time": later.to_string() });
    rule(&lab, &DESTINATION.to_string(), flags).await?;
    let task = lab
        .submit_transfer(json!([item("/data/", "/data/")]), json!({}))
        .await?;
    lab.wait(&task, |task| task["files_transferred"].as_u64() > Some(0))
        .await?;
    lab.sandbox.emulator.advance_clock(Duration::from_secs(660));
    let paused = lab.wait(&task, |task| task["is_paused"] == true).await?;
    // Nobody chose its deadline: it may be paused for 90 days.
    let deadline: jiff::Timestamp = paused["deadline"].as_str().unwrap_or_default().parse()?;
    let days = (deadline - jiff::Timestamp::now()).total(jiff::Unit::Hour)? / 24.0;
    assert!((89.0..91.0).contains(&days), "{days}");
    let ls = format!("/v0.10/operation/endpoint/{DESTINATION}/ls");
    assert_eq!(told(&lab.get(&ls, &[]).await?), (409, "OperationPaused"));
    Ok(())
}

#[tokio::test]
async fn pause_rules_are_for_managers_and_those_of_a_host_outrank() -> TestResult {
    let lab = town().await?;
    let guest = lab.guest("/").await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    lab.appoint(&SOURCE.to_string(), &ada.id, "activity_manager")
        .await?;
    lab.appoint(&guest, &bob.id, "activity_manager").await?;
    let document =
        |endpoint: &str| json!({ "endpoint_id": endpoint, "message": "No", "pause_ls": true });
    let rules = format!("{MANAGER}/pause_rule");
    assert_eq!(
        told(&bob.post(&rules, &document(&SOURCE.to_string())).await?),
        (403, "PermissionDenied")
    );
    let by_host = ada.post(&rules, &document(&guest)).await?;
    assert_eq!(by_host.at("/created_by_host_manager"), true);
    let by_guest = bob.post(&rules, &document(&guest)).await?;
    assert_eq!(by_guest.at("/created_by_host_manager"), false);

    let path = format!("{rules}/{}", by_host.text_at("/id")?);
    assert_eq!(bob.get(&path, &[]).await?.at("/editable"), false);
    assert_eq!(told(&bob.delete(&path).await?), (403, "PermissionDenied"));
    assert_eq!(
        told(&bob.put(&path, &json!({ "message": "Yes" })).await?),
        (403, "PermissionDenied")
    );
    let list = format!("{MANAGER}/pause_rule_list");
    let all = bob.get(&list, &[]).await?;
    assert_eq!(all.at("/length"), 2);
    let host = SOURCE.to_string();
    let hosted = ada.get(&list, &[("filter_host_endpoint", &host)]).await?;
    assert_eq!(hosted.at("/length"), 2);
    assert_eq!(
        told(&bob.get(&list, &[("filter_endpoint", &host)]).await?),
        (403, "PermissionDenied")
    );
    assert_eq!(told(&ada.delete(&path).await?), (200, "Deleted"));
    assert_eq!(told(&ada.get(&path, &[]).await?), (404, "NotFound"));
    Ok(())
}

#[tokio::test]
async fn a_paused_task_stays_paused_across_a_restart() -> TestResult {
    let data = tempfile::tempdir()?;
    let folder = data.path().to_path_buf();
    let lab = Lab::of(|builder| builder.data_dir(&folder)).await?;
    lab.write("data/a.txt", "a")?;
    let created = rule(
        &lab,
        &SOURCE.to_string(),
        json!({ "pause_task_transfer_read": true }),
    )
    .await?;
    let task = lab
        .submit_transfer(json!([item("/data/a.txt", "/a.txt")]), json!({}))
        .await?;
    let lab = lab.restart(|builder| builder.data_dir(&folder)).await?;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(lab.task(&task).await?["is_paused"], true);
    lab.delete_at(&format!("{MANAGER}/pause_rule/{}", created.text_at("/id")?))
        .await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

/// Pauses a delete task of these paths where a rule stalls it, changes something, and lets it go on.
async fn delete_with_a_pause(
    paths: &[&str],
    stall: TaskFault,
    change: impl FnOnce(&Lab) -> TestResult,
) -> Fallible<Value> {
    let stall = stall.task_type(TaskType::Delete).max_fires(1);
    let lab = town_of(|builder| builder.task_fault(stall)).await?;
    let ada = lab.person(ADA).await?;
    lab.appoint(&SOURCE.to_string(), &ada.id, "activity_manager")
        .await?;
    for name in ["a", "b", "c"] {
        lab.write(&format!("data/{name}"), "x")?;
    }
    let task = lab
        .submit_delete(paths, json!({ "recursive": true }))
        .await?;
    while lab.sandbox.emulator.task_faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let about =
        |kind: &str| json!({ "DATA_TYPE": kind, "task_id_list": [task], "message": "Wait" });
    let paused = ada
        .post(&format!("{MANAGER}/admin_pause"), &about("admin_pause"))
        .await?;
    assert_eq!(paused.status, 200);
    // it looks up now and then while it is stalled
    tokio::time::sleep(Duration::from_millis(400)).await;
    change(&lab)?;
    let resume = json!({ "DATA_TYPE": "admin_resume", "task_id_list": [task] });
    ada.post(&format!("{MANAGER}/admin_resume"), &resume)
        .await?;
    lab.sandbox.emulator.clear_task_faults();
    lab.ended(&task).await
}

#[tokio::test]
async fn a_pause_does_not_hide_that_a_path_is_missing() -> TestResult {
    let stall = TaskFault::new(TaskFaultKind::Stall).path("/data/b");
    let task = delete_with_a_pause(&["/data/a", "/data/b", "/data/c"], stall, |lab| {
        Ok(std::fs::remove_file(lab.source("data/c"))?)
    })
    .await?;
    assert_eq!(task["fatal_error"]["code"], "FILE_NOT_FOUND");
    assert_eq!(task["files"], 2);
    Ok(())
}

#[tokio::test]
async fn a_paused_delete_goes_on_where_it_was() -> TestResult {
    for (paths, change) in [
        (["/data/"].as_slice(), false),
        (&["/data/a", "/data/b", "/data/c"], false),
        // what it has begun may be gone
        (&["/data/"], true),
    ] {
        let stall = TaskFault::new(TaskFaultKind::Stall).after_files(1);
        let task = delete_with_a_pause(paths, stall, |lab| match change {
            true => Ok(std::fs::remove_dir_all(lab.source("data"))?),
            false => Ok(()),
        })
        .await?;
        assert_eq!(task["status"], "SUCCEEDED", "{paths:?}");
        assert_eq!(task["files"], if change { 1 } else { 3 }, "{paths:?}");
    }
    Ok(())
}
