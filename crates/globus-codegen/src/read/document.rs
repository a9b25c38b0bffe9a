//! Parses the text: valid YAML, valid OpenAPI 3.0, and no misspelt or misplaced extensions.
//!
//! The OpenAPI parser reports errors without a usable location, so on failure the document is
//! parsed again object by object to find the smallest one that fails.

use super::spec_object::{SpecObject, check_keys, join};
use crate::error::{Problem, Result, reject};
use openapiv3::{OpenAPI, Operation, Parameter, PathItem, RequestBody, Response, Schema};
use serde_yaml::{Mapping, Value};

pub(super) fn read(yaml: &str) -> Result<OpenAPI> {
    let raw: Value = serde_yaml::from_str(yaml).map_err(|e| not_yaml(&e))?;
    let Value::Mapping(root) = &raw else {
        return reject("line 1", "is not a mapping; begin with `openapi: 3.0.3`");
    };
    check_version(root)?;
    // first our own checks, which know the exact location and what was probably meant
    check_tree("", &raw, SpecObject::Document)?;
    serde_yaml::from_str(yaml).map_err(|e| {
        find_smallest_error("", &raw, SpecObject::Document).unwrap_or_else(|| Problem {
            location: error_location(&e),
            message: not_openapi(&e),
        })
    })
}

fn not_yaml(error: &serde_yaml::Error) -> Problem {
    Problem {
        location: error_location(error),
        message: format!(
            "invalid YAML: {}; fix the syntax",
            message_without_location(error)
        ),
    }
}

fn not_openapi(error: &serde_yaml::Error) -> String {
    format!(
        "invalid OpenAPI 3.0: {}; follow the OpenAPI 3.0.3 specification",
        message_without_location(error)
    )
}

fn error_location(error: &serde_yaml::Error) -> String {
    match error.location() {
        Some(at) => format!("line {}, column {}", at.line(), at.column()),
        None => "line 1".to_owned(),
    }
}

/// The message without the position, which is reported as the location.
fn message_without_location(error: &serde_yaml::Error) -> String {
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

fn check_version(root: &Mapping) -> Result<()> {
    let given = match root.get("openapi") {
        None => return reject("openapi", "is missing; write 3.0.3"),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return reject("openapi", "is not a version; write 3.0.3"),
    };
    if given == "3.0" || given.starts_with("3.0.") {
        Ok(())
    } else {
        reject("openapi", format!("is {given}; write 3.0.3"))
    }
}

/// Checks for problems that the OpenAPI parser accepts.
fn check_tree(location: &str, value: &Value, object: SpecObject) -> Result<()> {
    if let Value::Mapping(map) = value {
        if object == SpecObject::Map(&SpecObject::Path) {
            check_paths(location, map)?;
        }
        check_keys(location, map, object)?;
        if object.is_schema() && map.get("type").is_some_and(Value::is_sequence) {
            return reject(
                &join(location, "type"),
                "is a list, as in OpenAPI 3.1; write a single type, and add `nullable: true` to allow null",
            );
        }
    }
    for (name, child, of) in children(value, object) {
        let at = join(location, &name);
        if object == SpecObject::Operation && name == "responses" {
            check_statuses(&at, child)?;
        }
        check_tree(&at, child, of)?;
    }
    Ok(())
}

/// Checks that all keys of `paths` are paths.
fn check_paths(location: &str, paths: &Mapping) -> Result<()> {
    for path in paths.keys().filter_map(Value::as_str) {
        if !path.starts_with('/') && !path.starts_with("x-") {
            return reject(
                &join(location, path),
                "paths start at the host's root; begin with /",
            );
        }
    }
    Ok(())
}

/// Checks status codes, since the OpenAPI parser drops responses with an invalid one.
fn check_statuses(location: &str, answers: &Value) -> Result<()> {
    for (status, _, _) in children(answers, SpecObject::Map(&SpecObject::Response)) {
        let read = matches!(status.as_bytes(), [b'1'..=b'5', rest @ ..]
            if rest == b"XX" || (rest.len() == 2 && rest.iter().all(u8::is_ascii_digit)));
        if !read && status != "default" && !status.starts_with("x-") {
            return reject(
                &join(location, &status),
                "is not a status code; write 200, 2XX or default",
            );
        }
    }
    Ok(())
}

/// Finds the smallest object that the OpenAPI parser rejects.
fn find_smallest_error(location: &str, value: &Value, object: SpecObject) -> Option<Problem> {
    for (name, child, of) in children(value, object) {
        if let Some(problem) = find_smallest_error(&join(location, &name), child, of) {
            return Some(problem);
        }
    }
    // a reference parses as any object
    if value.get("$ref").is_some_and(Value::is_string) {
        return None;
    }
    // a list was parsed by its parent, which has its location
    if value.is_sequence() || value.is_bool() {
        return None;
    }
    let value = value.clone();
    let error = match object {
        SpecObject::Path => serde_yaml::from_value::<PathItem>(value).err(),
        SpecObject::Operation => serde_yaml::from_value::<Operation>(value).err(),
        SpecObject::Parameter => serde_yaml::from_value::<Parameter>(value).err(),
        SpecObject::Body => serde_yaml::from_value::<RequestBody>(value).err(),
        SpecObject::Response => serde_yaml::from_value::<Response>(value).err(),
        SpecObject::Schema | SpecObject::Property => serde_yaml::from_value::<Schema>(value).err(),
        _ => None,
    }?;
    Some(Problem {
        location: location.to_owned(),
        message: not_openapi(&error),
    })
}

/// The child objects, each with its key.
fn children(value: &Value, object: SpecObject) -> Vec<(String, &Value, SpecObject)> {
    match value {
        Value::Mapping(map) => map
            .iter()
            .filter_map(|(key, child)| {
                let name = match key {
                    Value::String(text) => text.clone(),
                    // an unquoted status code
                    Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                let of = object.child(&name)?;
                Some((name, child, of))
            })
            .collect(),
        // list items have the kind of the list's key
        Value::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(i, child)| (i.to_string(), child, object))
            .collect(),
        _ => Vec::new(),
    }
}
