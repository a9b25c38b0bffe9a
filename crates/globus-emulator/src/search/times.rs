//! The time formats of Search: without a zone, in UTC.

use jiff::Timestamp;

fn written(millis: i64, format: &str) -> String {
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::MIN)
        .strftime(format)
        .to_string()
}

/// The format of indices and roles: `2021-04-05 15:05:18`.
pub(crate) fn with_space(millis: i64) -> String {
    written(millis, "%Y-%m-%d %H:%M:%S")
}

/// The format of tasks: `2018-12-13T18:08:42.746911`.
pub(crate) fn with_fraction(millis: i64) -> String {
    written(millis, "%Y-%m-%dT%H:%M:%S.%6f")
}
