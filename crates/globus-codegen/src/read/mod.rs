//! From the OpenAPI document to the model, refusing what the house rules forbid.
//!
//! Every refusal names its place as dotted keys, so that a person finds the line, and says what to
//! write instead.

mod operations;
mod paging;
mod roles;
mod schemas;

use crate::error::{Problem, Result, refuse};
use crate::model::Service;
use indexmap::IndexMap;
use openapiv3::OpenAPI;
use serde_json::Value;

/// Reads one document.
pub(crate) fn service(yaml: &str) -> Result<Service> {
    let spec: OpenAPI = serde_yaml::from_str(yaml).map_err(|e| Problem {
        place: String::new(),
        what: format!("not an OpenAPI 3.0 document: {e}; check it with an OpenAPI validator"),
    })?;
    if !spec.openapi.starts_with("3.0") {
        return refuse("openapi", format!("is {}, write 3.0.3", spec.openapi));
    }
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
    roles::assign(&mut service)?;
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
        let text = |key: &str| match value.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => refuse(&format!("{AT}.{key}"), "is missing; write a string"),
        };
        let mut scopes = IndexMap::new();
        if let Some(map) = value.get("scopes").and_then(Value::as_object) {
            for (name, scope) in map {
                let Some(scope) = scope.as_str() else {
                    return refuse(&format!("{AT}.scopes.{name}"), "has to be a scope string");
                };
                scopes.insert(name.clone(), scope.to_owned());
            }
        }
        let mut default_scopes = Vec::new();
        for name in strings(value.get("default-scopes")) {
            match scopes.get(&name) {
                Some(scope) => default_scopes.push(scope.clone()),
                None => {
                    return refuse(
                        &format!("{AT}.default-scopes"),
                        format!("`{name}` is not among {AT}.scopes; add it there"),
                    );
                }
            }
        }
        Ok(Self {
            name: text("name")?,
            resource_server: text("resource-server")?,
            base_url: text("base-url")?.trim_end_matches('/').to_owned(),
            default_scopes,
            scopes,
        })
    }
}

/// The strings of a YAML list, or the one string that stands in its place.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn flag(extensions: &IndexMap<String, Value>, key: &str) -> bool {
    matches!(extensions.get(key), Some(v) if *v != Value::Bool(false))
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
