//! Types of schemas: one snapshot per rule and per extension.

use crate::tiny::Tiny;
use insta::assert_snapshot;

const THING: &str = "
type: object
required: [id, note, tags]
properties:
  id: {type: string, description: Always there.}
  note: {type: string, nullable: true, description: Always there and may be null.}
  color: {type: string, description: May be absent.}
  owner: {type: string, nullable: true, description: May be absent or null.}
  tags: {type: array, description: A list that has to be there., items: {type: string}}
";

const RECEIVED: &str = "
type: object
required: [id, tags]
properties:
  id: {type: string, description: Always there., x-globus-required: its identity}
  tags: {type: array, description: A list that has to be there., items: {type: string}, x-globus-required: its items}
  note: {type: string, description: May be absent or null.}
  size: {type: number, description: With a fraction or without.}
  words: {type: array, description: May be absent or null., items: {type: string}}
  counts: {type: object, nullable: true, description: The same., additionalProperties: {type: integer}}
  parent: {$ref: '#/components/schemas/Thing'}
";

#[test]
fn a_response_document() {
    assert_snapshot!(
        Tiny::new()
            .schema("Thing", RECEIVED)
            .answers("Thing")
            .items(&["Thing"])
    );
}

#[test]
fn a_request_document() {
    assert_snapshot!(
        Tiny::new()
            .schema("Thing", THING)
            .takes("Thing")
            .items(&["Thing"])
    );
}

#[test]
fn an_unused_document_is_not_emitted() {
    let spec = Tiny::new()
        .schema("Base", "type: object\nproperties: {a: {type: string, description: An a.}}")
        .schema(
            "Either",
            "oneOf: [{$ref: '#/components/schemas/Base'}, {type: string}]",
        )
        .schema("Thing", "allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {b: {type: string, description: A b.}}}]")
        .answers("Thing");
    let code = crate::tiny::generate("tiny.yaml", &spec.yaml());
    assert!(!code.contains("struct Base") && !code.contains("enum Either"));
    assert_snapshot!(spec.items(&["struct Thing"]));
}

#[test]
fn the_three_states_of_a_nullable_field_in_an_update() {
    let spec = Tiny::new().schema("Thing", THING).takes("Thing");
    assert_snapshot!(spec.items(&["Thing::owner", "Thing::clear_owner", "Thing::color"]));
}

const TAGGED: &str = "
type: object
required: [DATA_TYPE]
properties:
  DATA_TYPE: {type: string, enum: [thing], description: The kind.}
  '@version': {type: string, enum: ['2019-08-27'], description: The shape.}
";

#[test]
fn a_tag_of_a_response_document() {
    assert_snapshot!(
        Tiny::new()
            .schema("Thing", TAGGED)
            .answers("Thing")
            .items(&["Thing"])
    );
}

#[test]
fn a_tag_of_a_request_document() {
    let spec = Tiny::new().schema("Thing", TAGGED).takes("Thing");
    assert_snapshot!(spec.items(&["struct Thing", "impl Serialize for Thing"]));
}

#[test]
fn an_open_enum() {
    let spec = Tiny::new()
        .schema(
            "Color",
            "type: string\nenum: [red, DARK_BLUE, '2', self]\nx-globus-open-enum: true",
        )
        .schema(
            "Thing",
            "type: object\nproperties: {color: {$ref: '#/components/schemas/Color'}}",
        )
        .answers("Thing");
    assert_snapshot!(spec.items(&["Color", "struct Thing"]));
}

#[test]
fn a_hand_written_type() {
    let spec = Tiny::new()
        .schema(
            "Time",
            "type: string\nx-globus-rust-type: 'crate::types::Timestamp'",
        )
        .schema(
            "Thing",
            "
type: object
required: [made]
properties:
  made: {description: When., allOf: [{$ref: '#/components/schemas/Time'}], x-globus-required: its identity}
  changed: {description: When., nullable: true, allOf: [{$ref: '#/components/schemas/Time'}]}
",
        )
        .answers("Thing");
    assert_snapshot!(spec.items(&["struct Thing"]));
}

