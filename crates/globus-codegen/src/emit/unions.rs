//! Emits `oneOf` as an enum, distinguished by a tag or by the JSON type.

use super::{deserialize, docs, rust_type};
use crate::model::{JsonKind, Service, Union, UntaggedUnion};
use crate::naming::pascal;
use proc_macro2::TokenStream;
use quote::quote;

/// A known tag decodes into its variant or fails; only an unknown tag becomes `Other`.
pub(super) fn tagged(name: &str, union: &Union) -> TokenStream {
    let ident = pascal(name);
    let doc = docs::text(&union.doc);
    let tag = &union.tag;
    let expecting = format!("a {name} document with a {tag}");
    // several tag values may select one schema, which is still a single variant
    let mut types: Vec<_> = Vec::new();
    for (_, variant) in &union.variants {
        let variant = pascal(variant);
        if !types.contains(&variant) {
            types.push(variant);
        }
    }
    let variant_docs = types.iter().map(|t| docs::text(&format!("A `{t}`.")));
    let arms = union.variants.iter().map(|(value, variant)| {
        let variant = pascal(variant);
        quote!(#value => ::serde::Deserialize::deserialize(document).map(#ident::#variant))
    });
    // `decode::tagged` reads on until the tag and replays the keys before it. serde's own tagged enums
    // buffer the whole document, and its untagged ones would hide the error of a known tag with a
    // broken body behind "no variant matched".
    let visit = quote! {
        fn visit_map<A: ::serde::de::MapAccess<'de>>(self, map: A) -> Result<#ident, A::Error> {
            let (tag, document) = crate::types::decode::tagged(map, #tag)?;
            match &*tag {
                #(#arms,)*
                _ => ::serde::Deserialize::deserialize(document).map(#ident::Other),
            }
        }
    };
    let deserialize = deserialize(&ident, &expecting, &quote!(deserialize_map), &visit);
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #ident {
            #(#variant_docs #types(#types),)*
            #[doc = " A variant that this version does not know, as received."]
            Other(crate::types::ExtraFields),
        }
        #(impl From<#types> for #ident {
            fn from(value: #types) -> Self { Self::#types(value) }
        })*
        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(Self::#types(value) => value.serialize(serializer),)*
                    Self::Other(value) => value.serialize(serializer),
                }
            }
        }
        #deserialize
    }
}

/// A union without a tag: each variant is named after its JSON type.
pub(super) fn untagged(service: &Service, name: &str, union: &UntaggedUnion) -> TokenStream {
    let ident = pascal(name);
    let doc = docs::text(&union.doc);
    let prefix = TokenStream::new();
    let expecting = format!("a {name}");
    let mut names = Vec::new();
    let mut types = Vec::new();
    let mut visits = TokenStream::new();
    // The JSON type of the value picks the variant, so each variant needs only the visitor methods of
    // its type, and an error is that of the one variant that could have matched.
    for (kind, ty) in &union.variants {
        let ty = rust_type(service, ty, &prefix);
        let variant = pascal(&format!("{kind:?}"));
        visits.extend(visit_method(*kind, &quote!(#ident::#variant)));
        names.push(variant);
        types.push(ty);
    }
    let variant_docs = union
        .variants
        .iter()
        .map(|(kind, _)| docs::text(&format!("When the JSON is {}.", kind_with_article(*kind))));
    let deserialize = deserialize(&ident, &expecting, &quote!(deserialize_any), &visits);
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #ident { #(#variant_docs #names(#types),)* }
        #(impl From<#types> for #ident {
            fn from(value: #types) -> Self { Self::#names(value) }
        })*
        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { #(Self::#names(value) => value.serialize(serializer),)* }
            }
        }
        #deserialize
    }
}

fn kind_with_article(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::Object => "an object",
        JsonKind::Array => "an array",
        JsonKind::String => "a string",
        JsonKind::Number => "a number",
        JsonKind::Bool => "true or false",
    }
}

fn visit_method(kind: JsonKind, variant: &TokenStream) -> TokenStream {
    let scalar = |method: TokenStream, ty: TokenStream| {
        quote! {
            fn #method<E: ::serde::de::Error>(self, value: #ty) -> Result<Self::Value, E> {
                ::serde::Deserialize::deserialize(::serde::de::IntoDeserializer::<E>::into_deserializer(value)).map(#variant)
            }
        }
    };
    match kind {
        JsonKind::Object => quote! {
            fn visit_map<A: ::serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                ::serde::Deserialize::deserialize(::serde::de::value::MapAccessDeserializer::new(map)).map(#variant)
            }
        },
        JsonKind::Array => quote! {
            fn visit_seq<A: ::serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                ::serde::Deserialize::deserialize(::serde::de::value::SeqAccessDeserializer::new(seq)).map(#variant)
            }
        },
        JsonKind::String => scalar(quote!(visit_str), quote!(&str)),
        JsonKind::Bool => scalar(quote!(visit_bool), quote!(bool)),
        // a JSON parser calls the method of the number's form, whatever the schema says
        JsonKind::Number => {
            let mut out = scalar(quote!(visit_i64), quote!(i64));
            out.extend(scalar(quote!(visit_u64), quote!(u64)));
            out.extend(scalar(quote!(visit_f64), quote!(f64)));
            out
        }
    }
}
