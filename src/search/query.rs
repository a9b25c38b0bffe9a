//! Queries that read as sentences.
//!
//! The documents are generated; here is what makes them short to write, beside the filters: a
//! [`Facet`] for each kind of count, and methods that add one filter, facet, boost or order at a
//! time.
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

/// A facet of each kind; each takes a `name` and `additional_filters`, too.
impl Facet {
    /// How often each of the most frequent values occurs.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("*").facet(Facet::terms("tags").size(5).name("Tags"));
    /// ```
    pub fn terms(field_name: impl Into<String>) -> TermsFacet {
        TermsFacet::new(field_name)
    }

    /// The sum of the field's numbers.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("*").facet(Facet::sum("bytes").missing(0.0));
    /// ```
    pub fn sum(field_name: impl Into<String>) -> SumFacet {
        SumFacet::new(field_name)
    }

    /// The average of the field's numbers.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("*").facet(Facet::avg("bytes"));
    /// ```
    pub fn avg(field_name: impl Into<String>) -> AvgFacet {
        AvgFacet::new(field_name)
    }

    /// How many different values there are, more or less.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("*").facet(Facet::distinct_count("author"));
    /// ```
    pub fn distinct_count(field_name: impl Into<String>) -> DistinctCountFacet {
        DistinctCountFacet::new(field_name)
    }

    /// How many of the field's numbers fall into each of `size` intervals that a range is cut into.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("*").facet(Facet::numeric_histogram("age", 0.0..100.0, 4));
    /// ```
    pub fn numeric_histogram(
        field_name: impl Into<String>,
        range: Range<f64>,
        size: i64,
    ) -> NumericHistogramFacet {
        let range = NumericHistogramRange::new(range.start, range.end);
        NumericHistogramFacet::new(field_name, size, range)
    }

    /// How many of the field's dates fall into each interval.
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
    /// The least first.
    ///
    /// ```
    /// use globus_sdk::search::types::{SearchQuery, Sort};
    ///
    /// let query = SearchQuery::new().q("*").sort_by(Sort::ascending("path.to.date"));
    /// ```
    pub fn ascending(field_name: impl Into<String>) -> Self {
        Self::new(field_name).order(SortOrder::Asc)
    }

    /// The greatest first.
    ///
    /// ```
    /// use globus_sdk::search::types::{SearchQuery, Sort};
    ///
    /// let query = SearchQuery::new().q("*").sort_by(Sort::descending("path.to.date"));
    /// ```
    pub fn descending(field_name: impl Into<String>) -> Self {
        Self::new(field_name).order(SortOrder::Desc)
    }
}

/// What a query document takes one at a time; `filters`, `facets`, `boosts` and `sort` set them all
/// at once.
impl SearchQuery {
    /// Adds a filter: all of them have to match.
    ///
    /// ```
    /// use globus_sdk::search::types::{Filter, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("heart").filter(Filter::exists("doi"));
    /// ```
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }

    /// Adds a filter that applies to the results, but not to what the facets count.
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

    /// Adds a facet: something to be counted or computed over the results.
    ///
    /// ```
    /// use globus_sdk::search::types::{Facet, SearchQuery};
    ///
    /// let query = SearchQuery::new().q("heart").facet(Facet::terms("tags")).facet(Facet::avg("age"));
    /// ```
    #[must_use]
    pub fn facet(mut self, facet: impl Into<Facet>) -> Self {
        self.facets.get_or_insert_default().push(facet.into());
        self
    }

    /// Multiplies what matches in a field count in the order of best matches.
    ///
    /// ```
    /// use globus_sdk::search::types::SearchQuery;
    ///
    /// let query = SearchQuery::new().q("heart").boost("title", 2.5);
    /// ```
    #[must_use]
    pub fn boost(mut self, field_name: impl Into<String>, factor: f64) -> Self {
        let boosts = self.boosts.get_or_insert_default();
        boosts.push(Boost::new(field_name, factor));
        self
    }

    /// Adds an order, which decides where those before it find two results equal.
    ///
    /// ```
    /// use globus_sdk::search::types::{SearchQuery, Sort};
    ///
    /// let query = SearchQuery::new()
    ///     .q("heart")
    ///     .sort_by(Sort::descending("year"))
    ///     .sort_by(Sort::ascending("title"));
    /// ```
    #[must_use]
    pub fn sort_by(mut self, sort: impl Into<Sort>) -> Self {
        self.sort.get_or_insert_default().push(sort.into());
        self
    }
}

impl ScrollQuery {
    /// Adds a filter: all of them have to match.
    ///
    /// ```
    /// use globus_sdk::search::types::{Filter, ScrollQuery};
    ///
    /// let query = ScrollQuery::new().filter(Filter::range("year", 2020..));
    /// ```
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }
}

/// The same question to all results: offset, facets, boosts and order stay behind, since a scroll
/// has none.
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
    /// Adds a filter: all of them have to match.
    ///
    /// ```
    /// use globus_sdk::search::types::{DeleteByQueryRequest, Filter};
    ///
    /// let old = DeleteByQueryRequest::new().filter(Filter::range("path.to.date", ..="2014-11-07"));
    /// ```
    #[must_use]
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filters.get_or_insert_default().push(filter.into());
        self
    }
}
