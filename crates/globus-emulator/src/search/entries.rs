//! Entries: ingest, storage and removal.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

use super::{values, wildcard};

/// Maximum length of a subject, in bytes, as in Globus.
const SUBJECT_LIMIT: usize = 500;
/// Maximum size of an entry, in bytes.
const ENTRY_LIMIT: usize = 10 * 1024 * 1024;
/// Maximum size of a value, in bytes.
const VALUE_LIMIT: usize = 32 * 1024;

/// A `GMetaEntry`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) id: Option<String>,
    pub(crate) visible_to: Vec<String>,
    #[serde(default)]
    pub(crate) principal_sets: Option<BTreeMap<String, Vec<String>>>,
    pub(crate) content: Map<String, Value>,
}

/// Why an entry could not be stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EntryError {
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

fn is_principal(text: &str) -> bool {
    matches!(text, "public" | "all_authenticated_users")
        || ["urn:globus:auth:identity:", "urn:globus:groups:id:"]
            .iter()
            .any(|prefix| {
                text.strip_prefix(prefix)
                    .is_some_and(|id| Uuid::parse_str(id).is_ok())
            })
}

impl Entry {
    /// Validates what deserialization does not.
    fn check(&self) -> Result<(), String> {
        if self.subject.is_empty() {
            return Err(String::from("the subject is empty"));
        }
        if self.subject.len() > SUBJECT_LIMIT {
            return Err(format!("the subject is longer than {SUBJECT_LIMIT} bytes"));
        }
        if self.visible_to.is_empty() {
            return Err(String::from("visible_to is empty"));
        }
        let sets = self.principal_sets.iter().flatten();
        for (name, members) in sets {
            if name.is_empty() {
                return Err(String::from("a principal set has no name"));
            }
            if let Some(wrong) = members.iter().find(|member| !is_principal(member)) {
                return Err(format!("{wrong:?} is not a principal"));
            }
        }
        match self
            .visible_to
            .iter()
            .find(|principal| !is_principal(principal))
        {
            Some(wrong) => Err(format!("{wrong:?} is not a principal")),
            None => Ok(()),
        }
    }
}

/// Stores an entry. Returns the number of the entry with the same subject and id that it replaces.
pub(crate) fn put(
    conn: &Connection,
    index: i64,
    entry: &Entry,
    geo_points: &[String],
) -> Result<Option<i64>, EntryError> {
    entry.check().map_err(EntryError::Invalid)?;
    let content = Value::Object(entry.content.clone()).to_string();
    if content.len() > ENTRY_LIMIT {
        return Err(EntryError::Invalid(format!(
            "the entry is larger than {ENTRY_LIMIT} bytes"
        )));
    }
    let leaves = values::leaves(&entry.content, geo_points);
    if let Some(leaf) = leaves.iter().find(|leaf| leaf.text.len() > VALUE_LIMIT) {
        let message = format!(
            "the value of {} is larger than {VALUE_LIMIT} bytes",
            leaf.path
        );
        return Err(EntryError::Invalid(message));
    }

    let subject = subject_num(conn, index, &entry.subject)?;
    // Deleted and inserted instead of updated: entries are immutable, which the index cache relies on.
    let old = find(conn, subject, entry.id.as_deref())?;
    if let Some(old) = old {
        remove(conn, old)?;
    }
    // Stored as a column as well, because nearly every query filters by it.
    let public = entry
        .visible_to
        .iter()
        .any(|principal| principal == "public");
    // The length for BM25, computed once at ingest.
    let words: usize = leaves.iter().map(|leaf| wildcard::count(&leaf.text)).sum();
    conn.prepare_cached(
        "INSERT INTO search_entry
            (index_num, subject_num, entry_id, public, words, size, content, visible_to,
             principal_sets)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        index,
        subject,
        entry.id,
        public,
        u32::try_from(words).unwrap_or(u32::MAX),
        i64::try_from(content.len()).unwrap_or(i64::MAX),
        content,
        serde_json::json!(entry.visible_to).to_string(),
        serde_json::json!(entry.principal_sets.clone().unwrap_or_default()).to_string(),
    ])?;
    let num = conn.last_insert_rowid();

    let mut principal = conn.prepare_cached(
        "INSERT OR IGNORE INTO search_principal (entry_num, set_name, principal)
         VALUES (?1, ?2, ?3)",
    )?;
    for who in &entry.visible_to {
        principal.execute(params![num, "", who])?;
    }
    for (set, members) in entry.principal_sets.iter().flatten() {
        for who in members {
            principal.execute(params![num, set, who])?;
        }
    }
    let mut field = conn.prepare_cached(
        "INSERT INTO search_field (path_num, entry_num, seq, text, num, date)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut body = String::new();
    for (seq, leaf) in (0_i64..).zip(&leaves) {
        let path = path_num(conn, index, &leaf.path)?;
        field.execute(params![path, num, seq, leaf.text, leaf.num, leaf.date])?;
        body.push_str(&leaf.text);
        // A separator, so that phrases do not match across two values.
        body.push_str(" \u{E000} ");
    }
    conn.prepare_cached("INSERT INTO search_text (rowid, body) VALUES (?1, ?2)")?
        .execute(params![num, body])?;
    Ok(old)
}

