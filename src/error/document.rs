//! Reading a service's error document in any of its formats: code, message and request id.
//!
//! | service | format |
//! | --- | --- |
//! | Transfer, Search | `{code, message, request_id}` |
//! | Auth, JSON:API | `{errors: [{code, detail, title, id}]}` |
//! | Auth's token endpoint | `{error, error_description}` |
//! | Groups | `{code, detail}` |
//! | validation in Groups, Timers, Compute | `{detail: [{loc, msg, type}]}` |
//! | Flows, Timers | `{error: {code, detail, message}, debug_id}` |
//! | Compute | `{code, reason, detail}` |
//! | Globus Connect Server | a result document whose `message` may be null and whose `detail` may be a document |
//!
//! Any may contain parts of another, so all parts are looked for everywhere, whatever the service.

use super::text::{LIMIT, one_line};
use crate::error::redact::Redactor;
use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// How many messages of a list are shown.
const TOLD: usize = 10;
/// How deeply nested a value may be for its text to be shown.
const DEPTH: u32 = 4;
/// How many characters of a code or an id are shown.
const NAME: usize = 200;

/// Transfer's code for a full queue: a user may have 100 waiting tasks. The sentence below is
/// quoted in a traceback in brockpalen/archivetar#65, and public programs compare it word for word.
pub(super) const TOO_MANY_PENDING: &str = "ClientError.Conflict.TooManyPendingJobs";
const CONFLICT: (&str, &str) = (
    "Conflict",
    "A transfer with identical paths has not yet completed",
);

/// The contents of an error document.
#[derive(Clone, Debug, Default)]
pub(super) struct ErrorDocument {
    /// The codes of the document and of all its errors. The first is the one to show.
    pub(super) codes: Vec<String>,
    /// One line, if the document has a message.
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    /// Whether the same request may be accepted later.
    pub(super) is_busy: bool,
}

impl ErrorDocument {
    pub(super) fn read(json: &Value, redactor: &Redactor) -> Self {
        let parts = Parts::from_json(json);
        let message = parts.message().or_else(|| match json {
            Value::String(text) => filled(text),
            _ => None,
        });
        Self {
            // redacted before it is shortened: half of a secret would not be recognized
            message: message.map(|text| one_line(&redactor.beginning(&text), LIMIT).into_owned()),
            request_id: parts.request_id().map(|id| one_line(id, NAME).into_owned()),
            is_busy: parts.all().any(is_busy),
            codes: parts.codes(),
        }
    }
}

/// The objects of a document that may describe the error.
struct Parts<'a> {
    root: Option<&'a Fields>,
    /// `error`, where it is an object.
    error: Option<&'a Fields>,
    /// `errors`, or a document that is a list.
    errors: &'a [Value],
}

impl<'a> Parts<'a> {
    fn from_json(json: &'a Value) -> Self {
        let list = |value: Option<&'a Value>| value.and_then(Value::as_array).map(Vec::as_slice);
        let root = json.as_object();
        let error = json.get("error").and_then(Value::as_object);
        let errors = list(json.get("errors"))
            .or_else(|| list(error?.get("errors")))
            .or_else(|| list(Some(json)));
        Self {
            root,
            error,
            errors: errors.unwrap_or_default(),
        }
    }

    fn each_error(&self) -> impl Iterator<Item = &'a Fields> {
        self.errors.iter().filter_map(Value::as_object)
    }

    fn all(&self) -> impl Iterator<Item = &'a Fields> {
        let own = self.root.into_iter().chain(self.error);
        own.chain(self.each_error())
    }

    fn codes(&self) -> Vec<String> {
        let named = |name| {
            let texts = self.all().filter_map(move |part| text(part, name));
            texts.map(|code| one_line(code, NAME).into_owned())
        };
        let mut codes: Vec<String> = named("code").chain(named("error")).collect();
        // some services use numbers as codes
        let numbers = self.all().filter_map(|part| part.get("code"));
        codes.extend(
            numbers
                .filter(|code| code.is_number())
                .map(Value::to_string),
        );
        codes.dedup();
        codes
    }

    fn message(&self) -> Option<String> {
        let whole = |names: &[&str]| {
            let root = self.root?;
            names.iter().find_map(|name| text_of(root.get(*name)?, 0))
        };
        let mut items: Vec<String> = Vec::new();
        let mut more = 0;
        for text in self.errors.iter().filter_map(|error| text_of(error, 0)) {
            if items.len() == TOLD {
                more += 1;
            } else if !items.contains(&text) {
                items.push(text);
            }
        }
        if more > 0 {
            items.push(format!("and {more} more"));
        }
        // Search's messages by field; other services have them in `errors`
        let faults = |value: Option<&Value>| pairs(value?.as_object()?.iter(), 0);
        let data = self.root.and_then(|root| root.get("error_data"));
        items.extend(faults(data.and_then(|data| data.get("messages"))));
        items.extend(faults(self.root.and_then(|root| root.get("errors"))));
        let head = whole(&["message", "detail", "msg"])
            .or_else(|| self.error.and_then(|error| entry(error, 0)));
        // a structured `detail` next to a message says which fields it is about
        let beside = self.root.and_then(|root| root.get("detail"));
        let beside = beside.filter(|detail| !detail.is_string());
        items.extend(beside.and_then(|detail| text_of(detail, 0)));
        let Some(head) = head else {
            if !items.is_empty() {
                return Some(items.join("; "));
            }
            return whole(&["error_description", "reason", "title", "description"])
                .or_else(|| text(self.root?, "error").map(str::to_owned));
        };
        // a text that the head already contains is not repeated
        items.retain(|item| !head.contains(&**item));
        match items.is_empty() {
            true => Some(head),
            false => Some(format!("{head}: {}", items.join("; "))),
        }
    }

    fn request_id(&self) -> Option<&'a str> {
        let meta = self.root.and_then(|root| root.get("meta")?.as_object());
        let own = self.root.into_iter().chain(meta).chain(self.error);
        let named = ["request_id", "debug_id"]
            .into_iter()
            .find_map(|name| own.clone().find_map(|part| text(part, name)));
        named.or_else(|| {
            // the id of a single error is the request's, as in Auth
            let mut ids = self.each_error().filter_map(|error| text(error, "id"));
            let first = ids.next()?;
            ids.all(|id| id == first).then_some(first)
        })
    }
}

