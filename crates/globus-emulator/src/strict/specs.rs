//! The OpenAPI documents, and the operations of requests.

use std::sync::OnceLock;

use axum::http::Method;
use serde_json::{Map, Value as Json};

/// The documents of the repository, by file name.
const TEXTS: &[(&str, &str)] = &[
    ("auth.yaml", include_str!("../../specs/auth.yaml")),
    ("groups.yaml", include_str!("../../specs/groups.yaml")),
    ("search.yaml", include_str!("../../specs/search.yaml")),
    ("transfer.yaml", include_str!("../../specs/transfer.yaml")),
];

/// The HTTP methods of OpenAPI.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// All documents, parsed.
#[derive(Debug)]
pub(super) struct Specs(Vec<Document>);

#[derive(Debug)]
struct Document {
    json: Json,
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    method: &'static str,
    path: String,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// An operation, matched with the path of a request.
pub(super) struct Operation<'a> {
    /// The document it belongs to, for references.
    pub(super) document: &'a Json,
    pub(super) id: &'a str,
    pub(super) node: &'a Json,
    /// Parameters shared by all operations of the path.
    shared: Option<&'a Json>,
    /// The path parameters, decoded.
    pub(super) path_values: Vec<(&'a str, String)>,
}

impl Specs {
    /// The documents, parsed by the first caller in the process.
    pub(super) fn get() -> Result<&'static Self, String> {
        static SPECS: OnceLock<Result<Specs, String>> = OnceLock::new();
        SPECS
            .get_or_init(Self::parse)
            .as_ref()
            .map_err(Clone::clone)
    }

    fn parse() -> Result<Self, String> {
        let documents = TEXTS.iter().map(|(name, text)| {
            let json: Json =
                serde_yaml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
            let routes = routes(&json);
            Ok(Document { json, routes })
        });
        documents.collect::<Result<_, _>>().map(Self)
    }

    /// The `operationId` of every operation.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|document| {
            document.routes.iter().filter_map(|route| {
                let item = document.json.get("paths")?.get(&route.path)?;
                item.get(route.method)?.get("operationId")?.as_str()
            })
        })
    }

    /// The operation of a request. If two paths match, the one with more literal segments wins.
    pub(super) fn operation(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let fitting = self.0.iter().flat_map(|document| {
            let routes = document.routes.iter();
            routes
                .filter(|route| route.method.eq_ignore_ascii_case(method.as_str()))
                .filter(|route| route.fits(&parts))
                .map(move |route| (document, route))
        });
        // As OpenAPI requires: `/task/{id}` and `/task/list` may both match.
        let (document, route) = fitting.max_by_key(|(_, route)| route.literals())?;
        let item = document.json.get("paths")?.get(&route.path)?;
        let node = item.get(route.method)?;
        Some(Operation {
            document: &document.json,
            id: node
                .get("operationId")
                .and_then(Json::as_str)
                .unwrap_or("?"),
            node,
            shared: item.get("parameters"),
            path_values: route.values(&parts),
        })
    }
}

fn routes(document: &Json) -> Vec<Route> {
    let mut routes = Vec::new();
    let paths = document.get("paths").and_then(Json::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if item.get(method).is_some() {
                routes.push(Route::new(method, path));
            }
        }
    }
    routes
}

impl Route {
    fn new(method: &'static str, path: &str) -> Self {
        let segments = path.trim_start_matches('/').split('/').map(|segment| {
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            }
        });
        Self {
            method,
            path: path.to_owned(),
            segments: segments.collect(),
        }
    }

    fn fits(&self, parts: &[&str]) -> bool {
        self.segments.len() == parts.len()
            && self
                .segments
                .iter()
                .zip(parts)
                .all(|(segment, part)| !matches!(segment, Segment::Literal(text) if text != part))
    }

    fn literals(&self) -> usize {
        let literal = |segment: &&Segment| matches!(segment, Segment::Literal(_));
        self.segments.iter().filter(literal).count()
    }

    fn values(&self, parts: &[&str]) -> Vec<(&str, String)> {
        let pairs = self.segments.iter().zip(parts);
        pairs
            .filter_map(|(segment, part)| match segment {
                Segment::Parameter(name) => Some((name.as_str(), decoded(part))),
                Segment::Literal(_) => None,
            })
            .collect()
    }
}

