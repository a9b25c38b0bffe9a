//! Tokens that are refused, when they are stored and when they are loaded.

use globus_sdk::auth::{BoxFuture, ClientApp, LocalServerLogin, TokenData, UserApp};
use globus_sdk::token_storage::{
    HasRefreshTokensValidator, MemoryTokenStorage, NotExpiredValidator, ScopeRequirementsValidator,
    TokenStorage, TokenValidator, UnchangingIdentityIdValidator, ValidatingTokenStorage,
    ValidationContext,
};
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind, Result};
use globus_test_support::auth::{NATIVE, ROBOT, SECRET, Sandbox, TRANSFER, TRANSFER_ALL, browse};

const ALICE: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

fn token(identity: Option<Uuid>) -> TokenData {
    let mut data = TokenData::new(TRANSFER, "a token", jiff::Timestamp::MAX);
    data.identity_id = identity;
    data
}

fn with(
    validator: impl TokenValidator,
) -> (
    MemoryTokenStorage,
    ValidatingTokenStorage<MemoryTokenStorage>,
) {
    let memory = MemoryTokenStorage::new();
    (
        memory.clone(),
        ValidatingTokenStorage::new(memory).validator(validator),
    )
}

fn login(error: &Error) -> &str {
    assert_eq!(error.kind(), ErrorKind::Login, "{error}");
    error.message()
}

#[tokio::test]
async fn tokens_of_another_identity_are_not_stored() {
    let (memory, storage) = with(UnchangingIdentityIdValidator::new());
    storage.store(&[token(Some(ALICE))]).await.unwrap();
    storage.store(&[token(Some(ALICE))]).await.unwrap();
    let error = storage.store(&[token(Some(BOB))]).await.unwrap_err();
    let message = login(&error);
    assert!(
        message.contains(&ALICE.to_string()) && message.contains(&BOB.to_string()),
        "{message}"
    );
    assert!(message.contains("log out first"), "{message}");
    assert_eq!(
        memory.get(TRANSFER).await.unwrap(),
        Some(token(Some(ALICE)))
    );
}

#[tokio::test]
async fn another_identity_may_follow_a_logout() {
    let (_, storage) = with(UnchangingIdentityIdValidator::new());
    storage.store(&[token(Some(ALICE))]).await.unwrap();
    assert!(storage.remove(TRANSFER).await.unwrap());
    storage.store(&[token(Some(BOB))]).await.unwrap();
}

#[tokio::test]
async fn tokens_of_unknown_identity_are_not_stored_if_it_is_checked() {
    let (_, storage) = with(UnchangingIdentityIdValidator::new());
    let error = storage.store(&[token(None)]).await.unwrap_err();
    assert!(
        login(&error).contains("log in with the additional scope `openid`"),
        "{error}"
    );
}

#[tokio::test]
async fn tokens_of_several_identities_are_refused() {
    let storage = ValidatingTokenStorage::new(MemoryTokenStorage::new());
    let mut other = token(Some(BOB));
    other.resource_server = "another".to_owned();
    let error = storage
        .store(&[token(Some(ALICE)), other])
        .await
        .unwrap_err();
    assert!(login(&error).contains("several identities"), "{error}");
}

#[tokio::test]
async fn expired_tokens_are_stored_and_not_handed_out() {
    let (memory, storage) = with(NotExpiredValidator::new());
    let mut old = token(None);
    old.expires_at = jiff::Timestamp::UNIX_EPOCH;
    storage.store(&[old]).await.unwrap();
    for error in [
        storage.get(TRANSFER).await.unwrap_err(),
        storage.all().await.unwrap_err(),
    ] {
        let message = login(&error);
        assert!(
            message.contains(TRANSFER) && message.contains("expired at 1970-01-01"),
            "{message}"
        );
    }
    assert!(memory.get(TRANSFER).await.unwrap().is_some());
    storage.store(&[token(None)]).await.unwrap();
    assert!(storage.get(TRANSFER).await.unwrap().is_some());
}

#[tokio::test]
async fn tokens_without_refresh_tokens_are_not_handed_out() {
    let (_, storage) = with(HasRefreshTokensValidator::new());
    storage.store(&[token(None)]).await.unwrap();
    let error = storage.get(TRANSFER).await.unwrap_err();
    assert!(login(&error).contains("no refresh token"), "{error}");
    let mut data = token(None);
    data.refresh_token = Some("one".into());
    storage.store(&[data.clone()]).await.unwrap();
    assert_eq!(storage.get(TRANSFER).await.unwrap(), Some(data));
}

