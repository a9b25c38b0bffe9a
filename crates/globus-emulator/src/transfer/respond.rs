//! The small documents that most operations respond with.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::problem::{Problem, request_id, resource};
use crate::service::Service;

/// A `result` document, to which members can be added.
pub(super) fn result(data_type: &str, code: &str, message: &str, extra: Value) -> Value {
    let mut document = json!({
        "DATA_TYPE": data_type,
        "code": code,
        "message": message,
        "request_id": request_id(),
        "resource": resource(),
    });
    if let (Value::Object(document), Value::Object(extra)) = (&mut document, extra) {
        document.extend(extra);
    }
    document
}

/// The response to a successful change without further data.
pub(super) fn done(code: &str, message: &str) -> Response {
    answer(StatusCode::OK, result("result", code, message, json!({})))
}

/// The 404 for something that belongs to an endpoint.
pub(super) fn not_found(message: impl Into<String>) -> Problem {
    Problem::transfer(StatusCode::NOT_FOUND, "NotFound", message)
}

/// A response with a document.
pub(super) fn answer(status: StatusCode, document: Value) -> Response {
    (status, Json(document)).into_response()
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(Service::Transfer, error)
    }
}

/// Runs blocking file operations on a thread for them.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Problem::internal(Service::Transfer, error)),
    }
}
