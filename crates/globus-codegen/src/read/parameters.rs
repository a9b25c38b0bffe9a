//! Reads parameters and checks path templates.

use super::operations::OperationReader;
use super::schemas::SchemaReader;
use super::{bool_extension, component_name, require_description};
use crate::error::{Result, reject};
use crate::model::{Param, ParamLocation, Ty};
use openapiv3::{Parameter, ParameterData, ParameterSchemaOrContent, ReferenceOr};

impl OperationReader<'_> {
    pub(super) fn read_parameter(
        &self,
        location: &str,
        parameter: &ReferenceOr<Parameter>,
    ) -> Result<Param> {
        let parameter = match parameter {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let name = component_name(location, reference, "parameters")?;
                match self
                    .spec
                    .components
                    .as_ref()
                    .and_then(|c| c.parameters.get(name))
                {
                    Some(ReferenceOr::Item(parameter)) => parameter,
                    _ => {
                        return reject(
                            location,
                            format!("`{name}` is not in components.parameters; add it"),
                        );
                    }
                }
            }
        };
        let (data, at): (&ParameterData, ParamLocation) = match parameter {
            Parameter::Path { parameter_data, .. } => (parameter_data, ParamLocation::Path),
            Parameter::Query { parameter_data, .. } => (parameter_data, ParamLocation::Query),
            Parameter::Header { parameter_data, .. } => (parameter_data, ParamLocation::Header),
            Parameter::Cookie { parameter_data, .. } => {
                return reject(
                    location,
                    format!(
                        "parameter `{}` is a cookie, which is not supported; remove it, callers can send it by with_header",
                        parameter_data.name
                    ),
                );
            }
        };
        let here = format!("{location}.parameters.{}", data.name);
        let ty = match &data.format {
            ParameterSchemaOrContent::Schema(ReferenceOr::Reference { reference }) => {
                SchemaReader { spec: self.spec }.resolve_ref(&here, reference)?
            }
            ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) => {
                SchemaReader { spec: self.spec }.inline_type(&here, schema)?
            }
            ParameterSchemaOrContent::Content(_) => {
                return reject(&here, "`content` is not supported; use `schema`");
            }
        };
        if at == ParamLocation::Header {
            check_header(&here, data, self.service.resolve(&ty))?;
        }
        let plain = match self.service.resolve(&ty) {
            Ty::Array(items) => **items == Ty::String,
            Ty::Map(_) | Ty::Json | Ty::Secret => false,
            Ty::Named(_) => self.service.structure(&ty).is_none(),
            _ => true,
        };
        if !plain {
            return reject(
                &here,
                "cannot be encoded in a URL; use a scalar, an array of strings, an enum or a CommaList",
            );
        }
        let required = data.required || at == ParamLocation::Path;
        Ok(Param {
            narrows: read_narrows(&here, data, at, required)?,
            wire: data.name.clone(),
            location: at,
            doc: require_description(&here, data.description.as_ref())?,
            ty,
            required,
        })
    }
}

/// Checks that a header is an optional string, and not one that the transport sets.
fn check_header(location: &str, data: &ParameterData, ty: &Ty) -> Result<()> {
    const SDK_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];
    if SDK_HEADERS.contains(&data.name.to_ascii_lowercase().as_str()) {
        return reject(location, "is a header that the SDK sets; remove it");
    }
    if data.required || *ty != Ty::String {
        return reject(
            location,
            "headers must be optional strings; make it an optional string",
        );
    }
    Ok(())
}

/// Whether a parameter selects a part of the document. By default, only one called `fields` does,
/// as in the Globus services.
fn read_narrows(
    location: &str,
    data: &ParameterData,
    at: ParamLocation,
    required: bool,
) -> Result<bool> {
    const WORD: &str = "x-globus-narrows";
    let optional = at == ParamLocation::Query && !required;
    if !data.extensions.contains_key(WORD) {
        return Ok(optional && data.name == "fields");
    }
    let narrows = bool_extension(location, &data.extensions, WORD)?;
    if narrows && !optional {
        return reject(
            &format!("{location}.{WORD}"),
            "applies only to optional query parameters; remove it",
        );
    }
    Ok(narrows)
}

/// Checks that a path is sent exactly as written: URL parsers resolve dot segments, drop or encode
/// invalid characters, and convert backslashes to slashes.
fn check_segments(location: &str, path: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/{}-._~!$&'()*+,;=:@".contains(c);
    // parameter names are not sent
    let mut inside = false;
    let odd = path.chars().find(|c| {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ => {}
        }
        !fits(*c) && (!inside || c.is_control())
    });
    if let Some(odd) = odd {
        return reject(
            location,
            format!(
                "`{}` has a `{}`, which a path cannot contain unescaped; use letters, digits, dashes and dots",
                path.escape_debug(),
                odd.escape_debug()
            ),
        );
    }
    let mut segments = path.split('/').skip(1);
    if path != "/" && segments.any(|segment| matches!(segment, "" | "." | "..")) {
        return reject(
            location,
            format!("`{path}` has an empty or dot segment, which URL parsers normalize; remove it"),
        );
    }
    Ok(())
}

/// Checks that the names in a path's braces are exactly its path parameters.
pub(super) fn check_template(location: &str, path: &str, params: &[Param]) -> Result<()> {
    if path.contains(['?', '#']) {
        return reject(
            location,
            format!("`{path}` has a query or a fragment; declare parameters instead"),
        );
    }
    check_segments(location, path)?;
    let mut names: Vec<&str> = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{').and_then(|s| s.split_once('}'));
        let Some((name, after)) = inner.filter(|(name, _)| !name.is_empty() && !name.contains('{'))
        else {
            return reject(
                location,
                format!("`{path}` has an unbalanced brace; write each parameter as {{name}}"),
            );
        };
        if names.contains(&name) {
            return reject(
                location,
                format!("`{path}` names `{name}` twice; use a distinct name for each parameter"),
            );
        }
        names.push(name);
        rest = after;
    }
    let declared = |name: &&str| {
        params
            .iter()
            .any(|p| p.location == ParamLocation::Path && p.wire == *name)
    };
    if let Some(name) = names.iter().find(|name| !declared(name)) {
        return reject(
            location,
            format!("path parameter `{name}` is not declared; add it to parameters"),
        );
    }
    let stray = |p: &&Param| p.location == ParamLocation::Path && !names.contains(&p.wire.as_str());
    match params.iter().find(stray) {
        Some(param) => reject(
            &format!("{location}.parameters.{}", param.wire),
            format!(
                "is not in `{path}`; write {{{}}} there, or remove the parameter",
                param.wire
            ),
        ),
        None => Ok(()),
    }
}
