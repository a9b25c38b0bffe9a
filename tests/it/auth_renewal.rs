//! Tokens that are renewed: once, early, and never lost.

use globus_emulator::Emulator;
use globus_sdk::auth::{
    Authorizer as _, BoxFuture, ClientCredentialsAuthorizer, RefreshTokenAuthorizer, TokenData,
};
use globus_sdk::types::Secret;
use globus_sdk::{Environment, ErrorKind, transfer};
use globus_test_support::auth::{ROBOT, Sandbox, TRANSFER_ALL};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TWO_DAYS: Duration = Duration::from_secs(172_800);

/// Notes what on_refresh is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<TokenData>>>);

impl Told {
    fn all(&self) -> Vec<TokenData> {
        self.0.lock().unwrap().clone()
    }

    fn push(&self, data: &TokenData) {
        self.0.lock().unwrap().push(data.clone());
    }
}

fn transfer_with(
    sandbox: &Sandbox,
    authorizer: impl globus_sdk::auth::Authorizer,
) -> transfer::Client {
    transfer::Client::builder()
        .environment(sandbox.here.clone())
        .clock(sandbox.clock.clone())
        .authorizer(authorizer)
        .build()
        .unwrap()
}

/// Lets calls ask for their token all at once, and go on one after the other a little: a thousand
/// connections are more than many machines let a process open.
#[derive(Debug)]
struct InTurn<A> {
    authorizer: A,
    door: tokio::sync::Mutex<()>,
}

impl<A> InTurn<A> {
    fn new(authorizer: A) -> Self {
        let door = tokio::sync::Mutex::default();
        Self { authorizer, door }
    }
}

