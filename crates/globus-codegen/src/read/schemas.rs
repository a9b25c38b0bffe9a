//! Reads `components.schemas` into type definitions.

use super::schema_values::{
    constraints, enum_values, free_form_type, is_ident, read_tag, string_type,
};
use super::{bool_extension, component_name, require_description, required, text_extension};
use crate::error::{Result, reject};
use crate::model::{Enum, Field, Struct, Tag, Ty, TypeDef, Usage};
use indexmap::{IndexMap, IndexSet};
use openapiv3::{
    AdditionalProperties, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, Type,
};
use std::collections::HashSet;

pub(super) fn read(spec: &OpenAPI) -> Result<IndexMap<String, TypeDef>> {
    let reader = SchemaReader { spec };
    let mut types = IndexMap::new();
    for (name, schema) in reader.components() {
        let location = format!("components.schemas.{name}");
        let ReferenceOr::Item(schema) = schema else {
            return reject(
                &location,
                "is an alias for another $ref; refer to its target instead",
            );
        };
        types.insert(name.clone(), reader.read_type_def(&location, schema)?);
    }
    // aliases are followed recursively later on, which a cycle of them would never end
    let mut ends = HashSet::new();
    for (name, def) in &types {
        if let TypeDef::Alias(_) = def
            && is_cyclic_alias(&types, name, &mut ends)
        {
            return reject(
                &format!("components.schemas.{name}"),
                "refers only to itself; make one of its parts an object with properties",
            );
        }
    }
    Ok(types)
}

/// Whether a chain of aliases never reaches a type. Names that do are added to `ends`, so that each
/// is followed only once.
fn is_cyclic_alias<'a>(
    types: &'a IndexMap<String, TypeDef>,
    name: &'a String,
    ends: &mut HashSet<&'a String>,
) -> bool {
    let mut trail = IndexSet::new();
    let mut name = name;
    while let Some(TypeDef::Alias(target)) = types.get(name) {
        if ends.contains(name) {
            break;
        }
        if !trail.insert(name) {
            return true;
        }
        let mut ty = target;
        while let Ty::Array(inner) | Ty::Map(inner) = ty {
            ty = inner;
        }
        let Ty::Named(next) = ty else {
            break;
        };
        name = next;
    }
    ends.extend(trail);
    false
}

/// Reads schemas and resolves references in the document.
pub(super) struct SchemaReader<'a> {
    pub(super) spec: &'a OpenAPI,
}

impl<'a> SchemaReader<'a> {
    fn components(&self) -> impl Iterator<Item = (&'a String, &'a ReferenceOr<Schema>)> {
        self.spec.components.iter().flat_map(|c| c.schemas.iter())
    }

