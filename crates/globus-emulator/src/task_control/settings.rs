//! Speed of tasks and quota of collections.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Speed of Transfer tasks, and quota of collections.
///
/// All times are by the emulator's clock: when it is advanced by ten seconds, a task immediately does what
/// it would have done in that time. Changes also apply to running tasks, from their next bytes on.
///
/// In JSON, durations are numbers of seconds: `start_delay_seconds`, `file_delay_seconds`,
/// `retry_delay_seconds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskSettings {
    /// Maximum rate at which each task copies, in bytes per second; unlimited by default.
    #[schemars(range(min = 1))]
    pub bytes_per_second: Option<u64>,
    /// Time between submission and start of a task; 30 ms by default.
    #[serde(rename = "start_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub start_delay: Duration,
    /// How long a task pauses after every file; zero by default.
    #[serde(rename = "file_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub file_delay: Duration,
    /// How long a task waits before it tries again what has failed, doubled each time up to 30
    /// seconds; 500 ms by default, and at least 10 ms.
    #[serde(rename = "retry_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub retry_delay: Duration,
    /// Quota of each collection without a quota of its own, in bytes; unlimited by default.
    pub quota: Option<u64>,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            bytes_per_second: None,
            start_delay: Duration::from_millis(30),
            file_delay: Duration::ZERO,
            retry_delay: Duration::from_millis(500),
            quota: None,
        }
    }
}

impl TaskSettings {
    /// Validates the settings.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.bytes_per_second {
            Some(0) => Err(String::from("bytes_per_second must be at least 1")),
            _ => Ok(()),
        }
    }
}

/// Durations as numbers of seconds in JSON.
mod seconds {
    use std::time::Duration;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(time.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        super::duration(seconds).map_err(D::Error::custom)
    }
}

/// A number of seconds as a duration; the longest, if it is more. That is more itself as a number of seconds,
/// which is rounded up.
pub(super) fn duration(seconds: f64) -> Result<Duration, String> {
    if seconds >= Duration::MAX.as_secs_f64() {
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| format!("a delay must be a number of seconds of at least 0, not {seconds}"))
}
