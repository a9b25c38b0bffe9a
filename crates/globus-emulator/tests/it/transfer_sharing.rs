//! What roles and access rules open, and what they do not.

use std::time::Duration;

use globus_test_support::emulator::{
    ADA, BOB, DESTINATION, Fallible, Lab, Person, SOURCE, TestResult, accepted, answer, item, told,
    town, town_of,
};
use serde_json::{Value, json};

/// A guest collection on a directory with one that is read and one that is written to.
async fn shared(lab: &Lab) -> Fallible<String> {
    lab.write("data/out/a.txt", "a")?;
    lab.write("data/in/b.txt", "b")?;
    lab.write("data/other/c.txt", "c")?;
    lab.guest("/data/").await
}

async fn rename(person: &Person<'_>, guest: &str, from: &str, to: &str) -> Fallible<(u16, String)> {
    let renamed = person
        .post(
            &format!("/v0.10/operation/endpoint/{guest}/rename"),
            &json!({ "DATA_TYPE": "rename", "old_path": from, "new_path": to }),
        )
        .await?;
    let (status, code) = told(&renamed);
    Ok((status, code.to_owned()))
}

#[tokio::test]
async fn file_operations_keep_to_the_rules() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/out/", "r").await?;
    lab.grant(&guest, &ada.id, "/in/", "rw").await?;

    assert_eq!(ada.ls(&guest, "/out/").await?.status, 200);
    assert_eq!(ada.ls(&guest, "/in/").await?.status, 200);
    for path in ["/", "/other/", "/nowhere/", "/outer/"] {
        // Whether it is there is not to be learned either.
        assert_eq!(
            told(&ada.ls(&guest, path).await?),
            (403, "EndpointPermissionDenied"),
            "{path}"
        );
    }
    let stat = format!("/v0.10/operation/endpoint/{guest}/stat");
    let seen = ada.get(&stat, &[("path", "/out/a.txt")]).await?;
    assert_eq!(seen.at("/size"), 1);
    assert_eq!(
        told(&ada.get(&stat, &[("path", "/other/c.txt")]).await?),
        (403, "EndpointPermissionDenied")
    );

    assert_eq!(
        told(&ada.mkdir(&guest, "/in/new").await?),
        (202, "DirectoryCreated")
    );
    assert_eq!(
        told(&ada.mkdir(&guest, "/out/new").await?),
        (403, "EndpointPermissionDenied")
    );
    assert_eq!(
        rename(&ada, &guest, "/in/b.txt", "/in/new/b.txt").await?.0,
        200
    );
    for (from, to) in [
        ("/out/a.txt", "/in/a.txt"),
        ("/in/new/b.txt", "/out/b.txt"),
        ("/in/new/b.txt", "/b.txt"),
    ] {
        assert_eq!(
            rename(&ada, &guest, from, to).await?,
            (403, "EndpointPermissionDenied".to_owned()),
            "{from} {to}"
        );
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_does_not_open_what_no_rule_opens() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    std::os::unix::fs::symlink("../other", lab.source("data/out/link"))?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/out/", "rw").await?;
    assert_eq!(
        told(&ada.ls(&guest, "/out/link/").await?),
        (403, "EndpointPermissionDenied")
    );
    let listing = ada.ls(&guest, "/out/").await?;
    assert_eq!(listing.at("/DATA/1/type"), "invalid_symlink");
    assert_eq!(
        told(&ada.mkdir(&guest, "/out/link/new").await?),
        (403, "EndpointPermissionDenied")
    );
    assert!(!lab.source("data/other/new").exists());
    // At submit the path is fine; where it leads shows when the task runs.
    lab.grant(&guest, &ada.id, "/in/", "rw").await?;
    let task = accepted(
        ada.transfer(
            &guest,
            &guest,
            json!([item("/out/link/c.txt", "/in/c.txt")]),
        )
        .await?,
    )?;
    let waiting = ada
        .wait(&task, |task| task["faults"].as_u64() > Some(0))
        .await?;
    assert_eq!(
        (&waiting["status"], &waiting["nice_status"]),
        (&json!("ACTIVE"), &json!("PERMISSION_DENIED"))
    );
    assert!(!lab.source("data/in/c.txt").exists());
    Ok(())
}

