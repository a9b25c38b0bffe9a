//! Executing a query: matching entries, order, and grouping by subject.

use std::cmp::Ordering;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::authz::Index;
use super::bitset::BitSet;
use super::column::MISSING;
use super::condition::{Condition, Field, Test};
use super::facets;
use super::index_cache::IndexCache;
use super::index_reader::IndexReader;
use super::request::{Fields, SearchRequest};
use super::wildcard::WordPattern;

/// The entries that match a query.
pub(crate) struct SearchMatches<'a> {
    reader: IndexReader<'a>,
    request: &'a SearchRequest,
    /// The entries that match without the post-filters, for facets.
    before_post_filters: BitSet,
    matching: BitSet,
}

/// Finds the matching entries. The caller has checked whether `visible_to` may be bypassed.
pub(crate) fn find<'a>(
    conn: &'a Connection,
    index_cache: &'a mut IndexCache,
    index: &Index,
    request: &'a SearchRequest,
    principals: &[String],
) -> rusqlite::Result<SearchMatches<'a>> {
    let mut reader = index_cache.reader(conn, index)?;
    let mut found = reader.entries_present();
    if let Some(query) = &request.query {
        found.intersect_with(&reader.matching(query)?);
    }
    // Before the filters and facets, so that not even counts reveal invisible entries.
    if !request.bypass_visible_to {
        found.intersect_with(&reader.visible(principals)?);
    }
    if !request.filter_principal_sets.is_empty() {
        let mut within = BitSet::none(reader.len());
        for set in &request.filter_principal_sets {
            within.union_with(&reader.in_principal_set(set, principals)?);
        }
        found.intersect_with(&within);
    }
    for filter in &request.filters {
        found.intersect_with(&reader.matching(filter)?);
    }
    // Facets are computed before the post-filters: a page shows how many results another choice would have.
    let mut matching = found.clone();
    for filter in &request.post_filters {
        matching.intersect_with(&reader.matching(filter)?);
    }
    Ok(SearchMatches {
        reader,
        request,
        before_post_filters: found,
        matching,
    })
}

/// A subject with its matching entries.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) subject: i64,
    entries: Vec<i64>,
}

/// A page of matching subjects, and the number of all.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) hits: Vec<Hit>,
    pub(crate) total: usize,
}

impl SearchMatches<'_> {
    /// The best subjects, after skipping some.
    pub(crate) fn best_page(&mut self, skip: usize, take: usize) -> rusqlite::Result<Page> {
        let order = self.order()?;
        // A subject is ranked by its best entry.
        let mut best = vec![MISSING; self.reader.subjects()];
        for entry in self.matching.iter() {
            let first = &mut best[self.reader.subject(entry) as usize];
            if *first == MISSING || order.compare(entry, *first) == Ordering::Less {
                *first = entry;
            }
        }
        best.retain(|entry| *entry != MISSING);
        let total = best.len();
        let end = skip.saturating_add(take);
        let subject = |entry: &u32| self.reader.subject(*entry);
        let compare = |a: &u32, b: &u32| order.compare(*a, *b).then(subject(a).cmp(&subject(b)));
        // Only the page itself has to be sorted, so the rest is cut off by a selection in linear time.
        if end < total {
            best.select_nth_unstable_by(end, compare);
            best.truncate(end);
        }
        best.sort_unstable_by(compare);
        let page = best.iter().skip(skip);
        let hits = page.map(|entry| self.hit(self.reader.subject(*entry)));
        Ok(Page {
            hits: hits.collect::<Result<_, _>>()?,
            total,
        })
    }

    /// The subjects after this number, in the order of creation, which new entries do not change.
    pub(crate) fn page_after(
        &self,
        num: Option<i64>,
        take: usize,
    ) -> rusqlite::Result<(Page, bool)> {
        let subjects = self.matching.iter().map(|entry| self.reader.subject(entry));
        let subjects = BitSet::from_ordinals(self.reader.subjects(), subjects);
        let start = num.map_or(0, |num| self.reader.subject_after(num));
        let mut rest = subjects.iter().filter(|ordinal| *ordinal as usize >= start);
        let page: Vec<u32> = rest.by_ref().take(take).collect();
        let hits = page.into_iter().map(|ordinal| self.hit(ordinal));
        let page = Page {
            hits: hits.collect::<Result<_, _>>()?,
            total: subjects.count(),
        };
        Ok((page, rest.next().is_some()))
    }

    fn hit(&self, subject: u32) -> rusqlite::Result<Hit> {
        let num = self.reader.subject_num(subject);
        let entries = self
            .reader
            .conn
            .prepare_cached("SELECT num FROM search_entry WHERE subject_num = ?1 ORDER BY num")?
            .query_map([num], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()?;
        let matches = |entry: &i64| {
            let ordinal = self.reader.ordinal(*entry);
            ordinal.is_some_and(|ordinal| self.matching.contains(ordinal))
        };
        Ok(Hit {
            subject: num,
            entries: entries.into_iter().filter(matches).collect(),
        })
    }

    /// The numbers of all matching entries, for deletion.
    pub(crate) fn entries(&self) -> Vec<i64> {
        let ordinals = self.matching.iter();
        ordinals.map(|ordinal| self.reader.entry(ordinal)).collect()
    }

    /// The results of the facets.
    pub(crate) fn facets(&mut self) -> rusqlite::Result<Vec<Value>> {
        let facets = self.request.facets.iter();
        facets
            .map(|facet| facets::compute(&mut self.reader, facet, &self.before_post_filters))
            .collect()
    }

    fn order(&mut self) -> rusqlite::Result<Order> {
        let mut order = Order::default();
        for sort in &self.request.sort {
            let column = self.reader.values(&Field::new(&sort.field))?;
            let keys = column.keys(self.reader.len(), sort.descending);
            order.keys.push((keys, sort.descending));
        }
        let mut phrases = Vec::new();
        if let Some(query) = &self.request.query {
            query.phrases(&mut phrases);
        }
        // Results sorted by fields do not show a relevance, so it need not be computed.
        if !order.keys.is_empty() || phrases.is_empty() {
            return Ok(order);
        }
        order.scores = self.reader.scores(&phrases)?;
        for (field, factor) in &self.request.boosts {
            let words = self.request.words.iter();
            let has = Test::OneOf(
                words
                    .map(|word| Test::Words(WordPattern::new(word)))
                    .collect(),
            );
            let boosted = Condition::Value(Field::new(field), has);
            for entry in self.reader.matching(&boosted)?.iter() {
                order.scores[entry as usize] *= factor;
            }
        }
        Ok(order)
    }
}

