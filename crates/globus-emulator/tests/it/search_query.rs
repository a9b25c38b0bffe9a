//! Queries: what is found, in what order, and by whom.

use globus_test_support::emulator::*;
use serde_json::{Value, json};

fn papers() -> [(&'static str, Value); 4] {
    [
        (
            "paper/1",
            json!({ "title": "Running rivers", "year": 2012, "tags": ["water", "maps"],
                    "published": "2012-03-04", "place": { "lat": 10.5, "lon": 20.5 } }),
        ),
        (
            "paper/2",
            json!({ "title": "Quiet lakes", "year": 2014, "tags": ["water"],
                    "published": "2014-11-07", "place": { "lat": 41.0, "lon": -87.5 } }),
        ),
        (
            "paper/3",
            json!({ "title": "Rivers and lakes", "year": 2016, "tags": [],
                    "published": "2016-01-01T12:00:00Z", "author": { "name": "Ada" } }),
        ),
        (
            "paper/4",
            json!({ "title": "Deserts", "year": 2014, "open": true }),
        ),
    ]
}

fn filter(filter: Value) -> Value {
    json!({ "@version": "query#1.0.0", "filters": [filter], "sort": [{ "field_name": "title", "order": "asc" }] })
}

#[tokio::test]
async fn a_get_query_finds_words_whatever_their_form() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let found = index
        .get_as_nobody("/search?q=river&limit=10&advanced=False")
        .await?;
    assert_eq!(found.at("/@datatype"), "GSearchResult");
    assert_eq!(found.at("/total"), 2);
    assert_eq!(found.at("/gmeta/0/@datatype"), "GMetaResult");
    assert!(found.at("/gmeta/0/entries/0/entry_id").is_null());
    assert_eq!(
        found.at("/gmeta/0/entries/0/matched_principal_sets"),
        &json!([])
    );
    Ok(())
}

#[tokio::test]
async fn plain_queries_join_exclude_and_quote() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for (q, expected) in [
        ("*", vec!["paper/1", "paper/2", "paper/3", "paper/4"]),
        ("rivers + lakes", vec!["paper/3"]),
        ("lakes -rivers", vec!["paper/2"]),
        ("desert | quiet", vec!["paper/2", "paper/4"]),
        ("\"running rivers\"", vec!["paper/1"]),
        ("des*", vec!["paper/4"]),
        ("-water", vec!["paper/3", "paper/4"]),
        ("nowhere", vec![]),
        ("\"", vec![]),
    ] {
        let mut found = index.subjects(&json!({ "q": q, "limit": 10 })).await?;
        found.sort();
        if q != "\"" {
            assert_eq!(found, expected, "{q}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn advanced_queries_name_fields_and_ranges() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for (q, expected) in [
        ("title:lakes", vec!["paper/2", "paper/3"]),
        ("year:[2013 TO 2015]", vec!["paper/2", "paper/4"]),
        ("year:>=2016 OR title:deserts", vec!["paper/3", "paper/4"]),
        ("water AND NOT title:quiet", vec!["paper/1"]),
        ("author.name:ada", vec!["paper/3"]),
        ("_exists_:author", vec!["paper/3"]),
        ("title:(rivers AND lakes)", vec!["paper/3"]),
        ("published:[2012 TO 2014]", vec!["paper/1", "paper/2"]),
        ("open:true", vec!["paper/4"]),
    ] {
        let mut found = index.subjects(&json!({ "q": q, "advanced": true })).await?;
        found.sort();
        assert_eq!(found, expected, "{q}");
    }
    let wrong = index
        .post("/search", &json!({ "q": "title:(", "advanced": true }))
        .await?;
    assert_eq!(wrong.status, 400);
    Ok(())
}

#[tokio::test]
async fn filters_select_by_value_range_and_shape() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let on = |kind: &str, field: &str| json!({ "type": kind, "field_name": field });
    let with = |mut filter: Value, name: &str, value: Value| {
        filter[name] = value;
        filter
    };
    let values = |kind: &str, field: &str, values: Value| with(on(kind, field), "values", values);
    let boxed = |left: f64, right: f64| {
        json!({ "type": "geo_bounding_box", "field_name": "place",
                "top_left": { "lat": 50.0, "lon": left },
                "bottom_right": { "lat": 0.0, "lon": right } })
    };
    for (document, expected) in [
        (
            values("match_all", "tags", json!(["water", "maps"])),
            vec!["paper/1"],
        ),
        (
            values("match_any", "year", json!([2012, 2016])),
            vec!["paper/3", "paper/1"],
        ),
        (values("match_any", "open", json!([true])), vec!["paper/4"]),
        (
            values(
                "range",
                "published",
                json!([{ "from": "*", "to": "2014-11-07" }]),
            ),
            vec!["paper/2", "paper/1"],
        ),
        (
            values("range", "year", json!([{ "gt": 2014 }])),
            vec!["paper/3"],
        ),
        (on("exists", "author"), vec!["paper/3"]),
        (
            with(on("like", "title"), "value", json!("*lakes")),
            vec!["paper/2", "paper/3"],
        ),
        (
            json!({ "type": "not", "filter": on("exists", "published") }),
            vec!["paper/4"],
        ),
        (
            json!({ "type": "and", "filters": [
                on("exists", "published"), values("match_any", "tags", json!(["water"]))] }),
            vec!["paper/2", "paper/1"],
        ),
        (boxed(0.0, 30.0), vec!["paper/1"]),
        (boxed(170.0, -80.0), vec!["paper/2"]),
    ] {
        let found = index.subjects(&filter(document.clone())).await?;
        assert_eq!(found, expected, "{document}");
    }
    Ok(())
}

