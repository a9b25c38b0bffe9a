//! A service wants another login: told to the caller, or made and the call made again.

use globus_emulator::{CollectionOptions, Emulator};
use globus_sdk::auth::{AuthorizationParameters, ClientApp, LocalServerLogin, UserApp};
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{CollectionScopes, ErrorKind, Globus, Scope, search, transfer};
use globus_test_support::auth::{NATIVE, ROBOT, SEARCH_ALL, SECRET, Sandbox, browse, pair};
use globus_test_support::mock::{MockServer, Step, answer, hasty};
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex};

const NOTHING: &str =
    r#"{"DATA_TYPE": "task_list", "DATA": [], "length": 0, "limit": 10, "offset": 0, "total": 0}"#;

/// The scope that a transfer needs for this collection.
fn data_access(collection: u128) -> Scope {
    let scopes = CollectionScopes::new(Uuid::from_u128(collection)).expect("an ID");
    Scope::new(transfer::scopes::ALL).with_dependency(scopes.data_access().with_optional(true))
}

fn consent_required(scope: &Scope) -> Step {
    let document = json!({
        "code": "ConsentRequired", "message": "Missing required data_access consent",
        "required_scopes": [scope.to_string()], "request_id": "r", "resource": "/transfer",
    });
    answer(403, &document.to_string())
}

/// The pages that were opened: their `scope` and the whole query.
#[derive(Clone, Debug, Default)]
struct Pages(Arc<Mutex<Vec<url::Url>>>);

impl Pages {
    fn scopes(&self) -> Vec<String> {
        let pages = self.0.lock().expect("the pages");
        pages
            .iter()
            .filter_map(|page| pair(page, "scope"))
            .collect()
    }

    fn count(&self) -> usize {
        self.scopes().len()
    }

    /// Whether a login had this scope, with all that it depends on.
    fn consented(&self, scope: &Scope) -> bool {
        self.scopes().iter().any(|text| {
            let given = Scope::parse_all(text).expect("scopes");
            Scope::merge(given.iter().cloned().chain([scope.clone()])) == given
        })
    }

    fn person(&self) -> UserApp {
        let pages = self.clone();
        UserApp::native(NATIVE).login_flow(LocalServerLogin::new().open(move |url| {
            pages.0.lock().map_err(|_| "poisoned")?.push(url.clone());
            let url = url.clone();
            tokio::spawn(async move { browse(&url).await });
            Ok(())
        }))
    }
}

fn robot() -> ClientApp {
    ClientApp::new(ROBOT, SECRET)
}

fn bearer(request: &str) -> String {
    let header = request
        .lines()
        .find_map(|line| line.strip_prefix("authorization: "));
    header.expect("a token").to_owned()
}

/// A Transfer that wants a consent: it refuses the tokens from before the login that gave it.
async fn reluctant(pages: &Pages, scopes: impl Fn(&str) -> Scope + Send + 'static) -> MockServer {
    let pages = pages.clone();
    let mut old = BTreeMap::<String, Vec<String>>::new();
    MockServer::answering(move |request| {
        let scope = scopes(request);
        let old = old.entry(scope.to_string()).or_default();
        let token = bearer(request);
        if old.contains(&token) {
            return consent_required(&scope);
        }
        if !pages.consented(&scope) {
            old.push(token);
            return consent_required(&scope);
        }
        answer(200, NOTHING)
    })
    .await
}

/// Two collections, whose consents there are to ask for; Transfer is elsewhere.
async fn two_collections_with_mock(server: &MockServer) -> Sandbox {
    let mut sandbox = two_collections(false).await;
    sandbox.here = sandbox
        .here
        .clone()
        .with_service_url("transfer", &server.url);
    sandbox
}

/// Collections with the IDs 1 and 2.
async fn two_collections(mapped: bool) -> Sandbox {
    let options = |id| {
        let options = CollectionOptions::new().id(Uuid::from_u128(id));
        options.data_access(mapped)
    };
    let folder = env!("CARGO_TARGET_TMPDIR");
    let builder = Emulator::builder()
        .collection_with("one", folder, options(1))
        .collection_with("two", folder, options(2));
    Sandbox::start_with(builder).await
}

