//! Globus Search.

use crate::harness::operations;
use globus_sdk::search::types::*;
use globus_sdk::types::{Timestamp, Uuid};
use serde_json::json;

const INDEX: Uuid = Uuid::from_u128(0x60d1_160b_f016_40b0_8545_9961_9865_873d);
const ROLE: &str = "MDQwMzMx";
const ADA: &str = "urn:globus:auth:identity:46bd0f56-e24f-11e5-a510-131bef46955c";
const CONFIGURATION: &str = "3b0c8f5e-0f57-4f63-8a0b-1d6f2e7c9a44";
const SCAN: &str = "8f6b1d0e-2c1c-4a51-9a3e-0d2f6f0f2a11";
const TASK: Uuid = Uuid::from_u128(0x2896_fb8a_17a7_11ea_b3ab_0a5b_1fca_e4a3);

operations!(
    search.create_index(IndexCreateRequest::new(
        "Awesome Index of Awesomeness",
        "An index so awesome that it simply cannot be described",
    )),
    search.get_index(INDEX),
    search.update_index(
        INDEX,
        IndexUpdateRequest::new().display_name("Awesome Index of Awesomeness"),
    ),
    search.delete_index(INDEX),
    search.reopen_index(INDEX),
    search.get_role_list(INDEX),
    search.create_role(INDEX, RoleCreateRequest::new(RoleName::Writer, ADA)),
    search.delete_role(INDEX, ROLE),
    search.index_list().filter_roles(["owner", "admin"]),
    search
        .search(INDEX, "heart & lung")
        .limit(20)
        .offset(40)
        .advanced(true)
        .filter_principal_sets(["curators"])
        .fields(["content", "visible_to"]),
    search.post_search(INDEX, every_kind_of_filter_and_facet()),
    search.scroll(
        INDEX,
        ScrollQuery::new()
            .q("*")
            .limit(100)
            .marker("3d34900e3e4211ebb0a806b2af333354"),
    ),
    search
        .get_subject(INDEX, "https://example.com/foo/bar?a=b")
        .bypass_visible_to(true),
    search
        .get_entry(INDEX, "https://example.com/foo/bar")
        .entry_id("foo/bar"),
    search.delete_subject(INDEX, "https://example.com/foo/bar"),
    search.create_entry(
        INDEX,
        MetaEntry::new("https://example.com/foo/bar", json!({"year": 2014})).clear_id(),
    ),
    search.update_entry(
        INDEX,
        MetaEntry::new("https://example.com/foo/bar", json!({"year": 2015})).id("foo/bar"),
    ),
    search
        .delete_entry(INDEX, "https://example.com/foo/bar")
        .entry_id("foo/bar"),
    search.batch_delete_by_subject(
        INDEX,
        BatchDeleteBySubjectRequest::new()
            .subjects(["https://example.com/foo/bar", "https://example.com/foo/baz"]),
    ),
    search.ingest(
        INDEX,
        IngestRequest::from(
            IngestList::new(
                MetaList::new().gmeta([MetaEntry::new(
                    "https://example.com/foo/bar",
                    json!({"location": {"center": {"lat": 41.8, "lon": -87.6}}}),
                )
                .id("otherentry")
                .visible_to(["public"])]),
            )
            .field_mapping([("location.center".to_owned(), FieldMappingType::GeoPoint)])
        ),
    ),
    search.delete_by_query(
        INDEX,
        DeleteByQueryRequest::new()
            .q("user query")
            .filters([RangeFilter::new("path.to.date")
                .values([ValueRange::new().from("*").to("2014-11-07")])]),
    ),
    search.get_task(TASK),
    search.get_task_list(INDEX),
    search.get_index_mapping(INDEX),
    search.get_field_mapping(INDEX, "bar.baz"),
    search.get_field_budget(INDEX),
    search.insights_ingest(
        CONFIGURATION,
        InsightsIngest::new(SCAN).events([InsightsFileScanEvent::new(
            midnight(),
            InsightsFileAttributes::new(
                ScannedType::File,
                "/data/run7/a.h5",
                4711,
                1024,
                1000,
                1000,
                "-rw-r--r--",
                midnight(),
                midnight(),
                midnight(),
            ),
        )]),
    ),
    search.insights_scan_start(
        CONFIGURATION,
        InsightsScanStart::new(ScanType::Full, "/data/"),
    ),
    search.insights_scan_stop(
        CONFIGURATION,
        SCAN,
        InsightsScanStop::new(ScanStatus::Succeeded),
    ),
    search.get_insights_catalog("0d9f7b2e-6a55-4f0e-8a4c-1f6f6a0f7c22"),
    search.list_insights_catalogs(),
);

