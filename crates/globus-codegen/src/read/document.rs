//! The text itself: YAML, OpenAPI 3.0, and no word of our vocabulary misspelt or misplaced.
//!
//! What the OpenAPI reader finds wrong it reports by section only, so its errors are looked for
//! again, part by part, until the smallest part that is wrong has a name.

use crate::error::{Problem, Result, refuse};
use openapiv3::{OpenAPI, Operation, Parameter, PathItem, RequestBody, Response, Schema};
use serde_yaml::{Mapping, Value};

/// The part of a document that a mapping is.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Document,
    Components,
    Path,
    Operation,
    Parameter,
    Body,
    Response,
    Media,
    Schema,
    Other,
    /// A mapping whose keys are names of the author's choice.
    Named(&'static Part),
}

/// The vocabulary, by the part that each word stands on.
const VOCABULARY: &[(&str, Part)] = &[
    ("x-globus-service", Part::Document),
    ("x-globus-scopes", Part::Operation),
    ("x-globus-auth", Part::Operation),
    ("x-globus-retry", Part::Operation),
    ("x-globus-paging", Part::Operation),
    ("x-globus-url-only", Part::Operation),
    ("x-globus-wrapped", Part::Operation),
    ("x-globus-python", Part::Operation),
    ("x-globus-narrows", Part::Parameter),
    ("x-globus-open-enum", Part::Schema),
    ("x-globus-rust-type", Part::Schema),
    ("x-globus-free-form", Part::Schema),
    ("x-globus-filled-by", Part::Schema),
    ("x-globus-initial", Part::Schema),
];

pub(super) fn read(yaml: &str) -> Result<OpenAPI> {
    let raw: Value = serde_yaml::from_str(yaml).map_err(|e| not_yaml(&e))?;
    let Value::Mapping(root) = &raw else {
        return refuse("line 1", "is no mapping; begin with `openapi: 3.0.3`");
    };
    version(root)?;
    walk("", &raw, Part::Document)?;
    serde_yaml::from_str(yaml).map_err(|e| {
        smallest("", &raw, Part::Document).unwrap_or_else(|| Problem {
            place: located(&e),
            what: not_openapi(&e),
        })
    })
}

fn not_yaml(error: &serde_yaml::Error) -> Problem {
    Problem {
        place: located(error),
        what: format!("is not YAML: {}; correct it there", unlocated(error)),
    }
}

fn not_openapi(error: &serde_yaml::Error) -> String {
    format!(
        "is not OpenAPI 3.0: {}; write it as the specification has it",
        unlocated(error)
    )
}

fn located(error: &serde_yaml::Error) -> String {
    match error.location() {
        Some(at) => format!("line {}, column {}", at.line(), at.column()),
        None => "line 1".to_owned(),
    }
}

/// The message without the position, which is its place already.
fn unlocated(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let Some(at) = error.location() else {
        return text;
    };
    text.replacen(
        &format!(" at line {} column {}", at.line(), at.column()),
        "",
        1,
    )
}

fn version(root: &Mapping) -> Result<()> {
    let given = match root.get("openapi") {
        None => return refuse("openapi", "is missing; write 3.0.3"),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return refuse("openapi", "is no version; write 3.0.3"),
    };
    if given == "3.0" || given.starts_with("3.0.") {
        Ok(())
    } else {
        refuse("openapi", format!("is {given}; write 3.0.3"))
    }
}

/// Looks for what OpenAPI lets pass and we do not.
fn walk(place: &str, value: &Value, part: Part) -> Result<()> {
    for (name, child, of) in children(value, part) {
        let at = join(place, &name);
        if part == Part::Named(&Part::Path) && !name.starts_with('/') && !name.starts_with("x-") {
            return refuse(&at, "is no path from the host's root; begin with /");
        }
        if !matches!(part, Part::Named(_)) {
            if name == "type" && child.is_sequence() && part == Part::Schema {
                return refuse(
                    &at,
                    "is a list, as in OpenAPI 3.1; write one type, and `nullable: true` beside it for null",
                );
            }
            if name.starts_with("x-globus-") {
                vocabulary(&at, &name, part)?;
                continue;
            }
            if part == Part::Operation && name == "responses" {
                statuses(&at, child)?;
            }
        }
        walk(&at, child, of)?;
    }
    Ok(())
}

