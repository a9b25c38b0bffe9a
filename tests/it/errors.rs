//! Every way in which a call can fail is one clear error.

use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::transport::RetryPolicy;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Error, ErrorKind};
use globus_test_support::child_process;
use globus_test_support::mock::{MockServer, Step, answer, answer_with, hasty};
use std::time::Duration;

/// The error of a `get_task` that is answered so, tried once.
async fn get_task(step: Step) -> Error {
    let server = MockServer::start([step]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .get_task(Uuid::nil())
        .with_retry(RetryPolicy::disabled())
        .await
        .expect_err("an error")
}

#[tokio::test]
async fn a_bad_uuid_is_refused_before_anything_is_sent() {
    let server = MockServer::start([answer(200, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer.get_task("go#ep1").await.expect_err("no UUID");
    assert_eq!(error.kind(), ErrorKind::Usage);
    insta::assert_snapshot!(error, @"get_task: invalid UUID for `task_id`: `go#ep1`; pass one such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_service_error_keeps_code_message_and_request_id() {
    let error = get_task(answer(
        404,
        r#"{"code":"ClientError.NotFound","message":"No task","request_id":"abc","resource":"/task"}"#,
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), "ClientError.NotFound");
    assert_eq!(error.request_id(), Some("abc"));
    insta::assert_snapshot!(error, @"get_task: 404 ClientError.NotFound: No task (request abc)");
}

#[tokio::test]
async fn an_html_502_keeps_its_status_headers_and_first_bytes() {
    let page = format!("<html>Bad Gateway{}</html>", "x".repeat(2000));
    let error = get_task(answer_with(502, "via: proxy\r\n", &page)).await;
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.status().map(|s| s.as_u16()), Some(502));
    assert_eq!(error.code(), "Error");
    let (headers, body) = error.response_parts().expect("the answer");
    assert_eq!(
        (headers["via"].as_bytes(), body.len()),
        (&b"proxy"[..], page.len())
    );
    assert!(
        error
            .message()
            .starts_with("the answer is a page: Bad Gateway")
    );
    assert!(error.message().len() < 600);
}

#[tokio::test]
async fn truncated_json_is_said_to_be_cut_off() {
    let error = get_task(answer(200, r#"{"DATA_TYPE":"task","task_id":"#)).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error
            .to_string()
            .starts_with("get_task: the answer is cut off"),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_shorter_than_it_was_declared_is_a_network_error() {
    let error = get_task(Step::Raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"task".to_vec(),
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn the_wrong_document_is_named() {
    let error = get_task(answer(200, r#"{"DATA_TYPE":"endpoint","id":"x"}"#)).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    insta::assert_snapshot!(error, @r#"get_task: the answer does not fit its type at DATA_TYPE: wrong document: DATA_TYPE is "endpoint", expected "task" at line 1 column 23; see Error::response_parts for the answer; if the spec is wrong, please report it"#);
}

#[tokio::test]
async fn a_known_tag_with_a_wrong_field_names_the_path() {
    let server = MockServer::start([answer(
        200,
        r#"{"DATA_TYPE":"file_list","endpoint":"e","path":"/","DATA":[{"DATA_TYPE":"file","name":"a","type":"file"},{"DATA_TYPE":"file","name":7,"type":"file"}]}"#,
    )])
    .await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer
        .operation_ls(Uuid::nil())
        .await
        .expect_err("a wrong field");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error
            .message()
            .contains("at DATA[1].name: invalid type: integer `7`"),
        "{error}"
    );
}

#[tokio::test]
async fn html_in_place_of_json_is_shown() {
    let error = get_task(answer(200, "<html>login</html>")).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.message().contains("not JSON") && error.message().contains("<html>login"),
        "{error}"
    );
}

/// A whole answer whose body need not be text.
fn bytes(body: &[u8]) -> Step {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    Step::Raw([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_wrong_field_before_broken_text_is_told_first() {
    let error = get_task(bytes(
        b"{\"DATA_TYPE\":\"task\",\"label\":7,\"x\":\"\xff\"}",
    ))
    .await;
    assert!(
        error.message().contains("at label: invalid type"),
        "{error}"
    );
}

#[tokio::test]
async fn a_tag_that_is_no_text_is_shown() {
    for found in ["7", "-7", "0.5", "true", r#"["task"]"#, r#"{"a":1}"#] {
        let error = get_task(answer(200, &format!(r#"{{"DATA_TYPE":{found}}}"#))).await;
        assert!(
            error
                .message()
                .contains(&format!("DATA_TYPE is {found}, expected \"task\"")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn keys_and_tags_may_be_escaped() {
    let body = r#"{"DATA\u005fTYPE":"file\u005flist","endpoint":"e","path":"/","DATA":[{"n\u0061me":"\u0061","type":"d\u0069r"}]}"#;
    let server = MockServer::start([answer(200, body)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let listing = transfer.operation_ls(Uuid::nil()).await.expect("a listing");
    assert_eq!(listing.data[0].name, "a");
    assert_eq!(listing.data[0].r#type, "dir");
}

#[tokio::test]
async fn a_broken_document_is_not_shown_since_it_may_hold_a_secret() {
    let mut body = br#"{"access_token": "AgSecret", "scope": "?"}"#.to_vec();
    *body
        .iter_mut()
        .rfind(|byte| **byte == b'?')
        .expect("a place") = 0xff;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let error = get_task(Step::Raw([head.as_bytes(), &body].concat())).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    let said = format!("{error} {error:?}");
    assert!(!said.contains("AgSecret"), "{said}");
    assert!(said.contains("is malformed JSON at scope: "), "{said}");
    assert!(error.response_parts().is_some_and(|(_, raw)| raw == body));
}

#[tokio::test]
async fn a_long_value_that_does_not_fit_is_not_told_whole() {
    let long = "x".repeat(1 << 20);
    let body = format!(r#"{{"DATA_TYPE": "task", "task_id": "{long}"}}"#);
    let error = get_task(answer(200, &body)).await;
    let said = error.to_string();
    assert!(said.contains("at task_id: ") && said.len() < 1000, "{said}");
}

#[tokio::test]
async fn a_wait_that_nobody_can_count_is_not_cut_short() {
    let much = "9".repeat(30);
    for after in [much.as_str(), "18446744073709551615"] {
        let refused = answer_with(503, &format!("retry-after: {after}\r\n"), "{}");
        let server = MockServer::start([refused]).await;
        let (transfer, clock) = hasty::<Client>(&server.url);
        let error = transfer.task_list().await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!((server.count(), clock.slept().len()), (1, 0), "{after}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_a_connect_error() {
    let (transfer, clock) = hasty::<Client>("http://127.0.0.1:1");
    let error = transfer.task_list().await.expect_err("nobody there");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(clock.slept().len(), 5);
    assert!(
        error
            .to_string()
            .ends_with("check the service's address and the network"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_a_timeout() {
    let server = MockServer::start([Step::Hang]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer
        .task_list()
        .with_timeout(Duration::from_millis(50))
        .with_retry(RetryPolicy::disabled())
        .await
        .expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused() {
    let server = MockServer::start([answer(200, &format!("\"{}\"", "x".repeat(5000)))]).await;
    let transfer = Client::builder()
        .base_url(&server.url)
        .response_limit(1000)
        .build()
        .expect("a client");
    let error = transfer.task_list().await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}

/// A list of tasks of this many bytes, in as many chunks, with these headers.
fn chunked(status: u16, bytes: usize, chunks: usize) -> Step {
    let body = format!("\"{}\"", "x".repeat(bytes - 2));
    let mut whole =
        format!("HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.as_bytes().chunks(bytes.div_ceil(chunks)) {
        whole.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        whole.extend_from_slice(chunk);
        whole.extend_from_slice(b"\r\n");
    }
    whole.extend_from_slice(b"0\r\n\r\n");
    Step::Raw(whole)
}

#[tokio::test]
async fn the_limit_of_an_answer_holds_however_it_is_cut_into_chunks() {
    let unsized_body = |bytes: usize| {
        Step::Raw(format!("HTTP/1.1 200 X\r\n\r\n\"{}\"", "x".repeat(bytes - 2)).into_bytes())
    };
    for (step, too_large) in [
        (chunked(200, 3000, 1), true),
        (chunked(200, 3000, 30), true),
        (chunked(500, 3000, 1), true),
        (chunked(200, 1001, 1), true),
        (chunked(200, 1000, 1), false),
        (chunked(200, 1000, 7), false),
        (unsized_body(1001), true),
        (unsized_body(1000), false),
    ] {
        let server = MockServer::start([step.clone()]).await;
        let transfer = Client::builder()
            .environment(Environment::empty())
            .base_url(&server.url)
            .retry(RetryPolicy::disabled())
            .response_limit(1000)
            .build()
            .expect("a client");
        let error = transfer.task_list().await.expect_err("no list of tasks");
        let is_too_large = error.kind() == ErrorKind::ResponseTooLarge;
        assert_eq!(is_too_large, too_large, "{error}: {step:?}");
    }
}

#[tokio::test]
async fn a_token_does_not_follow_a_redirect_to_another_host() {
    let other = MockServer::start([answer(200, "{}")]).await;
    let location = format!("location: {}/stolen\r\n", other.url);
    let server = MockServer::start([answer_with(302, &location, "")]).await;
    let transfer = Client::builder()
        .base_url(&server.url)
        .authorizer(globus_sdk::auth::AccessTokenAuthorizer::new("secret-token"))
        .build()
        .expect("a client");
    let error = transfer.task_list().await.expect_err("no redirect");
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn a_wrong_item_is_named_before_anything_is_sent() {
    let server = MockServer::start([answer(200, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let data = TransferData::new(Uuid::nil(), Uuid::nil())
        .item(TransferItem::file("/a", "/b"))
        .item(TransferItem::file("relative", "/b"));
    let error = transfer
        .submit_transfer(&data)
        .await
        .expect_err("a relative path");
    insta::assert_snapshot!(error, @"item 1: source_path \"relative\" is relative; start it with / or /~/");
    let empty = TransferData::new(Uuid::nil(), Uuid::nil());
    let error = transfer
        .submit_transfer(&empty)
        .await
        .expect_err("no items");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(server.count(), 0);
}

const BARE: &str = "errors::a_client_is_built_outside_a_runtime_and_without_ca_files";

#[test]
fn a_client_is_built_outside_a_runtime_and_without_ca_files() {
    if child_process::is_child_of(BARE) {
        on_a_bare_machine();
        child_process::end();
    }
    let played = child_process::command(BARE)
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .expect("a process");
    assert!(child_process::acted(played.status), "{played:?}");
}

/// Runs in the child of the test above.
fn on_a_bare_machine() {
    // outside any runtime, for https, with no certificate anywhere
    let transfer = Client::builder()
        .build()
        .expect("no network, no runtime, no certificates");
    assert!(transfer.base_url().starts_with("https://"));
    let call = transfer.task_list();
    drop(call);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let server = MockServer::start([answer(200, "{}")]).await;
        let (plain, _) = hasty::<Client>(&server.url);
        plain.get("/x").send().await.expect("plain http works");
    });
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let build = |name: &str, value: &str| {
        let environment = Environment::empty().with_var(name, value);
        let built = Client::builder().environment(environment).build();
        built.expect_err("a wrong setting").to_string()
    };
    insta::assert_snapshot!(build("GLOBUS_SDK_HTTP_TIMEOUT", "soon"), @"invalid GLOBUS_SDK_HTTP_TIMEOUT `soon`; use a positive number of seconds, or -1 for no limit");
    insta::assert_snapshot!(build("GLOBUS_SDK_ENVIRONMENT", "mars"), @"unknown GLOBUS_SDK_ENVIRONMENT `mars`; use production, preview, sandbox, integration, test or staging");
    insta::assert_snapshot!(build("GLOBUS_SDK_VERIFY_SSL", "/no/such.pem"), @"GLOBUS_SDK_VERIFY_SSL is `/no/such.pem`, which does not exist; use true, false or the path of a PEM file or of a directory of PEM files");
    insta::assert_snapshot!(build("GLOBUS_SDK_SERVICE_URL_TRANSFER", "ftp://x"), @"invalid address `ftp://x` from GLOBUS_SDK_SERVICE_URL_TRANSFER: not an http or https address; use one such as https://transfer.api.globus.org");
}

#[tokio::test]
async fn a_raw_path_cannot_lead_to_another_host() {
    let server = MockServer::start([answer(200, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    for path in [
        "v0.10/task_list",
        "http://evil.example/",
        "@evil.example/",
        "//evil.example/x",
    ] {
        let error = transfer.get(path).send().await.expect_err("a wrong path");
        assert_eq!(error.kind(), ErrorKind::Usage, "{path}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn the_guide_has_a_remedy_for_every_kind() {
    let (_, kinds) = include_str!("../../src/error/kind.rs")
        .split_once("pub enum ErrorKind {")
        .expect("the kinds");
    let (kinds, _) = kinds.split_once('}').expect("their end");
    let kinds: Vec<_> = kinds
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| !line.starts_with("///"))
        .collect();
    assert!(kinds.contains(&"Usage") && kinds.len() > 20, "{kinds:?}");
    let remedies = include_str!("../../docs/errors.md");
    for kind in kinds {
        assert!(
            remedies.contains(&format!("\n| `{kind}` | ")),
            "write a row for `{kind}` in docs/errors.md"
        );
    }
}

#[tokio::test]
async fn debug_is_a_line_for_people_with_the_causes() {
    let error = get_task(answer(
        404,
        r#"{"code":"ClientError.NotFound","message":"No task","request_id":"abc"}"#,
    ))
    .await;
    insta::assert_snapshot!(format!("{error:?}"), @"NotFound: get_task: 404 ClientError.NotFound: No task (request abc)");
    let cause = std::io::Error::other("the disk\nis full");
    let outer = Error::custom(ErrorKind::Storage, "no token is stored").with_source(error);
    let outer = Error::custom(ErrorKind::Login, "nobody can log in")
        .with_source(outer.clone())
        .with_source(cause);
    insta::assert_snapshot!(format!("{outer:?}"), @"Login: nobody can log in: the disk is full");
}

#[tokio::test]
async fn the_alternate_form_prints_the_whole_chain() {
    let inner = get_task(answer(404, r#"{"code":"A","message":"no task"}"#)).await;
    let middle = Error::custom(ErrorKind::Storage, "no token is stored").with_source(inner);
    let outer = Error::custom(ErrorKind::Timeout, "too late").with_source(middle);
    insta::assert_snapshot!(format!("{outer}"), @"too late; try again, or allow more time with `with_timeout`");
    insta::assert_snapshot!(format!("{outer:#}"), @"too late: no token is stored: get_task: 404 A: no task; try again, or allow more time with `with_timeout`");
    insta::assert_snapshot!(format!("{outer:#?}"), @r#"
    Error {
        kind: Timeout,
        message: "too late; try again, or allow more time with `with_timeout`",
        causes: [
            "no token is stored",
            "get_task: 404 A: no task",
        ],
    }
    "#);
}

#[tokio::test]
async fn a_message_never_repeats_its_cause() {
    use std::error::Error as _;
    let refused = {
        let (transfer, _) = hasty::<Client>("http://127.0.0.1:1");
        transfer.task_list().await.expect_err("nobody there")
    };
    for error in [refused, get_task(Step::Drop).await] {
        let mut next = error.source();
        let mut causes = 0;
        while let Some(cause) = next {
            causes += 1;
            assert!(!error.to_string().contains(&cause.to_string()), "{error}");
            assert!(
                format!("{error:#}").contains(&cause.to_string()),
                "{error:#}"
            );
            assert!(
                format!("{error:?}").contains(&cause.to_string()),
                "{error:?}"
            );
            next = cause.source();
        }
        assert!(causes > 0);
    }
}

#[tokio::test]
async fn the_submission_id_is_shown_to_people() {
    let id = "11111111-2222-4333-8444-555555555555";
    let server = MockServer::start([answer(400, r#"{"code":"BadRequest","message":"no"}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let data = TransferData::new(Uuid::nil(), Uuid::nil())
        .submission_id(id.parse::<Uuid>().expect("a UUID"))
        .item(TransferItem::file("/a", "/b"));
    let error = transfer.submit_transfer(&data).await.expect_err("refused");
    insta::assert_snapshot!(format!("{error:?}"), @"InvalidRequest: submit_transfer: 400 BadRequest: no (submission 11111111-2222-4333-8444-555555555555)");
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_as_that() {
    use globus_sdk::auth::{self, ConfidentialAppAuthClient};
    for body in [
        r#"{"error":"invalid_client"}"#,
        r#"{"errors":[{"code":"UNAUTHORIZED","detail":"no"}],"error":"unauthorized"}"#,
        "",
    ] {
        let server = MockServer::start([answer(401, body)]).await;
        let (auth, _) = hasty::<auth::Client>(&server.url);
        let app =
            ConfidentialAppAuthClient::with_client(Uuid::nil(), "wrong", &auth).expect("a client");
        let error = app
            .oauth2_client_credentials_tokens("openid")
            .await
            .expect_err("a wrong secret");
        let shown = error.to_string();
        assert!(
            shown.ends_with("; check the client's id and secret"),
            "{shown}"
        );
        assert!(!shown.contains("log in"), "{shown}");
    }
    let error = get_task(answer(401, "{}")).await;
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[tokio::test]
async fn missing_credentials_are_told_by_their_code() {
    let body = r#"{"code":"ClientError.AuthenticationFailed","message":"No credentials supplied"}"#;
    let error = get_task(answer(400, body)).await;
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
}

#[tokio::test]
async fn a_failed_connection_says_why_in_its_own_words() {
    let (transfer, _) = hasty::<Client>("http://127.0.0.1:1");
    let error = transfer.task_list().await.expect_err("nobody there");
    assert!(
        error.to_string().contains("nothing listens at its address"),
        "{error:#}"
    );
}