fn every_kind_of_filter_and_facet() -> SearchQuery {
    let year = MatchAnyFilter::new("year").values([2014, 2015]);
    let no_draft = NotFilter::new(LikeFilter::new("title", "draft*"));
    let either = OrFilter::new().filters([
        Filter::from(ExistsFilter::new("doi")),
        Filter::from(no_draft),
    ]);
    let site = GeoBoundingBoxFilter::new(
        "site",
        Coordinate::new(42.1, -88.0),
        Coordinate::new(41.6, -87.5),
    );
    SearchQuery::new()
        .q("heart")
        .limit(20)
        .filter_principal_sets(["curators"])
        .q_settings(
            TextMatchQSettings::new()
                .default_operator(DefaultOperator::And)
                .fuzziness(1),
        )
        .filters([
            Filter::from(MatchAllFilter::new("tags").values(["heart", "mri"])),
            AndFilter::new()
                .filters([Filter::from(year), Filter::from(either)])
                .into(),
            site.into(),
        ])
        .post_facet_filters([
            RangeFilter::new("year").values([ValueRange::new().gte(2014).lt(2020)])
        ])
        .facets([
            Facet::from(TermsFacet::new("tags").name("Tags").size(5)),
            SumFacet::new("size").missing(0.0).into(),
            DateHistogramFacet::new("date", DateInterval::Month)
                .histogram_range(DateHistogramRange::new("2014-01-01", "2014-12-31"))
                .into(),
            NumericHistogramFacet::new("age", 4, NumericHistogramRange::new(0.0, 100.0)).into(),
        ])
        .boosts([Boost::new("title", 2.5)])
        .sort([Sort::new("date").order(SortOrder::Asc)])
}

fn midnight() -> Timestamp {
    "2026-01-01T00:00:00Z".into()
}

/// The older format, in which filters say by themselves when they apply.
#[test]
fn a_query_of_2017_says_of_each_filter_when_it_applies() {
    let tags = MatchAnyFilter::new("tags")
        .values(["mri"])
        .post_filter(false);
    let none = NotFilter::new(ExistsFilter::new("doi")).post_filter(true);
    let query = SearchQuery::new()
        .version(SearchVersion::V20170901)
        .datatype("GSearchRequest")
        .filters([Filter::from(tags), Filter::from(none)]);
    let document = serde_json::to_value(&query).expect("JSON");
    assert_eq!(
        document,
        json!({
            "@datatype": "GSearchRequest",
            "@version": "2017-09-01",
            "filters": [
                {"type": "match_any", "field_name": "tags", "values": ["mri"], "post_filter": false},
                {"type": "not", "filter": {"type": "exists", "field_name": "doi"}, "post_filter": true},
            ],
        })
    );
    assert_eq!(
        ScrollQuery::from(query).version,
        Some(ScrollVersion::V20170901)
    );
}

#[test]
fn a_query_names_the_newest_version_by_itself() {
    for query in [SearchQuery::new(), SearchQuery::default()] {
        let document = serde_json::to_value(&query).expect("JSON");
        assert_eq!(document, json!({"@version": "query#1.0.0"}));
        assert_eq!(ScrollQuery::from(query), ScrollQuery::new());
    }
}
