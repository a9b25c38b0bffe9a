//! Undocumented fields.

use super::decode::Key;
use serde_json::Value as Json;
use std::cell::Cell;
use std::fmt;

/// The fields of a document that its spec does not have, unchanged.
///
/// `Debug` shows only the names, since the values may be secrets.
///
/// ```
/// use globus_sdk::types::ExtraFields;
///
/// let extra: ExtraFields = serde_json::from_str(r#"{"novelty": 1}"#)?;
/// assert_eq!(extra.get("novelty"), Some(&1.into()));
/// assert_eq!(format!("{extra:?}"), r#"{"novelty"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct ExtraFields(serde_json::Map<String, Json>);

impl ExtraFields {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// Sets a field, to send one that the spec does not have yet.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        self.0.insert(name.into(), value.into());
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.0.iter()
    }

    pub(crate) fn keep(&mut self, name: Key<'_>, value: Json) {
        if !DROPPED.get() {
            self.0.insert(name.into_owned(), value);
        }
    }
}

impl<'de> serde::Deserialize<'de> for ExtraFields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = serde_json::Map::deserialize(deserializer)?;
        Ok(if DROPPED.get() {
            Self::default()
        } else {
            Self(map)
        })
    }
}

thread_local! {
    static DROPPED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder that drops undocumented fields, to find out which they are.
pub(crate) fn without_extra<T>(decode: impl FnOnce() -> T) -> T {
    /// Restores the default even if the decoder panics.
    struct KeepAgain;
    impl Drop for KeepAgain {
        fn drop(&mut self) {
            DROPPED.set(false);
        }
    }
    DROPPED.set(true);
    let _guard = KeepAgain;
    decode()
}

impl fmt::Debug for ExtraFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
