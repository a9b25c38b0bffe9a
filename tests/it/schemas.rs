//! The JSON Schemas of the documents, held against the specs themselves.
//!
//! The schemas come from the generator's model. Here the specs are read as the plain JSON that they
//! are, by code that knows nothing of that model.

mod schema_check;

use globus_sdk::schema::{Document, documents};
use globus_sdk::types::{
    CommaList, ExtraFields, IntBool, Nullable, Secret, SubmissionId, SyncLevel, Timestamp,
};
use schema_check::problem;
use schemars::schema_for;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What `build.rs` left of each spec.
const SPECS: [&str; 4] = [
    include_str!(concat!(env!("OUT_DIR"), "/auth.json")),
    include_str!(concat!(env!("OUT_DIR"), "/groups.json")),
    include_str!(concat!(env!("OUT_DIR"), "/search.json")),
    include_str!(concat!(env!("OUT_DIR"), "/transfer.json")),
];

struct Spec(Value);

fn specs() -> Vec<Spec> {
    let specs: Vec<Spec> = SPECS
        .iter()
        .map(|text| Spec(serde_json::from_str(text).unwrap()))
        .collect();
    for document in documents() {
        let known = specs.iter().any(|spec| spec.service() == document.service);
        assert!(known, "the spec of {} is not read here", document.service);
    }
    specs
}

impl Spec {
    fn service(&self) -> &str {
        self.0["x-globus-service"]["name"].as_str().unwrap()
    }

    fn schemas(&self) -> &Map<String, Value> {
        self.0["components"]["schemas"].as_object().unwrap()
    }

    /// What a reference leads to.
    fn target<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .0
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    fn document(&self, name: &str) -> Option<Document> {
        // OpenIDConfiguration is OpenIdConfiguration in Rust
        documents().find(|d| d.service == self.service() && d.name.eq_ignore_ascii_case(name))
    }

    /// The objects whose properties a schema joins.
    fn parts<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.target(schema);
        match schema["allOf"].as_array() {
            Some(parts) => parts.iter().flat_map(|part| self.parts(part)).collect(),
            None => vec![schema],
        }
    }

    /// The schemas that requests are made of.
    fn sent(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for path in self.0["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                self.reach(&operation["requestBody"], &mut found);
            }
        }
        found
    }

    fn reach(&self, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    if found.insert(reference.to_owned()) {
                        self.reach(self.target(value), found);
                    }
                } else {
                    map.values().for_each(|value| self.reach(value, found));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.reach(item, found)),
            _ => {}
        }
    }

    /// Every example of a document: of a body, of an answer, of the schema itself.
    fn examples(&self) -> Vec<(String, String, &Value)> {
        let mut found = Vec::new();
        for (name, schema) in self.schemas() {
            if let Some(example) = schema.get("example") {
                found.push((format!("components.schemas.{name}"), name.clone(), example));
            }
        }
        self.media(&self.0, "", &mut found);
        found
    }

    fn media<'a>(
        &'a self,
        value: &'a Value,
        at: &str,
        found: &mut Vec<(String, String, &'a Value)>,
    ) {
        if let Some(name) = value["schema"]["$ref"]
            .as_str()
            .and_then(|r| r.strip_prefix("#/components/schemas/"))
        {
            if let Some(example) = value.get("example") {
                found.push((at.to_owned(), name.to_owned(), example));
            }
            for (called, example) in value["examples"].as_object().into_iter().flatten() {
                let example = &self.target(example)["value"];
                found.push((format!("{at}.{called}"), name.to_owned(), example));
            }
        }
        match value {
            Value::Object(map) => map
                .iter()
                .filter(|(key, _)| !["example", "examples"].contains(&key.as_str()))
                .for_each(|(key, value)| self.media(value, &format!("{at}.{key}"), found)),
            Value::Array(items) => items
                .iter()
                .for_each(|value| self.media(value, &format!("{at}[]"), found)),
            _ => {}
        }
    }
}

