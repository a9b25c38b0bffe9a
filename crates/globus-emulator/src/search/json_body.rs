//! JSON bodies, with errors that name the location.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::authz::bad_request;
use crate::app_state::AppState;
use crate::problem::Problem;

/// A JSON object in the body.
pub(crate) struct JsonBody(pub(crate) Map<String, Value>);

impl FromRequest<AppState> for JsonBody {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        object(&bytes)
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(bad_request("the body must be a JSON object")),
        Err(error) => Err(bad_request(format!("the body is not JSON: {error}"))),
    }
}

/// A required string.
pub(crate) fn text(members: &Map<String, Value>, name: &str) -> Result<String, Problem> {
    match members.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(bad_request(format!("/{name} must be a string"))),
        None => Err(bad_request(format!("/{name} is required"))),
    }
}
