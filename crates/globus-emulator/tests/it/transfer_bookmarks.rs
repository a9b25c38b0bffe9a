//! Bookmarks over HTTP, in both generations; and tunnels, of which there are none.

use globus_test_support::emulator::{
    ADA, Answer, DESTINATION, Lab, SOURCE, TestResult, answer, told, town,
};
use reqwest::Method;
use serde_json::{Value, json};

fn bookmark(name: &str) -> Value {
    json!({ "DATA_TYPE": "bookmark", "name": name, "endpoint_id": SOURCE, "path": "/~/data/" })
}

fn resource(name: &str) -> Value {
    json!({ "data": {
        "type": "Bookmark",
        "attributes": { "name": name, "path": "/data" },
        "relationships": { "collection": { "data": { "type": "Collection", "id": DESTINATION } } },
    } })
}

#[tokio::test]
async fn a_bookmark_is_made_listed_renamed_and_deleted() -> TestResult {
    let lab = Lab::start().await?;
    let made = lab.post("/v0.10/bookmark", &bookmark("data")).await?;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/v0.10/bookmark/{}", made.text_at("/id")?);
    assert_eq!(lab.get(&path, &[]).await?.body, made.body);
    let list = lab.get("/v0.10/bookmark_list", &[]).await?;
    assert_eq!(list.at("/DATA"), &json!([made.body]));

    let renamed = lab
        .put(
            &path,
            &json!({ "DATA_TYPE": "bookmark", "name": "mine", "pinned": true }),
        )
        .await?;
    assert_eq!(
        (
            renamed.at("/name"),
            renamed.at("/pinned"),
            renamed.at("/path")
        ),
        (&json!("mine"), &json!(true), &json!("/~/data/"))
    );
    assert_eq!(told(&lab.delete_at(&path).await?), (200, "Deleted"));
    for gone in [
        lab.get(&path, &[]).await?,
        lab.delete_at(&path).await?,
        lab.put(&path, &json!({ "name": "x" })).await?,
    ] {
        assert_eq!(told(&gone), (404, "BookmarkNotFound"));
    }
    Ok(())
}

#[tokio::test]
async fn a_name_is_one_users_own_and_used_once() -> TestResult {
    let lab = town().await?;
    let made = lab.post("/v0.10/bookmark", &bookmark("data")).await?;
    let again = lab.post("/v0.10/bookmark", &bookmark("data")).await?;
    assert_eq!(told(&again), (409, "Conflict"));
    let other = lab.post("/v0.10/bookmark", &bookmark("other")).await?;
    let other = format!("/v0.10/bookmark/{}", other.text_at("/id")?);
    assert_eq!(
        told(&lab.put(&other, &json!({ "name": "data" })).await?),
        (409, "Conflict")
    );
    let ada = lab.person(ADA).await?;
    let path = format!("/v0.10/bookmark/{}", made.text_at("/id")?);
    assert_eq!(told(&ada.get(&path, &[]).await?), (404, "BookmarkNotFound"));
    assert_eq!(
        ada.get("/v0.10/bookmark_list", &[]).await?.at("/DATA"),
        &json!([])
    );
    assert_eq!(
        ada.post("/v0.10/bookmark", &bookmark("data")).await?.status,
        201
    );
    Ok(())
}

#[tokio::test]
async fn a_bookmark_that_leads_nowhere_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    let with = |name: &str, value: Value| {
        let mut document = bookmark("data");
        document[name] = value;
        document
    };
    for (document, expected) in [
        (with("name", json!(" ")), (400, "ClientError.BadRequest")),
        (with("name", json!("a\nb")), (400, "ClientError.BadRequest")),
        (with("path", json!("/../")), (400, "InvalidPath")),
        (
            with("endpoint_id", json!("00000000-0000-4000-8000-00000000dead")),
            (404, "EndpointNotFound"),
        ),
    ] {
        let refused = lab.post("/v0.10/bookmark", &document).await?;
        assert_eq!(told(&refused), expected, "{document}");
    }
    Ok(())
}

#[tokio::test]
async fn bookmarks_of_both_generations_are_the_same() -> TestResult {
    let lab = Lab::start().await?;
    let made = lab.post("/v2/bookmarks", &resource("data")).await?;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.text_at("/data/id")?;
    let old = lab.get(&format!("/v0.10/bookmark/{id}"), &[]).await?;
    assert_eq!(
        (old.at("/endpoint_id"), old.at("/path")),
        (&json!(DESTINATION), &json!("/data/"))
    );

    let path = format!("/v2/bookmarks/{id}");
    let change = json!({ "data": { "type": "Bookmark", "attributes": { "name": "mine" } } });
    let changed = answer(lab.request(Method::PATCH, &path).json(&change)).await?;
    assert_eq!(
        (
            changed.at("/data/attributes/name"),
            changed.at("/data/attributes/path")
        ),
        (&json!("mine"), &json!("/data"))
    );
    assert_eq!(lab.get(&path, &[]).await?.at("/data"), changed.at("/data"));
    let list = lab.get("/v2/bookmarks", &[]).await?;
    assert_eq!(list.at("/data/0"), changed.at("/data"));

    let deleted = lab.delete_at(&path).await?;
    assert_eq!(deleted.status, 200);
    let gone = lab.get(&path, &[]).await?;
    assert_eq!(
        (gone.status.as_u16(), gone.at("/errors/0/code")),
        (404, &json!("BookmarkNotFound"))
    );
    Ok(())
}