#[tokio::test]
async fn facets_count_values_and_dates() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let query = json!({ "q": "*", "facets": [
        { "type": "terms", "name": "years", "field_name": "year", "size": 1 },
        { "type": "terms", "field_name": "tags" },
        { "type": "sum", "field_name": "year" },
        { "type": "avg", "field_name": "year" },
        { "type": "date_histogram", "field_name": "published", "date_interval": "year" },
        { "type": "numeric_histogram", "field_name": "year", "size": 2,
          "histogram_range": { "low": 2010, "high": 2020 } },
        { "type": "distinct_count", "field_name": "year" },
    ] });
    let found = index.post("/search", &query).await?;
    let values = |n: usize| {
        let buckets = found.at(&format!("/facet_results/{n}/buckets")).as_array();
        buckets.map(|list| {
            list.iter()
                .map(|b| (b["value"].clone(), b["count"].clone()))
                .collect()
        })
    };
    let some = |list: &[(Value, i64)]| -> Option<Vec<(Value, Value)>> {
        Some(
            list.iter()
                .map(|(value, count)| (value.clone(), json!(count)))
                .collect(),
        )
    };
    assert_eq!(found.at("/facet_results/0/name"), "years");
    assert_eq!(values(0), some(&[(json!(2014), 2)]));
    assert_eq!(values(1), some(&[(json!("water"), 2), (json!("maps"), 1)]));
    assert_eq!(found.at("/facet_results/2/value"), 8056.0);
    assert_eq!(found.at("/facet_results/3/value"), 2014.0);
    assert_eq!(
        values(4),
        some(&[(json!("2012"), 1), (json!("2014"), 1), (json!("2016"), 1)])
    );
    assert_eq!(found.at("/facet_results/5/buckets/0/count"), 3);
    assert_eq!(found.at("/facet_results/5/buckets/1/value/from"), 2015.0);
    assert_eq!(found.at("/facet_results/6/approximate_value"), 3);
    Ok(())
}

#[tokio::test]
async fn post_filters_leave_the_facets_alone() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let query = json!({ "q": "*",
        "filters": [{ "type": "match_any", "field_name": "year", "values": [2012] }],
        "facets": [{ "type": "terms", "field_name": "year" }] });
    let found = index.post("/search", &query).await?;
    assert_eq!(found.at("/total"), 1);
    let buckets = found.at("/facet_results/0/buckets").as_array();
    assert_eq!(buckets.map(Vec::len), Some(3));
    Ok(())
}

