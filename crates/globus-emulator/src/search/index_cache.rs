//! A cache of indices in memory, for queries.
//!
//! ```text
//! IndexCache        most recently used first, at most MEMORY_BUDGET
//! └─ CachedIndex    entries by ordinal, loaded when a query needs them:
//!    ├─ BitSet      entries that exist, are public, or are visible to a principal
//!    ├─ Column      values of a field
//!    └─ Occurrence  positions of a word
//! IndexReader       a CachedIndex and the database, during one query
//! ```
//!
//! The database is authoritative. Entries are immutable: an update deletes one and inserts another. Writers
//! report deleted entries through [`IndexCache::invalidate`], and new entries are loaded by the next query.
//! The version of the index in the database shows whether all changes were reported; if not, the index is
//! loaded again. A cached index is dropped when others need its memory. A field that is too large for the
//! budget is read from the database by each query.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::authz::Index;
use super::bitset::BitSet;
use super::column::Column;
use super::full_text::Occurrence;
use super::index_reader::IndexReader;

/// Memory that all cached indices may use before a query starts, in bytes.
const MEMORY_BUDGET: usize = 64 * 1024 * 1024;

/// Approximate overhead of an entry of a map, in bytes.
const MAP_ENTRY_BYTES: usize = 128;

/// The cached indices.
#[derive(Debug)]
pub(crate) struct IndexCache {
    budget: usize,
    /// The most recently used one first.
    indices: Vec<CachedIndex>,
}

impl Default for IndexCache {
    fn default() -> Self {
        Self::with_budget(MEMORY_BUDGET)
    }
}

impl IndexCache {
    fn with_budget(budget: usize) -> Self {
        Self {
            budget,
            indices: Vec::new(),
        }
    }

    /// Returns a reader of the index in its current state.
    pub(crate) fn reader<'a>(
        &'a mut self,
        conn: &'a Connection,
        index: &Index,
    ) -> rusqlite::Result<IndexReader<'a>> {
        let indices = &mut self.indices;
        let ordinal = indices.iter().position(|cached| cached.index == index.num);
        // Removed and inserted at the front below, which keeps the list in the order of use.
        let previous = ordinal.map(|ordinal| indices.remove(ordinal));
        let mut left = self.budget;
        let mut fits = |cached: &CachedIndex| {
            let bytes = cached.bytes();
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        };
        let mut cached = previous
            // Another version means that a change was not reported (for example, a snapshot was restored),
            // so the cached data cannot be trusted.
            .filter(|cached| cached.version == index.version)
            .filter(&mut fits)
            .unwrap_or_else(|| CachedIndex::new(index));
        indices.retain(fits);
        // The second attempt starts from nothing, so it cannot fail in this way.
        if !cached.catch_up(conn)? {
            cached = CachedIndex::new(index);
            cached.catch_up(conn)?;
        }
        indices.insert(0, cached);
        Ok(IndexReader {
            conn,
            cached: &mut indices[0],
            // One field does not take the place of all others.
            max_column_bytes: self.budget / 2,
        })
    }

    /// Reports a change of an index between two versions. `gone` are the deleted entries; new ones may have
    /// been added.
    pub(crate) fn invalidate(&mut self, index: i64, from: i64, to: i64, gone: &[i64]) {
        let cached = self.indices.iter_mut().find(|cached| cached.index == index);
        if let Some(cached) = cached.filter(|cached| cached.version == from) {
            cached.version = to;
            cached.remove(gone);
        }
    }
}

/// A cached index. Entries are identified by ordinal: their position in the order of their numbers.
#[derive(Debug)]
pub(super) struct CachedIndex {
    pub(super) index: i64,
    pub(super) version: i64,
    /// Whether entries may have been added since the last load.
    pub(super) stale: bool,
    /// The numbers of the entries, ascending, including deleted ones.
    pub(super) entries: Vec<i64>,
    /// The entries that are not deleted.
    pub(super) present: BitSet,
    pub(super) public: BitSet,
    /// For each entry, the ordinal of its subject.
    pub(super) subjects: Vec<u32>,
    /// The numbers of the subjects, ascending.
    pub(super) subject_nums: Vec<i64>,
    /// Number of words of each entry.
    pub(super) lengths: Vec<u32>,
    /// The fields, with their numbers in the database.
    pub(super) fields: Vec<(String, i64)>,
    /// The values of fields; `None` for a field that is too large.
    pub(super) columns: HashMap<i64, Option<Arc<Column>>>,
    pub(super) words: HashMap<(String, bool), Arc<Vec<Occurrence>>>,
    /// The entries visible to a principal, by name of the principal set and principal.
    pub(super) principal_sets: HashMap<(String, String), BitSet>,
}

