//! Secrets are shown by nothing.

use globus_sdk::auth::types::TokenRequest;
use globus_sdk::auth::{
    AccessTokenAuthorizer, ClientApp, ClientCredentialsAuthorizer, RefreshTokenAuthorizer, UserApp,
};
use globus_sdk::token_storage::{JsonTokenStorage, TokenStorage as _};
use globus_sdk::{ClientBuilder, Environment, Error, ErrorKind, ServiceClient, auth, transfer};
use globus_test_support::auth::{NATIVE, ROBOT, SECRET, Sandbox, TRANSFER_ALL};
use globus_test_support::mock::{MockClock, MockServer, Step, answer, answer_with};
use std::fmt::Debug;

/// Whatever `Debug` shows, short and long.
fn shown(values: &[&dyn Debug]) -> String {
    let all = values
        .iter()
        .map(|value| format!("{value:?}\n{value:#?}\n"));
    all.collect()
}

#[tokio::test]
async fn no_token_code_verifier_or_client_secret_appears_in_debug() {
    let sandbox = Sandbox::start().await;
    let (robot, native) = (sandbox.robot(), sandbox.native());
    let flow = native
        .oauth2_start_flow(["openid", TRANSFER_ALL])
        .refresh_tokens(true);
    let code = sandbox.code(&flow).await;
    let tokens = flow.exchange(&*code).await.unwrap();
    let data = tokens.by_scopes(TRANSFER_ALL).unwrap();
    let refresh_token = data.refresh_token.clone().unwrap();

    let globus = sandbox.globus(ClientApp::new(ROBOT, SECRET));
    let transfer = globus.transfer();
    transfer.task_list().await.unwrap();
    let held = globus.tokens().await.unwrap();
    let own = ClientCredentialsAuthorizer::new(&robot, TRANSFER_ALL);
    let renewed = own.token().await.unwrap();
    let theirs = RefreshTokenAuthorizer::builder(&refresh_token, &native)
        .access_token(&data.access_token, data.expires_at);
    let text = shown(&[
        &robot,
        &flow,
        &tokens,
        &data,
        &globus,
        &transfer,
        &held,
        &own,
        &renewed,
        &theirs,
        &theirs,
        &native.oauth2_refresh_token(&refresh_token),
        &robot.oauth2_get_dependent_tokens(&data.access_token),
        &native.oauth2_revoke_token(&refresh_token),
        &AccessTokenAuthorizer::new(&data.access_token),
        &UserApp::confidential(NATIVE, SECRET),
    ]);
    let held: Vec<_> = held
        .values()
        .map(|data| data.access_token.clone())
        .collect();
    let mut secrets = vec![
        code.as_str(),
        SECRET,
        flow.code_verifier().unwrap().expose(),
        flow.expected_state().expose(),
        data.access_token.expose(),
        refresh_token.expose(),
        tokens.id_token().unwrap().expose(),
        renewed.access_token.expose(),
    ];
    secrets.extend(held.iter().map(|token| token.expose()));
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn no_token_appears_in_an_error() {
    let sandbox = Sandbox::start().await;
    let secret = "AgASecretThatNobodyMayRead";
    let native = sandbox.native();
    let errors = [
        native.oauth2_refresh_token(secret).await.unwrap_err(),
        native
            .oauth2_start_flow("openid")
            .exchange(secret)
            .await
            .unwrap_err(),
        sandbox
            .robot()
            .oauth2_get_dependent_tokens(secret)
            .await
            .unwrap_err(),
        RefreshTokenAuthorizer::new(secret, &native)
            .token()
            .await
            .unwrap_err(),
        sandbox
            .globus(ClientApp::new(ROBOT, SECRET))
            .with_authorizer(AccessTokenAuthorizer::new(secret))
            .transfer()
            .task_list()
            .await
            .unwrap_err(),
    ];
    for error in errors {
        let mut text = format!("{error} {error:?} {error:#?}");
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
        while let Some(error) = cause {
            text += &format!(" {error} {error:?}");
            cause = error.source();
        }
        assert!(!text.contains(secret), "{text}");
    }
}

const TOKEN: &str = "AgATokenThatNobodyMayRead";

/// A client of a server that gives this answer.
async fn answered<C: ServiceClient>(step: Step) -> C {
    let server = MockServer::start([step]).await;
    ClientBuilder::<C>::default()
        .environment(Environment::empty())
        .base_url(&server.url)
        .clock(MockClock::new())
        .authorizer(AccessTokenAuthorizer::new(TOKEN))
        .build()
        .unwrap()
}

/// An error as anybody can print it, with its causes.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {}", error.message());
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(" {error} {error:?}");
        cause = error.source();
    }
    text
}

/// Tokens as no JSON writes them.
fn form_encoded() -> Step {
    answer(200, &format!("access_token={TOKEN}&token_type=bearer"))
}

