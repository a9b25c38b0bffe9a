//! Projects, and the clients, scopes, policies and secrets that developers manage.

use globus_emulator::{CollectionOptions, Uuid};
use globus_test_support::emulator::*;
use reqwest::Method;
use serde_json::{Value, json};

const MANAGE: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";
const VIEW_GROUPS: &str =
    "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
const ADA: &str = "ada@uchicago.edu";

type Tested<T> = Result<T, Box<dyn std::error::Error>>;

/// The local user with a project, and Ada who has nothing to do with it.
struct Shop {
    sandbox: Sandbox,
    user: String,
    ada: String,
    project: String,
}

impl Shop {
    async fn new() -> Tested<Self> {
        Self::of(strict()).await
    }

    async fn of(builder: globus_emulator::EmulatorBuilder) -> Tested<Self> {
        let builder = builder
            .auto_consent(true)
            .other_user(ADA, "Ada", ADA)
            .linked_identity(
                "user@sandbox.local",
                "me@uchicago.edu",
                "Me",
                "me@uchicago.edu",
            );
        let sandbox = Sandbox::of(builder).await?;
        let user = sandbox.native_login(MANAGE).await?;
        let ada = login(&sandbox, NATIVE, &[("scope", MANAGE), ("login_hint", ADA)]).await?;
        let mut shop = Self {
            user: user.text_at("/access_token")?,
            ada: ada.text_at("/access_token")?,
            sandbox,
            project: String::new(),
        };
        let body = json!({ "project": { "display_name": "Portal", "contact_email": "a@b.c",
            "admin_ids": [shop.sandbox.emulator.user().id] } });
        let made = shop.call(Method::POST, "projects", &body).await?;
        assert_eq!(
            made.at("/project/admins/identities/0/username"),
            "user@sandbox.local"
        );
        shop.project = made.text_at("/project/id")?;
        Ok(shop)
    }

    async fn call_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Tested<Answer> {
        let request = self
            .sandbox
            .http
            .request(method, self.sandbox.url(&format!("/v2/api/{path}")));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        answer(request.bearer_auth(token)).await
    }

    /// A call of the local user.
    async fn call(&self, method: Method, path: &str, body: &Value) -> Tested<Answer> {
        self.call_as(&self.user, method, path, body).await
    }

    async fn get(&self, path: &str) -> Tested<Answer> {
        self.call(Method::GET, path, &Value::Null).await
    }

    /// A confidential client of the project, and its secret.
    async fn client(&self) -> Tested<(Uuid, String)> {
        let body = json!({ "client": { "name": "A service", "project": self.project,
            "client_type": "resource_server", "redirect_uris": ["https://rs.example/cb"] } });
        let made = self.call(Method::POST, "clients", &body).await?;
        let id = made.text_at("/client/id")?;
        let body = json!({ "credential": { "name": "first" } });
        let path = format!("clients/{id}/credentials");
        let credential = self.call(Method::POST, &path, &body).await?;
        let secret = credential.text_at("/credential/secret")?;
        Ok((Uuid::parse_str(&id)?, secret))
    }

    async fn policy(&self, rules: &[(&str, Value)]) -> Tested<String> {
        let mut policy = json!({ "project_id": self.project, "display_name": "Rules",
            "description": "What a login has to be like" });
        for (name, value) in rules {
            policy[*name] = value.clone();
        }
        let made = self
            .call(Method::POST, "policies", &json!({ "policy": policy }))
            .await?;
        made.text_at("/policy/id")
    }
}

