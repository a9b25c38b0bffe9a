//! Queries as sentences, and results as the caller's own types.

use crate::lab::{self, Lab};
use globus_sdk::ErrorKind;
use globus_sdk::search::types::{
    BatchDeleteBySubjectRequest, Coordinate, DateInterval, DeleteByQueryRequest, EntryField, Facet,
    Filter, GeoPolygon, GeoRelation, MetaEntry, RoleCreateRequest, RoleName, ScrollQuery,
    SearchQuery, Sort,
};
use globus_sdk::search::{self, Interval};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, answer, hasty};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

const ANY: Uuid = Uuid::from_u128(7);
const OFTEN: Duration = Duration::from_millis(5);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    title: String,
    kelvin: f64,
    tags: Vec<String>,
    date: String,
}

fn run(title: &str, kelvin: f64, tags: &[&str], date: &str) -> Run {
    Run {
        title: title.to_owned(),
        kelvin,
        tags: tags.iter().map(|&t| t.to_owned()).collect(),
        date: date.to_owned(),
    }
}

/// An index with four runs, `run:0` to `run:3`.
async fn runs(search: &search::Client) -> Uuid {
    let index = lab::index(search).await;
    let entries = [
        run("Copper, cold", 4.0, &["copper", "cold"], "2014-01-03"),
        run("Copper, warm", 293.0, &["copper"], "2014-01-20"),
        run("Gold, warm", 293.0, &["gold"], "2014-03-01"),
        run("A draft", 300.0, &[], "2015-01-01"),
    ];
    let entries: Vec<_> = (0..)
        .zip(&entries)
        .map(|(n, run)| {
            let entry = MetaEntry::from_content(format!("run:{n}"), run).expect("an object");
            entry.visible_to(["public"])
        })
        .collect();
    search
        .ingest_all(index, entries)
        .polling_interval(OFTEN)
        .await
        .expect("an ingest");
    index
}

/// The numbers of the runs that a filter finds.
async fn found(search: &search::Client, index: Uuid, filter: Filter) -> Vec<String> {
    let query = SearchQuery::new()
        .filter(filter)
        .sort_by(Sort::ascending("date"));
    let page = search.post_search(index, query).entries::<Run>();
    let entries = page.await.expect("a page").entries;
    entries
        .iter()
        .map(|entry| entry.subject.replace("run:", ""))
        .collect()
}

