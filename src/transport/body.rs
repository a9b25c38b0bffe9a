//! Bodies: encoded once, however often they are sent.

use crate::error::{Error, Result};
use bytes::Bytes;
use serde::Serialize;

/// A body as bytes, or why it could not be encoded, which the call reports when it is made.
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

    /// What was encoded before.
    #[cfg(feature = "search")]
    pub(crate) fn encoded(body: Bytes) -> Self {
        Self(Ok(body))
    }

    /// The JSON object with a submission id, which it did not have when it was encoded.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_submission_id(self, id: crate::types::Uuid) -> Self {
        Self(self.0.map(|object| {
            let mut body = format!(r#"{{"submission_id":"{id}","#).into_bytes();
            // every such document has a DATA_TYPE, so that something follows the comma
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

/// Bodies may hold secrets.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Ok(bytes) => write!(f, "{} bytes", bytes.len()),
            Err(why) => f.write_str(why),
        }
    }
}
