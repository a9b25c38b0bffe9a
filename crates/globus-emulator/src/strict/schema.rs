//! Validation of JSON against schemas of OpenAPI 3.0.
//!
//! This is a dialect of its own (`nullable`, discriminators), of which the specs use a small part. It is
//! interpreted directly: translating it for a JSON Schema validator would also cost 52 CPU-seconds and 79
//! crates in every cold build.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value as Json};
use uuid::Uuid;

use super::specs::{list, resolve, text};

/// A deviation from the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// A JSON pointer, or the name of a parameter.
    pub(super) location: String,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(location: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            location: location.into(),
            message: message.into(),
        }
    }
}

/// Validates values against schemas of a document.
#[derive(Clone, Copy)]
pub(super) struct Checker<'a> {
    /// The document, for references.
    pub(super) document: &'a Json,
    /// Whether undocumented members are reported.
    pub(super) only_documented_keys: bool,
    /// Whether required members may be missing because the request selected fields.
    pub(super) partial: bool,
    /// Whether open enums may have values that are not listed.
    pub(super) open_enums: bool,
}

/// The documented members of an object, over all parts of its schema.
#[derive(Default)]
struct Keys<'a> {
    named: BTreeSet<&'a str>,
    /// All members are allowed: a map, or free-form JSON.
    open: bool,
}

impl<'a> Checker<'a> {
    /// Validates `value`, and returns what is wrong.
    pub(super) fn check(&self, schema: &'a Json, value: &Json, at: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut keys = Keys::default();
        self.check_part(schema, value, at, &mut keys, &mut found);
        if let (true, false, Json::Object(members)) = (self.only_documented_keys, keys.open, value)
        {
            let unknown = members
                .keys()
                .filter(|name| !keys.named.contains(name.as_str()));
            found.extend(unknown.map(|name| {
                Finding::new(child_pointer(at, name), "is a key that is not documented")
            }));
        }
        found
    }

    /// Validates against one part of a schema. Member names are collected over all parts, since no part of
    /// an `allOf` has all of them.
    fn check_part(
        &self,
        schema: &'a Json,
        value: &Json,
        at: &str,
        keys: &mut Keys<'a>,
        found: &mut Vec<Finding>,
    ) {
        let schema = resolve(self.document, schema);
        if value.is_null() && schema.get("nullable") == Some(&Json::Bool(true)) {
            return;
        }
        if schema.get("x-globus-free-form").is_some() {
            keys.open = true;
        }
        let kind = text(schema, "type");
        if !is_a(kind, value) {
            found.push(Finding::new(
                at,
                format!("must be {}, not {}", with_article(kind), brief(value)),
            ));
            return;
        }
        if let Some(allowed) = schema.get("enum").and_then(Json::as_array)
            && !allowed.contains(value)
            && !(self.open_enums && schema.get("x-globus-open-enum").is_some())
        {
            let allowed: Vec<String> = allowed.iter().map(brief).collect();
            found.push(Finding::new(
                at,
                format!(
                    "must be one of {}, not {}",
                    allowed.join(", "),
                    brief(value)
                ),
            ));
        }
        match value {
            Json::Object(members) => self.object(schema, members, at, keys, found),
            Json::Array(items) => self.array(schema, items, at, found),
            Json::String(text) => string(schema, text, at, found),
            Json::Number(number) => {
                range(schema, number.as_f64(), at, found);
                if text(schema, "format") == "int64" && !fits_int64(number) {
                    let what = format!("must fit in 64 bits, not be {number}");
                    found.push(Finding::new(at, what));
                }
            }
            Json::Null | Json::Bool(_) => {}
        }
        for part in list(schema, "allOf") {
            self.check_part(part, value, at, keys, found);
        }
        self.union(schema, value, at, keys, found);
        if let Some(unwanted) = schema.get("not")
            && self.check(unwanted, value, at).is_empty()
        {
            let what = format!("must not be {}", brief(unwanted));
            found.push(Finding::new(at, what));
        }
    }

