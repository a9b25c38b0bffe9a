//! When a task is given up: at a time, or some time after its submission.

use super::timestamp::Timestamp;
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// A time, or a duration from now.
///
/// For a task, "now" is when its document is first prepared or submitted, by the client's clock.
/// From then on the time is fixed: a retry, and a document that is read back from disk, use the
/// same time. A duration that is not fixed yet cannot be serialized.
///
/// ```
/// use globus_sdk::types::{Deadline, Timestamp};
/// use std::time::Duration;
///
/// let at = Deadline::from("2026-11-22T09:54:38Z");
/// assert_eq!(at.time(), Some(&Timestamp::from("2026-11-22T09:54:38Z")));
///
/// let hour = Deadline::from(Duration::from_secs(3600));
/// assert_eq!((hour.duration(), hour.time()), (Some(Duration::from_secs(3600)), None));
/// ```
#[derive(Clone)]
pub struct Deadline {
    /// Set at most once, through a shared reference, like a submission id.
    time: OnceLock<Timestamp>,
    duration: Option<Duration>,
}

impl Deadline {
    /// The time, once it is fixed.
    pub fn time(&self) -> Option<&Timestamp> {
        self.time.get()
    }

    /// The duration, if it was created from one.
    pub fn duration(&self) -> Option<Duration> {
        self.duration
    }

    /// Fixes the time by counting the duration from `now`, unless it is fixed already.
    #[cfg(feature = "transfer")]
    pub(crate) fn pin(&self, now: SystemTime) -> Result<()> {
        if self.time.get().is_some() {
            return Ok(());
        }
        let duration = self.duration.unwrap_or_default();
        let time = jiff::Timestamp::try_from(now)
            .and_then(|now| now.checked_add(duration))
            .map_err(|e| {
                let fault =
                    format!("the deadline in {duration:?} is out of range; use an earlier one");
                Error::usage(fault).with_source(e)
            })?;
        self.time.get_or_init(|| time.into());
        Ok(())
    }

    fn from_time(time: Timestamp) -> Self {
        Self {
            time: OnceLock::from(time),
            duration: None,
        }
    }
}

/// The same time; if neither has one yet, the same duration.
impl PartialEq for Deadline {
    fn eq(&self, other: &Self) -> bool {
        match (self.time(), other.time()) {
            (None, None) => self.duration == other.duration,
            (mine, theirs) => mine == theirs,
        }
    }
}

impl Eq for Deadline {}

impl From<Duration> for Deadline {
    fn from(duration: Duration) -> Self {
        Self {
            time: OnceLock::new(),
            duration: Some(duration),
        }
    }
}

/// The `From` conversions of all time types.
macro_rules! from_times {
    ($($time:ty),*) => {$(
        impl From<$time> for Deadline {
            fn from(time: $time) -> Self {
                Self::from_time(time.into())
            }
        }
    )*};
}
from_times!(Timestamp, &str, String, jiff::Timestamp, SystemTime);

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.time(), self.duration) {
            (Some(time), _) => fmt::Display::fmt(time, f),
            (None, duration) => write!(f, "{:?} from now", duration.unwrap_or_default()),
        }
    }
}

impl Serialize for Deadline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.time() {
            Some(time) => time.serialize(serializer),
            None => Err(ser::Error::custom(
                "the deadline counts from the submission; call `prepare` before storing the document",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Deadline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from_time)
    }
}
