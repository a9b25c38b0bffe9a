//! `paths` to operations.

use super::schemas::Reader;
use super::{described, flag, paging, referred, strings};
use crate::error::{Result, refuse};
use crate::model::{Auth, Body, Media, Operation, Param, ParamPlace, Retry, Service, Ty};
use openapiv3::{
    OpenAPI, Parameter, ParameterData, ParameterSchemaOrContent, PathItem, ReferenceOr,
    RequestBody, Response, StatusCode,
};
use serde_json::Value;
use std::collections::HashMap;

pub(super) fn read(spec: &OpenAPI, service: &Service) -> Result<Vec<Operation>> {
    let reader = Operations { spec, service };
    let mut operations: Vec<Operation> = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    for (path, item) in &spec.paths.paths {
        let ReferenceOr::Item(item) = item else {
            return refuse(&format!("paths.{path}"), "is a $ref; write the path here");
        };
        for (method, operation) in methods(item) {
            let place = format!("paths.{path}.{method}");
            let operation = reader.operation(&place, path, method, item, operation)?;
            if let Some(other) = seen.insert(operation.id.clone(), place.clone()) {
                return refuse(
                    &place,
                    format!("operationId `{}` is taken by {other}", operation.id),
                );
            }
            operations.push(operation);
        }
    }
    Ok(operations)
}

fn methods(item: &PathItem) -> Vec<(&'static str, &openapiv3::Operation)> {
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

struct Operations<'a> {
    spec: &'a OpenAPI,
    service: &'a Service,
}

