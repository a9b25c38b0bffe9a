//! Submitting tasks: once and only once, and never nonsense.

use globus_emulator::Uuid;
use globus_test_support::emulator::{DESTINATION, Lab, SOURCE, TestResult, item};
use serde_json::{Value, json};

fn document(submission_id: &str) -> Value {
    json!({
        "DATA_TYPE": "transfer",
        "submission_id": submission_id,
        "source_endpoint": SOURCE,
        "destination_endpoint": DESTINATION,
        "DATA": [item("/a", "/a")],
    })
}

#[tokio::test]
async fn the_same_submission_is_one_task() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "first")?;
    let document = document(&lab.submission_id().await?);
    let first = lab.post("/v0.10/transfer", &document).await?;
    assert_eq!(
        (first.status.as_u16(), first.at("/code")),
        (202, &json!("Accepted"))
    );
    assert_eq!(first.at("/DATA_TYPE"), "transfer_result");
    assert_eq!(first.at("/submission_id"), &document["submission_id"]);
    let task = first.text_at("/task_id")?;
    assert_eq!(
        first.at("/task_link/href"),
        &json!(format!("/v0.10/task/{task}?format=json"))
    );
    lab.ended(&task).await?;

    lab.write("a", "second")?;
    let again = lab.post("/v0.10/transfer", &document).await?;
    assert_eq!(
        (again.status.as_u16(), again.at("/code")),
        (200, &json!("Duplicate"))
    );
    assert_eq!(again.text_at("/task_id")?, task);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(std::fs::read_to_string(lab.destination("a"))?, "first");
    assert_eq!(lab.get("/v0.10/task_list", &[]).await?.at("/total"), 1);
    Ok(())
}

#[tokio::test]
async fn of_many_submissions_at_once_one_is_accepted() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "a")?;
    let document = document(&lab.submission_id().await?);
    let requests = (0..20).map(|_| lab.post("/v0.10/transfer", &document));
    let answers = futures_util::future::join_all(requests).await;
    let mut accepted = 0;
    let mut tasks = std::collections::HashSet::new();
    for answer in answers {
        let answer = answer?;
        accepted += usize::from(answer.at("/code") == "Accepted");
        tasks.insert(answer.text_at("/task_id")?);
    }
    assert_eq!((accepted, tasks.len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn an_id_that_was_not_issued_is_refused() -> TestResult {
    let mut lab = Lab::start().await?;
    for id in [
        Uuid::new_v4().to_string(),
        "not-a-uuid".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            lab.post("/v0.10/transfer", &document(&id)).await?.status,
            400,
            "{id}"
        );
    }
    let mut without = document("");
    without
        .as_object_mut()
        .map(|members| members.remove("submission_id"));
    assert_eq!(lab.post("/v0.10/transfer", &without).await?.status, 400);
    // Nor is one that was issued to somebody else.
    let id = lab.submission_id().await?;
    lab.as_local_user().await?;
    assert_eq!(
        lab.post("/v0.10/transfer", &document(&id)).await?.status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn a_refused_document_leaves_its_id_free() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "a")?;
    let mut document = document(&lab.submission_id().await?);
    document["DATA"] = json!([]);
    let refused = lab.post("/v0.10/transfer", &document).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (400, &json!("ClientError.BadRequest.NoTransferItems"))
    );
    document["DATA"] = json!([item("/a", "/a")]);
    assert_eq!(lab.post("/v0.10/transfer", &document).await?.status, 202);
    Ok(())
}

