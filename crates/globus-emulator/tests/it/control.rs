//! The emulator's own addresses: the clock, the record, going back, the page.

use std::time::Duration;

use globus_test_support::emulator::{Answer, Fallible, Lab, TestResult, answer, item};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

fn get(lab: &Lab, path: &str) -> RequestBuilder {
    lab.request(Method::GET, path)
}

fn send(lab: &Lab, path: &str, body: &Value) -> RequestBuilder {
    lab.request(Method::POST, path).json(body)
}

async fn tasks(lab: &Lab) -> Fallible<usize> {
    let list: Value = get(lab, "/v0.10/task_list").send().await?.json().await?;
    Ok(list["DATA"].as_array().map_or(0, Vec::len))
}

async fn post(lab: &Lab, path: &str, body: Value) -> Fallible<StatusCode> {
    Ok(send(lab, path, &body).send().await?.status())
}

#[tokio::test]
async fn a_reset_forgets_what_was_made_and_keeps_what_was_set_up() -> TestResult {
    let mut lab = Lab::start().await?;
    lab.write("a", "bytes")?;
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    lab.ended(&task).await?;
    lab.sandbox.emulator.reset().await?;

    assert!(lab.sandbox.emulator.requests().is_empty());
    // the token is gone as well; the client is not
    assert_eq!(
        get(&lab, "/v0.10/task_list").send().await?.status(),
        StatusCode::UNAUTHORIZED
    );
    lab.as_local_user().await?;
    assert_eq!(tasks(&lab).await?, 0);
    // the folders are the user's own
    assert!(lab.destination("a").exists());
    let again = lab
        .submit_transfer(json!([item("/a", "/b")]), json!({}))
        .await?;
    assert_eq!(lab.ended(&again).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn a_reset_ends_tasks_that_are_under_way() -> TestResult {
    let mut lab = Lab::of(|builder| builder.transfer_rate(1024 * 1024)).await?;
    lab.write("big", vec![7; 8 * 1024 * 1024])?;
    lab.submit_transfer(json!([item("/big", "/big")]), json!({}))
        .await?;
    lab.sandbox.emulator.reset().await?;
    lab.as_local_user().await?;
    assert_eq!(tasks(&lab).await?, 0);
    assert!(!lab.destination("big").exists());
    Ok(())
}

#[tokio::test]
async fn a_snapshot_brings_back_what_was_there_then() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "bytes")?;
    let first = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    lab.ended(&first).await?;
    let snapshot = lab.sandbox.emulator.snapshot().await?;
    let second = lab
        .submit_transfer(json!([item("/a", "/b")]), json!({}))
        .await?;
    lab.ended(&second).await?;
    assert_eq!(tasks(&lab).await?, 2);
    lab.sandbox.emulator.restore(snapshot).await?;
    assert_eq!(tasks(&lab).await?, 1);
    // as often as one likes
    lab.sandbox.emulator.restore(snapshot).await?;
    assert_eq!(tasks(&lab).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_task_of_a_snapshot_goes_on_when_it_is_restored() -> TestResult {
    let lab = Lab::of(|builder| builder.transfer_start_delay(Duration::from_millis(200))).await?;
    lab.write("a", "bytes")?;
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    let snapshot = lab.sandbox.emulator.snapshot().await?;
    lab.ended(&task).await?;
    std::fs::remove_file(lab.destination("a"))?;
    lab.sandbox.emulator.restore(snapshot).await?;
    assert_eq!(lab.ended(&task).await?["status"], "SUCCEEDED");
    assert!(lab.destination("a").exists());
    Ok(())
}

#[tokio::test]
async fn moved_clock_starts_a_task_and_its_end_can_be_awaited() -> TestResult {
    let hour = Duration::from_secs(3600);
    let lab = Lab::of(|builder| builder.transfer_start_delay(hour)).await?;
    lab.write("a", "bytes")?;
    let emulator = &*lab.sandbox.emulator;
    emulator.wait_until_idle().await?;
    lab.submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    let moment = Duration::from_millis(100);
    let early = tokio::time::timeout(moment, emulator.wait_until_idle()).await;
    assert!(early.is_err(), "it did not wait for the clock");
    emulator.advance_clock(hour);
    emulator.wait_until_idle().await?;
    assert!(lab.destination("a").exists());
    Ok(())
}

#[tokio::test]
async fn requests_and_resets_at_the_same_time_do_not_meet() -> TestResult {
    let lab = Lab::start().await?;
    let emulator = &*lab.sandbox.emulator;
    let asking = async {
        for _ in 0..100 {
            // whatever it is, it is an answer
            let status = get(&lab, "/v0.10/task_list").send().await?.status();
            assert!(!status.is_server_error(), "{status}");
        }
        Ok::<(), reqwest::Error>(())
    };
    let resetting = async {
        for _ in 0..20 {
            emulator.reset().await?;
        }
        Ok::<(), std::io::Error>(())
    };
    let (asked, reset) = tokio::join!(asking, resetting);
    asked?;
    reset?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_snapshot_is_not_found() -> TestResult {
    let lab = Lab::start().await?;
    let path = "/_emulator/snapshots/00000000-0000-4000-8000-000000000000/restore";
    assert_eq!(post(&lab, path, json!({})).await?, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn the_same_is_to_be_had_over_http() -> TestResult {
    let lab = Lab::start().await?;
    let kept = answer(send(&lab, "/_emulator/snapshots", &json!({}))).await?;
    assert_eq!(kept.status, StatusCode::CREATED);
    let restore = format!("/_emulator/snapshots/{}/restore", kept.text_at("/id")?);
    assert_eq!(
        post(&lab, &restore, json!({})).await?,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        post(&lab, "/_emulator/reset", json!({})).await?,
        StatusCode::NO_CONTENT
    );
    Ok(())
}

#[tokio::test]
async fn an_hour_passes_at_once() -> TestResult {
    let lab = Lab::start().await?;
    let now = |answer: Answer| answer.text_at("/now");
    let before = now(answer(get(&lab, "/_emulator/clock")).await?)?;
    let change = json!({ "advance_seconds": 3600 });
    let after = now(answer(send(&lab, "/_emulator/clock", &change)).await?)?;
    let passed = after
        .parse::<jiff::Timestamp>()?
        .duration_since(before.parse()?);
    assert!(
        passed.as_secs() >= 3600 && passed.as_secs() < 3660,
        "{passed:?}"
    );
    assert_eq!(
        post(&lab, "/_emulator/clock", json!({ "advance_seconds": -1 })).await?,
        StatusCode::BAD_REQUEST
    );
    Ok(())
}

#[tokio::test]
async fn tokens_expire_on_request() -> TestResult {
    let lab = Lab::start().await?;
    let change = json!({ "action": "expire" });
    assert_eq!(
        post(&lab, "/_emulator/tokens", change).await?,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        get(&lab, "/v0.10/task_list").send().await?.status(),
        StatusCode::UNAUTHORIZED
    );
    Ok(())
}

#[tokio::test]
async fn the_record_tells_what_was_asked_and_what_was_wrong() -> TestResult {
    let lab = Lab::start().await?;
    lab.sandbox.delete("/_emulator/requests").send().await?;
    get(&lab, "/v0.10/task/no-uuid").send().await?;
    let record: Value = get(&lab, "/_emulator/requests")
        .send()
        .await?
        .json()
        .await?;
    assert_eq!(record[0]["path"], "/v0.10/task/no-uuid");
    assert_eq!(record[0]["status"], 400);
    assert!(record[0]["problem"].is_string(), "{record}");
    assert_eq!(record.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn the_page_shows_collections_tasks_and_what_was_wrong() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "bytes")?;
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({ "label": "<b>bold</b>" }))
        .await?;
    lab.ended(&task).await?;
    get(&lab, "/v0.10/task/no-uuid").send().await?;
    let page = get(&lab, "/").send().await?.text().await?;
    for text in [
        "Instrument",
        "Archive",
        task.as_str(),
        "SUCCEEDED",
        "/v0.10/task/no-uuid",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(
        page.contains("&lt;b&gt;bold"),
        "a label is text, and not HTML"
    );
    Ok(())
}

/// `UPDATE_SCHEMAS=1 cargo test -p globus-emulator --test control` writes them anew.
#[tokio::test]
async fn the_schemas_in_the_documentation_are_those_that_are_served() -> TestResult {
    let lab = Lab::start().await?;
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas"));
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    let names = [
        "faults",
        "fault-rule",
        "fault-reports",
        "clock",
        "clock-change",
        "limits",
        "token-change",
        "seed",
        "snapshot",
        "requests",
        "task-settings",
        "task-fault",
        "task-fault-reports",
        "quota",
    ];
    for name in names {
        let served: Value = get(&lab, &format!("/_emulator/schemas/{name}"))
            .send()
            .await?
            .json()
            .await?;
        let file = folder.join(format!("{name}.json"));
        if update {
            std::fs::create_dir_all(folder)?;
            std::fs::write(
                &file,
                format!("{}\n", serde_json::to_string_pretty(&served)?),
            )?;
        }
        let kept: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        assert_eq!(kept, served, "docs/schemas/{name}.json is stale");
    }
    Ok(())
}

fn seed() -> Fallible<globus_emulator::Seed> {
    let seed = json!({
        "users": [{ "username": "ada@sandbox.local", "name": "Ada Lovelace" }],
        "requests": [
            { "as": "ada@sandbox.local", "path": "/v2/groups",
              "body": { "name": "Engines {not a name}" }, "outputs": { "GROUP": "/id" } },
            { "path": "/v1/index", "body": { "display_name": "Runs", "description": "of {GROUP}" },
              "outputs": { "INDEX": "/id" } },
            { "path": "/v1/index/{INDEX}/ingest", "body": {
                "ingest_type": "GMetaEntry",
                "ingest_data": { "subject": "run-1", "visible_to": ["public"], "content": { "a": 1 } } } },
        ],
    });
    Ok(serde_json::from_value(seed)?)
}

#[tokio::test]
async fn a_seed_makes_what_requests_can_make() -> TestResult {
    let seed = seed()?;
    let lab = Lab::of(|builder| builder.seed(seed)).await?;
    let kept = lab.sandbox.emulator.seed_outputs()?;
    // what an index is called is no secret
    let index = lab.sandbox.get(&format!("/v1/index/{}", kept["INDEX"]));
    let index: Value = index.send().await?.json().await?;
    assert_eq!(index["display_name"], "Runs");
    assert_eq!(index["description"], format!("of {}", kept["GROUP"]));
    Ok(())
}

#[tokio::test]
async fn a_reset_sows_the_seed_again() -> TestResult {
    let seed = seed()?;
    let lab = Lab::of(|builder| builder.seed(seed)).await?;
    let before = lab.sandbox.emulator.seed_outputs()?;
    lab.sandbox.emulator.reset().await?;
    let after = lab.sandbox.emulator.seed_outputs()?;
    assert_ne!(before["GROUP"], after["GROUP"], "they are other groups");
    assert!(
        lab.sandbox.emulator.requests().is_empty(),
        "a seed is on no record"
    );
    Ok(())
}

#[tokio::test]
async fn a_restart_does_not_sow_the_seed_again() -> TestResult {
    let data = tempfile::tempdir()?;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let builder = globus_emulator::Emulator::builder().data_dir(data.path());
        let emulator = builder.seed(seed()?).start().await?;
        kept.push(emulator.seed_outputs()?);
        emulator.stop().await;
    }
    assert_eq!(kept[0], kept[1]);
    Ok(())
}

#[tokio::test]
async fn refused_seed_is_an_error_that_names_the_request() -> TestResult {
    let requests = [
        (
            json!({ "path": "/v2/groups", "body": {} }),
            "request 1, POST /v2/groups: 4",
        ),
        (
            json!({ "path": "/v2/groups/{GROUP}", "method": "GET" }),
            "there is no output GROUP",
        ),
        (
            json!({ "path": "/v2/groups", "as": "nobody" }),
            "there is no identity",
        ),
    ];
    for (request, words) in requests {
        let seed = serde_json::from_value(json!({ "requests": [request] }))?;
        let started = globus_emulator::Emulator::builder()
            .seed(seed)
            .start()
            .await;
        let error = started.err().ok_or("the seed was sown")?.to_string();
        assert!(error.contains(words), "{error}");
    }
    Ok(())
}
