//! The text and its extensions.

use super::*;

#[test]
fn an_empty_file() {
    assert_rejected(
        whole(""),
        "tiny.yaml: line 1: is not a mapping; begin with `openapi: 3.0.3`",
    );
}

#[test]
fn only_a_comment() {
    assert_rejected(
        whole("# nothing\n"),
        "tiny.yaml: line 1: is not a mapping; begin with `openapi: 3.0.3`",
    );
}

#[test]
fn a_list() {
    assert_rejected(
        whole("- a\n"),
        "tiny.yaml: line 1: is not a mapping; begin with `openapi: 3.0.3`",
    );
}

#[test]
fn invalid_yaml() {
    assert_rejected(
        whole("openapi: ]"),
        "tiny.yaml: line 1, column 10: invalid YAML: did not find expected node content, while parsing a block node; fix the syntax",
    );
}

#[test]
fn two_documents() {
    assert_rejected(
        whole("openapi: 3.0.3\n---\nopenapi: 3.0.3\n"),
        "tiny.yaml: line 1: invalid YAML: deserializing from YAML containing more than one document is not supported; fix the syntax",
    );
}

#[test]
fn endless_nesting() {
    assert_rejected(
        nested(),
        "tiny.yaml: line 2, column 135: invalid YAML: recursion limit exceeded; fix the syntax",
    );
}

#[test]
fn a_key_written_twice() {
    assert_rejected(
        edited(&[("    Size:\n", "    Circle: {}\n    Size:\n")]),
        "tiny.yaml: line 85, column 5: invalid YAML: components.schemas: duplicate entry with key \"Circle\"; fix the syntax",
    );
}

#[test]
fn missing_version() {
    assert_rejected(
        edited(&[("openapi: 3.0.3\n", "")]),
        "tiny.yaml: openapi: is missing; write 3.0.3",
    );
}

#[test]
fn swagger() {
    assert_rejected(
        edited(&[("openapi: 3.0.3", "swagger: '2.0'")]),
        "tiny.yaml: openapi: is missing; write 3.0.3",
    );
}

#[test]
fn openapi_3_1() {
    assert_rejected(
        edited(&[("openapi: 3.0.3", "openapi: 3.1.0")]),
        "tiny.yaml: openapi: is 3.1.0; write 3.0.3",
    );
}

#[test]
fn a_number_for_a_version() {
    assert_rejected(
        edited(&[("openapi: 3.0.3", "openapi: 2.0")]),
        "tiny.yaml: openapi: is 2.0; write 3.0.3",
    );
}

#[test]
fn a_list_for_a_version() {
    assert_rejected(
        edited(&[("openapi: 3.0.3", "openapi: [3]")]),
        "tiny.yaml: openapi: is not a version; write 3.0.3",
    );
}

#[test]
fn missing_paths() {
    assert_rejected(
        edited(&[(
            "paths:\n  /v1/things/{thing_id}:",
            "x-paths:\n  /v1/things/{thing_id}:",
        )]),
        "tiny.yaml: line 2, column 1: invalid OpenAPI 3.0: missing field `paths`; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn missing_info_title() {
    assert_rejected(
        edited(&[("  title: Tiny\n", "")]),
        "tiny.yaml: line 4, column 3: invalid OpenAPI 3.0: info: missing field `title`; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_list_of_types() {
    assert_rejected(
        edited(&[("note: {type: string,", "note: {type: [string, 'null'],")]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note.type: is a list, as in OpenAPI 3.1; write a single type, and add `nullable: true` to allow null",
    );
}

#[test]
fn a_description_that_is_a_list() {
    assert_rejected(
        edited(&[("description: Its name.}", "description: [a]}")]),
        "tiny.yaml: components.schemas.Common.properties.name: invalid OpenAPI 3.0: invalid type: sequence, expected a string; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_parameter_in_an_unknown_location() {
    assert_rejected(
        edited(&[(
            "in: query, description: How many.",
            "in: quary, description: How many.",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.1: invalid OpenAPI 3.0: unknown variant `quary`, expected one of `query`, `header`, `path`, `cookie`; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_response_without_description() {
    assert_rejected(
        edited(&[("\"204\": {description: Changed.}", "\"204\": {}")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.204: invalid OpenAPI 3.0: missing field `description`; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn an_operation_id_that_is_a_list() {
    assert_rejected(
        edited(&[("operationId: get_thing", "operationId: [get_thing]")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: invalid OpenAPI 3.0: invalid type: sequence, expected a string; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn an_operation_without_responses() {
    assert_rejected(
        edited(&[(
            "      responses:\n        \"204\"",
            "      x-answers:\n        \"204\"",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: invalid OpenAPI 3.0: missing field `responses`; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_schema_that_is_a_number() {
    assert_rejected(
        edited(&[(
            "kind: {type: string, enum: [circle], description: The kind.}",
            "kind: 5",
        )]),
        "tiny.yaml: components.schemas.Circle.properties.kind: invalid OpenAPI 3.0: invalid type: integer `5`, expected struct Schema; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_component_that_is_a_number() {
    assert_rejected(
        edited(&[("requestBodies:\n", "links: 5\n  requestBodies:\n")]),
        "tiny.yaml: line 75, column 10: invalid OpenAPI 3.0: components.links: invalid type: integer `5`, expected a map; follow the OpenAPI 3.0.3 specification",
    );
}

#[test]
fn a_misspelt_extension() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotecny: not-idempotent",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-idempotecny: is not a known extension; specs/README.md lists them all",
    );
}

#[test]
fn an_extension_of_operations_on_a_schema() {
    assert_rejected(
        edited(&[(
            "x-globus-open-enum: true",
            "x-globus-open-enum: true\n      x-globus-idempotency: idempotent",
        )]),
        "tiny.yaml: components.schemas.Color.x-globus-idempotency: has no effect here; move it to an operation",
    );
}

#[test]
fn an_extension_of_schemas_on_an_operation() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: not-idempotent\n      x-globus-open-enum: true",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-open-enum: has no effect here; move it to a schema",
    );
}

#[test]
fn an_extension_of_schemas_on_a_parameter() {
    assert_rejected(
        edited(&[(
            "description: How many., schema: {type: integer}",
            "description: How many., x-globus-rust-type: a, schema: {type: integer}",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.1.x-globus-rust-type: has no effect here; move it to a schema",
    );
}

#[test]
fn an_extension_of_documents_on_an_operation() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: not-idempotent\n      x-globus-service: {}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-service: has no effect here; move it to the document",
    );
}