#[tokio::test]
async fn collections_come_with_bookmarks_when_they_are_asked_for() -> TestResult {
    let lab = Lab::start().await?;
    let made = lab.post("/v2/bookmarks", &resource("data")).await?;
    let one = format!("/v2/bookmarks/{}", made.text_at("/data/id")?);
    for path in ["/v2/bookmarks", &one] {
        let alone = lab.get(path, &[]).await?;
        assert_eq!(alone.body.get("included"), None, "{path}");
        let with = lab.get(path, &[("include", "collection")]).await?;
        assert_eq!(
            with.at("/included"),
            &json!([{
                "type": "Collection",
                "id": DESTINATION,
                "attributes": { "display_name": "Archive", "high_assurance": false },
            }]),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_bookmark_is_pinned_and_unpinned() -> TestResult {
    let lab = Lab::start().await?;
    let mut pinned = resource("data");
    pinned["data"]["attributes"]["pinned"] = json!(true);
    let made = lab.post("/v2/bookmarks", &pinned).await?;
    assert_eq!(made.at("/data/attributes/pinned"), true);
    let path = format!("/v2/bookmarks/{}", made.text_at("/data/id")?);
    let change = json!({ "data": { "type": "Bookmark", "attributes": { "pinned": false } } });
    answer(lab.request(Method::PATCH, &path).json(&change)).await?;
    let after = lab.get(&path, &[]).await?;
    assert_eq!(
        after.at("/data/attributes"),
        &json!({ "name": "data", "path": "/data", "pinned": false })
    );
    Ok(())
}

#[tokio::test]
async fn pages_of_bookmarks_lead_to_each_other_and_end() -> TestResult {
    let lab = Lab::start().await?;
    for name in ["one", "two", "three"] {
        lab.post("/v2/bookmarks", &resource(name)).await?;
    }
    let query = [("page[limit]", "2"), ("include", "collection")];
    let first = lab.get("/v2/bookmarks", &query).await?;
    let names = |page: &Answer| -> Vec<Value> {
        let data = page.at("/data").as_array().cloned().unwrap_or_default();
        let names = data.iter().map(|one| one["attributes"]["name"].clone());
        names.collect()
    };
    assert_eq!(names(&first), ["one", "two"]);
    let next = first.text_at("/links/next")?;
    let next = next.strip_prefix(lab.sandbox.emulator.base_url());
    let second = lab.get(next.ok_or("another host")?, &[]).await?;
    assert_eq!(names(&second), ["three"]);
    assert_eq!(second.at("/links/next"), &Value::Null);
    assert_eq!(second.at("/included").as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_none_is_told_by_its_parameter() -> TestResult {
    let lab = Lab::probed().await?;
    let events = "/v2/tunnels/5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab/events";
    for path in ["/v2/bookmarks", "/v2/stream_access_points", events] {
        for (name, value) in [
            ("page[limit]", "many"),
            ("page[limit]", "0"),
            ("page[limit]", "-1"),
            ("page[marker]", "elsewhere"),
        ] {
            let refused = lab.get(path, &[(name, value)]).await?;
            assert_eq!(refused.status, 422, "{path} {name}={value}");
            assert_eq!(refused.at("/detail/0/loc"), &json!(["query", name]));
        }
    }
    let refused = lab.get("/v2/bookmarks", &[("include", "owner")]).await?;
    assert_eq!(refused.at("/detail/0/loc"), &json!(["query", "include"]));
    Ok(())
}

#[tokio::test]
async fn what_has_the_wrong_form_is_told_by_its_place() -> TestResult {
    let lab = Lab::probed().await?;
    let mut nameless = resource("data");
    nameless["data"]["attributes"] = json!({ "path": "/data" });
    let refused = lab.post("/v2/bookmarks", &nameless).await?;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(
        refused.at("/detail/0/loc"),
        &json!(["body", "data", "attributes", "name"])
    );
    let mut other = resource("data");
    other["data"]["type"] = json!("Tunnel");
    let refused = lab.post("/v2/bookmarks", &other).await?;
    assert_eq!(
        refused.at("/detail/0/loc"),
        &json!(["body", "data", "type"])
    );
    // Without a token it is an error like any other, in this shape.
    let nobody = answer(lab.sandbox.get("/v2/bookmarks")).await?;
    assert_eq!(
        (nobody.status.as_u16(), nobody.at("/errors/0/code")),
        (400, &json!("ClientError.AuthenticationFailed"))
    );
    Ok(())
}

#[tokio::test]
async fn there_are_no_tunnels() -> TestResult {
    let lab = Lab::start().await?;
    let id = "5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";
    for list in ["/v2/tunnels", "/v2/stream_access_points"] {
        let none = lab.get(list, &[]).await?;
        assert_eq!((none.status.as_u16(), none.at("/data")), (200, &json!([])));
    }
    let end = json!({ "data": { "type": "StreamAccessPoint", "id": id } });
    let tunnel = json!({ "data": {
        "type": "Tunnel",
        "attributes": { "submission_id": id },
        "relationships": { "listener": end, "initiator": end },
    } });
    let change = json!({ "data": { "type": "Tunnel", "attributes": { "state": "STOPPING" } } });
    let one = format!("/v2/tunnels/{id}");
    for refused in [
        lab.post("/v2/tunnels", &tunnel).await?,
        lab.get(&one, &[]).await?,
        answer(lab.request(Method::PATCH, &one).json(&change)).await?,
        lab.delete_at(&one).await?,
        lab.get(&format!("{one}/events"), &[]).await?,
        lab.get(&format!("/v2/stream_access_points/{id}"), &[])
            .await?,
    ] {
        assert_eq!(
            (refused.status.as_u16(), refused.at("/errors/0/code")),
            (404, &json!("NotFound"))
        );
    }
    Ok(())
}
