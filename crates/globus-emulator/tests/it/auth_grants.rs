//! The grants of the token endpoint.

use std::time::Duration;

use globus_test_support::emulator::*;

#[tokio::test]
async fn a_robot_gets_one_token_per_resource_server() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let scope = format!("{TRANSFER_ALL} {SEARCH_ALL}");
    let answer = sandbox
        .robot_grant(&[("grant_type", "client_credentials"), ("scope", &scope)])
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.at("/resource_server"), "transfer.api.globus.org");
    assert_eq!(answer.at("/scope"), TRANSFER_ALL);
    assert_eq!(answer.at("/token_type"), "Bearer");
    assert_eq!(answer.at("/expires_in"), 172_800);
    assert_eq!(
        answer.at("/other_tokens/0/resource_server"),
        "search.api.globus.org"
    );
    assert_eq!(answer.at("/other_tokens/0/scope"), SEARCH_ALL);
    assert!(answer.body.get("refresh_token").is_none());
    Ok(())
}

#[tokio::test]
async fn one_resource_server_leaves_other_tokens_empty() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let answer = sandbox
        .robot_grant(&[
            ("grant_type", "client_credentials"),
            ("scope", TRANSFER_ALL),
        ])
        .await?;
    assert_eq!(answer.at("/other_tokens"), &serde_json::json!([]));
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_is_refused() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let request = sandbox
        .post("/v2/oauth2/token")
        .basic_auth(ROBOT, Some("wrong"));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", TRANSFER_ALL),
    ];
    let answer = answer(request.form(&form)).await?;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.at("/error"), "invalid_client");
    Ok(())
}

#[tokio::test]
async fn unknown_scopes_and_grants_are_refused() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    for (grant, scope, error) in [
        ("client_credentials", "no-such-scope", "invalid_scope"),
        ("client_credentials", "openid[", "invalid_scope"),
        ("client_credentials", "", "invalid_scope"),
        ("password", "openid", "unsupported_grant_type"),
    ] {
        let answer = sandbox
            .robot_grant(&[("grant_type", grant), ("scope", scope)])
            .await?;
        assert_eq!(answer.status, 400, "{grant} {scope}");
        assert_eq!(answer.at("/error"), error);
    }
    Ok(())
}

#[tokio::test]
async fn a_person_logs_in_by_code_and_pkce() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let answer = sandbox
        .native_login(&format!("openid {TRANSFER_ALL}"))
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.at("/resource_server"), "auth.globus.org");
    assert_eq!(answer.at("/state"), "a state & more");
    assert!(answer.at("/refresh_token").is_string());
    assert!(answer.at("/id_token").is_string());
    assert_eq!(
        answer.at("/other_tokens/0/resource_server"),
        "transfer.api.globus.org"
    );
    assert!(answer.at("/other_tokens/0/refresh_token").is_string());
    Ok(())
}

#[tokio::test]
async fn a_wrong_verifier_is_refused() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let code = sandbox.native_code("openid").await?;
    let answer = sandbox.exchange(&code, "some other verifier").await?;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_its_tokens_are_revoked() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let code = sandbox.native_code("openid").await?;
    let token = sandbox
        .exchange(&code, VERIFIER)
        .await?
        .text_at("/access_token")?;
    let again = sandbox.exchange(&code, VERIFIER).await?;
    assert_eq!(again.at("/error"), "invalid_grant");
    let userinfo = answer(sandbox.get("/v2/oauth2/userinfo").bearer_auth(token)).await?;
    assert_eq!(userinfo.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_code_expires() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let code = sandbox.native_code("openid").await?;
    sandbox.emulator.advance_clock(Duration::from_secs(601));
    let answer = sandbox.exchange(&code, VERIFIER).await?;
    assert_eq!(answer.at("/error"), "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_brings_a_new_access_token() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let login = sandbox.native_login(TRANSFER_ALL).await?;
    let refreshed = refresh(&sandbox, &login.text_at("/refresh_token")?).await?;
    assert_eq!(refreshed.status, 200);
    assert_ne!(refreshed.at("/access_token"), login.at("/access_token"));
    assert_eq!(refreshed.at("/refresh_token"), login.at("/refresh_token"));
    assert_eq!(refreshed.at("/scope"), TRANSFER_ALL);
    Ok(())
}

#[tokio::test]
async fn a_rotated_refresh_token_works_only_for_its_grace_period() -> TestResult {
    let grace = Duration::from_secs(60);
    let builder = strict().auto_consent(true).rotate_refresh_tokens(grace);
    let sandbox = Sandbox::of(builder).await?;
    let old = sandbox
        .native_login(TRANSFER_ALL)
        .await?
        .text_at("/refresh_token")?;
    let new = refresh(&sandbox, &old).await?.text_at("/refresh_token")?;
    assert_ne!(old, new);
    assert_eq!(refresh(&sandbox, &old).await?.status, 200);
    sandbox.emulator.advance_clock(grace);
    assert_eq!(refresh(&sandbox, &old).await?.at("/error"), "invalid_grant");
    assert_eq!(refresh(&sandbox, &new).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_resource_server_gets_dependent_tokens() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let scope = format!("https://auth.globus.org/scopes/{ROBOT}/all[{TRANSFER_ALL}]");
    let token = sandbox
        .native_login(&scope)
        .await?
        .text_at("/access_token")?;
    let grant = "urn:globus:auth:grant_type:dependent_token";
    let answer = sandbox
        .robot_grant(&[("grant_type", grant), ("token", &token)])
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.as_array().map(Vec::len), Some(1));
    assert_eq!(answer.at("/0/resource_server"), "transfer.api.globus.org");
    Ok(())
}

#[tokio::test]
async fn a_token_for_someone_else_brings_no_dependent_tokens() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox
        .native_login(TRANSFER_ALL)
        .await?
        .text_at("/access_token")?;
    let grant = "urn:globus:auth:grant_type:dependent_token";
    let answer = sandbox
        .robot_grant(&[("grant_type", grant), ("token", &token)])
        .await?;
    assert_eq!(answer.status, 401);
    Ok(())
}

async fn refresh(sandbox: &Sandbox, token: &str) -> Result<Answer, Box<dyn std::error::Error>> {
    let client_id = NATIVE.to_string();
    answer(sandbox.post("/v2/oauth2/token").form(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", &client_id),
    ]))
    .await
}
