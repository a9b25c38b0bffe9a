//! The grants of Globus Auth, by the two login clients.

use globus_sdk::ErrorKind;
use globus_sdk::auth::types::{TokenIntrospectRequest, TokenRevokeRequest};
use globus_sdk::auth::{
    self, AuthorizationParameters, ConfidentialAppAuthClient, NativeAppAuthClient,
};
use globus_test_support::auth::{
    NATIVE, ROBOT, SEARCH, SEARCH_ALL, Sandbox, TRANSFER, TRANSFER_ALL, pair,
};
use globus_test_support::mock::{MockServer, answer, hasty};

#[tokio::test]
async fn client_credentials_give_tokens_by_resource_server() {
    let sandbox = Sandbox::start().await;
    let scopes = [TRANSFER_ALL, SEARCH_ALL];
    let tokens = sandbox
        .robot()
        .oauth2_client_credentials_tokens(scopes)
        .await
        .unwrap();
    let transfer = tokens.by_resource_server(TRANSFER).unwrap();
    let search = tokens.by_scopes(SEARCH_ALL).unwrap();
    assert_eq!(transfer.scopes, [TRANSFER_ALL]);
    assert_eq!(search.resource_server, SEARCH);
    assert_ne!(transfer.access_token, search.access_token);
    assert!(tokens.by_scopes(&scopes.join(" ")).is_none());
}

#[tokio::test]
async fn token_expiry_counts_from_its_receipt() {
    let sandbox = Sandbox::start().await;
    let before = jiff::Timestamp::now();
    let tokens = sandbox
        .robot()
        .oauth2_client_credentials_tokens(TRANSFER_ALL)
        .await
        .unwrap();
    let lifetime = tokens.first().unwrap().expires_at.as_second() - before.as_second();
    assert!((172_800..172_810).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_not_shown() {
    let sandbox = Sandbox::start().await;
    let client =
        ConfidentialAppAuthClient::with_client(ROBOT, "not the secret", &sandbox.auth()).unwrap();
    let error = client
        .oauth2_client_credentials_tokens(TRANSFER_ALL)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(!format!("{error} {error:?}").contains("not the secret"));
}

#[tokio::test]
async fn invalid_client_id_is_refused_before_anything_is_sent() {
    let error = NativeAppAuthClient::new("my app").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.message().contains("`my app`"), "{error}");
}

#[tokio::test]
async fn a_native_app_exchanges_a_code_by_pkce() {
    let sandbox = Sandbox::start().await;
    let flow = sandbox
        .native()
        .oauth2_start_flow(["openid", TRANSFER_ALL])
        .refresh_tokens(true);
    let code = sandbox.code(&flow).await;
    let tokens = flow.exchange(code).await.unwrap();
    assert!(tokens.id_token().is_some());
    assert_eq!(tokens.state(), Some(flow.expected_state().expose()));
    let transfer = tokens.by_resource_server(TRANSFER).unwrap();
    assert!(transfer.refresh_token.is_some());
}

#[tokio::test]
async fn a_flow_that_was_made_again_exchanges_the_code_of_the_first() {
    let sandbox = Sandbox::start().await;
    let flow = sandbox.native().oauth2_start_flow("openid");
    let code = sandbox.code(&flow).await;
    let again = sandbox
        .native()
        .oauth2_start_flow("openid")
        .state(flow.expected_state())
        .verifier(flow.code_verifier().unwrap());
    let state = flow.expected_state().expose();
    let redirect = format!("https://portal.example/?code={code}&state={state}");
    assert!(again.exchange_redirect(&redirect).await.is_ok());
}

#[tokio::test]
async fn a_code_of_another_flow_is_refused() {
    let sandbox = Sandbox::start().await;
    let (mine, theirs) = (
        sandbox.native().oauth2_start_flow("openid"),
        sandbox.native().oauth2_start_flow("openid"),
    );
    let code = sandbox.code(&theirs).await;
    let error = mine.exchange(code).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
}

#[tokio::test]
async fn a_redirect_with_a_wrong_state_is_refused_without_a_call() {
    let sandbox = Sandbox::start().await;
    let flow = sandbox.native().oauth2_start_flow("openid");
    for redirect in [
        "code=abc&state=wrong",
        "code=abc",
        "code=abc&state=",
        "",
        "error=access_denied",
        "error=access_denied&error_description=%1b[2J&state=wrong",
    ] {
        let error = flow.exchange_redirect(redirect).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login, "{redirect}");
        assert!(error.message().contains("state"), "{error}");
    }
    assert!(sandbox.token_requests().is_empty());
}

#[tokio::test]
async fn a_state_that_comes_twice_is_refused() {
    let sandbox = Sandbox::start().await;
    let flow = sandbox.native().oauth2_start_flow("openid").state("mine");
    let error = flow
        .exchange_redirect("code=abc&state=mine&state=theirs")
        .await
        .unwrap_err();
    assert!(error.message().contains("state"), "{error}");
}

