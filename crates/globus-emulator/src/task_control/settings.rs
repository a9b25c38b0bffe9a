//! How fast tasks are, and how much collections hold.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How fast the tasks of Transfer are, and how many bytes collections may hold.
///
/// All times pass by the emulator's clock: moving it forward by ten seconds lets a task do at once
/// what it would have done in these. A change holds for tasks under way from their next bytes on.
///
/// As JSON, durations are numbers of seconds: `start_delay_seconds`, `file_delay_seconds`,
/// `retry_delay_seconds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskSettings {
    /// The most bytes that each task copies in a second; as many as it can when there is none.
    #[schemars(range(min = 1))]
    pub bytes_per_second: Option<u64>,
    /// How long after its submission a task begins; 30 ms by default.
    #[serde(rename = "start_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub start_delay: Duration,
    /// How long a task rests after every file; not at all by default.
    #[serde(rename = "file_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub file_delay: Duration,
    /// How long a task waits before it tries again what has failed, doubled each time up to 30
    /// seconds; 500 ms by default.
    #[serde(rename = "retry_delay_seconds", with = "seconds")]
    #[schemars(with = "f64", range(min = 0))]
    pub retry_delay: Duration,
    /// How many bytes each collection may hold that has no quota of its own; as many as the disk
    /// has when there is none.
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
    /// What makes no sense in them.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.bytes_per_second {
            Some(0) => Err(String::from("bytes_per_second must be at least 1")),
            _ => Ok(()),
        }
    }
}

/// Durations as numbers of seconds.
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

/// A number of seconds as a duration.
pub(super) fn duration(seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| format!("a delay must be a number of seconds of at least 0, not {seconds}"))
}
