//! Answers, and how they are decoded.

use super::json_path;
use super::request_secrets::RequestSecrets;
use crate::error::redact::NOT_QUOTED;
use crate::error::{Error, ErrorKind, Result, one_line};
use crate::types::{Json, json};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::{DeserializeOwned, Error as _};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

/// A successful answer before decoding.
#[derive(Clone)]
pub(crate) struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) sent: RequestSecrets,
}

impl RawResponse {
    /// Decodes the document.
    pub(crate) fn decode<T: DeserializeOwned>(
        self,
        operation: Cow<'static, str>,
    ) -> Result<Response<T>> {
        // validating the text as a whole is faster than string by string, as the decoder would do
        let decoded = match std::str::from_utf8(&self.body) {
            Ok(text) => json::from_str(text),
            Err(broken) => Err(self.broken::<T>(broken)),
        };
        match decoded {
            Ok(value) => {
                // secrets are only needed for error messages
                let answer = Self {
                    sent: RequestSecrets::default(),
                    ..self
                };
                Ok(answer.with(value))
            }
            Err(e) => Err(self.undecodable(&e).with_operation(operation)),
        }
    }

    /// The error for a body that is not UTF-8, or an earlier one in its valid part.
    fn broken<T: DeserializeOwned>(&self, broken: Utf8Error) -> serde_json::Error {
        let sound = std::str::from_utf8(&self.body[..broken.valid_up_to()]);
        match serde_json::from_str::<T>(sound.unwrap_or_default()) {
            Err(e) if !e.is_eof() => e,
            _ => match serde_json::from_slice::<Json>(&self.body) {
                Err(e) => e,
                Ok(_) => serde_json::Error::custom(broken),
            },
        }
    }

    /// Attaches an already decoded value.
    pub(crate) fn with<T>(self, value: T) -> Response<T> {
        Response {
            value,
            status: self.status,
            headers: self.headers,
            body: self.body,
            sent: self.sent,
        }
    }

    fn undecodable(self, error: &serde_json::Error) -> Error {
        let confidential = self.sent.confidential();
        let message = if error.is_data() || self.is_document() {
            // a malformed document is not shown, since it may contain a secret
            let why = if error.is_data() {
                "does not fit its type"
            } else if error.is_eof() {
                "is cut off"
            } else {
                "is malformed JSON"
            };
            format!(
                "the answer {why} {}",
                json_path::place(&self.body, error, &self.sent)
            )
        } else if confidential {
            format!("the answer is not JSON: {error}: {NOT_QUOTED}")
        } else {
            let text = self.sent.redactor().body(&self.body);
            let shown = one_line(&text, SHOWN);
            format!("the answer is not JSON: {error}: {shown}")
        };
        Error::new(ErrorKind::Decode, message).with_answer(
            self.status,
            self.headers,
            self.body,
            self.sent.redactor(),
        )
    }

    /// Whether the body starts like a document.
    fn is_document(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"'))
    }
}

/// How much of a body that is not JSON an error's message shows.
const SHOWN: usize = 512;

/// A document and the answer that brought it. Dereferences to the document.
///
/// An unpaired surrogate in its text, which Python writes for file names that are not UTF-8
/// (`"caf\udce9.txt"`), is replaced with U+FFFD: two names may become equal, and such a name cannot
/// be sent back. [`body`](Self::body) has the original. `Debug` shows neither the body nor the
/// values of headers, which may contain secrets.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// let response = transfer.task_list().send().await?;
/// println!("{} with {} tasks", response.status(), response.data.len());
/// let tasks = response.into_inner();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    sent: RequestSecrets,
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl<T> Response<T> {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The original body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The document alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Attaches this answer to an error.
    pub(crate) fn attached_to(&self, error: Error) -> Error {
        error.with_answer(
            self.status,
            self.headers.clone(),
            self.body.clone(),
            self.sent.redactor(),
        )
    }
}

impl Response<()> {
    /// Decodes the body as any type.
    ///
    /// # Errors
    ///
    /// Kind `Decode` when the body is not JSON, or does not match the type.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
    /// let tasks: serde_json::Value = transfer.get("/v0.10/task_list").send().await?.json()?;
    /// # Ok(()) }
    /// ```
    pub fn json<T: DeserializeOwned>(self) -> Result<T> {
        let answer = RawResponse {
            status: self.status,
            headers: self.headers,
            body: self.body,
            sent: self.sent,
        };
        Ok(answer.decode(Cow::Borrowed("json"))?.value)
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
