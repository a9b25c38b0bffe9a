//! Matching words within the text of one field, where the full-text table cannot look.

/// Whether `text` has the words of `pattern`, in this order and next to each other, whatever
/// their case. `*` and `?` stand for any letters and any one letter of a word.
pub(crate) fn has_words(text: &str, pattern: &str) -> bool {
    let wanted: Vec<Vec<char>> = split(pattern, true);
    if wanted.is_empty() {
        return false;
    }
    let words: Vec<Vec<char>> = split(text, false);
    words.windows(wanted.len()).any(|window| {
        window
            .iter()
            .zip(&wanted)
            .all(|(word, wanted)| glob(word, wanted))
    })
}

fn split(text: &str, wildcards: bool) -> Vec<Vec<char>> {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || (wildcards && matches!(c, '*' | '?'))))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().collect())
        .collect()
}

/// Matches one word, in time that is at worst the product of the lengths.
fn glob(word: &[char], pattern: &[char]) -> bool {
    let (mut at, mut p) = (0, 0);
    // Where to go on if what follows the last asterisk does not match.
    let mut retry: Option<(usize, usize)> = None;
    while at < word.len() {
        match pattern.get(p) {
            Some('*') => {
                p += 1;
                retry = Some((at, p));
            }
            Some(&c) if c == '?' || word.get(at) == Some(&c) => {
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
    use super::has_words;

    #[test]
    fn words_match_in_order_and_whatever_their_case() {
        assert!(has_words("The Quick brown fox", "quick BROWN"));
        assert!(!has_words("The Quick brown fox", "brown quick"));
        assert!(!has_words("The Quick brown fox", "row"));
        assert!(has_words("The Quick brown fox", "br*n f?x"));
        assert!(has_words("anything", "*"));
        assert!(!has_words("anything", ""));
        assert!(!has_words("", "*"));
    }
}
