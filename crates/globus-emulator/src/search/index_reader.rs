//! Reading an index during a query, from the cache or else from the database.

use std::sync::Arc;

use rusqlite::Connection;

use super::bitset::BitSet;
use super::column::{Column, Value};
use super::condition::{Condition, Field, Test};
use super::full_text::{self, Occurrence, Phrase, Relevance};
use super::index_cache::{CachedIndex, ordinal, read_leaves, read_principal_set};

/// An index during a query.
pub(crate) struct IndexReader<'a> {
    pub(crate) conn: &'a Connection,
    pub(super) cached: &'a mut CachedIndex,
    /// Columns above this size are not cached.
    pub(super) max_column_bytes: usize,
}

impl IndexReader<'_> {
    /// Number of entries, including deleted ones.
    pub(crate) fn len(&self) -> usize {
        self.cached.entries.len()
    }

    /// The entries that are not deleted.
    pub(crate) fn entries_present(&self) -> BitSet {
        self.cached.present.clone()
    }

    /// Number of subjects.
    pub(crate) fn subjects(&self) -> usize {
        self.cached.subject_nums.len()
    }

    /// The number of an entry.
    pub(crate) fn entry(&self, ordinal: u32) -> i64 {
        self.cached.entries[ordinal as usize]
    }

    /// The ordinal of an entry; `None` for entries of other indices.
    pub(crate) fn ordinal(&self, entry: i64) -> Option<u32> {
        ordinal(&self.cached.entries, entry)
    }

    /// The ordinal of an entry's subject.
    pub(crate) fn subject(&self, entry: u32) -> u32 {
        self.cached.subjects[entry as usize]
    }

    /// The number of a subject.
    pub(crate) fn subject_num(&self, ordinal: u32) -> i64 {
        self.cached.subject_nums[ordinal as usize]
    }

    /// The ordinal of the first subject after this number.
    pub(crate) fn subject_after(&self, num: i64) -> usize {
        self.cached
            .subject_nums
            .partition_point(|known| *known <= num)
    }

    /// The entries that satisfy a condition.
    pub(crate) fn matching(&mut self, condition: &Condition) -> rusqlite::Result<BitSet> {
        Ok(match condition {
            Condition::Everything => BitSet::all(self.len()),
            Condition::All(parts) => {
                let mut found = BitSet::all(self.len());
                for part in parts {
                    found.intersect_with(&self.matching(part)?);
                }
                found
            }
            Condition::Any(parts) => {
                let mut found = BitSet::none(self.len());
                for part in parts {
                    found.union_with(&self.matching(part)?);
                }
                found
            }
            Condition::Not(inner) => self.matching(inner)?.inverted(),
            Condition::Text(phrase) => {
                let found = self.occurrences(phrase)?;
                BitSet::from_ordinals(
                    self.len(),
                    full_text::by_entry(&found).map(|(ordinal, _)| ordinal),
                )
            }
            Condition::Value(field, test) => {
                let mut found = BitSet::none(self.len());
                for num in self.fields(field) {
                    found.union_with(&self.with_value(num, test)?);
                }
                found
            }
        })
    }

    /// The entries with a value of the field that passes the test.
    fn with_value(&mut self, field: i64, test: &Test) -> rusqlite::Result<BitSet> {
        // A column that does not fit is read row by row for each query: slower, but it needs no memory.
        if let Some(column) = self.column(field, self.max_column_bytes)? {
            return Ok(column.entries(self.len(), |value| test.holds(value)));
        }
        let mut found = BitSet::none(self.len());
        read_leaves(self.conn, field, None, |entry, text, num, date| {
            let ordinal = self.ordinal(entry);
            if let Some(ordinal) = ordinal.filter(|_| test.holds(&Value::new(text, num, date))) {
                found.insert(ordinal);
            }
            true
        })?;
        Ok(found)
    }

    /// The entries visible to these principals.
    pub(crate) fn visible(&mut self, principals: &[String]) -> rusqlite::Result<BitSet> {
        // Public entries have a set of their own, since almost every query needs it.
        let others = principals.iter().filter(|principal| *principal != "public");
        let others: Vec<String> = others.cloned().collect();
        let mut visible = self.in_principal_set("", &others)?;
        visible.union_with(&self.cached.public);
        Ok(visible)
    }

    /// The entries with one of the principals in a principal set of this name.
    pub(crate) fn in_principal_set(
        &mut self,
        set: &str,
        principals: &[String],
    ) -> rusqlite::Result<BitSet> {
        let mut found = BitSet::none(self.len());
        for principal in principals {
            let key = (set.to_owned(), principal.clone());
            if !self.cached.principal_sets.contains_key(&key) {
                let mut members = BitSet::none(self.len());
                read_principal_set(
                    self.conn,
                    set,
                    principal,
                    &self.cached.entries,
                    None,
                    &mut members,
                )?;
                self.cached.principal_sets.insert(key.clone(), members);
            }
            if let Some(members) = self.cached.principal_sets.get(&key) {
                found.union_with(members);
            }
        }
        Ok(found)
    }

    /// The numbers of all matching fields.
    fn fields(&self, field: &Field) -> Vec<i64> {
        let wanted = self
            .cached
            .fields
            .iter()
            .filter(|(path, _)| field.matches(path));
        wanted.map(|(_, num)| *num).collect()
    }

    /// The values of a field, whatever their size; empty if no entry has the field.
    pub(crate) fn values(&mut self, field: &Field) -> rusqlite::Result<Arc<Column>> {
        let column = match self.fields(field).first() {
            Some(num) => self.column(*num, usize::MAX)?,
            None => None,
        };
        Ok(column.unwrap_or_default())
    }

    /// The values of a field; `None` if they use more memory than `most`.
    fn column(&mut self, num: i64, most: usize) -> rusqlite::Result<Option<Arc<Column>>> {
        match self.cached.columns.get(&num) {
            Some(Some(known)) => return Ok(Some(Arc::clone(known))),
            Some(None) if most == self.max_column_bytes => return Ok(None),
            _ => {}
        }
        let mut column = Column::default();
        read_leaves(self.conn, num, None, |entry, text, num, date| {
            if let Some(ordinal) = self.ordinal(entry) {
                column.push(ordinal, text, num, date);
            }
            column.bytes() <= most
        })?;
        let column = (column.bytes() <= most).then(|| Arc::new(column));
        self.cached.columns.insert(num, column.clone());
        Ok(column)
    }

    /// The occurrences of a phrase.
    fn occurrences(&mut self, phrase: &Phrase) -> rusqlite::Result<Arc<Vec<Occurrence>>> {
        let terms = full_text::terms(self.conn, &phrase.text)?;
        let last = terms.len().saturating_sub(1);
        let mut found = Vec::new();
        for (n, term) in terms.into_iter().enumerate() {
            // Only the last word of a prefix query is incomplete.
            let key = (term, phrase.prefix && n == last);
            let word = match self.cached.words.get(&key) {
                Some(known) => Arc::clone(known),
                None => {
                    let ordinal = |entry| {
                        let ordinal = self.ordinal(entry);
                        ordinal.filter(|ordinal| self.cached.present.contains(*ordinal))
                    };
                    let read = full_text::occurrences(self.conn, &key.0, key.1, ordinal)?;
                    let read = Arc::new(read);
                    self.cached.words.insert(key, Arc::clone(&read));
                    read
                }
            };
            found.push(word);
        }
        Ok(full_text::adjacent(&found))
    }

    /// The relevance of each entry for these phrases.
    pub(crate) fn scores(&mut self, phrases: &[&Phrase]) -> rusqlite::Result<Vec<f64>> {
        let mut scores = vec![0.0; self.len()];
        let present = self.cached.present.iter();
        let lengths = present.map(|ordinal| f64::from(self.cached.lengths[ordinal as usize]));
        let (entries, words) = lengths.fold((0.0, 0.0), |(n, sum), length| (n + 1.0, sum + length));
        for phrase in phrases {
            let found = self.occurrences(phrase)?;
            let relevance = Relevance {
                entries,
                lengths: &self.cached.lengths,
                average_length: f64::max(words / entries, 1.0),
            };
            relevance.add(&found, &mut scores);
        }
        Ok(scores)
    }
}
