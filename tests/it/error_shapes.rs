//! The error documents of all eight services, as the Python SDK's recordings and error classes have
//! them, and what gateways send in their place.

use globus_sdk::transfer::Client;
use globus_sdk::transport::RetryPolicy;
use globus_sdk::{Error, ErrorKind};
use globus_test_support::mock::{MockServer, Step, answer, answer_with, hasty};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The error of a raw call that is answered so, tried once.
async fn raw(step: Step) -> Error {
    let server = MockServer::start([step]).await;
    let (client, _) = hasty::<Client>(&server.url);
    let call = client.get("/x").retry(RetryPolicy::disabled());
    call.send().await.expect_err("an error")
}

async fn error_of(status: u16, body: Value) -> Error {
    raw(answer(status, &body.to_string())).await
}

/// Name, status and document.
fn recorded() -> Vec<(&'static str, u16, Value)> {
    let validation = json!([
        {"loc": ["body", "start"], "msg": "field required", "type": "value_error.missing"},
        {"loc": ["body", "scope", 2, "id"], "msg": "not a UUID", "type": "type_error.uuid"},
    ]);
    vec![
        (
            "transfer",
            404,
            json!({"code": "EndpointNotFound", "message": "No such endpoint", "request_id": "BHI2BHt8N", "resource": "/endpoint/x"}),
        ),
        (
            "transfer, of an endpoint",
            404,
            json!({"code": "NotFound", "message": "Path not found, Error (list)\nEndpoint: Lab (c0ffee)\nServer: 192.0.2.1:443\n---\nDetails: Error: '~/foo' not found\\r\\n550-GridFTP-Errno: 2\\r\\n\n", "request_id": "aaabbbccc", "resource": "/stat"}),
        ),
        (
            "transfer, a login that a collection refuses",
            502,
            json!({"code": "ExternalError.DirListingFailed.LoginFailed", "message": "Command Failed: Error (login)\nEndpoint: Lab (c0ffee)\nMessage: Login Failed\n", "request_id": "7U5dNqzDn", "authorization_parameters": {"session_required_single_domain": ["example.edu"]}}),
        ),
        (
            "transfer, consent",
            403,
            json!({"code": "ConsentRequired", "message": "Missing consent", "request_id": "r", "required_scopes": ["a[*b]"]}),
        ),
        (
            "transfer, JSON:API",
            404,
            json!({"errors": [{"id": "5d2a", "status": "404", "code": "NOT_FOUND", "title": "Not Found", "detail": "No such tunnel"}], "meta": {"request_id": "abc"}}),
        ),
        (
            "flows, fields beside a message",
            422,
            json!({"error": {"code": "VALIDATION", "message": "The definition is not valid", "detail": [{"loc": ["definition", "StartAt"], "msg": "field required"}]}, "debug_id": "d1"}),
        ),
        (
            "a document beside a message",
            422,
            json!({"code": "unprocessable", "message": "The request is not valid", "detail": {"DATA_TYPE": "invalid#1.0.0", "field": "display_name"}}),
        ),
        (
            "transfer, too many tasks",
            409,
            json!({"code": "ClientError.Conflict.TooManyPendingJobs", "message": "100 tasks wait", "request_id": "r", "resource": "/transfer"}),
        ),
        (
            "transfer, the same paths",
            409,
            json!({"code": "Conflict", "message": "A transfer with identical paths has not yet completed", "request_id": "r", "resource": "/transfer"}),
        ),
        (
            "transfer, another conflict",
            409,
            json!({"code": "Conflict", "message": "The endpoint is paused", "request_id": "r", "resource": "/ls"}),
        ),
        (
            "auth",
            401,
            json!({"errors": [{"status": "401", "id": "46c97ede", "code": "UNAUTHORIZED", "detail": "Log in first", "title": "Unauthorized"}], "error_description": "Unauthorized", "error": "unauthorized"}),
        ),
        (
            "auth, the token endpoint",
            401,
            json!({"error": "invalid_grant"}),
        ),
        (
            "auth, a wrong secret",
            401,
            json!({"error": "invalid_client", "error_description": "Unknown client"}),
        ),
        (
            "auth, two errors of one request",
            400,
            json!({"errors": [{"id": "1", "code": "A", "detail": "first"}, {"id": "1", "code": "B", "detail": "second"}, {"code": "B", "title": "third"}]}),
        ),
        (
            "groups",
            403,
            json!({"code": "FORBIDDEN", "detail": "Not a manager"}),
        ),
        (
            "groups, validation",
            422,
            json!({"detail": [{"loc": ["path", "group_id"], "msg": "field required", "type": "value_error.missing"}]}),
        ),
        (
            "search",
            409,
            json!({"@datatype": "GError", "@version": "2017-09-01", "status": 409, "code": "Conflict.LimitExceeded", "message": "Role limit exceeded", "request_id": "38186e96", "error_data": {"cause": "too many", "constraint": "3"}}),
        ),
        (
            "search, validation",
            400,
            json!({"@datatype": "GError", "status": 400, "code": "BadRequest.ValidationError", "message": "Cannot validate", "request_id": "38186e96", "error_data": {"messages": {"filters": {"0": {"type": ["Unknown filter"]}}}}}),
        ),
        (
            "timers",
            500,
            json!({"error": {"code": "ERROR", "detail": "It failed", "status": 500}}),
        ),
        ("timers, validation", 422, json!({"detail": validation})),
        (
            "flows",
            409,
            json!({"error": {"code": "STATE_CONFLICT", "detail": "The run is ACTIVE"}, "debug_id": "80d920b6"}),
        ),
        (
            "flows, validation",
            422,
            json!({"error": {"code": "UNPROCESSABLE_ENTITY", "detail": validation}, "debug_id": "cf71b1d1"}),
        ),
        (
            "flows, validation with a message",
            422,
            json!({"error": {"code": "UNPROCESSABLE_ENTITY", "detail": [{"loc": ["$.bool"], "msg": "no", "type": "t"}], "message": "1 validation error"}, "debug_id": "41267e70"}),
        ),
        (
            "flows, a policy",
            403,
            json!({"web_input_summary": {"id": "e35d"}, "error": {"code": "AUTHENTICATION_POLICY_REQUIRED", "detail": "No identity of the session will do"}, "code": "AuthenticationPolicyRequired", "authorization_parameters": {"session_required_policies": ["6f2c1d7e-3b4a-4a5e-9f0f-8f2a1b7c4d9e"], "session_message": "log in"}}),
        ),
        (
            "compute",
            404,
            json!({"status": "Failed", "code": "FUNCTION_NOT_FOUND", "error_args": ["f"], "http_status_code": 404, "detail": "No such function", "reason": "No such function"}),
        ),
        (
            "compute, version 2",
            413,
            json!({"status": "Failed", "code": 24, "error_args": [], "http_status_code": 413, "reason": "The payload is too large"}),
        ),
        (
            "compute, validation",
            422,
            json!({"detail": [{"loc": ["body", "tasks"], "msg": "empty", "type": "value_error"}]}),
        ),
        (
            "connect server",
            422,
            json!({"DATA_TYPE": "result#1.0.0", "code": "unprocessable_entity", "detail": "", "http_response_code": 422, "message": "Cannot validate"}),
        ),
        (
            "connect server, nothing said",
            403,
            json!({"DATA_TYPE": "result#1.0.0", "code": "permission_denied", "detail": "", "http_response_code": 403, "message": null}),
        ),
        (
            "connect server, a detail in text",
            404,
            json!({"DATA_TYPE": "result#1.0.0", "code": "not_found", "detail": "No such gateway", "http_response_code": 404, "message": null, "data": []}),
        ),
        (
            "connect server, a detail document",
            403,
            json!({"DATA_TYPE": "result#1.1.0", "code": "permission_denied", "detail": {"DATA_TYPE": "not_from_allowed_domain#1.0.0", "allowed_domains": ["example.edu", "example.org"]}, "http_response_code": 403, "message": null, "authorization_parameters": {"session_required_single_domain": ["example.edu"]}}),
        ),
    ]
}

