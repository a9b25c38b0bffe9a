//! Queries that read as sentences.
//!
//! The documents are generated; here is what makes them short to write: a [`Filter`] for each kind
//! of condition, joined by `&`, `|` and `!`; a [`Facet`] for each kind of count; and methods that
//! add one filter, facet, boost or order at a time.
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

use super::types::{
    AndFilter, AvgFacet, Boost, Coordinate, DateHistogramFacet, DateHistogramRange, DateInterval,
    DeleteByQueryRequest, DistinctCountFacet, ExistsFilter, Facet, Filter, GeoBoundingBoxFilter,
    GeoPolygon, GeoRelation, GeoShape, GeoShapeFilter, LikeFilter, MatchAllFilter, MatchAnyFilter,
    NotFilter, NumericHistogramFacet, NumericHistogramRange, OrFilter, RangeFilter, ScrollQuery,
    SearchQuery, Sort, SortOrder, SumFacet, TermsFacet, ValueRange,
};
use crate::types::Json;
use std::ops::{BitAnd, BitOr, Not, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

/// A condition of each kind. `a & b`, `a | b` and `!a` join them.
impl Filter {
    /// The field has all of the values.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let both = Filter::match_all("tags", ["heart", "mri"]);
    /// ```
    pub fn match_all(
        field_name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<Json>>,
    ) -> Self {
        MatchAllFilter::new(field_name).values(values).into()
    }

    /// The field has at least one of the values.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let either = Filter::match_any("year", [2014, 2015]);
    /// ```
    pub fn match_any(
        field_name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<Json>>,
    ) -> Self {
        MatchAnyFilter::new(field_name).values(values).into()
    }

    /// The field, a number or a date, lies in a range: one of Rust's, or a [`ValueRange`].
    /// [`RangeFilter`] takes several.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let decade = Filter::range("year", 2010..2020);
    /// let until = Filter::range("path.to.date", ..="2014-11-07");
    /// ```
    pub fn range(field_name: impl Into<String>, range: impl Into<ValueRange>) -> Self {
        RangeFilter::new(field_name).values([range]).into()
    }

    /// The field, a `geo_point`, lies in a box, given by its corners in the north-west and in the
    /// south-east.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, Filter};
    ///
    /// let corners = (Coordinate::new(42.1, -88.0), Coordinate::new(41.6, -87.5));
    /// let in_chicago = Filter::geo_bounding_box("site", corners.0, corners.1);
    /// ```
    pub fn geo_bounding_box(
        field_name: impl Into<String>,
        top_left: Coordinate,
        bottom_right: Coordinate,
    ) -> Self {
        GeoBoundingBoxFilter::new(field_name, top_left, bottom_right).into()
    }

    /// The field, a `geo_shape`, meets an area, or lies within it.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, Filter, GeoPolygon, GeoRelation};
    ///
    /// let triangle = GeoPolygon::around([
    ///     Coordinate::new(41.6, -88.0),
    ///     Coordinate::new(41.6, -87.5),
    ///     Coordinate::new(42.1, -87.5),
    /// ]);
    /// let inside = Filter::geo_shape("area", triangle, GeoRelation::Within);
    /// ```
    pub fn geo_shape(
        field_name: impl Into<String>,
        shape: impl Into<GeoShape>,
        relation: GeoRelation,
    ) -> Self {
        GeoShapeFilter::new(field_name, shape)
            .relation(relation)
            .into()
    }

    /// The field is there.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let published = Filter::exists("doi");
    /// ```
    pub fn exists(field_name: impl Into<String>) -> Self {
        ExistsFilter::new(field_name).into()
    }

    /// The field, a text, matches a pattern: `*` stands for any letters, `?` for one.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let drafts = Filter::like("title", "draft*");
    /// ```
    pub fn like(field_name: impl Into<String>, pattern: impl Into<String>) -> Self {
        LikeFilter::new(field_name, pattern).into()
    }

    /// All of the filters match.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let known = Filter::all_of(["doi", "title"].map(Filter::exists));
    /// assert_eq!(known, Filter::exists("doi") & Filter::exists("title"));
    /// ```
    pub fn all_of(filters: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        AndFilter::new().filters(filters).into()
    }

    /// At least one of the filters matches.
    ///
    /// ```
    /// use globus_sdk::search::types::Filter;
    ///
    /// let named = Filter::any_of(["doi", "title"].map(Filter::exists));
    /// assert_eq!(named, Filter::exists("doi") | Filter::exists("title"));
    /// ```
    pub fn any_of(filters: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        OrFilter::new().filters(filters).into()
    }
}

/// The filter does not match.
impl Not for Filter {
    type Output = Self;
    fn not(self) -> Self {
        NotFilter::new(self).into()
    }
}

/// Both match. `a & b & c` is one filter of three.
impl BitAnd for Filter {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        match self {
            Self::AndFilter(mut and) => {
                and.filters.push(other);
                and.into()
            }
            first => Self::all_of([first, other]),
        }
    }
}

