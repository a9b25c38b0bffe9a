//! How much is taken in at a time, and how refusals look before a service has seen the request.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::send;
use globus_test_support::emulator::{Fallible, Lab, TestResult};

const HEALTH: &[u8] = b"GET /_emulator/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
/// More than a body may have.
const TOO_LONG: usize = 16 * 1024 * 1024 + 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connections_are_closed_when_too_many() -> TestResult {
    let lab = Lab::of(|builder| builder.max_connections(16)).await?;
    let address = lab.sandbox.emulator.address();
    let mut lines = Vec::new();
    for _ in 0..40 {
        let mut line = TcpStream::connect(address)?;
        let _ = line.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        lines.push(line);
    }
    // one that has just been used is not closed
    for _ in 0..3 {
        let health = send(&lab, Method::GET, "/_emulator/health").send().await?;
        assert_eq!(health.status(), StatusCode::OK);
    }
    let first = &mut lines[0];
    first.set_read_timeout(Some(Duration::from_secs(20)))?;
    let read = first.read(&mut [0]);
    let timed_out = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    assert!(!read.is_err_and(|error| timed_out(&error)), "it is open");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_come_at_once_are_all_answered() -> TestResult {
    let lab = Lab::of(|builder| builder.max_connections(2)).await?;
    let address = lab.sandbox.emulator.address();
    let mut lines = Vec::new();
    for _ in 0..5 {
        let mut line = TcpStream::connect(address)?;
        line.write_all(HEALTH)?;
        lines.push(line);
    }
    for (number, line) in lines.iter_mut().enumerate() {
        line.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut start = [0; 12];
        let read = line.read_exact(&mut start);
        read.map_err(|error| format!("client {number}: {error}"))?;
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    Ok(())
}

#[tokio::test]
async fn a_head_beyond_64_kib_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    for (length, status) in [(60 * 1024, 200), (65 * 1024, 431)] {
        let health = send(&lab, Method::GET, "/_emulator/health");
        let answer = health.header("x-long", "x".repeat(length)).send().await?;
        assert_eq!(answer.status(), status, "{length}");
    }
    Ok(())
}

#[tokio::test]
async fn a_request_being_answered_is_not_cut_for_another() -> TestResult {
    use globus_emulator::{Fault, FaultRule};
    let lab = Lab::of(|builder| builder.max_connections(2)).await?;
    let emulator = &lab.sandbox.emulator;
    let slow = FaultRule::new(Fault::delay(Duration::from_millis(300))).operation("task_list");
    emulator.inject_fault(slow)?;
    let answer = tokio::spawn(lab.request(Method::GET, "/v0.10/task_list").send());
    while emulator.faults()[0].fired == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let lines: Vec<_> = (0..10)
        .map(|_| TcpStream::connect(emulator.address()))
        .collect();
    assert_eq!(answer.await??.status(), StatusCode::OK);
    drop(lines);
    Ok(())
}

/// A body of which only so many bytes arrive.
fn unfinished(address: SocketAddr, length: usize, sent: usize) -> std::io::Result<TcpStream> {
    let mut line = TcpStream::connect(address)?;
    write!(
        line,
        "POST /v1/index/i/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
    )?;
    line.write_all(&vec![b' '; sent])?;
    Ok(line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_unfinished_bodies_do_not_stop_the_others() -> TestResult {
    let limit = Duration::from_secs(2);
    let lab = Lab::of(|builder| builder.strict_responses(true).request_timeout(limit)).await?;
    let address = lab.sandbox.emulator.address();
    let mut lines = Vec::new();
    for _ in 0..40 {
        // what is not read stays in the buffers of the system
        let mut line = unfinished(address, 16 * 1024 * 1024, 100_000)?;
        line.set_write_timeout(Some(Duration::from_millis(1)))?;
        let _ = line.write(&vec![b' '; 4 * 1024 * 1024]);
        lines.push(line);
    }
    // small bodies do not wait for them
    let clock = send(&lab, Method::POST, "/_emulator/clock");
    let clock = clock.json(&serde_json::json!({ "advance_seconds": 1 }));
    assert_eq!(clock.send().await?.status(), StatusCode::OK);
    // and a large one has its turn when they have gone, or is told that there was no memory
    let ingest = send(&lab, Method::POST, "/v1/index/i/ingest").body(vec![b' '; 1024 * 1024]);
    let status = ingest.send().await?.status();
    assert!(
        matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE
        ),
        "{status}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_dribble_make_way_for_others() -> TestResult {
    let lab = Lab::of(|builder| builder.strict_responses(true)).await?;
    let address = lab.sandbox.emulator.address();
    // all the memory there is
    let lines: Result<Vec<_>, _> = (0..16)
        .map(|_| unfinished(address, 16 * 1024 * 1024, 100_000))
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let ingest = send(&lab, Method::POST, "/v1/index/i/ingest").body(vec![b' '; 1024 * 1024]);
    // long before the dribbling ones have had their minute
    let answer = tokio::time::timeout(Duration::from_secs(20), ingest.send()).await??;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    drop(lines?);
    Ok(())
}

#[tokio::test]
async fn long_paths_and_queries_are_cut_in_the_record() -> TestResult {
    let lab = Lab::start().await?;
    let long = "x".repeat(10_000);
    let path = format!("/v0.10/{long}?q={long}");
    let answer = send(&lab, Method::GET, &path).send().await?;
    assert_eq!(answer.status(), StatusCode::NOT_IMPLEMENTED);
    let requests = lab.sandbox.emulator.requests();
    let last = requests.last().ok_or("no request")?;
    assert_eq!(last.path.len(), 4_096);
    assert_eq!(last.query.as_deref().map(str::len), Some(4_096));
    assert_eq!(last.problem.as_deref().map(str::len), Some(4_096));
    Ok(())
}

/// What a refusal says its code is, in the shape of whoever serves the path.
fn code_at<'a>(path: &str, document: &'a Value) -> &'a Value {
    match path {
        "/v2/oauth2/token" => &document["errors"][0]["code"],
        _ if path.starts_with("/_emulator") => &document["error"],
        _ => &document["code"],
    }
}

#[tokio::test]
async fn a_body_too_long_is_refused_in_the_services_shape() -> TestResult {
    let lab = Lab::probed().await?;
    for (path, code) in [
        ("/v0.10/transfer", "ClientError.RequestTooLarge"),
        ("/v1/index", "PayloadTooLarge.Generic"),
        ("/v2/groups", "PAYLOAD_TOO_LARGE"),
        ("/v2/oauth2/token", "PAYLOAD_TOO_LARGE"),
        ("/_emulator/clock", "the body is longer than 16777216 bytes"),
    ] {
        let (status, document) = post_too_long(&lab, path).await?;
        assert_eq!(status, 413, "{path}");
        assert_eq!(code_at(path, &document), code, "{path}: {document}");
    }
    Ok(())
}

/// Sends a body that is too long to its end, and reads the answer whatever became of it.
async fn post_too_long(lab: &Lab, path: &str) -> Fallible<(u16, Value)> {
    let address = lab.sandbox.emulator.address();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Content-Length: {TOO_LONG}\r\n\r\n"
    );
    let read = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
        let mut line = TcpStream::connect(address)?;
        line.write_all(head.as_bytes())?;
        line.write_all(&vec![b' '; TOO_LONG])?;
        let mut text = String::new();
        let _ = line.read_to_string(&mut text);
        Ok(text)
    });
    let text = read.await??;
    let status = text.split_whitespace().nth(1).ok_or("no status")?.parse()?;
    let body = text.split("\r\n\r\n").nth(1).ok_or("no body")?;
    Ok((status, serde_json::from_str(body)?))
}

