//! Carrying out a query: which entries match, in what order, grouped by subject.

use std::cmp::Ordering;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::authz::Index;
use super::bitset::Set;
use super::column::MISSING;
use super::condition::{Condition, Field, Test};
use super::facets;
use super::index_cache::IndexCache;
use super::index_reader::View;
use super::request::{Fields, SearchRequest};
use super::wildcard::Words;

/// What a query finds in an index.
pub(crate) struct Found<'a> {
    view: View<'a>,
    request: &'a SearchRequest,
    /// What matches but for the filters that apply after the facets.
    before_facets: Set,
    matching: Set,
}

/// Looks for what a query asks for. Who bypasses `visible_to` must have been allowed to.
pub(crate) fn find<'a>(
    conn: &'a Connection,
    index_cache: &'a mut IndexCache,
    index: &Index,
    request: &'a SearchRequest,
    principals: &[String],
) -> rusqlite::Result<Found<'a>> {
    let mut view = index_cache.of(conn, index)?;
    let mut found = view.present();
    if let Some(query) = &request.query {
        found.intersect(&view.matching(query)?);
    }
    if !request.bypass_visible_to {
        found.intersect(&view.visible(principals)?);
    }
    if !request.filter_principal_sets.is_empty() {
        let mut within = Set::none(view.len());
        for set in &request.filter_principal_sets {
            within.unite(&view.in_set(set, principals)?);
        }
        found.intersect(&within);
    }
    for filter in &request.filters {
        found.intersect(&view.matching(filter)?);
    }
    let mut matching = found.clone();
    for filter in &request.post_filters {
        matching.intersect(&view.matching(filter)?);
    }
    Ok(Found {
        view,
        request,
        before_facets: found,
        matching,
    })
}

/// A subject with the entries of it that match.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) subject: i64,
    entries: Vec<i64>,
}

/// Some of the subjects that match, and how many there are.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) hits: Vec<Hit>,
    pub(crate) total: usize,
}

impl Found<'_> {
    /// The best subjects, but for so many that are better still.
    pub(crate) fn best(&mut self, skip: usize, take: usize) -> rusqlite::Result<Page> {
        let order = self.order()?;
        // A subject stands where its best entry does.
        let mut best = vec![MISSING; self.view.subjects()];
        for entry in self.matching.iter() {
            let first = &mut best[self.view.subject(entry) as usize];
            if *first == MISSING || order.compare(entry, *first) == Ordering::Less {
                *first = entry;
            }
        }
        best.retain(|entry| *entry != MISSING);
        let total = best.len();
        let end = skip.saturating_add(take);
        let subject = |entry: &u32| self.view.subject(*entry);
        let compare = |a: &u32, b: &u32| order.compare(*a, *b).then(subject(a).cmp(&subject(b)));
        // Only the page has to be in order, and what comes before it.
        if end < total {
            best.select_nth_unstable_by(end, compare);
            best.truncate(end);
        }
        best.sort_unstable_by(compare);
        let page = best.iter().skip(skip);
        let hits = page.map(|entry| self.hit(self.view.subject(*entry)));
        Ok(Page {
            hits: hits.collect::<Result<_, _>>()?,
            total,
        })
    }

    /// The first subjects after the one of this number, in an order that new ones do not disturb.
    pub(crate) fn after(&self, num: Option<i64>, take: usize) -> rusqlite::Result<(Page, bool)> {
        let subjects = self.matching.iter().map(|entry| self.view.subject(entry));
        let subjects = Set::of(self.view.subjects(), subjects);
        let start = num.map_or(0, |num| self.view.subject_after(num));
        let mut rest = subjects.iter().filter(|place| *place as usize >= start);
        let page: Vec<u32> = rest.by_ref().take(take).collect();
        let hits = page.into_iter().map(|place| self.hit(place));
        let page = Page {
            hits: hits.collect::<Result<_, _>>()?,
            total: subjects.count(),
        };
        Ok((page, rest.next().is_some()))
    }

    fn hit(&self, subject: u32) -> rusqlite::Result<Hit> {
        let num = self.view.subject_num(subject);
        let entries = self
            .view
            .conn
            .prepare_cached("SELECT num FROM search_entry WHERE subject_num = ?1 ORDER BY num")?
            .query_map([num], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()?;
        let matches = |entry: &i64| {
            let place = self.view.place(*entry);
            place.is_some_and(|place| self.matching.contains(place))
        };
        Ok(Hit {
            subject: num,
            entries: entries.into_iter().filter(matches).collect(),
        })
    }

    /// The numbers of all entries, for a deletion.
    pub(crate) fn entries(&self) -> Vec<i64> {
        let places = self.matching.iter();
        places.map(|place| self.view.entry(place)).collect()
    }

    /// The results of the facets.
    pub(crate) fn facets(&mut self) -> rusqlite::Result<Vec<Value>> {
        let facets = self.request.facets.iter();
        facets
            .map(|facet| facets::compute(&mut self.view, facet, &self.before_facets))
            .collect()
    }

    fn order(&mut self) -> rusqlite::Result<Order> {
        let mut order = Order::default();
        for sort in &self.request.sort {
            let column = self.view.values(&Field::new(&sort.field))?;
            let keys = column.keys(self.view.len(), sort.descending);
            order.keys.push((keys, sort.descending));
        }
        let mut phrases = Vec::new();
        if let Some(query) = &self.request.query {
            query.phrases(&mut phrases);
        }
        // Nobody sees how relevant something is that is sorted by its values.
        if !order.keys.is_empty() || phrases.is_empty() {
            return Ok(order);
        }
        order.scores = self.view.scores(&phrases)?;
        for (field, factor) in &self.request.boosts {
            let words = self.request.words.iter();
            let has = Test::OneOf(words.map(|word| Test::Words(Words::new(word))).collect());
            let boosted = Condition::Value(Field::new(field), has);
            for entry in self.view.matching(&boosted)?.iter() {
                order.scores[entry as usize] *= factor;
            }
        }
        Ok(order)
    }
}

