//! The authorize page: who may be redirected where, and what a person sees.

use globus_test_support::emulator::*;

#[tokio::test]
async fn auto_consent_redirects_at_once_with_code_and_state() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let response = sandbox
        .get("/v2/oauth2/authorize")
        .query(&native_query("openid"))
        .send()
        .await?;
    assert_eq!(response.status(), 302);
    let location = location(&response)?;
    assert!(location.as_str().starts_with(NATIVE_REDIRECT));
    assert!(pair(&location, "code").is_some());
    assert_eq!(pair(&location, "state").as_deref(), Some("a state & more"));
    Ok(())
}

#[tokio::test]
async fn the_auth_code_page_shows_the_code() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let mut query = native_query("openid");
    query[1].1 = sandbox.url("/v2/web/auth-code");
    let response = sandbox
        .get("/v2/oauth2/authorize")
        .query(&query)
        .send()
        .await?;
    assert_eq!(response.status(), 302);
    let location = location(&response)?;
    let code = pair(&location, "code").ok_or("no code")?;
    let page = sandbox.http.get(location).send().await?.text().await?;
    assert!(page.contains(&code));
    Ok(())
}

#[tokio::test]
async fn an_unregistered_redirect_uri_is_refused_without_a_redirect() -> TestResult {
    let sandbox = Sandbox::start().await?;
    for (client, uri) in [
        (PORTAL, "https://evil.example/callback"),
        (PORTAL, "http://localhost:7777/callback"),
        (ROBOT, "https://evil.example/callback"),
        (NATIVE, "javascript:alert(1)"),
        (NATIVE, "not a url"),
    ] {
        let mut query = native_query("openid");
        query[0].1 = client.to_string();
        query[1].1 = uri.to_owned();
        let response = sandbox
            .get("/v2/oauth2/authorize")
            .query(&query)
            .send()
            .await?;
        assert_eq!(response.status(), 400, "{client} {uri}");
        assert!(response.headers().get("location").is_none());
    }
    Ok(())
}

#[tokio::test]
async fn a_registered_redirect_uri_is_accepted() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let mut query = native_query("openid");
    query[0].1 = PORTAL.to_string();
    query[1].1 = PORTAL_REDIRECT.to_owned();
    let response = sandbox
        .get("/v2/oauth2/authorize")
        .query(&query)
        .send()
        .await?;
    assert_eq!(response.status(), 302);
    Ok(())
}

#[tokio::test]
async fn what_a_client_did_wrong_comes_back_by_redirect() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    for (index, value, error) in [
        (2, "token", "unsupported_response_type"),
        (3, "openid[", "invalid_scope"),
        (6, "short", "invalid_request"),
        (7, "plain", "invalid_request"),
    ] {
        let mut query = native_query("openid");
        query[index].1 = value.to_owned();
        let response = sandbox
            .get("/v2/oauth2/authorize")
            .query(&query)
            .send()
            .await?;
        let location = location(&response)?;
        assert_eq!(pair(&location, "error").as_deref(), Some(error));
        assert_eq!(pair(&location, "state").as_deref(), Some("a state & more"));
        assert!(pair(&location, "code").is_none());
    }
    Ok(())
}

