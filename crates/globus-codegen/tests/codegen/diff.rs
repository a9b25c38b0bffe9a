//! How spec changes affect the Rust API, as reported to reviewers.

use crate::tiny::{Tiny, document};
use insta::assert_snapshot;
use std::path::Path;

fn diff(old: &Tiny, new: &Tiny) -> String {
    let (before, after) = (old.yaml(), new.yaml());
    let old = (Path::new("old.yaml"), before.as_str());
    globus_codegen::diff(old, (Path::new("new.yaml"), &after)).unwrap()
}

const PARAMETERS: &str = "
parameters:
- {name: id, in: path, required: true, description: Which., schema: {type: string}}
- {name: limit, in: query, description: How many., schema: {type: integer}}
- {name: filter, in: query, description: Which., schema: {type: string}}
";

#[test]
fn fields_are_added_and_removed() {
    let old = "type: object\nrequired: [id]\nproperties: {id: {type: integer, description: Its id.}, note: {type: string, description: A note.}, gone: {type: string, description: Gone.}, size: {type: integer, maximum: 5, description: Its size.}}";
    let new = "type: object\nrequired: [id, note]\nproperties: {id: {type: string, description: Its id by another name.}, note: {type: string, description: A note.}, size: {type: integer, maximum: 9, description: Its size.}, sky: {type: number, nullable: true, description: New.}}";
    // a response says why it requires a field
    let reason = "x-globus-required: all have one, ";
    let received = |yaml: &str| yaml.replace("{id: {", &format!("{{id: {{{reason}"));
    let thing = |yaml: &str| Tiny::new().schema("Thing", yaml).answers("Thing");
    let before = thing(&received(old));
    let after = thing(&received(new).replace("note: {", &format!("note: {{{reason}")));
    assert_snapshot!("a_received_document_changes", diff(&before, &after));
    let thing = |yaml| Tiny::new().schema("Thing", yaml).takes("Thing");
    assert_snapshot!("a_sent_document_changes", diff(&thing(old), &thing(new)));
}

#[test]
fn a_parameter_that_narrows_changes_what_callers_write() {
    let thing = |word: &str| {
        Tiny::new()
            .schema("Thing", "type: object\nproperties: {a: {type: string, description: An a.}}")
            .operation(
                "get_thing",
                "get",
                "/v1/thing",
                Some("Thing"),
                &format!("parameters:\n- {{name: only, in: query, description: What., schema: {{type: string}}{word}}}"),
            )
    };
    assert_eq!(
        diff(&thing(""), &thing(", x-globus-narrows: true")),
        "~ get_thing: parameter only: setter String -> setter String that narrows the document (breaking)\n1 change, 1 breaking\n"
    );
}

#[test]
fn operations_are_added_removed_and_changed() {
    let body = |schema| {
        format!(
            "x-globus-idempotency: not-idempotent\n{}",
            document("application/json", schema)
        )
    };
    let base = Tiny::new()
        .schema(
            "First",
            "type: object\nproperties: {a: {type: string, description: An a.}}",
        )
        .schema(
            "Second",
            "type: object\nproperties: {b: {type: string, description: A b.}}",
        )
        .schema(
            "Third",
            "type: object\nproperties: {c: {type: string, description: A c.}}",
        );
    let base = || base.clone();
    let old = base()
        .operation("get_it", "get", "/v1/it/{id}", Some("First"), PARAMETERS)
        .operation("put_it", "put", "/v1/it", None, &body("Third"))
        .operation("old_one", "get", "/v1/old", Some("First"), "");
    let parameters = PARAMETERS
        .replace("name: limit, in", "name: size, in")
        .replace(
            "name: filter, in: query,",
            "name: filter, in: query, required: true,",
        );
    let new = base()
        .operation(
            "get_it",
            "get",
            "/v2/it/{id}",
            Some("Second"),
            &format!("x-globus-scopes: [view]\ndeprecated: true{parameters}"),
        )
        .operation(
            "put_it",
            "put",
            "/v1/it",
            None,
            &body("Third").replace("not-idempotent", "idempotent"),
        )
        .operation("new_one", "get", "/v1/new", Some("First"), "");
    assert_snapshot!(diff(&old, &new));
}

#[test]
fn enums_and_unions() {
    let spec = |colors: &str, variants: &str| {
        Tiny::new()
            .schema("Color", &format!("type: string\nenum: [{colors}]\nx-globus-open-enum: true"))
            .schema("Key", &format!("oneOf: [{variants}]"))
            .schema("Thing", "type: object\nproperties: {color: {$ref: '#/components/schemas/Color'}, key: {$ref: '#/components/schemas/Key'}}")
            .answers("Thing")
    };
    assert_snapshot!(diff(
        &spec("red, green", "{type: string}"),
        &spec("green, blue", "{type: string}, {type: boolean}"),
    ));
}

#[test]
fn descriptions_are_ignored() {
    let spec = |text: &str| {
        Tiny::new()
            .schema(
                "Thing",
                &format!("type: object\nproperties: {{a: {{type: string, description: {text}}}}}"),
            )
            .answers("Thing")
    };
    assert_eq!(
        diff(&spec("An a."), &spec("The first letter.")),
        "The Rust API does not change.\n"
    );
}

#[test]
fn an_unreadable_spec_is_reported() {
    let good = Tiny::new().yaml();
    let files = (Path::new("old.yaml"), Path::new("new.yaml"));
    let problem = globus_codegen::diff((files.0, &good), (files.1, "[]")).unwrap_err();
    assert!(problem.to_string().starts_with("new.yaml: "));
}
