//! The values of one field over all entries, in memory and by column.
//!
//! Each distinct value is stored once. A filter is evaluated once per distinct value and then looked up per
//! entry, which makes queries over 100,000 entries fast.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use super::bitset::BitSet;

/// A distinct value.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) text: Box<str>,
    pub(crate) num: Option<f64>,
    /// Milliseconds since the epoch, if the text is a date.
    pub(crate) date: Option<i64>,
    /// The first value with the same text: a number and a string may have the same text.
    same_text: u32,
}

impl Value {
    pub(crate) fn new(text: &str, num: Option<f64>, date: Option<i64>) -> Self {
        Self {
            text: text.into(),
            num,
            date,
            same_text: MISSING,
        }
    }

    /// The sort key: a number, the milliseconds of a date, or the text.
    fn key(&self) -> Key<'_> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit 53 bits")]
        let date = self.date.map(|millis| millis as f64);
        match self.num.or(date) {
            Some(number) => Key::Number(number),
            None => Key::Text(&self.text),
        }
    }
}

enum Key<'a> {
    Number(f64),
    Text(&'a str),
}

impl Key<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

/// The values of one field, in the order of the entries.
#[derive(Debug, Default)]
pub(crate) struct Column {
    values: Vec<Value>,
    /// Indices into `values`, by hash; on a collision, by the next free hash.
    known: HashMap<u64, u32>,
    /// For each leaf, the ordinal of its entry and the index of its value.
    leaves: Vec<(u32, u32)>,
    /// For each value, its rank in the sort order; computed when it is needed.
    ranks: OnceLock<Vec<u32>>,
    /// Memory use of the texts.
    text_bytes: usize,
}

/// Marks an entry without a value.
pub(crate) const MISSING: u32 = u32::MAX;

impl Column {
    /// Adds a leaf. Entries must be added in ascending order.
    pub(crate) fn push(&mut self, ordinal: u32, text: &str, num: Option<f64>, date: Option<i64>) {
        let number = match self.find(text, num.is_some()) {
            Ok(number) => number,
            Err(free) => {
                let number = u32::try_from(self.values.len()).unwrap_or(MISSING);
                // A number and a text that are written alike share a count in facets; only filters
                // distinguish them.
                let same_text = self.find(text, num.is_none()).unwrap_or(number);
                self.values.push(Value {
                    same_text,
                    ..Value::new(text, num, date)
                });
                self.text_bytes += text.len() + size_of::<usize>() * 2;
                self.known.insert(free, number);
                // A new value may be anywhere in the order.
                self.ranks = OnceLock::new();
                number
            }
        };
        self.leaves.push((ordinal, number));
    }

    /// The index of a value, or the free hash at which to insert it.
    fn find(&self, text: &str, is_number: bool) -> Result<u32, u64> {
        let mut hasher = DefaultHasher::new();
        (text, is_number).hash(&mut hasher);
        let mut hash = hasher.finish();
        while let Some(number) = self.known.get(&hash) {
            let value = &self.values[*number as usize];
            if *value.text == *text && value.num.is_some() == is_number {
                return Ok(*number);
            }
            // Open addressing with the hash itself as key: a `HashMap` from texts would store each of them
            // twice.
            hash = hash.wrapping_add(1);
        }
        Err(hash)
    }

    /// The entries with a value for which `holds` is true.
    pub(crate) fn entries(&self, len: usize, holds: impl FnMut(&Value) -> bool) -> BitSet {
        // Evaluated once per distinct value. Comparing texts is the expensive part of a filter.
        let holds: Vec<bool> = self.values.iter().map(holds).collect();
        let leaves = self.leaves.iter();
        let found = leaves.filter(|(_, value)| holds[*value as usize]);
        BitSet::from_ordinals(len, found.map(|(ordinal, _)| *ordinal))
    }