/// What entries are put in order by.
#[derive(Debug, Default)]
struct Order {
    /// For each field the rank of an entry's value, and whether great ones come first. Missing
    /// values come last in either order.
    keys: Vec<(Vec<u32>, bool)>,
    /// Of each entry; none at all if nothing is more relevant than something else.
    scores: Vec<f64>,
}

impl Order {
    fn compare(&self, a: u32, b: u32) -> Ordering {
        let (a, b) = (a as usize, b as usize);
        for (keys, descending) in &self.keys {
            let order = match (keys[a], keys[b]) {
                (a, b) if *descending && a != MISSING && b != MISSING => b.cmp(&a),
                (a, b) => a.cmp(&b),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        match (self.scores.get(a), self.scores.get(b)) {
            (Some(a), Some(b)) => b.total_cmp(a),
            _ => Ordering::Equal,
        }
    }
}

/// How results are written.
pub(crate) struct Style<'a> {
    pub(crate) fields: Fields,
    pub(crate) old_format: bool,
    pub(crate) principal_sets: &'a [String],
    pub(crate) principals: &'a [String],
}

/// The `GMetaResult`s of hits.
pub(crate) fn documents(
    conn: &Connection,
    hits: &[Hit],
    style: &Style<'_>,
) -> rusqlite::Result<Vec<Value>> {
    hits.iter()
        .map(|hit| result(conn, hit.subject, &hit.entries, style))
        .collect()
}

/// The `GMetaResult` of these entries of a subject.
pub(crate) fn result(
    conn: &Connection,
    subject: i64,
    entries: &[i64],
    style: &Style<'_>,
) -> rusqlite::Result<Value> {
    let subject: String = conn
        .prepare_cached("SELECT subject FROM search_subject WHERE num = ?1")?
        .query_row([subject], |row| row.get(0))?;
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| entry_document(conn, *entry, style))
        .collect::<Result<_, _>>()?;
    if style.old_format {
        let contents: Vec<&Value> = entries.iter().map(|entry| &entry["content"]).collect();
        return Ok(json!({
            "@datatype": "GMetaResult",
            "@version": "2017-09-01",
            "subject": subject,
            "content": contents,
        }));
    }
    Ok(json!({
        "@datatype": "GMetaResult",
        "@version": "2019-08-27",
        "subject": subject,
        "entries": entries,
    }))
}

fn entry_document(conn: &Connection, num: i64, style: &Style<'_>) -> rusqlite::Result<Value> {
    let mut document = conn
        .prepare_cached(
            "SELECT entry_id, content, visible_to, principal_sets FROM search_entry
             WHERE num = ?1",
        )?
        .query_row([num], |row| {
            let stored = |column| -> rusqlite::Result<Value> {
                let text: String = row.get(column)?;
                Ok(serde_json::from_str(&text).unwrap_or_default())
            };
            let mut document = json!({ "entry_id": row.get::<_, Option<String>>(0)? });
            if style.fields.content || style.old_format {
                document["content"] = stored(1)?;
            }
            if style.fields.visible_to {
                document["visible_to"] = stored(2)?;
            }
            if style.fields.principal_sets {
                let sets = stored(3)?;
                let names = sets
                    .as_object()
                    .map(|sets| sets.keys().cloned().collect::<Vec<_>>());
                document["principal_sets"] = json!(names.unwrap_or_default());
            }
            Ok(document)
        })?;
    let mut matched: Vec<&String> = Vec::new();
    for set in style.principal_sets {
        let mut member = conn.prepare_cached(
            "SELECT 1 FROM search_principal WHERE entry_num = ?1 AND set_name = ?2
             AND principal IN (SELECT value FROM json_each(?3))",
        )?;
        if member.exists(params![num, set, json!(style.principals).to_string()])? {
            matched.push(set);
        }
    }
    document["matched_principal_sets"] = json!(matched);
    Ok(document)
}
