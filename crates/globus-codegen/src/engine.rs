//! The engine: progenitor's client as a private module that builds requests.
//!
//! progenitor gets a simplified document with the same operations, in which every request and
//! response body is bytes. It generates what it is good at (method, path, query), while encoding,
//! sending and decoding each stay in a single place in the SDK. Its positional style produces a quarter
//! of the code of its builder style.

use crate::error::{Problem, Result};
use crate::model::{Operation, Service, Ty, TypeDef};
use crate::naming::pascal;
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The generated engine and the argument order of its methods.
pub(crate) struct Engine {
    pub(crate) code: TokenStream,
    arguments: HashMap<String, Vec<Option<String>>>,
}

impl Engine {
    /// Runs progenitor on one service.
    pub(crate) fn generate(service: &Service) -> Result<Self> {
        let problem = |message: String| Problem {
            location: "paths".to_owned(),
            message,
        };
        let mut settings = GenerationSettings::default();
        settings
            .with_interface(InterfaceStyle::Positional)
            .with_hooks(HooksMode::Expected)
            .with_inner_type(quote!(crate::transport::RequestCapture));
        // parameters keep their Rust types: progenitor refers to ours and defines none of its own
        for (name, def) in &service.types {
            let path = match def {
                TypeDef::HandWritten(path) => path.clone(),
                TypeDef::Enum(_) => format!(
                    "crate::generated::{}::types::{}",
                    service.name,
                    pascal(name)
                ),
                _ => continue,
            };
            settings.with_replacement(name, path, std::iter::empty());
        }
        let spec = serde_json::from_value(progenitor_document(service))
            .map_err(|e| problem(format!("progenitor's document: {e}")))?;
        let code = Generator::new(&settings)
            .generate_tokens(&spec)
            .map_err(|e| problem(format!("progenitor rejected it: {e}")))?;
        let file: syn::File =
            syn::parse2(code.clone()).map_err(|e| problem(format!("progenitor's output: {e}")))?;
        // progenitor reports the order of arguments nowhere, so it is read from the code it generates
        let method_arguments = method_arguments(&file);
        let mut arguments = HashMap::new();
        for operation in &service.operations {
            let Some(idents) = method_arguments.get(&operation.id.to_snake_case()) else {
                return Err(problem(format!("progenitor left out `{}`", operation.id)));
            };
            arguments.insert(
                operation.id.clone(),
                pair_arguments(operation, idents).map_err(&problem)?,
            );
        }
        Ok(Self { code, arguments })
    }

    /// The wire names of an operation's arguments in the engine's order; `None` is the body.
    pub(crate) fn arguments(&self, operation: &Operation) -> Vec<Option<&str>> {
        self.arguments
            .get(&operation.id)
            .into_iter()
            .flatten()
            .map(Option::as_deref)
            .collect()
    }
}

/// The simplified OpenAPI document for progenitor.
fn progenitor_document(service: &Service) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in &service.operations {
        let bytes = json!({"schema": {"type": "string", "format": "binary"}});
        let parameters: Vec<Value> = operation
            .params
            .iter()
            // headers are options of the call, which the transport adds
            .filter(|param| param.location != crate::model::ParamLocation::Header)
            .map(|param| {
                json!({
                    "name": param.wire,
                    "in": match param.location {
                        crate::model::ParamLocation::Path => "path",
                        crate::model::ParamLocation::Query => "query",
                        crate::model::ParamLocation::Header => "header",
                    },
                    "required": param.required,
                    "schema": param_schema(service, &param.ty),
                })
            })
            .collect();
        // progenitor supports one success type and one error type per operation; with bytes and no
        // error type it decodes nothing
        let mut entry = json!({
            "operationId": operation.id,
            "parameters": parameters,
            "responses": {"2XX": {"description": "bytes", "content": {"*/*": bytes}}},
        });
        if operation.body.is_some() {
            entry["requestBody"] =
                json!({"required": true, "content": {"application/octet-stream": bytes}});
        }
        let path = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        path[operation.method] = entry;
    }
    let schemas: Map<String, Value> = service
        .types
        .iter()
        .filter(|(_, def)| matches!(def, TypeDef::HandWritten(_) | TypeDef::Enum(_)))
        .map(|(name, _)| (name.clone(), json!({"type": "string"})))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": {"title": service.title, "version": service.version},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn param_schema(service: &Service, ty: &Ty) -> Value {
    match service.resolve(ty) {
        Ty::Uuid => json!({"type": "string", "format": "uuid"}),
        Ty::Int => json!({"type": "integer", "format": "int64"}),
        Ty::Float => json!({"type": "number", "format": "double"}),
        Ty::Bool => json!({"type": "boolean"}),
        // a repeated query parameter; the builder has converted the items to text
        Ty::Array(_) => json!({"type": "array", "items": {"type": "string"}}),
        Ty::Named(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        Ty::String | Ty::Secret | Ty::Json | Ty::Map(_) => json!({"type": "string"}),
    }
}

/// The argument names of each method, without `self`.
fn method_arguments(file: &syn::File) -> HashMap<String, Vec<String>> {
    let mut found = HashMap::new();
    for item in &file.items {
        let syn::Item::Impl(block) = item else {
            continue;
        };
        for item in &block.items {
            let syn::ImplItem::Fn(function) = item else {
                continue;
            };
            let arguments = function
                .sig
                .inputs
                .iter()
                .filter_map(|input| match input {
                    syn::FnArg::Typed(typed) => match &*typed.pat {
                        syn::Pat::Ident(pattern) => Some(pattern.ident.to_string()),
                        _ => None,
                    },
                    syn::FnArg::Receiver(_) => None,
                })
                .collect();
            found.insert(function.sig.ident.to_string(), arguments);
        }
    }
    found
}

/// Pairs each argument of a generated method with the parameter that it was generated from.
///
/// The builder passes arguments in this order. Guessing it from the spec would compile as long as the
/// types agree, and silently swap two strings.
fn pair_arguments(
    operation: &Operation,
    idents: &[String],
) -> std::result::Result<Vec<Option<String>>, String> {
    idents
        .iter()
        .map(|ident| {
            // progenitor turns `type` into `type_`, where syn would write `r#type`
            let plain = ident.trim_start_matches("r#").trim_end_matches('_');
            let param = operation
                .params
                .iter()
                .find(|p| p.wire.to_snake_case() == plain);
            match param {
                Some(param) => Ok(Some(param.wire.clone())),
                // a parameter called `body` is found first; `read::names` rejects it
                None if plain == "body" => Ok(None),
                None => Err(format!(
                    "progenitor's argument `{ident}` of `{}` matches none of its parameters",
                    operation.id
                )),
            }
        })
        .collect()
}