#[tokio::test]
async fn a_body_too_slow_is_refused_in_the_services_shape() -> TestResult {
    let limit = Duration::from_millis(50);
    let lab = Lab::of(|builder| builder.strict_responses(true).request_timeout(limit)).await?;
    let address = lab.sandbox.emulator.address();
    for (path, code) in [
        ("/v0.10/transfer", "ClientError.RequestTimeout"),
        ("/v1/index", "RequestTimeout.Generic"),
        ("/v2/groups", "REQUEST_TIMEOUT"),
        ("/v2/oauth2/token", "REQUEST_TIMEOUT"),
        (
            "/_emulator/clock",
            "the body did not arrive within 0.05 seconds",
        ),
    ] {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{{");
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut line = TcpStream::connect(address)?;
            line.write_all(head.as_bytes())?;
            let mut text = String::new();
            line.read_to_string(&mut text)?;
            Ok(text)
        });
        let text = read.await??;
        let document = text.split("\r\n\r\n").nth(1).ok_or("no body")?;
        let document: Value = serde_json::from_str(document)?;
        assert_eq!(code_at(path, &document), code, "{path}: {document}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_elsewhere_is_refused_in_its_own_shape() -> TestResult {
    let lab = Lab::start().await?;
    let refuse = |path| send(&lab, Method::POST, path).header("sec-fetch-site", "cross-site");
    let document: Value = refuse("/_emulator/reset").send().await?.json().await?;
    assert!(
        document["error"]
            .as_str()
            .is_some_and(|text| text.contains("another origin"))
    );
    assert!(document.get("errors").is_none(), "{document}");
    let answer = refuse("/v2/oauth2/authorize").send().await?;
    let document: Value = answer.json().await?;
    assert_eq!(document["errors"][0]["code"], "FORBIDDEN");
    Ok(())
}
