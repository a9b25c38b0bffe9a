//! Parameters, and the templates of the paths that hold them.

use super::operations::Operations;
use super::schemas::Reader;
use super::{described, flag, referred};
use crate::error::{Result, refuse};
use crate::model::{Param, ParamPlace, Ty};
use openapiv3::{Parameter, ParameterData, ParameterSchemaOrContent, ReferenceOr};

impl Operations<'_> {
    pub(super) fn parameter(
        &self,
        place: &str,
        parameter: &ReferenceOr<Parameter>,
    ) -> Result<Param> {
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
            Parameter::Header { parameter_data, .. } => (parameter_data, ParamPlace::Header),
            Parameter::Cookie { parameter_data, .. } => {
                return refuse(
                    place,
                    format!(
                        "parameter `{}` is in a cookie; leave it to with_header",
                        parameter_data.name
                    ),
                );
            }
        };
        let here = format!("{place}.parameters.{}", data.name);
        let ty = match &data.format {
            ParameterSchemaOrContent::Schema(ReferenceOr::Reference { reference }) => {
                Reader { spec: self.spec }.refer(&here, reference)?
            }
            ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) => {
                Reader { spec: self.spec }.inline(&here, schema)?
            }
            ParameterSchemaOrContent::Content(_) => {
                return refuse(&here, "has content; give it a schema");
            }
        };
        if at == ParamPlace::Header {
            header(&here, data, self.service.resolve(&ty))?;
        }
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
        let required = data.required || at == ParamPlace::Path;
        Ok(Param {
            narrows: narrows(&here, data, at, required)?,
            wire: data.name.clone(),
            place: at,
            doc: described(&here, data.description.as_ref())?,
            ty,
            required,
        })
    }
}

/// A header is an optional string, and none that the transport writes itself.
fn header(place: &str, data: &ParameterData, ty: &Ty) -> Result<()> {
    const OF_THE_TRANSPORT: [&str; 3] = ["accept", "authorization", "content-type"];
    if OF_THE_TRANSPORT.contains(&data.name.to_ascii_lowercase().as_str()) {
        return refuse(
            place,
            "is a header that the SDK writes itself; leave it out",
        );
    }
    if data.required || *ty != Ty::String {
        return refuse(
            place,
            "is a required header, or no string; make it an optional string",
        );
    }
    Ok(())
}

/// Whether a parameter asks for a part of the document: what is called `fields` does, as the services
/// have it, unless the spec says otherwise.
fn narrows(place: &str, data: &ParameterData, at: ParamPlace, required: bool) -> Result<bool> {
    const WORD: &str = "x-globus-narrows";
    let optional = at == ParamPlace::Query && !required;
    if !data.extensions.contains_key(WORD) {
        return Ok(optional && data.name == "fields");
    }
    let narrows = flag(place, &data.extensions, WORD)?;
    if narrows && !optional {
        return refuse(
            &format!("{place}.{WORD}"),
            "is for optional parameters of the query; without them a call gives the whole document",
        );
    }
    Ok(narrows)
}

/// What is sent must be what is written: a URL resolves dots, drops or encodes what has no place in it,
/// and takes a backslash for a slash.
fn segments(place: &str, path: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/{}-._~!$&'()*+,;=:@".contains(c);
    // the name of a parameter is not sent
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
        return refuse(
            place,
            format!(
                "`{}` has a `{}`, which a path cannot hold as it is; use letters, digits, dashes and dots",
                path.escape_debug(),
                odd.escape_debug()
            ),
        );
    }
    let mut segments = path.split('/').skip(1);
    if path != "/" && segments.any(|segment| matches!(segment, "" | "." | "..")) {
        return refuse(
            place,
            format!(
                "`{path}` has a segment that is empty or only dots, which a URL would resolve; leave it out"
            ),
        );
    }
    Ok(())
}

/// The names in braces of a path, which are its parameters and no others.
pub(super) fn template(place: &str, path: &str, params: &[Param]) -> Result<()> {
    if path.contains(['?', '#']) {
        return refuse(
            place,
            format!("`{path}` has a query or a fragment; leave it to parameters"),
        );
    }
    segments(place, path)?;
    let mut names: Vec<&str> = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{').and_then(|s| s.split_once('}'));
        let Some((name, after)) = inner.filter(|(name, _)| !name.is_empty() && !name.contains('{'))
        else {
            return refuse(
                place,
                format!(
                    "`{path}` has a brace without its other half; write each parameter as {{name}}"
                ),
            );
        };
        if names.contains(&name) {
            return refuse(
                place,
                format!("`{path}` names `{name}` twice; give each parameter a name"),
            );
        }
        names.push(name);
        rest = after;
    }
    let declared = |name: &&str| {
        params
            .iter()
            .any(|p| p.place == ParamPlace::Path && p.wire == *name)
    };
    if let Some(name) = names.iter().find(|name| !declared(name)) {
        return refuse(
            place,
            format!("path parameter `{name}` is not declared; add it to parameters"),
        );
    }
    let stray = |p: &&Param| p.place == ParamPlace::Path && !names.contains(&p.wire.as_str());
    match params.iter().find(stray) {
        Some(param) => refuse(
            &format!("{place}.parameters.{}", param.wire),
            format!(
                "is not in `{path}`; write {{{}}} there, or drop it",
                param.wire
            ),
        ),
        None => Ok(()),
    }
}
