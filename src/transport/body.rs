//! Bodies: encoded once, however often they are sent.

use crate::call::Call;
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

    pub(crate) fn form<T: Serialize + ?Sized>(document: &T) -> Self {
        Self(
            serde_urlencoded::to_string(document)
                .map(Bytes::from)
                .map_err(|e| e.to_string()),
        )
    }

    pub(crate) fn bytes(self, call: &Call) -> Result<Bytes> {
        self.0.map_err(|why| {
            call.fault(Error::usage(format!(
                "the document cannot be encoded: {why}"
            )))
        })
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
