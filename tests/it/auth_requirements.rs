//! What a login lacks, in every shape in which a service says it.

use globus_sdk::auth::{AuthorizationParameters, AuthorizationRequirements};
use globus_sdk::transport::RetryPolicy;
use globus_sdk::{Environment, Error, ErrorKind, auth, groups, search, transfer};
use globus_test_support::mock::{MockServer, answer};
use proptest::prelude::*;
use serde_json::{Value, json};

const DATA_ACCESS: &str = "urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/data_access]";

fn read(document: &Value) -> AuthorizationRequirements {
    AuthorizationRequirements::from_json(document).expect("requirements")
}

/// One document of each shape, as services write them.
fn shapes() -> [Value; 5] {
    [
        json!({
            "code": "AuthorizationRequired",
            "message": "not in this session",
            "authorization_parameters": {
                "required_scopes": [DATA_ACCESS, "openid"],
                "session_message": "log in with your institution",
                "session_required_identities": ["a@example.org", "b@example.org"],
                "session_required_policies": ["6c54cade-bde5-45c1-bdea-f4bd71dba2cc"],
                "session_required_single_domain": ["example.org"],
                "session_required_mfa": true,
                "prompt": "login",
                "novelty": [1],
            },
        }),
        json!({
            "detail": "policies of the collection",
            "authorization_parameters": {
                "session_message": "log in with your institution",
                "session_required_policies": "6c54cade-bde5-45c1-bdea-f4bd71dba2cc, 61338d24-54d5-408f-a10d-66c06b59f6d2",
                "session_required_single_domain": "example.org",
                "prompt": "login",
            },
        }),
        json!({
            "code": "ConsentRequired",
            "message": "Missing required data_access consent",
            "required_scopes": [DATA_ACCESS],
            "request_id": "WmMV97A1w",
            "resource": "/transfer",
        }),
        json!({
            "code": "ConsentRequired",
            "description": "Missing required foo_bar consent",
            "required_scope": "https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/foo[bar]",
        }),
        json!({
            "error": "dependent_consent_required",
            "errors": [
                {"unapproved_scopes": ["urn:a:all[*b]", "urn:c:all"]},
                {"unapproved_scopes": ["urn:d:all"]},
            ],
        }),
    ]
}

#[test]
fn all_shapes_become_one_value() {
    let read: Vec<_> = shapes().iter().map(read).collect();
    insta::assert_debug_snapshot!(read);
}

