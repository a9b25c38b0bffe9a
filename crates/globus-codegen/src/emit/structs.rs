//! Documents: a struct, and a `Serialize` and `Deserialize` that lose nothing.
//!
//! serde's derive could do it with `flatten`, which buffers every document that it reads. Matching
//! the known names by hand and keeping the rest costs nothing, checks the tags on the way, and
//! tells absent from null: in a request by a type of three states, in a response by a bit beside the
//! fields, so that what is only read stays an `Option` or a list.

use super::{deserialize, docs, rust_type, setter};
use crate::model::{Field, Role, Service, Struct, Tag, Ty};
use crate::naming::{pascal, shouty, snake};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn structure(service: &Service, name: &str, structure: &Struct) -> TokenStream {
    if structure.role == Role::Unused {
        return TokenStream::new();
    }
    let ident = pascal(name);
    // bits of the presence, two for each tag
    let mut bits = optional_tags(structure).count() * 2;
    let mut fields = Vec::new();
    for field in &structure.fields {
        let mut shaped = Shaped::new(service, field, structure.role);
        shaped.bit = bits;
        bits += shaped.holding.bits();
        fields.push(shaped);
    }
    let null = (structure.role == Role::Response && structure.of_map && structure.needs_nothing())
        .then_some(bits);
    bits += usize::from(null.is_some());
    let presence = (bits > 0).then(|| bits.div_ceil(8));
    let definition = definition(&ident, structure, &fields, presence);
    let methods = methods(&ident, structure, &fields);
    let serialize = serialize(&ident, structure, &fields, null);
    let deserialize = decoder(name, &ident, structure, &fields, presence, null);
    quote! { #definition #methods #serialize #deserialize }
}

/// The type of the struct's field, and whether the constructor asks for it.
pub(super) fn held(service: &Service, field: &Field, role: Role) -> (TokenStream, bool) {
    let shaped = Shaped::new(service, field, role);
    let asked = shaped.asked();
    (shaped.held, asked)
}

/// How a field is held.
#[derive(Clone, Copy, PartialEq)]
enum Holding {
    /// Always there.
    Plain,
    /// `Option`; absent when `None`.
    Optional,
    /// `Option`; null when `None`.
    OrNull,
    /// `Nullable`: absent, null or a value.
    ThreeState,
    /// A hand-written type with an unset state of its own.
    Filled,
    /// Received as `Option`; whether a `None` was a null is noted.
    Noted,
    /// The same of a number, of which is noted, too, whether it had a fraction.
    Number,
    /// Received as list or map, which is empty when absent or null; which of them is noted.
    Collection,
}

impl Holding {
    /// How many bits of the presence it takes.
    fn bits(self) -> usize {
        match self {
            Self::Noted => 1,
            Self::Number | Self::Collection => 2,
            _ => 0,
        }
    }
}

struct Shaped<'a> {
    field: &'a Field,
    ident: Ident,
    /// The type of the value itself.
    value: TokenStream,
    /// The type of the struct's field.
    held: TokenStream,
    holding: Holding,
    setter: (TokenStream, TokenStream),
    array: bool,
    sent: bool,
    /// The first of its bits.
    bit: usize,
}

