//! How long to wait: exponential backoff with full jitter, and what `Retry-After` says.

use std::time::{Duration, SystemTime};

/// The wait before retry number `retry` (0 is the first): a random part of `base * 2^retry`, which
/// grows no further than `cap`. `random` is in 0..1.
///
/// Full jitter, so that clients that failed together do not return together.
pub(crate) fn exponential(base: Duration, cap: Duration, retry: u32, random: f64) -> Duration {
    let ceiling = base
        .saturating_mul(2u32.saturating_pow(retry.min(31)))
        .min(cap);
    ceiling.mul_f64(random.clamp(0.0, 1.0))
}

/// A `Retry-After` value: seconds, or an HTTP date that is made relative to `now`. More seconds than
/// anybody can count are as long as can be, and not nothing.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
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
        fn a_backoff_never_exceeds_its_cap(base in 0u64..10_000, cap in 0u64..60_000, retry: u32, random in 0.0..1.0f64) {
            let wait = exponential(Duration::from_millis(base), Duration::from_millis(cap), retry, random);
            prop_assert!(wait <= Duration::from_millis(cap));
        }

        #[test]
        fn any_retry_after_is_read_or_ignored(value in ".*") {
            let _ = retry_after(&value, SystemTime::UNIX_EPOCH);
        }

        #[test]
        fn seconds_are_seconds(seconds in 0u32..1_000_000) {
            prop_assert_eq!(
                retry_after(&seconds.to_string(), SystemTime::UNIX_EPOCH),
                Some(Duration::from_secs(seconds.into()))
            );
        }
    }

    #[test]
    fn a_date_is_relative_to_now() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_767);
        let wait = retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now);
        assert_eq!(wait, Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_date_in_the_past_is_no_wait() {
        let wait = retry_after("Sun, 06 Nov 1994 08:49:37 GMT", SystemTime::now());
        assert_eq!(wait, Some(Duration::ZERO));
    }

    #[test]
    fn the_first_backoffs_double() {
        let full = |retry| exponential(Duration::from_secs(1), Duration::from_secs(60), retry, 1.0);
        assert_eq!([full(0), full(1), full(2)].map(|d| d.as_secs()), [1, 2, 4]);
    }
}
