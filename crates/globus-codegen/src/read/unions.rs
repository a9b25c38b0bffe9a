//! Reads `oneOf` into unions, tagged or distinguished by JSON type.

use super::component_name;
use super::schemas::SchemaReader;
use crate::error::{Result, reject};
use crate::model::{JsonKind, Ty, TypeDef, Union, UntaggedUnion};
use openapiv3::{Discriminator, ReferenceOr, Schema, SchemaKind, Type};
use std::collections::{HashMap, HashSet};

impl SchemaReader<'_> {
    /// Reads a `oneOf` without a discriminator.
    pub(super) fn untagged_union(
        &self,
        location: &str,
        doc: String,
        one_of: &[ReferenceOr<Schema>],
    ) -> Result<TypeDef> {
        if one_of.is_empty() {
            return reject(
                location,
                "is a union without variants; list them under oneOf",
            );
        }
        let mut variants: Vec<(JsonKind, Ty)> = Vec::new();
        for (i, variant) in one_of.iter().enumerate() {
            let at = format!("{location}.oneOf.{i}");
            let (kind, ty) = match variant {
                ReferenceOr::Reference { reference } => {
                    let name = component_name(&at, reference, "schemas")?;
                    let kind = json_kind(&at, self.find_schema(&at, name)?)?;
                    (kind, Ty::Named(name.to_owned()))
                }
                ReferenceOr::Item(schema) => {
                    (json_kind(&at, schema)?, self.inline_type(&at, schema)?)
                }
            };
            if variants.iter().any(|(other, _)| *other == kind) {
                return reject(
                    &at,
                    format!("is a second {kind:?}; add a discriminator to the union"),
                );
            }
            variants.push((kind, ty));
        }
        Ok(TypeDef::UntaggedUnion(UntaggedUnion { doc, variants }))
    }

    /// Reads a `oneOf` with a discriminator.
    pub(super) fn tagged_union(
        &self,
        location: &str,
        doc: String,
        one_of: &[ReferenceOr<Schema>],
        discriminator: &Discriminator,
    ) -> Result<Union> {
        if one_of.is_empty() {
            return reject(
                location,
                "is a union without variants; list them under oneOf",
            );
        }
        let mapping = format!("{location}.discriminator.mapping");
        let mut tags: HashMap<&str, Vec<&String>> = HashMap::new();
        for (tag, target) in &discriminator.mapping {
            let name = target.rsplit('/').next().unwrap_or(target);
            tags.entry(name).or_default().push(tag);
        }
        let mut variants: Vec<(String, String)> = Vec::new();
        let mut named: HashSet<&str> = HashSet::new();
        for (i, variant) in one_of.iter().enumerate() {
            let at = format!("{location}.oneOf.{i}");
            let ReferenceOr::Reference { reference } = variant else {
                return reject(
                    &at,
                    "is an inline variant; move it to components.schemas and refer to it",
                );
            };
            let name = component_name(&at, reference, "schemas")?;
            self.find_schema(&at, name)?;
            if !named.insert(name) {
                return reject(&at, format!("`{name}` is already a variant; remove one"));
            }
            let Some(own) = tags.remove(name) else {
                return reject(&mapping, format!("has no tag for `{name}`; add one"));
            };
            variants.extend(own.into_iter().map(|tag| (tag.clone(), name.to_owned())));
        }
        let stray = |target: &String| {
            target
                .rsplit('/')
                .next()
                .is_some_and(|name| tags.contains_key(name))
        };
        if let Some((stray, _)) = discriminator
            .mapping
            .iter()
            .find(|(_, target)| stray(target))
        {
            return reject(
                &format!("{mapping}.{stray}"),
                "does not refer to a variant; add its schema to oneOf",
            );
        }
        Ok(Union {
            doc,
            tag: discriminator.property_name.clone(),
            variants,
        })
    }
}

fn json_kind(location: &str, schema: &Schema) -> Result<JsonKind> {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(_)) => Ok(JsonKind::Object),
        SchemaKind::AllOf { .. } => Ok(JsonKind::Object),
        SchemaKind::OneOf { .. } if schema.schema_data.discriminator.is_some() => {
            Ok(JsonKind::Object)
        }
        SchemaKind::Type(Type::Array(_)) => Ok(JsonKind::Array),
        SchemaKind::Type(Type::String(_)) => Ok(JsonKind::String),
        SchemaKind::Type(Type::Number(_) | Type::Integer(_)) => Ok(JsonKind::Number),
        SchemaKind::Type(Type::Boolean(_)) => Ok(JsonKind::Bool),
        _ => reject(
            location,
            "its JSON type is ambiguous; add a discriminator to the union",
        ),
    }
}
