//! Documents: a struct with a lossless `Serialize` and `Deserialize`.
//!
//! serde's derive could keep unknown fields with `flatten`, but that buffers every document. The
//! generated visitor matches the known names and keeps the rest, which costs nothing extra, checks
//! the tags on the way, and distinguishes absent from null: in a request by the three-state
//! `Nullable`, in a response by a bit in `Presence`, so that fields that are only read stay an
//! `Option` or a list.

use super::{deserialize, docs, rust_type, setter_argument};
use crate::model::{Field, Service, Struct, Tag, Ty, Usage};
use crate::naming::{pascal, shouty_snake, snake};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn structure(service: &Service, name: &str, structure: &Struct) -> TokenStream {
    if structure.usage == Usage::Unused {
        return TokenStream::new();
    }
    let ident = pascal(name);
    // bits of `Presence`: the optional tags come first, two bits each, then the fields
    let mut bits = optional_tags(structure).count() * 2;
    let mut fields = Vec::new();
    for field in &structure.fields {
        let mut field = FieldEmitter::new(service, field, structure.usage);
        field.bit = bits;
        bits += field.presence.bits();
        fields.push(field);
    }
    let null = (structure.usage == Usage::Response
        && structure.is_map_value
        && structure.has_no_required_key())
    .then_some(bits);
    bits += usize::from(null.is_some());
    let presence = (bits > 0).then(|| bits.div_ceil(8));
    let definition = definition(&ident, structure, &fields, presence);
    let methods = methods(&ident, structure, &fields);
    let serialize = serialize_impl(&ident, structure, &fields, null);
    let deserialize = deserialize_impl(name, &ident, structure, &fields, presence, null);
    quote! { #definition #methods #serialize #deserialize }
}

/// The Rust type of a field, and whether it is a constructor argument.
pub(super) fn struct_field_type(
    service: &Service,
    field: &Field,
    usage: Usage,
) -> (TokenStream, bool) {
    let field = FieldEmitter::new(service, field, usage);
    let is_argument = field.is_argument();
    (field.field_type, is_argument)
}

/// How a field represents absent and null.
#[derive(Clone, Copy, PartialEq)]
enum FieldPresence {
    /// Always present: the bare type.
    Required,
    /// `Option`; `None` is omitted.
    Optional,
    /// `Option`; `None` is sent as null.
    NullWhenNone,
    /// `Nullable`: absent, null or a value.
    Nullable,
    /// A hand-written type with its own unset state, which the SDK fills.
    AutoFilled,
    /// `Option` in a response; a `Presence` bit records whether `None` was null or absent.
    ReceivedOption,
    /// `Option<f64>` in a response; a second bit records whether it had a fraction (`1` or `1.0`).
    ReceivedNumber,
    /// A list or map in a response, empty if absent or null; two bits record which it was.
    ReceivedCollection,
}

impl FieldPresence {
    /// The number of `Presence` bits it needs.
    fn bits(self) -> usize {
        match self {
            Self::ReceivedOption => 1,
            FieldPresence::ReceivedNumber | FieldPresence::ReceivedCollection => 2,
            _ => 0,
        }
    }
}

struct FieldEmitter<'a> {
    model: &'a Field,
    ident: Ident,
    /// The type of the value itself.
    value: TokenStream,
    /// The type of the struct's field.
    field_type: TokenStream,
    presence: FieldPresence,
    setter: (TokenStream, TokenStream),
    array: bool,
    sent: bool,
    /// The index of its first `Presence` bit.
    bit: usize,
}