    /// The values in some entries, with the number of entries that have each.
    pub(crate) fn counts(&self, among: &BitSet) -> Vec<(&Value, i64)> {
        let mut counts = vec![(0_i64, MISSING); self.values.len()];
        for (ordinal, value) in &self.leaves {
            if !among.contains(*ordinal) {
                continue;
            }
            let same_text = self.values[*value as usize].same_text;
            let (count, last) = &mut counts[same_text as usize];
            // A repeated value counts once per entry.
            if *last != *ordinal {
                (*count, *last) = (*count + 1, *ordinal);
            }
        }
        let counted = self.values.iter().zip(counts);
        let counted = counted.filter(|(_, (count, _))| *count > 0);
        counted.map(|(value, (count, _))| (value, count)).collect()
    }

    /// The values in some entries, with the number of their occurrences.
    pub(crate) fn totals(&self, among: &BitSet) -> Vec<(&Value, i64)> {
        let mut totals = vec![0; self.values.len()];
        for (ordinal, value) in &self.leaves {
            if among.contains(*ordinal) {
                totals[*value as usize] += 1;
            }
        }
        let totals = self.values.iter().zip(totals);
        totals.filter(|(_, total)| *total > 0).collect()
    }

    /// For each entry, the rank of its smallest value, or of its greatest.
    pub(crate) fn keys(&self, len: usize, greatest: bool) -> Vec<u32> {
        let ranks = self.ranks.get_or_init(|| self.rank());
        let mut keys = vec![MISSING; len];
        for (ordinal, value) in &self.leaves {
            let (key, rank) = (&mut keys[*ordinal as usize], ranks[*value as usize]);
            if *key == MISSING || (rank > *key) == greatest {
                *key = rank;
            }
        }
        keys
    }

    fn rank(&self) -> Vec<u32> {
        let key = |number: &u32| self.values[*number as usize].key();
        let mut order: Vec<u32> = (0_u32..).take(self.values.len()).collect();
        order.sort_unstable_by(|a, b| key(a).compare(&key(b)));
        let mut ranks = vec![0; order.len()];
        let mut rank = 0;
        for (n, number) in order.iter().enumerate() {
            if n > 0 && key(&order[n - 1]).compare(&key(number)) != Ordering::Equal {
                rank += 1;
            }
            ranks[*number as usize] = rank;
        }
        ranks
    }

    /// Approximate memory use.
    pub(crate) fn bytes(&self) -> usize {
        let ranks = self.ranks.get().map_or(0, Vec::len);
        self.text_bytes
            + self.values.capacity() * size_of::<Value>()
            + self.known.capacity() * size_of::<(u64, u32)>()
            + self.leaves.capacity() * size_of::<(u32, u32)>()
            + ranks * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(leaves: &[(u32, &str, Option<f64>)]) -> Column {
        let mut column = Column::default();
        for (ordinal, text, num) in leaves {
            column.push(*ordinal, text, *num, None);
        }
        column
    }

    #[test]
    fn a_value_counts_once_an_entry() {
        let tags = [
            (0, "a", None),
            (0, "a", None),
            (0, "b", None),
            (1, "a", None),
        ];
        let counts = |among: &BitSet| -> Vec<(String, i64)> {
            let column = column(&tags);
            let counts = column.counts(among).into_iter();
            counts
                .map(|(value, count)| (value.text.to_string(), count))
                .collect()
        };
        assert_eq!(counts(&BitSet::all(2)), [("a".into(), 2), ("b".into(), 1)]);
        assert_eq!(counts(&BitSet::from_ordinals(2, [1])), [("a".into(), 1)]);
    }

    #[test]
    fn number_and_equal_text_differ_in_filters_only() {
        let column = column(&[(0, "5", Some(5.0)), (1, "5", None), (2, "5", None)]);
        let numbers = column.entries(3, |value| value.num == Some(5.0));
        assert_eq!(numbers, BitSet::from_ordinals(3, [0]));
        let counts = column.counts(&BitSet::all(3));
        assert_eq!(
            counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(),
            [3]
        );
    }

    #[test]
    fn numbers_rank_before_texts_and_by_size() {
        let ten = Some(10.0);
        let column = column(&[
            (0, "b", None),
            (1, "10", ten),
            (2, "9", Some(9.0)),
            (1, "a", None),
        ]);
        assert_eq!(column.keys(4, false), [3, 1, 0, MISSING]);
        assert_eq!(column.keys(4, true), [3, 2, 0, MISSING]);
    }
}
