//! Secrets are shown by nothing that a program prints, logs or traces: the whole story of logging in,
//! with every trace of every crate recorded.

use base64::Engine as _;
use globus_sdk::auth::types::TokenIntrospectRequest;
use globus_sdk::auth::{
    AccessTokenAuthorizer, ClientApp, LocalServerLogin, RefreshTokenAuthorizer, TokenData, Tokens,
    UserApp,
};
use globus_sdk::transport::TlsVerification;
use globus_sdk::types::Secret;
use globus_sdk::{Environment, Error, transfer};
use globus_test_support::auth::{NATIVE, ROBOT, SECRET, Sandbox, TRANSFER, TRANSFER_ALL, browse};
use globus_test_support::mock::{MockClock, MockServer, answer, answer_with};
use globus_test_support::tls::{Server, authority};
use globus_test_support::traces::Recorder;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Everything that anybody said.
static SAID: Mutex<String> = Mutex::new(String::new());

fn say(text: std::fmt::Arguments<'_>) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(said, "{text}").unwrap();
}

fn record_everything() {
    tracing::subscriber::set_global_default(Recorder(say)).unwrap();
    log::set_logger(&Recorder(say)).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        say(format_args!("panic {panic}"));
        usual(panic);
    }));
}

/// An error, as far as anybody can print it.
fn told(error: &Error) {
    say(format_args!("{error} {error:?} {error:#?}"));
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        say(format_args!("{error} {error:?}"));
        cause = error.source();
    }
}

