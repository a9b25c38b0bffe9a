//! Bodies: encoded once, however often they are sent.

use crate::error::{Error, Result};
use bytes::Bytes;
use serde::Serialize;

/// A body as bytes, or the reason why it could not be encoded, which is reported when the call is
/// made.
#[derive(Clone)]
pub(crate) struct Body(Result<Bytes, String>);

impl Body {
    pub(crate) fn json<T: Serialize + ?Sized>(document: &T) -> Self {
        Self(
            serde_json::to_vec(document)
                .map(Bytes::from)
                .map_err(|e| e.to_string()),
        )
    }

    /// A body that is already encoded.
    #[cfg(feature = "search")]
    pub(crate) fn encoded(body: Bytes) -> Self {
        Self(Ok(body))
    }

    /// Adds a submission id to a JSON object that was encoded without one.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_submission_id(self, id: crate::types::Uuid) -> Self {
        Self(self.0.map(|object| {
            let mut body = format!(r#"{{"submission_id":"{id}","#).into_bytes();
            // no need to parse it again: the new field is written before the others, and the object
            // always has a DATA_TYPE, so the comma is valid
            body.extend_from_slice(object.strip_prefix(b"{").unwrap_or(&object));
            Bytes::from(body)
        }))
    }

    pub(crate) fn form<T: Serialize + ?Sized>(document: &T) -> Self {
        Self(
            serde_urlencoded::to_string(document)
                .map(Bytes::from)
                .map_err(|e| e.to_string()),
        )
    }

    pub(crate) fn bytes(self) -> Result<Bytes> {
        self.0
            .map_err(|why| Error::usage(format!("the document cannot be encoded: {why}")))
    }
}

/// Without the contents, which may include secrets.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Ok(bytes) => write!(f, "{} bytes", bytes.len()),
            Err(why) => f.write_str(why),
        }
    }
}
