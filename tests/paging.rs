//! Lists: every page, every item, and an honest end.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says why and stops"
)]

mod support;

use globus_sdk::search::types::{ScrollQuery, SearchQuery};
use globus_sdk::types::Uuid;
use globus_sdk::{ErrorKind, search, transfer};
use proptest::prelude::*;
use support::{Scripted, answer, hasty};

fn task(n: usize) -> String {
    let id = Uuid::from_u128(n as u128);
    format!(
        r#"{{"DATA_TYPE":"task","task_id":"{id}","type":"TRANSFER","status":"ACTIVE","owner_id":"{id}","request_time":"2026-11-22 00:00:00+00:00","is_paused":false,"faults":0,"files":0,"directories":0,"symlinks":0,"files_transferred":0,"subtasks_total":0,"subtasks_pending":0,"subtasks_retrying":0,"subtasks_succeeded":0,"subtasks_expired":0,"subtasks_canceled":0,"subtasks_failed":0,"bytes_transferred":0,"bytes_checksummed":0,"effective_bytes_per_second":0}}"#
    )
}

fn task_page(offset: usize, count: usize, total: usize) -> String {
    let tasks: Vec<_> = (offset..offset + count).map(task).collect();
    format!(
        r#"{{"DATA_TYPE":"task_list","DATA":[{}],"length":{count},"limit":{count},"offset":{offset},"total":{total}}}"#,
        tasks.join(",")
    )
}

fn endpoints(count: usize, has_next: bool) -> String {
    let endpoint = format!(
        r#"{{"DATA_TYPE":"endpoint","id":"{}","display_name":"e","entity_type":"GCP_mapped_collection"}}"#,
        Uuid::nil()
    );
    let list = vec![endpoint; count].join(",");
    format!(
        r#"{{"DATA_TYPE":"endpoint_list","DATA":[{list}],"has_next_page":{has_next},"limit":100,"offset":0}}"#
    )
}