#[tokio::test]
async fn a_call_that_lacks_a_consent_is_made_again_after_one_login() {
    let pages = Pages::default();
    let server = reluctant(&pages, |_| data_access(1)).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let transfer = globus.transfer();
    transfer.task_list().await.expect("a list");
    assert_eq!((server.count(), pages.count()), (2, 2));
    // the second login asks for what the first did, and for the consent
    assert!(
        pages.scopes()[1].contains(&data_access(1).to_string()),
        "{pages:?}"
    );
    assert!(pages.scopes()[1].contains("openid"), "{pages:?}");
    transfer.task_list().await.expect("a list");
    assert_eq!((server.count(), pages.count()), (3, 2));
}

#[tokio::test]
async fn a_document_is_sent_again_as_it_was() {
    let pages = Pages::default();
    let consent = pages.clone();
    let server = MockServer::answering(move |request| {
        if request.starts_with("GET /v0.10/submission_id") {
            return answer(200, r#"{"DATA_TYPE": "submission_id", "value": "6c54cade-bde5-45c1-bdea-f4bd71dba2cc"}"#);
        }
        if !consent.consented(&data_access(1)) {
            return consent_required(&data_access(1));
        }
        answer(202, r#"{"DATA_TYPE": "transfer_result", "code": "Accepted", "message": "accepted", "request_id": "r", "resource": "/transfer",
            "task_id": "61338d24-54d5-408f-a10d-66c06b59f6d2", "submission_id": "6c54cade-bde5-45c1-bdea-f4bd71dba2cc"}"#)
    })
    .await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let data = TransferData::new(Uuid::from_u128(1), Uuid::from_u128(2))
        .item(TransferItem::file("/a", "/b"));
    globus
        .transfer()
        .submit_transfer(&data)
        .await
        .expect("a task");
    let requests = server.requests();
    let bodies: Vec<&str> = requests
        .iter()
        .filter(|request| request.starts_with("POST /v0.10/transfer "))
        .filter_map(|request| Some(request.split_once("\r\n\r\n")?.1))
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn without_auto_relogin_the_error_says_what_a_login_needs() {
    let pages = Pages::default();
    let server = reluctant(&pages, |_| data_access(1)).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person());
    let transfer = globus.transfer();
    let error = transfer.task_list().await.expect_err("no consent");
    assert_eq!(
        (error.kind(), pages.count()),
        (ErrorKind::PermissionDenied, 1)
    );
    let requirements = error.auth_requirements().expect("requirements");
    globus.login_with(requirements).await.expect("a login");
    transfer.task_list().await.expect("a list");
    assert_eq!((server.count(), pages.count()), (2, 2));
}

#[tokio::test]
async fn two_logins_at_a_time_for_the_same_open_one_page() {
    let pages = Pages::default();
    let server = reluctant(&pages, |_| data_access(1)).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person());
    let error = globus.transfer().task_list().await.expect_err("no consent");
    let requirements = error.auth_requirements().expect("requirements");
    let logins = [0, 1].map(|_| globus.login_with(requirements.clone()));
    for result in futures_util::future::join_all(logins).await {
        result.expect("a login");
    }
    assert_eq!(pages.count(), 2);
}

#[tokio::test]
async fn what_was_consented_to_is_asked_for_at_later_logins_too() {
    let pages = Pages::default();
    let sandbox = two_collections(false).await;
    let globus = sandbox.globus(pages.person());
    let _ = globus.transfer();
    let elsewhere = "urn:globus:auth:scope:groups.api.globus.org:all";
    let lacking =
        AuthorizationParameters::default().required_scopes([data_access(1), Scope::new(elsewhere)]);
    globus.login_with(lacking).await.expect("a login");
    globus
        .add_scopes("search.api.globus.org", search::scopes::ALL)
        .expect("scopes");
    globus.login().await.expect("a login");
    let last = pages.scopes().pop().expect("a page");
    for scope in [&data_access(1).to_string(), elsewhere, SEARCH_ALL] {
        assert!(last.contains(scope), "{last}");
    }
}

