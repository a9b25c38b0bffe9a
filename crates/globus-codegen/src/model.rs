//! The model of a spec, in the shapes that Rust needs: structs, enums, unions and operations.
//!
//! `read` builds it from the OpenAPI document and enforces the rules; `emit` turns it into Rust.
//! Neither depends on the other.

use indexmap::IndexMap;
use std::collections::BTreeSet;

/// A Globus service, from one spec.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) version: String,
    pub(crate) resource_server: String,
    pub(crate) base_url: String,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) scopes: IndexMap<String, String>,
    pub(crate) types: IndexMap<String, TypeDef>,
    pub(crate) operations: Vec<Operation>,
}

/// A named schema.
#[derive(Debug)]
pub(crate) enum TypeDef {
    Struct(Struct),
    Enum(Enum),
    Union(Union),
    UntaggedUnion(UntaggedUnion),
    /// A hand-written type at this path in the SDK.
    HandWritten(String),
    /// Another name for a type that needs no definition.
    Alias(Ty),
}

/// Whether a schema is used in requests, in responses, or only by `allOf` in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Unused,
    Request,
    Response,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) doc: String,
    pub(crate) usage: Usage,
    pub(crate) tags: Vec<Tag>,
    pub(crate) fields: Vec<Field>,
    /// It is the value type of a map, where a service may send null instead.
    pub(crate) is_map_value: bool,
}

/// A property with a single possible value (`DATA_TYPE`): checked and written, but not a field.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) wire: String,
    pub(crate) doc: String,
    pub(crate) value: String,
    pub(crate) required: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) doc: String,
    pub(crate) ty: Ty,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) auto_filled: bool,
    /// The open enum value that a request's constructor sets: `x-globus-initial`.
    pub(crate) initial: Option<String>,
    pub(crate) deprecated: bool,
    /// Why a response may require it: `x-globus-required`.
    pub(crate) required_reason: Option<String>,
    /// The location of its declaration, which several types may share through `allOf`.
    pub(crate) location: String,
    /// Further JSON Schema keywords of its values (`maximum`, `maxLength`, `default`).
    pub(crate) constraints: serde_json::Map<String, serde_json::Value>,
    /// The type contains itself through this field, which is therefore boxed.
    pub(crate) boxed: bool,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) doc: String,
    pub(crate) values: Vec<String>,
}

/// `oneOf` with a discriminator.
#[derive(Debug)]
pub(crate) struct Union {
    pub(crate) doc: String,
    pub(crate) tag: String,
    /// The tag value and the schema name of each variant.
    pub(crate) variants: Vec<(String, String)>,
}