#[tokio::test]
async fn a_filter_of_2017_says_itself_whether_facets_count_it() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for (kind, post_filter, counted) in [
        ("match_any", json!(false), 1),
        ("match_any", json!(true), 3),
        ("match_any", Value::Null, 3),
        ("match_all", Value::Null, 1),
        ("match_all", json!(true), 3),
    ] {
        let mut filter = json!({ "type": kind, "field_name": "year", "values": [2012] });
        if !post_filter.is_null() {
            filter["post_filter"] = post_filter.clone();
        }
        let query = json!({ "@datatype": "GSearchRequest", "@version": "2017-09-01", "q": "*",
            "filters": [filter], "facets": [{ "type": "terms", "field_name": "year" }] });
        let found = index.post("/search", &query).await?;
        assert_eq!(found.at("/total"), 1, "{found:?}");
        let buckets = found.at("/facet_results/0/buckets").as_array();
        assert_eq!(buckets.map(Vec::len), Some(counted), "{kind} {post_filter}");
    }
    Ok(())
}

#[tokio::test]
async fn a_get_query_names_the_parts_of_entries_it_wants() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let keys = |found: &Answer| -> Vec<String> {
        let entry = found.at("/gmeta/0/entries/0").as_object().cloned();
        let keys = entry.unwrap_or_default().into_iter().map(|(key, _)| key);
        keys.filter(|key| ["content", "visible_to", "principal_sets"].contains(&key.as_str()))
            .collect()
    };
    for (query, expected) in [
        ("q=desert", vec!["content"]),
        ("q=desert&fields=visible_to", vec!["visible_to"]),
        (
            "q=desert&fields=content,visible_to",
            vec!["content", "visible_to"],
        ),
    ] {
        let found = index.get(&format!("/search?{query}")).await?;
        assert_eq!(keys(&found), expected, "{query}: {found:?}");
    }
    let refused = index.get("/search?q=desert&fields=subject").await?;
    assert_eq!(refused.status, 400);
    let body = json!({ "q": "*", "fields": ["subject"] });
    assert_eq!(index.post("/search", &body).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn what_is_in_beta_is_not_implemented_rather_than_not_found() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let token = sandbox.robot_token(SEARCH_ALL).await?;
    let of_index = index.path("").replace("/v1/", "/beta/");
    let of_index = of_index.trim_end_matches('/');
    for path in [
        format!("{of_index}/mapping"),
        format!("{of_index}/mapping/title"),
        format!("{of_index}/field_budget"),
        "/beta/insights/catalog/a".to_owned(),
        "/beta/insights/catalog_list".to_owned(),
    ] {
        let refused = answer(sandbox.get(&path).bearer_auth(&token)).await?;
        assert_eq!(
            (refused.status.as_u16(), refused.at("/@datatype")),
            (501, &json!("GError")),
            "{path}"
        );
        let message = refused.text_at("/message")?;
        assert!(message.contains(&path), "{message}");
        assert_eq!(answer(sandbox.get(&path)).await?.status, 401, "{path}");
    }
    let stop = "/beta/insights/collection_configuration/a/scan/b";
    let body = json!({ "status": "succeeded" });
    let refused = answer(sandbox.post(stop).json(&body).bearer_auth(&token)).await?;
    assert_eq!(refused.status, 501);
    Ok(())
}

