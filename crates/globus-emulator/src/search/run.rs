//! Carrying out a query: which entries match, in what order, grouped by subject.

use std::cmp::Ordering;
use std::collections::HashMap;

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::access::{self, bad_request, internal, query_failed};
use super::facets;
use super::filters;
use super::matching::{self, Matching};
use super::request::{Fields, SearchRequest};
use super::sql::Sql;
use super::syntax::Node;
use crate::problem::Problem;

/// A query, compiled for one index and one caller.
pub(crate) struct Plan {
    matching: Matching,
    /// Everything but the filters that apply after the facets.
    before_facets: Sql,
    all: Sql,
}

/// Compiles a query. Who bypasses `visible_to` must have been allowed to.
pub(crate) fn plan(
    index: i64,
    request: &SearchRequest,
    principals: &[String],
) -> Result<Plan, Problem> {
    let query = request.query.as_ref().unwrap_or(&Node::All);
    let matching = matching::compile(index, query).map_err(bad_request)?;
    let filter = |filter: &Value| {
        filters::compile(index, filter).map_err(|m| bad_request(format!("/filters: {m}")))
    };
    let mut conditions = vec![
        matching.condition.clone(),
        Sql::new("e.index_num = ?").with(index),
    ];
    if !request.bypass_visible_to {
        conditions.push(access::visible(principals));
    }
    if !request.filter_principal_sets.is_empty() {
        let sets = request.filter_principal_sets.iter();
        conditions.push(Sql::any(
            sets.map(|set| access::in_set(set, principals)).collect(),
        ));
    }
    for document in &request.filters {
        conditions.push(filter(document)?);
    }
    let before_facets = Sql::all(conditions.clone());
    for document in &request.post_filters {
        conditions.push(filter(document)?);
    }
    Ok(Plan {
        matching,
        before_facets,
        all: Sql::all(conditions),
    })
}

impl Plan {
    fn select(&self, columns: Sql, condition: &Sql) -> Sql {
        let mut sql = Sql::new("SELECT ");
        sql.push(columns);
        sql.push(Sql::new(format!(" FROM {} WHERE ", self.matching.from)));
        sql.push(condition.clone());
        sql
    }

    /// The numbers of the entries that facets count.
    pub(crate) fn entries_before_facets(&self) -> Sql {
        self.select(Sql::new("e.num"), &self.before_facets)
    }
}

/// What an entry is sorted by; missing values come last in either order.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Number(f64),
    Text(String),
    Missing,
}

impl Key {
    fn read(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Integer(number) =>
            {
                #[expect(clippy::cast_precision_loss, reason = "milliseconds fit 53 bits")]
                Self::Number(number as f64)
            }
            ValueRef::Real(number) => Self::Number(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Blob(_) => Self::Missing,
        }
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending { order.reverse() } else { order }
    }
}

/// A subject with the entries of it that match.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) subject: i64,
    entries: Vec<i64>,
    score: f64,
    keys: Vec<Key>,
}

