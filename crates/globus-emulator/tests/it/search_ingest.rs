//! Indices, ingest and what follows from it.

use globus_test_support::emulator::*;
use serde_json::json;

#[tokio::test]
async fn an_index_is_created_shown_and_listed() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let shown = index.get("").await?;
    assert_eq!(shown.at("/@datatype"), "GSearchIndex");
    assert_eq!(shown.at("/display_name"), "Papers");
    assert_eq!(shown.at("/status"), "open");
    assert_eq!(shown.at("/permissions"), &json!(["owner"]));
    let listed = answer(sandbox.get("/v1/index_list").bearer_auth(&index.token)).await?;
    assert_eq!(listed.at("/index_list/0/id"), &json!(index.id));
    Ok(())
}

#[tokio::test]
async fn a_deleted_index_can_be_opened_again() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let delete = || answer(sandbox.delete(&index.path("")).bearer_auth(&index.token));
    assert_eq!(delete().await?.at("/acknowledged"), true);
    let again = delete().await?;
    assert_eq!(again.status, 409);
    assert_eq!(again.at("/code"), "Conflict.IncompatibleIndexStatus");
    assert_eq!(index.get("").await?.at("/status"), "delete_pending");
    assert_eq!(index.get("/search?q=*").await?.status, 404);
    assert_eq!(index.post("/reopen", &json!({})).await?.status, 200);
    assert_eq!(index.get("/search?q=*").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_unknown_index_is_a_gerror() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    for id in ["not-a-uuid", "00000000-0000-4000-8000-000000000000"] {
        let answer = answer(sandbox.get(&format!("/v1/index/{id}/search?q=x"))).await?;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.at("/@datatype"), "GError");
        assert_eq!(answer.at("/status"), 404);
        assert!(answer.at("/request_id").is_string());
    }
    Ok(())
}

#[tokio::test]
async fn an_ingest_task_ends_in_success_and_is_listed() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let document = json!({ "ingest_type": "GMetaEntry", "ingest_data": {
        "subject": "s1", "visible_to": ["public"], "content": { "title": "hello world" },
    } });
    let submitted = index.post("/ingest", &document).await?;
    assert_eq!(submitted.at("/acknowledged"), true);
    let task = index.wait(&submitted).await?;
    assert_eq!(task.at("/state"), "SUCCESS");
    assert_eq!(task.at("/task_type"), "ingest");
    assert_eq!(task.at("/index_id"), &json!(index.id));
    assert!(task.at("/message").is_null());
    assert!(task.at("/completion_date").is_string());
    let path = format!("/v1/task_list/{}", index.id);
    let listed = answer(sandbox.get(&path).bearer_auth(&index.token)).await?;
    assert_eq!(listed.at("/tasks/0/task_id"), task.at("/task_id"));
    Ok(())
}

#[tokio::test]
async fn entry_that_cannot_be_stored_fails_its_task_alone() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let entry = |subject: &str, who: &str| json!({ "subject": subject, "visible_to": [who], "content": {} });
    let long = "x".repeat(501);
    let entries = vec![
        entry("good", "public"),
        entry("bad", "nobody"),
        entry(&long, "public"),
    ];
    let task = index.ingest(entries).await?;
    assert_eq!(task.at("/state"), "FAILED");
    assert_eq!(task.at("/message"), "2 of 3 entries could not be ingested");
    assert_eq!(task.at("/additional_details/errors/0/subject"), "bad");
    assert_eq!(index.subjects(&json!({ "q": "*" })).await?, ["good"]);
    Ok(())
}

#[tokio::test]
async fn a_malformed_ingest_is_refused_at_once() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    for document in [
        json!({}),
        json!([]),
        json!({ "ingest_type": "GMetaEntry" }),
        json!({ "ingest_type": "Other", "ingest_data": {} }),
        json!({ "ingest_type": "GMetaEntry", "ingest_data": { "subject": "x" } }),
        json!({ "ingest_type": "GMetaList", "ingest_data": { "gmeta": [1] } }),
    ] {
        let answer = index.post("/ingest", &document).await?;
        assert_eq!(answer.status, 400, "{document}");
        assert_eq!(answer.at("/code"), "BadRequest.ValidationError");
    }
    Ok(())
}

