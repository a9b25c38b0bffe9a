//! Submissions that the service takes later: waiting for a place, and finding what has the same paths.

use crate::lab::Lab;
use globus_emulator::Limits;
use globus_sdk::auth::AccessTokenAuthorizer;
use globus_sdk::transfer::types::DeleteResult;
use globus_sdk::transfer::{Client, DeleteData, TransferData, TransferItem, scopes};
use globus_sdk::transport::Clock;
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind};
use globus_test_support::mock::{MockClock, MockServer, Step, answer, answer_with, hasty};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{Semaphore, mpsc};

const HOUR: Duration = Duration::from_secs(3600);
const ID: Uuid = Uuid::from_u128(7);
const TOO_MANY: &str = "ClientError.Conflict.TooManyPendingJobs";
const IDENTICAL: &str = "A transfer with identical paths has not yet completed";

/// A clock on which a sleep is announced, and ends when the test says so.
#[derive(Clone, Debug)]
struct Alarm {
    begun: mpsc::UnboundedSender<Duration>,
    over: Arc<Semaphore>,
}

impl Alarm {
    fn new() -> (Self, mpsc::UnboundedReceiver<Duration>) {
        let (begun, sleeps) = mpsc::unbounded_channel();
        let over = Arc::new(Semaphore::new(0));
        (Self { begun, over }, sleeps)
    }
}

impl Clock for Alarm {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
    fn instant(&self) -> Instant {
        Instant::now()
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let this = self.clone();
        Box::pin(async move {
            this.begun.send(duration).expect("a test that listens");
            this.over.acquire().await.expect("permits").forget();
        })
    }
    fn random(&self) -> f64 {
        1.0
    }
}

/// An emulator whose tasks stay queued, of which a user may have so many.
async fn lab(pending_tasks: u32) -> Lab {
    let lab = Lab::open().await;
    lab.emulator.set_limits(
        Limits::default()
            .running_transfers(0)
            .running_deletes(0)
            .pending_tasks(pending_tasks),
    );
    lab
}

async fn client(lab: &Lab, clock: impl Clock) -> Client {
    let token = lab.token(scopes::ALL).await;
    Client::builder()
        .environment(lab.here.clone())
        .authorizer(AccessTokenAuthorizer::new(token))
        .clock(clock)
        .build()
        .expect("a client")
}

fn transfer(lab: &Lab, path: &str) -> TransferData {
    TransferData::new(lab.from, lab.to).item(TransferItem::file(path, path))
}

/// A document for a scripted service.
fn scripted_transfer() -> TransferData {
    TransferData::new(Uuid::nil(), Uuid::max()).item(TransferItem::file("/a", "/b"))
}

fn refusal(code: &str, message: &str) -> Step {
    answer(
        409,
        &format!(
            r#"{{"code":"{code}","message":"{message}","request_id":"r","resource":"/transfer"}}"#
        ),
    )
}

fn too_many() -> Step {
    refusal(TOO_MANY, "100 tasks wait")
}

fn identical() -> Step {
    refusal("Conflict", IDENTICAL)
}