#[test]
fn each_tells_the_next_step() {
    let said: Vec<String> = shapes()
        .iter()
        .map(|shape| read(shape).to_string())
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_no_login_needs_is_kept_and_not_sent() {
    let requirements = read(&shapes()[0]);
    assert_eq!(
        requirements.parameters.extra.get("novelty"),
        Some(&json!([1]))
    );
    assert_eq!(
        requirements.extra.get("message"),
        Some(&json!("not in this session"))
    );
    let client =
        auth::NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2").expect("a client");
    let evil = json!({"authorization_parameters": {"redirect_uri": "https://evil.example", "scope": "all"}});
    let page = client
        .oauth2_start_flow("openid")
        .parameters(read(&evil))
        .authorize_url()
        .expect("a page");
    assert!(!page.as_str().contains("evil"), "{page}");
}

#[test]
fn required_scopes_join_those_of_a_flow() {
    let client =
        auth::NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2").expect("a client");
    let flow = client
        .oauth2_start_flow([transfer::scopes::ALL, "openid"])
        .parameters(read(&shapes()[2]));
    let page = flow.authorize_url().expect("a page");
    let scope = page
        .query_pairs()
        .find(|(name, _)| name == "scope")
        .expect("scopes")
        .1;
    assert_eq!(scope, format!("{DATA_ACCESS} openid"));
}

#[test]
fn scopes_beside_the_parameters_are_found() {
    for (name, value) in [
        ("required_scopes", json!(["a[b]"])),
        ("required_scope", json!("a[b]")),
    ] {
        let mut document = json!({"code": "ConsentRequired", "authorization_parameters": {"session_message": "x"}});
        document[name] = value;
        assert_eq!(read(&document).parameters.required_scopes.as_str(), "a[b]");
    }
}

#[test]
fn the_first_of_several_errors_that_asks_for_a_login_counts() {
    let document =
        json!({"errors": [{"code": "NotFound"}, 5, shapes()[2].clone(), shapes()[3].clone()]});
    assert_eq!(read(&document), read(&shapes()[2]));
}

#[test]
fn malformed_documents_ask_for_nothing() {
    for document in [
        json!(null),
        json!([]),
        json!({}),
        json!({"code": "ConsentRequired"}),
        json!({"code": "ConsentRequired", "required_scopes": [1]}),
        json!({"code": "ConsentRequired", "required_scopes": ["a"], "message": 1}),
        json!({"code": "ConsentRequired", "required_scope": 1}),
        json!({"code": "Other", "required_scopes": ["a"]}),
        json!({"code": 1, "authorization_parameters": {}}),
        json!({"authorization_parameters": []}),
        json!({"authorization_parameters": {"session_message": 1}}),
        json!({"authorization_parameters": {"session_required_identities": {}}}),
        json!({"authorization_parameters": {"session_required_policies": [null]}}),
        json!({"authorization_parameters": {"session_required_mfa": "yes"}}),
        json!({"authorization_parameters": {"required_scopes": 5}}),
        json!({"authorization_parameters": {"prompt": true}}),
        json!({"error": "dependent_consent_required"}),
        json!({"error": "dependent_consent_required", "errors": []}),
        json!({"error": "dependent_consent_required", "errors": ["a"]}),
        json!({"error": "dependent_consent_required", "errors": [{"unapproved_scopes": [1]}]}),
    ] {
        assert_eq!(
            AuthorizationRequirements::from_json(&document),
            None,
            "{document}"
        );
    }
}

/// Any JSON, with the names and values that mean something in likely and unlikely places.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z,\\[\\]* ]{0,9}".prop_map(Value::from),
        Just(json!("ConsentRequired")),
        Just(json!("dependent_consent_required")),
    ];
    let name = prop::sample::select(vec![
        "code",
        "error",
        "errors",
        "authorization_parameters",
        "required_scope",
        "required_scopes",
        "unapproved_scopes",
        "session_message",
        "session_required_mfa",
        "session_required_policies",
        "session_required_identities",
        "session_required_single_domain",
        "prompt",
        "message",
        "x",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| {
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_read_or_not_and_what_was_read_can_be_told(document in documents()) {
        if let Some(requirements) = AuthorizationRequirements::from_json(&document) {
            prop_assert!(requirements.to_string().starts_with("log in again"));
            let _ = requirements.parameters.required_scopes.scopes();
        }
    }

    #[test]
    fn todays_shape_keeps_everything(
        code in "[A-Za-z]{1,12}",
        scopes in prop::collection::vec("[a-z:]{1,9}", 0..4),
        people in prop::collection::vec("[a-z@.]{1,9}", 0..4),
        domains in prop::collection::vec("[a-z.]{1,9}", 0..4),
        policies in prop::collection::vec("[a-z-]{1,9}", 0..4),
        mfa in any::<Option<bool>>(),
        message in any::<Option<String>>(),
        prompt in prop::option::of("[a-z]{1,9}"),
    ) {
        let document = json!({"code": code, "authorization_parameters": {
            "required_scopes": scopes, "session_required_identities": people,
            "session_required_single_domain": domains, "session_required_policies": policies,
            "session_required_mfa": mfa, "session_message": message, "prompt": prompt,
        }});
        let requirements = read(&document);
        let mut expected = AuthorizationParameters::default()
            .required_scopes(scopes)
            .session_required_identities(people)
            .session_required_single_domain(domains)
            .session_required_policies(policies);
        expected.session_required_mfa = mfa;
        expected.session_message = message;
        expected.prompt = prompt;
        prop_assert_eq!(&requirements.parameters, &expected);
        prop_assert_eq!(requirements.code, code);
    }
}

/// The error of a call to each service that is answered so.
async fn errors(status: u16, document: &Value) -> [Error; 4] {
    let server = MockServer::start([answer(status, &document.to_string())]).await;
    let here = Environment::empty().with_all_services(&server.url);
    let never = RetryPolicy::disabled();
    macro_rules! client {
        ($service:ident) => {
            $service::Client::builder()
                .environment(here.clone())
                .retry(never.clone())
                .build()
                .expect("a client")
        };
    }
    [
        client!(auth).get_projects().await.expect_err("an error"),
        client!(groups).get_my_groups().await.expect_err("an error"),
        client!(search).index_list().await.expect_err("an error"),
        client!(transfer).task_list().await.expect_err("an error"),
    ]
}

#[tokio::test]
async fn the_errors_of_every_service_have_them() {
    for shape in shapes() {
        for error in errors(403, &shape).await {
            assert_eq!(error.auth_requirements(), Some(read(&shape)), "{error}");
        }
    }
    for error in errors(403, &json!({"code": "Forbidden"})).await {
        assert_eq!(error.auth_requirements(), None, "{error}");
    }
}

#[tokio::test]
async fn the_message_says_the_next_step() {
    let [.., error] = errors(403, &shapes()[2]).await;
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(error, @"task_list: 403 ConsentRequired: Missing required data_access consent (request WmMV97A1w); log in again, with consent to `urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/data_access]`: Globus::login_with takes Error::auth_requirements");
}

#[tokio::test]
async fn an_error_that_was_caused_by_one_has_them_too() {
    let [error, ..] = errors(401, &shapes()[0]).await;
    let outer = Error::custom(ErrorKind::Storage, "the vault does not open").with_source(error);
    let outermost = Error::custom(ErrorKind::Usage, "no way in").with_source(outer);
    assert_eq!(outermost.auth_requirements(), Some(read(&shapes()[0])));
    assert_eq!(outermost.to_string(), "no way in");
}

#[tokio::test]
async fn what_a_caller_keeps_of_an_answer_can_be_read_later() {
    let [error, ..] = errors(403, &shapes()[4]).await;
    let (_, body) = error.response_parts().expect("the answer");
    let document: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(
        error.auth_requirements(),
        AuthorizationRequirements::from_json(&document)
    );
}

#[test]
fn requirements_within_an_error_or_a_list_are_found() {
    let shape = shapes()[2].clone();
    for document in [
        json!({"error": shape, "debug_id": "x"}),
        json!([{"code": "NotFound"}, shape]),
        json!({"code": null, "errors": [{"code": "NotFound"}, shape]}),
    ] {
        assert_eq!(read(&document), read(&shapes()[2]), "{document}");
    }
}

#[test]
fn requirements_that_a_message_of_gridftp_quotes_are_found() {
    let result = json!({"DATA_TYPE": "result#1.1.0", "code": "permission_denied", "message": null,
        "authorization_parameters": {"session_required_single_domain": ["example.edu"]}});
    let quoted = |result: &str| {
        json!({"code": "ExternalError.DirListingFailed.LoginFailed",
            "message": format!("Error (login)\nDetails: 530-Login incorrect.\\r\\n530-GridFTP-JSON-Result: {result}\\r\\n530 End.")})
    };
    let found = read(&quoted(&result.to_string()));
    assert_eq!(
        found.parameters.session_required_single_domain,
        ["example.edu"]
    );
    for other in [
        "",
        "{",
        "{}",
        "7",
        r#"{"DATA_TYPE":"result#1.1.0","code":"permission_denied"}"#,
    ] {
        assert_eq!(
            AuthorizationRequirements::from_json(&quoted(other)),
            None,
            "{other}"
        );
    }
}
