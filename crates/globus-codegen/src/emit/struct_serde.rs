//! `Serialize` and `Deserialize` of documents: see [`structs`](super::structs) for why they are not
//! derived.

use super::deserialize;
use super::structs::{FieldEmitter, FieldPresence, tag_bit};
use crate::model::Struct;
use crate::naming::snake;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn serialize_impl(
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

pub(super) fn deserialize_impl(
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
    let locals = declare_locals(fields);
    let arms = field_arms(fields);
    let tag_locals = structure.tags.iter().map(|tag| {
        let seen = format_ident!("has_{}", snake(&tag.wire));
        quote!(let mut #seen = false;)
    });
    let tag_arms = tag_arms(structure);
    let tag_checks = tag_checks(structure);
    let build = build_fields(fields);
    let declare_presence =
        presence.map(|bytes| quote!(let mut presence = crate::types::Presence::<#bytes>::new();));
    let presence = presence.map(|_| quote!(presence,));
    let visit = quote! {
        fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> Result<#ident, A::Error> {
            #(#locals)*
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
    // `deserialize_any` accepts null too, but gives up serde's hint that a map follows, so it is used
    // only where null can occur
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

/// Declares a local variable per field.
fn declare_locals(fields: &[FieldEmitter<'_>]) -> Vec<TokenStream> {
    // One local per field, filled in the order in which keys arrive. `Option` tells a missing required
    // field from a received one; only `Nullable` decodes null itself.
    fields
        .iter()
        .map(|field| {
            let (local, value) = (local_name(&field.ident), &field.value);
            match field.presence {
                FieldPresence::Nullable => {
                    quote!(let mut #local = crate::types::Nullable::<#value>::Absent;)
                }
                _ => quote!(let mut #local: Option<#value> = None;),
            }
        })
        .collect()
}

/// The match arms that decode fields.
fn field_arms(fields: &[FieldEmitter<'_>]) -> Vec<TokenStream> {
    fields
        .iter()
        .map(|field| {
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
        })
        .collect()
}

/// The match arms that check tags.
fn tag_arms(structure: &Struct) -> Vec<TokenStream> {
    // A tag is compared and not stored. Optional ones of a response keep a bit, so that a document
    // received without `DATA_TYPE` is written back without it.
    structure
        .tags
        .iter()
        .map(|tag| {
            let (wire, value) = (&tag.wire, &tag.value);
            let seen = format_ident!("has_{}", snake(wire));
            match tag_bit(structure, tag) {
                Some(bit) => {
                    quote!(#wire => #seen = presence.read_tag(&mut map, #wire, #value, #bit)?,)
                }
                None => {
                    quote!(#wire => #seen = crate::types::decode::tag(&mut map, #wire, #value)?,)
                }
            }
        })
        .collect()
}

/// The statements that check, after the last key, which tags were received.
fn tag_checks(structure: &Struct) -> Vec<TokenStream> {
    structure
        .tags
        .iter()
        .map(|tag| {
            let (wire, value) = (&tag.wire, &tag.value);
            let seen = format_ident!("has_{}", snake(wire));
            if tag.required {
                quote!(crate::types::decode::tagged_as(#seen, #wire, #value)?;)
            } else {
                match tag_bit(structure, tag) {
                    Some(bit) => quote!(presence.tag(#seen, #bit);),
                    // a request always writes its tags, so there is nothing to record
                    None => quote!(let _ = #seen;),
                }
            }
        })
        .collect()
}

/// The struct expression's fields.
fn build_fields(fields: &[FieldEmitter<'_>]) -> Vec<TokenStream> {
    fields
        .iter()
        .map(|field| {
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
        })
        .collect()
}

/// A local variable that cannot shadow those of the visitor (`map`, `key`, `extra`).
fn local_name(field: &Ident) -> Ident {
    format_ident!("f_{}", field.to_string().trim_start_matches("r#"))
}