fn submission_id() -> Step {
    answer(
        200,
        &format!(r#"{{"DATA_TYPE":"submission_id","value":"{ID}"}}"#),
    )
}

fn accepted(kind: &str) -> Step {
    answer(
        202,
        &format!(
            r#"{{"DATA_TYPE":"{kind}_result","code":"Accepted","message":"m","request_id":"r","resource":"/{kind}","task_id":"{ID}","submission_id":"{ID}"}}"#
        ),
    )
}

fn bodies(server: &MockServer) -> Vec<String> {
    let requests = server.requests();
    let bodies = requests
        .iter()
        .filter_map(|request| request.split_once("\r\n\r\n"));
    let bodies = bodies.map(|(_, body)| body.to_owned());
    bodies.filter(|body| !body.is_empty()).collect()
}

async fn submit_refused(client: &Client, data: &TransferData) -> Error {
    client.submit_transfer(data).await.expect_err("a refusal")
}

#[tokio::test]
async fn a_waiting_submission_is_taken_once_there_is_a_place() {
    let lab = lab(1).await;
    let (alarm, mut sleeps) = Alarm::new();
    let client = client(&lab, alarm.clone()).await;
    let first = client.submit_transfer(&transfer(&lab, "/a")).await;
    let first = first.expect("a task").task_id;
    let waiting = {
        // the document is gone before the submission is
        let data = transfer(&lab, "/b");
        let submission = client.submit_transfer(&data).wait_while_full(HOUR);
        tokio::spawn(submission.into_future())
    };
    for _ in 0..2 {
        sleeps.recv().await.expect("a refusal");
        alarm.over.add_permits(1);
    }
    sleeps.recv().await.expect("a refusal");
    client.cancel_task(first).await.expect("an end");
    alarm.over.add_permits(1);
    let submitted = waiting.await.expect("no panic").expect("a task");
    let task = client.get_task(submitted.task_id).await.expect("the task");
    assert_eq!(task.source_endpoint_id, Some(lab.from));
}

#[tokio::test]
async fn a_waiting_submission_gives_up_with_the_services_error() {
    let lab = lab(1).await;
    let clock = MockClock::new();
    let client = client(&lab, clock.clone()).await;
    let first = client.submit_transfer(&transfer(&lab, "/a")).await;
    let first = first.expect("a task").task_id;
    let data = transfer(&lab, "/b");
    let minutes = Duration::from_secs(600);
    let submission = client.submit_transfer(&data).wait_while_full(minutes);
    let error = submission.await.expect_err("no place");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Busy, TOO_MANY));
    assert!(error.is_retryable());
    assert_eq!(error.submission_id(), data.submission_id.get());
    assert_eq!(clock.slept().iter().sum::<Duration>(), minutes);
    // later the same document is still good
    client.cancel_task(first).await.expect("an end");
    client.submit_transfer(&data).await.expect("a task");
}

#[tokio::test]
async fn every_submission_of_a_wait_is_the_same_and_the_pauses_grow() {
    let refusals = (0..8).map(|_| too_many());
    let steps = std::iter::once(submission_id()).chain(refusals);
    let server = MockServer::start(steps.chain([accepted("transfer")])).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    client
        .submit_transfer(&data)
        .wait_while_full(HOUR)
        .await
        .expect("a task");
    let sent = bodies(&server);
    assert_eq!(sent.len(), 9);
    assert!(sent.iter().all(|body| *body == sent[0]));
    let document: serde_json::Value = serde_json::from_str(&sent[0]).expect("JSON");
    assert_eq!(document["submission_id"], ID.to_string());
    let slept: Vec<u64> = clock.slept().iter().map(Duration::as_secs).collect();
    assert_eq!(slept, [2, 4, 8, 16, 32, 60, 60, 60]);
}

#[tokio::test]
async fn a_deletion_waits_for_a_place_too() {
    let steps = [submission_id(), too_many(), accepted("delete")];
    let server = MockServer::start(steps).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = DeleteData::new(Uuid::nil()).item("/a");
    let submission = client.submit_delete(&data).wait_while_full(HOUR);
    let submitted: DeleteResult = submission.await.expect("a task");
    assert_eq!(submitted.task_id, ID);
}

#[tokio::test]
async fn nothing_is_waited_for_unless_asked() {
    let server = MockServer::start([submission_id(), too_many(), accepted("transfer")]).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let error = submit_refused(&client, &scripted_transfer()).await;
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(clock.slept().is_empty());
}

