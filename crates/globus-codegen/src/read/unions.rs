//! `oneOf` to unions: by a tag, or by the kind of JSON.

use super::referred;
use super::schemas::Reader;
use crate::error::{Result, refuse};
use crate::model::{Kind, Kinds, Ty, TypeDef, Union};
use openapiv3::{Discriminator, ReferenceOr, Schema, SchemaKind, Type};
use std::collections::{HashMap, HashSet};

impl Reader<'_> {
    /// Without a discriminator.
    pub(super) fn kinds(
        &self,
        place: &str,
        doc: String,
        one_of: &[ReferenceOr<Schema>],
    ) -> Result<TypeDef> {
        if one_of.is_empty() {
            return refuse(
                place,
                "is a union of nothing; write its variants under oneOf",
            );
        }
        let mut variants: Vec<(Kind, Ty)> = Vec::new();
        for (i, variant) in one_of.iter().enumerate() {
            let at = format!("{place}.oneOf.{i}");
            let (kind, ty) = match variant {
                ReferenceOr::Reference { reference } => {
                    let name = referred(&at, reference, "schemas")?;
                    let kind = kind_of(&at, self.named(&at, name)?)?;
                    (kind, Ty::Named(name.to_owned()))
                }
                ReferenceOr::Item(schema) => (kind_of(&at, schema)?, self.inline(&at, schema)?),
            };
            if variants.iter().any(|(other, _)| *other == kind) {
                return refuse(
                    &at,
                    format!("is a second {kind:?}; give the union a discriminator"),
                );
            }
            variants.push((kind, ty));
        }
        Ok(TypeDef::Kinds(Kinds { doc, variants }))
    }

    /// With one.
    pub(super) fn union(
        &self,
        place: &str,
        doc: String,
        one_of: &[ReferenceOr<Schema>],
        discriminator: &Discriminator,
    ) -> Result<Union> {
        if one_of.is_empty() {
            return refuse(
                place,
                "is a union of nothing; write its variants under oneOf",
            );
        }
        let mapping = format!("{place}.discriminator.mapping");
        let mut tags: HashMap<&str, Vec<&String>> = HashMap::new();
        for (tag, target) in &discriminator.mapping {
            let name = target.rsplit('/').next().unwrap_or(target);
            tags.entry(name).or_default().push(tag);
        }
        let mut variants: Vec<(String, String)> = Vec::new();
        let mut named: HashSet<&str> = HashSet::new();
        for (i, variant) in one_of.iter().enumerate() {
            let at = format!("{place}.oneOf.{i}");
            let ReferenceOr::Reference { reference } = variant else {
                return refuse(
                    &at,
                    "stands where it is used; name it in components.schemas and refer to it",
                );
            };
            let name = referred(&at, reference, "schemas")?;
            self.named(&at, name)?;
            if !named.insert(name) {
                return refuse(&at, format!("`{name}` is a variant already; leave one out"));
            }
            let Some(own) = tags.remove(name) else {
                return refuse(&mapping, format!("names no tag for `{name}`; add one"));
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
            return refuse(
                &format!("{mapping}.{stray}"),
                "leads to no variant; add its schema to oneOf",
            );
        }
        Ok(Union {
            doc,
            tag: discriminator.property_name.clone(),
            variants,
        })
    }
}

fn kind_of(place: &str, schema: &Schema) -> Result<Kind> {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(_)) => Ok(Kind::Object),
        SchemaKind::AllOf { .. } => Ok(Kind::Object),
        SchemaKind::OneOf { .. } if schema.schema_data.discriminator.is_some() => Ok(Kind::Object),
        SchemaKind::Type(Type::Array(_)) => Ok(Kind::Array),
        SchemaKind::Type(Type::String(_)) => Ok(Kind::String),
        SchemaKind::Type(Type::Number(_) | Type::Integer(_)) => Ok(Kind::Number),
        SchemaKind::Type(Type::Boolean(_)) => Ok(Kind::Bool),
        _ => refuse(
            place,
            "its JSON kind is not plain; give the union a discriminator",
        ),
    }
}
