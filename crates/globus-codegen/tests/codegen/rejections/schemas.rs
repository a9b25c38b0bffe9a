//! Schemas.

use super::*;

#[test]
fn a_schema_without_description() {
    assert_rejected(
        edited(&[(
            "    Square:\n      type: object\n      description: A square.\n",
            "    Square:\n      type: object\n",
        )]),
        "tiny.yaml: components.schemas.Square: description is missing; describe it in one line",
    );
}

#[test]
fn a_property_without_description() {
    assert_rejected(
        edited(&[(
            "name: {type: string, description: Its name.}",
            "name: {type: string}",
        )]),
        "tiny.yaml: components.schemas.Common.properties.name: description is missing; describe it in one line",
    );
}

#[test]
fn a_schema_that_is_only_a_reference() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Alias: {$ref: '#/components/schemas/Size'}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Alias: is an alias for another $ref; refer to its target instead",
    );
}

#[test]
fn a_reference_to_what_is_only_a_reference() {
    assert_rejected(
        edited(&[(
            "    Size:\n      description: A number, or words for it.\n",
            "    Size: {$ref: '#/components/schemas/Size1'}\n    Size1:\n      description: A number, or words for it.\n",
        )]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.size: `Size` is an alias for another $ref; refer to its target instead",
    );
}

#[test]
fn a_reference_to_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "color: {$ref: '#/components/schemas/Color'}",
            "color: {$ref: '#/components/schemas/Colour'}",
        )]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.color: `Colour` is not in components.schemas; add it",
    );
}

#[test]
fn a_list_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "          items: {$ref: '#/components/schemas/Thing'}",
            "          items: {$ref: '#/components/schemas/Things'}",
        )]),
        "tiny.yaml: components.schemas.ThingList.properties.DATA.items: `Things` is not in components.schemas; add it",
    );
}

#[test]
fn a_list_of_anything() {
    assert_rejected(
        edited(&[("              items: {type: string}\n", "")]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.tags: is an array without items; add them",
    );
}

#[test]
fn an_unknown_type() {
    assert_rejected(
        edited(&[(
            "name: {type: string, description: Its name.}",
            "name: {type: strin, description: Its name.}",
        )]),
        "tiny.yaml: components.schemas.Common.properties.name: `type: strin` is unknown or does not match the other keys; write an OpenAPI 3.0 type with the keys it allows",
    );
}

#[test]
fn keys_that_do_not_go_together() {
    assert_rejected(
        edited(&[(
            "name: {type: string, description: Its name.}",
            "name: {type: string, minimum: 1, description: Its name.}",
        )]),
        "tiny.yaml: components.schemas.Common.properties.name: `type: string` is unknown or does not match the other keys; write an OpenAPI 3.0 type with the keys it allows",
    );
}

#[test]
fn any_json_without_reason() {
    assert_rejected(
        edited(&[("              x-globus-free-form: the owner's own\n", "")]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.rest: has no fixed shape; define its fields in components.schemas, or add x-globus-free-form with the reason",
    );
}

#[test]
fn any_json_with_an_empty_reason() {
    assert_rejected(
        edited(&[(
            "x-globus-free-form: the owner's own",
            "x-globus-free-form: ''",
        )]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.rest: has no fixed shape; define its fields in components.schemas, or add x-globus-free-form with the reason",
    );
}

#[test]
fn an_object_without_properties() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {type: object,",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: has no fixed shape; define its fields in components.schemas, or add x-globus-free-form with the reason",
    );
}

#[test]
fn an_inline_object() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {type: object, properties: {a: {type: string, description: An a.}},",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: an inline object is not supported; move it to components.schemas",
    );
}

#[test]
fn a_map_with_properties() {
    assert_rejected(
        edited(&[(
            "    Square:\n      type: object\n",
            "    Square:\n      type: object\n      additionalProperties: false\n",
        )]),
        "tiny.yaml: components.schemas.Square.additionalProperties: cannot be combined with properties; remove it, other keys are kept in `extra`",
    );
}

#[test]
fn an_inline_union() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {oneOf: [{type: string}, {type: number}],",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: an inline union is not supported; move it to components.schemas",
    );
}

#[test]
fn any_of() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {anyOf: [{type: string}, {type: number}],",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: anyOf and not are not supported; use oneOf with a discriminator",
    );
}

#[test]
fn an_inline_join() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {allOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}],",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: an inline allOf of several schemas is not supported; move it to components.schemas",
    );
}

#[test]
fn a_join_of_a_non_object() {
    assert_rejected(
        edited(&[(
            "    ThingChange:\n      description: What to change.\n      allOf:\n        - $ref: '#/components/schemas/Common'",
            "    ThingChange:\n      description: What to change.\n      allOf:\n        - $ref: '#/components/schemas/Color'",
        )]),
        "tiny.yaml: components.schemas.Color: is not an object; use allOf with objects only",
    );
}

#[test]
fn a_join_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "    ThingChange:\n      description: What to change.\n      allOf:\n        - $ref: '#/components/schemas/Common'",
            "    ThingChange:\n      description: What to change.\n      allOf:\n        - $ref: '#/components/schemas/Comon'",
        )]),
        "tiny.yaml: components.schemas.ThingChange: `Comon` is not in components.schemas; add it",
    );
}

#[test]
fn a_schema_that_joins_itself() {
    assert_rejected(
        edited(&[(
            "    Thing:\n      description: A thing.\n      allOf:\n        - $ref: '#/components/schemas/Common'",
            "    Thing:\n      description: A thing.\n      allOf:\n        - $ref: '#/components/schemas/Thing'",
        )]),
        "tiny.yaml: components.schemas.Thing: joins `components.schemas.Thing`, which in turn joins it; remove one",
    );
}

