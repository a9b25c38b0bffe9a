//! Sequences of pages that a correct or broken service may send, and what each of them means.
//!
//! For tests: the tests of this module read them without HTTP, and `tests/it/pagination.rs` from a
//! server. The verdict here does not use `rules`: it goes by what the pages say.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

/// A paged operation, and the format of its pages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    /// `task_list`: offset-total.
    Tasks,
    /// `operation_ls`: offset-total, and the total may be absent.
    Files,
    /// `endpoint_search`: offset-has-next.
    Endpoints,
    /// `post_search`: offset-has-next, in the body.
    Results,
    /// `scroll`: marker-has-next.
    Scroll,
    /// `task_successful_transfers`: next-marker.
    Moved,
    /// `get_shared_endpoint_list`: next-token.
    Shared,
    /// `endpoint_manager_task_list`: last-key.
    Managed,
    /// `list_bookmarks`: jsonapi-links.
    Bookmarks,
}

pub(crate) const STYLES: [Style; 9] = [
    Style::Tasks,
    Style::Files,
    Style::Endpoints,
    Style::Results,
    Style::Scroll,
    Style::Moved,
    Style::Shared,
    Style::Managed,
    Style::Bookmarks,
];

impl Style {
    fn by_offset(self) -> bool {
        matches!(
            self,
            Self::Tasks | Self::Files | Self::Endpoints | Self::Results
        )
    }

    fn has_next_page(self) -> bool {
        matches!(
            self,
            Self::Endpoints | Self::Results | Self::Scroll | Self::Managed
        )
    }

    fn has_total(self) -> bool {
        matches!(
            self,
            Self::Tasks | Self::Files | Self::Results | Self::Scroll
        )
    }
}

/// One page, by its fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: usize,
    pub(crate) total: Option<i64>,
    pub(crate) has_next_page: Option<bool>,
    pub(crate) marker: Option<String>,
}

/// What a service does after its last page when it is asked for more.
#[derive(Clone, Copy, Debug)]
enum Tail {
    /// It repeats its last page without items.
    Empty,
    /// It starts over at a page.
    Circle(usize),
    /// It sends empty pages, each with a new marker.
    Rising,
}

/// All answers of a service.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) style: Style,
    pages: Vec<Page>,
    tail: Tail,
}

/// More requests than this for one sequence count as an endless loop.
pub(crate) const ENDLESS: usize = 1500;

impl Sequence {
    pub(crate) fn random(style: Style, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let chance = &mut chance;
        let mut pages: Vec<Page> = (0..chance.random_range(1..6))
            .map(|_| Page {
                items: chance.random_range(0..4),
                ..Page::default()
            })
            .collect();
        let all: usize = pages.iter().map(|page| page.items).sum();
        let last = pages.len() - 1;
        // first a correct list
        for (number, page) in pages.iter_mut().enumerate() {
            page.total = style.has_total().then_some(all as i64);
            page.has_next_page = style.has_next_page().then_some(number < last);
            page.marker =
                (!style.by_offset() && number < last).then(|| format!("{}", number + 100));
            if style.by_offset() && number < last {
                // an empty page in the middle is an error, added below
                page.items = page.items.max(1);
            }
        }
        if style.has_total() && style.by_offset() {
            let all: usize = pages.iter().map(|page| page.items).sum();
            for page in &mut pages {
                page.total = Some(all as i64);
            }
        }
        // then the errors
        for _ in 0..chance.random_range(0..4) {
            let at = chance.random_range(0..pages.len());
            Self::damage(style, &mut pages, at, chance);
        }
        let tail = match chance.random_range(0..3) {
            1 if !style.by_offset() => Tail::Circle(chance.random_range(0..pages.len())),
            2 if !style.by_offset() => Tail::Rising,
            _ => Tail::Empty,
        };
        Self { style, pages, tail }
    }

