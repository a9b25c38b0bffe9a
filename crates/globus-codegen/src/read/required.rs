//! Checks what responses require: only fields that every response is known to have, with a reason.
//!
//! A missing required field fails the whole call, so documentation alone does not justify one.

use super::text_extension;
use crate::error::{Result, reject};
use crate::model::{Service, Struct, Ty, TypeDef, Usage};
use openapiv3::{ReferenceOr, Schema, SchemaData};
use std::collections::HashSet;

const WORD: &str = "x-globus-required";

/// The reason that a property states.
pub(super) fn read_reason(location: &str, data: &SchemaData) -> Result<Option<String>> {
    let remedy = "say in a sentence why every response has it";
    Ok(text_extension(location, &data.extensions, WORD, remedy)?.map(str::to_owned))
}

/// Rejects a reason on a tag, which needs none: it identifies the document.
pub(super) fn reject_on_tag(location: &str, property: &ReferenceOr<Box<Schema>>) -> Result<()> {
    match property.as_item() {
        Some(schema) if schema.schema_data.extensions.contains_key(WORD) => reject(
            &format!("{location}.{WORD}"),
            "is not allowed on a tag, which needs no reason; remove it",
        ),
        _ => Ok(()),
    }
}

/// Rejects required response fields without a reason, and reasons on fields that need none.
pub(super) fn check(service: &Service) -> Result<()> {
    let items = paged_items(service);
    let tags = union_tags(service);
    // a property shared through allOf may be required in only one of the types
    let mut needed = HashSet::new();
    for (name, structure) in structures(service, Usage::Response) {
        for field in structure.fields.iter().filter(|field| field.required) {
            if field.nullable {
                return reject(
                    &field.location,
                    format!(
                        "is required in the response `{name}` but nullable, so it is an `Option` anyway; remove it from `required`"
                    ),
                );
            }
            let property = (name.as_str(), field.wire.as_str());
            let implied = items.contains(&property) || tags.contains(&property);
            if field.required_reason.is_none() && !implied {
                return reject(
                    &field.location,
                    format!(
                        "is required in the response `{name}` without a reason; remove it from `required`, or add {WORD} with the reason (on a $ref by `allOf: [{{$ref: ...}}]`)"
                    ),
                );
            }
            needed.insert(field.location.as_str());
        }
    }
    for usage in [Usage::Response, Usage::Request] {
        for (_, structure) in structures(service, usage) {
            for field in &structure.fields {
                if field.required_reason.is_some() && !needed.contains(field.location.as_str()) {
                    return reject(
                        &format!("{}.{WORD}", field.location),
                        match usage {
                            Usage::Request => {
                                "is not allowed in a request, which needs no reason; remove it"
                            }
                            _ => {
                                "is on a property that no response requires; remove it, or add the property to `required`"
                            }
                        },
                    );
                }
            }
        }
    }
    Ok(())
}

fn structures(service: &Service, usage: Usage) -> impl Iterator<Item = (&String, &Struct)> {
    service
        .types
        .iter()
        .filter_map(move |(name, def)| match def {
            TypeDef::Struct(structure) if structure.usage == usage => Some((name, structure)),
            _ => None,
        })
}

/// The union tags that a variant has as a field, because several tag values select it.
fn union_tags(service: &Service) -> HashSet<(&str, &str)> {
    let unions = service.types.values().filter_map(|def| match def {
        TypeDef::Union(union) => Some(union),
        _ => None,
    });
    let tags = unions.flat_map(|union| {
        let variants = union.variants.iter();
        variants.map(|(_, variant)| (variant.as_str(), union.tag.as_str()))
    });
    tags.collect()
}

/// The items of paged lists, by page and property. They need no reason: they make it a list.
fn paged_items(service: &Service) -> HashSet<(&str, &str)> {
    let paged = service.operations.iter().filter_map(|operation| {
        let paging = operation.paging.as_ref()?;
        match service.resolve(operation.response.as_ref()?) {
            Ty::Named(page) => Some((page.as_str(), paging.items.as_str())),
            _ => None,
        }
    });
    paged.collect()
}
