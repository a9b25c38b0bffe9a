//! The shape of a call: what is sent, what may be added, and what comes back.

use globus_sdk::auth::AccessTokenAuthorizer;
use globus_sdk::transfer::types::{EndpointUpdate, MkdirRequest, TaskList};
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::{SyncLevel, Uuid};
use globus_sdk::{Environment, ErrorKind, ItemStream};
use globus_test_support::mock::{MockClock, MockServer, Step, answer, answer_with, hasty};
use serde_json::{Value, json};
use std::future::IntoFuture;

const TASK_LIST: &str = r#"{"DATA_TYPE":"task_list","DATA":[],"length":0,"limit":10,"offset":0,"total":0,"novelty":[1.5]}"#;

fn first_line(request: &str) -> &str {
    request.lines().next().unwrap_or_default()
}

fn body(request: &str) -> Value {
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).expect("a JSON body")
}

#[tokio::test]
async fn optional_parameters_become_the_query() {
    let server = MockServer::start([answer(200, TASK_LIST)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .task_list()
        .filter("status:ACTIVE/label:a b&c")
        .limit(50)
        .orderby(["request_time DESC", "label"])
        .await
        .expect("a page");
    assert_eq!(
        first_line(&server.requests()[0]),
        "GET /v0.10/task_list?filter=status%3AACTIVE%2Flabel%3Aa+b%26c&limit=50&orderby=request_time+DESC%2Clabel HTTP/1.1"
    );
}

#[tokio::test]
async fn a_parameter_given_twice_is_sent_twice_and_a_flag_is_a_digit() {
    let listing = r#"{"DATA_TYPE":"file_list","DATA":[],"endpoint":"e","path":"/"}"#;
    let server = MockServer::start([answer(200, listing)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .operation_ls(Uuid::nil())
        .filter(["type:dir", "name:~*.txt"])
        .show_hidden(false)
        .path("/~/a b")
        .await
        .expect("a listing");
    assert_eq!(
        first_line(&server.requests()[0]),
        "GET /v0.10/operation/endpoint/00000000-0000-0000-0000-000000000000/ls?filter=type%3Adir&filter=name%3A%7E*.txt&path=%2F%7E%2Fa+b&show_hidden=0 HTTP/1.1"
    );
}

#[tokio::test]
async fn one_call_may_have_headers_and_parameters_of_its_own() {
    let server = MockServer::start([answer(200, TASK_LIST)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .task_list()
        .with_header("x-trace", "7")
        .with_query("novel", "a&b")
        .await
        .expect("a page");
    let request = &server.requests()[0];
    assert_eq!(
        first_line(request),
        "GET /v0.10/task_list?novel=a%26b HTTP/1.1"
    );
    assert!(request.contains("x-trace: 7\r\n"));
}

#[tokio::test]
async fn send_gives_status_headers_and_body_beside_the_document() {
    let server = MockServer::start([answer_with(200, "x-request-id: r1\r\n", TASK_LIST)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let response = transfer.task_list().send().await.expect("a page");
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["x-request-id"], "r1");
    assert_eq!(response.body(), TASK_LIST);
    assert_eq!(response.total, Some(0));
}

#[tokio::test]
async fn json_decodes_a_partial_document_as_the_callers_own_type() {
    let server = MockServer::start([answer(200, r#"{"DATA":[{"name":"a"}]}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let names: Value = transfer
        .operation_ls(Uuid::nil())
        .fields(["name"])
        .json()
        .await
        .expect("names");
    assert_eq!(names["DATA"][0]["name"], "a");
}

#[tokio::test]
async fn what_nobody_documented_is_kept_and_written_again() {
    let server = MockServer::start([answer(200, TASK_LIST)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let page: TaskList = transfer.task_list().await.expect("a page");
    assert_eq!(page.extra.get("novelty"), Some(&json!([1.5])));
    let again = serde_json::to_value(&page).expect("JSON");
    assert_eq!(
        again,
        serde_json::from_str::<Value>(TASK_LIST).expect("JSON")
    );
}

#[tokio::test]
async fn a_body_is_json_with_only_what_was_set() {
    let done = r#"{"DATA_TYPE":"mkdir_result","code":"DirectoryCreated","message":"m","request_id":"r","resource":"/x"}"#;
    let server = MockServer::start([answer(202, done)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let result = transfer
        .operation_mkdir(Uuid::nil(), MkdirRequest::new("/new"))
        .await
        .expect("a folder");
    assert_eq!(result.code, Some("DirectoryCreated".into()));
    let request = &server.requests()[0];
    assert!(request.contains("content-type: application/json\r\n"));
    assert_eq!(body(request), json!({"DATA_TYPE": "mkdir", "path": "/new"}));
}

#[test]
fn an_update_of_one_field_sends_that_field_alone() {
    let update = EndpointUpdate::new().description("new");
    assert_eq!(
        serde_json::to_value(&update).expect("JSON"),
        json!({"DATA_TYPE": "endpoint", "description": "new"})
    );
}

#[test]
fn an_update_sends_null_only_where_it_was_asked_to() {
    let update = EndpointUpdate::new().clear_description();
    assert_eq!(
        serde_json::to_value(&update).expect("JSON"),
        json!({"DATA_TYPE": "endpoint", "description": null})
    );
}

#[test]
fn a_transfer_document_survives_being_stored() {
    let data = TransferData::new(Uuid::nil(), Uuid::max())
        .submission_id(Uuid::from_u128(7))
        .label("nightly")
        .sync_level(SyncLevel::Checksum)
        .item(TransferItem::folder("/a/", "/b/"));
    let text = serde_json::to_string(&data).expect("JSON");
    insta::assert_snapshot!(text, @r#"{"DATA_TYPE":"transfer","submission_id":"00000000-0000-0000-0000-000000000007","label":"nightly","source_endpoint":"00000000-0000-0000-0000-000000000000","destination_endpoint":"ffffffff-ffff-ffff-ffff-ffffffffffff","DATA":[{"DATA_TYPE":"transfer_item","source_path":"/a/","destination_path":"/b/","recursive":true}],"sync_level":3}"#);
    assert_eq!(
        serde_json::from_str::<TransferData>(&text).expect("a document"),
        data
    );
}

#[tokio::test]
async fn raw_verbs_take_the_same_way() {
    let server = MockServer::start([answer(503, "{}"), answer(200, r#"{"DATA":[]}"#)]).await;
    let transfer = Client::builder()
        .base_url(&server.url)
        .authorizer(AccessTokenAuthorizer::new("t0ken"))
        .clock(MockClock::new())
        .build()
        .expect("a client");
    let found: Value = transfer
        .get("/v0.10/endpoint_search")
        .query(&[("filter_fulltext", "a b")])
        .send()
        .await
        .expect("an answer")
        .json()
        .expect("JSON");
    assert_eq!(found, json!({"DATA": []}));
    let request = &server.requests()[1];
    assert_eq!(
        first_line(request),
        "GET /v0.10/endpoint_search?filter_fulltext=a+b HTTP/1.1"
    );
    assert!(request.contains("authorization: Bearer t0ken\r\n"));
}

#[tokio::test]
async fn raw_bodies_may_be_json_forms_text_or_bytes() {
    let server = MockServer::start([answer(200, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer
        .post("/a")
        .json(&json!({"x": 1}))
        .send()
        .await
        .expect("JSON");
    transfer
        .put("/b")
        .form(&[("k", "v w")])
        .send()
        .await
        .expect("a form");
    transfer
        .patch("/c")
        .text("hello")
        .send()
        .await
        .expect("text");
    transfer
        .request("PROPFIND", "/d")
        .body("text/csv", "a,b")
        .send()
        .await
        .expect("bytes");
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|r| {
            let kind = r
                .lines()
                .find(|l| l.starts_with("content-type"))
                .unwrap_or("")
                .to_owned();
            let body = r.split_once("\r\n\r\n").map_or("", |(_, b)| b).to_owned();
            (first_line(r).to_owned(), kind, body)
        })
        .collect();
    insta::assert_debug_snapshot!(sent);
}

#[tokio::test]
async fn the_user_agent_names_the_sdk_and_the_program() {
    let server = MockServer::start([answer(200, TASK_LIST)]).await;
    let transfer = Client::builder()
        .base_url(&server.url)
        .environment(Environment::empty())
        .app_name("my-portal/2.1")
        .build()
        .expect("a client");
    transfer.task_list().await.expect("a page");
    let wanted = concat!(
        "user-agent: globus-sdk-rust/",
        env!("CARGO_PKG_VERSION"),
        " my-portal/2.1\r\n"
    );
    assert!(server.requests()[0].contains(wanted));
}

#[test]
fn what_the_program_sets_wins_over_the_variable() {
    let variables = Environment::from_lookup(|name| match name {
        "GLOBUS_SDK_ENVIRONMENT" => Some("preview".to_owned()),
        "GLOBUS_SDK_SERVICE_URL_SEARCH" => Some("http://127.0.0.1:9/".to_owned()),
        _ => None,
    });
    let transfer = Client::builder()
        .environment(variables.clone())
        .build()
        .expect("a client");
    assert_eq!(
        transfer.base_url(),
        "https://transfer.api.preview.globus.org"
    );
    let search = globus_sdk::search::Client::builder()
        .environment(variables.clone())
        .build()
        .expect("a client");
    assert_eq!(search.base_url(), "http://127.0.0.1:9");
    let set = Client::builder()
        .environment(variables)
        .base_url("https://x.example")
        .build()
        .expect("a client");
    assert_eq!(set.base_url(), "https://x.example");
}

#[test]
fn the_web_app_is_where_the_deployment_is() {
    let with = |name: &str, value: &str| Environment::empty().with_var(name, value).webapp_url();
    for (deployment, url) in [
        ("production", "https://app.globus.org/"),
        ("preview", "https://app.preview.globus.org/"),
        ("sandbox", "https://app.sandbox.globuscs.info/"),
        ("staging", "https://app.staging.globuscs.info/"),
    ] {
        let found = with("GLOBUS_SDK_ENVIRONMENT", deployment).expect("a URL");
        assert_eq!(found.as_str(), url);
    }
    let own = "GLOBUS_SDK_SERVICE_URL_APP";
    for text in ["http://127.0.0.1:9/app", "http://127.0.0.1:9/app/"] {
        let found = with(own, text).expect("a URL");
        let joined = found.join("activity/1").expect("a URL");
        assert_eq!(joined.as_str(), "http://127.0.0.1:9/app/activity/1");
    }
    for (name, value) in [
        ("GLOBUS_SDK_ENVIRONMENT", "mars"),
        (own, "no address"),
        (own, "ftp://x"),
    ] {
        let error = with(name, value).expect_err("a mistake");
        assert_eq!(error.kind(), globus_sdk::ErrorKind::Usage, "{value}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn futures_and_streams_are_static_and_send() {
    fn check<T: Send + 'static>(_: T) {}
    fn transfer() -> Client {
        Client::builder().build().expect("a client")
    }
    // the client of each expression is a temporary
    check(transfer().task_list().into_future());
    check(transfer().task_list().send());
    check(transfer().task_list().json::<Value>());
    let stream: ItemStream<_> = transfer().task_list().stream();
    check(stream);
    check(transfer().wait(Uuid::nil()).into_future());
    check(transfer().ls(Uuid::nil(), "/").recursive().stream());
}

#[test]
fn known_tag_with_a_wrong_body_fails_and_unknown_tag_is_kept() {
    let document = |item: Value| json!({"DATA_TYPE": "transfer", "source_endpoint": Uuid::nil(), "destination_endpoint": Uuid::nil(), "DATA": [item]});
    let wrong = document(json!({"DATA_TYPE": "transfer_item", "source_path": "/a"}));
    let error = serde_json::from_value::<TransferData>(wrong).expect_err("no destination");
    assert!(error.to_string().contains("destination_path"), "{error}");
    let unknown = document(json!({"novelty": [1], "DATA_TYPE": "transfer_wormhole"}));
    let kept: TransferData = serde_json::from_value(unknown.clone()).expect("kept");
    assert_eq!(serde_json::to_value(&kept).expect("JSON"), unknown);
}

#[tokio::test]
async fn a_path_parameter_stays_one_segment_of_the_path() {
    let server = MockServer::start([answer(404, "{}")]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    for id in ["", ".", ".."] {
        let refused = transfer.delete_endpoint_acl_rule(Uuid::nil(), id).await;
        assert_eq!(refused.expect_err(id).kind(), ErrorKind::Usage);
    }
    assert_eq!(server.count(), 0);
    let odd = transfer
        .delete_endpoint_acl_rule(Uuid::nil(), "../a?b#c%2e")
        .await;
    odd.expect_err("unknown");
    assert_eq!(
        first_line(&server.requests()[0]),
        "DELETE /v0.10/endpoint/00000000-0000-0000-0000-000000000000/access/..%2Fa%3Fb%23c%252e HTTP/1.1"
    );
}

/// A list with a file name that is no UTF-8, as Python writes it.
const ODD_NAMES: &str = r#"{"DATA_TYPE":"file_list","endpoint":"e","path":"/","DATA":[
    {"DATA_TYPE":"file","name":"caf\udce9.txt","type":"file","\udce9":"\ud83d\ude00"},
    {"DATA_TYPE":"file","name":"a\\udce9","type":"file"}]}"#;

#[tokio::test]
async fn a_name_that_is_no_unicode_costs_no_page() {
    let server = MockServer::start([answer(200, ODD_NAMES)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let listing = transfer
        .operation_ls(Uuid::nil())
        .send()
        .await
        .expect("a page");
    let names: Vec<_> = listing.data.iter().map(|entry| &entry.name).collect();
    assert_eq!(names, ["caf\u{fffd}.txt", "a\\udce9"]);
    assert_eq!(
        listing.data[0].extra.get("\u{fffd}"),
        Some(&"\u{1f600}".into())
    );
    assert_eq!(listing.body(), ODD_NAMES.as_bytes());
}

#[tokio::test]
async fn a_name_that_is_no_unicode_is_read_as_any_type() {
    let server = MockServer::start([answer(200, ODD_NAMES)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let typed: Value = transfer
        .operation_ls(Uuid::nil())
        .json()
        .await
        .expect("JSON");
    let raw = transfer.get("/v0.10/x").send().await.expect("an answer");
    for document in [typed, raw.json().expect("JSON")] {
        assert_eq!(document["DATA"][0]["name"], "caf\u{fffd}.txt");
    }
    let operation =
        globus_sdk::operation::Operation::find("transfer", "GET", "/v0.10/operation/endpoint/x/ls");
    let replay = operation
        .expect("ls")
        .decode_round_trip(200, ODD_NAMES.as_bytes());
    assert_eq!(
        replay.expect("a document").document["DATA"][0]["name"],
        "caf\u{fffd}.txt"
    );
}

#[tokio::test]
async fn a_list_and_an_error_with_such_names_are_read_too() {
    let page = TASK_LIST.replacen('{', r#"{"\ud83d":1,"#, 1);
    let server = MockServer::start([
        answer(200, &page),
        answer(404, r#"{"code":"NotFound","message":"no \udce9"}"#),
    ])
    .await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let first = transfer.task_list().stream().next().await;
    assert!(!matches!(first, Some(Err(_))), "{first:?}");
    let error = transfer.get_task(Uuid::nil()).await.expect_err("404");
    assert_eq!((error.code(), error.message()), ("NotFound", "no \u{fffd}"));
}

#[tokio::test]
async fn bytes_that_are_no_utf8_are_still_an_error_with_their_place() {
    let mut body = b"HTTP/1.1 200 X\r\n\r\n".to_vec();
    body.extend_from_slice(b"{\"DATA_TYPE\":\"file_list\",\"path\":\"caf\xe9\"}");
    let server = MockServer::start([Step::Raw(body)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let error = transfer
        .operation_ls(Uuid::nil())
        .await
        .expect_err("no UTF-8");
    assert_eq!(error.kind(), globus_sdk::ErrorKind::Decode);
    assert!(error.message().contains("at path"), "{error}");
}

/// Decodes the answer to a call of `get_task`.
async fn task(document: &Value) -> globus_sdk::Result<globus_sdk::transfer::types::Task> {
    let server = MockServer::start([answer(200, &document.to_string())]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    transfer.get_task(Uuid::nil()).await
}

fn least_task() -> Value {
    json!({"task_id": Uuid::nil(), "status": "ACTIVE", "files": 3, "files_transferred": 1, "bytes_transferred": 5})
}

#[tokio::test]
async fn a_task_decodes_without_what_nobody_promises() {
    let mut document = least_task();
    document["owner_id"] = Value::Null;
    let task = task(&document).await.expect("a task");
    assert_eq!((task.files, task.files_transferred), (3, 1));
    assert_eq!(
        (task.owner_id, task.is_paused, task.symlinks),
        (None, None, None)
    );
    assert_eq!(serde_json::to_value(&task).expect("JSON"), document);
}

#[tokio::test]
async fn an_older_search_answer_decodes() {
    let page = json!({
        "gmeta": [{"subject": "s", "entries": [{"content": {"a": 1}}]}, {"subject": "t", "content": [{"a": 2}]}],
        "count": 2, "total": 2, "offset": 0,
    });
    let server = MockServer::start([answer(200, &page.to_string())]).await;
    let (search, _) = hasty::<globus_sdk::search::Client>(&server.url);
    let found = search.search(Uuid::nil(), "*").await.expect("a page");
    assert_eq!((found.total, found.has_next_page), (Some(2), None));
    let entry = &found.gmeta[0].entries[0];
    assert_eq!(entry.entry_id, None);
    assert!(entry.matched_principal_sets.is_empty() && found.facet_results.is_empty());
    assert!(found.gmeta[1].entries.is_empty());
    assert_eq!(serde_json::to_value(&found).expect("JSON"), page);
}

#[tokio::test]
async fn a_list_is_empty_when_absent_or_null_and_written_as_it_came() {
    for rules in [None, Some(json!(null)), Some(json!([]))] {
        let mut document = least_task();
        if let Some(rules) = rules {
            document["filter_rules"] = rules;
        }
        let task = task(&document).await.expect("a task");
        assert!(task.filter_rules.is_empty());
        assert_eq!(serde_json::to_value(&task).expect("JSON"), document);
    }
}

#[tokio::test]
async fn what_is_set_after_decoding_is_written() {
    let mut document = least_task();
    document["label"] = Value::Null;
    document["filter_rules"] = Value::Null;
    let mut task = task(&document).await.expect("a task");
    task.label = Some("a label".to_owned());
    task.is_paused = Some(true);
    let rule = json!({"method": "exclude", "name": "*.tmp"});
    task.filter_rules = vec![serde_json::from_value(rule.clone()).expect("a rule")];
    document["label"] = json!("a label");
    document["is_paused"] = json!(true);
    document["filter_rules"] = json!([rule]);
    assert_eq!(serde_json::to_value(&task).expect("JSON"), document);
}

#[tokio::test]
async fn documents_are_equal_however_their_nulls_are_spelled() {
    let mut document = least_task();
    let absent = task(&document).await.expect("a task");
    document["label"] = Value::Null;
    let null = task(&document).await.expect("a task");
    assert_eq!(absent, null);
    document["label"] = json!("a label");
    assert_ne!(absent, task(&document).await.expect("a task"));
}

#[tokio::test]
async fn a_required_field_that_is_null_is_an_error_with_its_path() {
    let mut document = least_task();
    document["task_id"] = Value::Null;
    let error = task(&document).await.expect_err("no id");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let message = error.to_string();
    assert!(
        message.contains("at task_id: invalid type: null"),
        "{message}"
    );
}

#[tokio::test]
async fn a_tag_may_be_absent_or_null_but_not_another() {
    for tag in [json!(null), json!("task")] {
        let mut document = least_task();
        document["DATA_TYPE"] = tag;
        let task = task(&document).await.expect("a task");
        assert_eq!(serde_json::to_value(&task).expect("JSON"), document);
    }
    let mut document = least_task();
    document["DATA_TYPE"] = json!("endpoint");
    let message = task(&document).await.expect_err("no task").to_string();
    assert!(message.contains("wrong document: DATA_TYPE"), "{message}");
}

#[tokio::test]
async fn a_value_of_a_map_may_be_null() {
    let fields = json!({Uuid::nil().to_string(): null});
    let server = MockServer::start([answer(200, &fields.to_string())]).await;
    let (groups, _) = hasty::<globus_sdk::groups::Client>(&server.url);
    let told = groups.get_membership_fields(Uuid::nil()).await;
    let mut told = told.expect("fields");
    assert_eq!(serde_json::to_value(&told).expect("JSON"), fields);
    for fields in told.values_mut() {
        assert_eq!(fields.institution, None);
        fields.institution = Some("The lab".to_owned());
    }
    let told = serde_json::to_value(&told).expect("JSON");
    assert_eq!(
        told,
        json!({Uuid::nil().to_string(): {"institution": "The lab"}})
    );
}

#[test]
fn a_number_is_written_with_a_fraction_only_if_it_came_so() {
    for text in [r#"{"name":"f","value":31}"#, r#"{"name":"f","value":31.0}"#] {
        let facet: globus_sdk::search::types::FacetResult =
            serde_json::from_str(text).expect("a facet");
        assert_eq!(facet.value, Some(31.0));
        assert_eq!(serde_json::to_string(&facet).expect("JSON"), text);
    }
}
