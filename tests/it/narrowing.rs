//! Calls that ask for a part of the document by `.fields(…)`: they give the caller's own types, and what
//! would never decode does not compile.

use globus_sdk::ErrorKind;
use globus_sdk::transfer::Client;
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, answer, answer_with, hasty};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

#[derive(Debug, Deserialize, PartialEq)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Names {
    #[serde(rename = "DATA")]
    data: Vec<Name>,
    total: i64,
}

/// Two pages of a listing that has names and nothing else.
async fn names() -> (Client, MockServer) {
    let pages = [
        r#"{"DATA":[{"name":"a"},{"name":"b"}],"total":3}"#,
        r#"{"DATA":[{"name":"c"}],"total":3}"#,
    ];
    let server = MockServer::start(pages.map(|page| answer(200, page))).await;
    (hasty::<Client>(&server.url).0, server)
}

#[tokio::test]
async fn a_narrowed_list_streams_items_of_the_callers_own_type() {
    let (transfer, server) = names().await;
    let call = transfer.operation_ls(Uuid::nil()).limit(2).fields(["name"]);
    let names = call
        .path("/~/")
        .stream::<Name>()
        .collect()
        .await
        .expect("names");
    let names: Vec<_> = names.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let requests = server.requests();
    assert!(requests[1].starts_with(
        "GET /v0.10/operation/endpoint/00000000-0000-0000-0000-000000000000/ls?fields=name&limit=2&offset=2&path=%2F%7E%2F HTTP"
    ), "{}", requests[1]);
}

#[tokio::test]
async fn a_narrowed_list_gives_pages_of_the_callers_own_type() {
    let (transfer, _server) = names().await;
    let call = transfer.operation_ls(Uuid::nil()).fields(["name"]).limit(2);
    let pages = call.pages::<Names>().collect().await.expect("pages");
    let counts: Vec<_> = pages
        .iter()
        .map(|page| (page.data.len(), page.total))
        .collect();
    assert_eq!(counts, [(2, 3), (1, 3)]);
}

#[tokio::test]
async fn every_style_pages_over_items_of_the_callers_own_type() {
    let pages = |first: &str, second: &str| [first, second].map(|page| answer(200, page));
    let id = Uuid::nil();
    macro_rules! check {
        ($first:expr, $second:expr, |$transfer:ident| $call:expr) => {{
            let server = MockServer::start(pages($first, $second)).await;
            let ($transfer, _) = hasty::<Client>(&server.url);
            let items = $call.fields(["name"]).stream::<Name>().collect().await;
            assert_eq!(items.expect("items").len(), 2, "{}", $first);
            assert_eq!(server.count(), 2);
        }};
    }
    check!(
        r#"{"DATA":[{"name":"a"}],"has_next_page":true}"#,
        r#"{"DATA":[{"name":"b"}],"has_next_page":false}"#,
        |transfer| transfer.endpoint_search()
    );
    check!(
        r#"{"DATA":[{"name":"a"}],"next_marker":7}"#,
        r#"{"DATA":[{"name":"b"}],"next_marker":null}"#,
        |transfer| transfer.task_successful_transfers(id)
    );
    check!(
        r#"{"shared_endpoints":[{"name":"a"}],"next_token":"n"}"#,
        r#"{"shared_endpoints":[{"name":"b"}],"next_token":null}"#,
        |transfer| transfer.get_shared_endpoint_list(id)
    );
    check!(
        r#"{"DATA":[{"name":"a"}],"has_next_page":true,"last_key":"k"}"#,
        r#"{"DATA":[{"name":"b"}],"has_next_page":false,"last_key":"l"}"#,
        |transfer| transfer.endpoint_manager_task_list()
    );
}

#[tokio::test]
async fn a_narrowed_list_that_is_not_complete_ends_with_an_error() {
    let page = r#"{"DATA":[{"name":"a"}],"has_next_page":true}"#;
    let empty = r#"{"DATA":[],"has_next_page":true}"#;
    let server = MockServer::start([page, empty].map(|page| answer(200, page))).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let mut names = transfer.endpoint_search().fields(["name"]).stream::<Name>();
    assert_eq!(
        names.next().await.expect("an item").expect("a name").name,
        "a"
    );
    let error = names
        .next()
        .await
        .expect("an end")
        .expect_err("more was said");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.operation(), Some("endpoint_search"));
}

