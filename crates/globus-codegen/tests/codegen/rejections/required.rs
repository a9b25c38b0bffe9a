//! What a response may require.

use super::*;
use crate::tiny::{Tiny, generate};

/// A response with a page of things; `yaml` is the schema of a thing.
fn answered(yaml: &str) -> String {
    Tiny::new().schema("Thing", yaml).answers("Thing").yaml()
}

#[test]
fn a_required_field_of_a_response_without_a_reason() {
    assert_rejected(
        answered(
            "type: object\nrequired: [id]\nproperties: {id: {type: string, description: Its id.}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.id: is required in the response `Thing` without a reason; remove it from `required`, or add x-globus-required with the reason (on a $ref by `allOf: [{$ref: ...}]`)",
    );
}

#[test]
fn a_required_field_that_a_response_joins_by_all_of() {
    assert_rejected(
        edited(&[(
            "      description: What all things have.\n",
            "      description: What all things have.\n      required: [name]\n",
        )]),
        "tiny.yaml: components.schemas.Common.properties.name: is required in the response `Thing` without a reason; remove it from `required`, or add x-globus-required with the reason (on a $ref by `allOf: [{$ref: ...}]`)",
    );
}

#[test]
fn a_required_field_that_may_be_null() {
    assert_rejected(
        answered(
            "type: object\nrequired: [id]\nproperties: {id: {type: string, nullable: true, description: Its id., x-globus-required: its identity}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.id: is required in the response `Thing` but nullable, so it is an `Option` anyway; remove it from `required`",
    );
}

#[test]
fn a_required_list_that_no_paging_names() {
    assert_rejected(
        answered(
            "type: object\nrequired: [DATA]\nproperties: {DATA: {type: array, description: All., items: {type: string}}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.DATA: is required in the response `Thing` without a reason; remove it from `required`, or add x-globus-required with the reason (on a $ref by `allOf: [{$ref: ...}]`)",
    );
}

#[test]
fn a_reason_on_a_field_that_is_not_required() {
    assert_rejected(
        answered(
            "type: object\nproperties: {id: {type: string, description: Its id., x-globus-required: its identity}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.id.x-globus-required: is on a property that no response requires; remove it, or add the property to `required`",
    );
}

#[test]
fn a_reason_on_a_request() {
    let spec = Tiny::new()
        .schema("Thing", "type: object\nrequired: [id]\nproperties: {id: {type: string, description: Its id., x-globus-required: its identity}}")
        .takes("Thing");
    assert_rejected(
        spec.yaml(),
        "tiny.yaml: components.schemas.Thing.properties.id.x-globus-required: is not allowed in a request, which needs no reason; remove it",
    );
}

#[test]
fn a_reason_on_a_tag() {
    assert_rejected(
        answered(
            "type: object\nrequired: [kind]\nproperties: {kind: {type: string, enum: [thing], description: The kind., x-globus-required: its identity}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.kind.x-globus-required: is not allowed on a tag, which needs no reason; remove it",
    );
}

#[test]
fn an_empty_reason() {
    assert_rejected(
        answered(
            "type: object\nrequired: [id]\nproperties: {id: {type: string, description: Its id., x-globus-required: ''}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.id.x-globus-required: is not a string; say in a sentence why every response has it",
    );
}

#[test]
fn a_reason_that_is_true() {
    assert_rejected(
        answered(
            "type: object\nrequired: [id]\nproperties: {id: {type: string, description: Its id., x-globus-required: true}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.id.x-globus-required: is not a string; say in a sentence why every response has it",
    );
}

#[test]
fn a_reason_on_what_is_no_property() {
    assert_rejected(
        answered(
            "type: object\nx-globus-required: its identity\nproperties: {id: {type: string, description: Its id.}}",
        ),
        "tiny.yaml: components.schemas.Thing.x-globus-required: has no effect here; move it to a property",
    );
    assert_rejected(
        answered(
            "type: object\nproperties: {ids: {type: array, description: Ids., items: {type: string, x-globus-required: its identity}}}",
        ),
        "tiny.yaml: components.schemas.Thing.properties.ids.items.x-globus-required: has no effect here; move it to a property",
    );
}

#[test]
fn a_tag_needs_no_reason() {
    generate(
        "tiny.yaml",
        &answered(
            "type: object\nrequired: [kind]\nproperties: {kind: {type: string, enum: [thing], description: The kind.}}",
        ),
    );
}

#[test]
fn the_items_of_paging_need_no_reason() {
    let list = "type: object\nrequired: [DATA]\nproperties:\n  next_token: {type: string, description: The next.}\n  DATA: {type: array, description: All., items: {type: string}}";
    let paged = "x-globus-paging: {items: DATA, style: next-token}\nparameters: [{name: next_token, in: query, description: The next., schema: {type: string}}]";
    let spec = Tiny::new().schema("Things", list).operation(
        "list_things",
        "get",
        "/v1/things",
        Some("Things"),
        paged,
    );
    let code = generate("tiny.yaml", &spec.yaml());
    assert!(code.contains("required(f_data"), "{code}");
}

#[test]
fn a_request_needs_no_reason_for_a_shared_field() {
    let base = "type: object\nproperties: {id: {type: string, description: Its id., x-globus-required: its identity}}";
    let joined = |required: &str| {
        format!(
            "allOf: [{{$ref: '#/components/schemas/Base'}}, {{type: object, {required}properties: {{b: {{type: string, description: A b.}}}}}}]"
        )
    };
    let spec = Tiny::new()
        .schema("Base", base)
        .schema("Thing", &joined("required: [id], "))
        .schema("Loose", &joined(""))
        .schema("Sent", &joined("required: [id], "))
        .operation("get_thing", "get", "/v1/thing", Some("Thing"), "")
        .operation("get_loose", "get", "/v1/loose", Some("Loose"), "")
        .takes("Sent");
    generate("tiny.yaml", &spec.yaml());
}
