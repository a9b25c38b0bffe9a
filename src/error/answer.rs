//! An answer that is an error: what kind, and what it says.

use super::document::ErrorDocument;
use super::kind::ErrorKind;
use super::redact::{NOT_QUOTED, Redactor};
use super::text::{SHOWN, one_line, page_text};
use crate::types::json;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::Arc;

/// An answer that is an error.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) json: Option<Arc<Value>>,
    pub(super) document: Arc<ErrorDocument>,
    /// Keeps secrets out of what is shown.
    pub(super) redactor: Arc<Redactor>,
}

/// The document, read as leniently as can be.
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    json::from_slice(body)
        .or_else(|_| json::from_slice(String::from_utf8_lossy(body).as_bytes()))
        .ok()
}

impl Api {
    pub(super) fn code(&self) -> Option<&str> {
        self.document.codes.first().map(String::as_str)
    }

    /// The code, unless it may be a secret.
    pub(super) fn shown_code(&self) -> Option<&str> {
        self.code().filter(|code| self.redactor.leaves(code))
    }

    /// What the service says, without secrets.
    pub(super) fn message(&self) -> String {
        if let Some(said) = self.document.message.as_deref().or(self.shown_code()) {
            return said.to_owned();
        }
        let text = self.redactor.body(&self.body);
        let text = text.trim();
        if self.body.trim_ascii().is_empty() {
            return "the answer has no body".to_owned();
        }
        if self.redactor.confidential() {
            return format!("the answer is not an error document; {NOT_QUOTED}");
        }
        let content_type = self.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let is_page = text.starts_with('<') || content_type.contains("html");
        if self.json.is_none() && is_page {
            return match page_text(text) {
                Some(words) => format!("the answer is a page: {words}"),
                None => "the answer is a page without text".to_owned(),
            };
        }
        format!(
            "the answer is not an error document: {}",
            one_line(text, SHOWN)
        )
    }

    pub(super) fn kind(&self) -> ErrorKind {
        let has = |code: &str| self.document.codes.iter().any(|one| one == code);
        match self.status.as_u16() {
            300..400 => ErrorKind::Redirect,
            401 => ErrorKind::Unauthenticated,
            // so Transfer answers a request without a token
            400 if has("ClientError.AuthenticationFailed") => ErrorKind::Unauthenticated,
            403 => ErrorKind::PermissionDenied,
            404 | 410 => ErrorKind::NotFound,
            409 if self.document.is_busy => ErrorKind::Busy,
            409 | 412 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimited,
            400..500 => ErrorKind::InvalidRequest,
            _ => {
                let any = |is: fn(&str) -> bool| self.document.codes.iter().any(|code| is(code));
                if any(|code| code.ends_with("SizeLimit")) {
                    ErrorKind::ListLimitExceeded
                } else if any(|code| {
                    code.contains("ExternalError") || code.contains("EndpointError")
                }) {
                    ErrorKind::Endpoint
                } else {
                    ErrorKind::Service
                }
            }
        }
    }
}
