//! What comes back, and how it is decoded.

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

/// A successful answer, not decoded yet.
#[derive(Clone)]
pub(crate) struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) sent: RequestSecrets,
}

impl RawResponse {
    /// The document, and the answer around it.
    pub(crate) fn decode<T: DeserializeOwned>(
        self,
        operation: Cow<'static, str>,
    ) -> Result<Response<T>> {
        // looking at the text as a whole is faster than string by string, as the decoder would
        let decoded = match std::str::from_utf8(&self.body) {
            Ok(text) => json::from_str(text),
            Err(broken) => Err(self.broken::<T>(broken)),
        };
        match decoded {
            Ok(value) => {
                // a document that is there needs no secret any more
                let answer = Self {
                    sent: RequestSecrets::default(),
                    ..self
                };
                Ok(answer.with(value))
            }
            Err(e) => Err(self.undecodable(&e).with_operation(operation)),
        }
    }

    /// What is wrong with a body that is no UTF-8: what comes first.
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

    /// An answer in which nothing is expected.
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
            // a broken document is not shown: nobody knows whether it holds a secret
            let why = if error.is_data() {
                "does not fit its type"
            } else if error.is_eof() {
                "is cut off"
            } else {
                "is broken JSON"
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

    /// Whether it begins as a document does, however it goes on.
    fn is_document(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"'))
    }
}

/// How much of a body that is not JSON an error's message shows.
const SHOWN: usize = 512;

/// A document and the answer that brought it. Dereferences to the document.
///
/// Half a surrogate pair in its text, as Python writes file names that are no UTF-8
/// (`"caf\udce9.txt"`), is U+FFFD here: two names may become one, and such a name cannot be sent back.
/// [`body`](Self::body) has it as it came. `Debug` shows neither the
/// body nor the values of headers, since nobody knows whether they hold a secret.
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

    /// The body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The document alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// An error that shows this answer.
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
    /// The body as any type of the caller's.
    ///
    /// # Errors
    ///
    /// Kind `Decode` when the body is no JSON, or not of that type.
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

    /// The body as text; what is no UTF-8 is replaced.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
    /// let page = transfer.get("/").send().await?.text();
    /// # Ok(()) }
    /// ```
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
