//! Times as Search writes them: without a zone, meant as UTC.

use jiff::Timestamp;

fn written(millis: i64, format: &str) -> String {
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::MIN)
        .strftime(format)
        .to_string()
}

/// The time of an index or a role: `2021-04-05 15:05:18`.
pub(crate) fn with_space(millis: i64) -> String {
    written(millis, "%Y-%m-%d %H:%M:%S")
}

/// The time of a task: `2018-12-13T18:08:42.746911`.
pub(crate) fn with_fraction(millis: i64) -> String {
    written(millis, "%Y-%m-%dT%H:%M:%S.%6f")
}
