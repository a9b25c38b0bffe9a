//! Absent, null, or a value.

use serde::{Deserialize, Deserializer, Serialize};

/// A field of an update: left unchanged, removed, or set.
///
/// ```
/// use globus_sdk::types::Nullable;
///
/// assert_eq!(Nullable::<String>::default(), Nullable::Absent);
/// assert_eq!(Nullable::from(3).value(), Some(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nullable<T> {
    /// Not sent: the service keeps its value.
    #[default]
    Absent,
    /// Sent as null: the service removes its value.
    Null,
    /// Sent.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// What is sent: nothing, null or the value.
    pub(crate) fn sent(&self) -> Option<Option<&T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sent().flatten().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}
