//! Guest collections over HTTP: making, listing, using, searching and losing them.

use globus_test_support::emulator::{
    ADA, Answer, DESTINATION, Fallible, Lab, Person, SOURCE, TestResult, answer, item, told, town,
    tree,
};
use reqwest::Method;
use serde_json::{Value, json};

fn names(listing: &Answer) -> Vec<&str> {
    let entries = listing.at("/DATA").as_array();
    let names = entries.into_iter().flatten();
    names.filter_map(|entry| entry["name"].as_str()).collect()
}

async fn found(person: &Person<'_>, query: &[(&str, &str)]) -> Fallible<Vec<String>> {
    let found = person.get("/v0.10/endpoint_search", query).await?;
    assert_eq!(found.status, 200, "{found:?}");
    let endpoints = found.at("/DATA").as_array().cloned().unwrap_or_default();
    Ok(endpoints
        .iter()
        .filter_map(|endpoint| endpoint["display_name"].as_str())
        .map(str::to_owned)
        .collect())
}

#[tokio::test]
async fn a_guest_collection_shows_a_directory_of_its_host() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("data/run7/a.txt", "a")?;
    lab.write("private/b.txt", "b")?;
    let guest = lab.guest("/~/data/").await?;
    let endpoint = lab.get(&format!("/v0.10/endpoint/{guest}"), &[]).await?;
    for (field, expected) in [
        ("entity_type", json!("GCP_guest_collection")),
        ("display_name", json!("Guest of /~/data/")),
        ("host_endpoint_id", json!(SOURCE)),
        ("host_endpoint_display_name", json!("Instrument")),
        ("host_path", json!("/data/")),
        ("shareable", json!(false)),
        ("acl_available", json!(true)),
        ("acl_editable", json!(true)),
        ("public", json!(false)),
        ("gcp_connected", json!(true)),
    ] {
        assert_eq!(endpoint.at(&format!("/{field}")), &expected, "{field}");
    }
    let ls = format!("/v0.10/operation/endpoint/{guest}/ls");
    assert_eq!(names(&lab.get(&ls, &[]).await?), ["run7"]);
    assert_eq!(
        names(&lab.get(&ls, &[("path", "/~/run7")]).await?),
        ["a.txt"]
    );
    Ok(())
}

