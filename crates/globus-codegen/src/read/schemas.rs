//! `components.schemas` to type definitions.

use super::{described, flag, referred};
use crate::error::{Result, refuse};
use crate::model::{Enum, Field, Kind, Kinds, Role, Struct, Tag, Ty, TypeDef, Union};
use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind,
    StringType, Type, VariantOrUnknownOrEmpty,
};
use serde_json::Value;

/// Field names that the generated structs use themselves.
const RESERVED: [&str; 2] = ["extra", "new"];

pub(super) fn read(spec: &OpenAPI) -> Result<IndexMap<String, TypeDef>> {
    let reader = Reader { spec };
    let mut types = IndexMap::new();
    for (name, schema) in reader.components() {
        let place = format!("components.schemas.{name}");
        let ReferenceOr::Item(schema) = schema else {
            return refuse(&place, "is only a $ref; refer to its target instead");
        };
        types.insert(name.clone(), reader.definition(&place, schema)?);
    }
    Ok(types)
}

/// Reads schemas, with the document at hand to follow references.
pub(super) struct Reader<'a> {
    pub(super) spec: &'a OpenAPI,
}

impl<'a> Reader<'a> {
    fn components(&self) -> impl Iterator<Item = (&'a String, &'a ReferenceOr<Schema>)> {
        self.spec.components.iter().flat_map(|c| c.schemas.iter())
    }