#[tokio::test]
async fn a_transfer_that_makes_no_sense_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    let with = |name: &str, value: Value| {
        let mut item = item("/a", "/b");
        item[name] = value;
        json!({ "DATA": [item] })
    };
    for wrong in [
        json!({ "DATA_TYPE": "delete" }),
        json!({ "DATA_TYPE": null }),
        json!({ "source_endpoint": null }),
        json!({ "source_endpoint": 7 }),
        json!({ "label": "x".repeat(129) }),
        json!({ "label": "two\nlines" }),
        json!({ "label": " space" }),
        json!({ "label": 7 }),
        json!({ "deadline": "tomorrow" }),
        json!({ "sync_level": 4 }),
        json!({ "sync_level": "checksum" }),
        json!({ "verify_checksum": "yes" }),
        json!({ "recursive_symlinks": "follow" }),
        json!({ "notify_on_failed": 1 }),
        json!({ "filter_rules": [{ "name": "*", "method": "maybe" }] }),
        json!({ "filter_rules": [{ "method": "include" }] }),
        json!({ "filter_rules": "*" }),
        json!({ "DATA": "items" }),
        json!({ "DATA": ["/a"] }),
        with("DATA_TYPE", json!("delete_item")),
        with("DATA_TYPE", Value::Null),
        with("source_path", json!("a")),
        with("source_path", json!("")),
        with("source_path", Value::Null),
        with("destination_path", json!("/../b")),
        with("destination_path", json!("/b\r\nc")),
        with("destination_path", json!("/b\u{0}c")),
        with("recursive", json!("no")),
        with("checksum_algorithm", json!("rot13")),
        with("external_checksum", json!("abc")),
    ] {
        let refused = lab
            .try_transfer(json!([item("/a", "/b")]), wrong.clone())
            .await?;
        assert_eq!(refused.status, 400, "{wrong} {refused:?}");
        assert!(!refused.text_at("/message")?.is_empty());
    }
    let unknown = lab
        .try_transfer(
            json!([item("/a", "/b")]),
            json!({ "destination_endpoint": Uuid::nil() }),
        )
        .await?;
    assert_eq!(
        (unknown.status.as_u16(), unknown.at("/code")),
        (404, &json!("EndpointNotFound"))
    );
    assert_eq!(lab.get("/v0.10/task_list", &[]).await?.at("/total"), 0);
    Ok(())
}

#[tokio::test]
async fn nothing_is_copied_onto_or_into_itself() -> TestResult {
    let lab = Lab::start().await?;
    let same = json!({ "destination_endpoint": SOURCE });
    for (source, destination) in [
        ("/a", "/a"),
        ("/a", "/./a"),
        ("/a", "/a/b"),
        ("/", "/copy"),
        ("~/a", "/~/a"),
    ] {
        let refused = lab
            .try_transfer(json!([item(source, destination)]), same.clone())
            .await?;
        assert_eq!(refused.status, 400, "{source} {destination}");
    }
    lab.write("a", "a")?;
    let task = lab.transfer(json!([item("/a", "/b")]), same).await?;
    assert_eq!(task["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn tree_is_not_copied_into_itself_through_a_second_collection() -> TestResult {
    let twin = Uuid::from_u128(3);
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_path_buf();
    let lab = Lab::of(|builder| {
        builder
            .collection_with_id(twin, "One", &path)
            .collection_with_id(Uuid::from_u128(4), "Two", &path)
    })
    .await?;
    std::fs::write(path.join("file"), "x")?;
    let ends = json!({ "source_endpoint": twin, "destination_endpoint": Uuid::from_u128(4) });
    let task = lab
        .transfer(json!([item("/", "/copy")]), ends.clone())
        .await?;
    assert_eq!(
        (&task["status"], &task["fatal_error"]["code"]),
        (&json!("FAILED"), &json!("INVALID_PATH_NAME"))
    );
    let task = lab.transfer(json!([item("/file", "/file")]), ends).await?;
    assert_eq!(task["status"], "SUCCEEDED");
    assert_eq!(std::fs::read_to_string(path.join("file"))?, "x");
    Ok(())
}

#[tokio::test]
async fn a_delete_that_makes_no_sense_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    for wrong in [
        json!({ "DATA_TYPE": "transfer" }),
        json!({ "endpoint": null }),
        json!({ "DATA": [] }),
        json!({ "DATA": [item("/a", "/b")] }),
        json!({ "DATA": [{ "DATA_TYPE": "delete_item", "path": "relative" }] }),
        json!({ "DATA": [{ "DATA_TYPE": "delete_item", "path": "/.." }] }),
        json!({ "recursive": "yes" }),
    ] {
        assert_eq!(
            lab.try_delete(&["/a"], wrong.clone()).await?.status,
            400,
            "{wrong}"
        );
    }
    Ok(())
}
