//! Recognizing plain language in an answer, as opposed to tokens, keys and passwords.

use super::REDACTED;
use std::borrow::Cow;

/// The parts of a text that could each be a secret.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !in_word(c))
        .filter(|word| !word.is_empty())
}

/// Characters of tokens, keys and passwords.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || "_-.~+%=$@*\u{fffd}".contains(c)
}

/// Redacts every word that is not plain; borrows the text if all are.
pub(super) fn only<'t>(text: &'t str, own: &[String]) -> Cow<'t, str> {
    let is_plain = |word: &str| is_plain(word) || own.iter().any(|own| own == word);
    if words(text).all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c| in_word(c) != in_word(first))
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        let ended = part.trim_end_matches('.');
        if !in_word(first) || is_plain(part) || is_plain(ended) && !ended.is_empty() {
            shown += part;
        } else {
            shown += REDACTED;
            shown += &part[ended.len()..];
        }
        rest = after;
    }
    Cow::Owned(shown)
}

/// Whether a word is a plain word, a code such as `ClientError.NotFound` and `invalid_grant`, or a
/// small number.
fn is_plain(word: &str) -> bool {
    word == "redacted"
        || !word.contains(char::is_alphanumeric)
        || (word.len() <= 60 && word.split('.').all(|part| part.is_empty() || is_code(part)))
}

fn is_code(word: &str) -> bool {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    if digits {
        return word.len() <= 6;
    }
    let parts = word.split(['_', '-']);
    let joined = parts.clone().count();
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let upper = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase());
    if word.contains('-') {
        return joined == 2 && word.len() <= 24 && parts.clone().all(lower);
    }
    if word.contains('_') {
        return joined <= 5 && (parts.clone().all(lower) || parts.clone().all(upper));
    }
    if lower(word) {
        return word.len() <= 20;
    }
    if upper(word) {
        return word.len() <= 14;
    }
    is_camel(word)
}

/// Whether a text consists of a few capitalized words, as codes do. Random text has shorter ones.
fn is_camel(word: &str) -> bool {
    if !word.bytes().all(|b| b.is_ascii_alphabetic()) || word.len() > 40 {
        return false;
    }
    let mut lengths: Vec<usize> = Vec::new();
    for byte in word.bytes() {
        match lengths.last_mut() {
            Some(length) if byte.is_ascii_lowercase() => *length += 1,
            _ => lengths.push(1),
        }
    }
    // random letters change case often, so a part of less than three letters is suspicious
    let alone = lengths.len() == 1;
    lengths.len() <= 5 && (alone || lengths.iter().all(|length| *length >= 3))
}

/// Whether a text is a host, a UUID, or a few plain words: the names of resource servers.
pub(super) fn is_name(name: &str) -> bool {
    let part = |part: &str| part.is_empty() || is_code(part);
    uuid::Uuid::try_parse(name).is_ok()
        || name.len() <= 100 && name.split(['.', ' ', ':', '/', '-', '_']).all(part)
}

/// Whether a text is a request id: short, or a UUID.
pub(super) fn is_id(id: &str) -> bool {
    uuid::Uuid::try_parse(id).is_ok()
        || (id.len() <= 12 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
}