    fn named(&self, place: &str, name: &str) -> Result<&'a Schema> {
        let found = self
            .spec
            .components
            .as_ref()
            .and_then(|c| c.schemas.get(name));
        match found {
            Some(ReferenceOr::Item(schema)) => Ok(schema),
            _ => refuse(
                place,
                format!("`{name}` is not in components.schemas; add it"),
            ),
        }
    }

    fn definition(&self, place: &str, schema: &Schema) -> Result<TypeDef> {
        let data = &schema.schema_data;
        let doc = described(place, data.description.as_ref())?;
        if let Some(path) = data.extensions.get("x-globus-rust-type") {
            return match path.as_str() {
                Some(path) => Ok(TypeDef::Hand(path.to_owned())),
                None => refuse(
                    place,
                    "x-globus-rust-type has to be a path such as crate::types::Timestamp",
                ),
            };
        }
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(string))
                if flag(&data.extensions, "x-globus-open-enum") =>
            {
                Ok(TypeDef::Enum(Enum {
                    doc,
                    values: enum_values(place, string)?,
                }))
            }
            SchemaKind::Type(Type::Object(object)) if !object.properties.is_empty() => {
                self.object(place, doc, &[(place.to_owned(), object)])
            }
            SchemaKind::AllOf { all_of } if all_of.len() > 1 => {
                let mut parts = Vec::new();
                self.parts(place, all_of, &mut parts)?;
                self.object(place, doc, &parts)
            }
            SchemaKind::OneOf { one_of } => match &data.discriminator {
                Some(discriminator) => {
                    Ok(TypeDef::Union(union(place, doc, one_of, discriminator)?))
                }
                None => self.kinds(place, doc, one_of),
            },
            _ => Ok(TypeDef::Alias(self.inline(place, schema)?)),
        }
    }

    /// The objects that an `allOf` joins, in order.
    fn parts(
        &self,
        place: &str,
        all_of: &'a [ReferenceOr<Schema>],
        parts: &mut Vec<(String, &'a ObjectType)>,
    ) -> Result<()> {
        for (i, part) in all_of.iter().enumerate() {
            let (at, schema) = match part {
                ReferenceOr::Reference { reference } => {
                    let name = referred(place, reference, "schemas")?;
                    (
                        format!("components.schemas.{name}"),
                        self.named(place, name)?,
                    )
                }
                ReferenceOr::Item(schema) => (format!("{place}.allOf.{i}"), schema),
            };
            match &schema.schema_kind {
                SchemaKind::Type(Type::Object(object)) => parts.push((at, object)),
                SchemaKind::AllOf { all_of } => self.parts(&at, all_of, parts)?,
                _ => {
                    return refuse(
                        &at,
                        "is joined by allOf and is no object; join objects only",
                    );
                }
            }
        }
        Ok(())
    }

    fn object(
        &self,
        place: &str,
        doc: String,
        parts: &[(String, &'a ObjectType)],
    ) -> Result<TypeDef> {
        let mut fields: IndexMap<String, Field> = IndexMap::new();
        let mut tags: IndexMap<String, Tag> = IndexMap::new();
        for (at, object) in parts {
            for (wire, property) in &object.properties {
                let at = format!("{at}.properties.{wire}");
                let required = parts.iter().any(|(_, o)| o.required.contains(wire));
                if let Some(value) = tag_value(property) {
                    tags.insert(
                        wire.clone(),
                        Tag {
                            wire: wire.clone(),
                            value,
                            required,
                        },
                    );
                    continue;
                }
                if RESERVED.contains(&wire.as_str()) {
                    return refuse(
                        &at,
                        "this name is taken by the generated type; x-globus-free-form its parent",
                    );
                }
                fields.insert(wire.clone(), self.property(&at, wire, property, required)?);
            }
            for name in &object.required {
                if !fields.contains_key(name) && !tags.contains_key(name) {
                    let declared = parts.iter().any(|(_, o)| o.properties.contains_key(name));
                    if !declared {
                        return refuse(
                            &format!("{at}.required"),
                            format!("`{name}` is no property; declare it"),
                        );
                    }
                }
            }
        }
        if fields.is_empty() && tags.is_empty() {
            return refuse(
                place,
                "has no properties; write them, or x-globus-free-form with the reason",
            );
        }
        Ok(TypeDef::Struct(Struct {
            doc,
            role: Role::Unused,
            tags: tags.into_values().collect(),
            fields: fields.into_values().collect(),
        }))
    }

    fn property(
        &self,
        place: &str,
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
            filled: false,
            deprecated: false,
            boxed: false,
        };
        match property {
            ReferenceOr::Reference { reference } => {
                let name = referred(place, reference, "schemas")?;
                let target = self.named(place, name)?;
                field.doc = described(place, target.schema_data.description.as_ref())?;
                field.nullable = target.schema_data.nullable;
                field.ty = Ty::Named(name.to_owned());
            }
            ReferenceOr::Item(schema) => {
                let data = &schema.schema_data;
                field.doc = described(place, data.description.as_ref())?;
                field.nullable = data.nullable;
                field.deprecated = data.deprecated;
                field.filled = flag(&data.extensions, "x-globus-filled-by");
                field.ty = self.inline(place, schema)?;
                if let SchemaKind::AllOf { all_of } = &schema.schema_kind
                    && let [ReferenceOr::Reference { reference }] = all_of.as_slice()
                {
                    let name = referred(place, reference, "schemas")?;
                    field.nullable |= self.named(place, name)?.schema_data.nullable;
                }
            }
        }
        Ok(field)
    }

    /// The type of a schema that stands where it is used.
    pub(super) fn inline(&self, place: &str, schema: &Schema) -> Result<Ty> {
        let data = &schema.schema_data;
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(string)) => string_type(place, string),
            SchemaKind::Type(Type::Integer(_)) => Ok(Ty::Int),
            SchemaKind::Type(Type::Number(_)) => Ok(Ty::Float),
            SchemaKind::Type(Type::Boolean(_)) => Ok(Ty::Bool),
            SchemaKind::Type(Type::Array(array)) => {
                let at = format!("{place}.items");
                match &array.items {
                    Some(ReferenceOr::Reference { reference }) => {
                        let name = referred(&at, reference, "schemas")?;
                        self.named(&at, name)?;
                        Ok(Ty::Array(Box::new(Ty::Named(name.to_owned()))))
                    }
                    Some(ReferenceOr::Item(items)) => {
                        Ok(Ty::Array(Box::new(self.inline(&at, items)?)))
                    }
                    None => refuse(place, "is an array without items; say of what"),
                }
            }
            SchemaKind::Type(Type::Object(object)) => self.map(place, data, object),
            SchemaKind::AllOf { all_of } => match all_of.as_slice() {
                [ReferenceOr::Reference { reference }] => {
                    let name = referred(place, reference, "schemas")?;
                    self.named(place, name)?;
                    Ok(Ty::Named(name.to_owned()))
                }
                _ => refuse(
                    place,
                    "joins schemas where it is used; name it in components.schemas",
                ),
            },
            SchemaKind::Any(_) => free_form(place, data),
            SchemaKind::OneOf { .. } => refuse(
                place,
                "is a union where it is used; name it in components.schemas",
            ),
            SchemaKind::AnyOf { .. } | SchemaKind::Not { .. } => refuse(
                place,
                "anyOf and not have no Rust type; use oneOf with a discriminator",
            ),
        }
    }

    fn map(&self, place: &str, data: &SchemaData, object: &ObjectType) -> Result<Ty> {
        if !object.properties.is_empty() {
            return refuse(
                place,
                "is an object where it is used; name it in components.schemas",
            );
        }
        match &object.additional_properties {
            Some(AdditionalProperties::Schema(value)) => {
                let at = format!("{place}.additionalProperties");
                let ty = match &**value {
                    ReferenceOr::Reference { reference } => {
                        let name = referred(&at, reference, "schemas")?;
                        self.named(&at, name)?;
                        Ty::Named(name.to_owned())
                    }
                    ReferenceOr::Item(schema) => self.inline(&at, schema)?,
                };
                Ok(Ty::Map(Box::new(ty)))
            }
            _ => free_form(place, data),
        }
    }

    fn kinds(&self, place: &str, doc: String, one_of: &[ReferenceOr<Schema>]) -> Result<TypeDef> {
        let mut variants: Vec<(Kind, Ty)> = Vec::new();
        for (i, variant) in one_of.iter().enumerate() {
            let at = format!("{place}.oneOf.{i}");
            let (kind, ty) = match variant {
                ReferenceOr::Reference { reference } => {
                    let name = referred(&at, reference, "schemas")?;
                    let target = self.named(&at, name)?;
                    (kind_of(&at, target)?, Ty::Named(name.to_owned()))
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

fn union(
    place: &str,
    doc: String,
    one_of: &[ReferenceOr<Schema>],
    discriminator: &openapiv3::Discriminator,
) -> Result<Union> {
    let mut variants = Vec::new();
    for (i, variant) in one_of.iter().enumerate() {
        let at = format!("{place}.oneOf.{i}");
        let ReferenceOr::Reference { reference } = variant else {
            return refuse(
                &at,
                "a union's variants are named; refer to components.schemas",
            );
        };
        let name = referred(&at, reference, "schemas")?;
        let tags: Vec<&String> = discriminator
            .mapping
            .iter()
            .filter(|(_, target)| target.rsplit('/').next() == Some(name))
            .map(|(tag, _)| tag)
            .collect();
        if tags.is_empty() {
            return refuse(
                &format!("{place}.discriminator.mapping"),
                format!("names no tag for `{name}`; add one"),
            );
        }
        variants.extend(tags.into_iter().map(|tag| (tag.clone(), name.to_owned())));
    }
    Ok(Union {
        doc,
        tag: discriminator.property_name.clone(),
        variants,
    })
}

fn enum_values(place: &str, string: &StringType) -> Result<Vec<String>> {
    let values: Vec<String> = string.enumeration.iter().flatten().cloned().collect();
    if values.is_empty() {
        return refuse(
            place,
            "is an open enum without values; write the known ones under enum",
        );
    }
    for (i, value) in values.iter().enumerate() {
        let ident = crate::naming::pascal(value);
        let clash = values[..i]
            .iter()
            .find(|v| crate::naming::pascal(v) == ident);
        if let Some(other) = clash {
            return refuse(
                place,
                format!("`{other}` and `{value}` get the same Rust name `{ident}`; drop one"),
            );
        }
        if ident == "Other" {
            return refuse(place, "`Other` is taken by unknown values; drop the value");
        }
    }
    Ok(values)
}

fn string_type(place: &str, string: &StringType) -> Result<Ty> {
    if string.enumeration.len() > 1 {
        return refuse(
            place,
            "is an enum where it is used; name it in components.schemas with x-globus-open-enum",
        );
    }
    Ok(match &string.format {
        VariantOrUnknownOrEmpty::Item(openapiv3::StringFormat::Password) => Ty::Secret,
        VariantOrUnknownOrEmpty::Unknown(format) if format == "uuid" => Ty::Uuid,
        _ => Ty::String,
    })
}

fn free_form(place: &str, data: &SchemaData) -> Result<Ty> {
    match data
        .extensions
        .get("x-globus-free-form")
        .and_then(Value::as_str)
    {
        Some(reason) if !reason.is_empty() => Ok(Ty::Json),
        _ => refuse(
            place,
            "may be any JSON; write its fields in components.schemas, or x-globus-free-form with the reason",
        ),
    }
}

/// The value of a property whose enum has only one.
fn tag_value(property: &ReferenceOr<Box<Schema>>) -> Option<String> {
    let ReferenceOr::Item(schema) = property else {
        return None;
    };
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(string)) => match string.enumeration.as_slice() {
            [Some(value)] => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}
