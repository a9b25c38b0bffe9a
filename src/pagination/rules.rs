//! Whether a list continues after a page, and where.
//!
//! A list may only end without an error where the service says it ends. A service that promises
//! more and does not return it, or that leads in a circle, is distinguished here from one that has
//! returned everything.

use serde::de::{Deserialize, Deserializer, Visitor};
use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// How many pages without items may follow each other, as long as each names another one: a service
/// that filters after cutting a list into pages sends some. A hundred covers everything that Search
/// returns by offset (10,000 results, 100 a page); a filter that excludes more than that cannot be
/// told from a service that never ends.
const EMPTY_PAGES: u32 = 100;
/// How many markers are compared exactly. A cycle of more pages is found, too, but later: see
/// [`Markers`].
const RECENT: usize = 1024;

/// How a list is paged, according to the spec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    /// How the next page is requested.
    pub(crate) cursor: CursorKind,
    /// The number of items after which the service returns no more.
    pub(crate) max_items: Option<u64>,
    /// The operation that returns the rest.
    pub(crate) continues_with: Option<&'static str>,
    /// The name of the field with the items.
    pub(crate) items: &'static str,
    /// Whether a page has a `total`.
    pub(crate) total: bool,
    /// Whether a page has a `has_next_page`.
    pub(crate) has_next_page: bool,
    /// The name of the field with the next page's marker.
    pub(crate) marker: Option<&'static str>,
}

/// How a page is requested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CursorKind {
    /// By the number of items before it.
    Offset,
    /// By the marker that the previous page names.
    Marker,
    /// By a link on the previous page.
    Link,
}

/// Where a call starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    pub(crate) offset: i64,
    /// How many items it requests.
    pub(crate) limit: Option<i64>,
    pub(crate) marker: Option<Marker>,
}

/// What a page says about its position in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Position {
    /// How many items it has.
    pub(crate) count: usize,
    pub(crate) total: Option<i64>,
    pub(crate) has_next_page: Option<bool>,
    /// The marker or link of the next page.
    pub(crate) marker: Option<Marker>,
}

/// The marker of a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Marker {
    Text(String),
    Number(i64),
}

impl<'de> Deserialize<'de> for Marker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MarkerVisitor;
        impl Visitor<'_> for MarkerVisitor {
            type Value = Marker;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a marker")
            }
            fn visit_str<E>(self, text: &str) -> Result<Marker, E> {
                Ok(Marker::Text(text.to_owned()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Marker, E> {
                Ok(Marker::Number(number))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Marker, E> {
                let number = i64::try_from(number);
                number.map(Marker::Number).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(MarkerVisitor)
    }
}

impl From<String> for Marker {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Marker {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl Marker {
    /// An empty marker leads nowhere.
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }

    /// The marker as a number, for operations that take one.
    #[allow(
        dead_code,
        reason = "generated code calls it where a spec has such a list"
    )]
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

/// How to request the next page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cursor {
    Offset(i64),
    Marker(Marker),
}

/// What follows a page.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// Nothing: the list is complete.
    End,
    Page(Cursor),
    /// More than the service returns.
    Capped,
    /// Items that the service announces and does not return; with the details.
    Missing(String),
}

/// How far a list has been read.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    offset: i64,
    limit: Option<i64>,
    /// Whether reading started in the middle, at a marker that the caller set.
    resumed: bool,
    served: u64,
    /// Pages without items in a row.
    empty: u32,
    /// The most recent total.
    total: Option<i64>,
    markers: Markers,
}

impl Progress {
    pub(crate) fn new(start: Start) -> Self {
        let mut markers = Markers::default();
        let resumed = start.marker.is_some();
        if let Some(marker) = start.marker {
            markers.repeats(&marker);
        }
        Self {
            offset: start.offset,
            limit: start.limit,
            resumed,
            served: 0,
            empty: 0,
            total: None,
            markers,
        }
    }

    /// How many items have been read.
    pub(crate) fn served(&self) -> u64 {
        self.served
    }

    /// What follows the page that was read last.
    pub(crate) fn next(&mut self, list: &List, page: Position) -> Next {
        self.served = self.served.saturating_add(page.count as u64);
        self.empty = match page.count {
            0 => self.empty.saturating_add(1),
            _ => 0,
        };
        if let Some(total) = page.total.filter(|total| *total < 0) {
            return Next::Missing(format!("the service reports a total of {total}"));
        }
        self.total = page.total.or(self.total);
        let next = match list.cursor {
            CursorKind::Offset => self.by_offset(list, &page),
            CursorKind::Marker | CursorKind::Link => self.by_marker(list, page),
        };
        match next {
            Next::Page(_) if list.max_items.is_some_and(|cap| self.served >= cap) => Next::Capped,
            next => next,
        }
    }

    fn by_offset(&mut self, list: &List, page: &Position) -> Next {
        let before = self.offset;
        let count = i64::try_from(page.count).unwrap_or(i64::MAX);
        self.offset = before.saturating_add(count);
        let more = match (page.has_next_page, self.total) {
            // at its limit, a service says that there is no next page although the total is larger
            (Some(false), Some(total)) => {
                let reached = |cap| i64::try_from(cap).is_ok_and(|cap| self.offset >= cap);
                return match list.max_items.is_some_and(reached) && self.offset < total {
                    true => Next::Capped,
                    false => Next::End,
                };
            }
            (Some(more), _) => more,
            (None, Some(total)) => self.offset < total,
            // without a total or a flag, a full page is the only sign that there may be more; a
            // last page that happens to be full costs one more request
            (None, None) => count > 0 && self.limit.is_some_and(|limit| count >= limit),
        };
        // a caller that asks for no items gets none
        if !more || self.limit == Some(0) {
            return Next::End;
        }
        if count == 0 {
            return Next::Missing(match (page.has_next_page, self.total) {
                (None, Some(total)) => {
                    format!(
                        "the service reports a total of {total} and returned a page without items"
                    )
                }
                _ => "the service announced a next page and returned one without items".to_owned(),
            });
        }
        if self.offset <= before {
            return Next::Missing(
                "the service announced a next page beyond the largest offset".to_owned(),
            );
        }
        Next::Page(Cursor::Offset(self.offset))
    }