#[tokio::test]
async fn a_field_is_one_name_in_an_error_whatever_it_is_called() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let index = TestIndex::create(&sandbox).await?;
    for field in ["a/b c: d~", &"/".repeat(10_000)] {
        let document = json!({
            "ingest_type": "GMetaEntry",
            "ingest_data": { "subject": "s", "visible_to": ["public"], "content": {} },
            "field_mapping": { field: "x" },
        });
        let refused = index.post("/ingest", &document).await?;
        assert_eq!(refused.status, 400);
        let places = refused.at("/error_data/messages/json/field_mapping");
        assert_eq!(places, &json!({ field: ["unknown type \"x\""] }));
    }
    Ok(())
}

#[tokio::test]
async fn an_entry_replaces_the_one_with_the_same_subject_and_id() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, [("s", json!({ "word": "before" }))]).await?;
    let entry = |id: Option<&str>, word: &str| json!({ "subject": "s", "id": id, "visible_to": ["public"], "content": { "word": word } });
    index
        .ingest(vec![entry(None, "after"), entry(Some("other"), "beside")])
        .await?;
    assert!(index.subjects(&json!({ "q": "before" })).await?.is_empty());
    let subject = index.get("/subject?subject=s").await?;
    assert_eq!(subject.at("/entries").as_array().map(Vec::len), Some(2));
    let entry = index.get("/entry?subject=s&entry_id=other").await?;
    assert_eq!(entry.at("/entries/0/content/word"), "beside");
    assert_eq!(entry.at("/entries/0/entry_id"), "other");
    let shown = index.get("").await?;
    assert_eq!(
        (shown.at("/num_subjects"), shown.at("/num_entries")),
        (&json!(1), &json!(2))
    );
    Ok(())
}

#[tokio::test]
async fn subjects_and_queries_are_deleted_by_tasks() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let entries = ["a", "b", "c", "d"].map(|name| (name, json!({ "name": name })));
    let index = TestIndex::with(&sandbox, entries).await?;
    let request = sandbox
        .delete(&index.path("/subject?subject=a"))
        .bearer_auth(&index.token);
    let task = index.wait(&answer(request).await?).await?;
    assert_eq!(task.at("/task_type"), "delete-by-subject");
    let filter = json!({ "type": "match_any", "field_name": "name", "values": ["b"] });
    let query = json!({ "filters": [filter] });
    let task = index
        .wait(&index.post("/delete_by_query", &query).await?)
        .await?;
    assert_eq!(
        (task.at("/state"), task.at("/task_type")),
        (&json!("SUCCESS"), &json!("delete-by-query"))
    );
    let subjects = json!({ "subjects": ["c", "never there"] });
    index
        .wait(&index.post("/batch_delete_by_subject", &subjects).await?)
        .await?;
    assert_eq!(index.subjects(&json!({ "q": "*" })).await?, ["d"]);
    assert_eq!(index.get("/subject?subject=a").await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn only_who_has_a_role_may_write() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let token = sandbox
        .native_login(SEARCH_ALL)
        .await?
        .text_at("/access_token")?;
    let document = json!({ "ingest_type": "GMetaEntry", "ingest_data": {
        "subject": "s", "visible_to": ["public"], "content": {},
    } });
    let ingest = || {
        answer(
            sandbox
                .post(&index.path("/ingest"))
                .bearer_auth(&token)
                .json(&document),
        )
    };
    let refused = ingest().await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (403, &json!("Forbidden.Generic"))
    );
    let principal = format!("urn:globus:auth:identity:{}", sandbox.emulator.user().id);
    let role = index
        .post(
            "/role",
            &json!({ "role_name": "writer", "principal": principal }),
        )
        .await?;
    assert_eq!(role.at("/principal_type"), "identity");
    assert_eq!(ingest().await?.status, 200);

    let path = index.path(&format!("/role/{}", role.text_at("/id")?));
    let deleted = answer(sandbox.delete(&path).bearer_auth(&index.token)).await?;
    assert_eq!(deleted.at("/success"), true);
    assert_eq!(ingest().await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn a_token_for_transfer_is_not_one_for_search() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token(TRANSFER_ALL).await?;
    let answer = answer(sandbox.get("/v1/index_list").bearer_auth(token)).await?;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.at("/@datatype"), "GError");
    Ok(())
}

#[tokio::test]
async fn tasks_and_entries_survive_a_restart() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = || strict().data_dir(folder.path());
    let sandbox = Sandbox::of(builder()).await?;
    let index = TestIndex::with(&sandbox, [("s", json!({ "a": 1 }))]).await?;
    let (id, token) = (index.id.clone(), index.token.clone());
    sandbox.emulator.stop().await?;
    let sandbox = Sandbox::of(builder()).await?;
    let index = TestIndex {
        sandbox: &sandbox,
        token,
        id,
    };
    assert_eq!(index.subjects(&json!({ "q": "*" })).await?, ["s"]);
    Ok(())
}