/// The sort keys of all entries.
#[derive(Debug, Default)]
struct Order {
    /// For each sort field, the rank of each entry's value, and whether the order is descending. Missing
    /// values are last in both orders.
    keys: Vec<(Vec<u32>, bool)>,
    /// The relevance of each entry; empty if the query does not rank.
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

/// The format of results.
pub(crate) struct ResultFormat<'a> {
    pub(crate) fields: Fields,
    pub(crate) old_format: bool,
    pub(crate) principal_sets: &'a [String],
    pub(crate) principals: &'a [String],
}

/// The `GMetaResult` documents of hits.
pub(crate) fn documents(
    conn: &Connection,
    hits: &[Hit],
    format: &ResultFormat<'_>,
) -> rusqlite::Result<Vec<Value>> {
    hits.iter()
        .map(|hit| result(conn, hit.subject, &hit.entries, format))
        .collect()
}

/// The `GMetaResult` of these entries of a subject.
pub(crate) fn result(
    conn: &Connection,
    subject: i64,
    entries: &[i64],
    format: &ResultFormat<'_>,
) -> rusqlite::Result<Value> {
    let subject: String = conn
        .prepare_cached("SELECT subject FROM search_subject WHERE num = ?1")?
        .query_row([subject], |row| row.get(0))?;
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| entry_document(conn, *entry, format))
        .collect::<Result<_, _>>()?;
    if format.old_format {
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

fn entry_document(
    conn: &Connection,
    num: i64,
    format: &ResultFormat<'_>,
) -> rusqlite::Result<Value> {
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
            if format.fields.content || format.old_format {
                document["content"] = stored(1)?;
            }
            if format.fields.visible_to {
                document["visible_to"] = stored(2)?;
            }
            if format.fields.principal_sets {
                let sets = stored(3)?;
                let names = sets
                    .as_object()
                    .map(|sets| sets.keys().cloned().collect::<Vec<_>>());
                document["principal_sets"] = json!(names.unwrap_or_default());
            }
            Ok(document)
        })?;
    let mut matched: Vec<&String> = Vec::new();
    for set in format.principal_sets {
        let mut member = conn.prepare_cached(
            "SELECT 1 FROM search_principal WHERE entry_num = ?1 AND set_name = ?2
             AND principal IN (SELECT value FROM json_each(?3))",
        )?;
        if member.exists(params![num, set, json!(format.principals).to_string()])? {
            matched.push(set);
        }
    }
    document["matched_principal_sets"] = json!(matched);
    Ok(document)
}
