//! Each field of each answer left out, and set to null, one at a time and at every depth: the document
//! decodes, and encodes to what came, or the field has a reason to be required.

use crate::corpus::{Sample, resolve, samples, spec};
use serde_json::Value;
use std::collections::BTreeMap;

/// A step into a document.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

#[test]
fn a_field_without_a_reason_may_be_absent_or_null() {
    let mut needed = BTreeMap::new();
    let (mut count, mut wrong) = (0, Vec::new());
    for sample in samples() {
        if sample.status >= 300 {
            continue;
        }
        for path in fields(&sample.document) {
            for value in [None, Some(Value::Null)] {
                count += 1;
                let document = changed(&sample.document, &path, value.as_ref());
                if let Err(failed) = decode(&sample, &document, &path, value.is_none()) {
                    match reason(&sample, &path) {
                        Some(reason) if failed == Failed::Decode => {
                            let line = format!("{} {}", sample.name(), pattern(&path));
                            // what recordings add to the specs' examples stands in no snapshot
                            if !sample.recorded {
                                needed.insert(line, reason);
                            }
                        }
                        _ => wrong.push(format!("{} {}: {failed:?}", sample.name(), shown(&path))),
                    }
                }
            }
        }
    }
    assert!(count > 5_000, "{count} changed documents");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
    let lines = needed
        .iter()
        .map(|(place, why)| format!("{place}: {why}\n"));
    insta::assert_snapshot!("required", lines.collect::<String>());
}

#[test]
fn every_answer_is_encoded_as_it_came() {
    for sample in samples().iter().filter(|sample| sample.status < 300) {
        let outcome = decode(sample, &sample.document, &[], false);
        assert_eq!(outcome, Ok(()), "{}", sample.name());
    }
}

#[derive(Debug, PartialEq)]
enum Failed {
    Decode,
    /// The error does not name the place.
    Unplaced(String),
    /// What was encoded is not what came.
    Changed(Value),
}

/// Decodes and encodes a document. `absent` says that the field is missing from its object, which is
/// what the error names then.
fn decode(sample: &Sample, document: &Value, path: &[Step], absent: bool) -> Result<(), Failed> {
    let replayed = sample
        .operation
        .decode_round_trip(sample.status, document.to_string().as_bytes());
    match replayed {
        Ok(replay) if replay.document == *document || replay.document.is_null() => Ok(()),
        Ok(replay) => Err(Failed::Changed(replay.document)),
        Err(error) => {
            let place = if absent {
                &path[..path.len() - 1]
            } else {
                path
            };
            let named = match shown(place) {
                place if place.is_empty() => "at $: ".to_owned(),
                place => format!("at {place}: "),
            };
            match error.message().starts_with(&named) {
                true => Err(Failed::Decode),
                false => Err(Failed::Unplaced(error.message().to_owned())),
            }
        }
    }
}

/// The paths of all fields.
fn fields(document: &Value) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), document)];
    while let Some((path, value)) = open.pop() {
        let with = |step: Step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let path = with(Step::Key(key.clone()));
                    found.push(path.clone());
                    open.push((path, value));
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    open.push((with(Step::Index(i)), item));
                }
            }
            _ => {}
        }
    }
    found
}

/// The document with another value at a path, or none.
fn changed(document: &Value, path: &[Step], value: Option<&Value>) -> Value {
    let mut document = document.clone();
    let (Some(Step::Key(last)), above) = (path.last(), &path[..path.len() - 1]) else {
        return document;
    };
    let mut at = &mut document;
    for step in above {
        at = match step {
            Step::Key(key) => &mut at[key.as_str()],
            Step::Index(i) => &mut at[*i],
        };
    }
    match (value, at.as_object_mut()) {
        (Some(value), Some(object)) => object.insert(last.clone(), value.clone()),
        (None, Some(object)) => object.remove(last),
        _ => None,
    };
    document
}

/// As an error names it.
fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text += key,
            Step::Key(key) => text += &format!(".{key}"),
            Step::Index(i) => text += &format!("[{i}]"),
        }
    }
    text
}

/// The same for any item of a list.
fn pattern(path: &[Step]) -> String {
    let any = path.iter().cloned().map(|step| match step {
        Step::Index(_) => Step::Index(0),
        key => key,
    });
    shown(&any.collect::<Vec<_>>()).replace("[0]", "[]")
}

/// Why the spec requires a field: it is a tag, the items of a list, or has a reason written.
fn reason(sample: &Sample, path: &[Step]) -> Option<String> {
    let spec = spec(sample.operation.service);
    let method = sample.operation.method.to_ascii_lowercase();
    let operation = &spec["paths"][sample.operation.path][method];
    let answers = operation["responses"].as_object()?.iter();
    let schemas = answers.filter(|(status, _)| status.starts_with('2'));
    let mut schemas = schemas.filter_map(|(_, answer)| {
        resolve(spec, answer)
            .pointer("/content/application~1json")?
            .get("schema")
    });
    if let [Step::Key(key)] = path
        && operation["x-globus-paging"]["items"] == key.as_str()
    {
        return Some("items".to_owned());
    }
    let found = schemas.find_map(|schema| property(spec, schema, &sample.document, path));
    let property = match found? {
        Found::Tag => return Some("tag".to_owned()),
        Found::Property(property) => property,
    };
    match property["enum"].as_array().map(Vec::len) {
        Some(1) => Some("tag".to_owned()),
        _ => property["x-globus-required"].as_str().map(str::to_owned),
    }
}

enum Found<'a> {
    /// The discriminator of a union.
    Tag,
    Property(&'a Value),
}

/// The schema of what is at a path of a document.
fn property<'a>(
    spec: &'a Value,
    schema: &'a Value,
    document: &Value,
    path: &[Step],
) -> Option<Found<'a>> {
    let Some((step, rest)) = path.split_first() else {
        return Some(Found::Property(schema));
    };
    let schema = resolve(spec, schema);
    if let Some(parts) = schema["allOf"].as_array() {
        return parts
            .iter()
            .find_map(|part| property(spec, part, document, path));
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        let tag = schema["discriminator"]["propertyName"].as_str();
        if let ([Step::Key(key)], Some(tag)) = (path, tag)
            && key == tag
        {
            return Some(Found::Tag);
        }
        return variants
            .iter()
            .find_map(|variant| property(spec, variant, document, path));
    }
    let (schema, document) = match step {
        Step::Key(key) => {
            let named = schema["properties"].get(key);
            let named = named.or_else(|| schema.get("additionalProperties"));
            (named?, document.get(key)?)
        }
        Step::Index(i) => (schema.get("items")?, document.get(*i)?),
    };
    // the last step is where the extensions stand, whatever it refers to
    match rest {
        [] => Some(Found::Property(schema)),
        rest => property(spec, schema, document, rest),
    }
}
