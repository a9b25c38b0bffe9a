//! The parts that an OpenAPI 3.0 document is made of: what each may hold, and what stands below a key.

use crate::error::{Result, refuse};
use crate::naming::nearest;
use serde_yaml::{Mapping, Value};

/// The part of a document that a mapping is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
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
    /// A schema that stands under `properties`.
    Property,
    Discriminator,
    /// A mapping whose keys are names of the author's choice.
    Named(&'static Part),
}

/// The vocabulary, by the part that each word stands on.
const VOCABULARY: &[(&str, Part)] = &[
    ("x-globus-service", Part::Document),
    ("x-globus-scopes", Part::Operation),
    ("x-globus-auth", Part::Operation),
    ("x-globus-idempotency", Part::Operation),
    ("x-globus-paging", Part::Operation),
    ("x-globus-url-only", Part::Operation),
    ("x-globus-wrapped", Part::Operation),
    ("x-globus-python", Part::Operation),
    ("x-globus-narrows", Part::Parameter),
    ("x-globus-open-enum", Part::Schema),
    ("x-globus-rust-type", Part::Schema),
    ("x-globus-free-form", Part::Schema),
    ("x-globus-filled-by", Part::Schema),
    ("x-globus-initial", Part::Schema),
    ("x-globus-required", Part::Property),
];

/// What OpenAPI 3.0.3 lets a parameter, or a header, hold beside its name and place.
const OF_PARAMETERS: &[&str] = &[
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

impl Part {
    pub(super) fn is_schema(self) -> bool {
        matches!(self, Self::Schema | Self::Property)
    }

    /// How a sentence calls it.
    fn called(self) -> &'static str {
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
            Self::Named(_) => "a name",
        }
    }

    /// The keys that OpenAPI 3.0.3 knows; `None` where the author chooses them.
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
            Self::Parameter | Self::Header => OF_PARAMETERS,
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
            Self::Named(_) => return None,
        })
    }

    /// What a known key must not say, since it would be ignored though it changes what is sent or
    /// what a value means; and what to write instead.
    fn ignored(self, key: &str, value: &Value) -> Option<&'static str> {
        let is = |plain: &str| value.as_str() == Some(plain);
        match (self, key) {
            (Self::Path | Self::Operation, "servers") => {
                Some("is not compiled: a service has one address; write x-globus-service.base-url")
            }
            (Self::Parameter, "style") if !is("form") && !is("simple") => Some(
                "is not compiled; leave it out: a query repeats the name of an array for each item (`form`), a path is `simple`",
            ),
            (Self::Parameter, "explode") if *value != true => Some(
                "is not compiled; leave it out: an array's name is repeated for each item. For commas between, use a CommaList",
            ),
            (Self::Parameter, "allowReserved") if *value != false => {
                Some("is not compiled; leave it out: what a URL reserves is encoded")
            }
            (Self::Media, "encoding") => Some(
                "is not compiled; leave it out: a form is encoded by its schema, see CommaList",
            ),
            (Self::Schema | Self::Property, "readOnly" | "writeOnly") if *value != false => Some(
                "is not compiled; leave it out, and write one schema for requests and one for responses",
            ),
            (Self::Schema | Self::Property, "exclusiveMaximum" | "exclusiveMinimum")
                if *value != false =>
            {
                Some("is not compiled; write the bound itself as `maximum` or `minimum`")
            }
            _ => None,
        }
    }

    /// What stands below a key; `None` for what is no part of the document, such as examples.
    pub(super) fn below(self, key: &str) -> Option<Self> {
        Some(match (self, key) {
            (Self::Named(of), _) => *of,
            (Self::Document, "info") => Self::Info,
            (Self::Document, "servers") => Self::Server,
            (Self::Document, "tags") => Self::Tag,
            (Self::Document, "paths") => Self::Named(&Self::Path),
            (Self::Document, "components") => Self::Components,
            (
                Self::Document | Self::Tag | Self::Operation | Self::Schema | Self::Property,
                "externalDocs",
            ) => Self::ExternalDocs,
            (Self::Info, "contact") => Self::Contact,
            (Self::Info, "license") => Self::License,
            (Self::Server, "variables") => Self::Named(&Self::ServerVariable),
            (Self::Components, "schemas") => Self::Named(&Self::Schema),
            (Self::Components, "parameters") => Self::Named(&Self::Parameter),
            (Self::Components, "requestBodies") => Self::Named(&Self::Body),
            (Self::Components, "headers") => Self::Named(&Self::Header),
            (Self::Components, "examples") => Self::Named(&Self::Example),
            (Self::Components, "securitySchemes") => Self::Named(&Self::SecurityScheme),
            (Self::Components | Self::Operation, "responses") => Self::Named(&Self::Response),
            (
                Self::Path,
                "get" | "put" | "post" | "patch" | "delete" | "head" | "options" | "trace",
            ) => Self::Operation,
            (Self::Path | Self::Operation, "parameters") => Self::Parameter,
            (Self::Path | Self::Operation, "servers") => Self::Server,
            (Self::Operation, "requestBody") => Self::Body,
            (Self::Body | Self::Response | Self::Parameter | Self::Header, "content") => {
                Self::Named(&Self::Media)
            }
            (Self::Response, "headers") => Self::Named(&Self::Header),
            (Self::Media | Self::Parameter | Self::Header, "examples") => {
                Self::Named(&Self::Example)
            }
            (Self::Parameter | Self::Media | Self::Header, "schema") => Self::Schema,
            (Self::Schema | Self::Property, "properties") => Self::Named(&Self::Property),
            (
                Self::Schema | Self::Property,
                "items" | "additionalProperties" | "allOf" | "oneOf" | "anyOf" | "not",
            ) => Self::Schema,
            (Self::Schema | Self::Property, "discriminator") => Self::Discriminator,
            _ => return None,
        })
    }
}