#[tokio::test]
async fn a_login_that_failed_leaves_nothing_to_be_asked_for() {
    let pages = Pages::default();
    let sandbox = two_collections(false).await;
    let globus = sandbox.globus(pages.person());
    let malformed = AuthorizationParameters::default().required_scopes("a[");
    assert_eq!(
        globus
            .login_with(malformed)
            .await
            .expect_err("malformed")
            .kind(),
        ErrorKind::Usage
    );
    let refused = AuthorizationParameters::default()
        .required_scopes(data_access(1))
        .session_required_identities(["nobody@example.org"]);
    globus.login_with(refused).await.expect_err("nobody");
    globus.login().await.expect("a login");
    assert!(
        !pages
            .scopes()
            .last()
            .expect("a page")
            .contains("data_access")
    );
}

#[tokio::test]
async fn a_call_never_begins_a_second_login() {
    let pages = Pages::default();
    let server = MockServer::start([consent_required(&data_access(1))]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let error = globus.transfer().task_list().await.expect_err("no consent");
    assert_eq!(error.code(), "ConsentRequired");
    assert_eq!((server.count(), pages.count()), (2, 2));
}

#[tokio::test]
async fn fifty_calls_that_lack_the_same_log_in_once() {
    let pages = Pages::default();
    let server = reluctant(&pages, |_| data_access(1)).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let transfer = globus.transfer();
    globus.login().await.expect("a login");
    let calls = (0..50).map(|_| transfer.task_list().into_future());
    for result in futures_util::future::join_all(calls).await {
        result.expect("a list");
    }
    assert_eq!(pages.count(), 2);
}

/// One that differs from call to call: `?filter=1` and `?filter=2`.
fn by_filter(request: &str) -> Scope {
    data_access(if request.contains("filter=1") { 1 } else { 2 })
}

#[tokio::test]
async fn calls_that_lack_different_things_log_in_once_for_each() {
    let pages = Pages::default();
    let server = reluctant(&pages, by_filter).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let transfer = globus.transfer();
    globus.login().await.expect("a login");
    let calls = (0..40).map(|n| transfer.task_list().filter(["1", "2"][n % 2]).into_future());
    for result in futures_util::future::join_all(calls).await {
        result.expect("a list");
    }
    assert_eq!(pages.count(), 3);
}

#[tokio::test]
async fn a_login_that_fails_is_the_error_and_says_what_it_was_for() {
    let server = MockServer::start([consent_required(&data_access(1))]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let opened = Mutex::new(false);
    let flow = LocalServerLogin::new().open(move |url| {
        if std::mem::replace(&mut *opened.lock().map_err(|_| "poisoned")?, true) {
            return Err("the browser is gone".into());
        }
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    });
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow).auto_relogin(true));
    let error = globus.transfer().task_list().await.expect_err("no login");
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Login, Some("task_list"))
    );
    insta::assert_snapshot!(error, @"task_list: the service asks to log in again, with consent to `urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/00000000-0000-0000-0000-000000000001/data_access]`, which failed: cannot open a browser; use CommandLineLogin");
    assert!(
        error
            .source()
            .is_some_and(|e| e.to_string() == "the browser is gone")
    );
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_robot_gets_tokens_with_the_scopes_that_a_service_asks_for() {
    let server = MockServer::start([consent_required(&data_access(1)), answer(200, NOTHING)]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(robot().auto_relogin(true));
    globus.transfer().task_list().await.expect("a list");
    assert_eq!((server.count(), sandbox.token_requests().len()), (2, 2));
    let requests = server.requests();
    assert_ne!(bearer(&requests[0]), bearer(&requests[1]));
}

#[tokio::test]
async fn a_robots_call_is_cured_by_hand_as_well() {
    let server = MockServer::start([consent_required(&data_access(1)), answer(200, NOTHING)]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(robot());
    let transfer = globus.transfer();
    let error = transfer.task_list().await.expect_err("no consent");
    globus
        .login_with(error.auth_requirements().expect("requirements"))
        .await
        .expect("tokens");
    transfer.task_list().await.expect("a list");
}

#[tokio::test]
async fn what_only_a_person_can_do_a_robot_does_not_try() {
    let document = json!({"code": "AuthorizationRequired", "authorization_parameters": {"session_required_mfa": true}});
    let server = MockServer::start([answer(403, &document.to_string())]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(robot().auto_relogin(true));
    let error = globus.transfer().task_list().await.expect_err("no person");
    assert!(
        error.to_string().contains("with more than one factor"),
        "{error}"
    );
    assert_eq!((server.count(), sandbox.token_requests().len()), (1, 1));
}

#[tokio::test]
async fn session_without_an_identity_is_repaired_by_one_login_page() {
    let pages = Pages::default();
    let lacking = json!({"code": "AuthorizationRequired", "authorization_parameters": {
        "session_required_identities": ["user@sandbox.local"], "session_message": "as a, please"}});
    let server = MockServer::start([answer(403, &lacking.to_string()), answer(200, NOTHING)]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    globus.transfer().task_list().await.expect("a list");
    let page = pages.0.lock().expect("pages")[1].clone();
    assert_eq!(
        pair(&page, "session_required_identities").as_deref(),
        Some("user@sandbox.local")
    );
    assert_eq!(
        pair(&page, "session_message").as_deref(),
        Some("as a, please")
    );
}

#[tokio::test]
async fn a_token_of_somebodys_own_is_never_replaced() {
    let server = MockServer::start([consent_required(&data_access(1))]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer.task_list().await.expect_err("no consent");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn login_with_the_errors_requirements_opens_mapped_collections() {
    let sandbox = two_collections(true).await;
    let collection = Uuid::from_u128(1);
    let pages = Pages::default();
    for globus in [sandbox.globus(pages.person()), sandbox.globus(robot())] {
        let transfer = globus.transfer();
        let error = transfer
            .operation_ls(collection)
            .await
            .expect_err("no consent");
        assert_eq!(error.code(), "ConsentRequired");
        globus
            .login_with(error.auth_requirements().expect("requirements"))
            .await
            .expect("a login");
        transfer.operation_ls(collection).await.expect("a listing");
    }
}

#[tokio::test]
async fn each_mapped_collection_takes_a_login_of_its_own() {
    let sandbox = two_collections(true).await;
    let pages = Pages::default();
    for globus in [
        sandbox.globus(pages.person().auto_relogin(true)),
        sandbox.globus(robot().auto_relogin(true)),
    ] {
        let transfer = globus.transfer();
        for collection in [1, 2, 1] {
            transfer
                .operation_ls(Uuid::from_u128(collection))
                .await
                .expect("a listing");
        }
    }
    assert_eq!(pages.count(), 3);
}

#[tokio::test]
async fn consents_tell_whether_a_transfer_would_be_refused() {
    let sandbox = two_collections(true).await;
    let globus = sandbox.globus(Pages::default().person());
    globus.add_data_access([Uuid::from_u128(1)]).expect("an ID");
    let auth = globus.auth();
    let me = auth.userinfo().await.expect("the person").sub;
    let forest = auth
        .get_consents(me)
        .await
        .expect("consents")
        .to_forest()
        .expect("a forest");
    for (collection, met) in [(1, true), (2, false)] {
        let needed = data_access(collection);
        assert_eq!(
            forest.meets_scope_requirements(needed).expect("scopes"),
            met
        );
    }
    globus
        .transfer()
        .operation_ls(Uuid::from_u128(1))
        .await
        .expect("a listing");
}

#[tokio::test]
async fn the_data_of_collections_is_asked_for_at_the_next_login() {
    let pages = Pages::default();
    let sandbox = two_collections(false).await;
    let globus = sandbox.globus(pages.person());
    globus
        .add_data_access([Uuid::from_u128(1), Uuid::from_u128(2)])
        .expect("IDs");
    globus.login().await.expect("a login");
    let both = data_access(1).with_dependency(data_access(2).dependencies().remove(0));
    assert!(pages.scopes()[0].contains(&both.to_string()), "{pages:?}");
}

#[test]
fn an_id_of_a_collection_that_is_none_is_refused_by_name() {
    let globus = Globus::builder(robot()).build().expect("an app");
    let error = globus.add_data_access(["my laptop"]).expect_err("no UUID");
    insta::assert_snapshot!(error, @"invalid UUID for `collection_id`: `my laptop`; pass one such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc");
}

/// What a collection answers whose storage refuses the login, as the Python SDK's guide prints it.
fn login_failed(status: u16) -> Step {
    let document = json!({
        "code": "ExternalError.DirListingFailed.LoginFailed",
        "message": "Command Failed: Error (login)\nMessage: Login Failed\n---\nDetails: 530-Login incorrect.",
        "request_id": "r",
        "authorization_parameters": {"session_required_identities": ["user@sandbox.local"]},
    });
    answer(status, &document.to_string())
}

/// The requests to a service that refuses the first of this path so, and the pages that were opened.
async fn sent_after<F: Future<Output = ()>>(
    refusal: Step,
    path: &'static str,
    done: Step,
    call: impl FnOnce(Globus) -> F,
) -> (usize, usize) {
    let mut refused = false;
    let server = MockServer::answering(move |request| {
        if !request.contains(path) {
            let id = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc";
            return answer(
                200,
                &json!({"DATA_TYPE": "submission_id", "value": id}).to_string(),
            );
        }
        match std::mem::replace(&mut refused, true) {
            false => refusal.clone(),
            true => done.clone(),
        }
    })
    .await;
    let sandbox = two_collections_with_mock(&server).await;
    let pages = Pages::default();
    let app = pages.person().auto_relogin(true);
    call(sandbox.globus(app)).await;
    let sent = server.requests();
    (
        sent.iter().filter(|request| request.contains(path)).count(),
        pages.count(),
    )
}

#[tokio::test]
async fn a_login_is_made_whatever_the_status() {
    for status in [400, 401, 403, 404, 409, 429, 500, 502, 503, 504] {
        let seen = sent_after(
            login_failed(status),
            "task_list",
            answer(200, NOTHING),
            async |globus| {
                globus.transfer().task_list().await.expect("a list");
            },
        );
        // a token that is refused is renewed first, for which nobody is asked
        let tries = if status == 401 { 3 } else { 2 };
        let (sent, pages) = seen.await;
        assert!(
            sent <= tries && pages == 2,
            "{status}: {sent} sent, {pages} pages"
        );
    }
}

#[tokio::test]
async fn what_makes_something_is_sent_again_after_a_login() {
    use globus_sdk::transfer::types::MkdirRequest;
    let done = r#"{"DATA_TYPE":"mkdir_result","code":"DirectoryCreated","message":"m","request_id":"r","resource":"/x"}"#;
    let seen = sent_after(
        login_failed(502),
        "/mkdir",
        answer(202, done),
        async |globus| {
            let request = MkdirRequest::new("/x");
            let made = globus
                .transfer()
                .operation_mkdir(Uuid::from_u128(1), request)
                .await;
            made.expect("a folder");
        },
    );
    assert_eq!(seen.await, (2, 2));
}

#[tokio::test]
async fn what_may_have_run_is_not_sent_again_after_a_login() {
    use globus_sdk::transfer::types::MkdirRequest;
    let mixed = json!({"errors": [
        {"code": "InternalError", "detail": "it broke in mid-way"},
        {"code": "AuthorizationRequired", "authorization_parameters": {"session_required_mfa": true}},
    ]});
    let seen = sent_after(
        answer(500, &mixed.to_string()),
        "/mkdir",
        answer(202, "{}"),
        async |globus| {
            let request = MkdirRequest::new("/x");
            let made = globus
                .transfer()
                .operation_mkdir(Uuid::from_u128(1), request)
                .await;
            assert!(made.expect_err("a failure").auth_requirements().is_some());
        },
    );
    assert_eq!(seen.await, (1, 1));
}

#[tokio::test]
async fn a_submission_is_sent_again_after_a_login_that_a_502_asks_for() {
    let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    let done = json!({"DATA_TYPE": "transfer_result", "code": "Accepted", "message": "m", "request_id": "r",
        "resource": "/transfer", "task_id": id, "submission_id": id});
    let seen = sent_after(
        login_failed(502),
        "POST /v0.10/transfer ",
        answer(202, &done.to_string()),
        async |globus| {
            let data = TransferData::new(Uuid::from_u128(1), Uuid::from_u128(2))
                .item(TransferItem::file("/a", "/b"));
            globus
                .transfer()
                .submit_transfer(&data)
                .await
                .expect("a task");
        },
    );
    assert_eq!(seen.await, (2, 2));
}

#[tokio::test]
async fn a_raw_call_is_sent_again_after_a_login_that_a_502_asks_for() {
    let seen = sent_after(
        login_failed(502),
        "/anything",
        answer(200, "{}"),
        async |globus| {
            let call = globus.transfer().post("/anything").text("x");
            call.send().await.expect("an answer");
        },
    );
    assert_eq!(seen.await, (2, 2));
}

#[tokio::test]
async fn a_robot_is_told_at_once_what_only_a_person_can_do() {
    let server = MockServer::start([login_failed(502)]).await;
    let sandbox = two_collections_with_mock(&server).await;
    let globus = sandbox.globus(robot().auto_relogin(true));
    let error = globus.transfer().task_list().await.expect_err("no person");
    assert_eq!((error.kind(), server.count()), (ErrorKind::Endpoint, 1));
    assert!(error.auth_requirements().is_some() && !error.is_retryable());
}

#[tokio::test]
async fn a_wait_goes_on_after_a_login_that_a_502_asks_for() {
    let id = Uuid::from_u128(9);
    let task = json!({
        "DATA_TYPE": "task", "task_id": id, "type": "TRANSFER", "status": "SUCCEEDED", "owner_id": id,
        "request_time": "2026-11-22 00:00:00+00:00", "is_paused": false, "faults": 0, "files": 9,
        "directories": 0, "symlinks": 0, "files_transferred": 0, "subtasks_total": 10,
        "subtasks_pending": 0, "subtasks_retrying": 0, "subtasks_succeeded": 0,
        "subtasks_expired": 0, "subtasks_canceled": 0, "subtasks_failed": 0,
        "bytes_transferred": 0, "bytes_checksummed": 0, "effective_bytes_per_second": 0,
    });
    let seen = sent_after(
        login_failed(502),
        "/v0.10/task/",
        answer(200, &task.to_string()),
        async |globus| {
            globus.transfer().wait(id).await.expect("the task");
        },
    );
    assert_eq!(seen.await, (2, 2));
}

/// A collection that wants a second factor.
async fn with_second_factor() -> (Sandbox, Uuid, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("a/b")).expect("folders");
    let id = Uuid::from_u128(7);
    let options = CollectionOptions::new().id(id).required_mfa(true);
    let builder = Emulator::builder().collection_with("strict", folder.path(), options);
    (Sandbox::start_with(builder).await, id, folder)
}

#[tokio::test]
async fn every_operation_on_a_collection_is_cured_by_a_login() {
    use globus_sdk::transfer::types::MkdirRequest;
    let pages = Pages::default();
    let (sandbox, id, _folder) = with_second_factor().await;
    let by = |pages: &Pages| sandbox.globus(pages.person().auto_relogin(true)).transfer();
    by(&pages).operation_ls(id).await.expect("a listing");
    assert_eq!(pages.count(), 2);
    sandbox
        .emulator
        .revoke_consents(sandbox.emulator.user().id)
        .expect("consents");
    let made = by(&pages)
        .operation_mkdir(id, MkdirRequest::new("/new"))
        .await;
    made.expect("a folder");
}

#[tokio::test]
async fn a_walk_logs_in_once_for_the_whole_tree() {
    let pages = Pages::default();
    let (sandbox, id, _folder) = with_second_factor().await;
    let globus = sandbox.globus(pages.person().auto_relogin(true));
    let transfer = globus.transfer();
    let mut entries = transfer.ls(id, "/").recursive().concurrency(4).stream();
    let mut names = Vec::new();
    while let Some(entry) = entries.next().await {
        names.push(entry.expect("an entry").path);
    }
    assert_eq!((names.len(), pages.count()), (2, 2), "{names:?}");
}

#[tokio::test]
async fn a_walk_without_a_login_ends_at_the_first_folder() {
    let (sandbox, id, _folder) = with_second_factor().await;
    let transfer = sandbox.globus(robot()).transfer();
    let mut events = transfer.ls(id, "/").recursive().events();
    let first = events.next().await.expect("an end");
    let error = first.expect_err("the walk cannot go on");
    assert_eq!(error.code(), "ExternalError.DirListingFailed.LoginFailed");
    assert!(events.next().await.is_none());
}