#[test]
fn the_login_page_is_told_all_that_was_set() {
    let client = NativeAppAuthClient::new(NATIVE).unwrap();
    let parameters = AuthorizationParameters::default()
        .session_message("again, please")
        .session_required_identities(["a@example.org", "b@example.org"])
        .session_required_policies(["p"])
        .session_required_single_domain(["example.org"])
        .session_required_mfa(true)
        .prompt("login")
        .param("login_hint", "a@example.org");
    let url = client
        .oauth2_start_flow("openid")
        .state("a state & more")
        .refresh_tokens(true)
        .prefill_named_grant("my laptop")
        .nonce("once")
        .parameters(parameters)
        .authorize_url()
        .unwrap();
    let set = |name| pair(&url, name).unwrap_or_default();
    assert_eq!(set("state"), "a state & more");
    assert_eq!(set("access_type"), "offline");
    assert_eq!(set("prefill_named_grant"), "my laptop");
    assert_eq!(set("nonce"), "once");
    assert_eq!(set("session_message"), "again, please");
    assert_eq!(
        set("session_required_identities"),
        "a@example.org,b@example.org"
    );
    assert_eq!(set("session_required_policies"), "p");
    assert_eq!(set("session_required_single_domain"), "example.org");
    assert_eq!(set("session_required_mfa"), "true");
    assert_eq!(set("prompt"), "login");
    assert_eq!(set("login_hint"), "a@example.org");
    assert_eq!(set("code_challenge_method"), "S256");
    assert!(set("redirect_uri").ends_with("/v2/web/auth-code"));
}

#[test]
fn a_verifier_that_is_none_is_refused_before_the_page_is_opened() {
    let client = NativeAppAuthClient::new(NATIVE).unwrap();
    let flow = client.oauth2_start_flow("openid").verifier("short");
    assert_eq!(flow.authorize_url().unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_confidential_client_logs_a_person_in_without_pkce() {
    let sandbox = Sandbox::start().await;
    let flow = sandbox
        .robot()
        .oauth2_start_flow("http://localhost:9/callback", "openid");
    assert!(flow.code_verifier().is_none());
    let url = flow.authorize_url().unwrap();
    assert!(pair(&url, "code_challenge").is_none());
}

#[tokio::test]
async fn a_refresh_token_gives_another_access_token() {
    let sandbox = Sandbox::start().await;
    let refresh_token = sandbox.refresh_token(TRANSFER_ALL).await;
    let native = sandbox.native();
    let one = native.oauth2_refresh_token(&refresh_token).await.unwrap();
    let two = native.oauth2_refresh_token(&refresh_token).await.unwrap();
    assert_ne!(
        one.first().unwrap().access_token,
        two.first().unwrap().access_token
    );
}

#[tokio::test]
async fn parameters_of_the_callers_own_are_sent() {
    let sandbox = Sandbox::start().await;
    let refresh_token = sandbox.refresh_token("openid email").await;
    let narrowed = sandbox
        .native()
        .oauth2_refresh_token(&refresh_token)
        .param("scope", "email")
        .await;
    // the emulator narrows the grant to what the parameter says
    assert_eq!(narrowed.unwrap().first().unwrap().scopes, ["email"]);
}

#[tokio::test]
async fn the_exchange_of_a_code_sends_parameters_of_the_callers_own() {
    let server = MockServer::start([answer(400, r#"{"error": "invalid_grant"}"#)]).await;
    let (auth, _) = hasty::<auth::Client>(&server.url);
    let client = NativeAppAuthClient::with_client(NATIVE, &auth).unwrap();
    let flow = client
        .oauth2_start_flow(TRANSFER_ALL)
        .token_param("novelty", "1 & 2");
    flow.exchange("a code").await.unwrap_err();
    assert!(server.requests()[0].contains("novelty=1+%26+2"));
}

#[tokio::test]
async fn revoking_sends_parameters_of_the_callers_own() {
    let server = MockServer::start([answer(200, r#"{"active": false}"#)]).await;
    let (auth, _) = hasty::<auth::Client>(&server.url);
    let mut revoke = TokenRevokeRequest::new("a token");
    revoke.extra.insert("token_type_hint", "refresh_token");
    auth.oauth2_revoke_token(&revoke).await.unwrap();
    let sent = server.requests();
    assert!(
        sent[0].contains("token_type_hint=refresh_token"),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_revoked_token_is_not_valid_any_more() {
    let sandbox = Sandbox::start().await;
    let (native, token) = (sandbox.native(), sandbox.refresh_token(TRANSFER_ALL).await);
    assert!(native.oauth2_validate_token(&token).await.unwrap().active);
    native.oauth2_revoke_token(&token).await.unwrap();
    assert!(!native.oauth2_validate_token(&token).await.unwrap().active);
}

#[tokio::test]
async fn service_introspects_a_token_and_gets_dependent_tokens() {
    let sandbox = Sandbox::start().await;
    let (robot, scope) = (
        sandbox.robot(),
        format!("https://auth.globus.org/scopes/{ROBOT}/action[{TRANSFER_ALL}]"),
    );
    let flow = sandbox.native().oauth2_start_flow(scope);
    let code = sandbox.code(&flow).await;
    let token = flow
        .exchange(code)
        .await
        .unwrap()
        .first()
        .unwrap()
        .access_token
        .clone();

    let told = robot
        .oauth2_token_introspect(TokenIntrospectRequest::new(&token))
        .await
        .unwrap();
    assert!(told.active);
    assert!(told.session_info.is_none());
    let more = TokenIntrospectRequest::new(&token).include("session_info,identity_set");
    let more = robot.oauth2_token_introspect(more).await.unwrap();
    assert!(more.session_info.is_some() && !more.identity_set.is_empty());
    let dependent = robot
        .oauth2_get_dependent_tokens(&token)
        .refresh_tokens(true)
        .await
        .unwrap();
    let transfer = dependent.by_resource_server(TRANSFER).unwrap();
    assert!(transfer.refresh_token.is_some());
}
