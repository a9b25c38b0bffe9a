//! What a spec says, in the few shapes that Rust needs: structs, enums, unions and operations.
//!
//! `read` builds this from the OpenAPI document and refuses what the house rules forbid; `emit`
//! turns it into Rust. Neither knows anything of the other.

use indexmap::IndexMap;
use std::collections::BTreeSet;

/// One spec: a Globus service.
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
    /// Written by hand, at this path of the SDK.
    HandWritten(String),
    /// Another name for a type that needs no definition.
    Alias(Ty),
}

/// Whether a document is sent, received, or only lends its fields to others.
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
    /// It is the value of a map, where a service may write null for it.
    pub(crate) is_map_value: bool,
}

/// A property with one possible value (`DATA_TYPE`): checked and written, never a field.
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
    /// What the constructor of a request sets, of an open enum.
    pub(crate) initial: Option<String>,
    pub(crate) deprecated: bool,
    /// Why a response can be required to have it: `x-globus-required`.
    pub(crate) required_reason: Option<String>,
    /// Where its property is declared, which types joined by `allOf` share.
    pub(crate) location: String,
    /// What narrows its values beside the type (`maximum`, `maxLength`, `default`), as JSON Schema
    /// has it.
    pub(crate) constraints: serde_json::Map<String, serde_json::Value>,
    /// The type contains itself through this field.
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
    /// Tag value and name of the variant's schema.
    pub(crate) variants: Vec<(String, String)>,
}

/// `oneOf` without a discriminator: told apart by JSON kind.
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
    /// `None`: an answer without content.
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
    /// It asks for a part of the document.
    pub(crate) narrows: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParamLocation {
    Path,
    Query,
    /// Optional, and sent as `with_header` sends one.
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
    /// The response's array, by its wire name.
    pub(crate) items: String,
    /// The array's element type.
    pub(crate) item: Ty,
    pub(crate) page_size: Option<u64>,
    pub(crate) max_items: Option<u64>,
    /// The operation that serves what is beyond `max_items`.
    pub(crate) beyond: Option<String>,
    /// The paging parameters stand in the body.
    pub(crate) in_body: bool,
}

impl Service {
    /// Follows aliases to the type that a name stands for.
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
    /// Whether a parameter asks for a part of the document, so that the caller's own types come back.
    pub(crate) fn can_narrow(&self) -> bool {
        self.params.iter().any(|param| param.narrows)
    }
}

/// The fields of a document and of all documents in it, by their wire names.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) all: BTreeSet<String>,
    /// Those that are secrets (`format: password`).
    pub(crate) secrets: BTreeSet<String>,
    /// Whether a secret is anywhere in it, in a field or not.
    pub(crate) has_secrets: bool,
}

impl Service {
    /// The fields that a value of this type may hold, however deep.
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
    /// Whether a document without any key is one.
    pub(crate) fn has_no_required_key(&self) -> bool {
        let fields = self.fields.iter().all(|f| !f.required || f.nullable);
        fields && self.tags.iter().all(|tag| !tag.required)
    }

    pub(crate) fn field(&self, wire: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.wire == wire)
    }
}