    fn object(
        &self,
        schema: &'a Json,
        members: &Map<String, Json>,
        at: &str,
        keys: &mut Keys<'a>,
        found: &mut Vec<Finding>,
    ) {
        // With `fields`, a response has only the requested members.
        if !self.partial {
            let required = list(schema, "required").iter().filter_map(Json::as_str);
            for name in required.filter(|name| !members.contains_key(*name)) {
                found.push(Finding::new(child_pointer(at, name), "is required"));
            }
        }
        let properties = schema.get("properties").and_then(Json::as_object);
        for (name, property) in properties.into_iter().flatten() {
            keys.named.insert(name);
            if let Some(value) = members.get(name) {
                found.extend(self.check(property, value, &child_pointer(at, name)));
            }
        }
        let composed = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|word| schema.get(word).is_some());
        match schema.get("additionalProperties") {
            Some(Json::Bool(false)) => {
                let known = |name: &str| properties.is_some_and(|known| known.contains_key(name));
                for name in members.keys().filter(|name| !known(name)) {
                    found.push(Finding::new(child_pointer(at, name), "is not allowed"));
                }
            }
            Some(Json::Bool(true)) => keys.open = true,
            Some(of_map) => {
                keys.open = true;
                let known = |name: &str| properties.is_some_and(|known| known.contains_key(name));
                for (name, value) in members.iter().filter(|(name, _)| !known(name)) {
                    found.extend(self.check(of_map, value, &child_pointer(at, name)));
                }
            }
            // `type: object` without anything else is how the specs write free-form JSON.
            None if properties.is_none() && !composed && text(schema, "type") == "object" => {
                keys.open = true;
            }
            None => {}
        }
    }

    fn array(&self, schema: &'a Json, items: &[Json], at: &str, found: &mut Vec<Finding>) {
        size(schema, "Items", items.len(), "items", at, found);
        if let Some(of_items) = schema.get("items") {
            for (index, item) in items.iter().enumerate() {
                found.extend(self.check(of_items, item, &format!("{at}/{index}")));
            }
        }
    }

    /// Chooses a schema by discriminator or, without one, the one with the best fit.
    fn union(
        &self,
        schema: &'a Json,
        value: &Json,
        at: &str,
        keys: &mut Keys<'a>,
        found: &mut Vec<Finding>,
    ) {
        if let (Some(discriminator), Json::Object(members)) = (schema.get("discriminator"), value) {
            let name = text(discriminator, "propertyName");
            // The discriminator belongs to the union; the chosen schema need not repeat it.
            keys.named.insert(name);
            let mapping = discriminator.get("mapping");
            let tag = members.get(name).and_then(Json::as_str);
            let Some(tag) = tag else {
                found.push(Finding::new(
                    child_pointer(at, name),
                    "is required, as a string",
                ));
                return;
            };
            let chosen = mapping
                .and_then(|mapping| mapping.get(tag))
                .and_then(Json::as_str)
                .and_then(|target| self.document.pointer(target.strip_prefix('#')?));
            let Some(chosen) = chosen else {
                let known: Vec<String> = mapping
                    .and_then(Json::as_object)
                    .map(|mapping| mapping.keys().map(|tag| format!("{tag:?}")).collect())
                    .unwrap_or_default();
                found.push(Finding::new(
                    child_pointer(at, name),
                    format!("must be one of {}, not {tag:?}", known.join(", ")),
                ));
                return;
            };
            self.check_part(chosen, value, at, keys, found);
            return;
        }
        let choices = list(schema, "oneOf").iter().chain(list(schema, "anyOf"));
        // All choices are tried, and the findings of the closest one reported: "matches none of five
        // schemas" would not help anybody.
        let tried = choices.map(|choice| {
            let (mut keys, mut found) = (Keys::default(), Vec::new());
            self.check_part(choice, value, at, &mut keys, &mut found);
            (keys, found)
        });
        // A wrong type of the value itself weighs more than a wrong part.
        let fit = |found: &[Finding]| (found.iter().any(|one| one.location == at), found.len());
        if let Some((best, wrong)) = tried.min_by_key(|(_, found)| fit(found)) {
            keys.named.extend(best.named);
            keys.open |= best.open;
            found.extend(wrong);
        }
    }
}

fn is_a(kind: &str, value: &Json) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        // Without `type`, every value is accepted except null, which requires `nullable`.
        _ => true,
    }
}

fn string(schema: &Json, value: &str, at: &str, found: &mut Vec<Finding>) {
    size(
        schema,
        "Length",
        value.chars().count(),
        "characters",
        at,
        found,
    );
    let wrong = match text(schema, "format") {
        "uuid" => Uuid::parse_str(value).is_err().then_some("a UUID"),
        "date" => value
            .parse::<jiff::civil::Date>()
            .is_err()
            .then_some("a date"),
        // A type of its own accepts more formats than RFC 3339.
        "date-time" if schema.get("x-globus-rust-type").is_none() => value
            .parse::<jiff::Timestamp>()
            .is_err()
            .then_some("a date and time"),
        _ => None,
    };
    if let Some(expected) = wrong {
        found.push(Finding::new(
            at,
            format!("must be {expected}, not {}", brief(&Json::from(value))),
        ));
    }
}

fn range(schema: &Json, value: Option<f64>, at: &str, found: &mut Vec<Finding>) {
    let Some(value) = value else { return };
    let bound = |keyword: &str| schema.get(keyword).and_then(Json::as_f64);
    if let Some(least) = bound("minimum").filter(|least| value < *least) {
        found.push(Finding::new(
            at,
            format!("must be at least {least}, not {value}"),
        ));
    }
    if let Some(most) = bound("maximum").filter(|most| value > *most) {
        found.push(Finding::new(
            at,
            format!("must be at most {most}, not {value}"),
        ));
    }
}

