//! Facet results by name and as Rust types.

use crate::error::{Error, ErrorKind, Result};
use crate::generated::search::types::{Bucket, FacetResult, SearchResult};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The bounds of a histogram's bucket.
///
/// ```no_run
/// use globus_sdk::search::Interval;
///
/// # fn run(found: globus_sdk::search::types::SearchResult) -> globus_sdk::Result<()> {
/// if let Some(ages) = found.facet("Ages") {
///     for (age, count) in ages.counts::<Interval<f64>>()? {
///         println!("{}..{}: {count}", age.from, age.to);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Interval<T> {
    /// The lower bound, inclusive.
    pub from: T,
    /// The upper bound, exclusive.
    pub to: T,
}

impl SearchResult {
    /// A facet's result, by the facet's name, or by its field if it has none.
    pub fn facet(&self, name: &str) -> Option<&FacetResult> {
        self.facet_results.iter().find(|f| f.name == name)
    }
}

impl FacetResult {
    /// The buckets of a counting facet: each value, or [`Interval`], with the number of its
    /// occurrences. Sums and averages are in `value`, distinct counts in `approximate_value`.
    ///
    /// # Errors
    ///
    /// Kind `Decode` when the facet is a number and has no buckets, or has values of another type.
    ///
    /// ```no_run
    /// # fn run(tags: globus_sdk::search::types::FacetResult) -> globus_sdk::Result<()> {
    /// for (tag, count) in tags.counts::<String>()? {
    ///     println!("{tag}: {count}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn counts<T: DeserializeOwned>(&self) -> Result<Vec<(T, i64)>> {
        let is_number = self.value.is_some() || self.approximate_value.is_some();
        if self.buckets.is_empty() && is_number {
            let message = format!(
                "facet `{}` has no buckets; use its `value` or `approximate_value`",
                self.name
            );
            return Err(Error::new(ErrorKind::Decode, message));
        }
        let count = |bucket: &Bucket| match T::deserialize(&bucket.value) {
            Ok(value) => Ok((value, bucket.count)),
            Err(e) => Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "a bucket of facet `{}` does not fit its type: {e}: {}",
                    self.name, bucket.value
                ),
            )),
        };
        self.buckets.iter().map(count).collect()
    }
}
