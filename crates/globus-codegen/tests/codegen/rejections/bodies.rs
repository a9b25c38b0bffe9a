//! Request bodies and responses.

use super::*;

#[test]
fn a_reference_to_a_missing_body() {
    assert_rejected(
        edited(&[(
            "#/components/requestBodies/Change",
            "#/components/requestBodies/Chnage",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: `Chnage` is not in components.requestBodies; add it",
    );
}

#[test]
fn a_body_that_is_optional() {
    assert_rejected(
        edited(&[("      required: true\n      content:", "      content:")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: optional bodies are not supported; write `required: true`",
    );
}

#[test]
fn a_body_of_two_media_types() {
    assert_rejected(
        edited(&[(
            "      content:\n        application/json:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
            "      content:\n        text/plain: {}\n        application/json:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: needs exactly one media type; write one",
    );
}

#[test]
fn a_body_that_is_xml() {
    assert_rejected(
        edited(&[(
            "        application/json:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
            "        application/xml:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: `application/xml` is not supported; use application/json or application/x-www-form-urlencoded",
    );
}

#[test]
fn a_body_without_schema() {
    assert_rejected(
        edited(&[(
            "          schema: {$ref: '#/components/schemas/ThingChange'}",
            "          example: {}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: the schema is inline; move it to components.schemas and refer to it",
    );
}

#[test]
fn an_inline_body() {
    assert_rejected(
        edited(&[(
            "          schema: {$ref: '#/components/schemas/ThingChange'}",
            "          schema: {type: object}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: the schema is inline; move it to components.schemas and refer to it",
    );
}

#[test]
fn a_body_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "schema: {$ref: '#/components/schemas/ThingChange'}",
            "schema: {$ref: '#/components/schemas/Change'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: `Change` is not in components.schemas; add it",
    );
}

#[test]
fn a_form_that_is_not_an_object() {
    assert_rejected(
        edited(&[(
            "        application/json:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
            "        application/x-www-form-urlencoded:\n          schema: {$ref: '#/components/schemas/Color'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: a form must be an object; refer to an object schema",
    );
}

#[test]
fn a_form_that_holds_a_list() {
    assert_rejected(
        edited(&[(
            "        application/json:\n          schema: {$ref: '#/components/schemas/ThingChange'}",
            "        application/x-www-form-urlencoded:\n          schema: {$ref: '#/components/schemas/ThingList'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.requestBody: a form cannot contain the nested field `DATA`; use a scalar, an enum or a CommaList",
    );
}

#[test]
fn a_reference_to_a_missing_response() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        \"204\": {$ref: '#/components/responses/Changed'}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.204: `Changed` is not in components.responses; add it",
    );
}

#[test]
fn missing_success_response() {
    assert_rejected(
        edited(&[("        \"204\": {description: Changed.}\n", "")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses: has no success response; add a 2xx response",
    );
}

#[test]
fn missing_error_response() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}\n        default: {$ref: '#/components/responses/Problem'}\n",
            "        \"204\": {description: Changed.}\n",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses: has no error response; add default: {$ref: '#/components/responses/...'}",
    );
}

#[test]
fn two_successes_that_differ() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        \"200\": {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}\n        \"204\": {description: Changed.}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.204: differs from the other success responses; use one schema for all",
    );
}

#[test]
fn a_response_that_is_text() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        \"200\": {description: It., content: {text/plain: {}}}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.200: `text/plain` is not supported; respond with application/json, or without content",
    );
}

#[test]
fn an_inline_response() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        \"200\": {description: It., content: {application/json: {schema: {type: string}}}}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.200: the schema is inline; move it to components.schemas and refer to it",
    );
}

#[test]
fn a_response_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        \"200\": {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/It'}}}}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.200: `It` is not in components.schemas; add it",
    );
}
