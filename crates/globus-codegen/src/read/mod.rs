//! From the OpenAPI document to the model, refusing what the house rules forbid.
//!
//! Every refusal names its place as dotted keys, so that a person finds the line, and says what to
//! write instead.

mod document;
mod names;
mod operations;
mod paging;
mod parameters;
mod parts;
mod required;
mod roles;
mod schemas;
mod unions;

use operations::methods;

use crate::error::{Result, refuse};
use crate::model::Service;
use crate::naming::{is_snake, shouty};
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
    let operations = operations::read(&spec, &service)?;
    service.operations = operations;
    paging::check(&service)?;
    names::check(&service, &spec)?;
    roles::assign(&mut service)?;
    required::check(&service)?;
    Ok(service)
}

/// `x-globus-service`, checked.
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
            return refuse(
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
        only(AT, value, &known)?;
        let text = |key: &str| match value.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => refuse(&format!("{AT}.{key}"), "is missing; write a string"),
        };
        let name = text("name")?;
        if !is_snake(&name) {
            return refuse(
                &format!("{AT}.name"),
                format!("`{name}` names a Rust module; write it in snake case"),
            );
        }
        let base_url = text("base-url")?;
        if !base_url.starts_with("https://") {
            return refuse(
                &format!("{AT}.base-url"),
                format!("`{base_url}` is no address of a service; begin with https://"),
            );
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || "?#\\@{}".contains(c);
        if base_url.contains(odd) {
            return refuse(
                &format!("{AT}.base-url"),
                format!(
                    "`{}` has more than a host and a path; leave the rest out",
                    base_url.escape_debug()
                ),
            );
        }
        let scopes = scopes(&format!("{AT}.scopes"), value.get("scopes"))?;
        let at = format!("{AT}.default-scopes");
        let mut default_scopes = Vec::new();
        for name in strings(&at, value.get("default-scopes"))? {
            match scopes.get(&name) {
                Some(scope) => default_scopes.push(scope.clone()),
                None => {
                    return refuse(
                        &at,
                        format!("`{name}` is not among {AT}.scopes; add it there"),
                    );
                }
            }
        }
        Ok(Self {
            name,
            resource_server: text("resource-server")?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            default_scopes,
            scopes,
        })
    }
}

fn scopes(place: &str, value: Option<&Value>) -> Result<IndexMap<String, String>> {
    let mut scopes: IndexMap<String, String> = IndexMap::new();
    let mut named: HashMap<String, &String> = HashMap::new();
    let map = match value {
        None => return Ok(scopes),
        Some(Value::Object(map)) => map,
        Some(_) => return refuse(place, "is no mapping; write names with their scope strings"),
    };
    for (name, scope) in map {
        let at = format!("{place}.{name}");
        let Some(scope) = scope.as_str().filter(|s| !s.is_empty()) else {
            return refuse(&at, "is no scope; write a scope string");
        };
        let ident = shouty(name).to_string();
        if let Some(other) = named.insert(ident.clone(), name) {
            return refuse(
                &at,
                format!("gets the same Rust name `{ident}` as `{other}`; rename one"),
            );
        }
        scopes.insert(name.clone(), scope.to_owned());
    }
    Ok(scopes)
}

/// Refuses a key that nothing reads: a misspelt one would be ignored.
fn only(place: &str, value: &Value, known: &[&str]) -> Result<()> {
    let Some(map) = value.as_object() else {
        return refuse(
            place,
            format!("is no mapping; write {{{}}}", known.join(", ")),
        );
    };
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => refuse(
            &format!("{place}.{key}"),
            format!("is not known; write {{{}}}", known.join(", ")),
        ),
        None => Ok(()),
    }
}

/// The strings of a YAML list.
fn strings(place: &str, value: Option<&Value>) -> Result<Vec<String>> {
    let list = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        Some(_) => None,
    };
    match list {
        Some(list) => Ok(list.into_iter().map(str::to_owned).collect()),
        None => refuse(place, "is no list of strings; write [..., ...]"),
    }
}

/// An extension that is a text: the reason for something, or a name.
fn text<'a>(
    place: &str,
    extensions: &'a IndexMap<String, Value>,
    key: &str,
    remedy: &str,
) -> Result<Option<&'a str>> {
    match extensions.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => refuse(&format!("{place}.{key}"), format!("is no text; {remedy}")),
    }
}

/// An extension that is `true` or absent.
fn flag(place: &str, extensions: &IndexMap<String, Value>, key: &str) -> Result<bool> {
    match extensions.get(key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => refuse(
            &format!("{place}.{key}"),
            "is neither true nor false; write true, or leave it out",
        ),
    }
}

fn described(place: &str, description: Option<&String>) -> Result<String> {
    match description.map(|d| d.trim()) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => refuse(place, "has no description; say in a line what it is"),
    }
}

/// The name at the end of `#/components/<section>/Name`.
fn referred<'a>(place: &str, reference: &'a str, section: &str) -> Result<&'a str> {
    match reference.strip_prefix(&format!("#/components/{section}/")) {
        Some(name) => Ok(name),
        None => refuse(
            place,
            format!("`{reference}` is out of reach; refer to #/components/{section}/..."),
        ),
    }
}