#[tokio::test]
async fn identical_paths_are_waited_for_by_choice() {
    let steps = || [submission_id(), identical(), accepted("transfer")];
    let server = MockServer::start(steps()).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_full(HOUR);
    let error = submission.await.expect_err("identical paths");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Busy, "Conflict"));

    let server = MockServer::start(steps()).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_busy(HOUR);
    submission.await.expect("a task");
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_as_the_service_asks() {
    let later = answer_with(429, "retry-after: 120\r\n", "{}");
    let server = MockServer::start([submission_id(), later, accepted("transfer")]).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_full(HOUR);
    submission.await.expect("a task");
    assert_eq!(clock.slept(), [Duration::from_secs(120)]);
}

#[tokio::test]
async fn another_error_ends_the_wait() {
    let server = MockServer::start([submission_id(), too_many(), answer(403, "{}")]).await;
    let (client, _) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_busy(HOUR);
    let error = submission.await.expect_err("no permission");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.submission_id(), Some(ID));
}

#[tokio::test]
async fn a_copy_of_a_document_is_another_submission() {
    let lab = lab(9).await;
    let client = lab.transfer().await;
    let data = transfer(&lab, "/a");
    let copy = data.clone();
    let id = data.prepare(&client).await.expect("an id");
    assert_ne!(copy.prepare(&client).await.expect("an id"), id);
}

#[tokio::test]
async fn the_task_with_identical_paths_is_found() {
    let lab = lab(9).await;
    let client = lab.transfer().await;
    let data = || transfer(&lab, "/a").label("nightly");
    let holder = client.submit_transfer(&data()).await.expect("a task");
    // the other way, another label, a deletion, and one that has ended
    let back = TransferData::new(lab.to, lab.from).item(TransferItem::file("/a", "/a"));
    client.submit_transfer(&back).await.expect("a task");
    let other = client.submit_transfer(&transfer(&lab, "/b")).await;
    let other = other.expect("a task").task_id;
    let deletion = DeleteData::new(lab.from).item("/c");
    client.submit_delete(&deletion).await.expect("a task");
    let ended = client.submit_transfer(&transfer(&lab, "/d")).await;
    let ended = ended.expect("a task").task_id;
    client.cancel_task(ended).await.expect("an end");

    let error = submit_refused(&client, &data()).await;
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Busy, IDENTICAL)
    );
    let running = client.find_running(&data()).await.expect("tasks");
    let ids: Vec<Uuid> = running.iter().map(|task| task.task_id).collect();
    assert_eq!(ids, [holder.task_id, other]);
}

#[tokio::test]
async fn a_wait_covers_the_request_for_the_submission_id() {
    let refused = answer(429, "{}");
    let steps = [refused, submission_id(), accepted("transfer")];
    let server = MockServer::start(steps).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_full(HOUR);
    submission.await.expect("a task");
    assert_eq!(clock.slept(), [Duration::from_secs(2)]);
}

#[tokio::test]
async fn a_rate_limit_is_one_request_a_pause() {
    let refusals = std::iter::repeat_with(|| answer(429, "{}")).take(3);
    let steps = std::iter::once(submission_id()).chain(refusals);
    let server = MockServer::start(steps.chain([accepted("transfer")])).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = scripted_transfer();
    let submission = client.submit_transfer(&data).wait_while_full(HOUR);
    submission.await.expect("a task");
    let slept: Vec<u64> = clock.slept().iter().map(Duration::as_secs).collect();
    assert_eq!(slept, [2, 4, 8]);
}

#[tokio::test]
async fn a_wait_ends_at_the_documents_deadline() {
    let refusals = (0..9).map(|_| too_many());
    let steps = std::iter::once(submission_id()).chain(refusals);
    let server = MockServer::start(steps).await;
    let (client, clock) = hasty::<Client>(&server.url);
    let data = scripted_transfer().deadline(Duration::from_secs(10));
    let submission = client.submit_transfer(&data).wait_while_full(HOUR);
    let error = submission.await.expect_err("no place");
    assert_eq!(error.code(), TOO_MANY);
    let slept: Duration = clock.slept().iter().sum();
    assert!(slept <= Duration::from_secs(10), "{slept:?}");
}