/// Refuses a key that OpenAPI and our vocabulary do not know, one that is known and stands where it
/// says nothing, and one that would be ignored though it means something.
pub(super) fn check(place: &str, map: &Mapping, part: Part) -> Result<()> {
    let Some(known) = part.keys() else {
        return Ok(());
    };
    if map.len() > 1 && map.get("$ref").is_some_and(Value::is_string) {
        let beside = map.keys().filter_map(Value::as_str).find(|k| *k != "$ref");
        // OpenAPI gives a path's $ref no such rule; it is refused for itself
        if let Some(key) = beside.filter(|_| part != Part::Path) {
            return refuse(
                &join(place, key),
                "stands beside a $ref, where OpenAPI ignores it; write `allOf: [{$ref: ...}]` with it beside",
            );
        }
    }
    for (key, value) in map {
        let Some(key) = key.as_str() else {
            let shown = serde_yaml::to_string(key).unwrap_or_default();
            let at = join(place, shown.trim());
            return unknown(&at, part, shown.trim(), known);
        };
        let at = join(place, key);
        if key.starts_with("x-globus-") {
            vocabulary(&at, key, part)?;
        } else if let Some(key) = key.strip_prefix("x-") {
            extension(&at, key)?;
        } else if !known.contains(&key) {
            return unknown(&at, part, key, known);
        } else if let Some(remedy) = part.ignored(key, value) {
            return refuse(&at, remedy);
        } else if part.is_schema() && key == "format" {
            format_known(&at, map, value)?;
        }
    }
    Ok(())
}

fn unknown(at: &str, part: Part, key: &str, known: &[&str]) -> Result<()> {
    let remedy = match nearest(key, known) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("write one of {}", known.join(", ")),
    };
    refuse(
        at,
        format!("`{key}` is an unknown key of {}; {remedy}", part.called()),
    )
}

fn vocabulary(at: &str, name: &str, part: Part) -> Result<()> {
    let Some((_, belongs)) = VOCABULARY.iter().find(|(word, _)| *word == name) else {
        return refuse(
            at,
            "is not a word of the vocabulary; specs/README.md lists them all",
        );
    };
    if *belongs == part || (*belongs == Part::Schema && part.is_schema()) {
        return Ok(());
    }
    let belongs = belongs.called();
    refuse(at, format!("says nothing here; move it to {belongs}"))
}

/// Extensions of others are theirs; one that is nearly ours is a slip.
fn extension(at: &str, name: &str) -> Result<()> {
    let ours: Vec<&str> = VOCABULARY
        .iter()
        .filter_map(|(word, _)| word.strip_prefix("x-"))
        .collect();
    match nearest(name, &ours) {
        Some(meant) => refuse(
            at,
            format!("`x-{name}` is an unknown word; write `x-{meant}`"),
        ),
        None => Ok(()),
    }
}

/// A misspelt format would be a plain string: a password would be shown, a UUID be any text.
fn format_known(at: &str, schema: &Mapping, format: &Value) -> Result<()> {
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
    let remedy = match nearest(given, known) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("write one of {}, or leave it out", known.join(", ")),
    };
    refuse(at, format!("`{given}` is an unknown format; {remedy}"))
}

pub(super) fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}
