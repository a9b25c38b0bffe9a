//! Search, on the emulator: real indices, real tasks.

use crate::lab::Lab;
use globus_sdk::search::types::{
    DeleteByQueryRequest, Facet, IndexCreateRequest, IngestEntry, IngestList, IngestRequest,
    MatchAllFilter, MatchAnyFilter, MetaEntry, MetaList, ScrollQuery, SearchQuery, SearchVersion,
};
use globus_sdk::types::Uuid;
use globus_sdk::{ErrorKind, search};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// An index with `count` public entries, numbered.
async fn index(search: &search::Client, count: usize) -> Uuid {
    let index = search
        .create_index(IndexCreateRequest::new("runs", "about runs"))
        .await
        .expect("an index");
    let entries = (0..count).map(|n| {
        MetaEntry::new(
            format!("run:{n}"),
            json!({"n": n, "parity": if n % 2 == 0 { "even" } else { "odd" }}),
        )
        .visible_to(["public"])
    });
    let documents = IngestList::new(MetaList::new().gmeta(entries));
    let task = search
        .ingest(index.id, IngestRequest::from(documents))
        .await
        .expect("a task");
    let done = search
        .wait(task.task_id)
        .timeout(SOON)
        .polling_interval(Duration::from_millis(10))
        .await;
    assert_eq!(done.expect("a success").state, "SUCCESS");
    index.id
}

#[tokio::test]
async fn what_was_ingested_is_found_by_text() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 5).await;
    let found = search.search(index, "odd").await.expect("a result");
    let mut subjects: Vec<_> = found.gmeta.iter().map(|m| m.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!((found.total, subjects), (Some(2), vec!["run:1", "run:3"]));
}

#[tokio::test]
async fn a_posted_query_filters() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 5).await;
    let query = SearchQuery::new()
        .q("*")
        .filters([MatchAllFilter::new("parity").values(["even"])]);
    assert_eq!(
        search
            .post_search(index, query)
            .await
            .expect("a result")
            .total,
        Some(3)
    );
}

#[tokio::test]
async fn offset_pages_and_a_scroll_pass_everything_once() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 25).await;
    let paged = search
        .search(index, "*")
        .limit(10)
        .stream()
        .collect()
        .await
        .expect("pages");
    let scrolled = search
        .scroll(index, ScrollQuery::new().q("*").limit(10))
        .stream()
        .collect()
        .await
        .expect("a scroll");
    for mut subjects in
        [paged, scrolled].map(|list| list.into_iter().map(|m| m.subject).collect::<Vec<_>>())
    {
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), 25);
    }
}

#[tokio::test]
async fn a_subject_and_its_entry_are_shown() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 2).await;
    let subject = search
        .get_subject(index, "run:1")
        .await
        .expect("the subject");
    let content = subject.entries[0].content.as_ref();
    assert_eq!(content.expect("content")["n"], 1);
    let entry = search.get_entry(index, "run:1").await.expect("the entry");
    assert_eq!(entry.subject, "run:1");
    let error = search
        .get_subject(index, "run:404")
        .await
        .expect_err("no such subject");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_a_query_matches_is_deleted() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 5).await;
    let task = search
        .delete_by_query(index, DeleteByQueryRequest::new().q("odd"))
        .await
        .expect("a task");
    search
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    assert_eq!(
        search.search(index, "*").await.expect("a result").total,
        Some(3)
    );
    let tasks = search.get_task_list(index).await.expect("tasks");
    assert_eq!(tasks.tasks.len(), 2);
}

#[tokio::test]
async fn an_index_is_listed_shown_and_deleted() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 1).await;
    let listed = search.index_list().await.expect("a list");
    assert!(listed.index_list.iter().any(|i| i.id == index));
    assert_eq!(
        search
            .get_index(index)
            .await
            .expect("the index")
            .display_name
            .as_deref(),
        Some("runs")
    );
    search.delete_index(index).await.expect("a deletion");
}

#[tokio::test]
async fn one_entry_is_ingested_alone() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 0).await;
    let entry = MetaEntry::new("alone", json!({"x": 1.5})).visible_to(["public"]);
    let task = search
        .ingest(index, IngestRequest::from(IngestEntry::new(entry)))
        .await
        .expect("a task");
    search
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    assert_eq!(
        search.search(index, "*").await.expect("a result").total,
        Some(1)
    );
}

#[tokio::test]
async fn an_unknown_index_is_not_found() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let error = search
        .get_index(Uuid::from_u128(404))
        .await
        .expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.code().contains("NotFound"), "{}", error.code());
}

#[tokio::test]
async fn what_is_in_beta_is_an_error_that_says_so() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 1).await;
    let error = search
        .get_field_budget(index)
        .await
        .expect_err("not served");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(501));
    let text = error.to_string();
    assert!(
        text.contains("does not serve") && text.contains("field_budget"),
        "{text}"
    );
}

#[tokio::test]
async fn a_query_of_2017_counts_what_its_filters_leave_to_facets() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = index(&search, 4).await;
    for (post_filter, buckets) in [(Some(false), 1), (Some(true), 2), (None, 2)] {
        let mut odd = MatchAnyFilter::new("parity").values(["odd"]);
        odd.post_filter = post_filter;
        let query = SearchQuery::new()
            .version(SearchVersion::V20170901)
            .q("*")
            .filter(odd)
            .facet(Facet::terms("parity"));
        let found = search.post_search(index, &query).await.expect("a result");
        assert_eq!(found.total, Some(2));
        let facets = found.facet_results;
        let counted = facets[0].buckets.len();
        assert_eq!(counted, buckets, "{post_filter:?}");
    }
}
