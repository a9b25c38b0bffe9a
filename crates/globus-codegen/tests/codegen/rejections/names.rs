//! Names that clash in Rust.

use super::*;

#[test]
fn a_schema_called_as_no_type() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    bad_name: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.bad_name: is no Rust type's name; write `BadName`",
    );
}

#[test]
fn an_enum_called_as_progenitor_would_not() {
    assert_rejected(
        renamed("Color", "RGBColor"),
        "tiny.yaml: components.schemas.RGBColor: is no Rust type's name; write `RgbColor`",
    );
}

#[test]
fn two_schemas_of_one_rust_name() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    CIRCLE: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Circlé: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.CIRCLE: gets the same Rust name `Circle` as `Circle`; rename one",
    );
}

#[test]
fn a_schema_called_string() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    String: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.String: hides what generated code calls `String`; rename it, `TinyString` for example",
    );
}

#[test]
fn a_schema_called_vec() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Vec: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Vec: hides what generated code calls `Vec`; rename it, `TinyVec` for example",
    );
}

#[test]
fn a_schema_called_option() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Option: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Option: hides what generated code calls `Option`; rename it, `TinyOption` for example",
    );
}

#[test]
fn a_schema_called_result() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Result: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Result: hides what generated code calls `Result`; rename it, `TinyResult` for example",
    );
}

#[test]
fn a_schema_called_box() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Box: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Box: hides what generated code calls `Box`; rename it, `TinyBox` for example",
    );
}

#[test]
fn a_schema_called_default() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Default: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Default: hides what generated code calls `Default`; rename it, `TinyDefault` for example",
    );
}

#[test]
fn a_schema_called_some() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Some: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Some: hides what generated code calls `Some`; rename it, `TinySome` for example",
    );
}

#[test]
fn a_schema_called_none() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    None: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.None: hides what generated code calls `None`; rename it, `TinyNone` for example",
    );
}

#[test]
fn a_schema_called_ok() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Ok: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Ok: hides what generated code calls `Ok`; rename it, `TinyOk` for example",
    );
}

#[test]
fn a_schema_called_err() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Err: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Err: hides what generated code calls `Err`; rename it, `TinyErr` for example",
    );
}

#[test]
fn a_schema_called_into() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Into: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Into: hides what generated code calls `Into`; rename it, `TinyInto` for example",
    );
}

#[test]
fn a_schema_called_from() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    From: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.From: hides what generated code calls `From`; rename it, `TinyFrom` for example",
    );
}

#[test]
fn a_schema_called_visitor() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    Visitor: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.Visitor: hides what generated code calls `Visitor`; rename it, `TinyVisitor` for example",
    );
}

#[test]
fn a_schema_called_e() {
    assert_rejected(
        edited(&[(
            "    Size:\n",
            "    E: {type: object, description: Bad., properties: {a: {type: string, description: An a.}}}\n    Size:\n",
        )]),
        "tiny.yaml: components.schemas.E: hides what generated code calls `E`; rename it, `TinyE` for example",
    );
}

#[test]
fn two_properties_of_one_rust_name() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "Note: {type: string, description: Another.}\n            note: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its properties `Note` and `note` get the same Rust name `note`; drop one, it is kept in `extra`",
    );
}

#[test]
fn two_properties_of_one_rust_name_by_a_join() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "'@name': {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its properties `name` and `@name` get the same Rust name `name`; drop one, it is kept in `extra`",
    );
}

#[test]
fn a_property_called_extra() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "extra: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange.properties.extra: the generated type uses `extra` itself; leave the property out, it is kept in `extra`",
    );
}

#[test]
fn a_property_called_new() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "New: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange.properties.New: the generated type uses `new` itself; leave the property out, it is kept in `extra`",
    );
}

#[test]
fn a_property_called_as_the_record_of_nulls() {
    assert_rejected(
        edited(&[(
            "DATA_TYPE: {type",
            "presence: {type: string, description: Bad.}\n            DATA_TYPE: {type",
        )]),
        "tiny.yaml: components.schemas.Thing.properties.presence: the generated type uses `presence` itself; leave the property out, it is kept in `extra`",
    );
}

#[test]
fn a_property_called_as_the_method_that_clears_another() {
    assert_rejected(
        edited(&[(
            "note: {type: string, nullable",
            "clear_note: {type: string, description: Bad.}\n            note: {type: string, nullable",
        )]),
        "tiny.yaml: components.schemas.ThingChange: its property `clear_note` is called as the method that sends null for `note`; drop one, it is kept in `extra`",
    );
}

#[test]
fn two_tags_of_one_rust_name() {
    assert_rejected(
        edited(&[(
            "DATA_TYPE: {type",
            "data-type: {type: string, enum: [thing], description: Bad.}\n            DATA_TYPE: {type",
        )]),
        "tiny.yaml: components.schemas.Thing: its tags `data-type` and `DATA_TYPE` get the same Rust name `DATA_TYPE`; drop one, it is kept in `extra`",
    );
}
