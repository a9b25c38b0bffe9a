//! The operation table: metadata of the service and of each operation.

use super::{docs, rust_type};
use crate::model::{Auth, Idempotency, Media, Operation, Service};
use crate::naming::shouty_snake;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn service_static(service: &Service) -> TokenStream {
    let Service {
        name,
        resource_server,
        base_url,
        version,
        default_scopes,
        ..
    } = service;
    quote! {
        #[doc = " Metadata of this service."]
        pub(crate) static SERVICE: crate::operation::Service = crate::operation::Service {
            name: #name,
            resource_server: #resource_server,
            base_url: #base_url,
            version: #version,
            default_scopes: &[#(#default_scopes),*],
            operations: operations::ALL,
        };
    }
}

pub(super) fn operations(service: &Service) -> TokenStream {
    let entries = service
        .operations
        .iter()
        .map(|operation| operation_static(service, operation));
    let all = service
        .operations
        .iter()
        .map(|operation| shouty_snake(&operation.id));
    quote! {
        #(#entries)*
        #[doc = " Every operation, in the order of the spec."]
        pub static ALL: &[&Operation] = &[#(&#all),*];
    }
}

fn operation_static(model: &Service, operation: &Operation) -> TokenStream {
    let constant = shouty_snake(&operation.id);
    let doc = docs::text(&format!(
        "`{} {}`",
        operation.method.to_uppercase(),
        operation.path
    ));
    let Operation {
        id,
        path,
        summary,
        docs: url,
        scopes,
        python,
        deprecated,
        url_only,
        ..
    } = operation;
    let service = &model.name;
    let method = operation.method.to_uppercase();
    let auth = match operation.auth {
        Auth::Bearer => quote!(Auth::Bearer),
        Auth::Basic => quote!(Auth::Basic),
        Auth::Client => quote!(Auth::Client),
        Auth::None => quote!(Auth::None),
    };
    let idempotency = match operation.idempotency {
        Idempotency::Idempotent => quote!(Idempotency::Idempotent),
        Idempotency::DeduplicatedById => quote!(Idempotency::DeduplicatedById),
        Idempotency::NotIdempotent => quote!(Idempotency::NotIdempotent),
    };
    let body = match operation.body.as_ref().map(|b| b.media) {
        Some(Media::Json) => quote!(Some(BodyEncoding::Json)),
        Some(Media::Form) => quote!(Some(BodyEncoding::Form)),
        None => quote!(None),
    };
    let paging = match &operation.paging {
        Some(paging) => {
            let style = &paging.style_name;
            let cap = match paging.max_items {
                Some(cap) => quote!(Some(#cap)),
                None => quote!(None),
            };
            quote!(Some(crate::operation::Paging { style: #style, max_items: #cap }))
        }
        None => quote!(None),
    };
    let round_trip = match &operation.response {
        Some(ty) if !operation.url_only => {
            let ty = rust_type(model, ty, &quote!(super::types::));
            quote!(Some(crate::operation::round_trip::<#ty>))
        }
        _ => quote!(None),
    };
    let sent = operation.body.as_ref().map(|body| model.fields(&body.ty));
    let sent = sent.unwrap_or_default().secrets;
    let answered = operation.response.as_ref().map(|ty| model.fields(ty));
    let answered = answered.unwrap_or_default();
    let response_has_secrets = answered.has_secrets;
    // the names are needed only to redact responses that contain secrets
    let response_fields = answered.all.iter().filter(|_| response_has_secrets);
    quote! {
        #doc
        pub static #constant: Operation = Operation {
            service: #service,
            name: #id,
            method: #method,
            path: #path,
            summary: #summary,
            documentation: #url,
            scopes: &[#(#scopes),*],
            auth: #auth,
            idempotency: #idempotency,
            body: #body,
            paging: #paging,
            python_names: &[#(#python),*],
            deprecated: #deprecated,
            url_only: #url_only,
            response_has_secrets: #response_has_secrets,
            secret_request_fields: &[#(#sent),*],
            response_fields: &[#(#response_fields),*],
            round_trip: #round_trip,
        };
    }
}
