//! Enums and unions.

use super::*;

#[test]
fn an_enum_in_place() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable: true,",
            "note: {type: string, enum: [a, b],",
        )]),
        "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note: is an enum where it is used; name it in components.schemas with x-globus-open-enum",
    );
}

#[test]
fn an_enum_that_is_not_open() {
    assert_rejected(
        edited(&[("      x-globus-open-enum: true\n", "")]),
        "tiny.yaml: components.schemas.Color: is an enum where it is used; name it in components.schemas with x-globus-open-enum",
    );
}

#[test]
fn an_enum_without_values() {
    assert_rejected(
        edited(&[("      enum: [red, green]\n", "")]),
        "tiny.yaml: components.schemas.Color: is an open enum without values; write the known ones under enum",
    );
}

#[test]
fn an_enum_of_numbers() {
    assert_rejected(
        edited(&[(
            "    Color:\n      type: string\n",
            "    Color:\n      type: integer\n",
        )]),
        "tiny.yaml: components.schemas.Color.x-globus-open-enum: stands on what is no string; write `type: string`, or leave it out",
    );
}

#[test]
fn an_enum_flag_that_is_a_text() {
    assert_rejected(
        edited(&[("x-globus-open-enum: true", "x-globus-open-enum: please")]),
        "tiny.yaml: components.schemas.Color.x-globus-open-enum: is neither true nor false; write true, or leave it out",
    );
}

#[test]
fn two_values_of_one_rust_name() {
    assert_rejected(
        edited(&[("enum: [red, green]", "enum: [dark-blue, dark_blue]")]),
        "tiny.yaml: components.schemas.Color: `dark-blue` and `dark_blue` get the same Rust name `DarkBlue`; drop one",
    );
}

#[test]
fn a_value_called_other() {
    assert_rejected(
        edited(&[("enum: [red, green]", "enum: [red, other]")]),
        "tiny.yaml: components.schemas.Color: `Other` is taken by unknown values; drop the value",
    );
}

#[test]
fn two_variants_of_one_kind() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - type: integer\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: is a second Number; give the union a discriminator",
    );
}

#[test]
fn a_variant_of_no_plain_kind() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - {anyOf: [{type: string}]}\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: its JSON kind is not plain; give the union a discriminator",
    );
}

#[test]
fn a_variant_of_no_schema_there_is() {
    assert_rejected(
        edited(&[(
            "        - type: number\n        - type: string\n",
            "        - type: number\n        - $ref: '#/components/schemas/Words'\n",
        )]),
        "tiny.yaml: components.schemas.Size.oneOf.1: `Words` is not in components.schemas; add it",
    );
}

#[test]
fn a_union_of_nothing() {
    assert_rejected(
        edited(&[(
            "      oneOf:\n        - type: number\n        - type: string\n",
            "      oneOf: []\n",
        )]),
        "tiny.yaml: components.schemas.Size: is a union of nothing; write its variants under oneOf",
    );
}

#[test]
fn a_tagged_union_of_nothing() {
    assert_rejected(
        edited(&[(
            "      oneOf:\n        - $ref: '#/components/schemas/Circle'\n        - $ref: '#/components/schemas/Square'\n",
            "      oneOf: []\n",
        )]),
        "tiny.yaml: components.schemas.Shape: is a union of nothing; write its variants under oneOf",
    );
}

#[test]
fn a_variant_in_place() {
    assert_rejected(
        edited(&[(
            "        - $ref: '#/components/schemas/Square'\n",
            "        - type: string\n",
        )]),
        "tiny.yaml: components.schemas.Shape.oneOf.1: stands where it is used; name it in components.schemas and refer to it",
    );
}

#[test]
fn a_variant_without_tag() {
    assert_rejected(
        edited(&[("          square: '#/components/schemas/Square'\n", "")]),
        "tiny.yaml: components.schemas.Shape.discriminator.mapping: names no tag for `Square`; add one",
    );
}

#[test]
fn a_tagged_variant_of_no_schema_there_is() {
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
        "tiny.yaml: components.schemas.Shape.oneOf.2: `Square` is a variant already; leave one out",
    );
}

#[test]
fn a_tag_that_leads_nowhere() {
    assert_rejected(
        edited(&[(
            "          square: '#/components/schemas/Square'\n",
            "          square: '#/components/schemas/Square'\n          cube: '#/components/schemas/Cube'\n",
        )]),
        "tiny.yaml: components.schemas.Shape.discriminator.mapping.cube: leads to no variant; add its schema to oneOf",
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
fn a_variant_called_other() {
    assert_rejected(
        renamed("Square", "Other"),
        "tiny.yaml: components.schemas.Shape: has a variant `Other`, which is taken by unknown tags; rename that schema",
    );
}
