//! When a failed call is made again, and when it is not.

use globus_sdk::transfer::types::MkdirRequest;
use globus_sdk::transfer::{Client, DeleteData};
use globus_sdk::transport::RetryPolicy;
use globus_sdk::types::Uuid;
use globus_sdk::{ErrorKind, transfer};
use globus_test_support::mock::{MockServer, Step, answer, answer_with, hasty};
use std::time::Duration;

const TASK_LIST: &str =
    r#"{"DATA_TYPE":"task_list","DATA":[],"length":0,"limit":10,"offset":0,"total":0}"#;

#[tokio::test]
async fn a_get_is_retried_until_it_succeeds() {
    let server = MockServer::start([
        answer(503, "{}"),
        Step::Drop,
        answer(500, "{}"),
        answer(200, TASK_LIST),
    ])
    .await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let page = transfer.task_list().await.expect("the fourth attempt");
    assert_eq!(page.total, Some(0));
    assert_eq!(server.count(), 4);
    assert_eq!(clock.slept(), [500, 1000, 2000].map(Duration::from_millis));
}

#[tokio::test]
async fn retry_after_in_seconds_is_obeyed() {
    let server = MockServer::start([
        answer_with(429, "retry-after: 7\r\n", "{}"),
        answer(200, TASK_LIST),
    ])
    .await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    transfer.task_list().await.expect("the second attempt");
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn retry_after_as_a_date_is_obeyed() {
    // the hasty clock stands at 2027-01-15 08:00:00
    let server = MockServer::start([
        answer_with(503, "retry-after: Fri, 15 Jan 2027 08:00:09 GMT\r\n", "{}"),
        answer(200, TASK_LIST),
    ])
    .await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    transfer.task_list().await.expect("the second attempt");
    assert_eq!(clock.slept(), [Duration::from_secs(9)]);
}

#[tokio::test]
async fn a_retry_after_beyond_the_limit_ends_the_call() {
    let server = MockServer::start([answer_with(429, "retry-after: 3600\r\n", "{}")]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let error = transfer.task_list().await.expect_err("too long a wait");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!((server.count(), clock.slept().len()), (1, 0));
}

#[tokio::test]
async fn attempts_are_limited() {
    let server = MockServer::start([answer(503, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let policy = RetryPolicy::default().with_attempt_limit(3);
    transfer
        .task_list()
        .with_retry(policy)
        .await
        .expect_err("never succeeds");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn elapsed_time_is_limited() {
    let server = MockServer::start([answer_with(503, "retry-after: 20\r\n", "{}")]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let policy = RetryPolicy::default().with_time_limit(Duration::from_secs(50));
    transfer
        .task_list()
        .with_retry(policy)
        .await
        .expect_err("never succeeds");
    assert_eq!(clock.slept().len(), 2);
}

#[tokio::test]
async fn what_is_not_safe_is_not_sent_twice_when_it_may_have_arrived() {
    for step in [
        answer(500, "{}"),
        answer(502, "{}"),
        answer(503, "{}"),
        Step::Drop,
    ] {
        let server = MockServer::start([step]).await;
        let (transfer, _) = hasty::<Client>(&server.url);
        transfer
            .operation_mkdir(Uuid::nil(), MkdirRequest::new("/x"))
            .await
            .expect_err("no second attempt");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn what_is_not_safe_is_sent_again_when_it_provably_did_not_run() {
    let done = r#"{"DATA_TYPE":"mkdir_result","code":"DirectoryCreated","message":"m","request_id":"r","resource":"/x"}"#;
    let server = MockServer::start([
        answer(429, "{}"),
        answer_with(503, "retry-after: 1\r\n", "{}"),
        answer(202, done),
    ])
    .await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .operation_mkdir(Uuid::nil(), MkdirRequest::new("/x"))
        .await
        .expect("the third attempt");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn an_endpoints_own_error_is_not_retried() {
    let body = r#"{"code":"ExternalError.DirListingFailed.LoginFailed","message":"m"}"#;
    let server = MockServer::start([answer(502, body)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer
        .operation_ls(Uuid::nil())
        .await
        .expect_err("an endpoint error");
    assert_eq!(error.kind(), ErrorKind::Endpoint);
    assert!(!error.is_retryable());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_check_of_the_callers_own_decides_first() {
    let server = MockServer::start([answer(409, "{}"), answer(200, TASK_LIST)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let policy = RetryPolicy::default()
        .with_classifier(|e, _| (e.kind() == ErrorKind::Conflict).then_some(true));
    transfer
        .task_list()
        .with_retry(policy)
        .await
        .expect("the second attempt");
}

#[tokio::test]
async fn a_submission_is_retried_under_one_submission_id() {
    let id = "11111111-2222-4333-8444-555555555555";
    let accepted = format!(
        r#"{{"DATA_TYPE":"delete_result","code":"Accepted","message":"m","request_id":"r","resource":"/delete","task_id":"{id}","submission_id":"{id}"}}"#
    );
    let server = MockServer::start([
        answer(
            200,
            &format!(r#"{{"DATA_TYPE":"submission_id","value":"{id}"}}"#),
        ),
        Step::Drop,
        answer(503, "{}"),
        answer(202, &accepted),
    ])
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let data = DeleteData::new(Uuid::nil()).item("/old");
    transfer
        .submit_delete(&data)
        .await
        .expect("the third attempt");
    let posts: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|r| r.starts_with("POST"))
        .collect();
    assert_eq!(posts.len(), 3);
    assert!(posts.iter().all(|r| r.contains(id)));
}

#[tokio::test]
async fn a_failed_submission_carries_its_submission_id() {
    let id = "11111111-2222-4333-8444-555555555555";
    let server = MockServer::start([
        answer(
            200,
            &format!(r#"{{"DATA_TYPE":"submission_id","value":"{id}"}}"#),
        ),
        answer(
            400,
            r#"{"code":"BadRequest","message":"no","request_id":"r"}"#,
        ),
    ])
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let data = DeleteData::new(Uuid::nil()).item("/old");
    let error = transfer.submit_delete(&data).await.expect_err("refused");
    assert_eq!(error.submission_id(), id.parse().ok());
    assert_eq!(data.submission_id.get(), id.parse().ok());
}

/// A list that is refused so, for ever.
async fn refused(status: u16, header: &str) -> (usize, Vec<Duration>) {
    let server = MockServer::start([answer_with(status, header, "{}")]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    transfer.task_list().await.expect_err("refused for ever");
    (server.count(), clock.slept())
}

#[tokio::test]
async fn a_hint_never_shortens_a_wait() {
    let own = [500, 1000, 2000, 4000, 8000].map(Duration::from_millis);
    for hint in [
        "0",
        "-5",
        "0.1",
        "nonsense",
        "",
        // the hasty clock stands at 2027-01-15 08:00:00
        "Fri, 15 Jan 2027 07:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Fri, 15 Jan 2027 08:00:00 GMT",
    ] {
        for status in [429, 503] {
            let (sent, slept) = refused(status, &format!("retry-after: {hint}\r\n")).await;
            assert_eq!((sent, &*slept), (6, &own[..]), "{status} {hint}");
        }
    }
}

#[tokio::test]
async fn a_hint_counts_where_it_is_longer_than_the_backoff() {
    let (_, slept) = refused(429, "retry-after: 3\r\n").await;
    let seconds: Vec<u64> = slept.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [3, 3, 3, 4, 8]);
}

#[tokio::test]
async fn a_backoff_of_the_callers_own_is_not_shortened_either() {
    let server = MockServer::start([
        answer_with(429, "retry-after: 0\r\n", "{}"),
        answer_with(429, "retry-after: 9\r\n", "{}"),
        answer(200, TASK_LIST),
    ])
    .await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let policy = RetryPolicy::default().with_backoff(|_| Duration::from_secs(5));
    transfer
        .task_list()
        .with_retry(policy)
        .await
        .expect("the third attempt");
    assert_eq!(clock.slept(), [5, 9].map(Duration::from_secs));
}

#[tokio::test]
async fn the_sleep_limit_bounds_the_backoff_of_the_sdk() {
    let server = MockServer::start([answer(503, "{}")]).await;
    let (transfer, clock) = hasty::<Client>(&server.url);
    let policy = RetryPolicy::default().with_max_delay(Duration::from_secs(1));
    transfer
        .task_list()
        .with_retry(policy)
        .await
        .expect_err("never succeeds");
    assert_eq!(
        clock.slept(),
        [500, 1000, 1000, 1000, 1000].map(Duration::from_millis)
    );
}

#[tokio::test]
async fn an_endpoints_error_among_others_is_not_retried() {
    let body = r#"{"errors":[{"code":"General"},{"code":"ExternalError.MkdirFailed.Exists"}]}"#;
    let server = MockServer::start([answer(502, body)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer.task_list().await.expect_err("an endpoint error");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn what_another_login_is_needed_for_no_wait_cures() {
    let body = r#"{"code":"Unavailable","authorization_parameters":{"session_required_mfa":true}}"#;
    for header in ["", "retry-after: 1\r\n"] {
        let server = MockServer::start([answer_with(503, header, body)]).await;
        let (transfer, clock) = hasty::<Client>(&server.url);
        let error = transfer.task_list().await.expect_err("another login");
        assert!(!error.is_retryable());
        assert_eq!((server.count(), clock.slept().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_busy_service_is_not_hammered_and_may_be_asked_later() {
    for body in [
        r#"{"code":"ClientError.Conflict.TooManyPendingJobs","message":"m"}"#,
        r#"{"code":"Conflict","message":"A transfer with identical paths has not yet completed"}"#,
    ] {
        let server = MockServer::start([answer(409, body)]).await;
        let (transfer, _) = hasty::<Client>(&server.url);
        let data = DeleteData::new(Uuid::nil())
            .submission_id(Uuid::from_u128(1))
            .item("/old");
        let error = transfer.submit_delete(&data).await.expect_err("not now");
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (ErrorKind::Busy, true)
        );
        assert_eq!(server.count(), 1);
    }
    let server =
        MockServer::start([answer(409, r#"{"code":"Conflict","message":"a transfer"}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.task_list().await.expect_err("a conflict");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Conflict, false)
    );
}

#[tokio::test]
async fn what_a_service_does_not_do_is_not_called_retryable() {
    for (status, retryable) in [(500, true), (501, false), (503, true), (505, false)] {
        let server = MockServer::start([answer(status, "{}")]).await;
        let (transfer, _) = hasty::<Client>(&server.url);
        let call = transfer.task_list().with_retry(RetryPolicy::disabled());
        let error = call.await.expect_err("a failure");
        assert_eq!(error.is_retryable(), retryable, "{status}");
    }
}
