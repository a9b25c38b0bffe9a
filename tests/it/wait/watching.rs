//! The states of a running task: how fast it is, how long it will take, and why it is stalled.

use super::{events, say, task, task_with};
use globus_sdk::ErrorKind;
use globus_sdk::transfer::types::EventCode;
use globus_sdk::transfer::{Client, Progress, StallReason, TaskChange};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, Step, answer, hasty};
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// All that a wait sees of these answers, a second apart.
async fn states(steps: Vec<Step>) -> (Vec<Progress>, MockServer) {
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let wait = transfer.wait(Uuid::nil()).polling_interval(SECOND);
    (wait.stream().collect().await.expect("states"), server)
}

/// The kinds of change of these answers, and how each reads.
async fn changes(steps: Vec<Step>) -> String {
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let watch = transfer.watch(Uuid::nil()).polling_interval(SECOND);
    let changes = watch.stream().collect().await.expect("changes");
    let lines = changes.iter().map(|change| {
        let kind = match change {
            TaskChange::Progressed(_) => "progressed",
            TaskChange::Stalled(_) => "stalled",
            TaskChange::Resumed(_) => "resumed",
            TaskChange::Finished(_) => "finished",
            _ => "new",
        };
        format!("{kind}: {}", change.progress())
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn moving(bytes: i64, files: i64, pending: i64) -> Value {
    json!({"bytes_transferred": bytes, "files_transferred": files, "subtasks_pending": pending,
           "nice_status": "OK", "is_ok": true})
}

fn active(fields: Value) -> Step {
    say(&task_with("ACTIVE", fields))
}

fn failing(faults: u32) -> Step {
    active(json!({"nice_status": "PERMISSION_DENIED", "is_ok": false, "faults": faults}))
}

fn pause_info(message: &str) -> Step {
    let rule = json!({"DATA_TYPE": "pause_rule_limited", "id": Uuid::nil(), "message": message});
    say(
        &json!({"DATA_TYPE": "pause_info_limited", "pause_rules": [rule],
                "source_pause_message": "ask Ada", "destination_pause_message": "ask Ada"}),
    )
}

fn paused() -> Step {
    active(json!({"is_paused": true, "nice_status": "PAUSED_BY_ADMIN", "is_ok": false}))
}

#[tokio::test]
async fn rates_and_time_left_are_those_of_late() {
    let (seen, _) = states(vec![
        active(moving(0, 0, 10)),
        active(moving(3_000_000, 3, 8)),
        active(moving(5_000_000, 4, 6)),
        task("SUCCEEDED", 9),
    ])
    .await;
    assert_eq!((seen[0].bytes_per_second, seen[0].eta), (None, None));
    assert_eq!(seen[1].bytes_per_second, Some(3_000_000.0));
    assert_eq!(seen[1].files_per_second, Some(3.0));
    // two subtasks a second, eight to go
    assert_eq!(seen[1].eta, Some(Duration::from_secs(4)));
    assert_eq!(seen[2].bytes_per_second, Some(2_500_000.0));
    assert_eq!(seen[2].eta, Some(Duration::from_secs(3)));
    assert_eq!(seen[3].eta, None);
    let lines: Vec<_> = seen.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ACTIVE: 0 of 9 files, 0 B
    ACTIVE: 3 of 9 files, 3.0 MB, 3.0 MB/s, about 4 s left
    ACTIVE: 4 of 9 files, 5.0 MB, 2.5 MB/s, about 3 s left
    SUCCEEDED: 9 of 9 files, 0 B
    "#);
}

#[tokio::test]
async fn the_rate_forgets_what_is_more_than_a_minute_ago() {
    let mut steps = vec![active(moving(0, 0, 9))];
    // fast for a minute, then slow for two
    steps.extend((1..=60).map(|i| active(moving(i * 1000, 0, 9))));
    steps.extend((1..=120).map(|i| active(moving(60_000 + i, 0, 9))));
    steps.push(task("SUCCEEDED", 9));
    let (seen, _) = states(steps).await;
    assert_eq!(seen[60].bytes_per_second, Some(1000.0));
    assert_eq!(seen[180].bytes_per_second, Some(1.0));
}

#[tokio::test]
async fn looks_that_are_far_apart_still_have_a_rate() {
    let steps = [
        active(moving(0, 0, 9)),
        active(moving(600, 0, 9)),
        task("SUCCEEDED", 9),
    ];
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let wait = transfer.wait(Uuid::nil()).polling_interval(300 * SECOND);
    let seen = wait.stream().collect().await.expect("states");
    assert_eq!(seen[1].bytes_per_second, Some(2.0));
}

#[tokio::test]
async fn time_left_is_unknown_while_a_task_grows_or_stalls() {
    let found = |total: i64, pending: i64| {
        let mut fields = moving(total, total, pending);
        fields["subtasks_total"] = total.into();
        active(fields)
    };
    let (seen, _) = states(vec![
        found(10, 10),
        found(20, 15),
        found(20, 15),
        task("SUCCEEDED", 9),
    ])
    .await;
    assert!(seen[1].bytes_per_second.is_some());
    let etas: Vec<_> = seen.iter().map(|progress| progress.eta).collect();
    assert_eq!(etas, [None; 4]);
}

#[tokio::test]
async fn a_paused_task_says_by_which_rules_and_words() {
    let steps = vec![
        paused(),
        pause_info("until Friday"),
        paused(),
        task("SUCCEEDED", 9),
    ];
    let (seen, server) = states(steps).await;
    let Some(StallReason::Paused(Some(info))) = &seen[0].stall_reason else {
        panic!("paused: {:?}", seen[0].stall_reason);
    };
    assert_eq!(info.pause_rules[0].message.as_deref(), Some("until Friday"));
    insta::assert_snapshot!(seen[0], @"ACTIVE: 0 of 9 files, 0 B; it is paused: until Friday; ask Ada");
    // asked once, and known while nothing changes
    assert_eq!(seen[1].stall_reason, seen[0].stall_reason);
    assert_eq!(server.count(), 4);
    assert_eq!(seen[2].stall_reason, None);
}

#[tokio::test]
async fn task_errors_are_reported_and_fetched_again_when_more_come() {
    let (seen, server) = states(vec![
        failing(1),
        events(&[("PERMISSION_DENIED", "550 /data/x")]),
        failing(1),
        failing(2),
        events(&[("TIMEOUT", "slow"), ("PERMISSION_DENIED", "550 /data/x")]),
        task("SUCCEEDED", 9),
    ])
    .await;
    assert_eq!(server.count(), 6);
    insta::assert_snapshot!(seen[1], @"ACTIVE: 0 of 9 files, 0 B; PERMISSION_DENIED (1 error), last PERMISSION_DENIED at 2026-11-22 00:00:01+00:00 (550 /data/x)");
    let Some(StallReason::Retrying {
        faults, last_event, ..
    }) = &seen[2].stall_reason
    else {
        panic!("failing: {:?}", seen[2].stall_reason);
    };
    let code = last_event.as_ref().map(|event| &event.code);
    assert_eq!((*faults, code), (2, Some(&EventCode::Timeout)));
    assert_eq!(seen[2].last_events.len(), 2);
}

#[tokio::test]
async fn failed_fetch_of_a_reason_is_retried_and_ends_no_wait() {
    let steps = vec![
        paused(),
        answer(500, "{}"),
        paused(),
        pause_info("until Friday"),
        task("SUCCEEDED", 9),
    ];
    let (seen, _) = states(steps).await;
    assert_eq!(seen[0].stall_reason, Some(StallReason::Paused(None)));
    assert!(matches!(
        &seen[1].stall_reason,
        Some(StallReason::Paused(Some(_)))
    ));
}

#[tokio::test]
async fn a_task_that_waits_its_turn_is_not_held_up() {
    for nice_status in ["OK", "Queued", "QUEUED", "ACTIVE"] {
        let fields = json!({"nice_status": nice_status, "is_ok": null});
        let (seen, _) = states(vec![active(fields), task("SUCCEEDED", 9)]).await;
        assert_eq!(seen[0].stall_reason, None, "{nice_status}");
    }
}

#[tokio::test]
async fn a_wait_that_is_given_up_says_what_held_the_task_up() {
    let steps = [paused(), pause_info("until Friday"), paused()];
    let server = MockServer::start(steps).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.wait(Uuid::nil()).timeout(9 * SECOND).await;
    let error = error.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    insta::assert_snapshot!(error, @"wait: the task is still running after 9s (it is paused: until Friday; ask Ada); wait again, or cancel it");
}

#[tokio::test]
async fn a_watch_gives_changes_and_nothing_else() {
    let told = changes(vec![
        active(moving(0, 0, 9)),
        // only the average has changed
        active(
            json!({"effective_bytes_per_second": 7, "nice_status_expires_in": 5,
                      "subtasks_pending": 9, "nice_status": "OK", "is_ok": true}),
        ),
        active(moving(2000, 1, 8)),
        paused(),
        pause_info("until Friday"),
        paused(),
        active(moving(2000, 1, 8)),
        active(moving(4000, 2, 7)),
        task("FAILED", 2),
        events(&[("CANCELED", "")]),
    ])
    .await;
    insta::assert_snapshot!(told, @r#"
    progressed: ACTIVE: 0 of 9 files, 0 B
    progressed: ACTIVE: 1 of 9 files, 2.0 kB, 1.0 kB/s, about 16 s left
    stalled: ACTIVE: 0 of 9 files, 0 B; it is paused: until Friday; ask Ada
    resumed: ACTIVE: 1 of 9 files, 2.0 kB, 400 B/s, about 40 s left
    progressed: ACTIVE: 2 of 9 files, 4.0 kB, 667 B/s, about 21 s left
    finished: FAILED: 2 of 9 files, 0 B
    "#);
}

#[tokio::test]
async fn a_watch_ends_when_its_time_is_up() {
    let server = MockServer::start([active(moving(0, 0, 9))]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let mut changes = transfer.watch(Uuid::nil()).timeout(3 * SECOND).stream();
    changes.next().await.expect("a change").expect("a change");
    let error = changes
        .next()
        .await
        .expect("an error")
        .expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
}
