//! The id under which a task is submitted exactly once.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A submission id, which is unset until its document is prepared or submitted.
///
/// It is set at most once, through a shared reference: a submitted document keeps its id, and
/// submitting it again results in the same task. It is part of the serialized document, so that a
/// program that crashed after submitting can submit again safely. A clone of a document without an
/// id gets its own.
///
/// ```
/// use globus_sdk::types::{SubmissionId, Uuid};
///
/// let id = SubmissionId::default();
/// assert_eq!(id.get(), None);
/// let id = SubmissionId::from(Uuid::nil());
/// assert_eq!(id.get(), Some(Uuid::nil()));
/// ```
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SubmissionId(Arc<OnceLock<Uuid>>);

impl SubmissionId {
    /// The id, if it is set.
    pub fn get(&self) -> Option<Uuid> {
        self.0.get().copied()
    }

    /// A handle to the same id, to set it for the document while that is no longer borrowed.
    #[cfg(feature = "transfer")]
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn is_set(&self) -> bool {
        self.get().is_some()
    }

    /// Sets the id unless it is set, and returns the current one.
    pub(crate) fn pin(&self, id: Uuid) -> Uuid {
        *self.0.get_or_init(|| id)
    }
}

// a copy and not a shared handle: a clone is usually changed into another document, which must not
// be taken for the same submission
impl Clone for SubmissionId {
    fn clone(&self) -> Self {
        Self(Arc::new(OnceLock::clone(&self.0)))
    }
}

impl From<Uuid> for SubmissionId {
    fn from(id: Uuid) -> Self {
        Self(Arc::new(OnceLock::from(id)))
    }
}

impl Serialize for SubmissionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SubmissionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Uuid>::deserialize(deserializer)?.map_or_else(Self::default, Self::from))
    }
}
