//! Lists of tasks and of what they did, and whose they are.

use globus_emulator::Emulator;
use globus_test_support::emulator::{DESTINATION, Fallible, Lab, TestResult, item};
use serde_json::json;

#[tokio::test]
async fn of_a_task_removed_while_it_writes_nothing_stays() -> TestResult {
    let home = tempfile::tempdir()?;
    let lab = Lab::of(|builder| builder.data_dir(home.path())).await?;
    for number in 0..2_000 {
        lab.write(&format!("many/{number:04}"), "")?;
    }
    let task = lab
        .submit_transfer(json!([item("/many", "/many")]), json!({}))
        .await?;
    while lab.task(&task).await?["files_transferred"] == 0 {}
    let path = format!("/v0.10/task/{task}");
    for operation in ["cancel", "remove"] {
        let done = lab.post(&format!("{path}/{operation}"), &json!({})).await?;
        assert_eq!(done.status, 200, "{operation}: {done:?}");
    }
    lab.sandbox.emulator.stop().await?;
    let store = rusqlite::Connection::open(home.path().join("emulator.db"))?;
    for table in [
        "transfer_tasks",
        "transfer_events",
        "transfer_successes",
        "transfer_skipped_errors",
        "transfer_parts",
    ] {
        let count = format!("SELECT count(*) FROM {table}");
        let rows: i64 = store.query_row(&count, [], |row| row.get(0))?;
        assert_eq!(rows, 0, "{table}");
    }
    Ok(())
}

#[tokio::test]
async fn successful_transfers_come_in_pages() -> TestResult {
    let lab = Lab::start().await?;
    for number in 0..1_100 {
        lab.write(&format!("many/{number:04}"), "")?;
    }
    let task = lab.transfer_all(json!({})).await?;
    assert_eq!(task["files_transferred"], 1_100);
    let path = format!(
        "/v0.10/task/{}/successful_transfers",
        task["task_id"].as_str().unwrap_or_default()
    );
    let mut seen = std::collections::BTreeSet::new();
    let mut marker = None;
    let mut pages = 0;
    loop {
        let query: Vec<(&str, &str)> = marker
            .as_deref()
            .map(|marker| ("marker", marker))
            .into_iter()
            .collect();
        let page = lab.get(&path, &query).await?;
        pages += 1;
        let list = page.at("/DATA").as_array().ok_or("no list")?;
        seen.extend(list.iter().map(|one| one["source_path"].to_string()));
        match page.at("/next_marker").as_i64() {
            Some(next) => marker = Some(next.to_string()),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (1_100, 2));
    Ok(())
}

#[tokio::test]
async fn tasks_are_listed_filtered_and_sorted() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "a")?;
    for label in ["first", "second", "other"] {
        lab.transfer(json!([item("/a", "/a")]), json!({ "label": label }))
            .await?;
    }
    lab.delete(&["/a"], json!({ "label": "gone" })).await?;
    let labels = async |query: &[(&str, &str)]| -> Fallible<String> {
        let list = lab.get("/v0.10/task_list", query).await?;
        let tasks = list
            .at("/DATA")
            .as_array()
            .cloned()
            .ok_or_else(|| format!("{list:?}"))?;
        Ok(tasks
            .iter()
            .filter_map(|task| task["label"].as_str())
            .collect::<Vec<_>>()
            .join(" "))
    };
    assert_eq!(labels(&[]).await?, "gone other second first");
    assert_eq!(
        labels(&[("orderby", "request_time ASC")]).await?,
        "first second other gone"
    );
    assert_eq!(
        labels(&[("orderby", "label DESC"), ("limit", "2")]).await?,
        "second other"
    );
    assert_eq!(labels(&[("filter", "type:DELETE")]).await?, "gone");
    assert_eq!(
        labels(&[
            ("filter", "status:SUCCEEDED/type:TRANSFER,DELETE/label:~*o*"),
            ("offset", "1")
        ])
        .await?,
        "other second"
    );
    assert_eq!(labels(&[("filter", "label:!~*o*")]).await?, "first");
    assert_eq!(labels(&[("filter", "status:ACTIVE,INACTIVE")]).await?, "");
    assert_eq!(labels(&[("filter", "request_time:2999-01-01,")]).await?, "");
    assert_eq!(
        labels(&[("filter", "completion_time:2020-01-01 00:00:00,")]).await?,
        "gone other second first"
    );
    let list = lab
        .get("/v0.10/task_list", &[("limit", "1"), ("fields", "task_id")])
        .await?;
    assert_eq!(
        (list.at("/total"), list.at("/length"), list.at("/limit")),
        (&json!(4), &json!(1), &json!(1))
    );
    assert_eq!(
        list.at("/DATA/0").as_object().map(serde_json::Map::len),
        Some(2)
    );
    assert_eq!(
        lab.get("/v0.10/task_list", &[("filter", "color:red")])
            .await?
            .status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn a_task_is_its_owners_only() -> TestResult {
    let mut lab = Lab::start().await?;
    lab.write("a", "a")?;
    let task = lab
        .submit_transfer(json!([item("/a", "/a")]), json!({}))
        .await?;
    lab.as_local_user().await?;
    for path in [
        "",
        "/event_list",
        "/successful_transfers",
        "/skipped_errors",
        "/pause_info",
    ] {
        let hidden = lab.get(&format!("/v0.10/task/{task}{path}"), &[]).await?;
        assert_eq!(
            (hidden.status.as_u16(), hidden.at("/code")),
            (404, &json!("ClientError.NotFound")),
            "{path}"
        );
    }
    assert_eq!(
        lab.post(&format!("/v0.10/task/{task}/cancel"), &json!(null))
            .await?
            .status,
        404
    );
    assert_eq!(
        lab.put(&format!("/v0.10/task/{task}"), &json!({ "label": "x" }))
            .await?
            .status,
        404
    );
    assert_eq!(lab.get("/v0.10/task_list", &[]).await?.at("/total"), 0);
    assert_eq!(lab.get("/v0.10/task/nonsense", &[]).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn an_incomplete_file_goes_though_another_row_is_unreadable() -> TestResult {
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let start = || {
        let builder = Emulator::builder().data_dir(home.path());
        let builder = builder.collection_with_id(DESTINATION, "Archive", folder.path());
        builder.start()
    };
    start().await?.stop().await;
    let name = ".globus-emulator-0123456789abcdef0123456789abcdef.part";
    let part = folder.path().join(name);
    std::fs::write(&part, "half")?;
    let store = rusqlite::Connection::open(home.path().join("emulator.db"))?;
    for collection in ["not a UUID", &DESTINATION.to_string()] {
        store.execute(
            "INSERT INTO transfer_parts (task_id, collection_id, directory, names)
             VALUES ('task', ?1, '/', ?2)",
            [collection, name],
        )?;
    }
    drop(store);
    start().await?.stop().await;
    assert!(!part.exists(), "it stays");
    Ok(())
}