#[test]
fn every_example_of_the_specs_is_valid() {
    let mut held = 0;
    let mut wrong = Vec::new();
    for spec in &specs() {
        for (at, name, example) in spec.examples() {
            // what only errors or other documents are made of has no type
            let Some(document) = spec.document(&name) else {
                continue;
            };
            held += 1;
            if let Some(problem) = problem(document.schema().as_value(), example) {
                wrong.push(format!("{}: {at}: {name}: {problem}", spec.service()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held > 60, "only {held} examples were found");
}

#[test]
fn what_is_no_document_is_not_valid() {
    let (mut objects, mut with_required) = (0, 0);
    for document in documents() {
        let schema = document.schema();
        if schema.get("type") == Some(&json!("object")) {
            assert!(problem(schema.as_value(), &json!(3)).is_some());
            objects += 1;
        }
        if let Some(required) = schema.get("required") {
            assert_ne!(required, &json!([]));
            assert!(problem(schema.as_value(), &json!({})).is_some());
            with_required += 1;
        }
    }
    assert!(
        objects > 100 && with_required > 20,
        "{objects}, {with_required}"
    );
}

#[test]
fn fields_descriptions_and_what_is_required_are_the_specs() {
    let mut held = 0;
    for spec in &specs() {
        let sent = spec.sent();
        for (name, schema) in spec.schemas() {
            let Some(document) = spec.document(name) else {
                continue;
            };
            let received = !sent.contains(&format!("#/components/schemas/{name}"));
            let of = format!("{}: {name}", spec.service());
            let generated = document.schema();
            assert_eq!(
                generated.get("description").and_then(Value::as_str),
                schema["description"].as_str().map(str::trim),
                "{of}"
            );
            if schema["x-globus-open-enum"] == true {
                // whether null is one of them is said where the enum is used
                let mut values = schema["enum"].as_array().unwrap().clone();
                values.retain(|value| !value.is_null());
                assert_eq!(generated.get("anyOf").unwrap()[0]["enum"], json!(values));
                held += 1;
                continue;
            }
            if let Some(variants) = schema["oneOf"].as_array() {
                let tagged = usize::from(schema.get("discriminator").is_some());
                let any_of = generated.get("anyOf").and_then(Value::as_array).unwrap();
                assert_eq!(any_of.len(), variants.len() + tagged, "{of}");
                held += 1;
                continue;
            }
            let parts = spec.parts(schema);
            let properties: Map<String, Value> = parts
                .iter()
                .flat_map(|part| part["properties"].as_object().cloned().unwrap_or_default())
                .collect();
            let wanted: BTreeSet<&str> = parts
                .iter()
                .flat_map(|part| part["required"].as_array().into_iter().flatten())
                .filter_map(Value::as_str)
                .collect();
            let required: BTreeSet<&str> = generated
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(required, wanted, "{of}");
            let fields = generated
                .get("properties")
                .and_then(Value::as_object)
                .unwrap();
            assert_eq!(
                fields.keys().collect::<BTreeSet<_>>(),
                properties.keys().collect::<BTreeSet<_>>(),
                "{of}"
            );
            for (field, property) in &properties {
                // what a response does not require may come as null
                let null = received && !wanted.contains(field.as_str());
                held_against(
                    spec,
                    &format!("{of}.{field}"),
                    property,
                    &fields[field],
                    null,
                );
            }
            held += 1;
        }
    }
    assert_eq!(held, documents().count(), "some are in no spec");
}

/// One field: its description, what it may be, its limits.
fn held_against(spec: &Spec, at: &str, property: &Value, field: &Value, null: bool) {
    if let Some([tag]) = property["enum"].as_array().map(Vec::as_slice) {
        assert_eq!(&field["const"], tag, "{at}");
        assert_eq!(&field["description"], &property["description"], "{at}");
        return;
    }
    let described = property.get("description").is_some();
    let source = if described {
        property
    } else {
        spec.target(property)
    };
    assert_eq!(
        field["description"].as_str(),
        source["description"].as_str().map(str::trim),
        "{at}"
    );
    let referred = property["allOf"].get(0).unwrap_or(property);
    let nullable = property["nullable"] == true || spec.target(referred)["nullable"] == true;
    let any_json = spec.target(referred).get("x-globus-free-form").is_some();
    assert_eq!(
        allows_null(field),
        null || nullable || (any_json && field.get("type").is_none()),
        "{at}"
    );
    for limit in ["minimum", "maximum", "minLength", "maxLength", "minItems"] {
        // 90 and 90.0 are one number
        let number = |schema: &Value| schema[limit].as_f64();
        assert_eq!(number(field), number(property), "{at}.{limit}");
    }
}

fn allows_null(field: &Value) -> bool {
    let null = json!("null");
    match (&field["type"], &field["anyOf"], field.get("$ref")) {
        (Value::Array(kinds), _, _) => kinds.contains(&null),
        (Value::String(_), _, _) | (_, _, Some(_)) => false,
        (_, Value::Array(any_of), _) => any_of.iter().any(|one| one["type"] == null),
        _ => true,
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut followed = 0;
    for document in documents() {
        let schema = document.schema().to_value();
        let mut found = Vec::new();
        references(&schema, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap_or("no pointer");
            assert!(schema.pointer(pointer).is_some(), "{reference}");
            followed += 1;
        }
    }
    assert!(followed > 50, "only {followed} references were found");
}

#[test]
fn hand_written_types_say_what_they_are() {
    let valid =
        |schema: schemars::Schema, value: Value| problem(schema.as_value(), &value).is_none();
    assert!(valid(
        schema_for!(Timestamp),
        json!("2026-11-22 09:54:38+00:00")
    ));
    assert!(!valid(schema_for!(Timestamp), json!(1)));
    assert!(valid(schema_for!(CommaList), json!("name,size")));
    assert!(valid(schema_for!(IntBool), json!(1)) && !valid(schema_for!(IntBool), json!(true)));
    assert!(valid(schema_for!(Secret), json!("abc")));
    assert!(valid(schema_for!(SyncLevel), json!(3)) && valid(schema_for!(SyncLevel), json!(9)));
    assert!(!valid(schema_for!(SyncLevel), json!("checksum")));
    assert!(valid(schema_for!(SubmissionId), json!(null)));
    assert!(valid(schema_for!(ExtraFields), json!({"novelty": 1})));
    assert!(valid(schema_for!(Nullable<bool>), json!(null)));
    assert!(!valid(schema_for!(Nullable<bool>), json!("no")));
}
