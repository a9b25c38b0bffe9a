//! Methods, builders and table entries of operations: one snapshot per extension.

use crate::tiny::{Tiny, document, generate};
use insta::assert_snapshot;

/// The lines of generated code that begin with one of `words`.
fn lines(code: &str, words: &[&str]) -> String {
    let lines = code.lines().map(str::trim);
    let lines = lines.filter(|line| words.iter().any(|word| line.starts_with(word)));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_service_with_its_scopes() {
    let spec = Tiny::new().operation(
        "view_it",
        "get",
        "/v1/it",
        None,
        "x-globus-scopes: [all, view]\nx-globus-python: [TinyClient.view_it]",
    );
    assert_snapshot!(spec.items(&[
        "static SERVICE",
        "mod scopes",
        "static VIEW_IT",
        "static ALL"
    ]));
}

#[test]
fn required_parameters_are_arguments_and_others_setters() {
    let spec = Tiny::new()
        .schema("Words", "type: string\nx-globus-rust-type: 'crate::types::CommaList'")
        .schema("Thing", "type: object\nproperties: {a: {type: string, description: An a.}}")
        .operation(
            "get_thing",
            "get",
            "/v1/things/{thing_id}/{type}",
            Some("Thing"),
            "
parameters:
  - {name: thing_id, in: path, required: true, description: Which., schema: {type: string, format: uuid}}
  - {name: type, in: path, required: true, description: Of what kind., schema: {type: string}}
  - {name: limit, in: query, description: How many., schema: {type: integer}}
  - {name: owner_id, in: query, description: Whose., schema: {type: string, format: uuid}}
  - {name: ids, in: query, description: Some ids., schema: {type: array, items: {type: string}}}
  - {name: fields, in: query, description: What to tell., schema: {$ref: '#/components/schemas/Words'}}
",
        );
    assert_snapshot!(spec.items(&["Client::get_thing", "GetThing"]));
}

#[test]
fn a_header_is_an_option_of_the_call() {
    let spec = Tiny::new().operation(
        "get_it",
        "get",
        "/v1/it",
        None,
        "parameters: [{name: community-context, in: header, description: For whom., schema: {type: string}}]",
    );
    assert_snapshot!(spec.items(&["Client::get_it", "GetIt"]));
}

#[test]
fn a_number_in_the_path() {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "type: object\nproperties: {a: {type: string, description: An a.}}",
        )
        .operation(
            "get_thing",
            "get",
            "/v1/things/{number}",
            Some("Thing"),
            "parameters: [{name: number, in: path, required: true, description: Which., schema: {type: integer}}]",
        );
    assert_snapshot!(spec.items(&["Client::get_thing", "GetThing"]));
}

#[test]
fn a_json_body() {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "type: object\nproperties: {a: {type: string, description: An a.}}",
        )
        .takes("Thing");
    assert_snapshot!(spec.items(&["Client::put_it", "PutIt"]));
}

#[test]
fn a_form() {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "type: object\nproperties: {a: {type: string, description: An a.}}",
        )
        .operation(
            "post_it",
            "post",
            "/v1/it",
            None,
            &format!(
                "x-globus-idempotency: not-idempotent\nx-globus-auth: client\n{}",
                document("application/x-www-form-urlencoded", "Thing")
            ),
        );
    assert_snapshot!(spec.items(&["Client::post_it", "static POST_IT"]));
}

#[test]
fn every_way_to_authenticate() {
    let mut spec = Tiny::new().operation("absent", "get", "/v1/absent", None, "");
    for auth in ["bearer", "basic", "client", "none"] {
        let (id, path) = (format!("auth_{auth}"), format!("/v1/{auth}"));
        spec = spec.operation(&id, "get", &path, None, &format!("x-globus-auth: {auth}"));
    }
    let code = generate("tiny.yaml", &spec.yaml());
    assert_snapshot!(lines(
        &code,
        &["name:", "auth:", "/// * Authenticates", "/// * Needs"]
    ));
}

