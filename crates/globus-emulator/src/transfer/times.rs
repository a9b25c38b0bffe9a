//! Parsing and formatting of times in the Transfer API.
//!
//! The service is inconsistent: file documents separate date and time by a space, task documents by a `T`.
//! Clients may send both, with or without a zone, and bare dates.
//! documents by a `T`. Clients may send either, with or without a zone, or a bare date.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `2026-11-22 09:54:38+00:00`, as in file documents.
pub(super) fn spaced(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S+00:00").to_string()
}

/// `2026-11-22T09:54:38+00:00`, as in task and event documents.
pub(super) fn with_t(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// A time in the database, in microseconds.
pub(super) fn stored(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Parses all of these formats; times without a zone are in UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil: DateTime = text.parse().ok()?;
    civil
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_time_is_read() {
        for text in [
            "2026-11-22 09:54:38+00:00",
            "2026-11-22T09:54:38+00:00",
            "2026-11-22T09:54:38Z",
            "2026-11-22 09:54:38",
            "2026-11-22T10:54:38+01:00",
        ] {
            assert_eq!(
                parse(text).map(with_t).as_deref(),
                Some("2026-11-22T09:54:38+00:00"),
                "{text}"
            );
        }
        assert_eq!(
            parse("2026-11-22").map(spaced).as_deref(),
            Some("2026-11-22 00:00:00+00:00")
        );
        assert_eq!(
            parse("2017-10-12 09:30Z").map(spaced).as_deref(),
            Some("2017-10-12 09:30:00+00:00")
        );
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-13-01",
            "2026-11-22 25:00:00",
            "\u{fffd}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
