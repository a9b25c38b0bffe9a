//! Endpoints over HTTP: documents, search, and those a client creates.

use std::collections::HashSet;

use globus_emulator::Uuid;
use globus_test_support::emulator::{Fallible, Lab, ROBOT, SOURCE, TestResult, answer, item};
use reqwest::Method;
use serde_json::{Value, json};

async fn search(lab: &Lab, query: &[(&str, &str)]) -> Fallible<Vec<String>> {
    let found = lab.get("/v0.10/endpoint_search", query).await?;
    let endpoints = found
        .at("/DATA")
        .as_array()
        .ok_or_else(|| format!("no list: {found:?}"))?;
    Ok(endpoints
        .iter()
        .filter_map(|endpoint| endpoint["display_name"].as_str())
        .map(str::to_owned)
        .collect())
}

#[tokio::test]
async fn an_endpoint_has_the_fields_the_clients_read() -> TestResult {
    let lab = Lab::start().await?;
    let endpoint = lab.get(&format!("/v0.10/endpoint/{SOURCE}"), &[]).await?;
    assert_eq!(endpoint.status, 200);
    let user = lab.sandbox.emulator.user();
    for (field, expected) in [
        ("DATA_TYPE", json!("endpoint")),
        ("id", json!(SOURCE)),
        ("display_name", json!("Instrument")),
        ("entity_type", json!("GCP_mapped_collection")),
        ("owner_id", json!(user.id)),
        ("owner_string", json!(user.username)),
        ("default_directory", json!("/~/")),
        ("is_globus_connect", json!(true)),
        ("gcp_connected", json!(true)),
        ("non_functional", json!(false)),
        ("public", json!(true)),
        ("in_use", json!(false)),
        ("my_effective_roles", json!(["administrator"])),
    ] {
        assert_eq!(endpoint.at(&format!("/{field}")), &expected, "{field}");
    }
    for field in [
        "organization",
        "host_path",
        "subscription_id",
        "https_server",
        "gcs_manager_url",
        "keywords",
        "s3_url",
    ] {
        assert!(
            endpoint.body.get(field).is_some_and(Value::is_null),
            "{field}"
        );
    }
    assert_eq!(endpoint.at("/DATA/0/is_connected"), true);
    let unknown = lab
        .get(&format!("/v0.10/endpoint/{}", Uuid::nil()), &[])
        .await?;
    assert_eq!(
        (unknown.status.as_u16(), unknown.at("/code")),
        (404, &json!("EndpointNotFound"))
    );
    Ok(())
}

#[tokio::test]
async fn a_search_finds_words_by_their_beginning() -> TestResult {
    let lab = Lab::start().await?;
    assert_eq!(
        search(&lab, &[("filter_fulltext", "instr")]).await?,
        ["Instrument"]
    );
    assert_eq!(
        search(&lab, &[("filter_fulltext", "FOLDER machine")]).await?,
        ["Archive", "Instrument"]
    );
    assert_eq!(
        search(&lab, &[("filter_fulltext", "instrument nothing")]).await?,
        Vec::<String>::new()
    );
    assert_eq!(
        search(&lab, &[("filter_fulltext", &SOURCE.to_string())]).await?,
        ["Instrument"]
    );
    Ok(())
}

