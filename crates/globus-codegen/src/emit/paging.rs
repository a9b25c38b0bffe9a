//! What `x-globus-paging` becomes: how to ask for the first page, and from one page for the next.

use super::rust_type;
use crate::model::{Operation, Paging, Service, Style};
use crate::naming::{pascal, snake};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn implementation(
    service: &Service,
    operation: &Operation,
    paging: &Paging,
) -> TokenStream {
    let ident = pascal(&operation.id);
    let types = quote!(types::);
    let item = rust_type(service, &paging.item, &types);
    let Some(response) = &operation.response else {
        return TokenStream::new();
    };
    let page = rust_type(service, response, &types);
    let items = Slot::of_page(service, operation, &paging.items);
    let cap = match paging.max_items {
        Some(cap) => quote!(Some(#cap)),
        None => quote!(None),
    };
    let beyond = paging
        .beyond
        .iter()
        .map(|name| quote!(const BEYOND: Option<&'static str> = Some(#name);));
    let beyond: TokenStream = beyond.collect();
    let first = first(service, operation, paging);
    let next = next(service, operation, paging);
    let (take, count) = (items.take(), items.count());
    quote! {
        impl crate::paging::Paged for #ident {
            type Page = #page;
            type Item = #item;
            const CAP: Option<u64> = #cap;
            #beyond
            #first
            fn count(page: &Self::Page) -> usize { #count }
            fn items(page: Self::Page) -> Vec<Self::Item> { #take }
            fn next(mut self, page: &Self::Page, seen: usize) -> crate::Result<Option<Self>> { #next Ok(Some(self)) }
            fn call(&self) -> &crate::call::Call { &self.call }
            fn ask(&self) -> crate::Result<crate::transport::Request> { self.request() }
        }
        crate::paging::paged!(#ident: #page, #item);
    }
}

/// A place that paging reads or writes: a parameter, a field of the body or of the page.
struct Slot {
    access: TokenStream,
    always: bool,
    three_state: bool,
}

impl Slot {
    fn sent(service: &Service, operation: &Operation, paging: &Paging, wire: &str) -> Option<Self> {
        let name = snake(wire);
        if !paging.in_body {
            let param = operation.params.iter().find(|p| p.wire == wire)?;
            return Some(Self {
                access: quote!(self.#name),
                always: param.required,
                three_state: false,
            });
        }
        let field = service
            .structure(&operation.body.as_ref()?.ty)?
            .field(wire)?;
        Some(Self {
            access: quote!(self.body.#name),
            always: field.required && !field.nullable,
            three_state: field.nullable && !field.required,
        })
    }

    fn of_page(service: &Service, operation: &Operation, wire: &str) -> Self {
        let name = snake(wire);
        let field = operation
            .response
            .as_ref()
            .and_then(|ty| service.structure(ty))
            .and_then(|s| s.field(wire));
        Self {
            access: quote!(page.#name),
            always: field.is_some_and(|f| f.required && !f.nullable),
            three_state: false,
        }
    }

    fn take(&self) -> TokenStream {
        let access = &self.access;
        if self.always {
            quote!(#access)
        } else {
            quote!(#access.unwrap_or_default())
        }
    }

    fn count(&self) -> TokenStream {
        let access = &self.access;
        if self.always {
            quote!(#access.len())
        } else {
            quote!(#access.as_ref().map_or(0, Vec::len))
        }
    }

    fn set(&self, value: TokenStream) -> TokenStream {
        let access = &self.access;
        match (self.always, self.three_state) {
            (true, _) => quote!(#access = #value;),
            (_, true) => quote!(#access = crate::types::Nullable::Value(#value);),
            _ => quote!(#access = Some(#value);),
        }
    }

    /// As an `Option` by value or by clone.
    fn get(&self) -> TokenStream {
        let access = &self.access;
        match (self.always, self.three_state) {
            (true, _) => quote!(Some(#access.clone())),
            (_, true) => quote!(#access.clone().value()),
            _ => quote!(#access.clone()),
        }
    }
}

fn first(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let (Some(size), Some(limit)) = (
        paging.page_size,
        Slot::sent(service, operation, paging, "limit"),
    ) else {
        return quote!(
            fn first(self) -> Self {
                self
            }
        );
    };
    let (get, set) = (limit.get(), limit.set(quote!(#size as i64)));
    quote! {
        fn first(mut self) -> Self {
            if #get.is_none() { #set }
            self
        }
    }
}

fn next(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let sent = |wire: &str| Slot::sent(service, operation, paging, wire);
    let page = |wire: &str| Slot::of_page(service, operation, wire);
    // the reader made sure that each of these exists
    let token = |from: &str, to: &str| match sent(to) {
        Some(slot) => {
            let (get, set) = (page(from).get(), slot.set(quote!(token)));
            quote! {
                let Some(token) = #get.filter(crate::paging::Token::goes_on) else { return Ok(None); };
                self.call.turn_page(&token)?;
                #set
            }
        }
        None => TokenStream::new(),
    };
    let has_next = page("has_next_page").get();
    let gate = quote! { if !#has_next.unwrap_or(false) { return Ok(None); } };
    match paging.style {
        Style::OffsetTotal | Style::OffsetHasNext => offset(service, operation, paging),
        Style::LastKey => {
            let token = token("last_key", "last_key");
            quote! { #gate #token let _ = seen; }
        }
        Style::MarkerHasNext => {
            let token = token("marker", "marker");
            quote! { #gate #token let _ = seen; }
        }
        Style::NextToken => {
            let token = token("next_token", "next_token");
            quote! { #token let _ = seen; }
        }
        Style::NextMarker => {
            let token = token("next_marker", "marker");
            quote! { #token let _ = seen; }
        }
        Style::NullableMarker => {
            let token = token("marker", "marker");
            quote! { #token let _ = seen; }
        }
        Style::JsonapiLinks => {
            let links = page("links").get();
            quote! {
                let _ = seen;
                let Some(next) = #links.and_then(|links| links.next) else { return Ok(None); };
                self.call.follow(&next)?;
            }
        }
    }
}

fn offset(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let Some(slot) = Slot::sent(service, operation, paging, "offset") else {
        return TokenStream::new();
    };
    let more = if paging.style == Style::OffsetTotal {
        let total = Slot::of_page(service, operation, "total").get();
        quote!(#total.is_none_or(|total| offset < total))
    } else {
        let has_next = Slot::of_page(service, operation, "has_next_page").get();
        quote!(#has_next.unwrap_or(false))
    };
    let (get, set) = (slot.get(), slot.set(quote!(offset)));
    // the service refuses a page that reaches beyond its cap
    let clip = match (
        paging.max_items,
        Slot::sent(service, operation, paging, "limit"),
    ) {
        (Some(cap), Some(limit)) => {
            let (get, set) = (limit.get(), limit.set(quote!(limit.min(left))));
            quote! {
                let left = (#cap as i64).saturating_sub(offset);
                if let Some(limit) = #get && left > 0 { #set }
            }
        }
        _ => TokenStream::new(),
    };
    quote! {
        let offset = #get.unwrap_or(0).saturating_add(seen as i64);
        if seen == 0 || !(#more) { return Ok(None); }
        #set
        #clip
    }
}
