//! How long to wait: exponential backoff with jitter, and `Retry-After`.

use std::time::Duration;

/// The wait before retry number `retry` (0 is the first): half of `base * 2^retry`, limited to
/// `cap`, plus a random part of the other half. `random` is in 0..1.
///
/// The random half spreads out clients that failed at the same time. The fixed half ensures that
/// bad luck cannot make all retries of a call follow immediately.
pub(crate) fn exponential(base: Duration, cap: Duration, retry: u32, random: f64) -> Duration {
    let ceiling = base
        .saturating_mul(2u32.saturating_pow(retry.min(31)))
        .min(cap);
    (ceiling / 2).saturating_add((ceiling / 2).mul_f64(random.clamp(0.0, 1.0)))
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
        fn the_longest_wait_grows_with_every_retry_until_it_is_the_cap(base in 1u64..10_000, cap in 0u64..10_000_000) {
            let (base, cap) = (Duration::from_millis(base), Duration::from_millis(cap));
            let longest: Vec<_> = (0..40).map(|retry| exponential(base, cap, retry, 1.0)).collect();
            prop_assert!(longest.is_sorted());
            prop_assert_eq!((longest[0], longest[39]), (base.min(cap), cap));
        }

        #[test]
        fn a_wait_is_between_half_of_the_longest_and_all_of_it(base in 0u64..10_000, retry in 0u32..40, low in 0.0..1.0f64, high in 0.0..1.0f64) {
            let wait = |random| exponential(Duration::from_millis(base), Duration::from_secs(10), retry, random);
            prop_assert_eq!(wait(0.0), wait(1.0) / 2);
            prop_assert!(wait(low.min(high)) <= wait(low.max(high)));
            let part = wait(1.0).as_secs_f64() * (0.5 + low / 2.0);
            prop_assert!((wait(low).as_secs_f64() - part).abs() < 1e-6);
        }
    }

    #[test]
    fn the_first_backoffs_double() {
        let full = |retry| exponential(Duration::from_secs(1), Duration::from_secs(60), retry, 1.0);
        assert_eq!([full(0), full(1), full(2)].map(|d| d.as_secs()), [1, 2, 4]);
    }
}
