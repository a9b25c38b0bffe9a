//! Emits paging from `x-globus-paging`: how to request the first page and, from each page, the
//! next.

use super::rust_type;
use crate::model::{Operation, Paging, PagingStyle, Service, Ty};
use crate::naming::{pascal, snake};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

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
    let take = FieldAccess::in_response(service, operation, &paging.items).take();
    let list = list_const(service, operation, paging);
    let first = first_method(service, operation, paging);
    let start = start_body(service, operation, paging);
    let position = position_body(service, operation, paging);
    let turn = turn_body(service, operation, paging);
    // a call that can be narrowed has a type parameter, and only the full document has typed items
    let (bounded, generics, paged) = match operation.can_narrow() {
        true => (
            quote!(<D: Clone + 'static>),
            quote!(<D>),
            quote!(crate::partial::paged!),
        ),
        false => (
            TokenStream::new(),
            TokenStream::new(),
            quote!(crate::pagination::paged!),
        ),
    };
    quote! {
        impl #bounded crate::pagination::PageSource for #ident #generics {
            type Page = #page;
            type Item = #item;
            const LIST: crate::pagination::List = #list;
            #first
            fn start(&self) -> crate::pagination::Start { #start }
            fn position(page: &Self::Page) -> crate::pagination::Position { #position }
            fn items(page: Self::Page) -> Vec<Self::Item> { #take }
            fn move_to(&mut self, to: crate::pagination::Cursor) -> crate::Result<()> { #turn Ok(()) }
            fn call(&self) -> &crate::call::Call { &self.call }
            fn request_page(&self) -> crate::Result<crate::transport::Request> { self.request() }
        }
        #paged(#ident: #page, #item);
    }
}

/// The field names that a paging style uses.
struct StyleFields {
    by: &'static str,
    /// The response field that identifies the next page, and the request parameter that it is sent
    /// as.
    marker: Option<(&'static str, &'static str)>,
    has_next_page: bool,
}

impl StyleFields {
    fn for_style(style: PagingStyle) -> Self {
        let (by, marker, has_next_page) = match style {
            PagingStyle::OffsetTotal => ("Offset", None, false),
            PagingStyle::OffsetHasNext => ("Offset", None, true),
            PagingStyle::LastKey => ("Marker", Some(("last_key", "last_key")), true),
            PagingStyle::MarkerHasNext => ("Marker", Some(("marker", "marker")), true),
            PagingStyle::NextToken => ("Marker", Some(("next_token", "next_token")), false),
            PagingStyle::NextMarker => ("Marker", Some(("next_marker", "marker")), false),
            PagingStyle::NullableMarker => ("Marker", Some(("marker", "marker")), false),
            PagingStyle::JsonapiLinks => ("Link", None, false),
        };
        Self {
            by,
            marker,
            has_next_page,
        }
    }
}

fn list_const(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let style = StyleFields::for_style(paging.style);
    let by = format_ident!("{}", style.by);
    let option = |value: Option<TokenStream>| match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    };
    let cap = option(paging.max_items.map(|cap| quote!(#cap)));
    let beyond = option(paging.beyond.as_ref().map(|name| quote!(#name)));
    let marker = option(style.marker.map(|(name, _)| quote!(#name)));
    let (items, has_next_page) = (&paging.items, style.has_next_page);
    let total = has_total(service, operation);
    quote! {
        crate::pagination::List {
            cursor: crate::pagination::CursorKind::#by,
            max_items: #cap,
            continues_with: #beyond,
            items: #items,
            total: #total,
            has_next_page: #has_next_page,
            marker: #marker,
        }
    }
}

/// Whether pages have a `total`. Any style may have one.
fn has_total(service: &Service, operation: &Operation) -> bool {
    let page = operation.response.as_ref();
    page.and_then(|ty| service.structure(ty))
        .and_then(|page| page.field("total"))
        .is_some_and(|field| *service.resolve(&field.ty) == Ty::Int)
}

/// A field that paging reads or writes: a parameter, or a field of the request body or the page.
struct FieldAccess {
    access: TokenStream,
    ty: Ty,
    always: bool,
    three_state: bool,
}

impl FieldAccess {
    fn in_request(
        service: &Service,
        operation: &Operation,
        paging: &Paging,
        wire: &str,
    ) -> Option<Self> {
        let name = snake(wire);
        if !paging.in_body {
            let param = operation.params.iter().find(|p| p.wire == wire)?;
            return Some(Self {
                access: quote!(self.#name),
                ty: param.ty.clone(),
                always: param.required,
                three_state: false,
            });
        }
        let field = service
            .structure(&operation.body.as_ref()?.ty)?
            .field(wire)?;
        Some(Self {
            access: quote!(self.body.#name),
            ty: field.ty.clone(),
            always: field.required && !field.nullable,
            three_state: field.nullable && !field.required,
        })
    }

    fn in_response(service: &Service, operation: &Operation, wire: &str) -> Self {
        let name = snake(wire);
        let field = operation
            .response
            .as_ref()
            .and_then(|ty| service.structure(ty))
            .and_then(|s| s.field(wire));
        Self {
            access: quote!(page.#name),
            ty: field.map_or(Ty::Json, |f| f.ty.clone()),
            // an absent list is received as empty
            always: field.is_some_and(|f| {
                (f.required && !f.nullable) || matches!(service.resolve(&f.ty), Ty::Array(_))
            }),
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

    /// The number of items. Unlike `take`, it leaves the page intact.
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

    /// An expression for its value as an `Option`.
    fn get(&self) -> TokenStream {
        let access = &self.access;
        match (self.always, self.three_state) {
            (true, _) => quote!(Some(#access.clone())),
            (_, true) => quote!(#access.clone().value()),
            _ => quote!(#access.clone()),
        }
    }
}

fn first_method(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let (Some(size), Some(limit)) = (
        paging.page_size,
        FieldAccess::in_request(service, operation, paging, "limit"),
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

/// Emits the position at which the call starts.
fn start_body(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let sent = |wire: &str| {
        FieldAccess::in_request(service, operation, paging, wire).map(|field| field.get())
    };
    let offset = (StyleFields::for_style(paging.style).by == "Offset").then(|| sent("offset"));
    let offset = offset
        .flatten()
        .map(|get| quote!(offset: #get.unwrap_or(0),));
    let limit = sent("limit").map(|get| quote!(limit: #get,));
    let marker = StyleFields::for_style(paging.style)
        .marker
        .and_then(|(_, wire)| sent(wire))
        .map(|get| quote!(marker: #get.map(Into::into),));
    match (&offset, &limit, &marker) {
        (None, None, None) => quote!(crate::pagination::Start::default()),
        _ => quote! {
            crate::pagination::Start { #offset #limit #marker ..Default::default() }
        },
    }
}

/// Emits the position that a page reports.
fn position_body(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let page = |wire: &str| FieldAccess::in_response(service, operation, wire).get();
    let style = StyleFields::for_style(paging.style);
    let count = FieldAccess::in_response(service, operation, &paging.items).count();
    // `total` is reported even where the style does not use it: if a service omits the style's own
    // fields, it decides whether the list goes on
    let total = has_total(service, operation).then(|| {
        let get = page("total");
        quote!(total: #get,)
    });
    let has_next_page = style.has_next_page.then(|| {
        let get = page("has_next_page");
        quote!(has_next_page: #get,)
    });
    let marker = match style.marker {
        Some((wire, _)) => {
            let get = page(wire);
            Some(quote!(marker: #get.map(Into::into),))
        }
        None if paging.style == PagingStyle::JsonapiLinks => {
            let links = page("links");
            Some(quote!(marker: #links.and_then(|links| links.next).map(Into::into),))
        }
        None => None,
    };
    quote! {
        crate::pagination::Position { count: #count, #total #has_next_page #marker ..Default::default() }
    }
}

/// Emits the statements that move the call to another page.
fn turn_body(service: &Service, operation: &Operation, paging: &Paging) -> TokenStream {
    let style = StyleFields::for_style(paging.style);
    // `read::paging` has checked that each of these exists
    let sent = |wire: &str| FieldAccess::in_request(service, operation, paging, wire);
    match style.marker {
        Some((_, wire)) => {
            let Some(field) = sent(wire) else {
                return TokenStream::new();
            };
            // a marker is opaque, but some services write it as a number and expect one back
            let value = match service.resolve(&field.ty) {
                Ty::Int => quote! {
                    let Some(marker) = marker.number() else {
                        return Err(self.call.invalid_next_link("is not a number"));
                    };
                },
                _ => quote!(let marker = marker.into_text();),
            };
            let set = field.set(quote!(marker));
            quote! {
                let crate::pagination::Cursor::Marker(marker) = to else { return Ok(()); };
                #value
                #set
            }
        }
        // the link has the whole query, so it replaces that of the call instead of one parameter
        None if paging.style == PagingStyle::JsonapiLinks => quote! {
            let crate::pagination::Cursor::Marker(next) = to else { return Ok(()); };
            self.call.follow_next_link(&next.into_text())?;
        },
        None => {
            let Some(field) = sent("offset") else {
                return TokenStream::new();
            };
            let set = field.set(quote!(offset));
            // the service rejects a page that extends beyond its limit, so the last one is
            // shortened
            let clip = match (paging.max_items, sent("limit")) {
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
                let crate::pagination::Cursor::Offset(offset) = to else { return Ok(()); };
                #set
                #clip
            }
        }
    }
}