/// What comes of the authorize page and the token endpoint, with these parameters in place of the
/// usual ones.
async fn login(sandbox: &Sandbox, client: Uuid, with: &[(&'static str, &str)]) -> Tested<Answer> {
    let mut query = native_query("openid");
    query[0].1 = client.to_string();
    for (name, value) in with {
        match query.iter_mut().find(|(known, _)| known == name) {
            Some(pair) => pair.1 = (*value).to_owned(),
            None => query.push((name, (*value).to_owned())),
        }
    }
    let request = sandbox.get("/v2/oauth2/authorize").query(&query);
    let location = location(&request.send().await?)?;
    let code = pair(&location, "code").ok_or_else(|| format!("no code in {location}"))?;
    sandbox.exchange(&code, VERIFIER).await
}

#[tokio::test]
async fn a_project_is_managed_by_its_administrators() -> TestResult {
    let shop = Shop::new().await?;
    let path = format!("projects/{}", shop.project);
    assert_eq!(
        shop.get("projects").await?.at("/projects/0/id"),
        &json!(shop.project)
    );
    let hers = shop
        .call_as(&shop.ada, Method::GET, "projects", &Value::Null)
        .await?;
    assert_eq!(hers.at("/projects"), &json!([]));
    let denied = shop
        .call_as(&shop.ada, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(denied.status, 403);
    let body = json!({ "project": { "display_name": "Gateway" } });
    let changed = shop.call(Method::PUT, &path, &body).await?;
    assert_eq!(changed.at("/project/project_name"), "Gateway");
    assert_eq!(changed.at("/project/contact_email"), "a@b.c");
    shop.client().await?;
    let owned = shop.call(Method::DELETE, &path, &Value::Null).await?;
    assert_eq!(
        (owned.status.as_u16(), owned.at("/errors/0/code")),
        (409, &json!("CONFLICT"))
    );
    let none = shop
        .get(&format!("projects/{}", Uuid::from_u128(1)))
        .await?;
    assert_eq!(none.status, 404);
    let plain = shop.sandbox.robot_token("openid").await?;
    let denied = shop
        .call_as(&plain, Method::GET, "projects", &Value::Null)
        .await?;
    assert_eq!(denied.status, 403);
    Ok(())
}

#[tokio::test]
async fn a_group_can_administer_a_project() -> TestResult {
    let shop = Shop::new().await?;
    let all = "urn:globus:auth:scope:groups.api.globus.org:all";
    let token = login(
        &shop.sandbox,
        NATIVE,
        &[("scope", all), ("login_hint", ADA)],
    )
    .await?;
    let request = shop
        .sandbox
        .post("/v2/groups")
        .json(&json!({ "name": "Owners" }));
    let group = answer(request.bearer_auth(token.text_at("/access_token")?)).await?;
    let group = group.text_at("/id")?;
    let path = format!("projects/{}", shop.project);
    let body = json!({ "project": { "admin_group_ids": [group] } });
    let changed = shop.call(Method::PUT, &path, &body).await?;
    assert_eq!(changed.at("/project/admins/groups/0/name"), "Owners");
    let seen = shop
        .call_as(&shop.ada, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(seen.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_client_of_a_project_gets_a_secret_and_loses_it() -> TestResult {
    let shop = Shop::new().await?;
    let (id, secret) = shop.client().await?;
    let form = [("grant_type", "client_credentials"), ("scope", "openid")];
    let ask = || shop.sandbox.post("/v2/oauth2/token").form(&form);
    assert_eq!(
        answer(ask().basic_auth(id, Some(&secret))).await?.status,
        200
    );
    let path = format!("clients/{id}/credentials");
    let listed = shop.get(&path).await?;
    assert_eq!(listed.at("/credentials/0/secret"), &Value::Null);
    let credential = listed.text_at("/credentials/0/id")?;
    let gone = format!("{path}/{credential}");
    let deleted = shop.call(Method::DELETE, &gone, &Value::Null).await?;
    assert_eq!(deleted.at("/credential/name"), "first");
    assert_eq!(
        answer(ask().basic_auth(id, Some(&secret))).await?.status,
        401
    );
    assert_eq!(
        shop.call(Method::DELETE, &gone, &Value::Null).await?.status,
        404
    );
    let denied = shop
        .call_as(&shop.ada, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(denied.status, 403);
    Ok(())
}

#[tokio::test]
async fn a_client_is_shown_changed_and_deleted() -> TestResult {
    let shop = Shop::new().await?;
    let (id, secret) = shop.client().await?;
    let path = format!("clients/{id}");
    let shown = shop.get(&path).await?;
    assert_eq!(shown.at("/client/client_type"), "resource_server");
    assert_eq!(
        shop.get("clients").await?.at("/clients/0"),
        shown.at("/client")
    );
    let hidden = shop
        .call_as(&shop.ada, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(hidden.status, 403);
    let body = json!({ "client": { "name": "A public one", "visibility": "public",
        "redirect_uris": ["https://new.example/cb"], "preselect_idp": null,
        "links": { "terms_and_conditions": "https://a.b", "privacy_policy": "https://c.d" } } });
    let changed = shop.call(Method::PUT, &path, &body).await?;
    assert_eq!(changed.at("/client/links/privacy_policy"), "https://c.d");
    let seen = shop
        .call_as(&shop.ada, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(seen.at("/client/name"), "A public one");

    // The new redirect URI is good for a login, the old one is not.
    let mut query = native_query("openid");
    query[0].1 = id.to_string();
    for (uri, status) in [
        ("https://new.example/cb", 302),
        ("https://rs.example/cb", 400),
    ] {
        query[1].1 = uri.to_owned();
        let request = shop.sandbox.get("/v2/oauth2/authorize").query(&query);
        assert_eq!(request.send().await?.status(), status, "{uri}");
    }
    let form = [("grant_type", "client_credentials"), ("scope", "openid")];
    let ask = || shop.sandbox.post("/v2/oauth2/token").form(&form);
    let token = answer(ask().basic_auth(id, Some(&secret)))
        .await?
        .text_at("/access_token")?;
    assert_eq!(
        shop.call(Method::DELETE, &path, &Value::Null).await?.status,
        200
    );
    let after = answer(shop.sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(after.status, 401);
    assert_eq!(shop.get(&path).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_client_creates_a_child_that_is_its_own() -> TestResult {
    let shop = Shop::new().await?;
    let request = shop.sandbox.post("/v2/api/clients");
    let body = json!({ "client": { "name": "Child", "public_client": true } });
    let made = answer(request.json(&body).basic_auth(ROBOT, Some(ROBOT_SECRET))).await?;
    assert_eq!(made.at("/client/parent_client"), &json!(ROBOT));
    assert_eq!(made.at("/client/project"), &Value::Null);
    let token = shop.sandbox.robot_token(MANAGE).await?;
    let path = format!("clients/{}", made.text_at("/client/id")?);
    let shown = shop
        .call_as(&token, Method::GET, &path, &Value::Null)
        .await?;
    assert_eq!(
        shown.at("/client/grant_types"),
        &json!(["authorization_code", "refresh_token"])
    );
    let body = json!({ "credential": { "name": "none" } });
    let refused = shop
        .call_as(&token, Method::POST, &format!("{path}/credentials"), &body)
        .await?;
    assert_eq!(refused.status, 400);
    Ok(())
}

#[tokio::test]
async fn what_a_new_client_lacks_is_told() -> TestResult {
    let shop = Shop::new().await?;
    let project = &shop.project;
    for client in [
        json!({ "name": "x", "public_client": true }),
        json!({ "name": "x", "project": project }),
        json!({ "name": "x", "project": project, "public_client": true, "client_type": "client_identity" }),
        json!({ "name": "x", "project": project, "public_client": true, "redirect_uris": ["no"] }),
        json!({ "name": "a\nb", "project": project, "public_client": true }),
    ] {
        let refused = shop
            .call(Method::POST, "clients", &json!({ "client": client }))
            .await?;
        assert_eq!(refused.status, 400, "{client}");
    }
    let found = shop.get("clients?fqdn=nowhere.example").await?;
    assert_eq!(found.status, 404);
    Ok(())
}

#[tokio::test]
async fn registered_scope_is_granted_with_its_dependent_scopes() -> TestResult {
    let shop = Shop::new().await?;
    let (id, secret) = shop.client().await?;
    let found = shop
        .get(&format!("scopes?scope_strings={VIEW_GROUPS}"))
        .await?;
    let groups = found.text_at("/scopes/0/id")?;
    let found = shop
        .get(&format!("scopes?scope_strings={TRANSFER_ALL}"))
        .await?;
    let transfer = found.text_at("/scopes/0/id")?;
    let body = json!({ "scope": { "name": "Use", "description": "Use it", "scope_suffix": "use",
        "allows_refresh_token": true,
        "dependent_scopes": [
            { "scope": groups, "optional": false, "requires_refresh_token": false },
            { "scope": transfer, "optional": true, "requires_refresh_token": false }] } });
    let path = format!("clients/{id}/scopes");
    let scope = shop.call(Method::POST, &path, &body).await?;
    let text = scope.text_at("/scope/scope_string")?;
    assert_eq!(text, format!("https://auth.globus.org/scopes/{id}/use"));
    assert_eq!(shop.call(Method::POST, &path, &body).await?.status, 409);
    let client = shop.get(&format!("clients/{id}")).await?;
    assert_eq!(client.at("/client/scopes/0"), scope.at("/scope/id"));

    let login = shop.sandbox.native_login(&text).await?;
    let token = login.text_at("/access_token")?;
    let depend = async |form: &[(&str, &str)]| {
        let grant = ("grant_type", "urn:globus:auth:grant_type:dependent_token");
        let mut form = form.to_vec();
        form.extend([grant, ("token", token.as_str())]);
        let request = shop.sandbox.post("/v2/oauth2/token").form(&form);
        answer(request.basic_auth(id, Some(&secret))).await
    };
    let got = depend(&[]).await?;
    assert_eq!(got.body.as_array().map(Vec::len), Some(1));
    assert_eq!(got.at("/0/scope"), VIEW_GROUPS);

    // What is optional has to be consented to first. Then the same token brings it.
    let refused = depend(&[("scope", TRANSFER_ALL)]).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/error")),
        (403, &json!("dependent_consent_required"))
    );
    let required = refused.text_at("/errors/0/unapproved_scopes/0")?;
    assert_eq!(required, format!("{text}[{TRANSFER_ALL}]"));
    shop.sandbox.native_login(&required).await?;
    let got = depend(&[("scope", TRANSFER_ALL)]).await?;
    assert_eq!(got.at("/0/resource_server"), "transfer.api.globus.org");
    assert_eq!(depend(&[("scope", SEARCH_ALL)]).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_scope_that_a_client_did_not_register_is_unknown() -> TestResult {
    let shop = Shop::new().await?;
    let (id, _) = shop.client().await?;
    let body =
        json!({ "scope": { "name": "Use", "description": "Use it", "scope_suffix": "use" } });
    let scope = shop
        .call(Method::POST, &format!("clients/{id}/scopes"), &body)
        .await?;
    let path = format!("scopes/{}", scope.text_at("/scope/id")?);
    let other = format!("https://auth.globus.org/scopes/{id}/other");
    let request = shop.sandbox.get("/v2/oauth2/authorize");
    assert_eq!(
        request.query(&native_query(&other)).send().await?.status(),
        400
    );

    let body = json!({ "scope": { "scope_suffix": "other", "advertised": true } });
    assert_eq!(
        shop.call(Method::PUT, &path, &body)
            .await?
            .at("/scope/scope_string"),
        &json!(other)
    );
    let login = shop.sandbox.native_login(&other).await?;
    assert_eq!(login.at("/resource_server"), &json!(id));
    // It does not allow refresh tokens.
    assert_eq!(login.body.get("refresh_token"), None);
    let advertised = format!("scopes?scope_strings={other}");
    let seen = shop
        .call_as(&shop.ada, Method::GET, &advertised, &Value::Null)
        .await?;
    assert_eq!(seen.at("/scopes").as_array().map(Vec::len), Some(1));
    assert_eq!(
        shop.call_as(&shop.ada, Method::DELETE, &path, &Value::Null)
            .await?
            .status,
        403
    );
    assert_eq!(
        shop.call(Method::DELETE, &path, &Value::Null).await?.status,
        200
    );
    assert_eq!(shop.get(&path).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_scope_for_other_domains_is_withheld() -> TestResult {
    let shop = Shop::new().await?;
    let (id, _) = shop.client().await?;
    let body = json!({ "scope": { "name": "Use", "description": "Use it", "scope_suffix": "use",
        "required_domains": ["uchicago.edu"] } });
    let scope = shop
        .call(Method::POST, &format!("clients/{id}/scopes"), &body)
        .await?;
    let text = scope.text_at("/scope/scope_string")?;
    login(
        &shop.sandbox,
        NATIVE,
        &[("scope", &text), ("login_hint", ADA)],
    )
    .await?;
    let body = json!({ "scope": { "required_domains": ["nowhere.example"] } });
    let path = format!("scopes/{}", scope.text_at("/scope/id")?);
    shop.call(Method::PUT, &path, &body).await?;
    let refused = login(&shop.sandbox, NATIVE, &[("scope", &text)]).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("access_denied")));
    Ok(())
}

#[tokio::test]
async fn a_policy_is_kept_by_its_project() -> TestResult {
    let shop = Shop::new().await?;
    let id = shop
        .policy(&[("domain_constraints_include", json!(["uchicago.edu"]))])
        .await?;
    let path = format!("policies/{id}");
    assert_eq!(shop.get("policies").await?.at("/policies/0/id"), &json!(id));
    let body = json!({ "policy": { "authentication_assurance_timeout": 60,
        "domain_constraints_include": null, "domain_constraints_exclude": ["a.b"] } });
    let changed = shop.call(Method::PUT, &path, &body).await?;
    assert_eq!(changed.at("/policy/authentication_assurance_timeout"), 60);
    assert_eq!(
        changed.at("/policy/domain_constraints_include"),
        &Value::Null
    );
    let mfa = json!({ "policy": { "required_mfa": true } });
    assert_eq!(shop.call(Method::PUT, &path, &mfa).await?.status, 400);
    assert_eq!(
        shop.call_as(&shop.ada, Method::GET, &path, &Value::Null)
            .await?
            .status,
        403
    );
    assert_eq!(
        shop.call(Method::DELETE, &path, &Value::Null).await?.status,
        200
    );
    assert_eq!(shop.get(&path).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_policy_can_be_asked_for_and_is_evaluated() -> TestResult {
    let shop = Shop::new().await?;
    let domain = shop
        .policy(&[("domain_constraints_include", json!(["uchicago.edu"]))])
        .await?;
    let rules = [
        ("high_assurance", json!(true)),
        ("required_mfa", json!(true)),
        ("authentication_assurance_timeout", json!(600)),
    ];
    let mfa = shop.policy(&rules).await?;
    let scope = format!("https://auth.globus.org/scopes/{ROBOT}/all");
    let both = format!("{domain},{mfa}");
    let evaluate = async |token: String| {
        let form = [
            ("token", token.as_str()),
            ("authentication_policies", &both),
        ];
        let request = shop.sandbox.post("/v2/oauth2/token/introspect").form(&form);
        let told = answer(request.basic_auth(ROBOT, Some(ROBOT_SECRET))).await?;
        let of = |id: &str| {
            told.at(&format!("/policy_evaluations/{id}/evaluation"))
                .clone()
        };
        Tested::Ok((of(&domain), of(&mfa)))
    };
    let plain = shop.sandbox.native_login(&scope).await?;
    assert_eq!(
        evaluate(plain.text_at("/access_token")?).await?,
        (json!(false), json!(false))
    );
    let asked = [
        ("scope", scope.as_str()),
        ("session_required_policies", both.as_str()),
    ];
    let cured = login(&shop.sandbox, NATIVE, &asked).await?;
    assert_eq!(
        evaluate(cured.text_at("/access_token")?).await?,
        (json!(true), json!(true))
    );
    shop.sandbox
        .emulator
        .advance_clock(std::time::Duration::from_secs(601));
    assert_eq!(
        evaluate(cured.text_at("/access_token")?).await?,
        (json!(true), json!(false))
    );
    Ok(())
}

#[tokio::test]
async fn a_collection_can_ask_for_a_policy() -> TestResult {
    let folder = tempfile::tempdir()?;
    let builder = strict().collection_with("Lab", folder.path(), CollectionOptions::new());
    let shop = Shop::of(builder).await?;
    let policy = shop
        .policy(&[("domain_constraints_include", json!(["*.edu"]))])
        .await?;
    let collection = shop
        .sandbox
        .emulator
        .collection_id("Lab")
        .ok_or("no collection")?;
    let path = format!("/_emulator/collections/{collection}/requirements");
    let request = shop.sandbox.http.put(shop.sandbox.url(&path));
    request
        .json(&json!({ "policies": [policy] }))
        .send()
        .await?;
    let ls = async |login: Answer| {
        let path = format!("/v0.10/operation/endpoint/{collection}/ls");
        let token = login.text_at("/access_token")?;
        answer(shop.sandbox.get(&path).bearer_auth(token)).await
    };
    let refused = ls(shop.sandbox.native_login(TRANSFER_ALL).await?).await?;
    let required = refused.text_at("/authorization_parameters/session_required_policies/0")?;
    let asked = [
        ("scope", TRANSFER_ALL),
        ("session_required_policies", required.as_str()),
    ];
    assert_eq!(
        ls(login(&shop.sandbox, NATIVE, &asked).await?)
            .await?
            .status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn what_developers_made_is_there_after_a_restart() -> TestResult {
    let folder = tempfile::tempdir()?;
    let shop = Shop::of(strict().data_dir(folder.path())).await?;
    let (id, secret) = shop.client().await?;
    let policy = shop.policy(&[]).await?;
    shop.sandbox.emulator.stop().await?;
    let shop = Shop::of(strict().data_dir(folder.path())).await?;
    assert_eq!(shop.get(&format!("policies/{policy}")).await?.status, 200);
    let form = [("grant_type", "client_credentials"), ("scope", "openid")];
    let request = shop.sandbox.post("/v2/oauth2/token").form(&form);
    assert_eq!(
        answer(request.basic_auth(id, Some(secret))).await?.status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn a_client_is_found_by_the_domain_name_it_was_given() -> TestResult {
    let shop = Shop::new().await?;
    let (first, _) = shop.client().await?;
    let (second, _) = shop.client().await?;
    let nobody = shop.get("clients?fqdn=data.example.org").await?;
    assert_eq!(nobody.status, 404);
    let name = json!({ "fqdn": "Data.Example.org" });
    let path = format!("clients/{first}/fqdns");
    for _ in 0..2 {
        let given = shop.call(Method::POST, &path, &name).await?;
        assert_eq!(
            given.at("/client/fqdns"),
            &json!(["data.example.org"]),
            "{given:?}"
        );
    }
    let found = shop.get("clients?fqdn=data.example.org").await?;
    assert_eq!(found.at("/client/id"), &json!(first));
    assert_eq!(
        shop.get(&format!("clients/{first}"))
            .await?
            .at("/client/fqdns"),
        &json!(["data.example.org"])
    );
    let path = format!("clients/{second}/fqdns");
    let taken = shop.call(Method::POST, &path, &name).await?;
    assert_eq!(taken.status, 409, "{taken:?}");
    // Somebody else neither gives names nor sees the client.
    let ada = shop.ada.clone();
    let another = json!({ "fqdn": "a.org" });
    let refused = shop.call_as(&ada, Method::POST, &path, &another).await?;
    assert_eq!(refused.status, 403);
    let hidden = shop.call_as(
        &ada,
        Method::GET,
        "clients?fqdn=data.example.org",
        &Value::Null,
    );
    assert_eq!(hidden.await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn what_is_no_domain_name_is_given_to_no_client() -> TestResult {
    let shop = Shop::of(strict().strict_responses(true)).await?;
    let (client, _) = shop.client().await?;
    let path = format!("clients/{client}/fqdns");
    let long = format!("{}.org", "a".repeat(64));
    for name in [
        "",
        "localhost",
        "a..org",
        "-a.org",
        "a b.org",
        "a.org/x",
        &long,
    ] {
        let refused = shop
            .call(Method::POST, &path, &json!({ "fqdn": name }))
            .await?;
        assert_eq!(refused.status, 400, "{name:?}");
    }
    let refused = shop.call(Method::POST, &path, &json!({})).await?;
    assert_eq!(refused.status, 400);
    Ok(())
}