impl Operations<'_> {
    fn operation(
        &self,
        place: &str,
        path: &str,
        method: &'static str,
        item: &PathItem,
        operation: &openapiv3::Operation,
    ) -> Result<Operation> {
        let Some(id) = operation.operation_id.clone() else {
            return refuse(
                place,
                "has no operationId; give it the Python SDK's method name",
            );
        };
        let Some(summary) = operation.summary.clone() else {
            return refuse(place, "has no summary; say in a line what it does");
        };
        let docs = match &operation.external_docs {
            Some(docs) => docs.url.clone(),
            None => return refuse(place, "has no externalDocs; link its public documentation"),
        };
        if operation.tags.len() != 1 {
            return refuse(place, "needs one tag, to group it in the documentation");
        }
        let mut params = Vec::new();
        for parameter in item.parameters.iter().chain(&operation.parameters) {
            params.push(self.parameter(place, parameter)?);
        }
        for name in path.split('{').skip(1).filter_map(|s| s.split('}').next()) {
            let declared = params
                .iter()
                .any(|p: &Param| p.place == ParamPlace::Path && p.wire == name);
            if !declared {
                return refuse(
                    place,
                    format!("path parameter `{name}` is not declared; add it to parameters"),
                );
            }
        }
        let body = match &operation.request_body {
            Some(body) => Some(self.body(&format!("{place}.requestBody"), body)?),
            None => None,
        };
        let url_only = flag(&operation.extensions, "x-globus-url-only");
        let response = self.response(&format!("{place}.responses"), operation, url_only)?;
        let mut result = Operation {
            id,
            method,
            path: path.to_owned(),
            summary,
            description: described(place, operation.description.as_ref())?,
            docs,
            deprecated: operation.deprecated,
            params,
            body,
            response,
            scopes: self.scopes(place, operation)?,
            auth: auth(place, operation)?,
            retry: retry(place, method, operation)?,
            paging: None,
            url_only,
            wrapped: flag(&operation.extensions, "x-globus-wrapped"),
            python: strings(operation.extensions.get("x-globus-python")),
        };
        if let Some(value) = operation.extensions.get("x-globus-paging") {
            let at = format!("{place}.x-globus-paging");
            result.paging = Some(paging::read(&at, value, &result, self.service)?);
        }
        Ok(result)
    }

    fn parameter(&self, place: &str, parameter: &ReferenceOr<Parameter>) -> Result<Param> {
        let parameter = match parameter {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let name = referred(place, reference, "parameters")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.parameters.get(name))
                {
                    Some(ReferenceOr::Item(parameter)) => parameter,
                    _ => {
                        return refuse(
                            place,
                            format!("`{name}` is not in components.parameters; add it"),
                        );
                    }
                }
            }
        };
        let (data, at): (&ParameterData, ParamPlace) = match parameter {
            Parameter::Path { parameter_data, .. } => (parameter_data, ParamPlace::Path),
            Parameter::Query { parameter_data, .. } => (parameter_data, ParamPlace::Query),
            other => {
                return refuse(
                    place,
                    format!(
                        "parameter `{}` is in a header or cookie; only path and query are compiled",
                        other.parameter_data_ref().name
                    ),
                );
            }
        };
        let here = format!("{place}.parameters.{}", data.name);
        if data.name.starts_with("with_") {
            return refuse(
                &here,
                "the prefix with_ belongs to the options of every call; rename it",
            );
        }
        let ty = match &data.format {
            ParameterSchemaOrContent::Schema(ReferenceOr::Reference { reference }) => {
                Ty::Named(referred(&here, reference, "schemas")?.to_owned())
            }
            ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) => {
                Reader { spec: self.spec }.inline(&here, schema)?
            }
            ParameterSchemaOrContent::Content(_) => {
                return refuse(&here, "has content; give it a schema");
            }
        };
        let plain = match self.service.resolve(&ty) {
            Ty::Array(items) => **items == Ty::String,
            Ty::Map(_) | Ty::Json | Ty::Secret => false,
            Ty::Named(_) => self.service.structure(&ty).is_none(),
            _ => true,
        };
        if !plain {
            return refuse(
                &here,
                "cannot be written into a URL; use a scalar, an array of strings, an enum or a CommaList",
            );
        }
        Ok(Param {
            wire: data.name.clone(),
            place: at,
            doc: described(&here, data.description.as_ref())?,
            ty,
            required: data.required || at == ParamPlace::Path,
        })
    }

    fn body(&self, place: &str, body: &ReferenceOr<RequestBody>) -> Result<Body> {
        let body = match body {
            ReferenceOr::Item(body) => body,
            ReferenceOr::Reference { reference } => {
                let name = referred(place, reference, "requestBodies")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.request_bodies.get(name))
                {
                    Some(ReferenceOr::Item(body)) => body,
                    _ => {
                        return refuse(
                            place,
                            format!("`{name}` is not in components.requestBodies; add it"),
                        );
                    }
                }
            }
        };
        if !body.required {
            return refuse(place, "is optional; write `required: true`");
        }
        let mut content = body.content.iter();
        let (Some((media, content)), None) = (content.next(), content.next()) else {
            return refuse(place, "needs one media type");
        };
        let media = match media.as_str() {
            "application/json" => Media::Json,
            "application/x-www-form-urlencoded" => Media::Form,
            other => {
                return refuse(
                    place,
                    format!(
                        "`{other}` is not compiled; use application/json or application/x-www-form-urlencoded"
                    ),
                );
            }
        };
        match &content.schema {
            Some(ReferenceOr::Reference { reference }) => Ok(Body {
                media,
                ty: Ty::Named(referred(place, reference, "schemas")?.to_owned()),
            }),
            _ => refuse(place, "its schema has to be a $ref to components.schemas"),
        }
    }

    /// The type of the success answers, which have to agree; checks that errors are documented.
    fn response(
        &self,
        place: &str,
        operation: &openapiv3::Operation,
        url_only: bool,
    ) -> Result<Option<Ty>> {
        let mut success: Option<Option<Ty>> = None;
        let mut errors = operation.responses.default.is_some();
        for (status, response) in &operation.responses.responses {
            let at = format!("{place}.{status}");
            match status {
                StatusCode::Code(200..300) | StatusCode::Range(2) => {}
                StatusCode::Code(400..) | StatusCode::Range(4 | 5) => {
                    errors = true;
                    continue;
                }
                _ => continue,
            }
            let ty = self.content(&at, response)?;
            match &success {
                Some(other) if *other != ty => {
                    return refuse(
                        &at,
                        "differs from the other success answers; give them one schema",
                    );
                }
                _ => success = Some(ty),
            }
        }
        if !errors {
            return refuse(
                place,
                "names no error; add default: {$ref: '#/components/responses/...'}",
            );
        }
        match success {
            Some(ty) => Ok(ty),
            None if url_only => Ok(None),
            None => refuse(place, "names no success; add a 2xx answer"),
        }
    }

    fn content(&self, place: &str, response: &ReferenceOr<Response>) -> Result<Option<Ty>> {
        let response = match response {
            ReferenceOr::Item(response) => response,
            ReferenceOr::Reference { reference } => {
                let name = referred(place, reference, "responses")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.responses.get(name))
                {
                    Some(ReferenceOr::Item(response)) => response,
                    _ => {
                        return refuse(
                            place,
                            format!("`{name}` is not in components.responses; add it"),
                        );
                    }
                }
            }
        };
        match response.content.get("application/json").map(|m| &m.schema) {
            None => Ok(None),
            Some(Some(ReferenceOr::Reference { reference })) => Ok(Some(Ty::Named(
                referred(place, reference, "schemas")?.to_owned(),
            ))),
            Some(_) => refuse(place, "its schema has to be a $ref to components.schemas"),
        }
    }

    fn scopes(&self, place: &str, operation: &openapiv3::Operation) -> Result<Vec<String>> {
        strings(operation.extensions.get("x-globus-scopes"))
            .into_iter()
            .map(|name| match self.service.scopes.get(&name) {
                Some(scope) => Ok(scope.clone()),
                None => refuse(
                    &format!("{place}.x-globus-scopes"),
                    format!("`{name}` is not among x-globus-service.scopes; add it there"),
                ),
            })
            .collect()
    }
}

fn auth(place: &str, operation: &openapiv3::Operation) -> Result<Auth> {
    match operation
        .extensions
        .get("x-globus-auth")
        .and_then(Value::as_str)
    {
        None | Some("bearer") => Ok(Auth::Bearer),
        Some("basic") => Ok(Auth::Basic),
        Some("client") => Ok(Auth::Client),
        Some("none") => Ok(Auth::None),
        Some(other) => refuse(
            &format!("{place}.x-globus-auth"),
            format!("`{other}` is unknown; write bearer, basic, client or none"),
        ),
    }
}

fn retry(place: &str, method: &str, operation: &openapiv3::Operation) -> Result<Retry> {
    match operation
        .extensions
        .get("x-globus-retry")
        .and_then(Value::as_str)
    {
        Some("safe") => Ok(Retry::Safe),
        Some("once-only") => Ok(Retry::OnceOnly),
        Some("unsafe") => Ok(Retry::Unsafe),
        None if method == "get" => Ok(Retry::Safe),
        None => refuse(
            place,
            "is not GET and has no x-globus-retry; write safe, once-only or unsafe",
        ),
        Some(other) => refuse(
            &format!("{place}.x-globus-retry"),
            format!("`{other}` is unknown; write safe, once-only or unsafe"),
        ),
    }
}