#[tokio::test]
async fn an_offset_list_asks_for_the_rest_until_it_has_the_total() {
    let server = Scripted::start([
        answer(200, &task_page(0, 2, 5)),
        answer(200, &task_page(2, 2, 5)),
        answer(200, &task_page(4, 1, 5)),
    ])
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let tasks = transfer
        .task_list()
        .limit(2)
        .stream()
        .collect()
        .await
        .expect("all tasks");
    let ids: Vec<_> = tasks.iter().map(|t| t.task_id.as_u128()).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4]);
    let lines: Vec<_> = server
        .requests()
        .iter()
        .map(|r| r.lines().next().unwrap_or("").to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "GET /v0.10/task_list?limit=2 HTTP/1.1",
            "GET /v0.10/task_list?limit=2&offset=2 HTTP/1.1",
            "GET /v0.10/task_list?limit=2&offset=4 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn a_stream_fetches_no_page_before_it_is_asked_for() {
    let server = Scripted::start([answer(200, &task_page(0, 2, 5))]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let mut stream = transfer.task_list().stream();
    assert_eq!(server.count(), 0);
    stream.next().await.expect("a first item").expect("a task");
    stream.next().await.expect("a second item").expect("a task");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn an_empty_page_ends_a_list_whatever_its_total_says() {
    let server = Scripted::start([
        answer(200, &task_page(0, 2, 5)),
        answer(200, &task_page(2, 0, 5)),
    ])
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let tasks = transfer
        .task_list()
        .stream()
        .collect()
        .await
        .expect("what there is");
    assert_eq!((tasks.len(), server.count()), (2, 2));
}

#[tokio::test]
async fn a_list_longer_than_the_service_serves_says_so_at_its_end() {
    let server = Scripted::start([answer(200, &endpoints(100, true))]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let mut stream = transfer.endpoint_search().filter_fulltext("x").stream();
    let mut found = 0;
    let error = loop {
        match stream.next().await.expect("an error at the end") {
            Ok(_) => found += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((found, server.count()), (1000, 10));
    assert_eq!(error.kind(), ErrorKind::ListLimit);
    assert_eq!(error.operation(), Some("endpoint_search"));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_list_of_exactly_the_cap_ends_without_complaint() {
    let mut steps = vec![answer(200, &endpoints(100, true)); 9];
    steps.push(answer(200, &endpoints(100, false)));
    let server = Scripted::start(steps).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let found = transfer
        .endpoint_search()
        .filter_fulltext("x")
        .stream()
        .collect()
        .await;
    assert_eq!(found.expect("no complaint").len(), 1000);
}

#[tokio::test]
async fn a_list_with_markers_passes_each_one_back() {
    let page = |next: &str| {
        format!(
            r#"{{"DATA_TYPE":"successful_transfers","DATA":[{{"DATA_TYPE":"successful_transfer","source_path":"/a"}}],"marker":0,"next_marker":{next}}}"#
        )
    };
    let server = Scripted::start([answer(200, &page("93979")), answer(200, &page("null"))]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let all = transfer
        .task_successful_transfers(Uuid::nil())
        .stream()
        .collect()
        .await
        .expect("two pages");
    assert_eq!(all.len(), 2);
    assert!(server.requests()[1].contains("marker=93979"));
}

#[tokio::test]
async fn a_marker_that_leads_back_to_itself_is_an_error_and_no_loop() {
    let page = r#"{"DATA_TYPE":"successful_transfers","DATA":[],"marker":0,"next_marker":7}"#;
    let server = Scripted::start([answer(200, page)]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let result = transfer
        .task_successful_transfers(Uuid::nil())
        .stream()
        .collect()
        .await;
    assert_eq!(result.expect_err("a circle").kind(), ErrorKind::Decode);
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_posted_query_carries_its_offset_in_the_body() {
    let page = |offset: usize, next: bool| {
        format!(
            r#"{{"@datatype":"GSearchResult","gmeta":[{{"@datatype":"GMetaResult","subject":"s","entries":[]}}],"count":1,"total":2,"offset":{offset},"has_next_page":{next}}}"#
        )
    };
    let server = Scripted::start([answer(200, &page(0, true)), answer(200, &page(1, false))]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let query = SearchQuery::new().q("x").limit(1);
    let all = search
        .post_search(Uuid::nil(), &query)
        .stream()
        .collect()
        .await
        .expect("two pages");
    assert_eq!(all.len(), 2);
    assert!(server.requests()[1].contains(r#""offset":1"#));
}

#[tokio::test]
async fn a_scroll_carries_its_marker_in_the_body() {
    let page = |next: bool, marker: &str| {
        format!(
            r#"{{"gmeta":[{{"@datatype":"GMetaResult","subject":"s","entries":[]}}],"count":1,"total":2,"has_next_page":{next},"marker":{marker}}}"#
        )
    };
    let server = Scripted::start([
        answer(200, &page(true, "\"m1\"")),
        answer(200, &page(false, "null")),
    ])
    .await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let all = search
        .scroll(Uuid::nil(), ScrollQuery::new().q("*"))
        .stream()
        .collect()
        .await
        .expect("two pages");
    assert_eq!(all.len(), 2);
    assert!(!server.requests()[0].contains("marker"));
    assert!(server.requests()[1].contains(r#""marker":"m1""#));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn however_a_list_is_split_every_item_comes_once_and_in_order(sizes in proptest::collection::vec(1usize..9, 1..8)) {
        let total: usize = sizes.iter().sum();
        let mut offset = 0;
        let steps: Vec<_> = sizes.iter().map(|size| {
            let page = task_page(offset, *size, total);
            offset += size;
            answer(200, &page)
        }).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ids = runtime.block_on(async {
            let server = Scripted::start(steps).await;
            let (transfer, _) = hasty::<transfer::Client>(&server.url);
            let tasks = transfer.task_list().stream().collect().await.expect("all tasks");
            tasks.iter().map(|t| t.task_id.as_u128()).collect::<Vec<_>>()
        });
        prop_assert_eq!(ids, (0..total as u128).collect::<Vec<_>>());
    }
}