#[tokio::test]
async fn tasks_keep_to_the_rules() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/out/", "r").await?;
    lab.grant(&guest, &ada.id, "/in/deep/", "rw").await?;

    let task = accepted(
        ada.transfer(&guest, &guest, json!([item("/out/", "/in/deep/copy/")]))
            .await?,
    )?;
    let done = ada.wait(&task, |task| task["status"] != "ACTIVE").await?;
    assert_eq!(done["status"], "SUCCEEDED", "{done:#}");
    assert!(lab.source("data/in/deep/copy/a.txt").exists());

    for (from, to) in [
        ("/other/c.txt", "/in/deep/c.txt"),
        ("/out/a.txt", "/in/a.txt"),
        ("/out/a.txt", "/out/b.txt"),
    ] {
        let refused = ada
            .transfer(&guest, &guest, json!([item(from, to)]))
            .await?;
        assert_eq!(told(&refused), (403, "PermissionDenied"), "{from} {to}");
    }
    // Without any rule there is not even a task to be refused.
    let refused = ada
        .transfer(
            &guest,
            &DESTINATION.to_string(),
            json!([item("/out/a.txt", "/a.txt")]),
        )
        .await?;
    assert_eq!(told(&refused), (403, "PermissionDenied"));

    let id = ada
        .get("/v0.10/submission_id", &[])
        .await?
        .text_at("/value")?;
    let delete = json!({
        "DATA_TYPE": "delete",
        "submission_id": id,
        "endpoint": guest,
        "DATA": [{ "DATA_TYPE": "delete_item", "path": "/out/a.txt" }],
    });
    assert_eq!(
        told(&ada.post("/v0.10/delete", &delete).await?),
        (403, "PermissionDenied")
    );
    assert!(lab.source("data/out/a.txt").exists());
    Ok(())
}

#[tokio::test]
async fn a_revoked_rule_stops_a_task_that_runs() -> TestResult {
    let lab = town_of(|builder| builder.transfer_file_delay(Duration::from_millis(20))).await?;
    for number in 0..200 {
        lab.write(&format!("data/out/{number}.txt"), "x")?;
    }
    lab.write("data/in/b.txt", "b")?;
    let guest = lab.guest("/data/").await?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/out/", "r").await?;
    let write = lab.grant(&guest, &ada.id, "/in/", "rw").await?;
    let task = accepted(
        ada.transfer(&guest, &guest, json!([item("/out/", "/in/copy/")]))
            .await?,
    )?;
    ada.wait(&task, |task| task["files_transferred"].as_u64() > Some(0))
        .await?;
    lab.delete_at(&format!("/v0.10/endpoint/{guest}/access/{write}"))
        .await?;
    let stopped = ada
        .wait(&task, |task| task["nice_status"] == "PERMISSION_DENIED")
        .await?;
    assert_eq!(stopped["status"], "ACTIVE");
    let events = ada
        .get(
            &format!("/v0.10/task/{task}/event_list"),
            &[("filter", "is_error:1")],
        )
        .await?;
    let events = events.at("/DATA").as_array().cloned().unwrap_or_default();
    assert!(
        events.iter().any(|event| event["code"] == "ACL_CHANGED"),
        "{events:?}"
    );

    // Once it may again, it finishes what is left.
    lab.grant(&guest, &ada.id, "/in/", "rw").await?;
    let done = ada.wait(&task, |task| task["status"] != "ACTIVE").await?;
    assert_eq!(
        (&done["status"], &done["files_transferred"]),
        (&json!("SUCCEEDED"), &json!(200))
    );
    Ok(())
}

#[tokio::test]
async fn a_rule_ends_when_it_expires() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    let id = lab.grant(&guest, &ada.id, "/out/", "r").await?;
    let path = format!("/v0.10/endpoint/{guest}/access/{id}");
    // The collection itself is hers to see only as long as the rule holds.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
    let change = json!({ "DATA_TYPE": "access", "expiration_date": soon.to_string() });
    assert_eq!(told(&lab.put(&path, &change).await?), (200, "Updated"));
    assert_eq!(ada.ls(&guest, "/out/").await?.status, 200);
    lab.sandbox.emulator.advance_clock(Duration::from_secs(660));
    assert_eq!(
        told(&ada.ls(&guest, "/out/").await?),
        (404, "EndpointNotFound")
    );
    assert_eq!(told(&lab.get(&path, &[]).await?), (404, "NotFound"));
    Ok(())
}

