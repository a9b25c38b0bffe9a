//! Validation of responses.

use axum::http::StatusCode;
use serde_json::Value as Json;

use super::schema::{Checker, Finding};
use super::specs::{Operation, resolve};

/// Validates a response. `partial`: the request selected some fields only.
pub(super) fn check(
    operation: &Operation<'_>,
    status: StatusCode,
    content_type: &str,
    body: &[u8],
    partial: bool,
) -> Vec<Finding> {
    let Some(documented) = documented(operation, status) else {
        let what = format!("{} is not documented", status.as_u16());
        return vec![Finding::new("the status", what)];
    };
    // A status without content is a documented empty body.
    let Some(content) = documented.get("content").and_then(Json::as_object) else {
        if body.is_empty() {
            return Vec::new();
        }
        return vec![Finding::new("the body", "is not documented")];
    };
    let schema = match operation.schema_for(content, content_type) {
        Ok(Some(schema)) => schema,
        Ok(None) => return Vec::new(),
        Err(message) => return vec![Finding::new("Content-Type", message)],
    };
    // HTML pages and files have no schema to validate.
    if !content_type.contains("json") {
        return Vec::new();
    }
    let checker = Checker {
        document: operation.document,
        only_documented_keys: true,
        // Only successful responses are partial, errors never.
        partial: partial && status.is_success(),
        // Endpoints add their own error codes, which no spec can list.
        open_enums: !status.is_success(),
    };
    match serde_json::from_slice::<Json>(body) {
        Ok(value) => checker.check(schema, &value, ""),
        Err(error) => vec![Finding::new("the body", format!("is not JSON: {error}"))],
    }
}

/// The documentation of a status: its number, or else its class, or else the default.
fn documented<'a>(operation: &Operation<'a>, status: StatusCode) -> Option<&'a Json> {
    let number = status.as_u16();
    let responses = operation.node.get("responses")?;
    let keys = [number.to_string(), format!("{}XX", number / 100)];
    let found = keys.iter().find_map(|key| responses.get(key));
    let found = found.or_else(|| responses.get("default"))?;
    Some(resolve(operation.document, found))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::json;

    use super::super::specs::Specs;
    use super::*;

    /// The findings for a response of `GET /v0.10/submission_id`.
    fn found(status: u16, body: &Json) -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let operation = Specs::get()?
            .operation(&Method::GET, "/v0.10/submission_id")
            .ok_or("no such operation")?;
        let status = StatusCode::from_u16(status)?;
        let body = body.to_string();
        let found = check(
            &operation,
            status,
            "application/json",
            body.as_bytes(),
            false,
        );
        let lines = found.into_iter();
        Ok(lines
            .map(|one| format!("{} {}", one.location, one.message))
            .collect())
    }

    #[test]
    fn an_answer_has_what_is_documented_and_nothing_else() -> Result<(), Box<dyn std::error::Error>>
    {
        let id = "5d3b8e1c-aaaa-4bbb-8ccc-1234567890ab";
        let good = json!({ "DATA_TYPE": "submission_id", "value": id });
        assert!(found(200, &good)?.is_empty());
        let more = json!({ "DATA_TYPE": "submission_id", "value": id, "values": [] });
        assert_eq!(
            found(200, &more)?,
            ["/values is a key that is not documented"]
        );
        let wrong = json!({ "DATA_TYPE": "submission_id", "value": 7 });
        assert_eq!(found(200, &wrong)?, ["/value must be a string, not 7"]);
        assert_eq!(found(418, &good)?, ["the status 418 is not documented"]);
        Ok(())
    }
}