#[tokio::test]
async fn the_host_may_be_named_as_the_cli_names_it() -> TestResult {
    let lab = Lab::start().await?;
    let document = json!({
        "DATA_TYPE": "shared_endpoint",
        "host_endpoint": SOURCE,
        "host_path": "/",
        "display_name": "Shared",
    });
    let created = lab.post("/v0.10/shared_endpoint", &document).await?;
    assert_eq!(told(&created), (201, "Created"));
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn no_path_leaves_the_directory_of_a_guest_collection() -> TestResult {
    let lab = Lab::probed().await?;
    lab.write("data/a.txt", "a")?;
    lab.write("private/b.txt", "b")?;
    std::os::unix::fs::symlink("../private", lab.source("data/out"))?;
    std::os::unix::fs::symlink(lab.source("private"), lab.source("data/absolute"))?;
    let guest = lab.guest("/data/").await?;
    let ls = format!("/v0.10/operation/endpoint/{guest}/ls");
    for path in ["/..", "/../private", "/out", "/out/b.txt", "/absolute/"] {
        let refused = lab.get(&ls, &[("path", path)]).await?;
        assert!(refused.status.is_client_error(), "{path}: {refused:?}");
    }
    let moved = lab
        .post(
            &format!("/v0.10/operation/endpoint/{guest}/rename"),
            &json!({ "DATA_TYPE": "rename", "old_path": "/a.txt", "new_path": "/out/a.txt" }),
        )
        .await?;
    assert_eq!(told(&moved), (403, "EndpointPermissionDenied"));
    assert!(lab.source("data/a.txt").exists());
    Ok(())
}

#[tokio::test]
async fn bytes_go_through_a_guest_collection() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("data/run7/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let task = lab
        .transfer(
            json!([item("/run7/", "/copy/")]),
            json!({ "source_endpoint": guest }),
        )
        .await?;
    assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
    assert_eq!(tree(&lab.destination("copy"))?["a.txt"], b"a");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_shared_is_refused() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let share = |host: String, path: &str| json!({ "host_endpoint_id": host, "host_path": path, "display_name": "New" });
    let post = async |document: Value| lab.post("/v0.10/shared_endpoint", &document).await;
    let refused = post(share(SOURCE.to_string(), "/nowhere/")).await?;
    assert_eq!(told(&refused), (404, "ClientError.NotFound"));
    let refused = post(share(SOURCE.to_string(), "/data/a.txt")).await?;
    assert_eq!(told(&refused), (400, "ClientError.BadRequest"));
    let refused = post(share(SOURCE.to_string(), "/data/../../")).await?;
    assert_eq!(told(&refused), (400, "InvalidPath"));
    let refused = post(share(guest, "/")).await?;
    assert_eq!(told(&refused), (400, "ClientError.BadRequest"));
    let ada = lab.person(ADA).await?;
    let refused = ada
        .post(
            "/v0.10/shared_endpoint",
            &share(SOURCE.to_string(), "/data/"),
        )
        .await?;
    assert_eq!(told(&refused), (403, "PermissionDenied"));
    Ok(())
}

#[tokio::test]
async fn the_guests_of_a_host_are_listed_by_who_looks_after_them() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let first = lab.guest("/").await?;
    let second = lab.guest("/data/").await?;
    let ada = lab.person(ADA).await?;
    lab.appoint(&second, &ada.id, "access_manager").await?;

    let mine = format!("/v0.10/endpoint/{SOURCE}/my_shared_endpoint_list");
    let ids = |list: &Answer| {
        let documents = list.at("/DATA").as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> = documents
            .iter()
            .filter_map(|one| one["id"].as_str().map(str::to_owned))
            .collect();
        ids.sort();
        ids
    };
    let mut both = vec![first.clone(), second.clone()];
    both.sort();
    assert_eq!(ids(&lab.get(&mine, &[]).await?), both);
    assert_eq!(ids(&ada.get(&mine, &[]).await?), [second.as_str()]);

    let all = format!("/v0.10/endpoint/{SOURCE}/shared_endpoint_list");
    assert_eq!(told(&ada.get(&all, &[]).await?), (403, "PermissionDenied"));
    let page = lab.get(&all, &[("max_results", "1")]).await?;
    let token = page.text_at("/next_token")?;
    let next = lab
        .get(&all, &[("max_results", "1"), ("next_token", &token)])
        .await?;
    let mut seen = vec![
        page.text_at("/shared_endpoints/0/id")?,
        next.text_at("/shared_endpoints/0/id")?,
    ];
    seen.sort();
    assert_eq!((seen, next.at("/next_token")), (both, &Value::Null));
    Ok(())
}

#[tokio::test]
async fn a_search_knows_who_shares_what_with_whom() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let ada = lab.person(ADA).await?;
    let scope = |scope| [("filter_scope", scope)];
    // Nobody told her: it is not public.
    assert_eq!(
        told(&ada.get(&format!("/v0.10/endpoint/{guest}"), &[]).await?),
        (404, "EndpointNotFound")
    );
    assert!(found(&ada, &scope("shared-with-me")).await?.is_empty());

    lab.grant(&guest, &ada.id, "/", "r").await?;
    let shared = "Guest of /data/".to_owned();
    assert_eq!(
        found(&ada, &scope("shared-with-me")).await?,
        [shared.as_str()]
    );
    assert_eq!(
        found(&ada, &scope("hide-no-permissions")).await?,
        [shared.as_str()]
    );
    assert!(found(&ada, &scope("administered-by-me")).await?.is_empty());
    let host = SOURCE.to_string();
    assert_eq!(
        found(&ada, &[("filter_host_endpoint", &host)]).await?,
        [shared.as_str()]
    );
    assert_eq!(
        found(&ada, &[("filter_entity_type", "GCP_guest_collection")]).await?,
        [shared.as_str()]
    );
    let by_robot = lab
        .get("/v0.10/endpoint_search", &scope("shared-by-me"))
        .await?;
    assert_eq!(by_robot.at("/DATA/0/display_name"), &json!(shared));
    Ok(())
}

