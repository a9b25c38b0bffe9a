//! Emits one builder per operation. A builder owns its client and its arguments, so that its future
//! and its stream are `'static`.

use super::{docs, paging, rust_type, setter_argument};
use crate::engine::Engine;
use crate::model::{Media, Operation, Param, ParamLocation, Service, Ty};
use crate::naming::{pascal, shouty_snake, snake};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The client's methods, each of which returns a builder.
pub(super) fn methods(service: &Service) -> TokenStream {
    let mut out = TokenStream::new();
    for operation in &service.operations {
        // the hand-written method of a wrapped operation takes the plain name
        let name = match operation.wrapped {
            true => snake(&format!("bare_{}", operation.id)),
            false => snake(&operation.id),
        };
        let builder = pascal(&operation.id);
        let doc = docs::operation(operation);
        let args = required_params(operation).map(|param| {
            let (ident, (takes, _)) = (snake(&param.wire), param_argument(service, param));
            quote!(#ident: #takes)
        });
        let body = operation.body.as_ref().map(|body| {
            let ty = rust_type(service, &body.ty, &quote!(types::));
            quote!(, body: impl ::std::borrow::Borrow<#ty>)
        });
        // bound to `value`, since that is what a setter's expression converts
        let store = required_params(operation).map(|param| {
            let (ident, (_, store)) = (snake(&param.wire), param_argument(service, param));
            quote!(#ident: { let value = #ident; #store },)
        });
        let store_body =
            operation
                .body
                .as_ref()
                .map(|body| match (keeps_document(operation), body.media) {
                    (true, _) => quote!(body: body.borrow().clone(),),
                    (false, Media::Json) => {
                        quote!(body: crate::transport::Body::json(body.borrow()),)
                    }
                    (false, Media::Form) => {
                        quote!(body: crate::transport::Body::form(body.borrow()),)
                    }
                });
        let unset = optional_params(operation).map(|param| {
            let ident = snake(&param.wire);
            quote!(#ident: None,)
        });
        // the type parameter records whether the whole document comes back
        let document = operation
            .can_narrow()
            .then(|| quote!(document: ::std::marker::PhantomData,));
        let deprecated = operation.deprecated.then(|| quote!(#[deprecated]));
        let visibility = if operation.wrapped {
            quote!(pub(crate))
        } else {
            quote!(pub)
        };
        let constant = shouty_snake(&operation.id);
        out.extend(quote! {
            #doc
            #deprecated
            #visibility fn #name(&self #(, #args)* #body) -> builders::#builder {
                builders::#builder {
                    call: crate::call::Call::new(self.core.clone(), &operations::#constant),
                    #(#store)*
                    #store_body
                    #(#unset)*
                    #document
                }
            }
        });
    }
    out
}

/// The builders of all operations.
pub(super) fn all(service: &Service, engine: &Engine) -> TokenStream {
    let mut out = TokenStream::new();
    for operation in &service.operations {
        out.extend(builder(service, operation, engine));
        if let Some(paging) = &operation.paging {
            out.extend(paging::implementation(service, operation, paging));
        }
    }
    out
}

fn builder(service: &Service, operation: &Operation, engine: &Engine) -> TokenStream {
    let ident = pascal(&operation.id);
    let types = quote!(types::);
    let doc = docs::text(&format!(
        "A call of `{}`: {}",
        operation.id, operation.summary
    ));
    let mut fields = TokenStream::new();
    for param in url_params(operation) {
        let (name, ty) = (snake(&param.wire), stored_type(service, param));
        fields.extend(if param.required {
            quote!(pub(super) #name: #ty,)
        } else {
            quote!(pub(super) #name: Option<#ty>,)
        });
    }
    if let Some(body) = &operation.body {
        let ty = if keeps_document(operation) {
            rust_type(service, &body.ty, &types)
        } else {
            quote!(crate::transport::Body)
        };
        // `pub(crate)`: the hand-written layer may set a body that is already encoded
        fields.extend(quote!(pub(crate) body: #ty,));
    }
    let headers = header_params(operation).map(|param| {
        let (name, wire) = (snake(&param.wire), &param.wire);
        let doc = docs::text(&format!(
            "{} Sent as the header `{wire}`.",
            param.doc.trim()
        ));
        quote! {
            #doc
            pub fn #name(mut self, value: impl Into<String>) -> Self {
                self.call.options().header(#wire.to_owned(), value.into());
                self
            }
        }
    });
    let narrow = operation.can_narrow();
    let setters = optional_params(operation).map(|param| {
        let name = snake(&param.wire);
        let doc = docs::text(&param.doc);
        let (takes, store) = param_argument(service, param);
        if param.narrows {
            return narrowing_setter(operation, param, &takes, &store);
        }
        quote! {
            #doc
            pub fn #name(mut self, value: #takes) -> Self {
                self.#name = Some(#store);
                self
            }
        }
    });
    let request = request_method(service, operation, engine);
    let finish = if operation.url_only {
        quote!(crate::call::page!(#ident);)
    } else {
        match &operation.response {
            Some(ty) => {
                let ty = rust_type(service, ty, &types);
                if narrow {
                    quote!(crate::partial::operation!(#ident -> #ty);)
                } else {
                    quote!(crate::call::operation!(#ident -> #ty);)
                }
            }
            None => quote!(crate::call::operation!(#ident -> ());),
        }
    };
    let attributes = quote! {
        #doc
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is awaited, sent or streamed"]
    };
    let (own, generics) = if narrow {
        fields.extend(quote!(pub(super) document: ::std::marker::PhantomData<fn() -> D>,));
        (quote!(#ident<D = crate::types::FullDocument>), quote!(<D>))
    } else {
        (quote!(#ident), TokenStream::new())
    };
    quote! {
        #attributes
        pub struct #own { pub(super) call: crate::call::Call, #fields }
        impl #generics #ident #generics { #(#setters)* #(#headers)* #request }
        #finish
    }
}

/// The setter of a parameter that selects a part of the document. It changes the type of the call.
fn narrowing_setter(
    operation: &Operation,
    param: &Param,
    takes: &TokenStream,
    store: &TokenStream,
) -> TokenStream {
    let (ident, name) = (pascal(&operation.id), snake(&param.wire));
    let ways = match operation.paging {
        Some(_) => "`.json::<T>()`, `.stream::<T>()`, `.pages::<P>()` or `.send::<T>()`",
        None => "`.json::<T>()` or `.send::<T>()`",
    };
    let doc = docs::text(&format!(
        "{}\n\nThe response is then a partial document: decode it into your own type with {ways}.",
        param.doc
    ));
    // the type changes, so struct update syntax does not apply: every other field is moved
    let kept = operation
        .params
        .iter()
        .filter(|other| other.wire != param.wire);
    let kept = kept.map(|other| {
        let name = snake(&other.wire);
        quote!(#name: self.#name,)
    });
    let body = operation.body.as_ref().map(|_| quote!(body: self.body,));
    quote! {
        #doc
        pub fn #name(self, value: #takes) -> #ident<crate::types::PartialDocument> {
            #ident {
                call: self.call,
                #(#kept)*
                #body
                #name: Some(#store),
                document: ::std::marker::PhantomData,
            }
        }
    }
}

/// The method that builds the request: it validates the arguments and passes them to the engine,
/// which knows the method, the URL and the query.
fn request_method(service: &Service, operation: &Operation, engine: &Engine) -> TokenStream {
    let name = snake(&operation.id);
    let mut checks = TokenStream::new();
    for param in url_params(operation) {
        let (ident, wire) = (snake(&param.wire), &param.wire);
        match (param.location, service.resolve(&param.ty), param.required) {
            (_, Ty::Uuid, true) => {
                checks.extend(quote!(let #ident = self.call.id(#wire, &self.#ident)?;))
            }
            (_, Ty::Uuid, false) => checks.extend(quote! {
                let #ident = self.#ident.as_ref().map(|id| self.call.id(#wire, id)).transpose()?;
            }),
            // numbers and booleans cannot contain a `/`
            (ParamLocation::Path, Ty::Int | Ty::Float | Ty::Bool, _) => {}
            // an empty segment, `.` or `..` would address another resource
            (ParamLocation::Path, _, _) => {
                checks.extend(quote!(self.call.validate_path_segment(#wire, &self.#ident)?;))
            }
            _ => {}
        }
    }
    let body = operation
        .body
        .as_ref()
        .map(|body| match (keeps_document(operation), body.media) {
            (true, Media::Json) => quote!(let body = crate::transport::Body::json(&self.body);),
            (true, Media::Form) => quote!(let body = crate::transport::Body::form(&self.body);),
            (false, _) => quote!(let body = self.body.clone();),
        });
    // in progenitor's order, which is not that of the spec
    let args = engine
        .arguments(operation)
        .into_iter()
        .map(|wire| match wire {
            None => quote!(body),
            Some(wire) => {
                let param = operation.params.iter().find(|p| p.wire == wire);
                param.map_or_else(TokenStream::new, |param| engine_argument(service, param))
            }
        });
    let unpack = operation
        .body
        .as_ref()
        .map(|_| quote!(let body = self.call.encoded(body)?;));
    quote! {
        fn request(&self) -> crate::Result<crate::transport::Request> {
            #checks
            #body
            #unpack
            let capture = self.call.capture();
            let engine = engine::Client::new_with_client(capture.base_url(), capture.http(), capture.clone());
            capture.finish(engine.#name(#(#args),*))
        }
    }
}

/// The expression that passes an argument to the engine.
fn engine_argument(service: &Service, param: &Param) -> TokenStream {
    let name: Ident = snake(&param.wire);
    match (service.resolve(&param.ty), param.required) {
        (Ty::Uuid, true) => quote!(&#name),
        (Ty::Uuid, false) => quote!(#name.as_ref()),
        (Ty::Int | Ty::Float | Ty::Bool, _) => quote!(self.#name),
        (Ty::String, true) => quote!(&self.#name),
        (Ty::String, false) => quote!(self.#name.as_deref()),
        (Ty::Array(_), true) => quote!(&self.#name.0),
        (Ty::Array(_), false) => quote!(self.#name.as_ref().map(|v| &v.0)),
        (_, true) => quote!(&self.#name),
        (_, false) => quote!(self.#name.as_ref()),
    }
}

/// The type of a parameter's field in the builder.
fn stored_type(service: &Service, param: &Param) -> TokenStream {
    match service.resolve(&param.ty) {
        Ty::Uuid => quote!(crate::types::Id),
        Ty::Array(_) => quote!(crate::types::RepeatedParam),
        _ => rust_type(service, &param.ty, &quote!(types::)),
    }
}

fn param_argument(service: &Service, param: &Param) -> (TokenStream, TokenStream) {
    match service.resolve(&param.ty) {
        Ty::Uuid => (quote!(impl Into<crate::types::Id>), quote!(value.into())),
        Ty::Array(_) => (
            quote!(impl Into<crate::types::RepeatedParam>),
            quote!(value.into()),
        ),
        _ => setter_argument(service, &param.ty, &quote!(types::)),
    }
}

/// Whether the builder keeps the body as a document, because paging changes it. Other bodies are
/// encoded immediately, so that a large one is never copied.
fn keeps_document(operation: &Operation) -> bool {
    operation.paging.as_ref().is_some_and(|p| p.in_body)
}

fn required_params(operation: &Operation) -> impl Iterator<Item = &Param> {
    url_params(operation).filter(|p| p.required)
}

fn optional_params(operation: &Operation) -> impl Iterator<Item = &Param> {
    url_params(operation).filter(|p| !p.required)
}

/// The path and query parameters, which the engine encodes.
fn url_params(operation: &Operation) -> impl Iterator<Item = &Param> {
    let params = operation.params.iter();
    params.filter(|p| p.location != ParamLocation::Header)
}

/// The header parameters, which are options of the call.
fn header_params(operation: &Operation) -> impl Iterator<Item = &Param> {
    let params = operation.params.iter();
    params.filter(|p| p.location == ParamLocation::Header)
}
