//! Reads `paths` into operations.

use super::parameters::check_template;
use super::schemas::SchemaReader;
use super::{
    bool_extension, component_name, paging, require_description, string_list, text_extension,
};
use crate::error::{Result, reject};
use crate::model::{Auth, Body, Idempotency, Media, Operation, Service, Ty, TypeDef};
use openapiv3::{OpenAPI, PathItem, ReferenceOr, RequestBody, Response, StatusCode};
use std::collections::HashMap;

pub(super) fn read(spec: &OpenAPI, service: &Service) -> Result<Vec<Operation>> {
    let reader = OperationReader { spec, service };
    let mut operations: Vec<Operation> = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut shapes: HashMap<String, &String> = HashMap::new();
    for (path, item) in &spec.paths.paths {
        let ReferenceOr::Item(item) = item else {
            return reject(
                &format!("paths.{path}"),
                "a $ref is not supported here; write the path item inline",
            );
        };
        for (method, operation) in [
            ("head", &item.head),
            ("options", &item.options),
            ("trace", &item.trace),
        ] {
            if operation.is_some() {
                return reject(
                    &format!("paths.{path}.{method}"),
                    "is not supported; use get, put, post, patch or delete",
                );
            }
        }
        for (method, operation) in methods(item) {
            let location = format!("paths.{path}.{method}");
            let operation = reader.read_operation(&location, path, method, item, operation)?;
            if let Some(other) = seen.insert(operation.id.clone(), location.clone()) {
                return reject(
                    &location,
                    format!(
                        "operationId `{}` is taken by {other}; rename one",
                        operation.id
                    ),
                );
            }
            operations.push(operation);
        }
        // two paths that differ only in parameter names match the same URLs
        if let Some(other) = shapes.insert(path_shape(path), path) {
            return reject(
                &format!("paths.{path}"),
                format!("is `{other}` with other parameter names; merge the two paths"),
            );
        }
    }
    Ok(operations)
}

/// A path without its parameter names.
fn path_shape(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let behind = part.split_once('}').map_or(part, |(_, behind)| behind);
        shape.push_str("{}");
        shape.push_str(behind);
    }
    shape
}

pub(super) fn methods(item: &PathItem) -> Vec<(&'static str, &openapiv3::Operation)> {
    [
        ("get", &item.get),
        ("put", &item.put),
        ("post", &item.post),
        ("patch", &item.patch),
        ("delete", &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|o| (method, o)))
    .collect()
}

pub(super) struct OperationReader<'a> {
    pub(super) spec: &'a OpenAPI,
    pub(super) service: &'a Service,
}

