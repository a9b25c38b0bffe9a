//! Open enums: known values become variants, unknown ones stay strings in `Other`.

use super::docs;
use crate::model::Enum;
use crate::naming::pascal;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn open(name: &str, open: &Enum) -> TokenStream {
    let ident = pascal(name);
    let values = &open.values;
    let variants: Vec<_> = values.iter().map(|v| pascal(v)).collect();
    let doc = docs::text(&open.doc);
    let variant_docs = values.iter().map(|v| docs::text(&format!("`{v}`")));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #ident {
            #(#variant_docs #variants,)*
            #[doc = " A value that this version does not know, as received."]
            Other(String),
        }
        impl #ident {
            #[doc = " The value in JSON."]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Other(value) => value,
                }
            }
        }
        crate::types::open_enum!(#ident { #(#values => #variants),* });
    }
}