impl<'a> FieldEmitter<'a> {
    fn new(service: &Service, field: &'a Field, usage: Usage) -> Self {
        let prefix = TokenStream::new();
        let mut value = rust_type(service, &field.ty, &prefix);
        let mut setter = setter_argument(service, &field.ty, &prefix);
        if field.boxed {
            value = quote!(Box<#value>);
            let store = &setter.1;
            setter.1 = quote!(Box::new(#store));
        }
        let presence = match (usage, field.required, field.nullable) {
            _ if field.auto_filled => FieldPresence::AutoFilled,
            (_, true, false) => FieldPresence::Required,
            (Usage::Response, _, _) => match service.resolve(&field.ty) {
                Ty::Array(_) | Ty::Map(_) => FieldPresence::ReceivedCollection,
                Ty::Float => FieldPresence::ReceivedNumber,
                _ => FieldPresence::ReceivedOption,
            },
            (_, false, true) => FieldPresence::Nullable,
            (_, false, false) => FieldPresence::Optional,
            (_, true, true) => FieldPresence::NullWhenNone,
        };
        let field_type = match presence {
            FieldPresence::Required
            | FieldPresence::AutoFilled
            | FieldPresence::ReceivedCollection => value.clone(),
            FieldPresence::Optional
            | FieldPresence::NullWhenNone
            | FieldPresence::ReceivedOption
            | FieldPresence::ReceivedNumber => {
                quote!(Option<#value>)
            }
            FieldPresence::Nullable => quote!(crate::types::Nullable<#value>),
        };
        let array = matches!(service.resolve(&field.ty), Ty::Array(_));
        Self {
            model: field,
            ident: snake(&field.wire),
            value,
            field_type,
            presence,
            setter,
            array,
            sent: usage == Usage::Request,
            bit: 0,
        }
    }

    /// Whether it is a constructor argument. A nullable required field is one too, so that null is
    /// never sent unless the caller passes `None`.
    fn is_argument(&self) -> bool {
        match self.presence {
            FieldPresence::Required => !self.array,
            FieldPresence::NullWhenNone => self.sent,
            _ => false,
        }
    }

    /// Whether the constructor sets an initial value (`x-globus-initial`).
    fn is_initial(&self) -> bool {
        self.model.initial.is_some()
    }

    /// The type of the constructor argument, and the expression that stores it.
    fn argument(&self) -> (TokenStream, TokenStream) {
        match self.presence {
            FieldPresence::NullWhenNone => (self.field_type.clone(), quote!(value)),
            _ => self.setter.clone(),
        }
    }
}

fn definition(
    ident: &Ident,
    structure: &Struct,
    fields: &[FieldEmitter<'_>],
    presence: Option<usize>,
) -> TokenStream {
    let doc = docs::text(&structure.doc);
    let lines = fields.iter().map(|field| {
        let doc = docs::text(&field.model.doc);
        let (name, field_type) = (&field.ident, &field.field_type);
        quote! { #doc pub #name: #field_type, }
    });
    let presence = presence.map(|bytes| quote!(presence: crate::types::Presence<#bytes>,));
    let default = (has_default(structure, fields) && !fields.iter().any(FieldEmitter::is_initial))
        .then(|| quote!(, Default));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq #default)]
        #[non_exhaustive]
        pub struct #ident {
            #(#lines)*
            #[doc = " What came, or is to be sent, beside the documented fields."]
            pub extra: crate::types::ExtraFields,
            #presence
        }
    }
}

/// Whether a document can be created without arguments.
fn has_default(structure: &Struct, fields: &[FieldEmitter<'_>]) -> bool {
    structure.usage == Usage::Request && !fields.iter().any(FieldEmitter::is_argument)
}

/// The optional tags of a response with their first `Presence` bits: a tag is only written back if
/// it was received.
fn optional_tags(structure: &Struct) -> impl Iterator<Item = (&Tag, usize)> {
    let optional = structure
        .tags
        .iter()
        .filter(|tag| structure.usage == Usage::Response && !tag.required);
    optional.enumerate().map(|(i, tag)| (tag, i * 2))
}

fn tag_bit(structure: &Struct, tag: &Tag) -> Option<usize> {
    let found = optional_tags(structure).find(|(optional, _)| optional.wire == tag.wire);
    found.map(|(_, bit)| bit)
}

fn methods(ident: &Ident, structure: &Struct, fields: &[FieldEmitter<'_>]) -> TokenStream {
    let tags = structure.tags.iter().map(|tag| {
        let (name, value) = (shouty_snake(&tag.wire), &tag.value);
        let doc = docs::text(&format!("The `{}` of this document.", tag.wire));
        quote! { #doc pub const #name: &'static str = #value; }
    });
    let mut out = quote! { #(#tags)* };
    if structure.usage == Usage::Request {
        out.extend(constructor(fields));
        // constructor arguments need no setter: the fields are public
        let settable = fields.iter().filter(|field| !field.is_argument());
        settable.for_each(|field| out.extend(setters(field)));
    }
    if out.is_empty() {
        return out;
    }
    let default = (has_default(structure, fields) && fields.iter().any(FieldEmitter::is_initial))
        .then(|| {
            quote! {
                impl Default for #ident {
                    fn default() -> Self {
                        Self::new()
                    }
                }
            }
        });
    quote! { impl #ident { #out } #default }
}

fn constructor(fields: &[FieldEmitter<'_>]) -> TokenStream {
    let arguments = fields
        .iter()
        .filter(|field| field.is_argument())
        .map(|field| {
            let (name, (takes, _)) = (&field.ident, field.argument());
            quote!(#name: #takes)
        });
    let lines = fields.iter().map(|field| {
        let name = &field.ident;
        if field.is_argument() {
            let (_, store) = field.argument();
            quote!(#name: { let value = #name; #store })
        } else if let Some(initial) = &field.model.initial {
            let value = &field.value;
            quote!(#name: Some(#value::from(#initial)))
        } else {
            quote!(#name: Default::default())
        }
    });
    quote! {
        #[doc = " A document with what it must hold; the rest is unset, and not sent."]
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#lines,)* extra: Default::default() }
        }
    }
}

fn setters(field: &FieldEmitter<'_>) -> TokenStream {
    let name = &field.ident;
    let (takes, store) = &field.setter;
    let doc = docs::text(&field.model.doc);
    let deprecated = field.model.deprecated.then(|| quote!(#[deprecated]));
    let stored = match field.presence {
        FieldPresence::Required | FieldPresence::AutoFilled | FieldPresence::ReceivedCollection => {
            quote!(#store)
        }
        FieldPresence::Optional
        | FieldPresence::NullWhenNone
        | FieldPresence::ReceivedOption
        | FieldPresence::ReceivedNumber => {
            quote!(Some(#store))
        }
        FieldPresence::Nullable => quote!(crate::types::Nullable::Value(#store)),
    };
    let mut out = quote! {
        #doc
        #deprecated
        #[must_use]
        pub fn #name(mut self, value: #takes) -> Self {
            self.#name = #stored;
            self
        }
    };
    if field.presence == FieldPresence::Nullable {
        let clear = format_ident!("clear_{}", name.to_string().trim_start_matches("r#"));
        let doc = docs::text(&format!(
            "Sends null for `{}`, which removes it.",
            field.model.wire
        ));
        out.extend(quote! {
            #doc
            #[must_use]
            pub fn #clear(mut self) -> Self {
                self.#name = crate::types::Nullable::Null;
                self
            }
        });
    }
    out
}

fn serialize_impl(
    ident: &Ident,
    structure: &Struct,
    fields: &[FieldEmitter<'_>],
    null: Option<usize>,
) -> TokenStream {
    let null = null.map(|bit| {
        let unset = fields.iter().map(|field| {
            let name = &field.ident;
            match field.presence {
                FieldPresence::ReceivedCollection => quote!(self.#name.is_empty()),
                _ => quote!(self.#name.is_none()),
            }
        });
        quote! {
            if self.presence.is_null(#bit) && self.extra.is_empty() #(&& #unset)* {
                return serializer.serialize_unit();
            }
        }
    });
    let tags = structure.tags.iter().map(|tag| {
        let (wire, value) = (&tag.wire, &tag.value);
        match tag_bit(structure, tag) {
            Some(bit) => quote!(self.presence.write_tag(&mut map, #wire, #value, #bit)?;),
            None => quote!(map.serialize_entry(#wire, #value)?;),
        }
    });
    let lines = fields.iter().map(|field| {
        let (name, wire, bit) = (&field.ident, &field.model.wire, field.bit);
        match field.presence {
            FieldPresence::Required | FieldPresence::NullWhenNone => quote!(map.serialize_entry(#wire, &self.#name)?;),
            FieldPresence::Optional => quote! {
                if let Some(value) = &self.#name { map.serialize_entry(#wire, value)?; }
            },
            FieldPresence::Nullable => quote! {
                if let Some(value) = self.#name.sent() { map.serialize_entry(#wire, &value)?; }
            },
            FieldPresence::AutoFilled => quote! {
                if self.#name.is_set() { map.serialize_entry(#wire, &self.#name)?; }
            },
            FieldPresence::ReceivedOption => quote!(self.presence.write(&mut map, #wire, &self.#name, #bit)?;),
            FieldPresence::ReceivedNumber => {
                quote!(self.presence.write_number(&mut map, #wire, self.#name, #bit)?;)
            }
            FieldPresence::ReceivedCollection => quote! {
                self.presence.write_collection(&mut map, #wire, &self.#name, self.#name.is_empty(), #bit)?;
            },
        }
    });
    quote! {
        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                #null
                let mut map = serializer.serialize_map(None)?;
                #(#tags)*
                #(#lines)*
                for (key, value) in self.extra.iter() {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

fn deserialize_impl(
    name: &str,
    ident: &Ident,
    structure: &Struct,
    fields: &[FieldEmitter<'_>],
    presence: Option<usize>,
    null: Option<usize>,
) -> TokenStream {
    let article = if name.starts_with(['A', 'E', 'I', 'O']) {
        "an"
    } else {
        "a"
    };
    let expecting = match structure.tags.iter().find(|t| t.wire == "DATA_TYPE") {
        Some(tag) => format!("{article} {name} document (DATA_TYPE {})", tag.value),
        None => format!("{article} {name} document"),
    };
    let declare = fields.iter().map(|field| {
        let (local, value) = (local_name(&field.ident), &field.value);
        match field.presence {
            FieldPresence::Nullable => {
                quote!(let mut #local = crate::types::Nullable::<#value>::Absent;)
            }
            _ => quote!(let mut #local: Option<#value> = None;),
        }
    });
    let arms = fields.iter().map(|field| {
        let (local, wire, bit) = (local_name(&field.ident), &field.model.wire, field.bit);
        match field.presence {
            FieldPresence::Required | FieldPresence::AutoFilled => {
                quote!(#wire => #local = Some(map.next_value()?),)
            }
            FieldPresence::ReceivedOption | FieldPresence::ReceivedCollection => {
                quote!(#wire => #local = presence.read(&mut map, #bit)?,)
            }
            FieldPresence::ReceivedNumber => {
                quote!(#wire => #local = presence.read_number(&mut map, #bit)?,)
            }
            _ => quote!(#wire => #local = map.next_value()?,),
        }
    });
    let tag_locals = structure.tags.iter().map(|tag| {
        let seen = format_ident!("has_{}", snake(&tag.wire));
        quote!(let mut #seen = false;)
    });
    let tag_arms = structure.tags.iter().map(|tag| {
        let (wire, value) = (&tag.wire, &tag.value);
        let seen = format_ident!("has_{}", snake(wire));
        match tag_bit(structure, tag) {
            Some(bit) => {
                quote!(#wire => #seen = presence.read_tag(&mut map, #wire, #value, #bit)?,)
            }
            None => quote!(#wire => #seen = crate::types::decode::tag(&mut map, #wire, #value)?,),
        }
    });
    let tag_checks = structure.tags.iter().map(|tag| {
        let (wire, value) = (&tag.wire, &tag.value);
        let seen = format_ident!("has_{}", snake(wire));
        if tag.required {
            quote!(crate::types::decode::tagged_as(#seen, #wire, #value)?;)
        } else {
            match tag_bit(structure, tag) {
                Some(bit) => quote!(presence.tag(#seen, #bit);),
                None => quote!(let _ = #seen;),
            }
        }
    });
    let build = fields.iter().map(|field| {
        let (name, local, wire) = (&field.ident, local_name(&field.ident), &field.model.wire);
        match field.presence {
            FieldPresence::Required => {
                quote!(#name: crate::types::decode::required(#local, #wire)?)
            }
            FieldPresence::AutoFilled => quote!(#name: #local.unwrap_or_default()),
            FieldPresence::ReceivedCollection => {
                let bit = field.bit;
                quote!(#name: presence.collection(#local, #bit))
            }
            _ => quote!(#name: #local),
        }
    });
    let declare_presence =
        presence.map(|bytes| quote!(let mut presence = crate::types::Presence::<#bytes>::new();));
    let presence = presence.map(|_| quote!(presence,));
    let visit = quote! {
        fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> Result<#ident, A::Error> {
            #(#declare)*
            #(#tag_locals)*
            #declare_presence
            let mut extra = crate::types::ExtraFields::default();
            while let Some(key) = map.next_key::<crate::types::decode::Key<'de>>()? {
                match &*key {
                    #(#tag_arms)*
                    #(#arms)*
                    _ => extra.keep(key, map.next_value()?),
                }
            }
            #(#tag_checks)*
            Ok(#ident { #(#build,)* extra, #presence })
        }
    };
    let Some(null) = null else {
        return deserialize(ident, &expecting, &quote!(deserialize_map), &visit);
    };
    let visit = quote! {
        #visit
        fn visit_unit<E: ::serde::de::Error>(self) -> Result<#ident, E> {
            let mut document = self.visit_map(crate::types::decode::no_fields())?;
            document.presence.set_null(#null);
            Ok(document)
        }
    };
    deserialize(ident, &expecting, &quote!(deserialize_any), &visit)
}

/// A local variable that cannot shadow those of the visitor (`map`, `key`, `extra`).
fn local_name(field: &Ident) -> Ident {
    format_ident!("f_{}", field.to_string().trim_start_matches("r#"))
}
