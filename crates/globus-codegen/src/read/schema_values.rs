//! Reads the leaves of schemas: strings, enums, tags, free-form JSON and validation keywords.

use super::require_description;
use crate::error::{Result, reject};
use crate::model::{Tag, Ty};
use openapiv3::{
    ReferenceOr, Schema, SchemaData, SchemaKind, StringType, Type, VariantOrUnknownOrEmpty,
};
use serde_json::Value;
use std::collections::HashMap;

/// The validation keywords of a schema, apart from its type.
pub(super) fn constraints(schema: &Schema) -> serde_json::Map<String, Value> {
    const WORDS: [&str; 13] = [
        "default",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "uniqueItems",
    ];
    match serde_json::to_value(schema) {
        Ok(Value::Object(mut schema)) => {
            schema.retain(|word, value| WORDS.contains(&word.as_str()) && *value != false);
            schema
        }
        _ => serde_json::Map::new(),
    }
}

/// Whether it can be a segment of a Rust path.
pub(super) fn is_ident(part: &str) -> bool {
    part == "crate" || syn::parse_str::<syn::Ident>(part).is_ok()
}

pub(super) fn enum_values(location: &str, string: &StringType) -> Result<Vec<String>> {
    let values: Vec<String> = string.enumeration.iter().flatten().cloned().collect();
    if values.is_empty() {
        return reject(
            location,
            "is an open enum without values; list the known ones under enum",
        );
    }
    let mut named: HashMap<String, &String> = HashMap::new();
    for value in &values {
        let ident = crate::naming::pascal(value).to_string();
        if let Some(other) = named.insert(ident.clone(), value) {
            return reject(
                location,
                format!("`{other}` and `{value}` have the same Rust name `{ident}`; remove one"),
            );
        }
        if ident == "Other" {
            return reject(
                location,
                "`Other` is reserved for unknown values; remove the value",
            );
        }
    }
    Ok(values)
}

pub(super) fn string_type(location: &str, string: &StringType) -> Result<Ty> {
    if !string.enumeration.is_empty() {
        return reject(
            location,
            "an inline enum is not supported; move it to components.schemas with x-globus-open-enum",
        );
    }
    Ok(match &string.format {
        VariantOrUnknownOrEmpty::Item(openapiv3::StringFormat::Password) => Ty::Secret,
        VariantOrUnknownOrEmpty::Unknown(format) if format == "uuid" => Ty::Uuid,
        _ => Ty::String,
    })
}

pub(super) fn free_form_type(location: &str, data: &SchemaData) -> Result<Ty> {
    match data
        .extensions
        .get("x-globus-free-form")
        .and_then(Value::as_str)
    {
        Some(reason) if !reason.is_empty() => Ok(Ty::Json),
        _ => reject(
            location,
            "has no fixed shape; define its fields in components.schemas, or add x-globus-free-form with the reason",
        ),
    }
}

/// Reads a property whose enum has a single value as a tag.
pub(super) fn read_tag(
    wire: &str,
    property: &ReferenceOr<Box<Schema>>,
    required: bool,
) -> Option<Tag> {
    let schema = property.as_item()?;
    let SchemaKind::Type(Type::String(string)) = &schema.schema_kind else {
        return None;
    };
    let [Some(value)] = string.enumeration.as_slice() else {
        return None;
    };
    Some(Tag {
        wire: wire.to_owned(),
        doc: require_description(wire, schema.schema_data.description.as_ref()).unwrap_or_default(),
        value: value.clone(),
        required,
    })
}