impl CachedIndex {
    /// An index of which nothing is loaded.
    fn new(index: &Index) -> Self {
        Self {
            index: index.num,
            version: index.version,
            stale: true,
            entries: Vec::new(),
            present: BitSet::none(0),
            public: BitSet::none(0),
            subjects: Vec::new(),
            subject_nums: Vec::new(),
            lengths: Vec::new(),
            fields: Vec::new(),
            columns: HashMap::new(),
            words: HashMap::new(),
            principal_sets: HashMap::new(),
        }
    }

    fn remove(&mut self, gone: &[i64]) {
        for entry in gone {
            if let Some(ordinal) = ordinal(&self.entries, *entry) {
                self.present.remove(ordinal);
            }
        }
        self.stale = true;
    }

    /// Loads new entries. Returns `false` if the index has to be loaded again completely.
    fn catch_up(&mut self, conn: &Connection) -> rusqlite::Result<bool> {
        if !self.stale {
            return Ok(true);
        }
        // Ordinals of deleted entries are never reused. Once they are the majority, loading again is
        // cheaper than carrying them along.
        if self.present.count() < self.entries.len() / 2 {
            return Ok(false);
        }
        let last = self.entries.last().copied();
        if !self.read_entries(conn, last)? {
            return Ok(false);
        }
        self.fields = conn
            .prepare_cached("SELECT path, num FROM search_path WHERE index_num = ?1")?
            .query_map([self.index], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        // The weight of a word depends on all entries, and its occurrences are loaded for all entries at
        // once.
        self.words.clear();
        for (num, column) in &mut self.columns {
            // A column that a query still holds cannot be extended. This does not happen, since queries
            // lock the cache, but loading again is always correct.
            match column.as_mut().map(Arc::get_mut) {
                None => {}
                Some(Some(column)) => {
                    read_leaves(conn, *num, last, |entry, text, num, date| {
                        if let Some(ordinal) = ordinal(&self.entries, entry) {
                            column.push(ordinal, text, num, date);
                        }
                        true
                    })?;
                }
                Some(None) => return Ok(false),
            }
        }
        for ((set, principal), members) in &mut self.principal_sets {
            read_principal_set(conn, set, principal, &self.entries, last, members)?;
        }
        self.stale = false;
        Ok(true)
    }

    /// Loads the entries after `last`. Returns `false` if a new entry has an old, unknown subject, which
    /// would change the ordinals of subjects.
    fn read_entries(&mut self, conn: &Connection, last: Option<i64>) -> rusqlite::Result<bool> {
        let mut statement = conn.prepare_cached(
            "SELECT num, subject_num, words, public FROM search_entry
             WHERE index_num = ?1 AND num > ?2 ORDER BY num",
        )?;
        let mut rows = statement.query(params![self.index, last.unwrap_or_default()])?;
        let (mut subjects, mut public) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            self.entries.push(row.get(0)?);
            subjects.push(row.get::<_, i64>(1)?);
            self.lengths.push(row.get(2)?);
            public.push(row.get::<_, bool>(3)?);
        }
        self.present.grow(self.entries.len());
        self.public.grow(self.entries.len());
        for (ordinal, public) in (0_u32..).skip(self.subjects.len()).zip(public) {
            self.present.insert(ordinal);
            if public {
                self.public.insert(ordinal);
            }
        }
        let known = self.subject_nums.last().copied();
        let new = subjects
            .iter()
            .filter(|num| known.is_none_or(|known| **num > known));
        let mut new: Vec<i64> = new.copied().collect();
        new.sort_unstable();
        new.dedup();
        self.subject_nums.append(&mut new);
        let ordinals = subjects.iter().map(|num| ordinal(&self.subject_nums, *num));
        let ordinals: Option<Vec<u32>> = ordinals.collect();
        let in_order = ordinals.is_some();
        self.subjects.extend(ordinals.unwrap_or_default());
        Ok(in_order)
    }

    /// Approximate memory use.
    fn bytes(&self) -> usize {
        let columns = self.columns.values().flatten().map(|column| column.bytes());
        let words = self.words.iter();
        let words =
            words.map(|((word, _), found)| MAP_ENTRY_BYTES + word.len() + size_of_val(&***found));
        let sets = self
            .principal_sets
            .values()
            .map(|set| MAP_ENTRY_BYTES + set.bytes());
        let entries = self.entries.capacity() * (size_of::<i64>() * 2 + size_of::<u32>() * 2);
        entries + columns.chain(words).chain(sets).sum::<usize>()
    }
}

/// The position of a number in an ascending list. Without gaps, the guess is right.
pub(super) fn ordinal(nums: &[i64], num: i64) -> Option<u32> {
    // Numbers are assigned consecutively, so without deletions this is exact; otherwise the binary search
    // finds it.
    let guess = usize::try_from(num - nums.first()?).ok()?;
    let found = if nums.get(guess) == Some(&num) {
        guess
    } else {
        nums.binary_search(&num).ok()?
    };
    u32::try_from(found).ok()
}

