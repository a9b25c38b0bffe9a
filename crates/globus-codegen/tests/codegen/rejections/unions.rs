//! Enums and unions.

use super::*;

#[test]
fn an_inline_enum() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {type: string, enum: [a, b],",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: an inline enum is not supported; move it to components.schemas with x-globus-open-enum",
    );
}

#[test]
fn an_enum_that_is_not_open() {
    assert_rejected(
        edited(&[("      x-globus-open-enum: true\n", "")]),
        "tiny.yaml: components.schemas.Color: an inline enum is not supported; move it to components.schemas with x-globus-open-enum",
    );
}

#[test]
fn an_enum_without_values() {
    assert_rejected(
        edited(&[("      enum: [red, green]\n", "")]),
        "tiny.yaml: components.schemas.Color: is an open enum without values; list the known ones under enum",
    );
}

#[test]
fn an_enum_of_numbers() {
    assert_rejected(
        edited(&[(
            "    Color:\n      type: string\n",
            "    Color:\n      type: integer\n",
        )]),
        "tiny.yaml: components.schemas.Color.x-globus-open-enum: is only allowed on strings; write `type: string`, or remove it",
    );
}

#[test]
fn an_enum_flag_that_is_a_string() {
    assert_rejected(
        edited(&[("x-globus-open-enum: true", "x-globus-open-enum: please")]),
        "tiny.yaml: components.schemas.Color.x-globus-open-enum: is not a boolean; write true, or remove it",
    );
}

#[test]
fn two_values_with_one_rust_name() {
    assert_rejected(
        edited(&[("enum: [red, green]", "enum: [dark-blue, dark_blue]")]),
        "tiny.yaml: components.schemas.Color: `dark-blue` and `dark_blue` have the same Rust name `DarkBlue`; remove one",
    );
}

#[test]
fn a_value_named_other() {
    assert_rejected(
        edited(&[("enum: [red, green]", "enum: [red, other]")]),
        "tiny.yaml: components.schemas.Color: `Other` is reserved for unknown values; remove the value",
    );
}

#[test]
fn two_variants_of_one_kind() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - type: integer\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: is a second Number; add a discriminator to the union",
    );
}

#[test]
fn a_variant_of_an_ambiguous_kind() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - {anyOf: [{type: string}]}\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: its JSON type is ambiguous; add a discriminator to the union",
    );
}

#[test]
fn a_variant_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - $ref: '#/components/schemas/Words'\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: `Words` is not in components.schemas; add it",
    );
}

#[test]
fn a_union_without_variants() {
    assert_rejected(
        edited(&[(
            "      oneOf:\n        - type: number\n        - type: string\n",
            "      oneOf: []\n",
        )]),
        "tiny.yaml: components.schemas.Size: is a union without variants; list them under oneOf",
    );
}

#[test]
fn a_tagged_union_without_variants() {
    assert_rejected(
        edited(&[(
            "      oneOf:\n        - $ref: '#/components/schemas/Circle'\n        - $ref: '#/components/schemas/Square'\n",
            "      oneOf: []\n",
        )]),
        "tiny.yaml: components.schemas.Shape: is a union without variants; list them under oneOf",
    );
}

#[test]
fn an_inline_variant() {
    assert_rejected(
        edited(&[(
            "        - $ref: '#/components/schemas/Square'\n",
            "        - type: string\n",
        )]),
        "tiny.yaml: components.schemas.Shape.oneOf.1: is an inline variant; move it to components.schemas and refer to it",
    );
}

#[test]
fn a_variant_without_tag() {
    assert_rejected(
        edited(&[("          square: '#/components/schemas/Square'\n", "")]),
        "tiny.yaml: components.schemas.Shape.discriminator.mapping: has no tag for `Square`; add one",
    );
}

#[test]
fn a_tagged_variant_of_a_missing_schema() {
    assert_rejected(
        edited(&[(
            "        - $ref: '#/components/schemas/Square'\n",
            "        - $ref: '#/components/schemas/Sqare'\n",
        )]),
        "tiny.yaml: components.schemas.Shape.oneOf.1: `Sqare` is not in components.schemas; add it",
    );
}

#[test]
fn a_variant_named_twice() {
    assert_rejected(
        edited(&[(
            "        - $ref: '#/components/schemas/Square'\n",
            "        - $ref: '#/components/schemas/Square'\n        - $ref: '#/components/schemas/Square'\n",
        )]),
        "tiny.yaml: components.schemas.Shape.oneOf.2: `Square` is already a variant; remove one",
    );
}

#[test]
fn a_tag_without_a_variant() {
    assert_rejected(
        edited(&[(
            "          square: '#/components/schemas/Square'\n",
            "          square: '#/components/schemas/Square'\n          cube: '#/components/schemas/Cube'\n",
        )]),
        "tiny.yaml: components.schemas.Shape.discriminator.mapping.cube: does not refer to a variant; add its schema to oneOf",
    );
}

#[test]
fn a_variant_that_does_not_declare_its_tag() {
    assert_rejected(
        edited(&[(
            "kind: {type: string, enum: [square], description: The kind.}",
            "colour: {type: string, description: Its color.}",
        )]),
        "tiny.yaml: components.schemas.Square.properties.kind: is not the tag of Shape; write a string with `enum: [square]`",
    );
}

#[test]
fn a_variant_with_another_tag() {
    assert_rejected(
        edited(&[("enum: [square]", "enum: [cube]")]),
        "tiny.yaml: components.schemas.Square.properties.kind: is not the tag of Shape; write a string with `enum: [square]`",
    );
}

#[test]
fn a_variant_named_other() {
    assert_rejected(
        renamed("Square", "Other"),
        "tiny.yaml: components.schemas.Shape: has a variant `Other`, which is reserved for unknown tags; rename that schema",
    );
}