impl<'a> Shaped<'a> {
    fn new(service: &Service, field: &'a Field, role: Role) -> Self {
        let prefix = TokenStream::new();
        let mut value = rust_type(service, &field.ty, &prefix);
        let mut setter = setter(service, &field.ty, &prefix);
        if field.boxed {
            value = quote!(Box<#value>);
            let store = &setter.1;
            setter.1 = quote!(Box::new(#store));
        }
        let holding = match (role, field.required, field.nullable) {
            _ if field.filled => Holding::Filled,
            (_, true, false) => Holding::Plain,
            (Role::Response, _, _) => match service.resolve(&field.ty) {
                Ty::Array(_) | Ty::Map(_) => Holding::Collection,
                Ty::Float => Holding::Number,
                _ => Holding::Noted,
            },
            (_, false, true) => Holding::ThreeState,
            (_, false, false) => Holding::Optional,
            (_, true, true) => Holding::OrNull,
        };
        let held = match holding {
            Holding::Plain | Holding::Filled | Holding::Collection => value.clone(),
            Holding::Optional | Holding::OrNull | Holding::Noted | Holding::Number => {
                quote!(Option<#value>)
            }
            Holding::ThreeState => quote!(crate::types::Nullable<#value>),
        };
        let array = matches!(service.resolve(&field.ty), Ty::Array(_));
        Self {
            field,
            ident: snake(&field.wire),
            value,
            held,
            holding,
            setter,
            array,
            sent: role == Role::Request,
            bit: 0,
        }
    }

    /// Whether the constructor asks for it. A null is never sent unless the caller says so.
    fn asked(&self) -> bool {
        match self.holding {
            Holding::Plain => !self.array,
            Holding::OrNull => self.sent,
            _ => false,
        }
    }

    /// Whether the constructor sets it by itself.
    fn is_initial(&self) -> bool {
        self.field.initial.is_some()
    }

    /// What the constructor takes, and the expression that stores it.
    fn argument(&self) -> (TokenStream, TokenStream) {
        match self.holding {
            Holding::OrNull => (self.held.clone(), quote!(value)),
            _ => self.setter.clone(),
        }
    }
}

fn definition(
    ident: &Ident,
    structure: &Struct,
    fields: &[Shaped<'_>],
    presence: Option<usize>,
) -> TokenStream {
    let doc = docs::text(&structure.doc);
    let lines = fields.iter().map(|shaped| {
        let doc = docs::text(&shaped.field.doc);
        let (name, held) = (&shaped.ident, &shaped.held);
        quote! { #doc pub #name: #held, }
    });
    let presence = presence.map(|bytes| quote!(presence: crate::types::Presence<#bytes>,));
    let default = (has_default(structure, fields) && !fields.iter().any(Shaped::is_initial))
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

/// Whether a document can be made of nothing.
fn has_default(structure: &Struct, fields: &[Shaped<'_>]) -> bool {
    structure.role == Role::Request && !fields.iter().any(Shaped::asked)
}

/// Tags of a received document that may be left out, with the first of their bits each: they are
/// written again as they came.
fn optional_tags(structure: &Struct) -> impl Iterator<Item = (&Tag, usize)> {
    let optional = structure
        .tags
        .iter()
        .filter(|tag| structure.role == Role::Response && !tag.required);
    optional.enumerate().map(|(i, tag)| (tag, i * 2))
}

fn bit_of(structure: &Struct, tag: &Tag) -> Option<usize> {
    let found = optional_tags(structure).find(|(optional, _)| optional.wire == tag.wire);
    found.map(|(_, bit)| bit)
}

fn methods(ident: &Ident, structure: &Struct, fields: &[Shaped<'_>]) -> TokenStream {
    let tags = structure.tags.iter().map(|tag| {
        let (name, value) = (shouty(&tag.wire), &tag.value);
        let doc = docs::text(&format!("The `{}` of this document.", tag.wire));
        quote! { #doc pub const #name: &'static str = #value; }
    });
    let mut out = quote! { #(#tags)* };
    if structure.role == Role::Request {
        out.extend(constructor(fields));
        // what the constructor asks for needs no setter: the fields are public
        let unasked = fields.iter().filter(|shaped| !shaped.asked());
        unasked.for_each(|shaped| out.extend(setters(shaped)));
    }
    if out.is_empty() {
        return out;
    }
    let default =
        (has_default(structure, fields) && fields.iter().any(Shaped::is_initial)).then(|| {
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

fn constructor(fields: &[Shaped<'_>]) -> TokenStream {
    let asked = fields.iter().filter(|shaped| shaped.asked()).map(|shaped| {
        let (name, (takes, _)) = (&shaped.ident, shaped.argument());
        quote!(#name: #takes)
    });
    let lines = fields.iter().map(|shaped| {
        let name = &shaped.ident;
        if shaped.asked() {
            let (_, store) = shaped.argument();
            quote!(#name: { let value = #name; #store })
        } else if let Some(initial) = &shaped.field.initial {
            let value = &shaped.value;
            quote!(#name: Some(#value::from(#initial)))
        } else {
            quote!(#name: Default::default())
        }
    });
    quote! {
        #[doc = " A document with what it must hold; the rest is unset, and not sent."]
        pub fn new(#(#asked),*) -> Self {
            Self { #(#lines,)* extra: Default::default() }
        }
    }
}

fn setters(shaped: &Shaped<'_>) -> TokenStream {
    let name = &shaped.ident;
    let (takes, store) = &shaped.setter;
    let doc = docs::text(&shaped.field.doc);
    let deprecated = shaped.field.deprecated.then(|| quote!(#[deprecated]));
    let stored = match shaped.holding {
        Holding::Plain | Holding::Filled | Holding::Collection => quote!(#store),
        Holding::Optional | Holding::OrNull | Holding::Noted | Holding::Number => {
            quote!(Some(#store))
        }
        Holding::ThreeState => quote!(crate::types::Nullable::Value(#store)),
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
    if shaped.holding == Holding::ThreeState {
        let clear = format_ident!("clear_{}", name.to_string().trim_start_matches("r#"));
        let doc = docs::text(&format!(
            "Sends null for `{}`, which removes it.",
            shaped.field.wire
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

fn serialize(
    ident: &Ident,
    structure: &Struct,
    fields: &[Shaped<'_>],
    null: Option<usize>,
) -> TokenStream {
    let null = null.map(|bit| {
        let unset = fields.iter().map(|shaped| {
            let name = &shaped.ident;
            match shaped.holding {
                Holding::Collection => quote!(self.#name.is_empty()),
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
        match bit_of(structure, tag) {
            Some(bit) => quote!(self.presence.write_tag(&mut map, #wire, #value, #bit)?;),
            None => quote!(map.serialize_entry(#wire, #value)?;),
        }
    });
    let lines = fields.iter().map(|shaped| {
        let (name, wire, bit) = (&shaped.ident, &shaped.field.wire, shaped.bit);
        match shaped.holding {
            Holding::Plain | Holding::OrNull => quote!(map.serialize_entry(#wire, &self.#name)?;),
            Holding::Optional => quote! {
                if let Some(value) = &self.#name { map.serialize_entry(#wire, value)?; }
            },
            Holding::ThreeState => quote! {
                if let Some(value) = self.#name.sent() { map.serialize_entry(#wire, &value)?; }
            },
            Holding::Filled => quote! {
                if self.#name.is_set() { map.serialize_entry(#wire, &self.#name)?; }
            },
            Holding::Noted => quote!(self.presence.write(&mut map, #wire, &self.#name, #bit)?;),
            Holding::Number => {
                quote!(self.presence.write_number(&mut map, #wire, self.#name, #bit)?;)
            }
            Holding::Collection => quote! {
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

fn decoder(
    name: &str,
    ident: &Ident,
    structure: &Struct,
    fields: &[Shaped<'_>],
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
    let declare = fields.iter().map(|shaped| {
        let (local, value) = (local(&shaped.ident), &shaped.value);
        match shaped.holding {
            Holding::ThreeState => {
                quote!(let mut #local = crate::types::Nullable::<#value>::Absent;)
            }
            _ => quote!(let mut #local: Option<#value> = None;),
        }
    });
    let arms = fields.iter().map(|shaped| {
        let (local, wire, bit) = (local(&shaped.ident), &shaped.field.wire, shaped.bit);
        match shaped.holding {
            Holding::Plain | Holding::Filled => quote!(#wire => #local = Some(map.next_value()?),),
            Holding::Noted | Holding::Collection => {
                quote!(#wire => #local = presence.read(&mut map, #bit)?,)
            }
            Holding::Number => quote!(#wire => #local = presence.read_number(&mut map, #bit)?,),
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
        match bit_of(structure, tag) {
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
            match bit_of(structure, tag) {
                Some(bit) => quote!(presence.tag(#seen, #bit);),
                None => quote!(let _ = #seen;),
            }
        }
    });
    let build = fields.iter().map(|shaped| {
        let (name, local, wire) = (&shaped.ident, local(&shaped.ident), &shaped.field.wire);
        match shaped.holding {
            Holding::Plain => quote!(#name: crate::types::decode::required(#local, #wire)?),
            Holding::Filled => quote!(#name: #local.unwrap_or_default()),
            Holding::Collection => {
                let bit = shaped.bit;
                quote!(#name: presence.collection(#local, #bit))
            }
            _ => quote!(#name: #local),
        }
    });
    let noted =
        presence.map(|bytes| quote!(let mut presence = crate::types::Presence::<#bytes>::new();));
    let presence = presence.map(|_| quote!(presence,));
    let visit = quote! {
        fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> Result<#ident, A::Error> {
            #(#declare)*
            #(#tag_locals)*
            #noted
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

/// A local that no field's name can shadow (`map`, `key`, `extra`).
fn local(field: &Ident) -> Ident {
    format_ident!("f_{}", field.to_string().trim_start_matches("r#"))
}