#[tokio::test]
async fn every_kind_of_filter_finds_what_it_says() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = runs(&search).await;
    for (filter, wanted) in [
        (Filter::match_all("tags", ["copper", "cold"]), "0"),
        (Filter::match_any("tags", ["cold", "gold"]), "02"),
        (Filter::range("kelvin", ..77.0), "0"),
        (Filter::range("kelvin", 293.0..300.0), "12"),
        (Filter::range("kelvin", 293.0..=300.0), "123"),
        (Filter::range("date", "2014-02-01"..), "23"),
        (Filter::range("date", ..="2014-01-20"), "01"),
        (Filter::like("title", "*warm"), "12"),
        (Filter::exists("tags"), "012"),
        (!Filter::exists("tags"), "3"),
        (
            Filter::match_any("tags", ["copper"]) & !Filter::range("kelvin", ..77.0),
            "1",
        ),
        (
            Filter::match_any("tags", ["gold"]) | Filter::like("title", "*draft*"),
            "23",
        ),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(
            found(&search, index, filter).await.concat(),
            wanted,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_query_is_sent_as_it_reads() {
    let square = [(41.6, -88.0), (41.6, -87.5), (42.1, -87.5)];
    let square = square.map(|(lat, lon)| Coordinate::new(lat, lon));
    let query = SearchQuery::new()
        .q("title:heart")
        .advanced(true)
        .bypass_visible_to(true)
        .filter_principal_sets(["curators"])
        .fields([EntryField::Content, EntryField::VisibleTo])
        .filter(Filter::exists("a") & Filter::exists("b") & !Filter::exists("c"))
        .filter(Filter::geo_bounding_box(
            "site",
            Coordinate::new(42.1, -88.0),
            Coordinate::new(41.6, -87.5),
        ))
        .filter(Filter::geo_shape(
            "area",
            GeoPolygon::from_outline(square),
            GeoRelation::Within,
        ))
        .post_facet_filter(Filter::match_any("tags", ["mri"]) | Filter::range("year", 2014..))
        .facet(Facet::terms("tags").size(5).name("Tags"))
        .facet(Facet::sum("bytes").missing(0.0))
        .facet(Facet::avg("age"))
        .facet(Facet::distinct_count("author"))
        .facet(Facet::numeric_histogram("age", 0.0..100.0, 4).name("Ages"))
        .facet(
            Facet::date_histogram("date", DateInterval::Month)
                .histogram_range("2014-01-01"..="2014-12-31"),
        )
        .boost("title", 2.5)
        .sort_by(Sort::descending("date"))
        .sort_by(Sort::ascending("title"))
        .limit(20);
    insta::assert_json_snapshot!("a_search", query);
    insta::assert_json_snapshot!("the_same_as_a_scroll", ScrollQuery::from(query));
}

#[tokio::test]
async fn facets_are_found_by_name_and_read_as_types() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = runs(&search).await;
    let query = SearchQuery::new()
        .q("*")
        .facet(Facet::terms("tags").name("Tags"))
        .facet(Facet::avg("kelvin"))
        .facet(Facet::sum("kelvin").name("Sum"))
        .facet(Facet::numeric_histogram("kelvin", 0.0..400.0, 2).name("Bands"))
        .facet(Facet::date_histogram("date", DateInterval::Year).name("Years"));
    let page = search.post_search(index, query.clone()).entries::<Run>();
    let page = page.await.expect("a page");
    let facet = |name: &str| page.facet(name).expect("the facet");
    let mut tags = facet("Tags").counts::<String>().expect("texts");
    tags.sort();
    let tags: Vec<_> = tags.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
    assert_eq!(tags, [("cold", 1), ("copper", 2), ("gold", 1)]);
    assert_eq!(facet("kelvin").value, Some(222.5));
    assert_eq!(facet("Sum").value, Some(890.0));
    let bands = facet("Bands").counts::<Interval<f64>>().expect("intervals");
    let (cold, warm) = (
        Interval {
            from: 0.0,
            to: 200.0,
        },
        Interval {
            from: 200.0,
            to: 400.0,
        },
    );
    assert_eq!(bands, [(cold, 1), (warm, 3)]);
    let years = &facet("Years").buckets;
    assert_eq!(years.iter().map(|b| b.count).collect::<Vec<_>>(), [3, 1]);

    let wrong = facet("Tags")
        .counts::<f64>()
        .expect_err("texts are no numbers");
    assert_eq!(wrong.kind(), ErrorKind::Decode);
    let none = facet("Sum")
        .counts::<f64>()
        .expect_err("a sum has no buckets");
    assert!(
        none.to_string().contains("facet `Sum` has no buckets"),
        "{none}"
    );
    let found = search.post_search(index, query).await.expect("a result");
    assert_eq!(found.facet("Tags"), page.facet("Tags"));
    assert!(found.facet("no such").is_none());
}

#[tokio::test]
async fn a_scroll_streams_contents_of_the_callers_own_type() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = runs(&search).await;
    let query = ScrollQuery::new().q("*").limit(3);
    let mut scrolled = search
        .scroll(index, query)
        .entries::<Run>()
        .stream()
        .collect()
        .await
        .expect("a scroll");
    scrolled.sort_by(|a, b| a.subject.cmp(&b.subject));
    let titles: Vec<_> = scrolled.iter().map(|e| e.content.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Copper, cold", "Copper, warm", "Gold, warm", "A draft"]
    );
    let pages = search.search(index, "*").limit(3).entries::<Run>().pages();
    let pages = pages.collect().await.expect("pages");
    let counts: Vec<_> = pages.iter().map(|p| (p.entries.len(), p.total)).collect();
    assert_eq!(counts, [(3, Some(4)), (1, Some(4))]);
}

