//! Names that clash in Rust.

use super::*;

#[test]
fn a_schema_with_an_invalid_type_name() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    bad_name: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.bad_name: is not a Rust type name; write `BadName`",
    );
}

#[test]
fn an_enum_whose_name_progenitor_changes() {
    assert_rejected(
        renamed("Color", "RGBColor"),
        "tiny.yaml: components.schemas.RGBColor: is not a Rust type name; write `RgbColor`",
    );
}

#[test]
fn two_schemas_with_one_rust_name() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    CIRCLE: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Circlé: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.CIRCLE: has the same Rust name `Circle` as `Circle`; rename one",
    );
}

#[test]
fn a_schema_named_string() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    String: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.String: shadows `String`, which generated code uses; rename it, `TinyString` for example",
    );
}

#[test]
fn a_schema_named_vec() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Vec: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Vec: shadows `Vec`, which generated code uses; rename it, `TinyVec` for example",
    );
}

#[test]
fn a_schema_named_option() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Option: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Option: shadows `Option`, which generated code uses; rename it, `TinyOption` for example",
    );
}

#[test]
fn a_schema_named_result() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Result: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Result: shadows `Result`, which generated code uses; rename it, `TinyResult` for example",
    );
}

#[test]
fn a_schema_named_box() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Box: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Box: shadows `Box`, which generated code uses; rename it, `TinyBox` for example",
    );
}

#[test]
fn a_schema_named_default() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Default: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Default: shadows `Default`, which generated code uses; rename it, `TinyDefault` for example",
    );
}

#[test]
fn a_schema_named_some() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Some: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Some: shadows `Some`, which generated code uses; rename it, `TinySome` for example",
    );
}

#[test]
fn a_schema_named_none() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    None: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.None: shadows `None`, which generated code uses; rename it, `TinyNone` for example",
    );
}

#[test]
fn a_schema_named_ok() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Ok: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Ok: shadows `Ok`, which generated code uses; rename it, `TinyOk` for example",
    );
}

#[test]
fn a_schema_named_err() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Err: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Err: shadows `Err`, which generated code uses; rename it, `TinyErr` for example",
    );
}

#[test]
fn a_schema_named_into() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Into: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Into: shadows `Into`, which generated code uses; rename it, `TinyInto` for example",
    );
}

#[test]
fn a_schema_named_from() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    From: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.From: shadows `From`, which generated code uses; rename it, `TinyFrom` for example",
    );
}

#[test]
fn a_schema_named_visitor() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Visitor: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Visitor: shadows `Visitor`, which generated code uses; rename it, `TinyVisitor` for example",
    );
}

#[test]
fn a_schema_named_e() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    E: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.E: shadows `E`, which generated code uses; rename it, `TinyE` for example",
    );
}

#[test]
fn two_properties_with_one_rust_name() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "Note: {type: string, description: Another.}\n            note: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its properties `Note` and `note` have the same Rust name `note`; remove one, its values are kept in `extra`",
    );
}

#[test]
fn two_properties_with_one_rust_name_by_a_join() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "'@name': {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its properties `name` and `@name` have the same Rust name `name`; remove one, its values are kept in `extra`",
    );
}

#[test]
fn a_property_named_extra() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "extra: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange.properties.extra: `extra` is reserved in generated types; remove the property, its values are kept in `extra`",
    );
}

#[test]
fn a_property_named_new() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "New: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange.properties.New: `new` is reserved in generated types; remove the property, its values are kept in `extra`",
    );
}

#[test]
fn a_property_named_presence() {
    assert_rejected(
        edited(&[(
            "DATA_TYPE: {type",
            "presence: {type: string, description: Bad.}\n            DATA_TYPE: {type",
        )]),
        "tiny.yaml: components.schemas.Thing.properties.presence: `presence` is reserved in generated types; remove the property, its values are kept in `extra`",
    );
}

#[test]
fn a_property_named_like_the_method_that_clears_another() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "clear_note: {type: string, description: Bad.}\n            note: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its property `clear_note` has the name of the method that sends null for `note`; remove one, its values are kept in `extra`",
    );
}

#[test]
fn two_tags_with_one_rust_name() {
    assert_rejected(
        edited(&[(
            "DATA_TYPE: {type",
            "data-type: {type: string, enum: [thing], description: Bad.}\n            DATA_TYPE: {type",
        )]),
        "tiny.yaml: components.schemas.Thing: its tags `data-type` and `DATA_TYPE` have the same Rust name `DATA_TYPE`; remove one, its values are kept in `extra`",
    );
}
