//! Parsing of requests, and the errors of invalid ones.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::files::InvalidPath;
use super::filter::FilterError;
use super::times;
use crate::app_state::AppState;
use crate::auth::{Caller, caller};
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;

/// A 400 with the code that the service uses for all invalid requests.
pub(super) fn bad_request(message: impl Into<String>) -> Problem {
    Problem::transfer(StatusCode::BAD_REQUEST, "ClientError.BadRequest", message)
}

impl From<FilterError> for Problem {
    fn from(error: FilterError) -> Self {
        bad_request(error.to_string())
    }
}

/// The 400 of an invalid path.
pub(super) fn invalid_path(path: &str, why: &InvalidPath) -> Problem {
    let message = format!("The path '{}' is not valid: {why}", shortened(path));
    Problem::transfer(StatusCode::BAD_REQUEST, "InvalidPath", message)
}

/// A text of a client, shortened for an error message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}

/// The scope that all operations require. The other scope of the service, `gcp_install`, is only for the
/// installer of Globus Connect Personal.
const SCOPE: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";

/// The caller, whose token must be for this service and have that scope.
pub(super) struct User(pub(super) Caller);

impl FromRequestParts<AppState> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let caller = caller(app, &parts.headers, Service::Transfer)?;
        if caller.has_scope(SCOPE) {
            return Ok(Self(caller));
        }
        let message = format!("The token lacks the scope {SCOPE}");
        Err(Problem::forbidden(Service::Transfer, message))
    }
}

/// The first path parameter: the id of an endpoint or task.
pub(super) struct Target(pub(super) String);

impl FromRequestParts<AppState> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        path_values(parts, app).await.map(|[id]| Self(id))
    }
}

/// The second path parameter: the id of something that belongs to an endpoint.
pub(super) struct Part(pub(super) String);

impl FromRequestParts<AppState> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        path_values(parts, app).await.map(|[_, id]| Self(id))
    }
}

/// The path parameters.
async fn path_values<const N: usize>(
    parts: &mut Parts,
    app: &AppState,
) -> Result<[String; N], Problem> {
    let unreadable = || bad_request("The id in the path is not readable");
    let Path(values) = Path::<Vec<String>>::from_request_parts(parts, app)
        .await
        .map_err(|_| unreadable())?;
    let first: Vec<String> = values.into_iter().take(N).collect();
    first.try_into().map_err(|_| unreadable())
}

/// The query parameters, in order and with repetitions.
pub(super) struct Query(Pairs);

impl std::ops::Deref for Query {
    type Target = Pairs;

    fn deref(&self) -> &Pairs {
        &self.0
    }
}

impl FromRequestParts<AppState> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Ok(Self(Pairs::from_query(&parts.uri)))
    }
}

impl Query {
    /// A boolean, written as `0` or `1`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.filled(name)
            .map(|value| match value.to_ascii_lowercase().as_str() {
                "1" | "true" => Ok(true),
                "0" | "false" => Ok(false),
                _ => Err(bad_request(format!(
                    "'{name}' must be 0 or 1, not '{}'",
                    shortened(value)
                ))),
            })
            .transpose()
    }

    /// A non-negative number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Problem> {
        self.filled(name)
            .map(|value| {
                value.parse().map_err(|_| {
                    bad_request(format!(
                        "'{name}' must be a number from 0, not '{}'",
                        shortened(value)
                    ))
                })
            })
            .transpose()
    }

    /// `limit` and `offset`; the limit is capped at the maximum page size.
    pub(super) fn page(&self, default: usize, largest: usize) -> Result<Page, Problem> {
        let limit = self.number("limit")?.unwrap_or(default);
        if limit == 0 {
            return Err(bad_request("'limit' must be at least 1"));
        }
        Ok(Page {
            limit: limit.min(largest),
            offset: self.number("offset")?.unwrap_or(0),
        })
    }

    /// A parameter that is an id.
    pub(super) fn id(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        self.filled(name)
            .map(|value| {
                Uuid::parse_str(value).map_err(|_| {
                    bad_request(format!(
                        "'{name}' must be a UUID, not '{}'",
                        shortened(value)
                    ))
                })
            })
            .transpose()
    }

    /// The fields to which the response is reduced.
    pub(super) fn fields(&self) -> Fields {
        Fields(self.filled("fields").map(|names| {
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect()
        }))
    }
}

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) limit: usize,
    pub(super) offset: usize,
}

/// The `fields` parameter, which all operations support.
pub(super) struct Fields(Option<Vec<String>>);

impl Fields {
    /// Reduces a document to the requested fields.
    pub(super) fn pick(&self, document: Json) -> Json {
        match (&self.0, document) {
            (Some(names), Json::Object(members)) => Json::Object(
                members
                    .into_iter()
                    .filter(|(name, _)| name == "DATA_TYPE" || names.contains(name))
                    .collect(),
            ),
            (_, document) => document,
        }
    }
}

/// A JSON object in the body.
pub(super) struct Body(pub(super) Map<String, Json>);

impl FromRequest<AppState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        match serde_json::from_slice(&bytes) {
            Ok(Json::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(bad_request("The request body must be a JSON object")),
            Err(error) => Err(bad_request(format!(
                "The request body is not valid JSON: {error}"
            ))),
        }
    }
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    let status = rejection.status();
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE {
        "ClientError.RequestTooLarge"
    } else {
        "ClientError.BadRequest"
    };
    Problem::transfer(status, code, rejection.body_text())
}

/// Reads the members of a document one by one.
pub(super) struct Members<'a>(pub(super) &'a Map<String, Json>);

impl<'a> Members<'a> {
    /// A member; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Problem> {
        self.get(name)
            .map(|value| value.as_str().ok_or_else(|| wrong_type(name, "a string")))
            .transpose()
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&'a str, Problem> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.get(name)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| wrong_type(name, "true or false"))
            })
            .transpose()
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.text(name)?
            .map(|text| times::parse(text).ok_or_else(|| wrong_type(name, "a date and time")))
            .transpose()
    }

    pub(super) fn list(&self, name: &str) -> Result<Option<&'a [Json]>, Problem> {
        self.get(name)
            .map(|value| {
                value
                    .as_array()
                    .map(Vec::as_slice)
                    .ok_or_else(|| wrong_type(name, "a list"))
            })
            .transpose()
    }

    /// Checks the `DATA_TYPE` of a document; it may be absent.
    pub(super) fn data_type(&self, allowed: &[&str]) -> Result<(), Problem> {
        match self.text("DATA_TYPE")? {
            None => Ok(()),
            Some(data_type) if allowed.contains(&data_type) => Ok(()),
            Some(data_type) => Err(bad_request(format!(
                "The DATA_TYPE must be '{}', not '{}'",
                allowed.join("' or '"),
                shortened(data_type)
            ))),
        }
    }
}

pub(super) fn missing(name: &str) -> Problem {
    bad_request(format!("The field '{name}' is required"))
}

pub(super) fn wrong_type(name: &str, expected: &str) -> Problem {
    bad_request(format!("The field '{name}' must be {expected}"))
}