    fn damage(style: Style, pages: &mut [Page], at: usize, chance: &mut StdRng) {
        let some = chance.random_range(0..pages.len());
        let named = format!("{}", some + 100);
        let page = &mut pages[at];
        match chance.random_range(0..7) {
            0 => page.items = 0,
            1 if style.has_next_page() => page.has_next_page = Some(chance.random_bool(0.7)),
            2 if style.has_next_page() => page.has_next_page = None,
            3 if style.has_total() => {
                let totals = [i64::MIN, -1, 0, 1, 3, 7, 20, i64::MAX];
                page.total = Some(totals[chance.random_range(0..totals.len())]);
            }
            4 if style.has_total() => page.total = None,
            5 if !style.by_offset() => page.marker = None,
            6 if !style.by_offset() => {
                page.marker = Some(match chance.random_bool(0.2) && style != Style::Moved {
                    true => String::new(),
                    false => named,
                });
            }
            _ => page.items = chance.random_range(0..4),
        }
    }

    /// The answer to the request of this number.
    fn page(&self, number: usize) -> Page {
        if let Some(page) = self.pages.get(number) {
            return page.clone();
        }
        let beyond = number - self.pages.len();
        let last = &self.pages[self.pages.len() - 1];
        match self.tail {
            Tail::Empty => Page {
                items: 0,
                ..last.clone()
            },
            Tail::Circle(from) => self.pages[from + beyond % (self.pages.len() - from)].clone(),
            Tail::Rising => Page {
                items: 0,
                total: last.total,
                has_next_page: self.style.has_next_page().then_some(true),
                marker: Some(format!("{}", 1000 + number)),
            },
        }
    }

    /// The number of items in the page of this number.
    fn items(&self, number: usize) -> usize {
        let beyond = number.checked_sub(self.pages.len());
        match (beyond, self.tail) {
            (None, _) => self.pages[number].items,
            (Some(beyond), Tail::Circle(from)) => {
                self.pages[from + beyond % (self.pages.len() - from)].items
            }
            (Some(_), Tail::Empty | Tail::Rising) => 0,
        }
    }

    /// The number of items before the page of this number.
    fn before(&self, number: usize) -> usize {
        (0..number).map(|n| self.items(n)).sum()
    }

    /// The answer to the request of this number, as JSON.
    pub(crate) fn json(&self, number: usize) -> Value {
        let page = self.page(number);
        let before = self.before(number);
        let items: Vec<Value> = (before..before + page.items)
            .map(|n| item(self.style, n))
            .collect();
        let mut says = Map::new();
        if let Some(total) = page.total {
            says.insert("total".to_owned(), json!(total));
        }
        if let Some(more) = page.has_next_page {
            says.insert("has_next_page".to_owned(), json!(more));
        }
        let mut document = match self.style {
            Style::Tasks => {
                json!({ "DATA_TYPE": "task_list", "DATA": items, "length": 0, "limit": 0, "offset": 0 })
            }
            Style::Files => {
                json!({ "DATA_TYPE": "file_list", "DATA": items, "path": "/", "endpoint": id(0) })
            }
            Style::Endpoints => json!({ "DATA_TYPE": "endpoint_list", "DATA": items }),
            Style::Results => json!({ "gmeta": items, "count": page.items, "offset": before }),
            Style::Scroll => json!({ "gmeta": items, "count": page.items }),
            Style::Moved => {
                let next = page.marker.as_ref().and_then(|m| m.parse::<i64>().ok());
                says.insert("next_marker".to_owned(), json!(next));
                json!({ "DATA_TYPE": "successful_transfers", "DATA": items })
            }
            Style::Shared => {
                says.insert("next_token".to_owned(), json!(page.marker));
                json!({ "shared_endpoints": items })
            }
            Style::Managed => {
                says.insert("last_key".to_owned(), json!(page.marker));
                json!({ "DATA_TYPE": "task_list", "DATA": items, "limit": 9 })
            }
            Style::Bookmarks => {
                let next = page.marker.as_ref().map(|marker| match marker.as_str() {
                    "" => String::new(),
                    marker => format!("/v2/bookmarks?page%5Bmarker%5D={marker}"),
                });
                says.insert("links".to_owned(), json!({ "next": next }));
                json!({ "data": items, "meta": { "request_id": "r" } })
            }
        };
        if self.style == Style::Scroll {
            says.insert("marker".to_owned(), json!(page.marker));
        }
        if let Some(fields) = document.as_object_mut() {
            fields.append(&mut says);
        }
        document
    }

