//! Apps: tokens for each service when they are needed, and no longer than that.

use globus_sdk::auth::{
    AccessTokenAuthorizer, AuthorizationParameters, BoxFuture, ClientApp, LocalServerLogin,
    TokenData, UserApp,
};
use globus_sdk::token_storage::{MemoryTokenStorage, StorageLock, TokenStorage};
use globus_sdk::{Environment, ErrorKind, Globus, Result, search, transfer};
use globus_test_support::auth::{NATIVE, ROBOT, SEARCH, SECRET, Sandbox, TRANSFER, browse};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

fn robot() -> ClientApp {
    ClientApp::new(ROBOT, SECRET)
}

fn person() -> UserApp {
    UserApp::native(NATIVE).login_flow(LocalServerLogin::new().open(|url| {
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    }))
}

#[test]
fn an_app_is_built_outside_of_a_runtime_and_calls_nobody() {
    let services = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    services.set_nonblocking(true).unwrap();
    let url = format!("http://{}", services.local_addr().unwrap());
    let here = Environment::empty().with_all_services(&url);
    let globus = Globus::builder(robot()).environment(here).build().unwrap();
    let _ = (globus.auth(), globus.transfer(), globus.search());
    let called = services.accept().map(|_| ()).unwrap_err();
    assert_eq!(called.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn an_app_with_a_client_id_that_is_none_is_refused() {
    let error = Globus::builder(ClientApp::new("me", "x"))
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn an_app_with_malformed_scopes_is_refused() {
    let error = Globus::builder(robot().scopes(TRANSFER, "a["))
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_robot_fetches_the_token_of_each_service_at_its_first_call() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(robot());
    let (transfer, auth) = (globus.transfer(), globus.auth());
    assert!(globus.tokens().await.unwrap().is_empty());
    transfer.task_list().await.unwrap();
    transfer.task_list().await.unwrap();
    assert_eq!(globus.tokens().await.unwrap().len(), 1);
    auth.get_identities()
        .usernames("user@sandbox.local")
        .await
        .unwrap();
    let tokens = globus.tokens().await.unwrap();
    assert_eq!(tokens[TRANSFER].scopes, [transfer::scopes::ALL]);
    assert!(tokens.contains_key("auth.globus.org"));
    assert_eq!(sandbox.token_requests().len(), 2);
}

#[tokio::test]
async fn client_app_requests_its_own_scopes_and_the_services() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(robot().scopes(SEARCH, search::scopes::ALL));
    let _ = globus.search();
    globus.login().await.unwrap();
    let tokens = globus.tokens().await.unwrap();
    let scopes = &tokens[SEARCH].scopes;
    assert!(
        scopes.iter().any(|s| s == search::scopes::ALL),
        "{scopes:?}"
    );
    assert!(scopes.len() > 1, "{scopes:?}");
}

#[tokio::test]
async fn a_scope_that_is_added_later_is_in_the_next_token() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(robot());
    let search = globus.search();
    let error = search.index_list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    globus.add_scopes(SEARCH, search::scopes::ALL).unwrap();
    search.index_list().await.unwrap();
    let tokens = globus.tokens().await.unwrap();
    assert!(
        tokens[SEARCH]
            .scopes
            .iter()
            .any(|s| s == search::scopes::ALL)
    );
}

#[tokio::test]
async fn a_robot_logs_in_early_to_find_a_wrong_secret() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(ClientApp::new(ROBOT, "wrong"));
    let _ = globus.transfer();
    assert!(!globus.login_required().await.unwrap());
    assert_eq!(
        globus.login().await.unwrap_err().kind(),
        ErrorKind::Unauthenticated
    );
}

#[tokio::test]
async fn a_robots_refused_token_is_replaced_and_the_call_made_again() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(robot());
    let transfer = globus.transfer();
    transfer.task_list().await.unwrap();
    sandbox.emulator.expire_tokens().unwrap();
    transfer.task_list().await.unwrap();
    assert_eq!(sandbox.token_requests().len(), 2);
}

#[tokio::test]
async fn tokens_in_a_storage_are_used_by_the_next_app() {
    let sandbox = Sandbox::start().await;
    let storage = MemoryTokenStorage::new();
    for _ in 0..2 {
        let globus = sandbox.globus(robot().storage(storage.clone()));
        globus.transfer().task_list().await.unwrap();
    }
    assert_eq!(sandbox.token_requests().len(), 1);
}

#[tokio::test]
async fn a_persons_expired_token_is_refreshed_without_asking_them() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person().refresh_tokens(true).auto_login(false));
    let transfer = globus.transfer();
    globus.login().await.unwrap();
    sandbox.clock.advance(Duration::from_secs(172_800));
    assert!(!globus.login_required().await.unwrap());
    transfer.task_list().await.unwrap();
    assert_eq!(sandbox.token_requests().len(), 2);
}

