//! JSON Schemas of the documents, with the feature `schemars`.
//!
//! Every document, union and open enum implements [`JsonSchema`], based on the spec: names,
//! descriptions, required and nullable fields, limits. Use the schemas to validate a document
//! before sending it, to build a form, or to describe a tool to a language model.
//!
//! ```
//! # #[cfg(feature = "transfer")] {
//! use globus_sdk::transfer::types::TransferItem;
//!
//! let schema = schemars::schema_for!(TransferItem);
//! assert!(schema.get("required").is_some());
//! # }
//! ```

use crate::types::{
    CommaList, Deadline, ExtraFields, IntBool, Nullable, Secret, SubmissionId, SyncLevel, Timestamp,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::borrow::Cow;

/// Creates a reference to a type's schema and adds the schema to the generator.
pub(crate) type Subschema = fn(&mut SchemaGenerator) -> Schema;

/// A type of a spec, and its schema.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Document {
    /// The name of the service.
    pub service: &'static str,
    /// The name of the type, in the service's module `types`.
    pub name: &'static str,
    pub(crate) whole: fn(SchemaGenerator) -> Schema,
    pub(crate) subschema: Subschema,
}

impl Document {
    /// The schema, with everything it refers to under `$defs`.
    ///
    /// ```
    /// let mut documents = globus_sdk::schema::documents();
    /// let discovery = documents.find(|d| d.name == "OpenIdConfiguration").unwrap();
    /// assert_eq!(discovery.schema().get("type"), Some(&"object".into()));
    /// ```
    pub fn schema(&self) -> Schema {
        (self.whole)(SchemaGenerator::default())
    }
}

/// Every document, union and open enum of the services that are enabled.
///
/// ```
/// let of_auth = globus_sdk::schema::documents().filter(|d| d.service == "auth");
/// assert!(of_auth.count() > 10);
/// ```
pub fn documents() -> impl Iterator<Item = Document> {
    [
        crate::generated::auth::schemas::DOCUMENTS,
        #[cfg(feature = "groups")]
        crate::generated::groups::schemas::DOCUMENTS,
        #[cfg(feature = "search")]
        crate::generated::search::schemas::DOCUMENTS,
        #[cfg(feature = "transfer")]
        crate::generated::transfer::schemas::DOCUMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The output of `globus_codegen::generate_schemas`: a schema as text for each type, and the
/// hand-written types that they refer to.
macro_rules! schemas {
    (
        $service:literal { $($name:ident = $schema:literal;)* }
        hand { $($path:literal = $hand:ty;)* }
    ) => {
        pub(crate) static DOCUMENTS: &[crate::schema::Document] = &[$(crate::schema::Document {
            service: $service,
            name: stringify!($name),
            whole: |generator| generator.into_root_schema_for::<types::$name>(),
            subschema: |generator| generator.subschema_for::<types::$name>(),
        }),*];
        const HAND: &[(&str, crate::schema::Subschema)] =
            &[$(($path, |generator| generator.subschema_for::<$hand>())),*];
        $(impl ::schemars::JsonSchema for types::$name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!("globus_sdk::", $service, "::types::", stringify!($name)).into()
            }
            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                crate::schema::read($schema, generator, DOCUMENTS, HAND)
            }
        })*
    };
}
pub(crate) use schemas;

/// Parses a generated schema, in which types refer to each other by name.
pub(crate) fn read(
    text: &str,
    generator: &mut SchemaGenerator,
    documents: &[Document],
    hand: &[(&str, Subschema)],
) -> Schema {
    let mut refer = |name: &str| {
        let document = documents.iter().find(|document| document.name == name);
        let by_hand = || hand.iter().find(|(path, _)| *path == name);
        let subschema = document.map(|document| document.subschema);
        let subschema = subschema.or_else(|| by_hand().map(|(_, subschema)| *subschema));
        subschema.map(|subschema| subschema(generator))
    };
    // generated text is valid JSON; a test parses all of it
    let mut schema = serde_json::from_str(text).unwrap_or_default();
    resolve(&mut schema, &mut refer);
    Schema::try_from(schema).unwrap_or_default()
}

/// Replaces names of types by the generator's reference, or by the schema itself.
fn resolve(schema: &mut Value, refer: &mut dyn FnMut(&str) -> Option<Schema>) {
    match schema {
        Value::Object(map) => {
            // inner schemas first: what replaces a reference must not be resolved again
            map.values_mut().for_each(|value| resolve(value, refer));
            if let Some(Value::String(name)) = map.get("$ref")
                && let Some(referred) = refer(name)
            {
                map.remove("$ref");
                for (word, value) in referred.as_object().into_iter().flatten() {
                    // a description at the place of use is more specific
                    map.entry(word).or_insert_with(|| value.clone());
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, refer)),
        _ => {}
    }
}

macro_rules! hand_written {
    ($($name:ident: $schema:tt)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn schema_id() -> Cow<'static, str> {
                concat!("globus_sdk::types::", stringify!($name)).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

hand_written! {
    Timestamp: {
        "type": "string",
        "description": "A point in time, without a zone as UTC.",
        "examples": ["2026-11-22T09:54:38Z", "2026-11-22 09:54:38+00:00"],
    }
    Deadline: {
        "type": "string",
        "description": "A point in time, without a zone as UTC.",
        "examples": ["2026-11-22T09:54:38Z", "2026-11-22 09:54:38+00:00"],
    }
    CommaList: {
        "type": "string",
        "description": "Several comma-separated strings.",
        "examples": ["name,size"],
    }
    IntBool: {
        "type": "integer",
        "enum": [0, 1],
        "description": "A boolean: 1 or 0.",
    }
    Secret: {
        "type": "string",
        "format": "password",
        "description": "A token, code or password.",
    }
    SyncLevel: {
        "type": "integer",
        "description": "What makes a transfer copy a file whose destination exists.",
        "anyOf": [
            {"const": 0, "description": "It does not exist there."},
            {"const": 1, "description": "Or its size differs."},
            {"const": 2, "description": "Or the source is newer."},
            {"const": 3, "description": "Or its checksum differs."},
            {"description": "A level that this version does not know."},
        ],
    }
    ExtraFields: {
        "type": "object",
        "description": "Fields that the spec does not have.",
        "additionalProperties": true,
    }
    SubmissionId: {
        "type": ["string", "null"],
        "format": "uuid",
        "description": "The id under which a task is submitted exactly once.",
    }
}

/// The same as `Option`: a value or null. That the field may be absent is part of the document.
impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        Option::<T>::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        Option::<T>::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
