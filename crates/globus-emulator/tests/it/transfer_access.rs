//! Roles and access rules over HTTP: giving them, and taking them back.

use globus_test_support::emulator::{ADA, BOB, Fallible, Lab, SOURCE, TestResult, told, town};
use serde_json::{Value, json};

/// A guest collection on a directory with one that is read and one that is written to.
async fn shared(lab: &Lab) -> Fallible<String> {
    lab.write("data/out/a.txt", "a")?;
    lab.write("data/in/b.txt", "b")?;
    lab.write("data/other/c.txt", "c")?;
    lab.guest("/data/").await
}

#[tokio::test]
async fn a_role_is_given_shown_and_revoked() -> TestResult {
    let lab = town().await?;
    let ada = lab.person(ADA).await?;
    let roles = format!("/v0.10/endpoint/{SOURCE}/role_list");
    let before = lab.get(&roles, &[]).await?.at("/length").as_u64();
    let id = lab
        .appoint(&SOURCE.to_string(), &ada.id, "activity_manager")
        .await?;
    let path = format!("/v0.10/endpoint/{SOURCE}/role/{id}");
    let role = lab.get(&path, &[]).await?;
    for (field, expected) in [
        ("DATA_TYPE", "role"),
        ("id", id.as_str()),
        ("principal_type", "identity"),
        ("principal", ada.id.as_str()),
        ("role", "activity_manager"),
    ] {
        assert_eq!(role.at(&format!("/{field}")), expected, "{field}");
    }
    let list = lab.get(&roles, &[]).await?;
    assert_eq!(list.at("/length").as_u64(), before.map(|before| before + 1));
    let endpoint = ada.get(&format!("/v0.10/endpoint/{SOURCE}"), &[]).await?;
    assert_eq!(
        endpoint.at("/my_effective_roles"),
        &json!(["activity_manager"])
    );

    assert_eq!(told(&lab.delete_at(&path).await?), (200, "Deleted"));
    assert_eq!(told(&lab.get(&path, &[]).await?), (404, "NotFound"));
    assert_eq!(told(&lab.delete_at(&path).await?), (404, "NotFound"));
    Ok(())
}

#[tokio::test]
async fn only_administrators_give_roles_and_the_owner_keeps_theirs() -> TestResult {
    let lab = Lab::of(|builder| {
        builder
            .strict_responses(true)
            .other_user(ADA, "Ada", "ada@example.org")
            .other_user(BOB, "Bob", "bob@example.org")
    })
    .await?;
    let guest = lab.guest("/").await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    lab.appoint(&guest, &ada.id, "access_manager").await?;
    let give = format!("/v0.10/endpoint/{guest}/role");
    let role =
        |role: &str| json!({ "principal_type": "identity", "principal": bob.id, "role": role });
    assert_eq!(
        told(&ada.post(&give, &role("administrator")).await?),
        (403, "PermissionDenied")
    );
    assert_eq!(
        told(&lab.post(&give, &role("emperor")).await?),
        (400, "ClientError.BadRequest")
    );
    let group = json!({ "principal_type": "group", "principal": "wheel", "role": "administrator" });
    assert_eq!(
        told(&lab.post(&give, &group).await?),
        (400, "ClientError.BadRequest")
    );
    lab.appoint(&guest, &bob.id, "administrator").await?;
    assert_eq!(
        told(&lab.post(&give, &role("administrator")).await?),
        (409, "ClientError.Conflict")
    );
    // From now on Bob may do the same.
    assert_eq!(
        told(&bob.post(&give, &role("activity_monitor")).await?).0,
        201
    );

    let list = format!("/v0.10/endpoint/{guest}/role_list");
    let roles = lab.get(&list, &[]).await?;
    assert_eq!(roles.at("/DATA/0/role"), "administrator");
    let owner = roles.text_at("/DATA/0/id")?;
    let revoked = bob
        .delete(&format!("/v0.10/endpoint/{guest}/role/{owner}"))
        .await?;
    assert_eq!(told(&revoked), (409, "ClientError.Conflict"));
    Ok(())
}

