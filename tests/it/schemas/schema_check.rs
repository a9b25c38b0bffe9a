//! As much of JSON Schema as the documents' schemas use; a word that is not known here fails.

use serde_json::Value;

/// Why a value does not fit a schema, if it does not.
pub(crate) fn problem(root: &Value, value: &Value) -> Option<String> {
    check(root, root, value, "$")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let words = match schema {
        Value::Bool(true) => return None,
        Value::Object(words) => words,
        _ => return Some(format!("{at}: {schema} is no schema")),
    };
    words
        .iter()
        .find_map(|(word, says)| one(root, schema, word, says, value, at))
}

fn one(
    root: &Value,
    schema: &Value,
    word: &str,
    says: &Value,
    value: &Value,
    at: &str,
) -> Option<String> {
    let fits = |schema| check(root, schema, value, at).is_none();
    let listed = |value| says.as_array().is_some_and(|list| list.contains(value));
    let limited = |size: Option<f64>, fits: fn(&f64, &f64) -> bool| {
        size.is_none_or(|size| says.as_f64().is_some_and(|limit| fits(&size, &limit)))
    };
    let number = value.as_f64();
    let length = value.as_str().map(|text| text.chars().count() as f64);
    let items = value.as_array().map(|items| items.len() as f64);
    let held = match word {
        "$schema" | "$defs" | "title" | "description" | "examples" | "default" | "deprecated" => {
            true
        }
        "$ref" => {
            let pointer = says.as_str().and_then(|r| r.strip_prefix('#'));
            return match pointer.and_then(|pointer| root.pointer(pointer)) {
                Some(target) => check(root, target, value, at),
                None => Some(format!("{at}: {says} leads nowhere")),
            };
        }
        "type" => match says {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
            kind => is(kind, value),
        },
        "const" => says == value,
        "enum" => listed(value),
        "not" => !fits(says),
        "anyOf" => says.as_array().is_some_and(|any| any.iter().any(fits)),
        "format" => says != "uuid" || value.as_str().is_none_or(uuid),
        "minimum" => limited(number, f64::ge),
        "maximum" => limited(number, f64::le),
        "minLength" => limited(length, f64::ge),
        "maxLength" => limited(length, f64::le),
        "minItems" => limited(items, f64::ge),
        "maxItems" => limited(items, f64::le),
        "required" => {
            let missing = value.as_object().and_then(|map| {
                let names = says.as_array().into_iter().flatten();
                names
                    .filter_map(Value::as_str)
                    .find(|n| !map.contains_key(*n))
            });
            return missing.map(|name| format!("{at}: {name} is missing"));
        }
        "properties" => {
            return value
                .as_object()
                .into_iter()
                .flatten()
                .find_map(|(name, value)| {
                    check(root, says.get(name)?, value, &format!("{at}.{name}"))
                });
        }
        "additionalProperties" => {
            return value
                .as_object()
                .into_iter()
                .flatten()
                .find_map(|(name, value)| {
                    if schema["properties"].get(name).is_some() {
                        return None;
                    }
                    check(root, says, value, &format!("{at}.{name}"))
                });
        }
        "items" => {
            return value
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
                .find_map(|(i, value)| check(root, says, value, &format!("{at}[{i}]")));
        }
        _ => return Some(format!("{at}: the word {word} is not known to this test")),
    };
    (!held).then(|| format!("{at}: {value} is not {word} {says}"))
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    }
}

fn uuid(text: &str) -> bool {
    globus_sdk::types::Uuid::try_parse(text).is_ok()
}
