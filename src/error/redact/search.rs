//! Finding a secret in a text, in any encoding.

use super::{REDACTED, SECRET_NAMES};

/// For a long secret, this many characters at its beginning suffice: answers may be cut off.
const PART: usize = 8;
const LONG: usize = 16;
/// How many backslashes may precede an escape: nesting JSON in JSON doubles them at each level.
const BACKSLASHES: usize = 64;
/// Shorter secrets are matched as whole words only, or nearly every letter of a text might be one.
const SHORT: usize = 4;

/// Replaces a secret; `None` if the text does not contain it.
pub(super) fn replace(text: &str, plain: &str) -> Option<String> {
    let secret: Vec<char> = plain.chars().collect();
    let mut without: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while at < text.len() {
        // the literal text first: a secret may itself look like an encoding
        let as_it_is =
            text[at..].starts_with(plain) && is_whole(text, at, at + plain.len(), &secret);
        let end = match as_it_is {
            true => Some(at + plain.len()),
            false => found(text, at, &secret),
        };
        match end {
            Some(end) => {
                let without = without.get_or_insert_default();
                *without += &text[copied..at];
                *without += REDACTED;
                (at, copied) = (end, end);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    without.map(|without| without + &text[copied..])
}

/// The end of the secret that starts here.
fn found(text: &str, from: usize, secret: &[char]) -> Option<usize> {
    let mut at = from;
    for (matched, expected) in secret.iter().enumerate() {
        // each character may be encoded differently, so compare one by one instead of searching for
        // each encoding
        let next = character(text, at, *expected).or_else(|| {
            let behind = behind_fold(text, at).filter(|_| matched > 0)?;
            character(text, behind, *expected)
        });
        match next {
            Some(next) => at = next,
            None => return (secret.len() >= LONG && matched >= PART).then_some(at),
        }
    }
    is_whole(text, from, at, secret).then_some(at)
}

/// The position after a line break at which a text was folded.
fn behind_fold(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let line = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    Some(text.len() - line.trim_start_matches([' ', '\t']).len())
}

/// The text after its leading backslashes, up to a limit.
fn behind_backslashes(text: &str) -> &str {
    let count = text
        .bytes()
        .take(BACKSLASHES)
        .take_while(|byte| *byte == b'\\')
        .count();
    &text[count..]
}

/// Whether a match is more than a part of a word.
fn is_whole(text: &str, from: usize, end: usize, secret: &[char]) -> bool {
    let outside = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    secret.len() >= SHORT
        || outside(text[..from].chars().next_back()) && outside(text[end..].chars().next())
}

/// The end of a character that starts here, literal or as encoded in JSON, URLs, forms or HTML.
fn character(text: &str, at: usize, expected: char) -> Option<usize> {
    let first = text[at..].chars().next()?;
    escaped(text, at, first, expected)
        .or_else(|| (first == expected).then(|| at + first.len_utf8()))
}

fn escaped(text: &str, at: usize, first: char, expected: char) -> Option<usize> {
    let rest = &text[at..];
    match first {
        '\\' => {
            // any number of backslashes, for JSON nested in JSON
            let escaped = behind_backslashes(rest);
            let after = text.len() - escaped.len();
            let escape = escaped.chars().next();
            let plain = match expected {
                '\n' => Some('n'),
                '\r' => Some('r'),
                '\t' => Some('t'),
                '"' | '/' | '\'' => Some(expected),
                _ => None,
            };
            if plain.is_some() && escape == plain {
                return Some(after + 1);
            }
            let mut units = [0; 2];
            let mut end = after;
            let mut matches = true;
            for unit in expected.encode_utf16(&mut units) {
                let part = behind_backslashes(&text[end..]);
                let hex = part.strip_prefix('u').and_then(|hex| hex.get(..4));
                matches &= hex.and_then(|hex| u16::from_str_radix(hex, 16).ok()) == Some(*unit);
                end = (text.len() - part.len() + 5).min(text.len());
                if !matches {
                    break;
                }
            }
            if matches {
                return Some(end);
            }
            // a literal backslash is doubled by each level
            let doubled = expected == '\\';
            (doubled && rest.starts_with("\\\\")).then_some(at + 2)
        }
        '%' => {
            let mut bytes = [0; 4];
            let mut end = at;
            for byte in expected.encode_utf8(&mut bytes).bytes() {
                let mut part = text.get(end..)?.strip_prefix('%')?;
                while let Some(again) = part.strip_prefix("25").filter(|again| is_hex(again)) {
                    part = again;
                }
                let hex = part.get(..2)?;
                if u8::from_str_radix(hex, 16).ok()? != byte {
                    return None;
                }
                end = text.len() - part.len() + 2;
            }
            Some(end)
        }
        '+' if expected == ' ' => Some(at + 1),
        '&' => {
            let mut part = &rest[1..];
            while let Some(again) = part.strip_prefix("amp;").filter(|a| entity(a).is_some()) {
                part = again;
            }
            match entity(part) {
                Some((found, length)) if found == expected => {
                    Some(text.len() - part.len() + length)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_hex(text: &str) -> bool {
    text.get(..2)
        .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The character of an HTML entity, and its length; the text starts after its `&`.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(10).position(|b| b == b';')?;
    let name = &text[..end];
    let found = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "sol" => '/',
        "plus" => '+',
        "equals" => '=',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((found, end + 1))
}

/// Replaces values that follow the name of a secret, or `Bearer` or `Basic`; `None` if there are
/// none.
pub(super) fn replace_named(text: &str) -> Option<String> {
    let mut without: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while at < text.len() {
        let value = value_at(text, at);
        match value {
            Some((start, end)) => {
                let without = without.get_or_insert_default();
                *without += &text[copied..start];
                *without += REDACTED;
                (at, copied) = (end, end);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    without.map(|without| without + &text[copied..])
}

/// The value that follows the name which starts here.
fn value_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    // a name must start at a word boundary
    let begins = !text[..at]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || c == '_');
    if !begins {
        return None;
    }
    let value = |from: &str, ends: &[char]| {
        let start = text.len() - from.len();
        let length = from.find(|c: char| c.is_whitespace() || ends.contains(&c));
        (start, start + length.unwrap_or(from.len()))
    };
    let ends = ['&', '"', '\'', ',', ';', '<', '>', ')', '}', ']', '\\'];
    for scheme in ["Bearer ", "Basic "] {
        let is_scheme = rest
            .get(..scheme.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(scheme));
        if is_scheme {
            let (start, end) = value(rest[scheme.len()..].trim_start(), &ends);
            let token = &text[start..end];
            // "a Bearer token is missing" is a sentence, not a header: a lower-case word is not a
            // token
            let is_word = token
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b".=\"".contains(&b));
            let shown =
                is_word || token.starts_with('[') || token.contains('=') && !token.ends_with('=');
            return (!shown).then_some((start, end));
        }
    }
    let name = SECRET_NAMES.iter().find(|name| {
        rest.strip_prefix(**name).is_some_and(|rest| {
            let next = rest.chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })?;
    let rest = &rest[name.len()..];
    if let Some(from) = rest.strip_prefix('=') {
        let from = from.trim_start_matches(['"', '\'', '\\']);
        let (start, end) = value(from, &ends);
        return (start < end && !from.starts_with(REDACTED)).then_some((start, end));
    }
    // in JSON: the name's quote, a colon, and the value's quote
    let quotes = ['"', '\'', '\\'];
    let behind = rest.trim_start_matches(quotes).trim_start();
    let from = behind.strip_prefix(':')?.trim_start();
    if !from.starts_with(quotes) {
        return None;
    }
    let from = from.trim_start_matches(quotes);
    let start = text.len() - from.len();
    let end = start + from.find(['"', '\'', '\\']).unwrap_or(from.len());
    (start < end && !from.starts_with(REDACTED)).then_some((start, end))
}