impl OperationReader<'_> {
    fn read_operation(
        &self,
        location: &str,
        path: &str,
        method: &'static str,
        item: &PathItem,
        operation: &openapiv3::Operation,
    ) -> Result<Operation> {
        let Some(id) = operation.operation_id.clone() else {
            return reject(
                location,
                "operationId is missing; use the Python SDK's method name",
            );
        };
        let Some(summary) = operation.summary.clone() else {
            return reject(location, "summary is missing; say in one line what it does");
        };
        let docs = match &operation.external_docs {
            Some(docs) => docs.url.clone(),
            None => {
                return reject(
                    location,
                    "externalDocs is missing; link its public documentation",
                );
            }
        };
        if operation.tags.len() != 1 {
            return reject(
                location,
                "needs exactly one tag; it groups the operation in the documentation",
            );
        }
        let mut params = Vec::new();
        for parameter in item.parameters.iter().chain(&operation.parameters) {
            params.push(self.read_parameter(location, parameter)?);
        }
        check_template(location, path, &params)?;
        let body = match &operation.request_body {
            Some(body) => Some(self.read_body(&format!("{location}.requestBody"), body)?),
            None => None,
        };
        let url_only = bool_extension(location, &operation.extensions, "x-globus-url-only")?;
        if url_only && (method != "get" || operation.extensions.contains_key("x-globus-paging")) {
            return reject(
                &format!("{location}.x-globus-url-only"),
                "only a GET without paging can be url-only; remove it",
            );
        }
        let wrapped = text_extension(
            location,
            &operation.extensions,
            "x-globus-wrapped",
            "write why the hand-written layer offers it",
        )?;
        let response = self.response_type(&format!("{location}.responses"), operation, url_only)?;
        // without a response document there is nothing to narrow
        if response.is_none() || url_only {
            params.iter_mut().for_each(|param| param.narrows = false);
        }
        let mut result = Operation {
            id,
            method,
            path: path.to_owned(),
            summary,
            description: require_description(location, operation.description.as_ref())?,
            docs,
            deprecated: operation.deprecated,
            params,
            body,
            response,
            scopes: self.read_scopes(location, operation)?,
            auth: read_auth(location, operation)?,
            idempotency: read_idempotency(location, method, operation)?,
            paging: None,
            url_only,
            wrapped: wrapped.is_some(),
            python: string_list(
                &format!("{location}.x-globus-python"),
                operation.extensions.get("x-globus-python"),
            )?,
        };
        if let Some(value) = operation.extensions.get("x-globus-paging") {
            let at = format!("{location}.x-globus-paging");
            result.paging = Some(paging::read(&at, value, &result, self.service)?);
        }
        Ok(result)
    }

    fn read_body(&self, location: &str, body: &ReferenceOr<RequestBody>) -> Result<Body> {
        let body = match body {
            ReferenceOr::Item(body) => body,
            ReferenceOr::Reference { reference } => {
                let name = component_name(location, reference, "requestBodies")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.request_bodies.get(name))
                {
                    Some(ReferenceOr::Item(body)) => body,
                    _ => {
                        return reject(
                            location,
                            format!("`{name}` is not in components.requestBodies; add it"),
                        );
                    }
                }
            }
        };
        if !body.required {
            return reject(
                location,
                "optional bodies are not supported; write `required: true`",
            );
        }
        let mut content = body.content.iter();
        let (Some((media, content)), None) = (content.next(), content.next()) else {
            return reject(location, "needs exactly one media type; write one");
        };
        let media = match media.as_str() {
            "application/json" => Media::Json,
            "application/x-www-form-urlencoded" => Media::Form,
            other => {
                return reject(
                    location,
                    format!(
                        "`{other}` is not supported; use application/json or application/x-www-form-urlencoded"
                    ),
                );
            }
        };
        match &content.schema {
            Some(ReferenceOr::Reference { reference }) => Ok(Body {
                media,
                ty: self.body_type(location, media, reference)?,
            }),
            _ => reject(
                location,
                "the schema is inline; move it to components.schemas and refer to it",
            ),
        }
    }

    /// The type of a request body. Forms cannot be nested.
    fn body_type(&self, location: &str, media: Media, reference: &str) -> Result<Ty> {
        let ty = SchemaReader { spec: self.spec }.resolve_ref(location, reference)?;
        if media == Media::Form {
            let union = match self.service.resolve(&ty) {
                Ty::Named(name) => match self.service.types.get(name) {
                    Some(TypeDef::Union(union)) => Some(union),
                    _ => None,
                },
                _ => None,
            };
            match union {
                Some(union) => {
                    for (_, variant) in &union.variants {
                        self.check_flat_form(location, &Ty::Named(variant.clone()))?;
                    }
                }
                None => self.check_flat_form(location, &ty)?,
            }
        }
        Ok(ty)
    }

    fn check_flat_form(&self, location: &str, ty: &Ty) -> Result<()> {
        let Some(form) = self.service.structure(ty) else {
            return reject(
                location,
                "a form must be an object; refer to an object schema",
            );
        };
        let nested = form
            .fields
            .iter()
            .find(|field| match self.service.resolve(&field.ty) {
                Ty::Array(_) | Ty::Map(_) | Ty::Json => true,
                Ty::Named(name) => !matches!(
                    self.service.types.get(name),
                    Some(TypeDef::Enum(_) | TypeDef::HandWritten(_))
                ),
                _ => false,
            });
        match nested {
            Some(field) => reject(
                location,
                format!(
                    "a form cannot contain the nested field `{}`; use a scalar, an enum or a CommaList",
                    field.wire
                ),
            ),
            None => Ok(()),
        }
    }

    /// The type of the success responses, which must agree. Also checks that errors are documented.
    fn response_type(
        &self,
        location: &str,
        operation: &openapiv3::Operation,
        url_only: bool,
    ) -> Result<Option<Ty>> {
        let mut success: Option<Option<Ty>> = None;
        let mut errors = operation.responses.default.is_some();
        for (status, response) in &operation.responses.responses {
            let at = format!("{location}.{status}");
            match status {
                StatusCode::Code(200..300) | StatusCode::Range(2) => {}
                StatusCode::Code(400..) | StatusCode::Range(4 | 5) => {
                    errors = true;
                    continue;
                }
                _ => continue,
            }
            let ty = self.response_schema(&at, response, url_only)?;
            match &success {
                // a builder has one return type
                Some(other) if *other != ty => {
                    return reject(
                        &at,
                        "differs from the other success responses; use one schema for all",
                    );
                }
                _ => success = Some(ty),
            }
        }
        if !errors {
            return reject(
                location,
                "has no error response; add default: {$ref: '#/components/responses/...'}",
            );
        }
        match success {
            Some(ty) => Ok(ty),
            None if url_only => Ok(None),
            None => reject(location, "has no success response; add a 2xx response"),
        }
    }

    fn response_schema(
        &self,
        location: &str,
        response: &ReferenceOr<Response>,
        url_only: bool,
    ) -> Result<Option<Ty>> {
        let response = match response {
            ReferenceOr::Item(response) => response,
            ReferenceOr::Reference { reference } => {
                let name = component_name(location, reference, "responses")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.responses.get(name))
                {
                    Some(ReferenceOr::Item(response)) => response,
                    _ => {
                        return reject(
                            location,
                            format!("`{name}` is not in components.responses; add it"),
                        );
                    }
                }
            }
        };
        let json = response.content.get("application/json");
        match json.map(|media| &media.schema) {
            None => match response.content.keys().next() {
                Some(other) if !url_only => reject(
                    location,
                    format!(
                        "`{other}` is not supported; respond with application/json, or without content"
                    ),
                ),
                _ => Ok(None),
            },
            Some(Some(ReferenceOr::Reference { reference })) => Ok(Some(
                SchemaReader { spec: self.spec }.resolve_ref(location, reference)?,
            )),
            Some(_) => reject(
                location,
                "the schema is inline; move it to components.schemas and refer to it",
            ),
        }
    }

    fn read_scopes(&self, location: &str, operation: &openapiv3::Operation) -> Result<Vec<String>> {
        let at = format!("{location}.x-globus-scopes");
        string_list(&at, operation.extensions.get("x-globus-scopes"))?
            .into_iter()
            .map(|name| match self.service.scopes.get(&name) {
                Some(scope) => Ok(scope.clone()),
                None => reject(
                    &at,
                    format!("`{name}` is not among x-globus-service.scopes; add it there"),
                ),
            })
            .collect()
    }
}

