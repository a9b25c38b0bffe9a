//! Full-text search: occurrences of words and phrases, and their relevance.

use std::sync::Arc;

use rusqlite::Connection;

/// The ordinal of an entry and the position of a word in it; ordered by both.
pub(crate) type Occurrence = (u32, u32);

/// Consecutive words. With `prefix`, the last one is a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) text: String,
    pub(crate) prefix: bool,
}

/// Splits a text into terms as the full-text table does: without accents, and stemmed.
pub(crate) fn terms(conn: &Connection, text: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare_cached("INSERT INTO temp.search_asked (rowid, body) VALUES (1, ?1)")?
        .execute([text])?;
    let terms = conn
        .prepare_cached("SELECT term FROM temp.search_asked_word ORDER BY offset")?
        .query_map([], |row| row.get(0))?
        .collect();
    conn.prepare_cached("INSERT INTO temp.search_asked (search_asked) VALUES ('delete-all')")?
        .execute([])?;
    terms
}

/// The occurrences of a word, or with `prefix` of all words that begin with it. `ordinal` returns `None` for
/// entries of other indices.
pub(crate) fn occurrences(
    conn: &Connection,
    term: &str,
    prefix: bool,
    ordinal: impl Fn(i64) -> Option<u32>,
) -> rusqlite::Result<Vec<Occurrence>> {
    // The term is only compared for prefixes: reading it for each of many rows would be slow.
    let sql = if prefix {
        "SELECT doc, offset, term FROM temp.search_word WHERE term >= ?1"
    } else {
        "SELECT doc, offset FROM temp.search_word WHERE term = ?1"
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([term])?;
    // Sorted by (entry, position) below, so that phrases can be matched by merging.
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if prefix && !row.get_ref(2)?.as_str()?.starts_with(term) {
            break;
        }
        if let Some(ordinal) = ordinal(row.get(0)?) {
            found.push((ordinal, row.get(1)?));
        }
    }
    found.sort_unstable();
    found.shrink_to_fit();
    Ok(found)
}

/// The occurrences of a phrase, from those of its words.
pub(crate) fn adjacent(words: &[Arc<Vec<Occurrence>>]) -> Arc<Vec<Occurrence>> {
    let Some((first, others)) = words.split_first() else {
        return Arc::default();
    };
    let mut starts = Arc::clone(first);
    // Both lists are sorted, so a single pass suffices: for each start, occurrences that are too early for
    // it are too early for all later ones.
    for (distance, next) in (1_u32..).zip(others) {
        let mut next = next.iter().peekable();
        let follows = |(ordinal, word): &&Occurrence| {
            let wanted = (*ordinal, word + distance);
            while next.next_if(|there| **there < wanted).is_some() {}
            next.peek().is_some_and(|there| **there == wanted)
        };
        starts = Arc::new(starts.iter().filter(follows).copied().collect());
    }
    starts
}

/// The number of occurrences in each entry that has any.
pub(crate) fn by_entry(occurrences: &[Occurrence]) -> impl Iterator<Item = (u32, usize)> + '_ {
    let entries = occurrences.chunk_by(|(a, _), (b, _)| a == b);
    entries.filter_map(|there| there.first().map(|(ordinal, _)| (*ordinal, there.len())))
}

/// Okapi BM25 with the constants of FTS5, for the entries of one index.
pub(crate) struct Relevance<'a> {
    /// Number of entries.
    pub(crate) entries: f64,
    /// Number of words of each entry.
    pub(crate) lengths: &'a [u32],
    pub(crate) average_length: f64,
}

impl Relevance<'_> {
    /// Adds the relevance of a phrase to the score of each entry.
    pub(crate) fn add(&self, occurrences: &[Occurrence], scores: &mut [f64]) {
        const SATURATION: f64 = 1.2;
        const LENGTH: f64 = 0.75;
        // A phrase in most entries would get a negative weight.
        const LEAST: f64 = 1e-6;
        let having = as_f64(by_entry(occurrences).count());
        let rarity = ((self.entries - having + 0.5) / (having + 0.5))
            .ln()
            .max(LEAST);
        for (ordinal, times) in by_entry(occurrences) {
            let length = f64::from(self.lengths[ordinal as usize]) / self.average_length;
            let times = as_f64(times);
            let damped = times + SATURATION * (1.0 - LENGTH + LENGTH * length);
            scores[ordinal as usize] += rarity * times * (SATURATION + 1.0) / damped;
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nothing is counted beyond 53 bits"
)]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_where_its_words_follow_each_other() {
        let a = Arc::new(vec![(0, 1), (0, 5), (3, 2), (4, 9)]);
        let b = Arc::new(vec![(0, 0), (0, 6), (3, 4), (4, 10)]);
        let c = Arc::new(vec![(0, 7), (4, 12)]);
        assert_eq!(*adjacent(std::slice::from_ref(&a)), *a);
        assert_eq!(*adjacent(&[a.clone(), b.clone()]), [(0, 5), (4, 9)]);
        assert_eq!(*adjacent(&[a, b, c]), [(0, 5)]);
        assert!(adjacent(&[]).is_empty());
    }

    #[test]
    fn rare_words_and_short_entries_are_worth_more() {
        let relevance = Relevance {
            entries: 6.0,
            lengths: &[10, 20, 10, 10, 10, 10],
            average_length: 70.0 / 6.0,
        };
        let mut scores = [0.0; 6];
        relevance.add(&[(0, 3), (1, 3)], &mut scores);
        assert!(scores[0] > scores[1] && scores[1] > 0.0 && scores[2] == 0.0);
        let mut rarer = [0.0; 6];
        relevance.add(&[(0, 3)], &mut rarer);
        assert!(rarer[0] > scores[0]);
    }
}
