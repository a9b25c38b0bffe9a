//! Matching words within the text of one field, where the full-text table cannot look.

/// Words that have to follow each other, whatever their case. `*` and `?` stand for any letters
/// and any one letter of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<Vec<char>>);

impl Words {
    pub(crate) fn new(pattern: &str) -> Self {
        let lower = pattern.to_lowercase();
        let words = lower.split(|c| !is_of_word(c) && !matches!(c, '*' | '?'));
        Self(words.filter(filled).map(chars).collect())
    }

    /// Whether a text has them.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        // Most texts can be looked at as they are, which counts where there are 100,000.
        if text.is_ascii() {
            let words = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
            let lower = |byte: &u8| char::from(byte.to_ascii_lowercase());
            return self.follow_in(words.filter(|word| !word.is_empty()), lower);
        }
        let lower = text.to_lowercase();
        let words: Vec<Vec<char>> = words(&lower).map(chars).collect();
        self.follow_in(words.iter().map(Vec::as_slice), |c| *c)
    }

    fn follow_in<'a, C: 'a>(
        &self,
        mut words: impl Iterator<Item = &'a [C]>,
        char: impl Fn(&C) -> char,
    ) -> bool {
        let matches = |word: &[C], wanted: &[char]| glob(word, wanted, &char);
        match self.0.as_slice() {
            [] => false,
            [wanted] => words.any(|word| matches(word, wanted)),
            all => words.collect::<Vec<_>>().windows(all.len()).any(|window| {
                let pairs = window.iter().zip(all);
                pairs
                    .into_iter()
                    .all(|(word, wanted)| matches(word, wanted))
            }),
        }
    }
}

/// How many words a text has.
pub(crate) fn count(text: &str) -> usize {
    words(text).count()
}

/// A whole text, letter by letter, with `*` and `?` for any letters and any one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Like(Vec<char>);

impl Like {
    pub(crate) fn new(pattern: &str) -> Self {
        Self(chars(pattern))
    }

    /// Whether a text is like that.
    pub(crate) fn is(&self, text: &str) -> bool {
        if text.is_ascii() {
            return glob(text.as_bytes(), &self.0, |byte| char::from(*byte));
        }
        glob(&chars(text), &self.0, |c| *c)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_word(c)).filter(filled)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn filled(word: &&str) -> bool {
    !word.is_empty()
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Matches one word, in time that is at worst the product of the lengths.
fn glob<C>(word: &[C], pattern: &[char], char: impl Fn(&C) -> char) -> bool {
    let (mut at, mut p) = (0, 0);
    // Where to go on if what follows the last asterisk does not match.
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
        Words::new(pattern).are_in(text)
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
        let is_like = |text: &str, pattern: &str| Like::new(pattern).is(text);
        assert!(is_like("Quiet lakes", "*lakes"));
        assert!(is_like("[ä]", "[?]"));
        assert!(!is_like("Quiet lakes", "*Lakes"));
        assert!(!is_like("Quiet lakes", "lakes"));
    }
}