#[tokio::test]
async fn tokens_in_a_form_are_not_quoted() {
    let auth: auth::Client = answered(form_encoded()).await;
    let request = TokenRequest::new("client_credentials");
    let error = auth.oauth2_token(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    insta::assert_snapshot!(error, @"oauth2_token: the answer is not JSON: expected value at line 1 column 1: it is not quoted, since answers of this operation hold secrets; see Error::response_parts for the answer; if the spec is wrong, please report it");
    let (_, raw) = error.response_parts().unwrap();
    assert!(raw.starts_with(b"access_token=Ag"));
}

#[tokio::test]
async fn a_token_in_the_place_of_a_number_is_not_quoted() {
    let body = format!(r#"{{"access_token": "x", "expires_in": "{TOKEN}"}}"#);
    let auth: auth::Client = answered(answer(200, &body)).await;
    let request = TokenRequest::new("client_credentials");
    let error = auth.oauth2_token(&request).await.unwrap_err();
    insta::assert_snapshot!(error, @"oauth2_token: the answer does not fit its type at expires_in: a value of the wrong type at line 1 column 63; see Error::response_parts for the answer; if the spec is wrong, please report it");
}

#[tokio::test]
async fn tokens_are_not_quoted_if_the_callers_type_does_not_fit() {
    let body = format!(r#"{{"access_token": "{TOKEN}", "{TOKEN}": 1}}"#);
    let request = TokenRequest::new("client_credentials");
    let auth: auth::Client = answered(answer(200, &body)).await;
    let typed = auth.oauth2_token(&request).json::<Vec<u8>>();
    let raw = auth.post("/v2/oauth2/token").form(&[("a", "b")]);
    let slash = auth.post("/v2/oauth2/token/?x=1").form(&[("a", "b")]);
    let unknown = auth.post("/v2/oauth2/tomorrow").form(&[("a", "b")]);
    let mut errors = vec![typed.await.unwrap_err()];
    for raw in [raw, slash, unknown] {
        let answer = raw.send().await.unwrap();
        assert!(!format!("{answer:?}").contains(TOKEN), "{answer:?}");
        errors.push(
            answer
                .json::<std::collections::BTreeMap<String, u8>>()
                .unwrap_err(),
        );
    }
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(!printed(&error).contains(TOKEN), "{error}");
    }
}

#[tokio::test]
async fn an_echo_of_the_header_is_redacted_and_the_rest_is_shown() {
    let body = format!(r#"{{"code": "Unauthorized", "message": "Bearer {TOKEN} is unknown"}}"#);
    let transfer: transfer::Client = answered(answer(401, &body)).await;
    let error = transfer.task_list().await.unwrap_err();
    insta::assert_snapshot!(error, @"task_list: 401 Unauthorized: Bearer [redacted] is unknown; log in again, or give the client a valid token");
    assert_eq!(error.message(), "Bearer [redacted] is unknown");
}

#[tokio::test]
async fn an_echo_in_a_raw_calls_answer_is_redacted_when_it_is_decoded() {
    let body = format!(r#"{{"headers": "Bearer {TOKEN}"}}"#);
    let transfer: transfer::Client = answered(answer(200, &body)).await;
    let response = transfer.get("/v0.10/x").send().await.unwrap();
    let error = response
        .json::<std::collections::BTreeMap<String, u8>>()
        .unwrap_err();
    let text = printed(&error);
    assert!(
        text.contains("[redacted]") && !text.contains(TOKEN),
        "{text}"
    );
}

#[tokio::test]
async fn headers_and_parameters_of_a_call_are_shown_by_name_only() {
    let refused = format!("a page for {TOKEN}, {TOKEN}2 and c=%41g{}", &TOKEN[2..]);
    let transfer: transfer::Client = answered(answer(403, &refused)).await;
    let call = transfer
        .task_list()
        .with_header("Authorization", format!("Token {TOKEN}"))
        .with_header("Cookie", format!("c={TOKEN}2"))
        .with_query("token", TOKEN);
    let raw = transfer
        .get(&format!("/v0.10/task_list?token={TOKEN}"))
        .header("Authorization", TOKEN)
        .query(&[("token", TOKEN)])
        .form(&[("token", TOKEN)]);
    let text = shown(&[&call, &raw]);
    assert!(!text.contains(TOKEN), "{text}");
    for error in [call.await.unwrap_err(), raw.send().await.unwrap_err()] {
        let text = printed(&error);
        assert!(
            text.contains("a page for") && !text.contains(TOKEN),
            "{text}"
        );
        assert!(!text.contains(&TOKEN[2..]), "{text}");
    }
}

#[tokio::test]
async fn a_secret_of_the_query_is_redacted() {
    let body = format!(r#"{{"detail": "{TOKEN} is not valid"}}"#);
    let transfer: transfer::Client = answered(answer(400, &body)).await;
    let auth: auth::Client = answered(answer(400, &body)).await;
    let calls = [transfer.get("/v0.10/x"), auth.get("/v2/x")];
    for call in calls {
        let error = call.query(&[("token", TOKEN)]).send().await.unwrap_err();
        let text = printed(&error);
        assert!(!text.contains(&TOKEN[..8]), "{text}");
    }
}

#[tokio::test]
async fn a_cookie_is_redacted_without_its_name() {
    let body = r#"{"message": "session abcdef0123456789 has expired"}"#;
    let transfer: transfer::Client = answered(answer(403, body)).await;
    let call = transfer
        .task_list()
        .with_header("Cookie", "a=1; session=abcdef0123456789");
    let text = printed(&call.await.unwrap_err());
    assert!(text.contains("session [redacted] has expired"), "{text}");
}

#[tokio::test]
async fn a_secret_of_the_answer_is_not_quoted_for_its_type() {
    let body = r#"{"password": "hunter2hunter2"}"#;
    let transfer: transfer::Client = answered(answer(200, body)).await;
    let response = transfer.get("/v0.10/x").send().await.unwrap();
    let error = response
        .json::<std::collections::BTreeMap<String, i64>>()
        .unwrap_err();
    assert!(!printed(&error).contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_secret_that_is_folded_over_lines_is_redacted_whole() {
    let (first, second) = TOKEN.split_at(12);
    let body = serde_json::json!({ "message": format!("for {first}\n  {second}") });
    let transfer: transfer::Client = answered(answer(403, &body.to_string())).await;
    let text = printed(&transfer.task_list().await.unwrap_err());
    assert!(!text.contains(&second[..6]), "{text}");
}

#[tokio::test]
async fn an_answer_made_to_be_searched_for_long_is_soon_shown() {
    let body = format!(r#"{{"message": "{}"}}"#, "\\\\".repeat(1 << 20));
    let many: Vec<_> = (0..50_000)
        .map(|n| serde_json::json!({ "token": format!("a{n}") }))
        .collect();
    for body in [body, serde_json::json!(many).to_string()] {
        let transfer: transfer::Client = answered(answer(400, &body)).await;
        let began = std::time::Instant::now();
        printed(&transfer.task_list().await.unwrap_err());
        // it took minutes
        assert!(began.elapsed() < std::time::Duration::from_secs(20));
    }
}

#[tokio::test]
async fn a_redirect_with_a_token_shows_none() {
    for location in ["http://localhost:9/?token=", "/?token=", "http://[/?token="] {
        let header = format!("location: {location}{TOKEN}\r\n");
        let transfer: transfer::Client = answered(answer_with(302, &header, "")).await;
        let error = transfer.task_list().await.unwrap_err();
        assert!(!printed(&error).contains(TOKEN), "{error}");
    }
}

#[test]
fn the_password_of_a_service_address_is_not_shown() {
    let address = "https://ada:pass%20word@transfer.example.org";
    let environment = Environment::empty().with_service_url("transfer", address);
    let builder = || transfer::Client::builder().base_url(address);
    let text = shown(&[
        &builder(),
        &transfer::Client::builder()
            .environment(environment.clone())
            .build()
            .unwrap(),
        &globus_sdk::Globus::builder(ClientApp::new(ROBOT, SECRET))
            .environment(environment.clone())
            .build()
            .unwrap(),
        &environment,
        &builder().build().unwrap().task_list(),
    ]);
    assert!(!text.contains("pass"), "{text}");
    assert!(text.contains("transfer.example.org"), "{text}");
}

#[test]
fn an_address_that_is_refused_is_shown_without_its_password() {
    for bad in [
        "https://ada:password@ho st/",
        "ftp://ada:password@host/",
        "ada:password@host",
        "https://ada:pass@word@host/?password=1",
        "https://host/#password",
    ] {
        let environment = Environment::empty().with_service_url("transfer", bad);
        let built = transfer::Client::builder().environment(environment).build();
        let text = printed(&built.unwrap_err());
        assert!(!text.contains("pass") && !text.contains("word"), "{text}");
        assert!(text.contains("GLOBUS_SDK_SERVICE_URL_TRANSFER"), "{text}");
    }
}

#[tokio::test]
async fn nothing_of_a_token_file_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    for content in [
        format!(r#"{{"format_version": "{TOKEN}", "data": {{}}}}"#),
        format!(r#"{{"format_version": ["{TOKEN}"], "data": {{}}}}"#),
        format!(r#"{{"format_version": "2.0", "data": "{TOKEN}"}}"#),
        format!(r#"{{"format_version": "2.0", "data": {{"DEFAULT": "{TOKEN}"}}}}"#),
        format!(r#"{{"format_version": "2.0", "data": {{"DEFAULT": {{"x": "{TOKEN}"}}}}}}"#),
        format!(r#"{{"format_version": "2.0", "data": {{"DEFAULT": {{"{TOKEN}": 1}}}}}}"#),
        format!(r#"{{"format_version": "1.0", "by_rs": "{TOKEN}"}}"#),
        format!(r#"{{"format_version": "1.0", "by_rs": {{"{TOKEN}": "{TOKEN}"}}}}"#),
        format!(r#""{TOKEN}""#),
        format!(r#"{{"{TOKEN}": {TOKEN}"#),
        TOKEN.to_owned(),
    ] {
        std::fs::write(&path, &content).unwrap();
        for storage in [
            JsonTokenStorage::new(&path),
            JsonTokenStorage::legacy(&path),
        ] {
            let error = storage.all().await.expect_err(&content);
            assert_eq!(error.kind(), ErrorKind::Storage);
            let text = printed(&error);
            assert!(!text.contains(TOKEN), "{content}: {text}");
        }
    }
}
