//! Parameters and path templates.

use super::*;

#[test]
fn a_path_without_slash() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  v1/things:\n")]),
        "tiny.yaml: paths.v1/things: paths start at the host's root; begin with /",
    );
}

#[test]
fn a_path_with_a_query() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  /v1/things?all=true:\n")]),
        "tiny.yaml: paths./v1/things?all=true.get: `/v1/things?all=true` has a query or a fragment; declare parameters instead",
    );
}

#[test]
fn a_path_with_an_open_brace() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  /v1/things/{marker:\n")]),
        "tiny.yaml: paths./v1/things/{marker.get: `/v1/things/{marker` has an unbalanced brace; write each parameter as {name}",
    );
}

#[test]
fn a_path_with_a_stray_brace() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  /v1/things/marker}:\n")]),
        "tiny.yaml: paths./v1/things/marker}.get: `/v1/things/marker}` has an unbalanced brace; write each parameter as {name}",
    );
}

#[test]
fn a_path_with_an_unnamed_parameter() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  /v1/things/{}:\n")]),
        "tiny.yaml: paths./v1/things/{}.get: `/v1/things/{}` has an unbalanced brace; write each parameter as {name}",
    );
}

#[test]
fn a_path_that_names_a_parameter_twice() {
    assert_rejected(
        edited(&[(
            "  /v1/things/{thing_id}:\n",
            "  /v1/things/{thing_id}/{thing_id}:\n",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}/{thing_id}.get: `/v1/things/{thing_id}/{thing_id}` names `thing_id` twice; use a distinct name for each parameter",
    );
}

#[test]
fn a_path_parameter_not_declared() {
    assert_rejected(
        edited(&[("  /v1/things:\n", "  /v1/things/{owner}:\n")]),
        "tiny.yaml: paths./v1/things/{owner}.get: path parameter `owner` is not declared; add it to parameters",
    );
}

#[test]
fn a_path_parameter_not_in_the_path() {
    assert_rejected(
        edited(&[("  /v1/things/{thing_id}:\n", "  /v1/the_thing:\n")]),
        "tiny.yaml: paths./v1/the_thing.get.parameters.thing_id: is not in `/v1/the_thing`; write {thing_id} there, or remove the parameter",
    );
}

#[test]
fn a_reference_to_a_missing_parameter() {
    assert_rejected(
        edited(&[(
            "#/components/parameters/ThingId",
            "#/components/parameters/Thing",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: `Thing` is not in components.parameters; add it",
    );
}

#[test]
fn a_reference_into_another_section() {
    assert_rejected(
        edited(&[(
            "#/components/parameters/ThingId",
            "#/components/schemas/Thing",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: `#/components/schemas/Thing` is not a local reference; refer to #/components/parameters/...",
    );
}

#[test]
fn a_reference_into_another_file() {
    assert_rejected(
        edited(&[("#/components/parameters/ThingId", "other.yaml#/ThingId")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: `other.yaml#/ThingId` is not a local reference; refer to #/components/parameters/...",
    );
}

#[test]
fn a_cookie_parameter() {
    assert_rejected(
        edited(&[(
            "in: query, description: How many.",
            "in: cookie, description: How many.",
        )]),
        "tiny.yaml: paths./v1/things.get: parameter `limit` is a cookie, which is not supported; remove it, callers can send it by with_header",
    );
}

#[test]
fn a_header_that_is_not_a_string() {
    assert_rejected(
        edited(&[(
            "in: query, description: How many.",
            "in: header, description: How many.",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.limit: headers must be optional strings; make it an optional string",
    );
}

#[test]
fn a_header_of_the_transport() {
    assert_rejected(
        edited(&[(
            "name: limit, in: query, description: How many.",
            "name: Content-Type, in: header, description: How many.",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.Content-Type: is a header that the SDK sets; remove it",
    );
}

#[test]
fn a_parameter_with_content() {
    assert_rejected(
        edited(&[(
            "description: How many., schema: {type: integer}",
            "description: How many., content: {text/plain: {}}",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.limit: `content` is not supported; use `schema`",
    );
}

#[test]
fn a_parameter_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "schema: {$ref: '#/components/schemas/Fields'}",
            "schema: {$ref: '#/components/schemas/Feilds'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.parameters.fields: `Feilds` is not in components.schemas; add it",
    );
}

#[test]
fn a_parameter_that_is_an_object() {
    assert_rejected(
        edited(&[(
            "schema: {$ref: '#/components/schemas/Fields'}",
            "schema: {$ref: '#/components/schemas/Thing'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.parameters.fields: cannot be encoded in a URL; use a scalar, an array of strings, an enum or a CommaList",
    );
}

#[test]
fn a_parameter_that_is_a_map() {
    assert_rejected(
        edited(&[(
            "description: How many., schema: {type: integer}",
            "description: How many., schema: {type: object, additionalProperties: {type: string}}",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.limit: cannot be encoded in a URL; use a scalar, an array of strings, an enum or a CommaList",
    );
}

#[test]
fn a_parameter_with_an_enum_of_its_own() {
    assert_rejected(
        edited(&[(
            "description: How many., schema: {type: integer}",
            "description: How many., schema: {type: string, enum: [a, b]}",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.limit: an inline enum is not supported; move it to components.schemas with x-globus-open-enum",
    );
}

#[test]
fn a_parameter_without_description() {
    assert_rejected(
        edited(&[("description: How many., ", "")]),
        "tiny.yaml: paths./v1/things.get.parameters.limit: description is missing; describe it in one line",
    );
}

#[test]
fn a_parameter_named_like_an_option_of_every_call() {
    assert_rejected(
        edited(&[(
            "        - {name: limit,",
            "        - {name: with_header, in: query, description: Bad., schema: {type: string}}\n        - {name: limit,",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.with_header: `with_header` is reserved in generated builders; remove the parameter, callers can send it by with_query",
    );
}

#[test]
fn a_parameter_named_like_a_method_of_the_builder() {
    assert_rejected(
        edited(&[(
            "        - {name: limit,",
            "        - {name: send, in: query, description: Bad., schema: {type: string}}\n        - {name: limit,",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.send: `send` is reserved in generated builders; remove the parameter, callers can send it by with_query",
    );
}

#[test]
fn two_parameters_with_one_rust_name() {
    assert_rejected(
        edited(&[(
            "        - {name: limit,",
            "        - {name: Marker, in: query, description: Another., schema: {type: string}}\n        - {name: limit,",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.Marker: has the same Rust name `marker` as `marker`; remove one, callers can send it by with_query",
    );
}

#[test]
fn a_parameter_declared_twice() {
    assert_rejected(
        edited(&[(
            "        - {name: limit,",
            "        - {name: marker, in: query, description: Again., schema: {type: string}}\n        - {name: limit,",
        )]),
        "tiny.yaml: paths./v1/things.get.parameters.marker: is declared twice; declare it once, on the path or on the operation",
    );
}

#[test]
fn a_required_parameter_that_narrows() {
    assert_rejected(
        edited(&[(
            "          in: query\n          description: What to tell.",
            "          in: query\n          required: true\n          x-globus-narrows: true\n          description: What to tell.",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.parameters.fields.x-globus-narrows: applies only to optional query parameters; remove it",
    );
}

#[test]
fn a_narrowing_that_is_not_a_boolean() {
    assert_rejected(
        edited(&[(
            "          in: query\n          description: What to tell.",
            "          in: query\n          x-globus-narrows: some\n          description: What to tell.",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.parameters.fields.x-globus-narrows: is not a boolean; write true, or remove it",
    );
}

#[test]
fn a_narrowing_operation() {
    assert_rejected(
        edited(&[(
            "      operationId: thing_list\n",
            "      operationId: thing_list\n      x-globus-narrows: true\n",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-narrows: has no effect here; move it to a parameter",
    );
}
