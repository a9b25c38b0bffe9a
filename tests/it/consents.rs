//! Consents make trees, and trees do for scopes or not.

use globus_sdk::auth::ConsentForest;
use globus_sdk::auth::types::{Consent, Consents};
use globus_sdk::{Error, ErrorKind};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A consent to a scope, at the end of a path.
fn consent(scope: &str, path: &[i64]) -> Value {
    json!({
        "id": path.last(), "client": "065db752-2f43-4fe1-a633-2ee68c9da889",
        "scope": "89ecabba-4acf-4e2e-a98d-ce592ccc2818", "scope_name": scope,
        "effective_identity": "8ca28797-3541-4a5d-a264-05b00f91e608", "status": "approved",
        "dependency_path": path, "allows_refresh": true, "auto_approved": false,
        "atomically_revocable": false, "created": "2022-09-21T17:10:14.270581+00:00",
        "updated": "2022-09-21T17:10:14.270581+00:00", "last_used": null,
    })
}

fn read(consents: &[Value]) -> Result<ConsentForest, Error> {
    let document: Consents =
        serde_json::from_value(json!({ "consents": consents })).expect("consents");
    document.to_forest()
}

/// Two programs: one may let Transfer access one collection, the other two.
fn forest() -> ConsentForest {
    let consents = [
        consent("collection2", &[4, 6]),
        consent("transfer", &[1]),
        consent("collection1", &[1, 2]),
        consent("identity", &[1, 2, 3]),
        consent("transfer", &[4]),
        consent("collection1", &[4, 5]),
        consent("openid", &[7]),
    ];
    read(&consents).expect("a forest")
}

#[test]
fn a_scope_is_met_by_a_tree_with_all_that_it_depends_on() {
    let forest = forest();
    for (scopes, met) in [
        ("transfer", true),
        ("openid", true),
        ("transfer openid", true),
        ("transfer[collection1]", true),
        ("transfer[collection1[identity]]", true),
        ("transfer[collection1 collection2]", true),
        ("", true),
        // nobody consented to it as such
        ("collection1", false),
        ("transfer[collection3]", false),
        ("transfer openid[collection1]", false),
        // no one tree has both
        ("transfer[collection1[identity] collection2]", false),
        ("transfer[identity]", false),
    ] {
        assert_eq!(
            forest.meets_scope_requirements(scopes).expect("scopes"),
            met,
            "{scopes}"
        );
    }
}

#[test]
fn what_is_optional_must_be_there_as_well() {
    let forest = forest();
    assert!(
        forest
            .meets_scope_requirements("*transfer[*collection1]")
            .expect("scopes")
    );
    assert!(
        !forest
            .meets_scope_requirements("transfer[*collection3]")
            .expect("scopes")
    );
}

#[test]
fn malformed_scopes_are_refused() {
    let error = forest()
        .meets_scope_requirements("transfer[")
        .expect_err("malformed");
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn trees_begin_at_programs_and_are_walked() {
    let forest = forest();
    let trees: Vec<_> = forest.trees().collect();
    let names: Vec<&str> = trees
        .iter()
        .filter_map(|tree| tree.consent().scope_name.as_deref())
        .collect();
    assert_eq!(names, ["transfer", "transfer", "openid"]);
    let depths: Vec<usize> = trees.iter().map(|tree| tree.max_depth()).collect();
    assert_eq!(depths, [3, 2, 1]);
    assert_eq!(trees[1].children().count(), 2);
    assert!(
        trees[0]
            .meets_scope_requirements("transfer[collection1]")
            .expect("a scope")
    );
    assert!(
        !trees[0]
            .meets_scope_requirements("transfer[collection2]")
            .expect("a scope")
    );
    assert!(
        trees[0]
            .meets_scope_requirements("transfer openid")
            .is_err()
    );
}

#[test]
fn two_consents_of_one_name_below_another_are_both_tried() {
    let consents = [
        consent("a", &[1]),
        consent("b", &[1, 2]),
        consent("b", &[1, 3]),
        consent("c", &[1, 3, 4]),
    ];
    let forest = read(&consents).expect("a forest");
    assert!(forest.meets_scope_requirements("a[b[c]]").expect("scopes"));
}

#[test]
fn consents_that_make_no_forest_are_a_clear_error() {
    let mut lost = consent("a", &[1]);
    lost["dependency_path"] = json!([]);
    let mut elsewhere = consent("a", &[1]);
    elsewhere["dependency_path"] = json!([2]);
    let said: Vec<String> = [
        vec![consent("b", &[1, 2])],
        vec![consent("a", &[1]), consent("a", &[1])],
        vec![lost],
        vec![elsewhere],
        vec![
            consent("a", &[1]),
            consent("b", &[1, 2]),
            consent("c", &[2, 3]),
        ],
        // each hangs on the other
        vec![consent("a", &[2, 1]), consent("b", &[1, 2])],
    ]
    .iter()
    .map(|consents| {
        let error = read(consents).expect_err("no forest");
        assert_eq!(error.kind(), ErrorKind::Usage);
        error.to_string()
    })
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}

proptest! {
    #[test]
    fn any_paths_make_a_forest_or_are_refused(
        paths in prop::collection::vec(prop::collection::vec(1..5_i64, 1..5), 0..6),
        scopes in prop::sample::select(vec!["s", "s[s1]", "s s[s1[s2] s3]"]),
    ) {
        let consents: Vec<Consent> = paths
            .iter()
            .map(|path| serde_json::from_value(consent("s", path)).expect("a consent"))
            .collect();
        if let Ok(forest) = ConsentForest::new(consents) {
            let below: usize = forest.trees().map(|tree| tree.max_depth()).sum();
            prop_assert!(below <= paths.len());
            prop_assert!(forest.meets_scope_requirements(scopes).is_ok());
        }
    }
}
