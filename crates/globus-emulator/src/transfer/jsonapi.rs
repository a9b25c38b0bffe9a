//! The beta operations under `/v2/`, which use JSON:API.
//!
//! Validation errors get status 422 with their location. All other errors are those of the older
//! operations, in the format of JSON:API (see [`Problem`]).

use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::request::Query;
use crate::app_state::AppState;
use crate::problem::{Problem, request_id};

/// The `meta` member of every response.
pub(super) fn meta() -> Value {
    json!({ "request_id": request_id() })
}

/// An error: a validation error, or any other.
pub(super) enum JsonApiError {
    Form {
        location: Vec<String>,
        message: String,
        kind: &'static str,
    },
    Other(Problem),
}

impl From<Problem> for JsonApiError {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl From<rusqlite::Error> for JsonApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for JsonApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Form {
                location,
                message,
                kind,
            } => {
                let error = json!({ "loc": location, "msg": message, "type": kind });
                let document = json!({ "detail": [error] });
                (StatusCode::UNPROCESSABLE_ENTITY, Json(document)).into_response()
            }
            Self::Other(problem) => problem.into_response(),
        }
    }
}

/// The default and maximum page size.
const MAX_PAGE_SIZE: usize = 1_000;

/// A page of a list.
pub(super) struct Page {
    marker: usize,
    limit: usize,
}

impl Page {
    /// Reads `page[marker]` and `page[limit]`.
    pub(super) fn from_query(query: &Query) -> Result<Self, JsonApiError> {
        let marker = number(query, MARKER)?.unwrap_or(0);
        let limit = number(query, LIMIT)?.unwrap_or(MAX_PAGE_SIZE);
        if limit == 0 {
            let message = "Input should be greater than or equal to 1";
            return Err(wrong_parameter(LIMIT, message, "greater_than_equal"));
        }
        Ok(Self {
            marker,
            limit: limit.min(MAX_PAGE_SIZE),
        })
    }

    /// The items of the page, and the `links` to the next page.
    pub(super) fn paginate<T>(
        &self,
        app: &AppState,
        uri: &Uri,
        mut items: Vec<T>,
    ) -> (Vec<T>, Value) {
        let total = items.len();
        let begin = self.marker.min(total);
        let end = begin.saturating_add(self.limit).min(total);
        // Markers are positions. The lists are short and belong to one user, so changes between two pages
        // are rare.
        items.truncate(end);
        let page = items.split_off(begin);
        if end == total {
            return (page, json!({ "next": null }));
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            // All other parameters are kept, so that following the link continues the same query.
            if name != MARKER {
                query.append_pair(&name, &value);
            }
        }
        let query = query.append_pair(MARKER, &end.to_string()).finish();
        let base = app.base_url().trim_end_matches('/');
        let next = format!("{base}{}?{query}", uri.path());
        (page, json!({ "next": next }))
    }
}

const MARKER: &str = "page[marker]";
const LIMIT: &str = "page[limit]";

fn number(query: &Query, name: &str) -> Result<Option<usize>, JsonApiError> {
    let wrong = |_| wrong_parameter(name, "Input should be a valid integer", "int_parsing");
    query
        .filled(name)
        .map(|text| text.parse().map_err(wrong))
        .transpose()
}

/// A validation error of a query parameter.
pub(super) fn wrong_parameter(name: &str, message: &str, kind: &'static str) -> JsonApiError {
    JsonApiError::Form {
        location: vec!["query".to_owned(), name.to_owned()],
        message: message.to_owned(),
        kind,
    }
}

/// Reads the `data` of a document member by member.
#[derive(Clone)]
pub(super) struct Resource<'a> {
    members: &'a Map<String, Value>,
    location: Vec<String>,
}

impl<'a> Resource<'a> {
    /// Reads the resource of a document, and checks its type.
    pub(super) fn from_body(
        body: &'a Map<String, Value>,
        kind: &str,
    ) -> Result<Self, JsonApiError> {
        let document = Self {
            members: body,
            location: vec!["body".to_owned()],
        };
        let resource = document.object("data")?;
        if resource.text("type")? == kind {
            Ok(resource)
        } else {
            Err(resource.wrong("type", format!("Input should be '{kind}'"), "literal_error"))
        }
    }

    fn wrong(&self, name: &str, message: impl Into<String>, kind: &'static str) -> JsonApiError {
        let mut location = self.location.clone();
        location.push(name.to_owned());
        JsonApiError::Form {
            location,
            message: message.into(),
            kind,
        }
    }

    fn required(&self, name: &str) -> Result<&'a Value, JsonApiError> {
        let found = self.members.get(name);
        found.ok_or_else(|| self.wrong(name, "Field required", "missing"))
    }

    pub(super) fn object(&self, name: &str) -> Result<Self, JsonApiError> {
        let found = self.required(name)?.as_object();
        let members =
            found.ok_or_else(|| self.wrong(name, "Input should be an object", "dict_type"))?;
        let mut location = self.location.clone();
        location.push(name.to_owned());
        Ok(Self { members, location })
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, JsonApiError> {
        let found = self.required(name)?.as_str();
        found.ok_or_else(|| self.wrong(name, "Input should be a valid string", "string_type"))
    }

    /// An optional string.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, JsonApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// An optional or null boolean.
    pub(super) fn optional_flag(&self, name: &str) -> Result<Option<bool>, JsonApiError> {
        let wrong = || self.wrong(name, "Input should be a valid boolean", "bool_type");
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(wrong),
        }
    }

    pub(super) fn id(&self) -> Result<Uuid, JsonApiError> {
        Uuid::parse_str(self.text("id")?)
            .map_err(|_| self.wrong("id", "Input should be a valid UUID", "uuid_parsing"))
    }

    /// The id of a related resource.
    pub(super) fn related(&self, name: &str, kind: &str) -> Result<Uuid, JsonApiError> {
        let identifier = self.object("relationships")?.object(name)?.object("data")?;
        if identifier.text("type")? != kind {
            let message = format!("Input should be '{kind}'");
            return Err(identifier.wrong("type", message, "literal_error"));
        }
        identifier.id()
    }
}
