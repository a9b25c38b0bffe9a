//! Lists: every page, every item, and an honest end.

#[path = "../../src/pagination/sequences.rs"]
mod sequences;

use globus_sdk::search::types::{ScrollQuery, SearchQuery};
use globus_sdk::transfer::WalkEvent;
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind, ItemStream, search, transfer};
use globus_test_support::mock::{MockServer, answer, hasty};
use proptest::prelude::*;
use sequences::{STYLES as SCRIPTED, Sequence};
use serde_json::{Value, json};
use std::ops::Range;

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
    let server = MockServer::start([
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
    let server = MockServer::start([answer(200, &task_page(0, 2, 5))]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let mut stream = transfer.task_list().stream();
    assert_eq!(server.count(), 0);
    stream.next().await.expect("a first item").expect("a task");
    stream.next().await.expect("a second item").expect("a task");
    assert_eq!(server.count(), 1);
}

/// All items of a list, and the error that ended it.
async fn until_error<T: Send + 'static>(mut items: ItemStream<T>) -> (usize, Error) {
    let mut given = 0;
    loop {
        match items.next().await.expect("an error at the end") {
            Ok(_) => given += 1,
            Err(error) => {
                assert!(items.next().await.is_none(), "it goes on after its error");
                return (given, error);
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_stops_before_its_total_ends_with_an_error() {
    let pages = [task_page(0, 7, 10), task_page(7, 0, 10)];
    let server = MockServer::start(pages.map(|page| answer(200, &page))).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let (given, error) = until_error(transfer.task_list().stream()).await;
    assert_eq!((given, server.count()), (7, 2));
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.operation(), Some("task_list"));
    assert_eq!(
        error.message(),
        "the list is not complete after 7 items: the service reports a total of 10 and returned a page without items"
    );
    let (_, body) = error.response_parts().expect("the answer");
    assert_eq!(body, task_page(7, 0, 10).as_bytes());
}

#[tokio::test]
async fn a_list_that_shrinks_is_whole_when_its_last_total_is_reached() {
    let pages = [task_page(0, 7, 10), task_page(7, 0, 7)];
    let server = MockServer::start(pages.map(|page| answer(200, &page))).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let tasks = transfer.task_list().stream().collect().await;
    assert_eq!(tasks.expect("all that are left").len(), 7);
}

#[tokio::test]
async fn a_negative_total_is_an_error_behind_the_items() {
    let page = task_page(0, 2, 2).replace(r#""total":2"#, r#""total":-1"#);
    let server = MockServer::start([answer(200, &page)]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let (given, error) = until_error(transfer.task_list().stream()).await;
    assert_eq!((given, server.count()), (2, 1));
    assert!(error.message().contains("a total of -1"), "{error}");
}

#[tokio::test]
async fn an_empty_page_that_says_there_is_a_next_one_is_an_error() {
    let pages = [endpoints(3, true), endpoints(0, true)];
    let server = MockServer::start(pages.map(|page| answer(200, &page))).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let search = transfer.endpoint_search().filter_fulltext("x");
    let (given, error) = until_error(search.stream()).await;
    assert_eq!((given, server.count()), (3, 2));
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn the_page_that_leads_nowhere_comes_before_its_error() {
    let server = MockServer::start([answer(200, &scroll(2, Some(true), None))]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let mut pages = search.scroll(Uuid::nil(), ScrollQuery::new()).pages();
    let page = pages.next().await.expect("a page").expect("no error yet");
    assert_eq!(page.gmeta.len(), 2);
    let error = pages.next().await.expect("an end").expect_err("a marker");
    assert!(error.message().ends_with("does not name it"), "{error}");
}

#[tokio::test]
async fn an_empty_marker_names_no_next_page() {
    let server = MockServer::start([answer(200, &scroll(1, Some(true), Some("")))]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let scroll = search.scroll(Uuid::nil(), ScrollQuery::new());
    let (given, error) = until_error(scroll.stream()).await;
    assert_eq!((given, error.kind()), (1, ErrorKind::Decode));
}

#[tokio::test]
async fn an_empty_link_is_no_end() {
    let page = r#"{"data":[],"links":{"next":""},"meta":{"request_id":"r"}}"#;
    let server = MockServer::start([answer(200, page)]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let (given, error) = until_error(transfer.list_bookmarks().stream()).await;
    assert_eq!((given, error.kind()), (0, ErrorKind::Decode));
}

#[tokio::test]
async fn markers_that_go_in_a_circle_end_where_it_closes() {
    let names = ["a", "b", "c"];
    let pages = names.map(|name| answer(200, &scroll(1, Some(true), Some(name))));
    let server = MockServer::start([&pages[..], &pages[..]].concat()).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let scroll = search.scroll(Uuid::nil(), ScrollQuery::new());
    let (given, error) = until_error(scroll.stream()).await;
    assert_eq!((given, server.count()), (4, 4));
    assert!(
        error.message().ends_with("the same next page twice"),
        "{error}"
    );
}

#[tokio::test]
async fn a_marker_that_the_caller_began_with_is_known() {
    let server = MockServer::start([answer(200, &scroll(1, Some(true), Some("a")))]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let scroll = search.scroll(Uuid::nil(), ScrollQuery::new().marker("a"));
    let (given, _) = until_error(scroll.stream()).await;
    assert_eq!((given, server.count()), (1, 1));
}

#[tokio::test]
async fn empty_pages_that_lead_to_items_are_no_fault() {
    let mut pages: Vec<String> = (0..20)
        .map(|n| scroll(0, Some(true), Some(&format!("m{n}"))))
        .collect();
    pages.push(scroll(3, Some(false), None));
    let server = MockServer::start(pages.iter().map(|page| answer(200, page))).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let scroll = search.scroll(Uuid::nil(), ScrollQuery::new());
    assert_eq!(scroll.stream().collect().await.expect("all").len(), 3);
}

#[tokio::test]
async fn markers_that_rise_for_ever_over_empty_pages_are_an_error() {
    let mut asked = 0;
    let server = MockServer::answering(move |_| {
        asked += 1;
        answer(200, &moved(0, Some(asked)))
    })
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let moved = transfer.task_successful_transfers(Uuid::nil()).stream();
    let (given, error) = until_error(moved).await;
    assert_eq!((given, server.count()), (0, 100));
    assert!(
        error.message().contains("100 pages without items"),
        "{error}"
    );
}

#[tokio::test]
async fn a_search_that_stops_at_the_cap_says_that_there_is_more() {
    let page = json!({
        "gmeta": vec![result(0); 10_000], "count": 10_000, "total": 20_000, "offset": 0,
        "has_next_page": false,
    });
    let server = MockServer::start([answer(200, &page.to_string())]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let search = search.search(Uuid::nil(), "*").limit(10_000);
    let (given, error) = until_error(search.stream()).await;
    assert_eq!(
        (given, error.kind()),
        (10_000, ErrorKind::ListLimitExceeded)
    );
}

#[tokio::test]
async fn a_full_page_that_says_nothing_of_more_leads_to_another() {
    let files = |names: &[&str]| {
        let files: Vec<Value> = names
            .iter()
            .map(|name| json!({ "DATA_TYPE": "file", "name": name, "type": "file" }))
            .collect();
        let page =
            json!({ "DATA_TYPE": "file_list", "DATA": files, "path": "/", "endpoint": id(0) });
        answer(200, &page.to_string())
    };
    let server = MockServer::start([files(&["a", "b"]), files(&["c"])]).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let listing = transfer.operation_ls(Uuid::nil()).limit(2).stream();
    assert_eq!(listing.collect().await.expect("all").len(), 3);
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_walk_gives_what_a_short_folder_has_and_then_its_failure() {
    let page = |request: &str| {
        let files = match request.contains("offset=") {
            true => Vec::new(),
            false => vec![json!({ "DATA_TYPE": "file", "name": "a", "type": "file" })],
        };
        json!({ "DATA_TYPE": "file_list", "DATA": files, "path": "/", "endpoint": id(0), "total": 3 })
    };
    let server =
        MockServer::answering(move |request| answer(200, &page(request).to_string())).await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let walk = || transfer.ls(Uuid::nil(), "/").recursive();
    for walk in [walk(), walk().breadth_first(), walk().ordered()] {
        let events = walk
            .events()
            .collect()
            .await
            .expect("no error of the walk's");
        let [WalkEvent::Entry(entry), WalkEvent::ListFailure(folder)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!((entry.path.as_str(), folder.path.as_str()), ("/a", "/"));
        assert_eq!(folder.error.kind(), ErrorKind::Decode);
    }
}

fn scroll(count: usize, has_next_page: Option<bool>, marker: Option<&str>) -> String {
    let results: Vec<Value> = (0..count).map(result).collect();
    json!({ "gmeta": results, "count": count, "total": 0, "has_next_page": has_next_page,
            "marker": marker })
    .to_string()
}

fn moved(count: usize, next: Option<usize>) -> String {
    let moved: Vec<Value> = (0..count)
        .map(|n| json!({ "DATA_TYPE": "successful_transfer", "source_path": n.to_string() }))
        .collect();
    json!({ "DATA_TYPE": "successful_transfers", "DATA": moved, "next_marker": next }).to_string()
}

#[tokio::test]
async fn a_list_longer_than_the_service_serves_says_so_at_its_end() {
    let server = MockServer::start([answer(200, &endpoints(100, true))]).await;
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
    assert_eq!(error.kind(), ErrorKind::ListLimitExceeded);
    assert_eq!(error.operation(), Some("endpoint_search"));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_list_of_exactly_the_cap_ends_without_complaint() {
    let mut steps = vec![answer(200, &endpoints(100, true)); 9];
    steps.push(answer(200, &endpoints(100, false)));
    let server = MockServer::start(steps).await;
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
    let server = MockServer::start([answer(200, &page("93979")), answer(200, &page("null"))]).await;
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
    let server = MockServer::start([answer(200, page)]).await;
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
    let server =
        MockServer::start([answer(200, &page(0, true)), answer(200, &page(1, false))]).await;
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
    let server = MockServer::start([
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

/// A list in each style, split into pages. A page has its items' numbers and the number of the next.
struct Style {
    name: &'static str,
    /// Which page a request asks for, by what it says.
    asked: fn(&str, &[usize]) -> Option<usize>,
    page: fn(Range<usize>, Option<usize>) -> Value,
}

const STYLES: &[Style] = &[
    Style {
        name: "offset-total",
        asked: by_offset,
        page: |items, _| {
            let tasks: Vec<Value> = items.clone().map(|n| json(&task(n))).collect();
            json!({ "DATA_TYPE": "task_list", "DATA": tasks, "length": items.len(),
                    "limit": 9, "offset": items.start, "total": TOTAL })
        },
    },
    Style {
        name: "offset-has-next",
        asked: by_offset,
        page: |items, next| {
            let endpoints = items.clone().map(|n| {
                json!({ "DATA_TYPE": "endpoint", "id": id(n), "display_name": "e",
                        "entity_type": "GCP_mapped_collection" })
            });
            json!({ "DATA_TYPE": "endpoint_list", "DATA": endpoints.collect::<Vec<_>>(),
                    "has_next_page": next.is_some(), "limit": 100, "offset": items.start })
        },
    },
    Style {
        name: "offset-has-next, posted",
        asked: by_offset,
        page: |items, next| {
            let results = items.clone().map(result);
            json!({ "@datatype": "GSearchResult", "gmeta": results.collect::<Vec<_>>(), "count": 0,
                    "total": TOTAL, "offset": items.start, "has_next_page": next.is_some() })
        },
    },
    Style {
        name: "marker-has-next",
        asked: |request, _| by_marker(request, "\"marker\":\"page "),
        page: |items, next| {
            json!({ "gmeta": items.map(result).collect::<Vec<_>>(), "count": 0, "total": TOTAL,
                    "has_next_page": next.is_some(), "marker": next.map(|n| format!("page {n}")) })
        },
    },
    Style {
        name: "next-marker",
        asked: |request, _| by_marker(request, "marker="),
        page: |items, next| {
            let moved = items.map(
                |n| json!({ "DATA_TYPE": "successful_transfer", "source_path": n.to_string() }),
            );
            json!({ "DATA_TYPE": "successful_transfers", "DATA": moved.collect::<Vec<_>>(),
                    "marker": 0, "next_marker": next })
        },
    },
    Style {
        name: "next-token",
        asked: |request, _| by_marker(request, "next_token=page+"),
        page: |items, next| {
            let shared: Vec<Value> = items.map(|n| json!({ "id": id(n) })).collect();
            json!({ "shared_endpoints": shared, "next_token": next.map(|n| format!("page {n}")) })
        },
    },
    Style {
        name: "last-key",
        asked: |request, _| by_marker(request, "last_key=page+"),
        page: |items, next| {
            let tasks: Vec<Value> = items.map(|n| json(&task(n))).collect();
            json!({ "DATA_TYPE": "task_list", "DATA": tasks, "limit": 9,
                    "has_next_page": next.is_some(), "last_key": next.map(|n| format!("page {n}")) })
        },
    },
    Style {
        name: "jsonapi-links",
        asked: |request, _| by_marker(request, "page%5Bmarker%5D="),
        page: |items, next| {
            let bookmarks = items.map(|n| {
                json!({ "type": "Bookmark", "id": id(n),
                        "attributes": { "name": "b", "path": "/", "pinned": false } })
            });
            let next = next.map(|n| format!("/v2/bookmarks?page%5Bmarker%5D={n}"));
            json!({ "data": bookmarks.collect::<Vec<_>>(), "links": { "next": next },
                    "meta": { "request_id": "r" } })
        },
    },
];

/// How many items a list of a test has.
const TOTAL: usize = 20;

fn id(n: usize) -> Uuid {
    Uuid::from_u128(n as u128)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn result(n: usize) -> Value {
    json!({ "@datatype": "GMetaResult", "subject": n.to_string(), "entries": [] })
}

/// The number that follows some words of a request; 0 where these are missing.
fn number_after(request: &str, words: &str) -> Option<usize> {
    let Some((_, rest)) = request.split_once(words) else {
        return Some(0);
    };
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

fn by_marker(request: &str, words: &str) -> Option<usize> {
    number_after(request, words)
}

fn by_offset(request: &str, begins: &[usize]) -> Option<usize> {
    let words = if request.contains("offset=") {
        "offset="
    } else {
        "\"offset\":"
    };
    let offset = number_after(request, words)?;
    begins.iter().position(|begin| *begin == offset)
}

/// The numbers of all items that a stream gives, from a server that splits its list so.
async fn listed(style: &'static Style, sizes: &[usize]) -> Vec<String> {
    let mut begins: Vec<usize> = Vec::new();
    let mut pages = Vec::new();
    let mut begin = 0;
    for (number, size) in sizes.iter().enumerate() {
        let next = (number + 1 < sizes.len()).then_some(number + 1);
        begins.push(begin);
        pages.push((style.page)(begin..begin + size, next).to_string());
        begin += size;
    }
    let server = MockServer::answering(move |request| {
        let page = (style.asked)(request, &begins).and_then(|number| pages.get(number));
        page.map_or_else(|| answer(400, request), |page| answer(200, page))
    })
    .await;
    let (transfer, _) = hasty::<transfer::Client>(&server.url);
    let (search, _) = hasty::<search::Client>(&server.url);
    let number = |id: Uuid| id.as_u128().to_string();
    macro_rules! all {
        ($call:expr, $item:ident => $number:expr) => {{
            let all = $call.stream().collect().await.expect("all items");
            all.into_iter().map(|$item| $number).collect()
        }};
    }
    let nil = Uuid::nil();
    match style.name {
        "offset-total" => all!(transfer.task_list(), task => number(task.task_id)),
        "offset-has-next" => {
            all!(transfer.endpoint_search().filter_fulltext("x"), found => number(found.id))
        }
        "offset-has-next, posted" => {
            all!(search.post_search(nil, SearchQuery::new()), found => found.subject)
        }
        "marker-has-next" => all!(search.scroll(nil, ScrollQuery::new()), found => found.subject),
        "next-marker" => {
            all!(transfer.task_successful_transfers(nil), moved => moved.source_path.unwrap_or_default())
        }
        "next-token" => all!(transfer.get_shared_endpoint_list(nil), shared => number(shared.id)),
        "last-key" => all!(transfer.endpoint_manager_task_list(), task => number(task.task_id)),
        _ => all!(transfer.list_bookmarks(), bookmark => number(bookmark.id)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn however_a_list_is_split_every_item_comes_once_and_in_order(cuts in proptest::collection::btree_set(1..TOTAL, 0..8)) {
        let cuts: Vec<usize> = [0].into_iter().chain(cuts).chain([TOTAL]).collect();
        let sizes: Vec<usize> = cuts.windows(2).map(|cut| cut[1] - cut[0]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let wanted: Vec<_> = (0..TOTAL).map(|n| n.to_string()).collect();
        for style in STYLES {
            let numbers = runtime.block_on(listed(style, &sizes));
            prop_assert_eq!(&numbers, &wanted, "{} in {:?}", style.name, &sizes);
        }
    }
}

/// The number that the digits of an id are.
fn plain(id: Uuid) -> usize {
    let text = id.simple().to_string();
    text.trim_start_matches('0').parse().unwrap_or_default()
}

/// Those sequences of pages that `just paging` has without HTTP, over HTTP: one of a hundred.
#[tokio::test]
async fn sequences_of_pages_over_http_end_in_all_items_or_an_error() {
    let setting = |name, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let (seed, count) = (
        setting("PAGING_SEED", 1),
        setting("PAGING", 500).div_ceil(100),
    );
    for style in SCRIPTED {
        for seed in seed..seed + count {
            let sequence = Sequence::random(style, seed);
            let script = sequence.clone();
            let mut asked = 0;
            let server = MockServer::answering(move |_| {
                asked += 1;
                answer(200, &script.json(asked - 1).to_string())
            })
            .await;
            let (given, error) = given(&server.url, &sequence).await;
            let judged = sequence.judge(&given, server.count(), error.as_deref());
            assert_eq!(judged, Ok(()), "seed {seed}: {sequence:#?}");
        }
    }
}

/// What a stream gives, and the message of the error that ends it.
async fn given(url: &str, sequence: &Sequence) -> (Vec<usize>, Option<String>) {
    use sequences::Style;
    let (transfer, _) = hasty::<transfer::Client>(url);
    let (search, _) = hasty::<search::Client>(url);
    let nil = Uuid::nil();
    macro_rules! all {
        ($call:expr, $item:ident => $number:expr) => {{
            let (mut stream, mut given) = ($call.stream(), Vec::new());
            loop {
                match stream.next().await {
                    None => return (given, None),
                    Some(Err(error)) => return (given, Some(error.to_string())),
                    Some(Ok($item)) => given.push($number),
                }
            }
        }};
    }
    let number = |text: &str| text.parse().expect("a number");
    match sequence.style {
        Style::Tasks => all!(transfer.task_list(), task => plain(task.task_id)),
        Style::Files => all!(transfer.operation_ls(nil), file => number(&file.name)),
        Style::Endpoints => {
            all!(transfer.endpoint_search().filter_fulltext("x"), found => plain(found.id))
        }
        Style::Results => {
            all!(search.post_search(nil, SearchQuery::new()), found => number(&found.subject))
        }
        Style::Scroll => {
            all!(search.scroll(nil, ScrollQuery::new()), found => number(&found.subject))
        }
        Style::Moved => {
            all!(transfer.task_successful_transfers(nil), moved => number(&moved.source_path.unwrap_or_default()))
        }
        Style::Shared => all!(transfer.get_shared_endpoint_list(nil), shared => plain(shared.id)),
        Style::Managed => all!(transfer.endpoint_manager_task_list(), task => plain(task.task_id)),
        Style::Bookmarks => all!(transfer.list_bookmarks(), bookmark => plain(bookmark.id)),
    }
}

#[test]
fn every_style_of_the_specs_is_split() {
    let mut found = 0;
    for service in ["auth", "groups", "search", "transfer"] {
        let path = format!("{}/specs/{service}.yaml", env!("CARGO_MANIFEST_DIR"));
        let spec = std::fs::read_to_string(path).expect("a spec");
        let paging = spec.split("x-globus-paging:").skip(1);
        for style in paging.filter_map(|rest| rest.split("style: ").nth(1)?.lines().next()) {
            let split = STYLES.iter().any(|known| known.name == style);
            assert!(split, "specs/{service}.yaml has lists in the style {style}");
            found += 1;
        }
    }
    assert!(found > 10, "only {found} lists were found");
}
