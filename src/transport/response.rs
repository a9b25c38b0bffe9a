//! What comes back, and how it is decoded.

use super::json_path;
use crate::error::{Error, ErrorKind, Result};
use crate::types::Json;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::{DeserializeOwned, Error as _};
use std::borrow::Cow;
use std::ops::Deref;
use std::str::Utf8Error;

/// A successful answer, not decoded yet.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The document, and the answer around it.
    pub(crate) fn decode<T: DeserializeOwned>(
        self,
        operation: Cow<'static, str>,
    ) -> Result<Response<T>> {
        // looking at the text as a whole is faster than string by string, as the decoder would
        let decoded = match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text),
            Err(broken) => Err(self.broken::<T>(broken)),
        };
        match decoded {
            Ok(value) => Ok(self.with(value)),
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
        }
    }

    fn undecodable(self, error: &serde_json::Error) -> Error {
        let message = if error.is_data() || self.is_document() {
            // a broken document is not shown: nobody knows whether it holds a secret
            let why = if error.is_data() {
                "does not fit its type"
            } else if error.is_eof() {
                "is cut off"
            } else {
                "is broken JSON"
            };
            format!("the answer {why} {}", json_path::place(&self.body, error))
        } else {
            let shown =
                String::from_utf8_lossy(&self.body[..self.body.len().min(512)]).into_owned();
            format!("the answer is no JSON: {error}: {shown}")
        };
        Error::new(ErrorKind::Decode, message).with_answer(self.status, self.headers, self.body)
    }

    /// Whether it begins as a document does, however it goes on.
    fn is_document(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"'))
    }
}

/// A document and the answer that brought it. Dereferences to the document.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// let response = transfer.task_list().send().await?;
/// println!("{} with {} tasks", response.status(), response.data.len());
/// let tasks = response.into_inner();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
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
        error.with_answer(self.status, self.headers.clone(), self.body.clone())
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
        let answer = Answer {
            status: self.status,
            headers: self.headers,
            body: self.body,
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
