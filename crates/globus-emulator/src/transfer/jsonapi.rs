//! The operations in beta under `/v2/`, which speak JSON:API.
//!
//! What has the wrong form is a 422 that leads to the place; every other failure is the same as in
//! the older operations, in another shape (see [`Problem`]).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::problem::{Problem, request_id};

/// What every answer says of itself.
pub(super) fn meta() -> Value {
    json!({ "request_id": request_id() })
}

/// Why a request is refused: because of its form, or for another reason.
pub(super) enum Refusal {
    Form {
        place: Vec<String>,
        message: String,
        kind: &'static str,
    },
    Other(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Form {
                place,
                message,
                kind,
            } => {
                let error = json!({ "loc": place, "msg": message, "type": kind });
                let document = json!({ "detail": [error] });
                (StatusCode::UNPROCESSABLE_ENTITY, Json(document)).into_response()
            }
            Self::Other(problem) => problem.into_response(),
        }
    }
}

/// The `data` of a document, read member by member.
#[derive(Clone)]
pub(super) struct Resource<'a> {
    members: &'a Map<String, Value>,
    place: Vec<String>,
}

impl<'a> Resource<'a> {
    /// The resource of a document, which has to be of a type.
    pub(super) fn of(body: &'a Map<String, Value>, kind: &str) -> Result<Self, Refusal> {
        let document = Self {
            members: body,
            place: vec!["body".to_owned()],
        };
        let resource = document.object("data")?;
        if resource.text("type")? == kind {
            Ok(resource)
        } else {
            Err(resource.wrong("type", format!("Input should be '{kind}'"), "literal_error"))
        }
    }

    fn wrong(&self, name: &str, message: impl Into<String>, kind: &'static str) -> Refusal {
        let mut place = self.place.clone();
        place.push(name.to_owned());
        Refusal::Form {
            place,
            message: message.into(),
            kind,
        }
    }

    fn required(&self, name: &str) -> Result<&'a Value, Refusal> {
        let found = self.members.get(name);
        found.ok_or_else(|| self.wrong(name, "Field required", "missing"))
    }

    pub(super) fn object(&self, name: &str) -> Result<Self, Refusal> {
        let found = self.required(name)?.as_object();
        let members =
            found.ok_or_else(|| self.wrong(name, "Input should be an object", "dict_type"))?;
        let mut place = self.place.clone();
        place.push(name.to_owned());
        Ok(Self { members, place })
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        let found = self.required(name)?.as_str();
        found.ok_or_else(|| self.wrong(name, "Input should be a valid string", "string_type"))
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.members.get(name) {
            None => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    pub(super) fn id(&self) -> Result<Uuid, Refusal> {
        Uuid::parse_str(self.text("id")?)
            .map_err(|_| self.wrong("id", "Input should be a valid UUID", "uuid_parsing"))
    }

    /// The id of the resource that a relationship leads to.
    pub(super) fn related(&self, name: &str, kind: &str) -> Result<Uuid, Refusal> {
        let identifier = self.object("relationships")?.object(name)?.object("data")?;
        if identifier.text("type")? != kind {
            let message = format!("Input should be '{kind}'");
            return Err(identifier.wrong("type", message, "literal_error"));
        }
        identifier.id()
    }
}