/// What a database was before its layout had a number, made of one that has.
const BACK_TO_THE_OLD_LAYOUT: &str = "
    DROP TRIGGER search_entry_came;
    DROP TRIGGER search_entry_went;
    ALTER TABLE search_field RENAME TO later;
    CREATE TABLE search_field (
        entry_num INTEGER NOT NULL, path TEXT NOT NULL, seq INTEGER NOT NULL,
        index_num INTEGER NOT NULL, text TEXT NOT NULL, num REAL, date INTEGER,
        PRIMARY KEY (entry_num, path, seq)
    ) WITHOUT ROWID;
    CREATE INDEX search_field_text ON search_field (index_num, path, text);
    INSERT INTO search_field
        SELECT entry_num, path, seq, index_num, text, f.num, date
        FROM later f JOIN search_path p ON p.num = f.path_num;
    DROP TABLE later;
    DROP TABLE search_path;
    DROP INDEX search_entry_index;
    CREATE INDEX search_entry_index ON search_entry (index_num, public, subject_num, size);
    ALTER TABLE search_entry DROP COLUMN words;
    ALTER TABLE search_index DROP COLUMN version;
    PRAGMA user_version = 0;";

#[tokio::test]
async fn a_data_folder_of_an_older_layout_is_taken_over() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = || strict().data_dir(folder.path());
    let sandbox = Sandbox::of(builder()).await?;
    let entries = [
        ("short", json!({ "title": "rivers", "year": 2012 })),
        (
            "long",
            json!({ "title": "rivers and what is along them", "year": 2014 }),
        ),
    ];
    let index = TestIndex::with(&sandbox, entries).await?;
    let (id, token) = (index.id.clone(), index.token.clone());
    sandbox.emulator.stop().await?;
    let database = rusqlite::Connection::open(folder.path().join("emulator.db"))?;
    database.execute_batch(BACK_TO_THE_OLD_LAYOUT)?;
    drop(database);

    let sandbox = Sandbox::of(builder()).await?;
    let index = TestIndex {
        sandbox: &sandbox,
        token,
        id,
    };
    let query = json!({ "q": "river" });
    assert_eq!(index.subjects(&query).await?, ["short", "long"]);
    let after_2013 = json!({ "filters": [
        { "type": "range", "field_name": "year", "values": [{ "from": 2013 }] }] });
    assert_eq!(index.subjects(&after_2013).await?, ["long"]);
    let later = json!({ "subject": "later", "visible_to": ["public"],
                        "content": { "title": "a river", "year": 2015 } });
    index.ingest(vec![later]).await?;
    assert_eq!(index.subjects(&after_2013).await?, ["long", "later"]);
    Ok(())
}

#[tokio::test]
async fn a_data_folder_of_a_later_version_is_refused_in_words() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = || strict().data_dir(folder.path());
    Sandbox::of(builder()).await?.emulator.stop().await?;
    let database = rusqlite::Connection::open(folder.path().join("emulator.db"))?;
    database.pragma_update(None, "user_version", 1_000)?;
    drop(database);
    let refused = match builder().start().await {
        Ok(_) => return Err("it started".into()),
        Err(error) => error.to_string(),
    };
    assert!(
        refused.contains("emulator.db was written by a later"),
        "{refused}"
    );
    assert!(refused.contains("or another data folder"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_task_is_pending_until_the_clock_is_moved() -> TestResult {
    let hour = std::time::Duration::from_secs(3600);
    let sandbox = Sandbox::of(strict().search_start_delay(hour)).await?;
    let index = TestIndex::create(&sandbox).await?;
    let document = json!({
        "ingest_type": "GMetaEntry",
        "ingest_data": { "subject": "a", "visible_to": ["public"], "content": {} },
    });
    let submitted = index.post("/ingest", &document).await?;
    let task = format!("/v1/task/{}", submitted.text_at("/task_id")?);
    let state = || answer(sandbox.get(&task).bearer_auth(&index.token));
    assert_eq!(state().await?.at("/state"), "PENDING");
    sandbox.emulator.advance_clock(hour);
    sandbox.emulator.wait_until_idle().await?;
    assert_eq!(state().await?.at("/state"), "SUCCESS");
    Ok(())
}
