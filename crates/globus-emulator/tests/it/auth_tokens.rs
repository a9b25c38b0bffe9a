//! What tokens tell, and how they end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use globus_test_support::emulator::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_id_token_is_signed_with_the_published_key() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let login = sandbox.native_login("openid profile email").await?;
    let id_token = login.text_at("/id_token")?;
    let configuration = answer(sandbox.get("/.well-known/openid-configuration")).await?;
    let jwks_uri = configuration.text_at("/jwks_uri")?;
    let keys = answer(sandbox.http.get(jwks_uri)).await?;

    let (signed, signature) = id_token.rsplit_once('.').ok_or("not a JWT")?;
    let public = ring::signature::RsaPublicKeyComponents {
        n: URL_SAFE_NO_PAD.decode(keys.text_at("/keys/0/n")?)?,
        e: URL_SAFE_NO_PAD.decode(keys.text_at("/keys/0/e")?)?,
    };
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let algorithm = &ring::signature::RSA_PKCS1_2048_8192_SHA256;
    assert!(
        public
            .verify(algorithm, signed.as_bytes(), &signature)
            .is_ok()
    );

    let claims = signed.split('.').nth(1).ok_or("no claims")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    assert_eq!(claims["iss"], *configuration.at("/issuer"));
    assert_eq!(claims["aud"], json!(NATIVE));
    assert_eq!(claims["sub"], json!(sandbox.emulator.user().id));
    assert_eq!(claims["preferred_username"], "user@sandbox.local");
    Ok(())
}

#[tokio::test]
async fn introspection_tells_the_holder_about_its_token() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token(TRANSFER_ALL).await?;
    let request = sandbox.post("/v2/oauth2/token/introspect");
    let form = [
        ("token", token.as_str()),
        ("include", "session_info,identity_set_detail"),
    ];
    let answer = answer(request.basic_auth(ROBOT, Some(ROBOT_SECRET)).form(&form)).await?;
    assert_eq!(answer.at("/active"), true);
    assert_eq!(answer.at("/scope"), TRANSFER_ALL);
    assert_eq!(
        answer.at("/username"),
        &json!(format!("{ROBOT}@clients.auth.globus.org"))
    );
    assert_eq!(answer.at("/identity_set_detail/0/sub"), &json!(ROBOT));
    assert!(
        answer
            .at(&format!("/session_info/authentications/{ROBOT}/auth_time"))
            .is_i64()
    );
    Ok(())
}

#[tokio::test]
async fn introspection_hides_a_token_from_other_clients() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token(TRANSFER_ALL).await?;
    let request = sandbox.post("/v2/oauth2/token/introspect");
    let form = [("token", token.as_str())];
    let answer = answer(request.basic_auth(PORTAL, Some(PORTAL_SECRET)).form(&form)).await?;
    assert_eq!(answer.body, json!({ "active": false }));
    Ok(())
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let login = sandbox.native_login("openid").await?;
    let refresh_token = login.text_at("/refresh_token")?;
    let client_id = NATIVE.to_string();
    let form = [
        ("token", refresh_token.as_str()),
        ("client_id", client_id.as_str()),
    ];

    let valid = answer(sandbox.post("/v2/oauth2/token/validate").form(&form)).await?;
    assert_eq!(valid.at("/active"), true);
    let revoked = answer(sandbox.post("/v2/oauth2/token/revoke").form(&form)).await?;
    assert_eq!(
        (revoked.status.as_u16(), revoked.body),
        (200, json!({ "active": false }))
    );
    let valid = answer(sandbox.post("/v2/oauth2/token/validate").form(&form)).await?;
    assert_eq!(valid.at("/active"), false);
    let access_token = login.text_at("/access_token")?;
    let userinfo = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(access_token)).await?;
    assert_eq!(userinfo.status, 401);
    Ok(())
}

#[tokio::test]
async fn revoking_nothing_is_no_error() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let client_id = NATIVE.to_string();
    let form = [("client_id", client_id.as_str())];
    let nothing = answer(sandbox.post("/v2/oauth2/token/revoke").form(&form)).await?;
    assert_eq!(nothing.status, 200);
    let request = sandbox.post("/v2/oauth2/token/revoke");
    let no_body = answer(request.basic_auth(ROBOT, Some(ROBOT_SECRET))).await?;
    assert_eq!(no_body.status, 200);
    Ok(())
}

#[tokio::test]
async fn expired_tokens_are_refused_in_the_shape_of_auth() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("openid").await?;
    sandbox.emulator.expire_tokens()?;
    let answer = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.at("/errors/0/code"), "UNAUTHORIZED");
    assert_eq!(answer.at("/errors/0/status"), "401");
    Ok(())
}

#[tokio::test]
async fn a_token_without_openid_gets_no_userinfo() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("email").await?;
    let answer = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.at("/errors/0/code"), "FORBIDDEN");
    Ok(())
}

#[tokio::test]
async fn identities_are_found_and_unknown_ones_left_out() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("openid").await?;
    let ids = format!("{},{}", sandbox.emulator.user().id, uuid::Uuid::new_v4());
    let request = sandbox.get("/v2/api/identities").query(&[("ids", ids)]);
    let answer = answer(request.bearer_auth(token)).await?;
    assert_eq!(answer.at("/identities").as_array().map(Vec::len), Some(1));
    assert_eq!(answer.at("/identities/0/username"), "user@sandbox.local");
    Ok(())
}

#[tokio::test]
async fn an_identity_is_provisioned_on_request_only() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token("openid").await?;
    for (provision, count) in [("false", 0), ("true", 1), ("False", 1)] {
        let query = [("usernames", "new@example.org"), ("provision", provision)];
        let request = sandbox.get("/v2/api/identities").query(&query);
        let answer = answer(request.bearer_auth(&token)).await?;
        assert_eq!(
            answer.at("/identities").as_array().map(Vec::len),
            Some(count)
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_client_made_on_the_fly_can_log_a_person_in() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let document = json!({ "client": { "template_id": NATIVE, "name": "CLI on my laptop" } });
    let created = answer(sandbox.post("/v2/api/clients").json(&document)).await?;
    assert_eq!(created.status, 200);
    let id = created.text_at("/client/id")?;
    let secret = created.text_at("/included/client_credential/secret")?;

    let mut query = native_query("openid");
    query[0].1 = id.clone();
    let response = sandbox
        .get("/v2/oauth2/authorize")
        .query(&query)
        .send()
        .await?;
    let code = pair(&location(&response)?, "code").ok_or("no code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", NATIVE_REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let request = sandbox
        .post("/v2/oauth2/token")
        .basic_auth(&id, Some(secret))
        .form(&form);
    assert_eq!(answer(request).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn requests_are_recorded_in_order() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    sandbox.get("/_emulator/health").send().await?;
    sandbox.get("/v2/oauth2/userinfo?x=1").send().await?;
    let requests = sandbox.emulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "GET");
    assert_eq!(requests[0].path, "/v2/oauth2/userinfo");
    assert_eq!(requests[0].query.as_deref(), Some("x=1"));
    assert_eq!(requests[0].status, 401);
    Ok(())
}
