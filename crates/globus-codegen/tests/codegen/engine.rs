//! progenitor's own output, so that an upgrade shows what changes.

use crate::tiny::{Tiny, document};
use insta::assert_snapshot;

#[test]
fn progenitors_output() {
    let spec = Tiny::new()
        .schema(
            "Color",
            "type: string\nenum: [red]\nx-globus-open-enum: true",
        )
        .schema(
            "Words",
            "type: string\nx-globus-rust-type: 'crate::types::CommaList'",
        )
        .schema(
            "Note",
            "type: object\nproperties: {text: {type: string, description: What it says.}}",
        )
        .schema(
            "Thing",
            "type: object\nproperties: {name: {type: string, description: Its name.}}",
        )
        .operation(
            "change_thing",
            "put",
            "/v1/things/{thing_id}/notes/{type}",
            Some("Thing"),
            &format!(
                "
x-globus-idempotency: idempotent
parameters:
  - {{name: thing_id, in: path, required: true, description: Which., schema: {{type: string, format: uuid}}}}
  - {{name: type, in: path, required: true, description: Of what kind., schema: {{type: string}}}}
  - {{name: limit, in: query, description: How many., schema: {{type: integer}}}}
  - {{name: ids, in: query, description: Some ids., schema: {{type: array, items: {{type: string}}}}}}
  - {{name: color, in: query, description: A color., schema: {{$ref: '#/components/schemas/Color'}}}}
  - {{name: words, in: query, required: true, description: Words., schema: {{$ref: '#/components/schemas/Words'}}}}
{}",
                document("application/json", "Note")
            ),
        );
    assert_snapshot!(spec.items(&["mod engine"]));
}
