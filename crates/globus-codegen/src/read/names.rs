//! Checks for names that are distinct in JSON but clash in Rust.

use super::methods;
use crate::error::{Result, reject};
use crate::model::{Operation, Service, Struct, TypeDef};
use crate::naming::{is_snake, pascal, shadows_prelude, shouty_snake, snake};
use openapiv3::{OpenAPI, ReferenceOr};
use std::collections::{HashMap, HashSet};

/// Names that every generated struct uses itself.
const RESERVED_FIELDS: [&str; 4] = ["clone", "extra", "new", "presence"];

/// Methods that every client has, and the name of the list of all operations.
const RESERVED_METHODS: [&str; 12] = [
    "all",
    "base_url",
    "builder",
    "clone",
    "delete",
    "from_core",
    "get",
    "patch",
    "post",
    "put",
    "request",
    "with_authorizer",
];

/// Fields and methods of builders, and local variables of their `request` method.
const RESERVED_PARAMETERS: [&str; 17] = [
    "body",
    "call",
    "clone",
    "count",
    "document",
    "draft",
    "engine",
    "first",
    "into_future",
    "items",
    "json",
    "next",
    "pages",
    "request",
    "send",
    "stream",
    "url",
];

pub(super) fn check(service: &Service, spec: &OpenAPI) -> Result<()> {
    let mut types: HashMap<String, &String> = HashMap::new();
    for (name, def) in &service.types {
        let location = format!("components.schemas.{name}");
        let ident = pascal(name).to_string();
        // progenitor replaces these types by their exact names
        let exact = matches!(def, TypeDef::Enum(_) | TypeDef::HandWritten(_));
        if ident != *name && (exact || !ident.eq_ignore_ascii_case(name)) {
            return reject(
                &location,
                format!("is not a Rust type name; write `{ident}`"),
            );
        }
        if let Some(other) = types.insert(ident.clone(), name) {
            return reject(
                &location,
                format!("has the same Rust name `{ident}` as `{other}`; rename one"),
            );
        }
        if shadows_prelude(name) {
            return reject(
                &location,
                format!(
                    "shadows `{name}`, which generated code uses; rename it, `{}{name}` for example",
                    pascal(&service.name)
                ),
            );
        }
        match def {
            TypeDef::Struct(structure) => check_fields(&location, structure)?,
            TypeDef::Union(union) if union.variants.iter().any(|(_, v)| v == "Other") => {
                return reject(
                    &location,
                    "has a variant `Other`, which is reserved for unknown tags; rename that schema",
                );
            }
            _ => {}
        }
    }
    check_operations(service, spec)
}

fn check_fields(location: &str, structure: &Struct) -> Result<()> {
    let mut taken: HashMap<String, String> = HashMap::new();
    for tag in &structure.tags {
        let constant = shouty_snake(&tag.wire).to_string();
        if let Some(other) = taken.insert(constant.clone(), tag.wire.clone()) {
            return reject(
                location,
                format!(
                    "its tags `{other}` and `{}` have the same Rust name `{constant}`; remove one, its values are kept in `extra`",
                    tag.wire
                ),
            );
        }
    }
    taken.clear();
    for field in &structure.fields {
        let name = snake(&field.wire).to_string();
        if RESERVED_FIELDS.contains(&name.as_str()) {
            return reject(
                &format!("{location}.properties.{}", field.wire),
                format!(
                    "`{name}` is reserved in generated types; remove the property, its values are kept in `extra`"
                ),
            );
        }
        if let Some(other) = taken.insert(name.clone(), field.wire.clone()) {
            return reject(
                location,
                format!(
                    "its properties `{other}` and `{}` have the same Rust name `{name}`; remove one, its values are kept in `extra`",
                    field.wire
                ),
            );
        }
    }
    for field in structure.fields.iter().filter(|f| f.nullable) {
        let clear = format!("clear_{}", snake(&field.wire)).replace("r#", "");
        if let Some(other) = taken.get(&clear) {
            return reject(
                location,
                format!(
                    "its property `{other}` has the name of the method that sends null for `{}`; remove one, its values are kept in `extra`",
                    field.wire
                ),
            );
        }
    }
    Ok(())
}

fn check_operations(service: &Service, spec: &OpenAPI) -> Result<()> {
    let mut builders: HashMap<String, String> = HashMap::new();
    let by_id: HashMap<&str, &Operation> = service
        .operations
        .iter()
        .map(|o| (o.id.as_str(), o))
        .collect();
    // a wrapped operation is generated as `bare_<name>`, which others must not be called
    let bare: HashSet<String> = service
        .operations
        .iter()
        .filter(|o| o.wrapped)
        .map(|o| format!("bare_{}", o.id))
        .collect();
    for (path, item) in &spec.paths.paths {
        let ReferenceOr::Item(item) = item else {
            continue;
        };
        for (method, raw) in methods(item) {
            let location = format!("paths.{path}.{method}");
            let found = raw.operation_id.as_ref();
            if let Some(operation) = found.and_then(|id| by_id.get(id.as_str())) {
                check_operation_name(&bare, &location, operation)?;
                if let Some(other) =
                    builders.insert(pascal(&operation.id).to_string(), location.clone())
                {
                    return reject(
                        &location,
                        format!(
                            "operationId `{}` has the same builder `{}` as {other}; rename one",
                            operation.id,
                            pascal(&operation.id)
                        ),
                    );
                }
                check_parameters(&location, operation)?;
            }
        }
    }
    Ok(())
}

fn check_operation_name(
    bare: &HashSet<String>,
    location: &str,
    operation: &Operation,
) -> Result<()> {
    let (id, builder) = (&operation.id, pascal(&operation.id).to_string());
    if !is_snake(id) {
        return reject(
            location,
            format!("operationId `{id}` is not a Rust method name; write it in snake case"),
        );
    }
    if RESERVED_METHODS.contains(&id.as_str()) || bare.contains(id) {
        return reject(
            location,
            format!("operationId `{id}` is reserved by the generated client; rename it"),
        );
    }
    if shadows_prelude(&builder) {
        return reject(
            location,
            format!(
                "operationId `{id}` has a builder that shadows `{builder}`, which generated code uses; rename it"
            ),
        );
    }
    Ok(())
}

fn check_parameters(location: &str, operation: &Operation) -> Result<()> {
    let mut taken: HashMap<String, &str> = HashMap::new();
    for param in &operation.params {
        let here = format!("{location}.parameters.{}", param.wire);
        let name = snake(&param.wire).to_string();
        if name.starts_with("with_") || RESERVED_PARAMETERS.contains(&name.as_str()) {
            return reject(
                &here,
                format!(
                    "`{name}` is reserved in generated builders; remove the parameter, callers can send it by with_query"
                ),
            );
        }
        if let Some(other) = taken.insert(name.clone(), &param.wire) {
            let what = if other == param.wire {
                "is declared twice; declare it once, on the path or on the operation".to_owned()
            } else {
                format!(
                    "has the same Rust name `{name}` as `{other}`; remove one, callers can send it by with_query"
                )
            };
            return reject(&here, what);
        }
    }
    Ok(())
}
