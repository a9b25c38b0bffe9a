//! JSON Schemas of the documents, for the SDK's feature `schemars`.
//!
//! They go into a separate file, which a build without the feature does not read. Each is JSON text
//! that refers to others by name; `crate::schema` parses it on demand.

use super::hand_written_type;
use crate::model::{Enum, Field, Service, Struct, Ty, TypeDef, Union, UntaggedUnion, Usage};
use crate::naming::pascal;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value, json};

/// The contents of a module `crate::generated::<service>::schemas`.
pub(crate) fn module(service: &Service) -> TokenStream {
    let mut documents = TokenStream::new();
    let mut hand: Vec<&str> = Vec::new();
    for (name, def) in &service.types {
        let schema = match def {
            TypeDef::Struct(Struct { usage, .. }) if *usage == Usage::Unused => continue,
            TypeDef::Struct(structure) => object_schema(service, structure),
            TypeDef::Enum(open) => open_enum_schema(open),
            TypeDef::Union(union) => tagged_union_schema(service, union),
            TypeDef::UntaggedUnion(union) => untagged_union_schema(service, union),
            TypeDef::HandWritten(path) => {
                if !hand.contains(&path.as_str()) {
                    hand.push(path);
                }
                continue;
            }
            TypeDef::Alias(_) => continue,
        };
        let (ident, text) = (pascal(name), schema.to_string());
        documents.extend(quote!(#ident = #text;));
    }
    let (name, types) = (
        &service.name,
        hand.iter().map(|path| hand_written_type(path)),
    );
    quote! {
        crate::schema::schemas! {
            #name { #documents }
            hand { #(#hand = #types;)* }
        }
    }
}

fn object_schema(service: &Service, structure: &Struct) -> Value {
    let mut properties = Map::new();
    for tag in &structure.tags {
        properties.insert(
            tag.wire.clone(),
            json!({"type": "string", "const": tag.value, "description": tag.doc}),
        );
    }
    for field in &structure.fields {
        let received = structure.usage == Usage::Response;
        let nullable = field.nullable || (received && !field.required);
        properties.insert(
            field.wire.clone(),
            property_schema(service, field, nullable),
        );
    }
    let tags = structure
        .tags
        .iter()
        .filter(|t| t.required)
        .map(|t| &t.wire);
    let fields = structure.fields.iter().filter(|f| f.required);
    let required: Vec<&String> = tags.chain(fields.map(|f| &f.wire)).collect();
    let mut schema =
        json!({"type": "object", "description": structure.doc, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Optional fields of a response may be null, whether or not that is documented.
fn property_schema(service: &Service, field: &Field, nullable: bool) -> Value {
    let mut schema = value_schema(service, &field.ty);
    for (word, limit) in &field.constraints {
        schema[word] = limit.clone();
    }
    if nullable {
        schema = nullable_schema(schema);
    }
    schema["description"] = json!(field.doc);
    if field.deprecated {
        schema["deprecated"] = json!(true);
    }
    schema
}

fn nullable_schema(mut schema: Value) -> Value {
    match schema.get("type") {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        None if schema.get("$ref").is_some() => json!({"anyOf": [schema, {"type": "null"}]}),
        // arbitrary JSON may be null already
        None => schema,
    }
}

/// The schema of a value; named Rust types become references.
fn value_schema(service: &Service, ty: &Ty) -> Value {
    match ty {
        Ty::String => json!({"type": "string"}),
        Ty::Secret => json!({"type": "string", "format": "password"}),
        Ty::Uuid => json!({"type": "string", "format": "uuid"}),
        Ty::Int => json!({"type": "integer"}),
        Ty::Float => json!({"type": "number"}),
        Ty::Bool => json!({"type": "boolean"}),
        Ty::Json => json!({}),
        Ty::Array(items) => json!({"type": "array", "items": value_schema(service, items)}),
        Ty::Map(values) => {
            json!({"type": "object", "additionalProperties": value_schema(service, values)})
        }
        Ty::Named(name) => match service.types.get(name) {
            Some(TypeDef::Alias(target)) => value_schema(service, target),
            Some(TypeDef::HandWritten(path)) => json!({"$ref": path}),
            _ => json!({"$ref": pascal(name).to_string()}),
        },
    }
}

/// Lists the known values and allows others.
fn open_enum_schema(open: &Enum) -> Value {
    json!({
        "type": "string",
        "description": open.doc,
        "anyOf": [
            {"enum": open.values},
            {"description": "A value that this version does not know."},
        ],
    })
}

/// A known tag requires its variant's schema; an unknown tag allows any object.
fn tagged_union_schema(service: &Service, union: &Union) -> Value {
    let tag = &union.tag;
    let mut any_of: Vec<Value> = Vec::new();
    let mut names: Vec<&String> = Vec::new();
    for (_, variant) in &union.variants {
        if names.contains(&variant) {
            continue;
        }
        names.push(variant);
        let mut schema = json!({"$ref": pascal(variant).to_string()});
        let structure = service.structure(&Ty::Named(variant.clone()));
        if !structure.is_some_and(|s| s.tags.iter().any(|t| t.wire == *tag)) {
            let of_variant = union.variants.iter().filter(|(_, v)| v == variant);
            let values: Vec<&String> = of_variant.map(|(value, _)| value).collect();
            schema["properties"] = json!({tag: {"enum": values}});
        }
        any_of.push(schema);
    }
    let known: Vec<&String> = union.variants.iter().map(|(value, _)| value).collect();
    any_of.push(json!({
        "description": "A variant that this version does not know.",
        "properties": {tag: {"type": "string", "not": {"enum": known}}},
    }));
    json!({"type": "object", "description": union.doc, "required": [tag], "anyOf": any_of})
}

fn untagged_union_schema(service: &Service, union: &UntaggedUnion) -> Value {
    let variants = union
        .variants
        .iter()
        .map(|(_, ty)| value_schema(service, ty));
    json!({"description": union.doc, "anyOf": variants.collect::<Vec<_>>()})
}
