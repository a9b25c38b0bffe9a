//! The objects of an OpenAPI 3.0 document: which keys each may have, and which objects they
//! contain.

use crate::error::{Result, reject};
use crate::naming::closest_match;
use serde_yaml::{Mapping, Value};

/// The kind of an OpenAPI object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SpecObject {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    Tag,
    ExternalDocs,
    Components,
    SecurityScheme,
    Path,
    Operation,
    Parameter,
    Body,
    Response,
    Header,
    Media,
    Example,
    Schema,
    /// A schema under `properties`.
    Property,
    Discriminator,
    /// A map with arbitrary keys.
    Map(&'static SpecObject),
}

/// The `x-globus-` extensions, each with the object that it belongs to.
const EXTENSIONS: &[(&str, SpecObject)] = &[
    ("x-globus-service", SpecObject::Document),
    ("x-globus-scopes", SpecObject::Operation),
    ("x-globus-auth", SpecObject::Operation),
    ("x-globus-idempotency", SpecObject::Operation),
    ("x-globus-paging", SpecObject::Operation),
    ("x-globus-url-only", SpecObject::Operation),
    ("x-globus-wrapped", SpecObject::Operation),
    ("x-globus-python", SpecObject::Operation),
    ("x-globus-narrows", SpecObject::Parameter),
    ("x-globus-open-enum", SpecObject::Schema),
    ("x-globus-rust-type", SpecObject::Schema),
    ("x-globus-free-form", SpecObject::Schema),
    ("x-globus-filled-by", SpecObject::Schema),
    ("x-globus-initial", SpecObject::Schema),
    ("x-globus-required", SpecObject::Property),
];

/// The keys of a parameter or header in OpenAPI 3.0.3.
const PARAMETER_KEYS: &[&str] = &[
    "description",
    "required",
    "deprecated",
    "allowEmptyValue",
    "style",
    "explode",
    "allowReserved",
    "schema",
    "example",
    "examples",
    "content",
    "name",
    "in",
    "$ref",
];

impl SpecObject {
    pub(super) fn is_schema(self) -> bool {
        matches!(self, Self::Schema | Self::Property)
    }