#[tokio::test]
async fn a_rule_can_be_about_everybody() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    for (principal_type, path) in [("all_authenticated_users", "/out/"), ("anonymous", "/in/")] {
        let rule = json!({
            "DATA_TYPE": "access",
            "principal_type": principal_type,
            "principal": "",
            "path": path,
            "permissions": "r",
        });
        let rules = format!("/v0.10/endpoint/{guest}/access");
        assert_eq!(told(&lab.post(&rules, &rule).await?), (201, "Created"));
        assert_eq!(ada.ls(&guest, path).await?.status, 200, "{path}");
    }
    assert_eq!(ada.ls(&guest, "/other/").await?.status, 403);
    // It was not shared with her in particular.
    let found = ada
        .get(
            "/v0.10/endpoint_search",
            &[("filter_scope", "shared-with-me")],
        )
        .await?;
    assert_eq!(found.at("/DATA"), &json!([]));
    Ok(())
}

#[tokio::test]
async fn roles_open_files_of_guest_collections_only() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    lab.appoint(&guest, &ada.id, "access_manager").await?;
    lab.appoint(&guest, &bob.id, "activity_manager").await?;
    lab.appoint(&SOURCE.to_string(), &ada.id, "administrator")
        .await?;
    assert_eq!(ada.ls(&guest, "/").await?.status, 200);
    assert_eq!(told(&bob.ls(&guest, "/").await?), (403, "PermissionDenied"));
    assert_eq!(
        told(&ada.ls(&SOURCE.to_string(), "/").await?),
        (403, "PermissionDenied")
    );
    // An access manager lets others in; a manager of activity does not.
    let rule = json!({
        "DATA_TYPE": "access",
        "principal_type": "identity",
        "principal": bob.id,
        "path": "/out/",
        "permissions": "r",
    });
    let rules = format!("/v0.10/endpoint/{guest}/access");
    assert_eq!(
        told(&bob.post(&rules, &rule).await?),
        (403, "PermissionDenied")
    );
    assert_eq!(told(&ada.post(&rules, &rule).await?), (201, "Created"));
    assert_eq!(bob.ls(&guest, "/out/").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_group_is_a_principal_as_well() -> TestResult {
    const GROUPS: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    let token = lab.sandbox.robot_token(GROUPS).await?;
    let ask =
        |path: &str, body: Value| answer(lab.sandbox.post(path).bearer_auth(&token).json(&body));
    let group = ask("/v2/groups", json!({ "name": "Readers" }))
        .await?
        .text_at("/id")?;
    for (what, document) in [
        (
            "access",
            json!({ "principal_type": "group", "principal": group, "path": "/out/", "permissions": "r" }),
        ),
        (
            "role",
            json!({ "principal_type": "group", "principal": group, "role": "activity_monitor" }),
        ),
    ] {
        let given = lab
            .post(&format!("/v0.10/endpoint/{guest}/{what}"), &document)
            .await?;
        assert_eq!(given.status, 201, "{given:?}");
    }
    assert_eq!(
        told(&ada.ls(&guest, "/out/").await?),
        (404, "EndpointNotFound")
    );
    let members = format!("/v2/groups/{group}");
    ask(
        &members,
        json!({ "add": [{ "identity_id": ada.id, "role": "member" }] }),
    )
    .await?;
    assert_eq!(ada.ls(&guest, "/out/").await?.status, 200);
    let endpoint = ada.get(&format!("/v0.10/endpoint/{guest}"), &[]).await?;
    assert_eq!(
        endpoint.at("/my_effective_roles"),
        &json!(["activity_monitor"])
    );
    let found = ada
        .get(
            "/v0.10/endpoint_search",
            &[("filter_scope", "shared-with-me")],
        )
        .await?;
    assert_eq!(found.at("/DATA/0/id"), &json!(guest));
    Ok(())
}