#[tokio::test]
async fn a_search_is_narrowed_by_scope_owner_and_type() -> TestResult {
    let lab = Lab::start().await?;
    let user = lab.sandbox.emulator.user().id.to_string();
    assert_eq!(
        search(&lab, &[("filter_scope", "administered-by-me")])
            .await?
            .len(),
        2
    );
    assert_eq!(
        search(&lab, &[("filter_scope", "my-endpoints")])
            .await?
            .len(),
        0
    );
    assert_eq!(
        search(&lab, &[("filter_scope", "shared-with-me")])
            .await?
            .len(),
        0
    );
    assert_eq!(search(&lab, &[("filter_owner_id", &user)]).await?.len(), 2);
    assert_eq!(
        search(&lab, &[("filter_owner_id", &ROBOT.to_string())])
            .await?
            .len(),
        0
    );
    assert_eq!(
        search(&lab, &[("filter_entity_type", "GCP_mapped_collection")])
            .await?
            .len(),
        2
    );
    assert_eq!(
        search(&lab, &[("filter_entity_type", "GCSv5_endpoint")])
            .await?
            .len(),
        0
    );
    assert_eq!(
        search(&lab, &[("filter_scope", "recently-used")])
            .await?
            .len(),
        0
    );
    lab.write("a", "a")?;
    lab.transfer_all(json!({})).await?;
    assert_eq!(
        search(&lab, &[("filter_scope", "recently-used")])
            .await?
            .len(),
        2
    );
    assert_eq!(search(&lab, &[("filter_scope", "in-use")]).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    let id = Uuid::nil().to_string();
    for query in [
        vec![],
        vec![("filter_scope", "everything")],
        vec![("filter_owner_id", "me")],
        vec![
            ("filter_owner_id", id.as_str()),
            ("filter_scope", "my-endpoints"),
        ],
        vec![
            ("filter_entity_type", "GCSv5_endpoint"),
            ("filter_non_functional", "1"),
        ],
        vec![("filter_fulltext", "x"), ("limit", "-1")],
        vec![("filter_fulltext", "x"), ("offset", "x")],
    ] {
        let refused = lab.get("/v0.10/endpoint_search", &query).await?;
        assert_eq!(refused.status, 400, "{query:?}");
    }
    Ok(())
}

#[tokio::test]
async fn pages_cover_everything_once_and_end_at_a_thousand() -> TestResult {
    let lab = Lab::of(|builder| builder.strict_responses(true).extra_collections(1_050)).await?;
    let mut seen = HashSet::new();
    let mut offset = 0;
    loop {
        let page = lab
            .get(
                "/v0.10/endpoint_search",
                &[
                    ("filter_fulltext", "extra"),
                    ("limit", "300"),
                    ("offset", &offset.to_string()),
                ],
            )
            .await?;
        let endpoints = page.at("/DATA").as_array().ok_or("no list")?;
        seen.extend(endpoints.iter().map(|endpoint| endpoint["id"].to_string()));
        offset += endpoints.len();
        if page.at("/has_next_page") == false {
            break;
        }
    }
    assert_eq!((offset, seen.len()), (1_000, 1_000));
    let beyond = lab
        .get(
            "/v0.10/endpoint_search",
            &[("filter_fulltext", "extra"), ("offset", "5000")],
        )
        .await?;
    assert_eq!(
        (beyond.at("/has_next_page"), beyond.at("/DATA")),
        (&json!(false), &json!([]))
    );
    Ok(())
}

#[tokio::test]
async fn an_endpoint_is_created_changed_and_deleted() -> TestResult {
    let lab = Lab::start().await?;
    let document =
        json!({ "DATA_TYPE": "endpoint", "display_name": "Mine", "is_globus_connect": true });
    let created = lab.post("/v0.10/endpoint", &document).await?;
    assert_eq!(
        (created.status.as_u16(), created.at("/code")),
        (201, &json!("Created"))
    );
    assert_eq!(created.at("/DATA_TYPE"), "endpoint_create_result");
    assert!(created.at("/globus_connect_setup_key").is_string());
    let path = format!("/v0.10/endpoint/{}", created.text_at("/id")?);

    let changes =
        json!({ "DATA_TYPE": "endpoint", "description": "New", "public": true, "id": Uuid::nil() });
    let updated = lab.put(&path, &changes).await?;
    assert_eq!(
        (updated.status.as_u16(), updated.at("/code")),
        (200, &json!("Updated"))
    );
    let endpoint = lab.get(&path, &[]).await?;
    assert_eq!(
        (endpoint.at("/description"), endpoint.at("/display_name")),
        (&json!("New"), &json!("Mine"))
    );
    assert_eq!(
        (endpoint.at("/owner_id"), endpoint.at("/gcp_connected")),
        (&json!(ROBOT), &json!(false))
    );
    assert_eq!(
        lab.put(&path, &json!({ "description": null }))
            .await?
            .status,
        200
    );
    assert!(lab.get(&path, &[]).await?.at("/description").is_null());

    let deleted = answer(lab.request(Method::DELETE, &path)).await?;
    assert_eq!(
        (deleted.status.as_u16(), deleted.at("/code")),
        (200, &json!("Deleted"))
    );
    assert_eq!(lab.get(&path, &[]).await?.status, 404);
    assert_eq!(
        answer(lab.request(Method::DELETE, &path)).await?.status,
        404
    );
    Ok(())
}

#[tokio::test]
async fn an_endpoint_that_never_connected_has_no_files() -> TestResult {
    let lab = Lab::start().await?;
    let created = lab
        .post("/v0.10/endpoint", &json!({ "display_name": "Mine" }))
        .await?;
    let id = created.text_at("/id")?;
    let listing = lab
        .get(&format!("/v0.10/operation/endpoint/{id}/ls"), &[])
        .await?;
    assert_eq!(
        listing.at("/code"),
        "ExternalError.DirListingFailed.GCDisconnected"
    );
    let stat = lab
        .get(&format!("/v0.10/operation/endpoint/{id}/stat"), &[])
        .await?;
    assert_eq!(
        (stat.status.as_u16(), stat.at("/code")),
        (409, &json!("GCDisconnectedException"))
    );
    let task = lab
        .submit_transfer(
            json!([item("/", "/")]),
            json!({ "destination_endpoint": id }),
        )
        .await?;
    let waiting = lab
        .wait(&task, |task| task["faults"].as_u64() > Some(1))
        .await?;
    assert_eq!(
        (&waiting["status"], &waiting["nice_status"]),
        (&json!("ACTIVE"), &json!("GC_NOT_CONNECTED"))
    );
    Ok(())
}

#[tokio::test]
async fn settings_of_the_wrong_type_are_refused() -> TestResult {
    let lab = Lab::start().await?;
    let path = format!("/v0.10/endpoint/{SOURCE}");
    for wrong in [
        json!({ "display_name": null }),
        json!({ "display_name": "  " }),
        json!({ "display_name": "two\nlines" }),
        json!({ "public": "yes" }),
        json!({ "max_concurrency": "4" }),
        json!({ "network_use": "some" }),
        json!({ "DATA_TYPE": "task" }),
    ] {
        assert_eq!(lab.put(&path, &wrong).await?.status, 400, "{wrong}");
    }
    for wrong in [
        json!({}),
        json!({ "display_name": 5 }),
        json!({ "display_name": "x", "is_globus_connect": false }),
    ] {
        assert_eq!(
            lab.post("/v0.10/endpoint", &wrong).await?.status,
            400,
            "{wrong}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn somebody_without_a_role_sees_a_collection_but_cannot_use_it() -> TestResult {
    let mut lab = Lab::of(|builder| {
        builder
            .strict_responses(true)
            .other_user("ada@sandbox.local", "Ada", "ada@example.org")
    })
    .await?;
    lab.write("a", "a")?;
    let private = lab
        .post("/v0.10/endpoint", &json!({ "display_name": "Hidden" }))
        .await?
        .text_at("/id")?;
    lab.as_person("ada@sandbox.local").await?;
    let path = format!("/v0.10/endpoint/{SOURCE}");
    let endpoint = lab.get(&path, &[]).await?;
    assert_eq!(
        (endpoint.status.as_u16(), endpoint.at("/my_effective_roles")),
        (200, &json!([]))
    );
    assert_eq!(
        lab.get(&format!("/v0.10/endpoint/{private}"), &[])
            .await?
            .status,
        404
    );
    let refused = [
        lab.look("ls", &[]).await?,
        lab.look("stat", &[("path", "/a")]).await?,
        lab.operate("mkdir", json!({ "path": "/new" })).await?,
        lab.put(&path, &json!({ "description": "mine" })).await?,
        answer(lab.request(Method::DELETE, &path)).await?,
        lab.try_transfer(json!([item("/a", "/b")]), json!({}))
            .await?,
        lab.try_delete(&["/a"], json!({})).await?,
    ];
    for answer in refused {
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (403, &json!("PermissionDenied")),
            "{answer:?}"
        );
    }
    Ok(())
}