#[tokio::test]
async fn results_are_sorted_with_missing_values_last() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for (order, expected) in [
        ("asc", ["paper/1", "paper/2", "paper/3", "paper/4"]),
        ("desc", ["paper/3", "paper/2", "paper/1", "paper/4"]),
    ] {
        let sort = json!([{ "field_name": "published", "order": order }]);
        assert_eq!(
            index.subjects(&json!({ "q": "*", "sort": sort })).await?,
            expected
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_boosted_field_comes_first() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let entries = [
        ("short", json!({ "a": "whale", "b": "x" })),
        (
            "long",
            json!({ "a": "a long text about other things and more of that", "b": "whale" }),
        ),
    ];
    let index = TestIndex::with(&sandbox, entries).await?;
    assert_eq!(
        index.subjects(&json!({ "q": "whale" })).await?,
        ["short", "long"]
    );
    let query = json!({ "q": "whale", "boosts": [{ "field_name": "b", "factor": 100 }] });
    assert_eq!(index.subjects(&query).await?, ["long", "short"]);
    Ok(())
}

#[tokio::test]
async fn pages_by_offset_and_by_scroll_cover_everything_once() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let names: Vec<String> = (0..25).map(|n| format!("s{n:02}")).collect();
    let index = TestIndex::with(
        &sandbox,
        names.iter().map(|n| (n.as_str(), json!({ "n": n }))),
    )
    .await?;
    let mut by_offset = Vec::new();
    loop {
        let page = index
            .get(&format!("/search?q=*&limit=10&offset={}", by_offset.len()))
            .await?;
        by_offset.extend(subjects_of(&page)?);
        if page.at("/has_next_page") == false {
            break;
        }
    }
    assert_eq!(by_offset, names);

    let (mut by_scroll, mut marker) = (Vec::new(), Value::Null);
    loop {
        let query = json!({ "q": "*", "limit": 10, "marker": marker });
        let page = index.post("/scroll", &query).await?;
        by_scroll.extend(subjects_of(&page)?);
        assert_eq!(page.at("/total"), 25);
        marker = page.at("/marker").clone();
        if page.at("/has_next_page") == false {
            break;
        }
    }
    assert_eq!(by_scroll, names);
    assert_eq!(
        index
            .post("/scroll", &json!({ "q": "*", "marker": "x" }))
            .await?
            .status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn entries_are_shown_only_to_whom_they_are_visible() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let user = format!("urn:globus:auth:identity:{}", sandbox.emulator.user().id);
    let entry = |subject: &str, who: &str| json!({ "subject": subject, "visible_to": [who], "content": { "x": 1 } });
    index
        .ingest(vec![
            entry("for all", "public"),
            entry("for members", "all_authenticated_users"),
            entry("for one", &user),
        ])
        .await?;
    assert_eq!(
        subjects_of(&index.get_as_nobody("/search?q=*").await?)?,
        ["for all"]
    );
    assert_eq!(
        subjects_of(&index.get("/search?q=*").await?)?,
        ["for all", "for members"]
    );
    let token = sandbox
        .native_login(SEARCH_ALL)
        .await?
        .text_at("/access_token")?;
    let request = sandbox.get(&index.path("/search?q=*")).bearer_auth(&token);
    assert_eq!(
        subjects_of(&answer(request).await?)?,
        ["for all", "for members", "for one"]
    );
    assert_eq!(
        index
            .get_as_nobody("/subject?subject=for%20one")
            .await?
            .status,
        404
    );

    let everything = index.get("/search?q=*&bypass_visible_to=true").await?;
    assert_eq!(everything.at("/total"), 3);
    let path = index.path("/search?q=*&bypass_visible_to=true");
    assert_eq!(
        answer(sandbox.get(&path).bearer_auth(&token)).await?.status,
        403
    );
    assert_eq!(
        index
            .get_as_nobody("/search?q=*&bypass_visible_to=true")
            .await?
            .status,
        401
    );
    Ok(())
}

#[tokio::test]
async fn principal_sets_narrow_a_query_and_are_named() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let robot = format!("urn:globus:auth:identity:{ROBOT}");
    index
        .ingest(vec![
            json!({ "subject": "mine", "visible_to": ["public"], "content": {},
                    "principal_sets": { "owners": [robot] } }),
            json!({ "subject": "other", "visible_to": ["public"], "content": {} }),
        ])
        .await?;
    let found = index
        .get("/search?q=*&filter_principal_sets=owners,readers")
        .await?;
    assert_eq!(subjects_of(&found)?, ["mine"]);
    assert_eq!(
        found.at("/gmeta/0/entries/0/matched_principal_sets"),
        &json!(["owners"])
    );
    Ok(())
}

