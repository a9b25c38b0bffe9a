//! The id under which a task is submitted once and only once.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A submission id, unset until the document that holds it is prepared or submitted.
///
/// It is set at most once, through a shared reference: a document that was submitted keeps its id,
/// and submitting it again is the same submission. It travels with the serialized document, so
/// that a program that crashed between submitting and hearing of it can ask again. A copy of a document
/// that has no id yet is given its own.
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
    ///
    /// ```
    /// assert!(globus_sdk::types::SubmissionId::default().get().is_none());
    /// ```
    pub fn get(&self) -> Option<Uuid> {
        self.0.get().copied()
    }

    /// The same id, to be set for the document while that is borrowed no longer.
    #[cfg(feature = "transfer")]
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn is_set(&self) -> bool {
        self.get().is_some()
    }

    /// Sets it unless it is set, and says what it is now.
    pub(crate) fn pin(&self, id: Uuid) -> Uuid {
        *self.0.get_or_init(|| id)
    }
}

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
