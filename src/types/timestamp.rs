//! Times, in every format that the services use.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::time::SystemTime;

/// A point in time, as written by a service.
///
/// Transfer writes `2026-11-22 09:54:38+00:00`, Search `2018-12-13T18:08:42.746911`, others end in
/// `Z`: all are read, and without a zone they are UTC. The text is preserved, so that it can be
/// sent back unchanged; text that is not a time is preserved, too, and has no
/// [`instant`](Self::instant).
///
/// ```
/// use globus_sdk::types::Timestamp;
///
/// let a = Timestamp::from("2026-11-22 09:54:38+00:00");
/// let b = Timestamp::from("2026-11-22T09:54:38Z");
/// assert_eq!(a.instant(), b.instant());
/// assert_eq!(a.to_string(), "2026-11-22 09:54:38+00:00");
/// assert!(Timestamp::from("soon").instant().is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Repr);

/// Most times have Transfer's format: those need no allocation.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Whole seconds since 1970, written `YYYY-MM-DD HH:MM:SS+00:00`.
    Transfer(jiff::Timestamp),
    Text(Box<str>),
}

impl Timestamp {
    /// The instant, if the text is a time.
    pub fn instant(&self) -> Option<jiff::Timestamp> {
        match &self.0 {
            Repr::Transfer(instant) => Some(*instant),
            Repr::Text(text) => parse(text),
        }
    }
}

/// With a zone, or as UTC. jiff accepts `T` or a space, with or without fractions.
fn parse(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })
}

/// Parses exactly `YYYY-MM-DD HH:MM:SS+00:00`, in one pass.
fn transfer_shape(text: &str) -> Option<jiff::Timestamp> {
    // every item of a list has several times, so the usual format skips the general parser
    let b: &[u8; 25] = text.as_bytes().try_into().ok()?;
    if !(b[4] == b'-' && b[7] == b'-' && b[10] == b' ' && b[13] == b':' && b[16] == b':')
        || &b[19..] != b"+00:00"
    {
        return None;
    }
    let number = |from: usize, to: usize| {
        b[from..to].iter().try_fold(0i16, |n, digit| {
            digit
                .is_ascii_digit()
                .then(|| n * 10 + i16::from(digit - b'0'))
        })
    };
    let small = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    let civil = jiff::civil::DateTime::new(
        number(0, 4)?,
        small(5)?,
        small(8)?,
        small(11)?,
        small(14)?,
        small(17)?,
        0,
    )
    .ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        match transfer_shape(text) {
            Some(instant) => Self(Repr::Transfer(instant)),
            None => Self(Repr::Text(text.into())),
        }
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// Truncated to whole seconds, the precision of Transfer's times.
impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        let whole = jiff::Timestamp::from_second(instant.as_second()).unwrap_or(instant);
        Self(Repr::Transfer(whole))
    }
}

/// Truncated to whole seconds; a time out of range becomes the nearest one in range.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let nearest = if time < SystemTime::UNIX_EPOCH {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        jiff::Timestamp::try_from(time).unwrap_or(nearest).into()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Transfer(instant) => {
                write!(f, "{}", instant.strftime("%Y-%m-%d %H:%M:%S+00:00"))
            }
            Repr::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = super::decode::Key::deserialize(deserializer)?;
        Ok(Self::from(&*text))
    }
}