#[tokio::test]
async fn a_content_of_another_shape_is_an_error_in_its_place() {
    let entry = |subject: &str, content: serde_json::Value| {
        json!({
            "subject": subject,
            "entries": [{"entry_id": null, "matched_principal_sets": [], "content": content}],
        })
    };
    let page = json!({
        "gmeta": [
            entry("good", json!({"title": "a", "kelvin": 1, "tags": [], "date": ""})),
            entry("bad", json!({"title": "b", "kelvin": "cold", "tags": [], "date": ""})),
            entry("better", json!({"title": "c", "kelvin": 2, "tags": [], "date": ""})),
        ],
        "count": 3, "total": 3, "offset": 0, "has_next_page": false,
    });
    let server = MockServer::start([answer(200, &page.to_string())]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let mut entries = search.search(ANY, "*").entries::<Run>().stream();
    let mut seen = Vec::new();
    while let Some(entry) = entries.next().await {
        seen.push(entry.map_or_else(|e| e.to_string(), |entry| entry.subject));
    }
    assert_eq!((seen[0].as_str(), seen[2].as_str()), ("good", "better"));
    assert!(
        seen[1].starts_with("search: the entry of `bad` does not fit its type at kelvin: "),
        "{}",
        seen[1]
    );
    let error = search.search(ANY, "*").entries::<Run>().await;
    assert_eq!(
        error.expect_err("a page is whole").kind(),
        ErrorKind::Decode
    );
}

#[tokio::test]
async fn unrequested_content_is_none_or_a_clear_error() {
    let page = json!({
        "gmeta": [{"subject": "s", "entries": [
            {"entry_id": "e", "matched_principal_sets": [], "visible_to": ["public"]},
        ]}],
        "count": 1, "total": 1, "offset": 0, "has_next_page": false,
    });
    let server = MockServer::start([answer(200, &page.to_string())]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let page = search.search(ANY, "*").entries::<Option<Run>>().await;
    let entry = &page.expect("a page").entries[0];
    assert_eq!(entry.content, None);
    assert_eq!(entry.visible_to, ["public"]);
    let error = search.search(ANY, "*").entries::<Run>().await;
    let error = error.expect_err("no content").to_string();
    assert!(
        error.contains("entry `e` of `s` has no content; include `content`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_search_that_reaches_its_end_points_to_the_scroll() {
    let page = json!({
        "gmeta": vec![json!({"subject": "s", "entries": []}); 10_000],
        "count": 10_000, "total": 20_000, "offset": 0, "has_next_page": true,
    });
    let server = MockServer::start([answer(200, &page.to_string())]).await;
    let (search, _) = hasty::<search::Client>(&server.url);
    let all = search.search(ANY, "*").limit(10_000).stream();
    let error = all.collect().await.expect_err("more than is served");
    assert_eq!(error.kind(), ErrorKind::ListLimitExceeded);
    insta::assert_snapshot!(error, @"search: the list has more than the 10000 items that the service returns; use `scroll`, which returns all of them");
    let query = SearchQuery::new().q("*").limit(10_000);
    let typed = search.post_search(ANY, query).entries::<Run>().stream();
    let error = typed.collect().await.expect_err("more than is served");
    assert_eq!(error.kind(), ErrorKind::ListLimitExceeded);
}

#[tokio::test]
async fn a_query_and_a_list_of_subjects_delete() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = runs(&search).await;
    let warm = DeleteByQueryRequest::new().filter(Filter::range("kelvin", 293.0..300.0));
    let task = search.delete_by_query(index, warm).await.expect("a task");
    search
        .wait(task.task_id)
        .polling_interval(OFTEN)
        .await
        .expect("an end");
    let rest = found(&search, index, Filter::exists("title")).await;
    assert_eq!(rest.concat(), "03");
    let subjects = BatchDeleteBySubjectRequest::new().subjects(["run:0", "run:404"]);
    let task = search
        .batch_delete_by_subject(index, subjects)
        .await
        .expect("a task");
    search
        .wait(task.task_id)
        .polling_interval(OFTEN)
        .await
        .expect("an end");
    let rest = found(&search, index, Filter::exists("title")).await;
    assert_eq!(rest.concat(), "3");
}

#[tokio::test]
async fn a_role_is_given_listed_and_taken() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let ada = "urn:globus:auth:identity:46bd0f56-e24f-11e5-a510-131bef46955c";
    let role = search
        .create_role(index, RoleCreateRequest::new(RoleName::Writer, ada))
        .await
        .expect("a role");
    assert_eq!(
        (role.role_name, role.principal.as_deref()),
        (Some(RoleName::Writer), Some(ada))
    );
    let listed = search.get_role_list(index).await.expect("roles").role_list;
    assert_eq!(listed.len(), 2, "the owner and the writer");
    let gone = search
        .delete_role(index, role.id.as_str())
        .await
        .expect("a deletion");
    assert_eq!(gone.deleted.expect("the role").id, role.id);
    let listed = search.get_role_list(index).await.expect("roles").role_list;
    assert_eq!(listed.len(), 1);
}
