//! Showing foreign text on one line.

use std::borrow::Cow;

/// Escapes characters that would break a line, control a terminal or change the reading direction,
/// in Rust's notation (`\n`, `\u{1b}`).
pub(crate) fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match is_escaped(character) {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Control characters, and characters that reorder or hide text.
pub(crate) fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_all_else_stays() {
        assert_eq!(
            escape_controls("a b\\c \u{e9} \u{1f600}"),
            "a b\\c \u{e9} \u{1f600}"
        );
        assert_eq!(
            escape_controls("a\nb\r\t\0\u{1b}[2J\u{7f}\u{9b}\u{2028}\u{202e}"),
            r"a\nb\r\t\u{0}\u{1b}[2J\u{7f}\u{9b}\u{2028}\u{202e}"
        );
    }
}
