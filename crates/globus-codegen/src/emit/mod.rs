//! Emits Rust from the model: types, then the engine, then one builder per operation.
//!
//! ```text
//! mod <service> {
//!     Client            methods ─▶ builders::TaskList      builders.rs
//!     mod types         TaskListResponse, Task, …          structs.rs enums.rs unions.rs
//!     mod builders      TaskList { call, limit, … }        builders.rs paging.rs
//!         .request() ─▶ engine::Client::task_list(…)       a request that is not sent
//!     mod scopes        ALL                                mod.rs
//!     mod operations    TASK_LIST: retry, scopes, …        operation_table.rs
//!     mod engine        progenitor's output                ../engine.rs
//! }
//! ```

mod builders;
mod docs;
mod enums;
mod markdown;
mod operation_table;
mod paging;
pub(crate) mod schemas;
mod struct_serde;
mod structs;
mod unions;

use crate::engine::Engine;
use crate::model::{Field, Service, Ty, TypeDef, Usage};
use crate::naming::{pascal, shouty_snake};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// Everything generated from one spec: the contents of the module `crate::generated::<service>`.
pub(crate) fn service(service: &Service, engine: &Engine) -> TokenStream {
    let types = types(service);
    let builders = builders::all(service, engine);
    let methods = builders::methods(service);
    let table = operation_table::operations(service);
    let scopes = scopes(service);
    let engine = &engine.code;
    let about = operation_table::service_static(service);
    let client_doc = docs::client(service);
    quote! {
        #client_doc
        #[derive(Clone)]
        pub struct Client {
            pub(crate) core: crate::client::Core,
        }
        crate::client::service!(Client, SERVICE);
        impl Client { #methods }

        #about

        #[doc = "The request and response documents of this service."]
        pub mod types { #types }

        #[doc = "One builder per operation, with setters for its optional parameters."]
        pub mod builders {
            use super::{engine, types};
            #builders
        }

        #[doc = "The scopes of this service."]
        pub mod scopes { #scopes }

        #[doc = "Metadata of each operation."]
        pub mod operations {
            use crate::operation::{Auth, BodyEncoding, Idempotency, Operation};
            #table
        }

        #[allow(dead_code, unused_imports, unused_qualifications, missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used)]
        mod engine {
            #engine
            crate::transport::impl_capture_hook!(Client);
        }
    }
}

fn types(service: &Service) -> TokenStream {
    let mut out = TokenStream::new();
    for (name, def) in &service.types {
        out.extend(match def {
            TypeDef::Struct(structure) => structs::structure(service, name, structure),
            TypeDef::Enum(open) => enums::open(name, open),
            TypeDef::Union(union) => unions::tagged(name, union),
            TypeDef::UntaggedUnion(union) => unions::untagged(service, name, union),
            TypeDef::HandWritten(_) | TypeDef::Alias(_) => TokenStream::new(),
        });
    }
    out
}

fn scopes(service: &Service) -> TokenStream {
    let constants = service.scopes.iter().map(|(name, scope)| {
        let ident = shouty_snake(name);
        let doc = docs::text(&format!("`{scope}`"));
        quote! { #doc pub const #ident: &str = #scope; }
    });
    quote! { #(#constants)* }
}

/// The Rust type of a field or argument; `types` is the path prefix of the spec's own types.
fn rust_type(service: &Service, ty: &Ty, types: &TokenStream) -> TokenStream {
    match ty {
        Ty::String => quote!(String),
        Ty::Secret => quote!(crate::types::Secret),
        Ty::Uuid => quote!(crate::types::Uuid),
        Ty::Int => quote!(i64),
        Ty::Float => quote!(f64),
        Ty::Bool => quote!(bool),
        Ty::Json => quote!(crate::types::Json),
        Ty::Array(items) => {
            let items = rust_type(service, items, types);
            quote!(Vec<#items>)
        }
        Ty::Map(values) => {
            let values = rust_type(service, values, types);
            quote!(::std::collections::BTreeMap<String, #values>)
        }
        Ty::Named(name) => match service.types.get(name) {
            Some(TypeDef::Alias(target)) => rust_type(service, target, types),
            Some(TypeDef::HandWritten(path)) => hand_written_type(path),
            _ => {
                let ident = pascal(name);
                quote!(#types #ident)
            }
        },
    }
}

/// The Rust type of a value, formatted for people.
pub(crate) fn type_name(service: &Service, ty: &Ty) -> String {
    display_type(&rust_type(service, ty, &TokenStream::new()))
}

/// The Rust type of a field, formatted for people, and whether it is a constructor argument.
pub(crate) fn field_type(service: &Service, field: &Field, usage: Usage) -> (String, bool) {
    let (rust_type, is_argument) = structs::struct_field_type(service, field, usage);
    (display_type(&rust_type), is_argument)
}

fn display_type(tokens: &TokenStream) -> String {
    let text: String = tokens.to_string().split_whitespace().collect();
    text.replace("crate::types::", "")
        .replace("::std::collections::", "")
        .replace(',', ", ")
}

fn hand_written_type(path: &str) -> TokenStream {
    let segments = path.split("::").map(|s| format_ident!("{}", s));
    quote!(#(#segments)::*)
}

/// The argument type of a setter, and the expression that converts it.
fn setter_argument(service: &Service, ty: &Ty, types: &TokenStream) -> (TokenStream, TokenStream) {
    let stored = rust_type(service, ty, types);
    match service.resolve(ty) {
        // `impl Into<i64>` would leave the type of a literal open
        Ty::Uuid | Ty::Int | Ty::Float | Ty::Bool => (stored, quote!(value)),
        Ty::Array(items) => match service.resolve(items) {
            Ty::String | Ty::Named(_) | Ty::Json => {
                let items = rust_type(service, items, types);
                (
                    quote!(impl IntoIterator<Item = impl Into<#items>>),
                    quote!(value.into_iter().map(Into::into).collect()),
                )
            }
            _ => {
                let items = rust_type(service, items, types);
                (
                    quote!(impl IntoIterator<Item = #items>),
                    quote!(value.into_iter().collect()),
                )
            }
        },
        _ => (quote!(impl Into<#stored>), quote!(value.into())),
    }
}

/// A `Deserialize` implementation with a visitor that has an `expecting` message.
fn deserialize(
    ident: &Ident,
    expecting: &str,
    enter: &TokenStream,
    visits: &TokenStream,
) -> TokenStream {
    quote! {
        impl<'de> ::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> ::serde::de::Visitor<'de> for Visitor {
                    type Value = #ident;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(#expecting)
                    }
                    #visits
                }
                deserializer.#enter(Visitor)
            }
        }
    }
}
