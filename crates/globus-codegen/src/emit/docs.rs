//! Converts descriptions to doc comments.

use super::markdown;
use crate::model::{Auth, Idempotency, Media, Operation, Service};
use proc_macro2::TokenStream;
use quote::quote;

/// A doc comment from Markdown text.
pub(super) fn text(text: &str) -> TokenStream {
    let lines = markdown::rustdoc(text);
    let lines = lines.lines().map(|line| format!(" {line}"));
    quote! { #(#[doc = #lines])* }
}

/// A doc comment of only the first paragraph: a list of values, for example, is left to the type.
pub(super) fn summary(markdown: &str) -> TokenStream {
    let paragraph = markdown.split("\n\n").next().unwrap_or_default();
    text(paragraph.trim_end().trim_end_matches(':'))
}

pub(super) fn client(service: &Service) -> TokenStream {
    text(&format!(
        "{}\n\n{}\n\nCloning is cheap: clones share their connections. Paths and documents are those of version {} of the service.",
        service.title,
        service.description.trim(),
        service.version
    ))
}

/// The documentation of an operation's method.
pub(super) fn operation(operation: &Operation) -> TokenStream {
    let mut out = format!("{}\n\n{}\n\n", operation.summary, operation.description);
    out += &format!("`{} {}`", operation.method.to_uppercase(), operation.path);
    if let Some(body) = &operation.body {
        out += match body.media {
            Media::Json => " with a JSON body",
            Media::Form => " with a form body",
        };
    }
    out += "\n\n";
    if !operation.scopes.is_empty() {
        let scopes: Vec<_> = operation.scopes.iter().map(|s| format!("`{s}`")).collect();
        out += &format!("* Scopes (any of): {}\n", scopes.join(", "));
    }
    out += match operation.auth {
        Auth::Bearer => "* Authenticates with a bearer token\n",
        Auth::Basic => "* Authenticates with the client's id and secret\n",
        Auth::Client => {
            "* Authenticates as the client: with its secret, or with `client_id` in the form\n"
        }
        Auth::None => "* Needs no authentication\n",
    };
    out += match operation.idempotency {
        Idempotency::Idempotent => "* Idempotency: idempotent\n",
        Idempotency::DeduplicatedById => {
            "* Idempotency: the service deduplicates by submission id\n"
        }
        Idempotency::NotIdempotent => {
            "* Idempotency: not idempotent; retried only when the request provably did not arrive\n"
        }
    };
    if let Some(paging) = &operation.paging {
        out += &format!("* Paging: {}", paging.style_name);
        if let Some(cap) = paging.max_items {
            out += &format!(", at most {cap} items");
        }
        if let Some(name) = &paging.beyond {
            out += &format!("; `{name}` lists all");
        }
        out += "\n";
    }
    if !operation.python.is_empty() {
        let names: Vec<_> = operation.python.iter().map(|s| format!("`{s}`")).collect();
        out += &format!("* In the Python SDK: {}\n", names.join(", "));
    }
    out += &format!("\nDocumentation: {}", operation.docs);
    text(&out)
}
