//! The building blocks of documents.
//!
//! The generated documents of each service use these hand-written types for what JSON has no type
//! for (times, secrets, absent as opposed to null), and to preserve a document completely (unknown
//! fields and unknown enum values).

mod deadline;
pub(crate) mod decode;
mod document;
pub(crate) mod escape;
pub(crate) mod extra_fields;
mod id;
pub(crate) mod json;
mod nullable;
mod open_enum;
mod presence;
mod query_params;
pub(crate) mod secret;
mod submission_id;
mod sync_level;
mod timestamp;

pub use deadline::Deadline;
pub use document::{FullDocument, PartialDocument, TypedResponse, Untyped};
pub(crate) use escape::escape_controls;
pub use extra_fields::ExtraFields;
pub(crate) use extra_fields::without_extra;
pub use id::Id;
pub use nullable::Nullable;
pub(crate) use open_enum::open_enum;
pub(crate) use presence::Presence;
pub use query_params::{CommaList, IntBool, RepeatedParam};
pub use secret::Secret;
pub use submission_id::SubmissionId;
pub use sync_level::SyncLevel;
pub use timestamp::Timestamp;

/// Any JSON value.
pub use serde_json::Value as Json;
/// An identifier of an endpoint, collection, task, identity, index or group.
pub use uuid::Uuid;
