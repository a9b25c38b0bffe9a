//! Descriptions to rustdoc: what reads well in YAML must not trip over Markdown.

use crate::model::{Auth, Media, Operation, Retry, Service};
use proc_macro2::TokenStream;
use quote::quote;

/// A doc comment of plain text.
pub(super) fn text(text: &str) -> TokenStream {
    let lines = markdown(text);
    let lines = lines.lines().map(|line| format!(" {line}"));
    quote! { #(#[doc = #lines])* }
}

pub(super) fn client(service: &Service) -> TokenStream {
    text(&format!(
        "{}\n\n{}\n\nCloning is cheap, and a clone shares its connections. Paths and documents are those of version {} of the service.",
        service.title,
        service.description.trim(),
        service.version
    ))
}

/// What a person wants to know before calling.
pub(super) fn operation(operation: &Operation) -> TokenStream {
    let mut out = format!("{}\n\n{}\n\n", operation.summary, operation.description);
    out += &format!("`{} {}`", operation.method.to_uppercase(), operation.path);
    if let Some(body) = &operation.body {
        out += match body.media {
            Media::Json => " with a JSON document",
            Media::Form => " with a form",
        };
    }
    out += "\n\n";
    if !operation.scopes.is_empty() {
        let scopes: Vec<_> = operation.scopes.iter().map(|s| format!("`{s}`")).collect();
        out += &format!("* Scopes, any of: {}\n", scopes.join(", "));
    }
    out += match operation.auth {
        Auth::Bearer => "* Authenticates with a bearer token\n",
        Auth::Basic => "* Authenticates with the client's id and secret\n",
        Auth::Client => "* Authenticates as the client: by secret, or by `client_id` in the form\n",
        Auth::None => "* Needs no authentication\n",
    };
    out += match operation.retry {
        Retry::Safe => "* Retry: safe\n",
        Retry::OnceOnly => "* Retry: safe, since the service runs one submission id once\n",
        Retry::Unsafe => "* Retry: only when the request provably did not arrive\n",
    };
    if let Some(paging) = &operation.paging {
        out += &format!("* Paging: {}", paging.style_name);
        if let Some(cap) = paging.max_items {
            out += &format!(", {cap} items at most");
        }
        if let Some(name) = &paging.beyond {
            out += &format!("; `{name}` serves all");
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

/// Escapes what Markdown or rustdoc would take for markup, outside of code spans.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.trim().lines() {
        // four spaces would become a code block, and so a doctest
        let line = line.trim_start();
        let mut code = false;
        for word in line.split_inclusive(' ') {
            let bare = word.trim_end().trim_end_matches(['.', ',', ')', ';']);
            if !code && (bare.starts_with("https://") || bare.starts_with("http://")) {
                out += &format!("<{bare}>{}", &word[bare.len()..]);
                continue;
            }
            for c in word.chars() {
                match c {
                    '`' => code = !code,
                    '<' | '[' | ']' | '*' if !(code || c == '*' && line.starts_with("* ")) => {
                        out.push('\\');
                    }
                    _ => {}
                }
                out.push(c);
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn links_and_brackets_survive_rustdoc() {
        assert_eq!(
            markdown("See https://docs.globus.org/api. A `<b>` in <i>, [x]."),
            "See <https://docs.globus.org/api>. A `<b>` in \\<i>, \\[x\\].\n"
        );
    }

    #[test]
    fn an_indented_line_is_no_code_block() {
        assert_eq!(markdown("a\n      b"), "a\nb\n");
    }
}
