//! What a program that listens to traces is told about a call: one span, an event for each attempt.

use globus_sdk::transfer::{TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, transfer};
use globus_test_support::mock::{MockClock, MockServer, Step, answer};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// The lines that a listing of tasks leaves, with the port of its service as PORT.
async fn told(steps: Vec<Step>) -> String {
    told_by(steps, async |client| {
        let _ = client.task_list().filter("status:ACTIVE").await;
    })
    .await
}

async fn told_by(steps: Vec<Step>, call: impl AsyncFnOnce(transfer::Client)) -> String {
    let service = MockServer::start(steps).await;
    let client = transfer::Client::builder()
        .environment(Environment::empty())
        .base_url(&service.url)
        .clock(MockClock::new())
        .build()
        .expect("a client");
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    call(client).await;
    drop(listening);
    let (_, port) = service.url.rsplit_once(':').expect("a port");
    let said = lines.0.lock().expect("lines").clone();
    let said = String::from_utf8(said).expect("text");
    let ours = said.lines().filter(|line| line.contains("globus_sdk"));
    // how long it took differs from run to run
    let plain = ours.map(|line| line.split(" time.busy").next().expect("a line").trim());
    plain.collect::<Vec<_>>().join("\n").replace(port, "PORT")
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lines").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn call_is_an_opentelemetry_span_and_each_attempt_an_event() {
    let lines = told(vec![answer(503, "{}"), answer(200, r#"{"DATA": []}"#)]).await;
    insta::assert_snapshot!(lines);
}

#[tokio::test]
async fn a_call_that_fails_ends_its_span_as_an_error() {
    let body = r#"{"code": "ClientError.NotFound", "message": "no such list"}"#;
    insta::assert_snapshot!(told(vec![answer(404, body)]).await);
}

#[tokio::test]
async fn a_call_that_gets_no_answer_names_the_kind_of_failure() {
    let lines = told(vec![Step::Drop]).await;
    let span = lines.lines().last().expect("a span");
    assert!(span.contains(r#"error.type="Network""#), "{lines}");
}

#[tokio::test]
async fn what_was_filtered_for_stands_in_no_trace() {
    let lines = told(vec![answer(200, r#"{"DATA": []}"#)]).await;
    assert!(!lines.contains("ACTIVE"), "{lines}");
}

#[tokio::test]
async fn each_retry_is_a_warning_with_what_and_when() {
    let body = r#"{"code": "ServiceUnavailable", "message": "away\nfor lunch"}"#;
    let lines = told(vec![
        answer(503, body),
        Step::Drop,
        answer(200, r#"{"DATA": []}"#),
    ])
    .await;
    let warnings: Vec<&str> = lines
        .lines()
        .filter(|line| line.starts_with("WARN"))
        .filter_map(|line| Some(line.split_once("retrying")?.1.trim()))
        .collect();
    assert_eq!(warnings.len(), 2, "{lines}");
    assert_eq!(
        warnings[0],
        r#"operation=task_list reason="503 ServiceUnavailable: away for lunch" wait=500ms attempt=1"#
    );
    assert!(warnings[1].contains("wait=1s attempt=2"), "{lines}");
}

#[tokio::test]
async fn a_call_that_is_not_made_again_warns_of_nothing() {
    let lines = told(vec![answer(404, "{}")]).await;
    assert!(!lines.contains("WARN"), "{lines}");
}

#[tokio::test]
async fn each_refusal_that_a_submission_waits_out_is_a_warning() {
    let refusal = r#"{"code": "ClientError.Conflict.TooManyPendingJobs", "message": "later"}"#;
    let id = Uuid::from_u128(7);
    let result = format!(
        r#"{{"DATA_TYPE":"transfer_result","code":"Accepted","task_id":"{id}","submission_id":"{id}"}}"#
    );
    let lines = told_by(
        vec![answer(409, refusal), answer(202, &result)],
        async |client| {
            let data = TransferData::new(Uuid::nil(), Uuid::max())
                .submission_id(id)
                .item(TransferItem::file("/a", "/b"));
            let hour = Duration::from_secs(3600);
            let submission = client.submit_transfer(&data).wait_while_full(hour);
            submission.await.expect("a task");
        },
    )
    .await;
    let warning = lines.lines().find(|line| line.starts_with("WARN"));
    let (_, warning) = warning
        .and_then(|line| line.split_once("transfer::submit: "))
        .expect("a warning");
    assert_eq!(
        warning,
        format!(
            r#"the service does not accept the submission yet; submitting again later operation="submit_transfer" reason="409 ClientError.Conflict.TooManyPendingJobs: later" submission_id={id} wait=2s"#
        )
    );
}
