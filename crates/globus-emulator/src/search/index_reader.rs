//! An index while it is asked: what it knows, or else reads for the next query too.

use std::sync::Arc;

use rusqlite::Connection;

use super::bitset::Set;
use super::column::{Column, Value};
use super::condition::{Condition, Field, Test};
use super::full_text::{self, Occurrence, Phrase, Relevance};
use super::index_cache::{Corpus, place, read_leaves, read_seen};

/// An index while it is asked.
pub(crate) struct View<'a> {
    pub(crate) conn: &'a Connection,
    pub(super) corpus: &'a mut Corpus,
    /// More bytes than this are not kept of one field.
    pub(super) large: usize,
}

impl View<'_> {
    /// How many entries there are or have been.
    pub(crate) fn len(&self) -> usize {
        self.corpus.entries.len()
    }

    /// All entries that there are.
    pub(crate) fn present(&self) -> Set {
        self.corpus.present.clone()
    }

    /// How many subjects there are.
    pub(crate) fn subjects(&self) -> usize {
        self.corpus.subject_nums.len()
    }

    /// The number of an entry.
    pub(crate) fn entry(&self, place: u32) -> i64 {
        self.corpus.entries[place as usize]
    }

    /// The place of an entry of this index.
    pub(crate) fn place(&self, entry: i64) -> Option<u32> {
        place(&self.corpus.entries, entry)
    }

    /// The place of an entry's subject.
    pub(crate) fn subject(&self, entry: u32) -> u32 {
        self.corpus.subjects[entry as usize]
    }

    /// The number of a subject.
    pub(crate) fn subject_num(&self, place: u32) -> i64 {
        self.corpus.subject_nums[place as usize]
    }

    /// The place of the first subject after this number.
    pub(crate) fn subject_after(&self, num: i64) -> usize {
        self.corpus
            .subject_nums
            .partition_point(|known| *known <= num)
    }

    /// The entries for which a condition holds.
    pub(crate) fn matching(&mut self, condition: &Condition) -> rusqlite::Result<Set> {
        Ok(match condition {
            Condition::Everything => Set::all(self.len()),
            Condition::All(parts) => {
                let mut found = Set::all(self.len());
                for part in parts {
                    found.intersect(&self.matching(part)?);
                }
                found
            }
            Condition::Any(parts) => {
                let mut found = Set::none(self.len());
                for part in parts {
                    found.unite(&self.matching(part)?);
                }
                found
            }
            Condition::Not(inner) => self.matching(inner)?.inverted(),
            Condition::Text(phrase) => {
                let found = self.occurrences(phrase)?;
                Set::of(
                    self.len(),
                    full_text::by_entry(&found).map(|(place, _)| place),
                )
            }
            Condition::Value(field, test) => {
                let mut found = Set::none(self.len());
                for num in self.fields(field) {
                    found.unite(&self.having(num, test)?);
                }
                found
            }
        })
    }

    /// The entries that have a value of a field for which a test holds.
    fn having(&mut self, field: i64, test: &Test) -> rusqlite::Result<Set> {
        if let Some(column) = self.column(field, self.large)? {
            return Ok(column.entries(self.len(), |value| test.holds(value)));
        }
        let mut found = Set::none(self.len());
        read_leaves(self.conn, field, None, |entry, text, num, date| {
            let place = self.place(entry);
            if let Some(place) = place.filter(|_| test.holds(&Value::new(text, num, date))) {
                found.insert(place);
            }
            true
        })?;
        Ok(found)
    }

    /// The entries that someone may see.
    pub(crate) fn visible(&mut self, principals: &[String]) -> rusqlite::Result<Set> {
        let others = principals.iter().filter(|principal| *principal != "public");
        let others: Vec<String> = others.cloned().collect();
        let mut visible = self.in_set("", &others)?;
        visible.unite(&self.corpus.public);
        Ok(visible)
    }

    /// The entries with a principal set of this name that holds one of the principals.
    pub(crate) fn in_set(&mut self, set: &str, principals: &[String]) -> rusqlite::Result<Set> {
        let mut found = Set::none(self.len());
        for principal in principals {
            let key = (set.to_owned(), principal.clone());
            if !self.corpus.seen_by.contains_key(&key) {
                let mut seen = Set::none(self.len());
                read_seen(
                    self.conn,
                    set,
                    principal,
                    &self.corpus.entries,
                    None,
                    &mut seen,
                )?;
                self.corpus.seen_by.insert(key.clone(), seen);
            }
            if let Some(seen) = self.corpus.seen_by.get(&key) {
                found.unite(seen);
            }
        }
        Ok(found)
    }

    /// The numbers of a field, or of each of some.
    fn fields(&self, field: &Field) -> Vec<i64> {
        let wanted = self.corpus.fields.iter().filter(|(path, _)| field.is(path));
        wanted.map(|(_, num)| *num).collect()
    }

    /// The values of a field, however many they are; none if no entry has it.
    pub(crate) fn values(&mut self, field: &Field) -> rusqlite::Result<Arc<Column>> {
        let column = match self.fields(field).first() {
            Some(num) => self.column(*num, usize::MAX)?,
            None => None,
        };
        Ok(column.unwrap_or_default())
    }

    /// The values of a field, if they take no more memory than this.
    fn column(&mut self, num: i64, most: usize) -> rusqlite::Result<Option<Arc<Column>>> {
        match self.corpus.columns.get(&num) {
            Some(Some(known)) => return Ok(Some(Arc::clone(known))),
            Some(None) if most == self.large => return Ok(None),
            _ => {}
        }
        let mut column = Column::default();
        read_leaves(self.conn, num, None, |entry, text, num, date| {
            if let Some(place) = self.place(entry) {
                column.push(place, text, num, date);
            }
            column.bytes() <= most
        })?;
        let column = (column.bytes() <= most).then(|| Arc::new(column));
        self.corpus.columns.insert(num, column.clone());
        Ok(column)
    }

    /// Where a phrase occurs.
    fn occurrences(&mut self, phrase: &Phrase) -> rusqlite::Result<Arc<Vec<Occurrence>>> {
        let terms = full_text::terms(self.conn, &phrase.text)?;
        let last = terms.len().saturating_sub(1);
        let mut found = Vec::new();
        for (n, term) in terms.into_iter().enumerate() {
            let key = (term, phrase.prefix && n == last);
            let word = match self.corpus.words.get(&key) {
                Some(known) => Arc::clone(known),
                None => {
                    let place = |entry| {
                        let place = self.place(entry);
                        place.filter(|place| self.corpus.present.contains(*place))
                    };
                    let read = full_text::occurrences(self.conn, &key.0, key.1, place)?;
                    let read = Arc::new(read);
                    self.corpus.words.insert(key, Arc::clone(&read));
                    read
                }
            };
            found.push(word);
        }
        Ok(full_text::adjacent(&found))
    }

    /// How relevant each entry is for these phrases.
    pub(crate) fn scores(&mut self, phrases: &[&Phrase]) -> rusqlite::Result<Vec<f64>> {
        let mut scores = vec![0.0; self.len()];
        let present = self.corpus.present.iter();
        let lengths = present.map(|place| f64::from(self.corpus.lengths[place as usize]));
        let (entries, words) = lengths.fold((0.0, 0.0), |(n, sum), length| (n + 1.0, sum + length));
        for phrase in phrases {
            let found = self.occurrences(phrase)?;
            let relevance = Relevance {
                entries,
                lengths: &self.corpus.lengths,
                average_length: f64::max(words / entries, 1.0),
            };
            relevance.add(&found, &mut scores);
        }
        Ok(scores)
    }
}
