//! When a file that already exists at the destination is transferred again.

use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What makes a transfer copy a file whose destination exists.
///
/// On the wire it is a number from 0 to 3; unknown numbers are preserved. In text form it has a
/// name: `exists`, `size`, `mtime`, `checksum`.
///
/// ```
/// use globus_sdk::types::SyncLevel;
///
/// assert_eq!(serde_json::to_string(&SyncLevel::Checksum)?, "3");
/// assert_eq!(SyncLevel::from(1), SyncLevel::Size);
/// assert_eq!("mtime".parse::<SyncLevel>()?, SyncLevel::Mtime);
/// assert_eq!("2".parse::<SyncLevel>()?, SyncLevel::Mtime);
/// assert_eq!(SyncLevel::Mtime.to_string(), "mtime");
/// assert!("newer".parse::<SyncLevel>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncLevel {
    /// 0: the destination does not exist.
    Exists,
    /// 1: or its size differs.
    Size,
    /// 2: or the source is newer.
    Mtime,
    /// 3: or its checksum differs.
    Checksum,
    /// A level that this version does not know.
    Other(i64),
}

impl From<i64> for SyncLevel {
    fn from(level: i64) -> Self {
        match level {
            0 => Self::Exists,
            1 => Self::Size,
            2 => Self::Mtime,
            3 => Self::Checksum,
            other => Self::Other(other),
        }
    }
}

impl From<SyncLevel> for i64 {
    fn from(level: SyncLevel) -> Self {
        match level {
            SyncLevel::Exists => 0,
            SyncLevel::Size => 1,
            SyncLevel::Mtime => 2,
            SyncLevel::Checksum => 3,
            SyncLevel::Other(other) => other,
        }
    }
}

/// By name or number.
impl FromStr for SyncLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "exists" => Self::Exists,
            "size" => Self::Size,
            "mtime" => Self::Mtime,
            "checksum" => Self::Checksum,
            _ => text.parse::<i64>().map(Self::from).map_err(|_| {
                Error::usage(format!(
                    "invalid sync level `{text}`; use exists, size, mtime, checksum or a number"
                ))
            })?,
        })
    }
}

impl fmt::Display for SyncLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exists => "exists",
            Self::Size => "size",
            Self::Mtime => "mtime",
            Self::Checksum => "checksum",
            Self::Other(level) => return level.fmt(f),
        })
    }
}

impl Serialize for SyncLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64((*self).into())
    }
}

impl<'de> Deserialize<'de> for SyncLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from)
    }
}