/// The subjects that match, the best first.
pub(crate) fn hits(
    conn: &Connection,
    index: i64,
    request: &SearchRequest,
    plan: &Plan,
) -> Result<Vec<Hit>, Problem> {
    let mut columns = Sql::new("e.num, e.subject_num, ");
    let mut words = Vec::new();
    if let Some(query) = &request.query {
        query.words(&mut words);
    }
    // Relevance costs a look at every match, so it is not asked for where nobody sees it.
    if request.sort.is_empty() {
        columns.push(plan.matching.score.clone());
        if !words.is_empty() {
            for (field, factor) in &request.boosts {
                columns.push(Sql::new(" * "));
                columns.push(matching::boost(index, field, *factor, &words));
            }
        }
    } else {
        columns.push(Sql::new("0.0"));
    }
    for sort in &request.sort {
        let best = if sort.descending { "max" } else { "min" };
        columns.push(
            Sql::new(format!(
                ", (SELECT {best}(coalesce(f.num, f.date, f.text)) FROM search_field f
                    WHERE f.entry_num = e.num AND f.path = ?)"
            ))
            .with(sort.field.replace("\\.", ".")),
        );
    }
    let sql = plan.select(columns, &plan.all);
    let compare = |a: (&[Key], f64), b: (&[Key], f64)| {
        let keys = a.0.iter().zip(b.0).zip(&request.sort);
        keys.map(|((a, b), sort)| a.compare(b, sort.descending))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| b.1.total_cmp(&a.1))
    };

    let mut found: Vec<Hit> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut collect = || -> rusqlite::Result<()> {
        let mut statement = conn.prepare_cached(&sql.text)?;
        let mut rows = statement.query(params_from_iter(sql.params.iter()))?;
        while let Some(row) = rows.next()? {
            let (entry, subject, score) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let keys: Vec<Key> = (0..request.sort.len())
                .map(|i| row.get_ref(3 + i).map(Key::read))
                .collect::<Result<_, _>>()?;
            match places.get(&subject).and_then(|place| found.get_mut(*place)) {
                Some(hit) => {
                    hit.entries.push(entry);
                    // A subject stands where its best entry does.
                    if compare((&keys, score), (&hit.keys, hit.score)) == Ordering::Less {
                        hit.keys = keys;
                        hit.score = score;
                    }
                }
                None => {
                    places.insert(subject, found.len());
                    found.push(Hit {
                        subject,
                        entries: vec![entry],
                        score,
                        keys,
                    });
                }
            }
        }
        Ok(())
    };
    collect().map_err(query_failed)?;
    found.sort_by(|a, b| {
        compare((&a.keys, a.score), (&b.keys, b.score)).then(a.subject.cmp(&b.subject))
    });
    Ok(found)
}

/// The numbers of all entries that match, for a deletion.
pub(crate) fn matching_entries(
    conn: &Connection,
    index: i64,
    request: &SearchRequest,
    principals: &[String],
) -> Result<Vec<i64>, Problem> {
    let plan = plan(index, request, principals)?;
    let sql = plan.select(Sql::new("e.num"), &plan.all);
    let entries = || -> rusqlite::Result<Vec<i64>> {
        conn.prepare_cached(&sql.text)?
            .query_map(params_from_iter(sql.params.iter()), |row| row.get(0))?
            .collect()
    };
    entries().map_err(query_failed)
}

/// The results of the facets of a query.
pub(crate) fn facet_results(
    conn: &Connection,
    index: i64,
    request: &SearchRequest,
    plan: &Plan,
) -> Result<Vec<Value>, Problem> {
    let among = plan.entries_before_facets();
    request
        .facets
        .iter()
        .map(|facet| facets::compute(conn, index, facet, &among))
        .collect()
}

/// How results are written.
pub(crate) struct Style<'a> {
    pub(crate) fields: Fields,
    pub(crate) old_format: bool,
    pub(crate) principal_sets: &'a [String],
    pub(crate) principals: &'a [String],
}

/// The `GMetaResult` of a hit.
pub(crate) fn document(conn: &Connection, hit: &Hit, style: &Style<'_>) -> Result<Value, Problem> {
    result(conn, hit.subject, &hit.entries, style).map_err(internal)
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
        let mut sql = Sql::new(
            "SELECT 1 FROM search_principal
             WHERE entry_num = ? AND set_name = ? AND principal IN (",
        )
        .with(num)
        .with(set.clone());
        sql.push(Sql::list(
            style.principals.iter().cloned().map(SqlValue::Text),
        ));
        sql.text.push(')');
        if conn
            .prepare_cached(&sql.text)?
            .exists(params_from_iter(sql.params.iter()))?
        {
            matched.push(set);
        }
    }
    document["matched_principal_sets"] = json!(matched);
    Ok(document)
}
