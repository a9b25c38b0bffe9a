//! Operations.

use super::*;

#[test]
fn an_invalid_status() {
    assert_rejected(
        edited(&[(
            "        \"204\": {description: Changed.}",
            "        204 No Content: {description: Changed.}",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.responses.204 No Content: is not a status code; write 200, 2XX or default",
    );
}

#[test]
fn a_path_that_is_a_reference() {
    assert_rejected(
        edited(&[(
            "  /v1/things:\n",
            "  /v1/other: {$ref: '#/paths/~1v1~1things'}\n  /v1/things:\n",
        )]),
        "tiny.yaml: paths./v1/other: a $ref is not supported here; write the path item inline",
    );
}

#[test]
fn a_method_that_is_not_compiled() {
    assert_rejected(
        edited(&[("  /v1/things:\n    get:", "  /v1/things:\n    head:")]),
        "tiny.yaml: paths./v1/things.head: is not supported; use get, put, post, patch or delete",
    );
}

#[test]
fn missing_operation_id() {
    assert_rejected(
        edited(&[("      operationId: change_thing\n", "")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId is missing; use the Python SDK's method name",
    );
}

#[test]
fn an_operation_id_taken() {
    assert_rejected(
        edited(&[("operationId: change_thing", "operationId: get_thing")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `get_thing` is taken by paths./v1/things/{thing_id}.get; rename one",
    );
}

#[test]
fn an_operation_id_in_camel_case() {
    assert_rejected(
        edited(&[("operationId: change_thing", "operationId: changeThing")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `changeThing` is not a Rust method name; write it in snake case",
    );
}

#[test]
fn an_operation_id_that_rust_reserves() {
    assert_rejected(
        edited(&[("operationId: change_thing", "operationId: move")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `move` is not a Rust method name; write it in snake case",
    );
}

#[test]
fn two_operations_with_one_builder() {
    assert_rejected(
        edited(&[
            ("operationId: change_thing", "operationId: get_thing1"),
            ("operationId: thing_list", "operationId: get_thing_1"),
        ]),
        "tiny.yaml: paths./v1/things.get: operationId `get_thing_1` has the same builder `GetThing1` as paths./v1/things/{thing_id}.post; rename one",
    );
}

#[test]
fn an_operation_named_like_a_method_of_the_client() {
    assert_rejected(
        edited(&[("operationId: change_thing", "operationId: post")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `post` is reserved by the generated client; rename it",
    );
}

#[test]
fn an_operation_named_like_a_wrapped_one() {
    assert_rejected(
        edited(&[
            ("operationId: change_thing", "operationId: bare_get_thing"),
            (
                "      operationId: get_thing\n",
                "      operationId: get_thing\n      x-globus-wrapped: it waits\n",
            ),
        ]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `bare_get_thing` is reserved by the generated client; rename it",
    );
}

#[test]
fn an_operation_whose_builder_shadows_option() {
    assert_rejected(
        edited(&[("operationId: change_thing", "operationId: option")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: operationId `option` has a builder that shadows `Option`, which generated code uses; rename it",
    );
}

#[test]
fn missing_summary() {
    assert_rejected(
        edited(&[("      summary: Get a thing\n", "")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: summary is missing; say in one line what it does",
    );
}

#[test]
fn missing_description() {
    assert_rejected(
        edited(&[("      description: Tells what a thing is.\n", "")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: description is missing; describe it in one line",
    );
}

#[test]
fn an_empty_description() {
    assert_rejected(
        edited(&[("description: Tells what a thing is.", "description: ' '")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: description is missing; describe it in one line",
    );
}

#[test]
fn missing_external_docs() {
    assert_rejected(
        edited(&[(
            "      description: Tells what a thing is.\n      externalDocs: {url: https://docs.globus.org/tiny}\n",
            "      description: Tells what a thing is.\n",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: externalDocs is missing; link its public documentation",
    );
}

#[test]
fn missing_tag() {
    assert_rejected(
        edited(&[(
            "      operationId: get_thing\n      tags: [Things]\n",
            "      operationId: get_thing\n",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: needs exactly one tag; it groups the operation in the documentation",
    );
}

#[test]
fn two_tags() {
    assert_rejected(
        edited(&[(
            "      operationId: get_thing\n      tags: [Things]\n",
            "      operationId: get_thing\n      tags: [Things, More]\n",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.get: needs exactly one tag; it groups the operation in the documentation",
    );
}

#[test]
fn missing_retry() {
    assert_rejected(
        edited(&[("      x-globus-idempotency: not-idempotent\n", "")]),
        "tiny.yaml: paths./v1/things/{thing_id}.post: is not GET and has no x-globus-idempotency; write idempotent, deduplicated-by-id or not-idempotent",
    );
}

#[test]
fn an_unknown_idempotency() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: never",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-idempotency: `never` is unknown; write idempotent, deduplicated-by-id or not-idempotent",
    );
}

#[test]
fn a_retry_that_is_not_a_string() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: true",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-idempotency: is not a string; write idempotent, deduplicated-by-id or not-idempotent",
    );
}

#[test]
fn an_unknown_auth() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: not-idempotent\n      x-globus-auth: digest",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-auth: `digest` is unknown; write bearer, basic, client or none",
    );
}

#[test]
fn an_auth_that_is_not_a_string() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: not-idempotent\n      x-globus-auth: false",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-auth: is not a string; write bearer, basic, client or none",
    );
}

#[test]
fn an_unknown_scope() {
    assert_rejected(
        edited(&[("x-globus-scopes: [all]", "x-globus-scopes: [some]")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.x-globus-scopes: `some` is not among x-globus-service.scopes; add it there",
    );
}

#[test]
fn operation_scopes_that_are_not_a_list() {
    assert_rejected(
        edited(&[("x-globus-scopes: [all]", "x-globus-scopes: all")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.x-globus-scopes: is not a list of strings; write [..., ...]",
    );
}

#[test]
fn python_names_that_are_not_a_list() {
    assert_rejected(
        edited(&[("x-globus-scopes: [all]", "x-globus-python: {a: b}")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.x-globus-python: is not a list of strings; write [..., ...]",
    );
}

#[test]
fn a_wrapped_operation_without_reason() {
    assert_rejected(
        edited(&[("x-globus-scopes: [all]", "x-globus-wrapped: true")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.x-globus-wrapped: is not a string; write why the hand-written layer offers it",
    );
}

#[test]
fn a_url_that_posts() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globus-idempotency: not-idempotent\n      x-globus-url-only: true",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globus-url-only: only a GET without paging can be url-only; remove it",
    );
}

#[test]
fn a_url_only_that_is_a_string() {
    assert_rejected(
        edited(&[("x-globus-scopes: [all]", "x-globus-url-only: yes please")]),
        "tiny.yaml: paths./v1/things/{thing_id}.get.x-globus-url-only: is not a boolean; write true, or remove it",
    );
}
