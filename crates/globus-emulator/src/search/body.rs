//! JSON bodies, read with messages that say what is wrong and where.

use serde_json::{Map, Value};

use super::access::bad_request;
use crate::problem::Problem;

/// The object a body holds.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(bad_request("the body must be a JSON object")),
        Err(error) => Err(bad_request(format!("the body is not JSON: {error}"))),
    }
}

/// A text that must be there.
pub(crate) fn text(members: &Map<String, Value>, name: &str) -> Result<String, Problem> {
    match members.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(bad_request(format!("/{name} must be a string"))),
        None => Err(bad_request(format!("/{name} is required"))),
    }
}