fn line(name: &str, error: &Error) -> String {
    let request = error.request_id().unwrap_or("-");
    let retryable = if error.is_retryable() {
        ", retryable"
    } else {
        ""
    };
    let requirements = error.auth_requirements();
    let requirements = requirements.map_or_else(String::new, |r| format!(", {r}"));
    format!(
        "{name}: {:?} [{}] {} (request {request}){retryable}{requirements}",
        error.kind(),
        error.code(),
        error.message()
    )
}

#[tokio::test]
async fn the_shapes_of_all_services_are_read() {
    let mut read = String::new();
    for (name, status, body) in recorded() {
        let _ = writeln!(read, "{}", line(name, &error_of(status, body).await));
    }
    insta::assert_snapshot!(read);
}

#[tokio::test]
async fn what_is_no_error_document_is_shown_in_short() {
    let page = |body: &str| {
        let (kind, length) = ("text/html; charset=utf-8", body.len());
        let head = format!("HTTP/1.1 502 X\r\ncontent-type: {kind}\r\ncontent-length: {length}");
        Step::Raw(format!("{head}\r\n\r\n{body}").into_bytes())
    };
    let long = format!("<p>{}", "word ".repeat(500));
    let mut read = String::new();
    for (name, step) in [
        (
            "a page",
            answer(
                502,
                "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>",
            ),
        ),
        (
            "a page without a title",
            page("<!doctype html>\n<style>p {}</style><p>Back at <b>noon</b>&nbsp;&amp; later</p>"),
        ),
        ("a page without tags", page("We are\naway")),
        ("a long page", page(&long)),
        ("an empty page", page("<html></html>")),
        ("no body", answer(503, "")),
        ("blanks", answer(503, " \r\n")),
        (
            "text",
            answer_with(
                503,
                "content-type: text/plain\r\n",
                "upstream connect error\nreset\u{1b}[2J",
            ),
        ),
        ("a JSON text", answer(400, "\"no\\nway\"")),
        ("a JSON number", answer(400, "42")),
        ("null", answer(400, "null")),
        ("an empty object", answer(400, "{}")),
        (
            "a list of errors",
            answer(
                400,
                r#"[{"code":"A","message":"one"},{"code":"B","message":"two"}]"#,
            ),
        ),
        ("a list of texts", answer(400, r#"["one","two"]"#)),
        (
            "a byte order mark",
            answer(404, "\u{feff}{\"code\":\"A\",\"message\":\"one\"}"),
        ),
        ("cut off", answer(500, r#"{"code":"A","mess"#)),
    ] {
        let _ = writeln!(read, "{}", line(name, &raw(step).await));
    }
    insta::assert_snapshot!(read);
}

#[tokio::test]
async fn broken_characters_do_not_hide_a_code() {
    let body = b"{\"code\":\"EndpointError\",\"message\":\"caf\xff\"}";
    let head = format!("HTTP/1.1 502 X\r\ncontent-length: {}\r\n\r\n", body.len());
    let error = raw(Step::Raw([head.as_bytes(), body].concat())).await;
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Endpoint, "caf\u{fffd}")
    );
}

#[tokio::test]
async fn a_code_that_is_null_or_empty_is_looked_for_in_errors() {
    for code in [json!(null), json!(""), json!(" "), json!([]), json!({})] {
        let body = json!({"code": code, "message": null, "errors": [{"code": null}, {"code": "NOT_FOUND", "detail": "gone"}]});
        let error = error_of(404, body).await;
        assert_eq!((error.code(), error.message()), ("NOT_FOUND", "gone"));
    }
}

#[tokio::test]
async fn every_one_of_errors_decides_the_kind() {
    for (status, code, kind) in [
        (502, "ExternalError.MkdirFailed.Exists", ErrorKind::Endpoint),
        (500, "EndpointError", ErrorKind::Endpoint),
        (
            502,
            "ExternalError.DirListingFailed.SizeLimit",
            ErrorKind::ListLimitExceeded,
        ),
        (
            409,
            "ClientError.Conflict.TooManyPendingJobs",
            ErrorKind::Busy,
        ),
    ] {
        let body = json!({"errors": [{"code": "General", "detail": "it failed"}, {"code": code, "detail": "because"}]});
        let error = error_of(status, body).await;
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.message(), "it failed; because");
    }
}

#[tokio::test]
async fn many_errors_are_counted_and_not_all_shown() {
    let errors: Vec<Value> = (0..5000)
        .map(|n| json!({"detail": format!("fault {n}")}))
        .collect();
    let error = error_of(400, json!({"errors": errors})).await;
    assert!(
        error.message().ends_with("fault 9; and 4990 more"),
        "{error}"
    );
}

#[tokio::test]
async fn an_errors_source_says_where_the_fault_is() {
    let body = json!({"errors": [
        {"detail": "too long", "source": {"pointer": "/data/attributes/label"}},
        {"detail": "unknown", "source": {"parameter": "filter"}},
    ]});
    let error = error_of(400, body).await;
    assert_eq!(
        error.message(),
        "/data/attributes/label: too long; filter: unknown"
    );
}

#[tokio::test]
async fn no_text_of_others_breaks_a_line_or_reaches_a_terminal() {
    let evil = "a\r\nb\u{1b}[31m\u{202e}c\u{7}\u{85}d\u{2028}e\u{0}";
    let header = "x-request-id: one\ttwo\r\n";
    for body in [
        json!({"code": evil, "message": evil, "request_id": evil}),
        json!({"errors": [{"code": evil, "detail": evil, "id": evil, "source": {"pointer": evil}}]}),
        json!({"detail": [{"loc": [evil, evil], "msg": evil}]}),
        json!({"error": {"code": evil, "detail": {"DATA_TYPE": evil, evil: evil}}, "debug_id": evil}),
        json!({"code": evil, "authorization_parameters": {"session_message": evil, "session_required_identities": [evil], "session_required_policies": [evil], "required_scopes": [evil]}}),
        json!(evil),
        json!({"novelty": evil}),
    ] {
        let error = raw(answer_with(403, header, &body.to_string())).await;
        for shown in [
            error.to_string(),
            format!("{error:#}"),
            format!("{error:?}"),
            error.message().into(),
            error.code().into(),
            error.request_id().unwrap_or_default().into(),
        ] {
            let bad = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
            assert!(!shown.contains(bad), "{shown:?}");
        }
    }
}

#[tokio::test]
async fn long_texts_of_others_are_cut() {
    let long = "x".repeat(1_000_000);
    for body in [
        json!({"code": long, "message": long, "request_id": long}),
        json!({"errors": [{"code": "A", "detail": long}, {"code": "B", "detail": long.to_uppercase()}]}),
        json!({"authorization_parameters": {"session_required_identities": [long]}}),
        json!(long),
        json!([long]),
        json!({"novelty": long}),
    ] {
        let error = error_of(403, body).await;
        assert!(
            error.message().chars().count() < 1100,
            "{}",
            error.message().len()
        );
        assert!(format!("{error:?}").len() < 8000);
    }
}

#[tokio::test]
async fn a_decode_errors_path_is_one_line() {
    let body = "{\"DATA_TYPE\":\"task\",\"a\\nb\u{1b}\":1,\"label\":7}";
    let server = MockServer::start([answer(200, body)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer
        .get_task(globus_sdk::types::Uuid::nil())
        .await
        .expect_err("a wrong document");
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}
