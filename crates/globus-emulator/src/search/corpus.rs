//! An index in memory, as far as queries have asked for it.
//!
//! The truth is in the database. What queries go through again and again is kept beside it, in a
//! form that is quick to go through: which entries there are, the values of a field as a column,
//! where a word occurs, what somebody may see. Each is read when a query needs it first, and all
//! of it is dropped when the index changes, which its version in the database tells, or when
//! other indices need the memory.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::access::Index;
use super::column::{Column, Filling};
use super::condition::{Condition, Field};
use super::set::Set;
use super::text::{self, Occurrence, Phrase, Relevance};

/// What all indices together may take of memory, in bytes, before a query begins.
const BUDGET: usize = 64 * 1024 * 1024;

/// The indices that queries have been about, the last one first.
#[derive(Debug, Default)]
pub(crate) struct Corpora(Vec<Corpus>);

impl Corpora {
    /// An index as it is now.
    pub(crate) fn of<'a>(
        &'a mut self,
        conn: &'a Connection,
        index: &Index,
    ) -> rusqlite::Result<View<'a>> {
        let place = self.0.iter().position(|corpus| corpus.index == index.num);
        let kept = place.map(|place| self.0.remove(place));
        let kept = kept.filter(|corpus| corpus.version == index.version);
        let mut left = BUDGET;
        let mut fits = |corpus: &Corpus| {
            let bytes = corpus.bytes();
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        };
        let corpus = match kept.filter(&mut fits) {
            Some(corpus) => corpus,
            None => Corpus::read(conn, index)?,
        };
        self.0.retain(fits);
        self.0.insert(0, corpus);
        Ok(View {
            conn,
            corpus: &mut self.0[0],
        })
    }
}

/// An index in memory. An entry is known by its place, in the order of the entries' numbers.
#[derive(Debug)]
struct Corpus {
    index: i64,
    version: i64,
    /// The numbers of the entries, ascending.
    entries: Vec<i64>,
    /// For each entry the place of its subject.
    subjects: Vec<u32>,
    /// The numbers of the subjects, ascending.
    subject_nums: Vec<i64>,
    /// How many words each entry has.
    lengths: Vec<u32>,
    average_length: f64,
    public: Set,
    /// The fields, with the numbers by which the database knows them.
    fields: Vec<(String, i64)>,
    columns: HashMap<i64, Arc<Column>>,
    words: HashMap<(String, bool), Arc<Vec<Occurrence>>>,
    /// By the name of a principal set, and who is in it.
    seen_by: HashMap<(String, String), Arc<Set>>,
}

impl Corpus {
    fn read(conn: &Connection, index: &Index) -> rusqlite::Result<Self> {
        let (mut entries, mut subjects_of, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        let mut public = Vec::new();
        let mut statement = conn.prepare_cached(
            "SELECT num, subject_num, words, public FROM search_entry
             WHERE index_num = ?1 ORDER BY num",
        )?;
        let mut rows = statement.query([index.num])?;
        for place in 0_u32.. {
            let Some(row) = rows.next()? else { break };
            entries.push(row.get(0)?);
            subjects_of.push(row.get::<_, i64>(1)?);
            lengths.push(row.get(2)?);
            if row.get(3)? {
                public.push(place);
            }
        }
        let mut subject_nums = subjects_of.clone();
        subject_nums.sort_unstable();
        subject_nums.dedup();
        let place_of = |num| place(&subject_nums, num).unwrap_or_default();
        let words: f64 = lengths.iter().copied().map(f64::from).sum();
        let fields = conn
            .prepare_cached("SELECT path, num FROM search_path WHERE index_num = ?1")?
            .query_map([index.num], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            index: index.num,
            version: index.version,
            subjects: subjects_of.into_iter().map(place_of).collect(),
            #[expect(clippy::cast_precision_loss, reason = "it is an average")]
            average_length: (words / lengths.len() as f64).max(1.0),
            lengths,
            public: Set::of(entries.len(), public),
            entries,
            subject_nums,
            fields,
            columns: HashMap::new(),
            words: HashMap::new(),
            seen_by: HashMap::new(),
        })
    }