/// `oneOf` without a discriminator: variants are distinguished by their JSON type.
#[derive(Debug)]
pub(crate) struct UntaggedUnion {
    pub(crate) doc: String,
    pub(crate) variants: Vec<(JsonKind, Ty)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonKind {
    Object,
    Array,
    String,
    Number,
    Bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    String,
    Secret,
    Uuid,
    Int,
    Float,
    Bool,
    Json,
    Array(Box<Ty>),
    Map(Box<Ty>),
    Named(String),
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) docs: String,
    pub(crate) deprecated: bool,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Option<Body>,
    /// `None` for a response without content.
    pub(crate) response: Option<Ty>,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth: Auth,
    pub(crate) idempotency: Idempotency,
    pub(crate) paging: Option<Paging>,
    pub(crate) url_only: bool,
    pub(crate) wrapped: bool,
    pub(crate) python: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) wire: String,
    pub(crate) location: ParamLocation,
    pub(crate) doc: String,
    pub(crate) ty: Ty,
    pub(crate) required: bool,
    /// It selects a part of the document.
    pub(crate) narrows: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParamLocation {
    Path,
    Query,
    /// Optional, and sent like a header from `with_header`.
    Header,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) media: Media,
    pub(crate) ty: Ty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    Bearer,
    Basic,
    Client,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idempotency {
    Idempotent,
    DeduplicatedById,
    NotIdempotent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PagingStyle {
    OffsetTotal,
    OffsetHasNext,
    LastKey,
    NextToken,
    NextMarker,
    MarkerHasNext,
    NullableMarker,
    JsonapiLinks,
}

#[derive(Debug)]
pub(crate) struct Paging {
    pub(crate) style: PagingStyle,
    pub(crate) style_name: String,
    /// The wire name of the response's array.
    pub(crate) items: String,
    /// The array's item type.
    pub(crate) item: Ty,
    pub(crate) page_size: Option<u64>,
    pub(crate) max_items: Option<u64>,
    /// The operation that lists what lies beyond `max_items`.
    pub(crate) beyond: Option<String>,
    /// The paging parameters are in the request body.
    pub(crate) in_body: bool,
}

impl Service {
    /// Follows aliases to the actual type.
    pub(crate) fn resolve<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        match ty {
            Ty::Named(name) => match self.types.get(name) {
                Some(TypeDef::Alias(target)) => self.resolve(target),
                _ => ty,
            },
            _ => ty,
        }
    }

    pub(crate) fn structure(&self, ty: &Ty) -> Option<&Struct> {
        match self.resolve(ty) {
            Ty::Named(name) => match self.types.get(name) {
                Some(TypeDef::Struct(s)) => Some(s),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Operation {
    /// Whether a parameter can select a part of the document, so that the call returns the caller's
    /// own types.
    pub(crate) fn can_narrow(&self) -> bool {
        self.params.iter().any(|param| param.narrows)
    }
}

/// The wire names of the fields of a document, including nested documents.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) all: BTreeSet<String>,
    /// The secret ones (`format: password`).
    pub(crate) secrets: BTreeSet<String>,
    /// Whether the document contains a secret anywhere, in a field or not.
    pub(crate) has_secrets: bool,
}

impl Service {
    /// The fields that a value of this type may contain, at any depth.
    pub(crate) fn fields(&self, ty: &Ty) -> Fields {
        let mut fields = Fields::default();
        self.collect_fields(ty, &mut fields, &mut BTreeSet::new());
        fields.has_secrets |= !fields.secrets.is_empty();
        fields
    }

    /// Returns whether the type is a secret, or a list or map of secrets.
    fn collect_fields<'a>(
        &'a self,
        ty: &'a Ty,
        fields: &mut Fields,
        seen: &mut BTreeSet<&'a str>,
    ) -> bool {
        let name = match ty {
            Ty::Secret => {
                fields.has_secrets = true;
                return true;
            }
            Ty::Array(items) | Ty::Map(items) => return self.collect_fields(items, fields, seen),
            Ty::Named(name) => name,
            _ => return false,
        };
        self.collect_named(name, fields, seen)
    }

    fn collect_named<'a>(
        &'a self,
        name: &'a str,
        fields: &mut Fields,
        seen: &mut BTreeSet<&'a str>,
    ) -> bool {
        let definition = self.types.get(name);
        if let Some(TypeDef::Alias(target)) = definition {
            return self.collect_fields(target, fields, seen);
        }
        // recursive types are visited once
        if !seen.insert(name) {
            return false;
        }
        match definition {
            Some(TypeDef::Struct(structure)) => {
                let tags = structure.tags.iter().map(|tag| tag.wire.clone());
                fields.all.extend(tags);
                for field in &structure.fields {
                    fields.all.insert(field.wire.clone());
                    if self.collect_fields(&field.ty, fields, seen) {
                        fields.secrets.insert(field.wire.clone());
                    }
                }
            }
            Some(TypeDef::Union(union)) => {
                fields.all.insert(union.tag.clone());
                for (_, variant) in &union.variants {
                    self.collect_named(variant, fields, seen);
                }
            }
            Some(TypeDef::UntaggedUnion(union)) => {
                for (_, variant) in &union.variants {
                    self.collect_fields(variant, fields, seen);
                }
            }
            _ => {}
        }
        false
    }
}

impl Struct {
    /// Whether an empty object is a valid document.
    pub(crate) fn has_no_required_key(&self) -> bool {
        let fields = self.fields.iter().all(|f| !f.required || f.nullable);
        fields && self.tags.iter().all(|tag| !tag.required)
    }

    pub(crate) fn field(&self, wire: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.wire == wire)
    }
}