    /// Whether a page says that there is more after it.
    fn claims_more(&self, number: usize) -> bool {
        let page = self.page(number);
        let named = page.marker.as_ref().is_some_and(|m| !m.is_empty());
        let read = self.before(number + 1) as i64;
        // the most recent total counts
        let total = (0..=number).rev().find_map(|n| self.page(n).total);
        let short = total.is_some_and(|total| read < total);
        match page.has_next_page {
            Some(more) => more,
            None if self.style.by_offset() => short,
            // an empty link is a link
            None if self.style == Style::Bookmarks => page.marker.is_some(),
            None => named || short,
        }
    }

    /// Why a page that announces more cannot lead to it.
    fn leads_nowhere(&self, number: usize) -> bool {
        let page = self.page(number);
        if page.total.is_some_and(|total| total < 0) {
            return true;
        }
        if self.style.by_offset() {
            return page.items == 0;
        }
        let Some(marker) = page.marker.filter(|m| !m.is_empty()) else {
            return true;
        };
        let before = (0..number).any(|n| self.page(n).marker.as_ref() == Some(&marker));
        let empty = (0..=number)
            .rev()
            .take_while(|n| self.items(*n) == 0)
            .count();
        before || empty >= 100
    }

    /// Whether a page may be rejected for a missing field, as long as a spec requires it.
    fn lacks_something(&self, number: usize) -> bool {
        let page = self.page(number);
        (self.style.has_next_page() && page.has_next_page.is_none())
            || (self.style.has_total() && page.total.is_none())
    }

    /// Checks the result of reading: the numbers of the items, the number of requests, and the
    /// message of the error that ended it, if any.
    pub(crate) fn judge(
        &self,
        items: &[usize],
        requests: usize,
        error: Option<&str>,
    ) -> Result<(), String> {
        if requests >= ENDLESS {
            return Err("is read without end".to_owned());
        }
        let Some(last) = requests.checked_sub(1) else {
            return Err("was not asked for".to_owned());
        };
        let undecoded = error.is_some_and(|e| e.contains("does not fit its type"));
        let read = self.before(if undecoded { last } else { last + 1 });
        if items.iter().copied().ne(0..read) {
            return Err(format!("gave {items:?} and not all of {read}"));
        }
        let negative = self.page(last).total.is_some_and(|total| total < 0);
        match error {
            None if self.claims_more(last) || negative => {
                Err("ended in silence, though there was said to be more".to_owned())
            }
            None => Ok(()),
            Some(_) if undecoded => match self.lacks_something(last) {
                true => Ok(()),
                false => Err("does not decode".to_owned()),
            },
            Some(error) if !error.contains("the list is not complete") => {
                Err(format!("ended with {error}"))
            }
            Some(_) if self.leads_nowhere(last) && (self.claims_more(last) || negative) => Ok(()),
            Some(error) => Err(format!("ended with an error for nothing: {error}")),
        }
    }
}

pub(crate) fn id(n: usize) -> String {
    format!("00000000-0000-0000-0000-{n:012}")
}

fn item(style: Style, n: usize) -> Value {
    match style {
        Style::Tasks | Style::Managed => json!({
            "DATA_TYPE": "task", "task_id": id(n), "type": "TRANSFER", "status": "ACTIVE",
            "owner_id": id(n), "request_time": "2026-11-22 00:00:00+00:00", "is_paused": false,
            "faults": 0, "files": 0, "directories": 0, "symlinks": 0, "files_transferred": 0,
            "subtasks_total": 0, "subtasks_pending": 0, "subtasks_retrying": 0,
            "subtasks_succeeded": 0, "subtasks_expired": 0, "subtasks_canceled": 0,
            "subtasks_failed": 0, "bytes_transferred": 0, "bytes_checksummed": 0,
            "effective_bytes_per_second": 0,
        }),
        Style::Files => json!({ "DATA_TYPE": "file", "name": n.to_string(), "type": "file" }),
        Style::Endpoints => json!({
            "DATA_TYPE": "endpoint", "id": id(n), "display_name": "e",
            "entity_type": "GCP_mapped_collection",
        }),
        Style::Results | Style::Scroll => {
            json!({ "@datatype": "GMetaResult", "subject": n.to_string(), "entries": [] })
        }
        Style::Moved => {
            json!({ "DATA_TYPE": "successful_transfer", "source_path": n.to_string() })
        }
        Style::Shared => json!({ "id": id(n) }),
        Style::Bookmarks => json!({
            "type": "Bookmark", "id": id(n),
            "attributes": { "name": "b", "path": "/", "pinned": false },
        }),
    }
}
