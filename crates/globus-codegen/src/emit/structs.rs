//! Documents: a struct with a lossless `Serialize` and `Deserialize`.
//!
//! serde's derive could keep unknown fields with `flatten`, but that buffers every document. The
//! generated visitor matches the known names and keeps the rest, which costs nothing extra, checks
//! the tags on the way, and distinguishes absent from null: in a request by the three-state
//! `Nullable`, in a response by a bit in `Presence`, so that fields that are only read stay an
//! `Option` or a list.
//!
//! ```text
//! model::Field ─▶ FieldEmitter ─┬▶ definition     pub note: Option<String>
//!  required,      FieldPresence ├▶ constructor    fn new(id: Uuid)
//!  nullable,      Presence bit  ├▶ setters        fn note(self, …), fn clear_note(self)
//!  usage                        ├▶ Serialize      presence.write(…, &self.note, bit)
//!                               └▶ Deserialize    "note" => presence.read(…, bit)
//! ```

use super::struct_serde::{deserialize_impl, serialize_impl};
use super::{docs, rust_type, setter_argument};
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
    // Some services write null for a map's value that has nothing to say (a policy without fields). It
    // decodes as an empty document, and one more bit makes it encode as null again.
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
pub(super) enum FieldPresence {
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
            Self::ReceivedNumber | Self::ReceivedCollection => 2,
            // in a request, the field's type alone says whether it is sent
            _ => 0,
        }
    }
}

pub(super) struct FieldEmitter<'a> {
    pub(super) model: &'a Field,
    pub(super) ident: Ident,
    /// The type of the value itself.
    pub(super) value: TokenStream,
    /// The type of the struct's field.
    pub(super) field_type: TokenStream,
    pub(super) presence: FieldPresence,
    pub(super) setter: (TokenStream, TokenStream),
    pub(super) array: bool,
    pub(super) sent: bool,
    /// The index of its first `Presence` bit.
    pub(super) bit: usize,
}

impl<'a> FieldEmitter<'a> {
    fn new(service: &Service, field: &'a Field, usage: Usage) -> Self {
        let prefix = TokenStream::new();
        let mut value = rust_type(service, &field.ty, &prefix);
        let mut setter = setter_argument(service, &field.ty, &prefix);
        // only the field that closes a cycle is boxed, and setters still take the plain value
        if field.boxed {
            value = quote!(Box<#value>);
            let store = &setter.1;
            setter.1 = quote!(Box::new(#store));
        }
        let presence = match (usage, field.required, field.nullable) {
            _ if field.auto_filled => FieldPresence::AutoFilled,
            // a required response field is never nullable: `read::required` has rejected that
            (_, true, false) => FieldPresence::Required,
            (Usage::Response, _, _) => match service.resolve(&field.ty) {
                Ty::Array(_) | Ty::Map(_) => FieldPresence::ReceivedCollection,
                // serde_json writes 1.0 for 1; the original form is kept for a lossless round trip
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
            // an array grows by setters or `push`, and an empty one is a valid start
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
    // with initial values, `Default` has to call `new` instead: see `methods`
    let default = (has_default(structure, fields) && !fields.iter().any(FieldEmitter::is_initial))
        .then(|| quote!(, Default));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq #default)]
        #[non_exhaustive]
        pub struct #ident {
            #(#lines)*
            #[doc = " Undocumented fields, as received or to be sent."]
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

pub(super) fn tag_bit(structure: &Struct, tag: &Tag) -> Option<usize> {
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
        #[doc = " Creates a document with its required fields. All others are unset and not sent."]
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#lines,)* extra: Default::default() }
        }
    }
}

fn setters(field: &FieldEmitter<'_>) -> TokenStream {
    let name = &field.ident;
    let (takes, store) = &field.setter;
    // the public field has the whole description
    let doc = docs::summary(&field.model.doc);
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
            "Sends null for `{}`, which clears it.",
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
