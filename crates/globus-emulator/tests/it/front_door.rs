//! What reaches the emulator from outside before any service sees it: pages of other origins, requests
//! that do not arrive whole, paths that nothing serves.

mod hosts;
mod limits;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use globus_test_support::emulator::{Lab, TestResult, item};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

const FOREIGN: &str = "https://evil.example";

/// Everything that changes something without a token.
const CHANGES: [(Method, &str); 10] = [
    (Method::POST, "/_emulator/reset"),
    (Method::POST, "/_emulator/clock"),
    (Method::POST, "/_emulator/tokens"),
    (Method::POST, "/_emulator/faults"),
    (Method::DELETE, "/_emulator/faults"),
    (Method::DELETE, "/_emulator/requests"),
    (Method::POST, "/_emulator/snapshots"),
    (
        Method::PUT,
        "/_emulator/collections/00000000-0000-4000-8000-000000000000/requirements",
    ),
    (Method::POST, "/v2/oauth2/authorize"),
    (Method::POST, "/v2/web/consents"),
];

/// A request without a token.
fn send(lab: &Lab, method: Method, path: &str) -> RequestBuilder {
    lab.sandbox.http.request(method, lab.sandbox.url(path))
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() -> TestResult {
    let lab = Lab::start().await?;
    let before = lab.sandbox.emulator.snapshot().await?;
    for (method, path) in CHANGES {
        for (name, value) in [
            ("origin", FOREIGN),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            // another port of this machine
            ("sec-fetch-site", "same-site"),
        ] {
            let request = send(&lab, method.clone(), path);
            let answer = request
                .header(name, value)
                .header("content-type", "text/plain")
                .body("{}")
                .send()
                .await?;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {value}");
            assert!(!answer.headers().contains_key("access-control-allow-origin"));
        }
    }
    // the snapshot is there still, and the token works
    let answer = lab.request(Method::GET, "/v0.10/task_list").send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    lab.sandbox.emulator.delete_snapshot(before)?;
    Ok(())
}

#[tokio::test]
async fn a_page_of_its_own_origin_changes_things() -> TestResult {
    let lab = Lab::start().await?;
    let own = lab.sandbox.emulator.base_url().to_owned();
    for (name, value) in [("origin", own.as_str()), ("sec-fetch-site", "same-origin")] {
        let reset = send(&lab, Method::POST, "/_emulator/reset");
        let answer = reset.header(name, value).send().await?;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_preflight_is_answered_for_services_alone() -> TestResult {
    let lab = Lab::start().await?;
    for (path, allowed) in [
        ("/v0.10/submission_id", true),
        ("/v1/index_list", true),
        ("/v2/groups/my_groups", true),
        ("/v2/oauth2/token", true),
        ("/_emulator/reset", false),
        ("/", false),
        ("/v2/oauth2/authorize", false),
        ("/v2/web/consents", false),
    ] {
        let request = send(&lab, Method::OPTIONS, path);
        let answer = request
            .header("origin", FOREIGN)
            .header("access-control-request-method", "GET")
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-globus-client-info",
            )
            .send()
            .await?;
        let headers = answer.headers();
        let origin = headers.get("access-control-allow-origin");
        assert_eq!(
            origin.map(|value| value == FOREIGN),
            allowed.then_some(true),
            "{path}"
        );
        let names = headers.get("access-control-allow-headers");
        let names = names.and_then(|names| names.to_str().ok()).unwrap_or("");
        for name in ["authorization", "content-type", "x-globus-client-info"] {
            assert!(names.contains(name), "{path}: {names}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_page_frames_what_acts_without_a_token() -> TestResult {
    let lab = Lab::start().await?;
    for path in ["/", "/v2/oauth2/authorize", "/v2/web/consents"] {
        let answer = lab.sandbox.get(path).send().await?;
        let policy = answer.headers().get("content-security-policy");
        let told = policy.map(|value| value == "frame-ancestors 'none'");
        assert_eq!(told, Some(true), "{path}: {policy:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_may_read_refusals_of_the_services() -> TestResult {
    let lab = Lab::start().await?;
    for (path, status) in [
        ("/v0.10/task_list", StatusCode::BAD_REQUEST),
        ("/v0.10/no_such_thing", StatusCode::NOT_IMPLEMENTED),
        ("/v2/groups/my_groups", StatusCode::UNAUTHORIZED),
    ] {
        let request = lab.sandbox.get(path).header("origin", FOREIGN);
        let answer = request.send().await?;
        assert_eq!(answer.status(), status, "{path}");
        let origin = answer.headers().get("access-control-allow-origin");
        assert_eq!(origin.map(|value| value == FOREIGN), Some(true), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn the_control_api_takes_json_as_json_only() -> TestResult {
    let lab = Lab::start().await?;
    for path in ["/_emulator/clock", "/_emulator/tokens", "/_emulator/faults"] {
        let request = send(&lab, Method::POST, path);
        let answer = request
            .header("content-type", "text/plain")
            .body(r#"{"advance_seconds": 3600}"#)
            .send()
            .await?;
        assert_eq!(
            answer.status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{path}"
        );
        let document: Value = answer.json().await?;
        assert!(document["error"].is_string(), "{document}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_served_answers_501_and_says_so() -> TestResult {
    let lab = Lab::start().await?;
    for path in [
        "/v0.10/weather",
        "/v1/weather",
        "/v2/api/weather",
        "/v2/groups/a/weather",
        "/elsewhere",
    ] {
        let answer = lab.request(Method::GET, path).send().await?;
        assert_eq!(answer.status(), StatusCode::NOT_IMPLEMENTED, "{path}");
        let text = answer.text().await?;
        assert!(text.contains("does not serve GET"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_second_slash_after_the_base_url_is_one() -> TestResult {
    let lab = Lab::start().await?;
    for path in ["//_emulator/health", "///v2/oauth2/userinfo"] {
        let answer = lab.sandbox.get(path).send().await?;
        assert_ne!(answer.status(), StatusCode::NOT_IMPLEMENTED, "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_requests_keep_nobody_waiting() -> TestResult {
    let lab = Lab::start().await?;
    let address = lab.sandbox.emulator.address();
    let mut half_open = Vec::new();
    for _ in 0..500 {
        let mut line = TcpStream::connect(address)?;
        line.write_all(b"GET /v0.10/task_list HTTP/1.1\r\nHost: 127.0.0.1\r\n")?;
        half_open.push(line);
    }
    let mut unfinished = TcpStream::connect(address)?;
    unfinished.write_all(
        b"POST /v0.10/transfer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
    )?;
    let began = Instant::now();
    let reset = send(&lab, Method::POST, "/_emulator/reset");
    assert_eq!(reset.send().await?.status(), StatusCode::NO_CONTENT);
    let answer = lab.request(Method::GET, "/v0.10/task_list").send().await?;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn a_reset_does_not_wait_for_a_delay_of_the_faults() -> TestResult {
    use globus_emulator::{Fault, FaultRule};
    let lab = Lab::start().await?;
    lab.sandbox.emulator.inject_fault(
        FaultRule::new(Fault::delay(Duration::from_secs(3600))).operation("task_list"),
    )?;
    let waiting = tokio::spawn(lab.request(Method::GET, "/v0.10/task_list").send());
    while lab.sandbox.emulator.faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let reset = lab.sandbox.emulator.reset();
    tokio::time::timeout(Duration::from_secs(5), reset).await??;
    waiting.abort();
    Ok(())
}

#[tokio::test]
async fn heads_bodies_and_idle_connections_have_a_time_limit() -> TestResult {
    let limit = Duration::from_millis(300);
    let lab = Lab::of(|builder| builder.request_timeout(limit)).await?;
    let address = lab.sandbox.emulator.address();
    let health = "GET /_emulator/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    for (sent, status) in [
        ("", None),
        ("GET / HTTP/1.1\r\nHost:", None),
        (health, Some("200")),
        (
            "POST /_emulator/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{",
            Some("408"),
        ),
    ] {
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut line = TcpStream::connect(address)?;
            line.set_read_timeout(Some(Duration::from_secs(20)))?;
            line.write_all(sent.as_bytes())?;
            // to the end: the emulator closes it
            let mut text = String::new();
            line.read_to_string(&mut text)?;
            Ok(text)
        });
        let text = read.await??;
        let answered = text.split_whitespace().nth(1);
        // a client that sent nothing may be told so, or not
        if status.is_some() {
            assert_eq!(answered, status, "{sent:?}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_sets_the_clock_and_the_faults_back() -> TestResult {
    use globus_emulator::{Fault, FaultRule};
    let lab = Lab::start().await?;
    let emulator = &*lab.sandbox.emulator;
    emulator.advance_clock(Duration::from_secs(4_000_000_000));
    emulator.inject_fault(FaultRule::new(Fault::drop(true)).operation("task_list"))?;
    emulator.reset().await?;
    assert!(emulator.faults().is_empty());
    let answer = lab.sandbox.get("/_emulator/clock").send().await?;
    let reading: Value = answer.json().await?;
    let now: jiff::Timestamp = reading["now"].as_str().unwrap_or_default().parse()?;
    let ahead = now.duration_since(jiff::Timestamp::now()).as_secs();
    assert!(ahead.abs() < 60, "{now}");
    Ok(())
}

#[tokio::test]
async fn a_restored_snapshot_brings_its_time_back() -> TestResult {
    let lab = Lab::start().await?;
    let emulator = &*lab.sandbox.emulator;
    let snapshot = emulator.snapshot().await?;
    // long after the token's end
    emulator.advance_clock(Duration::from_secs(1_000_000));
    let tasks = || lab.request(Method::GET, "/v0.10/task_list").send();
    assert_eq!(tasks().await?.status(), StatusCode::UNAUTHORIZED);
    emulator.restore(snapshot).await?;
    assert_eq!(tasks().await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn snapshots_are_listed_deleted_and_bounded() -> TestResult {
    let lab = Lab::start().await?;
    let take = || send(&lab, Method::POST, "/_emulator/snapshots").send();
    for _ in 0..64 {
        assert_eq!(take().await?.status(), StatusCode::CREATED);
    }
    let refused = take().await?;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let document: Value = refused.json().await?;
    assert_eq!(
        document["error"],
        "there are 64 snapshots already; delete one"
    );

    let listed = lab.sandbox.get("/_emulator/snapshots").send().await?;
    let listed: Vec<Value> = listed.json().await?;
    assert_eq!(listed.len(), 64);
    let path = format!(
        "/_emulator/snapshots/{}",
        listed[0]["id"].as_str().unwrap_or_default()
    );
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        assert_eq!(lab.sandbox.delete(&path).send().await?.status(), status);
    }
    assert_eq!(take().await?.status(), StatusCode::CREATED);
    Ok(())
}

/// A login of a native app that nobody registered.
fn authorize(lab: &Lab, redirect: &str) -> RequestBuilder {
    let client = globus_emulator::Uuid::new_v4().to_string();
    lab.sandbox.get("/v2/oauth2/authorize").query(&[
        ("client_id", client.as_str()),
        ("redirect_uri", redirect),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ])
}

#[tokio::test]
async fn a_page_elsewhere_gets_no_code_without_a_person() -> TestResult {
    let lab = Lab::start().await?;
    for (redirect, site, status) in [
        ("https://evil.example/code", "cross-site", StatusCode::OK),
        ("https://app.example/code", "none", StatusCode::FOUND),
        (
            "http://localhost:8000/code",
            "cross-site",
            StatusCode::FOUND,
        ),
    ] {
        let request = authorize(&lab, redirect).header("sec-fetch-site", site);
        let answer = request.send().await?;
        assert_eq!(answer.status(), status, "{redirect} {site}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_of_a_page_gives_no_consent() -> TestResult {
    let lab = Lab::start().await?;
    let request = authorize(&lab, "http://localhost:1/");
    let answer = request.header("sec-fetch-dest", "image").send().await?;
    assert_eq!(answer.status(), StatusCode::OK, "a page for a person");
    Ok(())
}

#[tokio::test]
async fn a_reset_ends_even_if_its_client_hangs_up() -> TestResult {
    let mut lab = Lab::of(|builder| builder.transfer_rate(1024 * 1024)).await?;
    lab.write("big", vec![7; 8 * 1024 * 1024])?;
    lab.submit_transfer(json!([item("/big", "/big")]), json!({}))
        .await?;
    let reset = send(&lab, Method::POST, "/_emulator/reset").send();
    let _ = tokio::time::timeout(Duration::from_millis(1), reset).await;
    lab.sandbox.emulator.reset().await?;
    lab.as_local_user().await?;
    lab.write("small", "bytes")?;
    let task = lab
        .submit_transfer(json!([item("/small", "/small")]), json!({}))
        .await?;
    // tasks are worked on again
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn an_unknown_address_of_the_control_api_is_not_found() -> TestResult {
    let lab = Lab::start().await?;
    let answer = lab.sandbox.get("/_emulator/nothing/here").send().await?;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let document: Value = answer.json().await?;
    assert_eq!(
        document["error"],
        "there is nothing at /_emulator/nothing/here"
    );
    Ok(())
}

#[tokio::test]
async fn a_token_is_revoked_by_its_own_client_only() -> TestResult {
    let lab = Lab::start().await?;
    let token = lab.sandbox.robot_token("openid").await?;
    let stranger = globus_emulator::Uuid::new_v4().to_string();
    let revoke = |client: String| {
        let form = [("client_id", client), ("token", token.clone())];
        send(&lab, Method::POST, "/v2/oauth2/token/revoke").form(&form)
    };
    assert_eq!(revoke(stranger).send().await?.status(), StatusCode::OK);
    let userinfo = lab.sandbox.get("/v2/oauth2/userinfo").bearer_auth(&token);
    assert_eq!(userinfo.send().await?.status(), StatusCode::OK);
    Ok(())
}
