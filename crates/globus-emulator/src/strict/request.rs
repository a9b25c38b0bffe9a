//! Validation of requests.

use serde_json::Value as Json;

use super::schema::{Checker, Finding};
use super::specs::{Operation, list, resolve, text};
use crate::params::Pairs;

const FORM: &str = "application/x-www-form-urlencoded";

/// What real clients send although it is not in the specs, because no spec should recommend it: the
/// operation, and an additional parameter or a missing required field.
const TOLERATED: &[(&str, &str)] = &[
    // Defined by OpenID Connect; Globus Auth accepts it.
    ("oauth2_get_authorize_url", "login_hint"),
    // When the login of a client has no token to revoke, the Globus CLI sends an empty form.
    ("oauth2_revoke_token", "/token"),
    ("oauth2_revoke_token", "the body"),
    // The CLI and the Python SDK send null for unset values.
    ("create_group", "/description"),
    ("create_group", "/parent_id"),
];

/// Validates the parameters and the body of a request.
pub(super) fn check(
    operation: &Operation<'_>,
    query: &Pairs,
    content_type: &str,
    body: &[u8],
) -> Vec<Finding> {
    let checker = Checker {
        document: operation.document,
        // Services ignore unknown members, so these are allowed.
        only_documented_keys: false,
        partial: false,
        open_enums: false,
    };
    let mut found = parameters(&checker, operation, query);
    found.extend(self::body(&checker, operation, content_type, body));
    // Applied to findings instead of to the schemas, so that the list cannot hide more than it names.
    found.retain(|finding| !TOLERATED.contains(&(operation.id, finding.location.as_str())));
    found
}

fn parameters<'a>(checker: &Checker<'a>, operation: &Operation<'a>, query: &Pairs) -> Vec<Finding> {
    let mut found = Vec::new();
    for parameter in operation.parameters("path") {
        let name = text(parameter, "name");
        let values = operation.path_values.iter();
        for (_, value) in values.filter(|(known, _)| *known == name) {
            found.extend(text_value(checker, parameter, value, name));
        }
    }
    let declared = operation.parameters("query");
    for parameter in &declared {
        let name = text(parameter, "name");
        let values = query.all(name);
        if values.is_empty() && parameter.get("required") == Some(&Json::Bool(true)) {
            found.push(Finding::new(name, "is required"));
        }
        found.extend(query_values(checker, parameter, name, values));
    }
    let mut unknown: Vec<&str> = query
        .names()
        .filter(|name| declared.iter().all(|known| text(known, "name") != *name))
        .collect();
    unknown.dedup();
    let message = "is a parameter that is not documented";
    found.extend(unknown.into_iter().map(|name| Finding::new(name, message)));
    found
}

fn query_values<'a>(
    checker: &Checker<'a>,
    parameter: &'a Json,
    name: &str,
    values: Vec<String>,
) -> Vec<Finding> {
    let Some(schema) = parameter.get("schema") else {
        return Vec::new();
    };
    let schema = resolve(checker.document, schema);
    if text(schema, "type") != "array" {
        if values.len() > 1 {
            return vec![Finding::new(name, "is given more than once")];
        }
        let values = values.iter();
        return values
            .flat_map(|value| text_value(checker, parameter, value, name))
            .collect();
    }
    let apart = parameter.get("explode") == Some(&Json::Bool(false));
    let items: Vec<String> = if apart {
        let lists = values.iter().flat_map(|list| list.split(','));
        lists.map(str::to_owned).collect()
    } else {
        values
    };
    let Some(of_items) = schema.get("items") else {
        return Vec::new();
    };
    let items = items.iter();
    items
        .flat_map(|item| best(checker, of_items, item, name))
        .collect()
}

fn text_value<'a>(
    checker: &Checker<'a>,
    parameter: &'a Json,
    value: &str,
    name: &str,
) -> Vec<Finding> {
    match parameter.get("schema") {
        Some(schema) => best(checker, schema, value, name),
        None => Vec::new(),
    }
}

/// Query values have no type: a value is valid if one of its readings is.
fn best<'a>(checker: &Checker<'a>, schema: &'a Json, value: &str, name: &str) -> Vec<Finding> {
    let readings = readings(value).into_iter();
    readings
        .map(|reading| checker.check(schema, &reading, name))
        .min_by_key(Vec::len)
        .unwrap_or_default()
}

/// The possible readings of a value, the most likely first.
fn readings(value: &str) -> Vec<Json> {
    let mut readings = vec![Json::from(value)];
    if let Ok(number @ Json::Number(_)) = serde_json::from_str(value) {
        readings.push(number);
    }
    // Python clients write `True`, and all services accept it.
    if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
        readings.push(Json::Bool(value.eq_ignore_ascii_case("true")));
    }
    readings
}

fn body<'a>(
    checker: &Checker<'a>,
    operation: &Operation<'a>,
    content_type: &str,
    body: &[u8],
) -> Vec<Finding> {
    let Some(declared) = operation.node.get("requestBody") else {
        return Vec::new();
    };
    let declared = resolve(operation.document, declared);
    let required = declared.get("required") == Some(&Json::Bool(true));
    if body.is_empty() && !required {
        return Vec::new();
    }
    let Some(content) = declared.get("content").and_then(Json::as_object) else {
        return Vec::new();
    };
    // An empty form has an empty body.
    if body.is_empty() && !content_type.starts_with(FORM) {
        return vec![Finding::new("the body", "is required")];
    }
    let schema = match operation.schema_for(content, content_type) {
        Ok(Some(schema)) => schema,
        Ok(None) => return Vec::new(),
        Err(message) => return vec![Finding::new("Content-Type", message)],
    };
    if content_type.starts_with(FORM) {
        return form(checker, schema, &Pairs::parse(body));
    }
    match serde_json::from_slice::<Json>(body) {
        Ok(value) => checker.check(schema, &value, ""),
        Err(error) => vec![Finding::new("the body", format!("is not JSON: {error}"))],
    }
}

/// The pairs of a form are validated one by one, since each has several readings.
fn form<'a>(checker: &Checker<'a>, schema: &'a Json, pairs: &Pairs) -> Vec<Finding> {
    let mut found = Vec::new();
    let schema = resolve(checker.document, schema);
    for part in list(schema, "allOf") {
        found.extend(form(checker, part, pairs));
    }
    let required = list(schema, "required").iter().filter_map(Json::as_str);
    for name in required.filter(|name| pairs.get(name).is_none()) {
        found.push(Finding::new(format!("/{name}"), "is required"));
    }
    let properties = schema.get("properties").and_then(Json::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let property = resolve(checker.document, property);
        let of_one = property.get("items").unwrap_or(property);
        for value in pairs.all(name) {
            found.extend(best(checker, of_one, &value, &format!("/{name}")));
        }
    }
    found
}