#[tokio::test]
async fn a_rule_is_set_shown_changed_and_revoked() -> TestResult {
    let lab = town().await?;
    let guest = shared(&lab).await?;
    let ada = lab.person(ADA).await?;
    let rules = format!("/v0.10/endpoint/{guest}/access");
    let created = lab
        .post(
            &rules,
            &json!({
                "DATA_TYPE": "access",
                "principal_type": "identity",
                "principal": ada.id,
                "path": "/~/out/",
                "permissions": "r",
                "expiration_date": "2999-01-01T00:00:00Z",
                "notify_email": "ada@example.org",
                "notify_message": "Here it is",
            }),
        )
        .await?;
    assert_eq!(told(&created), (201, "Created"));
    let id = created.text_at("/access_id")?;
    let path = format!("{rules}/{id}");
    let rule = lab.get(&path, &[]).await?;
    for (field, expected) in [
        ("id", json!(id)),
        ("principal", json!(ada.id)),
        ("path", json!("/out/")),
        ("permissions", json!("r")),
        ("expiration_date", json!("2999-01-01T00:00:00+00:00")),
        ("notify_email", json!("ada@example.org")),
        ("notify_message", json!("Here it is")),
        ("role_id", Value::Null),
    ] {
        assert_eq!(rule.at(&format!("/{field}")), &expected, "{field}");
    }
    let list = lab
        .get(&format!("/v0.10/endpoint/{guest}/access_list"), &[])
        .await?;
    // What the owner may do comes first, and follows from a role.
    assert_eq!(
        (
            list.at("/length"),
            list.at("/DATA/0/role_type"),
            list.at("/DATA/0/id")
        ),
        (&json!(2), &json!("administrator"), &Value::Null)
    );

    let change = json!({ "DATA_TYPE": "access", "permissions": "rw", "expiration_date": null });
    assert_eq!(told(&lab.put(&path, &change).await?), (200, "Updated"));
    let rule = lab.get(&path, &[]).await?;
    assert_eq!(
        (rule.at("/permissions"), rule.at("/expiration_date")),
        (&json!("rw"), &Value::Null)
    );
    assert_eq!(told(&lab.delete_at(&path).await?), (200, "Deleted"));
    for gone in [
        lab.get(&path, &[]).await?,
        lab.put(&path, &change).await?,
        lab.delete_at(&path).await?,
    ] {
        assert_eq!(told(&gone), (404, "NotFound"));
    }
    Ok(())
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() -> TestResult {
    let lab = Lab::probed().await?;
    let guest = lab.guest("/").await?;
    let id = "5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";
    let rule = |change: Value| {
        let mut rule = json!({
            "DATA_TYPE": "access",
            "principal_type": "identity",
            "principal": id,
            "path": "/data/",
            "permissions": "r",
        });
        if let (Value::Object(rule), Value::Object(change)) = (&mut rule, change) {
            rule.extend(change);
        }
        rule
    };
    let rules = format!("/v0.10/endpoint/{guest}/access");
    for change in [
        json!({ "path": "data/" }),
        json!({ "path": "/data" }),
        json!({ "permissions": "rwx" }),
        json!({ "principal": "ada" }),
        json!({ "principal_type": "everybody" }),
        json!({ "principal_type": "anonymous" }),
        json!({ "expiration_date": "2000-01-01T00:00:00Z" }),
        json!({ "expiration_date": "soon" }),
    ] {
        let refused = lab.post(&rules, &rule(change.clone())).await?;
        assert_eq!(told(&refused), (400, "ClientError.BadRequest"), "{change}");
    }
    let refused = lab.post(&rules, &rule(json!({ "path": "/../" }))).await?;
    assert_eq!(told(&refused), (400, "InvalidPath"));
    assert_eq!(told(&lab.post(&rules, &rule(json!({}))).await?).0, 201);
    let again = lab
        .post(&rules, &rule(json!({ "permissions": "rw" })))
        .await?;
    assert_eq!(told(&again), (409, "Exists"));

    // A mapped collection has no rules.
    let mapped = lab
        .post(
            &format!("/v0.10/endpoint/{SOURCE}/access"),
            &rule(json!({})),
        )
        .await?;
    assert_eq!(told(&mapped), (409, "NotSupported"));
    // And one that limits how long a permission lasts wants to know.
    let limit = json!({ "acl_max_expiration_period_mins": 60 });
    lab.put(&format!("/v0.10/endpoint/{guest}"), &limit).await?;
    let other = json!({ "path": "/other/" });
    assert_eq!(
        told(&lab.post(&rules, &rule(other)).await?),
        (400, "ClientError.BadRequest")
    );
    Ok(())
}
