//! What collections ask of their users: consents, and logins of a certain kind.

use std::time::Duration;

use globus_emulator::{CollectionOptions, Uuid};
use globus_test_support::emulator::*;
use serde_json::{Value, json};

const AUTH_OPENID: &str = "openid urn:globus:auth:scope:auth.globus.org:view_consents";

struct Asking {
    sandbox: Sandbox,
    collection: Uuid,
    _folder: tempfile::TempDir,
}

impl Asking {
    async fn of(options: CollectionOptions) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let builder = strict()
            .auto_consent(true)
            .collection_with("Lab", folder.path(), options)
            .other_user("ada@uchicago.edu", "Ada", "ada@uchicago.edu")
            .linked_identity(
                "user@sandbox.local",
                "me@uchicago.edu",
                "Me",
                "me@uchicago.edu",
            );
        let sandbox = Sandbox::of(builder).await?;
        let collection = sandbox
            .emulator
            .collection_id("Lab")
            .ok_or("no collection")?;
        Ok(Self {
            sandbox,
            collection,
            _folder: folder,
        })
    }

    async fn ls(&self, token: &str) -> Result<Answer, Box<dyn std::error::Error>> {
        let path = format!("/v0.10/operation/endpoint/{}/ls", self.collection);
        answer(self.sandbox.get(&path).bearer_auth(token)).await
    }

    /// A login whose page was opened with these parameters more.
    async fn login_with(&self, scope: &str, more: &[(&'static str, String)]) -> TokenResult {
        let mut query = native_query(scope);
        query.extend_from_slice(more);
        let request = self.sandbox.get("/v2/oauth2/authorize").query(&query);
        let location = location(&request.send().await?)?;
        let code = pair(&location, "code").ok_or_else(|| format!("no code in {location}"))?;
        self.sandbox.exchange(&code, VERIFIER).await
    }

    /// What an error says the next login has to be like, as parameters of the page.
    fn cure(error: &Answer) -> Vec<(&'static str, String)> {
        let text = |value: &Value| match value {
            Value::Array(items) => {
                let items = items.iter().filter_map(Value::as_str);
                items.collect::<Vec<_>>().join(",")
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let names = [
            "session_message",
            "session_required_identities",
            "session_required_single_domain",
            "session_required_policies",
            "session_required_mfa",
            "prompt",
        ];
        let parameters = error.at("/authorization_parameters");
        let named = names.into_iter();
        named
            .filter_map(|name| parameters.get(name).map(|value| (name, text(value))))
            .collect()
    }
}

type TokenResult = Result<Answer, Box<dyn std::error::Error>>;

fn with_data_access(collection: Uuid) -> String {
    format!("{TRANSFER_ALL}[*https://auth.globus.org/scopes/{collection}/data_access]")
}

#[tokio::test]
async fn collection_requires_data_access_until_consent() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().data_access(true)).await?;
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    let refused = asking.ls(&login.text_at("/access_token")?).await?;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.at("/code"), "ConsentRequired");
    let scope = refused.text_at("/required_scopes/0")?;
    assert_eq!(scope, with_data_access(asking.collection));

    let login = asking.sandbox.native_login(&scope).await?;
    assert_eq!(login.at("/scope"), TRANSFER_ALL);
    let token = login.text_at("/access_token")?;
    assert_eq!(asking.ls(&token).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_client_gets_the_dependent_scope_by_asking_for_it() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().data_access(true)).await?;
    let plain = asking.sandbox.robot_token(TRANSFER_ALL).await?;
    let submit = json!({ "DATA_TYPE": "mkdir", "path": "/new" });
    let path = format!("/v0.10/operation/endpoint/{}/mkdir", asking.collection);
    let request = || asking.sandbox.post(&path).json(&submit);
    assert_eq!(answer(request().bearer_auth(&plain)).await?.status, 403);
    let scope = with_data_access(asking.collection);
    let token = asking.sandbox.robot_token(&scope).await?;
    assert_eq!(answer(request().bearer_auth(token)).await?.status, 202);
    Ok(())
}