#[tokio::test]
async fn a_guest_collection_goes_with_its_host() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("data/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let ls = format!("/v0.10/operation/endpoint/{guest}/ls");
    std::fs::rename(lab.source("data"), lab.source("elsewhere"))?;
    assert_eq!(
        told(&lab.get(&ls, &[]).await?),
        (404, "ClientError.NotFound")
    );
    std::fs::rename(lab.source("elsewhere"), lab.source("data"))?;
    assert_eq!(names(&lab.get(&ls, &[]).await?), ["a.txt"]);
    lab.delete_at(&format!("/v0.10/endpoint/{SOURCE}")).await?;
    assert_eq!(
        told(&lab.get(&ls, &[]).await?),
        (502, "ExternalError.DirListingFailed.GCDisconnected")
    );
    Ok(())
}

#[tokio::test]
async fn guest_collection_is_changed_and_deleted_by_administrators() -> TestResult {
    let lab = town().await?;
    let guest = lab.guest("/").await?;
    let path = format!("/v0.10/endpoint/{guest}");
    let ada = lab.person(ADA).await?;
    lab.appoint(&guest, &ada.id, "access_manager").await?;
    let change = json!({ "DATA_TYPE": "endpoint", "display_name": "Renamed", "default_directory": "/data/" });
    assert_eq!(
        told(&ada.put(&path, &change).await?),
        (403, "PermissionDenied")
    );
    assert_eq!(told(&ada.delete(&path).await?), (403, "PermissionDenied"));

    assert_eq!(told(&lab.put(&path, &change).await?), (200, "Updated"));
    let endpoint = lab.get(&path, &[]).await?;
    assert_eq!(endpoint.at("/display_name"), "Renamed");
    // Its default directory is where a listing without a path starts.
    lab.write("data/a.txt", "a")?;
    let listing = lab
        .get(&format!("/v0.10/operation/endpoint/{guest}/ls"), &[])
        .await?;
    assert_eq!(
        (listing.at("/path"), names(&listing)),
        (&json!("/data/"), vec!["a.txt"])
    );

    assert_eq!(
        told(&answer(lab.request(Method::DELETE, &path)).await?),
        (200, "Deleted")
    );
    assert_eq!(told(&lab.get(&path, &[]).await?), (404, "EndpointDeleted"));
    assert_eq!(told(&lab.delete_at(&path).await?), (404, "EndpointDeleted"));
    assert!(lab.source("data/a.txt").exists());
    Ok(())
}

#[tokio::test]
async fn guests_roles_and_rules_survive_a_restart() -> TestResult {
    let data = tempfile::tempdir()?;
    let folder = data.path().to_path_buf();
    let lab = Lab::of(|builder| {
        builder
            .data_dir(&folder)
            .other_user(ADA, "Ada", "ada@example.org")
    })
    .await?;
    lab.write("data/in/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let (role, rule) = {
        let ada = lab.person(ADA).await?;
        (
            lab.appoint(&guest, &ada.id, "activity_monitor").await?,
            lab.grant(&guest, &ada.id, "/in/", "r").await?,
        )
    };
    let lab = lab
        .restart(|builder| {
            builder
                .data_dir(&folder)
                .other_user(ADA, "Ada", "ada@example.org")
        })
        .await?;
    let ada = lab.person(ADA).await?;
    assert_eq!(names(&ada.ls(&guest, "/in/").await?), ["a.txt"]);
    let kept = lab
        .get(&format!("/v0.10/endpoint/{guest}/access/{rule}"), &[])
        .await?;
    assert_eq!(kept.at("/path"), "/in/");
    let kept = lab
        .get(&format!("/v0.10/endpoint/{guest}/role/{role}"), &[])
        .await?;
    assert_eq!(kept.at("/role"), "activity_monitor");
    Ok(())
}