/// Reads the values of a field in entries after `after`, until `leaf` returns `false`.
pub(super) fn read_leaves(
    conn: &Connection,
    field: i64,
    after: Option<i64>,
    mut leaf: impl FnMut(i64, &str, Option<f64>, Option<i64>) -> bool,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT entry_num, text, num, date FROM search_field
         WHERE path_num = ?1 AND entry_num > ?2 ORDER BY entry_num, seq",
    )?;
    let mut rows = statement.query([field, after.unwrap_or_default()])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_str()?;
        if !leaf(row.get(0)?, text, row.get(2)?, row.get(3)?) {
            break;
        }
    }
    Ok(())
}

/// Reads which entries after `after` have a principal in a set.
pub(super) fn read_principal_set(
    conn: &Connection,
    set: &str,
    principal: &str,
    entries: &[i64],
    after: Option<i64>,
    members: &mut BitSet,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT entry_num FROM search_principal
         WHERE principal = ?1 AND set_name = ?2 AND entry_num > ?3",
    )?;
    let mut rows = statement.query(params![principal, set, after.unwrap_or_default()])?;
    members.grow(entries.len());
    while let Some(row) = rows.next()? {
        if let Some(ordinal) = ordinal(entries, row.get(0)?) {
            members.insert(ordinal);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::search::condition::{Condition, Field, Test};
    use crate::search::wildcard::WordPattern;
    use crate::search::{authz, entries, schema};

    fn database() -> Connection {
        let conn = Connection::open_in_memory().expect("a database");
        schema::migrate(&conn).expect("tables");
        conn.execute_batch(
            "INSERT INTO search_index (id, display_name, description, status, created_at)
             VALUES ('c0ffee00-0000-4000-8000-000000000001', '', '', 'open', 0)",
        )
        .expect("an index");
        conn
    }

    fn put(conn: &Connection, number: usize) -> Option<i64> {
        let entry = json!({ "subject": format!("s{number}"), "visible_to": ["public"],
                            "content": { "text": format!("about {number}"), "n": number % 7 } });
        let entry = serde_json::from_value(entry).expect("an entry");
        entries::put(conn, 1, &entry, &[]).expect("stored")
    }

    fn found(
        conn: &Connection,
        index_cache: &mut IndexCache,
        field: &str,
        words: &str,
    ) -> Vec<i64> {
        let index = authz::index_of(conn, 1).expect("the index");
        let mut view = index_cache.reader(conn, &index).expect("a view");
        let test = Test::Words(WordPattern::new(words));
        let condition = Condition::Value(Field::new(field), test);
        let mut found = view.matching(&condition).expect("a set");
        found.intersect_with(&view.entries_present());
        found.iter().map(|ordinal| view.entry(ordinal)).collect()
    }

    #[test]
    fn a_field_that_is_too_large_is_looked_at_in_the_database() {
        let conn = database();
        (0..500).for_each(|number| {
            put(&conn, number);
        });
        let (mut max_column_bytes, mut small) =
            (IndexCache::default(), IndexCache::with_budget(1_000));
        for (field, words, count) in [("text", "42", 1), ("text", "about", 500), ("n", "3", 71)] {
            let expected = found(&conn, &mut max_column_bytes, field, words);
            assert_eq!(expected.len(), count);
            assert_eq!(found(&conn, &mut small, field, words), expected);
        }
        let previous =
            |index_cache: &IndexCache| index_cache.indices[0].columns.values().flatten().count();
        assert_eq!((previous(&max_column_bytes), previous(&small)), (2, 0));
    }

    #[test]
    fn what_was_told_is_not_read_again_and_what_was_not_told_is() {
        let conn = database();
        let version = || authz::index_of(&conn, 1).expect("the index").version;
        (0..5).for_each(|number| {
            put(&conn, number);
        });
        let mut index_cache = IndexCache::default();
        assert_eq!(
            found(&conn, &mut index_cache, "text", "about"),
            [1, 2, 3, 4, 5]
        );

        let before = version();
        let gone = put(&conn, 1).expect("one is replaced");
        put(&conn, 7);
        index_cache.invalidate(1, before, version(), &[gone]);
        assert_eq!(
            found(&conn, &mut index_cache, "text", "about"),
            [1, 3, 4, 5, 6, 7]
        );
        assert_eq!(index_cache.indices[0].entries.len(), 7);

        put(&conn, 2);
        assert_eq!(
            found(&conn, &mut index_cache, "text", "about"),
            [1, 4, 5, 6, 7, 8]
        );
        assert_eq!(index_cache.indices[0].entries.len(), 6);
    }
}