#[test]
fn every_idempotency() {
    let mut spec = Tiny::new().operation("absent", "get", "/v1/absent", None, "");
    for value in ["idempotent", "deduplicated-by-id", "not-idempotent"] {
        let id = format!("idempotency_{}", value.replace('-', "_"));
        let (path, yaml) = (
            format!("/v1/{value}"),
            format!("x-globus-idempotency: {value}"),
        );
        spec = spec.operation(&id, "post", &path, None, &yaml);
    }
    let code = generate("tiny.yaml", &spec.yaml());
    assert_snapshot!(lines(
        &code,
        &["name:", "idempotency:", "/// * Idempotency"]
    ));
}

#[test]
fn a_url_only_operation_builds_a_url() {
    let spec = Tiny::new().operation(
        "get_page",
        "get",
        "/v1/page",
        None,
        "
x-globus-url-only: true
x-globus-auth: none
parameters:
  - {name: state, in: query, required: true, description: Any text., schema: {type: string}}
",
    );
    assert_snapshot!(spec.items(&["GetPage"]));
}

#[test]
fn a_wrapped_operation_is_private() {
    let spec = Tiny::new().operation(
        "get_it",
        "get",
        "/v1/it",
        None,
        "x-globus-wrapped: the hand-written one waits\ndeprecated: true",
    );
    assert_snapshot!(spec.items(&["Client::bare_get_it", "GetIt!"]));
}

/// An operation with a parameter that returns a thing.
fn with_parameter(parameter: &str) -> String {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "type: object\nproperties: {a: {type: string, description: An a.}}",
        )
        .operation(
            "get_thing",
            "get",
            "/v1/thing",
            Some("Thing"),
            &format!(
                "parameters:\n- {{{parameter}, description: What., schema: {{type: string}}}}"
            ),
        );
    generate("tiny.yaml", &spec.yaml())
}

#[test]
fn a_parameter_named_fields_narrows_the_document() {
    let narrows = |code: &str| code.contains("GetThing<crate::types::PartialDocument>");
    assert!(narrows(&with_parameter("name: fields, in: query")));
    assert!(narrows(&with_parameter(
        "name: only, in: query, x-globus-narrows: true"
    )));
    for whole in [
        "name: only, in: query",
        "name: fields, in: query, x-globus-narrows: false",
        "name: fields, in: query, required: true",
    ] {
        assert!(!narrows(&with_parameter(whole)), "{whole}");
    }
}

#[test]
fn an_operation_without_document_cannot_narrow() {
    let parameter =
        "parameters:\n- {name: fields, in: query, description: What., schema: {type: string}}";
    let spec = Tiny::new().operation("get_thing", "get", "/v1/thing", None, parameter);
    assert!(!generate("tiny.yaml", &spec.yaml()).contains("PartialDocument"));
}

#[test]
fn markdown_is_markup_on_every_page() {
    let words = "**Bold**, *slanted*, `a *b*` and [it](https://a.org).";
    let spec = Tiny::new()
        .schema("Word", &format!("type: string\nx-globus-open-enum: true\nenum: [a]\ndescription: '{words}'"))
        .schema("Thing", &format!("type: object\ndescription: '{words}'\nproperties: {{a: {{type: string, description: '{words}'}}, w: {{description: '{words}', allOf: [{{$ref: '#/components/schemas/Word'}}]}}}}"))
        .operation(
            "get_thing",
            "get",
            "/v1/thing",
            Some("Thing"),
            &format!("parameters:\n- {{name: only, in: query, description: '{words}', schema: {{type: string}}}}"),
        );
    let yaml = spec
        .yaml()
        .replace("      description: A Word.\n", "")
        .replace("      description: A Thing.\n", "")
        .replace("summary: Do get_thing", &format!("summary: '{words}'"))
        .replace(
            "description: Does what get_thing says.",
            &format!("description: '{words}'"),
        )
        .replace(
            "description: A service for tests.",
            &format!("description: '{words}'"),
        );
    let code = generate("tiny.yaml", &yaml);
    // the service, the method twice, the builder, its setter, the struct, two fields, the enum, the table
    assert_eq!(code.matches(words).count(), 10, "{code}");
    assert!(!code.contains("\\*") && !code.contains("\\["));
}