    fn by_marker(&mut self, list: &List, page: Position) -> Next {
        let empty_link =
            list.cursor == CursorKind::Link && page.marker.as_ref().is_some_and(Marker::is_empty);
        let marker = page.marker.filter(|marker| !marker.is_empty());
        // the total counts from the start of the list: it says nothing about a call that started in
        // the middle
        let total = self.total.filter(|_| !self.resumed);
        let short = total.is_some_and(|total| self.served < total.unsigned_abs());
        let more = page
            .has_next_page
            .unwrap_or(marker.is_some() || empty_link || short);
        if !more {
            return Next::End;
        }
        let Some(marker) = marker else {
            return Next::Missing(match (page.has_next_page, total) {
                (None, Some(total)) if !empty_link => {
                    format!(
                        "the service reports a total of {total} and does not name the next page"
                    )
                }
                _ => "the service announced a next page and does not name it".to_owned(),
            });
        };
        if self.markers.repeats(&marker) {
            // without the marker, which may repeat a secret of the request
            return Next::Missing("the service named the same next page twice".to_owned());
        }
        if self.empty >= EMPTY_PAGES {
            return Next::Missing(format!(
                "the service returned {EMPTY_PAGES} pages without items in a row and announced another one"
            ));
        }
        Next::Page(Cursor::Marker(marker))
    }
}

/// Detects cycles of markers in constant memory, since a list may have millions of pages.
///
/// The last [`RECENT`] markers are compared exactly, so that a cycle of up to that many pages is
/// found as soon as it closes. For longer ones there is Brent's algorithm: one marker is
/// remembered, and replaced by the current one after 1, 2, 4, … steps. Once the interval is as long
/// as the cycle, the remembered marker is part of it and comes again.
#[derive(Clone, Debug, Default)]
struct Markers {
    /// Hashes instead of markers, which may be long. For a million pages, the probability that two
    /// of a list collide is below 1 in 10⁹.
    recent: VecDeque<u64>,
    kept: Option<u64>,
    /// Steps since the remembered marker was replaced.
    steps: u64,
    /// After how many steps it is replaced again.
    turn: u64,
    hasher: Hasher,
}

impl Markers {
    fn repeats(&mut self, marker: &Marker) -> bool {
        let hash = match marker {
            Marker::Text(text) => self.hasher.0.hash_one(text),
            Marker::Number(number) => self.hasher.0.hash_one(number),
        };
        if self.kept == Some(hash) || self.recent.contains(&hash) {
            return true;
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(hash);
        if self.kept.is_none() || self.steps == self.turn {
            self.kept = Some(hash);
            self.turn = self.turn.saturating_mul(2).max(1);
            self.steps = 0;
        }
        self.steps += 1;
        false
    }
}

/// Randomly keyed, so that a service cannot choose markers that collide.
#[derive(Clone, Default)]
struct Hasher(RandomState);

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKED: List = List {
        cursor: CursorKind::Marker,
        max_items: None,
        continues_with: None,
        items: "DATA",
        total: true,
        has_next_page: true,
        marker: Some("marker"),
    };

    /// How many pages are read, one item each, before a list whose markers go in a circle of `length`
    /// pages behind `lead` others is an error.
    fn pages_of_a_circle(lead: u64, length: u64) -> u64 {
        let mut progress = Progress::new(Start::default());
        for page in 0.. {
            let at = match page < lead {
                true => page,
                false => lead + (page - lead) % length,
            };
            let position = Position {
                count: 1,
                marker: Some(Marker::Text(format!("page {at}"))),
                ..Position::default()
            };
            if let Next::Missing(_) = progress.next(&MARKED, position) {
                return page;
            }
            assert!(progress.markers.recent.len() <= RECENT);
        }
        0
    }

    #[test]
    fn a_short_circle_of_markers_is_found_where_it_closes() {
        for length in [1, 2, 3, 7, 100, 1024] {
            for lead in [0, 1, 5, 2000] {
                assert_eq!(pages_of_a_circle(lead, length), lead + length);
            }
        }
    }

    #[test]
    fn a_long_circle_of_markers_is_found_in_bounded_memory() {
        for length in [1025, 3000] {
            for lead in [0, 3, 2000] {
                let read = pages_of_a_circle(lead, length);
                assert!(read <= 3 * (lead + length), "{lead} + {length}: {read}");
            }
        }
    }

    #[test]
    fn no_number_is_too_odd_for_a_page() {
        let odd = [i64::MIN, -1, 0, 1, i64::MAX];
        for by in [CursorKind::Offset, CursorKind::Marker, CursorKind::Link] {
            let list = List {
                cursor: by,
                ..MARKED
            };
            for (offset, total) in odd.iter().flat_map(|o| odd.map(|total| (*o, total))) {
                for count in [0, 1, usize::MAX] {
                    let mut progress = Progress::new(Start {
                        offset,
                        limit: Some(total),
                        marker: None,
                    });
                    for has_next_page in [Some(true), None] {
                        let position = Position {
                            count,
                            total: Some(total),
                            has_next_page,
                            marker: Some(Marker::Number(offset)),
                        };
                        let next = progress.next(&list, position);
                        assert!(total >= 0 || matches!(next, Next::Missing(_)));
                    }
                }
            }
        }
    }
}
