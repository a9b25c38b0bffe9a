//! The fields of an endpoint that administrators can set.

use serde_json::{Map, Value as Json, json};

use crate::problem::Problem;
use crate::transfer::request::{bad_request, wrong_type};

/// The type of a field.
enum Kind {
    Text {
        nullable: bool,
    },
    Flag,
    /// A UUID or null.
    Id,
    Number,
    OneOf(&'static [&'static str]),
}

const OPTIONAL_TEXT: Kind = Kind::Text { nullable: true };

/// All fields that can be set, with their defaults.
const FIELDS: &[(&str, Kind)] = &[
    ("display_name", Kind::Text { nullable: false }),
    ("organization", OPTIONAL_TEXT),
    ("department", OPTIONAL_TEXT),
    ("keywords", OPTIONAL_TEXT),
    ("description", OPTIONAL_TEXT),
    ("contact_email", OPTIONAL_TEXT),
    ("contact_info", OPTIONAL_TEXT),
    ("info_link", OPTIONAL_TEXT),
    ("user_message", OPTIONAL_TEXT),
    ("user_message_link", OPTIONAL_TEXT),
    ("default_directory", OPTIONAL_TEXT),
    ("location", OPTIONAL_TEXT),
    ("subscription_id", Kind::Id),
    ("public", Kind::Flag),
    ("force_encryption", Kind::Flag),
    ("disable_verify", Kind::Flag),
    (
        "network_use",
        Kind::OneOf(&["normal", "minimal", "aggressive", "custom"]),
    ),
    ("max_concurrency", Kind::Number),
    ("preferred_concurrency", Kind::Number),
    ("max_parallelism", Kind::Number),
    ("preferred_parallelism", Kind::Number),
    ("authentication_timeout_mins", Kind::Number),
    ("acl_max_expiration_period_mins", Kind::Number),
];

const MAX_NAME_LENGTH: usize = 128;

/// The default settings of an endpoint.
fn defaults() -> Map<String, Json> {
    FIELDS
        .iter()
        .map(|(name, kind)| {
            let value = match (*name, kind) {
                ("default_directory", _) => json!("/~/"),
                ("network_use", _) => json!("normal"),
                (_, Kind::Flag) => json!(false),
                _ => Json::Null,
            };
            ((*name).to_owned(), value)
        })
        .collect()
}

/// The settings of a configured folder.
pub(super) fn for_folder(display_name: &str) -> Map<String, Json> {
    let mut settings = defaults();
    settings.insert("display_name".to_owned(), json!(display_name));
    settings.insert("description".to_owned(), json!("A folder of this machine"));
    settings.insert("public".to_owned(), json!(true));
    settings
}

/// The settings of an endpoint that a client creates.
pub(super) fn created(document: &Map<String, Json>) -> Result<Map<String, Json>, Problem> {
    if document.get("display_name").is_none_or(Json::is_null) {
        return Err(bad_request("The field 'display_name' is required"));
    }
    let mut settings = defaults();
    update(&mut settings, document)?;
    Ok(settings)
}

/// Applies a client's changes. Fields that it cannot set, such as an id that it sends back, are ignored.
pub(super) fn update(
    settings: &mut Map<String, Json>,
    document: &Map<String, Json>,
) -> Result<(), Problem> {
    for (name, kind) in FIELDS {
        // Clients usually send back the whole document, with fields that cannot be set.
        let Some(value) = document.get(*name) else {
            continue;
        };
        check(name, kind, value)?;
        settings.insert((*name).to_owned(), value.clone());
    }
    Ok(())
}

fn check(name: &str, kind: &Kind, value: &Json) -> Result<(), Problem> {
    match kind {
        Kind::Text { nullable: true } if value.is_null() || value.is_string() => Ok(()),
        Kind::Text { nullable: true } => Err(wrong_type(name, "a string or null")),
        Kind::Text { nullable: false } => match value.as_str().map(str::trim) {
            None => Err(wrong_type(name, "a string")),
            Some("") => Err(bad_request(format!("The field '{name}' must not be empty"))),
            Some(text) if text.chars().count() > MAX_NAME_LENGTH => Err(bad_request(format!(
                "The field '{name}' must not be longer than {MAX_NAME_LENGTH} characters"
            ))),
            Some(text) if text.contains(['\r', '\n', '\0']) => {
                Err(bad_request(format!("The field '{name}' must be one line")))
            }
            Some(_) => Ok(()),
        },
        Kind::Flag if value.is_boolean() => Ok(()),
        Kind::Flag => Err(wrong_type(name, "true or false")),
        Kind::Id if value.is_null() => Ok(()),
        Kind::Id => match value.as_str().map(uuid::Uuid::parse_str) {
            Some(Ok(_)) => Ok(()),
            _ => Err(wrong_type(name, "a UUID or null")),
        },
        Kind::Number if value.is_null() || value.is_u64() => Ok(()),
        Kind::Number => Err(wrong_type(name, "a number or null")),
        Kind::OneOf(_) if value.is_null() => Ok(()),
        Kind::OneOf(allowed) if value.as_str().is_some_and(|text| allowed.contains(&text)) => {
            Ok(())
        }
        Kind::OneOf(allowed) => Err(wrong_type(name, &format!("one of {}", allowed.join(", ")))),
    }
}