/// At least one matches. `a | b | c` is one filter of three.
impl BitOr for Filter {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        match self {
            Self::OrFilter(mut or) => {
                or.filters.push(other);
                or.into()
            }
            first => Self::any_of([first, other]),
        }
    }
}

/// The start belongs to it, the end does not.
impl<T: Into<Json>> From<Range<T>> for ValueRange {
    fn from(range: Range<T>) -> Self {
        Self::new().gte(range.start).lt(range.end)
    }
}

/// Both ends belong to it.
impl<T: Into<Json>> From<RangeInclusive<T>> for ValueRange {
    fn from(range: RangeInclusive<T>) -> Self {
        let (start, end) = range.into_inner();
        Self::new().gte(start).lte(end)
    }
}

impl<T: Into<Json>> From<RangeFrom<T>> for ValueRange {
    fn from(range: RangeFrom<T>) -> Self {
        Self::new().gte(range.start)
    }
}

impl<T: Into<Json>> From<RangeTo<T>> for ValueRange {
    fn from(range: RangeTo<T>) -> Self {
        Self::new().lt(range.end)
    }
}

impl<T: Into<Json>> From<RangeToInclusive<T>> for ValueRange {
    fn from(range: RangeToInclusive<T>) -> Self {
        Self::new().lte(range.end)
    }
}

impl GeoPolygon {
    /// The area within an outline, which is closed if it is not.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, GeoPolygon};
    ///
    /// let corners = [(0.0, 0.0), (0.0, 2.0), (2.0, 0.0)];
    /// let triangle = GeoPolygon::around(corners.map(|(lat, lon)| Coordinate::new(lat, lon)));
    /// // GeoJSON writes the longitude first, and the first place once more at the end
    /// let [a, b, c] = [[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]];
    /// assert_eq!(triangle.coordinates, [[a, b, c, a]]);
    /// ```
    pub fn around(outline: impl IntoIterator<Item = Coordinate>) -> Self {
        Self::new().hole(outline)
    }

    /// Adds the outline of a hole.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, GeoPolygon};
    ///
    /// let square = |r: f64| [(r, -r), (r, r), (-r, r), (-r, -r)].map(|(lat, lon)| Coordinate::new(lat, lon));
    /// let ring = GeoPolygon::around(square(2.0)).hole(square(1.0));
    /// assert_eq!(ring.coordinates.len(), 2);
    /// ```
    #[must_use]
    pub fn hole(mut self, outline: impl IntoIterator<Item = Coordinate>) -> Self {
        let mut ring: Vec<_> = outline.into_iter().map(|c| vec![c.lon, c.lat]).collect();
        if ring.first() != ring.last() {
            ring.extend(ring.first().cloned());
        }
        self.coordinates.push(ring);
        self
    }
}

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