fn read_auth(location: &str, operation: &openapiv3::Operation) -> Result<Auth> {
    let remedy = "write bearer, basic, client or none";
    match text_extension(location, &operation.extensions, "x-globus-auth", remedy)? {
        None | Some("bearer") => Ok(Auth::Bearer),
        Some("basic") => Ok(Auth::Basic),
        Some("client") => Ok(Auth::Client),
        Some("none") => Ok(Auth::None),
        Some(other) => reject(
            &format!("{location}.x-globus-auth"),
            format!("`{other}` is unknown; {remedy}"),
        ),
    }
}

fn read_idempotency(
    location: &str,
    method: &str,
    operation: &openapiv3::Operation,
) -> Result<Idempotency> {
    let remedy = "write idempotent, deduplicated-by-id or not-idempotent";
    match text_extension(
        location,
        &operation.extensions,
        "x-globus-idempotency",
        remedy,
    )? {
        Some("idempotent") => Ok(Idempotency::Idempotent),
        Some("deduplicated-by-id") => Ok(Idempotency::DeduplicatedById),
        Some("not-idempotent") => Ok(Idempotency::NotIdempotent),
        None if method == "get" => Ok(Idempotency::Idempotent),
        None => reject(
            location,
            format!("is not GET and has no x-globus-idempotency; {remedy}"),
        ),
        Some(other) => reject(
            &format!("{location}.x-globus-idempotency"),
            format!("`{other}` is unknown; {remedy}"),
        ),
    }
}