#[tokio::test]
async fn a_person_is_asked_and_allows() -> TestResult {
    let sandbox = Sandbox::of(strict()).await?;
    let page = sandbox
        .get("/v2/oauth2/authorize")
        .query(&native_query("openid"))
        .send()
        .await?;
    assert_eq!(page.status(), 200);
    let page = page.text().await?;
    assert!(page.contains("Allow</button>"));
    let response = decide(&sandbox, &page, "allow").await?;
    let code = pair(&location(&response)?, "code").ok_or("no code")?;
    assert_eq!(sandbox.exchange(&code, VERIFIER).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_person_is_asked_and_denies() -> TestResult {
    let sandbox = Sandbox::of(strict()).await?;
    let page = sandbox
        .get("/v2/oauth2/authorize")
        .query(&native_query("openid"))
        .send()
        .await?;
    let response = decide(&sandbox, &page.text().await?, "deny").await?;
    assert_eq!(
        pair(&location(&response)?, "error").as_deref(),
        Some("access_denied")
    );
    Ok(())
}

#[tokio::test]
async fn a_consent_page_is_answered_once() -> TestResult {
    let sandbox = Sandbox::of(strict()).await?;
    let page = sandbox
        .get("/v2/oauth2/authorize")
        .query(&native_query("openid"))
        .send()
        .await?;
    let page = page.text().await?;
    decide(&sandbox, &page, "allow").await?;
    assert_eq!(decide(&sandbox, &page, "allow").await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn another_person_can_be_chosen_by_login_hint() -> TestResult {
    let builder = strict()
        .auto_consent(true)
        .other_user("ada@sandbox.local", "Ada", "a@b.c");
    let sandbox = Sandbox::of(builder).await?;
    let mut query = native_query("openid profile");
    query.push(("login_hint", "ada@sandbox.local".to_owned()));
    let response = sandbox
        .get("/v2/oauth2/authorize")
        .query(&query)
        .send()
        .await?;
    let code = pair(&location(&response)?, "code").ok_or("no code")?;
    let token = sandbox
        .exchange(&code, VERIFIER)
        .await?
        .text_at("/access_token")?;
    let userinfo = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(userinfo.at("/preferred_username"), "ada@sandbox.local");
    Ok(())
}

#[tokio::test]
async fn consent_page_names_client_and_scopes_and_offers_identities() -> TestResult {
    let ada = "ada@sandbox.local";
    let builder = strict().other_user(ada, "Ada", ada).linked_identity(
        "user@sandbox.local",
        "me@uchicago.edu",
        "Me",
        "m@u.edu",
    );
    let sandbox = Sandbox::of(builder).await?;
    let document = serde_json::json!({ "client": { "template_id": NATIVE, "name": "<Laptop>" } });
    let created = answer(sandbox.post("/v2/api/clients").json(&document)).await?;
    let (id, secret) = (
        created.text_at("/client/id")?,
        created.text_at("/included/client_credential/secret")?,
    );
    let mut query = native_query("openid profile");
    query[0].1.clone_from(&id);
    query.push(("session_message", "Log in <again>".to_owned()));
    let request = sandbox.get("/v2/oauth2/authorize").query(&query);
    let page = request.send().await?.text().await?;
    for text in [
        "&lt;Laptop&gt;",
        "Log in &lt;again&gt;",
        "<code>profile</code>",
        ada,
        "me@uchicago.edu",
        "selected>user@sandbox.local",
        "<label for=\"identity\">",
    ] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    let option = page
        .split(ada)
        .next()
        .and_then(|before| before.rsplit('"').nth(1));
    let identity = option.ok_or("no option for Ada")?;
    let answers = [("decision", "allow"), ("identity", identity)];
    let response = decide_with(&sandbox, &page, &answers).await?;
    let code = pair(&location(&response)?, "code").ok_or("no code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", NATIVE_REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let request = sandbox.post("/v2/oauth2/token").form(&form);
    let login = answer(request.basic_auth(id, Some(secret))).await?;
    let userinfo = sandbox.get("/v2/oauth2/userinfo");
    let userinfo = userinfo.bearer_auth(login.text_at("/access_token")?);
    assert_eq!(answer(userinfo).await?.at("/preferred_username"), ada);
    Ok(())
}

#[tokio::test]
async fn the_page_of_consents_is_not_for_other_pages_to_press() -> TestResult {
    let sandbox = Sandbox::start().await?;
    sandbox.native_login("openid").await?;
    let shown = sandbox.get("/v2/web/consents").send().await?.text().await?;
    assert!(shown.contains("Revoke</button>") && shown.contains("<code>openid</code>"));
    let (_, after) = shown.split_once("value=\"").ok_or("no button")?;
    let id = after.split('"').next().unwrap_or_default();
    for (origin, left) in [
        ("http://evil.example", true),
        (sandbox.emulator.base_url(), false),
    ] {
        let request = sandbox.post("/v2/web/consents").form(&[("consent", id)]);
        request.header("Origin", origin).send().await?;
        let shown = sandbox.get("/v2/web/consents").send().await?.text().await?;
        assert_eq!(shown.contains("<code>openid</code>"), left, "{origin}");
    }
    Ok(())
}

async fn decide(
    sandbox: &Sandbox,
    page: &str,
    decision: &str,
) -> Result<reqwest::Response, Box<dyn std::error::Error>> {
    decide_with(sandbox, page, &[("decision", decision)]).await
}

async fn decide_with(
    sandbox: &Sandbox,
    page: &str,
    answers: &[(&str, &str)],
) -> Result<reqwest::Response, Box<dyn std::error::Error>> {
    let start = "name=\"ticket\" value=\"";
    let (_, after) = page.split_once(start).ok_or("no ticket in the page")?;
    let (ticket, _) = after.split_once('"').ok_or("no end of the ticket")?;
    let mut form = vec![("ticket", ticket)];
    form.extend_from_slice(answers);
    Ok(sandbox
        .post("/v2/oauth2/authorize")
        .form(&form)
        .send()
        .await?)
}

#[tokio::test]
async fn userinfo_is_the_same_by_post() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("openid profile").await?;
    let got = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(&token)).await?;
    let posted = answer(sandbox.post("/v2/oauth2/userinfo").bearer_auth(&token)).await?;
    assert_eq!((posted.status.as_u16(), &posted.body), (200, &got.body));
    assert!(posted.at("/preferred_username").is_string());
    Ok(())
}

#[tokio::test]
async fn an_identity_is_looked_up_by_its_id() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("openid").await?;
    let user = sandbox.emulator.user().id;
    let path = format!("/v2/api/identities/{user}");
    let found = answer(sandbox.get(&path).bearer_auth(&token)).await?;
    assert_eq!(found.at("/identity/id"), &serde_json::json!(user));
    assert_eq!(found.at("/identity/username"), "user@sandbox.local");
    let listed = sandbox.get("/v2/api/identities").query(&[("ids", user)]);
    let listed = answer(listed.bearer_auth(&token)).await?;
    assert_eq!(listed.at("/identities/0"), found.at("/identity"));
    let nobody = format!("/v2/api/identities/{}", globus_emulator::Uuid::from_u128(9));
    let nobody = answer(sandbox.get(&nobody).bearer_auth(&token)).await?;
    assert_eq!(nobody.status, 404);
    Ok(())
}
