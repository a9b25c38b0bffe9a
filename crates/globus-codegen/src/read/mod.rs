//! Reads an OpenAPI document into the model and enforces the rules of `specs/README.md`.
//!
//! Every error has its location as dotted keys and says what to write instead.
//!
//! ```text
//! YAML ─▶ document ─▶ schemas ─▶ operations ─▶ paging ─▶ names ─▶ usage ─▶ required ─▶ Service
//!         keys,       TypeDef    Operation     beyond    clashes  sent or   x-globus-
//!         typos       (unions)   (parameters)                     received  required
//! ```

mod document;
mod names;
mod operations;
mod paging;
mod parameters;
mod required;
mod schema_values;
mod schemas;
mod spec_object;
mod unions;
mod usage;

use operations::methods;

use crate::error::{Result, reject};
use crate::model::Service;
use crate::naming::{is_snake, shouty_snake};
use indexmap::IndexMap;
use openapiv3::OpenAPI;
use serde_json::Value;
use std::collections::HashMap;

/// Reads one document.
pub(crate) fn service(yaml: &str) -> Result<Service> {
    let spec = document::read(yaml)?;
    let about = ServiceExtension::read(&spec)?;
    let types = schemas::read(&spec)?;
    let mut service = Service {
        name: about.name,
        title: spec.info.title.clone(),
        description: spec.info.description.clone().unwrap_or_default(),
        version: spec.info.version.clone(),
        resource_server: about.resource_server,
        base_url: about.base_url,
        default_scopes: about.default_scopes,
        scopes: about.scopes,
        types,
        operations: Vec::new(),
    };
    // operations look up types, so they are read into a service that has those already
    let operations = operations::read(&spec, &service)?;
    service.operations = operations;
    paging::check(&service)?;
    names::check(&service, &spec)?;
    // after the names, since a clash is easier to understand than what follows from it
    usage::assign(&mut service)?;
    required::check(&service)?;
    Ok(service)
}

/// The contents of `x-globus-service`.
struct ServiceExtension {
    name: String,
    resource_server: String,
    base_url: String,
    default_scopes: Vec<String>,
    scopes: IndexMap<String, String>,
}

impl ServiceExtension {
    fn read(spec: &OpenAPI) -> Result<Self> {
        const AT: &str = "x-globus-service";
        let Some(value) = spec.extensions.get(AT) else {
            return reject(
                AT,
                "is missing; write {name, resource-server, base-url, default-scopes, scopes}",
            );
        };
        let known = [
            "name",
            "resource-server",
            "base-url",
            "default-scopes",
            "scopes",
        ];
        reject_unknown_keys(AT, value, &known)?;
        let required_text = |key: &str| match value.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => reject(&format!("{AT}.{key}"), "is missing; write a string"),
        };
        let name = required_text("name")?;
        if !is_snake(&name) {
            return reject(
                &format!("{AT}.name"),
                format!("`{name}` names a Rust module; write it in snake case"),
            );
        }
        let base_url = required_text("base-url")?;
        if !base_url.starts_with("https://") {
            return reject(
                &format!("{AT}.base-url"),
                format!("`{base_url}` is not a service URL; begin with https://"),
            );
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || "?#\\@{}".contains(c);
        if base_url.contains(odd) {
            return reject(
                &format!("{AT}.base-url"),
                format!(
                    "`{}` must contain only a host and a path; remove the rest",
                    base_url.escape_debug()
                ),
            );
        }
        let scopes = scopes(&format!("{AT}.scopes"), value.get("scopes"))?;
        let at = format!("{AT}.default-scopes");
        let mut default_scopes = Vec::new();
        for name in string_list(&at, value.get("default-scopes"))? {
            match scopes.get(&name) {
                Some(scope) => default_scopes.push(scope.clone()),
                None => {
                    return reject(
                        &at,
                        format!("`{name}` is not among {AT}.scopes; add it there"),
                    );
                }
            }
        }
        Ok(Self {
            name,
            resource_server: required_text("resource-server")?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            default_scopes,
            scopes,
        })
    }
}

fn scopes(location: &str, value: Option<&Value>) -> Result<IndexMap<String, String>> {
    let mut scopes: IndexMap<String, String> = IndexMap::new();
    let mut named: HashMap<String, &String> = HashMap::new();
    let map = match value {
        None => return Ok(scopes),
        Some(Value::Object(map)) => map,
        Some(_) => {
            return reject(
                location,
                "is not a mapping; write names with their scope strings",
            );
        }
    };
    for (name, scope) in map {
        let at = format!("{location}.{name}");
        let Some(scope) = scope.as_str().filter(|s| !s.is_empty()) else {
            return reject(&at, "is not a scope; write a scope string");
        };
        let ident = shouty_snake(name).to_string();
        if let Some(other) = named.insert(ident.clone(), name) {
            return reject(
                &at,
                format!("has the same Rust name `{ident}` as `{other}`; rename one"),
            );
        }
        scopes.insert(name.clone(), scope.to_owned());
    }
    Ok(scopes)
}

/// Rejects unknown keys, since a misspelt one would be ignored.
fn reject_unknown_keys(location: &str, value: &Value, known: &[&str]) -> Result<()> {
    let Some(map) = value.as_object() else {
        return reject(
            location,
            format!("is not a mapping; write {{{}}}", known.join(", ")),
        );
    };
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => reject(
            &format!("{location}.{key}"),
            format!("unknown key; write {{{}}}", known.join(", ")),
        ),
        None => Ok(()),
    }
}

/// The strings of a YAML list.
fn string_list(location: &str, value: Option<&Value>) -> Result<Vec<String>> {
    let list = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        Some(_) => None,
    };
    match list {
        Some(list) => Ok(list.into_iter().map(str::to_owned).collect()),
        None => reject(location, "is not a list of strings; write [..., ...]"),
    }
}

/// An extension whose value is a string, such as a reason or a name.
fn text_extension<'a>(
    location: &str,
    extensions: &'a IndexMap<String, Value>,
    key: &str,
    remedy: &str,
) -> Result<Option<&'a str>> {
    match extensions.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => reject(
            &format!("{location}.{key}"),
            format!("is not a string; {remedy}"),
        ),
    }
}

/// An extension whose value is a boolean, false if absent.
fn bool_extension(location: &str, extensions: &IndexMap<String, Value>, key: &str) -> Result<bool> {
    match extensions.get(key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => reject(
            &format!("{location}.{key}"),
            "is not a boolean; write true, or remove it",
        ),
    }
}

fn require_description(location: &str, description: Option<&String>) -> Result<String> {
    match description.map(|d| d.trim()) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => reject(location, "description is missing; describe it in one line"),
    }
}

/// The name at the end of `#/components/<section>/Name`.
fn component_name<'a>(location: &str, reference: &'a str, section: &str) -> Result<&'a str> {
    match reference.strip_prefix(&format!("#/components/{section}/")) {
        Some(name) => Ok(name),
        None => reject(
            location,
            format!("`{reference}` is not a local reference; refer to #/components/{section}/..."),
        ),
    }
}