#[tokio::test]
async fn an_item_that_does_not_fit_the_callers_type_says_where() {
    let server = MockServer::start([answer(200, r#"{"DATA":[{"name":"a"},{}],"total":2}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let names = transfer
        .operation_ls(Uuid::nil())
        .fields("name")
        .stream::<Name>();
    let error = names.collect().await.expect_err("no name");
    assert!(error.message().contains("DATA[1]"), "{error}");
    assert!(error.message().contains("missing field `name`"), "{error}");
}

#[tokio::test]
async fn a_narrowed_document_has_status_and_headers_too() {
    let server =
        MockServer::start([answer_with(200, "x-request-id: r1\r\n", r#"{"name":"a"}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let call = transfer.get_endpoint(Uuid::nil()).fields(["name"]);
    let response = call
        .with_header("x-trace", "7")
        .send::<Name>()
        .await
        .expect("a part");
    assert_eq!(
        (response.name.as_str(), &response.headers()["x-request-id"]),
        ("a", &"r1".parse().expect("a value"))
    );
}

#[tokio::test]
async fn fields_by_with_query_leave_the_call_as_it_is() {
    let server = MockServer::start([answer(200, r#"{"name":"a"}"#)]).await;
    let (transfer, _) = hasty::<Client>(&server.url);
    let call = transfer
        .get_endpoint(Uuid::nil())
        .with_query("fields", "name");
    let name: Name = call.json().await.expect("a part");
    assert_eq!(name.name, "a");
    assert!(server.requests()[0].contains("?fields=name "));
}

/// The SDK that this program was linked with, or another build of the same source: one against which
/// what should compile does.
static SDK: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = env::current_exe().expect("this program");
    let built = program.parent().expect("where libraries are built, too");
    let mut libraries: Vec<PathBuf> = fs::read_dir(built)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libglobus_sdk-") && name.ends_with(".rlib")
        })
        .collect();
    libraries.sort_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).ok());
    let right =
        "let found: Json = transfer.task_list().fields([\"status\"]).json().await?; drop(found);";
    let mut said = "there is no built library".to_owned();
    for library in libraries.iter().rev() {
        match compile(library, right) {
            Ok(()) => return library.clone(),
            Err(message) => said = message,
        }
    }
    panic!("no library compiles what is right: {said}");
});

/// Compiles statements that have a client `transfer`; what the compiler says when it refuses them.
fn compile(library: &Path, statements: &str) -> Result<(), String> {
    let source = format!(
        "#![allow(unused)] use globus_sdk::types::Json; \
         pub async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {{\n\
         {statements}\nOk(()) }}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("case.rs");
    fs::write(&file, source).expect("a file");
    let built = library.parent().expect("a folder");
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "--out-dir",
        ])
        .arg(folder.path())
        .arg("-L")
        .arg(format!("dependency={}", built.display()))
        .arg("--extern")
        .arg(format!("globus_sdk={}", library.display()))
        .arg(file)
        .output()
        .expect("rustc");
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// What the compiler says to statements that must not compile.
fn refused(statements: &str) -> String {
    compile(&SDK, statements).expect_err(statements)
}

#[test]
fn awaiting_a_narrowed_call_says_what_to_write() {
    for call in [
        "task_list().fields([\"task_id\"])",
        "get_endpoint(\"x\").fields([\"name\"])",
        "operation_ls(\"x\").fields([\"name\"]).path(\"/~/\").with_header(\"a\", \"b\")",
    ] {
        let message = refused(&format!("transfer.{call}.await?;"));
        for words in [
            "a call with `.fields(…)` returns only part of the document",
            "write `.json::<YourType>()`",
            "`.stream::<YourType>()`",
        ] {
            assert!(message.contains(words), "{message}");
        }
    }
}

#[test]
fn a_stream_of_a_narrowed_call_has_no_type_of_the_specs() {
    let call = "transfer.task_list().fields([\"status\"])";
    let message = refused(&format!("{call}.stream().next().await;"));
    assert!(message.contains("stream::<"), "{message}");
    let items = "globus_sdk::ItemStream<globus_sdk::transfer::types::Task>";
    // the caller may name the spec's type, which is one like any other
    let named = format!("let tasks: {items} = {call}.stream();");
    assert_eq!(compile(&SDK, &named), Ok(()));
}

#[test]
fn a_walk_takes_no_narrowed_listing() {
    let walk = "transfer.ls(\"x\", \"/\").map_request(|ls, _| ls.fields([\"name\"]));";
    let message = refused(walk);
    assert!(message.contains("PartialDocument"), "{message}");
}

#[test]
fn call_without_fields_is_awaited_and_streamed_by_its_type() {
    let right = "let tasks: globus_sdk::transfer::types::TaskList = transfer.task_list().await?; \
                 let stream: globus_sdk::ItemStream<globus_sdk::transfer::types::Task> = transfer.task_list().stream(); \
                 let raw: Json = transfer.task_list().with_query(\"fields\", \"status\").json().await?;";
    assert_eq!(compile(&SDK, right), Ok(()));
}

#[test]
#[cfg(feature = "blocking")]
fn calling_a_narrowed_call_says_what_to_write() {
    let name = "use globus_sdk::blocking::Blocking as _;";
    let call = "transfer.task_list().fields([\"status\"])";
    let message = refused(&format!("{name} {call}.call()?;"));
    assert!(message.contains("write `.json::<YourType>()`"), "{message}");
    let right = format!("{name} let found: Json = {call}.json().call()?;");
    assert_eq!(compile(&SDK, &right), Ok(()));
}
