//! The names by which the emulator answers, and browsers that do not say where a request comes from.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{authorize, send};
use globus_test_support::emulator::{Lab, TestResult};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Listens on every address of the machine, as in a container.
fn everywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
}

async fn status_for(lab: &Lab, host: &str) -> Result<StatusCode, reqwest::Error> {
    let health = send(lab, Method::GET, "/_emulator/health");
    Ok(health.header("host", host).send().await?.status())
}

#[tokio::test]
async fn on_every_address_only_known_names_are_answered() -> TestResult {
    let lab = Lab::of(|builder| {
        builder
            .address(everywhere())
            .allow_host("Globus.Lab.example")
    })
    .await?;
    for (host, status) in [
        ("127.0.0.1:7117", StatusCode::OK),
        ("192.168.1.20", StatusCode::OK),
        ("[::1]:7117", StatusCode::OK),
        ("localhost:7117", StatusCode::OK),
        ("app.localhost", StatusCode::OK),
        // what a container is called by those beside it
        ("globus-emulator:7117", StatusCode::OK),
        ("globus.lab.example:7117", StatusCode::OK),
        ("globus.lab.example.", StatusCode::OK),
        ("evil.example:7117", StatusCode::MISDIRECTED_REQUEST),
        ("sub.globus.lab.example", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1.evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("evil.", StatusCode::MISDIRECTED_REQUEST),
        ("no host", StatusCode::MISDIRECTED_REQUEST),
    ] {
        assert_eq!(status_for(&lab, host).await?, status, "{host}");
    }
    Ok(())
}

#[tokio::test]
async fn an_allowed_host_is_taken_in_any_spelling() -> TestResult {
    for (allowed, host) in [
        ("lab.example.", "lab.example"),
        ("LAB.example", "lab.example."),
        ("bücher.example", "xn--bcher-kva.example"),
    ] {
        let lab = Lab::of(|builder| builder.allow_host(allowed)).await?;
        assert_eq!(status_for(&lab, host).await?, StatusCode::OK, "{allowed}");
    }
    Ok(())
}

#[tokio::test]
async fn an_allowed_host_that_is_no_name_is_refused() -> TestResult {
    for wrong in ["lab.example:8080", "http://lab.example", "lab..", "", "a b"] {
        let builder = globus_emulator::Emulator::builder().allow_host(wrong);
        let Err(error) = builder.start().await else {
            return Err(format!("{wrong:?} is allowed").into());
        };
        let message = format!("cannot allow the host name {wrong:?}");
        assert!(error.to_string().contains(&message), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn on_loopback_a_name_without_a_dot_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    for host in ["globus-emulator:7117", "evil.example"] {
        let status = status_for(&lab, host).await?;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_host_says_how_to_allow_it() -> TestResult {
    let lab = Lab::of(|builder| builder.address(everywhere())).await?;
    let refused = send(&lab, Method::GET, "/_emulator/health");
    let refused = refused.header("host", "evil.example:1").send().await?;
    let document: Value = refused.json().await?;
    assert_eq!(
        document["error"],
        "the emulator does not answer to the host name 'evil.example:1'; allow it with \
         --allow-host NAME or EmulatorBuilder::allow_host"
    );
    Ok(())
}

#[tokio::test]
async fn a_browser_that_does_not_say_from_where_is_asked() -> TestResult {
    // to an address that is neither https nor this machine, no browser sends Sec-Fetch-*
    let lab = Lab::of(|builder| builder.address(everywhere())).await?;
    for redirect in ["https://evil.example/code", "http://localhost:8000/code"] {
        let request = authorize(&lab, redirect).header("user-agent", BROWSER);
        let answer = request.send().await?;
        assert_eq!(answer.status(), StatusCode::OK, "a page for a person");
    }
    let program = authorize(&lab, "http://localhost:8000/code").send().await?;
    assert_eq!(program.status(), StatusCode::FOUND, "no browser");
    Ok(())
}

#[tokio::test]
async fn a_browser_that_says_from_where_goes_on_alone() -> TestResult {
    let lab = Lab::start().await?;
    let request = authorize(&lab, "http://localhost:8000/code")
        .header("user-agent", BROWSER)
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-dest", "document");
    assert_eq!(request.send().await?.status(), StatusCode::FOUND);
    Ok(())
}
