//! Starting, stopping, and what is there while it runs.

use std::time::{Duration, Instant};

use globus_emulator::{Emulator, Service, StartError};
use globus_test_support::emulator::*;

#[tokio::test]
async fn it_answers_as_soon_as_it_has_started() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let health = answer(sandbox.get("/_emulator/health")).await?;
    assert_eq!(health.at("/status"), "ok");
    let auth = sandbox.emulator.service_url(Service::Auth);
    assert!(auth.starts_with("http://127.0.0.1:") && auth.ends_with('/'));
    Ok(())
}

#[tokio::test]
async fn it_starts_quickly() -> TestResult {
    let started = Instant::now();
    let emulator = Emulator::builder().extra_collections(250).start().await?;
    // The figure for a release build is 50 ms; this is a debug build on a busy machine.
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    emulator.stop().await;
    Ok(())
}

#[tokio::test]
async fn it_stops_when_it_is_dropped() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let url = sandbox.url("/_emulator/health");
    drop(sandbox.emulator);
    for _ in 0..200 {
        // Without a pool, so that every try is a new connection.
        let http = http().no_proxy().pool_max_idle_per_host(0).build()?;
        if http.get(&url).send().await.is_err() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("it still answers".into())
}

#[tokio::test]
async fn collections_are_known_by_name_and_keep_their_ids() -> TestResult {
    let folder = tempfile::tempdir()?;
    let start = || {
        Emulator::builder()
            .collection("Laptop", folder.path())
            .start()
    };
    let first = start().await?;
    let id = first.collection_id("Laptop").ok_or("no such collection")?;
    assert_eq!(first.collections().len(), 1);
    assert_eq!(first.collection_id("Desktop"), None);
    first.stop().await;
    assert_eq!(start().await?.collection_id("Laptop"), Some(id));
    Ok(())
}

#[tokio::test]
async fn extra_collections_fill_several_pages_of_a_search() -> TestResult {
    let sandbox = Sandbox::of(strict().extra_collections(120)).await?;
    let token = sandbox.robot_token(TRANSFER_ALL).await?;
    let query = [("filter_fulltext", "extra"), ("limit", "100")];
    let request = sandbox
        .get("/v0.10/endpoint_search")
        .query(&query)
        .bearer_auth(token);
    let page = answer(request).await?;
    assert_eq!(page.at("/DATA").as_array().map(Vec::len), Some(100));
    assert_eq!(page.at("/has_next_page"), true);
    Ok(())
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error() {
    let started = Emulator::builder()
        .collection("x", "/no/such/folder")
        .start()
        .await;
    assert!(matches!(started, Err(StartError::Folder { .. })));
}

#[tokio::test]
async fn a_tilde_that_no_shell_expanded_is_refused_with_the_remedy() -> TestResult {
    let started = [
        Emulator::builder().collection("x", "~/x").start().await,
        Emulator::builder().data_dir("~/x").start().await,
    ];
    for started in started {
        let Err(StartError::Folder { path, source }) = started else {
            return Err("it started".into());
        };
        assert_eq!(path, std::path::Path::new("~/x"));
        assert!(source.to_string().contains("or ./~/x"), "{source}");
    }
    assert!(!std::path::Path::new("~").exists());
    Ok(())
}

#[tokio::test]
async fn two_collections_with_one_id_are_an_error() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = Emulator::builder()
        .collection("Same", folder.path())
        .collection("Same", folder.path());
    assert!(matches!(
        builder.start().await,
        Err(StartError::DuplicateCollection(_))
    ));
    Ok(())
}

#[tokio::test]
async fn two_emulators_do_not_share_a_data_folder() -> TestResult {
    let folder = tempfile::tempdir()?;
    let start = || Emulator::builder().data_dir(folder.path()).start();
    let first = start().await?;
    assert!(matches!(start().await, Err(StartError::DataInUse(_))));
    first.stop().await;
    start().await?;
    Ok(())
}

#[tokio::test]
async fn a_damaged_database_is_named_as_damaged() -> TestResult {
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("emulator.db"),
        "not a database ".repeat(1000),
    )?;
    let started = Emulator::builder().data_dir(folder.path()).start().await;
    assert!(matches!(started, Err(StartError::DamagedData(_))));
    Ok(())
}

#[tokio::test]
async fn tokens_outlive_a_restart_with_a_data_folder() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = || {
        Emulator::builder()
            .auto_consent(true)
            .data_dir(folder.path())
    };
    let sandbox = Sandbox::of(builder()).await?;
    let token = sandbox
        .native_login("openid")
        .await?
        .text_at("/access_token")?;
    sandbox.emulator.stop().await?;
    let sandbox = Sandbox::of(builder()).await?;
    let userinfo = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(userinfo.status, 200);
    Ok(())
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_shape_of_the_service() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let transfer = answer(sandbox.get("/v0.10/no/such/path")).await?;
    assert_eq!(
        (transfer.status.as_u16(), transfer.at("/resource").as_str()),
        (501, Some("/no/such/path"))
    );
    let search = answer(sandbox.get("/v1/no")).await?;
    assert_eq!(search.at("/@datatype"), "GError");
    let auth = answer(sandbox.get("/v2/api/no")).await?;
    assert_eq!(auth.at("/errors/0/code"), "NOT_IMPLEMENTED");
    let method = answer(sandbox.delete("/v2/oauth2/token")).await?;
    assert_eq!(method.status, 405);
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_not_this_machines_is_refused() -> TestResult {
    let sandbox = Sandbox::start().await?;
    for (host, status) in [
        ("evil.example", 421),
        ("localhost:1", 200),
        ("[::1]:7", 200),
    ] {
        let response = sandbox
            .get("/_emulator/health")
            .header("host", host)
            .send()
            .await?;
        assert_eq!(response.status(), status, "{host}");
    }
    Ok(())
}

#[tokio::test]
async fn large_body_and_non_utf8_path_get_the_services_error_document() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token(SEARCH_ALL).await?;
    let request = sandbox.post("/v1/index").body(vec![b' '; 17 * 1024 * 1024]);
    let large = answer(request.bearer_auth(&token)).await?;
    assert_eq!(
        (large.status.as_u16(), large.at("/@datatype").as_str()),
        (413, Some("GError"))
    );
    let request = sandbox.get("/v1/index/%FF").bearer_auth(&token);
    let path = answer(request).await?;
    assert_eq!(
        (path.status.as_u16(), path.at("/@datatype").as_str()),
        (400, Some("GError"))
    );
    Ok(())
}

#[tokio::test]
async fn every_answer_carries_a_request_id() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let response = sandbox.get("/v1/index_list").send().await?;
    let header = response
        .headers()
        .get("x-request-id")
        .cloned()
        .ok_or("no header")?;
    let body: serde_json::Value = response.json().await?;
    assert_eq!(body["request_id"], header.to_str()?);
    Ok(())
}
