//! An index in memory, as far as queries have asked for it.
//!
//! The truth is in the database. What queries go through again and again is kept beside it, in a
//! form that is quick to go through: which entries there are, the values of a field as a column,
//! where a word occurs, what somebody may see. Each is read when a query needs it first.
//!
//! Entries come and go, and none ever changes. Who changes an index tells which have gone
//! ([`IndexCache::follow`]); those that have come are read, of what has been read before, when the
//! next query comes. The version of the index in the database tells whether all of this was told:
//! if not, everything is read anew. It is dropped when other indices need the memory, and a field
//! that alone is too large for it is looked at in the database.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::authz::Index;
use super::bitset::Set;
use super::column::Column;
use super::full_text::Occurrence;
use super::index_reader::View;

/// What all indices together may take of memory, in bytes, before a query begins.
const BUDGET: usize = 64 * 1024 * 1024;

/// About what a row of a map takes, besides what it is about.
const ROW: usize = 128;

/// The indices that queries have been about.
#[derive(Debug)]
pub(crate) struct IndexCache {
    budget: usize,
    /// The last one first.
    indices: Vec<Corpus>,
}

impl Default for IndexCache {
    fn default() -> Self {
        Self::within(BUDGET)
    }
}

impl IndexCache {
    fn within(budget: usize) -> Self {
        Self {
            budget,
            indices: Vec::new(),
        }
    }

    /// An index as it is now.
    pub(crate) fn of<'a>(
        &'a mut self,
        conn: &'a Connection,
        index: &Index,
    ) -> rusqlite::Result<View<'a>> {
        let indices = &mut self.indices;
        let place = indices.iter().position(|corpus| corpus.index == index.num);
        let kept = place.map(|place| indices.remove(place));
        let mut left = self.budget;
        let mut fits = |corpus: &Corpus| {
            let bytes = corpus.bytes();
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        };
        let mut corpus = kept
            .filter(|corpus| corpus.version == index.version)
            .filter(&mut fits)
            .unwrap_or_else(|| Corpus::new(index));
        indices.retain(fits);
        if !corpus.catch_up(conn)? {
            corpus = Corpus::new(index);
            corpus.catch_up(conn)?;
        }
        indices.insert(0, corpus);
        Ok(View {
            conn,
            corpus: &mut indices[0],
            // One field does not take the place of all others.
            large: self.budget / 2,
        })
    }

    /// Takes note of a change of an index, from one version to another: the entries that have
    /// gone, besides which some may have come.
    pub(crate) fn follow(&mut self, index: i64, from: i64, to: i64, gone: &[i64]) {
        let corpus = self.indices.iter_mut().find(|corpus| corpus.index == index);
        if let Some(corpus) = corpus.filter(|corpus| corpus.version == from) {
            corpus.version = to;
            corpus.forget(gone);
        }
    }
}

/// An index in memory. An entry is known by its place, in the order of the entries' numbers.
#[derive(Debug)]
pub(super) struct Corpus {
    pub(super) index: i64,
    pub(super) version: i64,
    /// Whether entries may have come since.
    pub(super) behind: bool,
    /// The numbers of the entries, ascending.
    pub(super) entries: Vec<i64>,
    /// Those that have not gone since.
    pub(super) present: Set,
    pub(super) public: Set,
    /// For each entry the place of its subject.
    pub(super) subjects: Vec<u32>,
    /// The numbers of the subjects, ascending.
    pub(super) subject_nums: Vec<i64>,
    /// How many words each entry has.
    pub(super) lengths: Vec<u32>,
    /// The fields, with the numbers by which the database knows them.
    pub(super) fields: Vec<(String, i64)>,
    /// The values of a field, if it is not too large.
    pub(super) columns: HashMap<i64, Option<Arc<Column>>>,
    pub(super) words: HashMap<(String, bool), Arc<Vec<Occurrence>>>,
    /// By the name of a principal set, and who is in it.
    pub(super) seen_by: HashMap<(String, String), Set>,
}

impl Corpus {
    /// One of which nothing has been read.
    fn new(index: &Index) -> Self {
        Self {
            index: index.num,
            version: index.version,
            behind: true,
            entries: Vec::new(),
            present: Set::none(0),
            public: Set::none(0),
            subjects: Vec::new(),
            subject_nums: Vec::new(),
            lengths: Vec::new(),
            fields: Vec::new(),
            columns: HashMap::new(),
            words: HashMap::new(),
            seen_by: HashMap::new(),
        }
    }