#[tokio::test]
async fn tokens_that_lack_scopes_are_neither_stored_nor_handed_out() {
    let needed = ScopeRequirementsValidator::new();
    let needed = needed
        .scopes(TRANSFER, format!("{TRANSFER_ALL} *optional"))
        .unwrap();
    let (memory, storage) = with(needed);
    let mut other = token(None);
    other.resource_server = "nothing is needed here".to_owned();
    storage.store(&[other]).await.unwrap();

    let error = storage.store(&[token(None)]).await.unwrap_err();
    assert!(
        login(&error).contains(&format!("lacks {TRANSFER_ALL};")),
        "{error}"
    );
    memory.store(&[token(None)]).await.unwrap();
    assert!(storage.get(TRANSFER).await.is_err());

    let mut data = token(None);
    data.scopes = vec![TRANSFER_ALL.to_owned()];
    storage.store(&[data]).await.unwrap();
    assert!(storage.get(TRANSFER).await.unwrap().is_some());
}

/// Refuses everything, each time in other words.
#[derive(Debug)]
struct No;

impl TokenValidator for No {
    fn before_store<'a>(
        &'a self,
        _: &'a [TokenData],
        context: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        let message = format!("not to be stored, after {:?}", context.stored_identity_id);
        Box::pin(async { Err(Error::custom(ErrorKind::Storage, message)) })
    }
    fn after_load<'a>(
        &'a self,
        _: &'a [TokenData],
        _: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::custom(ErrorKind::Storage, "not to be seen")) })
    }
}

#[tokio::test]
async fn a_validator_of_ones_own_has_its_say() {
    let (memory, storage) = with(No);
    assert_eq!(storage.get(TRANSFER).await.unwrap(), None);
    let error = storage.store(&[token(None)]).await.unwrap_err();
    assert_eq!(error.message(), "not to be stored, after None");
    memory.store(&[token(Some(ALICE))]).await.unwrap();
    let error = storage.store(&[token(None)]).await.unwrap_err();
    assert_eq!(
        error.message(),
        format!("not to be stored, after Some({ALICE})")
    );
    let error = storage.get(TRANSFER).await.unwrap_err();
    assert_eq!(error.message(), "not to be seen");
}

#[tokio::test]
async fn a_robot_whose_stored_token_is_refused_fetches_another() {
    let sandbox = Sandbox::start().await;
    let (memory, storage) = with(NotExpiredValidator::new());
    let mut old = token(None);
    old.expires_at = jiff::Timestamp::UNIX_EPOCH;
    memory.store(&[old]).await.unwrap();
    let globus = sandbox.globus(ClientApp::new(ROBOT, SECRET).storage(storage));
    globus.transfer().task_list().await.unwrap();
}

#[tokio::test]
async fn a_person_whose_stored_tokens_are_refused_logs_in_and_out() {
    let sandbox = Sandbox::start().await;
    let (memory, storage) = with(HasRefreshTokensValidator::new());
    memory.store(&[token(None)]).await.unwrap();
    let flow = LocalServerLogin::new().open(|url| {
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    });
    // without refresh tokens, so that what the login brings is refused again
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow).storage(storage));
    let _ = globus.transfer();
    assert!(globus.login_required().await.unwrap());
    globus.login().await.unwrap();
    assert!(globus.login_required().await.unwrap());
    globus.logout().await.unwrap();
    assert!(memory.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refreshed_token_is_still_of_the_same_identity() {
    let sandbox = Sandbox::start().await;
    let (memory, storage) = with(UnchangingIdentityIdValidator::new());
    let mut old = token(Some(ALICE));
    old.scopes = vec![TRANSFER_ALL.to_owned()];
    old.refresh_token = Some(sandbox.refresh_token(TRANSFER_ALL).await);
    old.expires_at = jiff::Timestamp::UNIX_EPOCH;
    memory.store(&[old]).await.unwrap();
    let globus = sandbox.globus(UserApp::native(NATIVE).auto_login(false).storage(storage));
    globus.transfer().task_list().await.unwrap();
    let new = memory.get(TRANSFER).await.unwrap().unwrap();
    assert_eq!(new.identity_id, Some(ALICE));
    assert_ne!(new.expires_at, jiff::Timestamp::UNIX_EPOCH);
}