#[tokio::test]
async fn a_task_needs_the_consent_too() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().data_access(true)).await?;
    let token = asking.sandbox.robot_token(TRANSFER_ALL).await?;
    let request = asking.sandbox.get("/v0.10/submission_id");
    let submission = answer(request.bearer_auth(&token)).await?;
    let document = json!({
        "DATA_TYPE": "delete",
        "submission_id": submission.at("/value"),
        "endpoint": asking.collection,
        "DATA": [{ "DATA_TYPE": "delete_item", "path": "/x" }],
    });
    let request = asking.sandbox.post("/v0.10/delete").json(&document);
    let refused = answer(request.bearer_auth(token)).await?;
    assert_eq!(refused.at("/code"), "ConsentRequired");
    Ok(())
}

#[tokio::test]
async fn consents_are_listed_as_trees_and_can_be_taken_back() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().data_access(true)).await?;
    let scope = format!("{AUTH_OPENID} {}", with_data_access(asking.collection));
    let login = asking.sandbox.native_login(&scope).await?;
    let auth = login.text_at("/access_token")?;
    let transfer = login.text_at("/other_tokens/0/access_token")?;
    let user = asking.sandbox.emulator.user().id;
    let path = format!("/v2/api/identities/{user}/consents");
    let consents = answer(asking.sandbox.get(&path).bearer_auth(&auth)).await?;
    let all = consents.at("/consents").as_array().ok_or("no consents")?;
    let named = |name: &str| all.iter().find(|one| one["scope_name"] == name);
    let root = named(TRANSFER_ALL).ok_or("no consent to transfer")?;
    let data = format!(
        "https://auth.globus.org/scopes/{}/data_access",
        asking.collection
    );
    let below = named(&data).ok_or("no consent to data_access")?;
    assert_eq!(root["client"], json!(NATIVE));
    assert_eq!(root["dependency_path"], json!([root["id"]]));
    assert_eq!(below["dependency_path"], json!([root["id"], below["id"]]));
    assert_eq!(below["client"], "2fbdda78-a599-4cb5-ac3d-1fbcfbc6a754");

    assert_eq!(asking.ls(&transfer).await?.status, 200);
    asking
        .sandbox
        .post("/v2/web/consents")
        .form(&[("consent", below["id"].to_string())])
        .send()
        .await?;
    assert_eq!(asking.ls(&transfer).await?.at("/code"), "ConsentRequired");
    assert_eq!(asking.sandbox.emulator.revoke_consents(user)?, 3);
    assert_eq!(asking.ls(&transfer).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn consents_of_others_and_to_others_are_not_shown() -> TestResult {
    let asking = Asking::of(CollectionOptions::new()).await?;
    asking.sandbox.native_login(TRANSFER_ALL).await?;
    let token = asking.sandbox.robot_token("openid").await?;
    let user = asking.sandbox.emulator.user().id;
    let of_user = format!("/v2/api/identities/{user}/consents");
    let refused = answer(asking.sandbox.get(&of_user).bearer_auth(&token)).await?;
    assert_eq!(refused.status, 403);
    let own = format!("/v2/api/identities/{ROBOT}/consents");
    let answered = answer(asking.sandbox.get(&own).bearer_auth(&token)).await?;
    assert_eq!(answered.at("/consents").as_array().map(Vec::len), Some(1));
    let all = asking.sandbox.get(&own).query(&[("all", "true")]);
    assert_eq!(answer(all.bearer_auth(&token)).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn unknown_scopes_are_named_on_a_page() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let gone = with_data_access(Uuid::from_u128(9));
    for (scope, unknown) in [
        ("nonsense", "nonsense"),
        (gone.as_str(), "0009/data_access"),
        (
            "urn:globus:auth:scope:transfer.api.globus.org:nothing",
            ":nothing",
        ),
    ] {
        let request = sandbox.get("/v2/oauth2/authorize");
        let response = request.query(&native_query(scope)).send().await?;
        assert_eq!(response.status(), 400);
        let page = response.text().await?;
        assert!(
            page.contains("Unknown scope(s)") && page.contains(unknown),
            "{page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_login_that_is_too_long_ago_is_cured_by_another() -> TestResult {
    let half_an_hour = Duration::from_secs(1800);
    let options = CollectionOptions::new().authentication_timeout(half_an_hour);
    let asking = Asking::of(options).await?;
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    assert_eq!(
        asking.ls(&login.text_at("/access_token")?).await?.status,
        200
    );

    asking.sandbox.emulator.advance_clock(half_an_hour * 2);
    let refused = asking.ls(&login.text_at("/access_token")?).await?;
    assert_eq!(refused.status, 502);
    assert_eq!(refused.at("/authorization_parameters/prompt"), "login");
    // An earlier login goes on, unless the app asks for another.
    let again = asking.sandbox.native_login(TRANSFER_ALL).await?;
    assert_eq!(
        asking.ls(&again.text_at("/access_token")?).await?.status,
        502
    );
    let cured = asking
        .login_with(TRANSFER_ALL, &Asking::cure(&refused))
        .await?;
    assert_eq!(
        asking.ls(&cured.text_at("/access_token")?).await?.status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn a_linked_identity_of_another_domain_can_be_asked_for() -> TestResult {
    for options in [
        CollectionOptions::new().required_domains(["uchicago.edu"]),
        CollectionOptions::new().required_identities(["me@uchicago.edu"]),
    ] {
        let asking = Asking::of(options).await?;
        let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
        let refused = asking.ls(&login.text_at("/access_token")?).await?;
        assert_eq!(
            (refused.status.as_u16(), refused.at("/code")),
            (502, &json!("ExternalError.DirListingFailed.LoginFailed"))
        );
        let scope = format!("{TRANSFER_ALL} openid");
        let cured = asking.login_with(&scope, &Asking::cure(&refused)).await?;
        let token = cured.text_at("/access_token")?;
        assert_eq!(asking.ls(&token).await?.status, 200);

        // The tokens are about the same person as before.
        let userinfo = asking.sandbox.get("/v2/oauth2/userinfo");
        let openid = cured.text_at("/other_tokens/0/access_token")?;
        let userinfo = answer(userinfo.bearer_auth(openid)).await?;
        assert_eq!(
            userinfo.at("/sub"),
            &json!(asking.sandbox.emulator.user().id)
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_second_factor_shows_in_the_session() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().required_mfa(true)).await?;
    let scope = format!("https://auth.globus.org/scopes/{ROBOT}/all");
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    let refused = asking.ls(&login.text_at("/access_token")?).await?;
    let both = format!("{TRANSFER_ALL} {scope}");
    let cured = asking.login_with(&both, &Asking::cure(&refused)).await?;
    assert_eq!(
        asking.ls(&cured.text_at("/access_token")?).await?.status,
        200
    );
    let token = cured.text_at("/other_tokens/0/access_token")?;
    let form = [
        ("token", token.as_str()),
        ("include", "session_info,identity_set"),
    ];
    let request = asking
        .sandbox
        .post("/v2/oauth2/token/introspect")
        .form(&form);
    let told = answer(request.basic_auth(ROBOT, Some(ROBOT_SECRET))).await?;
    let user = asking.sandbox.emulator.user().id;
    let methods = format!("/session_info/authentications/{user}/amr");
    assert_eq!(told.at(&methods), &json!(["pwd", "mfa"]));
    assert_eq!(told.at("/identity_set").as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn a_login_that_cannot_be_made_is_denied() -> TestResult {
    let asking = Asking::of(CollectionOptions::new()).await?;
    let mut query = native_query("openid");
    query.push((
        "session_required_single_domain",
        "nowhere.example".to_owned(),
    ));
    let request = asking.sandbox.get("/v2/oauth2/authorize").query(&query);
    let location = location(&request.send().await?)?;
    assert_eq!(pair(&location, "error").as_deref(), Some("access_denied"));
    Ok(())
}

#[tokio::test]
async fn what_a_collection_asks_for_can_be_changed_while_it_is_served() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().data_access(true)).await?;
    let path = format!("/_emulator/collections/{}/requirements", asking.collection);
    let shown = answer(asking.sandbox.get(&path)).await?;
    assert_eq!(shown.at("/data_access"), true);
    let request = asking.sandbox.http.put(asking.sandbox.url(&path));
    assert_eq!(answer(request.json(&json!({}))).await?.status, 200);
    let token = asking.sandbox.robot_token(TRANSFER_ALL).await?;
    assert_eq!(asking.ls(&token).await?.status, 200);
    let request = asking.sandbox.http.put(asking.sandbox.url(&path));
    let refused = answer(request.json(&json!({ "data_acess": true }))).await?;
    assert_eq!(refused.status, 400);
    Ok(())
}

/// A request of an operation on the storage, by its name.
fn operation(asking: &Asking, name: &str) -> reqwest::RequestBuilder {
    let path = format!("/v0.10/operation/endpoint/{}/{name}", asking.collection);
    let body = match name {
        "mkdir" => json!({ "DATA_TYPE": "mkdir", "path": "/new" }),
        "rename" => json!({ "DATA_TYPE": "rename", "old_path": "/a", "new_path": "/b" }),
        "symlink" => json!({ "DATA_TYPE": "symlink", "path": "/a", "symlink_target": "/b" }),
        _ => return asking.sandbox.get(&path).query(&[("path", "/")]),
    };
    asking.sandbox.post(&path).json(&body)
}

#[tokio::test]
async fn storage_that_wants_another_login_answers_502() -> TestResult {
    let options = CollectionOptions::new().required_domains(["uchicago.edu"]);
    let asking = Asking::of(options).await?;
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    let token = login.text_at("/access_token")?;
    for (name, code) in [
        ("ls", "ExternalError.DirListingFailed.LoginFailed"),
        ("stat", "EndpointError"),
        ("mkdir", "ExternalError.MkdirFailed.LoginFailed"),
        ("rename", "EndpointError"),
        ("symlink", "ExternalError.SymlinkFailed.LoginFailed"),
    ] {
        let refused = answer(operation(&asking, name).bearer_auth(&token)).await?;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/code")?.as_str()),
            (502, code)
        );
        let domains = "/authorization_parameters/session_required_single_domain";
        assert_eq!(refused.at(domains), &json!(["uchicago.edu"]), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_storages_answer_is_quoted_line_by_line() -> TestResult {
    let options = CollectionOptions::new().required_domains(["uchicago.edu"]);
    let asking = Asking::of(options).await?;
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    let refused = asking.ls(&login.text_at("/access_token")?).await?;
    let message = refused.text_at("/message")?;
    assert!(message.lines().count() >= 5, "{message}");
    let (_, quoted) = message
        .split_once("530-GridFTP-JSON-Result: ")
        .ok_or("no result")?;
    let (quoted, _) = quoted.split_once(r"\r\n").ok_or("no end")?;
    let quoted: Value = serde_json::from_str(quoted)?;
    assert_eq!(
        quoted["authorization_parameters"],
        refused.at("/authorization_parameters").clone()
    );
    Ok(())
}

#[tokio::test]
async fn a_submission_that_lacks_a_login_is_refused_by_the_service() -> TestResult {
    let asking = Asking::of(CollectionOptions::new().required_mfa(true)).await?;
    let login = asking.sandbox.native_login(TRANSFER_ALL).await?;
    let token = login.text_at("/access_token")?;
    let request = asking.sandbox.get("/v0.10/submission_id");
    let submission = answer(request.bearer_auth(&token)).await?;
    let document = json!({
        "DATA_TYPE": "delete",
        "submission_id": submission.at("/value"),
        "endpoint": asking.collection,
        "DATA": [{ "DATA_TYPE": "delete_item", "path": "/x" }],
    });
    let request = asking.sandbox.post("/v0.10/delete").json(&document);
    let refused = answer(request.bearer_auth(token)).await?;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.at("/authorization_parameters/session_required_mfa"),
        true
    );
    Ok(())
}
