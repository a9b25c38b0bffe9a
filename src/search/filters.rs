//! Filters of a query: one constructor for each kind of condition, combined with `&`, `|` and `!`.

use crate::generated::search::types::{
    AndFilter, Coordinate, ExistsFilter, Filter, GeoBoundingBoxFilter, GeoPolygon, GeoRelation,
    GeoShape, GeoShapeFilter, LikeFilter, MatchAllFilter, MatchAnyFilter, NotFilter, OrFilter,
    RangeFilter, ValueRange,
};
use crate::types::Json;
use std::ops::{BitAnd, BitOr, Not, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

/// One constructor for each kind of condition. Combine them with `a & b`, `a | b` and `!a`.
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

    /// The field, a number or a date, lies in a range: a Rust range, or a [`ValueRange`].
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

    /// The field, a `geo_point`, lies in a box, given by its north-west and south-east corners.
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

    /// The field, a `geo_shape`, intersects an area or lies within it.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, Filter, GeoPolygon, GeoRelation};
    ///
    /// let triangle = GeoPolygon::from_outline([
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

    /// The field exists.
    pub fn exists(field_name: impl Into<String>) -> Self {
        ExistsFilter::new(field_name).into()
    }

    /// The field, a text, matches a pattern: `*` stands for any characters, `?` for one.
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
                // flattened, so that a chain of operators does not become a nesting as deep as it
                // is long
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
                // flattened, as in `bitand`
                or.filters.push(other);
                or.into()
            }
            first => Self::any_of([first, other]),
        }
    }
}

/// The start is included, the end is not.
impl<T: Into<Json>> From<Range<T>> for ValueRange {
    fn from(range: Range<T>) -> Self {
        Self::new().gte(range.start).lt(range.end)
    }
}

/// Both ends are included.
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
    /// The area within an outline, which is closed if necessary.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, GeoPolygon};
    ///
    /// let corners = [(0.0, 0.0), (0.0, 2.0), (2.0, 0.0)];
    /// let triangle = GeoPolygon::from_outline(corners.map(|(lat, lon)| Coordinate::new(lat, lon)));
    /// // GeoJSON writes the longitude first, and the first place once more at the end
    /// let [a, b, c] = [[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]];
    /// assert_eq!(triangle.coordinates, [[a, b, c, a]]);
    /// ```
    pub fn from_outline(outline: impl IntoIterator<Item = Coordinate>) -> Self {
        Self::new().with_hole(outline)
    }

    /// Adds the outline of a hole.
    ///
    /// ```
    /// use globus_sdk::search::types::{Coordinate, GeoPolygon};
    ///
    /// let square = |r: f64| [(r, -r), (r, r), (-r, r), (-r, -r)].map(|(lat, lon)| Coordinate::new(lat, lon));
    /// let ring = GeoPolygon::from_outline(square(2.0)).with_hole(square(1.0));
    /// assert_eq!(ring.coordinates.len(), 2);
    /// ```
    #[must_use]
    pub fn with_hole(mut self, outline: impl IntoIterator<Item = Coordinate>) -> Self {
        let mut ring: Vec<_> = outline.into_iter().map(|c| vec![c.lon, c.lat]).collect();
        if ring.first() != ring.last() {
            ring.extend(ring.first().cloned());
        }
        self.coordinates.push(ring);
        self
    }
}