    /// Its name in error messages.
    fn display_name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Info => "`info`",
            Self::Contact => "`contact`",
            Self::License => "`license`",
            Self::Server => "a server",
            Self::ServerVariable => "a server's variable",
            Self::Tag => "a tag",
            Self::ExternalDocs => "`externalDocs`",
            Self::Components => "`components`",
            Self::SecurityScheme => "a security scheme",
            Self::Path => "a path",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::Body => "a request body",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Media => "a media type",
            Self::Example => "an example",
            Self::Schema => "a schema",
            Self::Property => "a property",
            Self::Discriminator => "a discriminator",
            Self::Map(_) => "a name",
        }
    }

    /// The keys that OpenAPI 3.0.3 defines; `None` for arbitrary ones.
    fn keys(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Document => &[
                "openapi",
                "info",
                "servers",
                "paths",
                "components",
                "security",
                "tags",
                "externalDocs",
            ],
            Self::Info => &[
                "title",
                "description",
                "termsOfService",
                "contact",
                "license",
                "version",
            ],
            Self::Contact => &["name", "url", "email"],
            Self::License => &["name", "url"],
            Self::Server => &["url", "description", "variables"],
            Self::ServerVariable => &["enum", "default", "description"],
            Self::Tag => &["name", "description", "externalDocs"],
            Self::ExternalDocs => &["description", "url"],
            Self::Components => &[
                "schemas",
                "responses",
                "parameters",
                "examples",
                "requestBodies",
                "headers",
                "securitySchemes",
                "links",
                "callbacks",
            ],
            Self::SecurityScheme => &[
                "type",
                "description",
                "name",
                "in",
                "scheme",
                "bearerFormat",
                "flows",
                "openIdConnectUrl",
                "$ref",
            ],
            Self::Path => &[
                "$ref",
                "summary",
                "description",
                "get",
                "put",
                "post",
                "delete",
                "options",
                "head",
                "patch",
                "trace",
                "servers",
                "parameters",
            ],
            Self::Operation => &[
                "tags",
                "summary",
                "description",
                "externalDocs",
                "operationId",
                "parameters",
                "requestBody",
                "responses",
                "callbacks",
                "deprecated",
                "security",
                "servers",
            ],
            Self::Parameter | Self::Header => PARAMETER_KEYS,
            Self::Body => &["description", "content", "required", "$ref"],
            Self::Response => &["description", "headers", "content", "links", "$ref"],
            Self::Media => &["schema", "example", "examples", "encoding"],
            Self::Example => &["summary", "description", "value", "externalValue", "$ref"],
            Self::Schema | Self::Property => &[
                "title",
                "multipleOf",
                "maximum",
                "exclusiveMaximum",
                "minimum",
                "exclusiveMinimum",
                "maxLength",
                "minLength",
                "pattern",
                "maxItems",
                "minItems",
                "uniqueItems",
                "maxProperties",
                "minProperties",
                "required",
                "enum",
                "type",
                "allOf",
                "oneOf",
                "anyOf",
                "not",
                "items",
                "properties",
                "additionalProperties",
                "description",
                "format",
                "default",
                "nullable",
                "discriminator",
                "readOnly",
                "writeOnly",
                "xml",
                "externalDocs",
                "example",
                "deprecated",
                "$ref",
            ],
            Self::Discriminator => &["propertyName", "mapping"],
            Self::Map(_) => return None,
        })
    }

    /// The error for a key that OpenAPI defines but this generator does not support. Ignoring it
    /// would silently change what is sent or what a value means.
    fn unsupported(self, key: &str, value: &Value) -> Option<&'static str> {
        let is = |plain: &str| value.as_str() == Some(plain);
        match (self, key) {
            (Self::Path | Self::Operation, "servers") => Some(
                "is not supported, since a service has one URL; write x-globus-service.base-url",
            ),
            (Self::Parameter, "style") if !is("form") && !is("simple") => Some(
                "is not supported; remove it: queries use `form`, which repeats an array's name for each item, and paths use `simple`",
            ),
            (Self::Parameter, "explode") if *value != true => Some(
                "is not supported; remove it: an array's name is repeated for each item. For comma-separated values, use a CommaList",
            ),
            (Self::Parameter, "allowReserved") if *value != false => {
                Some("is not supported; remove it: reserved characters are always encoded")
            }
            (Self::Media, "encoding") => {
                Some("is not supported; remove it: a form is encoded by its schema, see CommaList")
            }
            (Self::Schema | Self::Property, "readOnly" | "writeOnly") if *value != false => Some(
                "is not supported; remove it, and write one schema for requests and one for responses",
            ),
            (Self::Schema | Self::Property, "exclusiveMaximum" | "exclusiveMinimum")
                if *value != false =>
            {
                Some("is not supported; write an inclusive bound as `maximum` or `minimum`")
            }
            _ => None,
        }
    }

    /// The kind of object under a key; `None` if it is not an OpenAPI object, such as example data.
    pub(super) fn child(self, key: &str) -> Option<Self> {
        Some(match (self, key) {
            (Self::Map(of), _) => *of,
            (Self::Document, "info") => Self::Info,
            (Self::Document, "servers") => Self::Server,
            (Self::Document, "tags") => Self::Tag,
            (Self::Document, "paths") => Self::Map(&Self::Path),
            (Self::Document, "components") => Self::Components,
            (
                Self::Document | Self::Tag | Self::Operation | Self::Schema | Self::Property,
                "externalDocs",
            ) => Self::ExternalDocs,
            (Self::Info, "contact") => Self::Contact,
            (Self::Info, "license") => Self::License,
            (Self::Server, "variables") => Self::Map(&Self::ServerVariable),
            (Self::Components, "schemas") => Self::Map(&Self::Schema),
            (Self::Components, "parameters") => Self::Map(&Self::Parameter),
            (Self::Components, "requestBodies") => Self::Map(&Self::Body),
            (Self::Components, "headers") => Self::Map(&Self::Header),
            (Self::Components, "examples") => Self::Map(&Self::Example),
            (Self::Components, "securitySchemes") => Self::Map(&Self::SecurityScheme),
            (Self::Components | Self::Operation, "responses") => Self::Map(&Self::Response),
            (
                Self::Path,
                "get" | "put" | "post" | "patch" | "delete" | "head" | "options" | "trace",
            ) => Self::Operation,
            (Self::Path | Self::Operation, "parameters") => Self::Parameter,
            (Self::Path | Self::Operation, "servers") => Self::Server,
            (Self::Operation, "requestBody") => Self::Body,
            (Self::Body | Self::Response | Self::Parameter | Self::Header, "content") => {
                Self::Map(&Self::Media)
            }
            (Self::Response, "headers") => Self::Map(&Self::Header),
            (Self::Media | Self::Parameter | Self::Header, "examples") => Self::Map(&Self::Example),
            (Self::Parameter | Self::Media | Self::Header, "schema") => Self::Schema,
            (Self::Schema | Self::Property, "properties") => Self::Map(&Self::Property),
            (
                Self::Schema | Self::Property,
                "items" | "additionalProperties" | "allOf" | "oneOf" | "anyOf" | "not",
            ) => Self::Schema,
            (Self::Schema | Self::Property, "discriminator") => Self::Discriminator,
            _ => return None,
        })
    }
}