#[test]
fn free_form_json() {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "
type: object
properties:
  any: {description: Anything., x-globus-free-form: the owner's own}
  all: {type: object, description: All., additionalProperties: {x-globus-free-form: the owner's own}}
  count: {type: object, description: Counts., additionalProperties: {type: integer}}
",
        )
        .takes("Thing");
    assert_snapshot!(spec.items(&["struct Thing", "Thing::any", "Thing::all"]));
}

#[test]
fn a_password() {
    let spec = Tiny::new()
        .schema("Login", "type: object\nrequired: [password]\nproperties: {password: {type: string, format: password, description: Never shown.}}")
        .takes("Login");
    assert_snapshot!(spec.items(&["struct Login", "Login::new"]));
}

#[test]
fn a_field_that_the_sdk_fills() {
    let spec = Tiny::new()
        .schema("Id", "type: string\nx-globus-rust-type: 'crate::types::SubmissionId'")
        .schema(
            "Thing",
            "
type: object
required: [id, name]
properties:
  id: {description: Makes it unique., x-globus-filled-by: put_it, allOf: [{$ref: '#/components/schemas/Id'}]}
  name: {type: string, description: Its name.}
",
        )
        .takes("Thing");
    assert_snapshot!(spec.items(&[
        "struct Thing",
        "Thing::new",
        "Thing::id",
        "impl Serialize for Thing"
    ]));
}

#[test]
fn a_field_that_the_constructor_sets() {
    let spec = Tiny::new()
        .schema("Version", "type: string\nx-globus-open-enum: true\nenum: ['2.0', '1.0']")
        .schema(
            "Thing",
            "
type: object
properties:
  version: {description: Of what., x-globus-initial: '2.0', allOf: [{$ref: '#/components/schemas/Version'}]}
",
        )
        .takes("Thing");
    assert_snapshot!(spec.items(&["struct Thing", "Thing::new", "impl Default for Thing"]));
}

#[test]
fn a_tagged_union() {
    let spec = Tiny::new()
        .schema("Circle", "type: object\nproperties: {kind: {type: string, enum: [circle], description: The kind.}}")
        .schema("Square", "type: object\nproperties: {kind: {type: string, description: The kind.}}")
        .schema(
            "Shape",
            "
oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
discriminator:
  propertyName: kind
  mapping:
    circle: '#/components/schemas/Circle'
    square: '#/components/schemas/Square'
    box: '#/components/schemas/Square'
",
        )
        .answers("Shape");
    assert_snapshot!(spec.items(&["Shape"]));
}

#[test]
fn an_untagged_union() {
    let spec = Tiny::new()
        .schema(
            "Circle",
            "type: object\nproperties: {r: {type: number, description: The radius.}}",
        )
        .schema(
            "Size",
            "
oneOf:
  - $ref: '#/components/schemas/Circle'
  - {type: array, items: {type: integer}}
  - {type: string}
  - {type: number}
  - {type: boolean}
",
        )
        .answers("Size");
    assert_snapshot!(spec.items(&["Size"]));
}

#[test]
fn a_recursive_field_is_boxed() {
    let node = "
type: object
required: [children]
properties:
  parent: {$ref: '#/components/schemas/Node'}
  through: {$ref: '#/components/schemas/Wrap'}
  children: {type: array, description: Below it., items: {$ref: '#/components/schemas/Node'}}
";
    let wrap = "type: object\nproperties: {node: {$ref: '#/components/schemas/Node'}}";
    let spec = Tiny::new()
        .schema("Node", node)
        .schema("Wrap", wrap)
        .takes("Node");
    assert_snapshot!(spec.items(&["struct Node", "struct Wrap", "Node::parent"]));
}

#[test]
fn scalars_lists_and_keywords() {
    let spec = Tiny::new()
        .schema(
            "Thing",
            "
type: object
properties:
  type: {type: string, description: Reserved in Rust.}
  gen: {type: string, description: Reserved since edition 2024.}
  self: {type: string, description: Cannot be raw.}
  '@id': {type: string, format: uuid, description: No letter at its start.}
  camelCase: {type: boolean, deprecated: true, description: Old.}
  size: {type: number, description: A number.}
  ids: {type: array, description: Some ids., items: {type: string, format: uuid}}
",
        )
        .takes("Thing");
    assert_snapshot!(spec.items(&[
        "struct Thing",
        "Thing::r#type",
        "Thing::camel_case",
        "Thing::ids"
    ]));
}

#[test]
fn an_alias() {
    let spec = Tiny::new()
        .schema("Path", "type: string")
        .schema(
            "Paths",
            "type: array\nitems: {$ref: '#/components/schemas/Path'}",
        )
        .schema(
            "Thing",
            "type: object\nproperties: {paths: {$ref: '#/components/schemas/Paths'}}",
        )
        .answers("Thing");
    assert_snapshot!(spec.items(&["struct Thing"]));
}

#[test]
fn a_json_schema_of_each_shape() {
    let spec = Tiny::new()
        .schema("Color", "type: string\nenum: [red, dark-blue]\nx-globus-open-enum: true")
        .schema("Time", "type: string\nx-globus-rust-type: crate::types::Timestamp")
        .schema("Cat", "type: object\nrequired: [kind]\nproperties: {kind: {type: string, enum: [cat], description: A cat.}, lives: {type: integer, maximum: 9, description: How many.}}")
        .schema("Dog", "type: object\nrequired: [kind]\nproperties: {kind: {type: string, description: What it is.}, born: {allOf: [{$ref: '#/components/schemas/Time'}], nullable: true, description: When.}}")
        .schema("Pet", "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]\ndiscriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog', wolf: '#/components/schemas/Dog'}}")
        .schema("Key", "oneOf: [{type: string}, {type: array, items: {type: string}}]")
        .schema("Thing", "type: object\nrequired: [pet]\nproperties: {pet: {description: It., allOf: [{$ref: '#/components/schemas/Pet'}], x-globus-required: its identity}, key: {allOf: [{$ref: '#/components/schemas/Key'}], description: Its key.}, color: {allOf: [{$ref: '#/components/schemas/Color'}], deprecated: true, description: Its color.}, any: {x-globus-free-form: a test, description: Anything.}}")
        .answers("Thing");
    let code =
        globus_codegen::generate_schemas(std::path::Path::new("tiny.yaml"), &spec.yaml()).unwrap();
    assert_snapshot!(code);
}