fn path_num(conn: &Connection, index: i64, path: &str) -> rusqlite::Result<i64> {
    let known = conn
        .prepare_cached("SELECT num FROM search_path WHERE index_num = ?1 AND path = ?2")?
        .query_row(params![index, path], |row| row.get(0))
        .optional()?;
    if let Some(num) = known {
        return Ok(num);
    }
    conn.prepare_cached("INSERT INTO search_path (index_num, path) VALUES (?1, ?2)")?
        .execute(params![index, path])?;
    Ok(conn.last_insert_rowid())
}

fn subject_num(conn: &Connection, index: i64, subject: &str) -> rusqlite::Result<i64> {
    // Subjects are never deleted, so that the position of a scroll stays valid.
    if let Some(num) = find_subject(conn, index, subject)? {
        return Ok(num);
    }
    conn.prepare_cached("INSERT INTO search_subject (index_num, subject) VALUES (?1, ?2)")?
        .execute(params![index, subject])?;
    Ok(conn.last_insert_rowid())
}

/// The number of a subject, if it has ever had an entry.
pub(crate) fn find_subject(
    conn: &Connection,
    index: i64,
    subject: &str,
) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT num FROM search_subject WHERE index_num = ?1 AND subject = ?2")?
        .query_row(params![index, subject], |row| row.get(0))
        .optional()
}

/// The number of the subject's entry with this id (or without one).
pub(crate) fn find(
    conn: &Connection,
    subject: i64,
    entry_id: Option<&str>,
) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT num FROM search_entry WHERE subject_num = ?1 AND entry_id IS ?2")?
        .query_row(params![subject, entry_id], |row| row.get(0))
        .optional()
}

/// The numbers and ids of a subject's entries: all of them, or those visible to the principals.
pub(crate) fn of_subject(
    conn: &Connection,
    subject: i64,
    principals: &[String],
    all: bool,
) -> rusqlite::Result<Vec<(i64, Option<String>)>> {
    conn.prepare_cached(
        "SELECT num, entry_id FROM search_entry e WHERE subject_num = ?1
         AND (?3 OR public OR EXISTS (
             SELECT 1 FROM search_principal WHERE entry_num = e.num AND set_name = ''
             AND principal IN (SELECT value FROM json_each(?2))))
         ORDER BY num",
    )?
    .query_map(
        params![subject, serde_json::json!(principals).to_string(), all],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?
    .collect()
}

/// Removes an entry from all tables.
pub(crate) fn remove(conn: &Connection, num: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM search_text WHERE rowid = ?1",
        "DELETE FROM search_field WHERE entry_num = ?1",
        "DELETE FROM search_principal WHERE entry_num = ?1",
        "DELETE FROM search_entry WHERE num = ?1",
    ] {
        conn.prepare_cached(statement)?.execute([num])?;
    }
    Ok(())
}

/// Removes all entries of a subject, and returns their numbers.
pub(crate) fn remove_subject(
    conn: &Connection,
    index: i64,
    subject: &str,
) -> rusqlite::Result<Vec<i64>> {
    let Some(num) = find_subject(conn, index, subject)? else {
        return Ok(Vec::new());
    };
    let entries: Vec<i64> = conn
        .prepare_cached("SELECT num FROM search_entry WHERE subject_num = ?1")?
        .query_map([num], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for entry in &entries {
        remove(conn, *entry)?;
    }
    Ok(entries)
}