#[tokio::test]
async fn a_query_sees_every_change_before_it() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    let query = json!({ "q": "rivers", "@version": "query#1.0.0",
        "filters": [{ "type": "exists", "field_name": "year" }],
        "facets": [{ "type": "terms", "field_name": "year" }] });
    let found = async || -> Result<_, Box<dyn std::error::Error>> {
        let found = index.post("/search", &query).await?;
        let years = found
            .at("/facet_results/0/buckets")
            .as_array()
            .map(Vec::len);
        let mut subjects = subjects_of(&found)?;
        subjects.sort();
        Ok((subjects, years))
    };
    let before = found().await?;
    assert_eq!(before.0, ["paper/1", "paper/3"]);
    assert_eq!(before.1, Some(2));

    let snapshot = sandbox.emulator.snapshot().await?;
    let entry = |subject: &str, year: u32| {
        json!({ "subject": subject, "visible_to": ["public"],
                "content": { "title": "A river", "year": year } })
    };
    index.ingest(vec![entry("paper/5", 2018)]).await?;
    assert_eq!(found().await?.0, ["paper/1", "paper/3", "paper/5"]);
    let request = sandbox
        .delete(&index.path("/subject?subject=paper/1"))
        .bearer_auth(&index.token);
    index.wait(&answer(request).await?).await?;
    assert_eq!(found().await?.0, ["paper/3", "paper/5"]);
    index
        .ingest(vec![entry("paper/5", 2016), entry("paper/1", 2019)])
        .await?;
    assert_eq!(found().await?.0, ["paper/1", "paper/3", "paper/5"]);
    assert_eq!(found().await?.1, Some(2));

    // The same numbers come to stand for other entries.
    sandbox.emulator.restore(snapshot).await?;
    assert_eq!(found().await?, before);
    index.ingest(vec![entry("paper/6", 2012)]).await?;
    assert_eq!(found().await?.0, ["paper/1", "paper/3", "paper/6"]);
    assert_eq!(found().await?.1, Some(2));
    Ok(())
}

#[tokio::test]
async fn the_entries_of_a_subject_that_match_are_shown_with_it() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::create(&sandbox).await?;
    let entry = |id: &str, n: u32| {
        json!({ "subject": format!("s{}", n % 2), "id": id, "visible_to": ["public"],
                "content": { "n": n } })
    };
    index
        .ingest(vec![
            entry("a", 1),
            entry("b", 4),
            entry("c", 3),
            entry("d", 2),
        ])
        .await?;
    let above = |n: u32, order: &str| {
        json!({ "filters": [{ "type": "range", "field_name": "n", "values": [{ "gt": n }] }],
                "sort": [{ "field_name": "n", "order": order }] })
    };
    let found = index.post("/search", &above(1, "asc")).await?;
    assert_eq!(found.at("/total"), 2);
    assert_eq!(subjects_of(&found)?, ["s0", "s1"]);
    let ids = |n: usize| {
        let entries = found.at(&format!("/gmeta/{n}/entries")).as_array();
        entries.map(|all| {
            all.iter()
                .map(|e| e["entry_id"].clone())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(ids(0), Some(vec![json!("b"), json!("d")]));
    assert_eq!(ids(1), Some(vec![json!("c")]));
    assert_eq!(index.subjects(&above(0, "asc")).await?, ["s1", "s0"]);
    assert_eq!(index.subjects(&above(0, "desc")).await?, ["s0", "s1"]);
    Ok(())
}

#[tokio::test]
async fn wrong_queries_are_refused_in_words() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for query in [
        json!({}),
        json!({ "q": 1 }),
        json!({ "q": "x", "limit": -1 }),
        json!({ "q": "x", "limit": 10_001 }),
        json!({ "q": "x", "filters": [{}] }),
        json!({ "q": "x", "filters": [{ "type": "no", "field_name": "a" }] }),
        json!({ "q": "x", "filters": [{ "type": "match_all", "field_name": "a", "values": [] }] }),
        json!({ "q": "x", "facets": [{ "type": "terms" }] }),
        json!({ "q": "x", "facets": [{ "type": "terms", "field_name": "a", "size": 0 }] }),
        json!({ "q": "x", "sort": [{ "field_name": "a", "order": "up" }] }),
        json!({ "q": "x", "@version": "3000-01-01" }),
    ] {
        let answer = index.post("/search", &query).await?;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text_at("/message")?.len() > 5);
    }
    assert_eq!(index.get("/search").await?.status, 400);
    assert_eq!(index.get("/search?q=x&limit=many").await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn no_text_breaks_a_query() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let index = TestIndex::with(&sandbox, papers()).await?;
    for text in [
        "\0",
        "a\0b",
        "' OR 1=1 --",
        "\u{1F600}",
        "NEAR(a b)",
        "a:b",
        "col : x",
        "^x",
        "--",
        "{",
        "%_",
        "\u{E000}",
    ] {
        for advanced in [false, true] {
            let query = json!({ "q": text, "advanced": advanced,
                "filters": [{ "type": "like", "field_name": text, "value": text }] });
            let answer = index.post("/search", &query).await?;
            assert!(
                answer.status == 200 || answer.status == 400,
                "{text:?}: {answer:?}"
            );
        }
    }
    Ok(())
}
