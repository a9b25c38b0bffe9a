//! Wildcard patterns, for the values of single fields, which the full-text table does not cover.

/// A case-insensitive pattern of consecutive words. `*` stands for any letters of a word, and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WordPattern(Vec<Vec<char>>);

impl WordPattern {
    pub(crate) fn new(pattern: &str) -> Self {
        let lower = pattern.to_lowercase();
        let words = lower.split(|c| !is_word_char(c) && !matches!(c, '*' | '?'));
        Self(words.filter(is_not_empty).map(chars).collect())
    }

    /// Whether the words occur in a text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        // ASCII texts need no allocation, which matters with 100,000 of them.
        if text.is_ascii() {
            let words = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
            let lower = |byte: &u8| char::from(byte.to_ascii_lowercase());
            return self.contains_sequence(words.filter(|word| !word.is_empty()), lower);
        }
        let lower = text.to_lowercase();
        let words: Vec<Vec<char>> = words(&lower).map(chars).collect();
        self.contains_sequence(words.iter().map(Vec::as_slice), |c| *c)
    }

    fn contains_sequence<'a, C: 'a>(
        &self,
        mut words: impl Iterator<Item = &'a [C]>,
        char: impl Fn(&C) -> char,
    ) -> bool {
        let matches = |word: &[C], pattern: &[char]| glob(word, pattern, &char);
        match self.0.as_slice() {
            [] => false,
            [pattern] => words.any(|word| matches(word, pattern)),
            all => words.collect::<Vec<_>>().windows(all.len()).any(|window| {
                let pairs = window.iter().zip(all);
                pairs
                    .into_iter()
                    .all(|(word, pattern)| matches(word, pattern))
            }),
        }
    }
}

/// Number of words in a text.
pub(crate) fn count(text: &str) -> usize {
    words(text).count()
}

/// A case-sensitive pattern of a whole text, with `*` for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WildcardPattern(Vec<char>);

impl WildcardPattern {
    pub(crate) fn new(pattern: &str) -> Self {
        Self(chars(pattern))
    }

    /// Whether it matches the whole text.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if text.is_ascii() {
            return glob(text.as_bytes(), &self.0, |byte| char::from(*byte));
        }
        glob(&chars(text), &self.0, |c| *c)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word_char(c)).filter(is_not_empty)
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_not_empty(word: &&str) -> bool {
    !word.is_empty()
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Matches a word; the worst-case time is the product of the lengths.
fn glob<C>(word: &[C], pattern: &[char], char: impl Fn(&C) -> char) -> bool {
    let (mut at, mut p) = (0, 0);
    // Where to continue if the text after the last asterisk does not match.
    let mut retry: Option<(usize, usize)> = None;
    while at < word.len() {
        match pattern.get(p) {
            Some('*') => {
                p += 1;
                retry = Some((at, p));
            }
            Some(&c) if c == '?' || word.get(at).is_some_and(|there| char(there) == c) => {
                at += 1;
                p += 1;
            }
            _ => match retry {
                Some((from, after)) => {
                    at = from + 1;
                    p = after;
                    retry = Some((at, after));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_words(text: &str, pattern: &str) -> bool {
        WordPattern::new(pattern).is_in(text)
    }

    #[test]
    fn words_match_in_order_and_whatever_their_case() {
        for text in ["The Quick brown fox", "Thé Quick brown fox"] {
            assert!(has_words(text, "quick BROWN"));
            assert!(!has_words(text, "brown quick"));
            assert!(!has_words(text, "row"));
            assert!(has_words(text, "br*n f?x"));
            assert!(has_words(text, "*"));
            assert!(!has_words(text, ""));
        }
        assert!(has_words("Thé", "THÉ"));
        assert!(!has_words("", "*"));
    }

    #[test]
    fn what_is_like_a_pattern_is_so_in_full_and_in_case() {
        let is_like = |text: &str, pattern: &str| WildcardPattern::new(pattern).matches(text);
        assert!(is_like("Quiet lakes", "*lakes"));
        assert!(is_like("[ä]", "[?]"));
        assert!(!is_like("Quiet lakes", "*Lakes"));
        assert!(!is_like("Quiet lakes", "lakes"));
    }
}