/// What must not have been said, each with a name that may be.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn keep(&mut self, name: &str, secret: &str) {
        self.0.push((name.to_owned(), secret.to_owned()));
    }

    fn keep_data(&mut self, data: &TokenData) {
        self.keep("an access token", data.access_token.expose());
        if let Some(token) = &data.refresh_token {
            self.keep("a refresh token", token.expose());
        }
    }

    fn keep_tokens(&mut self, tokens: &Tokens) {
        say(format_args!("{tokens:?} {tokens:#?}"));
        tokens.iter().for_each(|data| self.keep_data(data));
        if let Some(token) = tokens.id_token() {
            self.keep("an ID token", token.expose());
        }
    }

    fn assert_unsaid(&self, text: &str, where_: &str) {
        for (name, secret) in &self.0 {
            let Some(at) = text.find(secret.as_str()) else {
                continue;
            };
            let line = text[..at].lines().last().unwrap_or_default();
            panic!("{name} in {where_}, after {line:?}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_in_any_trace_log_debug_error_or_panic() {
    record_everything();
    let sandbox = Sandbox::start().await;
    let (robot, native) = (sandbox.robot(), sandbox.native());
    let mut secrets = Secrets::default();
    secrets.keep("the client secret", SECRET);
    let basic = format!("{ROBOT}:{SECRET}");
    let basic = base64::engine::general_purpose::STANDARD.encode(basic);
    secrets.keep("the client secret, encoded", &basic);

    // a person logs in by a code, and their token is refreshed
    let flow = native
        .oauth2_start_flow(["openid", TRANSFER_ALL])
        .refresh_tokens(true);
    say(format_args!("{flow:?}"));
    secrets.keep("a verifier", flow.code_verifier().unwrap().expose());
    let code = sandbox.code(&flow).await;
    secrets.keep("a code", &code);
    let tokens = flow.exchange(&*code).await.unwrap();
    secrets.keep_tokens(&tokens);
    secrets.keep("a code of nobody's", "ACodeThatNobodyKnows");
    told(&flow.exchange("ACodeThatNobodyKnows").await.unwrap_err());
    let theirs = tokens.by_resource_server(TRANSFER).unwrap();
    let refresh_token = theirs.refresh_token.clone().unwrap();
    let refreshed = native.oauth2_refresh_token(&refresh_token).await.unwrap();
    secrets.keep_tokens(&refreshed);

    // a robot, and what it asks about tokens
    let own = robot.oauth2_client_credentials_tokens(TRANSFER_ALL).await;
    let own = own.unwrap();
    secrets.keep_tokens(&own);
    let access_token = own.first().unwrap().access_token.clone();
    let question = TokenIntrospectRequest::new(&access_token);
    say(format_args!("{question:?}"));
    say(format_args!(
        "{:?}",
        robot.oauth2_token_introspect(question).await
    ));
    let dependent = robot.oauth2_get_dependent_tokens(&access_token);
    say(format_args!("{dependent:?}"));
    told(&dependent.await.unwrap_err());
    let action = format!("https://auth.globus.org/scopes/{ROBOT}/action[{TRANSFER_ALL}]");
    let flow = native.oauth2_start_flow(action);
    let code = sandbox.code(&flow).await;
    secrets.keep("a code for a service", &code);
    let theirs = flow.exchange(code).await.unwrap();
    secrets.keep_tokens(&theirs);
    let dependent = robot.oauth2_get_dependent_tokens(&theirs.first().unwrap().access_token);
    secrets.keep_tokens(&dependent.refresh_tokens(true).await.unwrap());
    say(format_args!(
        "{:?}",
        robot.oauth2_revoke_token(&access_token).await
    ));

    // a browser that comes back, and a token that is refused and renewed
    let login = LocalServerLogin::new().open(|url| {
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    });
    let person = UserApp::native(NATIVE)
        .login_flow(login)
        .refresh_tokens(true);
    say(format_args!("{person:?}"));
    for globus in [
        sandbox.globus(person),
        sandbox.globus(ClientApp::new(ROBOT, SECRET)),
    ] {
        for expired in [false, true] {
            if expired {
                sandbox.emulator.expire_tokens().unwrap();
            }
            globus.transfer().task_list().await.unwrap();
            let held = globus.tokens().await.unwrap();
            say(format_args!("{globus:?} {held:?}"));
            held.values().for_each(|data| secrets.keep_data(data));
        }
        globus.logout().await.unwrap();
    }

    // a call over TLS, with all that rustls says about it
    let bad = Secret::from("AgATokenThatNobodyMayRead");
    secrets.keep("a token that is refused", bad.expose());
    let server = Server::start();
    let client = transfer::Client::builder()
        .environment(Environment::empty())
        .base_url(server.url())
        .verify_ssl(TlsVerification::CaFile(authority().to_owned()))
        .authorizer(AccessTokenAuthorizer::new(&bad))
        .build()
        .unwrap();
    client.get("/v0.10/private").send().await.unwrap();
    assert!(server.requests().concat().contains(bad.expose()));

    // errors, wherever they come from
    let elsewhere = answer_with(302, "location: http://localhost:9/\r\n", "");
    for step in [
        elsewhere,
        answer(401, "{}"),
        answer(500, "no"),
        answer(200, "no"),
    ] {
        let service = MockServer::start([step]).await;
        let builder = transfer::Client::builder().environment(Environment::empty());
        let builder = builder.base_url(&service.url).clock(MockClock::new());
        let client = builder.authorizer(AccessTokenAuthorizer::new(&bad));
        told(&client.build().unwrap().task_list().await.unwrap_err());
    }
    told(&native.oauth2_refresh_token(&bad).await.unwrap_err());
    let header = AccessTokenAuthorizer::new(format!("{}\n", bad.expose()));
    told(
        &sandbox
            .auth()
            .with_authorizer(header)
            .userinfo()
            .await
            .unwrap_err(),
    );

    // a callback of the program's own that panics with all it has
    let authorizer = RefreshTokenAuthorizer::builder(&refresh_token, &native)
        .on_refresh(|new| panic!("{new:?} {new:#?}"))
        .build();
    told(&authorizer.token().await.unwrap_err());

    let said = SAID.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for heard in [
        "span globus_sdk",
        "event hyper",
        "log reqwest",
        "log rustls",
        "panic panicked at",
    ] {
        assert!(said.contains(heard), "nothing was heard of {heard}");
    }
    assert!(secrets.0.len() > 15);
    secrets.assert_unsaid(&said, "what was said");
}

#[tokio::test]
async fn no_secret_is_in_the_address_of_a_login_page() {
    let sandbox = Sandbox::start().await;
    let mut secrets = Secrets::default();
    secrets.keep("the client secret", SECRET);
    let (tell, shown) = std::sync::mpsc::channel();
    let login = LocalServerLogin::new()
        .timeout(Duration::from_secs(20))
        .open(move |url| {
            tell.send(url.to_string())?;
            let url = url.clone();
            tokio::spawn(async move { browse(&url).await });
            Ok(())
        });
    let globus = sandbox.globus(UserApp::confidential(ROBOT, SECRET).login_flow(login));
    globus.login().await.unwrap();
    for data in globus.tokens().await.unwrap().values() {
        secrets.keep_data(data);
    }
    let flow = sandbox.native().oauth2_start_flow("openid");
    secrets.keep("a verifier", flow.code_verifier().unwrap().expose());
    assert!(secrets.0.len() > 2);
    let url = flow.authorize_url().unwrap();
    secrets.assert_unsaid(url.as_str(), "the address of a login page");
    secrets.assert_unsaid(&shown.recv().unwrap(), "the address of the login page");
}