#[tokio::test]
async fn identity_of_tokens_is_known_after_login_and_refresh() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person().refresh_tokens(true).auto_login(false));
    let transfer = globus.transfer();
    globus.login().await.unwrap();
    let somebody = Some(sandbox.emulator.user().id);
    let before = globus.tokens().await.unwrap();
    assert!(before.len() > 1);
    assert!(before.values().all(|data| data.identity_id == somebody));
    sandbox.clock.advance(Duration::from_secs(172_800));
    transfer.task_list().await.unwrap();
    // this answer had no ID token: it was not for `openid`
    let after = &globus.tokens().await.unwrap()[TRANSFER];
    assert_ne!(after.access_token, before[TRANSFER].access_token);
    assert_eq!(after.identity_id, somebody);
}

#[tokio::test]
async fn a_person_whose_refresh_token_was_revoked_logs_in_again() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person().refresh_tokens(true));
    let transfer = globus.transfer();
    globus.login().await.unwrap();
    sandbox.emulator.revoke_tokens().unwrap();
    transfer.task_list().await.unwrap();
}

#[tokio::test]
async fn without_auto_login_a_call_that_needs_one_says_so() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person().auto_login(false));
    let error = globus.transfer().task_list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(error.to_string().contains("Globus::login"), "{error}");
}

#[tokio::test]
async fn a_service_that_is_used_after_the_login_needs_another() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person());
    let _ = globus.transfer();
    globus.login().await.unwrap();
    let search = globus.search();
    globus.add_scopes(SEARCH, search::scopes::ALL).unwrap();
    assert!(globus.login_required().await.unwrap());
    search.index_list().await.unwrap();
    assert!(!globus.login_required().await.unwrap());
}

#[tokio::test]
async fn a_login_is_made_once_unless_it_must_satisfy_more() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(person());
    globus.login().await.unwrap();
    globus.login().await.unwrap();
    assert_eq!(sandbox.token_requests().len(), 1);
    let again = AuthorizationParameters::default().prompt("login");
    globus.login_with(again).await.unwrap();
    assert_eq!(sandbox.token_requests().len(), 2);
    let pages = sandbox.emulator.requests();
    let asked = |r: &globus_emulator::RecordedRequest| {
        r.query
            .as_deref()
            .is_some_and(|q| q.contains("prompt=login"))
    };
    assert!(pages.iter().any(asked));
}

#[tokio::test]
async fn a_logout_revokes_and_forgets_every_token() {
    let sandbox = Sandbox::start().await;
    let storage = MemoryTokenStorage::new();
    let app = person()
        .refresh_tokens(true)
        .auto_login(false)
        .storage(storage.clone());
    let globus = sandbox.globus(app);
    let transfer = globus.transfer();
    globus.login().await.unwrap();
    let token = storage.get(TRANSFER).await.unwrap().unwrap();
    globus.logout().await.unwrap();
    assert!(storage.all().await.unwrap().is_empty());
    assert_eq!(
        transfer.task_list().await.unwrap_err().kind(),
        ErrorKind::Login
    );
    for secret in [token.refresh_token.unwrap(), token.access_token] {
        let valid = sandbox
            .native()
            .oauth2_validate_token(secret)
            .await
            .unwrap();
        assert!(!valid.active);
    }
}

#[tokio::test]
async fn another_authorizer_or_app_shares_connections_but_not_tokens() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(robot());
    globus.transfer().task_list().await.unwrap();
    let theirs = globus.with_authorizer(AccessTokenAuthorizer::new("no token"));
    let refused = theirs.transfer().task_list().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    assert!(theirs.tokens().await.unwrap().is_empty());
    assert_eq!(theirs.login().await.unwrap_err().kind(), ErrorKind::Usage);

    let person = globus.with_app(&person()).unwrap();
    let me = person.auth().userinfo().await.unwrap();
    assert_eq!(me.preferred_username.as_deref(), Some("user@sandbox.local"));
}

/// Tells when a renewal has begun.
#[derive(Clone, Debug)]
struct Telling(MemoryTokenStorage, Arc<Notify>);

impl TokenStorage for Telling {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        self.0.store(tokens)
    }
    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        self.0.get(resource_server)
    }
    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        self.0.all()
    }
    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.0.remove(resource_server)
    }
    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        self.1.notify_one();
        self.0.lock()
    }
}

#[tokio::test]
async fn a_renewal_is_stored_when_the_app_is_dropped_meanwhile() {
    let sandbox = Sandbox::start().await;
    let storage = Telling(MemoryTokenStorage::new(), Arc::default());
    let globus = sandbox.globus(robot().storage(storage.clone()));
    let call = globus.transfer().task_list().into_future();
    drop(globus);
    tokio::select! {
        biased;
        () = storage.1.notified() => {}
        _ = call => panic!("the call ended before the renewal began"),
    }
    // the call and everything else that holds the app is gone by now
    for _ in 0..500 {
        if storage.0.get(TRANSFER).await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the token was lost");
}
