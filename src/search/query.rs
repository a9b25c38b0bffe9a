//! Short forms for queries.
//!
//! The documents are generated. Added here, besides the filters, are a constructor for each kind of
//! [`Facet`], and methods that add one filter, facet, boost or order at a time.
//!
//! ```
//! use globus_sdk::search::types::{DateInterval, Facet, Filter, SearchQuery, Sort};
//!
//! let query = SearchQuery::new()
//!     .q("heart")
//!     .filter(Filter::match_all("tags", ["mri", "adult"]))
//!     .filter(Filter::range("year", 2014..2020) & !Filter::like("title", "draft*"))
//!     .facet(Facet::terms("tags").size(5))
//!     .facet(Facet::date_histogram("date", DateInterval::Month))
//!     .boost("title", 2.5)
//!     .sort_by(Sort::descending("date"));
//! assert_eq!(query.filters.map(|f| f.len()), Some(2));
//! ```

use crate::generated::search::types::{
    AvgFacet, Boost, DateHistogramFacet, DateHistogramRange, DateInterval, DeleteByQueryRequest,
    DistinctCountFacet, Facet, Filter, NumericHistogramFacet, NumericHistogramRange, ScrollQuery,
    ScrollVersion, SearchQuery, SearchVersion, Sort, SortOrder, SumFacet, TermsFacet,
};
use crate::types::Json;
use std::ops::{Range, RangeInclusive};

/// A constructor for each kind of facet; each also has setters for `name` and `additional_filters`.
impl Facet {
    /// Counts how often each of the most frequent values occurs.
    pub fn terms(field_name: impl Into<String>) -> TermsFacet {
        TermsFacet::new(field_name)
    }

    /// The sum of the field's numbers.
    pub fn sum(field_name: impl Into<String>) -> SumFacet {
        SumFacet::new(field_name)
    }

    /// The average of the field's numbers.
    pub fn avg(field_name: impl Into<String>) -> AvgFacet {
        AvgFacet::new(field_name)
    }

    /// The approximate number of different values.
    pub fn distinct_count(field_name: impl Into<String>) -> DistinctCountFacet {
        DistinctCountFacet::new(field_name)
    }

    /// Counts the field's numbers in `size` equal intervals of a range.
    pub fn numeric_histogram(
        field_name: impl Into<String>,
        range: Range<f64>,
        size: i64,
    ) -> NumericHistogramFacet {
        let range = NumericHistogramRange::new(range.start, range.end);
        NumericHistogramFacet::new(field_name, size, range)
    }

    /// Counts the field's dates in each interval.
    ///
    /// ```
    /// use globus_sdk::search::types::{DateInterval, Facet, SearchQuery};
    ///
    /// let of_2014 = Facet::date_histogram("date", DateInterval::Month)
    ///     .histogram_range("2014-01-01"..="2014-12-31");
    /// let query = SearchQuery::new().q("*").facet(of_2014);
    /// ```
    pub fn date_histogram(
        field_name: impl Into<String>,
        interval: DateInterval,
    ) -> DateHistogramFacet {
        DateHistogramFacet::new(field_name, interval)
    }
}

/// From the first date to the last.
impl<T: Into<Json>> From<RangeInclusive<T>> for DateHistogramRange {
    fn from(range: RangeInclusive<T>) -> Self {
        let (low, high) = range.into_inner();
        Self::new(low, high)
    }
}

impl Sort {
    /// Smallest first.
    pub fn ascending(field_name: impl Into<String>) -> Self {
        Self::new(field_name).order(SortOrder::Asc)
    }

    /// Largest first.
    pub fn descending(field_name: impl Into<String>) -> Self {
        Self::new(field_name).order(SortOrder::Desc)
    }
}

/// Methods that add one element; `filters`, `facets`, `boosts` and `sort` replace all of them.
impl SearchQuery {
    /// Adds a filter. All filters must match.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }

    /// Adds a filter that applies to the results, but not to the facets.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, Filter, SearchQuery};
    ///
    /// let query = SearchQuery::new()
    ///     .q("heart")
    ///     .facet(Facet::terms("tags"))
    ///     .post_facet_filter(Filter::match_any("tags", ["mri"]));
    /// ```
    #[must_use]
    pub fn post_facet_filter(mut self, filter: impl Into<Filter>) -> Self {
        let filters = self.post_facet_filters.get_or_insert_default();
        filters.push(filter.into());
        self
    }

    /// Adds a facet, which is computed over the results.
    #[must_use]
    pub fn facet(mut self, facet: impl Into<Facet>) -> Self {
        self.facets.get_or_insert_default().push(facet.into());
        self
    }

    /// Multiplies the weight of matches in a field.
    #[must_use]
    pub fn boost(mut self, field_name: impl Into<String>, factor: f64) -> Self {
        let boosts = self.boosts.get_or_insert_default();
        boosts.push(Boost::new(field_name, factor));
        self
    }

    /// Adds an order, which is used where the previous ones leave a tie.
    #[must_use]
    pub fn sort_by(mut self, sort: impl Into<Sort>) -> Self {
        self.sort.get_or_insert_default().push(sort.into());
        self
    }
}

impl ScrollQuery {
    /// Adds a filter. All filters must match.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }
}

/// The same query for all results: offset, facets, boosts and order are dropped, since a scroll has
/// none.
///
/// ```
/// use globus_sdk::search::types::{Facet, ScrollQuery, SearchQuery};
///
/// let query = SearchQuery::new().q("heart").offset(20).facet(Facet::terms("tags"));
/// assert_eq!(ScrollQuery::from(query), ScrollQuery::new().q("heart"));
/// ```
impl From<SearchQuery> for ScrollQuery {
    fn from(query: SearchQuery) -> Self {
        let mut filters = query.filters;
        if let Some(more) = query.post_facet_filters {
            filters.get_or_insert_default().extend(more);
        }
        Self {
            version: query.version.map(|version| match version {
                SearchVersion::V20170901 => ScrollVersion::V20170901,
                SearchVersion::Query100 => ScrollVersion::Scroll100,
                SearchVersion::Other(other) => ScrollVersion::Other(other),
            }),
            q: query.q,
            advanced: query.advanced,
            q_settings: query.q_settings,
            bypass_visible_to: query.bypass_visible_to,
            filters,
            limit: query.limit,
            filter_principal_sets: query.filter_principal_sets,
            fields: query.fields,
            marker: None,
            extra: query.extra,
        }
    }
}

impl DeleteByQueryRequest {
    /// Adds a filter. All filters must match.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }
}