    fn forget(&mut self, gone: &[i64]) {
        for entry in gone {
            if let Some(place) = place(&self.entries, *entry) {
                self.present.remove(place);
            }
        }
        self.behind = true;
    }

    /// Reads the entries that have come, and what has been read of the others. `false` if that
    /// cannot be, or is not worth it.
    fn catch_up(&mut self, conn: &Connection) -> rusqlite::Result<bool> {
        if !self.behind {
            return Ok(true);
        }
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
        // How rare a word is has changed with every change; and where it occurs is known only
        // of all entries at a time.
        self.words.clear();
        for (num, column) in &mut self.columns {
            match column.as_mut().map(Arc::get_mut) {
                None => {}
                Some(Some(column)) => {
                    read_leaves(conn, *num, last, |entry, text, num, date| {
                        if let Some(place) = place(&self.entries, entry) {
                            column.push(place, text, num, date);
                        }
                        true
                    })?;
                }
                Some(None) => return Ok(false),
            }
        }
        for ((set, principal), seen) in &mut self.seen_by {
            read_seen(conn, set, principal, &self.entries, last, seen)?;
        }
        self.behind = false;
        Ok(true)
    }

    /// Reads the entries after one. `false` if a subject has come that is not after the others.
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
        for (place, public) in (0_u32..).skip(self.subjects.len()).zip(public) {
            self.present.insert(place);
            if public {
                self.public.insert(place);
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
        let places = subjects.iter().map(|num| place(&self.subject_nums, *num));
        let places: Option<Vec<u32>> = places.collect();
        let in_order = places.is_some();
        self.subjects.extend(places.unwrap_or_default());
        Ok(in_order)
    }

    /// About what it takes of memory.
    fn bytes(&self) -> usize {
        let columns = self.columns.values().flatten().map(|column| column.bytes());
        let words = self.words.iter();
        let words = words.map(|((word, _), found)| ROW + word.len() + size_of_val(&***found));
        let sets = self.seen_by.values().map(|set| ROW + set.bytes());
        let entries = self.entries.capacity() * (size_of::<i64>() * 2 + size_of::<u32>() * 2);
        entries + columns.chain(words).chain(sets).sum::<usize>()
    }
}

/// Where a number stands in an ascending list; most lists have no gaps.
pub(super) fn place(nums: &[i64], num: i64) -> Option<u32> {
    let guess = usize::try_from(num - nums.first()?).ok()?;
    let found = if nums.get(guess) == Some(&num) {
        guess
    } else {
        nums.binary_search(&num).ok()?
    };
    u32::try_from(found).ok()
}

/// Reads the leaves of a field that the entries after one have, as long as more are wanted.
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

/// Reads which of the entries after one have a principal in a set.
pub(super) fn read_seen(
    conn: &Connection,
    set: &str,
    principal: &str,
    entries: &[i64],
    after: Option<i64>,
    seen: &mut Set,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT entry_num FROM search_principal
         WHERE principal = ?1 AND set_name = ?2 AND entry_num > ?3",
    )?;
    let mut rows = statement.query(params![principal, set, after.unwrap_or_default()])?;
    seen.grow(entries.len());
    while let Some(row) = rows.next()? {
        if let Some(place) = place(entries, row.get(0)?) {
            seen.insert(place);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::search::condition::{Condition, Field, Test};
    use crate::search::wildcard::Words;
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
        let mut view = index_cache.of(conn, &index).expect("a view");
        let test = Test::Words(Words::new(words));
        let condition = Condition::Value(Field::new(field), test);
        let mut found = view.matching(&condition).expect("a set");
        found.intersect(&view.present());
        found.iter().map(|place| view.entry(place)).collect()
    }

    #[test]
    fn a_field_that_is_too_large_is_looked_at_in_the_database() {
        let conn = database();
        (0..500).for_each(|number| {
            put(&conn, number);
        });
        let (mut large, mut small) = (IndexCache::default(), IndexCache::within(1_000));
        for (field, words, count) in [("text", "42", 1), ("text", "about", 500), ("n", "3", 71)] {
            let expected = found(&conn, &mut large, field, words);
            assert_eq!(expected.len(), count);
            assert_eq!(found(&conn, &mut small, field, words), expected);
        }
        let kept =
            |index_cache: &IndexCache| index_cache.indices[0].columns.values().flatten().count();
        assert_eq!((kept(&large), kept(&small)), (2, 0));
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
        index_cache.follow(1, before, version(), &[gone]);
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