fn is_busy(part: &Fields) -> bool {
    let code = text(part, "code");
    let is = |name, value| text(part, name) == Some(value);
    code == Some(TOO_MANY_PENDING)
        || code == Some(CONFLICT.0) && (is("message", CONFLICT.1) || is("detail", CONFLICT.1))
}

/// A text that is not blank.
fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let text = fields.get(name)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// Any value as text, unless it is blank.
fn text_of(value: &Value, depth: u32) -> Option<String> {
    match value {
        Value::String(text) => filled(text),
        Value::Number(_) | Value::Bool(_) if depth > 0 => Some(value.to_string()),
        Value::Array(items) if depth < DEPTH => {
            let mut texts = items.iter().filter_map(|item| text_of(item, depth + 1));
            let mut told: Vec<String> = texts.by_ref().take(TOLD).collect();
            let more = texts.count();
            if more > 0 {
                told.push(format!("and {more} more"));
            }
            (!told.is_empty()).then(|| told.join("; "))
        }
        Value::Object(fields) if depth < DEPTH => entry(fields, depth + 1),
        _ => None,
    }
}

/// An object as text: its message and location, or all fields of a known kind of document.
fn entry(fields: &Fields, depth: u32) -> Option<String> {
    let said = [
        "message",
        "msg",
        "detail",
        "error_description",
        "reason",
        "title",
        "description",
    ];
    let said = said
        .iter()
        .find_map(|name| text_of(fields.get(*name)?, depth));
    // next to a message, a list or a document says which fields it is about
    let details = fields.get("detail").filter(|detail| !detail.is_string());
    let details = details.and_then(|detail| text_of(detail, depth));
    let said = match (said, details) {
        (Some(said), Some(details)) if !said.contains(&details) => {
            Some(format!("{said}: {details}"))
        }
        (said, _) => said,
    };
    match (said, place(fields)) {
        (Some(text), Some(place)) if !text.contains(&place) => Some(format!("{place}: {text}")),
        (Some(text), _) => Some(text),
        // other objects may contain anything, including secrets
        (None, _) => {
            let kind = text(fields, "DATA_TYPE")?;
            let kind = kind.split('#').next().unwrap_or(kind);
            let fields = fields.iter().filter(|(name, _)| *name != "DATA_TYPE");
            Some(match pairs(fields, depth) {
                Some(pairs) => format!("{kind} ({pairs})"),
                None => kind.to_owned(),
            })
        }
    }
}

/// Messages by the field they are about: `usernames: ada`.
fn pairs<'a>(fields: impl Iterator<Item = (&'a String, &'a Value)>, depth: u32) -> Option<String> {
    let pairs = fields.filter_map(|(name, value)| {
        let within = || match value {
            Value::Object(fields) if depth < DEPTH => pairs(fields.iter(), depth + 1),
            _ => None,
        };
        let text = text_of(value, depth + 1).or_else(within)?;
        Some(format!("{name}: {text}"))
    });
    let pairs: Vec<String> = pairs.take(TOLD).collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

/// The location of the error in the request: `loc` of a validation (`body.tasks[2]`), or JSON:API's
/// `source`.
fn place(fields: &Fields) -> Option<String> {
    let source = || {
        let source = fields.get("source")?.as_object()?;
        let names = ["pointer", "parameter", "header"];
        names.iter().find_map(|name| text(source, name))
    };
    match fields.get("loc") {
        Some(Value::String(loc)) => filled(loc),
        Some(Value::Array(steps)) => {
            let mut path = String::new();
            for step in steps.iter().take(TOLD) {
                match step {
                    Value::String(name) if path.is_empty() => path += name,
                    Value::String(name) => path += &format!(".{name}"),
                    Value::Number(at) => path += &format!("[{at}]"),
                    _ => {}
                }
            }
            filled(&path)
        }
        _ => source().map(str::to_owned),
    }
}