#[tokio::test]
async fn a_mapped_collection_is_put_under_a_subscription() -> TestResult {
    let lab = town().await?;
    let path = format!("/v0.10/endpoint/{DESTINATION}");
    let (subscription, verified) = (
        format!("{path}/subscription"),
        format!("{path}/subscription_admin_verified"),
    );
    let verify = json!({ "subscription_admin_verified": true });
    assert_eq!(
        told(&lab.put(&verified, &verify).await?),
        (400, "BadRequest")
    );
    let id = "5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";
    let set = lab
        .put(&subscription, &json!({ "subscription_id": id }))
        .await?;
    assert_eq!(told(&set), (200, "Updated"));
    assert_eq!(told(&lab.put(&verified, &verify).await?), (200, "Updated"));
    let endpoint = lab.get(&path, &[]).await?;
    assert_eq!(endpoint.at("/subscription_id"), id);
    assert_eq!(endpoint.at("/subscription_admin_verified"), true);

    let refused = lab
        .put(&subscription, &json!({ "subscription_id": "DEFAULT" }))
        .await?;
    assert_eq!(told(&refused), (400, "BadRequest"));
    let ada = lab.person(ADA).await?;
    let refused = ada
        .put(&subscription, &json!({ "subscription_id": null }))
        .await?;
    assert_eq!(told(&refused), (403, "PermissionDenied"));
    lab.put(&subscription, &json!({ "subscription_id": null }))
        .await?;
    let endpoint = lab.get(&path, &[]).await?;
    assert_eq!(endpoint.at("/subscription_id"), &Value::Null);
    Ok(())
}

#[tokio::test]
async fn servers_and_activation_are_as_good_as_gone() -> TestResult {
    let lab = Lab::start().await?;
    let path = format!("/v0.10/endpoint/{SOURCE}");
    let servers = lab.get(&format!("{path}/server_list"), &[]).await?;
    let id = servers.at("/DATA/0/id").as_u64().ok_or("no server")?;
    let server = lab.get(&format!("{path}/server/{id}"), &[]).await?;
    assert_eq!(server.at("/is_connected"), true);
    assert_eq!(
        told(&lab.get(&format!("{path}/server/{}", id + 1), &[]).await?),
        (404, "NotFound")
    );
    let host = json!({ "DATA_TYPE": "server", "hostname": "example.org" });
    for refused in [
        lab.post(&format!("{path}/server"), &host).await?,
        lab.put(&format!("{path}/server/{id}"), &host).await?,
        lab.delete_at(&format!("{path}/server/{id}")).await?,
    ] {
        assert_eq!(told(&refused), (409, "NotSupported"));
    }

    let requirements = lab
        .get(&format!("{path}/activation_requirements"), &[])
        .await?;
    assert_eq!(requirements.at("/activated"), true);
    let post = |name: &str| lab.request(Method::POST, &format!("{path}/{name}"));
    let activated = answer(post("autoactivate").query(&[("if_expires_in", "3600")])).await?;
    assert_eq!(
        (told(&activated), activated.at("/expires_in")),
        ((200, "AutoActivated.GlobusOnlineCredential"), &json!(-1))
    );
    let filled_in = json!({ "DATA_TYPE": "activation_requirements", "DATA": [] });
    let activated = answer(post("activate").json(&filled_in)).await?;
    assert_eq!(told(&activated), (200, "AlreadyActivated"));
    assert_eq!(told(&answer(post("deactivate")).await?), (200, "Updated"));
    Ok(())
}