#[test]
fn two_schemas_that_join_each_other() {
    assert_rejected(
        edited(&[(
            "    Common:\n      type: object\n      description: What all things have.\n      properties:\n        name: {type: string, description: Its name.}\n",
            "    Common:\n      description: What all things have.\n      allOf:\n        - $ref: '#/components/schemas/Thing'\n        - $ref: '#/components/schemas/Circle'\n",
        )]),
        "tiny.yaml: components.schemas.Thing: joins `components.schemas.Common`, which in turn joins it; remove one",
    );
}

#[test]
fn an_alias_of_itself() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Echo: {description: An echo., allOf: [{$ref: '#/components/schemas/Echo'}]}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Echo: refers only to itself; make one of its parts an object with properties",
    );
}

#[test]
fn two_aliases_of_each_other() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Hen: {description: A hen., allOf: [{$ref: '#/components/schemas/Egg'}]}\n    Egg: {description: An egg., allOf: [{$ref: '#/components/schemas/Hen'}]}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Hen: refers only to itself; make one of its parts an object with properties",
    );
}

#[test]
fn a_list_of_itself() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Nest: {description: A nest., type: array, items: {$ref: '#/components/schemas/Nest'}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Nest: refers only to itself; make one of its parts an object with properties",
    );
}

#[test]
fn a_map_of_lists_of_itself() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Nest: {description: A nest., type: object, additionalProperties: {type: array, items: {$ref: '#/components/schemas/Nest'}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Nest: refers only to itself; make one of its parts an object with properties",
    );
}

#[test]
fn a_required_key_that_is_not_a_property() {
    assert_rejected(
        edited(&[("      required: [name]\n", "      required: [title]\n")]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.required: `title` is not a declared property; declare it",
    );
}

#[test]
fn missing_properties() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Empty: {description: Nothing., allOf: [{type: object}, {type: object}]}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Empty: has no properties; add them, or x-globus-free-form with the reason",
    );
}

#[test]
fn a_document_in_requests_and_responses() {
    assert_rejected(
        edited(&[(
            "schema: {$ref: '#/components/schemas/ThingChange'}",
            "schema: {$ref: '#/components/schemas/Thing'}",
        )]),
        "tiny.yaml: components.schemas.Thing: is used in both requests and responses; write one schema for each and share fields by allOf",
    );
}

#[test]
fn a_hand_written_type_that_is_not_a_path() {
    assert_rejected(
        edited(&[("crate::types::CommaList", "Vec<String>")]),
        "tiny.yaml: components.schemas.Fields.x-globus-rust-type: `Vec<String>` is not a path into the SDK; write a path such as crate::types::Timestamp",
    );
}

#[test]
fn a_hand_written_type_outside_the_sdk() {
    assert_rejected(
        edited(&[("crate::types::CommaList", "std::string::String")]),
        "tiny.yaml: components.schemas.Fields.x-globus-rust-type: `std::string::String` is not a path into the SDK; write a path such as crate::types::Timestamp",
    );
}

#[test]
fn a_hand_written_type_that_is_not_a_string() {
    assert_rejected(
        edited(&[(
            "x-globus-rust-type: crate::types::CommaList",
            "x-globus-rust-type: [crate]",
        )]),
        "tiny.yaml: components.schemas.Fields.x-globus-rust-type: is not a string; write a path such as crate::types::Timestamp",
    );
}

#[test]
fn filled_by_an_unknown_operation() {
    assert_rejected(
        edited(&[(
            "x-globus-filled-by: get_thing",
            "x-globus-filled-by: get_id",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.submission_id.x-globus-filled-by: `get_id` is not an operation of this document; write an operationId",
    );
}

#[test]
fn filled_without_a_type_for_it() {
    assert_rejected(
        edited(&[
            ("              x-globus-filled-by: get_thing\n", ""),
            (
                "nullable: true, description: A note.",
                "description: A note., x-globus-filled-by: get_thing",
            ),
        ]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note.x-globus-filled-by: needs a type that knows when it is unset; refer to one with x-globus-rust-type",
    );
}

#[test]
fn filled_by_a_non_string() {
    assert_rejected(
        edited(&[("x-globus-filled-by: get_thing", "x-globus-filled-by: true")]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.submission_id.x-globus-filled-by: is not a string; write an operationId",
    );
}

#[test]
fn an_initial_value_that_its_enum_lacks() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true, description: A note.}",
            "color: {description: A color., allOf: [{$ref: '#/components/schemas/Color'}], x-globus-initial: blue}",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.color.x-globus-initial: `blue` is not a value of an open enum; write one of the property's values",
    );
}

#[test]
fn an_initial_value_of_a_plain_string() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true, description: A note.}",
            "note: {type: string, description: A note., x-globus-initial: red}",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note.x-globus-initial: `red` is not a value of an open enum; write one of the property's values",
    );
}

#[test]
fn an_initial_value_of_what_may_be_null() {
    assert_rejected(
        edited(&[(
            "nullable: true, description: A note.",
            "nullable: true, description: A note., x-globus-initial: red",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note.x-globus-initial: is on a required or nullable property; use it on an optional one",
    );
}

#[test]
fn an_initial_value_in_a_response() {
    assert_rejected(
        edited(&[(
            "color: {$ref: '#/components/schemas/Color'}",
            "color: {description: A color., allOf: [{$ref: '#/components/schemas/Color'}], x-globus-initial: red}",
        )]),
        "tiny.yaml: components.schemas.Thing.properties.color.x-globus-initial: is not allowed in a response, which has no constructor; remove it",
    );
}