/// The OpenAPI reader drops an answer whose status it cannot read.
fn statuses(place: &str, answers: &Value) -> Result<()> {
    for (status, _, _) in children(answers, Part::Named(&Part::Response)) {
        let read = matches!(status.as_bytes(), [b'1'..=b'5', rest @ ..]
            if rest == b"XX" || (rest.len() == 2 && rest.iter().all(u8::is_ascii_digit)));
        if !read && status != "default" && !status.starts_with("x-") {
            return refuse(
                &join(place, &status),
                "is no status; write 200, 2XX or default",
            );
        }
    }
    Ok(())
}

fn vocabulary(at: &str, name: &str, part: Part) -> Result<()> {
    let Some((_, belongs)) = VOCABULARY.iter().find(|(word, _)| *word == name) else {
        return refuse(
            at,
            "is no word of the vocabulary; specs/README.md lists them all",
        );
    };
    if *belongs == part {
        return Ok(());
    }
    let belongs = match belongs {
        Part::Document => "the document",
        Part::Operation => "an operation",
        Part::Parameter => "a parameter",
        _ => "a schema",
    };
    refuse(at, format!("says nothing here; move it to {belongs}"))
}

/// The smallest part that the OpenAPI reader refuses.
fn smallest(place: &str, value: &Value, part: Part) -> Option<Problem> {
    for (name, child, of) in children(value, part) {
        if let Some(problem) = smallest(&join(place, &name), child, of) {
            return Some(problem);
        }
    }
    if value.get("$ref").is_some_and(Value::is_string) {
        return None;
    }
    // a list is named by its parent, which has read it
    if value.is_sequence() || value.is_bool() {
        return None;
    }
    let value = value.clone();
    let error = match part {
        Part::Path => serde_yaml::from_value::<PathItem>(value).err(),
        Part::Operation => serde_yaml::from_value::<Operation>(value).err(),
        Part::Parameter => serde_yaml::from_value::<Parameter>(value).err(),
        Part::Body => serde_yaml::from_value::<RequestBody>(value).err(),
        Part::Response => serde_yaml::from_value::<Response>(value).err(),
        Part::Schema => serde_yaml::from_value::<Schema>(value).err(),
        _ => None,
    }?;
    Some(Problem {
        place: place.to_owned(),
        what: not_openapi(&error),
    })
}

/// The parts of a part, with the name that leads to each.
fn children(value: &Value, part: Part) -> Vec<(String, &Value, Part)> {
    match value {
        Value::Mapping(map) => map
            .iter()
            .filter_map(|(key, child)| {
                let name = match key {
                    Value::String(text) => text.clone(),
                    // an unquoted status
                    Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                let of = below(part, &name)?;
                Some((name, child, of))
            })
            .collect(),
        // the items of a list are what the list is called after
        Value::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(i, child)| (i.to_string(), child, part))
            .collect(),
        _ => Vec::new(),
    }
}

/// What stands below a key; `None` for examples, which are no part of the document.
fn below(part: Part, key: &str) -> Option<Part> {
    Some(match (part, key) {
        (Part::Named(of), _) => *of,
        (_, "example" | "examples" | "enum" | "default") => return None,
        (Part::Document, "paths") => Part::Named(&Part::Path),
        (Part::Document, "components") => Part::Components,
        (Part::Document, word) if !word.starts_with("x-globus-") => return None,
        (Part::Components, "schemas") => Part::Named(&Part::Schema),
        (Part::Components, "parameters") => Part::Named(&Part::Parameter),
        (Part::Components, "requestBodies") => Part::Named(&Part::Body),
        (Part::Components | Part::Operation, "responses") => Part::Named(&Part::Response),
        (
            Part::Path,
            "get" | "put" | "post" | "patch" | "delete" | "head" | "options" | "trace",
        ) => Part::Operation,
        (Part::Path | Part::Operation, "parameters") => Part::Parameter,
        (Part::Operation, "requestBody") => Part::Body,
        (Part::Body | Part::Response, "content") => Part::Named(&Part::Media),
        (Part::Parameter | Part::Media, "schema") => Part::Schema,
        (Part::Schema, "properties") => Part::Named(&Part::Schema),
        (Part::Schema, "items" | "additionalProperties" | "allOf" | "oneOf" | "anyOf" | "not") => {
            Part::Schema
        }
        (Part::Schema | Part::Other, "mapping") => Part::Named(&Part::Other),
        _ => Part::Other,
    })
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}