impl<A: globus_sdk::auth::Authorizer> globus_sdk::auth::Authorizer for InTurn<A> {
    fn authorization(&self) -> BoxFuture<'_, globus_sdk::Result<Option<Secret>>> {
        Box::pin(async {
            let authorization = self.authorizer.authorization().await;
            let _turn = self.door.lock().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            authorization
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousand_calls_with_an_expired_token_make_one_token_request() {
    let sandbox = Sandbox::start().await;
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), TRANSFER_ALL);
    let transfer = transfer_with(&sandbox, InTurn::new(authorizer));
    transfer.task_list().await.unwrap();
    sandbox.clock.advance(TWO_DAYS);

    let calls = (0..1000).map(|_| tokio::spawn(transfer.task_list().into_future()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    // the first call's, and one for all thousand
    assert_eq!(sandbox.token_requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_with_a_refused_token_make_one_token_request() {
    let sandbox = Sandbox::start().await;
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), TRANSFER_ALL);
    let transfer = transfer_with(&sandbox, authorizer);
    transfer.task_list().await.unwrap();
    sandbox.emulator.expire_tokens().unwrap();

    let calls = (0..200).map(|_| tokio::spawn(transfer.task_list().into_future()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.token_requests().len(), 2);
}

#[tokio::test]
async fn failed_renewal_is_made_once_and_returned_to_all_waiters() {
    let sandbox = Sandbox::start().await;
    let authorizer = RefreshTokenAuthorizer::new("no refresh token", &sandbox.native());
    let waiting = (0..50).map(|_| {
        let authorizer = authorizer.clone();
        async move { authorizer.token().await }
    });
    for result in futures_util::future::join_all(waiting).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        assert_eq!(error.operation(), Some("oauth2_token"));
        assert!(error.message().contains("log in again"), "{error}");
    }
    assert_eq!(sandbox.token_requests().len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_expires() {
    let sandbox = Sandbox::start().await;
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), TRANSFER_ALL);
    let first = authorizer.token().await.unwrap();
    sandbox.clock.advance(TWO_DAYS - Duration::from_secs(70));
    assert_eq!(authorizer.token().await.unwrap(), first);
    sandbox.clock.advance(Duration::from_secs(20));
    assert_ne!(
        authorizer.token().await.unwrap().access_token,
        first.access_token
    );
}

#[tokio::test]
async fn a_valid_token_is_served_when_its_early_renewal_fails() {
    let sandbox = Sandbox::start().await;
    let refresh_token = sandbox.refresh_token(TRANSFER_ALL).await;
    let authorizer = RefreshTokenAuthorizer::new(refresh_token, &sandbox.native());
    let first = authorizer.token().await.unwrap();
    sandbox.emulator.revoke_tokens().unwrap();
    sandbox.clock.advance(TWO_DAYS - Duration::from_secs(30));
    assert_eq!(authorizer.token().await.unwrap(), first);
    let tried = sandbox.token_requests().len();
    // nor does every call try again while it is valid
    assert_eq!(authorizer.token().await.unwrap(), first);
    assert_eq!(sandbox.token_requests().len(), tried);
    sandbox.clock.advance(Duration::from_secs(60));
    assert!(authorizer.token().await.is_err());
}

#[tokio::test]
async fn a_renewal_ends_and_is_stored_when_every_caller_is_dropped() {
    let sandbox =
        Sandbox::start_with(Emulator::builder().rotate_refresh_tokens(Duration::ZERO)).await;
    let refresh_token = sandbox.refresh_token(TRANSFER_ALL).await;
    let told = Told::default();
    let callback = told.clone();
    let authorizer = RefreshTokenAuthorizer::builder(&refresh_token, &sandbox.native())
        .on_refresh(move |new| {
            callback.push(new);
            Ok(())
        })
        .build();
    {
        let transfer = transfer_with(&sandbox, authorizer);
        let mut calls: Vec<_> = (0..1000)
            .map(|_| transfer.task_list().into_future())
            .collect();
        // begun, and dropped before they can have an answer
        for call in &mut calls {
            assert!(futures_util::poll!(call).is_pending());
        }
    }
    let asked = |path: &str| {
        let requests = sandbox.emulator.requests();
        requests.iter().filter(|r| r.path == path).count()
    };
    for _ in 0..500 {
        if !told.all().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let stored = told.all();
    assert_eq!(stored.len(), 1);
    // the login's and the refresh; none of the calls was made
    assert_eq!(asked("/v2/oauth2/token"), 2);
    assert_eq!(asked("/v0.10/task_list"), 0);
    let rotated = stored[0].refresh_token.clone().unwrap();
    assert_ne!(rotated, refresh_token);
    assert!(sandbox.native().oauth2_refresh_token(rotated).await.is_ok());
}

#[tokio::test]
async fn rotated_refresh_token_is_handed_over_before_the_call() {
    let sandbox =
        Sandbox::start_with(Emulator::builder().rotate_refresh_tokens(Duration::ZERO)).await;
    let refresh_token = sandbox.refresh_token(TRANSFER_ALL).await;
    let fails = Arc::new(AtomicUsize::new(2));
    let (told, left) = (Told::default(), fails.clone());
    let callback = told.clone();
    let authorizer = RefreshTokenAuthorizer::builder(refresh_token, &sandbox.native())
        .on_refresh_async(move |new| {
            let (callback, left) = (callback.clone(), left.clone());
            async move {
                callback.push(&new);
                match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) {
                    Ok(_) => Err("the disk is full".into()),
                    Err(_) => Ok(()),
                }
            }
        })
        .build();
    let requests = sandbox.token_requests().len();
    for _ in 0..2 {
        let error = authorizer.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("the disk is full"));
    }
    let token = authorizer.token().await.unwrap();
    // the same token every time: none was fetched, spent and lost meanwhile
    assert_eq!(told.all().len(), 3);
    assert!(told.all().iter().all(|data| *data == token));
    assert_eq!(sandbox.token_requests().len(), requests + 1);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_the_one_that_is_used_next() {
    let sandbox =
        Sandbox::start_with(Emulator::builder().rotate_refresh_tokens(Duration::ZERO)).await;
    let refresh_token = sandbox.refresh_token(TRANSFER_ALL).await;
    let authorizer = RefreshTokenAuthorizer::new(refresh_token, &sandbox.native());
    let one = authorizer.refresh().await.unwrap();
    let two = authorizer.refresh().await.unwrap();
    let three = authorizer.refresh().await.unwrap();
    assert_ne!(one.refresh_token, two.refresh_token);
    assert_ne!(two.refresh_token, three.refresh_token);
}

#[tokio::test]
async fn an_initial_token_is_used_until_it_expires() {
    let sandbox = Sandbox::start().await;
    let until = jiff::Timestamp::now() + Duration::from_secs(3600);
    let authorizer = ClientCredentialsAuthorizer::builder(&sandbox.robot(), TRANSFER_ALL)
        .access_token("the first", until)
        .build();
    let token = authorizer.token().await.unwrap();
    assert_eq!(token.access_token.expose(), "the first");
    sandbox.clock.advance(Duration::from_secs(3600));
    assert_ne!(
        authorizer.token().await.unwrap().access_token.expose(),
        "the first"
    );
}

#[tokio::test]
async fn a_refusal_of_a_token_that_was_replaced_renews_nothing() {
    let sandbox = Sandbox::start().await;
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), TRANSFER_ALL);
    let before = authorizer.authorization().await.unwrap().unwrap();
    authorizer.refresh().await.unwrap();
    let requests = sandbox.token_requests().len();
    assert!(authorizer.on_unauthorized(&before).await.unwrap());
    assert_eq!(sandbox.token_requests().len(), requests);
}

#[tokio::test]
async fn a_token_that_stays_refused_is_renewed_once() {
    let sandbox = Sandbox::start().await;
    // a token for Search is no use to Transfer, new or not
    let scope = "urn:globus:auth:scope:search.api.globus.org:all";
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), scope);
    let transfer = transfer_with(&sandbox, authorizer);
    let error = transfer.task_list().await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied
    ));
    assert!(sandbox.token_requests().len() <= 2);
}

#[tokio::test]
async fn scopes_of_two_resource_servers_are_refused_by_an_authorizer() {
    let sandbox = Sandbox::start().await;
    let scopes = [TRANSFER_ALL, "openid"];
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), scopes);
    let error = authorizer.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn authorizers_need_no_runtime_and_outlive_several() {
    let run = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let server = tokio::runtime::Runtime::new().unwrap();
    let sandbox = server.block_on(Sandbox::start());
    let authorizer = ClientCredentialsAuthorizer::new(&sandbox.robot(), TRANSFER_ALL);
    {
        // begun in a runtime that ends before the answer comes
        let first = run();
        first.block_on(async {
            let mut call = Box::pin(authorizer.token());
            assert!(futures_util::poll!(&mut call).is_pending());
        });
    }
    assert!(run().block_on(authorizer.token()).is_ok());
    assert!(run().block_on(authorizer.refresh()).is_ok());
}

#[test]
fn fetching_a_token_without_a_runtime_is_an_error() {
    let auth = globus_sdk::auth::Client::builder()
        .environment(Environment::empty())
        .build()
        .unwrap();
    let robot =
        globus_sdk::auth::ConfidentialAppAuthClient::with_client(ROBOT, Secret::from("x"), &auth);
    let authorizer = ClientCredentialsAuthorizer::new(&robot.unwrap(), TRANSFER_ALL);
    let outcome = futures_util::FutureExt::now_or_never(authorizer.token());
    assert_eq!(outcome.unwrap().unwrap_err().kind(), ErrorKind::Usage);
}