/// Percent-decodes a path segment. A plus sign is literal there, unlike in forms.
fn decoded(segment: &str) -> String {
    let pairs = format!("_={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl<'a> Operation<'a> {
    /// The declared parameters in this location (`path`, `query`).
    pub(super) fn parameters(&self, location: &str) -> Vec<&'a Json> {
        let own = self.node.get("parameters");
        let lists = [own, self.shared].into_iter().flatten();
        let all = lists.filter_map(Json::as_array).flatten();
        all.map(|parameter| resolve(self.document, parameter))
            .filter(|parameter| text(parameter, "in") == location)
            .collect()
    }

    /// The schema of a body with this content type; the error lists the documented types.
    pub(super) fn schema_for(
        &self,
        content: &'a Map<String, Json>,
        content_type: &str,
    ) -> Result<Option<&'a Json>, String> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let media = content
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(essence));
        match media {
            Some((_, media)) => Ok(media.get("schema")),
            None => {
                let documented: Vec<&str> = content.keys().map(String::as_str).collect();
                Err(format!(
                    "must be {}, not {essence:?}",
                    documented.join(" or ")
                ))
            }
        }
    }
}

/// Resolves a `$ref`, if there is one.
pub(super) fn resolve<'a>(document: &'a Json, mut node: &'a Json) -> &'a Json {
    // References to references are rare, and a cycle would be an error in the spec.
    for _ in 0..8 {
        let Some(target) = node
            .get("$ref")
            .and_then(Json::as_str)
            .and_then(|reference| document.pointer(reference.strip_prefix('#')?))
        else {
            return node;
        };
        node = target;
    }
    node
}

/// A string member, empty if absent.
pub(super) fn text<'a>(node: &'a Json, name: &str) -> &'a str {
    node.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// A list member, empty if absent.
pub(super) fn list<'a>(node: &'a Json, name: &str) -> &'a [Json] {
    node.get(name)
        .and_then(Json::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Result = std::result::Result<(), Box<dyn std::error::Error>>;

    fn id_of(method: Method, path: &str) -> std::result::Result<Option<String>, String> {
        let operation = Specs::get()?.operation(&method, path);
        Ok(operation.map(|operation| operation.id.to_owned()))
    }

    #[test]
    fn a_request_finds_its_operation() -> Result {
        let task = "/v0.10/task/5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";
        assert_eq!(id_of(Method::GET, task)?.as_deref(), Some("get_task"));
        assert_eq!(id_of(Method::PUT, task)?.as_deref(), Some("update_task"));
        assert_eq!(id_of(Method::GET, "/v0.10/nothing")?, None);
        assert_eq!(id_of(Method::HEAD, task)?, None);
        Ok(())
    }

    #[test]
    fn a_segment_is_decoded_but_for_its_plus() {
        assert_eq!(decoded("a%2Fb+c&d%25"), "a/b+c&d%");
    }

    /// The keywords that `schema.rs` implements, and those without effect on validation.
    const UNDERSTOOD: &[&str] = &[
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "enum",
        "example",
        "externalDocs",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "not",
        "nullable",
        "oneOf",
        "properties",
        "readOnly",
        "required",
        "title",
        "type",
        "writeOnly",
    ];

    fn misunderstood(schema: &Json, found: &mut Vec<String>) {
        let Some(members) = schema.as_object() else {
            return;
        };
        for (keyword, value) in members {
            if !keyword.starts_with("x-") && !UNDERSTOOD.contains(&keyword.as_str()) {
                found.push(keyword.clone());
            }
            match (keyword.as_str(), value) {
                ("properties", Json::Object(below)) => {
                    below.values().for_each(|one| misunderstood(one, found));
                }
                ("allOf" | "oneOf" | "anyOf", Json::Array(below)) => {
                    below.iter().for_each(|one| misunderstood(one, found));
                }
                ("items" | "not" | "additionalProperties", below) => misunderstood(below, found),
                _ => {}
            }
        }
    }

    #[test]
    fn no_keyword_of_a_schema_is_passed_over() -> Result {
        for document in &Specs::get()?.0 {
            let schemas = document.json.pointer("/components/schemas");
            let mut found = Vec::new();
            let schemas = schemas.and_then(Json::as_object);
            assert!(schemas.is_some_and(|schemas| schemas.len() > 5));
            for schema in schemas.into_iter().flatten() {
                misunderstood(schema.1, &mut found);
            }
            assert_eq!(found, [""; 0], "teach schema.rs these keywords");
        }
        Ok(())
    }

    #[test]
    fn every_document_is_read() -> Result {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/specs");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".yaml") {
                names.push(name);
            }
        }
        names.sort();
        let read: Vec<&str> = TEXTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, read, "name the new document in TEXTS");
        Ok(())
    }
}