    /// About what it takes of memory.
    fn bytes(&self) -> usize {
        let columns = self.columns.values().map(|column| column.bytes());
        let words = self
            .words
            .values()
            .map(|found| size_of_val(found.as_slice()));
        let sets = self.seen_by.values().map(|set| set.bytes());
        let entries = size_of_val(&*self.entries) * 2 + size_of_val(&*self.lengths) * 2;
        entries + columns.chain(words).chain(sets).sum::<usize>()
    }
}

/// Where a number stands in an ascending list; most lists have no gaps.
fn place(nums: &[i64], num: i64) -> Option<u32> {
    let guess = usize::try_from(num - nums.first()?).ok()?;
    let found = if nums.get(guess) == Some(&num) {
        guess
    } else {
        nums.binary_search(&num).ok()?
    };
    u32::try_from(found).ok()
}

/// An index while it is asked.
pub(crate) struct View<'a> {
    pub(crate) conn: &'a Connection,
    corpus: &'a mut Corpus,
}

impl View<'_> {
    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.corpus.entries.len()
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
                Set::of(self.len(), text::by_entry(&found).map(|(place, _)| place))
            }
            Condition::Value(field, test) => {
                let mut found = Set::none(self.len());
                for column in self.columns(field)? {
                    found.unite(&column.entries(self.len(), |value| test.holds(value)));
                }
                found
            }
        })
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
            if let Some(known) = self.corpus.seen_by.get(&key) {
                found.unite(known);
                continue;
            }
            let mut statement = self.conn.prepare_cached(
                "SELECT entry_num FROM search_principal WHERE principal = ?1 AND set_name = ?2",
            )?;
            let mut rows = statement.query(params![principal, set])?;
            let mut seen = Set::none(self.len());
            while let Some(row) = rows.next()? {
                if let Some(place) = self.place(row.get(0)?) {
                    seen.insert(place);
                }
            }
            found.unite(&seen);
            self.corpus.seen_by.insert(key, Arc::new(seen));
        }
        Ok(found)
    }

    /// The values of a field, or of each of some.
    pub(crate) fn columns(&mut self, field: &Field) -> rusqlite::Result<Vec<Arc<Column>>> {
        let wanted = self.corpus.fields.iter().filter(|(path, _)| field.is(path));
        let wanted: Vec<i64> = wanted.map(|(_, num)| *num).collect();
        wanted.into_iter().map(|num| self.column(num)).collect()
    }

    fn column(&mut self, num: i64) -> rusqlite::Result<Arc<Column>> {
        if let Some(known) = self.corpus.columns.get(&num) {
            return Ok(Arc::clone(known));
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT entry_num, text, num, date FROM search_field WHERE path_num = ?1
             ORDER BY entry_num, seq",
        )?;
        let mut rows = statement.query([num])?;
        let mut filling = Filling::default();
        while let Some(row) = rows.next()? {
            if let Some(place) = self.place(row.get(0)?) {
                filling.push(place, row.get_ref(1)?.as_str()?, row.get(2)?, row.get(3)?);
            }
        }
        let column = Arc::new(filling.done());
        self.corpus.columns.insert(num, Arc::clone(&column));
        Ok(column)
    }

    /// Where a phrase occurs.
    fn occurrences(&mut self, phrase: &Phrase) -> rusqlite::Result<Arc<Vec<Occurrence>>> {
        let terms = text::terms(self.conn, &phrase.text)?;
        let last = terms.len().saturating_sub(1);
        let mut found = Vec::new();
        for (n, term) in terms.into_iter().enumerate() {
            let key = (term, phrase.prefix && n == last);
            let word = match self.corpus.words.get(&key) {
                Some(known) => Arc::clone(known),
                None => {
                    let place = |entry| self.place(entry);
                    let read = text::occurrences(self.conn, &key.0, key.1, place)?;
                    let read = Arc::new(read);
                    self.corpus.words.insert(key, Arc::clone(&read));
                    read
                }
            };
            found.push(word);
        }
        Ok(text::adjacent(&found))
    }

    /// How relevant each entry is for these phrases.
    pub(crate) fn scores(&mut self, phrases: &[&Phrase]) -> rusqlite::Result<Vec<f64>> {
        let mut scores = vec![0.0; self.len()];
        for phrase in phrases {
            let found = self.occurrences(phrase)?;
            let relevance = Relevance {
                lengths: &self.corpus.lengths,
                average_length: self.corpus.average_length,
            };
            relevance.add(&found, &mut scores);
        }
        Ok(scores)
    }
}
