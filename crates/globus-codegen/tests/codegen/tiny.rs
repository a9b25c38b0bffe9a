//! Tiny specs and parts of the code generated from them.

use quote::ToTokens;
use std::path::Path;

/// A document with only its header.
const HEAD: &str = "\
openapi: 3.0.3
info: {title: Tiny, version: '1', description: A service for tests.}
x-globus-service:
  name: tiny
  resource-server: tiny.globus.org
  base-url: https://tiny.globus.org
  scopes: {all: 'urn:globus:auth:scope:tiny.globus.org:all', view: 'urn:tiny:view'}
  default-scopes: [all]
";

/// Builder for a spec: schemas and operations, without the boilerplate of every operation.
#[derive(Clone, Default)]
pub(crate) struct Tiny {
    paths: String,
    schemas: String,
}

impl Tiny {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds `components.schemas.<name>` with a description.
    pub(crate) fn schema(mut self, name: &str, yaml: &str) -> Self {
        self.schemas += &format!("    {name}:\n      description: A {name}.\n");
        self.schemas += &indented(yaml, 6);
        self
    }

    /// Adds an operation that returns `answer`, or nothing.
    pub(crate) fn operation(
        mut self,
        id: &str,
        method: &str,
        path: &str,
        answer: Option<&str>,
        yaml: &str,
    ) -> Self {
        let content = answer.map_or_else(String::new, |name| {
            format!(", content: {{application/json: {{schema: {{$ref: '#/components/schemas/{name}'}}}}}}")
        });
        self.paths += &format!(
            "  {path}:
    {method}:
      operationId: {id}
      tags: [Tiny]
      summary: Do {id}
      description: Does what {id} says.
      externalDocs: {{url: https://docs.globus.org/tiny}}
      responses:
        '200': {{description: Done.{content}}}
        default: {{description: A problem.}}
"
        );
        self.paths += &indented(yaml, 6);
        self
    }

    /// Adds an operation that returns a schema, so that it is a response.
    pub(crate) fn answers(self, schema: &str) -> Self {
        self.operation("get_it", "get", "/v1/it", Some(schema), "")
    }

    /// Adds an operation that takes a schema, so that it is a request.
    pub(crate) fn takes(self, schema: &str) -> Self {
        let body = format!(
            "x-globus-idempotency: not-idempotent\n{}",
            document("application/json", schema)
        );
        self.operation("put_it", "put", "/v1/it", None, &body)
    }

    pub(crate) fn yaml(&self) -> String {
        let paths = if self.paths.is_empty() {
            "  {}\n"
        } else {
            &self.paths
        };
        format!(
            "{HEAD}paths:\n{paths}components:\n  schemas:\n    Unused: {{type: string, description: Nothing.}}\n{}",
            self.schemas
        )
    }

    /// The generated items with these names, see [`select`].
    pub(crate) fn items(&self, names: &[&str]) -> String {
        select(&generate("tiny.yaml", &self.yaml()), names)
    }
}

/// A request body of one media type.
pub(crate) fn document(media: &str, schema: &str) -> String {
    format!(
        "requestBody: {{required: true, content: {{{media}: {{schema: {{$ref: '#/components/schemas/{schema}'}}}}}}}}"
    )
}

fn indented(yaml: &str, by: usize) -> String {
    let lines = yaml.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| format!("{}{line}\n", " ".repeat(by)))
        .collect()
}

pub(crate) fn generate(file: &str, yaml: &str) -> String {
    globus_codegen::generate(Path::new(file), yaml).unwrap()
}

/// The items with these names, formatted. A name is `struct X`, `enum X`, `static X`, `mod x`,
/// `X::method`, `impl Trait for X`, `X!` (macro calls about it) or `X` (all of these).
pub(crate) fn select(code: &str, names: &[&str]) -> String {
    let file = syn::parse_file(code).unwrap();
    let mut items = Vec::new();
    for name in names {
        let before = items.len();
        collect(&file.items, name, &mut items);
        assert!(items.len() > before, "{name} is not in\n{code}");
    }
    prettyplease::unparse(&syn::File {
        shebang: None,
        attrs: Vec::new(),
        items,
    })
}

fn collect(items: &[syn::Item], wanted: &str, found: &mut Vec<syn::Item>) {
    for item in items {
        let names = match item {
            syn::Item::Struct(item) => {
                vec![format!("struct {}", item.ident), item.ident.to_string()]
            }
            syn::Item::Enum(item) => vec![format!("enum {}", item.ident), item.ident.to_string()],
            syn::Item::Static(item) => vec![format!("static {}", item.ident)],
            syn::Item::Mod(item) => vec![format!("mod {}", item.ident)],
            syn::Item::Macro(item) => match item.mac.tokens.clone().into_iter().next() {
                Some(first) => vec![format!("{first}!"), first.to_string()],
                None => Vec::new(),
            },
            syn::Item::Impl(item) => {
                let own = item.self_ty.to_token_stream().to_string();
                found.extend(method(item, &own, wanted));
                let of = item
                    .trait_
                    .as_ref()
                    .and_then(|(_, path, _)| path.segments.last());
                let of = of.map(|last| format!("impl {} for {own}", last.ident));
                of.into_iter().chain([own]).collect()
            }
            _ => Vec::new(),
        };
        if names.iter().any(|name| name == wanted) {
            found.push(item.clone());
        } else if let syn::Item::Mod(module) = item
            && let Some((_, items)) = &module.content
            && module.ident != "engine"
        {
            collect(items, wanted, found);
        }
    }
}

/// An impl reduced to the method selected by `Type::method`.
fn method(item: &syn::ItemImpl, own: &str, wanted: &str) -> Option<syn::Item> {
    let mut item = item.clone();
    item.items.retain(|item| match item {
        syn::ImplItem::Fn(method) => format!("{own}::{}", method.sig.ident) == wanted,
        _ => false,
    });
    (!item.items.is_empty()).then_some(syn::Item::Impl(item))
}