/// Rejects keys that are unknown, misplaced, or defined but not supported.
pub(super) fn check_keys(location: &str, map: &Mapping, object: SpecObject) -> Result<()> {
    let Some(known) = object.keys() else {
        return Ok(());
    };
    if map.len() > 1 && map.get("$ref").is_some_and(Value::is_string) {
        let beside = map.keys().filter_map(Value::as_str).find(|k| *k != "$ref");
        // a path's $ref may have siblings in OpenAPI; it is rejected elsewhere
        if let Some(key) = beside.filter(|_| object != SpecObject::Path) {
            return reject(
                &join(location, key),
                "is a sibling of a $ref, which OpenAPI ignores; write `allOf: [{$ref: ...}]` and put it next to that",
            );
        }
    }
    for (key, value) in map {
        let Some(key) = key.as_str() else {
            let shown = serde_yaml::to_string(key).unwrap_or_default();
            let at = join(location, shown.trim());
            return reject_unknown_key(&at, object, shown.trim(), known);
        };
        let at = join(location, key);
        if key.starts_with("x-globus-") {
            check_extension(&at, key, object)?;
        } else if let Some(key) = key.strip_prefix("x-") {
            check_foreign_extension(&at, key)?;
        } else if !known.contains(&key) {
            return reject_unknown_key(&at, object, key, known);
        } else if let Some(remedy) = object.unsupported(key, value) {
            return reject(&at, remedy);
        } else if object.is_schema() && key == "format" {
            check_format(&at, map, value)?;
        }
    }
    Ok(())
}

fn reject_unknown_key(at: &str, object: SpecObject, key: &str, known: &[&str]) -> Result<()> {
    let remedy = match closest_match(key, known) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("write one of {}", known.join(", ")),
    };
    reject(
        at,
        format!(
            "`{key}` is not a known key of {}; {remedy}",
            object.display_name()
        ),
    )
}

fn check_extension(at: &str, name: &str, object: SpecObject) -> Result<()> {
    let Some((_, belongs)) = EXTENSIONS.iter().find(|(word, _)| *word == name) else {
        return reject(
            at,
            "is not a known extension; specs/README.md lists them all",
        );
    };
    if *belongs == object || (*belongs == SpecObject::Schema && object.is_schema()) {
        return Ok(());
    }
    let belongs = belongs.display_name();
    reject(at, format!("has no effect here; move it to {belongs}"))
}

/// Rejects a third-party extension that is nearly one of ours: it is probably a typo.
fn check_foreign_extension(at: &str, name: &str) -> Result<()> {
    let ours: Vec<&str> = EXTENSIONS
        .iter()
        .filter_map(|(word, _)| word.strip_prefix("x-"))
        .collect();
    match closest_match(name, &ours) {
        Some(meant) => reject(
            at,
            format!("`x-{name}` is not a known extension; write `x-{meant}`"),
        ),
        None => Ok(()),
    }
}

/// Rejects unknown formats. A misspelt one would become a plain string: a password would be shown
/// in logs, and a UUID would not be validated.
fn check_format(at: &str, schema: &Mapping, format: &Value) -> Result<()> {
    let known: &[&str] = match schema.get("type").and_then(Value::as_str) {
        Some("string") => &[
            "uuid",
            "password",
            "date",
            "date-time",
            "time",
            "duration",
            "email",
            "hostname",
            "ipv4",
            "ipv6",
            "uri",
            "uri-reference",
            "regex",
            "byte",
            "binary",
            "json-pointer",
        ],
        Some("integer") => &["int32", "int64"],
        Some("number") => &["float", "double"],
        _ => return Ok(()),
    };
    let Some(given) = format.as_str() else {
        return Ok(());
    };
    if known.contains(&given) {
        return Ok(());
    }
    let remedy = match closest_match(given, known) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("write one of {}, or remove it", known.join(", ")),
    };
    reject(at, format!("`{given}` is not a known format; {remedy}"))
}

pub(super) fn join(location: &str, name: &str) -> String {
    if location.is_empty() {
        name.to_owned()
    } else {
        format!("{location}.{name}")
    }
}