/// Whether a number fits in `int64`. Integers may be written as `1e3`.
fn fits_int64(number: &Number) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let in_range = |value: f64| (-LIMIT..LIMIT).contains(&value);
    number.is_i64() || number.as_f64().is_some_and(in_range)
}

/// Validates `minItems`, `maxLength` and similar limits.
fn size(schema: &Json, of: &str, size: usize, unit: &str, at: &str, found: &mut Vec<Finding>) {
    let bound = |which: &str| {
        let bound = schema.get(format!("{which}{of}")).and_then(Json::as_u64);
        bound.and_then(|bound| usize::try_from(bound).ok())
    };
    if let Some(least) = bound("min").filter(|least| size < *least) {
        found.push(Finding::new(
            at,
            format!("must have at least {least} {unit}, not {size}"),
        ));
    }
    if let Some(most) = bound("max").filter(|most| size > *most) {
        found.push(Finding::new(
            at,
            format!("must have at most {most} {unit}, not {size}"),
        ));
    }
}

/// The JSON pointer of a member.
fn child_pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

/// JSON, shortened for a message.
fn brief(value: &Json) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(schema: &Json, value: &Json) -> Vec<String> {
        let document = json!({ "components": { "schemas": {
            "Base": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string", "format": "uuid" } } },
            "Cat": { "allOf": [
                { "$ref": "#/components/schemas/Base" },
                { "type": "object", "properties": {
                    "kind": { "type": "string", "enum": ["cat"] },
                    "lives": { "type": "integer", "minimum": 1, "nullable": true } } } ] },
            "Stone": { "type": "object", "properties": { "kind": { "type": "string" } } },
            "Thing": { "oneOf": [
                { "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Stone" } ],
                "discriminator": { "propertyName": "kind", "mapping": {
                    "cat": "#/components/schemas/Cat", "stone": "#/components/schemas/Stone" } } },
        } } });
        let checker = Checker {
            document: &document,
            only_documented_keys: true,
            partial: false,
            open_enums: false,
        };
        let found = checker.check(schema, value, "");
        found.into_iter().map(|finding| finding.location).collect()
    }

    const ID: &str = "5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";

    #[test]
    fn the_parts_of_a_schema_name_its_keys_together() {
        let cat = json!({ "$ref": "#/components/schemas/Cat" });
        assert!(places(&cat, &json!({ "id": ID, "kind": "cat", "lives": 9 })).is_empty());
        assert!(places(&cat, &json!({ "id": ID, "lives": null })).is_empty());
        assert_eq!(places(&cat, &json!({ "id": ID, "a/b": 1 })), ["/a~1b"]);
        assert_eq!(
            places(&cat, &json!({ "lives": 0, "id": "x" })),
            ["/id", "/lives"]
        );
        assert_eq!(places(&cat, &json!({ "lives": "nine" })), ["/id", "/lives"]);
    }

    #[test]
    fn an_integer_of_64_bits_has_64_bits() {
        let size = json!({ "type": "integer", "format": "int64" });
        for fits in [json!(i64::MIN), json!(i64::MAX), json!(1e3)] {
            assert!(places(&size, &fits).is_empty(), "{fits}");
        }
        for too_large in [json!(i64::MAX as u64 + 1), json!(-1e19)] {
            assert_eq!(places(&size, &too_large), [""], "{too_large}");
        }
    }

    #[test]
    fn a_tag_chooses_the_schema() {
        let things = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Thing" } });
        assert!(
            places(
                &things,
                &json!([{ "kind": "stone" }, { "id": ID, "kind": "cat" }])
            )
            .is_empty()
        );
        assert_eq!(places(&things, &json!([{ "kind": "cat" }])), ["/0/id"]);
        assert_eq!(
            places(&things, &json!([{ "kind": "stone", "id": ID }])),
            ["/0/id"]
        );
        assert_eq!(
            places(&things, &json!([{}, { "kind": "tree" }])),
            ["/0/kind", "/1/kind"]
        );
    }

    #[test]
    fn maps_and_free_forms_are_open_and_null_is_not_a_value() {
        let map = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        assert!(places(&map, &json!({ "a": 1, "b": 2 })).is_empty());
        assert_eq!(places(&map, &json!({ "a": 1, "b": "2" })), ["/b"]);
        let free = json!({ "type": "object", "x-globus-free-form": "anything" });
        assert!(places(&free, &json!({ "a": [1, { "b": 2 }] })).is_empty());
        assert_eq!(places(&free, &Json::Null), [""]);
        let either = json!({ "oneOf": [{ "type": "string" }, { "type": "array",
            "items": { "type": "string" } }] });
        assert!(places(&either, &json!("a")).is_empty());
        assert_eq!(places(&either, &json!(["a", 1])), ["/1"]);
    }
}