    pub(super) fn find_schema(&self, location: &str, name: &str) -> Result<&'a Schema> {
        let found = self
            .spec
            .components
            .as_ref()
            .and_then(|c| c.schemas.get(name));
        match found {
            Some(ReferenceOr::Item(schema)) => Ok(schema),
            Some(ReferenceOr::Reference { .. }) => reject(
                location,
                format!("`{name}` is an alias for another $ref; refer to its target instead"),
            ),
            None => reject(
                location,
                format!("`{name}` is not in components.schemas; add it"),
            ),
        }
    }

    /// The type of a reference.
    pub(super) fn resolve_ref(&self, location: &str, reference: &str) -> Result<Ty> {
        let name = component_name(location, reference, "schemas")?;
        self.find_schema(location, name)?;
        Ok(Ty::Named(name.to_owned()))
    }

    fn read_type_def(&self, location: &str, schema: &Schema) -> Result<TypeDef> {
        let data = &schema.schema_data;
        let doc = require_description(location, data.description.as_ref())?;
        let remedy = "write a path such as crate::types::Timestamp";
        if let Some(path) =
            text_extension(location, &data.extensions, "x-globus-rust-type", remedy)?
        {
            let parts: Vec<&str> = path.split("::").collect();
            if parts[0] != "crate" || parts.iter().any(|part| !is_ident(part)) {
                return reject(
                    &format!("{location}.x-globus-rust-type"),
                    format!("`{path}` is not a path into the SDK; {remedy}"),
                );
            }
            return Ok(TypeDef::HandWritten(path.to_owned()));
        }
        // the shape decides the kind of type, and anything else is an alias for an inline type
        let open = bool_extension(location, &data.extensions, "x-globus-open-enum")?;
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(string)) if open => Ok(TypeDef::Enum(Enum {
                doc,
                values: enum_values(location, string)?,
            })),
            _ if open => reject(
                &format!("{location}.x-globus-open-enum"),
                "is only allowed on strings; write `type: string`, or remove it",
            ),
            SchemaKind::Type(Type::Object(object)) if !object.properties.is_empty() => {
                self.read_struct(location, doc, &[(location.to_owned(), object)])
            }
            SchemaKind::AllOf { all_of } if all_of.len() > 1 => {
                let mut parts = Vec::new();
                self.collect_all_of(location, all_of, &mut vec![location.to_owned()], &mut parts)?;
                self.read_struct(location, doc, &parts)
            }
            SchemaKind::OneOf { one_of } => match &data.discriminator {
                Some(discriminator) => Ok(TypeDef::Union(self.tagged_union(
                    location,
                    doc,
                    one_of,
                    discriminator,
                )?)),
                None => self.untagged_union(location, doc, one_of),
            },
            _ => Ok(TypeDef::Alias(self.inline_type(location, schema)?)),
        }
    }

    /// Collects the objects that an `allOf` joins, in order.
    fn collect_all_of(
        &self,
        location: &str,
        all_of: &'a [ReferenceOr<Schema>],
        trail: &mut Vec<String>,
        parts: &mut Vec<(String, &'a ObjectType)>,
    ) -> Result<()> {
        for (i, part) in all_of.iter().enumerate() {
            let (at, schema) = match part {
                ReferenceOr::Reference { reference } => {
                    let name = component_name(location, reference, "schemas")?;
                    (
                        format!("components.schemas.{name}"),
                        self.find_schema(location, name)?,
                    )
                }
                ReferenceOr::Item(schema) => (format!("{location}.allOf.{i}"), schema),
            };
            match &schema.schema_kind {
                SchemaKind::Type(Type::Object(object)) => parts.push((at, object)),
                SchemaKind::AllOf { all_of } => {
                    // only an allOf can recurse, so only those are tracked
                    if trail.contains(&at) {
                        return reject(
                            location,
                            format!("joins `{at}`, which in turn joins it; remove one"),
                        );
                    }
                    trail.push(at.clone());
                    self.collect_all_of(&at, all_of, trail, parts)?;
                    trail.pop();
                }
                _ => {
                    return reject(&at, "is not an object; use allOf with objects only");
                }
            }
        }
        Ok(())
    }

    fn read_struct(
        &self,
        location: &str,
        doc: String,
        parts: &[(String, &'a ObjectType)],
    ) -> Result<TypeDef> {
        let mut fields: IndexMap<String, Field> = IndexMap::new();
        let mut tags: IndexMap<String, Tag> = IndexMap::new();
        // `required` may be in another part of an allOf than the property, as in "Common, but with an id"
        let all_required: HashSet<&String> =
            parts.iter().flat_map(|(_, o)| o.required.iter()).collect();
        for (at, object) in parts {
            if object.additional_properties.is_some() {
                return reject(
                    &format!("{at}.additionalProperties"),
                    "cannot be combined with properties; remove it, other keys are kept in `extra`",
                );
            }
            for (wire, property) in &object.properties {
                let at = format!("{at}.properties.{wire}");
                let required = all_required.contains(wire);
                if let Some(tag) = read_tag(wire, property, required) {
                    required::reject_on_tag(&at, property)?;
                    tags.insert(wire.clone(), tag);
                    continue;
                }
                // a later part overrides an earlier one
                fields.insert(
                    wire.clone(),
                    self.read_property(&at, wire, property, required)?,
                );
            }
            for name in &object.required {
                if !fields.contains_key(name) && !tags.contains_key(name) {
                    let declared = parts.iter().any(|(_, o)| o.properties.contains_key(name));
                    if !declared {
                        return reject(
                            &format!("{at}.required"),
                            format!("`{name}` is not a declared property; declare it"),
                        );
                    }
                }
            }
        }
        if fields.is_empty() && tags.is_empty() {
            return reject(
                location,
                "has no properties; add them, or x-globus-free-form with the reason",
            );
        }
        Ok(TypeDef::Struct(Struct {
            doc,
            usage: Usage::Unused,
            tags: tags.into_values().collect(),
            fields: fields.into_values().collect(),
            is_map_value: false,
        }))
    }

    fn read_property(
        &self,
        location: &str,
        wire: &str,
        property: &ReferenceOr<Box<Schema>>,
        required: bool,
    ) -> Result<Field> {
        let mut field = Field {
            wire: wire.to_owned(),
            doc: String::new(),
            ty: Ty::Json,
            required,
            nullable: false,
            auto_filled: false,
            initial: None,
            deprecated: false,
            required_reason: None,
            location: location.to_owned(),
            constraints: serde_json::Map::new(),
            boxed: false,
        };
        match property {
            ReferenceOr::Reference { reference } => {
                let name = component_name(location, reference, "schemas")?;
                let target = self.find_schema(location, name)?;
                field.doc = require_description(location, target.schema_data.description.as_ref())?;
                field.nullable = target.schema_data.nullable;
                field.ty = Ty::Named(name.to_owned());
            }
            ReferenceOr::Item(schema) => {
                let data = &schema.schema_data;
                field.doc = require_description(location, data.description.as_ref())?;
                field.nullable = data.nullable;
                field.deprecated = data.deprecated;
                field.ty = self.inline_type(location, schema)?;
                field.constraints = constraints(schema);
                field.auto_filled = self.read_auto_filled(location, data, &field.ty)?;
                field.initial = self.read_initial(location, data, &field)?;
                field.required_reason = required::read_reason(location, data)?;
                // `allOf: [{$ref}]` adds a description to a reference and inherits its nullability
                if let SchemaKind::AllOf { all_of } = &schema.schema_kind
                    && let [ReferenceOr::Reference { reference }] = all_of.as_slice()
                {
                    let name = component_name(location, reference, "schemas")?;
                    field.nullable |= self.find_schema(location, name)?.schema_data.nullable;
                }
            }
        }
        Ok(field)
    }

    /// Reads `x-globus-filled-by`: whether the SDK fills a property by calling an operation. Only a
    /// hand-written type can represent that it is unset.
    fn read_auto_filled(&self, location: &str, data: &SchemaData, ty: &Ty) -> Result<bool> {
        const WORD: &str = "x-globus-filled-by";
        let Some(by) = text_extension(location, &data.extensions, WORD, "write an operationId")?
        else {
            return Ok(false);
        };
        let at = format!("{location}.{WORD}");
        let known = self
            .spec
            .operations()
            .any(|(_, _, operation)| operation.operation_id.as_deref() == Some(by));
        if !known {
            return reject(
                &at,
                format!("`{by}` is not an operation of this document; write an operationId"),
            );
        }
        match ty {
            Ty::Named(name)
                if self
                    .find_schema(location, name)?
                    .schema_data
                    .extensions
                    .contains_key("x-globus-rust-type") =>
            {
                Ok(true)
            }
            _ => reject(
                &at,
                "needs a type that knows when it is unset; refer to one with x-globus-rust-type",
            ),
        }
    }

    /// Reads `x-globus-initial`: the value of an optional open enum that the constructor sets.
    fn read_initial(
        &self,
        location: &str,
        data: &SchemaData,
        field: &Field,
    ) -> Result<Option<String>> {
        const WORD: &str = "x-globus-initial";
        let Some(value) = text_extension(
            location,
            &data.extensions,
            WORD,
            "write a value of its enum",
        )?
        else {
            return Ok(None);
        };
        let at = format!("{location}.{WORD}");
        if field.required || field.nullable {
            return reject(
                &at,
                "is on a required or nullable property; use it on an optional one",
            );
        }
        let known = match &field.ty {
            Ty::Named(name) => match &self.find_schema(location, name)?.schema_kind {
                SchemaKind::Type(Type::String(string)) => string
                    .enumeration
                    .iter()
                    .flatten()
                    .any(|known| known == value),
                _ => false,
            },
            _ => false,
        };
        match known {
            true => Ok(Some(value.to_owned())),
            false => reject(
                &at,
                format!(
                    "`{value}` is not a value of an open enum; write one of the property's values"
                ),
            ),
        }
    }

    /// The type of an inline schema.
    pub(super) fn inline_type(&self, location: &str, schema: &Schema) -> Result<Ty> {
        let data = &schema.schema_data;
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(string)) => string_type(location, string),
            SchemaKind::Type(Type::Integer(_)) => Ok(Ty::Int),
            SchemaKind::Type(Type::Number(_)) => Ok(Ty::Float),
            SchemaKind::Type(Type::Boolean(_)) => Ok(Ty::Bool),
            SchemaKind::Type(Type::Array(array)) => {
                let at = format!("{location}.items");
                match &array.items {
                    Some(ReferenceOr::Reference { reference }) => {
                        Ok(Ty::Array(Box::new(self.resolve_ref(&at, reference)?)))
                    }
                    Some(ReferenceOr::Item(items)) => {
                        Ok(Ty::Array(Box::new(self.inline_type(&at, items)?)))
                    }
                    None => reject(location, "is an array without items; add them"),
                }
            }
            SchemaKind::Type(Type::Object(object)) => self.map_type(location, data, object),
            SchemaKind::AllOf { all_of } => match all_of.as_slice() {
                [ReferenceOr::Reference { reference }] => self.resolve_ref(location, reference),
                _ => reject(
                    location,
                    "an inline allOf of several schemas is not supported; move it to components.schemas",
                ),
            },
            // openapiv3 falls back to `Any` for a type it cannot parse, which must not pass as free-form
            SchemaKind::Any(any) => match &any.typ {
                Some(unread) => reject(
                    location,
                    format!(
                        "`type: {unread}` is unknown or does not match the other keys; write an OpenAPI 3.0 type with the keys it allows"
                    ),
                ),
                None => free_form_type(location, data),
            },
            SchemaKind::OneOf { .. } => reject(
                location,
                "an inline union is not supported; move it to components.schemas",
            ),
            // anyOf may match several variants, and only the first would survive
            SchemaKind::AnyOf { .. } | SchemaKind::Not { .. } => reject(
                location,
                "anyOf and not are not supported; use oneOf with a discriminator",
            ),
        }
    }

    fn map_type(&self, location: &str, data: &SchemaData, object: &ObjectType) -> Result<Ty> {
        if !object.properties.is_empty() {
            return reject(
                location,
                "an inline object is not supported; move it to components.schemas",
            );
        }
        match &object.additional_properties {
            Some(AdditionalProperties::Schema(value)) => {
                let at = format!("{location}.additionalProperties");
                let ty = match &**value {
                    ReferenceOr::Reference { reference } => self.resolve_ref(&at, reference)?,
                    ReferenceOr::Item(schema) => self.inline_type(&at, schema)?,
                };
                Ok(Ty::Map(Box::new(ty)))
            }
            _ => free_form_type(location, data),
        }
    }
}
