//! How long a service asks to wait.

use std::time::{Duration, SystemTime};

/// A `Retry-After` value: seconds, or an HTTP date that is made relative to `now`. More seconds than
/// anybody can count are as long as can be, and not nothing.
pub(super) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return match Duration::try_from_secs_f64(seconds) {
            Ok(wait) => Some(wait),
            Err(_) if seconds.is_finite() && seconds > 0.0 => Some(Duration::MAX),
            Err(_) => None,
        };
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_retry_after_is_read_or_ignored(value in "(?s).*") {
            let _ = parse(&value, SystemTime::UNIX_EPOCH);
        }

        #[test]
        fn any_number_is_no_wait_a_wait_or_forever(value in "[-+]?([0-9]{0,40}|inf|nan)([.][0-9]{0,9})?([eE][-+]?[0-9]{1,4})?") {
            let wait = parse(&value, SystemTime::UNIX_EPOCH);
            if let Ok(seconds) = value.parse::<f64>() {
                let sensible = seconds.is_finite() && seconds >= 0.0;
                prop_assert_eq!(wait.is_some(), sensible, "{:?}", wait);
                if sensible && seconds > 1e20 {
                    prop_assert_eq!(wait, Some(Duration::MAX));
                }
            }
        }

        #[test]
        fn a_date_is_as_far_away_as_it_is(now in 0u64..4_000_000_000, date in 0u64..4_000_000_000) {
            let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let value = httpdate::fmt_http_date(at(date));
            let wait = Duration::from_secs(date.saturating_sub(now));
            prop_assert_eq!(parse(&value, at(now)), Some(wait));
        }

        #[test]
        fn seconds_are_seconds(seconds in 0u32..1_000_000) {
            prop_assert_eq!(
                parse(&seconds.to_string(), SystemTime::UNIX_EPOCH),
                Some(Duration::from_secs(seconds.into()))
            );
        }
    }

    #[test]
    fn a_date_is_relative_to_now() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_767);
        let wait = parse("Sun, 06 Nov 1994 08:49:37 GMT", now);
        assert_eq!(wait, Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_date_in_the_past_is_no_wait() {
        let wait = parse("Sun, 06 Nov 1994 08:49:37 GMT", SystemTime::now());
        assert_eq!(wait, Some(Duration::ZERO));
    }
}
