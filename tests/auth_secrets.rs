//! Secrets are shown by nothing.

mod auth_support;

use auth_support::{NATIVE, ROBOT, SECRET, Sandbox, TRANSFER_ALL};
use globus_sdk::auth::{
    AccessTokenAuthorizer, ClientApp, ClientCredentialsAuthorizer, RefreshTokenAuthorizer, UserApp,
};
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
